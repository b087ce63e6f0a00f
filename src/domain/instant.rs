//! Instants as a person types them, and days as a zone has them.

use std::fmt::Write as _;

use chrono::DateTime;
use chrono::LocalResult;
use chrono::NaiveDate;
use chrono::NaiveDateTime;
use chrono::NaiveTime;
use chrono::SecondsFormat;
use chrono::SubsecRound as _;
use chrono::TimeDelta;
use chrono::TimeZone;
use chrono::Utc;
use chrono_tz::Tz;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serializer;
use serde::de::Error as _;
use thiserror::Error;

/// Seconds of the units in which a length of time is written, the longest first.
const UNITS: [(char, u32); 4] = [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum InstantError {
    #[error("not a time")]
    NotATime,
    #[error("still to come")]
    InTheFuture,
}

/// Reads `14:30` (today), `yesterday 14:30`, `2026-11-23 14:30`, `10m ago`, `1h30m ago` or RFC 3339, none of them
/// after `now`.
pub(crate) fn parse(text: &str, now: DateTime<Utc>, tz: Tz) -> Result<DateTime<Utc>, InstantError> {
    let text = text.trim();
    let instant = if text == "now" {
        now
    } else if let Some(length) = text.strip_suffix("ago") {
        let length = parse_duration(length.trim_end()).ok_or(InstantError::NotATime)?;
        now.checked_sub_signed(length).ok_or(InstantError::NotATime)?
    } else if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        // Journals and ledger know no finer time, and shall agree on what lies behind it.
        instant.to_utc().trunc_subsecs(3)
    } else {
        from_local(local(text, now, tz).ok_or(InstantError::NotATime)?, tz).ok_or(InstantError::NotATime)?
    };
    if instant > now { Err(InstantError::InTheFuture) } else { Ok(instant) }
}

/// RFC 3339 in UTC, with milliseconds: what the ledger keeps, and what programs are given.
pub(crate) fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

pub(crate) fn in_milliseconds<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&written(*at))
}

/// Reads an IANA name, in capitals or not.
pub(crate) fn time_zone(text: &str) -> Option<Tz> {
    let name = text.trim();
    chrono_tz::TZ_VARIANTS.into_iter().find(|zone| zone.name().eq_ignore_ascii_case(name))
}

/// Reads `90s`, `15m`, `1h30m`, `2h 05m`, `2d`; each unit is smaller than the one before.
pub(crate) fn parse_duration(text: &str) -> Option<TimeDelta> {
    let mut seconds = 0_i64;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    let mut smaller = &UNITS[..];
    while !rest.is_empty() {
        let end = rest.find(|char: char| !char.is_ascii_digit())?;
        let count: u32 = rest[..end].parse().ok()?;
        let unit = rest[end..].chars().next()?;
        let at = smaller.iter().position(|(name, _)| *name == unit)?;
        seconds += i64::from(count) * i64::from(smaller[at].1);
        smaller = &smaller[at + 1..];
        rest = rest[end + unit.len_utf8()..].trim_start();
    }
    TimeDelta::try_seconds(seconds)
}

/// The shortest text that [`parse_duration`] reads as `length`.
pub(crate) fn duration_text(length: TimeDelta) -> String {
    let mut rest = length.num_seconds();
    let mut text = String::new();
    for (name, unit) in UNITS {
        let count = rest / i64::from(unit);
        rest %= i64::from(unit);
        if count > 0 {
            let _ = write!(text, "{count}{name}");
        }
    }
    text
}

/// The instant of a wall-clock time. Twice in a night when clocks go back: the earlier one. Never when they go forward:
/// the first instant after the gap.
pub(crate) fn from_local(local: NaiveDateTime, tz: Tz) -> Option<DateTime<Utc>> {
    match tz.from_local_datetime(&local) {
        LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => Some(instant.to_utc()),
        LocalResult::None => {
            // Gaps start and end on whole quarter-hours in every zone since 1970; none is longer than a day.
            let quarter = TimeDelta::try_minutes(15)?;
            let floor = NaiveTime::from_hms_opt(0, 0, 0)?;
            let minutes = local.time().signed_duration_since(floor).num_minutes() / 15 * 15;
            let mut candidate = local.date().and_time(floor).checked_add_signed(TimeDelta::try_minutes(minutes)?)?;
            for _ in 0..=96 {
                candidate = candidate.checked_add_signed(quarter)?;
                if let Some(instant) = tz.from_local_datetime(&candidate).earliest() {
                    return Some(instant.to_utc());
                }
            }
            None
        }
    }
}

/// For serde: an instant in RFC 3339.
pub(crate) fn from_rfc3339<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    let text = <&str>::deserialize(deserializer)?;
    in_our_form(text).map_or_else(|| text.parse().map_err(D::Error::custom), Ok)
}

/// For serde: an instant in RFC 3339 where there is one.
pub(crate) fn from_rfc3339_if_any<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<DateTime<Utc>>, D::Error> {
    from_rfc3339(deserializer).map(Some)
}

/// Reads `2026-11-23T12:00:00Z` and `2026-11-23T12:00:00.123Z`, the forms that we write: chrono, which knows all others
/// too, would take a third of the time in which a journal is read.
fn in_our_form(text: &str) -> Option<DateTime<Utc>> {
    let bytes = text.strip_suffix('Z')?.as_bytes();
    let milliseconds = match bytes.len() {
        19 => 0,
        23 if bytes[19] == b'.' => number(&bytes[20..])?,
        _ => return None,
    };
    if [4, 7, 10, 13, 16].map(|at| bytes[at]) != *b"--T::" {
        return None;
    }
    let year = i32::try_from(number(&bytes[..4])?).ok()?;
    let day = NaiveDate::from_ymd_opt(year, number(&bytes[5..7])?, number(&bytes[8..10])?)?;
    let [hour, minute, second] = [&bytes[11..13], &bytes[14..16], &bytes[17..19]].map(number);
    Some(day.and_hms_milli_opt(hour?, minute?, second?, milliseconds)?.and_utc())
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
}

