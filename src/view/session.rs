//! Sessions on a terminal: what was logged, how it stands, what there is.

use chrono::TimeDelta;
use chrono_tz::Tz;

use crate::domain::money::Usd;
use crate::domain::session::journal::Basis;
use crate::domain::session::journal::Logged;
use crate::domain::tokens::TokenUsage;
use crate::report::session::SessionReport;
use crate::report::sessions::ProjectTotals;
use crate::report::sessions::SessionRow;
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
/// Below this a list of sessions leaves out what can be looked up elsewhere.
const NARROW_COLUMNS: usize = 90;
const UNPRICED: (&str, Align) = ("Not priced", Align::Right);

/// What an entry was taken for, and what the session has come to.
pub(crate) fn logged(logged: &Logged, cost: Option<Usd>, measured: Option<Usd>, status: &StatusReport) -> String {
    let mut parts = Vec::new();
    if !logged.tokens.is_empty() {
        parts.push(counts(&logged.tokens, logged.basis.is_estimate()));
    }
    parts.extend(logged.infra.iter().map(ToString::to_string));
    if let Some(task) = &logged.task {
        parts.push(task.to_string());
    }
    parts.push(cost.map_or_else(|| "cost not known".to_owned(), format::usd));
    let basis = match logged.basis {
        Basis::Typed => String::new(),
        Basis::Preset => " (by the preset)".to_owned(),
        Basis::History { entries } => format!(" (the median of your {entries} entries)"),
        Basis::Text { band_percent } => format!(" (from text, within {band_percent} %)"),
    };
    let session = if status.unpriced_tokens > 0 && status.cost.is_zero() {
        String::new()
    } else {
        format!("; {} is at {}", name(&status.name), total(status.cost, status.unpriced_tokens))
    };
    let measured = measured.map(|cost| format!(", measured as {}", format::usd(cost))).unwrap_or_default();
    format!("logged {}{basis}{measured}{session}", parts.join(", "))
}

