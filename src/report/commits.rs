//! Commits of a stretch of history, each with what was spent before it.

use std::collections::BTreeSet;

use chrono::DateTime;
use chrono::Utc;

use crate::domain::commit::Commit;
use crate::domain::commit::CommitId;
use crate::domain::event::UsageEvent;
use crate::domain::ledger::UsageSum;
use crate::domain::money::Usd;
use crate::domain::price::PriceBook;
use crate::report::attribution;
use crate::report::attribution::Method;
use crate::report::attribution::Part;
use crate::report::usage::Total;
use crate::report::usage::Usage;

/// What the report is made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    /// All that the person committed, in order of time: each has its part of what was spent.
    pub(crate) commits: &'a [Commit],
    /// Those that get a row.
    pub(crate) asked: &'a BTreeSet<CommitId>,
    /// All of the repository, in order of time.
    pub(crate) events: &'a [UsageEvent],
    pub(crate) end: End,
    pub(crate) prices: &'a PriceBook,
}

/// Where the stretch ends, which begins with the commit before the first one asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    LastCommit,
    Before(DateTime<Utc>),
    Never,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommitsReport {
    /// In order of time.
    pub(crate) rows: Vec<CommitRow>,
    /// All rows.
    pub(crate) committed: Total,
    /// Spent in the stretch before a commit that has no row.
    pub(crate) elsewhere: Total,
    /// Spent in the stretch before no commit at all.
    pub(crate) not_committed: Total,
    /// All three.
    pub(crate) all: Usage,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommitRow {
    pub(crate) commit: Commit,
    /// Spent since the commit before, or by the conversation that made this one.
    pub(crate) total: Total,
    pub(crate) method: Method,
}

pub(crate) fn build(facts: &Facts<'_>) -> CommitsReport {
    let parts =
        facts.events.iter().map(|event| Part { at: event.at, event: Some(event), cost: Usd::ZERO, unpriced_tokens: 0 });
    let parts: Vec<Part<'_>> = parts.collect();
    let instants: Vec<DateTime<Utc>> = facts.commits.iter().map(|commit| commit.authored_at).collect();
    let owners = attribution::owners(&instants, &parts);

    // The place among the rows of each commit that has one.
    let mut places = vec![None; facts.commits.len()];
    let mut rows = Vec::new();
    for (number, (commit, method)) in facts.commits.iter().zip(owners.methods).enumerate() {
        if facts.asked.contains(&commit.hash) {
            places[number] = Some(rows.len());
            rows.push(CommitRow { commit: commit.clone(), total: Total::default(), method });
        }
    }
    let stretch = Stretch::of(facts, &places);
    let mut report = CommitsReport {
        rows,
        committed: Total::default(),
        elsewhere: Total::default(),
        not_committed: Total::default(),
        all: Usage::default(),
    };
    for (event, owner) in facts.events.iter().zip(owners.of_parts) {
        let row = owner.and_then(|commit| places[commit]);
        if row.is_none() && !stretch.holds(event.at) {
            continue;
        }
        let sum = UsageSum::of(event);
        let total = Total::of(&sum, facts.prices);
        report.all.add(&sum, &total);
        match row {
            Some(row) => {
                report.rows[row].total.add(&total);
                report.committed.add(&total);
            }
            None if owner.is_some() => report.elsewhere.add(&total),
            None => report.not_committed.add(&total),
        }
    }
    report
}

/// In seconds, as commits have their time, and with the last one.
struct Stretch {
    after: Option<i64>,
    last: Option<i64>,
    end: End,
}

impl Stretch {
    fn of(facts: &Facts<'_>, places: &[Option<usize>]) -> Self {
        let second = |number: usize| facts.commits[number].authored_at.timestamp();
        let first = places.iter().position(Option::is_some);
        Self {
            after: first.and_then(|first| first.checked_sub(1)).map(second),
            last: places.iter().rposition(Option::is_some).map(second),
            end: facts.end,
        }
    }

    fn holds(&self, at: DateTime<Utc>) -> bool {
        let second = at.timestamp();
        self.after.is_none_or(|after| after < second)
            && match self.end {
                End::LastCommit => self.last.is_some_and(|last| second <= last),
                End::Before(end) => at < end,
                End::Never => true,
            }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::event::EventId;
    use crate::domain::tokens::TokenUsage;
    use crate::report::session;
    use crate::report::session::CommitFacts;
    use crate::report::session::Earlier;
    use crate::report::session::fixture::at;
    use crate::report::session::fixture::entry;
    use crate::report::session::fixture::prices;
    use crate::report::usage;
    use crate::report::usage::key::By;
    use crate::report::usage::key::Key;

    fn commit(number: usize, minute: i64) -> Commit {
        Commit {
            hash: format!("{number:040x}").parse().unwrap(),
            authored_at: at(minute),
            subject: "work".to_owned(),
            author: "Ann".to_owned(),
            changes: None,
            is_merge: false,
        }
    }

    fn commits(mut minutes: Vec<i64>) -> Vec<Commit> {
        minutes.sort_unstable();
        minutes.into_iter().enumerate().map(|(number, minute)| commit(number, minute)).collect()
    }

    /// What was measured at a minute, in a conversation, perhaps calling for a commit.
    fn event((minute, output, conversation, commits): (i64, u64, usize, bool)) -> UsageEvent {
        let session = session::fixture::session(Vec::new());
        let event = UsageEvent::of_entry(&session, &entry(minute, TokenUsage::new(3, output))).unwrap();
        let mut place = (*event.place).clone();
        place.conversation = Some(["c1", "c2"][conversation].to_owned());
        UsageEvent {
            id: EventId::new(format!("{minute} {output}")),
            place: place.into(),
            precision: crate::domain::event::Precision::Measured,
            session: None,
            commits,
            ..event
        }
    }

    fn any_events() -> impl Strategy<Value = Vec<UsageEvent>> {
        prop::collection::vec((0_i64..60, 1_u64..1000, 0_usize..2, any::<bool>()), 0..30).prop_map(|events| {
            let mut events: Vec<UsageEvent> = events.into_iter().map(event).collect();
            events.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
            events
        })
    }

    fn outputs(report: &CommitsReport) -> (Vec<u64>, u64, u64) {
        let rows = report.rows.iter().map(|row| row.total.tokens.output).collect();
        (rows, report.elsewhere.tokens.output, report.not_committed.tokens.output)
    }

    proptest! {
        #[test]
        fn no_exchange_counts_twice_and_a_row_is_what_the_breakdown_shows(
            minutes in prop::collection::vec(-5_i64..65, 0..8),
            events in any_events(),
            is_asked in prop::array::uniform8(any::<bool>()),
        ) {
            let commits = commits(minutes);
            let asked: BTreeSet<_> =
                commits.iter().zip(is_asked).filter(|(_, is)| *is).map(|(commit, _)| commit.hash.clone()).collect();
            let prices = prices();
            let facts = Facts { commits: &commits, asked: &asked, events: &events, end: End::Never, prices: &prices };
            let report = build(&facts);

            let mut sum = Total::default();
            report.rows.iter().for_each(|row| sum.add(&row.total));
            prop_assert_eq!(sum, report.committed);
            sum.add(&report.elsewhere);
            sum.add(&report.not_committed);
            prop_assert_eq!(sum, report.all.total);
            let whole = usage::build(&events.iter().map(UsageSum::of).collect::<Vec<_>>(), &prices, &[], Tz::UTC);
            prop_assert!(sum.exchanges <= whole.totals.total.exchanges && sum.cost.total() <= whole.totals.total.cost.total());

            let parts: Vec<_> = events.iter().map(|event| Part { at: event.at, event: Some(event), cost: Usd::ZERO, unpriced_tokens: 0 }).collect();
            let instants: Vec<_> = commits.iter().map(|commit| commit.authored_at).collect();
            let owners = attribution::owners(&instants, &parts).of_parts;
            let items = events.iter().zip(owners).map(|(event, owner)| usage::item::Facts {
                event, session: None, commit: owner.map(|commit| &commits[commit].hash),
            });
            let breakdown = usage::build(items, &prices, &[By::Commit], Tz::UTC);
            for row in &report.rows {
                let key = Key::Commit(Some(row.commit.hash.clone()));
                let shown = breakdown.rows.iter().find(|row| row.key == key).map(|row| row.usage.total);
                prop_assert_eq!(row.total, shown.unwrap_or_default());
            }
        }

        #[test]
        fn the_report_of_a_session_over_the_same_stretch_agrees(
            minutes in prop::collection::vec(0_i64..60, 0..8),
            events in any_events(),
        ) {
            let commits = commits(minutes);
            let asked = commits.iter().map(|commit| commit.hash.clone()).collect();
            let prices = prices();
            let report = build(&Facts {
                commits: &commits, asked: &asked, events: &events, end: End::Never, prices: &prices,
            });
            let facts = CommitFacts { commits, is_repository: true, ..CommitFacts::default() };
            let of_session = session::build(session::Facts {
                session: &session::fixture::session(Vec::new()),
                measured: &events,
                commits: &facts,
                prices: &prices,
                earlier: &Earlier::default(),
                now: at(90),
                active_gap: chrono::TimeDelta::zero(),
            });
            prop_assert_eq!(report.all.total.cost.total(), of_session.cost.total);
            prop_assert_eq!(report.not_committed.cost.total(), of_session.commits.not_committed);
            let row = |row: &CommitRow| (row.commit.hash.to_string(), row.total.cost.total(), row.method);
            let rows: Vec<_> = report.rows.iter().map(row).collect();
            let of_session = of_session.commits.rows.into_iter().map(|row| (row.hash, row.cost, row.method));
            prop_assert_eq!(rows, of_session.collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_stretch_begins_behind_the_commit_before_it() {
        let commits = commits(vec![10, 20, 30, 40]);
        let spent = [(5, 1), (15, 2), (20, 4), (25, 8), (35, 16), (45, 32), (50, 64)];
        let events: Vec<UsageEvent> = spent.iter().map(|&(minute, output)| event((minute, output, 0, false))).collect();
        let prices = prices();
        for (asked, end, expected) in [
            (&[1, 2][..], End::LastCommit, (vec![6, 8], 0, 0)),
            (&[1, 3], End::LastCommit, (vec![6, 16], 8, 0)),
            (&[1], End::Never, (vec![6], 24, 96)),
            (&[0, 1, 2, 3], End::Never, (vec![1, 6, 8, 16], 0, 96)),
            (&[3], End::Before(at(50)), (vec![16], 0, 32)),
            (&[], End::Never, (vec![], 31, 96)),
            (&[], End::LastCommit, (vec![], 0, 0)),
        ] {
            let asked = asked.iter().map(|&number: &usize| commits[number].hash.clone()).collect();
            let facts = Facts { commits: &commits, asked: &asked, events: &events, end, prices: &prices };
            assert_eq!(outputs(&build(&facts)), expected, "{asked:?} {end:?}");
        }
    }

    #[test]
    fn what_its_conversation_spent_is_a_commits_even_from_before_anothers() {
        let commits = commits(vec![10, 20]);
        let events = [(8, 2, 1, false), (10, 1, 0, true), (20, 4, 1, true), (25, 8, 1, false)].map(event);
        let asked = BTreeSet::from([commits[1].hash.clone()]);
        let prices = prices();
        let facts = Facts { commits: &commits, asked: &asked, events: &events, end: End::Never, prices: &prices };
        let report = build(&facts);
        assert_eq!((report.rows[0].method, outputs(&report)), (Method::Exact, (vec![6], 0, 8)));
    }
}
