//! What Claude Code says of a running conversation at each turn. Its figures are kept beside ours and never mixed in.

use std::path::PathBuf;

use chrono::DateTime;
use chrono::Utc;
use clap::ValueEnum;

use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::ratio::Ratio;
use crate::domain::status::LimitWindow;
use crate::domain::status::RateLimit;
use crate::domain::status::SeenStatus;

/// Nothing of it is sure to be there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Live {
    /// Claude Code's `sessionId`.
    pub(crate) conversation: Option<String>,
    /// The conversation's own file.
    pub(crate) transcript: Option<PathBuf>,
    /// Where the conversation is now.
    pub(crate) directory: Option<PathBuf>,
    pub(crate) model: Option<ModelId>,
    /// The model's name as Claude Code shows it.
    pub(crate) model_name: Option<String>,
    /// What the conversation has cost: a running total, which begins again at zero after `/clear`.
    pub(crate) cost: Option<Usd>,
    pub(crate) context: ContextWindow,
    pub(crate) limits: Limits,
}

/// How full the model's context is, by the last answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ContextWindow {
    pub(crate) tokens: Option<u64>,
    pub(crate) used: Option<Ratio>,
}

/// What of a subscription's limits is used up; each comes and goes on its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) five_hours: Option<Limit>,
    pub(crate) seven_days: Option<Limit>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) used: Ratio,
    pub(crate) resets_at: Option<DateTime<Utc>>,
}

impl Live {
    /// What is worth keeping of it; `None` without a conversation that it belongs to.
    pub(crate) fn seen(&self, at: DateTime<Utc>) -> Option<SeenStatus> {
        let limits = [(LimitWindow::FiveHour, self.limits.five_hours), (LimitWindow::SevenDay, self.limits.seven_days)];
        let limits = limits.into_iter().filter_map(|(window, limit)| {
            let Limit { used, resets_at } = limit?;
            Some(RateLimit { window, used_millipercent: u64::try_from(used.rounded(5)).ok()?, resets_at, seen_at: at })
        });
        Some(SeenStatus { conversation: self.conversation.clone()?, total: self.cost, limits: limits.collect(), at })
    }
}

/// Whose figure a conversation's cost is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CostSource {
    /// Claude Code's where it gives one, else ours
    #[default]
    Auto,
    /// Ours, from the ledger
    #[value(alias = "ccusage")]
    Ours,
    /// Claude Code's
    Cc,
    /// Both
    Both,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_belongs_to_a_conversation() {
        let at = DateTime::UNIX_EPOCH;
        assert_eq!(Live::default().seen(at), None);
        let limit = Some(Limit { used: Ratio::of(235, 1000).unwrap(), resets_at: Some(at) });
        let live = Live {
            conversation: Some("S1".to_owned()),
            cost: Some("0.5".parse().unwrap()),
            limits: Limits { five_hours: None, seven_days: limit },
            ..Live::default()
        };
        let seen = live.seen(at).unwrap();
        assert_eq!((seen.conversation.as_str(), seen.total, seen.at), ("S1", live.cost, at));
        let window = LimitWindow::SevenDay;
        assert_eq!(seen.limits, [RateLimit { window, used_millipercent: 23_500, resets_at: Some(at), seen_at: at }]);
    }
}
