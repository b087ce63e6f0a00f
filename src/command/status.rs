//! `status`: the running session at a glance.

use crate::cli::session::StatusArgs;
use crate::cli::session::StatusFormat;
use crate::command::gather;
use crate::command::gather::session;
use crate::context::Context;
use crate::error::Failure;
use crate::ui::Ui;
use crate::view;
use crate::view::format;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &StatusArgs) -> Result<(), Failure> {
    let is_for_machines = args.check || args.format == StatusFormat::Prompt;
    let id = match session::open_session(ctx, args.session.session.as_deref()) {
        Ok(id) => id,
        Err(_) if args.check => {
            ui.data("none")?;
            return Err(Failure::no());
        }
        Err(_) if is_for_machines => return Err(Failure::no()),
        Err(failure) => return Err(failure),
    };
    let session = session::load(&gather::store(ctx), id)?;
    if args.check {
        return ui.data(session.state.name());
    }
    gather::import::of_session(ctx, &session);
    let prices = gather::price_book(ctx)?;

    let report = gather::status(ctx, &session, &prices);

    let text = match args.format {
        _ if args.json => view::json::pretty(&report)?,
        StatusFormat::Long => view::session::status(&report, ctx.time_zone, ui.style()),
        StatusFormat::Short => view::session::status_line(&report),
        StatusFormat::Prompt => view::session::prompt(&report),
    };
    ui.data(&text)?;
    if is_for_machines {
        return Ok(());
    }
    if session.damage.malformed > 0 {
        let lines = format::count(session.damage.malformed as u64, "line");
        ui.warning(&format!("{lines} of the session's journal could not be read"));
    }
    if session.damage.newer > 0 {
        let lines = format::count(session.damage.newer as u64, "line");
        ui.warning(&format!("{lines} of the session's journal can be read only by a newer version of claude-cost"));
    }
    Ok(())
}
