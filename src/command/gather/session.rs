//! Which session is meant, and changing it.

use std::path::Path;

use chrono::DateTime;
use chrono::Utc;

use crate::command::gather::Here;
use crate::command::gather::here;
use crate::command::gather::ledger;
use crate::command::gather::store;
use crate::context::Context;
use crate::domain::session::Session;
use crate::domain::session::SessionId;
use crate::domain::session::journal::Happening;
use crate::domain::session::journal::Line;
use crate::domain::session::journal::Project;
use crate::domain::session::rules::Refusal;
use crate::error::Failure;
use crate::error::HintExt;
use crate::store::ledger::LedgerStore;
use crate::store::lock::Patience;
use crate::store::session::ActiveSession;
use crate::store::session::Journals;
use crate::store::session::SessionStore;
use crate::view::format;

/// The open session that is meant: the one named, else the one of the project here.
pub(crate) fn open_session(ctx: &Context, typed: Option<&str>) -> Result<SessionId, Failure> {
    let active = store(ctx).active()?;
    match typed {
        Some(typed) => {
            let named: Vec<_> = active.iter().map(|session| (session.id, session.name.as_str())).collect();
            one_of(&named, typed)?.ok_or_else(|| {
                Failure::new(format!("no running session is meant by `{typed}`")).with_hint(others(&active))
            })
        }
        None => match of_project(&active, &here(ctx)) {
            Some(session) => Ok(session.id),
            None => Err(none_is_running(&here(ctx).project, &active)),
        },
    }
}

/// The session that is meant, open or closed: the one named, else the open one here, else the one closed last here.
pub(crate) fn any_session(ctx: &Context, typed: Option<&str>) -> Result<SessionId, Failure> {
    let active = store(ctx).active()?;
    let Some(typed) = typed else {
        let here = here(ctx);
        if let Some(session) = of_project(&active, &here) {
            return Ok(session.id);
        }
        return ledger(ctx)?.last_closed(&here.project.root)?.ok_or_else(|| none_is_running(&here.project, &active));
    };
    let mut named: Vec<(SessionId, String)> = active.into_iter().map(|session| (session.id, session.name)).collect();
    let open = named.len();
    for (id, name) in ledger(ctx)?.session_names()? {
        if !named[..open].iter().any(|(known, _)| *known == id) {
            named.push((id, name));
        }
    }
    let named: Vec<_> = named.iter().map(|(id, name)| (*id, name.as_str())).collect();
    one_of(&named, typed)?.ok_or_else(|| {
        Failure::new(format!("there is no session `{typed}`"))
            .with_hint("claude-cost sessions --all lists them with their ids")
    })
}

/// The open session of the project here, if there is one.
pub(crate) fn of_project<'a>(active: &'a [ActiveSession], here: &Here) -> Option<&'a ActiveSession> {
    let exact = active.iter().find(|session| session.project.root == here.project.root);
    if here.head.is_some() {
        return exact;
    }
    // Outside a repository a project is a directory with all that is below it.
    let below = |session: &&ActiveSession| Path::new(&here.project.root).starts_with(&session.project.root);
    exact.or_else(|| active.iter().filter(below).max_by_key(|session| session.project.root.len()))
}

/// Takes the journals' lock, patiently.
pub(crate) fn lock(store: &SessionStore) -> Result<Journals<'_>, Failure> {
    store.lock(Patience::COMMAND)?.ok_or_else(|| {
        Failure::new("another claude-cost command has held the session store for five seconds")
            .with_hint("try again; if a stopped process holds it, end that one")
    })
}

/// The session of that id, which must be readable.
pub(crate) fn load(store: &SessionStore, id: SessionId) -> Result<Session, Failure> {
    store.load(id)?.ok_or_else(|| Failure::new(format!("the journal of session {} cannot be read", id.short())))
}

/// Changes a session: `what` sees it as it is, and says what happens to it and when. Returns it as it is then.
pub(crate) fn change(
    ctx: &Context,
    id: SessionId,
    what: impl FnOnce(&Session) -> Result<(DateTime<Utc>, Happening), Failure>,
) -> Result<Session, Failure> {
    let store = store(ctx);
    let journals = lock(&store)?;
    settle(ctx, &journals)?;
    let session = load(&store, id)?;
    let (at, happening) = what(&session)?;
    journals.append(id, &Line::new(at, ctx.now, happening))?;
    let session = load(&store, id)?;
    place(ctx, &journals, &session)?;
    Ok(session)
}

/// Adds to a session what needs no lock if need be: a line that only gets added is put aside when the store is busy.
pub(crate) fn add(
    ctx: &Context,
    id: SessionId,
    patience: Patience,
    what: impl FnOnce(&Session) -> Result<(DateTime<Utc>, Happening), Failure>,
) -> Result<Session, Failure> {
    let store = store(ctx);
    let journals = store.lock(patience)?;
    let session = load(&store, id)?;
    let (at, happening) = what(&session)?;
    let line = Line::new(at, ctx.now, happening);
    match journals {
        Some(journals) => journals.append(id, &line)?,
        None => store.spool(id, &line)?,
    }
    Ok(session.and(line))
}

