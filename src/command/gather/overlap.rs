//! Sessions of a project at one time: they are refused, and where there are some all the same, as in data directories that
//! were put together, each exchange belongs to one.

use chrono::DateTime;
use chrono::Utc;

use crate::command::gather;
use crate::context::Context;
use crate::domain::event::UsageEvent;
use crate::domain::session::Session;
use crate::domain::session::SessionId;
use crate::error::Failure;
use crate::store::ledger::LedgerStore;
use crate::view::format;

/// Refuses to let `session` run in a time in which another session of its project ran.
pub(crate) fn check(
    ctx: &Context,
    session: &Session,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), Failure> {
    let past = gather::ledger::whole(ctx)?.sessions(Some(&session.start.project.root), Some(from))?;
    let other = past
        .into_iter()
        .find(|past| past.id != session.id && !past.is_cancelled && past.started_at < until && past.ended_at > from);
    let Some(other) = other else { return Ok(()) };
    let clock = |at: DateTime<Utc>| format::moment(at, ctx.time_zone);
    Err(Failure::new(format!("`{}` would overlap `{}`", session.start.name, other.start.name)).with_hint(format!(
        "that ran from {} to {}; two sessions of a project cannot run at once",
        clock(other.started_at),
        clock(other.ended_at)
    )))
}

/// What was measured that belongs to a session, in order of time. The ledger knows who of the closed ones has what; open ones
/// change without it, and one that is just ending is not yet among the closed.
pub(crate) fn own_events(ctx: &Context, ledger: &LedgerStore, session: &Session) -> anyhow::Result<Vec<UsageEvent>> {
    let (root, started_at, own) = (&session.start.project.root, session.started_at, session.precedence());
    let mut events = ledger.events_in(root, Some(started_at), session.ended_at())?;
    let ended = ledger.ended_after(root, started_at)?.into_iter();
    let ended: Vec<SessionId> =
        ended.filter(|&(id, began_at)| (true, began_at.timestamp_millis(), id) > own).map(|(id, _)| id).collect();
    let open: Vec<Session> =
        open_in(ctx, root)?.into_iter().filter(|other| other.id != session.id && other.precedence() > own).collect();
    events.retain(|event| {
        let has = |other: &Session| other.holds(event.at);
        !event.session.is_some_and(|id| ended.contains(&id)) && !open.iter().any(has)
    });
    Ok(events)
}

/// The open sessions of a project.
fn open_in(ctx: &Context, root: &str) -> anyhow::Result<Vec<Session>> {
    let store = gather::store(ctx);
    let mut open = Vec::new();
    for active in store.active()?.into_iter().filter(|active| active.project.root == root) {
        open.extend(store.load(active.id)?.filter(|session| session.state.is_open()));
    }
    Ok(open)
}
