//! Texts that repeat in many rows: models, branches, conversations, versions. Each is stored once, under a number.

use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rustc_hash::FxHashMap;

/// The number of no text.
pub(super) const NONE: i64 = 0;

/// Numbers and texts that were looked up before, for as long as one transaction lasts.
#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: FxHashMap<Arc<str>, i64>,
    texts: FxHashMap<i64, Arc<str>>,
}

impl Names {
    /// The number of a text, which gets one if it has none.
    pub(super) fn number(&mut self, connection: &Connection, text: &str) -> anyhow::Result<i64> {
        if let Some(&number) = self.numbers.get(text) {
            return Ok(number);
        }
        let known = connection
            .prepare_cached("SELECT id FROM name WHERE text = ?1")?
            .query_row([text], |row| row.get(0))
            .optional()?;
        let number = match known {
            Some(number) => number,
            None => connection.prepare_cached("INSERT INTO name (text) VALUES (?1)")?.insert([text])?,
        };
        self.numbers.insert(text.into(), number);
        Ok(number)
    }

    pub(super) fn number_if_any(&mut self, connection: &Connection, text: Option<&str>) -> anyhow::Result<i64> {
        text.map_or(Ok(NONE), |text| self.number(connection, text))
    }

    pub(super) fn text(&mut self, connection: &Connection, number: i64) -> anyhow::Result<Arc<str>> {
        if let Some(text) = self.texts.get(&number) {
            return Ok(Arc::clone(text));
        }
        let mut statement = connection.prepare_cached("SELECT text FROM name WHERE id = ?1")?;
        let text: Arc<str> = statement.query_row([number], |row| Ok(Arc::from(row.get_ref(0)?.as_str()?)))?;
        self.texts.insert(number, Arc::clone(&text));
        Ok(text)
    }

    pub(super) fn text_if_any(&mut self, connection: &Connection, number: i64) -> anyhow::Result<Option<Arc<str>>> {
        if number == NONE { Ok(None) } else { self.text(connection, number).map(Some) }
    }
}
