//! `claude-cost init`, `completions` and `man`: each script is run by its own shell.

use std::fmt::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

use crate::sandbox::Sandbox;

const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];

/// Prints each word it is given, and for `status` what the file `segment` beside it holds.
const FAKE: &str = r#"#!/bin/sh
case "$1 $3" in
    'status prompt') if [ -f "${0%/*}/segment" ]; then cat "${0%/*}/segment"; else exit 1; fi ;;
    config*) echo refactor ;;
    *) for word; do printf '<%s>' "$word"; done; echo ;;
esac
"#;

/// Whether shells are left out, because one of them is not installed. CI sets the variable: there a missing shell fails.
#[expect(clippy::disallowed_methods, reason = "how the tests themselves are run")]
fn are_shells_skipped() -> bool {
    let is_missing = |program: &&str| Command::new(program).arg("--version").output().is_err();
    std::env::var_os("CLAUDE_COST_ALL_SHELLS").is_none() && ["bash", "zsh", "fish", "shellcheck"].iter().any(is_missing)
}

/// A directory below the sandbox's, with `FAKE` as its `claude-cost`, and the shell's script for that path.
struct Installed {
    sandbox: Sandbox,
    directory: PathBuf,
}

impl Installed {
    fn new(directory: &str) -> Self {
        let sandbox = Sandbox::new();
        let binary = sandbox.write(&format!("{directory}/claude-cost"), FAKE);
        make_executable(&binary);
        Self { directory: sandbox.work().join(directory), sandbox }
    }

    /// What `init` prints, for the binary of this place.
    fn script(&self, shell: &str, arguments: &[&str]) -> PathBuf {
        let script = self.sandbox.stdout(&[&["init", shell], arguments].concat());
        let own = crate::sandbox::program().canonicalize().unwrap();
        let path = self.directory.join("claude-cost");
        let mut path = path.to_str().unwrap().to_owned();
        path = match shell {
            "fish" => path.replace('\\', r"\\").replace('\'', r"\'"),
            _ => path.replace('\'', r"'\''"),
        };
        assert_eq!(script.matches(own.to_str().unwrap()).count(), 1);
        let name = format!("init{}.{shell}", arguments.concat());
        self.sandbox.write(&name, script.replace(own.to_str().unwrap(), &path))
    }

    fn shell(&self, shell: &str, arguments: &[&str], text: &str) -> String {
        let mut command = self.sandbox.command(shell);
        command.args(arguments).arg("-c").arg(text);
        shown(&run(command))
    }

    fn set_segment(&self, text: &str) {
        fs_err::write(self.directory.join("segment"), format!("{text}\n")).unwrap();
    }
}

fn run(mut command: Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{} has to be installed: {error}", command.get_program().display()))
}

fn shown(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Without the user's own files.
fn options(shell: &str) -> &'static [&'static str] {
    match shell {
        "bash" => &["--norc", "--noprofile"],
        "zsh" => &["-f"],
        _ => &["--no-config"],
    }
}

#[test]
fn short_commands_pass_on_exactly_the_words_typed() {
    if are_shells_skipped() {
        return;
    }
    let installed = Installed::new("bin");
    for shell in SHELLS {
        let script = installed.script(shell, &[]);
        let typed = r#"
            claude-start 'JWT  auth' '$(touch canary)' '*' '' '-x'
            claude-log 1500 800 'some text'
            claude-log 1,500 2.5k x
            claude-log --model opus code x
            claude-log code 'What you worked on'
            claude-log 3d-work x
            claude-log
            claude-quick review '`touch canary`'
            claude-note "a
b"
            claude-status --json
            claude-end
        "#;
        let output = installed.shell(shell, options(shell), &format!("source '{}'{typed}", script.display()));
        assert_eq!(
            output,
            "<start><JWT  auth><$(touch canary)><*><><-x>\n\
             <log><1500><800><some text>\n\
             <log><1,500><2.5k><x>\n\
             <log><--model><opus><code><x>\n\
             <quick><code><What you worked on>\n\
             <quick><3d-work><x>\n\
             <log>\n\
             <quick><review><`touch canary`>\n\
             <note><a\nb>\n\
             <status><--json>\n\
             <end>\n",
            "{shell}"
        );
        assert!(!installed.sandbox.work().join("canary").exists(), "{shell}");
    }
}

