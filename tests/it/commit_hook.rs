//! The hook in a repository: commits of every kind are noted or left alone, and none is ever held up.

use std::path::Path;
use std::process::Output;

use crate::sandbox::Sandbox;
use crate::sandbox::program;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.commit("a", "1", "Before", "11:00");
    let installed = sandbox.claude_cost(&["install", "git-hook", "--binary", program().to_str().unwrap()]).output();
    assert!(installed.unwrap().status.success());
    sandbox.stdout(&["start", "Hooked"]);
    sandbox
}

/// The commits that the session's journal tells of.
fn noted(sandbox: &Sandbox) -> Vec<String> {
    let active = sandbox.data().join("sessions/active");
    let path = fs_err::read_dir(active).unwrap().next().unwrap().unwrap().path();
    let text = fs_err::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    lines.filter_map(|line| Some(line["what"]["committed"]["hash"].as_str()?.to_owned())).collect()
}

fn git_in(sandbox: &Sandbox, directory: &Path, arguments: &[&str]) -> Output {
    let mut command = sandbox.command("git");
    command.current_dir(directory).args(arguments);
    command.env("GIT_AUTHOR_DATE", "2026-11-23T12:05:00Z").env("GIT_COMMITTER_DATE", "2026-11-23T12:05:00Z");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", sandbox.transcript(&output));
    output
}

fn head(sandbox: &Sandbox, directory: &Path) -> String {
    String::from_utf8(git_in(sandbox, directory, &["rev-parse", "HEAD"]).stdout).unwrap().trim().to_owned()
}

#[test]
fn commits_amended_ones_and_those_of_a_worktree_are_noted_in_silence() {
    let sandbox = sandbox();
    let work = sandbox.work();
    let mut made = Vec::new();
    sandbox.write("a", "2");
    let output = git_in(&sandbox, &work, &["commit", "-q", "-m", "Change", "--", "a"]);
    assert_eq!(sandbox.transcript(&output), "exit 0\n");
    made.push(head(&sandbox, &work));
    git_in(&sandbox, &work, &["commit", "-q", "--amend", "-m", "Better said"]);
    made.push(head(&sandbox, &work));
    let tree = sandbox.home().join("tree");
    git_in(&sandbox, &work, &["worktree", "add", "-q", "-b", "side", tree.to_str().unwrap()]);
    git_in(&sandbox, &tree, &["commit", "-q", "--allow-empty", "-m", "Aside"]);
    made.push(head(&sandbox, &tree));
    assert_eq!(noted(&sandbox), made);
}

#[test]
fn a_rebase_is_no_new_work_and_a_merge_goes_through() {
    let sandbox = sandbox();
    let work = sandbox.work();
    git_in(&sandbox, &work, &["checkout", "-q", "-b", "side"]);
    sandbox.write("b", "1");
    git_in(&sandbox, &work, &["add", "b"]);
    git_in(&sandbox, &work, &["commit", "-q", "-m", "Aside"]);
    git_in(&sandbox, &work, &["checkout", "-q", "main"]);
    git_in(&sandbox, &work, &["commit", "-q", "--allow-empty", "-m", "Main"]);
    let before = noted(&sandbox);
    assert_eq!(before.len(), 2);
    git_in(&sandbox, &work, &["rebase", "-q", "main", "side"]);
    assert_eq!(noted(&sandbox), before);
    git_in(&sandbox, &work, &["checkout", "-q", "main"]);
    git_in(&sandbox, &work, &["commit", "-q", "--allow-empty", "-m", "More"]);
    git_in(&sandbox, &work, &["merge", "-q", "--no-ff", "-m", "Together", "side"]);
    assert!(noted(&sandbox).len() > before.len());
}

