//! The lines of a session's journal: one for each thing that happened, appended, never changed.

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::domain::infra::InfraUse;
use crate::domain::instant;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::session::LineId;
use crate::domain::session::time_ordered;
use crate::domain::task::Task;
use crate::domain::tokens::TokenUsage;

/// The form of the lines that this version writes; fields that only get added do not raise it.
pub(crate) const VERSION: u32 = 1;

/// One thing that happened, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    #[serde(rename = "v")]
    version: u32,
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
}

/// A line as it is on disk.
#[derive(Deserialize)]
struct WireLine<W> {
    id: LineId,
    #[serde(deserialize_with = "instant::from_rfc3339")]
    at: DateTime<Utc>,
    #[serde(default, deserialize_with = "instant::from_rfc3339_if_any")]
    recorded_at: Option<DateTime<Utc>>,
    what: W,
    v: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    Malformed,
    Newer,
}

impl Line {
    pub(crate) fn new(at: DateTime<Utc>, now: DateTime<Utc>, what: Happening) -> Self {
        Self { version: VERSION, id: LineId(time_ordered(now)), at, recorded_at: now, what }
    }

    pub(crate) fn parse(text: &str) -> Result<Self, Unread> {
        let Ok(wire) = serde_json::from_str::<WireLine<Happening>>(text) else {
            // A whole line with anything else in `what` is of a kind from a newer version, which is no damage.
            let is_whole = serde_json::from_str::<WireLine<&RawValue>>(text).is_ok();
            return Err(if is_whole { Unread::Newer } else { unread(text) });
        };
        let recorded_at = wire.recorded_at.unwrap_or(wire.at);
        Ok(Self { version: wire.v, id: wire.id, at: wire.at, recorded_at, what: wire.what })
    }

    /// The line as it is written, without a line break.
    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string(self).expect("a line holds only text, numbers and instants")
    }
}

/// Why a line is none: a newer version may have given it another form altogether.
fn unread(text: &str) -> Unread {
    #[derive(Deserialize)]
    struct Versioned {
        v: u32,
    }
    match serde_json::from_str(text) {
        Ok(Versioned { v }) if v > VERSION => Unread::Newer,
        _ => Unread::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_survives_the_disk() {
        let at = "2026-11-23T12:00:00Z".parse().unwrap();
        for what in [Happening::Paused, Happening::Noted { text: "a \"b\"\n\u{1b}{{ c }}".to_owned() }] {
            let line = Line::new(at, at, what);
            assert!(!line.to_text().contains('\n'));
            assert_eq!(Line::parse(&line.to_text()), Ok(line));
        }
    }

    #[test]
    fn a_kind_from_a_newer_version_is_not_damage() {
        let known = r#"{"v":1,"id":"019aa0e2-0000-7000-8000-000000000001","at":"2026-11-23T12:00:00Z","what":"paused","more":1}"#;
        assert!(Line::parse(known).is_ok());
        assert_eq!(Line::parse(&known.replace("paused", "teleported")), Err(Unread::Newer));
        assert_eq!(Line::parse(r#"{"v":2,"when":{"day":"2026-11-23"}}"#), Err(Unread::Newer));
        assert_eq!(Line::parse(r#"{"v":1,"when":{"day":"2026-11-23"}}"#), Err(Unread::Malformed));
        for cut in 0..known.len() {
            assert_eq!(Line::parse(&known[..cut]), Err(Unread::Malformed), "{cut}");
        }
    }
}
