//! `end`: the piece of work is done; its report is archived.

use crate::cli::session::EndArgs;
use crate::command::gather;
use crate::command::gather::report;
use crate::command::gather::session;
use crate::command::gather::typed;
use crate::context::Context;
use crate::domain::session::journal::Happening;
use crate::error::Failure;
use crate::error::HintExt;
use crate::source::git;
use crate::store::journal;
use crate::ui::Ui;
use crate::view;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &EndArgs) -> Result<(), Failure> {
    let at = typed::at(ctx, &args.at)?;
    let id = session::open_session(ctx, args.session.session.as_deref())?;
    // Before the lock, for others wait for that.
    gather::import::refresh(ctx, ui);
    let prices = gather::price_book(ctx)?;
    let store = gather::store(ctx);
    let journals = session::lock(&store)?;
    session::settle(ctx, &journals)?;
    let open = session::load(&store, id)?;
    open.check_end(at).map_err(|refusal| session::refused(ctx, &open, refusal))?;

    // The report is written before the end is: a crash or a full disk in between leaves the session running.
    let line = journal::new_line(at, ctx.now, Happening::Ended);
    let ended = open.and(line.clone());
    let mut report = report::of(ctx, &ended, &prices)?;
    let (mut place, mut archive, mut trouble) =
        report::save(ctx, &ended, &report).map_err(|failure| failure.and_hint("the session goes on meanwhile"))?;
    journals.append(id, &line)?;
    // What someone put aside in the meantime was acknowledged, and belongs into the report.
    journals.take_in_spool()?;
    if let Some(settled) = journals.load(id)?.filter(|settled| *settled != ended) {
        report = report::of(ctx, &settled, &prices)?;
        (place, archive, trouble) = report::save(ctx, &settled, &report)?;
    }
    session::settle(ctx, &journals)?;
    drop(journals);

    ui.status(&view::session::ended(&report));
    if let Some(error) = trouble {
        ui.warning(&format!("the repository does not take the report: {error:#}"));
    }
    // Said at the end whether it is read or not: a closed pipe does not stop the commit.
    let said = ui.data(&place.markdown.display().to_string());
    match archive.root {
        Some(root) if args.commit || ctx.config.reports.commit => {
            let message = view::session::commit_message(&report, ctx.time_zone);
            let hash = git::commit_files(&root, &[place.markdown, place.json], &message, ctx.now)
                .hint("the session has ended and its report is written; commit it yourself")?;
            ui.status(&format!("committed as {}", hash.short()));
        }
        None if args.commit => ui.warning("the report is not in a repository, so it is not committed"),
        _ => {}
    }
    said
}
