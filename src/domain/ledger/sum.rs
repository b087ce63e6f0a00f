//! Events added up as far as their prices allow.

use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;

use crate::domain::event::Place;
use crate::domain::event::Precision;
use crate::domain::event::UsageEvent;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::price::Cost;
use crate::domain::price::PriceBook;
use crate::domain::price::Terms;
use crate::domain::tokens::TokenUsage;

/// Lengths of prompts, in tokens, above which some vendor has had another price. Sums are kept apart by them; a price book
/// with another one needs the events themselves.
const PROMPT_CLASSES: &[u64] = &[100_000, 128_000, 200_000, 256_000, 272_000, 512_000];

/// The shortest prompt that is priced as one of `prompt` tokens, by any price in [`PROMPT_CLASSES`].
pub(crate) fn prompt_class(prompt: u64) -> u64 {
    PROMPT_CLASSES.iter().rev().find(|&&most| prompt > most).map_or(0, |most| most + 1)
}

/// A quarter of an hour.
const SECONDS: i64 = 900;

/// Begin of the quarter of an hour in which an instant lies.
pub(crate) fn quarter(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp().div_euclid(SECONDS) * SECONDS, 0).unwrap_or(at)
}

/// Events of one place, model and kind of price: of a quarter of an hour, or a single one.
///
/// Days begin at quarters of an hour in every time zone, and so do the vendors' prices; as long as that holds, what such a
/// sum costs is what its events cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UsageSum {
    /// Begin of the quarter of an hour, or the instant of the single event.
    pub(crate) at: DateTime<Utc>,
    pub(crate) model: ModelId,
    pub(crate) terms: Terms,
    /// Tokens of a prompt that is priced as each of these.
    pub(crate) prompt: u64,
    pub(crate) precision: Precision,
    pub(crate) place: Arc<Place>,
    pub(crate) exchanges: u64,
    pub(crate) tokens: TokenUsage,
    /// What unfinished records probably lack of their output; never part of `tokens`.
    pub(crate) missing_output: u64,
}

impl UsageSum {
    pub(crate) fn of(event: &UsageEvent) -> Self {
        Self {
            at: event.at,
            model: event.model.clone(),
            terms: event.terms,
            prompt: event.prompt,
            precision: event.precision,
            place: Arc::clone(&event.place),
            exchanges: 1,
            tokens: event.tokens,
            missing_output: event.likely_output.map_or(0, |likely| likely.saturating_sub(event.tokens.output)),
        }
    }

    /// Whether the sums of several events can cost what the events cost: not with a price for other lengths of prompts, or
    /// from another minute on.
    pub(crate) fn are_exact_with(prices: &PriceBook) -> bool {
        prices.prompt_limits().all(|limit| PROMPT_CLASSES.contains(&limit))
            && prices.turns().all(|second| second % SECONDS == 0)
    }

    /// Whether some of its events may have a price though the sum has none: a model may have a price for some kinds of
    /// tokens only, and the events that used no other are priced.
    pub(crate) fn hides_a_price(&self, prices: &PriceBook) -> bool {
        self.exchanges > 1 && prices.resolve(&self.model).is_some() && self.cost(prices).is_none()
    }

    /// `None` when a price is not known.
    pub(crate) fn cost(&self, prices: &PriceBook) -> Option<Cost> {
        self.cost_of(&self.tokens, prices)
    }

    /// What the missing output would cost besides.
    pub(crate) fn missing_cost(&self, prices: &PriceBook) -> Option<Usd> {
        let missing = TokenUsage { output: self.missing_output, ..TokenUsage::default() };
        self.cost_of(&missing, prices).map(|cost| cost.total())
    }

    fn cost_of(&self, tokens: &TokenUsage, prices: &PriceBook) -> Option<Cost> {
        prices.resolve(&self.model)?.cost_of_prompt(self.at, tokens, self.prompt, &self.terms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_is_in_the_class_that_begins_above_a_limit() {
        for (prompt, class) in
            [(0, 0), (100_000, 0), (100_001, 100_001), (200_000, 128_001), (200_001, 200_001), (9_999_999, 512_001)]
        {
            assert_eq!(prompt_class(prompt), class, "{prompt}");
        }
    }

    #[test]
    fn a_quarter_begins_at_or_before_each_of_its_instants() {
        for (at, begin) in [
            ("2026-11-23T12:00:00Z", "2026-11-23T12:00:00Z"),
            ("2026-11-23T12:14:59.999Z", "2026-11-23T12:00:00Z"),
            ("2026-11-23T12:45:00Z", "2026-11-23T12:45:00Z"),
            ("1969-12-31T23:59:59Z", "1969-12-31T23:45:00Z"),
        ] {
            assert_eq!(quarter(at.parse().unwrap()), begin.parse::<DateTime<Utc>>().unwrap(), "{at}");
        }
    }
}
