//! The part of the usage that is asked for: by sums where these can tell, else event by event.

use crate::command::gather;
use crate::command::gather::usage::Span;
use crate::context::Context;
use crate::domain::ledger::UsageSum;
use crate::domain::price::PriceBook;
use crate::error::Failure;
use crate::report::usage::filter::Filter;
use crate::report::usage::item::Facts;
use crate::store::ledger::LedgerStore;

/// What the filter holds of a span, added up where that changes no cost.
pub(super) fn sums(
    ctx: &Context,
    ledger: &LedgerStore,
    prices: &PriceBook,
    filter: &Filter,
    span: Span,
) -> Result<Vec<UsageSum>, Failure> {
    if filter.needs_sessions() {
        return exchanges(ctx, ledger, filter, span);
    }
    let mut sums = gather::usage::sums(ledger, prices, span.0, span.1)?;
    sums.retain(|sum| filter.holds(sum));
    Ok(sums)
}

/// The same, each exchange by itself.
pub(super) fn exchanges(
    ctx: &Context,
    ledger: &LedgerStore,
    filter: &Filter,
    (since, until): Span,
) -> Result<Vec<UsageSum>, Failure> {
    let sessions = gather::filter::sessions_for(ctx, filter)?;
    let mut exchanges = Vec::new();
    ledger.each_event::<Failure>(since, until, |event| {
        if filter.holds(Facts { event, session: sessions.of(event), commit: None }) {
            exchanges.push(UsageSum::of(event));
        }
        Ok(())
    })?;
    Ok(exchanges)
}
