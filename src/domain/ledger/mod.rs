//! The rules by which many records of one exchange become one event, whatever their order and however often they come.
//!
//! Claude Code writes an answer once for each content block, copies history into the file of a resumed or forked
//! conversation, and repeats the parent's lines in a subagent's file: a sum over lines is two to fifteen times too high.

mod sum;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::event::EventId;
use crate::domain::event::Precision;
use crate::domain::event::UsageEvent;
use crate::domain::tokens::TokenUsage;

pub(crate) use self::sum::UsageSum;
pub(crate) use self::sum::prompt_class;
pub(crate) use self::sum::quarter;

/// What one line of a transcript says of an exchange, or several lines together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The API's request id; `None` where gateways and old versions give none. The exchange itself is `event.id`: the
    /// message's id, never a path or a conversation, for copies lie in other files under other conversations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) request: Option<String>,
    pub(crate) event: UsageEvent,
    pub(crate) claim: Claim,
    pub(crate) output: Output,
}

/// How good a right a record's file has to call the exchange its own: the least claim is the best.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Claim {
    /// A subagent's line; it may repeat the parent's.
    pub(crate) is_sidechain: bool,
    /// The line says that it was copied (`forkedFrom`).
    pub(crate) is_copy: bool,
    /// The first timestamp of the file: the one that was begun first has the original.
    pub(crate) began_at: Option<DateTime<Utc>>,
    pub(crate) path: Arc<str>,
    pub(crate) at: DateTime<Utc>,
}

/// Whether the count of output tokens is final.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Output {
    /// A line had a `stop_reason`.
    pub(crate) has_stopped: bool,
    /// The fewest and the most that a line counts.
    pub(crate) least: u64,
    pub(crate) most: u64,
    /// Written by a version that left the first snapshot of the stream in place (2.1.0 to 2.1.52).
    pub(crate) may_be_placeholder: bool,
    /// Thousandths of the tokens that each content block probably took, by the line's identity; kept only where the
    /// count may be a placeholder.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) blocks: BTreeMap<u64, u64>,
}

impl Output {
    /// What a message takes beside its blocks, in thousandths of a token.
    const FRAMING: u64 = 3000;

    fn and(mut self, other: Self) -> Self {
        for (line, tokens) in other.blocks {
            let known = self.blocks.entry(line).or_default();
            *known = tokens.max(*known);
        }
        Self {
            has_stopped: self.has_stopped || other.has_stopped,
            least: self.least.min(other.least),
            most: self.most.max(other.most),
            may_be_placeholder: self.may_be_placeholder || other.may_be_placeholder,
            blocks: self.blocks,
        }
    }

    /// A count that nothing ended and that never grew is the one with which the stream began.
    pub(crate) fn is_placeholder(&self) -> bool {
        self.may_be_placeholder && !self.has_stopped && self.least == self.most
    }

    /// Of an unfinished record; never less than what was counted.
    pub(crate) fn likely(&self) -> Option<u64> {
        (self.is_placeholder() && !self.blocks.is_empty())
            .then(|| ((Self::FRAMING + self.blocks.values().sum::<u64>()) / 1000).max(self.most))
    }
}

impl Record {
    /// One record out of two of the same exchange and request; order and repetition make no difference.
    ///
    /// The counters of the fuller one are taken whole: a maximum field by field would be a request that never was. Place
    /// and version come from the record with the better claim, the time is the earliest.
    pub(crate) fn and(self, other: Self) -> Self {
        let (owner, guest) = if self.owner_key() <= other.owner_key() { (self, other) } else { (other, self) };
        let at = owner.event.at.min(guest.event.at);
        let (mut event, other) = if by_counters(&owner.event, &guest.event).is_ge() {
            (owner.event, guest.event)
        } else {
            let place = Arc::clone(&owner.event.place);
            (UsageEvent { place, version: owner.event.version.clone(), ..guest.event }, owner.event)
        };
        event.at = at;
        event.tools.extend(other.tools);
        event.commits |= other.commits;
        let request = owner.request.into_iter().chain(guest.request).min();
        Self { request, event, claim: owner.claim, output: owner.output.and(guest.output) }.settled()
    }

    /// With the precision that all lines so far allow.
    pub(crate) fn settled(mut self) -> Self {
        self.event.precision = if self.output.is_placeholder() { Precision::LowerBound } else { Precision::Measured };
        self.event.likely_output = self.output.likely();
        self
    }

    fn owner_key(&self) -> (&Claim, &crate::domain::event::Place, Option<&Arc<str>>) {
        (&self.claim, &self.event.place, self.event.version.as_ref())
    }

    /// Whether it can only be a copy of another request's exchange.
    fn is_guest(&self) -> bool {
        self.claim.is_sidechain || self.request.is_none()
    }
}

/// The events that records of one exchange stand for, those of each request merged before.
///
/// Two requests are two exchanges only where neither is a subagent's: gateways use ids again, while a side question repeats
/// its parent's message under a request id of its own (formats of Claude Code, seen from 2.1.232 on).
pub(crate) fn resolve(variants: Vec<Record>) -> Vec<Record> {
    let (mut guests, mut own): (Vec<Record>, Vec<Record>) = variants.into_iter().partition(Record::is_guest);
    own.sort_by(|one, other| one.request.cmp(&other.request));
    if own.is_empty() && !guests.is_empty() {
        own.push(guests.remove(0));
    }
    for record in own.iter_mut().skip(1) {
        let request = record.request.as_deref().unwrap_or_default();
        record.event.id = EventId::new(format!("{}/{request}", record.event.id));
    }
    let mut own = own.into_iter();
    let first = own.next().map(|first| guests.into_iter().fold(first, Record::and));
    first.into_iter().chain(own).collect()
}

/// An order of all that is counted and priced, the fuller the greater.
fn by_counters(one: &UsageEvent, other: &UsageEvent) -> Ordering {
    fn key(tokens: &TokenUsage) -> [u64; 6] {
        let TokenUsage { input, output, cache_write_5m, cache_write_1h, cache_read, web_searches } = *tokens;
        [output, cache_write_1h, cache_write_5m, cache_read, input, web_searches]
    }
    key(&one.tokens)
        .cmp(&key(&other.tokens))
        .then_with(|| one.prompt.cmp(&other.prompt))
        .then_with(|| one.terms.cmp(&other.terms))
        .then_with(|| one.model.cmp(&other.model))
        .then_with(|| one.stated_cost.cmp(&other.stated_cost))
}

#[cfg(test)]
mod tests;
