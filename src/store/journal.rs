//! The text of a journal: a line of JSON for each thing that happened, and what to make of lines that are none.

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::NoContext;
use uuid::Timestamp;
use uuid::Uuid;

use crate::domain::instant;
use crate::domain::session::Damage;
use crate::domain::session::LineId;
use crate::domain::session::Session;
use crate::domain::session::SessionId;
use crate::domain::session::fold;
use crate::domain::session::journal::Happening;
use crate::domain::session::journal::Line;
use crate::domain::session::journal::Start;
use crate::domain::session::journal::VERSION;

/// A line as it is on disk.
#[derive(Deserialize)]
struct WireLine<W> {
    id: LineId,
    #[serde(deserialize_with = "instant::from_rfc3339")]
    at: DateTime<Utc>,
    #[serde(default, deserialize_with = "instant::from_rfc3339_if_any")]
    recorded_at: Option<DateTime<Utc>>,
    what: W,
    v: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unread {
    Malformed,
    Newer,
}

pub(crate) fn new_session_id(now: DateTime<Utc>) -> SessionId {
    SessionId::new(time_ordered(now))
}

/// A line that says what happened at `at`, written now.
pub(crate) fn new_line(at: DateTime<Utc>, now: DateTime<Utc>, what: Happening) -> Line {
    Line::new(LineId(time_ordered(now)), at, now, what)
}

/// The line as it is written, without a line break.
pub(crate) fn text(line: &Line) -> String {
    serde_json::to_string(line).expect("a line holds only text, numbers and instants")
}

/// The session that a journal tells of; `None` when it has no start.
pub(crate) fn fold(id: SessionId, journal: &[u8]) -> Option<Session> {
    let mut damage = Damage::default();
    let mut lines = Vec::new();
    for text in journal.split(|&byte| byte == b'\n') {
        // Blank lines do no harm, and after a power cut some file systems leave runs of NUL.
        if text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match parse(text) {
            Ok(line) => lines.push(line),
            Err(Unread::Malformed) => damage.malformed += 1,
            Err(Unread::Newer) => damage.newer += 1,
        }
    }
    fold::fold(id, lines, damage)
}

/// The start that a journal tells of, without reading the rest. It is the first line unless someone put one before it,
/// as merges of files do.
pub(crate) fn start(journal: &[u8]) -> Option<Start> {
    let lines = journal.split(|&byte| byte == b'\n');
    lines.filter_map(|line| parse(line).ok()).find_map(|line| match line.what {
        Happening::Started(start) => Some(*start),
        _ => None,
    })
}

fn parse(text: &[u8]) -> Result<Line, Unread> {
    let text = std::str::from_utf8(text).map_err(|_| Unread::Malformed)?;
    let Ok(wire) = serde_json::from_str::<WireLine<Happening>>(text) else {
        // A whole line with anything else in `what` is of a kind from a newer version, which is no damage.
        let is_whole = serde_json::from_str::<WireLine<&RawValue>>(text).is_ok();
        return Err(if is_whole { Unread::Newer } else { unread(text) });
    };
    if let Happening::Logged(logged) | Happening::EntryEdited { becomes: logged, .. } = &wire.what
        && !logged.tokens.is_possible()
    {
        return Err(Unread::Malformed);
    }
    let recorded_at = wire.recorded_at.unwrap_or(wire.at);
    Ok(Line { version: wire.v, id: wire.id, at: wire.at, recorded_at, what: wire.what })
}

/// Why a line is none: a newer version may have given it another form altogether.
fn unread(text: &str) -> Unread {
    #[derive(Deserialize)]
    struct Versioned {
        v: u32,
    }
    match serde_json::from_str(text) {
        Ok(Versioned { v }) if v > VERSION => Unread::Newer,
        _ => Unread::Malformed,
    }
}

/// A UUID of version 7, whose order is that of time.
fn time_ordered(at: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(at.timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, at.timestamp_subsec_nanos()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 + minute * 60, 0).unwrap()
    }

