//! Decimal text to scaled integers, exactly: amounts are never read through a float.

use std::cmp::Ordering;

use thiserror::Error;

/// Why a decimal could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum DecimalError {
    #[error("not a number")]
    NotANumber,
    #[error("too large")]
    TooLarge,
    #[error("too many decimal places")]
    TooFine,
}

/// Reads `text` (`-1.5`, `1,234.50`, `6e-08`) as a whole number of 10^-`scale`.
///
/// Digits finer than that are an error, never rounded away.
pub(crate) fn parse(text: &str, scale: u32) -> Result<i128, DecimalError> {
    let Number { is_negative, digits, power } = Number::read(text, scale)?;
    let (kept, dropped) = cut(&digits, power);
    if dropped.bytes().any(|byte| byte != b'0') {
        return Err(DecimalError::TooFine);
    }
    let value = shifted(kept, power)?;
    Ok(if is_negative { -value } else { value })
}

/// Reads a number as another program wrote it, from a float maybe: digits finer than 10^-`scale` are rounded, halves to the
/// even neighbour.
pub(crate) fn nearest(text: &str, scale: u32) -> Result<i128, DecimalError> {
    let Number { is_negative, digits, power } = Number::read(text, scale)?;
    let (kept, dropped) = cut(&digits, power);
    let value = shifted(kept, power)?;
    // What is cut off has lost its leading zeros when it is all of the number.
    let is_whole_cut = i64::try_from(dropped.len()).is_ok_and(|length| length == -power.min(0));
    let half = dropped.bytes().next().filter(|_| is_whole_cut).map_or(Ordering::Less, |first| {
        first.cmp(&b'5').then_with(|| {
            if dropped[1..].bytes().all(|byte| byte == b'0') { Ordering::Equal } else { Ordering::Greater }
        })
    });
    let is_up = half == Ordering::Greater || half == Ordering::Equal && value % 2 != 0;
    let value = value.checked_add(is_up.into()).ok_or(DecimalError::TooLarge)?;
    Ok(if is_negative { -value } else { value })
}

/// A number as it was written: its digits, without leading zeros, × 10^`power`.
struct Number {
    is_negative: bool,
    digits: String,
    power: i64,
}

impl Number {
    fn read(text: &str, scale: u32) -> Result<Self, DecimalError> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| DecimalError::NotANumber)?),
            None => (text, 0),
        };
        let (is_negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = group_free(whole)? + fraction.trim_end_matches('0');
        if digits.is_empty() && fraction.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(DecimalError::NotANumber);
        }

        let fraction_digits = i64::try_from(fraction.trim_end_matches('0').len()).map_err(|_| DecimalError::TooFine)?;
        let power = i64::from(scale) - fraction_digits + i64::from(exponent);
        Ok(Self { is_negative, digits: digits.trim_start_matches('0').to_owned(), power })
    }
}

/// Writes `value` × 10^-`scale`, with at least `least` decimal places and no more than it needs.
pub(crate) fn write(value: i128, scale: u32, least: usize) -> String {
    let unit = 10_u128.pow(scale);
    let magnitude = value.unsigned_abs();
    let sign = if value < 0 { "-" } else { "" };
    let mut fraction = format!("{:0width$}", magnitude % unit, width = scale as usize);
    while fraction.len() > least && fraction.ends_with('0') {
        fraction.pop();
    }
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", magnitude / unit)
}

/// Divides, rounding halves to the even neighbour, so that rounding many amounts does not drift.
pub(crate) fn divide_half_even(numerator: i128, denominator: i128) -> i128 {
    let quotient = numerator.div_euclid(denominator);
    let remainder = numerator.rem_euclid(denominator);
    let above_half = remainder > denominator - remainder;
    let is_half = remainder == denominator - remainder;
    if above_half || (is_half && quotient % 2 != 0) { quotient + 1 } else { quotient }
}

/// Drops the commas of `1,234,567`; refuses them anywhere but between groups of three.
fn group_free(whole: &str) -> Result<String, DecimalError> {
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 || first.is_empty() || first.len() > 3 {
            return Err(DecimalError::NotANumber);
        }
        digits.push_str(group);
    }
    Ok(digits)
}

/// `digits` × 10^`power` before and behind the point.
fn cut(digits: &str, power: i64) -> (&str, &str) {
    let behind = usize::try_from(-power.min(0)).unwrap_or(usize::MAX);
    digits.split_at(digits.len().saturating_sub(behind))
}

