//! Usage on a terminal and in documents: one line a group, as many columns as there is place for.

pub(crate) mod csv;
pub(crate) mod exchanges;
pub(crate) mod json;

use std::collections::BTreeMap;
use std::path::Path;

use chrono_tz::Tz;

use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::report::usage::Row;
use crate::report::usage::Said;
use crate::report::usage::Total;
use crate::report::usage::Usage;
use crate::report::usage::UsageReport;
use crate::report::usage::key::By;
use crate::report::usage::key::Key;
use crate::view::format;
use crate::view::format::UNKNOWN;
use crate::view::style::Style;
use crate::view::table::Align;
use crate::view::table::Table;

/// What of a report is to be seen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) tz: Tz,
    pub(crate) has_costs: bool,
    /// A line for each model, below each row.
    pub(crate) has_models: bool,
    pub(crate) is_compact: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Id,
    Name,
    Project,
    Last,
    Models,
    Input,
    Output,
    CacheWrite,
    CacheRead,
    Tokens,
    Cost,
}

/// Columns for ever narrower terminals. The second is what `--compact` begins with.
const GROUPS: &[&[Column]] = &[
    &[
        Column::Name,
        Column::Models,
        Column::Input,
        Column::Output,
        Column::CacheWrite,
        Column::CacheRead,
        Column::Tokens,
        Column::Cost,
    ],
    &[Column::Name, Column::Models, Column::Input, Column::Output, Column::Tokens, Column::Cost],
    &[Column::Name, Column::Models, Column::Tokens, Column::Cost],
    &[Column::Name, Column::Tokens, Column::Cost],
    &[Column::Name, Column::Cost],
];
const CONVERSATIONS: &[&[Column]] = &[
    &[
        Column::Id,
        Column::Name,
        Column::Project,
        Column::Last,
        Column::Models,
        Column::Input,
        Column::Output,
        Column::CacheWrite,
        Column::CacheRead,
        Column::Tokens,
        Column::Cost,
    ],
    &[Column::Id, Column::Name, Column::Project, Column::Last, Column::Models, Column::Tokens, Column::Cost],
    &[Column::Id, Column::Name, Column::Project, Column::Last, Column::Tokens, Column::Cost],
    &[Column::Id, Column::Name, Column::Last, Column::Cost],
    &[Column::Id, Column::Name, Column::Cost],
];
/// As much of a conversation's id as tells it from others.
const ID_CHARACTERS: usize = 8;

/// The table in the widest form that fits, and below it what the numbers leave out.
pub(crate) fn table(report: &UsageReport, look: Look, style: &Style) -> String {
    let layouts = layouts(report);
    let first = usize::from(look.is_compact);
    let mut tables = layouts[first..].iter().map(|columns| filled(report, look, columns));
    let narrowest = || filled(report, look, layouts[layouts.len() - 1]);
    let table = tables.find(|table| table.fits(style)).unwrap_or_else(narrowest);
    let mut lines = vec![table.render(style)];
    let notes = notes(&report.totals.total, report.totals.unpriced_models(), look);
    lines.extend(style.notes(&notes));
    lines.join("\n")
}

/// All columns, as a table of markdown.
pub(crate) fn markdown(report: &UsageReport, look: Look) -> String {
    let mut text = filled(report, look, layouts(report)[usize::from(look.is_compact)]).markdown();
    for note in notes(&report.totals.total, report.totals.unpriced_models(), look) {
        text.extend(["\n\n", &crate::view::markdown::escaped(&note)]);
    }
    text
}

/// All tokens of a total, marked if some of them are estimated.
pub(in crate::view) fn tokens(total: &Total) -> String {
    format::tokens_about(total.tokens.total(), total.estimated.tokens > 0)
}

/// What no column tells: tokens without a price, and tokens that were never written down.
pub(in crate::view) fn notes<'a>(
    total: &Total,
    unpriced: impl IntoIterator<Item = &'a ModelId>,
    look: Look,
) -> Vec<String> {
    let mut notes: Vec<_> = said(total, look.has_costs).into_iter().collect();
    let models: Vec<_> = unpriced.into_iter().map(ModelId::as_str).collect();
    if look.has_costs && !models.is_empty() {
        let tokens = format::tokens(total.unpriced_tokens);
        notes.push(format!(
            "{tokens} tokens of {} are in no cost for want of a price; claude-cost prices set gives one",
            models.join(", ")
        ));
    }
    if total.missing_output > 0 {
        notes.push(missing(total.missing_output, total.missing_cost, look.has_costs));
    }
    notes
}

/// What of a total nobody measured.
fn said(total: &Total, has_costs: bool) -> Option<String> {
    let part = |said: Said, is_estimate: bool| {
        let word = if is_estimate { "estimated" } else { "typed" };
        let cost = if has_costs { format!(" ({})", format::usd(said.cost)) } else { String::new() };
        (said.tokens > 0).then(|| format!("{} tokens{cost} {word}", format::tokens_about(said.tokens, is_estimate)))
    };
    let parts: Vec<_> = [part(total.stated, false), part(total.estimated, true)].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("of this {}", parts.join(", ")))
}

