//! The ledger where nothing can be written, as on a read-only disk: what it knows can still be told.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use rusqlite::Connection;
use rusqlite::OpenFlags;
use rusqlite::backup::Backup;
use rusqlite::backup::StepResult;

use crate::store::ledger::LedgerStore;
use crate::store::ledger::PATIENCE;
use crate::store::ledger::prepare;
use crate::store::ledger::schema;
use crate::store::ledger::with_suffix;

impl LedgerStore {
    /// Opens the ledger for a command that only reads, whether or not it can be written.
    pub(crate) fn open_to_read(path: &Path) -> anyhow::Result<Self> {
        Self::open(path).or_else(|error| Self::open_read_only(path).map_err(|_| error))
    }

    /// Never changes a file. A ledger of an older version cannot be brought forward so.
    pub(crate) fn open_read_only(path: &Path) -> anyhow::Result<Self> {
        Self::over(connect(path).with_context(|| format!("could not read the ledger {}", path.display()))?)
    }

    /// Opens the ledger for a look at it, with the schema that it has on disk, where it stays as it is: what is older is
    /// brought forward in a copy.
    pub(crate) fn open_as_it_is(path: &Path) -> anyhow::Result<(Self, u64)> {
        Self::look_at(path).with_context(|| format!("could not open the ledger {}", path.display()))
    }

    fn look_at(path: &Path) -> anyhow::Result<(Self, u64)> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        // With write access, for another process may be writing, and what is still in its log counts too.
        let connection = Connection::open_with_flags(path, flags).map_err(anyhow::Error::from);
        let connection = connection.or_else(|_| connect(path))?;
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "query_only", true)?;
        let schema = schema::version(&connection)?;
        let ledger = if schema < schema::NEWEST { Self::copy(&connection)? } else { Self::over(connection)? };
        Ok((ledger, schema as u64))
    }

    /// A ledger that lasts as long as the process, with all that the one on disk holds: for when that cannot be written.
    pub(crate) fn in_memory_copy(path: &Path) -> anyhow::Result<Self> {
        Self::copy(&connect(path)?)
    }

    fn copy(connection: &Connection) -> anyhow::Result<Self> {
        let mut copy = Connection::open_in_memory()?;
        copy_all(connection, &mut copy)?;
        Self::over(copy)
    }

    fn over(mut connection: Connection) -> anyhow::Result<Self> {
        prepare(&connection)?;
        schema::bring_forward(&mut connection)?;
        Ok(Self { connection })
    }
}

/// Copies a whole database. `SQLite` itself waits for its turn; that this never came is no error to it.
fn copy_all(from: &Connection, to: &mut Connection) -> anyhow::Result<()> {
    let outcome = Backup::new(from, to)?.step(-1)?;
    anyhow::ensure!(outcome == StepResult::Done, "another process has the ledger to itself");
    Ok(())
}

fn connect(path: &Path) -> anyhow::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    // A log that was left behind belongs to the ledger. Without one, SQLite would make it, and fail where it cannot; where
    // nothing can be written, no other process writes either.
    let is_whole = with_suffix(path, "-wal").symlink_metadata().is_err();
    Ok(Connection::open_with_flags(uri(path, if is_whole { "?immutable=1" } else { "" }), flags)?)
}

/// The path as `SQLite` takes it with options (<https://www.sqlite.org/uri.html>).
fn uri(path: &Path, options: &str) -> String {
    let mut uri = "file:".to_owned();
    for &byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => uri.push(char::from(byte)),
            _ => write!(uri, "%{byte:02x}").expect("a string takes everything"),
        }
    }
    uri + options
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::store::ledger::fixture::ended_session;
    use crate::store::ledger::fixture::import;
    use crate::store::ledger::fixture::record;

    fn files(directory: &Path) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
        let files = fs_err::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        files.map(|path| (path.clone(), fs_err::read(path).unwrap())).collect()
    }

    #[test]
    fn what_is_known_is_told_and_no_file_changes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("odd ?#%é").join("ledger.db");
        import(&mut LedgerStore::open(&path).unwrap(), vec![record("a", 0, "/w")]);
        let before = files(path.parent().unwrap());
        assert_eq!(before.len(), 1);
        let mut ledger = LedgerStore::open_read_only(&path).unwrap();
        assert_eq!(ledger.count_exchanges().unwrap(), 1);
        assert!(ledger.put_session(&ended_session("/w", 0, &[], 1)).is_err());
        drop(ledger);
        let mut copy = LedgerStore::in_memory_copy(&path).unwrap();
        import(&mut copy, vec![record("b", 1, "/w")]);
        assert_eq!((copy.count_exchanges().unwrap(), copy.is_lasting()), (2, false));
        assert_eq!(files(path.parent().unwrap()), before);
    }

    #[test]
    fn what_others_have_only_in_their_log_so_far_is_known() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger.db");
        let mut other = LedgerStore::open(&path).unwrap();
        import(&mut other, vec![record("a", 0, "/w")]);
        assert_eq!(LedgerStore::open_read_only(&path).unwrap().count_exchanges().unwrap(), 1);
        assert_eq!(LedgerStore::in_memory_copy(&path).unwrap().count_exchanges().unwrap(), 1);
    }

    #[test]
    fn an_older_ledger_stays_as_it_is_while_one_looks_at_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger.db");
        schema::tests::first_ledger(&path);
        let before = files(directory.path());
        let (ledger, schema) = LedgerStore::open_as_it_is(&path).unwrap();
        assert_eq!((schema, ledger.health().unwrap().schema), (1, schema::NEWEST as u64));
        drop(ledger);
        assert_eq!(files(directory.path()), before);

        import(&mut LedgerStore::open(&path).unwrap(), vec![record("a", 0, "/w")]);
        let (mut ledger, schema) = LedgerStore::open_as_it_is(&path).unwrap();
        assert_eq!((schema, ledger.count_exchanges().unwrap()), (schema::NEWEST as u64, 1));
        assert!(ledger.put_session(&ended_session("/w", 0, &[], 1)).is_err());
    }

    #[test]
    fn a_copy_is_whole_or_there_is_none() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rollback.db");
        let other = Connection::open(&path).unwrap();
        other.execute_batch("CREATE TABLE t (n); INSERT INTO t VALUES (1); BEGIN EXCLUSIVE").unwrap();
        let (from, mut to) = (Connection::open(&path).unwrap(), Connection::open_in_memory().unwrap());
        from.busy_timeout(std::time::Duration::ZERO).unwrap();
        assert!(copy_all(&from, &mut to).is_err());
        other.execute_batch("COMMIT").unwrap();
        copy_all(&from, &mut to).unwrap();
        let rows: u64 = to.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 1);
    }

    #[test]
    fn a_ledger_that_is_not_there_is_not_made() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger.db");
        assert!(LedgerStore::open_read_only(&path).is_err());
        assert!(LedgerStore::in_memory_copy(&path).is_err());
        assert!(LedgerStore::open_as_it_is(&path).is_err());
        assert!(!path.exists());
    }
}
