//! The only formatting of numbers and times for people.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use chrono_tz::Tz;

use crate::domain::decimal;
use crate::domain::model::ModelId;
use crate::domain::model::split_date;
use crate::domain::money::Usd;
use crate::domain::ratio::Ratio;

const PICO_DIGITS: u32 = 12;
/// Where a figure is not known, this stands: never a zero.
pub(crate) const UNKNOWN: &str = "—";

/// Dollars: two decimal places from one dollar on, four below.
pub(crate) fn usd(amount: Usd) -> String {
    let digits = if amount.pico().unsigned_abs() >= 10_u128.pow(PICO_DIGITS) || amount.is_zero() { 2 } else { 4 };
    let shown = usd_to(amount, digits);
    let is_lost = !amount.is_zero() && !shown.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    if is_lost { "<$0.0001".to_owned() } else { shown }
}

/// Dollars with exactly `digits` decimal places, for columns that add up; halves to even.
pub(crate) fn usd_to(amount: Usd, digits: u32) -> String {
    let unit = 10_i128.pow(PICO_DIGITS - digits);
    let rounded = decimal::divide_half_even(amount.pico(), unit);
    let text = decimal::write(rounded.abs(), digits, digits as usize);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let sign = if rounded < 0 { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}${}{point}{fraction}", grouped(whole))
}

/// Dollars for a column that adds up to `total`, all with as many decimal places as that needs.
pub(crate) fn usd_of(amount: Usd, total: Usd) -> String {
    let digits = if total.pico().unsigned_abs() >= 10_u128.pow(PICO_DIGITS) || total.is_zero() { 2 } else { 4 };
    let least = Usd::from_pico(10_i128.pow(PICO_DIGITS - digits));
    let is_lost = amount > Usd::ZERO && amount.pico() * 2 <= least.pico();
    if is_lost { format!("<{}", usd_to(least, digits)) } else { usd_to(amount, digits) }
}

/// A model's name as short as people say it: `opus-5-5`.
pub(crate) fn model(model: &ModelId) -> String {
    let plain = model.plain();
    let fast = if plain.is_fast { "-fast" } else { "" };
    let Some(name) = plain.name.strip_prefix("claude-") else { return model.to_string() };
    let name = split_date(name).map_or(name, |(version, _)| version);
    format!("{name}{fast}")
}

/// `known` or the mark for what is not known.
pub(crate) fn or_unknown<T>(known: Option<T>, show: impl FnOnce(T) -> String) -> String {
    known.map_or_else(|| UNKNOWN.to_owned(), show)
}

/// A count with its thousands apart: `1,234,567`.
pub(crate) fn tokens(count: u64) -> String {
    grouped(&count.to_string())
}

/// The same, marked where some of it is estimated: `~1,234,567`.
pub(crate) fn tokens_about(count: u64, is_estimate: bool) -> String {
    format!("{}{}", if is_estimate { "~" } else { "" }, tokens(count))
}

/// What a file takes on disk: `512 B`, `1.2 MB`.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if count < 1000 {
        return format!("{count} B");
    }
    let is_enough = |power: u32| power as usize == UNITS.len() || count < 1000_u64.pow(power + 1);
    let power = (1..=4).find(|&power| is_enough(power)).unwrap_or(4);
    let tenths = decimal::divide_half_even(i128::from(count) * 10, 1000_i128.pow(power));
    format!("{} {}", decimal::write(tenths, 1, 1), UNITS[power as usize - 1])
}

/// `1 entry`, `2 entries`; for nouns that make their plural by rule.
pub(crate) fn count(number: u64, noun: &str) -> String {
    let noun = match noun.strip_suffix('y') {
        _ if number == 1 => noun.to_owned(),
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{noun}s"),
    };
    format!("{} {noun}", tokens(number))
}

/// What goes with a [`count`]: `1 line is`, `2 lines are`.
pub(crate) fn is_or_are(number: u64) -> &'static str {
    if number == 1 { "is" } else { "are" }
}

/// A length of time: `45s`, `12m`, `2h 05m`, `3d 04h`.
pub(crate) fn duration(length: TimeDelta) -> String {
    let seconds = length.num_seconds().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m"),
        (0, _, _) => format!("{hours}h {:02}m", minutes % 60),
        _ => format!("{days}d {:02}h", hours % 24),
    }
}

/// A share in per cent, with one decimal place.
pub(crate) fn percent(share: Ratio) -> String {
    format!("{}%", decimal::write(share.rounded(3), 1, 1))
}

/// The same with its sign, for what may be more or less.
pub(crate) fn signed_percent(share: Ratio) -> String {
    let text = percent(share);
    match text.strip_prefix('-') {
        Some(less) => format!("−{less}"),
        None if share.rounded(3) == 0 => text,
        None => format!("+{text}"),
    }
}

/// Dollars with their sign, for what may be more or less.
pub(crate) fn signed_usd(difference: Usd) -> String {
    let (sign, amount) = if difference < Usd::ZERO { ("−", -difference) } else { ("+", difference) };
    if difference.is_zero() { usd(difference) } else { format!("{sign}{}", usd(amount)) }
}

/// The same for tokens.
pub(crate) fn signed_tokens(difference: i64) -> String {
    let sign = match difference {
        0 => "",
        1.. => "+",
        _ => "−",
    };
    format!("{sign}{}", tokens(difference.unsigned_abs()))
}

