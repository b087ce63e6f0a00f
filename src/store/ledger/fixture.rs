//! Records, batches and sessions for the tests of the ledger, and all that is in it as text.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use proptest::prelude::*;
use rusqlite::types::Value;

use crate::domain::event::EventId;
use crate::domain::event::Place;
use crate::domain::event::Precision;
use crate::domain::event::UsageEvent;
use crate::domain::import::Batch;
use crate::domain::import::FileMark;
use crate::domain::ledger::Apart;
use crate::domain::ledger::Claim;
use crate::domain::ledger::Output;
use crate::domain::ledger::Record;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::price::Speed;
use crate::domain::price::Terms;
use crate::domain::price::Tier;
use crate::domain::session::Session;
use crate::domain::session::journal::Basis;
use crate::domain::session::journal::Happening;
use crate::domain::session::journal::Logged;
use crate::domain::session::journal::Project;
use crate::domain::session::journal::Start;
use crate::domain::tokens::TokenUsage;
use crate::store::journal;
use crate::store::ledger::LedgerStore;

/// A quarter of an hour begins at minute 0.
pub(super) fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_794_999_600 + minute * 60, 0).unwrap()
}

/// A plain exchange of ten tokens in and one out.
pub(super) fn record(id: &str, minute: i64, directory: &str) -> Record {
    let place = Place { project: directory.to_owned(), directory: directory.to_owned(), ..Place::default() };
    let tokens = TokenUsage::new(10, 1);
    Record {
        request: Some("req".to_owned()),
        event: UsageEvent {
            id: EventId::new(id),
            at: at(minute),
            model: ModelId::new("m"),
            tokens,
            prompt: tokens.prompt(),
            terms: Terms::default(),
            precision: Precision::Measured,
            likely_output: None,
            stated_cost: None,
            place: Arc::new(place),
            tools: BTreeSet::new(),
            commits: false,
            version: None,
            session: None,
            task: None,
        },
        claim: Claim { is_sidechain: false, is_copy: false, began_at: None, path: "f".into(), at: at(minute) },
        output: Output { has_stopped: true, least: 1, most: 1, ..Output::default() },
        apart: Vec::new(),
    }
}

/// The records of one file, read whole.
pub(super) fn batch(records: Vec<Record>) -> Batch {
    let file = FileMark {
        path: "f".into(),
        size: 9,
        modified: 8,
        inode: u64::MAX,
        done: 9,
        tail: u64::MAX - 1,
        began_at: None,
    };
    Batch { file, is_whole: true, records, titles: Vec::new(), cost_states: Vec::new(), skipped: Vec::new() }
}

pub(super) fn import(ledger: &mut LedgerStore, records: Vec<Record>) {
    let mut import = ledger.begin_import().unwrap();
    import.put(&batch(records)).unwrap();
    import.commit().unwrap();
}

fn place(number: usize) -> Arc<Place> {
    let (project, directory) = [("/w/a", "/w/a"), ("/w/a", "/w/a/sub"), ("/w/b", "/w/b")][number % 3];
    Arc::new(Place {
        project: project.to_owned(),
        directory: directory.to_owned(),
        branch: (number > 2).then(|| "main".to_owned()),
        conversation: Some(format!("c{number}")),
        agent: (number == 4).then(|| "explore".to_owned()),
        skill: (number == 5).then(|| "review".to_owned()),
    })
}

prop_compose! {
    fn terms()(speed in prop::option::of(prop::bool::ANY), is_batch in any::<bool>(), us_only in any::<bool>()) -> Terms {
        Terms {
            speed: speed.map(|is_fast| if is_fast { Speed::Fast } else { Speed::Standard }),
            tier: if is_batch { Tier::Batch } else { Tier::Standard },
            us_only,
        }
    }
}

prop_compose! {
    fn output()(
        counts in (0_u64..4, 0_u64..4),
        has_stopped in prop::bool::weighted(0.3),
        may_be_placeholder in any::<bool>(),
        blocks in prop::collection::btree_map(prop::sample::select(vec![1, u64::MAX]), 0_u64..9_000, 0..3),
    ) -> Output {
        Output { has_stopped, least: counts.0.min(counts.1), most: counts.0.max(counts.1), may_be_placeholder, blocks }
    }
}

