//! Taking in what transcripts say. The same records in any order, in any batches and however often, from any number of
//! processes, give the same ledger: all of an import is one transaction, and records of one exchange become one.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::Transaction;
use rusqlite::TransactionBehavior;

use crate::domain::import::Batch;
use crate::domain::import::FileMark;
use crate::domain::import::Imported;
use crate::domain::ledger::Record;
use crate::domain::ledger::resolve;
use crate::store::ledger::LedgerStore;
use crate::store::ledger::exchange;
use crate::store::ledger::exchange::Conflict;
use crate::store::ledger::exchange::Known;
use crate::store::ledger::join;
use crate::store::ledger::join::Range;
use crate::store::ledger::marks;
use crate::store::ledger::sums::Changes;

/// Pages in memory while many rows are written, in KiB: ids come in no order, so each may be on any page.
const CACHE: i64 = 32 * 1024;

/// An import under way; dropped without [`commit`](Self::commit), it has not happened.
#[derive(Debug)]
pub(crate) struct Import<'a> {
    transaction: Transaction<'a>,
    known: Known,
    sums: Changes,
    /// When something became another than it was.
    touched: Range,
    imported: Imported,
}

impl LedgerStore {
    /// Begins an import; other processes that want to write wait until it is over.
    pub(crate) fn begin_import(&mut self) -> anyhow::Result<Import<'_>> {
        self.connection.pragma_update(None, "cache_size", -CACHE)?;
        Ok(Import {
            transaction: self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?,
            known: Known::default(),
            sums: Changes::default(),
            touched: Range::default(),
            imported: Imported::default(),
        })
    }
}

impl Import<'_> {
    /// How far each file was read, now that nobody else can read on.
    pub(crate) fn files(&self) -> anyhow::Result<HashMap<Arc<str>, FileMark>> {
        marks::files(&self.transaction)
    }

    pub(crate) fn put(&mut self, batch: &Batch) -> anyhow::Result<()> {
        let mut repeated = Vec::new();
        {
            let mut writer = exchange::writer(&self.transaction, Conflict::Keep)?;
            for record in &batch.records {
                let numbers = self.known.numbers(&self.transaction, record)?;
                if exchange::write(&mut writer, record, &numbers)? {
                    self.sums.add(record, &numbers);
                    self.touched = self.touched.with(record.event.at);
                    self.imported.new += 1;
                } else {
                    repeated.push(record);
                }
            }
        }
        for record in repeated {
            self.merge(record)?;
        }
        marks::put(&self.transaction, batch)?;
        self.imported.skipped += batch.skipped.len() as u64;
        Ok(())
    }

    pub(crate) fn commit(self) -> anyhow::Result<Imported> {
        self.sums.write(&self.transaction)?;
        let touched = if self.known.places.have_moved { Range::ALL } else { self.touched };
        join::again(&self.transaction, touched)?;
        self.transaction.commit()?;
        Ok(self.imported)
    }

    /// Takes in a record of an exchange that is there already.
    fn merge(&mut self, record: &Record) -> anyhow::Result<()> {
        let id = record.event.id.as_str();
        let record = exchange::as_kept(record.clone());
        let mut variants = self.variants(id)?;
        let before = if variants.is_empty() {
            variants.push(exchange::load(&self.transaction, &mut self.known, id)?);
            variants.clone()
        } else {
            resolve(variants.clone())
        };
        match variants.binary_search_by(|variant| variant.request.cmp(&record.request)) {
            Ok(place) => {
                let known = variants[place].clone();
                let merged = known.clone().and(record);
                if merged == known {
                    return Ok(());
                }
                variants[place] = merged;
            }
            Err(place) => variants.insert(place, record),
        }
        if variants.len() > 1 {
            self.write_variants(id, &variants)?;
        }
        self.replace(before, resolve(variants))
    }

    /// The records of an exchange that has some of several requests, in the order of these.
    fn variants(&self, id: &str) -> anyhow::Result<Vec<Record>> {
        let sql = "SELECT record FROM variant WHERE exchange = ?1 ORDER BY request";
        let mut statement = self.transaction.prepare_cached(sql)?;
        let mut rows = statement.query([id])?;
        let mut variants = Vec::new();
        while let Some(row) = rows.next()? {
            variants.push(serde_json::from_str(row.get_ref(0)?.as_str()?)?);
        }
        Ok(variants)
    }

    fn write_variants(&self, id: &str, variants: &[Record]) -> anyhow::Result<()> {
        let mut statement = self.transaction.prepare_cached("INSERT OR REPLACE INTO variant VALUES (?1, ?2, ?3)")?;
        for variant in variants {
            let request = variant.request.as_deref().unwrap_or_default();
            statement.execute([id, request, &serde_json::to_string(variant)?])?;
        }
        Ok(())
    }

    /// Puts what an exchange's records come to now in the place of what they came to.
    fn replace(&mut self, before: Vec<Record>, after: Vec<Record>) -> anyhow::Result<()> {
        let grown = after.len().saturating_sub(before.len()) as u64;
        self.imported.new += grown;
        let mut delete = self.transaction.prepare_cached("DELETE FROM exchange WHERE id = ?1")?;
        for record in before.iter().filter(|record| !after.contains(record)) {
            let numbers = self.known.numbers(&self.transaction, record)?;
            delete.execute([record.event.id.as_str()])?;
            self.sums.take(record, &numbers);
            self.touched = self.touched.with(record.event.at);
        }
        let mut writer = exchange::writer(&self.transaction, Conflict::Replace)?;
        let mut changed = 0;
        for record in after.iter().filter(|record| !before.contains(record)) {
            let numbers = self.known.numbers(&self.transaction, record)?;
            exchange::write(&mut writer, record, &numbers)?;
            self.sums.add(record, &numbers);
            self.touched = self.touched.with(record.event.at);
            changed += 1;
        }
        self.imported.changed += changed - grown.min(changed);
        Ok(())
    }
}
