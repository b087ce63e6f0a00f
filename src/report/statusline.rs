//! What a status line shows: the conversation, the day and the five-hour block, as far as each is known.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Serialize;

use crate::domain::block;
use crate::domain::block::MINUTE_MILLISECONDS;
use crate::domain::ledger::UsageSum;
use crate::domain::live::ContextWindow;
use crate::domain::live::CostSource;
use crate::domain::live::Limit;
use crate::domain::live::Limits;
use crate::domain::live::Live;
use crate::domain::money::Usd;
use crate::domain::price::PriceBook;
use crate::domain::ratio::Ratio;
use crate::report::status::StatusReport;

/// Tokens a minute, cache left out, from which a pace is more than usual: ccusage's bounds.
const MODERATE: i128 = 2000;
const HIGH: i128 = 5000;

/// What the ledger knows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Usage {
    /// From the earlier of the day's and the block's begin on.
    pub(crate) recent: Vec<UsageSum>,
    pub(crate) day_began_at: DateTime<Utc>,
    /// The five-hour block that is running.
    pub(crate) block: Option<block::Block>,
    /// All of the conversation; `None` where nobody asked for it.
    pub(crate) conversation: Option<Vec<UsageSum>>,
}

/// A field is `None` where it is not known, or there is no such thing.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct StatuslineReport {
    pub(crate) model: Option<String>,
    /// The conversation's cost by Claude Code's own account.
    pub(crate) conversation_stated: Option<Usd>,
    /// The same by ours.
    pub(crate) conversation: Option<Spent>,
    pub(crate) today: Option<Spent>,
    pub(crate) block: Option<Block>,
    pub(crate) context_tokens: Option<u64>,
    pub(crate) context_used: Option<Ratio>,
    pub(crate) session: Option<Session>,
    pub(crate) five_hours: Option<LimitState>,
    pub(crate) seven_days: Option<LimitState>,
}

/// What usage came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Spent {
    /// The cost of all that has a price.
    pub(crate) cost: Usd,
    /// Tokens without a price: they are not in `cost`.
    pub(crate) unpriced_tokens: u64,
    /// What unfinished records probably lack of their output: it is not in `cost` either.
    pub(crate) missing_output: u64,
}

