//! `sessions`: what there is, and what it came to.

use crate::cli::session::SessionsArgs;
use crate::command::gather;
use crate::command::gather::session;
use crate::context::Context;
use crate::domain::instant;
use crate::domain::session::journal::Start;
use crate::error::Failure;
use crate::report::sessions;
use crate::report::sessions::SessionRow;
use crate::store::lock::Patience;
use crate::ui::Ui;
use crate::view;

/// As many as fit a screen.
const MOST_ROWS: usize = 20;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &SessionsArgs) -> Result<(), Failure> {
    let store = gather::store(ctx);
    // What cannot be written can be listed all the same.
    if let Ok(Some(journals)) = store.lock(Patience::HOOK) {
        session::settle(ctx, &journals)?;
    }
    session::notice_damaged(ctx)?;
    gather::import::refresh(ctx, ui);
    let prices = gather::price_book(ctx)?;
    let root = if args.all { None } else { Some(gather::here(ctx).project.root) };
    let since = args.since.and_then(|day| instant::from_local(day.and_time(chrono::NaiveTime::MIN), ctx.time_zone));
    let is_meant = |start: &Start| {
        args.tag.as_ref().is_none_or(|tag| start.tags.contains(tag))
            && args.client.as_ref().is_none_or(|client| start.client.as_ref() == Some(client))
            && root.as_ref().is_none_or(|root| start.project.root == *root)
    };
    let mut past = gather::ledger::whole(ctx)?.sessions(root.as_deref(), since)?;
    past.retain(|past| is_meant(&past.start));
    let mut open: Vec<SessionRow> = Vec::new();
    for active in store.active()? {
        let session = session::load(&store, active.id)?;
        if session.state.is_open() && is_meant(&session.start) {
            open.push(gather::status(ctx, &session, &prices).into_row(&session));
        }
    }

    let mut report = sessions::build(open, &past, &prices);
    if report.sessions.is_empty() && !args.json {
        return ui.data(&nothing(ctx, args));
    }

    let limit = args.limit.map_or(if args.json { usize::MAX } else { MOST_ROWS }, |limit| limit as usize);
    let hidden = report.keep(limit);
    let text = match (args.json, args.totals) {
        (true, _) => view::json::pretty(&report)?,
        (false, true) => view::session::totals(&report, ui.style()),
        (false, false) => view::session::list(&report, hidden, args.all, ctx.time_zone, ui.style()),
    };
    ui.data(&text)
}

/// Why the list is empty, and what else there may be.
fn nothing(ctx: &Context, args: &SessionsArgs) -> String {
    let is_filtered = args.tag.is_some() || args.client.is_some() || args.since.is_some();
    match (is_filtered, args.all) {
        (true, true) => "No session matches.".to_owned(),
        (true, false) => {
            format!("No session of {} matches; --all looks at those of every project.", gather::here(ctx).project.name)
        }
        (false, true) => "No sessions yet. Start one with claude-cost start <NAME>.".to_owned(),
        (false, false) => format!(
            "No sessions in {} yet. Start one with claude-cost start <NAME>; --all lists those of every project.",
            gather::here(ctx).project.name
        ),
    }
}