pub(crate) fn status(report: &StatusReport, tz: Tz, style: &Style) -> String {
    let mut lines = vec![title(report, style)];
    let mut row = |name: &str, value: String| lines.push(format!("  {}  {value}", style.faint(&format!("{name:<7}"))));
    let active = format!("{} active", duration(report.active_seconds));
    row("time", format!("{} since {}, {active}", duration(report.wall_seconds), format::moment(report.started_at, tz)));
    let rate = report.per_hour.filter(|_| is_known(report.cost, report.unpriced_tokens));
    let rate = rate.map(|rate| format!(", {} an hour", format::usd(rate))).unwrap_or_default();
    let cost = total(report.cost, report.unpriced_tokens);
    row("cost", format!("{}{rate}", cost.trim_start_matches("cost ")));
    if !report.measured.is_zero() {
        let part = if report.measured == report.cost { "all".to_owned() } else { format::usd(report.measured) };
        row("", format!("{part} of it measured"));
    }
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

/// Name, state, place and id; on a narrow terminal the name gives way first, then the place.
fn title(report: &StatusReport, style: &Style) -> String {
    let place = match &report.branch {
        Some(branch) => format!("{} on {}", text::single_line(&report.project), text::single_line(branch)),
        None => text::single_line(&report.project),
    };
    let (mut name, mut rest) = (text::single_line(&report.name), format!("{} in {place}", report.state));
    let id = report.id.short();
    if let Some(columns) = style.width_columns() {
        let left = columns.saturating_sub(text::width(&id) + 4);
        name = text::shortened(&name, left.saturating_sub(text::width(&rest)).max(left / 2));
        rest = text::shortened(&rest, left.saturating_sub(text::width(&name)));
    }
    format!("{}  {rest}  {}", style.strong(&name), style.faint(&id))
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
    let cost = match (report.cost.is_zero(), report.unpriced_tokens > 0) {
        (true, true) => "cost ?".to_owned(),
        (false, true) => format!("{} + ?", format::usd(report.cost)),
        (_, false) => format::usd(report.cost),
    };
    format!("{name} {cost}{paused}")
}

pub(crate) fn ended(report: &SessionReport) -> String {
    let commits = match report.commits.rows.len() {
        0 => String::new(),
        made => format!(", {}", format::count(made as u64, "commit")),
    };
    let is_known = is_known(report.cost.total, report.cost.unpriced_tokens());
    let rate = report.cost.per_hour_wall.filter(|_| is_known);
    let rate = rate.map(|rate| format!(" ({} an hour)", format::usd(rate))).unwrap_or_default();
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

/// The latest sessions, and what all of them came to; so many more are not shown.
pub(crate) fn list(report: &SessionsReport, hidden: usize, all: bool, tz: Tz, style: &Style) -> String {
    // Days are never cut: on a narrow terminal what can be looked up elsewhere gives way.
    let is_narrow = style.width_columns().is_some_and(|columns| columns < NARROW_COLUMNS);
    let mut columns = vec![("Id", Align::Left), ("Started", Align::Left), ("Session", Align::Left)];
    if all {
        columns.push(("Project", Align::Left));
    }
    columns.extend([("Time", Align::Right), ("Cost", Align::Right)]);
    if !is_narrow {
        columns.extend([("An hour", Align::Right), ("Entries", Align::Right)]);
    }
    let has_unpriced = report.sessions.iter().any(|row| row.unpriced_tokens > 0);
    if has_unpriced {
        columns.push(UNPRICED);
    }
    let mut table = Table::new(&columns);
    for row in &report.sessions {
        let state = if row.state == "ended" { String::new() } else { format!(" ({})", row.state) };
        let mut cells = vec![
            row.short_id.clone(),
            if is_narrow { format::day(row.started_at, tz) } else { format::moment(row.started_at, tz) },
            format!("{}{state}", text::single_line(&row.name)),
        ];
        if all {
            cells.push(text::single_line(&row.project));
        }
        let cost = is_shown(row).then_some(row.cost);
        cells.extend([duration(row.wall_seconds), format::or_unknown(cost, format::usd)]);
        if !is_narrow {
            let rate = row.per_hour.filter(|_| cost.is_some());
            cells.extend([format::or_unknown(rate, format::usd), row.entries.to_string()]);
        }
        if has_unpriced {
            cells.push(unpriced(row.unpriced_tokens));
        }
        table.row(cells);
    }
    let more = if hidden == 0 { String::new() } else { format!("; {hidden} more with --limit") };
    format!("{}\n{}{more}", table.render(style), in_words(&report.totals))
}

/// What each project came to.
pub(crate) fn totals(report: &SessionsReport, style: &Style) -> String {
    let mut columns = vec![
        ("Project", Align::Left),
        ("Sessions", Align::Right),
        ("Time", Align::Right),
        ("Cost", Align::Right),
        ("An hour", Align::Right),
    ];
    let has_unpriced = report.totals.unpriced_tokens > 0;
    if has_unpriced {
        columns.push(UNPRICED);
    }
    let mut table = Table::new(&columns);
    for row in &report.projects {
        let totals = &row.totals;
        let is_one_of_several = report.projects.iter().filter(|other| other.project == row.project).count() > 1;
        let root = if is_one_of_several { format!(" ({})", row.project_root) } else { String::new() };
        let mut cells = vec![
            text::single_line(&format!("{}{root}", row.project)),
            totals.sessions.to_string(),
            duration(totals.wall_seconds),
            format::or_unknown(is_known(totals.cost, totals.unpriced_tokens).then_some(totals.cost), format::usd),
            format::or_unknown(totals.per_hour.filter(|_| is_known(totals.cost, totals.unpriced_tokens)), format::usd),
        ];
        if has_unpriced {
            cells.push(unpriced(totals.unpriced_tokens));
        }
        table.row(cells);
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
    match (unpriced_tokens, cost.is_zero()) {
        (0, _) => format::usd(cost),
        (tokens, true) => format!("cost not known ({} unpriced tokens)", format::tokens(tokens)),
        (tokens, false) => format!("{} + {} unpriced tokens", format::usd(cost), format::tokens(tokens)),
    }
}

/// Nothing is not what it cost if something of it has no price.
fn is_known(cost: Usd, unpriced_tokens: u64) -> bool {
    unpriced_tokens == 0 || !cost.is_zero()
}

/// What was cancelled counts nowhere, so its cost is no figure either.
fn is_shown(row: &SessionRow) -> bool {
    row.state != "cancelled" && is_known(row.cost, row.unpriced_tokens)
}

fn unpriced(tokens: u64) -> String {
    if tokens == 0 { String::new() } else { format!("{} tokens", format::tokens(tokens)) }
}

fn counts(tokens: &TokenUsage, is_estimate: bool) -> String {
    let about = |count| format::tokens_about(count, is_estimate);
    let mut counts = format!("{} in, {} out", about(tokens.input), about(tokens.output));
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
