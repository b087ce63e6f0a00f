//! What the ledger is asked for: events, their sums, and when there were any, of half-open spans of time.

use chrono::DateTime;
use chrono::Utc;
use rusqlite::Params;
use rusqlite::params;

use crate::domain::event::Precision;
use crate::domain::event::UsageEvent;
use crate::domain::ledger::UsageSum;
use crate::domain::ledger::quarter;
use crate::domain::model::ModelId;
use crate::store::ledger::LedgerStore;
use crate::store::ledger::exchange::COLUMNS;
use crate::store::ledger::exchange::Known;
use crate::store::ledger::exchange::instant;
use crate::store::ledger::exchange::unpacked;
use crate::store::ledger::join::IN_PROJECT;
use crate::store::ledger::join::QUARTER;
use crate::store::ledger::sessions::tokens;

/// From an instant on, and up to but without another, in milliseconds.
#[derive(Debug, Clone, Copy)]
struct Span {
    since: i64,
    until: i64,
}

impl LedgerStore {
    /// All events of a span added up by quarters of an hour; where it begins or ends within one, event by event. In order of
    /// time.
    pub(crate) fn sums(
        &self,
        since: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
    ) -> anyhow::Result<Vec<UsageSum>> {
        let span = Span::of(since, until);
        let mut known = Known::default();
        let (edges, whole) = span.quarters();
        let mut sums = self.whole_quarters(&mut known, whole)?;
        for edge in edges {
            sums.extend(self.measured(&mut known, edge)?.iter().map(UsageSum::of));
        }
        sums.extend(self.entries(span)?.iter().map(UsageSum::of));
        sums.sort_by_key(|sum| sum.at);
        Ok(sums)
    }

