//! An exchange as a row: everything that its record needs to be merged with further ones comes back out of it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context as _;
use chrono::DateTime;
use chrono::Utc;
use rusqlite::CachedStatement;
use rusqlite::Connection;
use rusqlite::Row;
use rusqlite::Statement;
use rusqlite::params;

use crate::domain::event::EventId;
use crate::domain::event::Place;
use crate::domain::event::Precision;
use crate::domain::event::UsageEvent;
use crate::domain::ledger::Claim;
use crate::domain::ledger::Output;
use crate::domain::ledger::Record;
use crate::domain::model::ModelId;
use crate::domain::price::Speed;
use crate::domain::price::Terms;
use crate::domain::price::Tier;
use crate::store::ledger::names::Names;
use crate::store::ledger::places::Places;
use crate::store::ledger::sessions::tokens;

/// In the order in which [`Known::record`] reads them.
pub(super) const COLUMNS: &str =
    "id, at, model, terms, prompt, input, output, cache_write_5m, cache_write_1h, cache_read,
    web_searches, place, tools, commits, version, stated_cost, request, is_sidechain, is_copy, file_began_at, file,
    claimed_at, has_stopped, least_output, most_output, may_be_placeholder, blocks, session";

const VALUES: &str =
    "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
    ?23, ?24, ?25, ?26, ?27, NULL";

/// What to do with a row of the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Conflict {
    Keep,
    Replace,
}

/// The texts of a record by their numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers {
    pub(super) place: i64,
    pub(super) model: i64,
    tools: i64,
    version: i64,
    file: i64,
}

/// Names and places, so far as they were looked up.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) names: Names,
    pub(super) places: Places,
}

impl Known {
    pub(super) fn numbers(&mut self, connection: &Connection, record: &Record) -> anyhow::Result<Numbers> {
        let event = &record.event;
        let tools = if event.tools.is_empty() { None } else { Some(serde_json::to_string(&event.tools)?) };
        let names = &mut self.names;
        Ok(Numbers {
            model: names.number(connection, event.model.as_str())?,
            tools: names.number_if_any(connection, tools.as_deref())?,
            version: names.number_if_any(connection, event.version.as_deref())?,
            file: names.number(connection, &record.claim.path)?,
            place: self.places.number(connection, names, &event.place)?,
        })
    }

    pub(super) fn record(&mut self, connection: &Connection, row: &Row<'_>) -> anyhow::Result<Record> {
        let names = &mut self.names;
        let place = self.places.place(connection, names, row.get(11)?)?;
        let tools = match names.text_if_any(connection, row.get(12)?)? {
            Some(tools) => serde_json::from_str(&tools).context("the ledger has tools that cannot be read")?,
            None => BTreeSet::new(),
        };
        let text = |column| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_str_or_null()?);
        let output = Output {
            has_stopped: row.get(22)?,
            least: row.get(23)?,
            most: row.get(24)?,
            may_be_placeholder: row.get(25)?,
            blocks: match text(26)? {
                Some(blocks) => serde_json::from_str(blocks).context("the ledger has blocks that cannot be read")?,
                None => BTreeMap::new(),
            },
        };
        let event = UsageEvent {
            id: EventId::new(row.get::<_, String>(0)?),
            at: instant(row.get(1)?),
            model: ModelId::new(names.text(connection, row.get(2)?)?),
            tokens: tokens(row, 5)?,
            prompt: row.get(4)?,
            terms: unpacked(row.get(3)?),
            precision: Precision::Measured,
            likely_output: None,
            stated_cost: text(15)?.map(str::parse).transpose().context("the ledger has a cost that is none")?,
            place,
            tools,
            commits: row.get(13)?,
            version: names.text_if_any(connection, row.get(14)?)?,
            session: text(27)?.map(str::parse).transpose().context("the ledger has an id that is none")?,
            task: None,
        };
        let claim = Claim {
            is_sidechain: row.get(17)?,
            is_copy: row.get(18)?,
            began_at: row.get::<_, Option<i64>>(19)?.map(instant),
            path: names.text(connection, row.get(20)?)?,
            at: instant(row.get(21)?),
        };
        Ok(Record { request: row.get(16)?, event, claim, output }.settled())
    }
}

