//! Tables, and the steps that bring an older ledger forward. A step, once released, never changes.

use std::time::Duration;
use std::time::Instant;

use anyhow::Context as _;
use anyhow::bail;
use rusqlite::Connection;
use rusqlite::ErrorCode;
use rusqlite::TransactionBehavior;

/// Each step's number is its place, from 1; `PRAGMA user_version` says how many were taken.
///
/// Instants are milliseconds since 1970, ids are text; what an exchange costs by the price book is never stored.
const STEPS: &[&str] = &[ENTRIES, EXCHANGES, LEAN_EXCHANGES, INDEXES, CALIBRATION_ERRORS];

/// The schema of this version.
pub(super) const NEWEST: usize = STEPS.len();

/// What ended sessions state and estimate.
const ENTRIES: &str = "
    CREATE TABLE done (what TEXT PRIMARY KEY) WITHOUT ROWID;

    CREATE TABLE session (
        id           TEXT PRIMARY KEY,
        project_root TEXT NOT NULL,
        project      TEXT NOT NULL,
        name         TEXT NOT NULL,
        state        TEXT NOT NULL,
        started_at   INTEGER NOT NULL,
        ended_at     INTEGER NOT NULL,
        wall_ms      INTEGER NOT NULL,
        entries      INTEGER NOT NULL,
        start        TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX session_by_project ON session (project_root, ended_at);
    CREATE INDEX session_by_end ON session (ended_at);

    CREATE TABLE event (
        id             TEXT PRIMARY KEY,
        at             INTEGER NOT NULL,
        model          TEXT NOT NULL,
        input          INTEGER NOT NULL,
        output         INTEGER NOT NULL,
        cache_write_5m INTEGER NOT NULL,
        cache_write_1h INTEGER NOT NULL,
        cache_read     INTEGER NOT NULL,
        web_searches   INTEGER NOT NULL,
        precision      TEXT NOT NULL,
        project_root   TEXT NOT NULL,
        session        TEXT,
        task           TEXT
    ) WITHOUT ROWID;
    CREATE INDEX event_by_time ON event (at);
    CREATE INDEX event_by_session ON event (session, model, at, input, output, cache_write_5m, cache_write_1h, cache_read,
        web_searches) WHERE session IS NOT NULL;
    CREATE INDEX event_by_task ON event (task, at) WHERE task IS NOT NULL;

    CREATE TABLE infra (
        session  TEXT NOT NULL,
        at       INTEGER NOT NULL,
        used     TEXT NOT NULL
    );
    CREATE INDEX infra_by_session ON infra (session);
";

/// What was measured. Small rows, for there are sixty thousand in a gigabyte of transcripts: whatever repeats is a number
/// of `name`, 0 where there is none. Costs that others state are exact decimal texts.
const EXCHANGES: &str = "
    ALTER TABLE event RENAME TO entry;
    ALTER TABLE entry ADD COLUMN directory TEXT NOT NULL DEFAULT '';
    ALTER TABLE entry ADD COLUMN branch TEXT;
    -- The first instant of the interval that the entry closes.
    ALTER TABLE entry ADD COLUMN began_at INTEGER NOT NULL DEFAULT 0;
    -- On top of what is measured in its interval.
    ALTER TABLE entry ADD COLUMN extra INTEGER NOT NULL DEFAULT 0;
    -- Nothing that is measured takes its place.
    ALTER TABLE entry ADD COLUMN counts INTEGER NOT NULL DEFAULT 1;
    UPDATE entry SET
        directory = coalesce((SELECT json_extract(start, '$.directory') FROM session WHERE id = entry.session), project_root),
        branch = (SELECT json_extract(start, '$.branch') FROM session WHERE id = entry.session),
        began_at = coalesce(
            (SELECT max(mark.at) + 1 FROM entry AS mark WHERE mark.session = entry.session AND mark.at < entry.at),
            (SELECT started_at FROM session WHERE id = entry.session),
            at);
    DROP INDEX event_by_time;
    DROP INDEX event_by_session;
    DROP INDEX event_by_task;
    CREATE INDEX entry_by_time ON entry (at);
    CREATE INDEX entry_by_session ON entry (session, counts, model, at, input, output, cache_write_5m, cache_write_1h,
        cache_read, web_searches) WHERE session IS NOT NULL;
    CREATE INDEX entry_by_task ON entry (task, at) WHERE task IS NOT NULL;

    CREATE TABLE pause (
        session  TEXT NOT NULL,
        began_at INTEGER NOT NULL,
        ended_at INTEGER NOT NULL
    );
    CREATE INDEX pause_by_session ON pause (session);
    -- Pauses and the finer facts about entries are in the journals: they are read once more.
    DELETE FROM done WHERE what = 'journals';

    CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
    CREATE TABLE directory (
        id         INTEGER PRIMARY KEY,
        path       TEXT NOT NULL UNIQUE,
        project    TEXT NOT NULL,
        -- 0: the project is what transcripts let one guess.
        is_settled INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX directory_by_project ON directory (project);
    CREATE TABLE place (
        id           INTEGER PRIMARY KEY,
        directory    INTEGER NOT NULL,
        branch       INTEGER NOT NULL,
        conversation INTEGER NOT NULL,
        agent        INTEGER NOT NULL,
        skill        INTEGER NOT NULL,
        UNIQUE (directory, branch, conversation, agent, skill)
    );

    CREATE TABLE exchange (
        id                 TEXT PRIMARY KEY,
        at                 INTEGER NOT NULL,
        model              INTEGER NOT NULL,
        terms              INTEGER NOT NULL,
        prompt             INTEGER NOT NULL,
        input              INTEGER NOT NULL,
        output             INTEGER NOT NULL,
        cache_write_5m     INTEGER NOT NULL,
        cache_write_1h     INTEGER NOT NULL,
        cache_read         INTEGER NOT NULL,
        web_searches       INTEGER NOT NULL,
        place              INTEGER NOT NULL,
        tools              INTEGER NOT NULL,
        commits            INTEGER NOT NULL,
        version            INTEGER NOT NULL,
        stated_cost        TEXT,
        request            TEXT,
        -- Whose it is: see Claim in domain/ledger.
        is_sidechain       INTEGER NOT NULL,
        is_copy            INTEGER NOT NULL,
        file_began_at      INTEGER,
        file               INTEGER NOT NULL,
        claimed_at         INTEGER NOT NULL,
        -- How sure the count of output is: see Output in domain/ledger.
        has_stopped        INTEGER NOT NULL,
        least_output       INTEGER NOT NULL,
        most_output        INTEGER NOT NULL,
        may_be_placeholder INTEGER NOT NULL,
        blocks             TEXT,
        session            TEXT
    ) WITHOUT ROWID;
    CREATE INDEX exchange_by_time ON exchange (at);
    CREATE INDEX exchange_by_session ON exchange (session, at, model, terms, prompt, input, output, cache_write_5m,
        cache_write_1h, cache_read, web_searches) WHERE session IS NOT NULL;

    -- The records of exchanges that have some of more than one request, where `exchange` has what they come to.
    CREATE TABLE variant (
        exchange TEXT NOT NULL,
        request  TEXT NOT NULL,
        record   TEXT NOT NULL,
        PRIMARY KEY (exchange, request)
    ) WITHOUT ROWID;

    -- Exchanges added up by quarter of an hour, as far as their prices allow.
    CREATE TABLE sum (
        quarter        INTEGER NOT NULL,
        place          INTEGER NOT NULL,
        model          INTEGER NOT NULL,
        terms          INTEGER NOT NULL,
        prompt         INTEGER NOT NULL,
        is_lower_bound INTEGER NOT NULL,
        exchanges      INTEGER NOT NULL,
        input          INTEGER NOT NULL,
        output         INTEGER NOT NULL,
        cache_write_5m INTEGER NOT NULL,
        cache_write_1h INTEGER NOT NULL,
        cache_read     INTEGER NOT NULL,
        web_searches   INTEGER NOT NULL,
        missing_output INTEGER NOT NULL,
        PRIMARY KEY (quarter, place, model, terms, prompt, is_lower_bound)
    ) WITHOUT ROWID;

    CREATE TABLE file (
        path     TEXT PRIMARY KEY,
        size     INTEGER NOT NULL,
        modified INTEGER NOT NULL,
        inode    INTEGER NOT NULL,
        done     INTEGER NOT NULL,
        tail     INTEGER NOT NULL,
        began_at INTEGER,
        skipped  INTEGER NOT NULL,
        samples  TEXT NOT NULL
    ) WITHOUT ROWID;

    -- Each file has its own, as two files may tell of one conversation.
    CREATE TABLE title (
        conversation TEXT NOT NULL,
        kind         INTEGER NOT NULL,
        file         TEXT NOT NULL,
        text         TEXT NOT NULL,
        PRIMARY KEY (conversation, kind, file)
    ) WITHOUT ROWID;

    CREATE TABLE cost_state (
        conversation      TEXT PRIMARY KEY,
        total             TEXT NOT NULL,
        has_unknown_model INTEGER NOT NULL,
        at                INTEGER,
        models            TEXT NOT NULL
    ) WITHOUT ROWID;

    CREATE TABLE status (
        conversation TEXT PRIMARY KEY,
        total        TEXT NOT NULL,
        before       TEXT NOT NULL,
        seen_at      INTEGER NOT NULL
    ) WITHOUT ROWID;

    -- How the person's own answers compare with their estimates, in thousandths.
    CREATE TABLE calibration (
        tokenizer    TEXT PRIMARY KEY,
        permille     INTEGER NOT NULL,
        messages     INTEGER NOT NULL,
        median_error INTEGER NOT NULL,
        at           INTEGER NOT NULL
    ) WITHOUT ROWID;

    CREATE TABLE rate_limit (
        span     TEXT PRIMARY KEY,
        said     TEXT NOT NULL,
        seen_at  INTEGER NOT NULL
    ) WITHOUT ROWID;
";

/// Rows of exchanges lie in the order in which they come, which is several times quicker to write than that of their ids,
/// and hold nothing that follows from the rest.
const LEAN_EXCHANGES: &str = "
    DROP INDEX exchange_by_time;
    DROP INDEX exchange_by_session;
    ALTER TABLE exchange RENAME TO wide_exchange;
    CREATE TABLE exchange (
        id             TEXT NOT NULL,
        at             INTEGER NOT NULL,
        session        TEXT,
        place          INTEGER NOT NULL,
        model          INTEGER NOT NULL,
        -- Terms of the price, whose it is, how sure its output is: see `packed` in exchange.rs.
        flags          INTEGER NOT NULL,
        prompt         INTEGER NOT NULL,
        input          INTEGER NOT NULL,
        output         INTEGER NOT NULL,
        cache_write_5m INTEGER NOT NULL,
        cache_write_1h INTEGER NOT NULL,
        cache_read     INTEGER NOT NULL,
        web_searches   INTEGER NOT NULL,
        tools          INTEGER NOT NULL,
        version        INTEGER NOT NULL,
        request        TEXT,
        stated_cost    TEXT,
        -- Whose it is: see Claim in domain/ledger.
        file           INTEGER NOT NULL,
        file_began_at  INTEGER,
        -- Null where it is `at`.
        claimed_at     INTEGER,
        -- How sure the count of output is: see Output in domain/ledger. Null where it is `output`.
        least_output   INTEGER,
        most_output    INTEGER,
        blocks         TEXT
    );
    INSERT INTO exchange SELECT id, at, session, place, model,
        terms + 16 * is_sidechain + 32 * is_copy + 64 * commits + 128 * has_stopped + 256 * may_be_placeholder,
        prompt, input, output, cache_write_5m, cache_write_1h, cache_read, web_searches, tools, version, request,
        stated_cost, file, file_began_at, nullif(claimed_at, at), nullif(least_output, output),
        nullif(most_output, output), blocks
        FROM wide_exchange ORDER BY at;
    DROP TABLE wide_exchange;
    CREATE INDEX exchange_by_session ON exchange (session, at, model, flags, prompt, input, output, cache_write_5m,
        cache_write_1h, cache_read, web_searches) WHERE session IS NOT NULL;
";

const INDEXES: &str = "
    CREATE UNIQUE INDEX exchange_by_id ON exchange (id);
    CREATE INDEX exchange_by_time ON exchange (at);
";

/// How far off estimates are besides the middle. What was found before is found again with it.
const CALIBRATION_ERRORS: &str = "
    DELETE FROM calibration;
    ALTER TABLE calibration ADD COLUMN wide_error INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE calibration ADD COLUMN sum_error INTEGER NOT NULL DEFAULT 0;
";

/// By what each exchange is found, as of the last step; an import into an empty ledger goes without until it has all rows.
pub(super) const EXCHANGE_INDEXES: &str = "
    CREATE UNIQUE INDEX exchange_by_id ON exchange (id);
    CREATE INDEX exchange_by_time ON exchange (at);
";
pub(super) const WITHOUT_EXCHANGE_INDEXES: &str = "
    DROP INDEX exchange_by_id;
    DROP INDEX exchange_by_time;
";

pub(super) fn bring_forward(connection: &mut Connection) -> anyhow::Result<()> {
    if taken(connection)? == STEPS.len() {
        return Ok(());
    }
    // Of a new file only. Most of what is written is long runs of rows.
    connection.pragma_update(None, "page_size", 8192)?;
    use_wal(connection)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been first, and of a newer version.
    let taken = taken(&transaction)?;
    for (number, step) in STEPS.iter().enumerate().skip(taken) {
        transaction.execute_batch(step).with_context(|| format!("step {} of its schema failed", number + 1))?;
    }
    transaction.pragma_update(None, "user_version", STEPS.len())?;
    Ok(transaction.commit()?)
}

/// WAL lets readers and a writer work at once; the mode stays with the file.
fn use_wal(connection: &Connection) -> rusqlite::Result<()> {
    let patience: u64 = connection.pragma_query_value(None, "busy_timeout", |row| row.get(0))?;
    let deadline = Instant::now() + Duration::from_millis(patience);
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            // SQLite does not wait by itself where two might wait for each other, as two that both make a new ledger.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(1));
            }
            outcome => return outcome,
        }
    }
}

