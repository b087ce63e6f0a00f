//! The commits of a time, found without walking all of history.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::BinaryHeap;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use chrono::DateTime;
use chrono::Utc;
use git2::BranchType;
use git2::DiffOptions;
use git2::ErrorCode;
use git2::Oid;
use git2::Repository;

use crate::domain::commit::Changes;
use crate::domain::commit::Commit;
use crate::domain::commit::CommitId;
use crate::domain::session::NotedCommit;
use crate::source::git::commit_id;
use crate::source::git::open_known;

/// Commits in a row, older than what is looked for, after which a walk by time ends. Clocks differ, so that a parent
/// may be younger than its child; git itself allows for 5 (`SLOP` in its revision.c).
const SLOP: usize = 50;

/// Which commits are wanted.
///
/// A commit belongs when its *author* time lies in `since..=until`, so that old work which is rebased or cherry-picked
/// meanwhile does not count again, and when it is the person's own: author or committer has the `user.email` of the
/// repository's configuration (`author.email` and `committer.email` too), or none is configured. Whatever is in `noted`
/// belongs whoever made it and whenever. No branch need lead to it any more, unless it was amended or rebased: then it is
/// what took its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CommitQuery<'a> {
    pub(crate) since: DateTime<Utc>,
    pub(crate) until: DateTime<Utc>,
    /// Commits that the hook saw being made.
    pub(crate) noted: &'a [NotedCommit],
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Commits {
    /// By author time, parents before children, then by hash.
    pub(crate) commits: Vec<Commit>,
    /// Objects were missing, so that there may be more.
    pub(crate) is_incomplete: bool,
}

/// The commits that the query wants, from HEAD, all local branches and what linked work trees have checked out.
pub(crate) fn commits(root: &Path, query: &CommitQuery<'_>) -> anyhow::Result<Commits> {
    let repository = open_known(root)?;
    let walked = Walk::new(&repository)?.run(query.since.timestamp())?;
    let wanted = walked.wanted(&repository, query)?;
    let with_changes = |commit| Commit { changes: changes(&repository, commit), ..to_commit(commit) };
    let mut commits: Vec<Commit> = wanted.commits.iter().map(with_changes).collect();
    commits.extend(wanted.lost);
    commits.sort_by_key(|commit| commit.authored_at);
    Ok(Commits { commits, is_incomplete: walked.is_incomplete })
}

/// A commit on its way through the heap: the youngest first, then by hash so that the order is always the same.
#[derive(PartialEq, Eq)]
struct Next {
    time: i64,
    id: Oid,
    parents: Vec<Oid>,
}

impl Ord for Next {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.time, self.id).cmp(&(other.time, other.id))
    }
}

impl PartialOrd for Next {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// libgit2's own walk by time loads all of history before it gives the first commit.
pub(super) struct Walk<'repo> {
    repository: &'repo Repository,
    heap: BinaryHeap<Next>,
    seen: BTreeSet<Oid>,
    is_incomplete: bool,
}

/// The commits that a walk met, each with its parents.
pub(super) struct Walked {
    pub(super) parents: BTreeMap<Oid, Vec<Oid>>,
    pub(super) is_incomplete: bool,
}

/// What a query wants of the commits that a walk met, and of those that were noted.
pub(super) struct Wanted<'repo> {
    /// By author time, parents before children, then by hash.
    pub(super) commits: Vec<git2::Commit<'repo>>,
    /// Those of them that no branch leads to any more.
    pub(super) adrift: BTreeSet<Oid>,
    /// Noted ones that git does not have any more, of which only hash and time are known.
    pub(super) lost: Vec<Commit>,
}

impl<'repo> Walk<'repo> {
    pub(super) fn new(repository: &'repo Repository) -> anyhow::Result<Self> {
        let mut walk = Self { repository, heap: BinaryHeap::new(), seen: BTreeSet::new(), is_incomplete: false };
        for id in tips(repository)? {
            walk.push(id)?;
        }
        Ok(walk)
    }

    pub(super) fn push(&mut self, id: Oid) -> anyhow::Result<()> {
        if !self.seen.insert(id) {
            return Ok(());
        }
        match self.repository.find_commit(id) {
            Ok(commit) => {
                let parents = commit.parent_ids().collect();
                self.heap.push(Next { time: commit.time().seconds(), id, parents });
            }
            Err(error) if error.code() == ErrorCode::NotFound => self.is_incomplete = true,
            Err(error) => return Err(error).with_context(|| format!("cannot read commit {id}")),
        }
        Ok(())
    }

