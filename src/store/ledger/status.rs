//! What status lines were told: figures that are nowhere else once Claude Code has gone on.

use anyhow::Context as _;
use chrono::DateTime;
use chrono::Utc;
use rusqlite::Connection;
use rusqlite::ErrorCode;
use rusqlite::OptionalExtension;
use rusqlite::TransactionBehavior;
use rusqlite::params;
use std::time::Duration;

use crate::domain::money::Usd;
use crate::domain::status::RateLimit;
use crate::domain::status::SeenStatus;
use crate::domain::status::StatusCost;
use crate::store::ledger::LedgerStore;
use crate::store::ledger::exchange::instant;
use crate::store::ledger::marks::usd;

impl LedgerStore {
    /// Keeps what a status line was told; false when another process is writing, for which a status line cannot wait: the
    /// next payload says as much and more.
    pub(crate) fn put_status(&mut self, status: &SeenStatus) -> anyhow::Result<bool> {
        let patience: u64 = self.connection.pragma_query_value(None, "busy_timeout", |row| row.get(0))?;
        self.connection.busy_timeout(Duration::ZERO)?;
        let outcome = self.put_status_now(status);
        self.connection.busy_timeout(Duration::from_millis(patience))?;
        match outcome {
            Err(error) if is_busy(&error) => Ok(false),
            outcome => outcome.map(|()| true),
        }
    }

    fn put_status_now(&mut self, status: &SeenStatus) -> anyhow::Result<()> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(total) = status.total {
            put_total(&transaction, &status.conversation, total, status.at)?;
        }
        for limit in &status.limits {
            transaction
                .prepare_cached(
                    "INSERT INTO rate_limit VALUES (?1, ?2, ?3)
                     ON CONFLICT DO UPDATE SET said = ?2, seen_at = ?3 WHERE seen_at <= ?3",
                )?
                .execute(params![
                    limit.window.name(),
                    serde_json::to_string(limit)?,
                    limit.seen_at.timestamp_millis()
                ])?;
        }
        Ok(transaction.commit()?)
    }

    pub(crate) fn statuses(&self) -> anyhow::Result<Vec<StatusCost>> {
        let sql = "SELECT conversation, total, before, seen_at FROM status ORDER BY conversation";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut statuses = Vec::new();
        while let Some(row) = rows.next()? {
            statuses.push(StatusCost {
                conversation: row.get(0)?,
                total: usd(row.get_ref(1)?.as_str()?)?,
                before: usd(row.get_ref(2)?.as_str()?)?,
                seen_at: instant(row.get(3)?),
            });
        }
        Ok(statuses)
    }

    /// The last that was said of each limit.
    pub(crate) fn limits(&self) -> anyhow::Result<Vec<RateLimit>> {
        let mut statement = self.connection.prepare_cached("SELECT said FROM rate_limit ORDER BY span")?;
        let mut rows = statement.query([])?;
        let mut limits = Vec::new();
        while let Some(row) = rows.next()? {
            let said = row.get_ref(0)?.as_str()?;
            limits.push(serde_json::from_str(said).context("the ledger has a limit that cannot be read")?);
        }
        Ok(limits)
    }
}

fn put_total(connection: &Connection, conversation: &str, total: Usd, at: DateTime<Utc>) -> anyhow::Result<()> {
    let at = at.timestamp_millis();
    let mut known = connection.prepare_cached("SELECT total, before, seen_at FROM status WHERE conversation = ?1")?;
    let known = known.query_row([conversation], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
    let before = match known {
        None => Usd::ZERO,
        Some((known_total, known_before, seen_at)) => {
            let (known_total, known_before, seen_at): (String, String, i64) = (known_total, known_before, seen_at);
            let (known_total, known_before) = (usd(&known_total)?, usd(&known_before)?);
            if total < known_total && at <= seen_at {
                // Status lines that ran side by side, the older one last: nothing was set back.
                return Ok(());
            }
            if total < known_total { known_before + known_total } else { known_before }
        }
    };
    connection.prepare_cached("INSERT OR REPLACE INTO status VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        conversation,
        total.to_string(),
        before.to_string(),
        at
    ])?;
    Ok(())
}

fn is_busy(error: &anyhow::Error) -> bool {
    let code = error.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code);
    matches!(code, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::status::LimitWindow;
    use crate::store::ledger::fixture::at;

    fn seen(total: &str, minute: i64) -> SeenStatus {
        let total = Some(total.parse().unwrap());
        SeenStatus { conversation: "c".to_owned(), total, limits: Vec::new(), at: at(minute) }
    }

    #[test]
    fn a_total_that_falls_was_set_back() {
        let mut ledger = LedgerStore::in_memory().unwrap();
        for (said, minute, total, before) in [
            ("1.25", 1, "1.25", "0"),
            ("1.25", 1, "1.25", "0"),
            ("2.000000000001", 2, "2.000000000001", "0"),
            // Said before, heard after.
            ("1.5", 1, "2.000000000001", "0"),
            ("0.5", 3, "0.5", "2.000000000001"),
            ("0.75", 4, "0.75", "2.000000000001"),
            ("0", 5, "0", "2.750000000001"),
        ] {
            assert!(ledger.put_status(&seen(said, minute)).unwrap());
            let statuses = ledger.statuses().unwrap();
            let [status] = statuses.as_slice() else { panic!("one conversation") };
            assert_eq!((status.total, status.before), (total.parse().unwrap(), before.parse().unwrap()), "{said}");
        }
    }

    #[test]
    fn of_each_limit_the_last_is_kept() {
        let limit = |window, used, minute| RateLimit {
            window,
            used_millipercent: used,
            resets_at: Some(at(300)),
            seen_at: at(minute),
        };
        let mut ledger = LedgerStore::in_memory().unwrap();
        let (five, seven) = (LimitWindow::FiveHour, LimitWindow::SevenDay);
        for limits in [
            vec![limit(five, 10_500, 1), limit(seven, 3_000, 1)],
            vec![limit(five, 20_000, 3)],
            vec![limit(five, 19_000, 2)],
        ] {
            ledger.put_status(&SeenStatus { total: None, limits, ..seen("0", 1) }).unwrap();
        }
        assert_eq!(ledger.limits().unwrap(), [limit(five, 20_000, 3), limit(seven, 3_000, 1)]);
        assert_eq!(ledger.statuses().unwrap(), []);
    }

    #[test]
    fn a_status_line_waits_for_no_import() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger.db");
        let (mut ledger, mut other) = (LedgerStore::open(&path).unwrap(), LedgerStore::open_briefly(&path).unwrap());
        let patience = |ledger: &LedgerStore| -> u64 {
            ledger.connection.pragma_query_value(None, "busy_timeout", |row| row.get(0)).unwrap()
        };
        let before = patience(&other);
        let import = ledger.begin_import().unwrap();
        assert!(!other.put_status(&seen("1", 1)).unwrap());
        assert_eq!(patience(&other), before);
        drop(import);
        assert!(other.put_status(&seen("1", 1)).unwrap());
    }
}