pub(super) fn version(connection: &Connection) -> anyhow::Result<usize> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// How many steps were taken; fails where these are more than there are here.
fn taken(connection: &Connection) -> anyhow::Result<usize> {
    let taken = version(connection)?;
    if taken > STEPS.len() {
        bail!("it was written by a newer version of claude-cost (schema {taken}, this one knows {})", STEPS.len());
    }
    Ok(taken)
}

#[cfg(test)]
pub(super) mod tests {
    use std::path::Path;

    use super::*;
    use crate::domain::ledger::Record;
    use crate::domain::session::journal::Project;
    use crate::store::ledger::Before;
    use crate::store::ledger::LedgerStore;
    use crate::store::ledger::exchange::Known;
    use crate::store::ledger::exchange::load;
    use crate::store::ledger::fixture::at;
    use crate::store::ledger::fixture::ended_session;

    /// A ledger as the first version wrote it, with the rows of a session.
    pub(in crate::store::ledger) fn first_ledger(path: &Path) -> (Connection, crate::domain::session::SessionId) {
        let connection = Connection::open(path).unwrap();
        connection.execute_batch(ENTRIES).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        let session = ended_session("/w/a", 0, &[], 60);
        let id = session.id.to_string();
        let start = serde_json::to_string(&session.start).unwrap();
        connection
            .execute(
                "INSERT INTO session VALUES (?1, '/w/a', 'app', 'x', 'ended', ?2, ?3, 3600000, 2, ?4)",
                rusqlite::params![id, at(0).timestamp_millis(), at(60).timestamp_millis(), start],
            )
            .unwrap();
        for (entry, minute) in [("entry:1", 10), ("entry:2", 20)] {
            connection
                .execute(
                    "INSERT INTO event VALUES (?1, ?2, 'm', 1, 2, 3, 4, 5, 6, 'stated', '/w/a', ?3, 'code')",
                    rusqlite::params![entry, at(minute).timestamp_millis(), id],
                )
                .unwrap();
        }
        connection.execute("INSERT INTO done VALUES ('journals')", []).unwrap();
        (connection, session.id)
    }

