//! Lines that differ from the one before in little: Claude Code writes the answers of a conversation in one layout, with
//! one directory, branch, model and version, and a line for each content block of an answer. Knowing by comparing bytes
//! that all else is the same saves taking it apart.

use chrono::DateTime;
use chrono::Utc;
use memchr::memchr;
use memchr::memrchr;

use crate::domain::ledger::Record;
use crate::source::transcript::fast;
use crate::source::transcript::time;
use crate::source::transcript::wire::Usage;

/// What stands at a line's start, before the first value that differs.
const HEAD: &[u8] = br#"{"parentUuid":"#;

/// Between the content and the reason why the answer ended, which is null in all lines but the last.
const STOP_REASON: &[u8] = br#","stop_reason":"#;

const USAGE: &[u8] = br#""usage":"#;

/// What stands at a line's end: an id of 36 characters and a time of 24.
const UUID: &[u8] = br#""uuid":""#;
const TIMESTAMP: &[u8] = br#"","timestamp":""#;
const END: &[u8] = br#""}"#;
const UUID_LENGTH: usize = 36;
const TIMESTAMP_LENGTH: usize = 24;

/// A line that was taken apart: what lies between the values that may differ, and those values.
#[derive(Debug, Default)]
pub(super) struct Pattern {
    is_usual: bool,
    /// From behind the first value to the message's id.
    front: Vec<u8>,
    id: Vec<u8>,
    /// From the message's id to the content.
    middle: Vec<u8>,
    /// From behind the reason to the usage.
    before_usage: Vec<u8>,
    usage: Vec<u8>,
    /// From the usage to the request's id.
    behind_usage: Vec<u8>,
    request: Vec<u8>,
    /// From the request's id to the line's own.
    back: Vec<u8>,
}

/// What a line tells that is in the pattern.
#[derive(Debug)]
pub(super) struct Alike<'a> {
    pub(super) content: &'a [u8],
    pub(super) has_stopped: bool,
    pub(super) at: DateTime<Utc>,
    /// `None` where all but content, reason and time are those of the line before.
    pub(super) answer: Option<Answer<'a>>,
}

/// Another answer than that of the line before.
#[derive(Debug)]
pub(super) struct Answer<'a> {
    pub(super) id: &'a str,
    pub(super) request: &'a str,
    pub(super) usage: Usage<'a>,
}

impl Pattern {
    /// Remembers a line; the message's id, the content, the usage and the request's id are where they stand in it.
    pub(super) fn remember(&mut self, line: &[u8], variables: [&[u8]; 4]) {
        self.is_usual = self.take(line, variables).is_some();
    }

    pub(super) fn forget(&mut self) {
        self.is_usual = false;
    }

    /// What a line tells in which `"usage"` first stands at `usage_at`.
    pub(super) fn of<'a>(&mut self, line: &'a [u8], usage_at: usize) -> Option<Alike<'a>> {
        if !self.is_usual {
            return None;
        }
        let (line, at) = without_end(line)?;
        let (front, back) = line.split_at_checked(usage_at + USAGE.len())?;
        let front = front.get(first_value_end(front)?..)?.strip_prefix(self.front.as_slice())?;
        let (id, front) = plain_text(front)?;
        let front = front.strip_prefix(self.middle.as_slice())?;
        let (front, has_stopped) = without_reason(front.strip_suffix(self.before_usage.as_slice())?)?;
        let content = front.strip_suffix(STOP_REASON)?;
        let back = back.strip_suffix(self.back.as_slice())?;
        let (back, request) = last_plain_text(back)?;
        let usage = back.strip_suffix(self.behind_usage.as_slice())?;
        (fast::is_all_content(content) && fast::has_one_message(line)).then_some(())?;

        if self.id == id && self.request == request && self.usage == usage {
            return Some(Alike { content, has_stopped, at, answer: None });
        }
        let answer = Answer {
            id: std::str::from_utf8(id).ok()?,
            request: std::str::from_utf8(request).ok()?,
            usage: fast::whole_object(usage)?,
        };
        set(&mut self.id, id);
        set(&mut self.request, request);
        set(&mut self.usage, usage);
        Some(Alike { content, has_stopped, at, answer: Some(answer) })
    }

    /// Whether a record is of the last line, perhaps with others.
    pub(super) fn is_of(&self, record: &Record) -> bool {
        record.event.id.as_str().as_bytes() == self.id
            && record.request.as_ref().is_some_and(|request| request.as_bytes() == self.request)
    }

    fn take(&mut self, line: &[u8], [id, content, usage, request]: [&[u8]; 4]) -> Option<()> {
        let (line, _) = without_end(line)?;
        let (front, rest) = around(line, id)?;
        set(&mut self.front, front.get(first_value_end(front)?..)?);
        let (middle, rest) = around(rest, content)?;
        set(&mut self.middle, middle);
        let (reason, rest) = around(rest, usage)?;
        let reason = reason.strip_prefix(STOP_REASON)?;
        let (reason, before_usage) = reason.split_at(memchr(b',', reason)?);
        without_reason(reason).filter(|(rest, _)| rest.is_empty() && before_usage.ends_with(USAGE))?;
        set(&mut self.before_usage, before_usage);
        let (behind_usage, back) = around(rest, request)?;
        set(&mut self.behind_usage, behind_usage);
        set(&mut self.back, back);
        let whole = |json| plain_text(json).filter(|(_, rest)| rest.is_empty()).map(|(text, _)| text);
        set(&mut self.id, whole(id)?);
        set(&mut self.request, whole(request)?);
        set(&mut self.usage, usage);
        Some(())
    }
}

