//! Which session each measured exchange belongs to, and which entries count beside them.
//!
//! Measured beats stated: an entry in whose interval something was measured is an estimate of that, and counts nowhere,
//! unless the person said that it comes on top.

use chrono::DateTime;
use chrono::Utc;
use rusqlite::Connection;
use rusqlite::params;

/// A quarter of an hour in milliseconds.
pub(super) const QUARTER: i64 = 900_000;

/// Numbers of the places of a project, which is parameter 2.
pub(super) const IN_PROJECT: &str = "place IN (
    SELECT place.id FROM directory CROSS JOIN place ON place.directory = directory.id WHERE project = ?2)";

/// A stretch of time from one millisecond to another, both in it; the default is none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Range(Option<(i64, i64)>);

impl Range {
    pub(super) const ALL: Self = Self(Some((i64::MIN, i64::MAX)));

    pub(super) fn of(milliseconds: i64) -> Self {
        Self(Some((milliseconds, milliseconds)))
    }

    /// The least that holds both.
    pub(super) fn and(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some((first, last)), Some((other_first, other_last))) => {
                Self(Some((first.min(other_first), last.max(other_last))))
            }
            (one, other) => Self(one.or(other)),
        }
    }

    pub(super) fn with(self, at: DateTime<Utc>) -> Self {
        self.and(Self::of(at.timestamp_millis()))
    }
}

/// Finds out anew for all exchanges of a range, and for the entries of all sessions that overlap it.
///
/// Of sessions that overlap in one project the one that began last has what lies in all, as in `Session::precedence`; open
/// ones are known as they were when they were last taken in.
pub(super) fn again(connection: &Connection, range: Range) -> anyhow::Result<()> {
    let Some((first, last)) = range.0 else { return Ok(()) };
    let some = "SELECT EXISTS (SELECT 1 FROM exchange WHERE at BETWEEN ?1 AND ?2)";
    if !connection.prepare_cached(some)?.query_row([first, last], |row| row.get::<_, bool>(0))? {
        return Ok(());
    }
    let joined = "SELECT EXISTS (SELECT 1 FROM exchange WHERE session IS NOT NULL)";
    if connection.prepare_cached(joined)?.query_row([], |row| row.get::<_, bool>(0))? {
        let clear = "UPDATE exchange SET session = NULL WHERE at BETWEEN ?1 AND ?2 AND session IS NOT NULL";
        connection.prepare_cached(clear)?.execute([first, last])?;
    }

    let mut sessions = connection.prepare_cached(
        "SELECT id, project_root, started_at, ended_at FROM session
         WHERE state <> 'cancelled' AND ended_at > ?1 AND started_at <= ?2 ORDER BY started_at, id",
    )?;
    let mut join = connection.prepare_cached(&format!(
        "UPDATE exchange SET session = ?1 WHERE at >= max(?3, ?5) AND at < ?4 AND at <= ?6 AND {IN_PROJECT} AND NOT EXISTS
         (SELECT 1 FROM pause WHERE session = ?1 AND began_at <= exchange.at AND exchange.at < ended_at)",
    ))?;
    let mut overlapping = Vec::new();
    let mut rows = sessions.query([first, last])?;
    while let Some(row) = rows.next()? {
        let (id, root, started_at, ended_at): (String, String, i64, i64) = row.try_into()?;
        join.execute(params![id, root, started_at, ended_at, first, last])?;
        overlapping.push(id);
    }

    overlapping.iter().try_for_each(|id| count(connection, id))
}

