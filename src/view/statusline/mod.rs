//! The status line: what a template asks for, as far as it is known.

mod template;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use chrono_tz::Tz;

use crate::domain::ratio::Ratio;
use crate::report::statusline::Burn;
use crate::report::statusline::LimitState;
use crate::report::statusline::Pace;
use crate::report::statusline::Session;
use crate::report::statusline::Spent;
use crate::report::statusline::StatuslineReport;
use crate::view::format;
use crate::view::style::Style;
use crate::view::text;

use self::template::SEGMENTS;

pub(crate) use self::template::PLACEHOLDERS;
pub(crate) use self::template::Placeholder;
pub(crate) use self::template::Template;
pub(crate) use self::template::TemplateError;

/// What stands where nothing at all is known: Claude Code takes an empty line for a failure.
pub(crate) const NOTHING: &str = "claude-cost";

/// Columns that a name of others' may take.
const MOST_NAME_COLUMNS: usize = 24;
/// From here on a budget, or a limit of the vendor's, is nearly used up.
const NEARLY_PERCENT: i128 = 80;

/// What the flags ask for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// Show the pace beside the burn rate.
    pub(crate) pace_emoji: bool,
    pub(crate) pace_word: bool,
    /// Per cent of the context from which it is shown as filling up, and as nearly full.
    pub(crate) context_low: u8,
    pub(crate) context_medium: u8,
}

/// One line, never empty, no wider than the terminal.
pub(crate) fn line(
    report: &StatuslineReport,
    template: &Template,
    look: Look,
    now: DateTime<Utc>,
    tz: Tz,
    style: &Style,
) -> String {
    let limit = |state: Option<LimitState>| state.map(|state| limit(state, now, tz, style));
    let segments = template.fill(|placeholder| match placeholder {
        Placeholder::Model => report.model.as_deref().and_then(name),
        Placeholder::Conversation => conversation(report),
        Placeholder::Today => report.today.map(spent),
        Placeholder::Block => report.block.map(|block| spent(block.spent)),
        Placeholder::Left => {
            report.block.and_then(|block| Some(format::duration(TimeDelta::try_seconds(block.left_seconds)?)))
        }
        Placeholder::Burn => burn(report.block?.burn?, look, style),
        Placeholder::Context => context(report, look, style),
        Placeholder::Session => report.session.as_ref().and_then(session),
        Placeholder::Budget => budget(report.session.as_ref()?, style),
        Placeholder::FiveHours => limit(report.five_hours),
        Placeholder::SevenDays => limit(report.seven_days),
    });
    fitted(segments, style.width_columns())
}

/// The last segments make room for the first ones.
fn fitted(mut segments: Vec<String>, width_columns: Option<usize>) -> String {
    let whole = segments.join(SEGMENTS);
    let mut line = if whole.trim().is_empty() { NOTHING.to_owned() } else { whole };
    let Some(columns) = width_columns else { return line };
    while segments.len() > 1 && text::shortened_line(&line, columns) != line {
        segments.pop();
        line = format!("{}{SEGMENTS}…", segments.join(SEGMENTS));
    }
    text::shortened_line(&line, columns)
}

/// Claude Code's figure is marked `cc`; ours needs a mark only beside it.
fn conversation(report: &StatuslineReport) -> Option<String> {
    let stated = report.conversation_stated.map(|cost| format!("{} cc", format::usd(cost)));
    match (stated, report.conversation.map(spent)) {
        (Some(stated), Some(own)) => Some(format!("({stated} / {own} ours)")),
        (stated, own) => stated.or(own),
    }
}

fn spent(spent: Spent) -> String {
    match (spent.is_least(), spent.cost.is_zero()) {
        (false, _) => format::usd(spent.cost),
        (true, false) => format!("≥{}", format::usd(spent.cost)),
        (true, true) => "unpriced".to_owned(),
    }
}

/// `None` where all that was burnt has no price.
fn burn(burn: Burn, look: Look, style: &Style) -> Option<String> {
    if burn.is_least && burn.per_hour.is_zero() {
        return None;
    }
    let least = if burn.is_least { "≥" } else { "" };
    let mut text = format!("{least}{}/h", format::usd(burn.per_hour));
    let (emoji, word) = match burn.pace {
        Pace::Normal => ("🟢", "normal"),
        Pace::Moderate => ("⚠️", "moderate"),
        Pace::High => ("🚨", "high"),
    };
    if look.pace_emoji {
        text.extend([" ", emoji]);
    }
    if look.pace_word {
        text.extend([" (", word, ")"]);
    }
    Some(match burn.pace {
        Pace::Normal => text,
        Pace::Moderate => style.warning(&text),
        Pace::High => style.error(&text),
    })
}