    #[test]
    fn a_ledger_of_the_first_version_comes_forward_with_its_rows() {
        let (mut connection, id) = first_ledger(Path::new(":memory:"));
        bring_forward(&mut connection).unwrap();
        let ledger = LedgerStore { connection };
        // Pauses and marks without tokens are only in the journals.
        assert!(!ledger.knows_journals().unwrap());
        let events = ledger.session_events(id).unwrap();
        assert_eq!(events.iter().map(|event| event.at).collect::<Vec<_>>(), [at(10), at(20)]);
        assert_eq!((events[0].place.directory.as_str(), events[0].place.branch.as_deref()), ("/w/a", Some("main")));
        let project = Project { name: "app".to_owned(), root: "/w/a".to_owned() };
        let but = ended_session("/w/a", 0, &[], 1).id;
        let sum = ledger.sum_before(&Before { project: &project, until: at(100), but }).unwrap();
        assert_eq!(sum.used.tokens().output, 4);
        let mut intervals = ledger.connection.prepare("SELECT began_at FROM entry ORDER BY at").unwrap();
        let began: Vec<i64> = intervals.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(began, [at(0).timestamp_millis(), at(10).timestamp_millis() + 1]);
    }

    #[test]
    fn exchanges_of_the_second_version_come_forward() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(&[ENTRIES, EXCHANGES].concat()).unwrap();
        connection.pragma_update(None, "user_version", 2).unwrap();
        connection
            .execute_batch(
                "INSERT INTO name VALUES (1, 'm'), (2, 'f'), (3, '1.2.3');
                 INSERT INTO directory VALUES (1, '/w/a', '/w/a', 1);
                 INSERT INTO place VALUES (1, 1, 0, 0, 0, 0);
                 INSERT INTO exchange VALUES ('msg_b', 2000, 1, 13, 99, 1, 2, 3, 4, 5, 6, 1, 0, 1, 3, '0.5', 'req', 1, 1, 500, 2,
                     1000, 1, 1, 7, 1, NULL, NULL);
                 INSERT INTO exchange VALUES ('msg_a', 1000, 1, 0, 99, 1, 2, 3, 4, 5, 6, 1, 0, 0, 0, NULL, NULL, 0, 0, NULL, 2,
                     1000, 0, 2, 2, 0, '{\"5\":4000}', NULL);",
            )
            .unwrap();
        bring_forward(&mut connection).unwrap();
        let read = |id| load(&connection, &mut Known::default(), id).unwrap().unwrap();
        let (one, other) = (read("msg_a"), read("msg_b"));
        let said = |record: &Record| {
            let Record { request, event, claim, output, .. } = record;
            let event = (event.at.timestamp_millis(), event.prompt, event.tokens.output, event.terms, event.commits);
            let claim = (claim.is_sidechain, claim.is_copy, claim.began_at, claim.at.timestamp_millis());
            let output =
                (output.has_stopped, output.least, output.most, output.may_be_placeholder, output.blocks.len());
            format!("{request:?} {event:?} {claim:?} {output:?}")
        };
        insta::assert_snapshot!(format!("{}\n{}", said(&one), said(&other)), @r#"
        None (1000, 99, 2, Terms { speed: None, tier: Standard, us_only: false }, false) (false, false, None, 1000) (false, 2, 2, false, 1)
        Some("req") (2000, 99, 2, Terms { speed: Some(Standard), tier: Batch, us_only: true }, true) (true, true, Some(1970-01-01T00:00:00.500Z), 1000) (true, 1, 7, true, 0)
        "#);
    }

    #[test]
    fn a_first_import_puts_back_the_indexes_that_it_took_away() {
        let mut connection = Connection::open_in_memory().unwrap();
        bring_forward(&mut connection).unwrap();
        let indexes = |connection: &Connection| -> Vec<String> {
            let sql = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name";
            let mut statement = connection.prepare(sql).unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let before = indexes(&connection);
        connection.execute_batch(&[WITHOUT_EXCHANGE_INDEXES, EXCHANGE_INDEXES].concat()).unwrap();
        assert_eq!(indexes(&connection), before);
    }

    #[test]
    fn a_ledger_of_a_later_version_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", STEPS.len() + 1).unwrap();
        assert!(bring_forward(&mut connection).is_err());
    }
}
