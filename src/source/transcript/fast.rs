//! The lines that Claude Code writes a million of, taken apart without a look at their content.
//!
//! Content is nine tenths of an answer's line, and nothing of it is needed but the names of tools. What is not in the usual
//! layout is left to the full parser: a new layout costs time, never figures.

use std::sync::LazyLock;

use memchr::memchr2;
use memchr::memmem::Finder;
use serde::Deserialize;

use crate::source::transcript::convert::Usable;
use crate::source::transcript::wire::Field;
use crate::source::transcript::wire::Line;
use crate::source::transcript::wire::Members;
use crate::source::transcript::wire::Message;
use crate::source::transcript::wire::Usage;

/// The end of the content and what follows it. A quotation mark in a string has a backslash before it, so in JSON these
/// bytes can only be the end of an array and a key.
static CONTENT_END: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br#"],"stop_reason":"#));
/// An array that a key may follow.
static ARRAY_END: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br#"],""#));
static CONTENT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br#""content":["#));
static MESSAGE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br#""message":{"#));

/// Whether it is clear to which message all belongs.
pub(super) fn has_one_message(line: &[u8]) -> bool {
    let mut messages = MESSAGE.find_iter(line);
    messages.next().is_some() && messages.next().is_none()
}

/// Whether what stands between the content's start and what follows the content can be nothing else.
pub(super) fn is_all_content(content: &[u8]) -> bool {
    content.starts_with(b"[") && content.ends_with(b"]") && ARRAY_END.find(content).is_none()
}

/// An answer, its content being what stood between brackets, unread; `None` when the line is in any way unusual.
pub(super) fn answer(line: &[u8]) -> Option<Usable<'_>> {
    if !has_one_message(line) {
        return None;
    }
    let content_start = CONTENT.find(line)? + CONTENT.needle().len() - 1;
    // Were there another key between the content and its usual end, it would be taken for content.
    let content_end = content_start + ARRAY_END.find(&line[content_start..])? + 1;
    if !line[content_end - 1..].starts_with(CONTENT_END.needle()) || CONTENT_END.find(&line[content_end..]).is_some() {
        return None;
    }

    let (mut parsed, mut message) = (Line::default(), Message::default());
    let front = std::str::from_utf8(&line[..content_start]).ok()?;
    before_content(front, &mut parsed, &mut message)?;
    let rest = std::str::from_utf8(&line[content_end..]).ok()?;
    let usage = behind_content(rest, &mut parsed, &mut message)?;
    if !parsed.kind.is("assistant") {
        return None;
    }
    // Without any id an answer goes by its whole text, of which the message was not kept here.
    [message.id, parsed.request_id, parsed.uuid].iter().find_map(|id| id.text())?;
    Some(Usable::plain(parsed, message, usage, &line[content_start..content_end]))
}

/// Takes in the members before the message, and those of the message before its content, which the text ends with.
fn before_content<'a>(text: &'a str, line: &mut Line<'a>, message: &mut Message<'a>) -> Option<()> {
    let mut walk = Walk::new(text);
    walk.members_to("message", line)?;
    walk.members_to("content", message)?;
    (walk.at == text.len()).then_some(())
}

/// Takes in what is behind the content, and gives the usage; of a key that comes twice the last counts.
fn behind_content<'a>(text: &'a str, line: &mut Line<'a>, message: &mut Message<'a>) -> Option<Usage<'a>> {
    let mut walk = Walk::new(text);
    let mut usage = None;
    while walk.comma_or_close()? {
        match walk.key()? {
            "content" => return None,
            "usage" => {
                let start = walk.at;
                usage = Some(walk.object()?);
                message.usage = Field::of_json(&text[start..walk.at]);
            }
            key => message.set(key, walk.value()?),
        }
    }
    while walk.comma_or_close()? {
        let key = walk.key()?;
        line.set(key, walk.value().filter(|_| key != "message")?);
    }
    usage.filter(|_| text[walk.at..].trim_ascii().is_empty())
}

/// The object that JSON in the usual layout is.
pub(super) fn whole_object<'a, T: Members<'a>>(json: &'a [u8]) -> Option<T> {
    let mut walk = Walk::new(std::str::from_utf8(json).ok()?);
    walk.object().filter(|_| walk.at == json.len())
}

/// An object, if it is one.
pub(super) fn object<'a, T: Members<'a> + Deserialize<'a>>(field: Field<'a>) -> Option<T> {
    Walk::new(field.json()).object().or_else(|| field.object())
}

/// A way through JSON without blanks, member by member.
struct Walk<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Walk<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn byte(&mut self, expected: u8) -> Option<()> {
        (self.peek()? == expected).then(|| self.at += 1)
    }

    fn open(&mut self) -> Option<()> {
        self.byte(b'{')
    }

    fn comma(&mut self) -> Option<()> {
        self.byte(b',')
    }

    /// Whether another member follows; else the object is left.
    fn comma_or_close(&mut self) -> Option<bool> {
        let is_comma = match self.peek()? {
            b',' => true,
            b'}' => false,
            _ => return None,
        };
        self.at += 1;
        Some(is_comma)
    }

    /// A key without escapes, and the colon behind it.
    fn key(&mut self) -> Option<&'a str> {
        self.byte(b'"')?;
        let start = self.at;
        let end = start + memchr2(b'"', b'\\', self.text.as_bytes().get(start..)?)?;
        self.at = end;
        self.byte(b'"')?;
        self.byte(b':')?;
        self.text.get(start..end)
    }

    /// Takes in the members of an object up to a key.
    fn members_to(&mut self, last: &str, into: &mut impl Members<'a>) -> Option<()> {
        self.open()?;
        loop {
            let key = self.key()?;
            if key == last {
                return Some(());
            }
            into.set(key, self.value()?);
            self.comma()?;
        }
    }

    /// Up to the comma or the end of the object behind it.
    fn value(&mut self) -> Option<Field<'a>> {
        let start = self.at;
        match self.peek()? {
            b'"' => self.string()?,
            b'{' | b'[' => self.nested()?,
            _ => self.literal()?,
        }
        matches!(self.peek()?, b',' | b'}').then_some(())?;
        self.text.get(start..self.at).map(Field::of_json)
    }

    /// The members of an object that is in the usual layout.
    fn object<T: Members<'a>>(&mut self) -> Option<T> {
        self.open()?;
        let mut value = T::default();
        if self.byte(b'}').is_some() {
            return Some(value);
        }
        loop {
            let key = self.key()?;
            value.set(key, self.value()?);
            if !self.comma_or_close()? {
                return Some(value);
            }
        }
    }

    fn nested(&mut self) -> Option<()> {
        let mut depth = 0_u32;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                b' ' | b'\t' | b'\r' => return None,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }

    fn literal(&mut self) -> Option<()> {
        let rest = &self.text.as_bytes()[self.at..];
        let is_of_number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let mut length = rest.iter().position(|byte| !is_of_number(byte))?;
        if length == 0 {
            let word = [&b"null"[..], b"true", b"false"].into_iter().find(|word| rest.starts_with(word))?;
            length = word.len();
        }
        self.at += length;
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            self.at += memchr2(b'"', b'\\', self.text.as_bytes().get(self.at..)?)?;
            if self.byte(b'"').is_some() {
                return Some(());
            }
            self.at += 2;
        }
    }
}
