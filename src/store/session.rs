//! Session journals: the running ones, the ended ones, and every change to them under one lock.

use std::path::Path;
use std::path::PathBuf;

use chrono::DateTime;
use chrono::Datelike;
use chrono::Utc;
use fs_err as fs;
use memchr::memmem;

use crate::domain::session::Session;
use crate::domain::session::SessionId;
use crate::domain::session::journal::Line;
use crate::domain::session::journal::Project;
use crate::store::fs::append_line;
use crate::store::fs::create_private_dir;
use crate::store::fs::list;
use crate::store::fs::read_if_there;
use crate::store::fs::sync_directory;
use crate::store::fs::write_atomic;
use crate::store::journal;
use crate::store::lock::Lock;
use crate::store::lock::Patience;
use crate::store::spool;

/// What the lines have that change a session's name.
const EDITED: &str = "\"session_edited\"";
const CLOSING: [&str; 2] = ["\"ended\"", "\"cancelled\""];

/// `sessions/` in the data directory.
#[derive(Debug)]
pub(crate) struct SessionStore {
    root: PathBuf,
}

/// What an open session is called and where it belongs.
#[derive(Debug, Clone)]
pub(crate) struct ActiveSession {
    pub(crate) id: SessionId,
    pub(crate) name: String,
    pub(crate) project: Project,
}

/// The sessions that have closed, and the journals that tell of none.
#[derive(Debug, Default)]
pub(crate) struct Closed {
    pub(crate) sessions: Vec<Session>,
    pub(crate) unread: Vec<PathBuf>,
}

/// The right to change journals: the lock is held, and what others had put aside is taken in.
#[derive(Debug)]
pub(crate) struct Journals<'a> {
    store: &'a SessionStore,
    _lock: Lock,
}

impl SessionStore {
    pub(crate) fn new(data: &Path) -> Self {
        Self { root: data.join("sessions") }
    }

    /// Open sessions, the oldest first. One journal that cannot be read hides no other.
    pub(crate) fn active(&self) -> anyhow::Result<Vec<ActiveSession>> {
        let mut active = Vec::new();
        for (id, _, journal) in self.active_journals()? {
            // Few have closed or been renamed, so most need no more than their start.
            let start = if says(&journal, &CLOSING) || says(&journal, &[EDITED]) {
                journal::fold(id, &journal).filter(|session| session.state.is_open()).map(|session| session.start)
            } else {
                journal::start(&journal)
            };
            let Some(start) = start else { continue };
            active.push(ActiveSession { id, name: start.name, project: start.project });
        }
        Ok(active)
    }

    /// What is wrong with the journals among the running ones that tell of no session.
    pub(crate) fn damaged(&self) -> anyhow::Result<Vec<anyhow::Error>> {
        let damaged = self.active_paths()?.into_iter().filter_map(|(_, path)| match read_if_there(&path) {
            Ok(journal) => {
                let has_no_start = journal.is_some_and(|journal| journal::start(&journal).is_none());
                has_no_start.then(|| anyhow::anyhow!("{} has lost its first line", path.display()))
            }
            Err(error) => Some(error),
        });
        Ok(damaged.collect())
    }

    /// The session of that id, wherever its journal lies, with what is put aside for it.
    pub(crate) fn load(&self, id: SessionId) -> anyhow::Result<Option<Session>> {
        // Read first: a line on its way from here into the journal is then seen at least once, and counts once.
        let aside = spool::all(&self.spool_directory())?;
        // A session that is opened again moves from the second place to the first while we look.
        for path in [self.active_path(id), self.ended_path(id), self.active_path(id)] {
            let Some(mut journal) = read_if_there(&path)? else { continue };
            for spooled in aside.iter().filter(|spooled| spooled.session == id) {
                journal.push(b'\n');
                journal.extend_from_slice(spooled.line.as_bytes());
            }
            return Ok(journal::fold(id, &journal));
        }
        Ok(None)
    }

    /// Every closed session, for a ledger that has to be made anew. One journal that cannot be read hides no other.
    pub(crate) fn closed(&self) -> anyhow::Result<Closed> {
        let mut all = Closed::default();
        all.sessions.extend(self.active_journals()?.into_iter().filter_map(|(id, _, journal)| closed(id, &journal)));
        for year in list(&self.root.join("ended"))?.into_iter().filter(|path| path.is_dir()) {
            for (id, path) in journals_in(&year)? {
                match read_if_there(&path) {
                    Ok(None) => {}
                    Ok(Some(journal)) => match journal::fold(id, &journal) {
                        Some(session) => all.sessions.push(session),
                        None => all.unread.push(path),
                    },
                    Err(_) => all.unread.push(path),
                }
            }
        }
        Ok(all)
    }

    /// Whether a closed session's journal still lies among the running ones, as after a crash.
    pub(crate) fn is_unsettled(&self) -> anyhow::Result<bool> {
        Ok(self.active_journals()?.iter().any(|(id, _, journal)| closed(*id, journal).is_some()))
    }

