//! When there was usage lately, as far back as it takes to tell blocks.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::domain::block;
use crate::store::ledger::LedgerStore;

/// So much of the latest activity that it is certain where blocks begin, but of no more days than `most_days`.
pub(crate) fn recent(
    ledger: &LedgerStore,
    now: DateTime<Utc>,
    most_days: Option<i64>,
) -> anyhow::Result<Vec<(DateTime<Utc>, DateTime<Utc>)>> {
    let mut days = 1;
    loop {
        let Some(since) = TimeDelta::try_days(days).and_then(|length| now.checked_sub_signed(length)) else {
            return ledger.activity(None, None);
        };
        let activity = ledger.activity(Some(since), None)?;
        if most_days.is_some_and(|most| days >= most) || block::is_certain(&activity, since, block::LENGTH) {
            return Ok(activity);
        }
        days *= 2;
    }
}
