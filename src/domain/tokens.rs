//! Token counts by the kinds that are billed apart.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;
use std::ops::AddAssign;
use std::str::FromStr;

use serde::Deserialize;
use serde::Serialize;
use thiserror::Error;

use crate::domain::decimal;
use crate::domain::decimal::DecimalError;

/// The most tokens of one kind that one exchange may state: far above any real one, and low enough that the sum of
/// ten million exchanges still fits.
pub(crate) const MOST_TOKENS: u64 = 1_000_000_000_000;

/// What one exchange used. The kinds do not overlap: `input` holds neither cache reads nor cache writes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct TokenUsage {
    pub(crate) input: u64,
    pub(crate) output: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) cache_write_5m: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) cache_write_1h: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) cache_read: u64,
    /// Requests, not tokens.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) web_searches: u64,
}

impl TokenUsage {
    pub(crate) fn new(input: u64, output: u64) -> Self {
        Self { input, output, ..Self::default() }
    }

    pub(crate) fn cache_write(&self) -> u64 {
        self.cache_write_5m + self.cache_write_1h
    }

    /// All that the model was given: fresh input, cache reads and cache writes. Long-prompt tiers go by this.
    pub(crate) fn prompt(&self) -> u64 {
        self.input + self.cache_read + self.cache_write()
    }

    pub(crate) fn total(&self) -> u64 {
        self.prompt() + self.output
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether no count is greater than any real one.
    pub(crate) fn is_possible(&self) -> bool {
        let Self { input, output, cache_write_5m, cache_write_1h, cache_read, web_searches } = *self;
        [input, output, cache_write_5m, cache_write_1h, cache_read, web_searches]
            .iter()
            .all(|&count| count <= MOST_TOKENS)
    }
}

impl Add for TokenUsage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            input: self.input + other.input,
            output: self.output + other.output,
            cache_write_5m: self.cache_write_5m + other.cache_write_5m,
            cache_write_1h: self.cache_write_1h + other.cache_write_1h,
            cache_read: self.cache_read + other.cache_read,
            web_searches: self.web_searches + other.web_searches,
        }
    }
}

impl AddAssign for TokenUsage {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for TokenUsage {
    fn sum<I: Iterator<Item = Self>>(usages: I) -> Self {
        usages.fold(Self::default(), Add::add)
    }
}

/// A count as a person types it: `1500`, `1,500`, `1_500`, `1.5k`, `2M`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TokenCount(pub(crate) u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum TokenCountError {
    #[error("not a count of tokens")]
    NotACount,
    #[error("a count of tokens cannot be negative")]
    Negative,
    #[error("more than a trillion tokens")]
    TooMany,
}

impl FromStr for TokenCount {
    type Err = TokenCountError;

    fn from_str(text: &str) -> Result<Self, TokenCountError> {
        let text = text.trim().replace('_', "");
        let (number, power) = match text.char_indices().next_back() {
            Some((at, 'k' | 'K')) => (&text[..at], 3),
            Some((at, 'm' | 'M')) => (&text[..at], 6),
            _ => (text.as_str(), 0),
        };
        let count = decimal::parse(number, power).map_err(|error| match error {
            DecimalError::TooLarge => TokenCountError::TooMany,
            DecimalError::NotANumber | DecimalError::TooFine => TokenCountError::NotACount,
        })?;
        match u64::try_from(count) {
            Ok(count) if count <= MOST_TOKENS => Ok(Self(count)),
            Err(_) if count < 0 => Err(TokenCountError::Negative),
            _ => Err(TokenCountError::TooMany),
        }
    }
}

impl fmt::Display for TokenCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_counts_as_people_type_them() {
        for (text, count) in
            [("1500", 1500), ("1,500", 1500), ("1_500", 1500), ("1.5k", 1500), ("2M", 2_000_000), ("0", 0)]
        {
            assert_eq!(text.parse(), Ok(TokenCount(count)), "{text}");
        }
    }

    #[test]
    fn refuses_nonsense_and_says_which() {
        for (text, error) in [
            ("-5", TokenCountError::Negative),
            ("1e400", TokenCountError::TooMany),
            ("18446744073709551616", TokenCountError::TooMany),
            ("1000000000001", TokenCountError::TooMany),
            ("1.5", TokenCountError::NotACount),
            ("code", TokenCountError::NotACount),
            ("", TokenCountError::NotACount),
            ("k", TokenCountError::NotACount),
        ] {
            assert_eq!(text.parse::<TokenCount>(), Err(error), "{text}");
        }
    }

    #[test]
    fn the_prompt_holds_every_input_kind() {
        let tokens =
            TokenUsage { input: 1, output: 2, cache_write_5m: 4, cache_write_1h: 8, cache_read: 16, web_searches: 32 };
        assert_eq!(tokens.prompt(), 29);
        assert_eq!(tokens.total(), 31);
    }

    proptest! {
        #[test]
        fn a_count_survives_text(count in 0..=MOST_TOKENS) {
            prop_assert_eq!(TokenCount(count).to_string().parse(), Ok(TokenCount(count)));
        }

        #[test]
        fn usage_survives_json(input in 0..=MOST_TOKENS, output in 0..=MOST_TOKENS, cache_read in 0..=MOST_TOKENS) {
            let tokens = TokenUsage { input, output, cache_read, ..TokenUsage::default() };
            let json = serde_json::to_string(&tokens).unwrap();
            prop_assert_eq!(serde_json::from_str::<TokenUsage>(&json).unwrap(), tokens);
        }
    }
}
