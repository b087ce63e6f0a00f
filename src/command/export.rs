//! `export`: the events of the ledger for other programs, one a line.

use std::path::Path;

use crate::cli::export::ExportArgs;
use crate::cli::export::ExportFormat;
use crate::command::gather;
use crate::command::gather::usage::Span;
use crate::context::Context;
use crate::domain::price::PriceBook;
use crate::error::Failure;
use crate::report::export;
use crate::report::usage::filter::Filter;
use crate::report::usage::item::Facts;
use crate::report::usage::item::Sessions;
use crate::store::fs::write_atomic_with;
use crate::store::ledger::LedgerStore;
use crate::ui::Ui;
use crate::view::export::Form;
use crate::view::format;

/// Characters that are printed at once.
const SHARE: usize = 1 << 16;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &ExportArgs) -> Result<(), Failure> {
    let tz = args.filter.timezone.unwrap_or_default().or(ctx.time_zone);
    let filter = gather::filter::filter(ctx, &args.filter)?;
    let export = Export {
        span: gather::usage::span(args.days, tz)?,
        ledger: gather::usage::up_to_date(ctx, ui)?,
        prices: gather::price_book(ctx)?,
        sessions: gather::filter::sessions_for(ctx, &filter)?,
        filter,
        form: match args.format {
            ExportFormat::Jsonl => Form::Json,
            ExportFormat::Csv => Form::Csv,
        },
    };
    match &args.output {
        None => to_terminal(ui, &export),
        Some(path) => to_file(ui, &export, &ctx.paths.directory.join(path), args.force),
    }
}

struct Export {
    ledger: LedgerStore,
    prices: PriceBook,
    span: Span,
    filter: Filter,
    sessions: Sessions,
    form: Form,
}

impl Export {
    /// How many events there were.
    fn each_line<E: From<anyhow::Error>>(&self, mut each: impl FnMut(&str) -> Result<(), E>) -> Result<u64, E> {
        let mut count = 0;
        each(self.form.header())?;
        self.ledger.each_event(self.span.0, self.span.1, |event| -> Result<(), E> {
            if self.filter.holds(Facts { event, session: self.sessions.of(event), commit: None }) {
                count += 1;
                each(&self.form.line(&export::row(event, &self.prices))?)?;
            }
            Ok(())
        })?;
        Ok(count)
    }
}

fn to_terminal(ui: &mut Ui, export: &Export) -> Result<(), Failure> {
    let mut waiting = String::new();
    export.each_line(|line| {
        waiting.push_str(line);
        if waiting.len() < SHARE { Ok(()) } else { ui.data(&std::mem::take(&mut waiting)) }
    })?;
    ui.data(&waiting)
}

fn to_file(ui: &mut Ui, export: &Export, path: &Path, is_forced: bool) -> Result<(), Failure> {
    if !is_forced && path.symlink_metadata().is_ok() {
        return Err(Failure::new(format!("{} already exists", path.display()))
            .with_hint("give another name, or --force to write over it"));
    }
    let mut count = 0;
    write_atomic_with(path, |file| {
        count = export.each_line(|line| anyhow::Ok(file.write_all(line.as_bytes())?))?;
        Ok(())
    })?;
    ui.status(&format!("wrote {} to {}", format::count(count, "event"), path.display()));
    Ok(())
}
