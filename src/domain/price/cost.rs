//! What an exchange cost by kind of token, and what of a request besides its tokens sets its price.

use std::iter::Sum;
use std::ops::Add;
use std::ops::AddAssign;

use serde::Deserialize;
use serde::Serialize;

use crate::domain::money::Usd;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Cost {
    pub(crate) input: Usd,
    pub(crate) output: Usd,
    pub(crate) cache_write: Usd,
    pub(crate) cache_read: Usd,
    pub(crate) web_search: Usd,
}

impl Cost {
    pub(crate) fn total(&self) -> Usd {
        self.input + self.output + self.cache_write + self.cache_read + self.web_search
    }
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            input: self.input + other.input,
            output: self.output + other.output,
            cache_write: self.cache_write + other.cache_write,
            cache_read: self.cache_read + other.cache_read,
            web_search: self.web_search + other.web_search,
        }
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::default(), Add::add)
    }
}

/// `speed` of a usage record. A fast answer is priced apart, for the models that have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Speed {
    Standard,
    Fast,
}

/// `service_tier` of a usage record, as far as it sets the price.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tier {
    #[default]
    Standard,
    Batch,
}

/// What of a request besides its tokens sets its price. The default is a plain request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Terms {
    /// `None` where the usage does not say; then a name that ends in `-fast` counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) speed: Option<Speed>,
    #[serde(skip_serializing_if = "is_standard")]
    pub(crate) tier: Tier,
    /// `inference_geo` was `us`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) us_only: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_standard(tier: &Tier) -> bool {
    *tier == Tier::Standard
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_terms_are_nothing_in_a_file() {
        assert_eq!(serde_json::to_string(&Terms::default()).unwrap(), "{}");
        let fast = Terms { speed: Some(Speed::Fast), tier: Tier::Batch, us_only: true };
        let text = serde_json::to_string(&fast).unwrap();
        assert_eq!(text, r#"{"speed":"fast","tier":"batch","us_only":true}"#);
        assert_eq!(serde_json::from_str::<Terms>(&text).unwrap(), fast);
    }

    #[test]
    fn costs_add_up_by_kind() {
        let one = |pico| Usd::from_pico(pico);
        let cost = Cost { input: one(1), output: one(2), cache_write: one(4), cache_read: one(8), web_search: one(16) };
        let sum: Cost = [cost, cost].into_iter().sum();
        assert_eq!(sum.total(), one(62));
        assert_eq!(sum.cache_read, one(16));
    }
}
