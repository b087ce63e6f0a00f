//! A session at a glance, as often as a prompt asks: what it used and cost so far, without git and without history.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Serialize;

use crate::domain::money::Usd;
use crate::domain::price::PriceBook;
use crate::domain::session::Item;
use crate::domain::session::Session;
use crate::domain::session::SessionId;
use crate::domain::tokens::TokenUsage;
use crate::report::session::per_hour;
use crate::report::session::price_of;
use crate::report::sessions::SessionRow;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct StatusReport {
    pub(crate) id: SessionId,
    pub(crate) name: String,
    pub(crate) project: String,
    pub(crate) branch: Option<String>,
    pub(crate) state: &'static str,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) wall_seconds: i64,
    pub(crate) active_seconds: i64,
    pub(crate) entries: u64,
    pub(crate) tokens: TokenUsage,
    pub(crate) cost: Usd,
    /// The part of `cost` that rests on estimates.
    pub(crate) estimated: Usd,
    /// Tokens of models without a price: they are not in `cost`.
    pub(crate) unpriced_tokens: u64,
    pub(crate) per_hour: Option<Usd>,
    pub(crate) budget: Option<Usd>,
    /// Budget − cost: below zero when it is overdrawn.
    pub(crate) remaining: Option<Usd>,
    pub(crate) last: Option<Last>,
}

/// The last entry or note.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Last {
    pub(crate) at: DateTime<Utc>,
    pub(crate) text: String,
}

pub(crate) fn build(session: &Session, prices: &PriceBook, now: DateTime<Utc>, active_gap: TimeDelta) -> StatusReport {
    let (mut cost, mut estimated, mut unpriced_tokens) = (Usd::ZERO, Usd::ZERO, 0);
    for entry in &session.entries {
        let priced = price_of(&entry.logged, entry.at, prices);
        cost += priced.known;
        estimated += if entry.logged.basis.is_estimate() { priced.known } else { Usd::ZERO };
        unpriced_tokens += priced.unpriced_tokens;
    }
    let wall = session.wall_time(now);
    let start = &session.start;
    StatusReport {
        id: session.id,
        name: start.name.clone(),
        project: start.project.name.clone(),
        branch: start.branch.clone(),
        state: session.state.name(),
        started_at: session.started_at,
        wall_seconds: wall.num_seconds(),
        active_seconds: session.active_time(now, active_gap, &[]).num_seconds(),
        entries: session.entries.len() as u64,
        tokens: session.tokens(),
        cost,
        estimated,
        unpriced_tokens,
        per_hour: per_hour(cost, wall),
        budget: start.budget,
        remaining: start.budget.map(|budget| budget - cost),
        last: session.items().last().map(|item| Last {
            at: item.at(),
            text: match item {
                Item::Entry(entry) => entry.logged.text.clone(),
                Item::Note(note) => note.text.clone(),
            },
        }),
    }
}

impl StatusReport {
    /// The session as a row among others.
    pub(crate) fn into_row(self, session: &Session) -> SessionRow {
        SessionRow {
            id: self.id,
            short_id: self.id.short(),
            name: self.name,
            project: self.project,
            project_root: session.start.project.root.clone(),
            state: self.state,
            tags: session.start.tags.clone(),
            client: session.start.client.clone(),
            ticket: session.start.ticket.clone(),
            started_at: self.started_at,
            ended_at: session.ended_at(),
            wall_seconds: self.wall_seconds,
            entries: self.entries,
            tokens: self.tokens,
            cost: self.cost,
            unpriced_tokens: self.unpriced_tokens,
            per_hour: self.per_hour,
        }
    }
}
