//! Commits with what was spent before them: a line each, and what no commit of theirs explains.

use std::fmt::Write as _;

use chrono_tz::Tz;
use serde::Serialize;

use crate::domain::commit::Commit;
use crate::domain::instant::written;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::tokens::TokenUsage;
use crate::report::attribution::Method;
use crate::report::commits::CommitRow;
use crate::report::commits::CommitsReport;
use crate::report::usage::Total;
use crate::view::csv::cell;
use crate::view::format;
use crate::view::json;
use crate::view::style::Style;
use crate::view::table::Align;
use crate::view::table::Table;
use crate::view::usage;
use crate::view::usage::Look;
use crate::view::usage::csv::FIGURES;
use crate::view::usage::csv::figures;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Commit,
    Time,
    Subject,
    Tokens,
    Cost,
    Method,
}

/// Columns for ever narrower terminals.
const LAYOUTS: &[&[Column]] = &[
    &[Column::Commit, Column::Time, Column::Subject, Column::Tokens, Column::Cost, Column::Method],
    &[Column::Commit, Column::Time, Column::Subject, Column::Cost, Column::Method],
    &[Column::Commit, Column::Subject, Column::Cost],
    &[Column::Subject, Column::Cost],
];

pub(crate) fn table(report: &CommitsReport, notes: &[String], tz: Tz, style: &Style) -> String {
    let mut tables = LAYOUTS.iter().map(|columns| filled(report, columns, tz));
    let narrowest = || filled(report, LAYOUTS[LAYOUTS.len() - 1], tz);
    let table = tables.find(|table| table.fits(style)).unwrap_or_else(narrowest);
    let mut lines = vec![table.render(style)];
    lines.extend(style.notes(&all_notes(report, notes, tz)));
    lines.join("\n")
}

pub(crate) fn markdown(report: &CommitsReport, notes: &[String], tz: Tz) -> String {
    let mut text = filled(report, LAYOUTS[0], tz).markdown();
    for note in all_notes(report, notes, tz) {
        text.extend(["\n\n", &crate::view::markdown::escaped(&note)]);
    }
    text
}

fn all_notes(report: &CommitsReport, notes: &[String], tz: Tz) -> Vec<String> {
    let of_figures = usage::notes(&report.all.total, report.all.unpriced_models(), look(tz));
    of_figures.into_iter().chain(notes.iter().cloned()).collect()
}

fn look(tz: Tz) -> Look {
    Look { tz, has_costs: true, has_models: false, is_compact: false }
}

fn filled(report: &CommitsReport, columns: &[Column], tz: Tz) -> Table {
    let headers: Vec<_> = columns.iter().map(|column| header(*column)).collect();
    let mut table = Table::new(&headers);
    let whole = report.all.total.cost.total();
    let figure = |column: &Column, total: &Total| match column {
        Column::Tokens => usage::tokens(total),
        Column::Cost => format::or_unknown(total.known_cost(), |cost| format::usd_of(cost, whole)),
        _ => String::new(),
    };
    for CommitRow { commit, total, method } in &report.rows {
        table.row(columns.iter().map(|column| match column {
            Column::Commit => commit.hash.short().to_owned(),
            Column::Time => format::moment(commit.authored_at, tz),
            Column::Subject if commit.subject.is_empty() => format::UNKNOWN.to_owned(),
            Column::Subject => commit.subject.clone(),
            Column::Method => method_name(*method).to_owned(),
            Column::Tokens | Column::Cost => figure(column, total),
        }));
    }
    let mut sum = |name: &str, total: &Total| {
        let cell = |column: &Column| if *column == Column::Subject { name.to_owned() } else { figure(column, total) };
        table.total(columns.iter().map(cell));
    };
    let rest: Vec<_> = rest(report).collect();
    if !rest.is_empty() && !report.rows.is_empty() {
        sum("These commits", &report.committed);
    }
    for (name, total) in rest {
        sum(name, total);
    }
    sum("Total", &report.all.total);
    table
}

/// What in the time of the commits went to none of them, as far as there is any.
fn rest(report: &CommitsReport) -> impl Iterator<Item = (&'static str, &Total)> {
    let all = [("Other commits", &report.elsewhere), ("Not committed", &report.not_committed)];
    all.into_iter().filter(|(_, total)| total.exchanges > 0)
}

fn header(column: Column) -> (&'static str, Align) {
    match column {
        Column::Commit => ("Commit", Align::Left),
        Column::Time => ("Time", Align::Left),
        Column::Subject => ("Subject", Align::Left),
        Column::Tokens => ("Tokens", Align::Right),
        Column::Cost => ("Cost", Align::Right),
        Column::Method => ("Known by", Align::Left),
    }
}

fn method_name(method: Method) -> &'static str {
    match method {
        Method::Exact => "exact",
        Method::Window => "window",
    }
}

/// What went to none of the commits has lines without a hash, so that columns add up to the total.
pub(crate) fn csv(report: &CommitsReport, tz: Tz) -> String {
    let mut csv = format!("commit,at,subject,author,method,{FIGURES},cost_usd\n");
    for CommitRow { commit, total, method } in &report.rows {
        let (at, subject, author) = (written(commit.authored_at), &commit.subject, &commit.author);
        let head = [commit.hash.to_string(), at, cell(subject), cell(author), method_name(*method).to_owned()];
        let _ = writeln!(csv, "{},{}", head.join(","), figures(total, look(tz)));
    }
    for (name, total) in rest(report) {
        let _ = writeln!(csv, ",,{name},,,{}", figures(total, look(tz)));
    }
    csv
}

#[derive(Serialize)]
struct Json<'a> {
    commits: Vec<JsonCommit<'a>>,
    committed: Figures,
    other_commits: Figures,
    not_committed: Figures,
    total: Figures,
    unpriced_models: Vec<&'a ModelId>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct JsonCommit<'a> {
    hash: &'a str,
    short_hash: &'a str,
    at: String,
    subject: &'a str,
    author: &'a str,
    method: Method,
    #[serde(flatten)]
    figures: Figures,
}

impl<'a> JsonCommit<'a> {
    fn of(row: &'a CommitRow) -> Self {
        let Commit { hash, authored_at, subject, author, .. } = &row.commit;
        Self {
            hash: hash.as_str(),
            short_hash: hash.short(),
            at: written(*authored_at),
            subject,
            author,
            method: row.method,
            figures: Figures::of(&row.total),
        }
    }
}

#[derive(Serialize)]
struct Figures {
    exchanges: u64,
    tokens: TokenUsage,
    total_tokens: u64,
    cost: Option<Usd>,
    unpriced_tokens: u64,
    likely_missing_output: u64,
}

impl Figures {
    fn of(total: &Total) -> Self {
        Self {
            exchanges: total.exchanges,
            tokens: total.tokens,
            total_tokens: total.tokens.total(),
            cost: total.known_cost(),
            unpriced_tokens: total.unpriced_tokens,
            likely_missing_output: total.missing_output,
        }
    }
}

pub(crate) fn json(report: &CommitsReport, notes: &[String]) -> anyhow::Result<String> {
    json::pretty(&Json {
        commits: report.rows.iter().map(JsonCommit::of).collect(),
        committed: Figures::of(&report.committed),
        other_commits: Figures::of(&report.elsewhere),
        not_committed: Figures::of(&report.not_committed),
        total: Figures::of(&report.all.total),
        unpriced_models: report.all.unpriced_models().collect(),
        notes,
    })
}
