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
use rusqlite::ToSql;
use rusqlite::params;
use rustc_hash::FxHashMap;

use crate::domain::event::EventId;
use crate::domain::event::Place;
use crate::domain::event::Precision;
use crate::domain::event::UsageEvent;
use crate::domain::ledger::BESIDES;
use crate::domain::ledger::Claim;
use crate::domain::ledger::Output;
use crate::domain::ledger::Record;
use crate::domain::model::ModelId;
use crate::domain::price::Speed;
use crate::domain::price::Terms;
use crate::domain::price::Tier;
use crate::store::ledger::names::NONE;
use crate::store::ledger::names::Names;
use crate::store::ledger::places::Places;
use crate::store::ledger::sessions::tokens;

/// In the order in which [`Known::record`] reads them.
pub(super) const COLUMNS: &str =
    "id, at, session, place, model, flags, prompt, input, output, cache_write_5m, cache_write_1h, cache_read,
    web_searches, tools, version, request, stated_cost, file, file_began_at, claimed_at, least_output, most_output, blocks";

/// One row of new values for them: the session is found later.
const VALUES: &str = "(?, ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// Rows that one statement writes where there are many: what it takes to run one is a third of writing a row.
const MANY: usize = 8;

/// The lowest bits of `flags` are the terms: see [`packed`].
const IS_SIDECHAIN: u16 = 1 << 4;
const IS_COPY: u16 = 1 << 5;
const COMMITS: u16 = 1 << 6;
const HAS_STOPPED: u16 = 1 << 7;
const MAY_BE_PLACEHOLDER: u16 = 1 << 8;

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
    tools: FxHashMap<BTreeSet<String>, i64>,
    last_model: Last,
    last_version: Last,
    last_file: Last,
}

/// The text that was looked up last, which is most often the next record's too.
#[derive(Debug, Default)]
struct Last(Option<(Box<str>, i64)>);

impl Last {
    fn number(&mut self, connection: &Connection, names: &mut Names, text: &str) -> anyhow::Result<i64> {
        if let Some((last, number)) = &self.0
            && last.as_ref() == text
        {
            return Ok(*number);
        }
        let number = names.number(connection, text)?;
        self.0 = Some((text.into(), number));
        Ok(number)
    }
}

impl Known {
    pub(super) fn numbers(&mut self, connection: &Connection, record: &Record) -> anyhow::Result<Numbers> {
        let event = &record.event;
        let names = &mut self.names;
        Ok(Numbers {
            model: self.last_model.number(connection, names, event.model.as_str())?,
            version: match &event.version {
                Some(version) => self.last_version.number(connection, names, version)?,
                None => NONE,
            },
            file: self.last_file.number(connection, names, &record.claim.path)?,
            place: self.places.number(connection, names, &event.place)?,
            tools: self.tools(connection, &event.tools)?,
        })
    }

    fn tools(&mut self, connection: &Connection, tools: &BTreeSet<String>) -> anyhow::Result<i64> {
        if tools.is_empty() {
            return Ok(NONE);
        }
        if let Some(&number) = self.tools.get(tools) {
            return Ok(number);
        }
        let number = self.names.number(connection, &serde_json::to_string(tools)?)?;
        self.tools.insert(tools.clone(), number);
        Ok(number)
    }

    pub(super) fn record(&mut self, connection: &Connection, row: &Row<'_>) -> anyhow::Result<Record> {
        let names = &mut self.names;
        let text = |column| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_str_or_null()?);
        let at: i64 = row.get(1)?;
        let place = self.places.place(connection, row.get(3)?)?;
        let flags: u16 = row.get(5)?;
        let has = |flag| flags & flag != 0;
        let tokens = tokens(row, 7)?;
        let tools = match names.text_if_any(connection, row.get(13)?)? {
            Some(tools) => serde_json::from_str(&tools).context("the ledger has tools that cannot be read")?,
            None => BTreeSet::new(),
        };
        let event = UsageEvent {
            id: EventId::new(row.get::<_, String>(0)?),
            at: instant(at),
            model: ModelId::new(names.text(connection, row.get(4)?)?),
            tokens,
            prompt: row.get(6)?,
            terms: unpacked(flags),
            precision: Precision::Measured,
            likely_output: None,
            stated_cost: text(16)?.map(str::parse).transpose().context("the ledger has a cost that is none")?,
            place,
            tools,
            commits: has(COMMITS),
            version: names.text_if_any(connection, row.get(14)?)?,
            session: text(2)?.map(str::parse).transpose().context("the ledger has an id that is none")?,
            task: None,
        };
        let claim = Claim {
            is_sidechain: has(IS_SIDECHAIN),
            is_copy: has(IS_COPY),
            began_at: row.get::<_, Option<i64>>(18)?.map(instant),
            path: names.text(connection, row.get(17)?)?,
            at: instant(row.get::<_, Option<i64>>(19)?.unwrap_or(at)),
        };
        let output = Output {
            has_stopped: has(HAS_STOPPED),
            least: row.get::<_, Option<u64>>(20)?.unwrap_or(tokens.output),
            most: row.get::<_, Option<u64>>(21)?.unwrap_or(tokens.output),
            may_be_placeholder: has(MAY_BE_PLACEHOLDER),
            blocks: match text(22)? {
                Some(blocks) => serde_json::from_str(blocks).context("the ledger has blocks that cannot be read")?,
                None => BTreeMap::new(),
            },
        };
        Ok(Record { request: row.get(15)?, event, claim, output, apart: Vec::new() }.settled())
    }
}