    pub(super) fn run(mut self, since: i64) -> anyhow::Result<Walked> {
        let mut parents = BTreeMap::new();
        let mut too_old = 0;
        while let Some(next) = self.heap.pop() {
            too_old = if next.time < since { too_old + 1 } else { 0 };
            if too_old > SLOP {
                break;
            }
            for parent in &next.parents {
                self.push(*parent)?;
            }
            parents.insert(next.id, next.parents);
        }
        Ok(Walked { parents, is_incomplete: self.is_incomplete })
    }
}

impl Walked {
    pub(super) fn wanted<'repo>(
        &self,
        repository: &'repo Repository,
        query: &CommitQuery<'_>,
    ) -> anyhow::Result<Wanted<'repo>> {
        let own = own_addresses(repository)?;
        let generations = self.generations();
        let noted: BTreeSet<Oid> = query.noted.iter().filter_map(|noted| oid(&noted.hash)).collect();
        let mut found = Vec::new();
        for id in self.parents.keys() {
            let commit = repository.find_commit(*id).with_context(|| format!("cannot read commit {id}"))?;
            let authored_at = instant(commit.author().when());
            // Git keeps whole seconds: what was committed in the second of the start may lie after it.
            let is_timely = (query.since.timestamp()..=query.until.timestamp()).contains(&authored_at.timestamp());
            if noted.contains(id) || (is_timely && is_own(&own, &commit)) {
                found.push((authored_at, generations[id], commit));
            }
        }
        found.sort_by_key(|(authored_at, generation, commit)| (*authored_at, *generation, commit.id()));
        let mut wanted = Wanted {
            commits: found.into_iter().map(|(.., commit)| commit).collect(),
            adrift: BTreeSet::new(),
            lost: Vec::new(),
        };
        self.add_left_behind(repository, query, &mut wanted)?;
        wanted.commits.sort_by_key(|commit| commit.author().when().seconds());
        Ok(wanted)
    }

    /// Adds the noted commits that no branch leads to any more; of copies of one commit the one that was noted last.
    fn add_left_behind<'repo>(
        &self,
        repository: &'repo Repository,
        query: &CommitQuery<'_>,
        wanted: &mut Wanted<'repo>,
    ) -> anyhow::Result<()> {
        let mut left = Vec::new();
        for noted in query.noted.iter().rev() {
            let Some(id) = oid(&noted.hash).filter(|id| !self.parents.contains_key(id)) else { continue };
            match repository.find_commit(id) {
                // What is older than the walk went may well have a branch.
                Ok(commit) if commit.time().seconds() < query.since.timestamp() => {}
                Ok(commit) => {
                    let mut others = wanted.commits.iter().chain(&left);
                    if wanted.adrift.insert(id) && !others.any(|other| is_copy(repository, &commit, other)) {
                        left.push(commit);
                    }
                }
                Err(error) if error.code() == ErrorCode::NotFound => {
                    wanted.lost.extend((query.since <= noted.at).then(|| lost(noted)));
                }
                Err(error) => return Err(error).with_context(|| format!("cannot read commit {id}")),
            }
        }
        wanted.adrift = left.iter().map(git2::Commit::id).collect();
        left.reverse();
        wanted.commits.append(&mut left);
        wanted.lost.sort_by(|one, other| (one.authored_at, &one.hash).cmp(&(other.authored_at, &other.hash)));
        wanted.lost.dedup_by(|one, other| one.hash == other.hash);
        Ok(())
    }

    /// For each commit the length of the longest way down from it, so that parents come before children.
    fn generations(&self) -> BTreeMap<Oid, usize> {
        let mut generations = BTreeMap::new();
        for start in self.parents.keys() {
            // A stack of our own: histories are deeper than threads'.
            let mut stack = vec![*start];
            while let Some(id) = stack.last().copied() {
                let known = self.parents[&id].iter().filter(|parent| self.parents.contains_key(parent));
                let open: Vec<Oid> =
                    known.clone().filter(|parent| !generations.contains_key(*parent)).copied().collect();
                if open.is_empty() {
                    let below = known.map(|parent| generations[parent]).max().map_or(0, |most: usize| most + 1);
                    generations.insert(id, below);
                    stack.pop();
                } else {
                    stack.extend(open);
                }
            }
        }
        generations
    }
}

/// Where walks begin. Branches that other work trees have checked out are local branches like all others, so that only
/// their detached HEADs are left to read.
fn tips(repository: &Repository) -> anyhow::Result<BTreeSet<Oid>> {
    let mut tips = BTreeSet::new();
    for branch in repository.branches(Some(BranchType::Local)).context("cannot list the branches")? {
        // A branch whose file is damaged is for git to complain of.
        let Ok((branch, _)) = branch else { continue };
        // Only a symbolic one has to be looked up again.
        tips.extend(branch.get().target().or_else(|| branch.get().resolve().ok()?.target()));
    }
    if let Ok(head) = repository.head() {
        tips.extend(head.target());
    }
    tips.extend(head_files(repository).iter().filter_map(|path| detached(path)));
    Ok(tips)
}

