//! Sessions on a terminal: what was logged, how it stands, what there is.

use chrono::TimeDelta;
use chrono_tz::Tz;

use crate::domain::money::Usd;
use crate::domain::session::journal::Basis;
use crate::domain::session::journal::Logged;
use crate::domain::tokens::TokenUsage;
use crate::report::session::SessionReport;
use crate::report::sessions::ProjectTotals;
use crate::report::sessions::SessionsReport;
use crate::report::status::StatusReport;
use crate::view::format;
use crate::view::style::Style;
use crate::view::table::Align;
use crate::view::table::Table;
use crate::view::text;

/// Columns that a name may take in a line of several facts, and in a prompt.
const MOST_NAME_COLUMNS: usize = 40;
const MOST_PROMPT_COLUMNS: usize = 24;

/// What an entry was taken for, and what the session has come to.
pub(crate) fn logged(logged: &Logged, cost: Option<Usd>, status: &StatusReport, _tz: Tz) -> String {
    let mut parts = Vec::new();
    if !logged.tokens.is_empty() {
        parts.push(counts(&logged.tokens, logged.basis.is_estimate()));
    }
    parts.extend(logged.infra.iter().map(ToString::to_string));
    if let Some(task) = &logged.task {
        parts.push(task.to_string());
    }
    parts.push(format::or_unknown(cost, format::usd));
    let basis = match logged.basis {
        Basis::Typed => String::new(),
        Basis::Preset => " (the preset; log your own counts to teach it)".to_owned(),
        Basis::History { entries } => format!(" (the median of your {entries} entries)"),
        Basis::Text { band_percent } => format!(" (from text, within {band_percent} %)"),
    };
    format!(
        "logged {}{basis}; {} is at {}",
        parts.join(", "),
        name(&status.name),
        total(status.cost, status.unpriced_tokens)
    )
}

pub(crate) fn status(report: &StatusReport, tz: Tz, style: &Style) -> String {
    let place = match &report.branch {
        Some(branch) => format!("{} on {}", text::single_line(&report.project), text::single_line(branch)),
        None => text::single_line(&report.project),
    };
    let mut lines = vec![format!(
        "{}  {} in {place}  {}",
        style.strong(&text::single_line(&report.name)),
        report.state,
        style.faint(&report.id.short()),
    )];
    let mut row = |name: &str, value: String| lines.push(format!("  {}  {value}", style.faint(&format!("{name:<7}"))));
    let active = format!("{} active", duration(report.active_seconds));
    row(
        "time",
        format!("{} since {} ({active})", duration(report.wall_seconds), format::moment(report.started_at, tz)),
    );
    let rate = report.per_hour.map(|rate| format!(", {} an hour", format::usd(rate))).unwrap_or_default();
    row("cost", format!("{}{rate}", total(report.cost, report.unpriced_tokens)));
    if !report.estimated.is_zero() {
        row("", format!("{} of it estimated", format::usd(report.estimated)));
    }
    row("tokens", format!("{} in {}", counts(&report.tokens, false), format::count(report.entries, "entry")));
    if let (Some(budget), Some(remaining)) = (report.budget, report.remaining) {
        let left = if remaining < Usd::ZERO {
            style.error(&format!("{} over", format::usd(-remaining)))
        } else {
            format!("{} left", format::usd(remaining))
        };
        row("budget", format!("{}, {left}", format::usd(budget)));
    }
    if let Some(last) = &report.last {
        row("last", format!("{} {}", format::clock(last.at, tz), text::single_line(&last.text)));
    }
    let fit = |line: String| style.width_columns().map_or(line.clone(), |columns| text::shortened_line(&line, columns));
    lines.into_iter().map(fit).collect::<Vec<_>>().join("\n")
}

/// `JWT auth: $0.12 in 1h 05m`
pub(crate) fn status_line(report: &StatusReport) -> String {
    let paused = if report.state == "paused" { ", paused" } else { "" };
    let cost = total(report.cost, report.unpriced_tokens);
    format!("{}: {cost} in {}{paused}", name(&report.name), duration(report.wall_seconds))
}

/// A name and a cost, short enough for a prompt.
pub(crate) fn prompt(report: &StatusReport) -> String {
    let paused = if report.state == "paused" { " (paused)" } else { "" };
    let name = text::shortened(&text::single_line(&report.name), MOST_PROMPT_COLUMNS);
    format!("{name} {}{paused}", format::usd(report.cost))
}

