//! Commits of a session, each with what was spent before it.

use chrono::DateTime;
use chrono::Utc;
use serde::Serialize;

use crate::domain::commit::Commit;
use crate::domain::money::Usd;
use crate::report::session::CommitFacts;
use crate::report::session::Priced;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct CommitsReport {
    /// In order of time.
    pub(crate) rows: Vec<CommitRow>,
    /// Spent after the last commit; with the rows it sums to the session's total.
    pub(crate) not_committed: Usd,
    pub(crate) not_committed_unpriced_tokens: u64,
    pub(crate) is_repository: bool,
    pub(crate) is_incomplete: bool,
    pub(crate) unreadable: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct CommitRow {
    pub(crate) hash: String,
    pub(crate) short_hash: String,
    pub(crate) at: DateTime<Utc>,
    pub(crate) subject: String,
    pub(crate) author: String,
    pub(crate) files: Option<u64>,
    pub(crate) insertions: Option<u64>,
    pub(crate) deletions: Option<u64>,
    /// Spent since the commit before it, or since the start.
    pub(crate) cost: Usd,
    /// Tokens of that time without a price: they are not in `cost`.
    pub(crate) unpriced_tokens: u64,
}

/// Entries and commits are both in order of time; an entry in the second of a commit is before it, for git keeps no
/// finer time.
pub(super) fn build(facts: &CommitFacts, priced: &[Priced<'_>]) -> CommitsReport {
    let mut entries = priced.iter().peekable();
    let mut spent_until = |at: Option<DateTime<Utc>>| {
        let mut spent = (Usd::ZERO, 0_u64);
        while let Some(priced) =
            entries.next_if(|priced| at.is_none_or(|at| priced.entry.at.timestamp() <= at.timestamp()))
        {
            spent = (spent.0 + priced.cost.known, spent.1 + priced.cost.unpriced_tokens);
        }
        spent
    };
    let rows = facts.commits.iter().map(|commit| row(commit, spent_until(Some(commit.authored_at)))).collect();
    let (not_committed, not_committed_unpriced_tokens) = spent_until(None);
    CommitsReport {
        rows,
        not_committed,
        not_committed_unpriced_tokens,
        is_repository: facts.is_repository,
        is_incomplete: facts.is_incomplete,
        unreadable: facts.unreadable.clone(),
    }
}

fn row(commit: &Commit, (cost, unpriced_tokens): (Usd, u64)) -> CommitRow {
    CommitRow {
        hash: commit.hash.to_string(),
        short_hash: commit.hash.short().to_owned(),
        at: commit.authored_at,
        subject: commit.subject.clone(),
        author: commit.author.clone(),
        files: commit.changes.map(|changes| changes.files),
        insertions: commit.changes.map(|changes| changes.insertions),
        deletions: commit.changes.map(|changes| changes.deletions),
        cost,
        unpriced_tokens,
    }
}
