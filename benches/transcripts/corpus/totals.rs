//! What a corpus comes to, known because it was made so.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use serde::Deserialize;
use serde::Serialize;

/// Each exchange once, however many lines and files tell of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Totals {
    pub(crate) bytes: u64,
    pub(crate) files: u64,
    pub(crate) lines: u64,
    pub(crate) lines_with_usage: u64,
    pub(crate) all: Tokens,
    /// By day of UTC, as `2026-11-23`.
    pub(crate) by_day: BTreeMap<String, Tokens>,
    pub(crate) by_model: BTreeMap<String, Tokens>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tokens {
    pub(crate) exchanges: u64,
    pub(crate) input: u64,
    pub(crate) output: u64,
    pub(crate) cache_write_5m: u64,
    pub(crate) cache_write_1h: u64,
    pub(crate) cache_read: u64,
}

impl AddAssign for Tokens {
    fn add_assign(&mut self, other: Self) {
        self.exchanges += other.exchanges;
        self.input += other.input;
        self.output += other.output;
        self.cache_write_5m += other.cache_write_5m;
        self.cache_write_1h += other.cache_write_1h;
        self.cache_read += other.cache_read;
    }
}

impl Totals {
    pub(crate) fn add(&mut self, day: &str, model: &str, tokens: Tokens) {
        self.all += tokens;
        *self.by_day.entry(day.to_owned()).or_default() += tokens;
        *self.by_model.entry(model.to_owned()).or_default() += tokens;
    }
}
