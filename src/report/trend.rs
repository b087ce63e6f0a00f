//! How usage goes up and down: step by step, against the time before, and where the month will end.

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use chrono_tz::Tz;

use crate::domain::ledger::UsageSum;
use crate::domain::money::Usd;
use crate::domain::period::Period;
use crate::domain::period::Unit;
use crate::domain::price::PriceBook;
use crate::domain::ratio::Ratio;
use crate::report::span::Amounts;
use crate::report::span::Span;
use crate::report::span::within;
use crate::report::usage;
use crate::report::usage::Row;
use crate::report::usage::Total;
use crate::report::usage::Usage;
use crate::report::usage::UsageReport;
use crate::report::usage::key::By;
use crate::report::usage::key::Key;

/// The highest of the heights that steps are drawn with; 0 is nothing at all.
pub(crate) const HIGHEST: u64 = 7;

#[derive(Debug, Clone)]
pub(crate) struct TrendReport {
    /// A row for every step in order of time, for those without usage too.
    pub(crate) steps: UsageReport,
    /// From the first step to the last day.
    pub(crate) first_day: NaiveDate,
    pub(crate) days: u64,
    /// As many days before.
    pub(crate) before: Usage,
    pub(crate) month: Span,
}

/// More or less than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) amount: Usd,
    /// Amount ÷ cost before.
    pub(crate) share: Option<Ratio>,
}

/// The days that a trend shows, whole steps but for the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Days {
    unit: Unit,
    /// How many were asked for.
    asked: u32,
    first: Period,
    /// A day.
    last: Period,
    today: Period,
}

impl Days {
    /// The steps in which the last `days` days lie.
    pub(crate) fn new(unit: Unit, days: u32, now: DateTime<Utc>, tz: Tz) -> Self {
        let today = Period::at(Unit::Day, now, tz);
        Self { unit, asked: days, first: today, last: today, today }.within(None, None)
    }

    /// The same up to a day, or from a day on; none is later than today.
    pub(crate) fn within(self, since: Option<NaiveDate>, until: Option<NaiveDate>) -> Self {
        let today = self.today.first_day();
        let last = Period::of(Unit::Day, until.map_or(today, |until| until.min(today)));
        let usual = || last.back(self.asked.saturating_sub(1)).first_day();
        let first = since.map_or_else(usual, |since| since.min(last.first_day()));
        Self { first: Period::of(self.unit, first), last, ..self }
    }

    fn count(self) -> u64 {
        u64::try_from((self.last.first_day() - self.first.first_day()).num_days()).unwrap_or(0) + 1
    }

    /// The first of as many days before.
    fn before(self) -> Period {
        Period::of(Unit::Day, self.first.first_day()).back(u32::try_from(self.count()).unwrap_or(u32::MAX))
    }

    /// The first instant that matters, for this month's days do too.
    pub(crate) fn since(self, tz: Tz) -> DateTime<Utc> {
        self.before().start(tz).min(Period::of(Unit::Month, self.today.first_day()).start(tz))
    }

    fn steps(self) -> impl Iterator<Item = Period> {
        let last = self.last.first_day();
        std::iter::successors(Some(self.first), |step| Some(step.next()))
            .take_while(move |step| step.first_day() <= last)
    }
}

/// `sums` are those from [`Days::since`] on.
pub(crate) fn build(days: Days, sums: &[UsageSum], prices: &PriceBook, now: DateTime<Utc>, tz: Tz) -> TrendReport {
    let by = match days.unit {
        Unit::Day => By::Day,
        Unit::Week(first) => By::Week(first),
        Unit::Month => By::Month,
    };
    let start = days.first.start(tz);
    let mut steps = usage::build(within(sums, start, days.last.end(tz)), prices, &[by], tz);
    let mut used = std::mem::take(&mut steps.rows).into_iter().peekable();
    steps.rows = days
        .steps()
        .map(|step| {
            let key = match days.unit {
                Unit::Day => Key::Day(step.first_day()),
                Unit::Week(_) => Key::Week(step.first_day()),
                Unit::Month => Key::Month(step.first_day()),
            };
            let empty = |key| Row { key, usage: Usage::default(), rows: Vec::new() };
            used.next_if(|row| row.key == key).unwrap_or_else(|| empty(key))
        })
        .collect();
    TrendReport {
        steps,
        first_day: days.first.first_day(),
        days: days.count(),
        before: usage::build(within(sums, days.before().start(tz), start), prices, &[], tz).totals,
        month: Span::build(Unit::Month, sums, prices, now, tz),
    }
}

