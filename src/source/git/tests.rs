//! Every kind of repository that people have.

use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::source::git::fixture::Fixture;

fn found(directory: &Path) -> Head {
    head(directory).unwrap().unwrap()
}

fn reason(directory: &Path) -> String {
    head(directory).unwrap_err().to_string()
}

#[test]
fn a_repository_is_found_from_any_directory_in_it() {
    let fixture = Fixture::new();
    let id = fixture.commit("src/deep/a.rs", "", 1_000);
    for directory in ["", "src/deep", ".git", ".git/hooks"] {
        let head = found(&fixture.root().join(directory));
        assert_eq!(head.root, fixture.root(), "{directory}");
        assert_eq!(head.project_root, fixture.root());
        assert_eq!(head.branch.as_deref(), Some("main"));
        assert_eq!(head.hash.as_ref(), Some(&id));
        assert_eq!(head.common_directory, fixture.root().join(".git"));
    }
}

#[test]
fn an_unborn_branch_has_a_name_and_no_commit() {
    let head = found(&Fixture::new().root().clone());
    assert_eq!((head.branch.as_deref(), head.hash), (Some("main"), None));
}

#[test]
fn branch_names_keep_their_slashes() {
    let fixture = Fixture::new();
    fixture.commit("a", "", 1_000);
    fixture.git(&["switch", "--quiet", "-c", "feature/é"]);
    assert_eq!(found(&fixture.root()).branch.as_deref(), Some("feature/é"));
}

#[test]
fn a_detached_head_has_a_commit_and_no_branch() {
    let fixture = Fixture::new();
    let id = fixture.commit("a", "", 1_000);
    fixture.git(&["checkout", "--quiet", "--detach"]);
    let head = found(&fixture.root());
    assert_eq!((head.branch, head.hash), (None, Some(id)));
}

#[test]
fn a_bare_repository_is_its_own_root() {
    let fixture = Fixture::new();
    fixture.git(&["init", "--quiet", "--bare", "--initial-branch=trunk", "bare.git"]);
    let bare = fixture.root().join("bare.git");
    let head = found(&bare);
    assert_eq!((&head.root, &head.project_root), (&bare, &bare));
    assert_eq!(head.branch.as_deref(), Some("trunk"));
}

#[test]
fn linked_work_trees_belong_to_the_main_one() {
    let fixture = Fixture::new();
    fixture.commit("a", "", 1_000);
    fixture.git(&["worktree", "add", "--quiet", "../outside/linked", "-b", "topic"]);
    let linked = fixture.outside().join("linked");
    let head = found(&linked);
    assert_eq!((&head.root, &head.project_root), (&linked, &fixture.root()));
    assert_eq!(head.branch.as_deref(), Some("topic"));
    assert_eq!(head.common_directory, fixture.root().join(".git"));
}

#[test]
fn work_trees_of_a_bare_repository_belong_to_it() {
    let fixture = Fixture::new();
    fixture.commit("a", "", 1_000);
    fixture.git(&["clone", "--quiet", "--bare", ".", "../outside/bare.git"]);
    fixture.git(&["-C", "../outside/bare.git", "worktree", "add", "--quiet", "../linked"]);
    let head = found(&fixture.outside().join("linked"));
    assert_eq!(head.root, fixture.outside().join("linked"));
    assert_eq!(head.project_root, fixture.outside().join("bare.git"));
}

#[test]
fn a_submodule_is_a_project_of_its_own() {
    let fixture = Fixture::new();
    fixture.commit("a", "", 1_000);
    fixture.git(&["clone", "--quiet", ".", "../outside/library"]);
    let add = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../outside/library", "sub"];
    fixture.git(&add);
    let head = found(&fixture.root().join("sub"));
    assert_eq!(head.root, fixture.root().join("sub"));
    assert_eq!(head.project_root, fixture.root().join("sub"));
}

#[test]
fn outside_any_repository_there_is_none() {
    let fixture = Fixture::new();
    assert_eq!(head(&fixture.outside()).unwrap(), None);
    assert_eq!(head(&fixture.outside().join("gone")).unwrap(), None);
    assert_eq!(hooks_directory(&fixture.outside()).unwrap(), None);
    assert!(!is_replaying(&fixture.outside()).unwrap());
}

#[test]
fn what_cannot_be_read_says_why() {
    let broken = |path: &str, text: &str| {
        let fixture = Fixture::new();
        fixture.write(path, text);
        fixture
    };
    let cases = [
        (broken(".git/HEAD", "no head\n"), "cannot be read"),
        (broken(".git/config", "[core\n"), "cannot be read"),
        (broken(".git/config", "[core]\nrepositoryformatversion = 1\n[extensions]\nnovelty = 1\n"), "novelty"),
    ];
    for (fixture, expected) in cases {
        let reason = reason(&fixture.root());
        assert!(reason.contains(expected) && reason.contains(&*fixture.root().to_string_lossy()), "{reason}");
    }
}

#[test]
fn a_broken_git_file_is_told_from_no_repository() {
    let fixture = Fixture::new();
    for text in ["nonsense", "gitdir: ../gone/.git/worktrees/x\n"] {
        fs_err::write(fixture.outside().join(".git"), text).unwrap();
        let reason = reason(&fixture.outside());
        assert!(reason.contains("cannot be read"), "{reason}");
    }
}

