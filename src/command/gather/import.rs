//! Bringing the ledger up to date with what Claude Code wrote since the last time.

use std::collections::BTreeSet;
use std::path::Path;

use crate::command::gather;
use crate::context::Context;
use crate::domain::import::Imported;
use crate::domain::session::Session;
use crate::error::Failure;
use crate::source::git;
use crate::source::transcript;
use crate::source::transcript::Found;
use crate::source::transcript::Progress;
use crate::source::transcript::Work;
use crate::store::ledger;
use crate::store::ledger::LedgerStore;
use crate::store::ledger::SettledBy;
use crate::store::ledger::Unsettled;
use crate::store::lock::Patience;
use crate::store::told;
use crate::ui::Ui;
use crate::view::format;

/// Bytes of transcripts that go into the ledger at once, in a few seconds: what a kill may cost, and how long others wait
/// for their turn. An empty ledger is filled the fastest at once, each further share takes longer.
const SHARE: u64 = 8 << 30;

/// Bytes that can be read while someone waits for a status line.
const GLANCE: u64 = 16 << 20;

/// What a refresh found and did.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Refreshed {
    pub(crate) transcripts: u64,
    /// Those with something new in them.
    pub(crate) read: u64,
    pub(crate) imported: Imported,
}

/// The ledger with all that transcripts hold by now. Where they cannot be read the ledger says what it knows, and a notice
/// what is missing.
pub(crate) fn up_to_date(ctx: &Context, ui: &Ui) -> Result<(LedgerStore, Refreshed), Failure> {
    // Both mostly wait for the file system.
    let (found, ledger) = std::thread::scope(|scope| {
        let paths = &ctx.paths;
        let found = scope.spawn(|| transcript::find(&paths.claude, &paths.claude_desktop));
        let ledger = gather::ledger::whole(ctx);
        (found.join(), ledger)
    });
    let found = found.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    let mut ledger = ledger?;
    let refreshed = take_in(ctx, ui, &mut ledger, found)?;
    notice_unreadable(ctx, &ledger)?;
    Ok((ledger, refreshed))
}

/// Takes in what transcripts hold by now; with them come the directories that could not be searched.
pub(crate) fn take_in(
    ctx: &Context,
    ui: &Ui,
    ledger: &mut LedgerStore,
    (found, problems): (Vec<Found>, Vec<String>),
) -> Result<Refreshed, Failure> {
    for problem in problems {
        ctx.notice(problem);
    }
    let transcripts = found.len() as u64;
    let work = transcript::changed(found, &ledger.files()?);
    let mut refreshed = Refreshed { transcripts, read: 0, imported: Imported::default() };
    let progress = ui.progress(work.len());
    for share in shares(&work) {
        refreshed.imported += import(ctx, ledger, share, &mut |is_read| {
            progress.advance();
            refreshed.read += u64::from(is_read);
        })?;
    }
    progress.finish();
    settle(ctx, ledger, |_| !work.is_empty())?;
    put_open_sessions(ctx, ledger)?;
    Ok(refreshed)
}

/// Says it once of each line that could not be read, whoever met it: nobody sees what is said in the background.
fn notice_unreadable(ctx: &Context, ledger: &LedgerStore) -> Result<(), Failure> {
    let lines = ledger.count_skipped()?;
    // Where it cannot be kept what was told, it is told again.
    let untold = told::untold(&ctx.paths.data, lines).unwrap_or(lines);
    if untold > 0 {
        let (lines, verb) = (format::count(untold, "line"), format::is_or_are(untold));
        ctx.notice(format!(
            "{lines} of transcripts could not be read and {verb} in no total: claude-cost doctor shows them"
        ));
    }
    Ok(())
}