#[test]
fn a_path_of_any_kind_is_one_word() {
    if are_shells_skipped() {
        return;
    }
    for directory in
        ["with space", "it's", "$(touch canary)", "`touch canary`", "a\nb", "back\\slash\\", "\"q\"", "%s!x"]
    {
        let installed = Installed::new(directory);
        for shell in SHELLS {
            let script = installed.script(shell, &[]);
            let output = installed.shell(shell, options(shell), &format!("source '{}'\nclaude-end", script.display()));
            assert_eq!(output, "<end>\n", "{shell} {directory:?}");
            assert!(!installed.sandbox.work().join("canary").exists(), "{shell} {directory:?}");
        }
    }
}

#[test]
fn strict_shells_take_the_script_twice_and_keep_their_options() {
    if are_shells_skipped() {
        return;
    }
    let installed = Installed::new("bin");
    for (shell, modes) in [
        ("bash", "set -eu -o noclobber -o pipefail"),
        ("zsh", "setopt err_exit no_unset no_clobber ksh_arrays sh_word_split"),
    ] {
        let script = installed.script(shell, &["--prompt"]);
        let script = script.display();
        let text = format!(
            "{modes}\nbefore=$(set +o)\nIFS=:\nsource '{script}'\nsource '{script}'\n[ \"$(set +o)\" = \"$before\" ]\n\
             [ \"$IFS\" = : ]\nclaude-log code x\nclaude-log 1 2 x\n__claude_cost_update_prompt\necho end"
        );
        let output = installed.shell(shell, options(shell), &text);
        assert_eq!(output, "<quick><code><x>\n<log><1><2><x>\nend\n", "{shell}");
    }
}

#[test]
fn a_missing_binary_is_silent_until_it_is_asked_for() {
    if are_shells_skipped() {
        return;
    }
    let installed = Installed::new("bin");
    for shell in SHELLS {
        let script = installed.script(shell, &["--prompt"]);
        let enable = if shell == "fish" { "fish_right_prompt" } else { "__claude_cost_update_prompt" };
        fs_err::rename(installed.directory.join("claude-cost"), installed.directory.join("gone")).unwrap();
        let text = format!("source '{}'\n{enable}\necho end", script.display());
        assert_eq!(installed.shell(shell, options(shell), &text), "end\n", "{shell}");
        fs_err::rename(installed.directory.join("gone"), installed.directory.join("claude-cost")).unwrap();
    }
}

/// What an interactive shell prints that is fed `lines`.
fn interactive(installed: &Installed, shell: &str, lines: &str) -> String {
    let mut command = installed.sandbox.command(shell);
    command
        .args(options(shell))
        .arg("-i")
        .env("TERM", "dumb")
        .env("LC_ALL", "C.UTF-8")
        .env("PS1", "PROMPT> ")
        .env("PROMPT", "PROMPT> ");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{shell} has to be installed: {error}"));
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), lines.as_bytes()).unwrap();
    shown(&child.wait_with_output().unwrap())
}

#[test]
fn no_name_of_a_session_is_executed_by_a_prompt() {
    if are_shells_skipped() {
        return;
    }
    for (shell, before, prompt) in [
        ("bash", "", "printf '%s\\n' \"${PS1@P}\""),
        ("zsh", "setopt prompt_subst", "print -rP -- \"$PROMPT\""),
        ("zsh", "unsetopt prompt_subst", "print -rP -- \"$PROMPT\""),
        ("fish", "", "fish_right_prompt"),
    ] {
        let installed = Installed::new("bin");
        let script = installed.script(shell, &["--prompt"]);
        let names = hostile_names(&installed.sandbox.work().join("canary"));
        let mut lines = format!("{before}\nsource '{}'\n", script.display());
        for (number, name) in names.iter().enumerate() {
            let path = installed.sandbox.write(&format!("names/{number}"), format!("{name}\n"));
            let segment = installed.directory.join("segment");
            let update = if shell == "fish" { "" } else { "__claude_cost_update_prompt" };
            let (path, segment) = (path.display(), segment.display());
            writeln!(lines, "cp '{path}' '{segment}'\n{update}\necho \"[$({prompt})]\"").unwrap();
        }
        if shell == "fish" {
            // fish 3.0 has no $( ).
            lines = lines.replace(&format!("echo \"[$({prompt})]\""), "echo '['(fish_right_prompt)']'");
        }
        let output = interactive(&installed, shell, &lines);
        assert!(!installed.sandbox.work().join("canary").exists(), "{shell}: {output}");
        for name in names.iter().filter(|name| !name.contains(char::is_control)) {
            assert!(output.contains(&format!("{name} ")), "{shell} {before} does not show {name:?}:\n{output}");
        }
    }
}

