//! Claude Code's transcripts: finding them, and reading the exchanges, titles and totals that they hold.
//!
//! One parallel reader for all reports: what it gives is merged by the ledger, in any order.

#[cfg(any(test, fuzzing))]
pub(crate) mod agreement;
mod alike;
mod content;
mod convert;
mod fast;
mod find;
mod lines;
mod other;
mod read;
mod sample;
mod shared;
#[cfg(test)]
mod tests;
mod time;
mod wire;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::Sender;
use std::sync::mpsc::SyncSender;
use std::sync::mpsc::channel;
use std::sync::mpsc::sync_channel;

use crate::domain::import::Batch;
use crate::domain::import::FileMark;

pub(crate) use self::find::Found;
pub(crate) use self::find::find;
pub(crate) use self::find::of_conversation;
pub(crate) use self::find::of_project;
pub(crate) use self::sample::answers;

/// Records after which a reader hands on what it has: few files have as many, and each time wakes another thread.
const MANY: usize = 512;

/// How often that may wait for the ledger before readers wait too: a bound for the memory.
const WAITING: usize = 4;

/// A file with something new in it, and how far it was read before.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    pub(crate) file: Found,
    pub(crate) known: Option<FileMark>,
}

/// The files that changed since they were read last.
pub(crate) fn changed(found: Vec<Found>, known: &HashMap<Arc<str>, FileMark>) -> Vec<Work> {
    let is_same = |file: &Found, mark: &FileMark| {
        (file.size, file.modified, file.inode) == (mark.size, mark.modified, mark.inode)
    };
    let work = |file: Found| {
        let mark = known.get(file.path.to_string_lossy().as_ref());
        (!mark.is_some_and(|mark| is_same(&file, mark))).then(|| Work { known: mark.cloned(), file })
    };
    found.into_iter().filter_map(work).collect()
}

/// Of these the files in which there is something new. Others were touched or copied, and are read to find that out.
pub(crate) fn unread(found: Vec<Found>, known: &HashMap<Arc<str>, FileMark>) -> impl Iterator<Item = Work> {
    let is_as_known = |work: &Work| work.known.as_ref().is_some_and(|mark| read::is_as_known(&work.file, mark));
    changed(found, known).into_iter().filter(move |work| !is_as_known(work))
}

/// What a reader has to say.
#[derive(Debug)]
pub(crate) enum Progress {
    Batch(Batch),
    /// A file was read to its end.
    Done,
    /// A file could not be read, and why.
    Failed(String),
}

/// Reads files in parallel and hands what they hold to `each`, on this thread, in no certain order.
pub(crate) fn read_all<E>(work: &[Work], mut each: impl FnMut(&Progress) -> Result<(), E>) -> Result<(), E> {
    let readers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(work.len());
    let next = AtomicUsize::new(0);
    let (sender, receiver) = sync_channel(WAITING);
    std::thread::scope(|scope| {
        for _ in 0..readers {
            let (teller, next) = (Teller::new(sender.clone()), &next);
            scope.spawn(move || read_some(work, next, teller));
        }
        drop(sender);
        receiver.into_iter().try_for_each(|Told { said, back }| {
            said.iter().try_for_each(&mut each)?;
            // That the reader has ended is no matter.
            let _ = back.send(said);
            Ok(())
        })
    })
}

/// Reads files until there are no more, or nobody listens.
fn read_some(work: &[Work], next: &AtomicUsize, mut teller: Teller) {
    let (mut shared, mut buffer) = (shared::Shared::default(), Vec::new());
    while let Some(work) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
        let mut is_heard = true;
        let outcome = read::file(work, &mut buffer, &mut shared, &mut |batch| {
            is_heard = teller.tell(Progress::Batch(batch));
            is_heard
        });
        let last = match outcome {
            Ok(()) => Progress::Done,
            Err(error) => Progress::Failed(format!("{error:#}")),
        };
        if !is_heard || !teller.tell(last) {
            return;
        }
    }
    teller.send();
}

/// Several things that a reader has to say.
struct Told {
    said: Vec<Progress>,
    /// Where it goes when it was heard: memory is freed soonest by the thread that took it, and the one that listens has
    /// the most to do.
    back: Sender<Vec<Progress>>,
}

struct Teller {
    to: SyncSender<Told>,
    waiting: Vec<Progress>,
    records: usize,
    back: Sender<Vec<Progress>>,
    heard: Receiver<Vec<Progress>>,
}

impl Teller {
    fn new(to: SyncSender<Told>) -> Self {
        let (back, heard) = channel();
        Self { to, waiting: Vec::new(), records: 0, back, heard }
    }

    /// Whether anybody still listens.
    fn tell(&mut self, progress: Progress) -> bool {
        if let Progress::Batch(batch) = &progress {
            self.records += batch.records.len();
        }
        self.waiting.push(progress);
        self.records < MANY || self.send()
    }

    fn send(&mut self) -> bool {
        self.heard.try_iter().for_each(drop);
        self.records = 0;
        self.to.send(Told { said: std::mem::take(&mut self.waiting), back: self.back.clone() }).is_ok()
    }
}
