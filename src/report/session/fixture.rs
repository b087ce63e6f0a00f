//! Sessions and prices for the tests of reports.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use uuid::Uuid;

use crate::domain::event::UsageEvent;
use crate::domain::model::ModelId;
use crate::domain::price::PriceBook;
use crate::domain::session::Damage;
use crate::domain::session::Entry;
use crate::domain::session::LineId;
use crate::domain::session::Session;
use crate::domain::session::SessionId;
use crate::domain::session::State;
use crate::domain::session::journal::Basis;
use crate::domain::session::journal::Logged;
use crate::domain::session::journal::Project;
use crate::domain::session::journal::Start;
use crate::domain::session::past::Exchange;
use crate::domain::session::past::PastSession;
use crate::domain::session::past::PastSum;
use crate::domain::session::past::Used;
use crate::domain::tokens::TokenUsage;
use crate::report::session::CommitFacts;
use crate::report::session::Earlier;
use crate::report::session::Facts;
use crate::report::session::SessionReport;
use crate::report::session::build;

/// Two models of Claude's with a price, and a machine; a token costs between 1 and 20 millionths of a dollar.
const PRICES: &str = r#"{"version":1,
"short_names":[{"name":"opus","family":"opus"},{"name":"sonnet","family":"sonnet"}],
"models":[
{"id":"big","vendor":"anthropic","family":"opus","released":"2026-01-01","prices":[{"rates":{"in":"4","out":"20","write_5m":"5","write_1h":"8","read":"0.2"}}],"source":"x"},
{"id":"small","vendor":"anthropic","family":"sonnet","released":"2026-01-01","prices":[{"rates":{"in":"2","out":"10","write_5m":"2.5","write_1h":"4","read":"0.1"}}],"source":"x"}],
"infra":[{"id":"gpu","unit":"hour","usd":"2.29","source":"x"}]}"#;

pub(crate) fn prices() -> PriceBook {
    PriceBook::new(serde_json::from_str(PRICES).unwrap())
}

pub(crate) fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000 + minute * 60, 0).unwrap()
}

/// An entry on the small model without a task, as typed.
pub(crate) fn entry(minute: i64, tokens: TokenUsage) -> Entry {
    Entry {
        id: LineId(Uuid::now_v7()),
        at: at(minute),
        logged: Logged {
            text: format!("entry of minute {minute}"),
            task: None,
            model: ModelId::new("small"),
            tokens,
            basis: Basis::Typed,
            extra: false,
            infra: Vec::new(),
        },
    }
}

/// A session of an hour that has ended.
pub(crate) fn session(mut entries: Vec<Entry>) -> Session {
    entries.sort_by_key(|entry| entry.at);
    Session {
        id: SessionId::new(Uuid::now_v7()),
        start: Start {
            name: "JWT auth".to_owned(),
            project: Project { name: "app".to_owned(), root: "/w/app".to_owned() },
            directory: "/w/app".to_owned(),
            branch: None,
            model: ModelId::new("small"),
            tags: Vec::new(),
            ticket: None,
            client: None,
            estimate: None,
            budget: None,
            rate: None,
        },
        started_at: at(0),
        state: State::Ended { at: at(60) },
        entries,
        notes: Vec::new(),
        commits: Vec::new(),
        pauses: Vec::new(),
        last_change: None,
        damage: Damage::default(),
    }
}

/// The session as the ledger would have it.
pub(crate) fn past(session: &Session) -> PastSession {
    PastSession {
        id: session.id,
        start: session.start.clone(),
        is_cancelled: false,
        started_at: session.started_at,
        ended_at: at(60),
        wall: session.wall_time(at(60)),
        entries: session.entries.len() as u64,
        used: used(session),
    }
}

fn used(session: &Session) -> Used {
    let mut used = Used::default();
    for event in session.entries.iter().filter_map(|entry| UsageEvent::of_entry(session, entry)) {
        used.add_exchange(event.model.as_str(), Exchange::new(event.at, event.tokens));
    }
    used.infra = session.entries.iter().flat_map(|entry| entry.logged.infra.clone()).collect();
    used
}

/// The sum that the ledger would make of one session.
pub(crate) fn sum(session: &Session) -> PastSum {
    PastSum { sessions: 1, wall_seconds: session.wall_time(at(60)).num_seconds(), used: used(session) }
}

pub(crate) fn report(session: &Session, commits: &CommitFacts, earlier: &[PastSession]) -> SessionReport {
    let earlier = Earlier { latest: earlier.to_vec(), all: PastSum::default() };
    build(Facts {
        session,
        measured: &[],
        commits,
        prices: &prices(),
        earlier: &earlier,
        now: at(90),
        active_gap: TimeDelta::try_minutes(15).unwrap(),
    })
}

/// Without commits and without history.
pub(crate) fn measured_report(session: &Session, measured: &[UsageEvent]) -> SessionReport {
    build(Facts {
        session,
        measured,
        commits: &CommitFacts::default(),
        prices: &prices(),
        earlier: &Earlier::default(),
        now: at(90),
        active_gap: TimeDelta::try_minutes(15).unwrap(),
    })
}
