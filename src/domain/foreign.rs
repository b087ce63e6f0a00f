//! Usage as another program has added it up, to be held against ours and never mixed in.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Serialize;

use crate::domain::model::ModelId;
use crate::domain::money::Usd;

/// What a report of another program says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ForeignUsage {
    pub(crate) by_day_and_model: BTreeMap<(NaiveDate, ModelId), ForeignSum>,
    /// Other programs than Claude Code whose usage is in it and cannot be told apart.
    pub(crate) other_agents: BTreeSet<String>,
}

/// The kinds of tokens that other programs tell apart: cache writes of all lifetimes are one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct ForeignSum {
    pub(crate) input: u64,
    pub(crate) output: u64,
    pub(crate) cache_write: u64,
    pub(crate) cache_read: u64,
    /// `None` where some of it had no price there.
    pub(crate) cost: Option<Usd>,
}

impl ForeignSum {
    pub(crate) fn tokens(&self) -> u64 {
        self.input + self.output + self.cache_write + self.cache_read
    }

    pub(crate) fn and(&self, other: Self) -> Self {
        Self {
            input: self.input + other.input,
            output: self.output + other.output,
            cache_write: self.cache_write + other.cache_write,
            cache_read: self.cache_read + other.cache_read,
            cost: self.cost.zip(other.cost).map(|(one, two)| one + two),
        }
    }
}
