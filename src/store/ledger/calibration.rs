//! How the person's own answers compare with their estimates, by tokenizer.

use chrono::DateTime;
use chrono::Utc;
use rusqlite::OptionalExtension;
use rusqlite::params;

use crate::domain::estimate::own::OwnFactor;
use crate::store::ledger::LedgerStore;
use crate::store::ledger::exchange::instant;

impl LedgerStore {
    /// What is known of a tokenizer, by its name.
    pub(crate) fn own_factor(&self, tokenizer: &str) -> anyhow::Result<Option<OwnFactor>> {
        let sql = "SELECT permille, messages, median_error FROM calibration WHERE tokenizer = ?1";
        let factor = self.connection.prepare_cached(sql)?.query_row([tokenizer], |row| {
            Ok(OwnFactor { permille: row.get(0)?, messages: row.get(1)?, median_error_permille: row.get(2)? })
        });
        Ok(factor.optional()?)
    }

    /// All that is known, by the tokenizers' names.
    pub(crate) fn own_factors(&self) -> anyhow::Result<Vec<(String, OwnFactor)>> {
        let sql = "SELECT tokenizer FROM calibration WHERE tokenizer <> '' ORDER BY tokenizer";
        let names: Vec<String> =
            self.connection.prepare_cached(sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut factors = Vec::new();
        for name in names {
            if let Some(factor) = self.own_factor(&name)? {
                factors.push((name, factor));
            }
        }
        Ok(factors)
    }

    /// When answers were last looked at.
    pub(crate) fn calibrated_at(&self) -> anyhow::Result<Option<DateTime<Utc>>> {
        let sql = "SELECT max(at) FROM calibration";
        let at: Option<i64> = self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(at.map(instant))
    }

    /// Puts what was found at an instant in the place of what was known.
    pub(crate) fn put_own_factors(&mut self, at: DateTime<Utc>, factors: &[(String, OwnFactor)]) -> anyhow::Result<()> {
        let transaction = self.connection.transaction()?;
        // That nothing was found is worth knowing too: it takes as long.
        let looked = (String::new(), OwnFactor { permille: 1000, messages: 0, median_error_permille: 0 });
        for (tokenizer, factor) in factors.iter().chain([&looked]) {
            transaction.prepare_cached("INSERT OR REPLACE INTO calibration VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(
                params![
                    tokenizer,
                    factor.permille,
                    factor.messages,
                    factor.median_error_permille,
                    at.timestamp_millis()
                ],
            )?;
        }
        Ok(transaction.commit()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_factor_counts() {
        let mut ledger = LedgerStore::in_memory().unwrap();
        let at = DateTime::from_timestamp_millis(1_795_000_000_123).unwrap();
        assert_eq!((ledger.own_factor("new").unwrap(), ledger.calibrated_at().unwrap()), (None, None));
        let factor = |permille| OwnFactor { permille, messages: 120, median_error_permille: 30 };
        for permille in [1020, 990] {
            ledger.put_own_factors(at, &[("new".to_owned(), factor(permille))]).unwrap();
        }
        assert_eq!(ledger.own_factors().unwrap(), [("new".to_owned(), factor(990))]);
        assert_eq!(ledger.calibrated_at().unwrap(), Some(at));
        let mut nothing = LedgerStore::in_memory().unwrap();
        nothing.put_own_factors(at, &[]).unwrap();
        assert_eq!((nothing.own_factors().unwrap(), nothing.calibrated_at().unwrap()), (Vec::new(), Some(at)));
    }
}
