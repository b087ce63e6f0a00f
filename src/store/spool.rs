//! Lines that could not wait for the lock: each a file of its own, taken into its journal by whoever locks next.

use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use fs_err as fs;

use crate::domain::session::SessionId;
use crate::domain::session::journal::Line;
use crate::store::fs::create_private_dir;
use crate::store::fs::list;
use crate::store::fs::private;
use crate::store::fs::read_if_there;
use crate::store::fs::sync_directory;

/// Puts a line aside, durably. Its name says which session it is for.
pub(crate) fn put(directory: &Path, session: SessionId, line: &Line) -> anyhow::Result<()> {
    create_private_dir(directory)?;
    let place = directory.join(format!("{session}.{}.jsonl", line.id));
    // Written under a name that nobody takes in, so that half a line never is.
    let temporary = place.with_extension("tmp");
    let mut file = private(fs::OpenOptions::new().write(true).create_new(true)).open(&temporary)?;
    file.write_all(line.to_text().as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, &place)?;
    sync_directory(directory)
}

/// A line that was put aside, and where it lies.
pub(crate) struct Spooled {
    pub(crate) session: SessionId,
    pub(crate) line: String,
    pub(crate) path: PathBuf,
}

/// All lines that were put aside, the oldest first.
pub(crate) fn take(directory: &Path) -> anyhow::Result<Vec<Spooled>> {
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
