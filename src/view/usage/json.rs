//! Usage in the shape that ccusage gives it, so that scripts need no change. Nothing is ever taken out of that shape; what
//! is added is `period`, `agent`, and what ccusage does not know.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::commit::CommitId;
use crate::domain::folder::directory_name;
use crate::domain::instant::written;
use crate::domain::model::ModelId;
use crate::domain::session::SessionId;
use crate::domain::tokens::TokenUsage;
use crate::report::usage::Row;
use crate::report::usage::Said;
use crate::report::usage::Total;
use crate::report::usage::Usage;
use crate::report::usage::UsageReport;
use crate::report::usage::entries::ConversationReport;
use crate::report::usage::key::By;
use crate::report::usage::key::Key;
use crate::view::json;
use crate::view::json::Amount;
use crate::view::usage::key_text;

const AGENT: &str = "claude";

#[derive(Serialize)]
struct Tokens {
    #[serde(rename = "inputTokens")]
    input: u64,
    #[serde(rename = "outputTokens")]
    output: u64,
    #[serde(rename = "cacheCreationTokens")]
    cache_write: u64,
    #[serde(rename = "cacheReadTokens")]
    cache_read: u64,
}

impl From<&TokenUsage> for Tokens {
    fn from(tokens: &TokenUsage) -> Self {
        Self {
            input: tokens.input,
            output: tokens.output,
            cache_write: tokens.cache_write(),
            cache_read: tokens.cache_read,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Figures<'a> {
    #[serde(flatten)]
    tokens: Tokens,
    total_tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_cost: Option<Amount>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unpriced_models: Vec<&'a ModelId>,
    /// Of answers whose count was never finished; in no total.
    #[serde(skip_serializing_if = "Option::is_none")]
    likely_missing_output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    likely_missing_cost: Option<Amount>,
    /// What of the total was typed, and what was estimated; measured is the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    stated_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stated_cost: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_cost: Option<Amount>,
}

impl<'a> Figures<'a> {
    fn of(usage: &'a Usage, has_costs: bool) -> Self {
        let total = &usage.total;
        let is_missing = total.missing_output > 0;
        let amount = |cost| has_costs.then_some(Amount(Some(cost)));
        let count = |said: Said| (said.tokens > 0).then_some(said.tokens);
        let price = |said: Said| count(said).and_then(|_| amount(said.cost));
        Self {
            tokens: (&total.tokens).into(),
            total_tokens: total.tokens.total(),
            total_cost: cost(total, has_costs),
            unpriced_models: usage.unpriced_models().filter(|_| has_costs).collect(),
            likely_missing_output_tokens: is_missing.then_some(total.missing_output),
            likely_missing_cost: amount(total.missing_cost).filter(|_| is_missing),
            stated_tokens: count(total.stated),
            stated_cost: price(total.stated),
            estimated_tokens: count(total.estimated),
            estimated_cost: price(total.estimated),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RowJson<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    period: Option<String>,
    agent: &'static str,
    #[serde(flatten)]
    figures: Figures<'a>,
    models_used: Vec<&'a ModelId>,
    model_breakdowns: Vec<ModelJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rows: Vec<RowJson<'a>>,
}

/// What a row is about, in the field that ccusage has for it.
#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Head<'a> {
    Day {
        date: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        project: Option<String>,
    },
    Week {
        week: String,
    },
    Month {
        month: String,
    },
    Hour {
        hour: u32,
    },
    Conversation {
        session_id: Option<&'a str>,
        title: Option<&'a str>,
        project_path: Option<String>,
        project_root: Option<&'a str>,
        last_activity: Option<String>,
        first_activity: Option<String>,
    },
    Project {
        project: &'a str,
    },
    Model {
        model: &'a ModelId,
    },
    Branch {
        branch: Option<&'a str>,
        project: &'a str,
    },
    Agent {
        subagent: Option<&'a str>,
    },
    Skill {
        skill: Option<&'a str>,
    },
    Session {
        /// Not `sessionId`: that is what ccusage calls a conversation.
        session: Option<SessionId>,
        name: Option<&'a str>,
    },
    Task {
        task: &'a str,
    },
    Tag {
        tag: Option<&'a str>,
    },
    Tool {
        tool: Option<&'a str>,
    },
    Mcp {
        mcp_server: Option<&'a str>,
    },
    Commit {
        commit: Option<&'a CommitId>,
        subject: Option<&'a str>,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ModelJson<'a> {
    model_name: &'a ModelId,
    #[serde(flatten)]
    tokens: Tokens,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<Amount>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    missing_pricing: bool,
}

/// How rows become JSON.
struct Writer<'a> {
    report: &'a UsageReport,
    has_costs: bool,
}

impl<'a> Writer<'a> {
    fn rows(&self, rows: &'a [Row], project: Option<&str>) -> Vec<RowJson<'a>> {
        rows.iter().map(|row| self.row(row, project)).collect()
    }

    fn row(&self, row: &'a Row, project: Option<&str>) -> RowJson<'a> {
        let models = row.usage.models_by_cost().into_iter().map(|(model, total)| ModelJson {
            model_name: model,
            tokens: (&total.tokens).into(),
            cost: cost(total, self.has_costs),
            missing_pricing: total.has_unpriced(),
        });
        RowJson {
            head: self.head(row, project),
            period: key_text(&row.key),
            agent: AGENT,
            figures: Figures::of(&row.usage, self.has_costs),
            models_used: row.usage.models.keys().collect(),
            model_breakdowns: models.collect(),
            rows: self.rows(&row.rows, None),
        }
    }

    fn title(&self, id: &str) -> Option<&'a str> {
        self.report.titles.get(id).map(String::as_str)
    }

    fn head(&self, row: &'a Row, project: Option<&str>) -> Head<'a> {
        let period = || key_text(&row.key).unwrap_or_default();
        match &row.key {
            Key::Day(_) => Head::Day { date: period(), project: project.map(ToOwned::to_owned) },
            Key::Week(_) => Head::Week { week: period() },
            Key::Month(_) => Head::Month { month: period() },
            Key::Hour(hour) => Head::Hour { hour: *hour },
            Key::Conversation(id) => {
                let root = row.usage.last_place.as_ref().map(|place| place.project.as_str());
                Head::Conversation {
                    session_id: id.as_deref(),
                    title: id.as_deref().and_then(|id| self.title(id)),
                    project_path: root.map(directory_name),
                    project_root: root,
                    last_activity: row.usage.span.map(|(_, last)| written(last)),
                    first_activity: row.usage.span.map(|(first, _)| written(first)),
                }
            }
            Key::Project(root) => Head::Project { project: root },
            Key::Model(model) => Head::Model { model },
            Key::Branch { project, branch } => Head::Branch { branch: branch.as_deref(), project },
            Key::Agent(agent) => Head::Agent { subagent: agent.as_deref() },
            Key::Skill(skill) => Head::Skill { skill: skill.as_deref() },
            Key::Session(id) => Head::Session { session: *id, name: id.and_then(|id| self.title(&id.to_string())) },
            Key::Task(work) => Head::Task { task: work.name() },
            Key::Tag(tag) => Head::Tag { tag: tag.as_deref() },
            Key::Tool(tool) => Head::Tool { tool: tool.as_deref() },
            Key::Mcp(server) => Head::Mcp { mcp_server: server.as_deref() },
            Key::Commit(id) => {
                Head::Commit { commit: id.as_ref(), subject: id.as_ref().and_then(|id| self.title(id.as_str())) }
            }
        }
    }
}

/// Rows below the name that ccusage has for them.
pub(crate) fn report(report: &UsageReport, has_costs: bool) -> anyhow::Result<String> {
    let writer = Writer { report, has_costs };
    let name = match report.by.as_slice() {
        [By::Day] => "daily",
        [By::Week(_)] => "weekly",
        [By::Month] => "monthly",
        [By::Conversation] => "sessions",
        _ => "breakdown",
    };
    document(name, &writer.rows(&report.rows, None), report, has_costs)
}

/// The days of each project, below the name of Claude Code's directory for it.
pub(crate) fn instances(report: &UsageReport, has_costs: bool) -> anyhow::Result<String> {
    let writer = Writer { report, has_costs };
    let mut projects: BTreeMap<String, Vec<RowJson<'_>>> = BTreeMap::new();
    for row in &report.rows {
        let project = directory_name(&key_text(&row.key).unwrap_or_default());
        let days = writer.rows(&row.rows, Some(&project));
        projects.entry(project).or_default().extend(days);
    }
    if projects.is_empty() {
        return document("daily", &[(); 0], report, has_costs);
    }
    document("projects", &projects, report, has_costs)
}

fn document<T: Serialize + ?Sized>(
    name: &str,
    rows: &T,
    report: &UsageReport,
    has_costs: bool,
) -> anyhow::Result<String> {
    #[derive(Serialize)]
    struct Document<'a, T: ?Sized> {
        #[serde(flatten)]
        rows: BTreeMap<&'a str, &'a T>,
        totals: Figures<'a>,
    }
    json::pretty(&Document { rows: BTreeMap::from([(name, rows)]), totals: Figures::of(&report.totals, has_costs) })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConversationJson<'a> {
    session_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(flatten)]
    cost: Option<TotalCost>,
    total_tokens: u64,
    entries: Vec<EntryJson<'a>>,
}

#[derive(Serialize)]
struct TotalCost {
    #[serde(rename = "totalCost")]
    cost: Amount,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EntryJson<'a> {
    timestamp: String,
    #[serde(flatten)]
    tokens: Tokens,
    model: &'a ModelId,
    #[serde(rename = "costUSD", skip_serializing_if = "Option::is_none")]
    cost: Option<Amount>,
}

/// One conversation, exchange by exchange; `null` where there is none.
pub(crate) fn conversation(report: Option<&ConversationReport>, has_costs: bool) -> anyhow::Result<String> {
    let json = report.map(|report| ConversationJson {
        session_id: &report.id,
        title: report.title.as_deref(),
        cost: cost(&report.total.total, has_costs).map(|cost| TotalCost { cost }),
        total_tokens: report.total.total.tokens.total(),
        entries: report
            .entries
            .iter()
            .map(|entry| EntryJson {
                timestamp: written(entry.at),
                tokens: (&entry.total.tokens).into(),
                model: &entry.model,
                cost: cost(&entry.total, has_costs),
            })
            .collect(),
    });
    json::pretty(&json)
}

fn cost(total: &Total, has_costs: bool) -> Option<Amount> {
    has_costs.then(|| Amount(total.known_cost()))
}
