//! How much of a difference is due to models of whose price one side knows nothing.
//!
//! Claude Code prices a model that it does not know like its default model, which is one of Claude's (Agent SDK, comments
//! on `ModelUsage`).

use std::ops::RangeInclusive;

use crate::domain::ledger::UsageSum;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::price::PriceBook;
use crate::domain::price::Resolved;
use crate::report::reconcile::ModelRow;
use crate::report::reconcile::name;

const CLAUDES_VENDOR: &str = "anthropic";

/// What such models can add to our figure or take from it; `None` where there are none. `models` are empty where Claude Code
/// does not tell them apart.
pub(super) fn share(
    sums: &[&UsageSum],
    models: &[ModelRow],
    has_unknown_model: bool,
    prices: &PriceBook,
) -> Option<RangeInclusive<Usd>> {
    let is_concerned = |sum: &UsageSum| has_unknown_model || sum.cost(prices).is_none();
    if !sums.iter().any(|sum| is_concerned(sum)) {
        return None;
    }
    let claude = claude(prices);
    if models.is_empty() {
        let (mut least, mut most) = (Usd::ZERO, Usd::ZERO);
        for sum in sums.iter().filter(|sum| is_concerned(sum)) {
            let ours = sum.cost(prices).map(|cost| cost.total());
            let guess = guess(sum, &claude)?;
            // A price that we know may be known to Claude Code too.
            least += ours.map_or(*guess.start(), |ours| ours.min(*guess.start()) - ours);
            most += ours.map_or(*guess.end(), |ours| ours.max(*guess.end()) - ours);
        }
        return Some(least..=most);
    }
    let is_guess = |row: &&ModelRow| {
        let guesses = sums.iter().filter(|sum| name(&sum.model) == row.model).map(|sum| guess(sum, &claude));
        let bounds = guesses.collect::<Option<Vec<_>>>().unwrap_or_default();
        let least: Usd = bounds.iter().map(|guess| *guess.start()).sum();
        let most: Usd = bounds.iter().map(|guess| *guess.end()).sum();
        row.stated.is_some_and(|stated| (least..=most).contains(&stated))
    };
    let rows = models.iter().filter(|row| row.ours.is_none() || has_unknown_model).filter(is_guess);
    let total: Usd = rows.filter_map(|row| Some(row.stated? - row.ours.unwrap_or_default())).sum();
    // What else the figures differ by is not of their making.
    let tenth = Usd::from_pico(total.pico().abs() / 10);
    (!total.is_zero()).then_some(total - tenth..=total + tenth)
}

fn claude(prices: &PriceBook) -> Vec<Resolved<'_>> {
    let models = prices.models().iter().filter(|model| model.vendor == CLAUDES_VENDOR);
    models.filter_map(|model| prices.resolve(&ModelId::new(model.id.as_str()))).collect()
}

/// The least and the most that usage would cost on any of Claude's models.
fn guess(sum: &UsageSum, claude: &[Resolved<'_>]) -> Option<RangeInclusive<Usd>> {
    let costs = claude.iter().filter_map(|model| model.cost_of_prompt(sum.at, &sum.tokens, sum.prompt, &sum.terms));
    let costs: Vec<Usd> = costs.map(|cost| cost.total()).collect();
    Some(*costs.iter().min()?..=*costs.iter().max()?)
}
