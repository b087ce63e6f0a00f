//! The payload's JSON as it comes: any field may be absent, null or of another type, and harms no other.

use serde::Deserialize;

use crate::domain::decimal;
use crate::domain::money::Usd;
use crate::domain::ratio::Ratio;
use crate::domain::tokens::MOST_TOKENS;
use crate::source::field::Field;

/// Millionths are kept of a per cent.
const PERCENT_DIGITS: u32 = 6;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Payload<'a> {
    #[serde(borrow)]
    pub(super) session_id: Field<'a>,
    #[serde(borrow)]
    pub(super) transcript_path: Field<'a>,
    #[serde(borrow)]
    pub(super) cwd: Field<'a>,
    #[serde(borrow)]
    pub(super) workspace: Field<'a>,
    #[serde(borrow)]
    pub(super) model: Field<'a>,
    #[serde(borrow)]
    pub(super) cost: Field<'a>,
    #[serde(borrow)]
    pub(super) context_window: Field<'a>,
    #[serde(borrow)]
    pub(super) rate_limits: Field<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Workspace<'a> {
    #[serde(borrow)]
    pub(super) current_dir: Field<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Model<'a> {
    #[serde(borrow)]
    pub(super) id: Field<'a>,
    #[serde(borrow)]
    pub(super) display_name: Field<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Cost<'a> {
    #[serde(borrow)]
    pub(super) total_cost_usd: Field<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ContextWindow<'a> {
    #[serde(borrow)]
    pub(super) total_input_tokens: Field<'a>,
    #[serde(borrow, rename = "context_window_size")]
    pub(super) size: Field<'a>,
    #[serde(borrow)]
    pub(super) used_percentage: Field<'a>,
    #[serde(borrow)]
    pub(super) current_usage: Field<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct CurrentUsage<'a> {
    #[serde(borrow, rename = "input_tokens")]
    pub(super) input: Field<'a>,
    #[serde(borrow, rename = "cache_creation_input_tokens")]
    pub(super) cache_write: Field<'a>,
    #[serde(borrow, rename = "cache_read_input_tokens")]
    pub(super) cache_read: Field<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct RateLimits<'a> {
    #[serde(borrow)]
    pub(super) five_hour: Field<'a>,
    #[serde(borrow)]
    pub(super) seven_day: Field<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct RateLimit<'a> {
    #[serde(borrow)]
    pub(super) used_percentage: Field<'a>,
    #[serde(borrow)]
    pub(super) resets_at: Field<'a>,
}

/// Dollars spent, to the nearest pico-dollar.
pub(super) fn usd(field: Field<'_>) -> Option<Usd> {
    Usd::nearest(number(field)?)
}

pub(super) fn tokens(field: Field<'_>) -> Option<u64> {
    whole(field).filter(|&count| count <= MOST_TOKENS)
}

/// A whole number, `12.0` among them.
pub(super) fn whole(field: Field<'_>) -> Option<u64> {
    u64::try_from(decimal::parse(number(field)?, 0).ok()?).ok()
}

/// A share, given in per cent. Some may be over a hundred, none over ten thousand.
pub(super) fn percentage(field: Field<'_>) -> Option<Ratio> {
    let whole = 100 * 10_i128.pow(PERCENT_DIGITS);
    let part = decimal::nearest(number(field)?, PERCENT_DIGITS).ok()?;
    (0..=100 * whole).contains(&part).then(|| Ratio::of(part, whole))?
}

/// The digits of a number, which may stand in a string: a float would not be it.
fn number(field: Field<'_>) -> Option<&str> {
    let number = field.json().trim_matches('"').trim().trim_end_matches('%');
    number.starts_with(|first: char| first.is_ascii_digit()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(json: &str) -> Field<'_> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn money_is_read_to_the_pico_dollar() {
        for (json, amount) in [
            ("0.01234", Some("0.01234")),
            ("0", Some("0.00")),
            ("0.30000000000000004", Some("0.30")),
            ("1.2345678901234567", Some("1.234567890123")),
            ("1e-7", Some("0.0000001")),
            ("1.5E2", Some("150.00")),
            (r#""2.50""#, Some("2.50")),
            ("-1", None),
            ("1e300", None),
            ("1e10", None),
            ("null", None),
            ("true", None),
            (r#""a lot""#, None),
            ("[1]", None),
        ] {
            assert_eq!(usd(field(json)).map(|amount| amount.to_string()).as_deref(), amount, "{json}");
        }
    }

    #[test]
    fn shares_are_read_from_numbers_and_text() {
        for (json, tenths) in [
            ("8", Some(80)),
            ("8.25", Some(82)),
            (r#""41.5""#, Some(415)),
            (r#""41%""#, Some(410)),
            ("104.2", Some(1042)),
            ("0", Some(0)),
            ("-3", None),
            ("1e9", None),
            ("null", None),
            ("{}", None),
        ] {
            assert_eq!(percentage(field(json)).map(|share| share.rounded(3)), tenths, "{json}");
        }
    }

    #[test]
    fn counts_are_whole_and_of_a_sensible_size() {
        for (json, count) in [
            ("15234", Some(15_234)),
            ("15234.0", Some(15_234)),
            ("1.5", None),
            ("-1", None),
            ("1e30", None),
            ("10000000000000", None),
        ] {
            assert_eq!(tokens(field(json)), count, "{json}");
        }
    }
}
