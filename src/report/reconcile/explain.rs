//! Why two figures of one conversation differ, by rules that are tried one after the other.

use std::ops::RangeInclusive;

use serde::Serialize;

use crate::domain::ledger::UsageSum;
use crate::domain::money::Usd;
use crate::domain::price::PriceBook;
use crate::domain::price::Speed;
use crate::domain::price::Terms;
use crate::domain::price::Tier;
use crate::domain::tokens::TokenUsage;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Explanation {
    /// To the tenth of a per cent.
    Agrees,
    /// The same, once the conversations that were forked from one another are taken together.
    Forks,
    /// No transcript has any of it.
    NotTranscribed,
    /// A model without a price, with us or in Claude Code.
    UnknownModel,
    /// Claude Code prices one-hour cache writes as five-minute ones where their lifetime is not told, managed prices have
    /// one rate for both, or a fallback model answered (Agent SDK, comments on `ModelUsage`).
    CacheWrites,
    /// Output that was never counted to its end.
    Unfinished,
    /// Fast mode or US residency, which only one of both knows of.
    Factors,
    /// Titles, compaction and the like, which no transcript has.
    Helpers,
    /// There was more work after Claude Code stated its total.
    Later,
    Unexplained,
}

/// What a conversation costs by our reckoning, and what it would cost by others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ours {
    pub(super) exchanges: u64,
    pub(super) cost: Usd,
    pub(super) unpriced_tokens: u64,
    /// With one-hour cache writes at the price of five-minute ones.
    short_writes: Usd,
    /// With no factor for fast mode, batches or US residency.
    plain: Usd,
    /// With US residency everywhere.
    us_only: Usd,
    /// What unfinished outputs probably lack.
    missing: Usd,
}

impl Ours {
    pub(super) fn add(&mut self, sum: &UsageSum, prices: &PriceBook) {
        self.exchanges += sum.exchanges;
        let price = |tokens: TokenUsage, terms: Terms| {
            let model = prices.resolve(&sum.model)?;
            Some(model.cost_of_prompt(sum.at, &tokens, sum.prompt, &terms)?.total())
        };
        let Some(cost) = price(sum.tokens, sum.terms) else {
            self.unpriced_tokens += sum.tokens.total();
            return;
        };
        let short = TokenUsage { cache_write_5m: sum.tokens.cache_write(), cache_write_1h: 0, ..sum.tokens };
        let plain = Terms { speed: Some(Speed::Standard), tier: Tier::Standard, us_only: false };
        self.cost += cost;
        self.short_writes += price(short, sum.terms).unwrap_or(cost);
        self.plain += price(sum.tokens, plain).unwrap_or(cost);
        self.us_only += price(sum.tokens, Terms { us_only: true, ..sum.terms }).unwrap_or(cost);
        self.missing += sum.missing_cost(prices).unwrap_or_default();
    }
}

/// What Claude Code says, and what else bears on it.
#[derive(Debug, Clone)]
pub(super) struct Stated {
    pub(super) total: Usd,
    /// How much more it may be for models of whose price one side knows nothing.
    pub(super) of_unknown_models: Option<RangeInclusive<Usd>>,
    pub(super) is_family: bool,
    /// Its cost of models of which transcripts have nothing.
    pub(super) of_other_models: Usd,
    /// Ours of what was done about when it was stated, or later.
    pub(super) later: Usd,
}