pub(crate) fn ended(report: &SessionReport) -> String {
    let commits = match report.commits.rows.len() {
        0 => String::new(),
        made => format!(", {}", format::count(made as u64, "commit")),
    };
    let rate = report.cost.per_hour_wall.map(|rate| format!(" ({} an hour)", format::usd(rate))).unwrap_or_default();
    format!(
        "ended {}: {} in {}{rate}, {}{commits}",
        name(&report.overview.name),
        total(report.cost.total, report.cost.unpriced_tokens()),
        duration(report.overview.wall_seconds),
        format::count(report.activity.iter().filter(|row| row.usage.is_some()).count() as u64, "entry"),
    )
}

/// Numbers and an id alone: what the user typed could close issues or add trailers.
pub(crate) fn commit_message(report: &SessionReport, tz: Tz) -> String {
    let overview = &report.overview;
    format!(
        "Archive the report of session {}\n\n{}, {}, {}.\n",
        overview.id.short(),
        format::day(overview.started_at, tz),
        duration(overview.wall_seconds),
        format::usd(report.cost.total),
    )
}

/// The latest sessions, and what all of them came to.
pub(crate) fn list(report: &SessionsReport, most: usize, all: bool, tz: Tz, style: &Style) -> String {
    if report.sessions.is_empty() {
        return "No sessions yet. Start one with claude-cost start <NAME>.".to_owned();
    }
    let mut columns = vec![("Id", Align::Left), ("Started", Align::Left), ("Session", Align::Left)];
    if all {
        columns.push(("Project", Align::Left));
    }
    columns.extend([
        ("Time", Align::Right),
        ("Entries", Align::Right),
        ("Cost", Align::Right),
        ("An hour", Align::Right),
    ]);
    let mut table = Table::new(&columns);
    for row in report.sessions.iter().take(most) {
        let state = if row.state == "ended" { String::new() } else { format!(" ({})", row.state) };
        let mut cells = vec![
            row.short_id.clone(),
            format::moment(row.started_at, tz),
            format!("{}{state}", text::single_line(&row.name)),
        ];
        if all {
            cells.push(text::single_line(&row.project));
        }
        cells.extend([
            duration(row.wall_seconds),
            row.entries.to_string(),
            total(row.cost, row.unpriced_tokens),
            format::or_unknown(row.per_hour, format::usd),
        ]);
        table.row(cells);
    }
    let hidden = report.sessions.len().saturating_sub(most);
    let more = if hidden == 0 { String::new() } else { format!("; {hidden} more with --limit") };
    format!("{}\n{}{more}", table.render(style), in_words(&report.totals))
}

/// What each project came to.
pub(crate) fn totals(report: &SessionsReport, style: &Style) -> String {
    let mut table = Table::new(&[
        ("Project", Align::Left),
        ("Sessions", Align::Right),
        ("Time", Align::Right),
        ("Cost", Align::Right),
        ("An hour", Align::Right),
    ]);
    for row in &report.projects {
        table.row(vec![
            text::single_line(&row.project),
            row.totals.sessions.to_string(),
            duration(row.totals.wall_seconds),
            total(row.totals.cost, row.totals.unpriced_tokens),
            format::or_unknown(row.totals.per_hour, format::usd),
        ]);
    }
    format!("{}\n{}", table.render(style), in_words(&report.totals))
}

fn in_words(totals: &ProjectTotals) -> String {
    format!(
        "{} in all: {} in {}",
        format::count(totals.sessions, "session"),
        total(totals.cost, totals.unpriced_tokens),
        duration(totals.wall_seconds)
    )
}

/// An amount, with what could not be priced named beside it.
fn total(cost: Usd, unpriced_tokens: u64) -> String {
    match unpriced_tokens {
        0 => format::usd(cost),
        tokens => format!("{} + {} unpriced tokens", format::usd(cost), format::tokens_short(tokens)),
    }
}

fn counts(tokens: &TokenUsage, is_estimate: bool) -> String {
    let about = if is_estimate { "~" } else { "" };
    let mut counts =
        format!("{about}{} in, {about}{} out", format::tokens(tokens.input), format::tokens(tokens.output));
    for (count, what) in [(tokens.cache_read, "cache read"), (tokens.cache_write(), "cache written")] {
        if count > 0 {
            counts.extend([", ", &format::tokens(count), " ", what]);
        }
    }
    counts
}

fn name(name: &str) -> String {
    text::shortened(&text::single_line(name), MOST_NAME_COLUMNS)
}

fn duration(seconds: i64) -> String {
    format::duration(TimeDelta::try_seconds(seconds).unwrap_or_default())
}
