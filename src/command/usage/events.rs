//! Usage by what only single events tell: sessions, tasks, tags, tools and commits.

use std::collections::BTreeMap;
use std::path::Path;

use crate::command::gather;
use crate::command::usage::asked::Asked;
use crate::context::Context;
use crate::domain::commit::CommitId;
use crate::domain::event::UsageEvent;
use crate::domain::money::Usd;
use crate::domain::price::PriceBook;
use crate::error::Failure;
use crate::report::attribution;
use crate::report::attribution::Part;
use crate::report::usage;
use crate::report::usage::UsageReport;
use crate::report::usage::item::Facts;
use crate::report::usage::item::Sessions;
use crate::report::usage::key::By;
use crate::source::git;
use crate::source::git::CommitQuery;
use crate::store::ledger::LedgerStore;

pub(super) fn report(
    ctx: &Context,
    ledger: &LedgerStore,
    prices: &PriceBook,
    asked: &Asked,
    by: &[By],
) -> Result<UsageReport, Failure> {
    let needs_sessions = asked.filter.needs_sessions() || by.iter().any(|by| by.needs_sessions());
    let sessions = if needs_sessions { gather::filter::sessions(ctx)? } else { Sessions::default() };
    let mut events = ledger.events(asked.since, asked.until)?;
    events.retain(|event| asked.filter.holds(Facts { event, session: sessions.of(event), commit: None }));
    let mut titles = BTreeMap::new();
    for session in sessions.iter() {
        titles.insert(session.id.to_string(), session.start.name.clone());
    }
    let commits =
        if by.contains(&By::Commit) { commits(ctx, &events, &sessions, &mut titles) } else { vec![None; events.len()] };

    let items = events.iter().zip(&commits).map(|(event, commit)| Facts {
        event,
        session: sessions.of(event),
        commit: commit.as_ref(),
    });
    let mut report = usage::build(items, prices, by, asked.look.tz);
    report.titles = titles;
    Ok(report)
}

/// For each event the commit that paid for it, by the repository of its project if that is still there; their subjects go
/// into `titles`.
fn commits(
    ctx: &Context,
    events: &[UsageEvent],
    sessions: &Sessions,
    titles: &mut BTreeMap<String, String>,
) -> Vec<Option<CommitId>> {
    let mut by_project: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, event) in events.iter().enumerate() {
        by_project.entry(&event.place.project).or_default().push(place);
    }
    let mut owners = vec![None; events.len()];
    for (root, places) in by_project {
        let Ok(Some(head)) = git::head(Path::new(root)) else { continue };
        let since = events[places[0]].at;
        let query = CommitQuery { since, until: ctx.now, noted: &sessions.noted(root) };
        let found = match git::range(&head.root, &query, None) {
            Ok(found) => found.commits,
            Err(error) => {
                ctx.notice(format!("commits of {root} are not known: {error:#}"));
                continue;
            }
        };
        let part = |&place: &usize| Part {
            at: events[place].at,
            event: Some(&events[place]),
            cost: Usd::ZERO,
            unpriced_tokens: 0,
        };
        let parts: Vec<Part<'_>> = places.iter().map(part).collect();
        let instants: Vec<_> = found.iter().map(|commit| commit.authored_at).collect();
        for (&place, owner) in places.iter().zip(attribution::owners(&instants, &parts).of_parts) {
            owners[place] = owner.map(|commit| found[commit].hash.clone());
        }
        titles.extend(found.into_iter().map(|commit| (commit.hash.to_string(), commit.subject)));
    }
    owners
}
