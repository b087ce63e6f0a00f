//! Commits of our own: exactly the files given, whatever else the person has staged or changed.

use std::io::ErrorKind;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use anyhow::bail;
use anyhow::ensure;
use chrono::DateTime;
use chrono::Utc;
use git2::ErrorCode;
use git2::FileMode;
use git2::Index;
use git2::Oid;
use git2::Repository;
use git2::RepositoryState;
use git2::Signature;
use git2::Time;
use git2::build::TreeUpdateBuilder;

use crate::domain::commit::CommitId;
use crate::source::git::commit_id;
use crate::source::git::open;
use crate::source::git::open_known;

/// Commits these files, as they are on disk, on top of what is checked out: all of it or nothing.
///
/// The new tree is HEAD's with these files in it. In the index only their entries change, so that what is staged stays
/// staged. No hook runs, nothing is signed. Git's lock on the index is held throughout, so that no `git commit` or
/// `git switch` can come between, and the branch only moves if it is still where it was.
pub(crate) fn commit_files(
    root: &Path,
    files: &[PathBuf],
    message: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<CommitId> {
    let repository = open_known(root)?;
    refuse_unfit(&repository)?;
    let signature = signature(&repository, now)?;
    let paths = files.iter().map(|file| inside(&repository, root, file)).collect::<anyhow::Result<Vec<_>>>()?;

    let draft = IndexDraft::lock(&repository)?;
    let mut index = draft.open(&repository)?;
    let parent = parent(&repository)?;
    let tree = stage(&repository, &mut index, parent.as_ref(), &paths)?;
    let parents: Vec<_> = parent.iter().collect();
    ensure!(
        parents.iter().all(|parent| parent.tree_id() != tree.id()),
        "there is nothing new in these files to commit"
    );
    let id = repository
        .commit(None, &signature, &signature, &terminated(message), &tree, &parents)
        .context("cannot write the commit")?;
    move_head(&repository, parent.as_ref().map(git2::Commit::id), id, message)?;
    draft.publish()?;
    Ok(commit_id(id))
}

fn refuse_unfit(repository: &Repository) -> anyhow::Result<()> {
    ensure!(!repository.is_bare(), "a bare repository has no files to commit");
    let what = match repository.state() {
        RepositoryState::Clean => return Ok(()),
        RepositoryState::Merge => "a merge",
        RepositoryState::Revert | RepositoryState::RevertSequence => "a revert",
        RepositoryState::CherryPick | RepositoryState::CherryPickSequence => "a cherry-pick",
        RepositoryState::Bisect => "a bisection",
        RepositoryState::Rebase | RepositoryState::RebaseInteractive | RepositoryState::RebaseMerge => "a rebase",
        RepositoryState::ApplyMailbox | RepositoryState::ApplyMailboxOrRebase => "`git am` or a rebase",
    };
    bail!("{what} is in progress: finish or abort it before anything else is committed")
}

/// Of the configuration alone: what a hook's environment says of the author is about another commit.
fn signature(repository: &Repository, now: DateTime<Utc>) -> anyhow::Result<Signature<'static>> {
    let config = repository.config().context("cannot read git's configuration")?;
    let setting = |key: &str| {
        let text = config.get_string(key).ok().filter(|text| !text.trim().is_empty());
        text.with_context(|| format!("git does not know who commits: set it with `git config --global {key} …`"))
    };
    let (name, email) = (setting("user.name")?, setting("user.email")?);
    Ok(Signature::new(&name, &email, &Time::new(now.timestamp(), 0))?)
}

/// The file's path from the work tree's root, if it is one that `git add` would take.
fn inside(repository: &Repository, root: &Path, file: &Path) -> anyhow::Result<PathBuf> {
    let path = root.join(file);
    let name = path.file_name().with_context(|| format!("{} is not a file", path.display()))?;
    let kind = fs_err::symlink_metadata(&path)?;
    ensure!(kind.is_file(), "{} is not a regular file", path.display());

    // The directory's real path shows links that lead elsewhere.
    let directory = fs_err::canonicalize(path.parent().unwrap_or(root))?;
    let work_tree = fs_err::canonicalize(repository.workdir().context("a bare repository has no files to commit")?)?;
    let is_ours = open(&directory)?.is_some_and(|nearest| nearest.path() == repository.path());
    let Ok(below) = directory.strip_prefix(&work_tree) else {
        bail!("{} lies outside the repository at {}", path.display(), work_tree.display())
    };
    let is_internal = below.components().any(|part| part.as_os_str().eq_ignore_ascii_case(".git"));
    ensure!(is_ours && !is_internal, "{} does not belong to the repository at {}", path.display(), work_tree.display());
    let below = below.join(name);

    let is_tracked = repository.index()?.get_path(&below, 0).is_some();
    ensure!(is_tracked || !repository.is_path_ignored(&below)?, "{} is ignored by git", path.display());
    Ok(below)
}

