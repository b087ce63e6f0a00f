//! What the ledger is and holds, for a look at the whole.

use std::path::Path;

use chrono::DateTime;
use chrono::Utc;

use crate::store::ledger::LedgerStore;
use crate::store::ledger::PARTS;
use crate::store::ledger::exchange::instant;
use crate::store::ledger::with_suffix;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Health {
    /// Steps of the schema that were taken.
    pub(crate) schema: u64,
    pub(crate) exchanges: u64,
    pub(crate) first_at: Option<DateTime<Utc>>,
    pub(crate) last_at: Option<DateTime<Utc>>,
}

impl LedgerStore {
    /// Reads all of the ledger, so that damage anywhere shows.
    pub(crate) fn health(&self) -> anyhow::Result<Health> {
        self.check()?;
        let schema = self.connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let (first, last) = self
            .connection
            .query_row("SELECT min(at), max(at) FROM exchange", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let (first, last): (Option<i64>, Option<i64>) = (first, last);
        let exchanges = self.count_exchanges()?;
        Ok(Health { schema, exchanges, first_at: first.map(instant), last_at: last.map(instant) })
    }
}

/// What a ledger takes on disk, its log included; `None` when there is none.
pub(crate) fn size(path: &Path) -> Option<u64> {
    let size = |suffix: &&str| Some(fs_err::metadata(with_suffix(path, suffix)).ok()?.len());
    size(&"")?;
    Some(PARTS.iter().filter_map(size).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ledger::fixture::at;
    use crate::store::ledger::fixture::import;
    use crate::store::ledger::fixture::record;

    #[test]
    fn tells_what_there_is() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger.db");
        assert_eq!(size(&path), None);
        let mut ledger = LedgerStore::open(&path).unwrap();
        let health = ledger.health().unwrap();
        assert_eq!((health.exchanges, health.first_at, health.last_at), (0, None, None));
        import(&mut ledger, vec![record("a", 5, "/w"), record("b", 2, "/w")]);
        let health = ledger.health().unwrap();
        assert_eq!((health.exchanges, health.first_at, health.last_at), (2, Some(at(2)), Some(at(5))));
        assert!(health.schema > 0 && size(&path).unwrap() > 0);
    }
}
