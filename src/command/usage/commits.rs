//! `usage commits`: what was spent before each commit, over any stretch of history.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::DateTime;
use chrono::Utc;
use chrono_tz::Tz;

use crate::cli::span::DaysArgs;
use crate::cli::usage::CommitsArgs;
use crate::command::gather;
use crate::command::gather::Here;
use crate::context::Context;
use crate::domain::commit::CommitId;
use crate::domain::event::UsageEvent;
use crate::domain::session::journal::Project;
use crate::error::Failure;
use crate::report::commits;
use crate::report::commits::End;
use crate::report::commits::Facts;
use crate::source::git;
use crate::source::git::CommitQuery;
use crate::source::git::Range;
use crate::source::git::RangeError;
use crate::store::ledger::LedgerStore;
use crate::ui::Ui;
use crate::view;
use crate::view::format;
use crate::view::text;

/// So many are shown where nobody says which.
const USUAL_COMMITS: u32 = 20;

pub(super) fn run(ctx: &Context, ui: &mut Ui, args: &CommitsArgs) -> Result<(), Failure> {
    let (root, project) = repository(ctx)?;
    let asked = Asked::new(ctx, args)?;
    let ledger = gather::usage::up_to_date(ctx, ui)?;
    let prices = gather::price_book(ctx)?;
    let events = events(&ledger, &project)?;
    let begin = events.first().map(|event| event.at);
    let noted = gather::filter::sessions(ctx)?.noted(&project.root);
    let query = CommitQuery { since: begin.unwrap_or(ctx.now), until: ctx.now, noted: &noted };
    let range = git::range(&root, &query, args.range.as_deref()).map_err(unreadable)?;
    if let Some(typed) = &args.range {
        check(typed, &range)?;
    }

    let report = commits::build(&Facts {
        commits: &range.commits,
        asked: &asked.of(&range),
        events: &events,
        end: asked.end(&range),
        prices: &prices,
    });

    let notes = asked.notes(&range, begin);
    let is_empty = report.rows.is_empty() && (asked.is_part || report.all.total.exchanges == 0);
    ui.data(&if args.form.json {
        view::commits::json(&report, &notes)?
    } else if args.form.csv {
        view::commits::csv(&report, asked.tz)
    } else if is_empty {
        nothing(&project, begin, &notes)
    } else if args.form.markdown {
        view::commits::markdown(&report, &notes, asked.tz)
    } else {
        view::commits::table(&report, &notes, asked.tz, ui.style())
    })
}

/// The work tree in which the command was typed, and the project that it belongs to.
fn repository(ctx: &Context) -> Result<(PathBuf, Project), Failure> {
    let Here { project, head, unreadable } = gather::here(ctx);
    match (head, unreadable) {
        (Some(head), _) => Ok((head.root, project)),
        (None, Some(reason)) => Err(Failure::new(reason)),
        (None, None) => Err(Failure::new(format!("{} is in no git repository", ctx.paths.directory.display()))
            .with_hint("go to one; claude-cost usage breakdown --by commit shows the commits of all")),
    }
}

/// All of a project that the ledger knows: a conversation's first exchange may lie long before its commit.
fn events(ledger: &LedgerStore, project: &Project) -> Result<Vec<UsageEvent>, Failure> {
    let mut events = Vec::new();
    ledger.each_event::<Failure>(None, None, |event| {
        events.extend((event.place.project == project.root).then(|| event.clone()));
        Ok(())
    })?;
    Ok(events)
}

fn unreadable(error: RangeError) -> Failure {
    match error {
        RangeError::Other(error) => error.into(),
        RangeError::Unknown(_) | RangeError::Ambiguous(_) | RangeError::ManyEnds(_) => Failure::usage(error)
            .with_hint("name commits, branches or tags, as in main..feature, v1.0..v1.1 or HEAD~5.."),
    }
}

/// Refuses a range in which there is nothing that could have a row.
fn check(typed: &str, range: &Range) -> Result<(), Failure> {
    if !range.within.is_empty() || range.has_older {
        return Ok(());
    }
    Err(match range.others {
        0 => Failure::new(format!("there are no commits in `{typed}`"))
            .with_hint("A..B is what leads to B and not to A: the later end stands last"),
        others => {
            let commits = format::count(others, "commit");
            Failure::new(format!("`{typed}` has {commits}, but none of yours"))
                .with_hint("yours have the address that git config user.email gives")
        }
    })
}

/// Why there is no table.
fn nothing(project: &Project, begin: Option<DateTime<Utc>>, notes: &[String]) -> String {
    let project = text::single_line(&project.name);
    match (begin, notes) {
        (None, _) => format!("No usage is known in {project} yet: work with Claude Code there, and it shows here."),
        (Some(_), []) => "You made no commits then.".to_owned(),
        (Some(_), notes) => format!("No commits to show: {}.", notes.join("; ")),
    }
}

/// What of the range is asked for.
struct Asked {
    since: Option<DateTime<Utc>>,
    /// Without this instant itself.
    until: Option<DateTime<Utc>>,
    most: Option<u32>,
    /// A range or days were typed.
    is_part: bool,
    tz: Tz,
}

impl Asked {
    fn new(ctx: &Context, args: &CommitsArgs) -> Result<Self, Failure> {
        let tz = args.timezone.unwrap_or_default().or(ctx.time_zone);
        let is_part = args.range.is_some() || args.since.is_some() || args.until.is_some();
        let (since, until) = gather::usage::span(DaysArgs { since: args.since, until: args.until }, tz)?;
        Ok(Self { since, until, most: args.last.or((!is_part).then_some(USUAL_COMMITS)), is_part, tz })
    }

    fn of(&self, range: &Range) -> BTreeSet<CommitId> {
        let latest = range.commits.iter().rev().filter(|commit| {
            range.within.contains(&commit.hash)
                && self.since.is_none_or(|since| since <= commit.authored_at)
                && self.until.is_none_or(|until| commit.authored_at < until)
        });
        let most = self.most.map_or(usize::MAX, |most| most as usize);
        latest.take(most).map(|commit| commit.hash.clone()).collect()
    }

    fn end(&self, range: &Range) -> End {
        match self.until {
            _ if !range.is_open => End::LastCommit,
            Some(until) => End::Before(until),
            None => End::Never,
        }
    }

    /// What the rows leave out.
    fn notes(&self, range: &Range, begin: Option<DateTime<Utc>>) -> Vec<String> {
        let mut notes = Vec::new();
        match begin {
            None => notes.push("no usage is known here yet".to_owned()),
            Some(begin) if range.has_older && self.is_part && self.since.is_none() && self.most.is_none() => {
                let day = format::day(begin, self.tz);
                notes.push(format!("no usage is known here from before {day}, and older commits have no row"));
            }
            Some(_) => {}
        }
        if range.is_incomplete {
            notes.push("some history could not be read, and there may be more commits".to_owned());
        }
        notes
    }
}
