//! Sessions in the ledger: taking in their events and what they used beside models, and finding them by name and time.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context as _;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use rusqlite::OptionalExtension;
use rusqlite::Params;
use rusqlite::Row;
use rusqlite::Transaction;
use rusqlite::TransactionBehavior;
use rusqlite::params;

use crate::domain::event::EventId;
use crate::domain::event::Place;
use crate::domain::event::Precision;
use crate::domain::event::UsageEvent;
use crate::domain::model::ModelId;
use crate::domain::price::Terms;
use crate::domain::session::Session;
use crate::domain::session::SessionId;
use crate::domain::session::State;
use crate::domain::task::Task;
use crate::domain::tokens::TokenUsage;
use crate::store::ledger::LedgerStore;
use crate::store::ledger::exchange::instant;
use crate::store::ledger::join;
use crate::store::ledger::join::Range;

/// How many of the latest entries of a task its median is taken from.
const HISTORY: u32 = 50;

/// Rows of `session` that no longer change.
const CLOSED: &str = "state IN ('ended', 'cancelled')";

/// In the place of the end of what has none yet.
const NEVER: i64 = i64::MAX;

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
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut changed = Range::default();
        for session in sessions {
            changed = changed.and(put(&transaction, session)?);
        }
        join::again(&transaction, changed)?;
        transaction.execute("INSERT OR IGNORE INTO done VALUES (?1)", [JOURNALS])?;
        Ok(transaction.commit()?)
    }

    /// Takes in a closed session, in the place of what was known of it before.
    pub(crate) fn put_session(&mut self, session: &Session) -> anyhow::Result<()> {
        let transaction = self.begin_durable()?;
        let changed = put(&transaction, session)?;
        join::again(&transaction, changed)?;
        Ok(transaction.commit()?)
    }

    /// Forgets a session that is open again.
    pub(crate) fn remove_session(&mut self, id: SessionId) -> anyhow::Result<()> {
        let transaction = self.begin_durable()?;
        let changed = clear(&transaction, &id.to_string())?;
        join::again(&transaction, changed)?;
        Ok(transaction.commit()?)
    }

    /// Whether there are sessions that were open when they were taken in.
    pub(crate) fn has_open_sessions(&self) -> anyhow::Result<bool> {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM session WHERE NOT {CLOSED})");
        Ok(self.connection.prepare_cached(&sql)?.query_row([], |row| row.get(0))?)
    }

    /// Begins what a power cut shall not take away: of a session whose journal has moved, nobody tells the ledger again.
    fn begin_durable(&mut self) -> anyhow::Result<Transaction<'_>> {
        self.connection.pragma_update(None, "synchronous", "FULL")?;
        Ok(self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    /// Takes in all open sessions as they are now, in the place of what was known of such, so that reports of usage see what
    /// was logged in them, and each exchange belongs to one session.
    pub(crate) fn put_open_sessions(&mut self, open: &[Session]) -> anyhow::Result<()> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut changed = Range::default();
        for id in open_ids(&transaction)? {
            if !open.iter().any(|session| session.id.to_string() == id) {
                changed = changed.and(clear(&transaction, &id)?);
            }
        }
        for session in open {
            let id = session.id.to_string();
            let is_closed = format!("SELECT EXISTS (SELECT 1 FROM session WHERE id = ?1 AND {CLOSED})");
            if transaction.prepare_cached(&is_closed)?.query_row([&id], |row| row.get(0))? {
                // Another process has closed it since it was read.
                continue;
            }
            let before = times(&transaction, &id)?;
            let range = put(&transaction, session)?;
            if times(&transaction, &id)? == before {
                // Exchanges have found their way to it as they came.
                join::count(&transaction, &id)?;
            } else {
                changed = changed.and(range);
            }
        }
        join::again(&transaction, changed)?;
        Ok(transaction.commit()?)
    }

    /// The sessions of a project that ended after an instant and count, with when they began.
    pub(crate) fn ended_after(
        &self,
        project_root: &str,
        at: DateTime<Utc>,
    ) -> anyhow::Result<Vec<(SessionId, DateTime<Utc>)>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, started_at FROM session WHERE project_root = ?1 AND ended_at > ?2 AND state = 'ended'",
        )?;
        let mut rows = statement.query(params![project_root, at.timestamp_millis()])?;
        let mut ended = Vec::new();
        while let Some(row) = rows.next()? {
            let id = row.get_ref(0)?.as_str()?.parse().context("the ledger has an id that is none")?;
            ended.push((id, instant(row.get(1)?)));
        }
        Ok(ended)
    }

    /// What the latest entries of a task used in closed sessions, as `Session::used_for` has it.
    pub(crate) fn history_of(&self, task: &Task) -> anyhow::Result<Vec<TokenUsage>> {
        let mut entries = self.connection.prepare_cached(
            "SELECT input, output, cache_write_5m, cache_write_1h, cache_read, web_searches, counts, session, began_at, at
             FROM entry WHERE task = ?1 AND CASE WHEN counts THEN precision = 'stated' ELSE NOT EXISTS
             (SELECT 1 FROM entry AS other WHERE other.session = entry.session AND other.at = entry.at AND NOT other.extra
             AND other.id <> entry.id) END
             AND EXISTS (SELECT 1 FROM session WHERE session.id = entry.session AND state = 'ended')
             ORDER BY at DESC LIMIT ?2",
        )?;
        let mut measured = self.connection.prepare_cached(
            "SELECT sum(input), sum(output), sum(cache_write_5m), sum(cache_write_1h), sum(cache_read), sum(web_searches)
             FROM exchange WHERE session = ?1 AND at BETWEEN ?2 AND ?3",
        )?;
        let mut rows = entries.query(params![task.as_str(), HISTORY])?;
        let mut history = Vec::new();
        while let Some(row) = rows.next()? {
            history.push(if row.get(6)? {
                tokens(row, 0)?
            } else {
                let interval: (String, i64, i64) = (row.get(7)?, row.get(8)?, row.get(9)?);
                measured.query_row(interval, |row| tokens(row, 0))?
            });
        }
        Ok(history)
    }

    /// The projects of all sessions that count.
    pub(crate) fn session_roots(&self) -> anyhow::Result<Vec<String>> {
        let sql = "SELECT DISTINCT project_root FROM session WHERE state <> 'cancelled'";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| row.get(0))?;
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
        let sql = format!(
            "SELECT id FROM session WHERE project_root = ?1 AND {CLOSED} ORDER BY ended_at DESC, id DESC LIMIT 1"
        );
        let id: Option<String> =
            self.connection.prepare_cached(&sql)?.query_row([project_root], |row| row.get(0)).optional()?;
        id.map(|id| id.parse().context("the ledger has an id that is none")).transpose()
    }

    /// Ids and names of all closed sessions, the latest first.
    pub(crate) fn session_names(&self) -> anyhow::Result<Vec<(SessionId, String)>> {
        let sql = format!("SELECT id, name FROM session WHERE {CLOSED} ORDER BY ended_at DESC");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
        let mut names = Vec::new();
        for row in rows {
            let (id, name) = row?;
            names.push((id.parse()?, name));
        }
        Ok(names)
    }

    /// What entries state, of rows to which `conditions` apply.
    pub(super) fn entries_where(&self, conditions: &str, parameters: impl Params) -> anyhow::Result<Vec<UsageEvent>> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT id, at, model, input, output, cache_write_5m, cache_write_1h, cache_read, web_searches, precision,
             project_root, directory, branch, session, task FROM entry WHERE {conditions}"
        ))?;
        let mut rows = statement.query(parameters)?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            events.push(event(row)?);
        }
        Ok(events)
    }
}