/// What unfinished records probably lack.
pub(in crate::view) fn missing(output: u64, cost: Usd, has_costs: bool) -> String {
    let cost = Some(cost).filter(|cost| has_costs && !cost.is_zero());
    let cost = cost.map(|cost| format!(" ({})", format::usd(cost))).unwrap_or_default();
    let tokens = format::tokens(output);
    format!("likely +{tokens} output tokens{cost} that were never counted, in no total")
}

fn layouts(report: &UsageReport) -> &'static [&'static [Column]] {
    if report.by.first() == Some(&By::Conversation) { CONVERSATIONS } else { GROUPS }
}

fn filled(report: &UsageReport, look: Look, columns: &[Column]) -> Table {
    let is_shown = |column: &Column| match column {
        Column::Cost => look.has_costs,
        Column::Models => !look.has_models && !report.by.contains(&By::Model),
        _ => true,
    };
    let columns: Vec<Column> = columns.iter().copied().filter(is_shown).collect();
    let mut headers: Vec<_> = columns.iter().map(|column| header(*column, report.by.first().copied())).collect();
    // Names of models give way to titles, and titles to all else.
    if columns.contains(&Column::Id) && !columns.contains(&Column::Models) {
        headers[1].1 = Align::Yielding;
    }
    let names = Names::of(report);
    let mut filled =
        Filled { table: Table::new(&headers), columns, names, look, total: report.totals.total.cost.total() };
    for row in &report.rows {
        filled.row(row, &[], 0);
    }
    filled.total(&report.totals);
    filled.table
}

fn header(column: Column, by: Option<By>) -> (&'static str, Align) {
    match column {
        Column::Id => ("Id", Align::Left),
        Column::Name => (by.map_or("", heading), Align::Left),
        Column::Project => ("Project", Align::Left),
        Column::Last => ("Last", Align::Left),
        Column::Models => ("Models", Align::Left),
        Column::Input => ("Input", Align::Right),
        Column::Output => ("Output", Align::Right),
        Column::CacheWrite => ("Cache write", Align::Right),
        Column::CacheRead => ("Cache read", Align::Right),
        Column::Tokens => ("Tokens", Align::Right),
        Column::Cost => ("Cost", Align::Right),
    }
}

pub(in crate::view) fn heading(by: By) -> &'static str {
    match by {
        By::Day => "Day",
        By::Week(_) => "Week",
        By::Month => "Month",
        By::Hour => "Hour",
        By::Conversation => "Conversation",
        By::Project => "Project",
        By::Model => "Model",
        By::Branch => "Branch",
        By::Agent => "Agent",
        By::Skill => "Skill",
        By::Session => "Session",
        By::Task => "Task",
        By::Tag => "Tag",
        By::Tool => "Tool",
        By::Mcp => "MCP server",
        By::Commit => "Commit",
    }
}

/// A table while it is filled.
struct Filled<'a> {
    table: Table,
    columns: Vec<Column>,
    names: Names<'a>,
    look: Look,
    /// What the costs come to, which sets how they are written.
    total: Usd,
}

impl Filled<'_> {
    fn row(&mut self, row: &Row, parents: &[&Key], depth: usize) {
        let name = self.names.of_key(&row.key, parents);
        let cells: Vec<_> = self
            .columns
            .iter()
            .map(|column| match (column, &row.key) {
                (Column::Id, Key::Conversation(id)) => id.as_deref().map(short_id).unwrap_or_default(),
                (Column::Name, _) => indented(&name, depth),
                // What has no conversation was typed, wherever that was.
                (Column::Project, Key::Conversation(None)) => String::new(),
                (Column::Project, _) => {
                    row.usage.last_place.as_ref().map(|place| self.names.project(&place.project)).unwrap_or_default()
                }
                (Column::Last, _) => {
                    row.usage.span.map(|(_, last)| format::moment(last, self.look.tz)).unwrap_or_default()
                }
                (Column::Models, _) => models(&row.usage),
                _ => self.figure(*column, &row.usage.total),
            })
            .collect();
        self.table.row(cells);
        let parents: Vec<&Key> = parents.iter().copied().chain([&row.key]).collect();
        for inner in &row.rows {
            self.row(inner, &parents, depth + 1);
        }
        if self.look.has_models && row.rows.is_empty() {
            for (model, total) in row.usage.models_by_cost() {
                let name = indented(&self.names.model(model), depth + 1);
                let cells: Vec<_> = self.columns.iter().map(|column| self.cell(*column, &name, total)).collect();
                self.table.row(cells);
            }
        }
    }

    fn total(&mut self, usage: &Usage) {
        let cells: Vec<_> = self.columns.iter().map(|column| self.cell(*column, "Total", &usage.total)).collect();
        self.table.total(cells);
    }

    fn cell(&self, column: Column, name: &str, total: &Total) -> String {
        if column == Column::Name { name.to_owned() } else { self.figure(column, total) }
    }

    fn figure(&self, column: Column, total: &Total) -> String {
        let tokens = &total.tokens;
        let about = |count| format::tokens_about(count, total.estimated.tokens > 0);
        match column {
            Column::Input => about(tokens.input),
            Column::Output => about(tokens.output),
            Column::CacheWrite => format::tokens(tokens.cache_write()),
            Column::CacheRead => format::tokens(tokens.cache_read),
            Column::Tokens => self::tokens(total),
            Column::Cost => format::or_unknown(total.known_cost(), |cost| format::usd_of(cost, self.total)),
            Column::Id | Column::Name | Column::Project | Column::Last | Column::Models => String::new(),
        }
    }
}

