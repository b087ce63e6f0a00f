//! What an import keeps beside exchanges: how far each file was read, what conversations are called, and what Claude Code
//! says that they cost.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context as _;
use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::Row;
use rusqlite::params;

use crate::domain::import::Batch;
use crate::domain::import::CostState;
use crate::domain::import::FileMark;
use crate::domain::import::Skipped;
use crate::domain::import::SkippedLines;
use crate::domain::import::Title;
use crate::domain::import::TitleKind;
use crate::domain::money::Usd;
use crate::store::ledger::LedgerStore;
use crate::store::ledger::exchange::instant;

/// Unreadable lines of a file that are kept, so that a person can look at them.
const MOST_SAMPLES: usize = 3;

/// What each kind of title is stored as; no number ever changes its meaning.
const TITLE_KINDS: [(u8, TitleKind); 3] = [(1, TitleKind::Ai), (2, TitleKind::Agent), (3, TitleKind::Custom)];

pub(super) fn files(connection: &Connection) -> anyhow::Result<HashMap<Arc<str>, FileMark>> {
    let sql = "SELECT path, size, modified, inode, done, tail, began_at FROM file";
    let mut statement = connection.prepare_cached(sql)?;
    let marks = statement.query_map([], mark)?;
    Ok(marks.map(|mark| mark.map(|mark| (Arc::clone(&mark.path), mark))).collect::<Result<_, _>>()?)
}

pub(super) fn files_at<'a>(
    connection: &Connection,
    paths: impl Iterator<Item = Cow<'a, str>>,
) -> anyhow::Result<HashMap<Arc<str>, FileMark>> {
    let sql = "SELECT path, size, modified, inode, done, tail, began_at FROM file WHERE path = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let mut marks = HashMap::new();
    for path in paths {
        if let Some(mark) = statement.query_row([path.as_ref()], mark).optional()? {
            marks.insert(Arc::clone(&mark.path), mark);
        }
    }
    Ok(marks)
}

impl LedgerStore {
    /// How far these files were read.
    pub(crate) fn files_at<'a>(
        &self,
        paths: impl Iterator<Item = Cow<'a, str>>,
    ) -> anyhow::Result<HashMap<Arc<str>, FileMark>> {
        files_at(&self.connection, paths)
    }

    /// How far each file was read.
    pub(crate) fn files(&self) -> anyhow::Result<HashMap<Arc<str>, FileMark>> {
        files(&self.connection)
    }

    /// How many lines of all files could not be read.
    pub(crate) fn count_skipped(&self) -> anyhow::Result<u64> {
        let sql = "SELECT coalesce(sum(skipped), 0) FROM file";
        Ok(self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    /// Files with lines that could not be read.
    pub(crate) fn skipped_files(&self) -> anyhow::Result<Vec<SkippedLines>> {
        let sql = "SELECT path, skipped, samples FROM file WHERE skipped > 0 ORDER BY path";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut files = Vec::new();
        while let Some(row) = rows.next()? {
            files.push(SkippedLines {
                path: row.get(0)?,
                count: row.get(1)?,
                samples: samples(row.get_ref(2)?.as_str()?)?,
            });
        }
        Ok(files)
    }

    /// What each conversation is called, by the best title that it has.
    pub(crate) fn titles(&self) -> anyhow::Result<Vec<Title>> {
        let sql = "SELECT conversation, kind, text FROM title ORDER BY conversation, kind DESC, file DESC";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, u8>(1)?, row.get(2)?)))?;
        let mut titles: Vec<Title> = Vec::new();
        for row in rows {
            let (conversation, kind, text) = row?;
            if titles.last().is_none_or(|better| better.conversation != conversation) {
                let known = TITLE_KINDS.iter().find(|(number, _)| *number == kind);
                let (_, kind) = *known.context("the ledger has a title of no known kind")?;
                titles.push(Title { conversation, kind, text });
            }
        }
        Ok(titles)
    }

    pub(crate) fn cost_states(&self) -> anyhow::Result<Vec<CostState>> {
        let sql = "SELECT conversation, total, has_unknown_model, at, models FROM cost_state ORDER BY conversation";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut states = Vec::new();
        while let Some(row) = rows.next()? {
            states.push(CostState {
                conversation: row.get(0)?,
                total: usd(row.get_ref(1)?.as_str()?)?,
                has_unknown_model: row.get(2)?,
                at: row.get::<_, Option<i64>>(3)?.map(instant),
                models: serde_json::from_str(row.get_ref(4)?.as_str()?)
                    .context("the ledger has costs by model that cannot be read")?,
            });
        }
        Ok(states)
    }
}

