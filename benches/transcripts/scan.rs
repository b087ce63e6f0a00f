//! The least that any program has to do: read all bytes, and look where usage may be.

use std::io::Read as _;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use fs_err as fs;
use memchr::memmem;

const THREADS: usize = 2;
const BUFFER: usize = 256 << 10;

/// Reads every file below `directory`. Returns the bytes, or how often `"usage"` was found in them.
pub(crate) fn scan(directory: &Path, is_usage_wanted: bool) -> anyhow::Result<u64> {
    let files = files(directory)?;
    let (next, found) = (AtomicUsize::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..THREADS).map(|_| scope.spawn(|| work(&files, &next, &found, is_usage_wanted))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|_| anyhow::bail!("a reader failed")))
    })?;
    Ok(found.into_inner())
}

/// All files, the largest first.
fn files(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut pending = vec![directory.to_owned()];
    while let Some(directory) = pending.pop() {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_dir() { pending.push(entry.path()) } else { files.push((metadata.len(), entry.path())) }
        }
    }
    files.sort_unstable_by(|one, other| other.cmp(one));
    Ok(files.into_iter().map(|(_, path)| path).collect())
}

fn work(files: &[PathBuf], next: &AtomicUsize, found: &AtomicU64, is_usage_wanted: bool) -> anyhow::Result<()> {
    let finder = memmem::Finder::new("\"usage\"");
    let mut buffer = vec![0; BUFFER];
    while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
        let mut file = fs::File::open(path)?;
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            let bytes = &buffer[..read];
            let count = if is_usage_wanted { finder.find_iter(bytes).count() } else { read };
            found.fetch_add(u64::try_from(count)?, Ordering::Relaxed);
        }
    }
    Ok(())
}
