//! The ledger for readers that cannot wait: a status line is cancelled by the next one.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;

use crate::store::ledger::LedgerStore;

/// How long another process's transaction may hold up a glance.
const PATIENCE: Duration = Duration::from_millis(50);

impl LedgerStore {
    /// Like [`LedgerStore::open`], but fails soon when another process has the ledger to itself, and waits for no disk: what
    /// it writes stays in the log until a report or an import moves it from there.
    pub(crate) fn open_briefly(path: &Path) -> anyhow::Result<Self> {
        let ledger = Self::open_with(path, PATIENCE)?;
        ledger.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        Ok(ledger)
    }

    /// Whether any transcript was ever read: before that, nothing is known, which is not the same as nothing used.
    pub(crate) fn has_transcripts(&self) -> anyhow::Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM file)";
        Ok(self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::TransactionBehavior;

    use super::*;

    #[test]
    fn a_ledger_that_another_is_making_is_not_waited_for() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger.db");
        let mut other = rusqlite::Connection::open(&path).unwrap();
        let transaction = other.transaction_with_behavior(TransactionBehavior::Exclusive).unwrap();
        assert!(LedgerStore::open_briefly(&path).is_err());
        drop(transaction);
        assert!(!LedgerStore::open_briefly(&path).unwrap().has_transcripts().unwrap());
    }
}
