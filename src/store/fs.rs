//! Writing files so that a crash at any point leaves the old contents or the new, and an acknowledged line stays.

use std::fs::Permissions;
use std::io::BufWriter;
use std::io::ErrorKind;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use fs_err as fs;
use uuid::Uuid;

/// However slow the disk, a temporary file older than this has lost its process.
const LONGEST_WRITE: Duration = Duration::from_secs(60 * 60);

/// Who may read a file that is made anew; one that exists keeps its permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Only the user: what lies in the data directory.
    Private,
    /// As the umask has it: what lies in a repository, where others write too.
    Shared,
}

/// Replaces a file of the user's own in one step; new ones are private.
pub(crate) fn write_atomic(path: &Path, contents: &[u8]) -> anyhow::Result<()> {
    replace(path, contents, Access::Private)
}

/// The same for contents too long to be had at once.
pub(crate) fn write_atomic_with(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    replace_with(path, Access::Private, write)
}

/// Replaces a file in one step: written beside its place, flushed to disk, renamed over it.
///
/// A symbolic link of the user's stays one: what it points to is replaced. One in a repository may be a stranger's, and
/// is itself replaced.
pub(crate) fn replace(path: &Path, contents: &[u8], access: Access) -> anyhow::Result<()> {
    replace_with(path, access, |file| Ok(file.write_all(contents)?))
}

fn replace_with(
    path: &Path,
    access: Access,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let target = match access {
        Access::Private => resolved(path)?,
        Access::Shared => path.to_owned(),
    };
    let directory = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = target.file_name().with_context(|| format!("{} is no file name", target.display()))?;
    let temporary = directory.join(format!(".{}.{}.tmp", name.to_string_lossy(), Uuid::now_v7().simple()));

    let written = write_new(&temporary, access, permissions(&target)?, write)
        .and_then(|()| Ok(fs::rename(&temporary, &target)?))
        .and_then(|()| sync_directory(directory));
    if written.is_err() {
        // The error names a file that nobody knows of.
        anyhow::ensure!(directory.is_dir(), "there is no directory {}", directory.display());
        // What is left of a failed write must not stay; that it cannot be removed says nothing new.
        let _ = fs::remove_file(&temporary);
    } else {
        sweep(directory);
    }
    written
}

/// Removes what kills left behind in the middle of a write. A younger file may be another process's, at work on it.
fn sweep(directory: &Path) {
    let is_old = |path: &PathBuf| {
        let age = fs::symlink_metadata(path).and_then(|found| found.modified()).ok().and_then(|at| at.elapsed().ok());
        age.is_some_and(|age| age > LONGEST_WRITE)
    };
    // What cannot be swept now can be later: no reason to fail a write that has succeeded.
    for path in list(directory).unwrap_or_default().into_iter().filter(|path| is_temporary(path)).filter(is_old) {
        let _ = fs::remove_file(path);
    }
}

/// Whether the name is one that `replace` gives: `.<name>.<32 hexadecimal digits>.tmp`.
fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let middle = name.strip_prefix('.').and_then(|name| name.strip_suffix(".tmp"));
    let id = middle.and_then(|middle| middle.rsplit_once('.')).map_or("", |(_, id)| id);
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Appends one line and makes it durable; when this returns, the line survives a power cut.
///
/// The caller holds the store's lock. A torn line at the end is sealed off by a line break, so that it costs only
/// itself; a write that the disk cuts short is taken back.
pub(crate) fn append_line(path: &Path, line: &str) -> anyhow::Result<()> {
    let mut file = private(fs::OpenOptions::new().read(true).append(true)).open(path)?;
    let length = file.metadata()?.len();
    let mut bytes = Vec::with_capacity(line.len() + 2);
    if length > 0 && last_byte(&mut file)? != b'\n' {
        bytes.push(b'\n');
    }
    bytes.extend_from_slice(line.as_bytes());
    bytes.push(b'\n');

    // One write: readers without the lock never see half of two lines mixed.
    let appended = file.write_all(&bytes).and_then(|()| file.sync_data());
    if let Err(error) = appended {
        let _ = file.set_len(length);
        return Err(error).context("it could not be recorded");
    }
    Ok(())
}

