//! A day, week or month that is not over: what it has come to, and what it will if it goes on like this.

use chrono::DateTime;
use chrono::Utc;
use chrono_tz::Tz;

use crate::domain::decimal;
use crate::domain::ledger::UsageSum;
use crate::domain::money::Usd;
use crate::domain::period::Period;
use crate::domain::period::Unit;
use crate::domain::price::PriceBook;
use crate::report::usage;
use crate::report::usage::Total;
use crate::report::usage::Usage;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) period: Period,
    pub(crate) usage: Usage,
    /// Those that have begun, today among them.
    pub(crate) days_so_far: u64,
    pub(crate) days: u64,
}

/// Tokens, and what they cost as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amounts {
    pub(crate) tokens: u64,
    pub(crate) cost: Option<Usd>,
}

impl Span {
    /// The one in which `now` lies; `sums` may be of more than its time.
    pub(crate) fn build(unit: Unit, sums: &[UsageSum], prices: &PriceBook, now: DateTime<Utc>, tz: Tz) -> Self {
        let period = Period::at(unit, now, tz);
        let usage = usage::build(within(sums, period.start(tz), period.end(tz)), prices, &[], tz).totals;
        let today = Period::at(Unit::Day, now, tz).first_day();
        Self { period, usage, days_so_far: period.days_until(today), days: period.days() }
    }

    /// On the average of its days so far.
    pub(crate) fn a_day(&self) -> Amounts {
        Amounts::of(&self.usage.total).scaled(1, self.days_so_far)
    }

    /// In the end, if all its days are like those so far. Today counts as a whole one, however young it is.
    pub(crate) fn projection(&self) -> Amounts {
        Amounts::of(&self.usage.total).scaled(self.days, self.days_so_far)
    }
}

impl Amounts {
    pub(crate) fn of(total: &Total) -> Self {
        Self { tokens: total.tokens.total(), cost: total.known_cost() }
    }

    /// × `numerator` ÷ `denominator`, which is not zero; rounded half to even.
    pub(crate) fn scaled(self, numerator: u64, denominator: u64) -> Self {
        let tokens = i128::from(self.tokens) * i128::from(numerator);
        let tokens = decimal::divide_half_even(tokens, i128::from(denominator.max(1)));
        Self {
            tokens: u64::try_from(tokens).unwrap_or(u64::MAX),
            cost: self.cost.and_then(|cost| cost.scaled(numerator.into(), denominator.into())),
        }
    }
}

/// The sums from an instant on, and up to but without another.
pub(crate) fn within(
    sums: &[UsageSum],
    since: DateTime<Utc>,
    until: DateTime<Utc>,
) -> impl Iterator<Item = &UsageSum> + Clone {
    sums.iter().filter(move |sum| since <= sum.at && sum.at < until)
}

#[cfg(test)]
mod tests {
    use chrono::Weekday;

    use super::*;
    use crate::report::session::fixture::prices;
    use crate::report::usage::fixture::sum;

    #[test]
    fn a_span_goes_on_as_its_days_did() {
        // A token of output costs 20 millionths of a dollar.
        let sums = [
            sum("2026-10-31T23:59:59Z", "big", 7000),
            sum("2026-11-01T00:00:00Z", "big", 100_000),
            sum("2026-11-22T12:00:00Z", "big", 10_000),
            sum("2026-11-23T12:00:00Z", "big", 5000),
            sum("2026-12-01T00:00:00Z", "big", 7000),
        ];
        let now = "2026-11-23T15:00:00Z".parse().unwrap();
        for (unit, tokens, days, a_day, projection) in [
            (Unit::Day, 5000, (1, 1), (5000, "0.10"), (5000, "0.10")),
            (Unit::Week(Weekday::Sun), 15_000, (2, 7), (7500, "0.15"), (52_500, "1.05")),
            (Unit::Month, 115_000, (23, 30), (5000, "0.10"), (150_000, "3.00")),
        ] {
            let span = Span::build(unit, &sums, &prices(), now, Tz::UTC);
            assert_eq!(span.usage.total.tokens.total(), tokens, "{unit:?}");
            assert_eq!((span.days_so_far, span.days), days, "{unit:?}");
            let amounts = |amounts: Amounts| (amounts.tokens, amounts.cost.unwrap().to_string());
            assert_eq!(amounts(span.a_day()), (a_day.0, a_day.1.to_owned()), "{unit:?}");
            assert_eq!(amounts(span.projection()), (projection.0, projection.1.to_owned()), "{unit:?}");
        }
    }

    #[test]
    fn what_has_no_price_has_no_projection_of_money() {
        let sums = [sum("2026-11-23T12:00:00Z", "unheard-of", 10)];
        let span = Span::build(Unit::Month, &sums, &prices(), "2026-11-23T15:00:00Z".parse().unwrap(), Tz::UTC);
        assert_eq!(span.projection(), Amounts { tokens: 13, cost: None });
    }
}
