//! What closed sessions used, read for many sessions at once: a query for each of them would take the most time.

use std::collections::HashMap;

use anyhow::Context as _;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use rusqlite::Params;
use rusqlite::params;

use crate::domain::infra::InfraUse;
use crate::domain::session::SessionId;
use crate::domain::session::journal::Project;
use crate::domain::session::past::PastSession;
use crate::domain::session::past::PastSum;
use crate::domain::session::past::Used;
use crate::store::ledger::LedgerStore;
use crate::store::ledger::sessions::tokens;

/// The ended sessions of a project up to an instant, but for one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before<'a> {
    pub(crate) project: &'a Project,
    pub(crate) until: DateTime<Utc>,
    pub(crate) but: SessionId,
}

const BEFORE: &str = "SELECT * FROM session
    WHERE project_root = ?1 AND project = ?5 AND ended_at <= ?2 AND id <> ?3 AND state = 'ended'
    ORDER BY ended_at DESC, id DESC LIMIT ?4";
// One query with `?1 IS NULL OR` would use no index for either.
const SINCE_IN_PROJECT: &str =
    "SELECT * FROM session WHERE project_root = ?1 AND ended_at >= ?2 ORDER BY ended_at DESC, id DESC";
const SINCE_ANYWHERE: &str =
    "SELECT * FROM session WHERE ?1 IS NULL AND ended_at >= ?2 ORDER BY ended_at DESC, id DESC";

impl LedgerStore {
    /// Closed sessions that ended at or after `since`, of one project if asked, the latest first.
    pub(crate) fn sessions(
        &self,
        project_root: Option<&str>,
        since: Option<DateTime<Utc>>,
    ) -> anyhow::Result<Vec<PastSession>> {
        let since = since.map_or(i64::MIN, |at| at.timestamp_millis());
        let which = if project_root.is_some() { SINCE_IN_PROJECT } else { SINCE_ANYWHERE };
        self.past(which, params![project_root, since])
    }

    /// At most so many of them, the latest first.
    pub(crate) fn latest_before(&self, before: &Before<'_>, most: u32) -> anyhow::Result<Vec<PastSession>> {
        let Before { project, until, but } = before;
        self.past(BEFORE, params![project.root, until.timestamp_millis(), but.to_string(), most, project.name])
    }

    pub(crate) fn sum_before(&self, before: &Before<'_>) -> anyhow::Result<PastSum> {
        let Before { project, until, but } = before;
        // SQLite takes a limit below zero for none.
        let which = params![project.root, until.timestamp_millis(), but.to_string(), -1, project.name];
        let mut sum = PastSum::default();
        (sum.sessions, sum.wall_seconds) = self
            .connection
            .prepare_cached(&format!("SELECT count(*), coalesce(sum(wall_ms / 1000), 0) FROM ({BEFORE})"))?
            .query_row(which, |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.each_used(BEFORE, which, |_, add| add(&mut sum.used))?;
        Ok(sum)
    }

    /// The sessions that `which` selects.
    fn past(&self, which: &str, of: impl Params + Copy) -> anyhow::Result<Vec<PastSession>> {
        let mut used: HashMap<String, Used> = HashMap::new();
        self.each_used(which, of, |session, add| match used.get_mut(session) {
            Some(used) => add(used),
            None => add(used.entry(session.to_owned()).or_default()),
        })?;
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT id, start, state = 'cancelled', started_at, ended_at, wall_ms, entries FROM ({which})"
        ))?;
        let mut rows = statement.query(of)?;
        let mut sessions = Vec::new();
        while let Some(row) = rows.next()? {
            let id = row.get_ref(0)?.as_str()?;
            let start = row.get_ref(1)?.as_str()?;
            sessions.push(PastSession {
                used: used.remove(id).unwrap_or_default(),
                id: id.parse().context("the ledger has an id that is none")?,
                start: serde_json::from_str(start).context("the ledger has a session that cannot be read")?,
                is_cancelled: row.get(2)?,
                started_at: instant(row.get(3)?),
                ended_at: instant(row.get(4)?),
                wall: TimeDelta::try_milliseconds(row.get(5)?).unwrap_or_default(),
                entries: row.get(6)?,
            });
        }
        Ok(sessions)
    }

    /// Shows `seen` each thing that the sessions used, with the session's id and what adds it to a sum.
    fn each_used(
        &self,
        which: &str,
        of: impl Params + Copy,
        mut seen: impl FnMut(&str, &dyn Fn(&mut Used)),
    ) -> anyhow::Result<()> {
        // CROSS JOIN is SQLite's word for a join in the order written: sessions first, the events of each by index.
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT event.session, model, at, input, output, cache_write_5m, cache_write_1h, cache_read, web_searches
             FROM (SELECT id FROM ({which})) AS meant CROSS JOIN event ON event.session = meant.id"
        ))?;
        let mut rows = statement.query(of)?;
        while let Some(row) = rows.next()? {
            let (model, at, tokens) = (row.get_ref(1)?.as_str()?, instant(row.get(2)?), tokens(row, 3)?);
            seen(row.get_ref(0)?.as_str()?, &|used| used.add_exchange(model, at, tokens));
        }

        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT infra.session, used FROM (SELECT id FROM ({which})) AS meant CROSS JOIN infra ON infra.session = meant.id
             ORDER BY infra.rowid"
        ))?;
        let mut rows = statement.query(of)?;
        while let Some(row) = rows.next()? {
            let quantity: InfraUse =
                row.get_ref(1)?.as_str()?.parse().context("the ledger has a quantity that is none")?;
            seen(row.get_ref(0)?.as_str()?, &|used| used.infra.push(quantity.clone()));
        }
        Ok(())
    }
}

