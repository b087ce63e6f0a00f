//! A time zone, as it is typed.

use std::str::FromStr;

use chrono_tz::Tz;

use crate::domain::instant;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Zone(Option<Tz>);

impl Zone {
    /// The zone that was named; `local`, as ccusage's users write it, is the usual one.
    pub(crate) fn or(self, usual: Tz) -> Tz {
        self.0.unwrap_or(usual)
    }
}

impl FromStr for Zone {
    type Err = &'static str;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        if typed.eq_ignore_ascii_case("local") {
            return Ok(Self(None));
        }
        let zone = instant::time_zone(typed);
        zone.map(|zone| Self(Some(zone))).ok_or("not a time zone; write it as Europe/Berlin or UTC")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_known_however_they_are_written() {
        for (typed, zone) in [
            ("Europe/Berlin", Some(Tz::Europe__Berlin)),
            ("europe/berlin", Some(Tz::Europe__Berlin)),
            ("utc", Some(Tz::UTC)),
            ("local", Some(Tz::Asia__Tokyo)),
            ("Berlin", None),
            ("", None),
        ] {
            assert_eq!(typed.parse::<Zone>().ok().map(|typed| typed.or(Tz::Asia__Tokyo)), zone, "{typed}");
        }
    }
}
