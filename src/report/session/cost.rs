//! The cost of a session, by kind of token, by model, by task, by how well it is known.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Serialize;

use crate::domain::event::Precision;
use crate::domain::event::UsageEvent;
use crate::domain::ledger::UsageSum;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::price::Cost;
use crate::domain::price::PriceBook;
use crate::domain::price::Terms;
use crate::domain::ratio::Ratio;
use crate::domain::session::Entry;
use crate::domain::session::Session;
use crate::domain::session::join::Stretch;
use crate::domain::session::journal::Logged;
use crate::domain::task::Task;
use crate::domain::tokens::TokenUsage;
use crate::report::compare::Score;

const SECONDS_AN_HOUR: i128 = 3600;

/// In the place of a task: what was measured after the last entry.
const NOT_LOGGED: &str = "not logged";

#[derive(Debug, Clone, Serialize)]
pub(crate) struct CostReport {
    /// All that has a price, infrastructure among it.
    pub(crate) total: Usd,
    /// What rests on counters of the vendor's.
    pub(crate) measured: Usd,
    /// What unfinished records probably lack: output tokens and what they would cost, in no other amount.
    pub(crate) missing_output: u64,
    pub(crate) missing_cost: Usd,
    /// How good the figures of entries were in whose time something was measured.
    pub(crate) compared: Option<Compared>,
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
    /// Tokens read from the cache and written to it.
    pub(crate) cache: u64,
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

/// What entries said against what was measured in their time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Compared {
    pub(crate) entries: u64,
    pub(crate) said: Usd,
    pub(crate) measured: Usd,
    /// (Said − measured) ÷ measured: above zero when too much was said.
    pub(crate) error: Option<Ratio>,
}

impl CostReport {
    pub(crate) fn unpriced_tokens(&self) -> u64 {
        self.unpriced.iter().map(|unpriced| unpriced.tokens).sum()
    }
}

/// An exchange that counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exchange<'a> {
    pub(crate) at: DateTime<Utc>,
    pub(crate) model: &'a ModelId,
    pub(crate) tokens: TokenUsage,
    pub(crate) precision: Precision,
    /// `None` when a price is not known.
    pub(crate) cost: Option<Cost>,
    /// What was measured; `None` for what an entry says.
    pub(crate) event: Option<&'a UsageEvent>,
}

/// A stretch of the session with what it cost.
#[derive(Debug, Clone)]
pub(crate) struct Priced<'a> {
    /// `None` behind the last entry.
    pub(crate) entry: Option<&'a Entry>,
    /// What counts, in order of time.
    pub(crate) exchanges: Vec<Exchange<'a>>,
    /// What the entry says, where something was measured in its place.
    pub(crate) said: Option<EntryCost>,
    /// Of the exchanges, and of the infrastructure that the entry names.
    pub(crate) cost: EntryCost,
}

impl Priced<'_> {
    pub(crate) fn tokens(&self) -> TokenUsage {
        self.exchanges.iter().map(|exchange| exchange.tokens).sum()
    }

    /// The kind of work; what was not logged has none.
    pub(crate) fn task(&self) -> Option<&Task> {
        self.entry?.logged.task.as_ref()
    }
}

pub(crate) fn priced<'a>(stretch: &Stretch<'a>, prices: &PriceBook) -> Priced<'a> {
    let mut exchanges: Vec<Exchange<'a>> = stretch.measured.iter().map(|event| measured(event, prices)).collect();
    let entry = stretch.entry;
    let said = entry.map(|entry| price_of(&entry.logged, entry.at, prices));
    if let Some(entry) = entry.filter(|entry| stretch.counts_entry && !entry.logged.tokens.is_empty()) {
        exchanges.push(Exchange {
            at: entry.at,
            model: &entry.logged.model,
            tokens: entry.logged.tokens,
            precision: if entry.logged.basis.is_estimate() { Precision::Estimated } else { Precision::Stated },
            cost: model_cost(&entry.logged, entry.at, prices),
            event: None,
        });
    }
    let infra = entry.map(|entry| infra_costs(&entry.logged, prices)).unwrap_or_default();
    let known = exchanges.iter().filter_map(|exchange| exchange.cost).map(|cost| cost.total());
    let unpriced = exchanges.iter().filter(|exchange| exchange.cost.is_none());
    let cost = EntryCost {
        known: known.chain(infra.iter().flatten().copied()).sum(),
        unpriced_tokens: unpriced.clone().map(|exchange| exchange.tokens.total()).sum(),
        is_complete: unpriced.count() == 0 && infra.iter().all(Option::is_some),
    };
    let is_superseded = |entry: &Entry| !stretch.counts_entry && !entry.logged.tokens.is_empty();
    Priced { entry, exchanges, said: said.filter(|_| entry.is_some_and(is_superseded)), cost }
}

