//! The part of the usage that is asked for: by sums where these can tell, else event by event.

use crate::command::gather;
use crate::command::gather::usage::Span;
use crate::context::Context;
use crate::domain::ledger::UsageSum;
use crate::domain::price::PriceBook;
use crate::error::Failure;
use crate::report::usage::filter::Filter;
use crate::report::usage::item::Facts;
use crate::report::usage::item::Sessions;
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
    let sessions = if filter.needs_sessions() { sessions(ctx)? } else { Sessions::default() };
    let mut exchanges = Vec::new();
    ledger.each_event::<Failure>(since, until, |event| {
        if filter.holds(Facts { event, session: sessions.of(event), commit: None }) {
            exchanges.push(UsageSum::of(event));
        }
        Ok(())
    })?;
    Ok(exchanges)
}

/// All of the person's sessions, the open ones among them.
pub(super) fn sessions(ctx: &Context) -> Result<Sessions, Failure> {
    let store = gather::store(ctx);
    let closed = store.closed()?;
    gather::ledger::notice_unread(ctx, &closed);
    let mut sessions = closed.sessions;
    for active in store.active()? {
        sessions.extend(store.load(active.id)?);
    }
    Ok(Sessions::new(sessions))
}
