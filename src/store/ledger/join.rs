//! Which session each measured exchange belongs to, and which entries count beside them.
//!
//! Measured beats stated: an entry in whose interval something was measured is an estimate of that, and counts nowhere,
//! unless the person said that it comes on top.

use chrono::DateTime;
use chrono::Utc;
use rusqlite::Connection;
use rusqlite::params;

/// A quarter of an hour in milliseconds.
pub(super) const QUARTER: i64 = 900_000;

/// Numbers of the places of a project, which is parameter 2.
pub(super) const IN_PROJECT: &str = "place IN (
    SELECT place.id FROM directory CROSS JOIN place ON place.directory = directory.id WHERE project = ?2)";

/// A stretch of time from one millisecond to another, both in it; the default is none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Range(Option<(i64, i64)>);

impl Range {
    pub(super) const ALL: Self = Self(Some((i64::MIN, i64::MAX)));

    pub(super) fn of(milliseconds: i64) -> Self {
        Self(Some((milliseconds, milliseconds)))
    }

    /// The least that holds both.
    pub(super) fn and(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some((first, last)), Some((other_first, other_last))) => {
                Self(Some((first.min(other_first), last.max(other_last))))
            }
            (one, other) => Self(one.or(other)),
        }
    }

    pub(super) fn with(self, at: DateTime<Utc>) -> Self {
        self.and(Self::of(at.timestamp_millis()))
    }
}

/// Finds out anew for all exchanges of a range, and for the entries of all sessions that overlap it.
///
/// Of two sessions that overlap in one project, the one that began last has what lies in both.
pub(super) fn again(connection: &Connection, range: Range) -> anyhow::Result<()> {
    let Some((first, last)) = range.0 else { return Ok(()) };
    let some = "SELECT EXISTS (SELECT 1 FROM exchange WHERE at BETWEEN ?1 AND ?2)";
    if !connection.prepare_cached(some)?.query_row([first, last], |row| row.get::<_, bool>(0))? {
        return Ok(());
    }
    let clear = "UPDATE exchange SET session = NULL WHERE at BETWEEN ?1 AND ?2 AND session IS NOT NULL";
    connection.prepare_cached(clear)?.execute([first, last])?;

    let mut sessions = connection.prepare_cached(
        "SELECT id, project_root, started_at, ended_at FROM session
         WHERE state = 'ended' AND ended_at > ?1 AND started_at <= ?2 ORDER BY started_at, id",
    )?;
    let mut join = connection.prepare_cached(&format!(
        "UPDATE exchange SET session = ?1 WHERE at >= max(?3, ?5) AND at < ?4 AND at <= ?6 AND {IN_PROJECT} AND NOT EXISTS
         (SELECT 1 FROM pause WHERE session = ?1 AND began_at <= exchange.at AND exchange.at < ended_at)",
    ))?;
    let mut overlapping = Vec::new();
    let mut rows = sessions.query([first, last])?;
    while let Some(row) = rows.next()? {
        let (id, root, started_at, ended_at): (String, String, i64, i64) = row.try_into()?;
        join.execute(params![id, root, started_at, ended_at, first, last])?;
        overlapping.push(id);
    }

    let mut count = connection.prepare_cached(
        "UPDATE entry SET counts = extra OR NOT EXISTS (SELECT 1 FROM exchange
         WHERE exchange.session = entry.session AND exchange.at BETWEEN entry.began_at AND entry.at) WHERE session = ?1",
    )?;
    for id in overlapping {
        count.execute([id])?;
    }
    Ok(())
}

/// When work of an open session in its project was measured that belongs to no other session.
pub(super) fn measured_since(
    connection: &Connection,
    project_root: &str,
    started_at: DateTime<Utc>,
) -> anyhow::Result<Vec<i64>> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT at FROM exchange WHERE at >= ?1 AND session IS NULL AND {IN_PROJECT}"))?;
    let rows = statement.query_map(params![started_at.timestamp_millis(), project_root], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