/// The statement that writes a row; one for many, because looking for it takes as long as half a row.
pub(super) fn writer(connection: &Connection, conflict: Conflict) -> rusqlite::Result<CachedStatement<'_>> {
    writer_of(connection, conflict, 1)
}

fn writer_of(connection: &Connection, conflict: Conflict, rows: usize) -> rusqlite::Result<CachedStatement<'_>> {
    let verb = if conflict == Conflict::Keep { "INSERT OR IGNORE" } else { "INSERT OR REPLACE" };
    let values = vec![VALUES; rows].join(", ");
    connection.prepare_cached(&format!("{verb} INTO exchange ({COLUMNS}) VALUES {values}"))
}

/// Writes the row of a record, of no session so far; whether that changed anything.
pub(super) fn write(writer: &mut Statement<'_>, record: &Record, numbers: &Numbers) -> anyhow::Result<bool> {
    bind(writer, 0, record, numbers)?;
    Ok(writer.raw_execute()? > 0)
}

/// Writes the rows of records of which none is there.
pub(super) fn write_new(connection: &Connection, records: &[(&Record, Numbers)]) -> anyhow::Result<()> {
    let mut many = writer_of(connection, Conflict::Keep, MANY)?;
    let chunks = records.chunks_exact(MANY);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (row, (record, numbers)) in chunk.iter().enumerate() {
            bind(&mut many, row, record, numbers)?;
        }
        many.raw_execute()?;
    }
    let mut one = writer(connection, Conflict::Keep)?;
    rest.iter().try_for_each(|(record, numbers)| write(&mut one, record, numbers).map(drop))
}

/// Puts the values of a record into a statement, whose rows count from 0.
fn bind(writer: &mut Statement<'_>, row: usize, record: &Record, numbers: &Numbers) -> anyhow::Result<()> {
    let Record { request, event, claim, output, .. } = record;
    let blocks = if output.blocks.is_empty() { None } else { Some(serde_json::to_string(&output.blocks)?) };
    let flags = [
        (claim.is_sidechain, IS_SIDECHAIN),
        (claim.is_copy, IS_COPY),
        (event.commits, COMMITS),
        (output.has_stopped, HAS_STOPPED),
        (output.may_be_placeholder, MAY_BE_PLACEHOLDER),
    ];
    let flags = flags.iter().filter(|(is_so, _)| *is_so).fold(packed(event.terms), |flags, (_, flag)| flags | flag);
    let at = event.at.timestamp_millis();
    let claimed_at = claim.at.timestamp_millis();
    let unless_output = |count: u64| (count != event.tokens.output).then_some(count);
    let values: &[&dyn ToSql] = params![
        event.id.as_str(),
        at,
        numbers.place,
        numbers.model,
        flags,
        event.prompt,
        event.tokens.input,
        event.tokens.output,
        event.tokens.cache_write_5m,
        event.tokens.cache_write_1h,
        event.tokens.cache_read,
        event.tokens.web_searches,
        numbers.tools,
        numbers.version,
        request,
        event.stated_cost.map(|cost| cost.to_string()),
        numbers.file,
        claim.began_at.map(|at| at.timestamp_millis()),
        (claimed_at != at).then_some(claimed_at),
        unless_output(output.least),
        unless_output(output.most),
        blocks,
    ];
    for (place, value) in values.iter().enumerate() {
        writer.raw_bind_parameter(row * values.len() + place + 1, value)?;
    }
    Ok(())
}

/// The exchange of that id as it was kept, its place without a project: whose it is must not depend on what is known
/// of directories by now. `None` if there is none.
pub(super) fn load(connection: &Connection, known: &mut Known, id: &str) -> anyhow::Result<Option<Record>> {
    Ok(load_where(connection, known, "id = ?1", id)?.pop())
}

/// What is billed besides the exchange of that id.
pub(super) fn load_apart(connection: &Connection, known: &mut Known, id: &str) -> anyhow::Result<Vec<Record>> {
    let ids = format!("id >= ?1 || '{BESIDES}' AND id < ?1 || char(unicode('{BESIDES}') + 1)");
    load_where(connection, known, &ids, id)
}

fn load_where(connection: &Connection, known: &mut Known, ids: &str, id: &str) -> anyhow::Result<Vec<Record>> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM exchange WHERE {ids}"))?;
    let mut rows = statement.query([id])?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        let mut record = as_kept(known.record(connection, row)?);
        record.event.session = None;
        records.push(record);
    }
    Ok(records)
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

/// Bits 0 and 1 are the speed, bit 2 is batch, bit 3 is US only; further bits are none of it.
pub(super) fn packed(terms: Terms) -> u16 {
    let speed = match terms.speed {
        None => 0,
        Some(Speed::Standard) => 1,
        Some(Speed::Fast) => 2,
    };
    speed | u16::from(terms.tier == Tier::Batch) << 2 | u16::from(terms.us_only) << 3
}

pub(super) fn unpacked(terms: u16) -> Terms {
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
            prop_assert_eq!(read, Some(as_kept(Record { apart: Vec::new(), ..record })));
        }
    }
}
