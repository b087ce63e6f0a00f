//! Which session is meant, and changing it.

use std::io::ErrorKind;
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
use crate::store::journal;
use crate::store::lock::Patience;
use crate::store::session::ActiveSession;
use crate::store::session::Journals;
use crate::store::session::SessionStore;
use crate::view::format;
use crate::view::text;

/// The open session that is meant: the one named, else the one of the project here.
pub(crate) fn open_session(ctx: &Context, typed: Option<&str>) -> Result<SessionId, Failure> {
    let active = store(ctx).active()?;
    let Some(typed) = typed else {
        let here = here(ctx);
        return only_one(&active, &here)?.ok_or_else(|| none_is_running(ctx, &here.project, &active));
    };
    let named: Vec<_> = active.iter().map(|session| (session.id, session.name.as_str())).collect();
    one_of(&named, typed)?
        .ok_or_else(|| Failure::new(format!("no running session matches `{typed}`")).with_hint(others(&active)))
}

/// The session that is meant, open or closed: the one named, else the open one here, else the one closed last here.
pub(crate) fn any_session(ctx: &Context, typed: Option<&str>) -> Result<SessionId, Failure> {
    let active = store(ctx).active()?;
    let Some(typed) = typed else {
        let here = here(ctx);
        if let Some(id) = only_one(&active, &here)? {
            return Ok(id);
        }
        let last = ledger::whole(ctx)?.last_closed(&here.project.root)?;
        return last.ok_or_else(|| none_is_running(ctx, &here.project, &active));
    };
    let mut named: Vec<(SessionId, String)> = active.into_iter().map(|session| (session.id, session.name)).collect();
    let open = named.len();
    for (id, name) in ledger::whole(ctx)?.session_names()? {
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

/// The open session of the project here. Two can be open where data directories of two machines were put together;
/// which one is meant is then the person's to say.
fn only_one(active: &[ActiveSession], here: &Here) -> Result<Option<SessionId>, Failure> {
    let Some(session) = of_project(active, here) else { return Ok(None) };
    let rivals: Vec<_> = active.iter().filter(|other| other.project.root == session.project.root).cloned().collect();
    if rivals.len() > 1 {
        let project = text::single_line(&session.project.name);
        return Err(Failure::new(format!("{} sessions are running in {project}", rivals.len()))
            .with_hint(format!("say which one; {}", others(&rivals))));
    }
    Ok(Some(session.id))
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

/// Says which journals among the running ones tell of no session.
pub(crate) fn notice_damaged(ctx: &Context) -> anyhow::Result<()> {
    for damaged in store(ctx).damaged()? {
        ctx.notice(format!("{damaged:#}: its session is in no figure"));
    }
    Ok(())
}

/// Takes the journals' lock, patiently.
pub(crate) fn lock(store: &SessionStore) -> Result<Journals<'_>, Failure> {
    let journals = store.lock(Patience::COMMAND).map_err(unwritable)?;
    journals.ok_or_else(|| {
        Failure::new("another claude-cost command has held the session store for five seconds")
            .with_hint("try again; if a stopped process holds it, end that one")
    })
}

/// Nothing can be recorded there: names the variable that leads elsewhere.
fn unwritable(error: anyhow::Error) -> Failure {
    let is_closed_to_us = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>()).any(|error| {
        use ErrorKind::AlreadyExists;
        use ErrorKind::NotADirectory;
        use ErrorKind::PermissionDenied;
        use ErrorKind::ReadOnlyFilesystem;
        matches!(error.kind(), AlreadyExists | NotADirectory | PermissionDenied | ReadOnlyFilesystem)
    });
    let failure = Failure::from(error);
    if is_closed_to_us { failure.with_hint("set CLAUDE_COST_HOME to a directory that can be written") } else { failure }
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
    // A closed session changes among the running ones: from there `settle` brings it back, and the ledger in line, after
    // a kill at any point.
    if journals.reopen(id)? {
        ledger::forget(ctx, id);
    }
    let appended = journals.append(id, &journal::new_line(at, ctx.now, happening));
    settle(ctx, &journals)?;
    appended?;
    load(&store, id)
}

/// Adds to a session what needs no lock if need be: a line that only gets added is put aside when the store is busy.
pub(crate) fn add(
    ctx: &Context,
    id: SessionId,
    patience: Patience,
    what: impl FnOnce(&Session) -> Result<(DateTime<Utc>, Happening), Failure>,
) -> Result<Session, Failure> {
    let store = store(ctx);
    let journals = store.lock(patience).map_err(unwritable)?;
    let session = load(&store, id)?;
    let (at, happening) = what(&session)?;
    let line = journal::new_line(at, ctx.now, happening);
    let Some(journals) = journals else {
        put_aside(ctx, &store, id, &line)?;
        return Ok(session.and(line));
    };
    journals.append(id, &line)?;
    Ok(session.and(line))
}

/// Adds to a session what holds whatever is in it, so that nobody waits until it is read.
pub(crate) fn add_unseen(ctx: &Context, id: SessionId, patience: Patience, what: Happening) -> Result<(), Failure> {
    let store = store(ctx);
    let line = journal::new_line(ctx.now, ctx.now, what);
    match store.lock(patience)? {
        Some(journals) => journals.append(id, &line)?,
        None => store.spool(id, &line)?,
    }
    Ok(())
}

/// Puts a line aside, unless the session ends at this very moment. `end` looks for such lines after it has written its
/// own, and here it is the other way round: one of the two sees the other.
fn put_aside(ctx: &Context, store: &SessionStore, id: SessionId, line: &Line) -> Result<(), Failure> {
    store.spool(id, line)?;
    let session = load(store, id)?;
    if session.state.is_open() {
        return Ok(());
    }
    if store.take_back(id, line)? {
        return Err(refused(ctx, &session, Refusal::Closed));
    }
    ctx.notice(format!(
        "the session has ended meanwhile; if its report lacks this, claude-cost show {} --save writes it again",
        id.short()
    ));
    Ok(())
}

/// Moves sessions that have closed to where they belong, and brings the ledger in line: those of this command, and those
/// that a crash left in between.
pub(crate) fn settle(ctx: &Context, journals: &Journals<'_>) -> Result<(), Failure> {
    Ok(journals.settle(|closed| ledger::put(ctx, closed))?)
}

/// Why a change is refused, with the way out.
pub(crate) fn refused(ctx: &Context, session: &Session, refusal: Refusal) -> Failure {
    let name = text::single_line(&session.start.name);
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
            "it has been paused since {}; go on with claude-cost resume, or claude-cost resume --at <TIME> if work went on before",
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

fn none_is_running(ctx: &Context, project: &Project, active: &[ActiveSession]) -> Failure {
    let failure = Failure::new(format!("no session is running in {}", text::single_line(&project.name)));
    if let Some(damaged) = store(ctx).damaged().unwrap_or_default().first() {
        return failure.with_hint(format!("perhaps one is that cannot be read: {damaged:#}; mend it, or move it away"));
    }
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
        .map(|session| {
            let (name, project) = (text::single_line(&session.name), text::single_line(&session.project.name));
            format!("{name} in {project} (--session {})", session.id.short())
        })
        .collect();
    format!("running: {}", list.join(", "))
}

/// The one session whose id starts with what was typed, or whose name it is.
fn one_of(sessions: &[(SessionId, &str)], typed: &str) -> Result<Option<SessionId>, Failure> {
    let name = typed.trim().to_lowercase();
    let is_whole = |id: &SessionId| typed.parse() == Ok(*id) || id.short() == name;
    // What is typed whole is meant before what it is only the beginning of.
    let whole: Vec<_> = sessions.iter().filter(|(id, called)| is_whole(id) || called.to_lowercase() == name).collect();
    let meant =
        if whole.is_empty() { sessions.iter().filter(|(id, _)| id.is_meant_by(typed)).collect() } else { whole };
    match meant.as_slice() {
        [] => Ok(None),
        [(id, _)] => Ok(Some(*id)),
        several => {
            let list: Vec<String> = several
                .iter()
                .take(5)
                .map(|(id, name)| format!("{} ({})", id.short(), text::single_line(name)))
                .collect();
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
        Some(other) => Err(is_running(&other)),
        None => Ok(()),
    }
}

/// A project has one open session at a time.
pub(crate) fn is_running(other: &ActiveSession) -> Failure {
    let (name, project) = (text::single_line(&other.name), text::single_line(&other.project.name));
    Failure::new(format!("`{name}` is running in {project}"))
        .with_hint(format!("end it first with claude-cost end --session {}, or cancel it", other.id.short()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_whole_comes_before_what_begins_so() {
        let id = |end: &str| format!("019aa0e2-0000-7000-8000-0000{end}").parse::<SessionId>().unwrap();
        let [first, second, third] = ["e1000001", "e2000002", "a3000003"].map(id);
        let sessions = [(first, "auth"), (second, "docs"), (third, "e")];
        for (typed, meant) in
            [("e", third), ("e1", first), ("E2000002", second), ("Docs ", second), ("a3000003", third)]
        {
            assert_eq!(one_of(&sessions, typed).ok().flatten(), Some(meant), "{typed}");
        }
        assert_eq!(one_of(&sessions, "x").ok().flatten(), None);
        let named_alike = [(first, "a3000003"), (third, "e")];
        for (sessions, typed) in [(&sessions[..2], "e"), (&named_alike, "a3000003")] {
            assert!(one_of(sessions, typed).unwrap_err().message().contains("means 2 sessions"), "{typed}");
        }
    }
}
