//! Lines of a file, read in blocks that one buffer holds: transcripts have lines of megabytes and files of gigabytes.
//!
//! Not mapped into memory: Claude Code may truncate a file at any time, and reading past its end would then be a signal.

use std::io::Read;

use memchr::memchr;

/// Longer lines are passed over: what is as long is no record, and must not fill the memory.
pub(super) const LONGEST_LINE: usize = 256 << 20;

const BLOCK: usize = 128 << 10;

/// What there is of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// A line without its line break.
    Line(&'a [u8]),
    /// What stands behind the last line break: the writer may not be done with it.
    Rest(&'a [u8]),
    /// A line of more than [`LONGEST_LINE`] bytes.
    Oversized,
}

#[derive(Debug)]
pub(super) struct Lines<'a, R> {
    source: R,
    buffer: &'a mut Vec<u8>,
    /// The bytes of the buffer that hold something not yet given away.
    start: usize,
    end: usize,
    /// Bytes from `start` that are known to hold no line break.
    searched: usize,
    /// Where in the file `start` is.
    offset: u64,
    is_at_end: bool,
    is_oversized: bool,
}

impl<'a, R: Read> Lines<'a, R> {
    /// Lines of what `source` gives, which begins at `offset` of its file. The buffer may have served before: most files
    /// are smaller than it is, and clearing a new one for each would take longer than reading them.
    pub(super) fn new(buffer: &'a mut Vec<u8>, source: R, offset: u64) -> Self {
        if buffer.len() < BLOCK {
            buffer.resize(BLOCK, 0);
        }
        Self { source, buffer, start: 0, end: 0, searched: 0, offset, is_at_end: false, is_oversized: false }
    }

    /// Where the next piece begins.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next piece and the offset at which it begins; `None` at the end.
    pub(super) fn next(&mut self) -> std::io::Result<Option<(u64, Piece<'_>)>> {
        loop {
            if let Some(length) = memchr(b'\n', &self.buffer[self.start + self.searched..self.end]) {
                let (begin, at) = (self.start, self.offset);
                let length = self.searched + length;
                self.give_away(length + 1);
                let is_oversized = std::mem::take(&mut self.is_oversized) || length > LONGEST_LINE;
                let piece =
                    if is_oversized { Piece::Oversized } else { Piece::Line(&self.buffer[begin..begin + length]) };
                return Ok(Some((at, piece)));
            }
            self.searched = self.end - self.start;
            if self.is_at_end {
                let (begin, end, at) = (self.start, self.end, self.offset);
                self.give_away(end - begin);
                let is_nothing = begin == end || self.is_oversized;
                return Ok((!is_nothing).then(|| (at, Piece::Rest(&self.buffer[begin..end]))));
            }
            if self.searched > LONGEST_LINE {
                // The memory is given back; what follows up to the line break goes the same way.
                self.is_oversized = true;
                self.give_away(self.searched);
            }
            self.fill()?;
        }
    }

    fn give_away(&mut self, length: usize) {
        self.start += length;
        self.offset += length as u64;
        self.searched = 0;
    }

    fn fill(&mut self) -> std::io::Result<()> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            self.buffer.resize((self.buffer.len() * 2).min(LONGEST_LINE + BLOCK), 0);
        } else if self.end < BLOCK / 2 && self.buffer.len() > BLOCK {
            self.buffer.truncate(BLOCK);
            self.buffer.shrink_to_fit();
        }
        match self.source.read(&mut self.buffer[self.end..]) {
            Ok(0) => self.is_at_end = true,
            Ok(read) => self.end += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &[u8]) -> Vec<(u64, String)> {
        let mut buffer = Vec::new();
        let mut lines = Lines::new(&mut buffer, text, 7);
        let mut found = Vec::new();
        while let Some((at, piece)) = lines.next().unwrap() {
            found.push(match piece {
                Piece::Line(line) => (at, String::from_utf8(line.to_vec()).unwrap()),
                Piece::Rest(rest) => (at, format!("rest {}", String::from_utf8_lossy(rest))),
                Piece::Oversized => (at, "oversized".to_owned()),
            });
        }
        found
    }

    #[test]
    fn lines_come_with_their_place_and_the_rest_apart() {
        let found = pieces(b"a\n\nbc\nd");
        let texts: Vec<_> = found.iter().map(|(at, text)| (*at, text.as_str())).collect();
        assert_eq!(texts, [(7, "a"), (9, ""), (10, "bc"), (13, "rest d")]);
        assert_eq!(pieces(b""), []);
        assert_eq!(pieces(b"x\n"), [(7, "x".to_owned())]);
    }

    #[test]
    fn a_line_may_be_longer_than_a_block() {
        let long = "x".repeat(3 * BLOCK + 5);
        let found = pieces(format!("{long}\ny\n").as_bytes());
        assert_eq!(found, [(7, long.clone()), (7 + long.len() as u64 + 1, "y".to_owned())]);
    }

    #[test]
    fn a_line_without_an_end_takes_no_memory_without_an_end() {
        let longest = LONGEST_LINE as u64;
        let mut buffer = Vec::new();
        for (length, is_oversized) in [(longest, false), (longest + 1, true), (longest * 3, true)] {
            let line = std::io::repeat(b'x').take(length);
            let mut lines = Lines::new(&mut buffer, line.chain(&b"\nafter\n"[..]), 0);
            let (_, piece) = lines.next().unwrap().unwrap();
            assert_eq!(piece == Piece::Oversized, is_oversized, "{length}");
            assert!(lines.buffer.len() <= LONGEST_LINE + BLOCK);
            assert_eq!(lines.next().unwrap(), Some((length + 1, Piece::Line(b"after"))));
            assert_eq!(lines.next().unwrap(), None);
        }
    }
}
