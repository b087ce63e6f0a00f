//! The rules by which many records of one exchange become one event, whatever their order and however often they come.
//!
//! Claude Code writes an answer once for each content block, copies history into the file of a resumed or forked
//! conversation, and repeats the parent's lines in a subagent's file: a sum over lines is two to fifteen times too high.

mod sum;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::event::EventId;
use crate::domain::event::Precision;
use crate::domain::event::UsageEvent;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::price::Terms;
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) apart: Vec<Apart>,
}

/// A request that a message's counters leave out, and that is billed besides it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Apart {
    pub(crate) model: ModelId,
    pub(crate) tokens: TokenUsage,
    pub(crate) terms: Terms,
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
    /// The counters of the fuller one are taken whole, with the requests that it tells of besides: a maximum field by field
    /// would be a request that never was. Place and version come from the record with the better claim, the time is the
    /// earliest.
    pub(crate) fn and(self, other: Self) -> Self {
        let (owner, guest) = if self.owner_key() <= other.owner_key() { (self, other) } else { (other, self) };
        let at = owner.event.at.min(guest.event.at);
        let (mut event, other, apart) = if by_counters(&owner, &guest).is_ge() {
            (owner.event, guest.event, owner.apart)
        } else {
            let place = Arc::clone(&owner.event.place);
            let event = UsageEvent { place, version: owner.event.version.clone(), ..guest.event };
            (event, owner.event, guest.apart)
        };
        event.at = at;
        event.tools.extend(other.tools);
        event.commits |= other.commits;
        let request = owner.request.into_iter().chain(guest.request).min();
        Self { request, event, claim: owner.claim, output: owner.output.and(guest.output), apart }.settled()
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

    /// Itself, and each request that is billed besides it as an exchange of its own, at the same time and place.
    fn with_apart(mut self) -> impl Iterator<Item = Self> {
        let apart = std::mem::take(&mut self.apart);
        let others: Vec<Self> =
            apart.into_iter().enumerate().map(|(number, apart)| self.besides(number, apart)).collect();
        std::iter::once(self).chain(others)
    }

    fn besides(&self, number: usize, apart: Apart) -> Self {
        let Apart { model, tokens, terms } = apart;
        let event = UsageEvent {
            id: EventId::new(format!("{}{BESIDES}{number}", self.event.id)),
            model,
            tokens,
            prompt: tokens.prompt(),
            terms,
            stated_cost: None,
            tools: BTreeSet::new(),
            commits: false,
            ..self.event.clone()
        };
        let output = Output { has_stopped: true, least: tokens.output, most: tokens.output, ..Output::default() };
        Self { event, output, ..self.clone() }.settled()
    }

    /// Whether it can only be a copy of another request's exchange.
    fn is_guest(&self) -> bool {
        self.claim.is_sidechain || self.request.is_none()
    }
}

/// The events that records of one exchange stand for, those of each request merged before, without anything apart.
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
    first.into_iter().chain(own).flat_map(Record::with_apart).collect()
}

/// Between the id of an exchange and the number of a request that is billed besides it.
pub(crate) const BESIDES: char = '#';

/// An order of all that is counted and priced, the fuller the greater. Where as much was written the last line would be as
/// good, but which one is the last depends on what is read first.
fn by_counters(one: &Record, other: &Record) -> Ordering {
    fn key(tokens: &TokenUsage) -> [u64; 6] {
        let TokenUsage { input, output, cache_write_5m, cache_write_1h, cache_read, web_searches } = *tokens;
        [output, cache_write_1h, cache_write_5m, cache_read, input, web_searches]
    }
    fn apart(record: &Record) -> impl Iterator<Item = ([u64; 6], &ModelId, Terms)> {
        record.apart.iter().map(|apart| (key(&apart.tokens), &apart.model, apart.terms))
    }
    fn rest(record: &Record) -> (u64, Terms, &ModelId, Option<Usd>) {
        let UsageEvent { prompt, terms, model, stated_cost, .. } = &record.event;
        (*prompt, *terms, model, *stated_cost)
    }
    key(&one.event.tokens)
        .cmp(&key(&other.event.tokens))
        .then_with(|| apart(one).cmp(apart(other)))
        .then_with(|| rest(one).cmp(&rest(other)))
}

#[cfg(test)]
mod tests;