fn measured<'a>(event: &'a UsageEvent, prices: &PriceBook) -> Exchange<'a> {
    Exchange {
        at: event.at,
        model: &event.model,
        tokens: event.tokens,
        precision: event.precision,
        cost: UsageSum::of(event).cost(prices),
        event: Some(event),
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
    fn add(&mut self, exchanges: u64, tokens: TokenUsage, cost: Option<Usd>) {
        self.exchanges += exchanges;
        self.tokens += tokens;
        if let Some(cost) = cost {
            self.cost = Some(self.cost.unwrap_or_default() + cost);
        }
    }
}

pub(super) fn build(
    session: &Session,
    stretches: &[Priced<'_>],
    score: Score,
    prices: &PriceBook,
    wall: TimeDelta,
    active: TimeDelta,
) -> CostReport {
    let mut sums = Sums::default();
    for stretch in stretches {
        sums.add(stretch, prices);
    }

    let total = sums.by_kind.model.total() + sums.by_kind.infra;
    CostReport {
        total,
        measured: sums.measured,
        missing_output: sums.missing_output,
        missing_cost: sums.missing_cost,
        compared: compared(score),
        by_kind: sums.by_kind,
        by_model: rows(sums.models, total),
        by_task: rows(sums.tasks, total),
        stated: sums.stated,
        estimated: sums.estimated,
        exchanges: sums.exchanges,
        per_exchange: sums.by_kind.model.total().per(sums.priced_exchanges),
        per_hour_wall: per_hour(total, wall),
        per_hour_active: per_hour(total, active),
        estimate: session.start.estimate.map(|amount| against(amount, total)),
        budget: session.start.budget.map(|amount| against(amount, total)),
        own_time: session.start.rate.map(|rate| own_time(rate, wall, active, total)),
        unpriced: sums.unpriced.into_iter().map(|(name, tokens)| Unpriced { name, tokens }).collect(),
    }
}

#[derive(Default)]
struct Sums {
    by_kind: CostByKind,
    models: BTreeMap<String, Row>,
    tasks: BTreeMap<String, Row>,
    unpriced: BTreeMap<String, u64>,
    measured: Usd,
    stated: Usd,
    estimated: Usd,
    missing_output: u64,
    missing_cost: Usd,
    exchanges: u64,
    priced_exchanges: u64,
}

impl Sums {
    fn add(&mut self, stretch: &Priced<'_>, prices: &PriceBook) {
        for exchange in &stretch.exchanges {
            let cost = exchange.cost.map(|cost| cost.total());
            self.exchanges += 1;
            self.priced_exchanges += u64::from(cost.is_some());
            self.by_kind.model += exchange.cost.unwrap_or_default();
            *self.by_precision(exchange.precision) += cost.unwrap_or_default();
            self.models.entry(exchange.model.to_string()).or_default().add(1, exchange.tokens, cost);
            if cost.is_none() {
                *self.unpriced.entry(exchange.model.to_string()).or_default() += exchange.tokens.total();
            }
            if let Some(sum) = exchange.event.map(UsageSum::of) {
                self.missing_output += sum.missing_output;
                self.missing_cost += sum.missing_cost(prices).unwrap_or_default();
            }
        }
        let Some(entry) = stretch.entry else {
            return self.add_to_task(NOT_LOGGED, stretch, false);
        };
        let logged = &entry.logged;
        for (used, cost) in logged.infra.iter().zip(infra_costs(logged, prices)) {
            self.by_kind.infra += cost.unwrap_or_default();
            *self.by_precision(if logged.basis.is_estimate() { Precision::Estimated } else { Precision::Stated }) +=
                cost.unwrap_or_default();
            self.models.entry(used.item.clone()).or_default().add(0, TokenUsage::default(), cost);
            if cost.is_none() {
                self.unpriced.entry(used.item.clone()).or_default();
            }
        }
        let is_free = stretch.exchanges.is_empty() && logged.infra.is_empty();
        self.add_to_task(logged.task.as_ref().map_or("other", |task| task.as_str()), stretch, is_free);
    }

    fn add_to_task(&mut self, task: &str, stretch: &Priced<'_>, is_known: bool) {
        let is_known = is_known || stretch.cost.is_complete || !stretch.cost.known.is_zero();
        let cost = is_known.then_some(stretch.cost.known);
        self.tasks.entry(task.to_owned()).or_default().add(stretch.exchanges.len() as u64, stretch.tokens(), cost);
    }

    fn by_precision(&mut self, precision: Precision) -> &mut Usd {
        match precision {
            Precision::Measured | Precision::LowerBound => &mut self.measured,
            Precision::Stated => &mut self.stated,
            Precision::Estimated => &mut self.estimated,
        }
    }
}

/// Entries whose own figures have a price, as has all that was measured in their time; infrastructure is not estimated.
fn compared(score: Score) -> Option<Compared> {
    let Score { entries, estimated: said, measured, bias: error, .. } = score;
    (entries > 0).then_some(Compared { entries, said, measured, error })
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
            cache: row.tokens.cache_read + row.tokens.cache_write(),
            cost: row.cost,
            share: share(row.cost),
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.cost));
    rows
}
