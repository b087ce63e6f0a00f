//! `usage compare`: how good estimates were where usage was measured.

use crate::cli::usage::CompareArgs;
use crate::command::gather;
use crate::context::Context;
use crate::domain::session::Session;
use crate::domain::session::State;
use crate::error::Failure;
use crate::report::compare;
use crate::report::compare::Facts;
use crate::report::usage::item;
use crate::report::usage::item::Sessions;
use crate::store::ledger::LedgerStore;
use crate::ui::Ui;
use crate::view;

pub(super) fn run(ctx: &Context, ui: &mut Ui, args: &CompareArgs) -> Result<(), Failure> {
    let tz = args.filter.timezone.unwrap_or_default().or(ctx.time_zone);
    let (since, until) = gather::usage::span(args.days, tz)?;
    let filter = gather::filter::filter(ctx, &args.filter)?;
    let ledger = gather::usage::up_to_date(ctx, ui)?;
    let prices = gather::price_book(ctx)?;
    let sessions = gather::filter::sessions(ctx)?;
    let facts = facts(&ledger, &sessions)?;

    let report = compare::build(&facts, &prices, |said| {
        since.is_none_or(|since| since <= said.at)
            && until.is_none_or(|until| said.at < until)
            && filter.holds(item::Facts { event: said, session: sessions.of(said), commit: None })
    });

    let text = if args.form.json {
        view::json::pretty(&report)?
    } else if args.form.csv {
        view::compare::csv(&report)
    } else if report.total.entries == 0 {
        let is_part = since.is_some() || until.is_some() || !filter.is_empty();
        let mut lines = vec![nothing(is_part).to_owned()];
        lines.extend(view::compare::notes(&report));
        lines.join("\n")
    } else if args.form.markdown {
        view::compare::markdown(&report)
    } else {
        view::compare::text(&report, ui.style())
    };
    ui.data(&text)
}

/// Sessions that say anything, with what belongs to them by the rule of the other reports.
fn facts<'a>(ledger: &LedgerStore, sessions: &'a Sessions) -> anyhow::Result<Vec<Facts<'a>>> {
    let counts = |session: &&Session| !session.entries.is_empty() && !matches!(session.state, State::Cancelled { .. });
    let mut facts = Vec::new();
    for session in sessions.iter().filter(counts) {
        let root = &session.start.project.root;
        let mut measured = ledger.events_in(root, Some(session.started_at), session.ended_at())?;
        measured.retain(|event| sessions.of(event).is_some_and(|owner| owner.id == session.id));
        facts.push(Facts { session, measured });
    }
    Ok(facts)
}

fn nothing(is_part: bool) -> &'static str {
    if is_part {
        "No entry matches for which something was measured; without options all are compared."
    } else {
        "Nothing to compare yet: log or quick in a session says what was used,\n\
         and is held against what Claude Code wrote down since the entry before."
    }
}
