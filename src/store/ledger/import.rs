//! Taking in what transcripts say. The same records in any order, in any batches and however often, from any number of
//! processes, give the same ledger: all of an import is one transaction, and records of one exchange become one.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::BuildHasher as _;
use std::sync::Arc;

use rusqlite::Transaction;
use rusqlite::TransactionBehavior;
use rustc_hash::FxBuildHasher;
use rustc_hash::FxHashSet;

use crate::domain::import::Batch;
use crate::domain::import::FileMark;
use crate::domain::import::Imported;
use crate::domain::ledger::Record;
use crate::domain::ledger::resolve;
use crate::store::ledger::LedgerStore;
use crate::store::ledger::exchange;
use crate::store::ledger::exchange::Conflict;
use crate::store::ledger::exchange::Known;
use crate::store::ledger::exchange::Numbers;
use crate::store::ledger::join;
use crate::store::ledger::join::Range;
use crate::store::ledger::marks;
use crate::store::ledger::schema::EXCHANGE_INDEXES;
use crate::store::ledger::schema::WITHOUT_EXCHANGE_INDEXES;
use crate::store::ledger::sums::Changes;

/// Pages in memory while many rows are written, in KiB: ids come in no order, so each may be on any page.
const CACHE: i64 = 20 * 1024;

/// Files whose marks are looked up one by one.
const FEW: usize = 64;

/// Records that may wait for an empty ledger to be filled.
const MOST_REPEATED: usize = if cfg!(test) { 3 } else { 4096 };

/// Tests have few, so that ids of one hash are met.
const HASHES: u64 = if cfg!(test) { 3 } else { u64::MAX };

/// An import under way; dropped without [`commit`](Self::commit), it has not happened.
#[derive(Debug)]
pub(crate) struct Import<'a> {
    transaction: Transaction<'a>,
    /// Of an import into an empty ledger.
    first: Option<First>,
    known: Known,
    sums: Changes,
    /// When something became another than it was.
    touched: Range,
    imported: Imported,
}

/// What an empty ledger is filled with before it has indexes: sorting all rows once is quicker than finding the place of
/// each among those before. What may be in a row already, or needs several, waits until they are there.
#[derive(Debug, Default)]
struct First {
    /// Hashes of the ids that there are.
    ids: FxHashSet<u64>,
    repeated: Vec<Record>,
}

impl First {
    /// Whether a record is certainly of an exchange that has no row, and needs no more than one.
    fn is_new(&mut self, record: &Record) -> bool {
        self.ids.insert(FxBuildHasher.hash_one(&record.event.id) % HASHES) && record.apart.is_empty()
    }
}

impl LedgerStore {
    /// Begins an import; other processes that want to write wait until it is over.
    pub(crate) fn begin_import(&mut self) -> anyhow::Result<Import<'_>> {
        self.connection.pragma_update(None, "cache_size", -CACHE)?;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let is_empty = "SELECT NOT EXISTS (SELECT 1 FROM exchange)";
        let is_empty: bool = transaction.prepare_cached(is_empty)?.query_row([], |row| row.get(0))?;
        if is_empty {
            transaction.execute_batch(WITHOUT_EXCHANGE_INDEXES)?;
        }
        Ok(Import {
            transaction,
            first: is_empty.then(First::default),
            known: Known::default(),
            sums: Changes::default(),
            touched: Range::default(),
            imported: Imported::default(),
        })
    }
}

