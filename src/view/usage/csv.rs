//! Usage as CSV: exact figures, one line a group, or one for each of its models.

use std::fmt::Write as _;

use crate::domain::instant::written;
use crate::domain::model::ModelId;
use crate::report::usage::Row;
use crate::report::usage::Total;
use crate::report::usage::UsageReport;
use crate::report::usage::entries::ConversationReport;
use crate::report::usage::key::By;
use crate::report::usage::key::Key;
use crate::view::csv::cell;
use crate::view::usage::Look;
use crate::view::usage::key_text;

pub(in crate::view) const FIGURES: &str = "exchanges,input_tokens,output_tokens,cache_write_5m_tokens,cache_write_1h_tokens,\
                       cache_read_tokens,total_tokens,unpriced_tokens,likely_missing_output_tokens,stated_tokens,estimated_tokens";

/// Only the innermost rows, so that their columns add up to the totals.
pub(crate) fn report(report: &UsageReport, look: Look) -> String {
    let mut csv = String::new();
    for by in &report.by {
        csv.extend([column(*by), ","]);
    }
    // What is grouped by model needs no other column for it.
    let is_by_model = report.by.contains(&By::Model);
    csv += if is_by_model {
        ""
    } else if look.has_models {
        "model,"
    } else {
        "models,"
    };
    csv += FIGURES;
    csv += if look.has_costs { ",cost_usd" } else { "" };
    csv += if report.by == [By::Conversation] { ",title,project,first_at,last_at\n" } else { "\n" };
    for row in &report.rows {
        lines(&mut csv, report, row, "", look);
    }
    csv
}

/// What a conversation's id does not say; a group of another kind says all by its name.
fn about(report: &UsageReport, row: &Row) -> String {
    let Key::Conversation(id) = &row.key else { return String::new() };
    if report.by.len() > 1 {
        return String::new();
    }
    let title = id.as_ref().and_then(|id| report.titles.get(id)).map(|title| cell(title)).unwrap_or_default();
    let project = row.usage.last_place.as_ref().map(|place| cell(&place.project)).unwrap_or_default();
    let (first, last) = row.usage.span.map(|(first, last)| (written(first), written(last))).unwrap_or_default();
    format!(",{title},{project},{first},{last}")
}

/// The exchanges of one conversation.
pub(crate) fn conversation(report: &ConversationReport, look: Look) -> String {
    let mut csv = format!("at,model,{FIGURES}{}\n", if look.has_costs { ",cost_usd" } else { "" });
    for entry in &report.entries {
        let _ = writeln!(csv, "{},{},{}", written(entry.at), cell(entry.model.as_str()), figures(&entry.total, look));
    }
    csv
}

fn lines(csv: &mut String, report: &UsageReport, row: &Row, outer: &str, look: Look) {
    let is_by_model = report.by.contains(&By::Model);
    let key = format!("{outer}{},", key(&row.key));
    for inner in &row.rows {
        lines(csv, report, inner, &key, look);
    }
    if !row.rows.is_empty() {
        return;
    }
    let about = about(report, row);
    let mut line = |models: &str, total: &Total| {
        let models = if is_by_model { String::new() } else { cell(models) + "," };
        let _ = writeln!(csv, "{key}{models}{}{about}", figures(total, look));
    };
    if look.has_models && !is_by_model {
        for (model, total) in row.usage.models_by_cost() {
            line(model.as_str(), total);
        }
    } else {
        let models: Vec<_> = row.usage.models.keys().map(ModelId::as_str).collect();
        line(&models.join(" "), &row.usage.total);
    }
}

pub(in crate::view) fn figures(total: &Total, look: Look) -> String {
    let tokens = &total.tokens;
    let counts = [
        total.exchanges,
        tokens.input,
        tokens.output,
        tokens.cache_write_5m,
        tokens.cache_write_1h,
        tokens.cache_read,
        tokens.total(),
        total.unpriced_tokens,
        total.missing_output,
        total.stated.tokens,
        total.estimated.tokens,
    ];
    let mut cells: Vec<_> = counts.iter().map(ToString::to_string).collect();
    if look.has_costs {
        cells.push(total.known_cost().map(|cost| cost.to_string()).unwrap_or_default());
    }
    cells.join(",")
}

fn column(by: By) -> &'static str {
    match by {
        By::Day => "date",
        By::Week(_) => "week",
        By::Month => "month",
        By::Hour => "hour",
        By::Conversation => "conversation",
        By::Project => "project",
        By::Model => "model",
        By::Branch => "branch_project,branch",
        By::Agent => "agent",
        By::Skill => "skill",
        By::Session => "session",
        By::Task => "task",
        By::Tag => "tag",
        By::Tool => "tool",
        By::Mcp => "mcp_server",
        By::Commit => "commit",
    }
}

fn key(key: &Key) -> String {
    match key {
        Key::Branch { project, branch } => format!("{},{}", cell(project), cell(branch.as_deref().unwrap_or_default())),
        _ => cell(&key_text(key).unwrap_or_default()),
    }
}