/// The commit checked out; `None` before the first.
fn parent(repository: &Repository) -> anyhow::Result<Option<git2::Commit<'_>>> {
    match repository.head() {
        Ok(head) => Ok(Some(head.peel_to_commit().context("cannot read the commit that is checked out")?)),
        Err(error) if error.code() == ErrorCode::UnbornBranch => Ok(None),
        Err(error) => Err(error).context("cannot read HEAD"),
    }
}

/// Puts the files into the index's draft, and with the entries that this makes into the parent's tree.
fn stage<'repo>(
    repository: &'repo Repository,
    index: &mut Index,
    parent: Option<&git2::Commit<'repo>>,
    paths: &[PathBuf],
) -> anyhow::Result<git2::Tree<'repo>> {
    ensure!(!index.has_conflicts(), "there are unresolved conflicts: resolve them before anything else is committed");
    let mut update = TreeUpdateBuilder::new();
    for path in paths {
        index.add_path(path).with_context(|| format!("cannot add {}", path.display()))?;
        let entry = index.get_path(path, 0).with_context(|| format!("{} was not added", path.display()))?;
        let is_executable = entry.mode == u32::from(FileMode::BlobExecutable);
        let mode = if is_executable { FileMode::BlobExecutable } else { FileMode::Blob };
        update.upsert(path.as_path(), entry.id, mode);
    }
    let before = match parent {
        Some(parent) => parent.tree()?,
        None => repository.find_tree(repository.treebuilder(None)?.write()?)?,
    };
    let tree = update.create_updated(repository, &before).context("cannot write the tree")?;
    index.write().context("cannot write git's index")?;
    Ok(repository.find_tree(tree)?)
}

/// Moves the branch that is checked out, or HEAD itself when it is detached, if nobody else has moved it since.
fn move_head(repository: &Repository, from: Option<Oid>, to: Oid, message: &str) -> anyhow::Result<()> {
    let head = repository.find_reference("HEAD")?;
    let name = head.symbolic_target()?.unwrap_or("HEAD");
    let subject = message.lines().next().unwrap_or_default();
    let moved = match from {
        Some(from) => repository.reference_matching(name, to, true, from, &format!("commit: {subject}")),
        None => repository.reference(name, to, false, &format!("commit (initial): {subject}")),
    };
    match moved {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.code(), ErrorCode::Modified | ErrorCode::Exists) => {
            Err(error).with_context(|| format!("{name} was moved by someone else meanwhile, nothing was committed"))
        }
        Err(error) => Err(error).with_context(|| format!("cannot move {name}, nothing was committed")),
    }
}

fn terminated(message: &str) -> String {
    format!("{}\n", message.trim_end())
}

/// The index to be, beside the one there is, under the lock that git itself takes (gitrepository-layout(5)).
struct IndexDraft {
    index: PathBuf,
    draft: PathBuf,
    lock: PathBuf,
}

impl IndexDraft {
    fn lock(repository: &Repository) -> anyhow::Result<Self> {
        let directory = repository.path();
        let lock = directory.join("index.lock");
        match fs_err::OpenOptions::new().write(true).create_new(true).open(&lock) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                bail!("git's index is locked by another git command; if none is running, remove {}", lock.display())
            }
            Err(error) => return Err(error.into()),
        }
        let name = "index.claude-cost";
        let made = Self { index: directory.join("index"), draft: directory.join(name), lock };
        // What a run that was killed left behind; the lock is ours.
        made.remove_draft();
        match fs_err::copy(&made.index, &made.draft) {
            Ok(_) => made.copy_modified()?,
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        Ok(made)
    }

    /// Files as young as the index are compared with their content (racy-git(7)); the copy must not look younger.
    fn copy_modified(&self) -> anyhow::Result<()> {
        let modified = fs_err::metadata(&self.index)?.modified()?;
        fs_err::OpenOptions::new().write(true).open(&self.draft)?.into_parts().0.set_modified(modified)?;
        Ok(())
    }

    fn open(&self, repository: &Repository) -> anyhow::Result<Index> {
        let mut index = Index::open(&self.draft).context("cannot read git's index")?;
        repository.set_index(&mut index)?;
        Ok(index)
    }

    fn publish(self) -> anyhow::Result<()> {
        Ok(fs_err::rename(&self.draft, &self.index)?)
    }

    fn remove_draft(&self) {
        let _ = fs_err::remove_file(&self.draft);
        let _ = fs_err::remove_file(self.draft.with_extension("claude-cost.lock"));
    }
}

impl Drop for IndexDraft {
    fn drop(&mut self) {
        self.remove_draft();
        let _ = fs_err::remove_file(&self.lock);
    }
}

#[cfg(test)]
mod tests;
