//! The person's own bracket around a piece of work: the fold of its journal.

pub(crate) mod fold;
pub(crate) mod join;
pub(crate) mod journal;
pub(crate) mod past;
pub(crate) mod rules;
pub(crate) mod time;

use std::fmt;
use std::str::FromStr;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;
use uuid::Uuid;

use crate::domain::commit::CommitId;
use crate::domain::session::journal::Logged;
use crate::domain::session::journal::Start;

/// What a session is known by; its time part is the instant of creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct SessionId(Uuid);

impl SessionId {
    pub(crate) fn new(id: Uuid) -> Self {
        Self(id)
    }

    /// The last eight characters, which are random: enough to tell a person's sessions apart.
    pub(crate) fn short(self) -> String {
        let text = self.to_string();
        text[text.len() - 8..].to_owned()
    }

    /// When the id was made; `None` for one without a time in it.
    pub(crate) fn created_at(self) -> Option<DateTime<Utc>> {
        let (seconds, nanos) = self.0.get_timestamp()?.to_unix();
        DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
    }

    /// Whether `typed` is the start of the id or of its short form.
    pub(crate) fn is_meant_by(self, typed: &str) -> bool {
        let typed = typed.to_lowercase();
        !typed.is_empty() && (self.to_string().starts_with(&typed) || self.short().starts_with(&typed))
    }
}

impl FromStr for SessionId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        Uuid::try_parse(text).map(Self)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// What a journal line is known by; entries and notes go by the line that made them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct LineId(pub(crate) Uuid);

impl fmt::Display for LineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Running,
    Paused { since: DateTime<Utc> },
    Ended { at: DateTime<Utc> },
    Cancelled { at: DateTime<Utc> },
}

impl State {
    /// Whether work may go on in it.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Running | Self::Paused { .. })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused { .. } => "paused",
            Self::Ended { .. } => "ended",
            Self::Cancelled { .. } => "cancelled",
        }
    }
}

/// Something logged by hand or by kind: a mark in the session, with what the person says it used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: LineId,
    pub(crate) at: DateTime<Utc>,
    pub(crate) logged: Logged,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) id: LineId,
    pub(crate) at: DateTime<Utc>,
    pub(crate) text: String,
}

/// A commit that the git hook saw while the session was running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotedCommit {
    pub(crate) at: DateTime<Utc>,
    pub(crate) hash: CommitId,
}

/// The stretch of work that an entry closes, as each entry is a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval<'a> {
    /// The mark before; `None` is the session's start, which belongs to the first interval.
    pub(crate) after: Option<DateTime<Utc>>,
    pub(crate) entry: &'a Entry,
}

impl Interval<'_> {
    /// Whether something at that instant of the session belongs to it.
    pub(crate) fn holds(&self, at: DateTime<Utc>) -> bool {
        self.after.is_none_or(|after| after < at) && at <= self.entry.at
    }
}

/// What of a journal could not be taken in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Damage {
    /// Lines that are no record: torn by a crash, or edited by hand.
    pub(crate) malformed: usize,
    /// Records of a kind that a newer version writes.
    pub(crate) newer: usize,
}

/// A session as it stands after all that its journal says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) start: Start,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) state: State,
    /// In order of time.
    pub(crate) entries: Vec<Entry>,
    /// In order of time.
    pub(crate) notes: Vec<Note>,
    pub(crate) commits: Vec<NotedCommit>,
    /// Spans in which no work was done, in order of time.
    pub(crate) pauses: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    /// The last change that `undo` would take back, and what it was.
    pub(crate) last_change: Option<(LineId, &'static str)>,
    pub(crate) damage: Damage,
}

/// What `edit` addresses: entries and notes, numbered together in order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item<'a> {
    Entry(&'a Entry),
    Note(&'a Note),
}

impl Item<'_> {
    pub(crate) fn at(&self) -> DateTime<Utc> {
        match self {
            Self::Entry(entry) => entry.at,
            Self::Note(note) => note.at,
        }
    }
}

impl Session {
    /// Entries and notes in order of time; the first has number 1.
    pub(crate) fn items(&self) -> Vec<Item<'_>> {
        let mut items: Vec<Item<'_>> = self.entries.iter().map(Item::Entry).collect();
        items.extend(self.notes.iter().map(Item::Note));
        items.sort_by_key(Item::at);
        items
    }

    /// Each entry's interval, in order of time. Entries of one instant share theirs.
    pub(crate) fn intervals(&self) -> impl Iterator<Item = Interval<'_>> {
        let (mut before, mut last) = (None, None);
        self.entries.iter().map(move |entry| {
            if last.is_some_and(|last| last < entry.at) {
                before = last;
            }
            last = Some(entry.at);
            Interval { after: before, entry }
        })
    }

    /// Whether work of that instant was work in this session: from start to end, pauses left out.
    pub(crate) fn holds(&self, at: DateTime<Utc>) -> bool {
        let paused =
            |from: DateTime<Utc>, until: Option<DateTime<Utc>>| from <= at && until.is_none_or(|until| at < until);
        let is_paused_still = matches!(self.state, State::Paused { since } if paused(since, None));
        self.started_at <= at
            && self.ended_at().is_none_or(|end| at < end)
            && !is_paused_still
            && !self.pauses.iter().any(|&(from, until)| paused(from, Some(until)))
    }

    /// When it ended, if it did.
    pub(crate) fn ended_at(&self) -> Option<DateTime<Utc>> {
        match self.state {
            State::Ended { at } | State::Cancelled { at } => Some(at),
            State::Running | State::Paused { .. } => None,
        }
    }

    /// From start to end, or to `now` while it is open, pauses taken out; never negative, whatever the clock did.
    pub(crate) fn wall_time(&self, now: DateTime<Utc>) -> TimeDelta {
        time::wall(self.started_at, self.until(now), &self.pauses_until(now))
    }

    /// Wall time without gaps longer than `most_gap` between one sign of work and the next, `also` being signs from
    /// elsewhere (commits).
    pub(crate) fn active_time(&self, now: DateTime<Utc>, most_gap: TimeDelta, also: &[DateTime<Utc>]) -> TimeDelta {
        let mut signs: Vec<DateTime<Utc>> = self.items().iter().map(Item::at).collect();
        signs.extend(self.commits.iter().map(|commit| commit.at));
        signs.extend(also);
        time::active(self.started_at, self.until(now), &signs, &self.pauses_until(now), most_gap)
    }

    fn until(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.ended_at().unwrap_or(now)
    }

    fn pauses_until(&self, now: DateTime<Utc>) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
        let mut pauses = self.pauses.clone();
        if let State::Paused { since } = self.state {
            pauses.push((since, now.max(since)));
        }
        pauses
    }
}