impl Spent {
    /// Whether it is less than what was really spent.
    pub(crate) fn is_least(&self) -> bool {
        self.unpriced_tokens > 0 || self.missing_output > 0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Block {
    #[serde(flatten)]
    pub(crate) spent: Spent,
    pub(crate) ends_at: DateTime<Utc>,
    pub(crate) left_seconds: i64,
    /// `None` while there is no more than one instant to go by.
    pub(crate) burn: Option<Burn>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Burn {
    pub(crate) per_hour: Usd,
    /// Whether `per_hour` leaves something out, as the block's cost does.
    pub(crate) is_least: bool,
    pub(crate) pace: Pace,
}

/// How many fresh tokens a minute go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Pace {
    Normal,
    Moderate,
    High,
}

/// The person's own session that is running here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Session {
    pub(crate) name: String,
    #[serde(flatten)]
    pub(crate) spent: Spent,
    pub(crate) budget: Option<Budget>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Budget {
    pub(crate) amount: Usd,
    /// Below zero when it is overdrawn.
    pub(crate) remaining: Usd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct LimitState {
    pub(crate) used: Ratio,
    pub(crate) resets_at: Option<DateTime<Utc>>,
}

/// `usage` is `None` where the ledger cannot be read, `session` where none is running.
pub(crate) fn build(
    live: &Live,
    usage: Option<&Usage>,
    session: Option<&StatusReport>,
    prices: &PriceBook,
    source: CostSource,
    now: DateTime<Utc>,
) -> StatuslineReport {
    let ContextWindow { tokens, used } = live.context;
    let Limits { five_hours, seven_days } = live.limits;
    let since = |usage: &Usage, at: DateTime<Utc>| spent(usage.recent.iter().filter(|sum| sum.at >= at), prices);
    StatuslineReport {
        model: live.model_name.clone().or_else(|| live.model.as_ref().map(ToString::to_string)),
        conversation_stated: live.cost.filter(|_| source != CostSource::Ours),
        conversation: usage.and_then(|usage| Some(spent(usage.conversation.as_ref()?, prices))),
        today: usage.map(|usage| since(usage, usage.day_began_at)),
        block: usage.and_then(|usage| {
            let block = usage.block?;
            Some(block_state(block, &usage.recent, since(usage, block.start), now))
        }),
        context_tokens: tokens,
        context_used: used,
        session: session.map(own_session),
        five_hours: five_hours.and_then(|limit| current(limit, now)),
        seven_days: seven_days.and_then(|limit| current(limit, now)),
    }
}

/// Whether our own account of a conversation is asked for.
pub(crate) fn needs_conversation(source: CostSource, live: &Live) -> bool {
    match source {
        CostSource::Auto => live.cost.is_none(),
        CostSource::Ours | CostSource::Both => true,
        CostSource::Cc => false,
    }
}

fn spent<'a>(sums: impl IntoIterator<Item = &'a UsageSum>, prices: &PriceBook) -> Spent {
    let mut spent = Spent::default();
    for sum in sums {
        match sum.cost(prices) {
            Some(cost) => spent.cost += cost.total(),
            None => spent.unpriced_tokens += sum.tokens.total(),
        }
        spent.missing_output += sum.missing_output;
    }
    spent
}

fn block_state(block: block::Block, sums: &[UsageSum], spent: Spent, now: DateTime<Utc>) -> Block {
    let worked = block.worked_milliseconds();
    let fresh: u64 =
        sums.iter().filter(|sum| sum.at >= block.start).map(|sum| sum.tokens.input + sum.tokens.output).sum();
    let per_hour = block::per_hour(spent.cost, worked);
    let burn = per_hour.map(|per_hour| Burn { per_hour, is_least: spent.is_least(), pace: pace(fresh, worked) });
    let left = (block.end - now).max(TimeDelta::zero());
    Block { spent, ends_at: block.end, left_seconds: left.num_seconds(), burn }
}

fn pace(tokens: u64, worked_milliseconds: i64) -> Pace {
    let is_above = |bound: i128| i128::from(tokens) * MINUTE_MILLISECONDS > bound * i128::from(worked_milliseconds);
    if is_above(HIGH) {
        Pace::High
    } else if is_above(MODERATE) {
        Pace::Moderate
    } else {
        Pace::Normal
    }
}

fn own_session(status: &StatusReport) -> Session {
    let budget = status.budget.zip(status.remaining).map(|(amount, remaining)| Budget { amount, remaining });
    let spent = Spent { cost: status.cost, unpriced_tokens: status.unpriced_tokens, missing_output: 0 };
    Session { name: status.name.clone(), spent, budget }
}

/// After its reset a window's figure is an old one.
fn current(limit: Limit, now: DateTime<Utc>) -> Option<LimitState> {
    let Limit { used, resets_at } = limit;
    resets_at.is_none_or(|at| at > now).then_some(LimitState { used, resets_at })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::event::Place;
    use crate::domain::event::Precision;
    use crate::domain::model::ModelId;
    use crate::domain::price::Terms;
    use crate::domain::tokens::TokenUsage;
    use crate::report::session::fixture;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-11-{text}:00Z").parse().unwrap()
    }

    fn sum(time: &str, model: &str, tokens: TokenUsage) -> UsageSum {
        UsageSum {
            at: at(time),
            model: ModelId::new(model),
            terms: Terms::default(),
            prompt: 0,
            precision: Precision::Measured,
            place: Arc::new(Place::default()),
            exchanges: 1,
            tokens,
            missing_output: 0,
        }
    }

    fn usage(recent: Vec<UsageSum>) -> Usage {
        let work = Some((at("23T09:10"), at("23T11:10")));
        let block = block::Block { start: at("23T09:00"), end: at("23T14:00"), work };
        Usage { recent, day_began_at: at("23T00:00"), block: Some(block), conversation: None }
    }

    fn built(live: &Live, usage: Option<&Usage>) -> StatuslineReport {
        build(live, usage, None, &fixture::prices(), CostSource::Auto, at("23T12:00"))
    }

    #[test]
    fn the_day_and_the_block_have_their_own_begins() {
        let tokens = TokenUsage::new(1_000_000, 0);
        let sums = ["22T23:45", "23T00:00", "23T09:00", "23T11:00"].map(|time| sum(time, "small", tokens));
        let report = built(&Live::default(), Some(&usage(sums.to_vec())));
        let each = report.block.unwrap().spent.cost.per(2).unwrap();
        assert!(!each.is_zero());
        assert_eq!(report.today.unwrap().cost, each + each + each);
        assert_eq!(report.block.unwrap().left_seconds, 2 * 3600);
        let burn = report.block.unwrap().burn.unwrap();
        assert_eq!((burn.per_hour, burn.pace), (each, Pace::High));
    }

    #[test]
    fn the_pace_goes_by_fresh_tokens_a_minute() {
        let two_hours = 2 * 3_600_000;
        for (tokens, expected) in [
            (0, Pace::Normal),
            (240_000, Pace::Normal),
            (240_001, Pace::Moderate),
            (600_000, Pace::Moderate),
            (600_001, Pace::High),
            (u64::MAX, Pace::High),
        ] {
            assert_eq!(pace(tokens, two_hours), expected, "{tokens}");
        }
        let cached = TokenUsage { cache_read: 90_000_000, ..TokenUsage::new(10, 10) };
        let report = built(&Live::default(), Some(&usage(vec![sum("23T09:00", "small", cached)])));
        assert_eq!(report.block.unwrap().burn.unwrap().pace, Pace::Normal);
    }

    #[test]
    fn what_has_no_price_is_counted_and_no_zero() {
        let tokens = TokenUsage::new(1000, 500);
        let sums = vec![sum("23T09:00", "small", tokens), sum("23T10:00", "nobody-knows", tokens)];
        let today = built(&Live::default(), Some(&usage(sums))).today.unwrap();
        assert!(today.is_least() && !today.cost.is_zero());
        assert_eq!(today.unpriced_tokens, 1500);
    }

    #[test]
    fn without_a_ledger_nothing_is_said_of_it() {
        let live = Live { cost: Some("1.5".parse().unwrap()), ..Live::default() };
        let report = built(&live, None);
        assert_eq!(report.conversation_stated, live.cost);
        assert!(report.today.is_none() && report.block.is_none() && report.conversation.is_none());
    }

    #[test]
    fn a_conversation_is_added_up_when_claude_code_does_not_tell() {
        let stated = Live { cost: Some(Usd::ZERO), ..Live::default() };
        for (source, of_silent, of_stated) in [
            (CostSource::Auto, true, false),
            (CostSource::Ours, true, true),
            (CostSource::Both, true, true),
            (CostSource::Cc, false, false),
        ] {
            assert_eq!(needs_conversation(source, &Live::default()), of_silent, "{source:?}");
            assert_eq!(needs_conversation(source, &stated), of_stated, "{source:?}");
        }
    }

    #[test]
    fn a_limit_is_over_with_its_window() {
        let used = Ratio::of(1, 2).unwrap();
        let limit = |time| Some(Limit { used, resets_at: Some(at(time)) });
        let limits = Limits { five_hours: limit("23T12:00"), seven_days: limit("23T12:01") };
        let report = built(&Live { limits, ..Live::default() }, None);
        assert_eq!(report.five_hours, None);
        assert_eq!(report.seven_days, Some(LimitState { used, resets_at: Some(at("23T12:01")) }));
    }
}
