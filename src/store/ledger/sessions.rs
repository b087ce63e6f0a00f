//! Sessions in the ledger: taking in their events and what they used beside models, and finding them by name and time.

use anyhow::Context as _;
use chrono::DateTime;
use chrono::Utc;
use rusqlite::OptionalExtension;
use rusqlite::Row;
use rusqlite::params;

use crate::domain::event::UsageEvent;
use crate::domain::session::Session;
use crate::domain::session::SessionId;
use crate::domain::task::Task;
use crate::domain::tokens::TokenUsage;
use crate::store::ledger::LedgerStore;

/// How many of the latest entries of a task its median is taken from.
const HISTORY: u32 = 50;

/// The mark that all journals of ended sessions have been taken in.
const JOURNALS: &str = "journals";

impl LedgerStore {
    /// Whether ended sessions were taken in when the ledger was made; later ones are as they end.
    pub(crate) fn knows_journals(&self) -> anyhow::Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM done WHERE what = ?1)";
        Ok(self.connection.prepare_cached(sql)?.query_row([JOURNALS], |row| row.get(0))?)
    }

    /// Takes in every ended session, and remembers that this was done.
    pub(crate) fn put_all_sessions(&mut self, sessions: &[Session]) -> anyhow::Result<()> {
        let transaction = self.connection.transaction()?;
        for session in sessions {
            put(&transaction, session)?;
        }
        transaction.execute("INSERT OR IGNORE INTO done VALUES (?1)", [JOURNALS])?;
        Ok(transaction.commit()?)
    }

    /// Takes in a closed session, in the place of what was known of it before.
    pub(crate) fn put_session(&mut self, session: &Session) -> anyhow::Result<()> {
        let transaction = self.connection.transaction()?;
        put(&transaction, session)?;
        Ok(transaction.commit()?)
    }

    /// Forgets a session that is open again.
    pub(crate) fn remove_session(&mut self, id: SessionId) -> anyhow::Result<()> {
        let transaction = self.connection.transaction()?;
        clear(&transaction, &id.to_string())?;
        Ok(transaction.commit()?)
    }

    /// What the latest entries of a task used, as the person or a counter said; guesses do not count.
    pub(crate) fn history_of(&self, task: &Task) -> anyhow::Result<Vec<TokenUsage>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT input, output, cache_write_5m, cache_write_1h, cache_read, web_searches FROM event
             WHERE task = ?1 AND precision IN ('stated', 'measured') ORDER BY at DESC LIMIT ?2",
        )?;
        let rows = statement.query_map(params![task.as_str(), HISTORY], |row| tokens(row, 0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// When the last session of a project that counts ended.
    pub(crate) fn last_end(&self, project_root: &str) -> anyhow::Result<Option<DateTime<Utc>>> {
        let sql = "SELECT max(ended_at) FROM session WHERE project_root = ?1 AND state = 'ended'";
        let at: Option<i64> = self.connection.prepare_cached(sql)?.query_row([project_root], |row| row.get(0))?;
        Ok(at.and_then(DateTime::from_timestamp_millis))
    }

    /// The session of a project that was closed last, ended or cancelled.
    pub(crate) fn last_closed(&self, project_root: &str) -> anyhow::Result<Option<SessionId>> {
        let sql = "SELECT id FROM session WHERE project_root = ?1 ORDER BY ended_at DESC, id DESC LIMIT 1";
        let id: Option<String> =
            self.connection.prepare_cached(sql)?.query_row([project_root], |row| row.get(0)).optional()?;
        id.map(|id| id.parse().context("the ledger has an id that is none")).transpose()
    }

    /// Ids and names of all closed sessions, the latest first.
    pub(crate) fn session_names(&self) -> anyhow::Result<Vec<(SessionId, String)>> {
        let mut statement = self.connection.prepare_cached("SELECT id, name FROM session ORDER BY ended_at DESC")?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
        let mut names = Vec::new();
        for row in rows {
            let (id, name) = row?;
            names.push((id.parse()?, name));
        }
        Ok(names)
    }
}

fn put(transaction: &rusqlite::Transaction<'_>, session: &Session) -> anyhow::Result<()> {
    let Some(ended_at) = session.ended_at() else { return clear(transaction, &session.id.to_string()) };
    let id = session.id.to_string();
    clear(transaction, &id)?;
    transaction.prepare_cached("INSERT INTO session VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?.execute(
        params![
            id,
            session.start.project.root,
            session.start.project.name,
            session.start.name,
            session.state.name(),
            session.started_at.timestamp_millis(),
            ended_at.timestamp_millis(),
            session.wall_time(ended_at).num_milliseconds(),
            session.entries.len() as u64,
            serde_json::to_string(&session.start)?,
        ],
    )?;
    // What was cancelled is kept, so that it can be taken back, but counts nowhere.
    if !matches!(session.state, crate::domain::session::State::Cancelled { .. }) {
        let mut event = transaction.prepare_cached(
            "INSERT OR REPLACE INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?;
        let mut infra = transaction.prepare_cached("INSERT INTO infra VALUES (?1, ?2, ?3)")?;
        for entry in &session.entries {
            if let Some(known) = UsageEvent::of_entry(session, entry) {
                event.execute(params![
                    known.id.to_string(),
                    known.at.timestamp_millis(),
                    known.model.as_str(),
                    known.tokens.input,
                    known.tokens.output,
                    known.tokens.cache_write_5m,
                    known.tokens.cache_write_1h,
                    known.tokens.cache_read,
                    known.tokens.web_searches,
                    known.precision.name(),
                    known.place.project,
                    id,
                    known.task.as_ref().map(Task::as_str),
                ])?;
            }
            for used in &entry.logged.infra {
                infra.execute(params![id, entry.at.timestamp_millis(), used.to_string()])?;
            }
        }
    }
    Ok(())
}

fn clear(transaction: &rusqlite::Transaction<'_>, id: &str) -> anyhow::Result<()> {
    for table in ["event", "infra"] {
        transaction.prepare_cached(&format!("DELETE FROM {table} WHERE session = ?1"))?.execute([id])?;
    }
    transaction.prepare_cached("DELETE FROM session WHERE id = ?1")?.execute([id])?;
    Ok(())
}

pub(super) fn tokens(row: &Row<'_>, first: usize) -> rusqlite::Result<TokenUsage> {
    Ok(TokenUsage {
        input: row.get(first)?,
        output: row.get(first + 1)?,
        cache_write_5m: row.get(first + 2)?,
        cache_write_1h: row.get(first + 3)?,
        cache_read: row.get(first + 4)?,
        web_searches: row.get(first + 5)?,
    })
}
