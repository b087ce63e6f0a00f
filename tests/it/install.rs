//! `install git-hook` and `uninstall git-hook`, with commits made by git.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::path::PathBuf;

use crate::sandbox::Sandbox;

fn executable(path: &Path, text: &str) {
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    fs_err::write(path, text).unwrap();
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A program in the place of claude-cost that writes down how it was run, says something, and fails.
fn recorder(sandbox: &Sandbox, name: &str) -> PathBuf {
    let path = sandbox.home().join(name);
    let calls = sandbox.home().join("calls");
    let log = format!("echo \"$* guard=$CLAUDE_COST_HOOK at $(git log -1 --format=%s)\" >>'{}'", calls.display());
    executable(&path, &format!("#!/bin/sh\n{log}\ncat\necho noise\necho noise >&2\nexit 7\n"));
    path
}

fn calls(sandbox: &Sandbox) -> String {
    fs_err::read_to_string(sandbox.home().join("calls")).unwrap_or_default()
}

fn install(sandbox: &Sandbox, binary: &Path) -> String {
    sandbox.run(&["install", "git-hook", "--binary", binary.to_str().unwrap()])
}

#[test]
fn each_commit_is_told_without_a_word_and_without_failing() {
    let sandbox = Sandbox::new();
    sandbox.init_repository();
    let binary = recorder(&sandbox, "it's $(touch x); here");
    insta::assert_snapshot!(install(&sandbox, &binary), @r"
    exit 0
    --- stderr
    installed [ROOT]/work/.git/hooks/post-commit
    ");

    sandbox.write("a", "");
    sandbox.git(&["add", "a"]);
    let output = sandbox.command("git").args(["commit", "-q", "-m", "One"]).output().unwrap();
    insta::assert_snapshot!(sandbox.transcript(&output), @"exit 0");
    sandbox.commit("b", "", "Two", "12:01");
    insta::assert_snapshot!(calls(&sandbox), @r"
    hook post-commit guard=1 at One
    hook post-commit guard=1 at Two
    ");
    assert!(!sandbox.work().join("x").exists());
}

#[test]
fn installing_twice_changes_nothing_and_uninstalling_leaves_nothing() {
    let sandbox = Sandbox::new();
    sandbox.init_repository();
    let binary = recorder(&sandbox, "recorder");
    install(&sandbox, &binary);
    insta::assert_snapshot!(install(&sandbox, &binary), @r"
    exit 0
    --- stderr
    [ROOT]/work/.git/hooks/post-commit is installed already
    ");
    insta::assert_snapshot!(sandbox.run(&["uninstall", "git-hook"]), @r"
    exit 0
    --- stderr
    removed [ROOT]/work/.git/hooks/post-commit
    ");
    assert!(!sandbox.work().join(".git/hooks/post-commit").exists());
    insta::assert_snapshot!(sandbox.run(&["uninstall", "git-hook"]), @r"
    exit 0
    --- stderr
    nothing of claude-cost is in [ROOT]/work/.git/hooks/post-commit
    ");
}

#[test]
fn hooks_that_were_there_still_run_under_their_own_name_where_they_are_shell_scripts() {
    for (interpreter, name) in [("/bin/sh", "post-commit"), ("/bin/sh -u", "post-commit.before-claude-cost")] {
        let sandbox = Sandbox::new();
        sandbox.init_repository();
        let hook = sandbox.work().join(".git/hooks/post-commit");
        let text = format!("#!{interpreter}\necho \"${{0##*/}} $* $(cat)\" >ran\nexit 3\n");
        executable(&hook, &text);
        install(&sandbox, &recorder(&sandbox, "recorder"));
        sandbox.commit("a", "", "One", "12:01");
        assert_eq!(fs_err::read_to_string(sandbox.work().join("ran")).unwrap(), format!("{name}  \n"));
        assert_eq!(calls(&sandbox), "hook post-commit guard=1 at One\n");

        let mut run = sandbox.command(&hook);
        let output = run.arg("argument").stdin(fs_err::File::open(&hook).unwrap().into_parts().0).output().unwrap();
        assert_eq!(output.status.code(), Some(3));
        let ran = fs_err::read_to_string(sandbox.work().join("ran")).unwrap();
        assert!(ran.starts_with(&format!("{name} argument #!")), "{ran}");

        sandbox.run(&["uninstall", "git-hook"]);
        assert_eq!(fs_err::read_to_string(&hook).unwrap(), text);
    }
}

#[test]
fn a_hook_that_commits_does_not_run_for_ever() {
    let sandbox = Sandbox::new();
    sandbox.init_repository();
    let binary = sandbox.home().join("committer");
    let log = sandbox.home().join("calls");
    executable(
        &binary,
        &format!("#!/bin/sh\necho ran >>'{}'\ngit commit --quiet --allow-empty -m again\n", log.display()),
    );
    install(&sandbox, &binary);
    sandbox.commit("a", "", "One", "12:01");
    assert_eq!(calls(&sandbox), "ran\n");
    assert_eq!(sandbox.git(&["rev-list", "--count", "HEAD"]), "2\n");
}

#[test]
fn a_binary_that_is_gone_is_silent() {
    let sandbox = Sandbox::new();
    sandbox.init_repository();
    install(&sandbox, Path::new("/gone/claude-cost"));
    sandbox.write("a", "");
    sandbox.git(&["add", "a"]);
    let output = sandbox.command("git").args(["commit", "-q", "-m", "One"]).output().unwrap();
    assert_eq!(sandbox.transcript(&output), "exit 0\n");
}

#[test]
fn linked_work_trees_share_the_hook() {
    let sandbox = Sandbox::new();
    sandbox.init_repository();
    install(&sandbox, &recorder(&sandbox, "recorder"));
    sandbox.commit("a", "", "One", "12:01");
    sandbox.git(&["worktree", "add", "--quiet", "../linked"]);
    sandbox.git(&["-C", "../linked", "commit", "--quiet", "--allow-empty", "-m", "Linked"]);
    assert!(calls(&sandbox).ends_with("at Linked\n"), "{}", calls(&sandbox));
}

#[test]
fn hooks_of_all_repositories_need_force() {
    let sandbox = Sandbox::new();
    sandbox.init_repository();
    let hooks = sandbox.home().join("hooks");
    sandbox.git(&["config", "--global", "core.hooksPath", "~/hooks"]);
    insta::assert_snapshot!(sandbox.run(&["install", "git-hook"]), @r"
    exit 1
    --- stderr
    error: core.hooksPath is [ROOT]/home/hooks, so the hook would act in all repositories that use it
    hint: add --force if that is what you want
    ");
    assert!(!hooks.exists());
    let binary = recorder(&sandbox, "recorder");
    sandbox.stdout(&["install", "git-hook", "--force", "--binary", binary.to_str().unwrap()]);
    sandbox.commit("a", "", "One", "12:01");
    assert_eq!(calls(&sandbox), "hook post-commit guard=1 at One\n");
}

#[test]
fn a_block_changed_by_hand_is_refused_with_what_to_do() {
    let sandbox = Sandbox::new();
    sandbox.init_repository();
    install(&sandbox, Path::new("/gone"));
    let hook = sandbox.work().join(".git/hooks/post-commit");
    let text = fs_err::read_to_string(&hook).unwrap().replace("hook post-commit", "hook mine");
    fs_err::write(&hook, &text).unwrap();
    insta::assert_snapshot!(sandbox.run(&["uninstall", "git-hook"]), @r"
    exit 1
    --- stderr
    error: the lines of claude-cost in [ROOT]/work/.git/hooks/post-commit were changed by hand
    hint: remove the lines from `# >>> claude-cost >>>` to `# <<< claude-cost <<<` by hand
    ");
    assert_eq!(fs_err::read_to_string(&hook).unwrap(), text);
}

#[test]
fn a_hook_that_would_be_committed_is_pointed_out() {
    let sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.git(&["config", "core.hooksPath", ".hooks"]);
    insta::assert_snapshot!(install(&sandbox, Path::new("/gone")), @r"
    exit 0
    --- stderr
    installed [ROOT]/work/.hooks/post-commit
    warning: [ROOT]/work/.hooks lies in the work tree: whoever commits the hook gives it to everyone
    ");
}

#[test]
fn outside_a_repository_there_is_nothing_to_install() {
    insta::assert_snapshot!(Sandbox::new().run(&["install", "git-hook"]), @r"
    exit 1
    --- stderr
    error: there is no git repository here
    hint: change to one, or make one with git init
    ");
}

#[test]
fn the_hook_can_be_printed_and_passes_shellcheck() {
    let sandbox = Sandbox::new();
    let text = sandbox.stdout(&["install", "git-hook", "--print", "--binary", "/usr/bin/claude-cost"]);
    insta::assert_snapshot!(text, @r#"
    #!/bin/sh
    # Made by `claude-cost install git-hook`.
    # >>> claude-cost >>>
    # Tells claude-cost of the commit just made; it cannot fail the commit, and a binary that is gone is no matter.
    # Put here by `claude-cost install git-hook`; `claude-cost uninstall git-hook` takes it away.
    if [ -z "${CLAUDE_COST_HOOK-}" ]; then
        CLAUDE_COST_HOOK=1 '/usr/bin/claude-cost' hook post-commit </dev/null >/dev/null 2>&1 || :
    fi
    # <<< claude-cost <<<
    "#);
    let script = sandbox.write("post-commit", &text);
    // Not everyone who runs the tests has it.
    if let Ok(output) = sandbox.command("shellcheck").arg(script).output() {
        assert!(output.status.success(), "{}", sandbox.transcript(&output));
    }
}
