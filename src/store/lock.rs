//! A lock on what several processes change: a file beside it that is never renamed or removed.
//!
//! Locking a file that is then replaced protects nothing, because the lock stays with the old one.

use std::fs::TryLockError;
use std::io::ErrorKind;
use std::io::Read as _;
use std::io::Seek as _;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context as _;
use fs_err as fs;

use crate::store::fs::private;

/// Held until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: fs::File,
}

/// How long a command waits for others before it goes another way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience(Duration);

impl Patience {
    /// Someone is looking at the terminal.
    pub(crate) const COMMAND: Self = Self(Duration::from_secs(5));
    /// A git commit is waiting.
    pub(crate) const HOOK: Self = Self(Duration::from_millis(5));
    /// A status line waits for nobody.
    pub(crate) const GLANCE: Self = Self(Duration::ZERO);
}

impl Lock {
    /// `None` when others hold it for longer than `patience`.
    pub(crate) fn acquire(path: &Path, patience: Patience) -> anyhow::Result<Option<Self>> {
        let deadline = Instant::now() + patience.0;
        let mut pause = Duration::from_micros(200);
        loop {
            let file =
                private(fs::OpenOptions::new().read(true).write(true).create(true).truncate(false)).open(path)?;
            match file.file().try_lock() {
                // Someone may have removed the file between our opening and locking it: then the lock is worth nothing.
                Ok(()) if is_still_there(&file, path)? => return Ok(Some(Self { file })),
                Ok(()) => continue,
                Err(TryLockError::WouldBlock) => {}
                // The system call is not restarted after a signal.
                Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Interrupted => continue,
                Err(TryLockError::Error(error)) => {
                    return Err(error).with_context(|| format!("could not lock {}", path.display()));
                }
            }
            if Instant::now() + pause > deadline {
                return Ok(None);
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(5));
        }
    }

    /// What the last holder left for the next one.
    pub(crate) fn note(&mut self) -> anyhow::Result<Vec<u8>> {
        let mut note = Vec::new();
        self.file.rewind()?;
        self.file.read_to_end(&mut note)?;
        Ok(note)
    }

    /// Leaves a note, which a power cut may take away.
    pub(crate) fn leave(&mut self, note: &str) -> anyhow::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        Ok(self.file.write_all(note.as_bytes())?)
    }
}

#[cfg(unix)]
fn is_still_there(file: &fs::File, path: &Path) -> anyhow::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    let ours = file.metadata()?;
    match fs::metadata(path) {
        Ok(there) => Ok(there.ino() == ours.ino() && there.dev() == ours.dev()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
fn is_still_there(_file: &fs::File, _path: &Path) -> anyhow::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_holds_it_at_a_time() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let held = Lock::acquire(&path, Patience::HOOK).unwrap();
        assert!(held.is_some());
        assert!(Lock::acquire(&path, Patience::HOOK).unwrap().is_none());
        drop(held);
        assert!(Lock::acquire(&path, Patience::HOOK).unwrap().is_some());
    }

    #[test]
    fn a_note_is_there_for_the_next_holder() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        for (before, note) in [("", "a long one"), ("a long one", "short"), ("short", "")] {
            let mut lock = Lock::acquire(&path, Patience::GLANCE).unwrap().unwrap();
            assert_eq!(lock.note().unwrap(), before.as_bytes());
            lock.leave(note).unwrap();
        }
    }

    #[test]
    fn a_lock_file_that_was_removed_is_made_anew() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let _held = Lock::acquire(&path, Patience::HOOK).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(Lock::acquire(&path, Patience::HOOK).unwrap().is_some());
    }
}
