//! Where exchanges took place, and to which project each directory belongs.
//!
//! A transcript only lets one guess the project; who can ask git settles it, and all that was done in the directory moves.

use std::sync::Arc;

use anyhow::Context as _;
use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::TransactionBehavior;
use rusqlite::params;
use rusqlite::params_from_iter;
use rustc_hash::FxHashMap;

use crate::domain::event::Place;
use crate::store::ledger::LedgerStore;
use crate::store::ledger::join;
use crate::store::ledger::join::Range;
use crate::store::ledger::names::Names;

/// Places that are looked up one by one; who needs more gets all at once, which takes a third of the time for each.
const FEW: usize = 64;

/// Places that were looked up before, for as long as one transaction lasts.
#[derive(Debug, Default)]
pub(super) struct Places {
    numbers: FxHashMap<Arc<Place>, i64>,
    by_number: FxHashMap<i64, Arc<Place>>,
    /// Neighbouring exchanges share theirs.
    last: Option<(Arc<Place>, i64)>,
    /// A directory that was known has another project now.
    pub(super) have_moved: bool,
}

impl Places {
    /// The number of a place, which gets one if it has none.
    pub(super) fn number(
        &mut self,
        connection: &Connection,
        names: &mut Names,
        place: &Arc<Place>,
    ) -> anyhow::Result<i64> {
        if let Some((last, number)) = &self.last
            && Arc::ptr_eq(last, place)
        {
            return Ok(*number);
        }
        let number = if let Some(&number) = self.numbers.get(place) {
            number
        } else {
            let number = self.stored(connection, names, place)?;
            self.numbers.insert(Arc::clone(place), number);
            number
        };
        self.last = Some((Arc::clone(place), number));
        Ok(number)
    }

    fn stored(&mut self, connection: &Connection, names: &mut Names, place: &Place) -> anyhow::Result<i64> {
        let directory = self.directory(connection, &place.directory, &place.project)?;
        let mut name = |text: &Option<String>| names.number_if_any(connection, text.as_deref());
        let key =
            [directory, name(&place.branch)?, name(&place.conversation)?, name(&place.agent)?, name(&place.skill)?];
        let mut known = connection.prepare_cached(
            "SELECT id FROM place WHERE directory = ?1 AND branch = ?2 AND conversation = ?3 AND agent = ?4 AND skill = ?5",
        )?;
        if let Some(number) = known.query_row(key, |row| row.get(0)).optional()? {
            return Ok(number);
        }
        let sql = "INSERT INTO place (directory, branch, conversation, agent, skill) VALUES (?1, ?2, ?3, ?4, ?5)";
        Ok(connection.prepare_cached(sql)?.insert(key)?)
    }

    /// Of several guesses at a directory's project the deepest counts, so that their order makes no difference.
    fn directory(&mut self, connection: &Connection, path: &str, guess: &str) -> anyhow::Result<i64> {
        let sql = "INSERT INTO directory (path, project) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        if connection.prepare_cached(sql)?.execute([path, guess])? == 0 {
            let sql = "UPDATE directory SET project = ?2 WHERE path = ?1 AND NOT is_settled
                       AND (length(?2), ?2) > (length(project), project)";
            self.have_moved |= connection.prepare_cached(sql)?.execute([path, guess])? > 0;
        }
        let sql = "SELECT id FROM directory WHERE path = ?1";
        Ok(connection.prepare_cached(sql)?.query_row([path], |row| row.get(0))?)
    }

    pub(super) fn place(&mut self, connection: &Connection, number: i64) -> anyhow::Result<Arc<Place>> {
        if !self.by_number.contains_key(&number) {
            let is_first_of_many = self.by_number.len() == FEW;
            self.load(connection, if is_first_of_many { None } else { Some(number) })?;
        }
        self.by_number.get(&number).cloned().context("the ledger has lost a place")
    }

    /// Loads a place, or all.
    fn load(&mut self, connection: &Connection, number: Option<i64>) -> anyhow::Result<()> {
        const ALL: &str = "SELECT place.id, project, path, branch.text, conversation.text, agent.text, skill.text
            FROM place JOIN directory ON directory.id = place.directory
            LEFT JOIN name AS branch ON branch.id = place.branch
            LEFT JOIN name AS conversation ON conversation.id = place.conversation
            LEFT JOIN name AS agent ON agent.id = place.agent
            LEFT JOIN name AS skill ON skill.id = place.skill";
        let one = if number.is_some() { "WHERE place.id = ?1" } else { "" };
        let mut statement = connection.prepare_cached(&format!("{ALL} {one}"))?;
        let mut rows = statement.query(params_from_iter(number))?;
        while let Some(row) = rows.next()? {
            let place = Place {
                project: row.get(1)?,
                directory: row.get(2)?,
                branch: row.get(3)?,
                conversation: row.get(4)?,
                agent: row.get(5)?,
                skill: row.get(6)?,
            };
            self.by_number.insert(row.get(0)?, Arc::new(place));
        }
        Ok(())
    }
}

