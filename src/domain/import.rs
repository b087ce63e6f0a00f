//! What is read of other programs' files on the way into the ledger, and how far each was read.

use std::ops::AddAssign;
use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::ledger::Record;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::tokens::TokenUsage;

/// How far a file was read, and what tells whether it is still the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileMark {
    pub(crate) path: Arc<str>,
    /// Bytes that it had.
    pub(crate) size: u64,
    /// Nanoseconds since 1970.
    pub(crate) modified: i64,
    /// 0 where the system has none.
    pub(crate) inode: u64,
    /// The byte behind the last whole line that was read.
    pub(crate) done: u64,
    /// Of the bytes before `done`: another file under the same name has others.
    pub(crate) tail: u64,
    /// The first timestamp in it.
    pub(crate) began_at: Option<DateTime<Utc>>,
}

/// What one reading of a file gave.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    pub(crate) file: FileMark,
    /// The file was read from its start, so `skipped` is all of it.
    pub(crate) is_whole: bool,
    /// Each exchange and request once, in no certain order.
    pub(crate) records: Vec<Record>,
    pub(crate) titles: Vec<Title>,
    pub(crate) cost_states: Vec<CostState>,
    pub(crate) skipped: Vec<Skipped>,
}

/// A line that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Skipped {
    /// The byte at which it begins.
    pub(crate) offset: u64,
    pub(crate) reason: String,
}

/// What of a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SkippedLines {
    pub(crate) path: String,
    pub(crate) count: u64,
    /// The first few.
    pub(crate) samples: Vec<Skipped>,
}

/// What an import did to the ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Imported {
    pub(crate) new: u64,
    /// Exchanges of which more is known than before.
    pub(crate) changed: u64,
    /// Lines that could not be read.
    pub(crate) skipped: u64,
}

impl AddAssign for Imported {
    fn add_assign(&mut self, other: Self) {
        self.new += other.new;
        self.changed += other.changed;
        self.skipped += other.skipped;
    }
}

/// What a conversation is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Title {
    pub(crate) conversation: String,
    pub(crate) kind: TitleKind,
    pub(crate) text: String,
}

/// Where a title is from; a later kind goes before an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TitleKind {
    Ai,
    Agent,
    Custom,
}

/// Claude Code's own total of a conversation (`cost-state`, 2.1.248 and later): cumulative over resumed runs, and over the
/// parent's of a forked one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CostState {
    pub(crate) conversation: String,
    pub(crate) total: Usd,
    /// Part of it is a guess, for a model that Claude Code has no price of.
    pub(crate) has_unknown_model: bool,
    /// About when it was written.
    pub(crate) at: Option<DateTime<Utc>>,
    pub(crate) models: Vec<CostOfModel>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CostOfModel {
    pub(crate) model: ModelId,
    pub(crate) tokens: TokenUsage,
    pub(crate) cost: Usd,
}
