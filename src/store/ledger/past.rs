//! What closed sessions used, read for many sessions at once: a query for each of them would take the most time.

use std::collections::HashMap;

use anyhow::Context as _;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use rusqlite::Params;

use crate::domain::infra::InfraUse;
use crate::domain::session::SessionId;
use crate::domain::session::journal::Project;
use crate::domain::session::past::Exchange;
use crate::domain::session::past::PastSession;
use crate::domain::session::past::PastSum;
use crate::domain::session::past::Used;
use crate::store::ledger::LedgerStore;
use crate::store::ledger::exchange::instant;
use crate::store::ledger::exchange::unpacked;
use crate::store::ledger::names::Names;
use crate::store::ledger::sessions::tokens;

/// The ended sessions of a project up to an instant, but for one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before<'a> {
    pub(crate) project: &'a Project,
    pub(crate) until: DateTime<Utc>,
    pub(crate) but: SessionId,
}

/// Conditions on a row of `session`, as `SQLite` is told them, with their five parameters.
#[derive(Clone, Copy)]
struct Which<'a> {
    conditions: &'static str,
    project_root: Option<&'a str>,
    /// A repository may hold several projects by name.
    project: Option<&'a str>,
    since: i64,
    until: i64,
    but: Option<SessionId>,
}

impl LedgerStore {
    /// Closed sessions that ended at or after `since`, of one project if asked, the latest first.
    pub(crate) fn sessions(
        &self,
        project_root: Option<&str>,
        since: Option<DateTime<Utc>>,
    ) -> anyhow::Result<Vec<PastSession>> {
        // `?1 IS NULL OR` in one query for both would keep it from using either index.
        let conditions = if project_root.is_some() {
            "session.project_root = ?1 AND ended_at BETWEEN ?2 AND ?3 AND session.id IS NOT ?4 AND ?5 IS NULL
             AND state IN ('ended', 'cancelled')"
        } else {
            "?1 IS NULL AND ended_at BETWEEN ?2 AND ?3 AND session.id IS NOT ?4 AND ?5 IS NULL
             AND state IN ('ended', 'cancelled')"
        };
        let since = since.map_or(i64::MIN, |at| at.timestamp_millis());
        let which = Which { conditions, project_root, project: None, since, until: i64::MAX, but: None };
        let mut sessions = self.past(&which, None)?;
        self.fill_in(&which, &mut sessions)?;
        Ok(sessions)
    }

    /// At most so many of them, the latest first.
    pub(crate) fn latest_before(&self, before: &Before<'_>, most: u32) -> anyhow::Result<Vec<PastSession>> {
        let which = Which::ended(before);
        let mut sessions = self.past(&which, Some(most))?;
        let since = sessions.last().map_or(i64::MAX, |oldest| oldest.ended_at.timestamp_millis());
        self.fill_in(&Which { since, ..which }, &mut sessions)?;
        Ok(sessions)
    }

