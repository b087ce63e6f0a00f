//! Usage added up: the one path on which every report's totals come about, whatever its rows are.

pub(crate) mod entries;
pub(crate) mod filter;
#[cfg(test)]
pub(crate) mod fixture;
pub(crate) mod item;
pub(crate) mod key;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;
use chrono_tz::Tz;

use crate::domain::event::Place;
use crate::domain::event::Precision;
use crate::domain::ledger::UsageSum;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::price::Cost;
use crate::domain::price::PriceBook;
use crate::domain::tokens::TokenUsage;
use crate::report::usage::item::Item;
use crate::report::usage::key::By;
use crate::report::usage::key::Key;
use crate::report::usage::key::model_name;

/// Usage in rows, and all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct UsageReport {
    /// How rows are grouped, the outermost first.
    pub(crate) by: Vec<By>,
    pub(crate) rows: Vec<Row>,
    pub(crate) totals: Usage,
    /// What conversations, sessions and commits are called, by their ids, as far as they have a name.
    pub(crate) titles: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) key: Key,
    pub(crate) usage: Usage,
    /// The same usage by the next way to group, if there is one.
    pub(crate) rows: Vec<Row>,
}

/// A group's usage, as a whole and by model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) total: Total,
    pub(crate) models: BTreeMap<ModelId, Total>,
    /// The first and the last exchange, as exactly as what was added up tells.
    pub(crate) span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Where the last of it was.
    pub(crate) last_place: Option<Arc<Place>>,
}

/// What adds up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Total {
    pub(crate) exchanges: u64,
    pub(crate) tokens: TokenUsage,
    /// Of the exchanges that have a price.
    pub(crate) cost: Cost,
    /// Exchanges without a price, and their tokens: those are in `tokens`, but nothing of them is in `cost`.
    pub(crate) unpriced_exchanges: u64,
    pub(crate) unpriced_tokens: u64,
    /// What unfinished records probably lack of their output, and its price; part of nothing else.
    pub(crate) missing_output: u64,
    pub(crate) missing_cost: Usd,
    /// What of it no counter of the vendor's says, but a person who typed it, or an estimate.
    pub(crate) stated: Said,
    pub(crate) estimated: Said,
}

/// A part of a total that was not measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) tokens: u64,
    pub(crate) cost: Usd,
}

impl AddAssign for Said {
    fn add_assign(&mut self, other: Self) {
        self.tokens += other.tokens;
        self.cost += other.cost;
    }
}

impl Total {
    /// What `sum` adds to every group that it belongs to.
    pub(crate) fn of(sum: &UsageSum, prices: &PriceBook) -> Self {
        let mut total = Self {
            exchanges: sum.exchanges,
            tokens: sum.tokens,
            missing_output: sum.missing_output,
            ..Self::default()
        };
        if let Some(cost) = sum.cost(prices) {
            total.cost = cost;
        } else {
            total.unpriced_exchanges = sum.exchanges;
            total.unpriced_tokens = sum.tokens.total();
        }
        total.missing_cost = sum.missing_cost(prices).unwrap_or_default();
        let said = Said { tokens: sum.tokens.total(), cost: total.cost.total() };
        match sum.precision {
            Precision::Measured | Precision::LowerBound => {}
            Precision::Stated => total.stated = said,
            Precision::Estimated => total.estimated = said,
        }
        total
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.exchanges += other.exchanges;
        self.tokens += other.tokens;
        self.cost += other.cost;
        self.unpriced_exchanges += other.unpriced_exchanges;
        self.unpriced_tokens += other.unpriced_tokens;
        self.missing_output += other.missing_output;
        self.missing_cost += other.missing_cost;
        self.stated += other.stated;
        self.estimated += other.estimated;
    }

    /// A single exchange in parts as equal as whole numbers can be, the first with what is left over.
    fn split(self, parts: usize) -> impl Iterator<Item = Self> {
        let parts = u64::try_from(parts).unwrap_or(u64::MAX);
        (0..parts).map(move |place| self.part(parts, place == 0))
    }

    fn part(&self, parts: u64, is_first: bool) -> Self {
        let count = |all: u64| all / parts + if is_first { all % parts } else { 0 };
        let amount = |all: Usd| {
            let parts = i128::from(parts);
            Usd::from_pico(all.pico() / parts + if is_first { all.pico() % parts } else { 0 })
        };
        let cost = &self.cost;
        let tokens = TokenUsage {
            input: count(self.tokens.input),
            output: count(self.tokens.output),
            cache_write_5m: count(self.tokens.cache_write_5m),
            cache_write_1h: count(self.tokens.cache_write_1h),
            cache_read: count(self.tokens.cache_read),
            web_searches: count(self.tokens.web_searches),
        };
        let cost = Cost {
            input: amount(cost.input),
            output: amount(cost.output),
            cache_write: amount(cost.cache_write),
            cache_read: amount(cost.cache_read),
            web_search: amount(cost.web_search),
        };
        // A single exchange is of one precision.
        let said = |all: Said| {
            if all == Said::default() { all } else { Said { tokens: tokens.total(), cost: cost.total() } }
        };
        Self {
            exchanges: count(self.exchanges),
            tokens,
            cost,
            unpriced_exchanges: count(self.unpriced_exchanges),
            // All tokens of an exchange have a price, or none has.
            unpriced_tokens: if self.has_unpriced() { tokens.total() } else { 0 },
            missing_output: count(self.missing_output),
            missing_cost: amount(self.missing_cost),
            stated: said(self.stated),
            estimated: said(self.estimated),
        }
    }

