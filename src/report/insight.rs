//! What stands out, by rule, with the figures that it rests on. How it is put into words is the view's.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::Serialize;

use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::price::Cost;
use crate::domain::price::PriceBook;
use crate::domain::price::Terms;
use crate::domain::ratio::Ratio;
use crate::domain::route;
use crate::domain::session::journal::Basis;
use crate::domain::task;
use crate::domain::task::Task;
use crate::domain::tokens::TokenUsage;
use crate::report::session::CostReport;
use crate::report::session::Exchange;
use crate::report::session::Facts;
use crate::report::session::Priced;
use crate::report::session::per_hour;
use crate::report::sessions;

/// An entry stands out when it is this many times the median entry, and this share of the total.
const HIGH_COST_TIMES_MEDIAN: u64 = 3;
const HIGH_COST_SHARE_PERCENT: i128 = 25;
/// Fewer entries or sessions than this have no usual amount to stand out from.
const LEAST_TO_COMPARE: usize = 3;
/// How many of the latest sessions are the trend.
pub(crate) const TREND_SESSIONS: u32 = 20;
/// A difference in thousandths below which nothing is said.
const WORTH_SAYING_PERMILLE: i128 = 100;

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Insight {
    /// One entry cost far more than the others.
    HighCostEntry {
        text: String,
        cost: Usd,
        share: Ratio,
        median: Usd,
    },
    /// The same tokens on the model advised for this kind of work.
    CheaperModel {
        task: Task,
        model: ModelId,
        advised: ModelId,
        exchanges: u64,
        cost: Usd,
        advised_cost: Usd,
        saving: Usd,
    },
    /// More or less output for the input than is usual for this kind of work.
    UnusualRatio {
        task: Task,
        ratio: Ratio,
        usual_from: Ratio,
        usual_to: Ratio,
    },
    /// The hour cost more or less than in the person's earlier sessions in this project.
    Trend {
        per_hour: Usd,
        median_per_hour: Usd,
        change: Ratio,
        sessions: usize,
    },
    /// It cost more or less than estimated at the start.
    EstimateMissed {
        estimate: Usd,
        actual: Usd,
        change: Ratio,
    },
    OverBudget {
        budget: Usd,
        actual: Usd,
    },
    /// Much of the cost rests on guesses.
    MostlyEstimated {
        share: Ratio,
    },
}

pub(crate) fn of_session(facts: Facts<'_>, priced: &[Priced<'_>], cost: &CostReport, wall: TimeDelta) -> Vec<Insight> {
    let mut insights = Vec::new();
    insights.extend(over_budget(cost));
    insights.extend(estimate_missed(cost, facts.session.state.is_open()));
    insights.extend(high_cost_entries(priced, cost.total));
    insights.extend(cheaper_models(priced, facts.prices));
    insights.extend(unusual_ratios(priced));
    if cost.unpriced.is_empty() {
        insights.extend(trend(facts, cost.total, wall));
    }
    insights.extend(mostly_estimated(cost));
    insights
}

fn over_budget(cost: &CostReport) -> Option<Insight> {
    let budget = cost.budget?;
    (budget.difference > Usd::ZERO).then_some(Insight::OverBudget { budget: budget.amount, actual: cost.total })
}

fn estimate_missed(cost: &CostReport, is_open: bool) -> Option<Insight> {
    let estimate = cost.estimate?;
    let change = Ratio::of(estimate.difference.pico(), estimate.amount.pico())?;
    // While it goes on, or without all prices, nothing can be said of how little it cost.
    let is_known = (!is_open && cost.unpriced.is_empty()) || estimate.difference > Usd::ZERO;
    (is_known && is_worth_saying(change)).then_some(Insight::EstimateMissed {
        estimate: estimate.amount,
        actual: cost.total,
        change,
    })
}

fn high_cost_entries(priced: &[Priced<'_>], total: Usd) -> Vec<Insight> {
    let entries = priced.iter().filter(|priced| priced.entry.is_some());
    let costs: Vec<Usd> = entries.filter_map(|priced| priced.cost.complete()).collect();
    if costs.len() < LEAST_TO_COMPARE {
        return Vec::new();
    }
    let Some(median) = median(costs) else { return Vec::new() };
    let stands_out = |cost: Usd| {
        cost.pico() >= median.pico() * i128::from(HIGH_COST_TIMES_MEDIAN)
            && cost.pico() * 100 >= total.pico() * HIGH_COST_SHARE_PERCENT
            && !cost.is_zero()
    };
    let insight = |priced: &Priced<'_>| {
        let cost = priced.cost.complete().filter(|&cost| stands_out(cost))?;
        let share = Ratio::of(cost.pico(), total.pico())?;
        Some(Insight::HighCostEntry { text: priced.entry?.logged.text.clone(), cost, share, median })
    };
    priced.iter().filter_map(insight).collect()
}

