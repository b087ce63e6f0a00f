//! Stretches of the calendar: days, weeks and months, as a time zone has them.

use chrono::DateTime;
use chrono::Datelike;
use chrono::Days;
use chrono::Months;
use chrono::NaiveDate;
use chrono::NaiveTime;
use chrono::Utc;
use chrono::Weekday;
use chrono_tz::Tz;

use crate::domain::instant;

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Day,
    /// Begins on this day of the week.
    Week(Weekday),
    Month,
}

/// One day, week or month of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    unit: Unit,
    first: NaiveDate,
}

impl Period {
    /// The one in which a day lies.
    pub(crate) fn of(unit: Unit, day: NaiveDate) -> Self {
        let first = match unit {
            Unit::Day => day,
            Unit::Week(weekday) => {
                let past = day.weekday().days_since(weekday);
                day.checked_sub_days(Days::new(past.into())).unwrap_or(day)
            }
            Unit::Month => day.with_day(1).unwrap_or(day),
        };
        Self { unit, first }
    }

    pub(crate) fn at(unit: Unit, at: DateTime<Utc>, tz: Tz) -> Self {
        Self::of(unit, at.with_timezone(&tz).date_naive())
    }

    pub(crate) fn first_day(self) -> NaiveDate {
        self.first
    }

    /// So many periods earlier.
    pub(crate) fn back(self, periods: u32) -> Self {
        let first = match self.unit {
            Unit::Day => self.first.checked_sub_days(Days::new(periods.into())),
            Unit::Week(_) => self.first.checked_sub_days(Days::new(7 * u64::from(periods))),
            Unit::Month => self.first.checked_sub_months(Months::new(periods)),
        };
        Self { first: first.unwrap_or(NaiveDate::MIN), ..self }
    }

    pub(crate) fn next(self) -> Self {
        let first = match self.unit {
            Unit::Day => self.first.succ_opt(),
            Unit::Week(_) => self.first.checked_add_days(Days::new(7)),
            Unit::Month => self.first.checked_add_months(Months::new(1)),
        };
        Self { first: first.unwrap_or(NaiveDate::MAX), ..self }
    }

    /// How many days it has.
    pub(crate) fn days(self) -> u64 {
        days_between(self.first, self.next().first)
    }

    /// How many of its days have begun by then, that day among them.
    pub(crate) fn days_until(self, day: NaiveDate) -> u64 {
        days_between(self.first, day.min(self.next().first)).saturating_add(1).min(self.days())
    }

    /// The first instant of it. Where clocks go forward at midnight that is the first one after the gap, where they go
    /// back the earlier of the two.
    pub(crate) fn start(self, tz: Tz) -> DateTime<Utc> {
        let outside = if self.first.year() > 0 { DateTime::<Utc>::MAX_UTC } else { DateTime::<Utc>::MIN_UTC };
        instant::from_local(self.first.and_time(NaiveTime::MIN), tz).unwrap_or(outside)
    }

    /// The first instant after it.
    pub(crate) fn end(self, tz: Tz) -> DateTime<Utc> {
        self.next().start(tz)
    }
}

