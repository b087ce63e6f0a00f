//! The lines of a session's journal: one for each thing that happened, appended, never changed.

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::infra::InfraUse;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::session::LineId;
use crate::domain::task::Task;
use crate::domain::tokens::TokenUsage;

/// The form of the lines that this version writes; fields that only get added do not raise it.
pub(crate) const VERSION: u32 = 1;

/// One thing that happened, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    #[serde(rename = "v")]
    pub(crate) version: u32,
    pub(crate) id: LineId,
    /// When it holds, as the person said with `--at`.
    pub(crate) at: DateTime<Utc>,
    /// When it was written.
    pub(crate) recorded_at: DateTime<Utc>,
    pub(crate) what: Happening,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Happening {
    Started(Box<Start>),
    Logged(Box<Logged>),
    Noted {
        text: String,
    },
    /// The git hook saw a commit.
    Committed {
        hash: String,
    },
    Paused,
    Resumed,
    Ended,
    Cancelled,
    /// Opened again after its end.
    Continued,
    /// The line of that id does not count any more.
    Undone {
        line: LineId,
    },
    /// The session's own facts are now these.
    SessionEdited {
        started_at: DateTime<Utc>,
        becomes: Box<Start>,
    },
    /// The entry that this line made is now this.
    EntryEdited {
        entry: LineId,
        at: DateTime<Utc>,
        becomes: Box<Logged>,
    },
    NoteEdited {
        note: LineId,
        at: DateTime<Utc>,
        text: String,
    },
    /// The entry or note that this line made is gone.
    Removed {
        item: LineId,
    },
}

/// Where the work belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Project {
    pub(crate) name: String,
    /// The main work tree's root, or the directory itself outside a repository.
    pub(crate) root: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Start {
    pub(crate) name: String,
    pub(crate) project: Project,
    /// Where `start` was typed.
    pub(crate) directory: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) branch: Option<String>,
    /// The model of entries that name none.
    pub(crate) model: ModelId,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ticket: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<String>,
    /// What the person thinks it will cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) estimate: Option<Usd>,
    /// What it should not cost more than.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) budget: Option<Usd>,
    /// The person's own price, a work hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rate: Option<Usd>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Logged {
    pub(crate) text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) task: Option<Task>,
    pub(crate) model: ModelId,
    #[serde(default)]
    pub(crate) tokens: TokenUsage,
    pub(crate) basis: Basis,
    /// On top of what is measured in its interval, not an estimate of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) extra: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) infra: Vec<InfraUse>,
}

/// Where an entry's tokens are from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Basis {
    /// The person typed them.
    Typed,
    /// The preset of the task.
    Preset,
    /// The median of this many earlier entries of the task.
    History { entries: u32 },
    /// Counted from text; right to within so many per cent, four times out of five.
    Text { band_percent: u64 },
}

impl Basis {
    pub(crate) fn is_estimate(self) -> bool {
        self != Self::Typed
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Typed => "typed",
            Self::Preset => "preset",
            Self::History { .. } => "history",
            Self::Text { .. } => "text",
        }
    }
}

impl Line {
    pub(crate) fn new(id: LineId, at: DateTime<Utc>, recorded_at: DateTime<Utc>, what: Happening) -> Self {
        Self { version: VERSION, id, at, recorded_at, what }
    }
}
