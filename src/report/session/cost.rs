//! The cost of a session, by kind of token, by model, by task, by how well it is known.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Serialize;

use crate::domain::money::Usd;
use crate::domain::price::Cost;
use crate::domain::price::PriceBook;
use crate::domain::price::Terms;
use crate::domain::ratio::Ratio;
use crate::domain::session::Session;
use crate::domain::session::journal::Logged;
use crate::domain::tokens::TokenUsage;

const SECONDS_AN_HOUR: i128 = 3600;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct CostReport {
    /// All that has a price, infrastructure among it.
    pub(crate) total: Usd,
    pub(crate) by_kind: CostByKind,
    pub(crate) by_model: Vec<CostRow>,
    pub(crate) by_task: Vec<CostRow>,
    /// What rests on figures that the person typed.
    pub(crate) stated: Usd,
    /// What rests on presets, history or text.
    pub(crate) estimated: Usd,
    /// Exchanges with a model.
    pub(crate) exchanges: u64,
    /// The average of those that have a price.
    pub(crate) per_exchange: Option<Usd>,
    pub(crate) per_hour_wall: Option<Usd>,
    pub(crate) per_hour_active: Option<Usd>,
    /// The estimate or budget given at the start, against the total.
    pub(crate) estimate: Option<Against>,
    pub(crate) budget: Option<Against>,
    pub(crate) own_time: Option<OwnTime>,
    /// Models and items without a price: their tokens are in no amount.
    pub(crate) unpriced: Vec<Unpriced>,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct CostByKind {
    #[serde(flatten)]
    pub(crate) model: Cost,
    pub(crate) infra: Usd,
}

/// One model's or one task's part.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CostRow {
    pub(crate) name: String,
    pub(crate) exchanges: u64,
    pub(crate) tokens: TokenUsage,
    /// `None` when nothing of it has a price.
    pub(crate) cost: Option<Usd>,
    pub(crate) share: Option<Ratio>,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Against {
    pub(crate) amount: Usd,
    /// Total − amount: above zero when it cost more.
    pub(crate) difference: Usd,
    /// Total ÷ amount.
    pub(crate) used: Option<Ratio>,
}

/// The person's own hours at their own rate, beside what the models cost.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct OwnTime {
    pub(crate) rate: Usd,
    pub(crate) wall: Option<Usd>,
    pub(crate) active: Option<Usd>,
    /// Wall time at the rate, and the models' cost.
    pub(crate) with_models: Option<Usd>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Unpriced {
    pub(crate) name: String,
    pub(crate) tokens: u64,
}

impl CostReport {
    pub(crate) fn unpriced_tokens(&self) -> u64 {
        self.unpriced.iter().map(|unpriced| unpriced.tokens).sum()
    }
}

/// What an entry cost, model and infrastructure, as far as there are prices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct EntryCost {
    /// The sum of the parts that have a price.
    pub(crate) known: Usd,
    /// Tokens of a model without one.
    pub(crate) unpriced_tokens: u64,
    /// Whether every part has one.
    pub(crate) is_complete: bool,
}

impl EntryCost {
    /// The whole cost; `None` as soon as a part of it has no price.
    pub(crate) fn complete(self) -> Option<Usd> {
        self.is_complete.then_some(self.known)
    }
}

pub(crate) fn price_of(logged: &Logged, at: DateTime<Utc>, prices: &PriceBook) -> EntryCost {
    let model = model_cost(logged, at, prices);
    let infra = infra_costs(logged, prices);
    EntryCost {
        known: model.unwrap_or_default().total() + infra.iter().flatten().copied().sum(),
        unpriced_tokens: if model.is_none() { logged.tokens.total() } else { 0 },
        is_complete: model.is_some() && infra.iter().all(Option::is_some),
    }
}

fn model_cost(logged: &Logged, at: DateTime<Utc>, prices: &PriceBook) -> Option<Cost> {
    if logged.tokens.is_empty() {
        return Some(Cost::default());
    }
    prices.cost_of(&logged.model, at, &logged.tokens, &Terms::default())
}

/// One amount for each item that was used.
fn infra_costs(logged: &Logged, prices: &PriceBook) -> Vec<Option<Usd>> {
    logged.infra.iter().map(|used| used.quantity.at(prices.infra(&used.item)?.usd)).collect()
}

#[derive(Default)]
struct Row {
    exchanges: u64,
    tokens: TokenUsage,
    cost: Option<Usd>,
}