    /// All that was measured.
    pub(crate) fn count_exchanges(&self) -> anyhow::Result<u64> {
        let sql = "SELECT coalesce(sum(exchanges), 0) FROM sum";
        Ok(self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    /// Whether there are so many at least; quick however many there are.
    pub(crate) fn has_exchanges(&self, least: u64) -> anyhow::Result<bool> {
        let sql = "SELECT count(*) >= ?1 FROM (SELECT 1 FROM exchange LIMIT ?1)";
        Ok(self.connection.prepare_cached(sql)?.query_row([least], |row| row.get(0))?)
    }

    /// The events of a span, in order of time: what was measured, and what entries state beside it.
    pub(crate) fn events(
        &self,
        since: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
    ) -> anyhow::Result<Vec<UsageEvent>> {
        let span = Span::of(since, until);
        let mut events = self.measured(&mut Known::default(), span)?;
        events.extend(self.entries(span)?);
        Ok(in_order(events))
    }

    /// The same one by one, so that they need not fit into memory.
    pub(crate) fn each_event<E: From<anyhow::Error>>(
        &self,
        since: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
        mut each: impl FnMut(&UsageEvent) -> Result<(), E>,
    ) -> Result<(), E> {
        let span = Span::of(since, until);
        // What people type is little.
        let entries = in_order(self.entries(span)?);
        let mut entries = entries.iter().peekable();
        self.each_exchange(span, |event| {
            while let Some(entry) = entries.next_if(|entry| (entry.at, &entry.id) < (event.at, &event.id)) {
                each(entry)?;
            }
            each(event)
        })?;
        entries.try_for_each(each)
    }

    fn each_exchange<E: From<anyhow::Error>>(
        &self,
        span: Span,
        mut each: impl FnMut(&UsageEvent) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut known = Known::default();
        let sql = format!("SELECT {COLUMNS} FROM exchange WHERE at >= ?1 AND at < ?2 ORDER BY at, id");
        let mut statement = self.connection.prepare_cached(&sql).map_err(anyhow::Error::from)?;
        let mut rows = statement.query([span.since, span.until]).map_err(anyhow::Error::from)?;
        while let Some(row) = rows.next().map_err(anyhow::Error::from)? {
            each(&known.record(&self.connection, row)?.event)?;
        }
        Ok(())
    }

    /// The events of a closed session, in order of time.
    #[cfg(test)]
    pub(crate) fn session_events(&self, id: crate::domain::session::SessionId) -> anyhow::Result<Vec<UsageEvent>> {
        let id = id.to_string();
        let mut events = self.exchanges(&mut Known::default(), "session = ?1", [&id])?;
        events.extend(self.entries_where("session = ?1 AND counts", [&id])?);
        Ok(in_order(events))
    }

    /// What was measured in a project, in order of time; with the session that it belongs to, if one has closed since.
    pub(crate) fn events_in(
        &self,
        project_root: &str,
        since: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
    ) -> anyhow::Result<Vec<UsageEvent>> {
        let Span { since, until } = Span::of(since, until);
        let conditions = format!("at >= ?1 AND {IN_PROJECT} AND at < ?3");
        self.exchanges(&mut Known::default(), &conditions, params![since, project_root, until]).map(in_order)
    }

    /// The first and the last event of each quarter of an hour that has any, in order of time.
    pub(crate) fn activity(
        &self,
        since: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
    ) -> anyhow::Result<Vec<(DateTime<Utc>, DateTime<Utc>)>> {
        let span = Span::of(since, until);
        let mut statement = self.connection.prepare_cached(
            "SELECT at FROM exchange WHERE at >= ?1 AND at < ?2
             UNION ALL SELECT at FROM entry WHERE counts AND at >= ?1 AND at < ?2 ORDER BY at",
        )?;
        let mut rows = statement.query([span.since, span.until])?;
        let mut quarters: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::new();
        while let Some(row) = rows.next()? {
            let at = instant(row.get(0)?);
            match quarters.last_mut() {
                Some((first, last)) if quarter(*first) == quarter(at) => *last = at,
                _ => quarters.push((at, at)),
            }
        }
        Ok(quarters)
    }

    /// When the last event was.
    pub(crate) fn last_at(&self) -> anyhow::Result<Option<DateTime<Utc>>> {
        let sql =
            "SELECT max(at) FROM (SELECT max(at) AS at FROM exchange UNION ALL SELECT max(at) FROM entry WHERE counts)";
        let last: Option<i64> = self.connection.query_row(sql, [], |row| row.get(0))?;
        Ok(last.map(instant))
    }

    fn whole_quarters(&self, known: &mut Known, span: Span) -> anyhow::Result<Vec<UsageSum>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT quarter, place, model, terms, prompt, is_lower_bound, exchanges, input, output, cache_write_5m,
             cache_write_1h, cache_read, web_searches, missing_output FROM sum WHERE quarter >= ?1 AND quarter < ?2",
        )?;
        let mut rows = statement.query([span.since, span.until])?;
        let mut sums = Vec::new();
        while let Some(row) = rows.next()? {
            sums.push(UsageSum {
                at: instant(row.get(0)?),
                place: known.places.place(&self.connection, row.get(1)?)?,
                model: ModelId::new(known.names.text(&self.connection, row.get(2)?)?),
                terms: unpacked(row.get(3)?),
                prompt: row.get(4)?,
                precision: if row.get(5)? { Precision::LowerBound } else { Precision::Measured },
                exchanges: row.get(6)?,
                tokens: tokens(row, 7)?,
                missing_output: row.get(13)?,
            });
        }
        Ok(sums)
    }

    fn measured(&self, known: &mut Known, span: Span) -> anyhow::Result<Vec<UsageEvent>> {
        self.exchanges(known, "at >= ?1 AND at < ?2", [span.since, span.until])
    }

    fn entries(&self, span: Span) -> anyhow::Result<Vec<UsageEvent>> {
        self.entries_where("at >= ?1 AND at < ?2 AND counts", [span.since, span.until])
    }

    fn exchanges(
        &self,
        known: &mut Known,
        conditions: &str,
        parameters: impl Params,
    ) -> anyhow::Result<Vec<UsageEvent>> {
        let sql = format!("SELECT {COLUMNS} FROM exchange WHERE {conditions}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(parameters)?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            events.push(known.record(&self.connection, row)?.event);
        }
        Ok(events)
    }
}