/// 200 names, each of which would touch `canary` where a shell expanded it.
fn hostile_names(canary: &Path) -> Vec<String> {
    let touch = format!("touch {}", canary.display());
    let wraps: [(&str, &str); 20] = [
        ("$(", ")"),
        ("`", "`"),
        ("${x:=$(", ")}"),
        ("$((a[$(", ")]))"),
        ("\\$(", ")"),
        ("\\\\$(", ")"),
        ("';", ";'"),
        ("\";", ";\""),
        (";", ";"),
        ("&&", "||"),
        ("|", "|"),
        ("<(", ")"),
        (">(", ")"),
        ("=(", ")"),
        ("(", ")"),
        ("%{$(", ")%}"),
        ("%(?.$(", ").)"),
        ("${(e):-$(", ")}"),
        ("$'\\x24(", ")'"),
        ("!$(", ")"),
    ];
    let frames: [(&str, &str); 10] = [
        ("", ""),
        ("work ", " $1.23"),
        ("%", "%"),
        ("%F{red}", "%f"),
        ("\\u\\h", "\\$"),
        ("\\[", "\\]"),
        ("${__claude_cost_segment}", ""),
        ("\u{1b}]0;", "\u{7}"),
        ("ä日本 ", " 👩"),
        ("\t-n ", "\r"),
    ];
    let frame = |(before, after): &(&str, &str)| {
        wraps.iter().map(|(open, close)| format!("{before}{open}{touch}{close}{after}")).collect::<Vec<_>>()
    };
    let names: Vec<String> = frames.iter().flat_map(frame).collect();
    assert_eq!(names.len(), 200);
    names
}

#[test]
fn a_prompt_keeps_the_status_and_other_hooks() {
    if are_shells_skipped() {
        return;
    }
    for (shell, before, fail) in [
        ("bash", "PROMPT_COMMAND='echo \"other $?\";'", "(exit 7)"),
        ("bash", "PROMPT_COMMAND=('echo \"other $?\"')", "(exit 7)"),
        ("bash", "unset PROMPT_COMMAND", "(exit 7)"),
        ("zsh", "precmd_functions=(other); other() { echo \"other $?\" }", "(exit 7)"),
        ("fish", "function fish_right_prompt; echo \"other $status\"; end", "__claude_cost_status 7"),
    ] {
        let installed = Installed::new("bin");
        installed.set_segment("JWT $1.23");
        let script = installed.script(shell, &["--prompt"]);
        let last = if shell == "fish" { "echo" } else { "echo \"last $?\"" };
        let show = if shell == "fish" { "fish_right_prompt" } else { last };
        let lines = format!("{before}\nsource '{0}'\nsource '{0}'\n{fail}\n{show}\n", script.display());
        let output = interactive(&installed, shell, &lines);
        if shell != "fish" {
            assert!(output.contains("last 7"), "{shell}: {output}");
            assert_eq!(output.matches("JWT $1.23 PROMPT>").count(), output.matches("JWT").count(), "{shell}: {output}");
        }
        if !before.starts_with("unset") {
            assert!(output.contains("other 7"), "{shell}: {output}");
        }
        assert!(output.contains("JWT $1.23 "), "{shell}: {output}");
    }
}