impl Row {
    fn add(&mut self, tokens: TokenUsage, cost: Option<Usd>) {
        self.exchanges += u64::from(!tokens.is_empty());
        self.tokens += tokens;
        if let Some(cost) = cost {
            self.cost = Some(self.cost.unwrap_or_default() + cost);
        }
    }
}

pub(super) fn build(session: &Session, prices: &PriceBook, wall: TimeDelta, active: TimeDelta) -> CostReport {
    let mut by_kind = CostByKind::default();
    let mut models: BTreeMap<String, Row> = BTreeMap::new();
    let mut tasks: BTreeMap<String, Row> = BTreeMap::new();
    let mut unpriced: BTreeMap<String, u64> = BTreeMap::new();
    let (mut stated, mut estimated, mut priced_exchanges) = (Usd::ZERO, Usd::ZERO, 0_u64);
    for entry in &session.entries {
        let logged = &entry.logged;
        let model = model_cost(logged, entry.at, prices);
        let infra = infra_costs(logged, prices);
        let parts = model.filter(|_| !logged.tokens.is_empty()).map(|cost| cost.total()).into_iter();
        let is_free = logged.tokens.is_empty() && infra.is_empty();
        let known = parts.chain(infra.iter().flatten().copied()).reduce(|sum, part| sum + part);
        let known = known.or(is_free.then_some(Usd::ZERO));
        by_kind.model += model.unwrap_or_default();
        by_kind.infra += infra.iter().flatten().copied().sum();
        *(if logged.basis.is_estimate() { &mut estimated } else { &mut stated }) += known.unwrap_or_default();
        priced_exchanges += u64::from(!logged.tokens.is_empty() && model.is_some());
        if model.is_none() {
            *unpriced.entry(logged.model.to_string()).or_default() += logged.tokens.total();
        }
        if !logged.tokens.is_empty() {
            models.entry(logged.model.to_string()).or_default().add(logged.tokens, model.map(|cost| cost.total()));
        }
        for (used, cost) in logged.infra.iter().zip(infra) {
            models.entry(used.item.clone()).or_default().add(TokenUsage::default(), cost);
            if cost.is_none() {
                unpriced.entry(used.item.clone()).or_default();
            }
        }
        let task = logged.task.as_ref().map_or("other", |task| task.as_str());
        tasks.entry(task.to_owned()).or_default().add(logged.tokens, known);
    }

    let total = by_kind.model.total() + by_kind.infra;
    let exchanges = session.entries.iter().filter(|entry| !entry.logged.tokens.is_empty()).count() as u64;
    CostReport {
        total,
        by_kind,
        by_model: rows(models, total),
        by_task: rows(tasks, total),
        stated,
        estimated,
        exchanges,
        per_exchange: by_kind.model.total().per(priced_exchanges),
        per_hour_wall: per_hour(total, wall),
        per_hour_active: per_hour(total, active),
        estimate: session.start.estimate.map(|amount| against(amount, total)),
        budget: session.start.budget.map(|amount| against(amount, total)),
        own_time: session.start.rate.map(|rate| own_time(rate, wall, active, total)),
        unpriced: unpriced.into_iter().map(|(name, tokens)| Unpriced { name, tokens }).collect(),
    }
}

/// The amount over the hours; `None` for no time at all.
pub(crate) fn per_hour(amount: Usd, length: TimeDelta) -> Option<Usd> {
    amount.scaled(SECONDS_AN_HOUR, i128::from(length.num_seconds()))
}

fn against(amount: Usd, total: Usd) -> Against {
    Against { amount, difference: total - amount, used: Ratio::of(total.pico(), amount.pico()) }
}

fn own_time(rate: Usd, wall: TimeDelta, active: TimeDelta, total: Usd) -> OwnTime {
    let worth = |length: TimeDelta| rate.scaled(i128::from(length.num_seconds()), SECONDS_AN_HOUR);
    OwnTime { rate, wall: worth(wall), active: worth(active), with_models: worth(wall).map(|wall| wall + total) }
}

/// The costliest first.
fn rows(rows: BTreeMap<String, Row>, total: Usd) -> Vec<CostRow> {
    let share = |cost: Option<Usd>| Ratio::of(cost?.pico(), total.pico());
    let mut rows: Vec<CostRow> = rows
        .into_iter()
        .map(|(name, row)| CostRow {
            name,
            exchanges: row.exchanges,
            tokens: row.tokens,
            cost: row.cost,
            share: share(row.cost),
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.cost));
    rows
}
