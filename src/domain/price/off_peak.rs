//! Hours at which a vendor charges less (`DeepSeek`), in UTC.

use std::fmt;
use std::str::FromStr;

use chrono::DateTime;
use chrono::Datelike;
use chrono::Timelike;
use chrono::Utc;
use chrono::Weekday;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;
use thiserror::Error;

use crate::domain::price::Rates;

const DAY_MINUTES: u32 = 24 * 60;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OffPeak {
    pub(crate) rates: Rates,
    pub(crate) windows: Vec<Window>,
}

/// Hours that repeat on some days of the week, counted from Monday = 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Window {
    pub(crate) days: Vec<u32>,
    pub(crate) hours: Vec<Hours>,
}

/// `22:00-06:00`: the start belongs to it, the end does not. It begins on the window's day and may reach into the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hours {
    from_minute: u32,
    until_minute: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not hours as in 22:00-06:00")]
pub(crate) struct HoursError;

impl OffPeak {
    pub(crate) fn holds(&self, at: DateTime<Utc>) -> bool {
        let minute = at.hour() * 60 + at.minute();
        self.windows.iter().any(|window| window.holds(at.weekday(), minute))
    }

    /// Minutes of the day at which hours begin or end.
    pub(super) fn turns(&self) -> impl Iterator<Item = u32> {
        let hours = self.windows.iter().flat_map(|window| &window.hours);
        hours.flat_map(|hours| [hours.from_minute, hours.until_minute])
    }
}

impl Window {
    fn holds(&self, day: Weekday, minute: u32) -> bool {
        let on = |day: Weekday| self.days.contains(&day.number_from_monday());
        self.hours.iter().any(|hours| {
            let from_yesterday = minute + DAY_MINUTES;
            on(day) && (hours.from_minute..hours.until_minute).contains(&minute)
                || on(day.pred()) && (hours.from_minute..hours.until_minute).contains(&from_yesterday)
        })
    }
}

impl FromStr for Hours {
    type Err = HoursError;

    fn from_str(text: &str) -> Result<Self, HoursError> {
        let minute = |text: &str| {
            let (hour, minute) = text.split_once(':')?;
            let (hour, minute) = (hour.parse::<u32>().ok()?, minute.parse::<u32>().ok()?);
            (hour < 24 && minute < 60).then_some(hour * 60 + minute)
        };
        let (from, until) = text.split_once('-').ok_or(HoursError)?;
        let from_minute = minute(from.trim()).ok_or(HoursError)?;
        let until = minute(until.trim()).ok_or(HoursError)?;
        let until_minute = if until > from_minute { until } else { until + DAY_MINUTES };
        Ok(Self { from_minute, until_minute })
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, until) = (self.from_minute, self.until_minute % DAY_MINUTES);
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, until / 60, until % 60)
    }
}

impl Serialize for Hours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        text.parse().map_err(|error| D::Error::custom(format!("`{text}` is {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_may_reach_into_the_next_day() {
        // 2026-11-23 is a Monday.
        for (days, hours, at, holds) in [
            (vec![1], "04:00-06:00", "2026-11-23T04:00:00Z", true),
            (vec![1], "04:00-06:00", "2026-11-23T05:59:59Z", true),
            (vec![1], "04:00-06:00", "2026-11-23T06:00:00Z", false),
            (vec![1], "04:00-06:00", "2026-11-24T05:00:00Z", false),
            (vec![1], "10:00-00:00", "2026-11-23T23:59:00Z", true),
            (vec![1], "10:00-00:00", "2026-11-24T00:00:00Z", false),
            (vec![7], "00:00-00:00", "2026-11-29T12:00:00Z", true),
            (vec![7], "00:00-00:00", "2026-11-30T00:00:00Z", false),
            (vec![1], "22:00-06:00", "2026-11-24T05:59:00Z", true),
            (vec![1], "22:00-06:00", "2026-11-23T05:59:00Z", false),
        ] {
            let window = Window { days, hours: vec![hours.parse().unwrap()] };
            let at: DateTime<Utc> = at.parse().unwrap();
            assert_eq!(window.holds(at.weekday(), at.hour() * 60 + at.minute()), holds, "{hours} {at}");
        }
    }

    #[test]
    fn hours_survive_text_and_nonsense_is_refused() {
        for text in ["22:00-06:00", "00:00-00:00", "10:30-00:00"] {
            assert_eq!(text.parse::<Hours>().unwrap().to_string(), text);
        }
        for text in ["", "10-12", "24:00-01:00", "10:60-11:00", "10:00"] {
            assert_eq!(text.parse::<Hours>(), Err(HoursError), "{text}");
        }
    }
}