#[test]
fn completion_offers_kinds_of_work_and_commands() {
    if are_shells_skipped() {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.stdout(&["config", "set", "tasks.refactor", "1 2"]);
    for shell in ["bash", "fish"] {
        let script = sandbox.write(&format!("init.{shell}"), sandbox.stdout(&["init", shell]));
        for (line, wanted) in [
            ("claude-log re", "refactor review"),
            ("claude-quick refa", "refactor"),
            ("claude-cost comp", "completions"),
            ("claude-cost config unse", "unset"),
        ] {
            let words: Vec<&str> = line.split(' ').collect();
            let text = match shell {
                "bash" => format!(
                    "set -u\nsource '{script}'\ncomplete_words() {{\n  COMP_WORDS=({line}); COMP_CWORD={last}; COMPREPLY=()\n  \
                     local spec; spec=$(complete -p {name}); spec=${{spec#*-F }}\n  \"${{spec%% *}}\" {name} {word} {before}\n}}\n\
                     complete_words || {{ [ $? = 124 ] && complete_words; }}\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"",
                    script = script.display(),
                    last = words.len() - 1,
                    name = words[0],
                    word = words[words.len() - 1],
                    before = words[words.len() - 2],
                ),
                _ => format!("source '{}'\ncomplete -C '{line}'", script.display()),
            };
            let mut command = sandbox.command(shell);
            command.args(options(shell)).arg("-c").arg(text);
            let output = shown(&run(command));
            let mut offered: Vec<_> = output.lines().filter_map(|line| line.split('\t').next()).collect();
            offered.sort_unstable();
            assert_eq!(offered.join(" "), wanted, "{shell} {line}: {output}");
        }
    }
}

#[test]
fn zsh_loads_completion_when_it_is_first_asked_for() {
    if are_shells_skipped() {
        return;
    }
    let sandbox = Sandbox::new();
    let script = sandbox.write("init.zsh", sandbox.stdout(&["init", "zsh"]));
    let text = format!(
        "compdef() {{ print -r -- \"$*\" }}\nsource '{}'\nprint ${{+functions[_claude-cost]}}\n\
         __claude_cost_load_completion\nprint ${{+functions[_claude-cost]}}\n__claude_cost_load_completion",
        script.display()
    );
    let mut command = sandbox.command("zsh");
    command.args(options("zsh")).arg("-c").arg(text);
    insta::assert_snapshot!(shown(&run(command)), @"
__claude_cost_complete claude-cost
__claude_cost_complete_short claude-start claude-log claude-quick claude-note claude-status claude-end
0
_claude-cost claude-cost
1
");
}

#[test]
fn the_bash_script_passes_shellcheck() {
    if are_shells_skipped() {
        return;
    }
    let installed = Installed::new("it's here");
    for arguments in [&[][..], &["--prompt"]] {
        let script = installed.script("bash", arguments);
        let mut command = installed.sandbox.command("shellcheck");
        command.args(["--shell", "bash"]).arg(script);
        let output = run(command);
        assert!(output.status.success(), "{}", shown(&output));
    }
}

#[test]
fn every_shell_has_completions_and_hides_what_is_hidden() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = sandbox.stdout(&["completions", shell]);
        assert!(script.contains("completions"), "{shell}");
    }
    insta::assert_snapshot!(sandbox.run(&["completions", "tcsh"]), @"
exit 2
--- stderr
error: invalid value 'tcsh' for '<SHELL>'
  [possible values: bash, elvish, fish, powershell, zsh]

  tip: a similar value exists: 'zsh'

For more information, try '--help'.
");
}

#[test]
fn each_command_has_a_page() {
    let sandbox = Sandbox::new();
    assert!(sandbox.stdout(&["man"]).contains(".TH claude-cost 1"));
    sandbox.stdout(&["man", "pages/man1"]);
    let pages = sandbox.work().join("pages/man1");
    let text = fs_err::read_to_string(pages.join("claude-cost-config-set.1")).unwrap();
    assert!(text.contains("claude\\-cost config set"), "{text}");
    for page in fs_err::read_dir(&pages).unwrap() {
        let name = page.unwrap().file_name();
        assert!(name.to_str().is_some_and(|name| name.starts_with("claude-cost") && name.ends_with(".1")), "{name:?}");
    }
}

#[test]
fn the_help_shows_each_shells_line() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["init", "--help"]), @r#"
    exit 0
    --- stdout
    Print a shell's short commands, completions and prompt

    Usage: claude-cost init [OPTIONS] <SHELL>

    Arguments:
      <SHELL>  The shell to print for [possible values: bash, zsh, fish]

    Options:
          --prompt  Show the running session and its cost in the prompt
      -h, --help    Print help

    Global options:
          --color <WHEN>        Colour output: auto, always or never [default: auto]
      -q, --quiet               Print only what was asked for, no messages
      -c, --config <KEY=VALUE>  Override a setting for this run, as in -c model=opus

    Put the line of your shell into its rc file:
      ~/.bashrc                    eval "$(claude-cost init bash)"
      ~/.zshrc                     eval "$(claude-cost init zsh)"
      ~/.config/fish/config.fish   claude-cost init fish | source

    They define claude-start, claude-log, claude-quick, claude-note, claude-status and claude-end.
    With --prompt the running session and its cost stand in the prompt.
    "#);
}
