//! The instant from which a price holds: in files a day (UTC) or, where that is not fine enough, an instant.

use std::fmt;
use std::str::FromStr;

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::NaiveTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Since(DateTime<Utc>);

impl Since {
    pub(crate) fn new(at: DateTime<Utc>) -> Self {
        Self(at)
    }

    pub(crate) fn instant(self) -> DateTime<Utc> {
        self.0
    }
}

impl From<NaiveDate> for Since {
    fn from(day: NaiveDate) -> Self {
        Self(day.and_time(NaiveTime::MIN).and_utc())
    }
}

impl FromStr for Since {
    type Err = chrono::ParseError;

    fn from_str(text: &str) -> Result<Self, chrono::ParseError> {
        match text.parse::<NaiveDate>() {
            Ok(day) => Ok(day.into()),
            Err(error) if text.contains('T') => {
                DateTime::parse_from_rfc3339(text).map(|at| Self(at.to_utc())).map_err(|_| error)
            }
            Err(error) => Err(error),
        }
    }
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.time() == NaiveTime::MIN {
            self.0.date_naive().fmt(f)
        } else {
            f.write_str(&self.0.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
        }
    }
}

impl Serialize for Since {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Since {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        text.parse().map_err(|error| D::Error::custom(format!("`{text}` is no day and no instant: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_instants_survive_text() {
        for text in ["2026-10-07", "2026-08-16T16:00:00Z", "2026-08-16T16:00:00.250Z"] {
            assert_eq!(text.parse::<Since>().unwrap().to_string(), text);
        }
        for text in ["", "2026-13-01", "yesterday", "2026-08-16T25:00:00Z"] {
            assert!(text.parse::<Since>().is_err(), "{text}");
        }
    }
}
