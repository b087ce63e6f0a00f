//! One conversation, exchange by exchange.

use chrono::DateTime;
use chrono::Utc;

use crate::domain::ledger::UsageSum;
use crate::domain::model::ModelId;
use crate::domain::price::PriceBook;
use crate::report::usage::Total;
use crate::report::usage::Usage;
use crate::report::usage::key::model_name;

#[derive(Debug, Clone)]
pub(crate) struct ConversationReport {
    pub(crate) id: String,
    pub(crate) title: Option<String>,
    pub(crate) total: Usage,
    pub(crate) entries: Vec<ExchangeRow>,
}

#[derive(Debug, Clone)]
pub(crate) struct ExchangeRow {
    pub(crate) at: DateTime<Utc>,
    pub(crate) model: ModelId,
    pub(crate) total: Total,
}

/// `exchanges` are those of the conversation, one by one and in order of time.
pub(crate) fn build(
    id: String,
    title: Option<String>,
    exchanges: &[UsageSum],
    prices: &PriceBook,
) -> ConversationReport {
    let mut report = ConversationReport { id, title, total: Usage::default(), entries: Vec::new() };
    for exchange in exchanges {
        let total = Total::of(exchange, prices);
        report.total.add(exchange, &total);
        report.entries.push(ExchangeRow { at: exchange.at, model: model_name(exchange), total });
    }
    report
}
