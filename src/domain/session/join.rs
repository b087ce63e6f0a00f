//! What was measured while a session ran, set beside what the person logged.
//!
//! Measured beats stated beats estimated: where something was measured since the mark before, an entry's own figures are the
//! estimate of it, and count nowhere. The ledger keeps the same rules in SQL (`store::ledger::join`).

use chrono::DateTime;
use chrono::Utc;

use crate::domain::event::UsageEvent;
use crate::domain::session::Entry;
use crate::domain::session::Session;
use crate::domain::session::SessionId;
use crate::domain::session::State;
use crate::domain::session::journal::Basis;
use crate::domain::task::Task;
use crate::domain::tokens::TokenUsage;

/// From the mark before, or the start, to an entry; the last one from the last entry to the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stretch<'a> {
    /// What closes it; `None` behind the last entry.
    pub(crate) entry: Option<&'a Entry>,
    /// Whether the entry's own figures count.
    pub(crate) counts_entry: bool,
    /// In order of time. Of entries of one instant one has what was measured before all of them: see `Session::entry_for`.
    pub(crate) measured: Vec<&'a UsageEvent>,
}

/// What entries of one instant say was used since the mark before, and what was measured there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comparison<'a> {
    /// At least one; each with where its figures are from.
    pub(crate) said: Vec<(UsageEvent, Basis)>,
    /// In order of time; empty where the entries' own figures count.
    pub(crate) measured: Vec<&'a UsageEvent>,
}

/// Entries of one instant, and what was measured since those before, or since the start.
struct Mark<'a> {
    entries: &'a [Entry],
    measured: Vec<&'a UsageEvent>,
}

/// What puts sessions in the order of their right to what was measured.
pub(crate) type Precedence = (bool, i64, SessionId);

impl Session {
    /// Of sessions of a project that hold the same instant the greatest has it: the one that began last, which no end and no
    /// new start of work in another can change. Cancelled ones stand behind all that count.
    pub(crate) fn precedence(&self) -> Precedence {
        let counts = !matches!(self.state, State::Cancelled { .. });
        (counts, self.started_at.timestamp_millis(), self.id)
    }

    /// The entry for whose work it counts what was measured at an instant: of several that close the interval the first one
    /// that can be compared with it.
    pub(crate) fn entry_for(&self, at: DateTime<Utc>) -> Option<&Entry> {
        let holding = self.intervals().filter(|interval| interval.holds(at));
        holding.map(|interval| interval.entry).min_by_key(|entry| distance(entry))
    }

    /// The session in order of time; of `events`, which are in order too, those that lie in it.
    pub(crate) fn stretches<'a>(&'a self, events: &'a [UsageEvent]) -> Vec<Stretch<'a>> {
        let (marks, rest) = self.marks(events);
        let mut stretches: Vec<Stretch<'a>> = Vec::with_capacity(self.entries.len() + 1);
        for Mark { entries, mut measured } in marks {
            let is_measured = !measured.is_empty();
            let mut entries: Vec<&Entry> = entries.iter().collect();
            entries.sort_by_key(|entry| distance(entry));
            stretches.extend(entries.into_iter().map(|entry| Stretch {
                entry: Some(entry),
                counts_entry: entry.logged.extra || !is_measured,
                measured: std::mem::take(&mut measured),
            }));
        }
        if !rest.is_empty() {
            stretches.push(Stretch { entry: None, counts_entry: false, measured: rest });
        }
        stretches
    }

    /// What entries of a task used, as was measured, else as the person said: guesses do not count, nor what was measured of
    /// several entries together.
    pub(crate) fn used_for(&self, task: &Task, events: &[UsageEvent]) -> Vec<TokenUsage> {
        let is_alone = |entry: &Entry| {
            let beside = |other: &&Entry| other.at == entry.at && other.id != entry.id;
            !self.entries.iter().filter(beside).any(|other| !other.logged.extra && !other.logged.tokens.is_empty())
        };
        let used = |stretch: &Stretch<'_>| {
            let entry = stretch.entry.filter(|entry| entry.logged.task.as_ref() == Some(task))?;
            if stretch.counts_entry {
                (!entry.logged.basis.is_estimate()).then_some(entry.logged.tokens)
            } else {
                is_alone(entry).then(|| stretch.measured.iter().map(|event| event.tokens).sum())
            }
        };
        self.stretches(events).iter().filter_map(used).collect()
    }

    /// Every entry that has tokens and does not come on top, beside those of `events`, which are in order of time, that were
    /// measured in its interval.
    pub(crate) fn comparisons<'a>(&'a self, events: &'a [UsageEvent]) -> Vec<Comparison<'a>> {
        let said = |entry: &Entry| Some((UsageEvent::of_entry(self, entry)?, entry.logged.basis));
        let comparison = |Mark { entries, measured }: Mark<'a>| Comparison {
            said: entries.iter().filter(|entry| !entry.logged.extra).filter_map(said).collect(),
            measured,
        };
        let comparisons = self.marks(events).0.into_iter().map(comparison);
        comparisons.filter(|comparison| !comparison.said.is_empty()).collect()
    }

    /// Its marks in order of time, and what was measured behind the last one.
    fn marks<'a>(&'a self, events: &'a [UsageEvent]) -> (Vec<Mark<'a>>, Vec<&'a UsageEvent>) {
        let held: Vec<&UsageEvent> = events.iter().filter(|event| self.holds(event.at)).collect();
        let mut rest = held.as_slice();
        let mut marks = Vec::new();
        for entries in self.entries.chunk_by(|one, other| one.at == other.at) {
            let (measured, later) = rest.split_at(rest.partition_point(|event| event.at <= entries[0].at));
            marks.push(Mark { entries, measured: measured.to_vec() });
            rest = later;
        }
        (marks, rest.to_vec())
    }
}

/// How far an entry is from being an estimate of what was measured: one that comes on top is none, one without tokens says
/// nothing of it.
fn distance(entry: &Entry) -> (bool, bool) {
    (entry.logged.extra, entry.logged.tokens.is_empty())
}
