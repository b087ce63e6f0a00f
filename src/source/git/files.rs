//! The files that git sees below a directory: what a person would call the project's own.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use git2::Repository;
use git2::StatusOptions;
use git2::StatusShow;

use crate::source::git::open;

/// Tracked files and untracked ones that are not ignored, each as `directory` joined with its way down, sorted.
///
/// Only regular files that are there: no links, no submodules, nothing deleted. `None` outside a repository and in a
/// bare one, which has no files.
pub(crate) fn files(directory: &Path) -> anyhow::Result<Option<Vec<PathBuf>>> {
    let Some(repository) = open(directory)? else { return Ok(None) };
    let Some(root) = repository.workdir() else { return Ok(None) };
    let below = fs_err::canonicalize(directory)?;
    // libgit2 gives the real path of the work tree, unless `core.worktree` names another way to it.
    let root = fs_err::canonicalize(root)?;
    let Ok(below) = below.strip_prefix(&root) else { return Ok(Some(Vec::new())) };

    let mut paths = tracked(&repository)?;
    paths.extend(untracked(&repository, below)?);

    let is_regular = |path: &Path| root.join(path).symlink_metadata().is_ok_and(|file| file.is_file());
    let inside = paths.iter().filter(|path| path.starts_with(below) && is_regular(path));
    let named = inside.filter_map(|path| Some(directory.join(path.strip_prefix(below).ok()?)));
    Ok(Some(named.collect()))
}

fn tracked(repository: &Repository) -> anyhow::Result<BTreeSet<PathBuf>> {
    let index = repository.index().context("cannot read git's index")?;
    Ok(index.iter().map(|entry| to_path(&entry.path)).collect())
}

fn untracked(repository: &Repository, below: &Path) -> anyhow::Result<BTreeSet<PathBuf>> {
    let mut options = StatusOptions::new();
    options
        .show(StatusShow::Workdir)
        .include_untracked(true)
        .recurse_untracked_dirs(true)
        .exclude_submodules(true)
        .disable_pathspec_match(true);
    if !below.as_os_str().is_empty() {
        options.pathspec(below);
    }
    let statuses = repository.statuses(Some(&mut options)).context("cannot look for untracked files")?;
    let new = statuses.iter().filter(|entry| entry.status().is_wt_new());
    Ok(new.map(|entry| to_path(entry.path_bytes())).collect())
}

#[cfg(unix)]
fn to_path(bytes: &[u8]) -> PathBuf {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn to_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;
    use crate::source::git::fixture::Fixture;

    fn names(files: Option<Vec<PathBuf>>, directory: &Path) -> Vec<String> {
        let files = files.unwrap();
        files.iter().map(|path| path.strip_prefix(directory).unwrap().display().to_string()).collect()
    }

    #[test]
    fn tracked_and_new_files_are_seen_but_neither_ignored_nor_deleted_ones_nor_links() {
        let fixture = Fixture::new();
        fixture.write(".gitignore", "target\n*.log\n");
        fixture.write("src/main.rs", "");
        fixture.write("gone.rs", "");
        fixture.write("kept.log", "");
        fixture.git(&["add", "--force", "."]);
        fixture.write("target/debug/big", "");
        fixture.write("new/deep/file.rs", "");
        fixture.write("other.log", "");
        fs_err::remove_file(fixture.root().join("gone.rs")).unwrap();
        std::os::unix::fs::symlink("src/main.rs", fixture.root().join("link.rs")).unwrap();

        let root = fixture.root();
        assert_eq!(names(files(&root).unwrap(), &root), [".gitignore", "kept.log", "new/deep/file.rs", "src/main.rs"]);
    }

    #[test]
    fn only_what_lies_below_the_directory_is_listed() {
        let fixture = Fixture::new();
        for path in ["src/a.rs", "src/b.rs", "srcs/c.rs", "d.rs", "[ab]/e.rs", "a/f.rs"] {
            fixture.write(path, "");
        }
        fixture.git(&["add", "src/a.rs"]);
        for (directory, expected) in [("src", &["a.rs", "b.rs"][..]), ("[ab]", &["e.rs"]), (".git", &[])] {
            let directory = fixture.root().join(directory);
            assert_eq!(names(files(&directory).unwrap(), &directory), expected, "{}", directory.display());
        }
    }

    #[test]
    fn names_may_be_any_bytes() {
        let fixture = Fixture::new();
        let name = std::ffi::OsStr::from_bytes(b"caf\xe9\n.txt");
        fs_err::write(fixture.root().join(name), "").unwrap();
        assert_eq!(files(&fixture.root()).unwrap(), Some(vec![fixture.root().join(name)]));
    }

    #[test]
    fn there_are_none_outside_a_repository_and_in_a_bare_one() {
        let fixture = Fixture::new();
        fixture.git(&["init", "--quiet", "--bare", "bare.git"]);
        assert_eq!(files(&fixture.outside()).unwrap(), None);
        assert_eq!(files(&fixture.root().join("bare.git")).unwrap(), None);
    }
}
