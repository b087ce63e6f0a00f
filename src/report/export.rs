//! An event as other programs get it: everything that is known of it but the words that were exchanged.

use std::collections::BTreeSet;

use chrono::DateTime;
use chrono::Utc;
use serde::Serialize;

use crate::domain::event::EventId;
use crate::domain::event::UsageEvent;
use crate::domain::instant;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::price::PriceBook;
use crate::domain::price::Speed;
use crate::domain::price::Tier;
use crate::domain::session::SessionId;
use crate::domain::task::Task;

/// Every field is in every line, `null` where there is nothing to say.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ExportRow<'a> {
    pub(crate) id: &'a EventId,
    #[serde(serialize_with = "instant::in_milliseconds")]
    pub(crate) at: DateTime<Utc>,
    pub(crate) model: &'a ModelId,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    pub(crate) cache_write_5m_tokens: u64,
    pub(crate) cache_write_1h_tokens: u64,
    pub(crate) cache_read_tokens: u64,
    pub(crate) web_searches: u64,
    /// Tokens of the longest single prompt.
    pub(crate) prompt_tokens: u64,
    pub(crate) speed: Option<Speed>,
    pub(crate) tier: Tier,
    pub(crate) us_only: bool,
    pub(crate) precision: &'static str,
    /// What an unfinished record's output probably is; not in `output_tokens`.
    pub(crate) likely_output_tokens: Option<u64>,
    /// By the source's own word.
    pub(crate) stated_cost_usd: Option<Usd>,
    pub(crate) cost_usd: Option<Usd>,
    pub(crate) project: &'a str,
    pub(crate) directory: &'a str,
    pub(crate) branch: Option<&'a str>,
    pub(crate) conversation: Option<&'a str>,
    pub(crate) agent: Option<&'a str>,
    pub(crate) skill: Option<&'a str>,
    pub(crate) tools: &'a BTreeSet<String>,
    pub(crate) version: Option<&'a str>,
    pub(crate) session: Option<SessionId>,
    pub(crate) task: Option<&'a Task>,
}

pub(crate) fn row<'a>(event: &'a UsageEvent, prices: &PriceBook) -> ExportRow<'a> {
    let cost = prices
        .resolve(&event.model)
        .and_then(|model| model.cost_of_prompt(event.at, &event.tokens, event.prompt, &event.terms));
    ExportRow {
        id: &event.id,
        at: event.at,
        model: &event.model,
        input_tokens: event.tokens.input,
        output_tokens: event.tokens.output,
        cache_write_5m_tokens: event.tokens.cache_write_5m,
        cache_write_1h_tokens: event.tokens.cache_write_1h,
        cache_read_tokens: event.tokens.cache_read,
        web_searches: event.tokens.web_searches,
        prompt_tokens: event.prompt,
        speed: event.terms.speed,
        tier: event.terms.tier,
        us_only: event.terms.us_only,
        precision: event.precision.name(),
        likely_output_tokens: event.likely_output,
        stated_cost_usd: event.stated_cost,
        cost_usd: cost.map(|cost| cost.total()),
        project: &event.place.project,
        directory: &event.place.directory,
        branch: event.place.branch.as_deref(),
        conversation: event.place.conversation.as_deref(),
        agent: event.place.agent.as_deref(),
        skill: event.place.skill.as_deref(),
        tools: &event.tools,
        version: event.version.as_deref(),
        session: event.session,
        task: event.task.as_ref(),
    }
}
