//! What a session cost and what came of it, all sums done.

mod commits;
mod cost;
#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Serialize;

use crate::domain::commit::Commit;
use crate::domain::event::UsageEvent;
use crate::domain::infra::InfraUse;
use crate::domain::infra::Quantity;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::price::PriceBook;
use crate::domain::ratio::Ratio;
use crate::domain::session::Entry;
use crate::domain::session::Item;
use crate::domain::session::LineId;
use crate::domain::session::Session;
use crate::domain::session::SessionId;
use crate::domain::session::State;
use crate::domain::session::journal::Basis;
use crate::domain::session::past::PastSession;
use crate::domain::session::past::PastSum;
use crate::domain::task::Task;
use crate::domain::tokens::TokenUsage;
use crate::report::compare;
use crate::report::insight;
use crate::report::insight::Insight;
use crate::report::sessions;
use crate::report::sessions::ProjectTotals;

pub(crate) use self::commits::CommitsReport;
pub(crate) use self::cost::CostReport;
pub(crate) use self::cost::EntryCost;
pub(crate) use self::cost::Exchange;
pub(crate) use self::cost::Priced;
pub(crate) use self::cost::per_hour;
pub(crate) use self::cost::price_of;
pub(crate) use self::cost::priced;

/// The form of the JSON; fields only get added without raising it.
const SCHEMA: &str = "claude-cost/session@1";

/// What the report is made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) session: &'a Session,
    /// What was measured that belongs to it, in order of time.
    pub(crate) measured: &'a [UsageEvent],
    pub(crate) commits: &'a CommitFacts,
    pub(crate) prices: &'a PriceBook,
    pub(crate) earlier: &'a Earlier,
    pub(crate) now: DateTime<Utc>,
    /// The longest gap between two signs of work that still counts as work.
    pub(crate) active_gap: TimeDelta,
}

/// The person's ended sessions in this project, this one not among them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Earlier {
    /// As many of the latest as make a trend.
    pub(crate) latest: Vec<PastSession>,
    pub(crate) all: PastSum,
}