fn shifted(digits: &str, power: i64) -> Result<i128, DecimalError> {
    if digits.is_empty() {
        return Ok(0);
    }
    let value: i128 = digits.parse().map_err(|_| DecimalError::TooLarge)?;
    let power = u32::try_from(power.max(0)).map_err(|_| DecimalError::TooLarge)?;
    10_i128.checked_pow(power).and_then(|unit| value.checked_mul(unit)).ok_or(DecimalError::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_and_price_files_write() {
        for (text, scale, value) in [
            ("3", 2, 300),
            ("0.30", 2, 30),
            (".5", 1, 5),
            ("5.", 1, 50),
            ("-1.25", 2, -125),
            ("1,234.5", 1, 12_345),
            ("6e-08", 12, 60_000),
            ("1.25e-07", 12, 125_000),
            ("2E3", 0, 2000),
            ("120e-1", 0, 12),
            ("0.000", 0, 0),
        ] {
            assert_eq!(parse(text, scale), Ok(value), "{text}");
        }
    }

    #[test]
    fn refuses_what_it_cannot_hold() {
        for (text, error) in [
            ("", DecimalError::NotANumber),
            (".", DecimalError::NotANumber),
            ("-", DecimalError::NotANumber),
            ("1.2.3", DecimalError::NotANumber),
            ("1,23", DecimalError::NotANumber),
            ("1234,567", DecimalError::NotANumber),
            ("NaN", DecimalError::NotANumber),
            ("inf", DecimalError::NotANumber),
            ("1e", DecimalError::NotANumber),
            ("٣", DecimalError::NotANumber),
            ("0.001", DecimalError::TooFine),
            ("1e-400000", DecimalError::TooFine),
            ("1e400", DecimalError::TooLarge),
            ("999999999999999999999999999999999999999999", DecimalError::TooLarge),
        ] {
            assert_eq!(parse(text, 2), Err(error), "{text}");
        }
    }

    #[test]
    fn what_others_write_is_rounded_to_the_nearest() {
        for (text, value) in [
            ("0.125", Ok(12)),
            ("0.135", Ok(14)),
            ("-0.135", Ok(-14)),
            ("0.1250000000000000000000000000000000000000001", Ok(13)),
            ("0.1000000000000000055511151231257827", Ok(10)),
            ("0.004", Ok(0)),
            ("0.0050", Ok(0)),
            ("0.0051", Ok(1)),
            ("0.0009", Ok(0)),
            ("9e-3", Ok(1)),
            ("5e-324", Ok(0)),
            ("9e-2147483648", Ok(0)),
            ("1.5", Ok(150)),
            ("1e400", Err(DecimalError::TooLarge)),
            ("-", Err(DecimalError::NotANumber)),
        ] {
            assert_eq!(nearest(text, 2), value, "{text}");
        }
    }

    #[test]
    fn rounds_halves_to_even() {
        for (numerator, denominator, quotient) in [(5, 2, 2), (7, 2, 4), (-5, 2, -2), (-7, 2, -4), (8, 3, 3), (7, 3, 2)]
        {
            assert_eq!(divide_half_even(numerator, denominator), quotient, "{numerator}/{denominator}");
        }
    }

    proptest::proptest! {
        #[test]
        fn parse_of_write_is_the_value(value in -1_000_000_000_000_000_000_000_000_i128..1_000_000_000_000_000_000_000_000, scale in 0_u32..13, least in 0_usize..5) {
            proptest::prop_assert_eq!(parse(&write(value, scale, least), scale), Ok(value));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}", scale in 0_u32..13) {
            let _ = parse(&text, scale);
        }

        #[test]
        fn no_number_like_text_makes_it_panic(text in "[-+]?[0-9,]{0,45}\\.?[0-9]{0,45}([eE]-?[0-9]{1,10})?", scale in 0_u32..13) {
            let _ = parse(&text, scale);
            let _ = nearest(&text, scale);
        }

        #[test]
        fn the_nearest_is_what_division_gives(value in -1_000_000_000_000_i128..1_000_000_000_000, scale in 0_u32..13) {
            let expected = divide_half_even(value, 1000);
            proptest::prop_assert_eq!(nearest(&write(value, scale + 3, 0), scale), Ok(expected));
        }
    }
}