/// Model and advice for each kind of work, the largest saving first.
fn cheaper_models(priced: &[Priced<'_>], prices: &PriceBook) -> Vec<Insight> {
    let mut groups: BTreeMap<(&Task, &ModelId, ModelId), (u64, Usd, Usd)> = BTreeMap::new();
    for stretch in priced {
        let Some(task) = stretch.task() else { continue };
        for exchange in &stretch.exchanges {
            let family = route::advised(task).and_then(|family| prices.alias(family, exchange.at));
            let (Some(advised), Some(paid)) = (family, exchange.cost) else { continue };
            let Some(instead) = cost_on(&advised, exchange, prices) else { continue };
            let group = groups.entry((task, exchange.model, advised)).or_default();
            group.0 += 1;
            group.1 += paid.total();
            group.2 += instead.total();
        }
    }
    let insight =
        |((task, model, advised), (exchanges, cost, advised_cost)): ((&Task, &ModelId, ModelId), (u64, Usd, Usd))| {
            let saving = cost - advised_cost;
            (saving > Usd::ZERO).then(|| Insight::CheaperModel {
                task: task.clone(),
                model: model.clone(),
                advised,
                exchanges,
                cost,
                advised_cost,
                saving,
            })
        };
    let mut insights: Vec<Insight> = groups.into_iter().filter_map(insight).collect();
    insights.sort_by_key(|insight| match insight {
        Insight::CheaperModel { saving, .. } => std::cmp::Reverse(*saving),
        _ => std::cmp::Reverse(Usd::ZERO),
    });
    insights
}

/// What an exchange would have cost on another model, in the same mode and with the same prompt.
fn cost_on(model: &ModelId, exchange: &Exchange<'_>, prices: &PriceBook) -> Option<Cost> {
    let (prompt, terms) =
        exchange.event.map_or((exchange.tokens.prompt(), Terms::default()), |event| (event.prompt, event.terms));
    prices.resolve(model)?.cost_of_prompt(exchange.at, &exchange.tokens, prompt, &terms)
}

/// Only what the person typed says anything: a preset's ratio is always usual, and of what is measured most input comes
/// from the cache.
fn unusual_ratios(priced: &[Priced<'_>]) -> Vec<Insight> {
    let mut tasks: BTreeMap<&Task, TokenUsage> = BTreeMap::new();
    for stretch in priced {
        let Some((entry, task)) = stretch.entry.zip(stretch.task()) else { continue };
        if entry.logged.basis == Basis::Typed && stretch.said.is_none() {
            *tasks.entry(task).or_default() += entry.logged.tokens;
        }
    }
    let insight = |(task, tokens): (&Task, TokenUsage)| {
        let preset = task::built_in_preset(task)?;
        let ratio = Ratio::of(tokens.output, tokens.input)?;
        let usual_from = Ratio::of(*preset.output.start(), *preset.input.end())?;
        let usual_to = Ratio::of(*preset.output.end(), *preset.input.start())?;
        let is_unusual = ratio < usual_from || usual_to < ratio;
        is_unusual.then(|| Insight::UnusualRatio { task: task.clone(), ratio, usual_from, usual_to })
    };
    tasks.into_iter().filter_map(insight).collect()
}

fn trend(facts: Facts<'_>, total: Usd, wall: TimeDelta) -> Option<Insight> {
    let now = per_hour(total, wall)?;
    let rates: Vec<Usd> = facts
        .earlier
        .latest
        .iter()
        .map(|past| sessions::row(past, facts.prices))
        .filter(|row| row.unpriced_tokens == 0)
        .filter_map(|row| row.per_hour)
        .collect();
    let sessions = rates.len();
    if sessions < LEAST_TO_COMPARE {
        return None;
    }
    let median = median(rates)?;
    let change = Ratio::of((now - median).pico(), median.pico())?;
    is_worth_saying(change).then_some(Insight::Trend { per_hour: now, median_per_hour: median, change, sessions })
}

fn mostly_estimated(cost: &CostReport) -> Option<Insight> {
    let share = Ratio::of(cost.estimated.pico(), cost.total.pico())?;
    (share.rounded(3) >= 500).then_some(Insight::MostlyEstimated { share })
}

fn is_worth_saying(change: Ratio) -> bool {
    change.rounded(3).abs() >= WORTH_SAYING_PERMILLE
}

/// The middle amount, or the lower of the two in the middle.
fn median(mut amounts: Vec<Usd>) -> Option<Usd> {
    amounts.sort_unstable();
    amounts.get(amounts.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests;
