//! `continue`: opens an ended session again.

use crate::cli::session::ContinueArgs;
use crate::command::gather::overlap;
use crate::command::gather::session;
use crate::command::gather::typed;
use crate::context::Context;
use crate::domain::session::journal::Happening;
use crate::error::Failure;
use crate::ui::Ui;
use crate::view::text;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &ContinueArgs) -> Result<(), Failure> {
    let at = typed::at(ctx, &args.at)?;
    let id = session::any_session(ctx, args.session.as_deref())?;

    let session = session::change(ctx, id, |session| {
        session.check_continue(at).map_err(|refusal| session::refused(ctx, session, refusal))?;
        session::check_no_other(ctx, session)?;
        overlap::check(ctx, session, (at, ctx.now))?;
        Ok((at, Happening::Continued))
    })?;

    let start = &session.start;
    ui.status(&format!(
        "{} in {} goes on [{}]; its report is written again when it ends",
        text::single_line(&start.name),
        text::single_line(&start.project.name),
        session.id.short(),
    ));
    Ok(())
}
