//! `note`: records a remark.

use crate::cli::session::NoteArgs;
use crate::command::gather::session;
use crate::command::gather::typed;
use crate::context::Context;
use crate::domain::session::journal::Happening;
use crate::domain::session::rules;
use crate::error::Failure;
use crate::store::lock::Patience;
use crate::ui::Ui;
use crate::view::text;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &NoteArgs) -> Result<(), Failure> {
    let at = typed::at(ctx, &args.at)?;
    let note = typed::text("the note", &args.text, rules::MOST_TEXT_CHARACTERS)?;
    let id = session::open_session(ctx, args.session.session.as_deref())?;

    let session = session::add(ctx, id, Patience::COMMAND, |session| {
        session.check_item(at).map_err(|refusal| session::refused(ctx, session, refusal))?;
        Ok((at, Happening::Noted { text: note }))
    })?;

    ui.status(&format!("noted in {}", text::single_line(&session.start.name)));
    Ok(())
}
