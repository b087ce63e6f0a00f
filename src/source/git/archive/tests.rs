//! What the person has staged, changed or begun is the same before and after.

use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::source::git::fixture::Fixture;

const REPORT: &str = ".claude-cost/reports/one.md";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn commit(fixture: &Fixture, files: &[&str]) -> anyhow::Result<CommitId> {
    let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
    commit_files(&fixture.root(), &files, "Archive a session", now())
}

fn status(fixture: &Fixture) -> String {
    fixture.git(&["status", "--porcelain=v2", "--untracked-files=all"])
}

/// Everything that a refused commit must leave as it was.
fn state(fixture: &Fixture) -> (Vec<String>, Option<Vec<u8>>) {
    let refs = ["for-each-ref", "--format=%(refname) %(objectname)"];
    let refs = String::from_utf8(fixture.try_git(&refs).stdout).unwrap();
    let head = fs_err::read_to_string(fixture.root().join(".git/HEAD")).unwrap();
    (vec![refs, head], fs_err::read(fixture.root().join(".git/index")).ok())
}

fn refused(fixture: &Fixture, files: &[&str]) -> String {
    let before = state(fixture);
    let error = commit(fixture, files).unwrap_err();
    assert_eq!(state(fixture), before);
    format!("{error:#}").replace(&*fixture.root().to_string_lossy(), "[ROOT]")
}

/// A work tree with something staged, something changed on top of it, something deleted and something new.
fn busy() -> Fixture {
    let fixture = Fixture::new();
    for name in ["staged.txt", "changed.txt", "both.txt", "deleted.txt", "removed.txt", "dir/same.txt"] {
        fixture.commit(name, "first\n", 1_000);
    }
    fixture.write("staged.txt", "second\n");
    fixture.write("both.txt", "second\n");
    fixture.write("added.txt", "new\n");
    fixture.git(&["add", "staged.txt", "both.txt", "added.txt"]);
    fixture.git(&["rm", "--quiet", "removed.txt"]);
    fixture.write("intended.txt", "later\n");
    fixture.git(&["add", "--intent-to-add", "intended.txt"]);
    fixture.write("both.txt", "third!\n");
    fixture.write("changed.txt", "second\n");
    fixture.write("untracked.txt", "");
    fs_err::remove_file(fixture.root().join("deleted.txt")).unwrap();
    fixture
}

#[test]
fn only_our_files_are_committed_and_all_else_stays_as_it_is() {
    let fixture = busy();
    let before = status(&fixture);
    fixture.write(REPORT, "# Report\n");
    fixture.write(".claude-cost/reports/one.json", "{}\n");
    let parent = fixture.id("HEAD");

    let id = commit(&fixture, &[REPORT, ".claude-cost/reports/one.json"]).unwrap();

    assert_eq!(status(&fixture), before);
    assert_eq!(fixture.id("main"), id);
    assert_eq!(fixture.id("HEAD~1"), parent);
    assert_eq!(
        fixture.git(&["show", "--format=%an <%ae> %cn <%ce> %at %ct%n%B", "--name-status", "HEAD"]),
        "Ann <ann@example.com> Ann <ann@example.com> 1800000000 1800000000\nArchive a session\n\n\n\
         A\t.claude-cost/reports/one.json\nA\t.claude-cost/reports/one.md"
    );
    assert_eq!(fixture.git(&["reflog", "-1", "--format=%gs", "HEAD"]), "commit: Archive a session");
    assert_eq!(fixture.git(&["reflog", "-1", "--format=%gs", "main"]), "commit: Archive a session");
    fixture.git(&["fsck", "--strict"]);
    assert!(!fixture.root().join(".git/index.lock").exists());
    assert!(!fixture.root().join(".git/index.claude-cost").exists());
}

#[test]
fn a_file_changed_again_is_committed_again() {
    let fixture = Fixture::new();
    fixture.commit("a", "", 1_000);
    let path = fixture.write(REPORT, "one\n");
    commit(&fixture, &[REPORT]).unwrap();
    fixture.write(REPORT, "two\n");
    // An absolute path does as well.
    commit_files(&fixture.root(), &[path], "Again", now()).unwrap();
    assert_eq!(fixture.git(&["show", &format!("HEAD:{REPORT}")]), "two");
    assert_eq!(status(&fixture), "");
}