/// The HEAD of the main and of each linked work tree, as gitrepository-layout(5) has them.
fn head_files(repository: &Repository) -> Vec<PathBuf> {
    let common = repository.commondir();
    let mut files = vec![common.join("HEAD")];
    if let Ok(entries) = fs_err::read_dir(common.join("worktrees")) {
        files.extend(entries.filter_map(|entry| Some(entry.ok()?.path().join("HEAD"))));
    }
    files
}

fn detached(head: &Path) -> Option<Oid> {
    Oid::from_str(fs_err::read_to_string(head).ok()?.trim_end()).ok()
}

/// The addresses that git would write into the person's commits.
pub(super) fn own_addresses(repository: &Repository) -> anyhow::Result<Vec<String>> {
    let config = repository.config().context("cannot read git's configuration")?;
    let keys = ["user.email", "author.email", "committer.email"];
    let addresses = keys.iter().filter_map(|key| config.get_string(key).ok());
    Ok(addresses.filter(|address| !address.is_empty()).map(|address| address.to_lowercase()).collect())
}

pub(super) fn is_own(own: &[String], commit: &git2::Commit<'_>) -> bool {
    let is_ours = |address: &[u8]| own.contains(&String::from_utf8_lossy(address).to_lowercase());
    own.is_empty() || is_ours(commit.author().email_bytes()) || is_ours(commit.committer().email_bytes())
}

fn oid(hash: &CommitId) -> Option<Oid> {
    Oid::from_str(hash.as_str()).ok()
}

/// Whether one is the other amended, rebased or cherry-picked, all of which keep the author and when it was written.
fn is_copy(repository: &Repository, one: &git2::Commit<'_>, other: &git2::Commit<'_>) -> bool {
    let written = |commit: &git2::Commit<'_>| {
        let author = commit.author();
        (author.when().seconds(), author.name_bytes().to_owned(), author.email_bytes().to_owned())
    };
    let leads_to = |tip: Oid, id: Oid| repository.graph_descendant_of(tip, id).unwrap_or(false);
    // Two that were made in one second, one after the other, are no copies.
    written(one) == written(other) && !leads_to(one.id(), other.id()) && !leads_to(other.id(), one.id())
}

fn lost(noted: &NotedCommit) -> Commit {
    Commit {
        hash: noted.hash.clone(),
        authored_at: noted.at,
        subject: String::new(),
        author: String::new(),
        changes: None,
        is_merge: false,
    }
}

/// Without what it changed: comparing trees takes the most time.
pub(super) fn to_commit(commit: &git2::Commit<'_>) -> Commit {
    let author = commit.author();
    Commit {
        hash: commit_id(commit.id()),
        authored_at: instant(author.when()),
        subject: lossy(commit.summary_bytes().unwrap_or_default()),
        author: lossy(author.name_bytes()),
        changes: None,
        is_merge: commit.parent_count() > 1,
    }
}

/// Against the first parent, and without looking for renames, which would compare every added file with every deleted.
fn changes(repository: &Repository, commit: &git2::Commit<'_>) -> Option<Changes> {
    let before = match commit.parent(0) {
        Ok(parent) => Some(parent.tree().ok()?),
        // At a shallow clone's edge libgit2 hides parents that the commit has; all its files would pass for new.
        Err(_) if has_hidden_parent(commit) => return None,
        Err(_) => None,
    };
    // Lines around a change are never looked at.
    let mut options = DiffOptions::new();
    options.context_lines(0);
    let diff = repository.diff_tree_to_tree(before.as_ref(), Some(&commit.tree().ok()?), Some(&mut options)).ok()?;
    let stats = diff.stats().ok()?;
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    Some(Changes {
        files: count(stats.files_changed()),
        insertions: count(stats.insertions()),
        deletions: count(stats.deletions()),
    })
}

fn has_hidden_parent(commit: &git2::Commit<'_>) -> bool {
    commit.raw_header_bytes().split(|byte| *byte == b'\n').any(|line| line.starts_with(b"parent "))
}

/// Times beyond what a calendar holds come only from broken commits, and are as far away as can be told.
fn instant(time: git2::Time) -> DateTime<Utc> {
    let beyond = if time.seconds() < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
    DateTime::from_timestamp(time.seconds(), 0).unwrap_or(beyond)
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests;