/// The statement that writes a row; one for many, because looking for it takes as long as half a row.
pub(super) fn writer(connection: &Connection, conflict: Conflict) -> rusqlite::Result<CachedStatement<'_>> {
    let verb = if conflict == Conflict::Keep { "INSERT OR IGNORE" } else { "INSERT OR REPLACE" };
    connection.prepare_cached(&format!("{verb} INTO exchange ({COLUMNS}) VALUES ({VALUES})"))
}

/// Writes the row of a record, of no session so far; whether that changed anything.
pub(super) fn write(writer: &mut Statement<'_>, record: &Record, numbers: &Numbers) -> anyhow::Result<bool> {
    let Record { request, event, claim, output } = record;
    let blocks = if output.blocks.is_empty() { None } else { Some(serde_json::to_string(&output.blocks)?) };
    let changes = writer.execute(params![
        event.id.as_str(),
        event.at.timestamp_millis(),
        numbers.model,
        packed(event.terms),
        event.prompt,
        event.tokens.input,
        event.tokens.output,
        event.tokens.cache_write_5m,
        event.tokens.cache_write_1h,
        event.tokens.cache_read,
        event.tokens.web_searches,
        numbers.place,
        numbers.tools,
        event.commits,
        numbers.version,
        event.stated_cost.map(|cost| cost.to_string()),
        request,
        claim.is_sidechain,
        claim.is_copy,
        claim.began_at.map(|at| at.timestamp_millis()),
        numbers.file,
        claim.at.timestamp_millis(),
        output.has_stopped,
        output.least,
        output.most,
        output.may_be_placeholder,
        blocks,
    ])?;
    Ok(changes > 0)
}

/// The exchange of that id as it was kept, its place without a project: whose it is must not depend on what is known
/// of directories by now.
pub(super) fn load(connection: &Connection, known: &mut Known, id: &str) -> anyhow::Result<Record> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM exchange WHERE id = ?1"))?;
    let mut rows = statement.query([id])?;
    let row = rows.next()?.with_context(|| format!("the ledger has lost the exchange {id}"))?;
    let mut record = as_kept(known.record(connection, row)?);
    record.event.session = None;
    Ok(record)
}

/// A record as it comes back from its row, but for its project.
pub(super) fn as_kept(mut record: Record) -> Record {
    record.event.at = in_milliseconds(record.event.at);
    record.claim.at = in_milliseconds(record.claim.at);
    record.claim.began_at = record.claim.began_at.map(in_milliseconds);
    if !record.event.place.project.is_empty() {
        record.event.place = Arc::new(Place { project: String::new(), ..(*record.event.place).clone() });
    }
    record.settled()
}

fn in_milliseconds(at: DateTime<Utc>) -> DateTime<Utc> {
    instant(at.timestamp_millis())
}

pub(super) fn instant(milliseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(milliseconds).unwrap_or_default()
}

/// Bits 0 and 1 are the speed, bit 2 is batch, bit 3 is US only.
pub(super) fn packed(terms: Terms) -> u8 {
    let speed = match terms.speed {
        None => 0,
        Some(Speed::Standard) => 1,
        Some(Speed::Fast) => 2,
    };
    speed | u8::from(terms.tier == Tier::Batch) << 2 | u8::from(terms.us_only) << 3
}

pub(super) fn unpacked(terms: u8) -> Terms {
    Terms {
        speed: match terms & 0b11 {
            0 => None,
            1 => Some(Speed::Standard),
            _ => Some(Speed::Fast),
        },
        tier: if terms & 0b100 == 0 { Tier::Standard } else { Tier::Batch },
        us_only: terms & 0b1000 != 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::ledger::LedgerStore;
    use crate::store::ledger::fixture::any_record;

    proptest! {
        #[test]
        fn a_record_comes_back_out_of_its_row(record in any_record()) {
            let ledger = LedgerStore::in_memory().unwrap();
            let connection = &ledger.connection;
            let numbers = Known::default().numbers(connection, &record).unwrap();
            write(&mut writer(connection, Conflict::Keep).unwrap(), &record, &numbers).unwrap();
            let read = load(connection, &mut Known::default(), record.event.id.as_str()).unwrap();
            prop_assert_eq!(read, as_kept(record));
        }
    }
}