#[test]
fn executable_files_stay_executable() {
    let fixture = Fixture::new();
    let path = fixture.write("run.sh", "#!/bin/sh\n");
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    commit(&fixture, &["run.sh"]).unwrap();
    assert!(fixture.git(&["ls-tree", "HEAD"]).starts_with("100755"));
    assert_eq!(status(&fixture), "");
}

#[test]
fn a_change_made_in_the_second_of_the_last_add_is_still_seen() {
    let fixture = Fixture::new();
    fixture.git(&["config", "core.trustctime", "false"]);
    fixture.commit("a.txt", "one\n", 1_000);
    let path = fixture.root().join("a.txt");
    let index = fixture.root().join(".git/index");
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let age = |path: &Path| {
        fs_err::OpenOptions::new().write(true).open(path).unwrap().into_parts().0.set_modified(long_ago).unwrap();
    };
    fixture.write("a.txt", "two\n");
    age(&path);
    fixture.git(&["add", "a.txt"]);
    // Of the same size, and at the same time as far as the index can tell.
    fixture.write("a.txt", "six\n");
    age(&path);
    age(&index);
    fixture.write(REPORT, "");
    commit(&fixture, &[REPORT]).unwrap();
    assert!(status(&fixture).starts_with("1 MM "), "{}", status(&fixture));
}

#[test]
fn a_detached_head_moves_itself_and_no_branch() {
    let fixture = Fixture::new();
    let first = fixture.commit("a", "", 1_000);
    fixture.git(&["checkout", "--quiet", "--detach"]);
    fixture.write(REPORT, "");
    let id = commit(&fixture, &[REPORT]).unwrap();
    assert_eq!((fixture.id("HEAD"), fixture.id("main")), (id, first));
    assert_eq!(status(&fixture), "");
}

#[test]
fn an_unborn_branch_gets_its_first_commit() {
    for is_staged in [false, true] {
        let fixture = Fixture::new();
        fixture.write("staged.txt", "");
        if is_staged {
            fixture.git(&["add", "staged.txt"]);
        }
        let before = status(&fixture);
        fixture.write(REPORT, "");
        let id = commit(&fixture, &[REPORT]).unwrap();
        assert_eq!(fixture.id("main"), id);
        assert_eq!(fixture.git(&["rev-list", "--count", "HEAD"]), "1");
        assert_eq!(fixture.git(&["ls-tree", "-r", "--name-only", "HEAD"]), REPORT);
        assert_eq!(status(&fixture), before);
    }
}

#[test]
fn a_linked_work_tree_commits_on_its_own_branch() {
    let fixture = Fixture::new();
    let first = fixture.commit("a", "", 1_000);
    fixture.git(&["worktree", "add", "--quiet", "../outside/linked", "-b", "topic"]);
    let linked = fixture.outside().join("linked");
    fs_err::write(linked.join("report.md"), "").unwrap();
    let id = commit_files(&linked, &["report.md".into()], "Archive", now()).unwrap();
    assert_eq!((fixture.id("topic"), fixture.id("main")), (id, first));
    assert_eq!(fixture.git(&["-C", "../outside/linked", "status", "--porcelain"]), "");
}