prop_compose! {
    fn claim()(is_sidechain in any::<bool>(), is_copy in any::<bool>(), file in 0_i64..3, ticks in 0_i64..9)
        -> Claim {
        Claim {
            is_sidechain,
            is_copy,
            began_at: (file > 0).then(|| at(file)),
            path: format!("/t/{file}.jsonl").into(),
            at: at(50) + TimeDelta::microseconds(ticks * 250),
        }
    }
}

prop_compose! {
    /// Any record of a few exchanges, so that there are many of each.
    pub(super) fn any_record()(
        id in 0..4,
        request in prop::option::of(prop::sample::select(vec!["r1", "r2"])),
        // Several quarters of an hour, and instants of one millisecond.
        instant in (0_i64..6, 0_i64..9),
        model in 0..2,
        tokens in prop::array::uniform6(0_u64..3),
        prompt in prop::sample::select(vec![0_u64, 150_000, 250_000]),
        terms in terms(),
        stated_cost in prop::option::of(0_i128..3),
        place in (0_usize..6).prop_map(place),
        tools in prop::collection::btree_set("[ab\n\"]{1,2}", 0..3),
        commits in any::<bool>(),
        version in prop::option::of(prop::sample::select(vec!["2.1.0", "2.1.330"])),
        claim in claim(),
        output in output(),
        apart in prop::collection::vec(1_u64..3, 0..3),
    ) -> Record {
        let [input, output_tokens, cache_write_5m, cache_write_1h, cache_read, web_searches] = tokens;
        let (ten_minutes, ticks) = instant;
        let event = UsageEvent {
            id: EventId::new(format!("msg_{id}")),
            at: at(ten_minutes * 10) + TimeDelta::microseconds(ticks * 250),
            model: ModelId::new(format!("model-{model}")),
            tokens: TokenUsage { input, output: output_tokens, cache_write_5m, cache_write_1h, cache_read, web_searches },
            prompt,
            terms,
            precision: Precision::Measured,
            likely_output: None,
            stated_cost: stated_cost.map(Usd::from_pico),
            place,
            tools,
            commits,
            version: version.map(Into::into),
            session: None,
            task: None,
        };
        let apart = apart.into_iter().map(|output| Apart {
            model: ModelId::new("model-2"),
            tokens: TokenUsage::new(1, output),
            terms,
        });
        Record { request: request.map(ToOwned::to_owned), event, claim, output, apart: apart.collect() }.settled()
    }
}

/// An open session with its start and entries (minute, output tokens, extra).
pub(super) fn open_session(root: &str, started: i64, entries: &[(i64, u64, bool)]) -> Session {
    session(root, started, entries, &[])
}

pub(super) fn ended_session(root: &str, started: i64, entries: &[(i64, u64, bool)], ended: i64) -> Session {
    session(root, started, entries, &[(ended, Happening::Ended)])
}

pub(super) fn session(
    root: &str,
    started: i64,
    entries: &[(i64, u64, bool)],
    happenings: &[(i64, Happening)],
) -> Session {
    let start = Start {
        name: format!("from {started}"),
        project: Project { name: "app".to_owned(), root: root.to_owned() },
        directory: root.to_owned(),
        branch: Some("main".to_owned()),
        model: ModelId::new("m"),
        tags: Vec::new(),
        ticket: None,
        client: None,
        estimate: None,
        budget: None,
        rate: None,
    };
    let logged = |output, extra| {
        Happening::Logged(Box::new(Logged {
            text: "x".to_owned(),
            task: None,
            model: ModelId::new("m"),
            tokens: TokenUsage::new(0, output),
            basis: Basis::Typed,
            extra,
            infra: Vec::new(),
        }))
    };
    let entries = entries.iter().map(|&(minute, output, extra)| (minute, logged(output, extra)));
    let lines: String = std::iter::once((started, Happening::Started(Box::new(start))))
        .chain(entries)
        .chain(happenings.iter().cloned())
        .map(|(minute, what)| journal::text(&journal::new_line(at(minute), at(minute), what)) + "\n")
        .collect();
    journal::fold(journal::new_session_id(at(started)), lines.as_bytes()).unwrap()
}

/// All rows of all tables.
pub(super) fn dump(ledger: &LedgerStore) -> BTreeMap<String, Vec<Vec<Value>>> {
    let connection = &ledger.connection;
    let mut tables = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let names: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let rows = |table: &String| {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect()).unwrap();
        rows.map(Result::unwrap).collect()
    };
    names.iter().map(|table| (table.clone(), rows(table))).collect()
}