/// From a day up to but without a later one.
fn days_between(first: NaiveDate, until: NaiveDate) -> u64 {
    u64::try_from((until - first).num_days()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SUNDAYS: Unit = Unit::Week(Weekday::Sun);
    const MONDAYS: Unit = Unit::Week(Weekday::Mon);

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_begins_and_ends_with_days_of_its_zone() {
        for (unit, zone, instant, first, start, end) in [
            (Unit::Day, Tz::UTC, "2026-11-23T23:59:59Z", "2026-11-23", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"),
            (
                Unit::Day,
                Tz::Asia__Kolkata,
                "2026-11-23T18:30:00Z",
                "2026-11-24",
                "2026-11-23T18:30:00Z",
                "2026-11-24T18:30:00Z",
            ),
            (SUNDAYS, Tz::UTC, "2026-11-23T12:00:00Z", "2026-11-22", "2026-11-22T00:00:00Z", "2026-11-29T00:00:00Z"),
            (MONDAYS, Tz::UTC, "2026-11-22T12:00:00Z", "2026-11-16", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"),
            (
                Unit::Month,
                Tz::Europe__Berlin,
                "2026-12-31T23:00:00Z",
                "2027-01-01",
                "2026-12-31T23:00:00Z",
                "2027-01-31T23:00:00Z",
            ),
        ] {
            let period = Period::at(unit, at(instant), zone);
            assert_eq!(period.first_day().to_string(), first, "{unit:?} of {instant}");
            assert_eq!((period.start(zone), period.end(zone)), (at(start), at(end)), "{unit:?} of {instant}");
        }
    }

    #[test]
    fn days_have_as_many_hours_as_the_clocks_give_them() {
        for (zone, day, start, hours) in [
            (Tz::Europe__Berlin, "2026-03-29", "2026-03-28T23:00:00Z", 23),
            (Tz::Europe__Berlin, "2026-10-25", "2026-10-24T22:00:00Z", 25),
            // Clocks go forward at midnight: the day begins at one.
            (Tz::America__Sao_Paulo, "2018-11-04", "2018-11-04T03:00:00Z", 23),
            // Clocks go back at one: midnight comes twice.
            (Tz::America__Havana, "2026-11-01", "2026-11-01T04:00:00Z", 25),
            (Tz::Pacific__Apia, "2011-12-30", "2011-12-30T10:00:00Z", 0),
        ] {
            let period = Period::of(Unit::Day, day.parse().unwrap());
            assert_eq!(period.start(zone), at(start), "{zone}");
            assert_eq!((period.end(zone) - period.start(zone)).num_hours(), hours, "{zone}");
        }
    }

    #[test]
    fn periods_are_counted_backwards() {
        for (unit, back, first) in [
            (Unit::Day, 0, "2026-03-31"),
            (Unit::Day, 31, "2026-02-28"),
            (MONDAYS, 1, "2026-03-23"),
            (Unit::Month, 1, "2026-02-01"),
            (Unit::Month, 13, "2025-02-01"),
        ] {
            let period = Period::of(unit, NaiveDate::from_ymd_opt(2026, 3, 31).unwrap()).back(back);
            assert_eq!(period.first_day().to_string(), first, "{unit:?}, {back} back");
        }
        assert_eq!(Period::of(Unit::Day, NaiveDate::MIN).back(u32::MAX).start(Tz::UTC), DateTime::<Utc>::MIN_UTC);
        assert!(Period::of(Unit::Month, NaiveDate::MAX).next().end(Tz::Pacific__Apia) > at("9999-12-31T00:00:00Z"));
    }

    #[test]
    fn days_are_counted_with_the_one_that_has_begun() {
        for (unit, day, until, begun, all) in [
            (Unit::Day, "2026-11-23", "2026-11-23", 1, 1),
            (SUNDAYS, "2026-11-23", "2026-11-23", 2, 7),
            (MONDAYS, "2026-11-23", "2026-11-29", 7, 7),
            (Unit::Month, "2026-11-23", "2026-11-23", 23, 30),
            (Unit::Month, "2028-02-23", "2028-02-29", 29, 29),
            (Unit::Month, "2026-11-23", "2027-01-01", 30, 30),
            (Unit::Month, "2026-11-23", "2026-10-01", 1, 30),
        ] {
            let period = Period::of(unit, day.parse().unwrap());
            assert_eq!((period.days_until(until.parse().unwrap()), period.days()), (begun, all), "{unit:?} of {day}");
        }
    }

    proptest! {
        #[test]
        fn every_instant_lies_in_its_period(
            seconds in 1_500_000_000_i64..2_000_000_000,
            unit in prop::sample::select(vec![Unit::Day, SUNDAYS, MONDAYS, Unit::Month]),
            zone in prop::sample::select(vec![Tz::UTC, Tz::Europe__Berlin, Tz::America__Sao_Paulo, Tz::America__Havana, Tz::Asia__Kathmandu, Tz::Australia__Lord_Howe]),
        ) {
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            let period = Period::at(unit, at, zone);
            prop_assert!(period.start(zone) <= at && at < period.end(zone));
            prop_assert_eq!(period.start(zone).timestamp() % 900, 0);
            prop_assert_eq!(period.next().back(1), period);
        }
    }
}
