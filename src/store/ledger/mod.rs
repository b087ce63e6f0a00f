//! The ledger in `SQLite`: events, each once, and which sessions they belong to.
//!
//! It is derived from journals and transcripts, but outlives some of them: it migrates forward and is never dropped.

mod calibration;
mod exchange;
#[cfg(test)]
mod fixture;
mod glance;
mod health;
mod import;
mod join;
mod marks;
mod names;
mod past;
mod places;
mod query;
mod read_only;
mod schema;
mod sessions;
mod status;
mod sums;

use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use fs_err as fs;
use rusqlite::Connection;
use rusqlite::ErrorCode;
use rusqlite::OpenFlags;
use rusqlite::config::DbConfig;

use crate::store::fs::create_private_dir;
use crate::store::fs::private;
use crate::store::fs::sync_directory;
use crate::store::lock::Lock;
use crate::store::lock::Patience;

pub(crate) use crate::store::ledger::health::size;
pub(crate) use crate::store::ledger::past::Before;
pub(crate) use crate::store::ledger::places::SettledBy;
pub(crate) use crate::store::ledger::places::Unsettled;

/// How long one process waits for another's transaction.
const PATIENCE: Duration = Duration::from_secs(5);

/// More prepared statements than an import uses, so that none is prepared twice.
const STATEMENTS: usize = 64;

#[derive(Debug)]
pub(crate) struct LedgerStore {
    connection: Connection,
}

impl LedgerStore {
    /// Opens the ledger, made anew or brought forward to this version's schema if need be.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        Self::open_with(path, PATIENCE)
    }

    fn open_with(path: &Path, patience: Duration) -> anyhow::Result<Self> {
        if let Some(directory) = path.parent() {
            create_private_dir(directory)?;
        }
        Self::open_file(path, patience).with_context(|| format!("could not open the ledger {}", path.display()))
    }

    /// A ledger that lasts as long as the process, for when the one on disk cannot be used.
    pub(crate) fn in_memory() -> anyhow::Result<Self> {
        let mut connection = Connection::open_in_memory()?;
        prepare(&connection)?;
        schema::bring_forward(&mut connection)?;
        Ok(Self { connection })
    }

    /// Whether what is put into it is there tomorrow.
    pub(crate) fn is_lasting(&self) -> bool {
        self.connection.path().is_some_and(|path| !path.is_empty())
    }

    fn open_file(path: &Path, patience: Duration) -> anyhow::Result<Self> {
        // Made here because `SQLite` makes its files as the umask has it; its log takes over their permissions.
        private(fs::OpenOptions::new().write(true).create(true).truncate(false)).open(path)?;
        // No mutex: a connection is used by one thread.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(patience)?;
        prepare(&connection)?;
        // Each connection's own. What a power cut may take so is read again from transcripts, whose marks go with it.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        schema::bring_forward(&mut connection)?;
        Ok(Self { connection })
    }
}

/// Whether an error says that the ledger's file is not what it should be, and no retry will help.
pub(crate) fn is_damage(error: &anyhow::Error) -> bool {
    codes(error).any(|code| matches!(code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Whether an error says that there is no space left for the ledger.
pub(crate) fn is_full(error: &anyhow::Error) -> bool {
    codes(error).any(|code| code == ErrorCode::DiskFull)
}

fn codes(error: &anyhow::Error) -> impl Iterator<Item = ErrorCode> {
    let errors = error.chain().filter_map(|cause| cause.downcast_ref::<rusqlite::Error>());
    errors.filter_map(rusqlite::Error::sqlite_error_code)
}

/// Puts a damaged ledger out of the way under a name that says so, so that the next one is made anew from the journals.
/// It is kept: tools can often save what is in no other place. `None` when someone else was faster.
pub(crate) fn set_aside(path: &Path) -> anyhow::Result<Option<PathBuf>> {
    let lock = Lock::acquire(&path.with_extension("lock"), Patience::COMMAND)?;
    let _lock = lock.with_context(|| format!("another command is at work on {}", path.display()))?;
    if LedgerStore::open_file(path, PATIENCE).and_then(|ledger| ledger.check()).is_ok() {
        return Ok(None);
    }
    let mut number = 1;
    let mut aside = path.with_extension("damaged-1.db");
    while PARTS.iter().any(|part| with_suffix(&aside, part).symlink_metadata().is_ok()) {
        number += 1;
        aside = path.with_extension(format!("damaged-{number}.db"));
    }
    // The database goes last: a log that stayed behind would be played into the new one.
    for part in PARTS.iter().rev() {
        let from = with_suffix(path, part);
        if from.symlink_metadata().is_ok() {
            fs::rename(from, with_suffix(&aside, part))?;
        }
    }
    if let Some(directory) = path.parent() {
        sync_directory(directory)?;
    }
    Ok(Some(aside))
}

impl LedgerStore {
    /// Reads all of it, so that damage anywhere shows.
    fn check(&self) -> anyhow::Result<()> {
        let verdict: String = self.connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
        anyhow::ensure!(verdict == "ok", verdict);
        Ok(())
    }
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Statements are planned once, not anew for each value that is put into them.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// The files of one `SQLite` database.
const PARTS: [&str; 3] = ["", "-shm", "-wal"];

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}
