//! Writing files so that a reader, a crash or a full disk never sees half of one.

use std::io::Write;
use std::path::Path;

use anyhow::Context as _;
use fs_err::os::unix::fs::OpenOptionsExt as _;

/// Replaces the file at `path` whole: written beside it, brought to disk, then renamed over it.
pub(crate) fn write_atomic(path: &Path, contents: &[u8]) -> anyhow::Result<()> {
    let name = path.file_name().with_context(|| format!("{} names no file", path.display()))?;
    let temporary = path.with_file_name(format!(".{}.{}.tmp", name.to_string_lossy(), std::process::id()));
    let written = write_new(&temporary, contents).and_then(|()| Ok(fs_err::rename(&temporary, path)?));
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs_err::remove_file(&temporary);
    }
    written
}

fn write_new(path: &Path, contents: &[u8]) -> anyhow::Result<()> {
    let mut file = fs_err::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(contents)?;
    file.sync_all()?;
    Ok(())
}
