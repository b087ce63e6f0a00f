//! Two sessions of a project at one time would count the same work twice.

use chrono::DateTime;
use chrono::Utc;

use crate::command::gather;
use crate::context::Context;
use crate::domain::session::Session;
use crate::error::Failure;
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
