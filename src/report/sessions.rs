//! Many sessions: what each cost, and what a project cost so far.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Serialize;

use crate::domain::money::Usd;
use crate::domain::price::PriceBook;
use crate::domain::price::Terms;
use crate::domain::session::SessionId;
use crate::domain::session::journal::Project;
use crate::domain::session::past::PastSession;
use crate::domain::tokens::TokenUsage;
use crate::report::session::per_hour;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct SessionsReport {
    /// The latest first.
    pub(crate) sessions: Vec<SessionRow>,
    pub(crate) totals: ProjectTotals,
    /// By project, the costliest first.
    pub(crate) projects: Vec<ProjectRow>,
}

impl SessionsReport {
    /// Leaves at most so many rows, which changes no total; how many went.
    pub(crate) fn keep(&mut self, most: usize) -> usize {
        let hidden = self.sessions.len().saturating_sub(most);
        self.sessions.truncate(most);
        hidden
    }
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct SessionRow {
    pub(crate) id: SessionId,
    pub(crate) short_id: String,
    pub(crate) name: String,
    pub(crate) project: String,
    /// Tells projects of one name apart.
    pub(crate) project_root: String,
    pub(crate) state: &'static str,
    pub(crate) tags: Vec<String>,
    pub(crate) client: Option<String>,
    pub(crate) ticket: Option<String>,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
    pub(crate) wall_seconds: i64,
    pub(crate) entries: u64,
    pub(crate) tokens: TokenUsage,
    pub(crate) cost: Usd,
    /// Tokens of models without a price: they are not in `cost`.
    pub(crate) unpriced_tokens: u64,
    pub(crate) per_hour: Option<Usd>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct ProjectRow {
    pub(crate) project: String,
    pub(crate) project_root: String,
    pub(crate) totals: ProjectTotals,
}

/// Running totals of sessions; cancelled ones do not count.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct ProjectTotals {
    pub(crate) sessions: u64,
    pub(crate) cost: Usd,
    pub(crate) unpriced_tokens: u64,
    pub(crate) wall_seconds: i64,
    pub(crate) per_hour: Option<Usd>,
}

impl ProjectTotals {
    /// These totals and one session more.
    pub(crate) fn with(self, cost: Usd, unpriced_tokens: u64, wall: TimeDelta) -> Self {
        let (cost, wall_seconds) = (self.cost + cost, self.wall_seconds + wall.num_seconds());
        Self {
            sessions: self.sessions + 1,
            cost,
            unpriced_tokens: self.unpriced_tokens + unpriced_tokens,
            wall_seconds,
            per_hour: TimeDelta::try_seconds(wall_seconds).and_then(|wall| per_hour(cost, wall)),
        }
    }

    fn with_row(self, row: &SessionRow) -> Self {
        self.with(row.cost, row.unpriced_tokens, TimeDelta::try_seconds(row.wall_seconds).unwrap_or_default())
    }
}

/// Rows of closed sessions, with `open` ones before them.
pub(crate) fn build(open: Vec<SessionRow>, past: &[PastSession], prices: &PriceBook) -> SessionsReport {
    let mut sessions = open;
    sessions.extend(past.iter().map(|past| row(past, prices)));
    sessions.sort_by_key(|row| std::cmp::Reverse((row.ended_at.is_none(), row.started_at)));
    let counted = || sessions.iter().filter(|row| row.state != "cancelled");
    let totals = counted().fold(ProjectTotals::default(), ProjectTotals::with_row);
    let mut projects: BTreeMap<(&str, &str), ProjectTotals> = BTreeMap::new();
    for row in counted() {
        let totals = projects.entry((&row.project, &row.project_root)).or_default();
        *totals = totals.with_row(row);
    }
    let row = |((project, root), totals): ((&str, &str), ProjectTotals)| ProjectRow {
        project: project.to_owned(),
        project_root: root.to_owned(),
        totals,
    };
    let mut projects: Vec<ProjectRow> = projects.into_iter().map(row).collect();
    projects.sort_by_key(|row| std::cmp::Reverse(row.totals.cost));
    SessionsReport { sessions, totals, projects }
}

/// The totals of one project, as `build` has them; a repository may hold several by name.
pub(crate) fn project_totals(past: &[PastSession], project: &Project, prices: &PriceBook) -> ProjectTotals {
    let is_counted = |past: &&PastSession| !past.is_cancelled && past.start.project == *project;
    let rows = past.iter().filter(is_counted).map(|past| row(past, prices));
    rows.fold(ProjectTotals::default(), |totals, row| totals.with_row(&row))
}

pub(crate) fn row(past: &PastSession, prices: &PriceBook) -> SessionRow {
    let mut cost = Usd::ZERO;
    let mut unpriced_tokens = 0;
    for event in &past.events {
        match prices.cost_of(&event.model, event.at, &event.tokens, &Terms::default()) {
            Some(priced) => cost += priced.total(),
            None => unpriced_tokens += event.tokens.total(),
        }
    }
    cost += past.infra.iter().filter_map(|used| used.quantity.at(prices.infra(&used.item)?.usd)).sum();
    SessionRow {
        id: past.id,
        short_id: past.id.short(),
        name: past.start.name.clone(),
        project: past.start.project.name.clone(),
        project_root: past.start.project.root.clone(),
        state: if past.is_cancelled { "cancelled" } else { "ended" },
        tags: past.start.tags.clone(),
        client: past.start.client.clone(),
        ticket: past.start.ticket.clone(),
        started_at: past.started_at,
        ended_at: Some(past.ended_at),
        wall_seconds: past.wall.num_seconds(),
        entries: past.entries,
        tokens: past.events.iter().map(|event| event.tokens).sum(),
        cost,
        unpriced_tokens,
        per_hour: per_hour(cost, past.wall),
    }
}