/// What git could tell.
#[derive(Debug, Clone, Default)]
pub(crate) struct CommitFacts {
    /// In order of time.
    pub(crate) commits: Vec<Commit>,
    /// Some history could not be read.
    pub(crate) is_incomplete: bool,
    /// Why git could tell nothing; `None` when it could, and outside a repository.
    pub(crate) unreadable: Option<String>,
    /// Whether there is a repository at all.
    pub(crate) is_repository: bool,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct SessionReport {
    pub(crate) schema: &'static str,
    pub(crate) overview: Overview,
    pub(crate) cost: CostReport,
    pub(crate) tokens: TokensReport,
    pub(crate) activity: Vec<Activity>,
    /// What was measured after the last entry.
    pub(crate) not_logged: Option<Spent>,
    pub(crate) commits: CommitsReport,
    pub(crate) insights: Vec<Insight>,
    pub(crate) project_totals: ProjectTotals,
    /// Lines of the journal that could not be read: they are in none of the figures.
    pub(crate) unread_lines: usize,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Overview {
    pub(crate) name: String,
    pub(crate) id: SessionId,
    pub(crate) project: String,
    pub(crate) branch: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) ticket: Option<String>,
    pub(crate) client: Option<String>,
    pub(crate) state: &'static str,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
    pub(crate) wall_seconds: i64,
    pub(crate) active_seconds: i64,
    /// The gap, in seconds, from which on time does not count as active.
    pub(crate) active_gap_seconds: i64,
    pub(crate) model: ModelId,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct TokensReport {
    pub(crate) input: u64,
    pub(crate) output: u64,
    pub(crate) cache_write: u64,
    pub(crate) cache_read: u64,
    pub(crate) total: u64,
    /// Output ÷ input, cache left out.
    pub(crate) ratio: Option<Ratio>,
    /// Output ÷ everything that the model was given.
    pub(crate) ratio_with_cache: Option<Ratio>,
    pub(crate) per_minute_wall: Option<Ratio>,
    pub(crate) per_minute_active: Option<Ratio>,
}

/// A line of the activity log: an entry, or a note without figures.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Activity {
    pub(crate) number: usize,
    pub(crate) at: DateTime<Utc>,
    pub(crate) text: String,
    pub(crate) usage: Option<ActivityUsage>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct ActivityUsage {
    pub(crate) task: Option<Task>,
    pub(crate) model: ModelId,
    /// What the entry says, or what was measured in its place.
    #[serde(flatten)]
    pub(crate) spent: Spent,
    pub(crate) basis: Basis,
    /// The figures rest on an estimate.
    pub(crate) is_estimate: bool,
    /// The figures are measured.
    pub(crate) is_measured: bool,
    /// What the entry says, where something was measured in its place.
    pub(crate) said: Option<Spent>,
    pub(crate) extra: bool,
    pub(crate) infra: Vec<ActivityInfra>,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Spent {
    pub(crate) exchanges: u64,
    pub(crate) tokens: TokenUsage,
    /// For five minutes and for an hour together.
    pub(crate) cache_write: u64,
    pub(crate) cache_read: u64,
    /// `None` when a price is not known.
    pub(crate) cost: Option<Usd>,
}

impl Spent {
    fn new(exchanges: u64, tokens: TokenUsage, cost: EntryCost) -> Self {
        let (cache_write, cache_read) = (tokens.cache_write(), tokens.cache_read);
        Self { exchanges, tokens, cache_write, cache_read, cost: cost.complete() }
    }

    fn of(priced: &Priced<'_>) -> Self {
        Self::new(priced.exchanges.len() as u64, priced.tokens(), priced.cost)
    }
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct ActivityInfra {
    pub(crate) item: String,
    pub(crate) quantity: Quantity,
    /// As typed, else the price book's.
    pub(crate) unit: String,
}

pub(crate) fn build(facts: Facts<'_>) -> SessionReport {
    let Facts { session, now, .. } = facts;
    let stretches = session.stretches(facts.measured);
    let priced: Vec<Priced<'_>> = stretches.iter().map(|stretch| cost::priced(stretch, facts.prices)).collect();
    let signs = facts.commits.commits.iter().map(|commit| commit.authored_at);
    let signs: Vec<DateTime<Utc>> = signs.chain(facts.measured.iter().map(|event| event.at)).collect();
    let wall = session.wall_time(now);
    let active = session.active_time(now, facts.active_gap, &signs);
    let score = compare::of_session(session, facts.measured, facts.prices);
    let cost = cost::build(session, &priced, score, facts.prices, wall, active);
    let tokens = tokens(priced.iter().map(Priced::tokens).sum(), wall, active);
    let mut project_totals = sessions::totals(&facts.earlier.all, facts.prices);
    if !matches!(session.state, State::Cancelled { .. }) {
        project_totals = project_totals.with(cost.total, cost.unpriced_tokens(), wall);
    }
    SessionReport {
        schema: SCHEMA,
        overview: overview(session, wall, active, facts.active_gap),
        activity: activity(session, &priced, facts.prices),
        not_logged: priced.last().filter(|last| last.entry.is_none()).map(Spent::of),
        commits: commits::build(facts.commits, &priced),
        insights: insight::of_session(facts, &priced, &cost, wall),
        cost,
        tokens,
        project_totals,
        unread_lines: session.damage.malformed + session.damage.newer,
    }
}

fn overview(session: &Session, wall: TimeDelta, active: TimeDelta, active_gap: TimeDelta) -> Overview {
    let start = &session.start;
    Overview {
        name: start.name.clone(),
        id: session.id,
        project: start.project.name.clone(),
        branch: start.branch.clone(),
        tags: start.tags.clone(),
        ticket: start.ticket.clone(),
        client: start.client.clone(),
        state: session.state.name(),
        started_at: session.started_at,
        ended_at: session.ended_at(),
        wall_seconds: wall.num_seconds(),
        active_seconds: active.num_seconds(),
        active_gap_seconds: active_gap.num_seconds(),
        model: start.model.clone(),
    }
}

fn tokens(tokens: TokenUsage, wall: TimeDelta, active: TimeDelta) -> TokensReport {
    let per_minute = |length: TimeDelta| Ratio::of(i128::from(tokens.total()) * 60, length.num_seconds());
    TokensReport {
        input: tokens.input,
        output: tokens.output,
        cache_write: tokens.cache_write(),
        cache_read: tokens.cache_read,
        total: tokens.total(),
        ratio: Ratio::of(tokens.output, tokens.input),
        ratio_with_cache: Ratio::of(tokens.output, tokens.prompt()),
        per_minute_wall: per_minute(wall),
        per_minute_active: per_minute(active),
    }
}

fn activity(session: &Session, priced: &[Priced<'_>], prices: &PriceBook) -> Vec<Activity> {
    let by_entry: HashMap<LineId, &Priced<'_>> =
        priced.iter().filter_map(|priced| Some((priced.entry?.id, priced))).collect();
    let row = |(place, item): (usize, Item<'_>)| {
        let (text, usage) = match item {
            Item::Note(note) => (note.text.clone(), None),
            Item::Entry(entry) => {
                let usage = by_entry.get(&entry.id).map(|priced| usage(entry, priced, prices));
                (entry.logged.text.clone(), usage)
            }
        };
        Activity { number: place + 1, at: item.at(), text, usage }
    };
    session.items().into_iter().enumerate().map(row).collect()
}

fn usage(entry: &Entry, priced: &Priced<'_>, prices: &PriceBook) -> ActivityUsage {
    let logged = &entry.logged;
    let is_measured = priced.exchanges.iter().any(|exchange| exchange.event.is_some());
    ActivityUsage {
        task: logged.task.clone(),
        model: logged.model.clone(),
        spent: Spent::of(priced),
        basis: logged.basis,
        is_estimate: logged.basis.is_estimate() && (!is_measured || logged.extra),
        is_measured,
        said: priced.said.map(|cost| Spent::new(1, logged.tokens, cost)),
        extra: logged.extra,
        infra: logged.infra.iter().map(|used| infra(used, prices)).collect(),
    }
}

fn infra(used: &InfraUse, prices: &PriceBook) -> ActivityInfra {
    let unit = if used.unit.is_empty() {
        prices.infra(&used.item).map(|item| item.unit.replace("hour", "h")).unwrap_or_default()
    } else {
        used.unit.clone()
    };
    ActivityInfra { item: used.item.clone(), quantity: used.quantity, unit }
}
