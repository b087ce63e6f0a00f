//! One file, from where it was left: the few lines that matter are found by their bytes, and only those are parsed.

use std::borrow::Cow;
use std::hash::BuildHasher as _;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::path::Path;
use std::sync::Arc;
use std::sync::LazyLock;

use anyhow::Context as _;
use chrono::DateTime;
use chrono::Utc;
use fs_err as fs;
use memchr::memmem::Finder;
use rustc_hash::FxBuildHasher;
use rustc_hash::FxHashMap;

use crate::domain::import::Batch;
use crate::domain::import::CostState;
use crate::domain::import::FileMark;
use crate::domain::import::Skipped;
use crate::domain::import::Title;
use crate::domain::ledger::Record;
use crate::source::transcript::Found;
use crate::source::transcript::Work;
use crate::source::transcript::alike::Alike;
use crate::source::transcript::alike::Pattern;
use crate::source::transcript::content;
use crate::source::transcript::content::Content;
use crate::source::transcript::convert;
use crate::source::transcript::convert::Source;
use crate::source::transcript::convert::Usable;
use crate::source::transcript::convert::fnv;
use crate::source::transcript::fast;
use crate::source::transcript::lines::Lines;
use crate::source::transcript::lines::Piece;
use crate::source::transcript::other;
use crate::source::transcript::other::Other;
use crate::source::transcript::shared::Shared;
use crate::source::transcript::time;
use crate::source::transcript::wire::AgentMeta;
use crate::source::transcript::wire::Line;

/// Every line that states usage has this key, however it was written.
static USAGE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br#""usage""#));
/// In every answer, before its content.
static ANSWER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br#""role":"assistant""#));
static OBJECT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br#"{"parentUuid":"#));
static TIMESTAMP: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br#""timestamp""#));

/// Records after which a batch is handed on, so that memory stays flat.
const BATCH: usize = 4096;

/// Objects on one line: each that is broken may cost a way through all of the rest.
const MOST_OBJECTS: u32 = 64;

/// Bytes before the place where reading ended, by which a file is known again.
const TAIL: usize = 512;

/// Reads what is new in a file and hands it to `each`, until that says to stop.
pub(super) fn file(
    work: &Work,
    buffer: &mut Vec<u8>,
    shared: &mut Shared,
    each: &mut dyn FnMut(Batch) -> bool,
) -> anyhow::Result<()> {
    let found = &work.file;
    let mut file = fs::File::open(&found.path)?;
    let grown = work.known.as_ref().filter(|known| {
        known.inode == found.inode && known.size < found.size && tail(&mut file, known.done).ok() == Some(known.tail)
    });
    let from = grown.map_or(0, |known| known.done);
    file.seek(SeekFrom::Start(from))?;
    let path: Arc<str> = found.path.to_string_lossy().into();
    let source = Source {
        path: Arc::clone(&path),
        project: found.project.clone(),
        agent: agent(&found.path),
        began_at: grown.and_then(|known| known.began_at),
    };
    let mut reading = Reading::new(source, shared);
    // What is appended from now on comes with the next import.
    let mut lines = Lines::new(buffer, file.by_ref().take(found.size.saturating_sub(from)), from);
    let mut done = from;
    while let Some((at, piece)) = lines.next().with_context(|| format!("could not read {path}"))? {
        match piece {
            Piece::Line(line) => reading.line(at, line),
            Piece::Oversized => reading.skip(at, "it is longer than 256 MiB"),
            Piece::Rest(rest) => {
                reading.rest(rest);
                break;
            }
        }
        done = lines.offset();
        if reading.records.len() >= BATCH {
            // How far the file was read is told at its end; until then it is where it was left the last time.
            let begin = grown.map_or(fnv(b""), |known| known.tail);
            let mark = FileMark { size: from, modified: 0, done: from, tail: begin, ..mark(found, &reading) };
            if !each(part(mark, reading.take_records())) {
                return Ok(());
            }
        }
    }
    let mark = FileMark { done, tail: tail(&mut file, done)?, ..mark(found, &reading) };
    let records = reading.take_records();
    let Reading { titles, cost_states, skipped, .. } = reading;
    each(Batch { file: mark, is_whole: grown.is_none(), records, titles, cost_states, skipped });
    Ok(())
}

/// Some of a file's records; the rest of what it holds comes with the last of them.
fn part(file: FileMark, records: Vec<Record>) -> Batch {
    Batch { file, is_whole: false, records, titles: Vec::new(), cost_states: Vec::new(), skipped: Vec::new() }
}