/// Writes a session; the time in which that may change what belongs to whom.
fn put(transaction: &Transaction<'_>, session: &Session) -> anyhow::Result<Range> {
    let id = session.id.to_string();
    let changed = clear(transaction, &id)?;
    let ended_at = session.ended_at().map_or(NEVER, |at| at.timestamp_millis());
    let wall = session.ended_at().map_or_else(TimeDelta::zero, |at| session.wall_time(at));
    transaction.prepare_cached("INSERT INTO session VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?.execute(
        params![
            id,
            session.start.project.root,
            session.start.project.name,
            session.start.name,
            session.state.name(),
            session.started_at.timestamp_millis(),
            ended_at,
            wall.num_milliseconds(),
            session.entries.len() as u64,
            serde_json::to_string(&session.start)?,
        ],
    )?;
    // What was cancelled is kept, so that it can be taken back, but counts nowhere.
    if matches!(session.state, State::Cancelled { .. }) {
        return Ok(changed);
    }
    let mut pause = transaction.prepare_cached("INSERT INTO pause VALUES (?1, ?2, ?3)")?;
    for (from, until) in &session.pauses {
        pause.execute(params![id, from.timestamp_millis(), until.timestamp_millis()])?;
    }
    if let State::Paused { since } = session.state {
        pause.execute(params![id, since.timestamp_millis(), NEVER])?;
    }
    let mut infra = transaction.prepare_cached("INSERT INTO infra VALUES (?1, ?2, ?3)")?;
    for entry in &session.entries {
        for used in &entry.logged.infra {
            infra.execute(params![id, entry.at.timestamp_millis(), used.to_string()])?;
        }
    }
    put_entries(transaction, session)?;
    Ok(changed.with(session.started_at).and(Range::of(ended_at)))
}

