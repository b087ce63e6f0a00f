//! Which commit paid for what: each part of a cost goes to one commit, or to none, and all together are the whole.

use std::collections::HashMap;

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
    /// The transcript shows the `git commit`: what its conversation spent up to there is the commit's.
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
    /// What no commit followed.
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
    /// One for each part; `None` is what no commit followed.
    pub(crate) of_parts: Vec<Option<usize>>,
    /// One for each commit.
    pub(crate) methods: Vec<Method>,
}

/// The same part by part.
pub(crate) fn owners(commits: &[DateTime<Utc>], parts: &[Part<'_>]) -> Owners {
    let calls = calls(commits, parts);
    let methods = calls.iter().map(|call| if call.is_some() { Method::Exact } else { Method::Window }).collect();
    // Of each conversation the commits that it made, and the place of the call among the parts.
    let mut made: HashMap<&str, Vec<(usize, usize)>> = HashMap::new();
    for (commit, call) in calls.iter().enumerate() {
        if let Some(call) = *call
            && let Some(conversation) = parts[call].conversation()
        {
            made.entry(conversation).or_default().push((call, commit));
        }
    }
    let owner = |(place, part): (usize, &Part<'_>)| {
        let own = part.conversation().and_then(|conversation| made.get(conversation));
        let own = own.and_then(|made| made.iter().find(|(call, _)| place <= *call)).map(|(_, commit)| *commit);
        own.or_else(|| {
            let next = commits.partition_point(|commit| commit.timestamp() < part.at.timestamp());
            (next < commits.len()).then_some(next)
        })
    };
    Owners { of_parts: parts.iter().enumerate().map(owner).collect(), methods }
}

/// For each commit the place of the exchange that called for it: the last one that did before the commit, if its
/// conversation had not gone on by then.
fn calls(commits: &[DateTime<Utc>], parts: &[Part<'_>]) -> Vec<Option<usize>> {
    let call_of = |commit: &DateTime<Utc>| {
        let second = commit.timestamp();
        let until = parts.partition_point(|part| part.at.timestamp() <= second);
        let from = parts.partition_point(|part| (*commit - part.at).num_minutes() > LONGEST_CALL_MINUTES);
        let nearby = parts.get(from..until)?;
        let call = from + nearby.iter().rposition(|part| part.event.is_some_and(|event| event.commits))?;
        let has_gone_on = parts[call + 1..until].iter().any(|part| {
            part.conversation() == parts[call].conversation()
                && part.at.timestamp() < second
                && part.event.is_some_and(|event| {
                    event.place.agent == parts[call].event.and_then(|call| call.place.agent.clone())
                })
        });
        (!has_gone_on).then_some(call)
    };
    commits.iter().map(call_of).collect()
}
