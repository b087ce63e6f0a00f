//! Exact amounts of money, in integer pico-dollars.
//!
//! Every list price is a whole number of pico-dollars a token, also after the factors 1.1 and 0.5, so sums need no
//! rounding; only `view::format` rounds.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;
use std::ops::AddAssign;
use std::ops::Mul;
use std::ops::Neg;
use std::ops::Sub;
use std::str::FromStr;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;

use crate::domain::decimal;
use crate::domain::decimal::DecimalError;

const PICO_DIGITS: u32 = 12;
/// A rate is quoted for a million tokens, so a pico-dollar a token has six decimal places there.
const MILLION_DIGITS: u32 = 6;
const FACTOR_DIGITS: u32 = 3;

/// An amount of US dollars, exact to the pico-dollar.
///
/// Written and read as decimal text (`"0.0165"`), in files and in JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Usd(i128);

impl Usd {
    pub(crate) const ZERO: Self = Self(0);

    /// The most that may be typed or stated at once, a billion dollars: more is a mistake, and the sum of as much as anyone
    /// can have still fits.
    pub(crate) const MOST: Self = Self(1_000_000_000 * 1_000_000_000_000);

    /// A cost that another program states, rounded to the pico-dollar; `None` for what is no number, or no cost.
    pub(crate) fn nearest(text: &str) -> Option<Self> {
        let amount = Self(decimal::nearest(text, PICO_DIGITS).ok()?);
        (Self::ZERO..=Self::MOST).contains(&amount).then_some(amount)
    }

    pub(crate) const fn from_pico(pico: i128) -> Self {
        Self(pico)
    }

    /// Pico-dollars: 10^-12 US dollars.
    pub(crate) const fn pico(self) -> i128 {
        self.0
    }

    pub(crate) const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The amount over `parts`, rounded half to even; `None` for no parts.
    pub(crate) fn per(self, parts: u64) -> Option<Self> {
        (parts > 0).then(|| Self(decimal::divide_half_even(self.0, i128::from(parts))))
    }

    /// The amount × `numerator` ÷ `denominator`, rounded half to even; `None` when that is undefined or does not fit.
    pub(crate) fn scaled(self, numerator: i128, denominator: i128) -> Option<Self> {
        let product = self.0.checked_mul(numerator)?;
        (denominator > 0).then(|| Self(decimal::divide_half_even(product, denominator)))
    }
}

impl FromStr for Usd {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let text = text.trim();
        let text = text.strip_prefix('$').unwrap_or(text);
        decimal::parse(text, PICO_DIGITS).map(Self)
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal::write(self.0, PICO_DIGITS, 2))
    }
}

impl Add for Usd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Usd {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Usd {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error| D::Error::custom(format!("amount `{text}` is {error}")))
    }
}

/// The price of one token, exact to the pico-dollar; read and written as US dollars a million tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Rate(u64);

impl Rate {
    pub(crate) const ZERO: Self = Self(0);

    /// Reads US dollars a single token (`3e-06`), the unit of `LiteLLM`'s price file.
    pub(crate) fn parse_per_token(text: &str) -> Result<Self, DecimalError> {
        Self::from_pico_text(text, PICO_DIGITS)
    }

    /// The rate times a factor; exact for list prices, half to even otherwise.
    pub(crate) fn scaled(self, factor: Factor) -> Self {
        let pico = decimal::divide_half_even(i128::from(self.0) * i128::from(factor.0), 1000);
        Self(u64::try_from(pico).unwrap_or(u64::MAX))
    }

    fn from_pico_text(text: &str, digits: u32) -> Result<Self, DecimalError> {
        let pico = decimal::parse(text.trim(), digits)?;
        u64::try_from(pico)
            .map(Self)
            .map_err(|_| if pico < 0 { DecimalError::NotANumber } else { DecimalError::TooLarge })
    }
}

impl FromStr for Rate {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let text = text.trim();
        Self::from_pico_text(text.strip_prefix('$').unwrap_or(text), MILLION_DIGITS)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal::write(i128::from(self.0), MILLION_DIGITS, 2))
    }
}

impl Mul<u64> for Rate {
    type Output = Usd;

