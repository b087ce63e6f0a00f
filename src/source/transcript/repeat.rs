//! The further lines of an answer: Claude Code writes one a content block, and all but the block, a line's own id and its
//! time is the same. Knowing that by comparing bytes saves taking them apart.

use chrono::DateTime;
use chrono::Utc;
use memchr::memchr;

use crate::source::transcript::fast::has_one_message;
use crate::source::transcript::fast::is_all_content;
use crate::source::transcript::time;

/// What stands at a line's start, before the only value there that differs.
const HEAD: &[u8] = br#"{"parentUuid":"#;

/// What stands at its end: an id of 36 characters and a time of 24.
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
    /// From the content to the line's own id.
    back: Vec<u8>,
}

impl Repeated {
    /// Remembers a line; where `content` stands in it was found before.
    pub(super) fn remember(&mut self, line: &[u8], content: &[u8]) {
        self.is_usual = self.parts(line, content).is_some();
    }

    pub(super) fn forget(&mut self) {
        self.is_usual = false;
    }

    /// The content and the time of a line that differs in nothing else.
    pub(super) fn content_of<'a>(&self, line: &'a [u8]) -> Option<(&'a [u8], DateTime<Utc>)> {
        if !self.is_usual {
            return None;
        }
        let front = first_value_end(line)?;
        let (rest, at) = without_end(line)?;
        let content = rest.get(front..)?.strip_prefix(self.front.as_slice())?.strip_suffix(self.back.as_slice())?;
        (is_all_content(content) && has_one_message(line)).then_some((content, at))
    }

    fn parts(&mut self, line: &[u8], content: &[u8]) -> Option<()> {
        let start = content.as_ptr().addr().checked_sub(line.as_ptr().addr())?;
        let (rest, _) = without_end(line)?;
        let front = first_value_end(line)?;
        self.front.clear();
        self.front.extend_from_slice(line.get(front..start)?);
        self.back.clear();
        self.back.extend_from_slice(rest.get(start + content.len()..)?);
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