#[test]
fn no_hook_runs_and_nothing_is_signed() {
    let fixture = Fixture::new();
    fixture.git(&["config", "commit.gpgsign", "true"]);
    fixture.git(&["config", "gpg.program", "false"]);
    for hook in ["pre-commit", "post-commit", "reference-transaction"] {
        let path = fixture.write(&format!(".git/hooks/{hook}"), "#!/bin/sh\ntouch hooked\nexit 1\n");
        fs_err::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    fixture.write(REPORT, "");
    commit(&fixture, &[REPORT]).unwrap();
    assert!(!fixture.root().join("hooked").exists());
}

#[test]
fn nothing_is_committed_in_the_midst_of_something_else() {
    let cases = [
        ("MERGE_HEAD", "a merge"),
        ("CHERRY_PICK_HEAD", "a cherry-pick"),
        ("REVERT_HEAD", "a revert"),
        ("BISECT_LOG", "a bisection"),
        ("rebase-merge/interactive", "a rebase"),
        ("rebase-apply/rebasing", "a rebase"),
        ("rebase-apply/applying", "`git am` or a rebase"),
    ];
    for (file, expected) in cases {
        let fixture = Fixture::new();
        fixture.commit("a", "", 1_000);
        fixture.write(REPORT, "");
        fixture.write(&format!(".git/{file}"), "");
        let error = refused(&fixture, &[REPORT]);
        let is_am = file.ends_with("applying") && error.starts_with("`git am`");
        assert!(error.starts_with(&format!("{expected} is in progress")) || is_am, "{file}: {error}");
    }
}

#[test]
fn unresolved_conflicts_are_left_alone() {
    let fixture = Fixture::new();
    fixture.commit("a", "one\n", 1_000);
    fixture.write("a", "two\n");
    fixture.git(&["stash", "--quiet"]);
    fixture.commit("a", "three\n", 1_001);
    fixture.try_git(&["stash", "pop"]);
    fixture.write(REPORT, "");
    let error = refused(&fixture, &[REPORT]);
    assert!(error.starts_with("there are unresolved conflicts"), "{error}");
}

#[test]
fn files_that_git_would_not_take_are_refused() {
    let fixture = Fixture::new();
    fixture.commit("tracked.log", "", 1_000);
    fixture.write(".gitignore", "*.log\n");
    fixture.write("a.log", "");
    fixture.git(&["init", "--quiet", "nested"]);
    fixture.write("nested/a", "");
    fs_err::write(fixture.outside().join("a"), "").unwrap();
    std::os::unix::fs::symlink(fixture.outside(), fixture.root().join("away")).unwrap();
    std::os::unix::fs::symlink(".gitignore", fixture.root().join("link")).unwrap();
    let cases = [
        ("a.log", "[ROOT]/a.log is ignored by git"),
        ("away/a", "[ROOT]/away/a lies outside the repository at [ROOT]"),
        ("../outside/a", "[ROOT]/../outside/a lies outside the repository at [ROOT]"),
        ("nested/a", "[ROOT]/nested/a does not belong to the repository at [ROOT]"),
        (".git/config", "[ROOT]/.git/config does not belong to the repository at [ROOT]"),
        ("link", "[ROOT]/link is not a regular file"),
        ("nested", "[ROOT]/nested is not a regular file"),
    ];
    for (file, expected) in cases {
        assert_eq!(refused(&fixture, &[".gitignore", file]), expected);
    }
    assert!(refused(&fixture, &["gone"]).contains("gone"));

    // What is tracked already is the person's own choice.
    fixture.write("tracked.log", "more\n");
    commit(&fixture, &["tracked.log"]).unwrap();
}

#[test]
fn nothing_new_is_no_commit() {
    let fixture = Fixture::new();
    fixture.commit("a", "", 1_000);
    assert_eq!(refused(&fixture, &["a"]), "there is nothing new in these files to commit");
}

#[test]
fn a_bare_repository_is_refused() {
    let fixture = Fixture::new();
    fixture.git(&["init", "--quiet", "--bare", "bare.git"]);
    let error = commit_files(&fixture.root().join("bare.git"), &["HEAD".into()], "Archive", now()).unwrap_err();
    assert_eq!(error.to_string(), "a bare repository has no files to commit");
}

#[test]
fn a_locked_index_is_left_to_who_locked_it() {
    let fixture = Fixture::new();
    fixture.commit("a", "", 1_000);
    fixture.write(REPORT, "");
    let lock = fixture.write(".git/index.lock", "theirs");
    let error = refused(&fixture, &[REPORT]);
    assert!(error.starts_with("git's index is locked by another git command"), "{error}");
    assert_eq!(fs_err::read_to_string(lock).unwrap(), "theirs");
}

#[test]
fn a_commit_needs_a_name_and_an_address() {
    let fixture = Fixture::new();
    fixture.git(&["config", "user.email", ""]);
    fixture.write(REPORT, "");
    let error = refused(&fixture, &[REPORT]);
    assert_eq!(error, "git does not know who commits: set it with `git config --global user.email …`");
}

#[test]
fn a_branch_that_moved_meanwhile_is_not_overwritten() {
    let fixture = Fixture::new();
    let old = fixture.commit("a", "", 1_000);
    let new = fixture.commit("b", "", 1_001);
    let repository = Repository::open(fixture.root()).unwrap();
    let id = |id: &CommitId| Oid::from_str(id.as_str()).unwrap();
    for from in [Some(id(&old)), None] {
        let error = move_head(&repository, from, id(&old), "Archive").unwrap_err();
        assert!(error.to_string().contains("was moved by someone else meanwhile"), "{error:#}");
        assert_eq!(fixture.id("main"), new);
    }
}