fn set(known: &mut Vec<u8>, new: &[u8]) {
    known.clear();
    known.extend_from_slice(new);
}

/// What stands before a part of some text, and behind it.
fn around<'a>(text: &'a [u8], part: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let start = part.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let is_part = !part.is_empty() && start + part.len() <= text.len();
    is_part.then(|| (&text[..start], &text[start + part.len()..]))
}

fn first_value_end(line: &[u8]) -> Option<usize> {
    let value = line.strip_prefix(HEAD)?;
    Some(HEAD.len() + memchr(b',', value)?)
}

/// The line up to its own id, and its time.
fn without_end(line: &[u8]) -> Option<(&[u8], DateTime<Utc>)> {
    let rest = line.strip_suffix(END)?;
    let (rest, at) = rest.split_at_checked(rest.len().checked_sub(TIMESTAMP_LENGTH)?)?;
    let rest = rest.strip_suffix(TIMESTAMP)?;
    let (rest, _) = rest.split_at_checked(rest.len().checked_sub(UUID_LENGTH)?)?;
    rest.ends_with(UUID).then_some((rest, time::parse(at)?))
}

/// What stands before the last value, which is null or a plain text; and whether it is a text.
fn without_reason(text: &[u8]) -> Option<(&[u8], bool)> {
    if let Some(rest) = text.strip_suffix(b"null") {
        return Some((rest, false));
    }
    last_plain_text(text).map(|(rest, _)| (rest, true))
}

/// A text at the start, without quotation marks and escapes, and what is behind it.
fn plain_text(json: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = json.strip_prefix(b"\"")?;
    let (text, rest) = text.split_at(memchr(b'"', text)?);
    is_plain(text).then_some((text, &rest[1..]))
}

/// What stands before a text at the end, and that.
fn last_plain_text(json: &[u8]) -> Option<(&[u8], &[u8])> {
    let json = json.strip_suffix(b"\"")?;
    let (rest, text) = json.split_at(memrchr(b'"', json)?);
    is_plain(&text[1..]).then_some((rest, &text[1..]))
}

fn is_plain(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"parentUuid":"u1","isSidechain":false,"message":{"model":"m","id":"ID","content":[TEXT],"stop_reason":null,"stop_sequence":null,"usage":{"output_tokens":OUT}},"requestId":"REQUEST","type":"assistant","version":"2.1.330","uuid":"0b9d7e0c-5a1f-4c55-9d5e-000000000001","timestamp":"2026-11-20T10:00:05.123Z"}"#;

    fn line(changes: &[(&str, &str)]) -> String {
        let usual = [("ID", "m1"), ("TEXT", "{}"), ("OUT", "7"), ("REQUEST", "req_1")];
        changes.iter().chain(&usual).fold(LINE.to_owned(), |line, (from, to)| line.replacen(from, to, 1))
    }

    /// What a second line is taken for.
    fn seen(second: &str) -> String {
        let first = line(&[]);
        let mut pattern = Pattern::default();
        let answer = fast::answer(first.as_bytes()).unwrap();
        pattern.remember(first.as_bytes(), answer.variables().unwrap());
        let usage_at = second.find("\"usage\"").unwrap();
        match pattern.of(second.as_bytes(), usage_at) {
            None => "else".to_owned(),
            Some(Alike { answer: None, has_stopped, .. }) => format!("further, {has_stopped}"),
            Some(Alike { answer: Some(Answer { id, request, usage }), content, .. }) => {
                let output = usage.output.count().unwrap().unwrap();
                format!("{id} {request} {output} {}", String::from_utf8_lossy(content))
            }
        }
    }

    #[test]
    fn lines_of_one_layout_are_known() {
        let uuid = ("000000000001", "000000000002");
        for (changes, expected) in [
            (&[uuid, ("\"u1\"", "null"), ("05.123", "06.000")][..], "further, false"),
            (&[("TEXT", r#"{"a":"],\""}"#), ("\"stop_reason\":null", "\"stop_reason\":\"end_turn\"")], "further, true"),
            (&[("OUT", "8")], "m1 req_1 8 [{}]"),
            (&[("ID", "m_2"), ("REQUEST", "req-2"), ("TEXT", "1,2")], "m_2 req-2 7 [1,2]"),
            // What cannot be told by bytes alone.
            (&[("ID", "m\\u0031")], "else"),
            (&[("ID", "")], "else"),
            (&[("\"model\":\"m\"", "\"model\":\"n\"")], "else"),
            (&[("OUT", " 8")], "else"),
            (&[("OUT", "8},\"usage\":{\"output_tokens\":9")], "else"),
            (&[("TEXT", "],\"x\":[")], "else"),
            (&[("TEXT", "]},\"message\":{\"content\":[")], "else"),
            (&[("\"stop_reason\":null", "\"stop_reason\":{}")], "else"),
            (&[("REQUEST\"", "r\",\"requestId\":\"r2\"")], "else"),
            (&[("10:00", "25:00")], "else"),
        ] {
            assert_eq!(seen(&line(changes)), expected, "{changes:?}");
        }
    }
}
