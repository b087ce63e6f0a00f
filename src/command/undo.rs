//! `undo`: takes the last change to a session back, whatever it was.

use crate::cli::session::UndoArgs;
use crate::command::gather::overlap;
use crate::command::gather::session;
use crate::context::Context;
use crate::domain::session::LineId;
use crate::domain::session::Session;
use crate::domain::session::State;
use crate::domain::session::journal::Happening;
use crate::error::Failure;
use crate::ui::Ui;
use crate::view::text;

/// Columns that the text of an entry may take in a message.
const MOST_TEXT_COLUMNS: usize = 40;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &UndoArgs) -> Result<(), Failure> {
    let id = session::any_session(ctx, args.session.session.as_deref())?;

    let mut undone = String::new();
    let session = session::change(ctx, id, |session| {
        let Some((line, what)) = session.last_change else {
            let name = &session.start.name;
            let failure = Failure::new(format!("nothing has happened in `{name}` but its start"));
            return Err(if session.state.is_open() {
                failure.with_hint("claude-cost cancel takes the session itself away")
            } else {
                failure
            });
        };
        // Two sessions of a project cannot be open at once, nor have been.
        if let ("end" | "cancel", Some(closed_at)) = (what, session.ended_at()) {
            session::check_no_other(ctx, session)?;
            overlap::check(ctx, session, (closed_at, ctx.now))?;
        }
        undone = named(session, line, what);
        Ok((ctx.now, Happening::Undone { line }))
    })?;

    let name = text::single_line(&session.start.name);
    let state = match session.state {
        State::Running => "it is running",
        State::Paused { .. } => "it is paused",
        State::Ended { .. } => "it has ended",
        State::Cancelled { .. } => "it is cancelled",
    };
    ui.status(&format!("took back the {undone} of {name}; {state}"));
    if matches!(session.state, State::Ended { .. }) {
        ui.hint(&format!("write its report again with claude-cost show {} --save", id.short()));
    }
    Ok(())
}

/// What is taken back: a change by its kind, an entry or a note by its text.
fn named(session: &Session, line: LineId, what: &str) -> String {
    let entry = session.entries.iter().find(|entry| entry.id == line).map(|entry| &entry.logged.text);
    let note = session.notes.iter().find(|note| note.id == line).map(|note| &note.text);
    match (entry, note) {
        (Some(shown), _) => format!("entry `{}`", text::shortened(&text::single_line(shown), MOST_TEXT_COLUMNS)),
        (_, Some(shown)) => format!("note `{}`", text::shortened(&text::single_line(shown), MOST_TEXT_COLUMNS)),
        _ => what.to_owned(),
    }
}
