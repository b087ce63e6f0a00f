//! What git knows: where the repository is, its HEAD, the commits of a time, the files it sees. The only user of git2.
//!
//! libgit2 starts no program whatever a repository's configuration says (`core.fsmonitor`, `diff.external`, `filter.*`),
//! and opened as it is here it ignores `GIT_DIR`, `GIT_INDEX_FILE` and the like, which git sets for its hooks.

mod archive;
mod files;
#[cfg(test)]
mod fixture;
mod range;
mod walk;

use std::ffi::OsStr;
use std::path::Path;
use std::path::PathBuf;

use git2::ErrorCode;
use git2::Repository;
use git2::RepositoryOpenFlags;
use git2::RepositoryState;
use thiserror::Error;

use crate::domain::commit::CommitId;

pub(crate) use crate::source::git::archive::commit_files;
pub(crate) use crate::source::git::files::files;
pub(crate) use crate::source::git::range::Range;
pub(crate) use crate::source::git::range::RangeError;
pub(crate) use crate::source::git::range::range;
pub(crate) use crate::source::git::walk::CommitQuery;
pub(crate) use crate::source::git::walk::commits;

/// Where a directory's repository is and what is checked out in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// The work tree's root; a bare repository's own directory.
    pub(crate) root: PathBuf,
    /// The main work tree's root, the same for all its linked work trees.
    pub(crate) project_root: PathBuf,
    /// `None` when HEAD is detached, as it also is during a rebase.
    pub(crate) branch: Option<String>,
    /// `None` before the first commit.
    pub(crate) hash: Option<CommitId>,
    /// Where branches, configuration and hooks lie: `.git`, shared by linked work trees.
    pub(crate) common_directory: PathBuf,
}

/// Why there is a repository that cannot be read. Nothing but commits depends on it: callers say so and go on.
#[derive(Debug, Error)]
pub(crate) enum Unusable {
    /// libgit2 takes the user's `safe.directory` into account, so this line is the way out.
    #[error(
        "the repository at {root} belongs to someone else; if you trust it, run \
         `git config --global --add safe.directory {quoted}`",
        root = .0.display(),
        quoted = quoted(.0)
    )]
    ForeignOwner(PathBuf),
    #[error("the repository at {} keeps its branches as a reftable, which cannot be read yet", .0.display())]
    Reftable(PathBuf),
    #[error("the repository at {} has SHA-256 hashes, which cannot be read yet", .0.display())]
    Sha256(PathBuf),
    #[error("the repository at {root} cannot be read: {reason}", root = .0.display(), reason = .1.message())]
    Other(PathBuf, #[source] git2::Error),
}

/// Finds the repository of `directory` and what is checked out; `None` outside any.
///
/// Reads a handful of small files, never an object, so that it may run at every entry.
pub(crate) fn head(directory: &Path) -> anyhow::Result<Option<Head>> {
    let Some(repository) = open(directory)? else { return Ok(None) };
    let reference = repository.find_reference("HEAD").map_err(|error| unusable(directory, error))?;
    let branch = reference.symbolic_target_bytes().map(|name| {
        let name = String::from_utf8_lossy(name);
        name.strip_prefix("refs/heads/").unwrap_or(&name).to_owned()
    });
    let hash = match reference.resolve() {
        Ok(resolved) => resolved.target().map(commit_id),
        Err(error) if error.code() == ErrorCode::NotFound => None,
        Err(error) => return Err(unusable(directory, error).into()),
    };
    Ok(Some(Head {
        root: root(&repository),
        project_root: project_root(&repository),
        branch,
        hash,
        common_directory: tidy(repository.commondir()),
    }))
}

/// Where the linked work trees of a repository are, none outside of one. Like [`head`] it reads small files only.
pub(crate) fn work_trees(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let Some(repository) = open(directory)? else { return Ok(Vec::new()) };
    let names = repository.worktrees().map_err(|error| unusable(directory, error))?;
    let path = |name: &str| Some(tidy(repository.find_worktree(name).ok()?.path()));
    Ok(names.iter().flatten().flatten().filter_map(path).collect())
}

