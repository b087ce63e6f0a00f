//! How the person's own answers compare with their estimates, by tokenizer.

use chrono::DateTime;
use chrono::Utc;
use rusqlite::Row;
use rusqlite::params;

use crate::domain::estimate::own::Fit;
use crate::domain::estimate::own::OwnFactor;
use crate::store::ledger::LedgerStore;
use crate::store::ledger::exchange::instant;

impl LedgerStore {
    /// All that is known, by tokenizer.
    pub(crate) fn fits(&self) -> anyhow::Result<Vec<Fit>> {
        let sql = "SELECT tokenizer, permille, messages, median_error, wide_error, sum_error, at FROM calibration
            WHERE tokenizer <> '' ORDER BY tokenizer";
        let mut statement = self.connection.prepare_cached(sql)?;
        let fits = statement.query_map([], fit)?;
        Ok(fits.collect::<Result<_, _>>()?)
    }

    /// When answers were last looked at.
    pub(crate) fn calibrated_at(&self) -> anyhow::Result<Option<DateTime<Utc>>> {
        let sql = "SELECT max(at) FROM calibration";
        let at: Option<i64> = self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(at.map(instant))
    }

    /// Puts what was found at an instant in the place of what was known, but nothing for want of answers in the place of what
    /// was found when there were enough.
    pub(crate) fn put_fits(&mut self, at: DateTime<Utc>, fits: &[Fit]) -> anyhow::Result<()> {
        let known: Vec<Fit> = self.fits()?.into_iter().filter(Fit::is_in_force).collect();
        let is_worse = |fit: &Fit| !fit.is_in_force() && known.iter().any(|known| known.tokenizer == fit.tokenizer);
        // That nothing was found is worth knowing too: it takes as long.
        let looked = Fit { tokenizer: String::new(), factor: OwnFactor::default(), at };
        let transaction = self.connection.transaction()?;
        for Fit { tokenizer, factor, at } in fits.iter().filter(|fit| !is_worse(fit)).chain([&looked]) {
            let sql = "INSERT OR REPLACE INTO calibration
                (tokenizer, permille, messages, median_error, wide_error, sum_error, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
            transaction.prepare_cached(sql)?.execute(params![
                tokenizer,
                factor.permille,
                factor.messages,
                factor.median_error_permille,
                factor.wide_error_permille,
                factor.sum_error_permille,
                at.timestamp_millis()
            ])?;
        }
        Ok(transaction.commit()?)
    }
}

fn fit(row: &Row<'_>) -> rusqlite::Result<Fit> {
    let factor = OwnFactor {
        permille: row.get(1)?,
        messages: row.get(2)?,
        median_error_permille: row.get(3)?,
        wide_error_permille: row.get(4)?,
        sum_error_permille: row.get(5)?,
    };
    Ok(Fit { tokenizer: row.get(0)?, factor, at: instant(row.get(6)?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_fit_counts_unless_there_was_too_little_for_it() {
        let mut ledger = LedgerStore::in_memory().unwrap();
        let at = |minute: i64| DateTime::from_timestamp_millis(1_795_000_000_123 + minute * 60_000).unwrap();
        assert_eq!((ledger.fits().unwrap(), ledger.calibrated_at().unwrap()), (Vec::new(), None));
        let fit = |permille, messages, minute| Fit {
            tokenizer: "new".to_owned(),
            factor: OwnFactor {
                permille,
                messages,
                median_error_permille: 30,
                wide_error_permille: 80,
                sum_error_permille: 7,
            },
            at: at(minute),
        };
        for (found, kept) in [
            (fit(1000, 3, 0), fit(1000, 3, 0)),
            (fit(1020, 5, 1), fit(1020, 5, 1)),
            (fit(990, 120, 2), fit(990, 120, 2)),
            (fit(1000, 4, 3), fit(990, 120, 2)),
        ] {
            ledger.put_fits(found.at, std::slice::from_ref(&found)).unwrap();
            assert_eq!(ledger.fits().unwrap(), [kept]);
            assert_eq!(ledger.calibrated_at().unwrap(), Some(found.at));
        }
        let mut nothing = LedgerStore::in_memory().unwrap();
        nothing.put_fits(at(0), &[]).unwrap();
        assert_eq!((nothing.fits().unwrap(), nothing.calibrated_at().unwrap()), (Vec::new(), Some(at(0))));
    }
}