fn context(report: &StatuslineReport, look: Look, style: &Style) -> Option<String> {
    let used = report.context_used.map(format::whole_percent);
    let text = match (report.context_tokens.map(format::tokens), used) {
        (Some(tokens), Some(used)) => format!("{tokens} ({used}) context"),
        (tokens, used) => format!("{} context", tokens.or(used)?),
    };
    Some(match report.context_used {
        Some(used) if is_from(used, look.context_medium.into()) => style.error(&text),
        Some(used) if is_from(used, look.context_low.into()) => style.warning(&text),
        _ => text,
    })
}

fn session(session: &Session) -> Option<String> {
    Some(format!("{} {}", name(&session.name)?, spent(session.spent)))
}

fn budget(session: &Session, style: &Style) -> Option<String> {
    let budget = session.budget?;
    let amount = format::usd(budget.amount);
    if budget.remaining.pico() < 0 {
        return Some(style.error(&format!("{} over its budget of {amount}", format::usd(-budget.remaining))));
    }
    let text = format!("{} left of {amount}", format::usd(budget.remaining));
    let used = Ratio::of((budget.amount - budget.remaining).pico(), budget.amount.pico());
    Some(if used.is_none_or(|used| is_from(used, NEARLY_PERCENT)) { style.warning(&text) } else { text })
}

fn limit(state: LimitState, now: DateTime<Utc>, tz: Tz, style: &Style) -> String {
    let until = state.resets_at.map(|at| format!(" until {}", format::clock_soon(at, now, tz))).unwrap_or_default();
    let text = format!("{}{until}", format::whole_percent(state.used));
    match state.used {
        used if is_from(used, 100) => style.error(&text),
        used if is_from(used, NEARLY_PERCENT) => style.warning(&text),
        _ => text,
    }
}

fn is_from(share: Ratio, percent: i128) -> bool {
    Ratio::of(percent, 100_i128).is_some_and(|bound| share >= bound)
}

