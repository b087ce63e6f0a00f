//! What several commands need to know before they start: where they are, which session is meant, what things cost.

pub(crate) mod activity;
pub(crate) mod background;
pub(crate) mod calibration;
#[cfg(test)]
mod corpus;
pub(crate) mod estimate;
pub(crate) mod filter;
pub(crate) mod import;
pub(crate) mod ledger;
pub(crate) mod overlap;
pub(crate) mod own_file;
pub(crate) mod report;
pub(crate) mod session;
pub(crate) mod typed;
pub(crate) mod usage;

use std::path::Path;

use crate::context::Context;
use crate::domain::event::UsageEvent;
use crate::domain::money::Usd;
use crate::domain::price::PriceBook;
use crate::domain::session::Entry;
use crate::domain::session::Session;
use crate::domain::session::journal::Project;
use crate::domain::task::Tasks;
use crate::domain::tokens::TokenUsage;
use crate::error::Failure;
use crate::report::session::price_of;
use crate::report::status;
use crate::report::status::StatusReport;
use crate::source::git;
use crate::source::git::Head;
use crate::source::prices;
use crate::store::ledger::LedgerStore;
use crate::store::session::SessionStore;
use crate::ui::Ui;
use crate::view;
use crate::view::format;

/// Where the command was typed.
#[derive(Debug)]
pub(crate) struct Here {
    pub(crate) project: Project,
    pub(crate) head: Option<Head>,
    /// Why git could not be asked; tracking works without it.
    pub(crate) unreadable: Option<String>,
}

pub(crate) fn here(ctx: &Context) -> Here {
    here_in(ctx, &ctx.paths.directory)
}

/// The same for any directory.
pub(crate) fn here_in(ctx: &Context, directory: &Path) -> Here {
    let directory = fs_err::canonicalize(directory).unwrap_or_else(|_| directory.to_owned());
    let (head, unreadable) = match git::head(&directory) {
        Ok(head) => (head, None),
        Err(error) => (None, Some(format!("{error:#}"))),
    };
    let root = head.as_ref().map_or(directory.as_path(), |head| head.project_root.as_path());
    let folder = root.file_name().map_or_else(|| root.to_string_lossy(), |name| name.to_string_lossy());
    let name = ctx.config.project_name.clone().unwrap_or_else(|| folder.into_owned());
    let root = root.to_string_lossy().into_owned();
    Here { project: Project { name, root }, head, unreadable }
}

pub(crate) fn store(ctx: &Context) -> SessionStore {
    SessionStore::new(&ctx.paths.data)
}

pub(crate) fn price_book(ctx: &Context) -> Result<PriceBook, Failure> {
    let names = ctx.config.models.iter().map(|(name, id)| (name.clone(), id.to_string())).collect();
    Ok(prices::load(&ctx.paths.prices_file())?.with_names(names))
}

/// What was measured that belongs to a session, as far as the ledger knows by now; in order of time.
pub(crate) fn measured(ctx: &Context, session: &Session) -> Vec<UsageEvent> {
    let ledger = LedgerStore::open_to_read(&ctx.paths.ledger_file());
    let events = ledger.and_then(|ledger| overlap::own_events(ctx, &ledger, session));
    events.unwrap_or_else(|error| {
        ctx.notice(format!("{error:#}; what was measured is not in the figures"));
        Vec::new()
    })
}

/// A session at a glance.
pub(crate) fn status(ctx: &Context, session: &Session, prices: &PriceBook) -> StatusReport {
    status::build(session, &measured(ctx, session), prices, ctx.now, ctx.config.active_gap)
}

pub(crate) fn tasks(ctx: &Context) -> Tasks {
    let own = &ctx.config.tasks;
    Tasks::with_own(
        own.iter().map(|(task, preset)| (task.clone(), TokenUsage::new(preset.input, preset.output))).collect(),
    )
}

/// Says what the last change to a session was, an entry, and what the session has come to.
pub(crate) fn acknowledge(ctx: &Context, ui: &mut Ui, session: &Session, prices: &PriceBook) {
    let last = session.last_change.and_then(|(id, _)| session.entries.iter().find(|entry| entry.id == id));
    let Some(Entry { id, at, logged }) = last else { return };
    let status = status(ctx, session, prices);
    let cost = price_of(logged, *at, prices).complete();
    ui.status(&view::session::logged(logged, cost, status.measured_as.get(id).copied(), &status));
    if cost.is_none() {
        ui.warning(&format!("no price is known for {}: its cost is not in the total", logged.model));
        ui.hint("set one with claude-cost prices set");
    }
    if let (Some(budget), Some(remaining)) = (status.budget, status.remaining) {
        if remaining < Usd::ZERO {
            ui.warning(&format!(
                "the session is {} over its budget of {}",
                format::usd(-remaining),
                format::usd(budget)
            ));
        } else if remaining.pico() * 5 <= budget.pico() {
            ui.warning(&format!("{} left of the session's budget of {}", format::usd(remaining), format::usd(budget)));
        }
    }
}
