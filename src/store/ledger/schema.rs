//! Tables, and the steps that bring an older ledger forward. A step, once released, never changes.

use anyhow::Context as _;
use anyhow::bail;
use rusqlite::Connection;
use rusqlite::TransactionBehavior;

/// Each step's number is its place, from 1; `PRAGMA user_version` says how many were taken.
///
/// Instants are milliseconds since 1970, amounts of money are never stored, ids are text.
const STEPS: &[&str] = &["
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
"];

pub(super) fn bring_forward(connection: &mut Connection) -> anyhow::Result<()> {
    let taken = version(connection)?;
    if taken == STEPS.len() {
        return Ok(());
    }
    if taken > STEPS.len() {
        bail!("it was written by a newer version of claude-cost (schema {taken}, this one knows {})", STEPS.len());
    }
    // WAL lets readers and a writer work at once; the mode stays with the file. NORMAL: what a power cut may take from
    // the ledger is read again from the journals.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been first.
    let taken = version(&transaction)?;
    for (number, step) in STEPS.iter().enumerate().skip(taken) {
        transaction.execute_batch(step).with_context(|| format!("step {} of its schema failed", number + 1))?;
    }
    transaction.pragma_update(None, "user_version", STEPS.len())?;
    Ok(transaction.commit()?)
}

fn version(connection: &Connection) -> anyhow::Result<usize> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}
