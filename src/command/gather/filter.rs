//! Which usage is asked for, besides its time.

use crate::cli::usage::FilterArgs;
use crate::command::gather;
use crate::command::gather::session;
use crate::context::Context;
use crate::error::Failure;
use crate::report::usage::filter::Filter;
use crate::report::usage::item::Sessions;

pub(crate) fn filter(ctx: &Context, typed: &FilterArgs) -> Result<Filter, Failure> {
    let session = typed.session.as_deref().map(|session| session::any_session(ctx, Some(session))).transpose()?;
    Ok(Filter {
        project: typed.project.clone(),
        branch: typed.branch.clone(),
        model: typed.model.clone(),
        conversation: None,
        session,
        tag: typed.tag.clone(),
    })
}

/// The sessions that it takes to tell whether a filter holds.
pub(crate) fn sessions_for(ctx: &Context, filter: &Filter) -> Result<Sessions, Failure> {
    if filter.needs_sessions() { sessions(ctx) } else { Ok(Sessions::default()) }
}

/// All of the person's sessions, the open ones among them.
pub(crate) fn sessions(ctx: &Context) -> Result<Sessions, Failure> {
    let store = gather::store(ctx);
    let closed = store.closed()?;
    gather::ledger::notice_unread(ctx, &closed);
    let mut sessions = closed.sessions;
    for active in store.active()? {
        sessions.extend(store.load(active.id)?);
    }
    Ok(Sessions::new(sessions))
}