impl Span {
    fn of(since: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Self {
        Self {
            since: milliseconds(since.unwrap_or(DateTime::<Utc>::MIN_UTC)),
            until: milliseconds(until.unwrap_or(DateTime::<Utc>::MAX_UTC)),
        }
    }

    /// What lies before and behind its whole quarters, and these.
    fn quarters(self) -> ([Self; 2], Self) {
        let first = (self.since + QUARTER - 1).div_euclid(QUARTER) * QUARTER;
        let last = self.until.div_euclid(QUARTER) * QUARTER;
        if first >= last {
            let none = Self { since: self.until, until: self.until };
            return ([self, none], none);
        }
        let edges = [Self { since: self.since, until: first }, Self { since: last, until: self.until }];
        (edges, Self { since: first, until: last })
    }
}

/// The first millisecond that is not before an instant.
fn milliseconds(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis() + i64::from(!at.timestamp_subsec_nanos().is_multiple_of(1_000_000))
}

fn in_order(mut events: Vec<UsageEvent>) -> Vec<UsageEvent> {
    events.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ledger::fixture::at;
    use crate::store::ledger::fixture::ended_session;
    use crate::store::ledger::fixture::import;
    use crate::store::ledger::fixture::record;

    #[test]
    fn the_work_of_each_quarter_is_told_by_its_ends() {
        let mut ledger = LedgerStore::in_memory().unwrap();
        let minutes = [3, 7, 14, 15, 60];
        import(&mut ledger, minutes.map(|minute| record(&format!("{minute}"), minute, "/w/a")).to_vec());
        ledger.put_session(&ended_session("/w/b", 0, &[(20, 100, false), (61, 100, false)], 90)).unwrap();
        // What is measured took its place.
        ledger.put_session(&ended_session("/w/a", 0, &[(16, 100, false)], 50)).unwrap();
        let quarters = |since: Option<i64>, until: Option<i64>| {
            let quarters = ledger.activity(since.map(at), until.map(at)).unwrap();
            let minute = |instant: DateTime<Utc>| (instant - at(0)).num_minutes();
            quarters.into_iter().map(|(first, last)| (minute(first), minute(last))).collect::<Vec<_>>()
        };
        assert_eq!(quarters(None, None), [(3, 14), (15, 20), (60, 61)]);
        assert_eq!(quarters(Some(7), Some(20)), [(7, 14), (15, 15)]);
    }

    #[test]
    fn sums_are_of_quarters_where_whole_ones_are_asked_for() {
        let mut ledger = LedgerStore::in_memory().unwrap();
        let minutes = [1, 2, 16, 17, 31, 32];
        import(&mut ledger, minutes.map(|minute| record(&format!("{minute}"), minute, "/w/a")).to_vec());
        let sums = |since, until| {
            let sums = ledger.sums(Some(at(since)), Some(at(until))).unwrap();
            sums.iter().map(|sum| ((sum.at - at(0)).num_minutes(), sum.exchanges)).collect::<Vec<_>>()
        };
        assert_eq!(sums(0, 45), [(0, 2), (15, 2), (30, 2)]);
        assert_eq!(sums(2, 32), [(2, 1), (15, 2), (31, 1)]);
        assert_eq!(sums(2, 17), [(2, 1), (16, 1)]);
        assert_eq!(sums(17, 18), [(17, 1)]);
        assert_eq!(sums(18, 17), []);
    }

    #[test]
    fn one_by_one_they_are_the_same_events() {
        let mut ledger = LedgerStore::in_memory().unwrap();
        let minutes = [3, 7, 7, 60];
        import(&mut ledger, (0..).zip(minutes).map(|(id, minute)| record(&format!("{id}"), minute, "/w/a")).collect());
        ledger
            .put_session(&ended_session("/w/b", 0, &[(1, 100, false), (7, 100, false), (61, 100, false)], 90))
            .unwrap();
        for (since, until) in [(None, None), (Some(at(7)), Some(at(60))), (Some(at(60)), None)] {
            let mut events = Vec::new();
            ledger
                .each_event(since, until, |event| {
                    events.push(event.clone());
                    anyhow::Ok(())
                })
                .unwrap();
            assert_eq!(events, ledger.events(since, until).unwrap());
        }
        let outcome = ledger.each_event(None, None, |_| Err(anyhow::anyhow!("enough")));
        assert_eq!(outcome.unwrap_err().to_string(), "enough");
    }

    #[test]
    fn an_instant_between_two_milliseconds_cuts_between_them() {
        for (text, first) in
            [("1970-01-01T00:00:00.001Z", 1), ("1970-01-01T00:00:00.001000001Z", 2), ("1969-12-31T23:59:59.9995Z", 0)]
        {
            assert_eq!(milliseconds(text.parse().unwrap()), first, "{text}");
        }
    }
}
