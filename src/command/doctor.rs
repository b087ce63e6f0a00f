//! `doctor`: whether all is well. It reads, and changes nothing.

use std::collections::HashMap;
use std::collections::HashSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::DateTime;

use crate::cli::doctor::DoctorArgs;
use crate::command::gather;
use crate::config::file;
use crate::context::Context;
use crate::domain::import::FileMark;
use crate::error::Failure;
use crate::report::doctor;
use crate::report::doctor::DoctorReport;
use crate::report::doctor::Fact;
use crate::report::doctor::HookState;
use crate::report::doctor::LedgerFact;
use crate::report::doctor::Mark;
use crate::report::doctor::Period;
use crate::report::doctor::Root;
use crate::report::doctor::Transcript;
use crate::source::claude_settings;
use crate::source::git;
use crate::source::transcript;
use crate::store;
use crate::store::git_hook::GitHook;
use crate::store::git_hook::HookError;
use crate::store::ledger;
use crate::store::ledger::LedgerStore;
use crate::ui::Ui;
use crate::view;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &DoctorArgs) -> Result<(), Failure> {
    let mut facts = own(ctx)?;
    let ledger = ledger(ctx, &mut facts);
    transcripts(ctx, ledger.as_ref(), &mut facts)?;
    if let Some(ledger) = &ledger {
        facts.push(doctor::unreadable_lines(ledger.skipped_files()?));
        let prices = gather::price_book(ctx)?;
        facts.extend(doctor::usage(&gather::usage::sums(ledger, &prices, None, None)?, &prices));
        facts.push(doctor::estimates(ledger.fits()?, ctx.time_zone));
    }
    facts.push(hook(ctx));

    let mut report = DoctorReport::new(facts);
    if args.share {
        let home = ctx.paths.home.as_ref().map(|home| home.to_string_lossy());
        report = report.shared(home.as_deref());
    }

    let text = if args.json { view::json::pretty(&report)? } else { view::doctor::report(&report, ui.style()) };
    ui.data(&text)?;
    if report.verdict == Mark::Problem { Err(Failure::no()) } else { Ok(()) }
}

fn own(ctx: &Context) -> Result<Vec<Fact>, Failure> {
    let user = ctx.paths.config_file();
    let user = file::read(&user)?.map(|_| user);
    let project = file::find_project(&ctx.paths)?.map(|(path, _)| path);
    let is_there = ctx.paths.data.is_dir();
    Ok(vec![
        Fact::Program { version: env!("CARGO_PKG_VERSION") },
        Fact::TimeZone { name: ctx.time_zone.name().to_owned(), is_set: ctx.config.time_zone.is_some() },
        Fact::Settings { files: user.into_iter().chain(project).map(|path| text(&path)).collect() },
        Fact::Data {
            path: text(&ctx.paths.data),
            is_there,
            open: if is_there {
                store::fs::open_to_others(&ctx.paths.data)?.iter().map(|path| text(path)).collect()
            } else {
                Vec::new()
            },
        },
    ])
}

fn ledger(ctx: &Context, facts: &mut Vec<Fact>) -> Option<LedgerStore> {
    let path = ctx.paths.ledger_file();
    let Some(bytes) = ledger::size(&path) else {
        facts.push(Fact::NoLedger);
        return None;
    };
    let opened = LedgerStore::open_as_it_is(&path).and_then(|(ledger, schema)| Ok((ledger.health()?, schema, ledger)));
    let (health, schema, ledger) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            facts.push(Fact::UnusableLedger { reason: format!("{error:#}") });
            return None;
        }
    };
    let day = |at: DateTime<_>| at.with_timezone(&ctx.time_zone).date_naive();
    facts.push(Fact::Ledger(LedgerFact {
        path: text(&path),
        bytes,
        schema,
        newest_schema: health.schema,
        exchanges: health.exchanges,
        first_day: health.first_at.map(day),
        last_day: health.last_at.map(day),
    }));
    Some(ledger)
}

fn transcripts(ctx: &Context, ledger: Option<&LedgerStore>, facts: &mut Vec<Fact>) -> Result<(), Failure> {
    let known = ledger.map_or_else(|| Ok(HashMap::new()), LedgerStore::files)?;
    let mut roots: Vec<Root> = Vec::new();
    let mut places: Vec<PathBuf> = Vec::new();
    let mut problems = Vec::new();
    let claude = ctx.paths.claude.iter().map(|path| (path, false));
    for (path, is_desktop) in claude.chain(ctx.paths.claude_desktop.iter().map(|path| (path, true))) {
        let place = fs_err::canonicalize(path).unwrap_or_else(|_| path.clone());
        // Two ways to the same place are one.
        if places.contains(&place) {
            continue;
        }
        places.push(place);
        roots.push(root(path, is_desktop, &known, &mut problems));
    }
    facts.extend(doctor::roots(&roots, ctx.now, ctx.time_zone));
    facts.append(&mut problems);
    Ok(())
}

fn root(path: &Path, is_desktop: bool, known: &HashMap<Arc<str>, FileMark>, problems: &mut Vec<Fact>) -> Root {
    let one = [path.to_owned()];
    let (found, unreadable) = if is_desktop { transcript::find(&[], &one) } else { transcript::find(&one, &[]) };
    problems.extend(unreadable.into_iter().map(|reason| Fact::UnreadableDirectory { reason }));
    let all: Vec<_> = found.iter().map(|file| (file.path.clone(), file.size, file.modified)).collect();
    let unread: HashSet<PathBuf> = transcript::unread(found, known).map(|work| work.file.path).collect();
    let transcripts = all.into_iter().map(|(path, bytes, modified)| Transcript {
        bytes,
        modified_at: DateTime::from_timestamp_nanos(modified),
        is_read: !unread.contains(&path),
    });
    let period = (!is_desktop).then(|| claude_settings::cleanup_period(path)).and_then(|period| match period {
        Ok(period) => Some(Period { days: period.days, file: period.file.as_deref().map(text) }),
        Err(error) => {
            problems.push(Fact::UnknownRetention { reason: format!("{error:#}") });
            None
        }
    });
    Root { path: text(path), is_there: path.is_dir(), is_desktop, transcripts: transcripts.collect(), period }
}

fn hook(ctx: &Context) -> Fact {
    let directory = match git::hooks_directory(&ctx.paths.directory) {
        Ok(Some(directory)) => directory,
        Ok(None) => return Fact::GitHook { state: HookState::NoRepository, path: None },
        Err(error) => return Fact::UnreadableRepository { reason: format!("{error:#}") },
    };
    let hook = GitHook::in_directory(&directory);
    let state = match hook.is_installed() {
        Ok(true) => HookState::Installed,
        Ok(false) => HookState::NotInstalled,
        Err(HookError::Edited(_)) => HookState::Edited,
        Err(error) => return Fact::UnreadableRepository { reason: error.to_string() },
    };
    Fact::GitHook { state, path: Some(text(&hook.path)) }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