/// Thousandths, as `1.024`.
pub(crate) fn milli(number: u64) -> String {
    format!("{}.{:03}", number / 1000, number % 1000)
}

/// A share in whole per cent, where there is no room for more.
pub(crate) fn whole_percent(share: Ratio) -> String {
    format!("{}%", share.rounded(2))
}

pub(crate) fn ratio(ratio: Ratio) -> String {
    ratio.to_text(2)
}

/// `2026-11-23`
pub(crate) fn day(at: DateTime<Utc>, tz: Tz) -> String {
    at.with_timezone(&tz).format("%Y-%m-%d").to_string()
}

/// `14:30`
pub(crate) fn clock(at: DateTime<Utc>, tz: Tz) -> String {
    at.with_timezone(&tz).format("%H:%M").to_string()
}

/// `14:30`, or `Fri 14:30` when it is more than half a day off.
pub(crate) fn clock_soon(at: DateTime<Utc>, now: DateTime<Utc>, tz: Tz) -> String {
    let form = if (at - now).num_hours().abs() < 12 { "%H:%M" } else { "%a %H:%M" };
    at.with_timezone(&tz).format(form).to_string()
}

/// `2026-11-23 14:30`
pub(crate) fn moment(at: DateTime<Utc>, tz: Tz) -> String {
    at.with_timezone(&tz).format("%Y-%m-%d %H:%M").to_string()
}

fn grouped(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_shows_what_matters_at_its_size() {
        for (amount, shown) in [
            ("0", "$0.00"),
            ("0.00001", "<$0.0001"),
            ("-0.00001", "<$0.0001"),
            ("0.0165", "$0.0165"),
            ("0.01655", "$0.0166"),
            ("-0.5", "-$0.5000"),
            ("1234.565", "$1,234.56"),
            ("999999.999", "$1,000,000.00"),
        ] {
            assert_eq!(usd(amount.parse().unwrap()), shown, "{amount}");
        }
    }

    #[test]
    fn a_column_of_money_has_one_form_and_no_lost_amounts() {
        for (amount, total, shown) in [
            ("0", "0", "$0.00"),
            ("0.5", "12", "$0.50"),
            ("0.005", "12", "<$0.01"),
            ("0.0051", "12", "$0.01"),
            ("0", "12", "$0.00"),
            ("0.5", "0.5", "$0.5000"),
            ("0.00004", "0.5", "<$0.0001"),
        ] {
            assert_eq!(usd_of(amount.parse().unwrap(), total.parse().unwrap()), shown, "{amount} of {total}");
        }
    }

    #[test]
    fn models_are_called_by_their_short_names() {
        for (name, shown) in [
            ("claude-opus-5-5", "opus-5-5"),
            ("claude-opus-4-8-fast", "opus-4-8-fast"),
            ("claude-sonnet-4-5-20250929", "sonnet-4-5"),
            ("us.anthropic.claude-haiku-4-5-20251001-v1:0", "haiku-4-5"),
            ("gpt-5", "gpt-5"),
            ("openrouter/x/grok-code-fast", "openrouter/x/grok-code-fast"),
        ] {
            assert_eq!(model(&ModelId::new(name)), shown);
        }
    }

    #[test]
    fn counts_and_lengths_read_at_a_glance() {
        assert_eq!(tokens(1_234_567), "1,234,567");
        for (seconds, shown) in [(-5, "0s"), (45, "45s"), (3599, "59m"), (7500, "2h 05m"), (273_600, "3d 04h")] {
            assert_eq!(duration(TimeDelta::try_seconds(seconds).unwrap()), shown);
        }
    }

    #[test]
    fn sizes_have_the_unit_that_suits_them() {
        for (count, shown) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (1_234_567, "1.2 MB"),
            (2_500_000_000, "2.5 GB"),
            (u64::MAX, "18446744.1 TB"),
        ] {
            assert_eq!(bytes(count), shown);
        }
    }

    #[test]
    fn nouns_have_their_number() {
        for (number, noun, shown) in [
            (1, "entry", "1 entry"),
            (2, "entry", "2 entries"),
            (0, "commit", "0 commits"),
            (30, "day", "30 days"),
            (2, "key", "2 keys"),
            (2, "convoy", "2 convoys"),
            (2, "buy", "2 buys"),
            (1200, "line", "1,200 lines"),
        ] {
            assert_eq!(count(number, noun), shown);
        }
        assert_eq!([0, 1, 2].map(is_or_are), ["are", "is", "are"]);
    }

    #[test]
    fn what_may_be_more_or_less_has_its_sign() {
        for (amount, shown) in [("1.5", "+$1.50"), ("-0.5", "−$0.5000"), ("0", "$0.00"), ("-0.00001", "−<$0.0001")]
        {
            assert_eq!(signed_usd(amount.parse().unwrap()), shown);
        }
        assert_eq!([1, -1200, 0].map(signed_tokens), ["+1", "−1,200", "0"]);
    }

    #[test]
    fn a_share_has_one_decimal_place() {
        assert_eq!(percent(Ratio::of(1, 3).unwrap()), "33.3%");
        assert_eq!(percent(Ratio::of(2, 1).unwrap()), "200.0%");
        for (part, shown) in [(1, "+33.3%"), (-1, "−33.3%"), (0, "0.0%")] {
            assert_eq!(signed_percent(Ratio::of(part, 3).unwrap()), shown);
        }
        assert_eq!(signed_percent(Ratio::of(-1, 9999).unwrap()), "0.0%");
    }
}
