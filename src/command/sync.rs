//! `sync`: read what Claude Code wrote since the last time, and hold it against what another program says.

use std::io::ErrorKind;
use std::io::Read as _;
use std::path::Path;
use std::process::Command;

use crate::cli::sync::Program;
use crate::cli::sync::SyncArgs;
use crate::command::gather;
use crate::context::Context;
use crate::error::Failure;
use crate::error::HintExt as _;
use crate::report::cross_check;
use crate::report::sync;
use crate::source::ccusage;
use crate::ui::Ui;
use crate::view;

const CCUSAGE: &str = "ccusage";

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &SyncArgs) -> Result<(), Failure> {
    match args.from {
        None if args.background => gather::background::run(ctx, ui),
        None => import(ctx, ui, args),
        Some(Program::Ccusage) => compare(ctx, ui, args),
    }
}

fn import(ctx: &Context, ui: &mut Ui, args: &SyncArgs) -> Result<(), Failure> {
    let (mut ledger, refreshed) = gather::import::up_to_date(ctx, ui)?;
    gather::calibration::refresh(ctx, &mut ledger)?;

    let report = sync::SyncReport {
        transcripts: refreshed.transcripts,
        read: refreshed.read,
        new: refreshed.imported.new,
        changed: refreshed.imported.changed,
        exchanges: ledger.count_exchanges()?,
        calibrations: sync::calibrations(ledger.fits()?),
        skipped: ledger.count_skipped()?,
    };

    let text = if args.json { view::json::pretty(&report)? } else { view::sync::report(&report) };
    ui.data(&text)?;
    if !ledger.is_lasting() {
        return Err(Failure::new("what was read could not be kept"));
    }
    Ok(())
}

fn compare(ctx: &Context, ui: &mut Ui, args: &SyncArgs) -> Result<(), Failure> {
    let json = match args.file.as_deref() {
        None => run_ccusage(ctx)?,
        Some(path) if path == Path::new("-") => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            text
        }
        Some(path) => fs_err::read_to_string(ctx.paths.directory.join(path))?,
    };
    let theirs = ccusage::parse(&json)?;
    let (ledger, _) = gather::import::up_to_date(ctx, ui)?;
    let prices = gather::price_book(ctx)?;
    let sums = gather::usage::sums(&ledger, &prices, None, None)?;

    let report = cross_check::build(&sums, theirs, &prices, ctx.time_zone);

    let text = if args.json {
        view::json::pretty(&report)?
    } else {
        view::cross_check::report(&report, CCUSAGE, args.all, ui.style())
    };
    ui.data(&text)
}

/// The only program that `sync` ever starts, and only when it was named. Its days shall be ours.
fn run_ccusage(ctx: &Context) -> Result<String, Failure> {
    let arguments = ["daily", "--json", "--timezone", ctx.time_zone.name()];
    let output = match Command::new(CCUSAGE).args(arguments).current_dir(&ctx.paths.directory).output() {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(Failure::new("ccusage is not installed").with_hint(
                "npm install --global ccusage installs it; or give a file that `ccusage daily --json` wrote",
            ));
        }
        Err(error) => return Err(error).hint("ccusage could not be started"),
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it did not say why");
        return Err(Failure::new(format!("ccusage failed: {last}")).with_hint("run ccusage daily --json by hand"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