#[test]
fn the_hook_is_silent_and_succeeds_whatever_is_wrong() {
    let sandbox = sandbox();
    let data = sandbox.data();
    let file = sandbox.write("file", "");
    let silent = |what: &str, arguments: &[&str], variables: &[(&str, &str)], directory: &Path| {
        let mut command = sandbox.claude_cost(arguments);
        let output = command.envs(variables.iter().copied()).current_dir(directory).output().unwrap();
        assert!(output.status.success() && output.stdout.is_empty(), "{what}: {}", sandbox.transcript(&output));
        output
    };
    let hook = &["hook", "post-commit"];
    let work = sandbox.work();
    for (what, variables) in [
        ("no clock", ("CLAUDE_COST_NOW", "never")),
        ("no home", ("HOME", file.to_str().unwrap())),
        ("unknown setting", ("CLAUDE_COST_NONSENSE", "1")),
        ("foreign repository", ("GIT_DIR", "/nonexistent")),
        ("foreign index", ("GIT_INDEX_FILE", "/nonexistent")),
    ] {
        assert_eq!(sandbox.transcript(&silent(what, hook, &[variables], &work)), "exit 0\n", "{what}");
    }
    silent("no repository", hook, &[], &sandbox.home());
    silent("an event of a later version", &["hook", "post-everything"], &[], &work);

    let journal = fs_err::read_dir(data.join("sessions/active")).unwrap().next().unwrap().unwrap().path();
    let text = fs_err::read(&journal).unwrap();
    for damage in [b"" as &[u8], b"\0\0\0", b"{\"v\":1", &text[10..]] {
        fs_err::write(&journal, damage).unwrap();
        silent("a damaged journal", hook, &[], &work);
    }
    fs_err::write(&journal, &text).unwrap();
    fs_err::write(work.join(".git/HEAD"), "garbage").unwrap();
    silent("a damaged repository", hook, &[], &work);
    fs_err::remove_dir_all(data.join("sessions")).unwrap();
    fs_err::write(data.join("sessions"), "").unwrap();
    silent("a file in the place of the store", hook, &[], &work);
}

/// The subjects of the commits that a session's report has.
fn reported(sandbox: &Sandbox, name: &str) -> Vec<String> {
    let json: serde_json::Value = serde_json::from_str(&sandbox.stdout(&["show", name, "--format", "json"])).unwrap();
    let rows = json["commits"]["rows"].as_array().unwrap().iter();
    rows.map(|row| row["subject"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_noted_commit_stays_in_the_report_when_its_branch_is_gone() {
    let mut sandbox = sandbox();
    let work = sandbox.work();
    git_in(&sandbox, &work, &["switch", "-q", "-c", "feat"]);
    git_in(&sandbox, &work, &["commit", "-q", "--allow-empty", "-m", "Feature"]);
    git_in(&sandbox, &work, &["switch", "-q", "main"]);
    git_in(&sandbox, &work, &["branch", "-q", "-D", "feat"]);
    assert_eq!(reported(&sandbox, "Hooked"), ["Feature"]);
    sandbox.set_now("12:10");
    let path = sandbox.stdout(&["end"]);
    sandbox.stdout(&["show", "Hooked", "--save"]);
    assert!(fs_err::read_to_string(path.trim()).unwrap().contains("| Feature | Ann |"));

    sandbox.answers(&[crate::claude::Answer::new("m1", "2026-11-23T12:01:00Z", 1000)]);
    assert!(sandbox.stdout(&["usage", "commits"]).contains("Feature"));
    // It is in no stretch of history that is still there.
    assert!(!sandbox.stdout(&["usage", "commits", "main"]).contains("Feature"));

    git_in(&sandbox, &work, &["reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all"]);
    git_in(&sandbox, &work, &["gc", "-q", "--prune=now"]);
    assert_eq!(reported(&sandbox, "Hooked"), [""]);
    let page = sandbox.stdout(&["show", "Hooked"]);
    insta::assert_snapshot!(page.lines().filter(|line| line.contains("| 12:00 |")).collect::<Vec<_>>().join("\n"), @"
    | 8652444 | 12:00 | — | — | — | — | $0.0000 | window |
    ");
}