    fn started() -> String {
        let start = r#"{"name":"JWT auth","project":{"name":"app","root":"/w/app"},"directory":"/w/app","model":"m"}"#;
        text(&new_line(at(0), at(0), Happening::Started(serde_json::from_str(start).unwrap()))) + "\n"
    }

    fn noted(minute: i64) -> String {
        text(&new_line(at(minute), at(minute), Happening::Noted { text: format!("note {minute}") })) + "\n"
    }

    fn id() -> SessionId {
        new_session_id(at(0))
    }

    #[test]
    fn a_line_survives_the_disk() {
        for what in [Happening::Paused, Happening::Noted { text: "a \"b\"\n\u{1b}{{ c }}".to_owned() }] {
            let line = new_line(at(0), at(1), what);
            assert!(!text(&line).contains('\n'));
            assert_eq!(parse(text(&line).as_bytes()), Ok(line));
        }
    }

    #[test]
    fn a_count_beyond_any_real_one_is_damage() {
        let logged = r#"{"v":1,"id":"019aa0e2-0000-7000-8000-000000000001","at":"2026-11-23T12:00:00Z","what":
            {"logged":{"text":"x","model":"m","tokens":{"input":COUNT},"basis":"preset"}}}"#
            .replace('\n', "");
        assert!(parse(logged.replace("COUNT", "1000000000000").as_bytes()).is_ok());
        for count in ["1000000000001", "18446744073709551615"] {
            assert_eq!(parse(logged.replace("COUNT", count).as_bytes()), Err(Unread::Malformed), "{count}");
        }
    }

    #[test]
    fn a_kind_from_a_newer_version_is_not_damage() {
        let known = r#"{"v":1,"id":"019aa0e2-0000-7000-8000-000000000001","at":"2026-11-23T12:00:00Z","what":"paused","more":1}"#;
        assert!(parse(known.as_bytes()).is_ok());
        for (line, why) in [
            (known.replace("paused", "teleported"), Unread::Newer),
            (r#"{"v":2,"when":{"day":"2026-11-23"}}"#.to_owned(), Unread::Newer),
            (r#"{"v":1,"when":{"day":"2026-11-23"}}"#.to_owned(), Unread::Malformed),
        ] {
            assert_eq!(parse(line.as_bytes()), Err(why), "{line}");
        }
        for cut in 0..known.len() {
            assert_eq!(parse(&known.as_bytes()[..cut]), Err(Unread::Malformed), "{cut}");
        }
    }

    #[test]
    fn garbage_is_counted_and_the_rest_stands() {
        let mut bytes = started().into_bytes();
        bytes.extend(b"\0\0\0\n<<<<<<< HEAD\n\n{\"v\":2,\"id\":\"019aa0e2-0000-7000-8000-000000000001\",\"at\":\"2026-11-23T12:00:00Z\",\"what\":\"new\"}\n\xff\xfe\n");
        bytes.extend(noted(1).bytes());
        let session = fold(id(), &bytes).unwrap();
        assert_eq!(session.notes.len(), 1);
        assert_eq!(session.damage, Damage { malformed: 3, newer: 1 });
    }

    proptest! {
        #[test]
        fn a_journal_cut_at_any_byte_folds_to_what_is_whole_before_the_cut(notes in 1_i64..8, cut in 0_usize..10_000) {
            let start = started();
            let lines: Vec<String> = (0..notes).map(noted).collect();
            let journal = start.clone() + &lines.concat();
            let cut = cut % (journal.len() + 1);
            let session = fold(id(), &journal.as_bytes()[..cut]);
            // A line counts as soon as its last byte but the line break is there.
            let mut end = start.len() - 1;
            prop_assert_eq!(session.is_some(), cut >= end);
            let whole = lines.iter().take_while(|line| { end += line.len(); cut >= end }).count();
            if let Some(session) = session {
                prop_assert_eq!(session.notes.len(), whole);
                prop_assert!(session.damage.malformed <= 1);
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            fold(id(), &bytes);
        }
    }
}
