//! `undo`: takes the last change to a session back, whatever it was.

use crate::cli::session::UndoArgs;
use crate::command::gather::session;
use crate::context::Context;
use crate::domain::session::State;
use crate::domain::session::journal::Happening;
use crate::error::Failure;
use crate::ui::Ui;
use crate::view::text;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &UndoArgs) -> Result<(), Failure> {
    let id = session::any_session(ctx, args.session.session.as_deref())?;

    let mut undone = "";
    let session = session::change(ctx, id, |session| {
        let Some((line, what)) = session.last_change else {
            let name = &session.start.name;
            return Err(Failure::new(format!("nothing has happened in `{name}` but its start"))
                .with_hint("claude-cost cancel takes the session itself away"));
        };
        // Two sessions of a project cannot be open at once.
        if what == "end" || what == "cancel" {
            session::check_no_other(ctx, session)?;
        }
        undone = what;
        Ok((ctx.now, Happening::Undone { line }))
    })?;

    let name = text::single_line(&session.start.name);
    let state = match session.state {
        State::Running => "it is running",
        State::Paused { .. } => "it is paused",
        State::Ended { .. } => "it has ended",
        State::Cancelled { .. } => "it is cancelled",
    };
    ui.status(&format!("took back the last {undone} of {name}; {state}"));
    Ok(())
}
