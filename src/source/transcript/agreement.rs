//! What holds the ways of reading a line together: they may differ in speed, never in what they give.

use chrono::DateTime;

use crate::domain::ledger::Record;
use crate::source::transcript::convert;
use crate::source::transcript::convert::Source;
use crate::source::transcript::convert::Usable;
use crate::source::transcript::fast;
use crate::source::transcript::read;
use crate::source::transcript::shared::Shared;
use crate::source::transcript::wire::Line;

/// Reads bytes as a transcript. Panics where a way of reading gives other records than the full parser.
///
/// The quick ways do not look into content; of a line that is no JSON there they take the counters, which the full parser
/// passes over, so nothing is compared then.
pub(crate) fn check(transcript: &[u8]) {
    let lines: Vec<&[u8]> = transcript.split(|&byte| byte == b'\n').collect();
    for line in &lines {
        check_line(line);
    }
    let read = read::records(source(), transcript);
    if lines.iter().all(|line| is_plain(line)) {
        assert_eq!(read, fully(&lines), "lines one by one and together");
    }
}

/// Panics where the quick way gives something else for a line that both take.
fn check_line(line: &[u8]) {
    if let (Some(quick), Some(full)) = (fast::answer(line), serde_json::from_slice::<Line<'_>>(line).ok()) {
        let full = Usable::of(full).expect("what the quick way takes is an answer");
        let record = |usable: &Usable<'_>| convert::record(usable, &source(), &mut Shared::default());
        assert_eq!(record(&quick), record(&full), "the quick way and the full parser");
    }
}

/// What the full parser makes of each line, put together by the ledger's rule.
fn fully(lines: &[&[u8]]) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    for line in lines {
        let Ok(line) = serde_json::from_slice(line) else { continue };
        let Some(usable) = Usable::of(line) else { continue };
        let Ok(Some(record)) = convert::record(&usable, &source(), &mut Shared::default()) else { continue };
        let same = |known: &Record| known.event.id == record.event.id && known.request == record.request;
        match records.iter().position(same) {
            Some(place) => records[place] = records[place].clone().and(record),
            None => records.push(record),
        }
    }
    records
}

/// Whether a line is JSON as a whole, and its keys are written as anyone would.
fn is_plain(line: &[u8]) -> bool {
    let has_escapes = memchr::memmem::find(line, b"\\u").is_some();
    !has_escapes && (line.trim_ascii().is_empty() || serde_json::from_slice::<Line<'_>>(line).is_ok())
}

/// A file that was begun at a known time, so that the order of its lines is no matter of that.
fn source() -> Source {
    Source { path: "f".into(), project: "-w-app".to_owned(), agent: None, began_at: Some(DateTime::UNIX_EPOCH) }
}

#[cfg(test)]
mod tests;
