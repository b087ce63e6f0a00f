//! The report of a session, from all that is known about it, and the place where it is archived.

use std::path::PathBuf;

use anyhow::Context as _;
use chrono::DateTime;
use chrono::Utc;

use crate::command::gather;
use crate::context::Context;
use crate::domain::event::UsageEvent;
use crate::domain::price::PriceBook;
use crate::domain::session::Session;
use crate::error::Failure;
use crate::report::insight::TREND_SESSIONS;
use crate::report::session;
use crate::report::session::CommitFacts;
use crate::report::session::Earlier;
use crate::report::session::Facts;
use crate::report::session::SessionReport;
use crate::source::git;
use crate::source::git::CommitQuery;
use crate::source::git::Head;
use crate::store::ledger::Before;
use crate::store::report::Archived;
use crate::store::report::ReportStore;
use crate::view;
use crate::view::format;
use crate::view::markdown::OwnTemplate;

pub(crate) fn of(ctx: &Context, session: &Session, prices: &PriceBook) -> Result<SessionReport, Failure> {
    // Neither the ledger nor git is quick in a long history, and neither needs the other.
    let (commits, known) = std::thread::scope(|scope| {
        let until = session.ended_at().unwrap_or(ctx.now);
        let commits = scope.spawn(move || commits(session, until));
        let known = known(ctx, session);
        (commits.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), known)
    });
    let (earlier, measured) = known?;

    Ok(session::build(Facts {
        session,
        measured: &measured,
        commits: &commits,
        prices,
        earlier: &earlier,
        now: ctx.now,
        active_gap: ctx.config.active_gap,
    }))
}

/// What the ledger knows: earlier sessions, and what was measured in this one.
fn known(ctx: &Context, session: &Session) -> Result<(Earlier, Vec<UsageEvent>), Failure> {
    let ledger = gather::ledger::whole(ctx)?;
    let before =
        Before { project: &session.start.project, until: session.ended_at().unwrap_or(ctx.now), but: session.id };
    let earlier = Earlier { latest: ledger.latest_before(&before, TREND_SESSIONS)?, all: ledger.sum_before(&before)? };
    let measured = gather::overlap::own_events(ctx, &ledger, session)?;
    Ok((earlier, measured))
}

/// What git tells of the time of the session, by the project's own repository.
fn commits(session: &Session, until: DateTime<Utc>) -> CommitFacts {
    let head = match head(session) {
        Ok(Some(head)) => head,
        Ok(None) => return CommitFacts::default(),
        Err(error) => return CommitFacts { unreadable: Some(format!("{error:#}")), ..CommitFacts::default() },
    };
    match git::commits(&head.root, &CommitQuery { since: session.started_at, until, noted: &session.commits }) {
        Ok(found) => CommitFacts {
            commits: found.commits,
            is_incomplete: found.is_incomplete,
            unreadable: None,
            is_repository: true,
        },
        Err(error) => {
            CommitFacts { unreadable: Some(format!("{error:#}")), is_repository: true, ..CommitFacts::default() }
        }
    }
}

/// The repository in which the session was started, if it is still there.
fn head(session: &Session) -> anyhow::Result<Option<Head>> {
    let directory = std::path::Path::new(&session.start.directory);
    match git::head(directory) {
        Ok(Some(head)) => Ok(Some(head)),
        // That directory may be gone while the repository is not.
        Ok(None) | Err(_) => git::head(std::path::Path::new(&session.start.project.root)),
    }
}

/// Where the report of a session is archived: in its repository, else in the data directory.
#[derive(Debug)]
pub(crate) struct Archive {
    pub(crate) store: ReportStore,
    /// The work tree that it lies in.
    pub(crate) root: Option<PathBuf>,
}

pub(crate) fn archive(ctx: &Context, session: &Session) -> Archive {
    match head(session) {
        Ok(Some(head)) => {
            let store = ReportStore::in_repository(head.root.clone(), &ctx.config.reports.directory);
            Archive { store, root: Some(head.root) }
        }
        Ok(None) | Err(_) => private_archive(ctx),
    }
}

/// The pages of a session that were archived, in its repository or in the data directory.
pub(crate) fn archived(ctx: &Context, session: &Session) -> Vec<PathBuf> {
    let (archive, private) = (archive(ctx, session), private_archive(ctx));
    let stores = std::iter::once(archive.store).chain(archive.root.map(|_| private.store));
    stores.filter_map(|store| store.known(session.id).ok().flatten()).collect()
}

fn private_archive(ctx: &Context) -> Archive {
    Archive { store: ReportStore::private(ctx.paths.reports()), root: None }
}

/// Writes both files of a report, with the person's notes kept; into the data directory if the repository will not take
/// them. Says what went wrong there.
pub(crate) fn save(
    ctx: &Context,
    session: &Session,
    report: &SessionReport,
) -> Result<(Archived, Archive, Option<anyhow::Error>), Failure> {
    let archive = archive(ctx, session);
    match save_in(ctx, session, report, &archive.store) {
        Ok(place) => Ok((place, archive, None)),
        Err(SaveError::Template(error)) => Err(template_failure(error)),
        Err(SaveError::Write(error)) if archive.root.is_some() => {
            let archive = private_archive(ctx);
            match save_in(ctx, session, report, &archive.store) {
                Ok(place) => Ok((place, archive, Some(error))),
                Err(SaveError::Template(error)) => Err(template_failure(error)),
                Err(SaveError::Write(error)) => Err(error.into()),
            }
        }
        Err(SaveError::Write(error)) => Err(error.into()),
    }
}

enum SaveError {
    Template(anyhow::Error),
    Write(anyhow::Error),
}

fn save_in(
    ctx: &Context,
    session: &Session,
    report: &SessionReport,
    store: &ReportStore,
) -> Result<Archived, SaveError> {
    let own = template(ctx).map_err(SaveError::Template)?;
    let place = store.place(session, &format::day(session.started_at, ctx.time_zone)).map_err(SaveError::Write)?;
    let page = place.page().map_err(SaveError::Write)?;
    let markdown =
        view::markdown::session(report, ctx.time_zone, own.as_ref(), page.as_deref()).map_err(SaveError::Template)?;
    let json = view::json::pretty(report).map_err(SaveError::Write)?;
    store.save(&place, &markdown, &json).map_err(SaveError::Write)?;
    Ok(place)
}

/// The page as it would be archived, but without the person's notes.
pub(crate) fn page(ctx: &Context, report: &SessionReport) -> Result<String, Failure> {
    let page = || view::markdown::session(report, ctx.time_zone, template(ctx)?.as_ref(), None);
    page().map_err(template_failure)
}

/// The user's own template, if one is set.
fn template(ctx: &Context) -> anyhow::Result<Option<OwnTemplate>> {
    let Some(path) = &ctx.config.session_template else { return Ok(None) };
    let text = fs_err::read_to_string(path).context("the template cannot be read")?;
    Ok(Some(OwnTemplate { name: path.display().to_string(), text }))
}

fn template_failure(error: anyhow::Error) -> Failure {
    Failure::from(error).with_hint("mend it, or go without with claude-cost config unset templates.session")
}