/// The file's bytes; `None` when there is no such file.
pub(crate) fn read_if_there(path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The paths in a directory, in order; none when there is no such directory.
pub(crate) fn list(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Makes a directory that only the user may enter, and those above it, so that they survive a power cut.
pub(crate) fn create_private_dir(path: &Path) -> anyhow::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let made = match (builder.create(path), parent) {
        (Err(error), Some(parent)) if error.kind() == ErrorKind::NotFound => {
            create_private_dir(parent)?;
            builder.create(path)
        }
        (made, _) => made,
    };
    match made {
        Ok(()) => parent.map_or(Ok(()), sync_directory),
        // Another process may have been first.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error).with_context(|| format!("could not make the directory {}", path.display())),
    }
}

/// What of a directory of the user's own others may read or change: nothing, where they may not enter it.
pub(crate) fn open_to_others(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut open = Vec::new();
    let mut paths = vec![directory.to_owned()];
    while let Some(path) = paths.pop() {
        let metadata = fs::symlink_metadata(&path)?;
        if !metadata.is_symlink() && is_open(&metadata) {
            if metadata.is_dir() {
                paths.extend(list(&path)?);
            }
            open.push(path);
        }
    }
    open.sort();
    Ok(open)
}

#[cfg(unix)]
fn is_open(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0
}

/// Windows gives each user's directories to that user alone.
#[cfg(not(unix))]
fn is_open(_: &std::fs::Metadata) -> bool {
    false
}

/// Makes a rename or a new file in `directory` survive a power cut.
pub(crate) fn sync_directory(directory: &Path) -> anyhow::Result<()> {
    if cfg!(unix) {
        fs::File::open(directory)?.sync_all()?;
    }
    Ok(())
}

/// Options that make a new file private.
pub(crate) fn private(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    #[cfg(unix)]
    fs::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

fn write_new(
    path: &Path,
    access: Access,
    permissions: Option<Permissions>,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    if access == Access::Private {
        private(&mut options);
    }
    let mut file = options.open(path)?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    let mut buffered = BufWriter::new(&mut file);
    write(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    Ok(file.sync_all()?)
}

/// Where a path leads once symbolic links are followed; one that leads nowhere is an error.
fn resolved(path: &Path) -> anyhow::Result<PathBuf> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => match fs::canonicalize(path) {
            Ok(target) => Ok(target),
            Err(error) => Err(error).context("a symbolic link leads nowhere"),
        },
        Ok(_) => Ok(path.to_owned()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(path.to_owned()),
        Err(error) => Err(error.into()),
    }
}

fn permissions(path: &Path) -> anyhow::Result<Option<Permissions>> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata.permissions()).filter(|_| metadata.is_file())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn last_byte(file: &mut fs::File) -> anyhow::Result<u8> {
    let mut byte = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut byte)?;
    Ok(byte[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacing_keeps_links_and_permissions_and_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        let (file, link) = (directory.path().join("file"), directory.path().join("link"));
        write_atomic(&file, b"one").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write_atomic(&link, b"two").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions()) & 0o777, 0o600);
        assert_eq!(list(directory.path()).unwrap(), [file, link]);
    }

    #[test]
    fn a_link_in_a_repository_is_not_followed() {
        let directory = tempfile::tempdir().unwrap();
        let (victim, link) = (directory.path().join("victim"), directory.path().join("link"));
        write_atomic(&victim, b"mine").unwrap();
        std::os::unix::fs::symlink(&victim, &link).unwrap();
        replace(&link, b"report", Access::Shared).unwrap();
        assert_eq!(fs::read(&victim).unwrap(), b"mine");
        assert_eq!(fs::read(&link).unwrap(), b"report");
    }

    #[cfg(unix)]
    #[test]
    fn what_others_may_read_is_found_where_they_get_to_it() {
        let directory = tempfile::tempdir().unwrap();
        let mode = |path: &Path, mode| {
            fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        };
        let (open, closed) = (directory.path().join("open"), directory.path().join("closed"));
        for path in [&open, &closed] {
            fs::create_dir(path).unwrap();
            fs::write(path.join("file"), "x").unwrap();
            mode(&path.join("file"), 0o644);
            mode(path, if path == &open { 0o755 } else { 0o700 });
        }
        mode(directory.path(), 0o700);
        assert_eq!(open_to_others(directory.path()).unwrap(), Vec::<PathBuf>::new());
        mode(directory.path(), 0o750);
        assert_eq!(open_to_others(directory.path()).unwrap(), [directory.path(), &open, &open.join("file")]);
    }

    #[test]
    fn a_torn_line_is_sealed_off() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        write_atomic(&path, b"whole\nto").unwrap();
        append_line(&path, "next").unwrap();
        append_line(&path, "last").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole\nto\nnext\nlast\n");
    }

    #[test]
    fn what_a_kill_left_behind_is_swept_an_hour_later() {
        let directory = tempfile::tempdir().unwrap();
        let left = |name: &str, minutes: u64| {
            let path = directory.path().join(name);
            fs::write(&path, "half").unwrap();
            let at = std::time::SystemTime::now() - Duration::from_secs(minutes * 60);
            fs::OpenOptions::new().write(true).open(&path).unwrap().file().set_modified(at).unwrap();
            path
        };
        let id = "0".repeat(32);
        let old = left(&format!(".a.json.{id}.tmp"), 61);
        let kept = [left(&format!(".a.json.{id}1.tmp"), 61), left(&format!(".b.json.{id}.tmp"), 59), left("c.tmp", 61)];
        write_atomic(&directory.path().join("file"), b"x").unwrap();
        assert!(!old.exists());
        assert!(kept.iter().all(|path| path.exists()));
    }

    #[test]
    fn a_dangling_link_is_an_error_that_names_it() {
        let directory = tempfile::tempdir().unwrap();
        let link = directory.path().join("link");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        let error = format!("{:#}", write_atomic(&link, b"x").unwrap_err());
        assert!(error.contains("leads nowhere") && error.contains("link"), "{error}");
    }
}
