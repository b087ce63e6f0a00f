//! `show`: the report of a session, as often as one likes.

use crate::cli::session::ShowArgs;
use crate::cli::session::ShowFormat;
use crate::command::gather;
use crate::command::gather::report;
use crate::command::gather::session;
use crate::context::Context;
use crate::error::Failure;
use crate::ui::Ui;
use crate::view;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &ShowArgs) -> Result<(), Failure> {
    let id = session::any_session(ctx, args.session.as_deref())?;
    let session = session::load(&gather::store(ctx), id)?;
    gather::import::refresh(ctx, ui);
    let prices = gather::price_book(ctx)?;

    let report = report::of(ctx, &session, &prices)?;

    if args.save {
        if session.state.is_open() {
            return Err(Failure::new(format!("`{}` has not ended", session.start.name))
                .with_hint("claude-cost end ends it and writes its report"));
        }
        let (place, _, trouble) = report::save(ctx, &session, &report)?;
        if let Some(error) = trouble {
            ui.warning(&format!("the repository does not take the report: {error:#}"));
        }
        return ui.data(&place.markdown.display().to_string());
    }
    ui.data(&match args.format {
        ShowFormat::Md => report::page(ctx, &report)?,
        ShowFormat::Json => view::json::pretty(&report)?,
        ShowFormat::Html => view::markdown::session_html(&report, ctx.time_zone)?,
        ShowFormat::Csv => view::csv::session(&report),
    })
}