/// `None` for a name in which nothing can be seen.
fn name(name: &str) -> Option<String> {
    let name = text::shortened(&text::single_line(name), MOST_NAME_COLUMNS);
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Usd;
    use crate::report::statusline::Block;
    use crate::report::statusline::Budget;

    const LOOK: Look = Look { pace_emoji: false, pace_word: false, context_low: 50, context_medium: 80 };

    fn now() -> DateTime<Utc> {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    fn usd(text: &str) -> Usd {
        text.parse().unwrap()
    }

    fn cost(text: &str) -> Spent {
        Spent { cost: usd(text), ..Spent::default() }
    }

    fn full() -> StatuslineReport {
        let burn = Burn { per_hour: usd("27.654"), is_least: false, pace: Pace::Normal };
        let limit = |percent: i128, at: &str| {
            Some(LimitState { used: Ratio::of(percent, 100).unwrap(), resets_at: Some(at.parse().unwrap()) })
        };
        StatuslineReport {
            model: Some("Opus 5.5".to_owned()),
            conversation_stated: Some(usd("0.25")),
            conversation: None,
            today: Some(cost("46.078")),
            block: Some(Block { spent: cost("46.078"), ends_at: now(), left_seconds: 7680, burn: Some(burn) }),
            context_tokens: Some(15_234),
            context_used: Ratio::of(8, 100),
            session: Some(Session {
                name: "JWT auth".to_owned(),
                spent: cost("0.081"),
                budget: Some(Budget { amount: usd("2"), remaining: usd("1.919") }),
            }),
            five_hours: limit(23, "2026-11-23T14:00:00Z"),
            seven_days: limit(81, "2026-11-27T09:00:00Z"),
        }
    }

    fn shown(report: &StatuslineReport, template: &str) -> String {
        line(report, &template.parse().unwrap(), LOOK, now(), Tz::UTC, &Style::plain())
    }

    #[test]
    fn the_default_has_what_there_is() {
        let line =
            |report: &StatuslineReport| line(report, &Template::default(), LOOK, now(), Tz::UTC, &Style::plain());
        insta::assert_snapshot!(line(&full()), @"Opus 5.5 | $0.2500 cc conversation / $46.08 today / $46.08 block (2h 08m left) | $27.65/h | 15,234 (8%) context | JWT auth $0.0810 / $1.92 left of $2.00");
        let bare = StatuslineReport { block: None, session: None, context_used: None, ..full() };
        insta::assert_snapshot!(line(&bare), @"Opus 5.5 | $0.2500 cc conversation / $46.08 today | 15,234 context");
        insta::assert_snapshot!(line(&StatuslineReport::default()), @"claude-cost");
    }

    #[test]
    fn what_is_not_all_says_so() {
        let part = Spent { unpriced_tokens: 5, ..cost("3") };
        for (today, expected) in [
            (cost("0"), "$0.00"),
            (part, "≥$3.00"),
            (Spent { cost: Usd::ZERO, ..part }, "unpriced"),
            (Spent { missing_output: 1, ..cost("3") }, "≥$3.00"),
        ] {
            assert_eq!(shown(&StatuslineReport { today: Some(today), ..full() }, "{today}"), expected);
        }
        let mut report = full();
        let burn = |per_hour| Some(Burn { per_hour, is_least: true, pace: Pace::High });
        for (per_hour, expected) in [(usd("3"), "≥$3.00/h"), (Usd::ZERO, NOTHING)] {
            report.block.as_mut().unwrap().burn = burn(per_hour);
            assert_eq!(shown(&report, "{burn}"), expected);
        }
    }

    #[test]
    fn both_accounts_are_told_apart() {
        let both = StatuslineReport { conversation: Some(cost("10.02")), ..full() };
        assert_eq!(shown(&both, "{conversation}"), "($0.2500 cc / $10.02 ours)");
        let ours = StatuslineReport { conversation_stated: None, ..both };
        assert_eq!(shown(&ours, "{conversation}"), "$10.02");
    }

    #[test]
    fn limits_tell_when_they_end() {
        assert_eq!(
            shown(&full(), "{limit_5h} of 5h | {limit_7d} of 7d"),
            "23% until 14:00 of 5h | 81% until Fri 09:00 of 7d"
        );
    }

    #[test]
    fn a_budget_is_left_or_overdrawn() {
        let mut report = full();
        for (remaining, expected) in [("1", "$1.00 left of $2.00"), ("-0.5", "$0.5000 over its budget of $2.00")] {
            let budget = Some(Budget { amount: usd("2"), remaining: usd(remaining) });
            report.session.as_mut().unwrap().budget = budget;
            assert_eq!(shown(&report, "{budget}"), expected);
        }
    }

    #[test]
    fn the_pace_stands_beside_the_rate_when_asked_for() {
        let report = full();
        for (pace_emoji, pace_word, expected) in
            [(true, false, "$27.65/h 🟢"), (false, true, "$27.65/h (normal)"), (true, true, "$27.65/h 🟢 (normal)")]
        {
            let look = Look { pace_emoji, pace_word, ..LOOK };
            let template = "{burn}".parse().unwrap();
            assert_eq!(line(&report, &template, look, now(), Tz::UTC, &Style::plain()), expected);
        }
    }

    #[test]
    fn names_of_others_are_harmless_and_short() {
        let report =
            StatuslineReport { model: Some("\u{1b}[31mred\n\u{202e}and far too long a name".to_owned()), ..full() };
        assert_eq!(shown(&report, "{model}"), "␛[31mred \\u{202e}and fa…");
        assert_eq!(shown(&StatuslineReport { model: Some(" \n".to_owned()), ..full() }, "{model} | x"), "x");
    }

    #[test]
    fn a_narrow_terminal_gets_a_shorter_line() {
        let at = |columns| line(&full(), &Template::default(), LOOK, now(), Tz::UTC, &Style::new(true, Some(columns)));
        for (columns, expected) in [
            (95, "Opus 5.5 | $0.2500 cc conversation / $46.08 today / $46.08 block (2h 08m left) | $27.65/h | …"),
            (85, "Opus 5.5 | $0.2500 cc conversation / $46.08 today / $46.08 block (2h 08m left) | …"),
            (20, "Opus 5.5 | …"),
            (5, "Opus…"),
        ] {
            assert_eq!(at(columns), expected, "{columns}");
        }
    }

    #[test]
    fn a_full_context_is_painted() {
        let painted = |percent: i128| {
            let report = StatuslineReport { context_used: Ratio::of(percent, 100), context_tokens: None, ..full() };
            line(&report, &"{context}".parse().unwrap(), LOOK, now(), Tz::UTC, &Style::new(true, None))
        };
        let style = Style::new(true, None);
        assert_eq!(painted(49), "49% context");
        assert_eq!(painted(50), style.warning("50% context"));
        assert_eq!(painted(80), style.error("80% context"));
    }
}