    fn mul(self, tokens: u64) -> Usd {
        Usd(i128::from(self.0) * i128::from(tokens))
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        text.parse().map_err(|error| D::Error::custom(format!("rate `{text}` is {error}")))
    }
}

/// What a rate is multiplied by (batch 0.5, US residency 1.1, fast mode 2), exact to the thousandth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Factor(u32);

impl Factor {
    pub(crate) const ONE: Self = Self(1000);

    /// Both factors, one after the other; rounded to the thousandth, which the factors in use do not need.
    pub(crate) fn and(self, other: Self) -> Self {
        let product = decimal::divide_half_even(i128::from(self.0) * i128::from(other.0), 1000);
        Self(u32::try_from(product).unwrap_or(u32::MAX))
    }
}

impl FromStr for Factor {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let thousandths = decimal::parse(text.trim(), FACTOR_DIGITS)?;
        u32::try_from(thousandths).map(Self).map_err(|_| DecimalError::NotANumber)
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal::write(i128::from(self.0), FACTOR_DIGITS, 0))
    }
}

impl Serialize for Factor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Factor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        text.parse().map_err(|error| D::Error::custom(format!("factor `{text}` is {error}")))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ten_million_small_amounts_add_up() {
        let rate: Rate = "3".parse().unwrap();
        let sum: Usd = std::iter::repeat_n(rate * 1, 10_000_000).sum();
        assert_eq!(sum.to_string(), "30.00");
    }

    #[test]
    fn what_is_stated_is_a_cost_or_nothing() {
        for (text, amount) in [
            ("1.2345000000000002", Some("1.2345")),
            ("1e9", Some("1000000000.00")),
            ("0", Some("0.00")),
            ("1000000000.01", None),
            ("1e400", None),
            ("-0.5", None),
            ("x", None),
        ] {
            assert_eq!(Usd::nearest(text).map(|amount| amount.to_string()).as_deref(), amount, "{text}");
        }
    }

    #[test]
    fn a_rate_is_the_same_from_either_unit() {
        for (per_million, per_token) in [("3", "3e-06"), ("0.003", "3e-09"), ("18.75", "0.00001875")] {
            assert_eq!(per_million.parse::<Rate>(), Rate::parse_per_token(per_token));
        }
    }

    #[test]
    fn a_negative_rate_is_refused() {
        assert_eq!("-3".parse::<Rate>(), Err(DecimalError::NotANumber));
    }

    #[test]
    fn factors_scale_list_prices_exactly() {
        let rate: Rate = "0.01".parse().unwrap();
        let factor = "1.1".parse::<Factor>().unwrap().and("0.5".parse().unwrap());
        assert_eq!(factor.to_string(), "0.55");
        assert_eq!((rate.scaled(factor) * 1_000_000).to_string(), "0.0055");
    }

    #[test]
    fn an_average_over_nothing_is_unknown() {
        assert_eq!(Usd::from_pico(5).per(0), None);
        assert_eq!(Usd::from_pico(5).per(2), Some(Usd::from_pico(2)));
    }

    proptest! {
        #[test]
        fn usd_survives_text_and_json(pico in -10_i128.pow(30)..10_i128.pow(30)) {
            let amount = Usd::from_pico(pico);
            prop_assert_eq!(amount.to_string().parse::<Usd>(), Ok(amount));
            let json = serde_json::to_string(&amount).unwrap();
            prop_assert_eq!(serde_json::from_str::<Usd>(&json).unwrap(), amount);
        }

        #[test]
        fn rate_survives_text(pico in 0_u64..10_u64.pow(15)) {
            let rate = Rate(pico);
            prop_assert_eq!(rate.to_string().parse::<Rate>(), Ok(rate));
        }

        #[test]
        fn the_price_of_a_sum_is_the_sum_of_prices(pico in 0_u64..10_u64.pow(12), counts in prop::collection::vec(0_u64..10_u64.pow(12), 0..50)) {
            let rate = Rate(pico);
            let each: Usd = counts.iter().map(|&count| rate * count).sum();
            prop_assert_eq!(each, rate * counts.iter().sum::<u64>());
        }
    }
}