/// White space at the start of a cell would be folded, so lines show the depth.
fn indented(name: &str, depth: usize) -> String {
    match depth {
        0 => name.to_owned(),
        _ => format!("└{} {name}", "─".repeat(2 * (depth - 1))),
    }
}

fn short_id(id: &str) -> String {
    id.chars().take(ID_CHARACTERS).collect()
}

/// The short names of the models, the costliest first.
pub(in crate::view) fn models(usage: &Usage) -> String {
    let mut names: Vec<String> = Vec::new();
    for (model, _) in usage.models_by_cost() {
        let name = format::model(model);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

/// How groups are called so that no two are taken for one.
pub(in crate::view) struct Names<'a> {
    titles: &'a BTreeMap<String, String>,
    /// How many projects have a last part of their path in common.
    projects: BTreeMap<String, usize>,
    /// How many models have a short name in common.
    models: BTreeMap<String, usize>,
}

impl<'a> Names<'a> {
    pub(in crate::view) fn of(report: &'a UsageReport) -> Self {
        let mut roots: Vec<&str> = Vec::new();
        let mut open: Vec<&Row> = report.rows.iter().collect();
        while let Some(row) = open.pop() {
            open.extend(&row.rows);
            roots.extend(match &row.key {
                Key::Project(project) | Key::Branch { project, .. } => Some(project.as_str()),
                _ => row.usage.last_place.as_ref().map(|place| place.project.as_str()),
            });
        }
        roots.sort_unstable();
        roots.dedup();
        Self {
            titles: &report.titles,
            projects: counted(roots.into_iter().map(last_part)),
            models: counted(report.totals.models.keys().map(format::model)),
        }
    }

    pub(in crate::view) fn of_key(&self, key: &Key, parents: &[&Key]) -> String {
        match key {
            Key::Conversation(Some(id)) => self.titles.get(id).cloned().unwrap_or_else(|| UNKNOWN.to_owned()),
            Key::Project(root) => self.project(root),
            Key::Branch { project, branch } => {
                let branch = branch.as_deref().unwrap_or(UNKNOWN);
                let is_said = parents.iter().any(|parent| matches!(parent, Key::Project(_)));
                if is_said { branch.to_owned() } else { format!("{branch} ({})", self.project(project)) }
            }
            Key::Agent(None) => "main loop".to_owned(),
            Key::Session(None) => "(no session)".to_owned(),
            Key::Tag(None) => "(no tag)".to_owned(),
            Key::Tool(None) => "(no tool)".to_owned(),
            Key::Mcp(None) => "(no MCP server)".to_owned(),
            Key::Commit(None) => "(not committed)".to_owned(),
            Key::Session(Some(id)) => match self.titles.get(&id.to_string()) {
                Some(name) => format!("{name} ({})", id.short()),
                None => id.short(),
            },
            Key::Commit(Some(id)) => match self.titles.get(id.as_str()) {
                Some(subject) => format!("{} {subject}", id.short()),
                None => id.short().to_owned(),
            },
            Key::Model(model) => self.model(model),
            _ => format::or_unknown(key_text(key), |name| name),
        }
    }

    fn model(&self, model: &ModelId) -> String {
        let name = format::model(model);
        if self.models.get(&name) > Some(&1) { model.to_string() } else { name }
    }

    fn project(&self, root: &str) -> String {
        let name = last_part(root);
        match self.projects.get(&name) {
            Some(2..) => root.to_owned(),
            _ if name.is_empty() => UNKNOWN.to_owned(),
            _ => name,
        }
    }
}

fn counted(names: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    names.fold(BTreeMap::new(), |mut counts, name| {
        *counts.entry(name).or_default() += 1;
        counts
    })
}

fn last_part(root: &str) -> String {
    Path::new(root).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A group as programs know it; `None` is what has no name.
pub(super) fn key_text(key: &Key) -> Option<String> {
    match key {
        Key::Day(day) | Key::Week(day) => Some(day.to_string()),
        Key::Month(day) => Some(day.format("%Y-%m").to_string()),
        Key::Hour(hour) => Some(format!("{hour:02}:00")),
        Key::Conversation(name)
        | Key::Agent(name)
        | Key::Skill(name)
        | Key::Tag(name)
        | Key::Tool(name)
        | Key::Mcp(name)
        | Key::Branch { branch: name, .. } => name.clone(),
        Key::Session(id) => id.map(|id| id.to_string()),
        Key::Task(work) => Some(work.name().to_owned()),
        Key::Commit(id) => id.as_ref().map(ToString::to_string),
        Key::Project(root) => Some(root.clone()),
        Key::Model(model) => Some(model.to_string()),
    }
}
