//! Events as lines of JSON or CSV.

use std::collections::BTreeSet;

use crate::domain::instant;
use crate::report::export::ExportRow;
use crate::view::csv::cell;
use crate::view::json;

const CSV_HEADER: &str = "id,at,model,input_tokens,output_tokens,cache_write_5m_tokens,cache_write_1h_tokens,\
    cache_read_tokens,web_searches,prompt_tokens,speed,tier,us_only,precision,likely_output_tokens,stated_cost_usd,\
    cost_usd,project,directory,branch,conversation,agent,skill,tools,version,session,task\n";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    Csv,
}

impl Form {
    /// What comes before the first line.
    pub(crate) fn header(self) -> &'static str {
        match self {
            Self::Json => "",
            Self::Csv => CSV_HEADER,
        }
    }

    pub(crate) fn line(self, row: &ExportRow<'_>) -> anyhow::Result<String> {
        let mut line = match self {
            Self::Json => json::line(row)?,
            Self::Csv => csv(row)?,
        };
        line.push('\n');
        Ok(line)
    }
}

fn csv(row: &ExportRow<'_>) -> anyhow::Result<String> {
    let text = |text: Option<&str>| text.map(cell).unwrap_or_default();
    let cells = [
        cell(row.id.as_str()),
        instant::written(row.at),
        cell(row.model.as_str()),
        row.input_tokens.to_string(),
        row.output_tokens.to_string(),
        row.cache_write_5m_tokens.to_string(),
        row.cache_write_1h_tokens.to_string(),
        row.cache_read_tokens.to_string(),
        row.web_searches.to_string(),
        row.prompt_tokens.to_string(),
        word(&row.speed)?,
        word(&row.tier)?,
        row.us_only.to_string(),
        row.precision.to_owned(),
        or_empty(row.likely_output_tokens),
        or_empty(row.stated_cost_usd),
        or_empty(row.cost_usd),
        cell(row.project),
        cell(row.directory),
        text(row.branch),
        text(row.conversation),
        text(row.agent),
        text(row.skill),
        cell(&tools(row.tools)),
        text(row.version),
        or_empty(row.session),
        text(row.task.map(ToString::to_string).as_deref()),
    ];
    Ok(cells.join(","))
}

/// A kind by the name that it has in JSON.
fn word<T: serde::Serialize>(kind: &T) -> anyhow::Result<String> {
    let text = serde_json::to_string(kind)?;
    Ok(if text == "null" { String::new() } else { text.trim_matches('"').to_owned() })
}

fn or_empty<T: ToString>(known: Option<T>) -> String {
    known.map(|known| known.to_string()).unwrap_or_default()
}

fn tools(tools: &BTreeSet<String>) -> String {
    tools.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}