/// Who said to which project a directory belongs, as the ledger keeps it beside what is a guess: no guess changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SettledBy {
    Git = 1,
    /// Someone at work there, outside of any repository: git may yet have a word.
    Session = 2,
}

/// A directory, and the project that it is taken to belong to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Unsettled {
    pub(crate) path: String,
    pub(crate) project: String,
}

impl LedgerStore {
    /// Directories of which git has not said yet to which project they belong, in order.
    pub(crate) fn unsettled_directories(&self) -> anyhow::Result<Vec<Unsettled>> {
        let sql = "SELECT path, project FROM directory WHERE is_settled <> ?1 ORDER BY path";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement
            .query_map([SettledBy::Git as i64], |row| Ok(Unsettled { path: row.get(0)?, project: row.get(1)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The directories of a project, by any way on which conversations were begun.
    pub(crate) fn directories_of(&self, project: &str) -> anyhow::Result<Vec<String>> {
        let mut statement = self.connection.prepare_cached("SELECT path FROM directory WHERE project = ?1")?;
        let rows = statement.query_map([project], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Says to which project each of these directories belongs.
    pub(crate) fn settle_projects(&mut self, projects: &[(String, String)], by: SettledBy) -> anyhow::Result<()> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut moved = Range::default();
        for (path, project) in projects {
            let sql = "SELECT id FROM directory WHERE path = ?1 AND project <> ?2";
            let id: Option<i64> =
                transaction.prepare_cached(sql)?.query_row([path, project], |row| row.get(0)).optional()?;
            let sql = "UPDATE directory SET project = ?2, is_settled = ?3 WHERE path = ?1";
            transaction.prepare_cached(sql)?.execute(params![path, project, by as i64])?;
            if let Some(id) = id {
                moved = moved.and(spent_in(&transaction, id)?);
            }
        }
        join::again(&transaction, moved)?;
        Ok(transaction.commit()?)
    }
}

/// When something was done in a directory.
fn spent_in(connection: &Connection, directory: i64) -> anyhow::Result<Range> {
    // The sums are few beside the exchanges, which have no index by place.
    let sql = "SELECT min(quarter), max(quarter) FROM sum WHERE place IN (SELECT id FROM place WHERE directory = ?1)";
    let mut statement = connection.prepare_cached(sql)?;
    let ends: (Option<i64>, Option<i64>) = statement.query_row([directory], |row| row.try_into())?;
    let (Some(first), Some(last)) = ends else { return Ok(Range::default()) };
    Ok(Range::of(first).and(Range::of(last + join::QUARTER - 1)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::SettledBy;
    use crate::domain::event::Place;
    use crate::domain::ledger::Record;
    use crate::store::ledger::LedgerStore;
    use crate::store::ledger::fixture::ended_session;
    use crate::store::ledger::fixture::import;
    use crate::store::ledger::fixture::record;

    fn guessed(id: &str, minute: i64, directory: &str, project: &str) -> Record {
        let mut record = record(id, minute, directory);
        let place = (*record.event.place).clone();
        record.event.place = Arc::new(Place { project: project.to_owned(), ..place });
        record
    }

    fn unsettled(ledger: &LedgerStore) -> Vec<String> {
        ledger.unsettled_directories().unwrap().into_iter().map(|directory| directory.path).collect()
    }

    fn projects(ledger: &LedgerStore) -> Vec<String> {
        let events = ledger.events(None, None).unwrap();
        events.into_iter().map(|event| event.place.project.clone()).collect()
    }

    #[test]
    fn of_two_guesses_the_deeper_one_counts() {
        let records = [guessed("a", 0, "/w/a/b/c", "/w/a"), guessed("b", 1, "/w/a/b/c", "/w/a/b")];
        for order in [[0, 1], [1, 0]] {
            let mut ledger = LedgerStore::in_memory().unwrap();
            let session = ended_session("/w/a/b", 0, &[], 10);
            ledger.put_session(&session).unwrap();
            for number in order {
                import(&mut ledger, vec![records[number].clone()]);
            }
            assert_eq!(projects(&ledger), ["/w/a/b", "/w/a/b"]);
            assert_eq!(ledger.session_events(session.id).unwrap().len(), 2);
        }
    }

    #[test]
    fn what_is_settled_moves_the_history_and_no_guess_moves_it_back() {
        let mut ledger = LedgerStore::in_memory().unwrap();
        import(&mut ledger, vec![guessed("a", 0, "/w/tree", "/w/tree"), record("b", 1, "/w/a")]);
        assert_eq!(unsettled(&ledger), ["/w/a", "/w/tree"]);
        let session = ended_session("/w/a", 0, &[(5, 100, false)], 10);
        ledger.put_session(&session).unwrap();
        assert_eq!(ledger.session_events(session.id).unwrap().len(), 1);

        ledger.settle_projects(&[("/w/tree".to_owned(), "/w/a".to_owned())], SettledBy::Git).unwrap();
        assert_eq!(projects(&ledger), ["/w/a", "/w/a"]);
        assert_eq!(ledger.sums(None, None).unwrap()[0].place.project, "/w/a");
        assert_eq!(ledger.session_events(session.id).unwrap().len(), 2);
        assert_eq!(unsettled(&ledger), ["/w/a"]);

        import(&mut ledger, vec![guessed("c", 2, "/w/tree", "/w/tree/deeper")]);
        assert_eq!(projects(&ledger), ["/w/a", "/w/a", "/w/a"]);
        assert_eq!(ledger.session_events(session.id).unwrap().len(), 3);
        assert_eq!(ledger.events_in("/w/tree", None, None).unwrap(), []);
    }
    #[test]
    fn what_a_session_claims_no_guess_takes_back_but_git_may() {
        let mut ledger = LedgerStore::in_memory().unwrap();
        import(&mut ledger, vec![record("a", 0, "/w/a/sub")]);
        ledger.settle_projects(&[("/w/a/sub".to_owned(), "/w/a".to_owned())], SettledBy::Session).unwrap();
        import(&mut ledger, vec![record("b", 1, "/w/a/sub")]);
        assert_eq!(projects(&ledger), ["/w/a", "/w/a"]);
        assert_eq!(
            (unsettled(&ledger), ledger.directories_of("/w/a").unwrap()),
            (vec!["/w/a/sub".to_owned()], vec!["/w/a/sub".to_owned()])
        );
        ledger.settle_projects(&[("/w/a/sub".to_owned(), "/w/a/sub".to_owned())], SettledBy::Git).unwrap();
        assert_eq!((projects(&ledger), unsettled(&ledger)), (vec!["/w/a/sub".to_owned(); 2], vec![]));
    }
}
