//! Finding and reading the configuration files, whatever may lie in their place.

use std::io::ErrorKind;
use std::path::Path;
use std::path::PathBuf;

use crate::error::Failure;
use crate::paths::Paths;

const PROJECT_FILE: &str = ".claude-cost.toml";
/// A hostile repository's file must not take the memory or the time of every command in it.
const MOST_BYTES: u64 = 1 << 20;

/// The file's text; `None` when there is none.
pub(crate) fn read(path: &Path) -> Result<Option<String>, Failure> {
    let metadata = match fs_err::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    // Opening a pipe would wait for its writer.
    if !metadata.is_file() {
        return Err(Failure::new(format!("{} is not a file", path.display())).with_hint("move it out of the way"));
    }
    if metadata.len() > MOST_BYTES {
        return Err(Failure::new(format!("{} is over 1 MB, too large for a configuration", path.display()))
            .with_hint("move it out of the way"));
    }
    Ok(Some(fs_err::read_to_string(path)?))
}

/// The project's file and its text: of the nearest directory that has one.
pub(crate) fn find_project(paths: &Paths) -> Result<Option<(PathBuf, String)>, Failure> {
    for directory in project_directories(paths) {
        let path = directory.join(PROJECT_FILE);
        if let Some(text) = read(&path)? {
            return Ok(Some((path, text)));
        }
    }
    Ok(None)
}

/// The file that `config set --project` changes: the one that counts here, else a new one at the project's root.
pub(crate) fn project_file(paths: &Paths) -> PathBuf {
    let candidates: Vec<_> = project_directories(paths).map(|directory| directory.join(PROJECT_FILE)).collect();
    let existing = candidates.iter().find(|path| fs_err::symlink_metadata(path).is_ok());
    let root = candidates.last().filter(|path| path.parent().is_some_and(is_repository));
    existing.or(root).cloned().unwrap_or_else(|| paths.directory.join(PROJECT_FILE))
}

/// From here up to the repository's root; a file above that, or above the home directory, is not this project's.
fn project_directories(paths: &Paths) -> impl Iterator<Item = &Path> {
    let is_above_home =
        |directory: &Path| paths.home.as_deref().is_some_and(|home| home != directory && home.starts_with(directory));
    let mut is_past_root = false;
    paths.directory.ancestors().take_while(move |directory| {
        let is_wanted = !is_past_root && !is_above_home(directory);
        is_past_root = is_past_root || is_repository(directory);
        is_wanted
    })
}

/// `.git` is a directory, or a file in a worktree or submodule.
fn is_repository(directory: &Path) -> bool {
    fs_err::symlink_metadata(directory.join(".git")).is_ok()
}
