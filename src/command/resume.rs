//! `resume`: work goes on after a pause.

use crate::cli::session::ResumeArgs;
use crate::command::gather::session;
use crate::command::gather::typed;
use crate::context::Context;
use crate::domain::session::journal::Happening;
use crate::error::Failure;
use crate::ui::Ui;
use crate::view::format;
use crate::view::text;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &ResumeArgs) -> Result<(), Failure> {
    let at = typed::at(ctx, &args.at)?;
    let id = session::open_session(ctx, args.session.session.as_deref())?;

    let session = session::change(ctx, id, |session| {
        session.check_resume(at).map_err(|refusal| session::refused(ctx, session, refusal))?;
        Ok((at, Happening::Resumed))
    })?;

    let paused = session.pauses.last().map(|(from, until)| *until - *from).unwrap_or_default();
    ui.status(&format!("resumed {} after {}", text::single_line(&session.start.name), format::duration(paused)));
    Ok(())
}
