//! Which commit paid for what: each part of a cost goes to one commit, or to none, and all together are the whole.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use chrono::DateTime;
use chrono::Utc;
use serde::Serialize;

use crate::domain::event::UsageEvent;
use crate::domain::money::Usd;

/// An exchange takes minutes at most until the tool that it calls has run.
const LONGEST_CALL_MINUTES: i64 = 15;

/// How it is known what was spent on a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Method {
    /// The transcript shows the `git commit`: what its conversation spent up to there is the commit's, and nothing else.
    Exact,
    /// What was spent since the commit before.
    Window,
}

/// A part of a cost, at an instant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) at: DateTime<Utc>,
    /// The exchange, if it was measured.
    pub(crate) event: Option<&'a UsageEvent>,
    pub(crate) cost: Usd,
    pub(crate) unpriced_tokens: u64,
}

impl Part<'_> {
    fn conversation(&self) -> Option<&str> {
        self.event?.place.conversation.as_deref()
    }
}

/// An amount, and tokens without a price beside it.
pub(crate) type Spent = (Usd, u64);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shares {
    /// One for each commit, in their order.
    pub(crate) sums: Vec<Spent>,
    pub(crate) methods: Vec<Method>,
    /// What went to no commit.
    pub(crate) rest: Spent,
}

/// Commits and parts are in order of time. A part in the second of a commit is before it, for git keeps no finer time.
pub(crate) fn by_commit(commits: &[DateTime<Utc>], parts: &[Part<'_>]) -> Shares {
    let Owners { of_parts, methods } = owners(commits, parts);
    let mut shares = Shares { sums: vec![Spent::default(); commits.len()], methods, rest: Spent::default() };
    for (part, owner) in parts.iter().zip(of_parts) {
        let sum = owner.map_or(&mut shares.rest, |commit| &mut shares.sums[commit]);
        *sum = (sum.0 + part.cost, sum.1 + part.unpriced_tokens);
    }
    shares
}

/// Whose each part is, by the places of commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owners {
    /// One for each part; `None` is what went to no commit.
    pub(crate) of_parts: Vec<Option<usize>>,
    /// One for each commit.
    pub(crate) methods: Vec<Method>,
}

