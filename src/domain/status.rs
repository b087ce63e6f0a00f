//! What Claude Code tells a status line of costs and limits.

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::money::Usd;

/// As much of one payload as is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeenStatus {
    pub(crate) conversation: String,
    /// Its cost so far, where the payload has one.
    pub(crate) total: Option<Usd>,
    pub(crate) limits: Vec<RateLimit>,
    pub(crate) at: DateTime<Utc>,
}

/// How much of a plan's limit is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RateLimit {
    pub(crate) window: LimitWindow,
    /// Thousandths of a per cent; may be more than all.
    pub(crate) used_millipercent: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) resets_at: Option<DateTime<Utc>>,
    pub(crate) seen_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LimitWindow {
    FiveHour,
    SevenDay,
}

impl LimitWindow {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FiveHour => "five_hour",
            Self::SevenDay => "seven_day",
        }
    }
}

/// What status lines said of a conversation's cost, a cumulative figure that `/clear` sets back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StatusCost {
    pub(crate) conversation: String,
    /// The greatest figure since it was last set back.
    pub(crate) total: Usd,
    /// What it had come to each time before it was set back.
    pub(crate) before: Usd,
    pub(crate) seen_at: DateTime<Utc>,
}
