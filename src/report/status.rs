//! A session at a glance, as often as a prompt asks: what it used and cost so far, without git and without history.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Serialize;

use crate::domain::event::UsageEvent;
use crate::domain::money::Usd;
use crate::domain::price::PriceBook;
use crate::domain::session::Item;
use crate::domain::session::LineId;
use crate::domain::session::Session;
use crate::domain::session::SessionId;
use crate::domain::tokens::TokenUsage;
use crate::report::session::per_hour;
use crate::report::session::priced;
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
    /// The part of `cost` that was measured.
    pub(crate) measured: Usd,
    /// The part of `cost` that rests on estimates.
    pub(crate) estimated: Usd,
    /// Tokens of models without a price: they are not in `cost`.
    pub(crate) unpriced_tokens: u64,
    pub(crate) per_hour: Option<Usd>,
    pub(crate) budget: Option<Usd>,
    /// Budget − cost: below zero when it is overdrawn.
    pub(crate) remaining: Option<Usd>,
    pub(crate) last: Option<Last>,
    /// What was measured in the place of the last entry's own figures.
    pub(crate) last_measured: Option<Usd>,
    /// The same of every entry in whose interval something was measured.
    #[serde(skip)]
    pub(crate) measured_as: BTreeMap<LineId, Usd>,
}

/// The last entry or note.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Last {
    pub(crate) at: DateTime<Utc>,
    pub(crate) text: String,
}

/// `measured` is what was measured that belongs to the session, in order of time.
pub(crate) fn build(
    session: &Session,
    measured: &[UsageEvent],
    prices: &PriceBook,
    now: DateTime<Utc>,
    active_gap: TimeDelta,
) -> StatusReport {
    let (mut cost, mut estimated, mut unpriced_tokens) = (Usd::ZERO, Usd::ZERO, 0);
    let mut measured_as = BTreeMap::new();
    let (mut tokens, mut measured_cost) = (TokenUsage::default(), Usd::ZERO);
    for stretch in session.stretches(measured) {
        let priced = priced(&stretch, prices);
        let is_estimate = stretch.entry.is_some_and(|entry| entry.logged.basis.is_estimate());
        let measured = priced.exchanges.iter().filter(|exchange| exchange.event.is_some());
        let measured: Usd = measured.filter_map(|exchange| Some(exchange.cost?.total())).sum();
        cost += priced.cost.known;
        measured_cost += measured;
        estimated += if is_estimate { priced.cost.known - measured } else { Usd::ZERO };
        unpriced_tokens += priced.cost.unpriced_tokens;
        tokens += priced.tokens();
        if let (Some(entry), Some(_)) = (stretch.entry, priced.said) {
            measured_as.insert(entry.id, measured);
        }
    }
    let signs: Vec<DateTime<Utc>> = measured.iter().map(|event| event.at).collect();
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
        active_seconds: session.active_time(now, active_gap, &signs).num_seconds(),
        entries: session.entries.len() as u64,
        tokens,
        cost,
        measured: measured_cost,
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
        last_measured: session.entries.last().and_then(|last| measured_as.get(&last.id).copied()),
        measured_as,
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