/// Whether commits are being copied just now (a rebase, a cherry-pick, `git am`), so that a hook can leave them out.
pub(crate) fn is_replaying(directory: &Path) -> anyhow::Result<bool> {
    let state = open(directory)?.map_or(RepositoryState::Clean, |repository| repository.state());
    Ok(match state {
        RepositoryState::CherryPick
        | RepositoryState::CherryPickSequence
        | RepositoryState::Rebase
        | RepositoryState::RebaseInteractive
        | RepositoryState::RebaseMerge
        | RepositoryState::ApplyMailbox
        | RepositoryState::ApplyMailboxOrRebase => true,
        RepositoryState::Clean
        | RepositoryState::Merge
        | RepositoryState::Revert
        | RepositoryState::RevertSequence
        | RepositoryState::Bisect => false,
    })
}

/// Where git looks for hooks: `core.hooksPath`, relative to the work tree's root as git-config(1) has it, or `hooks`
/// in the common directory. It need not exist. `None` outside a repository.
pub(crate) fn hooks_directory(directory: &Path) -> anyhow::Result<Option<PathBuf>> {
    let Some(repository) = open(directory)? else { return Ok(None) };
    let config = repository.config().map_err(|error| unusable(directory, error))?;
    Ok(Some(match config.get_path("core.hooksPath") {
        Ok(path) if !path.as_os_str().is_empty() => tidy(&root(&repository).join(path)),
        Ok(_) => tidy(&repository.commondir().join("hooks")),
        Err(error) if error.code() == ErrorCode::NotFound => tidy(&repository.commondir().join("hooks")),
        Err(error) => return Err(unusable(directory, error).into()),
    }))
}

/// Opens the repository that `directory` lies in, stopping at a file system's boundary as git does.
fn open(directory: &Path) -> Result<Option<Repository>, Unusable> {
    // Like git, which leaves it to `git fsck`: hashing every object anew takes as long as comparing them.
    git2::opts::strict_hash_verification(false);
    match Repository::open_ext(directory, RepositoryOpenFlags::empty(), None::<&OsStr>) {
        Ok(repository) => Ok(Some(repository)),
        Err(error) if error.code() == ErrorCode::NotFound && enclosing(directory).is_none() => Ok(None),
        Err(error) => Err(unusable(directory, error)),
    }
}

/// Opens a repository that the caller has found before.
fn open_known(root: &Path) -> anyhow::Result<Repository> {
    open(root)?.ok_or_else(|| anyhow::anyhow!("{} is no longer a git repository", root.display()))
}

fn unusable(directory: &Path, error: git2::Error) -> Unusable {
    let root = enclosing(directory).unwrap_or_else(|| directory.to_owned());
    // libgit2 has one code for all that it does not know (`check_extensions` in its repository.c); its version is pinned.
    let message = error.message();
    if error.code() == ErrorCode::Owner {
        Unusable::ForeignOwner(root)
    } else if message.contains("extensions.refstorage") {
        Unusable::Reftable(root)
    } else if message.contains("object format") || message.contains("extensions.objectformat") {
        Unusable::Sha256(root)
    } else {
        Unusable::Other(root, error)
    }
}

/// The nearest directory at or above that says it is a work tree's root.
fn enclosing(directory: &Path) -> Option<PathBuf> {
    let directory = directory.canonicalize().ok()?;
    let root = directory.ancestors().find(|ancestor| ancestor.join(".git").symlink_metadata().is_ok());
    root.map(Path::to_owned)
}

fn root(repository: &Repository) -> PathBuf {
    tidy(repository.workdir().unwrap_or_else(|| repository.path()))
}

fn project_root(repository: &Repository) -> PathBuf {
    if !repository.is_worktree() {
        return root(repository);
    }
    let common = tidy(repository.commondir());
    if common.file_name() == Some(OsStr::new(".git"))
        && let Some(main) = common.parent()
    {
        return main.to_owned();
    }
    // A submodule's or a bare repository's linked work tree: only its configuration knows the main one.
    Repository::open(&common).map_or(common, |main| root(&main))
}

/// The path without the slash that libgit2 puts at the end of directories.
fn tidy(path: &Path) -> PathBuf {
    path.components().collect()
}

fn commit_id(id: git2::Oid) -> CommitId {
    id.to_string().parse().expect("libgit2 writes hashes in hexadecimal")
}

/// A path as one word of a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |char: char| char.is_alphanumeric() || "/._-+@%:,".contains(char);
    if !text.is_empty() && text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests;