/// Finds out anew which entries of a session count.
pub(super) fn count(connection: &Connection, id: &str) -> anyhow::Result<()> {
    let mut count = connection.prepare_cached(
        "UPDATE entry SET counts = extra OR NOT EXISTS (SELECT 1 FROM exchange
         WHERE exchange.session = entry.session AND exchange.at BETWEEN entry.began_at AND entry.at) WHERE session = ?1",
    )?;
    count.execute([id])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use crate::domain::session::Session;
    use crate::domain::session::SessionId;
    use crate::domain::session::join::Stretch;
    use crate::domain::session::journal::Happening;
    use crate::store::ledger::LedgerStore;
    use crate::store::ledger::SettledBy;
    use crate::store::ledger::fixture::at;
    use crate::store::ledger::fixture::ended_session;
    use crate::store::ledger::fixture::import;
    use crate::store::ledger::fixture::open_session;
    use crate::store::ledger::fixture::record;
    use crate::store::ledger::fixture::session;

    /// Minutes of the events of a session, and the output tokens of each.
    fn events(ledger: &LedgerStore, id: SessionId) -> Vec<(i64, u64)> {
        let events = ledger.session_events(id).unwrap();
        events.iter().map(|event| ((event.at - at(0)).num_minutes(), event.tokens.output)).collect()
    }

    fn total(ledger: &LedgerStore) -> u64 {
        ledger.sums(None, None).unwrap().iter().map(|sum| sum.tokens.output).sum()
    }

    #[test]
    fn measured_beats_stated_interval_by_interval() {
        for (minutes, expected) in [
            // (the minutes of what was measured, events of the session)
            (vec![], vec![(10, 100), (20, 200), (30, 300)]),
            (vec![5], vec![(5, 1), (20, 200), (30, 300)]),
            // The start and the mark belong to the interval.
            (vec![0, 20], vec![(0, 1), (20, 1), (30, 300)]),
            // On top of what is measured.
            (vec![25, 30], vec![(10, 100), (20, 200), (25, 1), (30, 1), (30, 300)]),
            // After the last mark, before the start, at the end.
            (vec![35, -1, 40], vec![(10, 100), (20, 200), (30, 300), (35, 1)]),
        ] {
            let mut ledger = LedgerStore::in_memory().unwrap();
            let session = ended_session("/w/a", 0, &[(10, 100, false), (20, 200, false), (30, 300, true)], 40);
            ledger.put_session(&session).unwrap();
            let records = minutes.iter().map(|&minute| record(&format!("msg_{minute}"), minute, "/w/a")).collect();
            import(&mut ledger, records);
            let mut events = events(&ledger, session.id);
            events.sort_unstable();
            assert_eq!(events, expected, "{minutes:?}");
            let outside = minutes.iter().filter(|minute| !(0..40).contains(*minute)).count();
            assert_eq!(total(&ledger), expected.iter().map(|(_, output)| output).sum::<u64>() + outside as u64);
        }
    }

    #[test]
    fn entries_of_one_instant_share_what_was_measured() {
        let mut ledger = LedgerStore::in_memory().unwrap();
        import(&mut ledger, vec![record("a", 5, "/w/a")]);
        let session = ended_session("/w/a", 0, &[(10, 100, false), (10, 200, false)], 40);
        ledger.put_session(&session).unwrap();
        assert_eq!(events(&ledger, session.id), [(5, 1)]);
    }

    #[test]
    fn a_session_has_what_was_measured_in_its_time_and_project() {
        let mut ledger = LedgerStore::in_memory().unwrap();
        import(&mut ledger, (0..6).map(|number| record(&format!("a{number}"), number * 10, "/w/a")).collect());
        import(&mut ledger, vec![record("b", 20, "/w/b")]);
        let pauses = [(15, Happening::Paused), (25, Happening::Resumed), (45, Happening::Ended)];
        let with_pause = session("/w/a", 5, &[(30, 100, false)], &pauses);
        ledger.put_session(&with_pause).unwrap();
        assert_eq!(events(&ledger, with_pause.id), [(10, 1), (30, 1), (40, 1)]);
        assert_eq!(total(&ledger), 7);

        // Opened again, it is in no one's way.
        ledger.remove_session(with_pause.id).unwrap();
        assert_eq!(events(&ledger, with_pause.id), []);
        assert!(ledger.events(None, None).unwrap().iter().all(|event| event.session.is_none()));
        assert_eq!(total(&ledger), 7);

        let cancelled = session("/w/a", 5, &[(30, 100, false)], &[(45, Happening::Cancelled)]);
        ledger.put_session(&cancelled).unwrap();
        assert_eq!(events(&ledger, cancelled.id), []);
    }

    #[test]
    fn a_session_within_another_has_its_own() {
        let (outer, inner) = (ended_session("/w/a", 0, &[], 60), ended_session("/w/a", 20, &[], 40));
        for sessions in [[&outer, &inner], [&inner, &outer]] {
            let mut ledger = LedgerStore::in_memory().unwrap();
            import(&mut ledger, vec![record("a", 10, "/w/a"), record("b", 30, "/w/a"), record("c", 50, "/w/a")]);
            for session in sessions {
                ledger.put_session(session).unwrap();
            }
            assert_eq!(events(&ledger, outer.id), [(10, 1), (50, 1)]);
            assert_eq!(events(&ledger, inner.id), [(30, 1)]);
            ledger.remove_session(inner.id).unwrap();
            assert_eq!(events(&ledger, outer.id), [(10, 1), (30, 1), (50, 1)]);
        }
    }

    #[test]
    fn entries_of_open_sessions_are_seen_until_they_close() {
        let mut ledger = LedgerStore::in_memory().unwrap();
        import(&mut ledger, vec![record("a", 15, "/w/a"), record("b", 15, "/w/b")]);
        let open = open_session("/w/a", 0, &[(10, 100, false), (20, 200, false), (30, 400, true)]);
        let other = open_session("/w/b", 16, &[(20, 1000, false)]);
        for _ in 0..2 {
            ledger.put_open_sessions(&[open.clone(), other.clone()]).unwrap();
            assert_eq!(total(&ledger), 2 + 100 + 400 + 1000);
        }
        ledger.put_open_sessions(std::slice::from_ref(&open)).unwrap();
        assert_eq!(total(&ledger), 2 + 100 + 400);
        ledger.remove_session(open.id).unwrap();
        assert_eq!(total(&ledger), 2);

        ledger.put_session(&ended_session("/w/b", 16, &[(20, 1000, false)], 30)).unwrap();
        ledger.put_open_sessions(&[]).unwrap();
        assert_eq!(total(&ledger), 2 + 1000);
    }

    /// What can be done to a ledger, in any order.
    #[derive(Debug, Clone)]
    enum Step {
        Import(usize),
        Put(usize),
        Settle,
    }

    proptest! {
        #[test]
        fn sessions_have_the_same_whatever_came_first(
            spans in prop::collection::vec((0_i64..50, 0_i64..30, 0_i64..20, 0_i64..10, 0_usize..4, any::<bool>()), 1..4),
            minutes in prop::collection::vec(prop::collection::vec(0_i64..100, 1..4), 1..4),
            order in Just((0..7).collect::<Vec<usize>>()).prop_shuffle(),
        ) {
            let sessions: Vec<Session> = spans
                .iter()
                .map(|&(start, until_pause, pause, until_end, state, extra)| {
                    let (paused, resumed) = (start + until_pause, start + until_pause + pause);
                    let happenings = [
                        (paused, Happening::Paused),
                        (resumed, Happening::Resumed),
                        (resumed + until_end, [Happening::Ended, Happening::Cancelled, Happening::Paused][state % 3].clone()),
                    ];
                    // Ended, cancelled, paused or running.
                    let happenings = &happenings[..if state == 3 { 2 } else { 3 }];
                    session("/w/a", start, &[(paused, 100, extra), (resumed + until_end, 1000, false)], happenings)
                })
                .collect();
            let open: Vec<Session> = sessions.iter().filter(|session| session.state.is_open()).cloned().collect();
            let batches: Vec<Vec<_>> = (0..)
                .zip(&minutes)
                .map(|(number, minutes)| minutes.iter().map(|&minute| {
                    // Known twice, at different times: the earlier one counts.
                    record(&format!("msg_{}", (minute + number) % 7), minute, "/w/a/sub")
                }).collect())
                .collect();
            let mut steps = vec![Step::Settle];
            steps.extend((0..batches.len()).map(Step::Import));
            steps.extend((0..sessions.len()).map(Step::Put));

            let run = |order: &mut dyn Iterator<Item = usize>| {
                let mut ledger = LedgerStore::in_memory().unwrap();
                // The directory is known first, as only known ones are settled.
                import(&mut ledger, vec![record("first", -100, "/w/a/sub")]);
                for step in order.filter_map(|number| steps.get(number)) {
                    match step {
                        Step::Import(number) => import(&mut ledger, batches[*number].clone()),
                        Step::Put(number) if sessions[*number].state.is_open() => {
                            // Once as it was before.
                            ledger.put_open_sessions(&[open_session("/w/a", 0, &[(99, 7000, false)])]).unwrap();
                            ledger.put_open_sessions(&open).unwrap();
                        }
                        Step::Put(number) => ledger.put_session(&sessions[*number]).unwrap(),
                        Step::Settle => ledger.settle_projects(&[("/w/a/sub".to_owned(), "/w/a".to_owned())], SettledBy::Git).unwrap(),
                    }
                }
                ledger
            };
            let (ledger, other) = (run(&mut (0..7)), run(&mut order.iter().copied()));
            prop_assert_eq!(ledger.events(None, None).unwrap(), other.events(None, None).unwrap());

            // And it is what the domain says of each instant.
            let measured: Vec<_> = ledger.events_in("/w/a", None, None).unwrap();
            for event in &measured {
                let within = sessions.iter().filter(|session| session.precedence().0 && session.holds(event.at));
                let owner = within.max_by_key(|session| session.precedence());
                prop_assert_eq!(event.session, owner.map(|session| session.id));
            }
            for session in sessions.iter().filter(|session| session.precedence().0) {
                let own = |at| measured.iter().any(|event| event.session == Some(session.id) && event.at == at);
                let counting = session.intervals().filter(|interval| interval.entry.logged.extra || !measured.iter().any(|event| own(event.at) && interval.holds(event.at)));
                let stated: u64 = counting.map(|interval| interval.entry.logged.tokens.output).sum();
                let events = ledger.session_events(session.id).unwrap();
                prop_assert_eq!(events.iter().map(|event| event.tokens.output).filter(|&output| output > 1).sum::<u64>(), stated);
            }

            // Reports of sessions and what is outside come to the ledger's total.
            let outside = measured.iter().filter(|event| event.session.is_none()).count() as u64;
            let inside = sessions.iter().filter(|session| session.precedence().0).map(|session| {
                let own: Vec<_> = measured.iter().filter(|event| event.session == Some(session.id)).cloned().collect();
                let output = |stretch: &Stretch<'_>| {
                    let said = stretch.entry.filter(|_| stretch.counts_entry).map_or(0, |entry| entry.logged.tokens.output);
                    said + stretch.measured.iter().map(|event| event.tokens.output).sum::<u64>()
                };
                session.stretches(&own).iter().map(output).sum::<u64>()
            });
            prop_assert_eq!(inside.sum::<u64>() + outside, total(&ledger));
        }

        #[test]
        fn entries_that_do_not_count_are_compared(
            entries in prop::collection::vec((0_i64..40, any::<bool>()), 0..6),
            minutes in prop::collection::btree_set(-5_i64..60, 0..12),
            pause in (5_i64..20, 0_i64..15),
        ) {
            let entries: Vec<_> = (1..).zip(entries).map(|(output, (minute, extra))| (minute, output, extra)).collect();
            let happenings =
                [(pause.0, Happening::Paused), (pause.0 + pause.1, Happening::Resumed), (50, Happening::Ended)];
            let session = session("/w/a", 0, &entries, &happenings);
            let mut ledger = LedgerStore::in_memory().unwrap();
            ledger.put_session(&session).unwrap();
            import(&mut ledger, minutes.iter().map(|&minute| record(&format!("{minute}"), minute, "/w/a")).collect());

            let measured = ledger.events_in("/w/a", None, None).unwrap();
            let mut compared = BTreeSet::new();
            for comparison in session.comparisons(&measured) {
                let said = comparison.said.iter().map(|(said, _)| said.id.to_string());
                compared.extend(said.filter(|_| !comparison.measured.is_empty()));
                prop_assert!(comparison.measured.iter().all(|event| event.session == Some(session.id)));
            }
            let superseded = ledger.entries_where("NOT counts", []).unwrap();
            let superseded: BTreeSet<_> = superseded.iter().map(|event| event.id.to_string()).collect();
            prop_assert_eq!(superseded, compared);
        }
    }
}
