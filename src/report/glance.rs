//! Usage at a glance: today, this week, this month, what is running, and what the most went to.

use std::cmp::Reverse;

use chrono::DateTime;
use chrono::Utc;
use chrono::Weekday;
use chrono_tz::Tz;

use crate::domain::block::LENGTH;
use crate::domain::ledger::UsageSum;
use crate::domain::money::Usd;
use crate::domain::period::Period;
use crate::domain::period::Unit;
use crate::domain::price::PriceBook;
use crate::domain::ratio::Ratio;
use crate::report::block::BlockRow;
use crate::report::span::Span;
use crate::report::span::within;
use crate::report::status::StatusReport;
use crate::report::usage;
use crate::report::usage::Row;
use crate::report::usage::Total;
use crate::report::usage::Usage;
use crate::report::usage::UsageReport;
use crate::report::usage::key::By;
use crate::report::usage::key::Key;

/// How many of the costliest have a line of their own.
const MOST_ROWS: usize = 5;

#[derive(Debug, Clone)]
pub(crate) struct GlanceReport {
    pub(crate) today: Span,
    pub(crate) week: Span,
    pub(crate) month: Span,
    /// The hour of today that cost the most.
    pub(crate) peak_hour: Option<u32>,
    /// The five-hour block that is running.
    pub(crate) block: Option<BlockRow>,
    /// Open sessions with a budget.
    pub(crate) budgets: Vec<StatusReport>,
    pub(crate) top: Top,
    /// All that is in any of the spans.
    pub(crate) covered: Usage,
}

/// What the most went to.
#[derive(Debug, Clone)]
pub(crate) struct Top {
    pub(crate) unit: Unit,
    pub(crate) by: By,
    /// All of it, the costliest first.
    pub(crate) report: UsageReport,
}

/// What a glance is made from.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    /// Of the time from [`since`] on.
    pub(crate) sums: &'a [UsageSum],
    pub(crate) prices: &'a PriceBook,
    pub(crate) block: Option<BlockRow>,
    pub(crate) budgets: Vec<StatusReport>,
    pub(crate) week: Weekday,
    pub(crate) top: Unit,
    pub(crate) now: DateTime<Utc>,
    pub(crate) tz: Tz,
}

/// The first instant of which a glance tells: a span's, or that of a block which may have begun before all of them.
pub(crate) fn since(week: Weekday, now: DateTime<Utc>, tz: Tz) -> DateTime<Utc> {
    spans_since(week, now, tz).min(now - LENGTH)
}

fn spans_since(week: Weekday, now: DateTime<Utc>, tz: Tz) -> DateTime<Utc> {
    let start = |unit| Period::at(unit, now, tz).start(tz);
    start(Unit::Week(week)).min(start(Unit::Month))
}

pub(crate) fn build(facts: Facts<'_>) -> GlanceReport {
    let Facts { sums, prices, now, tz, week, .. } = facts;
    let span = |unit| Span::build(unit, sums, prices, now, tz);
    let (today, week_span, month) = (span(Unit::Day), span(Unit::Week(week)), span(Unit::Month));
    let until = week_span.period.end(tz).max(month.period.end(tz));
    let covered = within(sums, spans_since(week, now, tz), until);

    let day = today.period;
    let mut hours = usage::build(within(sums, day.start(tz), day.end(tz)), prices, &[By::Hour], tz);
    hours.rows.sort_by_key(|row| Reverse(weight(&row.usage.total)));
    let peak_hour = hours.rows.first().and_then(|row| match row.key {
        Key::Hour(hour) => Some(hour),
        _ => None,
    });

    GlanceReport {
        peak_hour,
        block: facts.block,
        budgets: facts.budgets,
        top: Top::build(facts.top, sums, prices, now, tz),
        covered: usage::build(covered, prices, &[], tz).totals,
        today,
        week: week_span,
        month,
    }
}

impl Top {
    /// By agent where there are several (the main loop is one), else by project where there are several, else by model.
    fn build(unit: Unit, sums: &[UsageSum], prices: &PriceBook, now: DateTime<Utc>, tz: Tz) -> Self {
        let period = Period::at(unit, now, tz);
        let by = |by: By| usage::build(within(sums, period.start(tz), period.end(tz)), prices, &[by], tz);
        let several = [By::Agent, By::Project].map(|one| (one, by(one))).into_iter();
        let (by, mut report) =
            several.into_iter().find(|(_, report)| report.rows.len() > 1).unwrap_or_else(|| (By::Model, by(By::Model)));
        report.arrange(None);
        Self { unit, by, report }
    }

    /// Those with a line of their own.
    pub(crate) fn shown(&self) -> &[Row] {
        &self.report.rows[..self.report.rows.len().min(MOST_ROWS)]
    }

    /// How many more there are, and what they come to.
    pub(crate) fn rest(&self) -> Option<(u64, Total)> {
        let rest = self.report.rows.get(MOST_ROWS..).filter(|rest| !rest.is_empty())?;
        let mut total = Total::default();
        for row in rest {
            total.add(&row.usage.total);
        }
        Some((rest.len() as u64, total))
    }

    /// A part of all that was spent; of all tokens where nothing has a price.
    pub(crate) fn share(&self, total: &Total) -> Option<Ratio> {
        self.ratio(total, &self.report.totals.total)
    }

    /// Against the costliest.
    pub(crate) fn of_most(&self, total: &Total) -> Option<Ratio> {
        self.ratio(total, &self.report.rows.first()?.usage.total)
    }

