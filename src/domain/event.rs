//! One exchange with a model: the ledger's only kind of fact.

use std::fmt;

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::model::ModelId;
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
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Stated => "stated",
            Self::Estimated => "estimated",
            Self::LowerBound => "lower_bound",
        }
    }
}

/// Carries no cost: that is a function of event and price book, so that a corrected price corrects history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UsageEvent {
    pub(crate) id: EventId,
    pub(crate) at: DateTime<Utc>,
    pub(crate) model: ModelId,
    pub(crate) tokens: TokenUsage,
    pub(crate) precision: Precision,
    /// The main work tree's root of the project.
    pub(crate) project: String,
    pub(crate) session: Option<SessionId>,
    pub(crate) task: Option<Task>,
}

impl UsageEvent {
    /// The exchange that an entry of `session` states; `None` for one without tokens (infrastructure).
    pub(crate) fn of_entry(session: &Session, entry: &Entry) -> Option<Self> {
        let logged = &entry.logged;
        if logged.tokens.is_empty() {
            return None;
        }
        Some(Self {
            id: EventId::new(format!("entry:{}", entry.id)),
            at: entry.at,
            model: logged.model.clone(),
            tokens: logged.tokens,
            precision: if logged.basis.is_estimate() { Precision::Estimated } else { Precision::Stated },
            project: session.start.project.root.clone(),
            session: Some(session.id),
            task: logged.task.clone(),
        })
    }
}
