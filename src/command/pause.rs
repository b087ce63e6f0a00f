//! `pause`: work stops for a while.

use crate::cli::session::PauseArgs;
use crate::command::gather::session;
use crate::command::gather::typed;
use crate::context::Context;
use crate::domain::session::journal::Happening;
use crate::error::Failure;
use crate::ui::Ui;
use crate::view::format;
use crate::view::text;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &PauseArgs) -> Result<(), Failure> {
    let at = typed::at(ctx, &args.at)?;
    let id = session::open_session(ctx, args.session.session.as_deref())?;

    let session = session::change(ctx, id, |session| {
        session.check_pause(at).map_err(|refusal| session::refused(ctx, session, refusal))?;
        Ok((at, Happening::Paused))
    })?;

    let name = text::single_line(&session.start.name);
    ui.status(&format!("paused {name} at {}; go on with claude-cost resume", format::clock(at, ctx.time_zone)));
    Ok(())
}
