//! What was measured while a session ran, set beside what the person logged.
//!
//! Measured beats stated beats estimated: where something was measured since the mark before, an entry's own figures are the
//! estimate of it, and count nowhere. The ledger keeps the same rule for closed sessions (`store::ledger::join`).

use std::ops::Range;

use crate::domain::event::UsageEvent;
use crate::domain::session::Entry;
use crate::domain::session::Interval;
use crate::domain::session::Session;
use crate::domain::session::journal::Basis;

/// From the mark before, or the start, to an entry; the last one from the last entry to the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stretch<'a> {
    /// What closes it; `None` behind the last entry.
    pub(crate) entry: Option<&'a Entry>,
    /// Whether the entry's own figures count.
    pub(crate) counts_entry: bool,
    /// In order of time. Of entries of one instant the first has what was measured before all of them.
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

impl Session {
    /// The session in order of time; of `events`, which are in order too, those that lie in it.
    pub(crate) fn stretches<'a>(&'a self, events: &'a [UsageEvent]) -> Vec<Stretch<'a>> {
        let held: Vec<&UsageEvent> = events.iter().filter(|event| self.holds(event.at)).collect();
        let mut given = 0;
        let mut stretches: Vec<Stretch<'a>> = Vec::with_capacity(self.entries.len() + 1);
        for interval in self.intervals() {
            let Range { start: begin, end } = within(&held, &interval);
            let entry = interval.entry;
            let measured = held[given.max(begin)..end.max(given)].to_vec();
            stretches.push(Stretch { entry: Some(entry), counts_entry: entry.logged.extra || begin == end, measured });
            given = end.max(given);
        }
        if given < held.len() {
            stretches.push(Stretch { entry: None, counts_entry: false, measured: held[given..].to_vec() });
        }
        stretches
    }
    /// Every entry that has tokens and does not come on top, beside those of `events`, which are in order of time, that were
    /// measured in its interval.
    pub(crate) fn comparisons<'a>(&self, events: &'a [UsageEvent]) -> Vec<Comparison<'a>> {
        let held: Vec<&UsageEvent> = events.iter().filter(|event| self.holds(event.at)).collect();
        let mut comparisons: Vec<Comparison<'a>> = Vec::new();
        for interval in self.intervals().filter(|interval| !interval.entry.logged.extra) {
            let Some(event) = UsageEvent::of_entry(self, interval.entry) else { continue };
            let said = (event, interval.entry.logged.basis);
            match comparisons.last_mut() {
                Some(last) if last.said[0].0.at == said.0.at => last.said.push(said),
                _ => {
                    let measured = held[within(&held, &interval)].to_vec();
                    comparisons.push(Comparison { said: vec![said], measured });
                }
            }
        }
        comparisons
    }
}

/// Where in `held`, which is in order of time, an interval begins and ends.
fn within(held: &[&UsageEvent], interval: &Interval<'_>) -> Range<usize> {
    let begin = interval.after.map_or(0, |after| held.partition_point(|event| event.at <= after));
    begin..held.partition_point(|event| event.at <= interval.entry.at)
}
