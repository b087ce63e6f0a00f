//! The further lines of an answer: Claude Code writes one a content block, and all but the block, the reason why the
//! answer ended, a line's own id and its time is the same. Knowing that by comparing bytes saves taking them apart.

use chrono::DateTime;
use chrono::Utc;
use memchr::memchr;
use memchr::memrchr;

use crate::source::transcript::fast::has_one_message;
use crate::source::transcript::fast::is_all_content;
use crate::source::transcript::time;

/// What stands at a line's start, before the only value there that differs.
const HEAD: &[u8] = br#"{"parentUuid":"#;

/// Between the content and the reason why the answer ended, which is null in all lines but the last.
const STOP_REASON: &[u8] = br#","stop_reason":"#;

/// What stands at a line's end: an id of 36 characters and a time of 24.
const UUID: &[u8] = br#""uuid":""#;
const TIMESTAMP: &[u8] = br#"","timestamp":""#;
const END: &[u8] = br#""}"#;
const UUID_LENGTH: usize = 36;
const TIMESTAMP_LENGTH: usize = 24;

/// A line that was taken apart, as far as the next ones may repeat it.
#[derive(Debug, Default)]
pub(super) struct Repeated {
    is_usual: bool,
    /// From behind the first value to the content.
    front: Vec<u8>,
    /// From behind the reason to the line's own id.
    back: Vec<u8>,
}

/// What a line tells that differs in nothing else from the one before.
#[derive(Debug)]
pub(super) struct Repetition<'a> {
    pub(super) content: &'a [u8],
    pub(super) has_stopped: bool,
    pub(super) at: DateTime<Utc>,
}

impl Repeated {
    /// Remembers a line; where `content` stands in it was found before.
    pub(super) fn remember(&mut self, line: &[u8], content: &[u8]) {
        self.is_usual = self.parts(line, content).is_some();
    }

    pub(super) fn forget(&mut self) {
        self.is_usual = false;
    }

    pub(super) fn by<'a>(&self, line: &'a [u8]) -> Option<Repetition<'a>> {
        if !self.is_usual {
            return None;
        }
        let front = first_value_end(line)?;
        let (rest, at) = without_end(line)?;
        let rest = rest.get(front..)?.strip_prefix(self.front.as_slice())?.strip_suffix(self.back.as_slice())?;
        let (rest, has_stopped) = without_reason(rest)?;
        let content = rest.strip_suffix(STOP_REASON)?;
        (is_all_content(content) && has_one_message(line)).then_some(Repetition { content, has_stopped, at })
    }

    fn parts(&mut self, line: &[u8], content: &[u8]) -> Option<()> {
        let start = content.as_ptr().addr().checked_sub(line.as_ptr().addr())?;
        let (rest, _) = without_end(line)?;
        let front = first_value_end(line)?;
        self.front.clear();
        self.front.extend_from_slice(line.get(front..start)?);
        let reason = rest.get(start + content.len()..)?.strip_prefix(STOP_REASON)?;
        let (reason, back) = reason.split_at(memchr(b',', reason)?);
        without_reason(reason).filter(|(rest, _)| rest.is_empty())?;
        self.back.clear();
        self.back.extend_from_slice(back);
        Some(())
    }
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

/// What stands before the last value, which is null or a plain word; and whether it is a word.
fn without_reason(text: &[u8]) -> Option<(&[u8], bool)> {
    if let Some(rest) = text.strip_suffix(b"null") {
        return Some((rest, false));
    }
    let text = text.strip_suffix(b"\"")?;
    let (rest, word) = text.split_at(memrchr(b'"', text)?);
    let is_plain = word.len() > 1 && word[1..].iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_');
    is_plain.then_some((rest, true))
}
