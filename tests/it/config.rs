//! `claude-cost config`: where settings come from, what refuses them, and how they are changed.

use crate::sandbox::Sandbox;

impl Sandbox {
    fn write_user_config(&self, text: &str) {
        fs_err::create_dir_all(self.config()).unwrap();
        fs_err::write(self.config().join("config.toml"), text).unwrap();
    }

    fn user_config(&self) -> String {
        fs_err::read_to_string(self.config().join("config.toml")).unwrap()
    }
}

#[test]
fn later_places_win_and_are_named() {
    let sandbox = Sandbox::new();
    sandbox.write_user_config(
        "model = \"opus\"\nactive_gap = \"5m\"\nrate = 92.50\n[models]\nfast = \"claude-haiku-4-5\"\n",
    );
    sandbox.write(".claude-cost.toml", "active_gap = '10m'\n[tasks.refactor]\ninput = 1_500\noutput = 800\n");
    let mut command = sandbox.claude_cost(&["config", "list", "--show-origin", "-c", "timezone=Europe/Berlin"]);
    command.env("CLAUDE_COST_PROJECT_NAME", "Payment API").env("CLAUDE_COST_TASKS_BIG_JOB", "9000 4000");
    insta::assert_snapshot!(sandbox.transcript(&command.output().unwrap()), @"
    exit 0
    --- stdout
    model                opus                  [ROOT]/home/.config/claude-cost/config.toml:1
    timezone             Europe/Berlin         -c
    active_gap           10m                   [ROOT]/work/.claude-cost.toml:1
    rate                 92.50                 [ROOT]/home/.config/claude-cost/config.toml:3
    project.name         Payment API           CLAUDE_COST_PROJECT_NAME
    reports.directory    .claude-cost/reports  default
    reports.commit       false                 default
    templates.session    —                     default
    statusline.template  —                     default
    statusline.sync      true                  default
    models.fast          claude-haiku-4-5      [ROOT]/home/.config/claude-cost/config.toml:5
    tasks.big-job        9000 4000             CLAUDE_COST_TASKS_BIG_JOB
    tasks.refactor       1500 800              [ROOT]/work/.claude-cost.toml:2
    ");
}

#[test]
fn a_list_without_any_file_shows_the_defaults() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["config", "list"]), @r#"
    exit 0
    --- stdout
    model                sonnet                the model that log, quick and estimate assume
    timezone             —                     where days begin and end; unset, the system's zone
    active_gap           15m                   the longest pause that still counts as active time
    rate                 —                     what an hour of your own time costs, in US dollars
    project.name         —                     the project's name in reports; unset, its directory's
    reports.directory    .claude-cost/reports  where reports are archived, from the repository's root
    reports.commit       false                 whether end commits the report
    templates.session    —                     your own template for session reports; a path from its file
    statusline.template  —                     what the status line shows, as claude-cost help statusline explains
    statusline.sync      true                  whether the status line has transcripts read in the background
    models.<NAME>        —                     your own name for a model, as in models.fast = "claude-haiku-4-5"
    tasks.<NAME>         —                     your own kind of work with its usual tokens, as in tasks.refactor = { input = 1500, output = 800 }
    "#);
    insta::assert_snapshot!(sandbox.run(&["config", "list", "--json"]).lines().take(9).collect::<Vec<_>>().join("\n"), @r#"
exit 0
--- stdout
[
  {
    "key": "model",
    "value": "sonnet",
    "origin": "default",
    "about": "the model that log, quick and estimate assume"
  },
"#);
}

#[test]
fn mistakes_name_file_line_and_key() {
    let sandbox = Sandbox::new();
    let mut all = String::new();
    for text in [
        "# mine\nmodle = \"opus\"\n",
        "model = \"opus\"\n[report]\ndirectory = \"x\"\n",
        "[reports]\n\ndirektory = \"x\"\n",
        "reports = 3\n",
        "model = 3\n",
        "active_gap = 15\n",
        "active_gap = \"abc\"\n",
        "rate = \"-5\"\n",
        "timezone = \"Mars/Olympus\"\n",
        "reports.directory = \"../x\"\n",
        "reports.commit = \"yes\"\n",
        "tasks.x = { input = 1 }\n",
        "tasks.x = { input = 1, output = 2, cost = 3 }\n",
        "tasks.X = { input = 1, output = 2 }\n",
        "tasks.x = { input = -1, output = 2 }\n",
        "model = \"opus\"\nrate = = 3\n",
        "model = \"a\"\nmodel = \"b\"\n",
    ] {
        sandbox.write_user_config(text);
        let output = sandbox.run(&["config", "list"]);
        assert!(output.starts_with("exit 1\n"), "{text}: {output}");
        all += output.trim_start_matches("exit 1\n--- stderr\n");
    }
    insta::assert_snapshot!(all.replace("[ROOT]/home/.config/claude-cost/", ""), @r#"
error: config.toml:2: unknown setting `modle`
hint: did you mean `model`?
error: config.toml:2: unknown setting `report`
hint: did you mean `reports.directory`?
error: config.toml:3: unknown setting `reports.direktory`
hint: did you mean `reports.directory`?
error: config.toml:1: `reports` is an integer, not a table
hint: write [reports] on a line of its own, and settings below it
error: config.toml:1: `model` is an integer, not text
hint: put it between quotes
error: config.toml:1: `active_gap` is an integer, not text
hint: put it between quotes
error: config.toml:1: `active_gap` is `abc`: not a length of time
hint: write it as in `15m`, `90s` or `1h30m`
error: config.toml:1: `rate` is `-5`: less than nothing
hint: write US dollars an hour, as in `85` or `92.50`
error: config.toml:1: `timezone` is `Mars/Olympus`: not a time zone
hint: write an IANA name, as in `Europe/Berlin` or `UTC`
error: config.toml:1: `reports.directory` is `../x`: not inside the repository
hint: name a directory inside the repository, as in `.claude-cost/reports`
error: config.toml:1: `reports.commit` is a string, not true or false
hint: write `true` or `false`
error: config.toml:1: `tasks.x` is a preset without output
hint: write it as in `{ input = 1500, output = 800 }`
error: config.toml:1: `tasks.x` is a preset with the unknown part `cost`
hint: write it as in `{ input = 1500, output = 800 }`
error: config.toml:1: `tasks.X` is `1 2`: `X` is no name for a task
hint: use up to 32 of `a` to `z`, `0` to `9` and `-`
error: config.toml:1: `tasks.x` is `-1 2`: `-1`: a count of tokens cannot be negative
hint: write input and output, as in `1500 800` or `1.5k 800`
error: config.toml:2: extra `=`, expected nothing: `rate = = 3`
hint: the file is TOML: a setting is a line like model = "opus"
error: config.toml:2: duplicate key: `model = "b"`
hint: the file is TOML: a setting is a line like model = "opus"
"#);
}

#[test]
fn a_repository_cannot_bring_along_what_could_do_harm() {
    let sandbox = Sandbox::new();
    for (text, key) in [
        ("model = 'x'", "model"),
        ("rate = 1", "rate"),
        ("reports.commit = true", "reports.commit"),
        ("templates.session = 'evil.md'", "templates.session"),
        ("models.sonnet = 'claude-opus-4'", "models.sonnet"),
    ] {
        sandbox.write(".claude-cost.toml", text);
        let output = sandbox.run(&["config", "list"]);
        let error = format!("error: [ROOT]/work/.claude-cost.toml:1: `{key}` may not be set in a project's file\n");
        assert!(output.starts_with("exit 1\n") && output.contains(&error), "{output}");
    }
    for directory in ["/tmp/x", "../x", ".git/hooks", "a/../.GIT"] {
        sandbox.write(".claude-cost.toml", format!("reports.directory = '{directory}'"));
        assert!(sandbox.run(&["config", "list"]).starts_with("exit 1\n"), "{directory}");
    }
    sandbox.write(
        ".claude-cost.toml",
        "active_gap = '1m'\ntimezone = 'UTC'\nproject.name = 'x'\nreports.directory = 'r'\ntasks.a = { input = 1, output = 2 }\n",
    );
    assert!(sandbox.run(&["config", "list"]).starts_with("exit 0\n"));
    insta::assert_snapshot!(sandbox.run(&["config", "set", "--project", "rate", "3"]), @"
exit 1
--- stderr
error: [ROOT]/work/.claude-cost.toml: `rate` may not be set in a project's file
hint: a repository could bring it along: set it with claude-cost config set rate <VALUE>, CLAUDE_COST_RATE or -c rate=<VALUE>
");
}

#[test]
fn the_project_ends_at_its_root_and_at_home() {
    let sandbox = Sandbox::new();
    let from = |directory: &std::path::Path| {
        let mut command = sandbox.claude_cost(&["config", "get", "project.name"]);
        sandbox.transcript(&command.current_dir(directory).output().unwrap())
    };
    let root = sandbox.home().parent().unwrap().to_owned();
    let nested = sandbox.work().join("repository/sub");
    let in_home = sandbox.home().join("projects");
    for directory in [&nested, &in_home] {
        fs_err::create_dir_all(directory).unwrap();
    }
    sandbox.write(".claude-cost.toml", "project.name = 'above'");
    assert_eq!(from(&nested), "exit 0\n--- stdout\nabove\n");

    // A worktree's `.git` is a file.
    sandbox.write("repository/.git", "gitdir: elsewhere");
    assert_eq!(from(&nested), "exit 1\n");
    sandbox.write("repository/.claude-cost.toml", "project.name = 'root'");
    assert_eq!(from(&nested), "exit 0\n--- stdout\nroot\n");

    fs_err::write(root.join(".claude-cost.toml"), "project.name = 'above home'").unwrap();
    assert_eq!(from(&in_home), "exit 1\n");
    fs_err::write(sandbox.home().join(".claude-cost.toml"), "project.name = 'home'").unwrap();
    assert_eq!(from(&in_home), "exit 0\n--- stdout\nhome\n");
}

#[test]
fn what_is_no_plain_file_is_refused_at_once() {
    let sandbox = Sandbox::new();
    let path = sandbox.work().join(".claude-cost.toml");
    assert!(sandbox.command("mkfifo").arg(&path).status().unwrap().success());
    insta::assert_snapshot!(sandbox.run(&["config", "list"]), @"
exit 1
--- stderr
error: [ROOT]/work/.claude-cost.toml is not a file
hint: move it out of the way
");
    fs_err::remove_file(&path).unwrap();
    fs_err::write(&path, vec![b'#'; 2 << 20]).unwrap();
    insta::assert_snapshot!(sandbox.run(&["config", "list"]), @"
exit 1
--- stderr
error: [ROOT]/work/.claude-cost.toml is over 1 MB, too large for a configuration
hint: move it out of the way
");
}

#[test]
fn variables_and_flags_are_read_by_the_same_rules() {
    let sandbox = Sandbox::new();
    let with = |name: &str, value: &str| {
        sandbox.transcript(&sandbox.claude_cost(&["config", "get", "rate"]).env(name, value).output().unwrap())
    };
    assert_eq!(with("CLAUDE_COST_RATE", "$85"), "exit 0\n--- stdout\n85.00\n");
    assert_eq!(with("CLAUDE_COST_RATE", ""), "exit 1\n");
    assert_eq!(with("CLAUDE_COST_SOMETHING_ELSE", "x"), "exit 1\n");
    insta::assert_snapshot!(with("CLAUDE_COST_RATE", "much"), @"
exit 2
--- stderr
error: CLAUDE_COST_RATE: `rate` is `much`: not a number
hint: write US dollars an hour, as in `85` or `92.50`
");
    insta::assert_snapshot!(sandbox.run(&["config", "get", "rate", "-c", "rate=much"]), @"
exit 2
--- stderr
error: -c: `rate` is `much`: not a number
hint: write US dollars an hour, as in `85` or `92.50`
");
    insta::assert_snapshot!(sandbox.run(&["config", "get", "rate", "-c", "rate"]), @"
    exit 2
    --- stderr
    error: -c `rate` has no `=`
    hint: write KEY=VALUE, as in -c model=opus; files of settings are found by themselves
    ");
    insta::assert_snapshot!(sandbox.run(&["config", "get", "rate", "-c", "rat=3"]), @"
exit 2
--- stderr
error: -c: unknown setting `rat`
hint: did you mean `rate`?
");
    assert_eq!(sandbox.stdout(&["config", "get", "model", "-c", "model=a=b"]), "a=b\n");
}

#[test]
fn setting_keeps_the_rest_of_the_file() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["config", "set", "model", "opus"]), @"
exit 0
--- stderr
model is now `opus` in [ROOT]/home/.config/claude-cost/config.toml
");
    sandbox.write_user_config(&format!("# my settings\n{}\n# the end\n", sandbox.user_config()));
    sandbox.stdout(&["config", "set", "rate", "$1,200"]);
    sandbox.stdout(&["config", "set", "tasks.refactor", "1500 800"]);
    sandbox.stdout(&["config", "set", "models.gpt-5.1", "gpt-5.1-2026"]);
    insta::assert_snapshot!(sandbox.user_config(), @r#"
# my settings
model = "opus"
rate = 1200.00

[tasks]
refactor = { input = 1500, output = 800 }

[models]
"gpt-5.1" = "gpt-5.1-2026"

# the end
"#);
    assert_eq!(sandbox.stdout(&["config", "get", "tasks.refactor"]), "1500 800\n");
    assert_eq!(sandbox.stdout(&["config", "get", "tasks"]), "refactor\n");
    assert_eq!(sandbox.stdout(&["config", "get", "models.gpt-5.1"]), "gpt-5.1-2026\n");

    insta::assert_snapshot!(sandbox.run(&["config", "unset", "rate"]), @"
exit 0
--- stderr
rate is no longer set in [ROOT]/home/.config/claude-cost/config.toml
");
    insta::assert_snapshot!(sandbox.run(&["config", "unset", "rate"]), @"
exit 0
--- stderr
rate is not set in [ROOT]/home/.config/claude-cost/config.toml
");
    assert_eq!(sandbox.run(&["config", "get", "rate"]), "exit 1\n");
}

#[test]
fn what_would_not_load_is_not_written() {
    let sandbox = Sandbox::new();
    for arguments in
        [&["set", "rate", "-3"][..], &["set", "active_gap", "soon"], &["set", "rat", "3"], &["set", "tasks", "1 2"]]
    {
        let output = sandbox.run(&[&["config"], arguments].concat());
        assert!(output.starts_with("exit 2\n"), "{output}");
    }
    assert!(!sandbox.config().join("config.toml").exists());
    insta::assert_snapshot!(sandbox.run(&["config", "set", "active_gap", "soon"]), @"
exit 2
--- stderr
error: `active_gap` is `soon`: not a length of time
hint: write it as in `15m`, `90s` or `1h30m`
");
    insta::assert_snapshot!(sandbox.run(&["config", "set", "tasks", "1 2"]), @"
exit 2
--- stderr
error: unknown setting `tasks`
hint: name one of its entries, as in tasks.<NAME>
");

    sandbox.write_user_config("modle = 'x'\n");
    assert!(sandbox.run(&["config", "set", "rate", "3"]).starts_with("exit 1\n"));
    assert_eq!(sandbox.user_config(), "modle = 'x'\n");
}

#[test]
fn a_broken_file_does_not_stop_what_mends_it() {
    let sandbox = Sandbox::new();
    sandbox.write_user_config("model = 3\nrate = 5\n");
    assert_eq!(sandbox.run(&["config", "path"]), "exit 0\n--- stdout\n[ROOT]/home/.config/claude-cost/config.toml\n");
    assert!(sandbox.run(&["init", "bash"]).starts_with("exit 0\n"));
    assert!(sandbox.run(&["config", "unset", "model"]).starts_with("exit 0\n"));
    assert_eq!(sandbox.user_config(), "rate = 5\n");
}

#[test]
fn the_projects_file_is_made_at_its_root() {
    let sandbox = Sandbox::new();
    sandbox.init_repository();
    let nested = sandbox.work().join("src");
    fs_err::create_dir_all(&nested).unwrap();
    let arguments = ["config", "set", "--project", "project.name", "Payment \"API\""];
    let output = sandbox.claude_cost(&arguments).current_dir(nested).output().unwrap();
    insta::assert_snapshot!(sandbox.transcript(&output), @r#"
exit 0
--- stderr
project.name is now `Payment "API"` in [ROOT]/work/.claude-cost.toml
"#);
    insta::assert_snapshot!(fs_err::read_to_string(sandbox.work().join(".claude-cost.toml")).unwrap(), @r#"
[project]
name = 'Payment "API"'
"#);
}

#[cfg(unix)]
#[test]
fn a_linked_file_stays_a_link_for_the_user_and_is_not_followed_for_a_project() {
    let sandbox = Sandbox::new();
    let real = sandbox.write("dotfiles/config.toml", "# real\n");
    fs_err::create_dir_all(sandbox.config()).unwrap();
    fs_err::os::unix::fs::symlink(&real, sandbox.config().join("config.toml")).unwrap();
    sandbox.stdout(&["config", "set", "model", "opus"]);
    assert_eq!(fs_err::read_to_string(&real).unwrap(), "model = \"opus\"\n# real\n");

    let bait = sandbox.home().join("bait");
    fs_err::write(&bait, "").unwrap();
    fs_err::os::unix::fs::symlink(&bait, sandbox.work().join(".claude-cost.toml")).unwrap();
    sandbox.stdout(&["config", "set", "--project", "project.name", "x"]);
    assert_eq!(fs_err::read_to_string(&bait).unwrap(), "");
}

#[test]
fn many_processes_at_once_lose_no_setting() {
    let sandbox = Sandbox::new();
    let names: Vec<String> = (0..12).map(|number| format!("models.m{number}")).collect();
    let children: Vec<_> = names
        .iter()
        .map(|name| sandbox.claude_cost(&["config", "set", "-q", name, "claude-opus-5"]).spawn().unwrap())
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let text = fs_err::read_to_string(sandbox.config().join("config.toml")).unwrap();
    assert_eq!(text.lines().filter(|line| line.contains("claude-opus-5")).count(), names.len(), "{text}");
}

#[cfg(unix)]
fn edited(sandbox: &Sandbox, script: &str) -> String {
    sandbox.write("editor.sh", script);
    let mut command = sandbox.claude_cost(&["config", "edit"]);
    sandbox.transcript(&command.env("EDITOR", "sh editor.sh --wait").output().unwrap())
}

#[cfg(unix)]
#[test]
fn an_editor_is_given_all_settings_to_begin_with() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(edited(&sandbox, "cat \"$2\""), @r#"
    exit 0
    --- stdout
    # the model that log, quick and estimate assume
    # model = "sonnet"

    # where days begin and end; unset, the system's zone
    # timezone = …

    # the longest pause that still counts as active time
    # active_gap = "15m"

    # what an hour of your own time costs, in US dollars
    # rate = …

    # the project's name in reports; unset, its directory's
    # project.name = …

    # where reports are archived, from the repository's root
    # reports.directory = ".claude-cost/reports"

    # whether end commits the report
    # reports.commit = false

    # your own template for session reports; a path from its file
    # templates.session = …

    # what the status line shows, as claude-cost help statusline explains
    # statusline.template = …

    # whether the status line has transcripts read in the background
    # statusline.sync = true

    # your own name for a model, as in models.fast = "claude-haiku-4-5"

    # your own kind of work with its usual tokens, as in tasks.refactor = { input = 1500, output = 800 }

    --- stderr
    [ROOT]/home/.config/claude-cost/config.toml is as it was
    "#);
    assert!(edited(&sandbox, "echo 'model = \"opus\"' >> \"$2\"").contains("is changed and in order"));
    assert_eq!(sandbox.stdout(&["config", "get", "model"]), "opus\n");
}

#[cfg(unix)]
#[test]
fn a_mistake_made_in_the_editor_is_named_and_kept() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(edited(&sandbox, "printf 'model = \"opus\"\\nrate = \"much\"\\n' > \"$2\""), @"
    exit 1
    --- stderr
    your edit is kept; claude-cost config edit opens it again
    error: [ROOT]/home/.config/claude-cost/config.toml:2: `rate` is `much`: not a number
    hint: write US dollars an hour, as in `85` or `92.50`
    ");
    insta::assert_snapshot!(edited(&sandbox, "printf 'model = \\n' > \"$2\""), @r#"
    exit 1
    --- stderr
    your edit is kept; claude-cost config edit opens it again
    error: [ROOT]/home/.config/claude-cost/config.toml:1: string values must be quoted, expected literal string: `model =`
    hint: the file is TOML: a setting is a line like model = "opus"
    "#);
    // A broken file does not keep its own cure away.
    insta::assert_snapshot!(edited(&sandbox, "printf 'model = \"haiku\"\\n' > \"$2\""), @"
    exit 0
    --- stderr
    [ROOT]/home/.config/claude-cost/config.toml is changed and in order
    ");
    insta::assert_snapshot!(edited(&sandbox, "exit 3"), @"
    exit 1
    --- stderr
    error: `sh editor.sh --wait` failed: exit status: 3
    hint: what it saved is in [ROOT]/home/.config/claude-cost/config.toml
    ");
}

#[test]
fn without_an_editor_the_file_is_named() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["config", "edit"]), @"
    exit 1
    --- stderr
    error: neither VISUAL nor EDITOR names an editor
    hint: set one, as in EDITOR=nano, or change [ROOT]/home/.config/claude-cost/config.toml in an editor yourself
    ");
    let mut command = sandbox.claude_cost(&["config", "edit"]);
    let output = command.env("EDITOR", "no-such-editor-at-all").output().unwrap();
    assert!(sandbox.transcript(&output).starts_with("exit 1\n"));
}
