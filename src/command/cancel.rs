//! `cancel`: the session shall count nowhere.

use crate::cli::session::CancelArgs;
use crate::command::gather::report;
use crate::command::gather::session;
use crate::context::Context;
use crate::domain::session::journal::Happening;
use crate::error::Failure;
use crate::ui::Ui;
use crate::view::text;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &CancelArgs) -> Result<(), Failure> {
    let id = session::open_session(ctx, args.session.session.as_deref())?;

    let session = session::change(ctx, id, |session| {
        let at = ctx.now.max(session.last_at());
        session.check_end(at).map_err(|refusal| session::refused(ctx, session, refusal))?;
        Ok((at, Happening::Cancelled))
    })?;

    ui.status(&format!("cancelled {}; claude-cost undo brings it back", text::single_line(&session.start.name)));
    for archived in report::archived(ctx, &session) {
        ui.hint(&format!("its report from an earlier end is still there: {}", archived.display()));
    }
    Ok(())
}
