//! Infrastructure that a piece of work used: hours of a machine, gigabytes moved.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;
use thiserror::Error;

use crate::domain::decimal;
use crate::domain::money::Usd;

const QUANTITY_DIGITS: u32 = 6;
/// A billion units: far above any real use, far below what would not fit.
const MOST: i128 = 1_000_000_000_000_000;

/// An amount of hours or gigabytes, exact to the millionth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Quantity(i128);

impl Quantity {
    /// What that much costs at `price` for one unit.
    pub(crate) fn at(self, price: Usd) -> Option<Usd> {
        price.scaled(self.0, 10_i128.pow(QUANTITY_DIGITS))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal::write(self.0, QUANTITY_DIGITS, 0))
    }
}

impl FromStr for Quantity {
    type Err = InfraUseError;

    fn from_str(text: &str) -> Result<Self, InfraUseError> {
        match decimal::parse(text, QUANTITY_DIGITS) {
            Ok(quantity) if quantity <= 0 => Err(InfraUseError::NotPositive),
            Ok(quantity) if quantity <= MOST => Ok(Self(quantity)),
            Ok(_) | Err(decimal::DecimalError::TooLarge) => Err(InfraUseError::TooMuch),
            Err(_) => Err(InfraUseError::Shape),
        }
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// So much of one thing in the price book, as typed: `runpod/a100-80gb=1.5h`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InfraUse {
    /// The price book's name: `runpod/a100-80gb`.
    pub(crate) item: String,
    pub(crate) quantity: Quantity,
    /// What was typed behind the number (`h`, `gb`), in lower case; empty for the item's own unit.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) unit: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum InfraUseError {
    #[error("not of the form ITEM=QUANTITY")]
    Shape,
    #[error("a quantity must be more than nothing")]
    NotPositive,
    #[error("more than a billion units")]
    TooMuch,
}

impl FromStr for InfraUse {
    type Err = InfraUseError;

    fn from_str(text: &str) -> Result<Self, InfraUseError> {
        let (item, amount) = text.split_once('=').ok_or(InfraUseError::Shape)?;
        let amount = amount.trim();
        let end = amount.find(|char: char| char.is_alphabetic()).unwrap_or(amount.len());
        let (quantity, unit) = amount.split_at(end);
        if item.trim().is_empty() {
            return Err(InfraUseError::Shape);
        }
        Ok(Self {
            item: item.trim().to_lowercase(),
            quantity: quantity.trim().parse()?,
            unit: unit.trim().to_lowercase(),
        })
    }
}

impl fmt::Display for InfraUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}{}", self.item, self.quantity, self.unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_and_a_half_costs_what_it_should() {
        let used: InfraUse = "runpod/A100-80gb=1.5h".parse().unwrap();
        assert_eq!((used.item.as_str(), used.unit.as_str()), ("runpod/a100-80gb", "h"));
        assert_eq!(used.quantity.at("2.29".parse().unwrap()).unwrap().to_string(), "3.435");
        assert_eq!(used.to_string().parse(), Ok(used));
    }

    #[test]
    fn nonsense_is_refused() {
        for (text, error) in [
            ("runpod", InfraUseError::Shape),
            ("=1h", InfraUseError::Shape),
            ("x=", InfraUseError::Shape),
            ("x=-1h", InfraUseError::NotPositive),
            ("x=0", InfraUseError::NotPositive),
            ("x=99999999999999999999", InfraUseError::TooMuch),
        ] {
            assert_eq!(text.parse::<InfraUse>(), Err(error), "{text}");
        }
    }
}
