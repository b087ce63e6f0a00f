//! What is called a problem, and when transcripts go.

use std::sync::Arc;

use super::*;
use crate::domain::import::Skipped;
use crate::domain::model::ModelId;
use crate::domain::price::Terms;
use crate::domain::tokens::TokenUsage;
use crate::report::session::fixture;

fn now() -> DateTime<Utc> {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn transcript(days_old: i64, is_read: bool) -> Transcript {
    let modified_at = now() - TimeDelta::try_days(days_old).unwrap();
    Transcript { bytes: 10, modified_at, is_read }
}

fn root(days: u64, transcripts: Vec<Transcript>) -> Root {
    let period = Some(Period { days, file: None });
    Root { path: "/c".to_owned(), is_there: true, is_desktop: false, transcripts, period }
}

#[test]
fn what_is_soon_deleted_unread_is_a_problem() {
    for (period, days_old, is_read, mark, left) in [
        (30, 20, false, Mark::Note, Some(10)),
        (30, 23, false, Mark::Note, Some(7)),
        (30, 24, false, Mark::Problem, Some(6)),
        (30, 99, false, Mark::Problem, Some(0)),
        (30, 99, true, Mark::Ok, None),
        (u64::MAX, 99, false, Mark::Note, None),
    ] {
        let roots = [root(period, vec![transcript(days_old, is_read), transcript(0, true)])];
        let report = DoctorReport::new(super::roots(&roots, now(), Tz::UTC));
        let check = report.checks.iter().find(|check| matches!(check.fact, Fact::Unread { .. })).unwrap();
        let Fact::Unread { deleted_in_days, .. } = check.fact else { unreachable!() };
        assert_eq!((check.mark, deleted_in_days), (mark, left), "{period} {days_old}");
        assert_eq!(report.verdict, mark);
    }
}

#[test]
fn the_oldest_transcript_is_the_first_to_go() {
    let roots = [root(30, vec![transcript(3, true), transcript(28, true)]), Root::default()];
    let facts = super::roots(&roots, now(), Tz::UTC);
    let [
        Fact::Transcripts { transcripts: 2, bytes: 20, .. },
        Fact::Transcripts { is_there: false, .. },
        Fact::NoDesktop,
        Fact::Unread { transcripts: 0, .. },
        retention,
    ] = facts.as_slice()
    else {
        panic!("{facts:?}")
    };
    let day = NaiveDate::from_ymd_opt(2026, 10, 26);
    let expected =
        RetentionFact { path: "/c".to_owned(), days: 30, file: None, oldest_day: day, deleted_in_days: Some(2) };
    assert_eq!(retention, &Fact::Retention(expected));
}

#[test]
fn others_who_can_read_are_a_problem_and_those_who_see_names_are_not() {
    for (open, mark) in [(vec![], Mark::Ok), (vec!["/d"], Mark::Note), (vec!["/d", "/d/ledger.db"], Mark::Problem)] {
        let open = open.into_iter().map(str::to_owned).collect();
        let report = DoctorReport::new(vec![Fact::Data { path: "/d".to_owned(), is_there: true, open }]);
        assert_eq!(report.verdict, mark);
    }
}

#[test]
fn what_has_no_price_and_what_is_unfinished_is_added_up() {
    let prices = fixture::prices();
    let sum = |model: &str, precision, missing_output| UsageSum {
        at: now(),
        model: ModelId::new(model),
        terms: Terms::default(),
        prompt: 0,
        precision,
        place: Arc::default(),
        exchanges: 1,
        tokens: TokenUsage::new(10, 1),
        missing_output,
    };
    let sums = [
        sum("big", Precision::Measured, 0),
        sum("big", Precision::LowerBound, 50),
        sum("big", Precision::Stated, 0),
        sum("unheard-of", Precision::Measured, 0),
        sum("unheard-of", Precision::Measured, 0),
    ];
    let [Fact::Unpriced { models }, Fact::LowerBounds { exchanges, of_exchanges, missing_output, missing_cost }] =
        usage(&sums, &prices)
    else {
        panic!("other facts")
    };
    assert_eq!(models.iter().map(|one| (one.model.as_str(), one.exchanges)).collect::<Vec<_>>(), [("unheard-of", 2)]);
    assert_eq!((exchanges, of_exchanges, missing_output), (1, 4, 50));
    assert_eq!(missing_cost, "0.001".parse().ok());
}

#[test]
fn lines_are_named_by_where_they_are() {
    let file = |path: &str, count| SkippedLines {
        path: path.to_owned(),
        count,
        samples: vec![Skipped { offset: 7, reason: "torn".to_owned() }],
    };
    let Fact::UnreadableLines { lines, files } = unreadable_lines(vec![file("a", 2), file("b", 3)]) else {
        panic!("another fact")
    };
    assert_eq!((lines, files[1].path.as_str(), files[1].samples[0].offset), (5, "b", 7));
}
