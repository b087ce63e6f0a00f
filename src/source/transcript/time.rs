//! Timestamps of transcripts: RFC 3339, nearly always to the millisecond and in UTC.

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;

/// The instant, in whole milliseconds as the ledger keeps them.
pub(super) fn parse(text: &[u8]) -> Option<DateTime<Utc>> {
    usual(text).or_else(|| {
        let at = DateTime::parse_from_rfc3339(std::str::from_utf8(text).ok()?).ok()?.to_utc();
        DateTime::from_timestamp_millis(at.timestamp_millis())
    })
}

/// `2026-11-20T10:00:05.123Z`, as Claude Code writes it; a tenth of the time that the general way takes.
fn usual(text: &[u8]) -> Option<DateTime<Utc>> {
    let (text, b"Z") = text.split_at_checked(23)? else { return None };
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'.')];
    if separators.iter().any(|&(place, separator)| text[place] != separator) {
        return None;
    }
    let number = |from: usize, until: usize| {
        text[from..until]
            .iter()
            .try_fold(0_u32, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0')))
    };
    let day = NaiveDate::from_ymd_opt(i32::try_from(number(0, 4)?).ok()?, number(5, 7)?, number(8, 10)?)?;
    let time = day.and_hms_milli_opt(number(11, 13)?, number(14, 16)?, number(17, 19)?, number(20, 23)?)?;
    Some(time.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_whole_milliseconds_of_utc() {
        for (text, expected) in [
            ("2026-11-20T10:00:05.123Z", Some("2026-11-20T10:00:05.123Z")),
            ("2026-11-20T10:00:05Z", Some("2026-11-20T10:00:05.000Z")),
            ("2026-11-20T10:00:05.123456Z", Some("2026-11-20T10:00:05.123Z")),
            ("2026-11-20T10:00:05.123+02:00", Some("2026-11-20T08:00:05.123Z")),
            ("2026-13-20T10:00:05.123Z", None),
            ("2026-11-20T25:00:05.123Z", None),
            ("2026-11-20 10:00", None),
            ("", None),
        ] {
            let at = parse(text.as_bytes()).map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true));
            assert_eq!(at.as_deref(), expected, "{text}");
        }
    }
}