/// What people log counts from when they log it, not from the end of its session.
fn put_open_sessions(ctx: &Context, ledger: &mut LedgerStore) -> Result<(), Failure> {
    gather::session::notice_damaged(ctx)?;
    let store = gather::store(ctx);
    if store.is_unsettled()?
        && let Ok(Some(journals)) = store.lock(Patience::HOOK)
    {
        gather::session::settle(ctx, &journals)?;
    }
    let mut open = Vec::new();
    for active in store.active()? {
        open.extend(store.load(active.id)?.filter(|session| session.state.is_open()));
    }
    if !open.is_empty() || ledger.has_open_sessions()? {
        ledger.put_open_sessions(&open)?;
    }
    Ok(())
}

/// Brings the ledger up to date as far as that goes: a report says what is known all the same.
pub(crate) fn refresh(ctx: &Context, ui: &Ui) {
    if let Err(failure) = up_to_date(ctx, ui) {
        unread(ctx, &failure);
    }
}

/// Takes in what was written in a session's project since it started, quick enough for a prompt.
pub(crate) fn of_session(ctx: &Context, session: &Session) {
    let outcome = LedgerStore::open(&ctx.paths.ledger_file())
        .map_err(Failure::from)
        .and_then(|mut ledger| take_in_session(ctx, &mut ledger, session));
    if let Err(failure) = outcome {
        unread(ctx, &failure);
    }
}

fn take_in_session(ctx: &Context, ledger: &mut LedgerStore, session: &Session) -> Result<(), Failure> {
    let began = session.started_at.timestamp_nanos_opt().unwrap_or(0);
    let mut found = transcript::of_project(&ctx.paths.claude, &places(ledger, &session.start.project.root)?);
    found.retain(|file| file.modified >= began);
    let known = ledger.files_at(found.iter().map(|file| file.path.to_string_lossy()))?;
    let work = transcript::changed(found, &known);
    if work.is_empty() {
        return Ok(());
    }
    let asked = ledger.unsettled_directories()?;
    import(ctx, ledger, &work, &mut |_| {})?;
    settle(ctx, ledger, |directory| asked.binary_search(directory).is_err())
}

/// Where a project is at work: its root, its linked work trees, and the ways there that conversations were begun on before,
/// as through a symbolic link.
fn places(ledger: &LedgerStore, root: &str) -> Result<BTreeSet<String>, Failure> {
    // A repository that cannot be read has no more than its root.
    let work_trees = git::work_trees(Path::new(root)).unwrap_or_default();
    let mut places: BTreeSet<String> = ledger.directories_of(root)?.into_iter().collect();
    places.extend(work_trees.iter().map(|path| path.to_string_lossy().into_owned()));
    places.insert(root.to_owned());
    Ok(places)
}

/// Takes in what was written of a conversation since the last time. If that is much, it is left to a report: a status line
/// is cancelled by the next one, and would never get to the end of it.
pub(crate) fn of_conversation(ctx: &Context, ledger: &mut LedgerStore, transcript: &Path) -> Result<(), Failure> {
    let found = transcript::of_conversation(transcript);
    let known = ledger.files_at(found.iter().map(|file| file.path.to_string_lossy()))?;
    let work = transcript::changed(found, &known);
    let done = |work: &Work| work.known.as_ref().map_or(0, |mark| mark.done);
    let unread: u64 = work.iter().map(|work| work.file.size.saturating_sub(done(work))).sum();
    if work.is_empty() || unread > GLANCE {
        return Ok(());
    }
    let asked = ledger.unsettled_directories()?;
    import(ctx, ledger, &work, &mut |_| {})?;
    settle(ctx, ledger, |directory| asked.binary_search(directory).is_err())
}

pub(crate) fn unread(ctx: &Context, failure: &Failure) {
    ctx.notice(format!("what Claude Code used lately could not be read: {:#}", failure.cause()));
}

