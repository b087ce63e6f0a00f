//! The laws of a session's report: every table comes to the same total, and so does every other report.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::domain::commit::Changes;
use crate::domain::event::Precision;
use crate::domain::event::UsageEvent;
use crate::domain::session::State;
use crate::report::session::fixture::at;
use crate::report::session::fixture::entry;
use crate::report::session::fixture::measured_report;
use crate::report::session::fixture::past;
use crate::report::session::fixture::prices;
use crate::report::session::fixture::report;
use crate::report::session::fixture::session;
use crate::report::session::fixture::sum;
use crate::report::status;

fn commit(minute: i64) -> Commit {
    Commit {
        hash: "0123456789abcdef0123456789abcdef01234567".parse().unwrap(),
        authored_at: at(minute),
        subject: "work".to_owned(),
        author: "Ann".to_owned(),
        changes: Some(Changes { files: 1, insertions: 2, deletions: 3 }),
        is_merge: false,
    }
}

fn commits(mut minutes: Vec<i64>) -> CommitFacts {
    minutes.sort_unstable();
    CommitFacts { commits: minutes.into_iter().map(commit).collect(), is_repository: true, ..CommitFacts::default() }
}

/// Entries of any kind: with and without tokens, task, price, infrastructure, certainty.
fn any_entry() -> impl Strategy<Value = Entry> {
    let tokens = (0_u64..90_000, 0_u64..90_000, 0_u64..9_000, 0_u64..9_000, 0_u64..900_000);
    let infra = prop::sample::select(vec!["", "gpu=1.5h", "gpu=0.000001", "gone=3"]);
    (0_i64..60, tokens, prop::bool::ANY, 0_usize..3, 0_usize..3, infra, prop::bool::ANY).prop_map(
        |(minute, (input, output, five, hour, read), is_empty, model, task, infra, is_guess)| {
            let tokens = TokenUsage {
                input,
                output,
                cache_write_5m: five,
                cache_write_1h: hour,
                cache_read: read,
                ..TokenUsage::default()
            };
            let mut entry = entry(minute, if is_empty { TokenUsage::default() } else { tokens });
            entry.logged.model = ModelId::new(["big", "small", "nosuch"][model]);
            entry.logged.task = [None, Some("code"), Some("plan")][task].map(|task| task.parse().unwrap());
            entry.logged.infra = infra.parse().into_iter().collect();
            entry.logged.basis = if is_guess { Basis::Preset } else { Basis::Typed };
            entry
        },
    )
}

proptest! {
    #[test]
    fn every_table_sums_to_the_total(
        entries in prop::collection::vec(any_entry(), 0..12),
        minutes in prop::collection::vec(-5_i64..65, 0..6),
    ) {
        let session = session(entries);
        let report = report(&session, &commits(minutes), &[]);
        let cost = &report.cost;
        let rows = |rows: &[cost::CostRow]| rows.iter().filter_map(|row| row.cost).sum::<Usd>();
        prop_assert_eq!(cost.by_kind.model.total() + cost.by_kind.infra, cost.total);
        prop_assert_eq!(rows(&cost.by_model), cost.total);
        prop_assert_eq!(rows(&cost.by_task), cost.total);
        prop_assert_eq!(cost.stated + cost.estimated, cost.total);
        let committed: Usd = report.commits.rows.iter().map(|row| row.cost).sum();
        prop_assert_eq!(committed + report.commits.not_committed, cost.total);

        let said: TokenUsage = session.entries.iter().map(|entry| entry.logged.tokens).sum();
        let tokens = |rows: &[cost::CostRow]| rows.iter().map(|row| row.tokens).sum::<TokenUsage>();
        prop_assert_eq!(tokens(&cost.by_model), said);
        prop_assert_eq!(tokens(&cost.by_task), said);
        prop_assert_eq!(report.tokens.total, said.total());
        let unpriced: u64 = report.commits.rows.iter().map(|row| row.unpriced_tokens).sum();
        prop_assert_eq!(unpriced + report.commits.not_committed_unpriced_tokens, cost.unpriced_tokens());
        prop_assert_eq!(cost.exchanges, cost.by_model.iter().map(|row| row.exchanges).sum::<u64>());
        prop_assert_eq!(cost.exchanges, cost.by_task.iter().map(|row| row.exchanges).sum::<u64>());
    }

    #[test]
    fn status_list_and_totals_agree_with_the_report(entries in prop::collection::vec(any_entry(), 0..12)) {
        let session = session(entries);
        let report = report(&session, &CommitFacts::default(), &[]);
        let total = (report.cost.total, report.cost.unpriced_tokens());
        let status = status::build(&session, &[], &prices(), at(90), TimeDelta::try_minutes(15).unwrap());
        prop_assert_eq!((status.cost, status.unpriced_tokens), total);
        prop_assert_eq!(status.estimated, report.cost.estimated);
        let row = sessions::row(&past(&session), &prices());
        prop_assert_eq!((row.cost, row.unpriced_tokens), total);
        prop_assert_eq!(row.per_hour, report.cost.per_hour_wall);
        let totals = report.project_totals;
        prop_assert_eq!((totals.sessions, totals.cost, totals.unpriced_tokens), (1, total.0, total.1));
        let of_project = sessions::totals(&sum(&session), &prices());
        prop_assert_eq!((of_project.cost, of_project.wall_seconds), (totals.cost, totals.wall_seconds));
        let events = session.entries.iter().filter_map(|entry| UsageEvent::of_entry(&session, entry)).count() as u64;
        prop_assert_eq!(events, report.cost.exchanges);
    }

    #[test]
    fn shares_come_to_one(entries in prop::collection::vec(any_entry(), 1..12)) {
        let report = report(&session(entries), &CommitFacts::default(), &[]);
        let shares: i128 = report.cost.by_model.iter().filter_map(|row| row.share).map(|share| share.rounded(9)).sum();
        // Each of a handful of rows may be rounded by half a unit.
        prop_assert!(report.cost.total.is_zero() || (shares - 1_000_000_000).abs() < 10, "{}", shares);
    }
}