/// Which of the reasons accounts for a difference.
pub(super) fn explain(ours: &Ours, stated: &Stated) -> Explanation {
    let more = stated.total - ours.cost;
    // Floats in Claude Code, and as many exchanges as you like.
    if is_part(more, stated.total, 1000) {
        return if stated.is_family { Explanation::Forks } else { Explanation::Agrees };
    }
    if ours.exchanges == 0 {
        return Explanation::NotTranscribed;
    }
    let is_due_to = |reckoned: Usd| reckoned != ours.cost && is_near(more, reckoned - ours.cost);
    if is_due_to(ours.short_writes) {
        return Explanation::CacheWrites;
    }
    if is_due_to(ours.plain) || is_due_to(ours.us_only) {
        return Explanation::Factors;
    }
    if stated.of_unknown_models.as_ref().is_some_and(|share| share.contains(&more)) {
        return Explanation::UnknownModel;
    }
    if more > Usd::ZERO {
        // Of an estimate a fifth more is as likely.
        if more.pico() * 5 <= ours.missing.pico() * 6 {
            return Explanation::Unfinished;
        }
        let is_usual = is_part(more, stated.total, 4);
        let has_helpers = more.pico() * 9 <= stated.of_other_models.pico() * 10;
        return if is_usual || has_helpers { Explanation::Helpers } else { Explanation::Unexplained };
    }
    if -more <= stated.later { Explanation::Later } else { Explanation::Unexplained }
}

/// Whether an amount is at most one `parts`th of the whole.
fn is_part(amount: Usd, whole: Usd, parts: i128) -> bool {
    amount.pico().abs() * parts <= whole.pico().abs()
}

/// Within one per cent of what is expected.
fn is_near(amount: Usd, expected: Usd) -> bool {
    is_part(amount - expected, expected, 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Usd {
        text.parse().unwrap()
    }

    #[expect(clippy::unnecessary_wraps, reason = "as the field has it")]
    fn share(least: &str, most: &str) -> Option<RangeInclusive<Usd>> {
        Some(usd(least)..=usd(most))
    }

    fn ours() -> Ours {
        let cost = usd("10");
        Ours { exchanges: 5, cost, short_writes: cost, plain: cost, us_only: cost, ..Ours::default() }
    }

    fn stated(total: &str) -> Stated {
        Stated {
            total: usd(total),
            of_unknown_models: None,
            is_family: false,
            of_other_models: Usd::ZERO,
            later: Usd::ZERO,
        }
    }

    #[test]
    fn each_rule_has_its_case() {
        let short = Ours { short_writes: usd("8"), ..ours() };
        let fast = Ours { plain: usd("5"), ..ours() };
        let us = Ours { us_only: usd("11"), ..ours() };
        let unfinished = Ours { missing: usd("1"), ..ours() };
        for (ours, stated, expected) in [
            (ours(), stated("10.009"), Explanation::Agrees),
            (ours(), Stated { is_family: true, ..stated("10") }, Explanation::Forks),
            (Ours { exchanges: 0, cost: Usd::ZERO, ..ours() }, stated("1"), Explanation::NotTranscribed),
            (ours(), Stated { of_unknown_models: share("0.5", "6"), ..stated("16") }, Explanation::UnknownModel),
            (ours(), Stated { of_unknown_models: share("0.5", "6"), ..stated("7") }, Explanation::Unexplained),
            (ours(), Stated { of_unknown_models: share("0.5", "6"), ..stated("16.1") }, Explanation::Unexplained),
            (Ours { unpriced_tokens: 1, ..ours() }, stated("16"), Explanation::Unexplained),
            (short, stated("8.019"), Explanation::CacheWrites),
            (short, stated("8.021"), Explanation::Unexplained),
            (fast, stated("5"), Explanation::Factors),
            (us, stated("11"), Explanation::Factors),
            (unfinished, stated("11.2"), Explanation::Unfinished),
            (unfinished, stated("11.3"), Explanation::Helpers),
            (ours(), stated("13"), Explanation::Helpers),
            (ours(), stated("14"), Explanation::Unexplained),
            (ours(), Stated { of_other_models: usd("3.6"), ..stated("14") }, Explanation::Helpers),
            (ours(), stated("9"), Explanation::Unexplained),
            (ours(), Stated { later: usd("1"), ..stated("9") }, Explanation::Later),
            (ours(), Stated { later: usd("0.9"), ..stated("9") }, Explanation::Unexplained),
        ] {
            assert_eq!(explain(&ours, &stated), expected, "{ours:?} {stated:?}");
        }
    }
}