/// The records of a file's bytes, for those who have no file.
#[cfg(any(test, fuzzing))]
pub(super) fn records(source: Source, bytes: &[u8]) -> Vec<Record> {
    let (mut shared, mut buffer) = (Shared::default(), Vec::new());
    let mut reading = Reading::new(source, &mut shared);
    let mut lines = Lines::new(&mut buffer, bytes, 0);
    while let Ok(Some((at, piece))) = lines.next() {
        match piece {
            Piece::Line(line) => reading.line(at, line),
            Piece::Oversized => {}
            Piece::Rest(rest) => reading.rest(rest),
        }
    }
    reading.take_records()
}

fn mark(found: &Found, reading: &Reading<'_>) -> FileMark {
    FileMark {
        path: Arc::clone(&reading.source.path),
        size: found.size,
        modified: found.modified,
        inode: found.inode,
        done: 0,
        tail: 0,
        began_at: reading.source.began_at,
    }
}

fn tail(file: &mut fs::File, done: u64) -> std::io::Result<u64> {
    let length = usize::try_from(done).map_or(TAIL, |done| done.min(TAIL));
    let mut bytes = [0; TAIL];
    let bytes = &mut bytes[..length];
    file.seek(SeekFrom::Start(done - length as u64))?;
    file.read_exact(bytes)?;
    Ok(fnv(bytes))
}

/// Whether a file is as long as it was and ends, as far as it was read, as it did.
pub(super) fn is_as_known(found: &Found, known: &FileMark) -> bool {
    let tail = || tail(&mut fs::File::open(&found.path)?, known.done);
    found.size == known.size && tail().ok() == Some(known.tail)
}

/// The kind of subagent that a transcript is of, from the file that Claude Code puts beside it.
fn agent(path: &Path) -> Option<String> {
    let name = path.file_stem()?.to_str()?;
    name.starts_with("agent-").then_some(())?;
    let meta = fs::read(path.with_file_name(format!("{name}.meta.json"))).ok()?;
    let meta: AgentMeta<'_> = serde_json::from_slice(&meta).ok()?;
    meta.kind.text().map(Cow::into_owned)
}

struct Reading<'a> {
    source: Source,
    shared: &'a mut Shared,
    records: Vec<Record>,
    /// Where the record of each exchange and request is, by their hash.
    places: FxHashMap<u64, usize>,
    /// The last line that was taken apart, as far as further ones may be like it, and its record.
    pattern: Pattern,
    like: Option<Record>,
    titles: Vec<Title>,
    cost_states: Vec<CostState>,
    skipped: Vec<Skipped>,
}

impl<'a> Reading<'a> {
    fn new(source: Source, shared: &'a mut Shared) -> Self {
        Self {
            source,
            shared,
            records: Vec::new(),
            places: FxHashMap::default(),
            pattern: Pattern::default(),
            like: None,
            titles: Vec::new(),
            cost_states: Vec::new(),
            skipped: Vec::new(),
        }
    }

    fn line(&mut self, at: u64, line: &[u8]) {
        if let Err(reason) = self.take_in(line) {
            self.skip(at, &reason);
        }
    }

    /// What has no line break behind it is whole or not yet written; once it is, it comes again.
    fn rest(&mut self, rest: &[u8]) {
        let _ = self.take_in(rest);
    }

    fn skip(&mut self, offset: u64, reason: &str) {
        self.skipped.push(Skipped { offset, reason: reason.to_owned() });
    }

    fn take_in(&mut self, line: &[u8]) -> Result<(), String> {
        if self.source.began_at.is_none() {
            self.source.began_at = first_instant(line);
        }
        if let Some(usage_at) = USAGE.find(line) {
            return self.usage(line, usage_at);
        }
        if is_cut_short(line) && ANSWER.find(line).is_some() {
            return Err("it is an answer that was cut short before its usage".to_owned());
        }
        match other::read(line)? {
            Some(Other::Title(title)) => self.titles.push(title),
            Some(Other::CostState(state)) => self.cost_states.push(state),
            None => {}
        }
        Ok(())
    }