impl TrendReport {
    pub(crate) fn a_day(&self) -> Amounts {
        Amounts::of(&self.steps.totals.total).scaled(1, self.days)
    }

    /// `None` where nothing was used before, or nothing has a price.
    pub(crate) fn change(&self) -> Option<Change> {
        let before = Some(&self.before.total).filter(|before| before.exchanges > 0)?.known_cost()?;
        let amount = self.steps.totals.total.known_cost()? - before;
        Some(Change { amount, share: Ratio::of(amount.pico(), before.pico()) })
    }

    /// How high each step stands, 0 only where nothing was used. By cost, or by tokens where nothing has a price.
    pub(crate) fn heights(&self) -> Vec<u64> {
        let size = self.size();
        let most = self.steps.rows.iter().map(|row| size(&row.usage.total)).max().unwrap_or(0);
        let height = |row: &Row| {
            let part = size(&row.usage.total).saturating_mul(HIGHEST.into());
            let height = if most == 0 { 0 } else { u64::try_from(part / most).unwrap_or(HIGHEST) };
            // The least use is still some.
            height.max(u64::from(row.usage.total.exchanges > 0))
        };
        self.steps.rows.iter().map(height).collect()
    }

    /// The step with the most, the first one of several; `None` without any usage.
    pub(crate) fn highest(&self) -> Option<&Row> {
        let size = self.size();
        let used = self.steps.rows.iter().filter(|row| row.usage.total.exchanges > 0);
        used.rev().max_by_key(|row| size(&row.usage.total))
    }

    /// The step with the least, the first one of several. The last step is not over, and is left out if there are others.
    pub(crate) fn lowest(&self) -> Option<&Row> {
        let size = self.size();
        let over = self.steps.rows.len().saturating_sub(1).max(1);
        self.steps.rows.iter().take(over).min_by_key(|row| size(&row.usage.total))
    }

    fn size(&self) -> impl Fn(&Total) -> i128 + use<> {
        let is_priced = !self.steps.totals.total.cost.total().is_zero();
        move |total| if is_priced { total.cost.total().pico() } else { total.tokens.total().into() }
    }
}

#[cfg(test)]
mod tests {
    use chrono::Weekday;
    use proptest::prelude::*;

    use super::*;
    use crate::report::session::fixture::prices;
    use crate::report::usage::fixture::any_sum;
    use crate::report::usage::fixture::sum;

    const NOW: &str = "2026-11-23T12:00:00Z";
    const SUNDAYS: Unit = Unit::Week(Weekday::Sun);

    fn trend(unit: Unit, days: u32, sums: &[UsageSum]) -> TrendReport {
        let now = NOW.parse().unwrap();
        build(Days::new(unit, days, now, Tz::UTC), sums, &prices(), now, Tz::UTC)
    }

    fn day(row: Option<&Row>) -> String {
        match row.map(|row| &row.key) {
            Some(Key::Day(day) | Key::Week(day) | Key::Month(day)) => day.to_string(),
            _ => "none".to_owned(),
        }
    }

    #[test]
    fn steps_are_whole_and_go_up_to_today() {
        for (unit, days, first, count, steps, before, since) in [
            (Unit::Day, 1, "2026-11-23", 1, 1, "2026-11-22", "2026-11-01"),
            (Unit::Day, 30, "2026-10-25", 30, 30, "2026-09-25", "2026-09-25"),
            (SUNDAYS, 1, "2026-11-22", 2, 1, "2026-11-20", "2026-11-01"),
            (SUNDAYS, 14, "2026-11-08", 16, 3, "2026-10-23", "2026-10-23"),
            (Unit::Month, 23, "2026-11-01", 23, 1, "2026-10-09", "2026-10-09"),
            (Unit::Month, 24, "2026-10-01", 54, 2, "2026-08-08", "2026-08-08"),
        ] {
            let asked = Days::new(unit, days, NOW.parse().unwrap(), Tz::UTC);
            assert_eq!(asked.before().first_day().to_string(), before, "{days} by {unit:?}");
            assert_eq!(asked.since(Tz::UTC).date_naive().to_string(), since, "{days} by {unit:?}");
            let trend = trend(unit, days, &[]);
            assert_eq!(
                (trend.first_day.to_string().as_str(), trend.days, trend.steps.rows.len()),
                (first, count, steps),
                "{days} by {unit:?}"
            );
        }
    }

