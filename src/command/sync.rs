//! `sync`: read what Claude Code wrote since the last time.

use crate::cli::sync::SyncArgs;
use crate::command::gather;
use crate::context::Context;
use crate::error::Failure;
use crate::report::sync;
use crate::ui::Ui;
use crate::view;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &SyncArgs) -> Result<(), Failure> {
    let (mut ledger, refreshed) = gather::import::up_to_date(ctx, ui)?;
    gather::calibration::refresh(ctx, &mut ledger)?;
    let report = sync::SyncReport {
        transcripts: refreshed.transcripts,
        read: refreshed.read,
        new: refreshed.imported.new,
        changed: refreshed.imported.changed,
        exchanges: ledger.count_exchanges()?,
        calibrations: ledger.own_factors()?.into_iter().map(sync::calibration).collect(),
        skipped: ledger.skipped_files()?.iter().map(|file| file.count).sum(),
    };

    let text = if args.json { view::json::pretty(&report)? } else { view::sync::report(&report) };
    ui.data(&text)?;
    if !ledger.is_lasting() {
        return Err(Failure::new("what was read could not be kept"));
    }
    Ok(())
}