/// The same part by part.
///
/// Commits take their parts in order of time: one whose call is known what its conversation spent up to there, any other
/// all that was spent up to then and went to none before.
pub(crate) fn owners(commits: &[DateTime<Utc>], parts: &[Part<'_>]) -> Owners {
    let calls = calls(commits, parts);
    let mut of_parts = vec![None; parts.len()];
    // The places of parts that went to no commit so far, by their conversation.
    let mut waiting: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
    let mut next = 0;
    for (number, (commit, call)) in commits.iter().zip(&calls).enumerate() {
        let until = until(parts, *commit);
        for (place, part) in parts.iter().enumerate().take(until).skip(next) {
            waiting.entry(part.conversation()).or_default().push(place);
        }
        next = next.max(until);
        let taken = match call {
            Some(call) => {
                let own = waiting.entry(parts[*call].conversation()).or_default();
                own.drain(..own.partition_point(|place| place <= call)).collect()
            }
            None => std::mem::take(&mut waiting).into_values().flatten().collect::<Vec<_>>(),
        };
        for place in taken {
            of_parts[place] = Some(number);
        }
    }
    let methods = calls.iter().map(|call| if call.is_some() { Method::Exact } else { Method::Window }).collect();
    Owners { of_parts, methods }
}

/// For each commit the place of the exchange that called for it: of those shortly before whose conversation had not gone
/// on by then, the first that made no commit yet; one call may make several.
fn calls(commits: &[DateTime<Utc>], parts: &[Part<'_>]) -> Vec<Option<usize>> {
    let mut used = BTreeSet::new();
    let call_of = |commit: &DateTime<Utc>| {
        let until = until(parts, *commit);
        let from = parts.partition_point(|part| (*commit - part.at).num_minutes() > LONGEST_CALL_MINUTES);
        let is_call = |place: &usize| {
            let event = parts[*place].event.filter(|event| event.commits);
            event.is_some_and(|event| !has_gone_on(event, &parts[place + 1..until], *commit))
        };
        let nearby: Vec<usize> = (from..until).filter(is_call).collect();
        let call = nearby.iter().find(|call| !used.contains(*call)).or(nearby.last()).copied()?;
        used.insert(call);
        Some(call)
    };
    commits.iter().map(call_of).collect()
}

/// How many parts are before a commit.
fn until(parts: &[Part<'_>], commit: DateTime<Utc>) -> usize {
    parts.partition_point(|part| part.at.timestamp() <= commit.timestamp())
}

/// Whether who called went on before the commit: then another call made it.
fn has_gone_on(call: &UsageEvent, later: &[Part<'_>], commit: DateTime<Utc>) -> bool {
    let is_same = |event: &UsageEvent| {
        (&event.place.conversation, &event.place.agent) == (&call.place.conversation, &call.place.agent)
    };
    later.iter().any(|part| part.at.timestamp() < commit.timestamp() && part.event.is_some_and(is_same))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::event::Place;
    use crate::domain::tokens::TokenUsage;
    use crate::report::session::fixture::at;
    use crate::report::session::fixture::entry;
    use crate::report::session::fixture::session;

    fn after(seconds: i64) -> DateTime<Utc> {
        at(0) + TimeDelta::try_seconds(seconds).unwrap()
    }

    /// An exchange at a second, in a conversation, perhaps calling for a commit.
    fn exchange(second: i64, conversation: &str, commits: bool) -> UsageEvent {
        let event = UsageEvent::of_entry(&session(Vec::new()), &entry(0, TokenUsage::new(1, 1))).unwrap();
        let place = Place { conversation: Some(conversation.to_owned()), ..(*event.place).clone() };
        UsageEvent { at: after(second), place: place.into(), commits, ..event }
    }

    fn owned(commits: &[i64], exchanges: &[(i64, &str, bool)]) -> (Vec<Option<usize>>, String) {
        let events: Vec<_> = exchanges.iter().map(|&(second, name, commits)| exchange(second, name, commits)).collect();
        let parts =
            events.iter().map(|event| Part { at: event.at, event: Some(event), cost: Usd::ZERO, unpriced_tokens: 0 });
        let parts: Vec<Part<'_>> = parts.collect();
        let commits: Vec<_> = commits.iter().map(|&second| after(second)).collect();
        let Owners { of_parts, methods } = owners(&commits, &parts);
        (of_parts, methods.iter().map(|method| if *method == Method::Exact { 'e' } else { 'w' }).collect())
    }

    #[test]
    fn commits_by_hand_have_what_was_spent_before_them() {
        let spent = [(30, "x", false), (90, "x", false), (110, "y", false), (130, "x", true), (140, "x", false)];
        let expected = vec![Some(0), Some(1), None, Some(2), None];
        assert_eq!(owned(&[60, 100, 135], &spent), (expected, "wwe".to_owned()));
        // What another conversation spent waits for the next commit that is not known to be someone's.
        let expected = vec![Some(0), Some(1), Some(3), Some(2), Some(3)];
        assert_eq!(owned(&[60, 100, 135, 300], &spent), (expected, "wwew".to_owned()));
    }

    #[test]
    fn each_call_makes_its_own_commit() {
        let calls = [(1, "x", true), (4, "y", true)];
        assert_eq!(owned(&[7, 9], &calls), (vec![Some(0), Some(1)], "ee".to_owned()));
        assert_eq!(owned(&[2, 5, 6], &calls), (vec![Some(0), Some(1)], "eee".to_owned()), "or several");
        let failed = [(1, "x", true), (3, "x", false), (4, "y", true)];
        assert_eq!(owned(&[7], &failed), (vec![None, None, Some(0)], "e".to_owned()));
        assert_eq!(owned(&[2000], &calls), (vec![Some(0), Some(0)], "w".to_owned()), "long ago");
    }
}