impl Import<'_> {
    /// How far each of these files was read, now that nobody else can read on.
    pub(crate) fn files_at<'a>(
        &self,
        paths: impl ExactSizeIterator<Item = Cow<'a, str>>,
    ) -> anyhow::Result<HashMap<Arc<str>, FileMark>> {
        // Of many files all marks are had sooner than those of each.
        if paths.len() > FEW { marks::files(&self.transaction) } else { marks::files_at(&self.transaction, paths) }
    }

    pub(crate) fn put(&mut self, batch: &Batch) -> anyhow::Result<()> {
        match &mut self.first {
            None => self.put_records(&batch.records)?,
            Some(first) => {
                let (new, repeated): (Vec<&Record>, Vec<&Record>) =
                    batch.records.iter().partition(|record| first.is_new(record));
                first.repeated.extend(repeated.into_iter().cloned());
                let is_enough = first.repeated.len() > MOST_REPEATED;
                self.put_new(&new)?;
                if is_enough {
                    self.end_first()?;
                }
            }
        }
        marks::put(&self.transaction, batch)?;
        self.imported.skipped += batch.skipped.len() as u64;
        Ok(())
    }

    /// Takes in records of exchanges of which none is there.
    fn put_new(&mut self, records: &[&Record]) -> anyhow::Result<()> {
        let mut rows = Vec::with_capacity(records.len());
        for &record in records {
            let numbers = self.known.numbers(&self.transaction, record)?;
            rows.push((record, numbers));
        }
        exchange::write_new(&self.transaction, &rows)?;
        self.count(&rows);
        Ok(())
    }

    /// Takes in records of exchanges that may be there.
    fn put_records(&mut self, records: &[Record]) -> anyhow::Result<()> {
        let (mut new, mut others) = (Vec::new(), Vec::new());
        {
            let mut writer = exchange::writer(&self.transaction, Conflict::Keep)?;
            for record in records {
                let numbers = self.known.numbers(&self.transaction, record)?;
                if record.apart.is_empty() && exchange::write(&mut writer, record, &numbers)? {
                    new.push((record, numbers));
                } else {
                    others.push(record);
                }
            }
        }
        self.count(&new);
        others.into_iter().try_for_each(|record| self.merge(record))
    }

    /// Counts exchanges that were not there.
    fn count(&mut self, new: &[(&Record, Numbers)]) {
        for (record, numbers) in new {
            self.sums.add(record, numbers);
            self.touched = self.touched.with(record.event.at);
        }
        self.imported.new += new.len() as u64;
    }

    pub(crate) fn commit(mut self) -> anyhow::Result<Imported> {
        self.end_first()?;
        self.sums.write(&self.transaction)?;
        let touched = if self.known.places.have_moved { Range::ALL } else { self.touched };
        join::again(&self.transaction, touched)?;
        self.transaction.commit()?;
        Ok(self.imported)
    }

    fn end_first(&mut self) -> anyhow::Result<()> {
        let Some(First { ids, repeated }) = self.first.take() else { return Ok(()) };
        // Before the ids are sorted, which takes as much again.
        drop(ids);
        self.transaction.execute_batch(EXCHANGE_INDEXES)?;
        self.put_records(&repeated)
    }

    /// Takes in a record of an exchange that may be there already, or that is more than one row.
    fn merge(&mut self, record: &Record) -> anyhow::Result<()> {
        let id = record.event.id.as_str();
        let mut variants = self.variants(id)?;
        let are_kept = !variants.is_empty();
        let before = if are_kept {
            resolve(variants.clone())
        } else {
            let mut rows: Vec<Record> = exchange::load(&self.transaction, &mut self.known, id)?.into_iter().collect();
            variants.clone_from(&rows);
            if !record.apart.is_empty() {
                // Older versions kept them by themselves.
                rows.append(&mut exchange::load_apart(&self.transaction, &mut self.known, id)?);
            }
            rows
        };
        let record = exchange::as_kept(record.clone());
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
        if are_kept || variants.len() > 1 || variants.iter().any(|variant| !variant.apart.is_empty()) {
            self.write_variants(id, &variants)?;
        }
        self.replace(&before, &resolve(variants))
    }

    /// The records of an exchange that has some of several requests, in the order of these, or something apart.
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
    fn replace(&mut self, before: &[Record], after: &[Record]) -> anyhow::Result<()> {
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::event::UsageEvent;
    use crate::domain::import::Skipped;
    use crate::domain::ledger::Apart;
    use crate::domain::ledger::UsageSum;
    use crate::domain::ledger::prompt_class;
    use crate::domain::ledger::quarter;
    use crate::domain::model::ModelId;
    use crate::domain::price::Terms;
    use crate::domain::tokens::TokenUsage;
    use crate::store::ledger::fixture::any_record;
    use crate::store::ledger::fixture::batch;
    use crate::store::ledger::fixture::dump;
    use crate::store::ledger::fixture::import;
    use crate::store::ledger::fixture::record;

    /// What the records are by the rules of the domain, without a database.
    fn folded(records: &[Record]) -> Vec<UsageEvent> {
        let mut exchanges: BTreeMap<_, BTreeMap<Option<String>, Record>> = BTreeMap::new();
        for record in records {
            let project = record.event.place.project.clone();
            let mut record = exchange::as_kept(record.clone());
            // What the ledger knows of the directory.
            let place = (*record.event.place).clone();
            record.event.place = crate::domain::event::Place { project, ..place }.into();
            let requests = exchanges.entry(record.event.id.clone()).or_default();
            let known = requests.remove(&record.request);
            let merged = known.map_or_else(|| record.clone(), |known| known.and(record.clone()));
            requests.insert(record.request, merged);
        }
        let resolved = exchanges.into_values().flat_map(|requests| resolve(requests.into_values().collect()));
        let mut events: Vec<UsageEvent> = resolved.map(|record| record.event).collect();
        events.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
        events
    }

    /// By all that a price goes by.
    fn added_up(sums: impl Iterator<Item = UsageSum>) -> BTreeMap<String, (u64, TokenUsage, u64)> {
        let mut rows: BTreeMap<String, (u64, TokenUsage, u64)> = BTreeMap::new();
        for sum in sums {
            let UsageSum { at, model, terms, prompt, precision, place, exchanges, tokens, missing_output } = sum;
            let key = format!("{:?}", (quarter(at), model, terms, prompt_class(prompt), precision, place));
            let row = rows.entry(key).or_default();
            *row = (row.0 + exchanges, row.1 + tokens, row.2 + missing_output);
        }
        rows
    }

    proptest! {
        #[test]
        fn order_batches_and_repetition_make_no_difference(
            records in prop::collection::vec(any_record(), 1..30),
            cuts in prop::collection::vec(1_usize..6, 1..8),
            again in any::<prop::sample::Index>(),
            span in (0_i64..60, 0_i64..60),
        ) {
            let expected = folded(&records);
            let mut ledger = LedgerStore::in_memory().unwrap();
            let mut rest = records.as_slice();
            let mut cuts = cuts.iter().cycle();
            while !rest.is_empty() {
                let (now, later) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
                import(&mut ledger, now.to_vec());
                rest = later;
            }
            prop_assert_eq!(&ledger.events(None, None).unwrap(), &expected);
            import(&mut ledger, records[again.index(records.len())..].to_vec());
            prop_assert_eq!(&ledger.events(None, None).unwrap(), &expected);

            let mut other = LedgerStore::in_memory().unwrap();
            import(&mut other, records.iter().rev().cloned().collect());
            prop_assert_eq!(&other.events(None, None).unwrap(), &expected);

            for (since, until) in [(None, None), (Some(span.0), Some(span.1)), (None, Some(span.1))] {
                let [since, until] = [since, until].map(|minute| minute.map(crate::store::ledger::fixture::at));
                let events = ledger.events(since, until).unwrap();
                let sums = ledger.sums(since, until).unwrap();
                let by_event = added_up(events.iter().map(UsageSum::of));
                prop_assert_eq!(added_up(sums.into_iter()), by_event);
                let within = |event: &&UsageEvent| since.is_none_or(|since| event.at >= since) && until.is_none_or(|until| event.at < until);
                prop_assert_eq!(events.iter().collect::<Vec<_>>(), expected.iter().filter(within).collect::<Vec<_>>());
            }
        }

        #[test]
        fn an_import_that_is_repeated_changes_no_row(records in prop::collection::vec(any_record(), 1..20)) {
            let mut ledger = LedgerStore::in_memory().unwrap();
            import(&mut ledger, records.clone());
            let before = dump(&ledger);
            let mut repeated = ledger.begin_import().unwrap();
            repeated.put(&batch(records)).unwrap();
            prop_assert_eq!(repeated.commit().unwrap(), Imported::default());
            prop_assert_eq!(dump(&ledger), before);
        }
    }

    #[test]
    fn what_an_import_did_is_counted() {
        let mut ledger = LedgerStore::in_memory().unwrap();
        let mut fuller = record("b", 1, "/w/a");
        fuller.event.tokens.output = 2;
        let mut other_request = record("a", 1, "/w/a");
        other_request.request = Some("other".to_owned());
        for (records, new, changed) in [
            (vec![record("a", 1, "/w/a"), record("b", 1, "/w/a")], 2, 0),
            (vec![record("a", 1, "/w/a"), fuller], 0, 1),
            (vec![other_request.clone(), record("c", 2, "/w/a")], 2, 1),
            (vec![other_request], 0, 0),
        ] {
            let skipped = vec![Skipped { offset: 0, reason: "torn".to_owned() }];
            let mut import = ledger.begin_import().unwrap();
            import.put(&Batch { skipped, ..batch(records) }).unwrap();
            assert_eq!(import.commit().unwrap(), Imported { new, changed, skipped: 1 });
        }
        let ids: Vec<_> = ledger.events(None, None).unwrap().into_iter().map(|event| event.id.to_string()).collect();
        assert_eq!(ids, ["a", "a/req", "b", "c"]);
    }

    #[test]
    fn what_older_versions_kept_apart_counts_once() {
        let mut ledger = LedgerStore::in_memory().unwrap();
        import(&mut ledger, vec![record("a", 1, "/w/a"), record("a#0", 1, "/w/a"), record("a#3", 1, "/w/a")]);
        let mut whole = record("a", 1, "/w/a");
        whole.event.tokens.output = 9;
        let apart = Apart { model: ModelId::new("m"), tokens: TokenUsage::new(4, 5), terms: Terms::default() };
        whole.apart = vec![apart];
        import(&mut ledger, vec![whole]);
        let outputs: Vec<_> = ledger.events(None, None).unwrap().iter().map(|event| event.tokens.output).collect();
        assert_eq!(outputs, [9, 5]);
        assert_eq!(ledger.sums(None, None).unwrap().iter().map(|sum| sum.tokens.output).sum::<u64>(), 14);
    }

    #[test]
    fn an_import_that_does_not_end_has_not_happened() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger.db");
        let mut ledger = LedgerStore::open(&path).unwrap();
        import(&mut ledger, vec![record("a", 1, "/w/a")]);
        let before = dump(&ledger);
        let mut aborted = ledger.begin_import().unwrap();
        aborted.put(&batch(vec![record("a", 0, "/w/a"), record("b", 1, "/w/b")])).unwrap();
        drop(aborted);
        assert_eq!(dump(&ledger), before);
        assert_eq!(dump(&LedgerStore::open(&path).unwrap()), before);
    }

    #[test]
    fn processes_that_import_side_by_side_lose_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger.db");
        std::thread::scope(|scope| {
            for worker in 0..4 {
                let path = &path;
                scope.spawn(move || {
                    let mut ledger = LedgerStore::open(path).unwrap();
                    for number in 0..10 {
                        let records = [worker * 10 + number, number].map(|id| record(&format!("msg_{id}"), id, "/w/a"));
                        import(&mut ledger, records.to_vec());
                    }
                });
            }
        });
        let ledger = LedgerStore::open(&path).unwrap();
        assert_eq!(ledger.events(None, None).unwrap().len(), 40);
        assert_eq!(ledger.sums(None, None).unwrap().iter().map(|sum| sum.exchanges).sum::<u64>(), 40);
    }
}