    /// Takes the lock; `None` when others hold it for longer than `patience`.
    pub(crate) fn lock(&self, patience: Patience) -> anyhow::Result<Option<Journals<'_>>> {
        create_private_dir(&self.root.join("active"))?;
        let Some(lock) = Lock::acquire(&self.root.join("lock"), patience)? else { return Ok(None) };
        let journals = Journals { store: self, _lock: lock };
        journals.take_in_spool()?;
        Ok(Some(journals))
    }

    /// Puts a line aside for a session whose journal cannot be locked in time.
    pub(crate) fn spool(&self, id: SessionId, line: &Line) -> anyhow::Result<()> {
        spool::put(&self.spool_directory(), id, line)
    }

    /// Takes a line back that was put aside; `false` when it is in the journal by now.
    pub(crate) fn take_back(&self, id: SessionId, line: &Line) -> anyhow::Result<bool> {
        spool::take_back(&self.spool_directory(), id, line)
    }

    fn active_paths(&self) -> anyhow::Result<Vec<(SessionId, PathBuf)>> {
        journals_in(&self.root.join("active"))
    }

    /// Those of the journals among the running ones that can be read; `damaged` tells of the others.
    fn active_journals(&self) -> anyhow::Result<Vec<(SessionId, PathBuf, Vec<u8>)>> {
        let readable = |(id, path): (SessionId, PathBuf)| {
            let journal = read_if_there(&path).ok()??;
            Some((id, path, journal))
        };
        Ok(self.active_paths()?.into_iter().filter_map(readable).collect())
    }

    fn active_path(&self, id: SessionId) -> PathBuf {
        self.root.join("active").join(format!("{id}.jsonl"))
    }

    /// The year is that of the id, so that the id alone says where the journal is.
    fn ended_path(&self, id: SessionId) -> PathBuf {
        let year = id.created_at().map_or(1970, |at: DateTime<Utc>| at.year());
        self.root.join("ended").join(format!("{year:04}")).join(format!("{id}.jsonl"))
    }

    fn spool_directory(&self) -> PathBuf {
        self.root.join("spool")
    }
}

impl Journals<'_> {
    /// Makes a journal whose first line is `line`, which must be a start.
    pub(crate) fn create(&self, id: SessionId, line: &Line) -> anyhow::Result<()> {
        write_atomic(&self.store.active_path(id), format!("{}\n", journal::text(line)).as_bytes())
    }

    /// Appends a line, durably. The journal lies among the running ones, if need be after `reopen`.
    pub(crate) fn append(&self, id: SessionId, line: &Line) -> anyhow::Result<()> {
        append_line(&self.store.active_path(id), &journal::text(line))
    }

    /// Moves the journals of sessions that have closed out of `active/`, if `is_taken_in` says that the ledger has them.
    ///
    /// A crash before the move only means that it happens at the next call.
    pub(crate) fn settle(&self, mut is_taken_in: impl FnMut(&Session) -> bool) -> anyhow::Result<()> {
        for (id, path, journal) in self.store.active_journals()? {
            let Some(session) = closed(id, &journal) else { continue };
            if is_taken_in(&session) {
                relocate(&path, &self.store.ended_path(id))?;
            }
        }
        Ok(())
    }

    /// Moves the journal of a closed session to the running ones, where it lies while it changes: whatever comes between,
    /// `settle` finds it there. Whether it lay among the ended.
    pub(crate) fn reopen(&self, id: SessionId) -> anyhow::Result<bool> {
        let (active, ended) = (self.store.active_path(id), self.store.ended_path(id));
        let is_ended = !active.try_exists()? && ended.try_exists()?;
        if is_ended {
            relocate(&ended, &active)?;
        }
        Ok(is_ended)
    }

    /// The session as its journal alone has it: what is put aside may yet be taken back.
    pub(crate) fn load(&self, id: SessionId) -> anyhow::Result<Option<Session>> {
        Ok(read_if_there(&self.store.active_path(id))?.and_then(|journal| journal::fold(id, &journal)))
    }

    /// Takes in what others put aside while they could not get the lock.
    pub(crate) fn take_in_spool(&self) -> anyhow::Result<()> {
        for spooled in spool::all(&self.store.spool_directory())? {
            self.reopen(spooled.session)?;
            let journal = self.store.active_path(spooled.session);
            // The journal may yet come, from a backup or another machine.
            if !journal.is_file() {
                continue;
            }
            // Twice if a crash comes between the two steps: its id makes it count once.
            append_line(&journal, &spooled.line)?;
            fs::remove_file(&spooled.path)?;
        }
        Ok(())
    }
}

/// The session of a journal, if it has closed. Most have not, and need not be read as a whole to know it.
fn closed(id: SessionId, journal: &[u8]) -> Option<Session> {
    says(journal, &CLOSING).then(|| journal::fold(id, journal)).flatten().filter(|session| !session.state.is_open())
}

fn says(journal: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| memmem::find(journal, word.as_bytes()).is_some())
}

fn relocate(from: &Path, to: &Path) -> anyhow::Result<()> {
    let (Some(source), Some(target)) = (from.parent(), to.parent()) else { return Ok(()) };
    create_private_dir(target)?;
    fs::rename(from, to)?;
    sync_directory(target)?;
    sync_directory(source)
}

fn journals_in(directory: &Path) -> anyhow::Result<Vec<(SessionId, PathBuf)>> {
    let named = |path: PathBuf| {
        let id = path.file_name()?.to_str()?.strip_suffix(".jsonl")?.parse().ok()?;
        Some((id, path))
    };
    Ok(list(directory)?.into_iter().filter_map(named).collect())
}