fn instant(milliseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(milliseconds).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::model::ModelId;
    use crate::domain::session::Session;
    use crate::domain::session::journal::Basis;
    use crate::domain::session::journal::Happening;
    use crate::domain::session::journal::Logged;
    use crate::domain::session::journal::Start;
    use crate::domain::tokens::TokenUsage;
    use crate::store::journal;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 + minute * 60, 0).unwrap()
    }

    /// A session of ten minutes with two entries of different models, and an hour of a machine.
    fn session(root: &str, minute: i64, end: Happening) -> Session {
        let start = Start {
            name: format!("from {minute}"),
            project: Project { name: "app".to_owned(), root: root.to_owned() },
            directory: root.to_owned(),
            branch: None,
            model: ModelId::new("a"),
            tags: Vec::new(),
            ticket: None,
            client: None,
            estimate: None,
            budget: None,
            rate: None,
        };
        let logged = |model: &str, output: i64| {
            Happening::Logged(Box::new(Logged {
                text: "x".to_owned(),
                task: None,
                model: ModelId::new(model),
                tokens: TokenUsage { cache_read: 7, ..TokenUsage::new(1, u64::try_from(output).unwrap()) },
                basis: Basis::Typed,
                extra: false,
                infra: vec!["runpod/a100-80gb=0.5".parse().unwrap()],
            }))
        };
        let happenings = [Happening::Started(Box::new(start)), logged("a", minute + 1), logged("b", minute + 2), end];
        let lines = (0..).zip(happenings).map(|(step, what)| {
            let at = at(minute + step * 10 / 3);
            journal::text(&journal::new_line(at, at, what)) + "\n"
        });
        journal::fold(journal::new_session_id(at(minute)), lines.collect::<String>().as_bytes()).unwrap()
    }

    fn used(sessions: &[&Session]) -> Used {
        let mut used = Used::default();
        for entry in sessions.iter().flat_map(|session| &session.entries) {
            used.add_exchange(entry.logged.model.as_str(), entry.at, entry.logged.tokens);
            used.infra.extend(entry.logged.infra.iter().cloned());
        }
        used
    }

    #[test]
    fn what_was_used_is_told_by_session_and_in_sum() {
        let directory = tempfile::tempdir().unwrap();
        let mut ledger = LedgerStore::open(&directory.path().join("ledger.db")).unwrap();
        let [first, second, third] = [0, 100, 200].map(|minute| session("/w/app", minute, Happening::Ended));
        let elsewhere = session("/w/other", 50, Happening::Ended);
        let cancelled = session("/w/app", 150, Happening::Cancelled);
        ledger.put_all_sessions(&[first.clone(), second.clone(), third.clone(), elsewhere.clone(), cancelled]).unwrap();

        let project = Project { name: "app".to_owned(), root: "/w/app".to_owned() };
        let before = Before { project: &project, until: at(1000), but: third.id };
        let sum = ledger.sum_before(&before).unwrap();
        assert_eq!(sum, PastSum { sessions: 2, wall_seconds: 1200, used: used(&[&second, &first]) });
        let latest = ledger.latest_before(&before, 1).unwrap();
        assert_eq!(latest.iter().map(|past| past.id).collect::<Vec<_>>(), [second.id]);
        assert_eq!(latest[0].used, used(&[&second]));
        let sum = ledger.sum_before(&Before { until: at(10), ..before }).unwrap();
        assert_eq!((sum.sessions, sum.used), (1, used(&[&first])));

        let ids = |root, since| -> Vec<_> {
            let sessions = ledger.sessions(root, since).unwrap();
            sessions.into_iter().map(|past| (past.start.name, past.is_cancelled, past.used.tokens().output)).collect()
        };
        let row = |minute: i64| (format!("from {minute}"), false, u64::try_from(2 * minute + 3).unwrap());
        let cancelled = ("from 150".to_owned(), true, 0);
        assert_eq!(ids(Some("/w/app"), None), [row(200), cancelled.clone(), row(100), row(0)]);
        assert_eq!(ids(None, None), [row(200), cancelled, row(100), row(50), row(0)]);
        assert_eq!(ids(None, Some(at(200))), [row(200)]);
    }
}