    pub(crate) fn sum_before(&self, before: &Before<'_>) -> anyhow::Result<PastSum> {
        let which = Which::ended(before);
        let mut sum = PastSum::default();
        (sum.sessions, sum.wall_seconds) = self
            .connection
            .prepare_cached(&format!(
                "SELECT count(*), coalesce(sum(wall_ms / 1000), 0) FROM session WHERE {}",
                which.conditions
            ))?
            .query_row(which.parameters(), |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.each_used(&which, |_, add| add(&mut sum.used))?;
        Ok(sum)
    }

    /// The sessions without what they used.
    fn past(&self, which: &Which<'_>, most: Option<u32>) -> anyhow::Result<Vec<PastSession>> {
        let limit = most.map(|most| format!("LIMIT {most}")).unwrap_or_default();
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT id, start, state = 'cancelled', started_at, ended_at, wall_ms, entries FROM session
             WHERE {} ORDER BY ended_at DESC, id DESC {limit}",
            which.conditions
        ))?;
        let mut rows = statement.query(which.parameters())?;
        let mut sessions = Vec::new();
        while let Some(row) = rows.next()? {
            let start = row.get_ref(1)?.as_str()?;
            sessions.push(PastSession {
                id: row.get_ref(0)?.as_str()?.parse().context("the ledger has an id that is none")?,
                start: serde_json::from_str(start).context("the ledger has a session that cannot be read")?,
                is_cancelled: row.get(2)?,
                started_at: instant(row.get(3)?),
                ended_at: instant(row.get(4)?),
                wall: TimeDelta::try_milliseconds(row.get(5)?).unwrap_or_default(),
                entries: row.get(6)?,
                used: Used::default(),
            });
        }
        Ok(sessions)
    }

    /// Gives each session what it used; `which` may mean more sessions than these.
    fn fill_in(&self, which: &Which<'_>, sessions: &mut [PastSession]) -> anyhow::Result<()> {
        let places: HashMap<String, usize> =
            sessions.iter().enumerate().map(|(place, session)| (session.id.to_string(), place)).collect();
        self.each_used(which, |session, add| {
            if let Some(&place) = places.get(session) {
                add(&mut sessions[place].used);
            }
        })
    }

    /// Shows `seen` each thing that the sessions used, with the session's id and what adds it to a sum.
    fn each_used(&self, which: &Which<'_>, mut seen: impl FnMut(&str, &dyn Fn(&mut Used))) -> anyhow::Result<()> {
        // CROSS JOIN is SQLite's word for a join in the order written: here all events of a session by index, below the
        // few rows there are and not every session to look for some.
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT exchange.session, model, at, input, output, cache_write_5m, cache_write_1h, cache_read, web_searches,
             prompt, flags FROM session CROSS JOIN exchange ON exchange.session = session.id WHERE {}",
            which.conditions
        ))?;
        let mut names = Names::default();
        let mut rows = statement.query(which.parameters())?;
        while let Some(row) = rows.next()? {
            let model = names.text(&self.connection, row.get(1)?)?;
            let (at, tokens) = (instant(row.get(2)?), tokens(row, 3)?);
            let exchange = Exchange { at, tokens, prompt: row.get(9)?, terms: unpacked(row.get(10)?) };
            seen(row.get_ref(0)?.as_str()?, &|used| used.add_exchange(&model, exchange));
        }

        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT entry.session, model, at, input, output, cache_write_5m, cache_write_1h, cache_read, web_searches
             FROM session CROSS JOIN entry ON entry.session = session.id WHERE counts = 1 AND {}",
            which.conditions
        ))?;
        let mut rows = statement.query(which.parameters())?;
        while let Some(row) = rows.next()? {
            let (model, exchange) = (row.get_ref(1)?.as_str()?, Exchange::new(instant(row.get(2)?), tokens(row, 3)?));
            seen(row.get_ref(0)?.as_str()?, &|used| used.add_exchange(model, exchange));
        }

        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT infra.session, used FROM infra CROSS JOIN session ON session.id = infra.session WHERE {}
             ORDER BY infra.rowid",
            which.conditions
        ))?;
        let mut rows = statement.query(which.parameters())?;
        while let Some(row) = rows.next()? {
            let quantity: InfraUse =
                row.get_ref(1)?.as_str()?.parse().context("the ledger has a quantity that is none")?;
            seen(row.get_ref(0)?.as_str()?, &|used| used.infra.push(quantity.clone()));
        }
        Ok(())
    }
}

impl<'a> Which<'a> {
    fn ended(before: &Before<'a>) -> Self {
        Self {
            conditions: "session.project_root = ?1 AND ended_at BETWEEN ?2 AND ?3 AND session.id IS NOT ?4 AND project = ?5 AND state = 'ended'",
            project_root: Some(&before.project.root),
            project: Some(&before.project.name),
            since: i64::MIN,
            until: before.until.timestamp_millis(),
            but: Some(before.but),
        }
    }

    fn parameters(&self) -> impl Params + use<'a> {
        (self.project_root, self.since, self.until, self.but.map(|id| id.to_string()), self.project)
    }
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
    use crate::store::ledger::fixture;
    use crate::store::ledger::fixture::ended_session;
    use crate::store::ledger::fixture::import;
    use crate::store::ledger::fixture::record;

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
            used.add_exchange(entry.logged.model.as_str(), Exchange::new(entry.at, entry.logged.tokens));
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
        assert_eq!(sum, PastSum { sessions: 2, wall_seconds: 1200, used: used(&[&first, &second]) });
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
    #[test]
    fn what_was_measured_takes_the_place_of_what_was_stated() {
        let mut ledger = LedgerStore::in_memory().unwrap();
        let ended = ended_session("/w/a", 0, &[(10, 100, false), (20, 200, false)], 60);
        ledger.put_session(&ended).unwrap();
        let mut measured = record("a", 5, "/w/a");
        measured.event.prompt = 250_000;
        measured.event.terms.us_only = true;
        import(&mut ledger, vec![measured.clone(), record("b", 5, "/w/b")]);

        let event = &measured.event;
        let mut used = Used::default();
        used.add_exchange("m", Exchange { at: event.at, tokens: event.tokens, prompt: 250_000, terms: event.terms });
        let stated = &ended.entries[1];
        used.add_exchange("m", Exchange::new(stated.at, stated.logged.tokens));
        let project = &ended.start.project;
        let before = Before { project, until: fixture::at(100), but: ended_session("/w/a", 0, &[], 1).id };
        assert_eq!(ledger.sum_before(&before).unwrap().used, used);
        assert_eq!(ledger.latest_before(&before, 3).unwrap()[0].used, used);
        assert_eq!(ledger.sessions(None, None).unwrap()[0].used, used);
    }
}
