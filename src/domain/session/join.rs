//! What was measured while a session ran, set beside what the person logged.
//!
//! Measured beats stated beats estimated: where something was measured since the mark before, an entry's own figures are the
//! estimate of it, and count nowhere. The ledger's `store::ledger::join` holds the same rule for closed sessions.

use chrono::DateTime;
use chrono::Utc;

use crate::domain::event::UsageEvent;
use crate::domain::session::Entry;
use crate::domain::session::Session;
use crate::domain::session::State;

/// From the mark before, or the start, to an entry; the last one from the last entry to the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stretch<'a> {
    /// What closes it; `None` behind the last entry.
    pub(crate) entry: Option<&'a Entry>,
    /// In order of time.
    pub(crate) measured: Vec<&'a UsageEvent>,
}

impl Stretch<'_> {
    /// Whether the entry's own figures count.
    pub(crate) fn counts_entry(&self) -> bool {
        self.entry.is_some_and(|entry| entry.logged.extra || self.measured.is_empty())
    }
}

impl Session {
    /// The session in order of time; of `events`, which are in order too, those that lie in it.
    pub(crate) fn stretches<'a>(&'a self, events: &'a [UsageEvent]) -> Vec<Stretch<'a>> {
        let mut events = events.iter().filter(|event| self.is_worked_at(event.at)).peekable();
        let mut stretches: Vec<Stretch<'a>> = Vec::with_capacity(self.entries.len() + 1);
        for entry in &self.entries {
            let measured = std::iter::from_fn(|| events.next_if(|event| event.at <= entry.at)).collect();
            stretches.push(Stretch { entry: Some(entry), measured });
        }
        let rest: Vec<_> = events.collect();
        if !rest.is_empty() {
            stretches.push(Stretch { entry: None, measured: rest });
        }
        stretches
    }

    /// Whether the session ran at that instant, and was not paused.
    fn is_worked_at(&self, at: DateTime<Utc>) -> bool {
        let is_paused = match self.state {
            State::Paused { since } => since <= at,
            State::Running | State::Ended { .. } | State::Cancelled { .. } => false,
        };
        self.started_at <= at
            && self.ended_at().is_none_or(|end| at < end)
            && !is_paused
            && !self.pauses.iter().any(|&(paused, resumed)| paused <= at && at < resumed)
    }
}