    /// Takes in a line in which `"usage"` first stands at `usage_at`.
    fn usage(&mut self, line: &[u8], usage_at: usize) -> Result<(), String> {
        if let Some(alike) = self.pattern.of(line, usage_at)
            && self.take_alike(&alike)?
        {
            return Ok(());
        }
        self.pattern.forget();
        if let Some(usable) = fast::answer(line) {
            let Some(record) = convert::record(&usable, &self.source, self.shared)? else { return Ok(()) };
            if let Some(variables) = usable.variables() {
                self.pattern.remember(line, variables);
                self.like = Some(record.clone());
            }
            self.put(record);
            return Ok(());
        }
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        match self.objects(line) {
            // Bytes that are no text cost their line no more than themselves.
            Err(_) if std::str::from_utf8(line).is_err() => self.objects(String::from_utf8_lossy(line).as_bytes()),
            outcome => outcome,
        }
    }

    /// Whether that did for the line.
    fn take_alike(&mut self, line: &Alike<'_>) -> Result<bool, String> {
        if let (Some(answer), Some(like)) = (&line.answer, &self.like) {
            let record = convert::alike(like, line, answer, self.shared);
            // What is like a line of no use is of none either.
            let record = record.inspect_err(|_| self.pattern.forget())?;
            self.put(record);
            return Ok(true);
        }
        // Else the line might have the better claim.
        let is_before = |record: &Record| record.event.at <= line.at && record.claim.at < line.at;
        let is_finished = |record: &Record| !record.output.may_be_placeholder;
        let is_its = |record: &&mut Record| self.pattern.is_of(record) && is_before(record) && is_finished(record);
        let Some(last) = self.records.last_mut().filter(is_its) else { return Ok(false) };
        let Content { tools, commits, .. } = content::read(line.content, false);
        last.event.tools.extend(tools);
        last.event.commits |= commits;
        last.output.has_stopped |= line.has_stopped;
        Ok(true)
    }

    /// Two writers at once may leave two objects on one line; a crash leaves one without its end or a hole of zeros, behind
    /// which the next is written. Says what is wrong with the first that could not be read, and reads the others.
    fn objects(&mut self, mut line: &[u8]) -> Result<(), String> {
        let mut outcome = Ok(());
        let mut tries = 0;
        loop {
            let is_nothing = |byte: &u8| *byte == 0 || byte.is_ascii_whitespace();
            line = &line[line.iter().take_while(|&byte| is_nothing(byte)).count()..];
            let mut objects = serde_json::Deserializer::from_slice(line).into_iter::<Line<'_>>();
            let read = match objects.next() {
                None => return outcome,
                Some(Ok(object)) => {
                    outcome = outcome.and(self.object(object));
                    Some(objects.byte_offset())
                }
                // A number or text that stands alone is no record of anything.
                Some(Err(error)) if error.is_data() => next_object(line),
                Some(Err(error)) => {
                    outcome = outcome.and(Err(format!("it is no JSON: {error}")));
                    next_object(line)
                }
            };
            let Some(read) = read.filter(|_| tries < MOST_OBJECTS) else { return outcome };
            line = &line[read..];
            tries += 1;
        }
    }

    fn object(&mut self, object: Line<'_>) -> Result<(), String> {
        let Some(usable) = Usable::of(object) else { return Ok(()) };
        if let Some(record) = convert::record(&usable, &self.source, self.shared)? {
            self.put(record);
        }
        Ok(())
    }

    fn put(&mut self, record: Record) {
        let is_same = |known: &Record| known.event.id == record.event.id && known.request == record.request;
        // The lines of one answer are neighbours.
        if let Some(known) = self.records.pop_if(|known| is_same(known)) {
            return self.records.push(known.and(record));
        }
        let key = FxBuildHasher.hash_one((&record.event.id, &record.request));
        let place = *self.places.entry(key).or_insert(self.records.len());
        match self.records.get_mut(place) {
            Some(known) if is_same(known) => *known = known.clone().and(record),
            // New, or else another one of the same hash, which the ledger will tell apart.
            _ => self.records.push(record),
        }
    }

    fn take_records(&mut self) -> Vec<Record> {
        self.places.clear();
        std::mem::take(&mut self.records)
    }
}

/// Where behind what is no object the next one begins, as Claude Code begins those with usage.
fn next_object(json: &[u8]) -> Option<usize> {
    Some(1 + OBJECT.find(json.get(1..)?)?)
}

/// Of a record that a crash left without its end.
fn is_cut_short(line: &[u8]) -> bool {
    line.starts_with(b"{") && !line.trim_ascii_end().ends_with(b"}")
}

fn first_instant(line: &[u8]) -> Option<DateTime<Utc>> {
    let behind = &line[TIMESTAMP.find(line)? + TIMESTAMP.needle().len()..];
    let value = behind.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"\"")?;
    let end = value.iter().take(40).position(|&byte| byte == b'"')?;
    time::parse(&value[..end])
}