    #[test]
    fn days_may_end_before_today() {
        let day = |text: &str| text.parse().ok();
        for (unit, since, until, first, count, steps, since_at) in [
            (Unit::Day, None, day("2026-10-31"), "2026-10-29", 3, 3, "2026-10-26"),
            (Unit::Day, day("2026-10-01"), day("2026-10-31"), "2026-10-01", 31, 31, "2026-08-31"),
            (Unit::Day, day("2026-11-21"), None, "2026-11-21", 3, 3, "2026-11-01"),
            (Unit::Day, day("2026-11-21"), day("2027-01-01"), "2026-11-21", 3, 3, "2026-11-01"),
            (Unit::Day, day("2027-01-01"), None, "2026-11-23", 1, 1, "2026-11-01"),
            (Unit::Month, day("2026-09-15"), day("2026-10-10"), "2026-09-01", 40, 2, "2026-07-23"),
        ] {
            let now = NOW.parse().unwrap();
            let days = Days::new(unit, 3, now, Tz::UTC).within(since, until);
            let trend = build(days, &[], &prices(), now, Tz::UTC);
            assert_eq!(
                (trend.first_day.to_string().as_str(), trend.days, trend.steps.rows.len()),
                (first, count, steps),
                "{since:?} {until:?}"
            );
            assert_eq!(days.since(Tz::UTC).date_naive().to_string(), since_at, "{since:?} {until:?}");
        }
    }

    #[test]
    fn days_are_compared_with_as_many_before() {
        // A token of output costs 20 millionths of a dollar.
        let (now, before) = (("2026-11-22T10:00:00Z", 10_000), ("2026-11-19T10:00:00Z", 40_000));
        let far = ("2026-11-17T23:59:59Z", 1);
        for (used, change) in [
            (vec![now, before], Some(("-0.60", Some("-0.75")))),
            (vec![before, far], Some(("-0.80", Some("-1.00")))),
            (vec![now, far], None),
            (vec![], None),
        ] {
            let sums: Vec<_> = used.iter().map(|(at, output)| sum(at, "big", *output)).collect();
            let change_shown = trend(Unit::Day, 3, &sums)
                .change()
                .map(|change| (change.amount.to_string(), change.share.map(|share| share.to_text(2))));
            let change = change.map(|(amount, share)| (amount.to_owned(), share.map(ToOwned::to_owned)));
            assert_eq!(change_shown, change, "{used:?}");
        }
        let unpriced = [sum(now.0, "big", 1), sum(before.0, "unheard-of", 1)];
        assert_eq!(trend(Unit::Day, 3, &unpriced).change(), None);
    }

    #[test]
    fn steps_stand_as_high_as_they_cost() {
        let sums = [
            sum("2026-11-19T10:00:00Z", "big", 1),
            sum("2026-11-21T10:00:00Z", "big", 1000),
            sum("2026-11-22T10:00:00Z", "big", 500),
            sum("2026-11-23T10:00:00Z", "unheard-of", 9_999_999),
        ];
        let report = trend(Unit::Day, 5, &sums);
        assert_eq!(report.heights(), [1, 0, 7, 3, 1]);
        assert_eq!((day(report.highest()), day(report.lowest())), ("2026-11-21".to_owned(), "2026-11-20".to_owned()));

        let unpriced = trend(Unit::Day, 2, &sums[3..]);
        assert_eq!(unpriced.heights(), [0, 7]);
        assert_eq!(day(unpriced.highest()), "2026-11-23");

        let today = trend(Unit::Day, 1, &[]);
        assert_eq!((day(today.highest()), day(today.lowest())), ("none".to_owned(), "2026-11-23".to_owned()));
    }

    proptest! {
        #[test]
        fn steps_come_to_the_total(
            sums in prop::collection::vec(any_sum(), 0..60),
            unit in prop::sample::select(vec![Unit::Day, SUNDAYS, Unit::Month]),
            count in 1_u32..80,
        ) {
            let (tz, prices) = (Tz::America__Havana, prices());
            let now = sums.iter().map(|sum| sum.at).max().unwrap_or_default();
            let days = Days::new(unit, count, now, tz);
            let report = build(days, &sums, &prices, now, tz);
            let mut total = Total::default();
            report.steps.rows.iter().for_each(|row| total.add(&row.usage.total));
            prop_assert_eq!(total, report.steps.totals.total);
            total.add(&report.before.total);
            let both: Vec<_> = sums.iter().filter(|sum| sum.at >= days.before().start(tz)).collect();
            prop_assert_eq!(usage::build(both, &prices, &[], tz).totals.total, total);
            prop_assert!(report.heights().iter().all(|&height| height <= HIGHEST));
        }
    }
}