    /// The cost as far as prices are known; `None` when that is not at all.
    pub(crate) fn known_cost(&self) -> Option<Usd> {
        let is_known = !self.has_unpriced()
            || self.unpriced_exchanges < self.exchanges
            || self.unpriced_tokens < self.tokens.total();
        is_known.then(|| self.cost.total())
    }

    /// A part of an exchange may have its tokens and none of the count.
    pub(crate) fn has_unpriced(&self) -> bool {
        self.unpriced_exchanges > 0 || self.unpriced_tokens > 0
    }
}

impl Usage {
    pub(crate) fn add(&mut self, sum: &UsageSum, total: &Total) {
        self.total.add(total);
        self.models.entry(model_name(sum)).or_default().add(total);
        let last_before = self.span.map(|(_, last)| last);
        self.span = Some(self.span.map_or((sum.at, sum.at), |(first, last)| (first.min(sum.at), last.max(sum.at))));
        // Of two places at one time the same one is taken, whatever the order.
        if last_before < Some(sum.at) || (last_before == Some(sum.at) && self.last_place < Some(Arc::clone(&sum.place)))
        {
            self.last_place = Some(Arc::clone(&sum.place));
        }
    }

    /// Models with usage that has no price.
    pub(crate) fn unpriced_models(&self) -> impl Iterator<Item = &ModelId> {
        self.models.iter().filter(|(_, total)| total.has_unpriced()).map(|(model, _)| model)
    }

    /// The models, the costliest first.
    pub(crate) fn models_by_cost(&self) -> Vec<(&ModelId, &Total)> {
        let mut models: Vec<_> = self.models.iter().collect();
        models.sort_by_key(|(_, total)| Reverse((total.cost.total(), total.tokens.total())));
        models
    }
}

/// Which rows come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// The first in time, or what cost the least.
    Ascending,
    Descending,
}

impl UsageReport {
    /// Puts rows in order, nested ones too: times by time, all else by cost. If nobody says how, what happened first and
    /// what cost the most come first.
    pub(crate) fn arrange(&mut self, direction: Option<Direction>) {
        arrange(&mut self.rows, direction);
    }
}

fn arrange(rows: &mut [Row], direction: Option<Direction>) {
    let is_time = rows.first().is_some_and(|row| row.key.is_time());
    if !is_time {
        rows.sort_by_key(|row| Reverse((row.usage.total.cost.total(), row.usage.total.tokens.total())));
    }
    if direction == Some(if is_time { Direction::Descending } else { Direction::Ascending }) {
        rows.reverse();
    }
    for row in rows {
        arrange(&mut row.rows, direction);
    }
}

/// Adds up `items` by the first way to group, and within each group by the next. Rows come in the order of their keys.
pub(crate) fn build<'a, T: Into<Item<'a>>>(
    items: impl IntoIterator<Item = T>,
    prices: &PriceBook,
    by: &[By],
    tz: Tz,
) -> UsageReport {
    let mut all = Group::default();
    for item in items {
        let item = item.into();
        all.add(&item, &Total::of(&item.sum, prices), by, tz);
    }
    let (totals, rows) = all.into_rows();
    UsageReport { by: by.to_vec(), rows, totals, titles: BTreeMap::new() }
}

#[derive(Default)]
struct Group {
    usage: Usage,
    groups: BTreeMap<Key, Group>,
}

impl Group {
    fn add(&mut self, item: &Item<'_>, total: &Total, by: &[By], tz: Tz) {
        self.usage.add(&item.sum, total);
        if let Some((first, rest)) = by.split_first() {
            let keys = first.keys(item, tz);
            let parts = total.split(keys.len());
            for (key, part) in keys.into_iter().zip(parts) {
                self.groups.entry(key).or_default().add(item, &part, rest, tz);
            }
        }
    }

    fn into_rows(self) -> (Usage, Vec<Row>) {
        let rows = self.groups.into_iter().map(|(key, group)| {
            let (usage, rows) = group.into_rows();
            Row { key, usage, rows }
        });
        (self.usage, rows.collect())
    }
}