/// Ids of the sessions that were open when they were taken in.
fn open_ids(transaction: &Transaction<'_>) -> anyhow::Result<Vec<String>> {
    let mut statement = transaction.prepare_cached(&format!("SELECT id FROM session WHERE NOT {CLOSED}"))?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// When and where a session was at work: its project and span, and its pauses.
fn times(transaction: &Transaction<'_>, id: &str) -> anyhow::Result<Vec<(String, i64, i64)>> {
    let mut statement = transaction.prepare_cached(
        "SELECT project_root, started_at, ended_at FROM session WHERE id = ?1
         UNION ALL SELECT '', began_at, ended_at FROM pause WHERE session = ?1 ORDER BY 1, 2, 3",
    )?;
    let rows = statement.query_map([id], |row| row.try_into())?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Writes the entries of a session; all count until what was measured is looked at.
fn put_entries(transaction: &Transaction<'_>, session: &Session) -> anyhow::Result<()> {
    let mut put = transaction.prepare_cached(
        "INSERT OR REPLACE INTO entry (id, at, model, input, output, cache_write_5m, cache_write_1h, cache_read,
         web_searches, precision, project_root, session, task, directory, branch, began_at, extra, counts)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
    )?;
    for interval in session.intervals() {
        let Some(event) = UsageEvent::of_entry(session, interval.entry) else { continue };
        let began_at = interval.after.map_or(session.started_at.timestamp_millis(), |mark| mark.timestamp_millis() + 1);
        let extra = interval.entry.logged.extra;
        put.execute(params![
            event.id.as_str(),
            event.at.timestamp_millis(),
            event.model.as_str(),
            event.tokens.input,
            event.tokens.output,
            event.tokens.cache_write_5m,
            event.tokens.cache_write_1h,
            event.tokens.cache_read,
            event.tokens.web_searches,
            event.precision.name(),
            event.place.project,
            session.id.to_string(),
            event.task.as_ref().map(Task::as_str),
            event.place.directory,
            event.place.branch,
            began_at,
            extra,
            true,
        ])?;
    }
    Ok(())
}

/// Removes all rows of a session; the time in which that may change what belongs to whom.
fn clear(transaction: &Transaction<'_>, id: &str) -> anyhow::Result<Range> {
    for table in ["entry", "infra", "pause"] {
        transaction.prepare_cached(&format!("DELETE FROM {table} WHERE session = ?1"))?.execute([id])?;
    }
    let ends = transaction
        .prepare_cached("DELETE FROM session WHERE id = ?1 RETURNING started_at, ended_at")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(ends.map_or_else(Range::default, |(started_at, ended_at)| Range::of(started_at).and(Range::of(ended_at))))
}

fn event(row: &Row<'_>) -> anyhow::Result<UsageEvent> {
    let tokens = tokens(row, 3)?;
    let place = Place { project: row.get(10)?, directory: row.get(11)?, branch: row.get(12)?, ..Place::default() };
    let text = |column| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_str_or_null()?);
    Ok(UsageEvent {
        id: EventId::new(row.get::<_, String>(0)?),
        at: instant(row.get(1)?),
        model: ModelId::new(row.get_ref(2)?.as_str()?),
        tokens,
        prompt: tokens.prompt(),
        terms: Terms::default(),
        precision: if text(9)? == Some(Precision::Stated.name()) { Precision::Stated } else { Precision::Estimated },
        likely_output: None,
        stated_cost: None,
        place: Arc::new(place),
        tools: BTreeSet::new(),
        commits: false,
        version: None,
        session: text(13)?.map(str::parse).transpose().context("the ledger has an id that is none")?,
        task: text(14)?.map(str::parse).transpose().context("the ledger has a task that is none")?,
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ledger::fixture::ended_session;

    #[test]
    fn what_nobody_tells_again_outlasts_a_power_cut() {
        let directory = tempfile::tempdir().unwrap();
        let mut ledger = LedgerStore::open(&directory.path().join("ledger.db")).unwrap();
        let synchronous = |ledger: &LedgerStore| -> u32 {
            ledger.connection.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap()
        };
        let (normal, full) = (1, 2);
        assert_eq!(synchronous(&ledger), normal);
        ledger.put_session(&ended_session("/w/a", 0, &[], 10)).unwrap();
        assert_eq!(synchronous(&ledger), full);
    }
}