/// Takes in what is new in files; `each` is told of every one whether it could be read.
fn import(
    ctx: &Context,
    ledger: &mut LedgerStore,
    share: &[Work],
    each: &mut dyn FnMut(bool),
) -> Result<Imported, Failure> {
    put(ctx, ledger, share, each).map_err(|error| {
        let is_full = ledger::is_full(&error);
        let path = ctx.paths.ledger_file();
        let failure = Failure::from(error.context(format!("could not write to the ledger {}", path.display())));
        if is_full { failure.with_hint("free some space there, then type it again") } else { failure }
    })
}

fn put(
    ctx: &Context,
    ledger: &mut LedgerStore,
    share: &[Work],
    each: &mut dyn FnMut(bool),
) -> anyhow::Result<Imported> {
    let mut import = ledger.begin_import()?;
    // Another process may have done the same work while this one waited for its turn.
    let files = import.files_at(share.iter().map(|work| work.file.path.to_string_lossy()))?;
    let found = share.iter().map(|work| work.file.clone()).collect();
    transcript::read_all(&transcript::changed(found, &files), |progress| -> anyhow::Result<()> {
        match progress {
            Progress::Batch(batch) => import.put(batch)?,
            Progress::Done => each(true),
            Progress::Failed(error) => {
                each(false);
                ctx.notice(error.clone());
            }
        }
        Ok(())
    })?;
    import.commit()
}

/// Neighbouring work of about [`SHARE`] bytes each.
fn shares(work: &[Work]) -> Vec<&[Work]> {
    let mut shares = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (place, work_item) in work.iter().enumerate() {
        bytes += work_item.file.size;
        if bytes >= SHARE {
            shares.push(&work[start..=place]);
            (start, bytes) = (place + 1, 0);
        }
    }
    if start < work.len() {
        shares.push(&work[start..]);
    }
    shares
}

/// Asks git to which project the directories belong in which work was done, as far as `is_due` says. About directories outside
/// any repository, or gone with theirs, it is asked again by each report that found something, since they may have one by
/// then; what cannot wait asks about new ones only.
///
/// Outside of repositories the project of a session has what is below it, as far as no session's project lies deeper.
fn settle(ctx: &Context, ledger: &mut LedgerStore, is_due: impl Fn(&Unsettled) -> bool) -> Result<(), Failure> {
    let unsettled = ledger.unsettled_directories()?;
    if unsettled.is_empty() {
        return Ok(());
    }
    let mut roots: BTreeSet<String> = ledger.session_roots()?.into_iter().collect();
    roots.extend(gather::store(ctx).active()?.into_iter().map(|session| session.project.root));
    // One that was started at home would take in all that was ever done below it.
    roots.retain(|root| ctx.paths.home.as_deref() != Some(Path::new(root)));
    let (mut settled, mut claimed) = (Vec::new(), Vec::new());
    for directory in unsettled {
        let path = Path::new(&directory.path);
        let mut above = path.ancestors().filter_map(Path::to_str);
        let root = above.find(|above| roots.contains(*above)).filter(|root| *root != directory.project);
        if root.is_none() && !is_due(&directory) {
            continue;
        }
        if let Some(project) = project_of(ctx, path) {
            settled.push((directory.path, project));
        } else if let Some(root) = root.filter(|_| path.is_dir()) {
            claimed.push((directory.path.clone(), root.to_owned()));
        }
    }
    for (projects, by) in [(settled, SettledBy::Git), (claimed, SettledBy::Session)] {
        if !projects.is_empty() {
            ledger.settle_projects(&projects, by)?;
        }
    }
    Ok(())
}

/// The main work tree's root. Of a directory that is gone, such as a work tree after its branch was merged, the repository
/// tells that it lay in.
fn project_of(ctx: &Context, directory: &Path) -> Option<String> {
    let mut near = directory;
    while !near.is_dir() {
        near = near.parent()?;
    }
    let root = git::head(near).ok().flatten()?.project_root;
    // Many have their settings in a repository at home; what is gone was hardly a part of it.
    let is_guess_too_far = near != directory && ctx.paths.home.as_deref() == Some(&root);
    (!is_guess_too_far).then(|| root.to_string_lossy().into_owned())
}
