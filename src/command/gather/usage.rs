//! The ledger as reports of usage ask it: with all that is known by now.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono::Utc;
use chrono_tz::Tz;

use crate::cli::span::DaysArgs;
use crate::command::gather::calibration;
use crate::command::gather::import;
use crate::command::gather::ledger;
use crate::context::Context;
use crate::domain::ledger::UsageSum;
use crate::domain::model::ModelId;
use crate::domain::period::Period;
use crate::domain::period::Unit;
use crate::domain::price::PriceBook;
use crate::error::Failure;
use crate::store::ledger::LedgerStore;
use crate::ui::Ui;

/// From an instant on, and up to but without another.
pub(crate) type Span = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// The ledger with what Claude Code wrote lately, and with the entries of sessions that are still open.
pub(crate) fn up_to_date(ctx: &Context, ui: &Ui) -> Result<LedgerStore, Failure> {
    match import::up_to_date(ctx, ui) {
        Ok((ledger, refreshed)) => {
            if refreshed.imported.new > 0
                && let Err(failure) = calibration::refresh_later(ctx, &ledger)
            {
                ctx.notice(format!("estimates could not be fitted: {:#}", failure.cause()));
            }
            Ok(ledger)
        }
        // What is known already can be told all the same.
        Err(failure) => {
            import::unread(ctx, &failure);
            ledger::whole(ctx)
        }
    }
}

/// The usage of a span, added up where that changes no cost.
pub(crate) fn sums(
    ledger: &LedgerStore,
    prices: &PriceBook,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
) -> anyhow::Result<Vec<UsageSum>> {
    if UsageSum::are_exact_with(prices) {
        let sums = ledger.sums(since, until)?;
        // Asked once for each model, for most have a price for everything.
        let mut are_whole: BTreeMap<&ModelId, bool> = BTreeMap::new();
        let mut is_whole = |model| {
            let price = || prices.resolve(model).is_none_or(|price| price.model.is_whole());
            *are_whole.entry(model).or_insert_with(price)
        };
        if sums.iter().all(|sum| is_whole(&sum.model) || !sum.hides_a_price(prices)) {
            return Ok(sums);
        }
    }
    exchanges(ledger, since, until)
}

/// The same, each exchange by itself: only then its instant is known.
pub(crate) fn exchanges(
    ledger: &LedgerStore,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
) -> anyhow::Result<Vec<UsageSum>> {
    Ok(ledger.events(since, until)?.iter().map(UsageSum::of).collect())
}

/// The days that are meant, as instants.
pub(crate) fn span(days: DaysArgs, tz: Tz) -> Result<Span, Failure> {
    let day = |day| Period::of(Unit::Day, day);
    if let (Some(since), Some(until)) = (days.since, days.until)
        && since > until
    {
        return Err(Failure::usage(format!("--since {since} is later than --until {until}"))
            .with_hint("both days count; give the earlier one to --since"));
    }
    Ok((days.since.map(|since| day(since).start(tz)), days.until.map(|until| day(until).end(tz))))
}

/// What conversations are called.
pub(crate) fn titles(ledger: &LedgerStore) -> anyhow::Result<BTreeMap<String, String>> {
    Ok(ledger.titles()?.into_iter().map(|title| (title.conversation, title.text)).collect())
}