    fn ratio(&self, part: &Total, whole: &Total) -> Option<Ratio> {
        if self.report.totals.total.cost.total().is_zero() {
            return Ratio::of(part.tokens.total(), whole.tokens.total());
        }
        Ratio::of(part.known_cost()?.pico(), whole.cost.total().pico())
    }
}

/// What says how much something is: its cost, then its tokens.
fn weight(total: &Total) -> (Usd, u64) {
    (total.cost.total(), total.tokens.total())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::event::Place;
    use crate::domain::tokens::TokenUsage;
    use crate::report::session::fixture::prices;
    use crate::report::usage::fixture::any_sum;
    use crate::report::usage::fixture::sum;

    fn facts<'a>(sums: &'a [UsageSum], prices: &'a PriceBook, now: &str) -> Facts<'a> {
        let now = now.parse().unwrap();
        let (week, top) = (Weekday::Sun, Unit::Month);
        Facts { sums, prices, block: None, budgets: Vec::new(), week, top, now, tz: Tz::UTC }
    }

    fn of(project: &str, agent: Option<&str>, model: &str) -> UsageSum {
        let place = Place { project: project.to_owned(), agent: agent.map(ToOwned::to_owned), ..Place::default() };
        UsageSum { place: Arc::new(place), ..sum("2026-11-20T10:00:00Z", model, 100) }
    }

    #[test]
    fn what_there_are_several_of_is_listed() {
        for (sums, by, names) in [
            (vec![of("a", None, "big"), of("b", Some("x"), "small")], By::Agent, 2),
            (vec![of("a", None, "big"), of("b", None, "small")], By::Project, 2),
            (vec![of("a", Some("x"), "big"), of("a", Some("x"), "small")], By::Model, 2),
            (vec![of("a", None, "big")], By::Model, 1),
            (vec![], By::Model, 0),
        ] {
            let report = build(facts(&sums, &prices(), "2026-11-23T12:00:00Z"));
            assert_eq!((report.top.by, report.top.report.rows.len()), (by, names), "{sums:?}");
        }
    }

    #[test]
    fn the_costliest_hour_is_the_peak() {
        for (sums, peak) in [
            (vec![], None),
            (vec![sum("2026-11-22T10:00:00Z", "big", 1)], None),
            (vec![sum("2026-11-23T09:00:00Z", "small", 15), sum("2026-11-23T10:59:59Z", "big", 10)], Some(10)),
            (vec![sum("2026-11-23T09:00:00Z", "big", 10), sum("2026-11-23T10:00:00Z", "big", 10)], Some(9)),
            (vec![sum("2026-11-23T00:00:00Z", "unheard-of", 10)], Some(0)),
        ] {
            assert_eq!(build(facts(&sums, &prices(), "2026-11-23T12:00:00Z")).peak_hour, peak, "{sums:?}");
        }
    }

    #[test]
    fn shares_are_of_money_or_else_of_tokens() {
        let shares = |sums: &[UsageSum]| {
            let top = build(facts(sums, &prices(), "2026-11-23T12:00:00Z")).top;
            let text = |ratio: Option<Ratio>| ratio.map(|ratio| ratio.to_text(2)).unwrap_or_default();
            let rows = top.shown().iter().map(|row| &row.usage.total);
            rows.map(|total| text(top.share(total)) + " " + &text(top.of_most(total))).collect::<Vec<_>>()
        };
        assert_eq!(shares(&[of("a", None, "big"), of("b", None, "small")]), ["0.67 1.00", "0.33 0.50"]);
        assert_eq!(shares(&[of("a", None, "big"), of("b", None, "unheard-of")]), ["1.00 1.00", " "]);
        let tokens = UsageSum { tokens: TokenUsage::new(0, 300), ..of("a", None, "unheard-of") };
        assert_eq!(shares(&[tokens, of("b", None, "unheard-of")]), ["0.75 1.00", "0.25 0.33"]);
    }

    #[test]
    fn a_week_may_reach_back_before_the_month() {
        let sums = [sum("2026-11-29T10:00:00Z", "big", 10), sum("2026-12-01T10:00:00Z", "big", 1)];
        let report = build(facts(&sums, &prices(), "2026-12-01T12:00:00Z"));
        let tokens = |usage: &Usage| usage.total.tokens.total();
        assert_eq!((tokens(&report.week.usage), tokens(&report.month.usage), tokens(&report.covered)), (11, 1, 11));
        let first = |now: &str| since(Weekday::Sun, now.parse().unwrap(), Tz::UTC).to_rfc3339();
        assert_eq!(first("2026-12-01T12:00:00Z"), "2026-11-29T00:00:00+00:00");
        // The first is a Sunday.
        assert_eq!(first("2026-11-01T01:00:00Z"), "2026-10-31T20:00:00+00:00");
    }

    proptest! {
        #[test]
        fn rows_and_the_rest_come_to_the_month(sums in prop::collection::vec(any_sum(), 0..60)) {
            let now = sums.first().map_or(DateTime::UNIX_EPOCH, |sum| sum.at);
            let prices = prices();
            let report = build(Facts { now, ..facts(&sums, &prices, "2026-11-23T12:00:00Z") });
            let mut total = report.top.rest().map(|(_, rest)| rest).unwrap_or_default();
            report.top.shown().iter().for_each(|row| total.add(&row.usage.total));
            prop_assert_eq!(total, report.month.usage.total);
            prop_assert_eq!(&report.top.report.totals, &report.month.usage);
            prop_assert!(report.today.usage.total.exchanges <= report.week.usage.total.exchanges.min(total.exchanges));
        }
    }
}