/// Puts a session's journal where its state belongs, and the ledger in line with it.
pub(crate) fn place(ctx: &Context, journals: &Journals<'_>, session: &Session) -> Result<(), Failure> {
    if session.state.is_open() {
        if journals.reopen(session.id)? {
            ledger(ctx)?.remove_session(session.id)?;
        }
        return Ok(());
    }
    let mut ledger = ledger(ctx)?;
    let mut is_put = false;
    journals.settle(|closed| {
        is_put |= closed.id == session.id;
        ledger.put_session(closed)
    })?;
    // The journal of one that had ended before lies elsewhere.
    if !is_put {
        ledger.put_session(session)?;
    }
    Ok(())
}

/// Finishes what a crash may have left undone: sessions that have ended, but not moved.
pub(crate) fn settle(ctx: &Context, journals: &Journals<'_>) -> Result<(), Failure> {
    let mut ledger = None;
    journals.settle(|closed| {
        let ledger = match &mut ledger {
            Some(ledger) => ledger,
            None => ledger.insert(LedgerStore::open(&ctx.paths.ledger_file())?),
        };
        ledger.put_session(closed)
    })?;
    Ok(())
}

/// Why a change is refused, with the way out.
pub(crate) fn refused(ctx: &Context, session: &Session, refusal: Refusal) -> Failure {
    let name = &session.start.name;
    let clock = |at: DateTime<Utc>| format::moment(at, ctx.time_zone);
    let failure = Failure::new(format!("`{name}`: {refusal}"));
    match refusal {
        Refusal::Closed => failure.with_hint(format!("open it again with claude-cost continue {}", session.id.short())),
        Refusal::Open => failure.with_hint("it goes on as it is; there is nothing to continue"),
        Refusal::Paused => failure.with_hint("go on with claude-cost resume"),
        Refusal::NotPaused => failure.with_hint("pause it with claude-cost pause"),
        Refusal::BeforeStart(at) => {
            failure.with_hint(format!("it started {}; move its start with claude-cost edit --at <TIME>", clock(at)))
        }
        Refusal::InOpenPause(since) => failure.with_hint(format!(
            "it is paused since {}; go on with claude-cost resume, or claude-cost resume --at <TIME> if work went on before",
            clock(since)
        )),
        Refusal::AfterEnd(at) => failure.with_hint(format!("it ended {}; give a time before that", clock(at))),
        Refusal::BeforeLast(at) => {
            failure.with_hint(format!("that was {}; claude-cost edit <NUMBER> --at <TIME> moves an entry", clock(at)))
        }
        Refusal::InPause(from, until) => {
            failure.with_hint(format!("it was paused from {} to {}; give a time outside", clock(from), clock(until)))
        }
    }
}

fn none_is_running(project: &Project, active: &[ActiveSession]) -> Failure {
    let failure = Failure::new(format!("no session is running in {}", project.name));
    if active.is_empty() {
        failure.with_hint("start one with claude-cost start <NAME>")
    } else {
        failure.with_hint(format!("start one with claude-cost start <NAME>; {}", others(active)))
    }
}

fn others(active: &[ActiveSession]) -> String {
    if active.is_empty() {
        return "no session is running at all; start one with claude-cost start <NAME>".to_owned();
    }
    let list: Vec<String> = active
        .iter()
        .map(|session| format!("{} in {} (--session {})", session.name, session.project.name, session.id.short()))
        .collect();
    format!("running: {}", list.join(", "))
}

/// The one session whose id starts with what was typed, or whose name it is.
fn one_of(sessions: &[(SessionId, &str)], typed: &str) -> Result<Option<SessionId>, Failure> {
    let by_id: Vec<_> = sessions.iter().filter(|(id, _)| id.is_meant_by(typed)).collect();
    let meant = if by_id.is_empty() {
        sessions.iter().filter(|(_, name)| name.to_lowercase() == typed.trim().to_lowercase()).collect()
    } else {
        by_id
    };
    match meant.as_slice() {
        [] => Ok(None),
        [(id, _)] => Ok(Some(*id)),
        several => {
            let list: Vec<String> =
                several.iter().take(5).map(|(id, name)| format!("{} ({name})", id.short())).collect();
            Err(Failure::usage(format!("`{typed}` means {} sessions", several.len())))
                .hint(format!("give more of the id: {}", list.join(", ")))
        }
    }
}

/// Refuses to open a session of a project in which another one is open.
pub(crate) fn check_no_other(ctx: &Context, session: &Session) -> Result<(), Failure> {
    let is_other =
        |active: &ActiveSession| active.id != session.id && active.project.root == session.start.project.root;
    match store(ctx).active()?.into_iter().find(is_other) {
        Some(other) => Err(Failure::new(format!("`{}` is running in {}", other.name, other.project.name))
            .with_hint(format!("end it first with claude-cost end --session {}", other.id.short()))),
        None => Ok(()),
    }
}
