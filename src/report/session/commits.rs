//! Commits of a session, each with what was spent before it.

use chrono::DateTime;
use chrono::Utc;
use serde::Serialize;

use crate::domain::commit::Commit;
use crate::domain::money::Usd;
use crate::report::attribution;
use crate::report::attribution::Method;
use crate::report::attribution::Part;
use crate::report::attribution::Spent;
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
    pub(crate) method: Method,
}

/// What of a session's cost goes to each commit; what is behind the last one is not committed.
pub(super) fn build(facts: &CommitFacts, priced: &[Priced<'_>]) -> CommitsReport {
    let mut parts = Vec::new();
    for stretch in priced {
        let exchanges = stretch.exchanges.iter().map(|exchange| Part {
            at: exchange.at,
            event: exchange.event,
            cost: exchange.cost.map(|cost| cost.total()).unwrap_or_default(),
            unpriced_tokens: if exchange.cost.is_none() { exchange.tokens.total() } else { 0 },
        });
        let models: Usd = exchanges.clone().map(|part| part.cost).sum();
        parts.extend(exchanges);
        if let Some(entry) = stretch.entry {
            let infra = stretch.cost.known - models;
            parts.push(Part { at: entry.at, event: None, cost: infra, unpriced_tokens: 0 });
        }
    }
    let instants: Vec<DateTime<Utc>> = facts.commits.iter().map(|commit| commit.authored_at).collect();
    let shares = attribution::by_commit(&instants, &parts);
    let mut spent = shares.sums.into_iter();
    let rows = facts.commits.iter().zip(spent.by_ref()).zip(shares.methods);
    CommitsReport {
        rows: rows.map(|((commit, spent), method)| row(commit, spent, method)).collect(),
        not_committed: shares.rest.0,
        not_committed_unpriced_tokens: shares.rest.1,
        is_repository: facts.is_repository,
        is_incomplete: facts.is_incomplete,
        unreadable: facts.unreadable.clone(),
    }
}

fn row(commit: &Commit, (cost, unpriced_tokens): Spent, method: Method) -> CommitRow {
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
        method,
    }
}
