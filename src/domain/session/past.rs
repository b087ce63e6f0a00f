//! A session that is over, as the ledger keeps it: what was used, without its texts.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::domain::infra::InfraUse;
use crate::domain::model::ModelId;
use crate::domain::price::Terms;
use crate::domain::session::SessionId;
use crate::domain::session::journal::Start;
use crate::domain::tokens::TokenUsage;

#[derive(Debug, Clone)]
pub(crate) struct PastSession {
    pub(crate) id: SessionId,
    pub(crate) start: Start,
    pub(crate) is_cancelled: bool,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) ended_at: DateTime<Utc>,
    pub(crate) wall: TimeDelta,
    pub(crate) entries: u64,
    pub(crate) used: Used,
}

/// What many sessions came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PastSum {
    pub(crate) sessions: u64,
    /// Each session's whole seconds.
    pub(crate) wall_seconds: i64,
    pub(crate) used: Used,
}

/// What was used, as far as prices go by it. Sums of tokens would not do: a price depends on the time of an exchange
/// and on the length of its prompt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Used {
    /// Those of each model in no certain order.
    pub(crate) exchanges: BTreeMap<ModelId, Vec<Exchange>>,
    pub(crate) infra: Vec<InfraUse>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exchange {
    pub(crate) at: DateTime<Utc>,
    pub(crate) tokens: TokenUsage,
    /// Tokens of the longest single prompt.
    pub(crate) prompt: u64,
    pub(crate) terms: Terms,
}

impl Exchange {
    /// A plain request.
    pub(crate) fn new(at: DateTime<Utc>, tokens: TokenUsage) -> Self {
        Self { at, tokens, prompt: tokens.prompt(), terms: Terms::default() }
    }
}

impl Used {
    /// All tokens, of models with a price or without.
    pub(crate) fn tokens(&self) -> TokenUsage {
        self.exchanges.values().flatten().map(|exchange| exchange.tokens).sum()
    }

    pub(crate) fn add_exchange(&mut self, model: &str, exchange: Exchange) {
        match self.exchanges.get_mut(model) {
            Some(exchanges) => exchanges.push(exchange),
            None => drop(self.exchanges.insert(ModelId::new(model), vec![exchange])),
        }
    }
}