#[test]
fn formats_that_cannot_be_read_are_named() {
    for (option, expected) in [("--ref-format=reftable", "reftable"), ("--object-format=sha256", "SHA-256")] {
        // Older versions of git know neither.
        let Some(fixture) = Fixture::with_format(&[option]) else { continue };
        let reason = reason(&fixture.root());
        assert!(reason.contains(expected), "{option}: {reason}");
    }
}

#[test]
fn a_repository_of_someone_else_names_the_way_out() {
    let fixture = Fixture::new();
    fixture.commit("a", "", 1_000);
    let git = fixture.root().join(".git");
    // Only root can give files away.
    if std::os::unix::fs::chown(&git, Some(12_345), None).is_err()
        || std::os::unix::fs::chown(fixture.root(), Some(12_345), None).is_err()
    {
        return;
    }
    let reason = reason(&fixture.root());
    let line = format!("`git config --global --add safe.directory {}`", fixture.root().display());
    assert!(reason.contains(&line), "{reason}");
}

#[test]
fn paths_in_commands_are_quoted() {
    assert_eq!(quoted(Path::new("/home/ann/src")), "/home/ann/src");
    assert_eq!(quoted(Path::new("/home/ann's $(x)")), r"'/home/ann'\''s $(x)'");
}

#[test]
fn hooks_lie_where_the_configuration_says() {
    let fixture = Fixture::new();
    fixture.commit("a", "", 1_000);
    assert_eq!(hooks_directory(&fixture.root()).unwrap().unwrap(), fixture.root().join(".git/hooks"));

    fixture.git(&["worktree", "add", "--quiet", "../outside/linked"]);
    let linked = fixture.outside().join("linked");
    assert_eq!(hooks_directory(&linked).unwrap().unwrap(), fixture.root().join(".git/hooks"));

    fixture.git(&["config", "core.hooksPath", ".husky"]);
    assert_eq!(hooks_directory(&fixture.root().join(".git")).unwrap().unwrap(), fixture.root().join(".husky"));
    assert_eq!(hooks_directory(&linked).unwrap().unwrap(), linked.join(".husky"));

    fixture.git(&["config", "core.hooksPath", "/etc/git/hooks"]);
    assert_eq!(hooks_directory(&fixture.root()).unwrap().unwrap(), Path::new("/etc/git/hooks"));

    fixture.git(&["config", "core.hooksPath", "~/hooks"]);
    let expanded = hooks_directory(&fixture.root()).unwrap().unwrap();
    assert!(expanded.is_absolute() && expanded.ends_with("hooks") && !expanded.starts_with(fixture.root()));
}

#[test]
fn copying_commits_is_told_from_making_them() {
    let fixture = Fixture::new();
    fixture.commit("a", "", 1_000);
    assert!(!is_replaying(&fixture.root()).unwrap());
    for (file, expected) in [("MERGE_HEAD", false), ("CHERRY_PICK_HEAD", true), ("rebase-merge/interactive", true)] {
        let path = fixture.write(&format!(".git/{file}"), "");
        assert_eq!(is_replaying(&fixture.root()).unwrap(), expected, "{file}");
        fs_err::remove_file(path).unwrap();
    }
}

#[test]
fn a_hostile_configuration_starts_no_program() {
    let fixture = Fixture::new();
    fixture.commit("a.txt", "one\n", 1_000);
    let canary = fixture.outside().join("canary");
    let trap = fixture.outside().join("trap");
    fs_err::write(&trap, format!("#!/bin/sh\necho \"$0 $*\" >>'{}'\ncat\n", canary.display())).unwrap();
    fs_err::set_permissions(&trap, std::fs::Permissions::from_mode(0o755)).unwrap();
    let trap = trap.to_str().unwrap();
    fixture.write(".gitattributes", "* filter=evil diff=evil\n");
    for hook in ["post-commit", "reference-transaction", "pre-commit", "post-index-change"] {
        std::os::unix::fs::symlink(trap, fixture.outside().join(hook)).unwrap();
    }
    let hooks = fixture.outside();
    let settings = [
        ("core.fsmonitor", trap),
        ("core.pager", trap),
        ("core.editor", trap),
        ("core.sshCommand", trap),
        ("core.hooksPath", hooks.to_str().unwrap()),
        ("log.showSignature", "true"),
        ("commit.gpgsign", "true"),
        ("gpg.program", trap),
        ("diff.external", trap),
        ("diff.evil.command", trap),
        ("diff.evil.textconv", trap),
        ("filter.evil.clean", trap),
        ("filter.evil.smudge", trap),
        ("filter.evil.process", trap),
        ("filter.evil.required", "true"),
    ];
    for (key, value) in settings {
        fixture.git(&["config", key, value]);
    }
    fixture.write("a.txt", "two\n");

    let root = fixture.root();
    let now = chrono::DateTime::from_timestamp(2_000, 0).unwrap();
    found(&root);
    commits(&root, &CommitQuery { since: chrono::DateTime::UNIX_EPOCH, until: now, noted: &[] }).unwrap();
    files(&root).unwrap();
    commit_files(&root, &["a.txt".into()], "Update", now).unwrap();
    assert!(!canary.exists(), "{}", fs_err::read_to_string(&canary).unwrap());

    // The trap itself works: git falls into it.
    fixture.try_git(&["status"]);
    assert!(canary.exists());
}