#[test]
fn a_commit_gets_what_was_spent_before_it() {
    let million = TokenUsage::new(1_000_000, 0);
    let session = session(vec![entry(10, million), entry(20, million), entry(20, million), entry(50, million)]);
    for (minutes, costs, left) in [
        (vec![], vec![], "8.00"),
        (vec![20], vec!["6.00"], "2.00"),
        (vec![5, 10, 55], vec!["0.00", "2.00", "6.00"], "0.00"),
        (vec![30, 30], vec!["6.00", "0.00"], "2.00"),
    ] {
        let report = report(&session, &commits(minutes.clone()), &[]).commits;
        let shown: Vec<String> = report.rows.iter().map(|row| row.cost.to_string()).collect();
        assert_eq!(
            (shown, report.not_committed.to_string()),
            (costs.into_iter().map(str::to_owned).collect(), left.to_owned()),
            "{minutes:?}"
        );
    }
}

#[test]
fn a_cancelled_session_is_in_no_total_not_even_its_own() {
    let mut session = session(vec![entry(10, TokenUsage::new(1_000_000, 0))]);
    session.state = State::Cancelled { at: at(60) };
    let report = report(&session, &CommitFacts::default(), &[]);
    assert_eq!((report.project_totals.sessions, report.project_totals.cost), (0, Usd::ZERO));
}

#[test]
fn projects_of_one_name_are_kept_apart() {
    let one = session(vec![entry(10, TokenUsage::new(1_000_000, 0))]);
    let mut other = session(vec![entry(10, TokenUsage::new(500_000, 0))]);
    other.start.project.root = "/elsewhere/app".to_owned();
    let list = sessions::build(Vec::new(), &[past(&one), past(&other)], &prices());
    let rows: Vec<_> =
        list.projects.iter().map(|row| (row.project_root.as_str(), row.totals.cost.to_string())).collect();
    assert_eq!(rows, [("/w/app", "2.00".to_owned()), ("/elsewhere/app", "1.00".to_owned())]);
    assert_eq!(list.totals.cost.to_string(), "3.00");
    let totals = report(&one, &CommitFacts::default(), &[past(&other)]).project_totals;
    assert_eq!((totals.sessions, totals.cost.to_string()), (1, "2.00".to_owned()));
}

#[test]
fn an_average_exchange_is_one_with_a_price() {
    let mut unpriced = entry(20, TokenUsage::new(500, 500));
    unpriced.logged.model = ModelId::new("nosuch");
    let session = session(vec![entry(10, TokenUsage::new(1_000_000, 0)), unpriced]);
    let cost = report(&session, &CommitFacts::default(), &[]).cost;
    assert_eq!((cost.exchanges, cost.per_exchange.unwrap().to_string()), (2, "2.00".to_owned()));
}

/// What was measured at these minutes on the small model, with so many output tokens each.
fn measured(session: &Session, answers: &[(i64, u64)]) -> Vec<UsageEvent> {
    let event = |&(minute, output)| UsageEvent::of_entry(session, &entry(minute, TokenUsage::new(0, output))).unwrap();
    let events = answers.iter().map(event);
    events.map(|event| UsageEvent { precision: Precision::Measured, ..event }).collect()
}

#[test]
fn what_comes_on_top_stands_for_nothing_that_was_measured() {
    let mut entries = [7, 300, 2000].map(|output| entry(10, TokenUsage::new(0, output))).to_vec();
    entries[0].logged.extra = true;
    let session = session(entries);
    let report = measured_report(&session, &measured(&session, &[(5, 1000)]));
    let compared = report.cost.compared.unwrap();
    assert_eq!(
        (compared.entries, compared.said.to_string(), compared.measured.to_string()),
        (2, "0.023".to_owned(), "0.01".to_owned())
    );
    let shown = |activity: &Activity| {
        let usage = activity.usage.as_ref().unwrap();
        (usage.spent.tokens.output, usage.is_measured, usage.said.is_some())
    };
    let shown: Vec<_> = report.activity.iter().map(shown).collect();
    assert_eq!(shown, [(7, false, false), (1000, true, true), (0, false, true)]);
}

#[test]
fn what_has_no_price_is_not_compared_by_halves() {
    let session = session(vec![entry(10, TokenUsage::new(0, 300)), entry(10, TokenUsage::new(0, 2000))]);
    let mut events = measured(&session, &[(5, 1000)]);
    events[0].model = ModelId::new("nosuch");
    assert_eq!(measured_report(&session, &events).cost.compared, None);
}
