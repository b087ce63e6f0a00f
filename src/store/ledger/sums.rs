//! Exchanges added up by quarter of an hour, kept in step by what each import adds and takes away.

use rusqlite::Connection;
use rustc_hash::FxHashMap;

use crate::domain::event::UsageEvent;
use crate::domain::ledger::Record;
use crate::domain::ledger::prompt_class;
use crate::domain::ledger::quarter;
use crate::store::ledger::exchange::Numbers;
use crate::store::ledger::exchange::packed;

/// A row of `sum`: quarter, place, model, terms, prompt, and whether its output is a lower bound.
type Key = (i64, i64, i64, u16, u64, bool);

/// Exchanges, tokens by kind, and output that is missing.
type Amounts = [i64; 8];

/// What has to be added to the rows of `sum`.
#[derive(Debug, Default)]
pub(super) struct Changes {
    rows: FxHashMap<Key, Amounts>,
}

impl Changes {
    pub(super) fn add(&mut self, record: &Record, numbers: &Numbers) {
        self.change(record, numbers, 1);
    }

    pub(super) fn take(&mut self, record: &Record, numbers: &Numbers) {
        self.change(record, numbers, -1);
    }

    fn change(&mut self, record: &Record, numbers: &Numbers, sign: i64) {
        let UsageEvent { at, tokens, prompt, terms, .. } = &record.event;
        let key = (
            quarter(*at).timestamp_millis(),
            numbers.place,
            numbers.model,
            packed(*terms),
            prompt_class(*prompt),
            record.output.is_placeholder(),
        );
        let missing = record.output.likely().map_or(0, |likely| likely.saturating_sub(tokens.output));
        let amounts = [
            1,
            tokens.input,
            tokens.output,
            tokens.cache_write_5m,
            tokens.cache_write_1h,
            tokens.cache_read,
            tokens.web_searches,
            missing,
        ];
        for (sum, amount) in self.rows.entry(key).or_default().iter_mut().zip(amounts) {
            *sum += sign * amount.cast_signed();
        }
    }

    pub(super) fn write(self, connection: &Connection) -> anyhow::Result<()> {
        let mut add = connection.prepare_cached(
            "INSERT INTO sum VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT DO UPDATE SET
             exchanges = exchanges + ?7, input = input + ?8, output = output + ?9,
             cache_write_5m = cache_write_5m + ?10, cache_write_1h = cache_write_1h + ?11,
             cache_read = cache_read + ?12, web_searches = web_searches + ?13, missing_output = missing_output + ?14",
        )?;
        let mut clear = connection.prepare_cached(
            "DELETE FROM sum WHERE quarter = ?1 AND place = ?2 AND model = ?3 AND terms = ?4 AND prompt = ?5
             AND is_lower_bound = ?6 AND exchanges = 0",
        )?;
        let mut rows: Vec<_> = self.rows.into_iter().filter(|(_, amounts)| *amounts != Amounts::default()).collect();
        // In the order of the table, in which they are written the fastest.
        rows.sort_unstable();
        for (key, amounts) in rows {
            let (quarter, place, model, terms, prompt, is_lower_bound) = key;
            let key = [quarter, place, model, terms.into(), prompt.cast_signed(), is_lower_bound.into()];
            add.execute(rusqlite::params_from_iter(key.iter().chain(&amounts)))?;
            // A row that has lost an exchange may have lost all of them.
            if amounts[0] < 0 {
                clear.execute(key)?;
            }
        }
        Ok(())
    }
}
