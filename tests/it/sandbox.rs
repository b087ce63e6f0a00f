//! A home, a clock and an environment of the test's own, and the program run in them.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

use tempfile::TempDir;

/// The instant at which every command of a test runs, unless the test moves it.
pub(crate) const NOW: &str = "2026-11-23T12:00:00Z";

pub(crate) struct Sandbox {
    root: TempDir,
    now: String,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let sandbox = Self { root, now: NOW.to_owned() };
        for directory in [sandbox.home(), sandbox.work()] {
            fs_err::create_dir_all(directory).unwrap();
        }
        sandbox
    }

    /// The home directory: `.local/share/claude-cost` and `.config/claude-cost` lie in it.
    pub(crate) fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// Where commands run.
    pub(crate) fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.home().join(".local/share/claude-cost")
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.home().join(".config/claude-cost")
    }

    /// Moves the clock, as RFC 3339 or `12:30` of the sandbox's day.
    pub(crate) fn set_now(&mut self, now: &str) {
        self.now = if now.contains('T') { now.to_owned() } else { format!("2026-11-23T{now}:00Z") };
    }

    /// Writes a file below the working directory.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.work().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, text).unwrap();
        path
    }

    /// A command with this sandbox's environment, to be run with more than arguments.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.work())
            .env_clear()
            .env("PATH", search_path())
            .env("HOME", self.home())
            .env("TZ", "UTC")
            .env("COLUMNS", "100")
            .env("NO_COLOR", "1")
            .env("CLAUDE_COST_NOW", &self.now)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", self.home().join(".gitconfig"))
            .stdin(Stdio::null());
        command
    }

    /// The program itself.
    pub(crate) fn claude_cost<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = self.command(program());
        command.args(arguments);
        // Settings of the environment show there.
        if arguments.first().is_some_and(|command| command.as_ref() != "config") {
            without_background(&mut command);
        }
        command
    }

    /// Runs the program and returns status, stdout and stderr as one text.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> String {
        self.transcript(&self.claude_cost(arguments).output().unwrap())
    }

    /// Runs it with `input` on its stdin.
    pub(crate) fn run_with_input<S: AsRef<OsStr>>(&self, arguments: &[S], input: &[u8]) -> String {
        let mut command = self.claude_cost(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A program that does not read its input may be gone already.
        let _ = stdin.write_all(input);
        drop(stdin);
        self.transcript(&child.wait_with_output().unwrap())
    }

    /// Runs it, expects success, and returns what it printed on stdout.
    pub(crate) fn stdout<S: AsRef<OsStr>>(&self, arguments: &[S]) -> String {
        let output = self.claude_cost(arguments).output().unwrap();
        assert!(output.status.success(), "{}", self.transcript(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Status, stdout and stderr of a run, with this sandbox's paths replaced by `[ROOT]` and session ids by `[ID]`.
    pub(crate) fn transcript(&self, output: &Output) -> String {
        let code = output.status.code().map_or("signal".to_owned(), |code| code.to_string());
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let mut text = format!("exit {code}\n");
        for (name, stream) in [("stdout", stdout), ("stderr", stderr)] {
            if !stream.is_empty() {
                text.extend(["--- ", name, "\n", &stream]);
            }
        }
        self.redacted(&text)
    }

    pub(crate) fn redacted(&self, text: &str) -> String {
        let root = self.root.path().canonicalize().unwrap();
        let text = text.replace(&*root.to_string_lossy(), "[ROOT]");
        let mut text = text.replace(&*self.root.path().to_string_lossy(), "[ROOT]");
        // As Claude Code names a folder of conversations.
        let encoded = root.to_string_lossy().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        text = text.replace(&encoded, "[ROOT]");
        for id in self.session_ids() {
            let short = &id[id.len() - 8..];
            // A column of a table keeps its width.
            text = text.replace(&id, "[ID]").replace(&format!("{short}  "), "[ID]      ").replace(short, "[ID]");
        }
        text
    }

    /// The ids of all sessions, which are random: by the names of their journals.
    pub(crate) fn session_ids(&self) -> Vec<String> {
        let sessions = self.data().join("sessions");
        let mut directories = vec![sessions.join("active")];
        directories
            .extend(fs_err::read_dir(sessions.join("ended")).into_iter().flatten().map(|year| year.unwrap().path()));
        let mut ids = Vec::new();
        for directory in directories {
            for file in fs_err::read_dir(directory).into_iter().flatten() {
                let name = file.unwrap().file_name().into_string().unwrap();
                ids.extend(name.strip_suffix(".jsonl").map(str::to_owned));
            }
        }
        ids.sort();
        ids
    }

    /// Plays a dialogue as a person has it in a shell: a line is typed at its time (`9:05 claude-cost status`), or at
    /// that of the line before. Returns what was typed and what came back, messages marked by `!`.
    pub(crate) fn play(&mut self, lines: &str) -> String {
        let mut dialogue = String::new();
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let typed = match line.split_once(' ') {
                Some((now, typed)) if now.starts_with(|char: char| char.is_ascii_digit()) => {
                    self.set_now(now);
                    typed
                }
                _ => line,
            };
            let output = self.typed(typed).output().unwrap();
            dialogue.extend(["$ ", line, "\n", &String::from_utf8_lossy(&output.stdout)]);
            for message in String::from_utf8_lossy(&output.stderr).lines() {
                dialogue.extend(["! ", message, "\n"]);
            }
            if let Some(code) = output.status.code().filter(|&code| code != 0) {
                dialogue.extend(["[exit ", &code.to_string(), "]\n"]);
            }
        }
        self.redacted(&dialogue)
    }

    /// A line as typed in a shell that finds the program as `claude-cost`.
    pub(crate) fn typed(&self, line: &str) -> Command {
        let own = program().parent().unwrap().to_owned();
        let path = search_path();
        let directories = std::iter::once(own).chain(std::env::split_paths(&path));
        let mut command = self.command("sh");
        command.args(["-c", line]).env("PATH", std::env::join_paths(directories).unwrap());
        if !line.contains("claude-cost config") {
            without_background(&mut command);
        }
        command
    }

    /// Runs git in the working directory and expects success.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = self.command("git").args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Makes the working directory a repository of `Ann <ann@example.com>` on branch `main`.
    pub(crate) fn init_repository(&self) {
        self.git(&["init", "--quiet", "--initial-branch=main"]);
        self.git(&["config", "user.name", "Ann"]);
        self.git(&["config", "user.email", "ann@example.com"]);
    }

    /// Writes `path` and commits it at `at` (RFC 3339, or `12:30` of the sandbox's day).
    pub(crate) fn commit(&self, path: &str, text: &str, subject: &str, at: &str) {
        let at = if at.contains('T') { at.to_owned() } else { format!("2026-11-23T{at}:00Z") };
        self.write(path, text);
        self.git(&["add", "--", path]);
        let mut command = self.command("git");
        command.args(["commit", "--quiet", "-m", subject]).env("GIT_AUTHOR_DATE", &at).env("GIT_COMMITTER_DATE", &at);
        let output = command.output().unwrap();
        assert!(output.status.success(), "git commit: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Has the program start nothing that would outlive the test.
fn without_background(command: &mut Command) {
    command.env("CLAUDE_COST_STATUSLINE_SYNC", "false");
}

/// Whether the long forms of the tests of faults are asked for (`CLAUDE_COST_TORTURE=1`).
#[expect(clippy::disallowed_methods, reason = "it is the person at the tests who says so")]
pub(crate) fn is_torture() -> bool {
    std::env::var_os("CLAUDE_COST_TORTURE").is_some()
}

pub(crate) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_claude-cost"))
}

#[expect(clippy::disallowed_methods, reason = "the programs that tests start have to be found")]
fn search_path() -> std::ffi::OsString {
    std::env::var_os("PATH").unwrap_or_default()
}
