//! Session journals: the running ones, the ended ones, and every change to them under one lock.

use std::path::Path;
use std::path::PathBuf;

use chrono::DateTime;
use chrono::Datelike;
use chrono::Utc;
use fs_err as fs;

use crate::domain::session::Session;
use crate::domain::session::SessionId;
use crate::domain::session::fold;
use crate::domain::session::journal::Happening;
use crate::domain::session::journal::Line;
use crate::domain::session::journal::Project;
use crate::store::fs::append_line;
use crate::store::fs::create_private_dir;
use crate::store::fs::list;
use crate::store::fs::read_if_there;
use crate::store::fs::sync_directory;
use crate::store::fs::write_atomic;
use crate::store::lock::Lock;
use crate::store::lock::Patience;
use crate::store::spool;

/// `sessions/` in the data directory.
#[derive(Debug)]
pub(crate) struct SessionStore {
    root: PathBuf,
}

/// Where an open session belongs, read from its first line alone.
#[derive(Debug, Clone)]
pub(crate) struct ActiveSession {
    pub(crate) id: SessionId,
    pub(crate) name: String,
    pub(crate) project: Project,
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

    /// Sessions in `active/`, the oldest first. One of them may have ended in the instant before a crash.
    pub(crate) fn active(&self) -> anyhow::Result<Vec<ActiveSession>> {
        let mut active = Vec::new();
        for (id, path) in self.active_paths()? {
            let Some(journal) = read_if_there(&path)? else { continue };
            let Some(Line { what: Happening::Started(start), .. }) = fold::first_line(&journal) else { continue };
            active.push(ActiveSession { id, name: start.name, project: start.project });
        }
        Ok(active)
    }

    /// The session of that id, wherever its journal lies.
    pub(crate) fn load(&self, id: SessionId) -> anyhow::Result<Option<Session>> {
        for path in [self.active_path(id), self.ended_path(id)] {
            if let Some(journal) = read_if_there(&path)? {
                return Ok(fold::fold(id, &journal));
            }
        }
        Ok(None)
    }

    /// Every ended session, for a ledger that has to be made anew.
    pub(crate) fn ended(&self) -> anyhow::Result<Vec<Session>> {
        let mut sessions = Vec::new();
        for year in list(&self.root.join("ended"))? {
            for (id, path) in journals_in(&year)? {
                sessions.extend(read_if_there(&path)?.and_then(|journal| fold::fold(id, &journal)));
            }
        }
        Ok(sessions)
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

    fn active_paths(&self) -> anyhow::Result<Vec<(SessionId, PathBuf)>> {
        journals_in(&self.root.join("active"))
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
        self.sweep_temporary_files()?;
        write_atomic(&self.store.active_path(id), format!("{}\n", line.to_text()).as_bytes())
    }

    /// Appends a line, durably.
    pub(crate) fn append(&self, id: SessionId, line: &Line) -> anyhow::Result<()> {
        append_line(&self.place(id)?, &line.to_text())
    }

    /// Moves journals of sessions that have closed out of `active/`, after `settled` has seen each.
    ///
    /// A crash before the move only means that it happens at the next call.
    pub(crate) fn settle(&self, mut settled: impl FnMut(&Session) -> anyhow::Result<()>) -> anyhow::Result<()> {
        for (id, path) in self.store.active_paths()? {
            let Some(session) = read_if_there(&path)?.and_then(|journal| fold::fold(id, &journal)) else { continue };
            if !session.state.is_open() {
                settled(&session)?;
                relocate(&path, &self.store.ended_path(id))?;
            }
        }
        Ok(())
    }

    /// Moves the journal of an ended session back to the running ones; whether it lay among the ended.
    pub(crate) fn reopen(&self, id: SessionId) -> anyhow::Result<bool> {
        let ended = self.store.ended_path(id);
        let is_ended = ended.try_exists()?;
        if is_ended {
            relocate(&ended, &self.store.active_path(id))?;
        }
        Ok(is_ended)
    }

    fn place(&self, id: SessionId) -> anyhow::Result<PathBuf> {
        let active = self.store.active_path(id);
        Ok(if active.try_exists()? { active } else { self.store.ended_path(id) })
    }

    fn take_in_spool(&self) -> anyhow::Result<()> {
        for spooled in spool::take(&self.store.spool_directory())? {
            let place = self.place(spooled.session)?;
            // A session that is nowhere has nobody to miss the line; one with a journal gets it, twice if a crash
            // comes between the two steps, and its id makes it count once.
            if place.try_exists()? {
                append_line(&place, &spooled.line)?;
            }
            fs::remove_file(&spooled.path)?;
        }
        Ok(())
    }

    /// Files that a kill left behind in the middle of a write.
    fn sweep_temporary_files(&self) -> anyhow::Result<()> {
        for path in list(&self.store.root.join("active"))? {
            if path.extension().is_some_and(|extension| extension == "tmp") {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
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
