//! One exchange with a model: the ledger's only kind of fact.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::price::Terms;
use crate::domain::session::Entry;
use crate::domain::session::Session;
use crate::domain::session::SessionId;
use crate::domain::task::Task;
use crate::domain::tokens::TokenUsage;

/// The same exchange has the same id wherever and however often it is read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct EventId(String);

impl EventId {
    pub(crate) fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How well the tokens of an event are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Precision {
    /// A counter of the vendor's.
    Measured,
    /// The person typed them.
    Stated,
    /// From text, a preset or a history.
    Estimated,
    /// A measured record that is known to be unfinished.
    LowerBound,
}

impl Precision {
    /// Whether a program wrote it down, and no person said it.
    pub(crate) fn is_measured(self) -> bool {
        matches!(self, Self::Measured | Self::LowerBound)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Stated => "stated",
            Self::Estimated => "estimated",
            Self::LowerBound => "lower_bound",
        }
    }
}

/// Where an exchange took place, and on whose behalf. Neighbouring exchanges share one.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Place {
    /// The main work tree's root: work trees and subdirectories are folded into it.
    pub(crate) project: String,
    /// Where the work was done; may be a subdirectory of the project or another of its work trees.
    pub(crate) directory: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) branch: Option<String>,
    /// Claude Code's `sessionId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) conversation: Option<String>,
    /// The kind of subagent; `None` is the main loop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) skill: Option<String>,
}

impl Place {
    /// What a subagent is called of which no kind is known.
    pub(crate) const UNNAMED_AGENT: &str = "subagent";
}

/// Carries no cost: that is a function of event and price book, so that a corrected price corrects history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UsageEvent {
    pub(crate) id: EventId,
    pub(crate) at: DateTime<Utc>,
    pub(crate) model: ModelId,
    pub(crate) tokens: TokenUsage,
    /// Tokens of the longest single prompt, which long-prompt tiers go by: `tokens` may be the sum of several requests
    /// of one tool loop on the server.
    pub(crate) prompt: u64,
    pub(crate) terms: Terms,
    pub(crate) precision: Precision,
    /// What an unfinished record's output probably is, from its content; never part of `tokens`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) likely_output: Option<u64>,
    /// What the source says that it cost; kept beside, never mixed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stated_cost: Option<Usd>,
    pub(crate) place: Arc<Place>,
    /// Names of the tools that the model called, `mcp__<server>__<tool>` among them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) tools: BTreeSet<String>,
    /// Whether a tool was told to `git commit`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) commits: bool,
    /// Of the program that wrote the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<SessionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) task: Option<Task>,
}

impl UsageEvent {
    /// The exchange that an entry of `session` states; `None` for one without tokens (infrastructure).
    pub(crate) fn of_entry(session: &Session, entry: &Entry) -> Option<Self> {
        let logged = &entry.logged;
        if logged.tokens.is_empty() {
            return None;
        }
        let place = Place {
            project: session.start.project.root.clone(),
            directory: session.start.directory.clone(),
            branch: session.start.branch.clone(),
            ..Place::default()
        };
        Some(Self {
            id: EventId::new(format!("entry:{}", entry.id)),
            at: entry.at,
            model: logged.model.clone(),
            tokens: logged.tokens,
            prompt: logged.tokens.prompt(),
            terms: Terms::default(),
            precision: if logged.basis.is_estimate() { Precision::Estimated } else { Precision::Stated },
            likely_output: None,
            stated_cost: None,
            place: Arc::new(place),
            tools: BTreeSet::new(),
            commits: false,
            version: None,
            session: Some(session.id),
            task: logged.task.clone(),
        })
    }
}