fn local(text: &str, now: DateTime<Utc>, tz: Tz) -> Option<NaiveDateTime> {
    let today = now.with_timezone(&tz).date_naive();
    let (day, time) = match text.rsplit_once(' ').or_else(|| text.split_once('T')) {
        None => (today, text),
        Some(("today", time)) => (today, time),
        Some(("yesterday", time)) => (today.pred_opt()?, time),
        Some((day, time)) => (NaiveDate::parse_from_str(day.trim(), "%Y-%m-%d").ok()?, time),
    };
    let time =
        NaiveTime::parse_from_str(time, "%H:%M").or_else(|_| NaiveTime::parse_from_str(time, "%H:%M:%S")).ok()?;
    Some(day.and_time(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BERLIN: Tz = Tz::Europe__Berlin;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn reads_times_as_people_type_them() {
        let now = instant("2026-11-23T14:00:00Z");
        for (text, at) in [
            ("14:30", "2026-11-23T13:30:00Z"),
            ("now", "2026-11-23T14:00:00Z"),
            ("10m ago", "2026-11-23T13:50:00Z"),
            ("1h30m ago", "2026-11-23T12:30:00Z"),
            ("1h 30m ago", "2026-11-23T12:30:00Z"),
            ("yesterday 23:50", "2026-11-22T22:50:00Z"),
            ("2026-11-01 09:00", "2026-11-01T08:00:00Z"),
            ("2026-11-01T09:00", "2026-11-01T08:00:00Z"),
            ("2026-11-23T10:00:00-03:00", "2026-11-23T13:00:00Z"),
            ("2026-11-23T10:00:00.123999Z", "2026-11-23T10:00:00.123Z"),
        ] {
            assert_eq!(parse(text, now, BERLIN), Ok(instant(at)), "{text}");
        }
    }

    #[test]
    fn refuses_nonsense_and_the_future() {
        let now = instant("2026-11-23T14:00:00Z");
        for (text, error) in [
            ("15:01", InstantError::InTheFuture),
            ("2027-01-01T00:00:00Z", InstantError::InTheFuture),
            ("25:00", InstantError::NotATime),
            ("soon", InstantError::NotATime),
            ("", InstantError::NotATime),
            ("ago", InstantError::NotATime),
            ("-5m ago", InstantError::NotATime),
            ("30m1h ago", InstantError::NotATime),
            ("99999999999999999999m ago", InstantError::NotATime),
            ("9223372036854775807d ago", InstantError::NotATime),
            ("+99999-01-01T00:00:00Z", InstantError::NotATime),
            ("0000-00-00 00:00", InstantError::NotATime),
        ] {
            assert_eq!(parse(text, now, BERLIN), Err(error), "{text}");
        }
    }

    #[test]
    fn clocks_that_jump_have_a_rule() {
        for (zone, local, at) in [
            (BERLIN, "2026-03-29T02:30:00", "2026-03-29T01:00:00Z"),
            (BERLIN, "2026-10-25T02:30:00", "2026-10-25T00:30:00Z"),
            (Tz::America__Sao_Paulo, "2018-11-04T00:00:00", "2018-11-04T03:00:00Z"),
        ] {
            assert_eq!(from_local(local.parse().unwrap(), zone), Some(instant(at)), "{zone} {local}");
        }
    }

    #[test]
    fn instants_in_our_form_are_read_as_in_any_other() {
        for text in [
            "2026-11-23T12:00:00Z",
            "2026-11-23T12:00:00.123Z",
            "0000-01-01T00:00:00Z",
            "2024-02-29T23:59:59.999Z",
            "2026-02-29T00:00:00Z",
            "2026-11-23T24:00:00Z",
            "2026-11-23T12:60:00Z",
            "2026-11-23 12:00:00Z",
            "2026-11-23T12:00:00.12Z",
            "2026-11-23T12:00:00,123Z",
            "+026-11-23T12:00:00Z",
            "2026-11-+3T12:00:00Z",
            "2026-11-23T12:00:00z",
            "Z",
            "",
        ] {
            if let Some(read) = in_our_form(text) {
                assert_eq!(Ok(read), text.parse(), "{text}");
            }
        }
        assert!(in_our_form("2026-11-23T12:00:00Z").is_some() && in_our_form("2026-11-23T12:00:00.123Z").is_some());
    }

    proptest::proptest! {
        #[test]
        fn a_length_of_time_survives_its_text(seconds in 1_i64..4_000_000_000) {
            let length = TimeDelta::try_seconds(seconds).unwrap();
            proptest::prop_assert_eq!(parse_duration(&duration_text(length)), Some(length));
        }

        #[test]
        fn every_instant_that_we_write_is_read_back(milliseconds in 0_i64..4_000_000_000_000) {
            let at = DateTime::from_timestamp_millis(milliseconds).unwrap();
            let text = serde_json::to_string(&at).unwrap();
            proptest::prop_assert_eq!(in_our_form(text.trim_matches('"')), Some(at));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,30}") {
            let _ = parse(&text, instant("2026-11-23T14:00:00Z"), BERLIN);
        }
    }
}