pub(super) fn put(connection: &Connection, batch: &Batch) -> anyhow::Result<()> {
    put_mark(connection, batch)?;
    let mut put = connection.prepare_cached("INSERT OR REPLACE INTO title VALUES (?1, ?2, ?3, ?4)")?;
    for Title { conversation, kind, text } in &batch.titles {
        let number = TITLE_KINDS.iter().find(|(_, known)| known == kind).map(|(number, _)| number);
        put.execute(params![conversation, number, batch.file.path, text])?;
    }
    for state in &batch.cost_states {
        put_cost_state(connection, state)?;
    }
    Ok(())
}

fn put_mark(connection: &Connection, batch: &Batch) -> anyhow::Result<()> {
    let FileMark { path, size, modified, inode, done, tail, began_at } = &batch.file;
    let (mut skipped, mut kept) = (batch.skipped.len() as u64, Vec::new());
    if !batch.is_whole {
        let mut known = connection.prepare_cached("SELECT skipped, samples FROM file WHERE path = ?1")?;
        let known = known.query_row([path], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        if let Some((known_skipped, known_samples)) = known {
            let (known_skipped, known_samples): (u64, String) = (known_skipped, known_samples);
            skipped += known_skipped;
            kept = samples(&known_samples)?;
        }
    }
    kept.extend(batch.skipped.iter().take(MOST_SAMPLES.saturating_sub(kept.len())).cloned());
    connection.prepare_cached("INSERT OR REPLACE INTO file VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?.execute(
        params![
            path,
            size,
            modified,
            // Numbers of 64 bits, not quantities: SQLite has the same bits with a sign.
            inode.cast_signed(),
            done,
            tail.cast_signed(),
            began_at.map(|at| at.timestamp_millis()),
            skipped,
            serde_json::to_string(&kept)?,
        ],
    )?;
    Ok(())
}

/// The figure is cumulative, so the greatest is the latest.
fn put_cost_state(connection: &Connection, state: &CostState) -> anyhow::Result<()> {
    let CostState { conversation, total, has_unknown_model, at, models } = state;
    let at = at.map(|at| at.timestamp_millis());
    let mut known = connection.prepare_cached("SELECT total, at FROM cost_state WHERE conversation = ?1")?;
    let known = known.query_row([conversation], |row| Ok((row.get::<_, String>(0)?, row.get(1)?))).optional()?;
    if let Some((known_total, known_at)) = known
        && (usd(&known_total)?, known_at) >= (*total, at)
    {
        return Ok(());
    }
    connection.prepare_cached("INSERT OR REPLACE INTO cost_state VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(params![
        conversation,
        total.to_string(),
        has_unknown_model,
        at,
        serde_json::to_string(models)?,
    ])?;
    Ok(())
}

pub(super) fn usd(text: &str) -> anyhow::Result<Usd> {
    text.parse().with_context(|| format!("the ledger has the amount `{text}`, which is none"))
}

fn samples(text: &str) -> anyhow::Result<Vec<Skipped>> {
    serde_json::from_str(text).context("the ledger has samples of lines that cannot be read")
}

