//! The ledger in `SQLite`: events, each once, and which sessions they belong to.
//!
//! It is derived from journals and other sources, but outlives some of them: it migrates forward and is never dropped.

mod schema;
mod sessions;

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use rusqlite::Connection;
use rusqlite::OpenFlags;

/// How long one process waits for another's transaction.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(crate) struct LedgerStore {
    connection: Connection,
}

impl LedgerStore {
    /// Opens the ledger, made anew or brought forward to this version's schema if need be.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        if let Some(directory) = path.parent() {
            crate::store::fs::create_private_dir(directory)?;
        }
        Self::open_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)
            .with_context(|| format!("could not open the ledger {}", path.display()))
    }

    fn open_with(path: &Path, flags: OpenFlags) -> anyhow::Result<Self> {
        // No mutex: a connection is used by one thread.
        let mut connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(PATIENCE)?;
        schema::bring_forward(&mut connection, path)?;
        Ok(Self { connection })
    }
}
