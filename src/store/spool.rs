//! Lines that could not wait for the lock: each a file of its own, taken into its journal by whoever locks next.

use std::io::ErrorKind;
use std::path::Path;
use std::path::PathBuf;

use fs_err as fs;

use crate::domain::session::SessionId;
use crate::domain::session::journal::Line;
use crate::store::fs::create_private_dir;
use crate::store::fs::list;
use crate::store::fs::read_if_there;
use crate::store::fs::write_atomic;
use crate::store::journal;

/// A line that was put aside, and where it lies.
pub(crate) struct Spooled {
    pub(crate) session: SessionId,
    pub(crate) line: String,
    pub(crate) path: PathBuf,
}

/// Puts a line aside, durably and whole.
pub(crate) fn put(directory: &Path, session: SessionId, line: &Line) -> anyhow::Result<()> {
    create_private_dir(directory)?;
    write_atomic(&place(directory, session, line), journal::text(line).as_bytes())
}

/// Takes a line back; `false` when someone has taken it in already.
pub(crate) fn take_back(directory: &Path, session: SessionId, line: &Line) -> anyhow::Result<bool> {
    match fs::remove_file(place(directory, session, line)) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// All lines that were put aside, the oldest of each session first.
pub(crate) fn all(directory: &Path) -> anyhow::Result<Vec<Spooled>> {
    let mut spooled = Vec::new();
    for path in list(directory)? {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Some(session) = name.strip_suffix(".jsonl").and_then(|name| name.split('.').next()?.parse().ok()) else {
            continue;
        };
        let Some(bytes) = read_if_there(&path)? else { continue };
        spooled.push(Spooled { session, line: String::from_utf8_lossy(&bytes).trim_end().to_owned(), path });
    }
    Ok(spooled)
}

/// The name says which session the line is for.
fn place(directory: &Path, session: SessionId, line: &Line) -> PathBuf {
    directory.join(format!("{session}.{}.jsonl", line.id))
}