fn mark(row: &Row<'_>) -> rusqlite::Result<FileMark> {
    Ok(FileMark {
        path: row.get_ref(0)?.as_str()?.into(),
        size: row.get(1)?,
        modified: row.get(2)?,
        inode: row.get::<_, i64>(3)?.cast_unsigned(),
        done: row.get(4)?,
        tail: row.get::<_, i64>(5)?.cast_unsigned(),
        began_at: row.get::<_, Option<i64>>(6)?.map(instant),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::import::CostOfModel;
    use crate::domain::model::ModelId;
    use crate::domain::tokens::TokenUsage;
    use crate::store::ledger::fixture::at;
    use crate::store::ledger::fixture::batch;

    fn put_all(ledger: &mut LedgerStore, batches: &[Batch]) {
        let mut import = ledger.begin_import().unwrap();
        for batch in batches {
            import.put(batch).unwrap();
        }
        import.commit().unwrap();
    }

    fn reading(done: u64, is_whole: bool, skipped: &[u64]) -> Batch {
        let skipped = skipped.iter().map(|&offset| Skipped { offset, reason: "torn".to_owned() }).collect();
        let batch = batch(Vec::new());
        Batch { file: FileMark { done, began_at: Some(at(0)), ..batch.file }, is_whole, skipped, ..batch }
    }

    #[test]
    fn a_file_is_where_its_last_reading_ended() {
        let mut ledger = LedgerStore::in_memory().unwrap();
        for (batch, done, count, samples) in [
            (reading(10, true, &[1, 5]), 10, 2, vec![1, 5]),
            (reading(20, false, &[11, 12]), 20, 4, vec![1, 5, 11]),
            // What follows is not yet written to its end.
            (reading(20, false, &[]), 20, 4, vec![1, 5, 11]),
            // It is another file now.
            (reading(5, true, &[2]), 5, 1, vec![2]),
        ] {
            put_all(&mut ledger, std::slice::from_ref(&batch));
            let mark = FileMark { done, ..batch.file };
            assert_eq!(ledger.files().unwrap(), HashMap::from([("f".into(), mark)]));
            let skipped = ledger.skipped_files().unwrap();
            let offsets: Vec<_> = skipped[0].samples.iter().map(|sample| sample.offset).collect();
            assert_eq!((skipped[0].path.as_str(), skipped[0].count, offsets), ("f", count, samples));
            assert_eq!(ledger.count_skipped().unwrap(), count);
        }
        put_all(&mut ledger, &[reading(5, true, &[])]);
        assert_eq!(ledger.skipped_files().unwrap(), []);
    }

    #[test]
    fn the_best_title_of_a_conversation_is_told() {
        let title = |conversation: &str, kind, text: &str| Title {
            conversation: conversation.to_owned(),
            kind,
            text: text.to_owned(),
        };
        let mut ledger = LedgerStore::in_memory().unwrap();
        let mut first = batch(Vec::new());
        first.titles = vec![
            title("c1", TitleKind::Custom, "old name"),
            title("c1", TitleKind::Custom, "new name"),
            title("c1", TitleKind::Ai, "ai"),
            title("c2", TitleKind::Agent, "agent"),
        ];
        put_all(&mut ledger, &[first]);
        let titles = [title("c1", TitleKind::Custom, "new name"), title("c2", TitleKind::Agent, "agent")];
        assert_eq!(ledger.titles().unwrap(), titles);
    }

    #[test]
    fn the_greatest_cost_state_of_a_conversation_is_kept() {
        let state = |total: &str, at: Option<i64>| CostState {
            conversation: "c".to_owned(),
            total: total.parse().unwrap(),
            has_unknown_model: at == Some(2),
            at: at.map(crate::store::ledger::fixture::at),
            models: vec![CostOfModel {
                model: ModelId::new("m[1m]"),
                tokens: TokenUsage::new(1, 2),
                cost: total.parse().unwrap(),
            }],
        };
        let states = [state("9.123456789012", Some(1)), state("10.5", Some(2)), state("10.5", None)];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let mut ledger = LedgerStore::in_memory().unwrap();
            let batches = order.map(|number: usize| {
                let cost_states = vec![states[number].clone()];
                Batch { cost_states, ..batch(Vec::new()) }
            });
            put_all(&mut ledger, &batches);
            assert_eq!(ledger.cost_states().unwrap(), [state("10.5", Some(2))]);
        }
    }
}
