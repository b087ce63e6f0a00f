//! Repositories for tests, made by git itself with an environment of their own.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

use tempfile::TempDir;

use crate::domain::commit::CommitId;

pub(crate) struct Fixture {
    place: TempDir,
}

/// A commit to be imported: its number is its mark.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) parents: Vec<usize>,
    pub(crate) authored: i64,
    pub(crate) committed: i64,
    pub(crate) email: String,
}

impl Fixture {
    /// An empty repository of `Ann <ann@example.com>` on branch `main`.
    pub(crate) fn new() -> Self {
        let fixture = Self::with_format(&[]).expect("git can make a repository");
        fixture.git(&["config", "user.name", "Ann"]);
        fixture.git(&["config", "user.email", "ann@example.com"]);
        fixture
    }

    /// `None` if this git cannot.
    pub(crate) fn with_format(options: &[&str]) -> Option<Self> {
        let fixture = Self { place: tempfile::tempdir().unwrap() };
        for directory in [fixture.root(), fixture.outside()] {
            fs_err::create_dir_all(directory).unwrap();
        }
        let mut arguments = vec!["init", "--quiet", "--initial-branch=main"];
        arguments.extend(options);
        fixture.try_git(&arguments).status.success().then_some(fixture)
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.place.path().canonicalize().unwrap().join("work")
    }

    /// A directory that is in no repository.
    pub(crate) fn outside(&self) -> PathBuf {
        self.place.path().canonicalize().unwrap().join("outside")
    }

    pub(crate) fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.root().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, text).unwrap();
        path
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = self.try_git(arguments);
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    pub(crate) fn try_git(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    #[expect(clippy::disallowed_methods, reason = "git has to be found")]
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command
            .args(arguments)
            .current_dir(self.root())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.outside())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .stdin(Stdio::null());
        command
    }

    /// Writes `path` and commits it at `at`, in seconds.
    pub(crate) fn commit(&self, path: &str, text: &str, at: i64) -> CommitId {
        self.write(path, text);
        self.git(&["add", "--", path]);
        let at = format!("@{at} +0000");
        let mut command = self.command(&["commit", "--quiet", "-m", &format!("Change {path}")]);
        let output = command.env("GIT_AUTHOR_DATE", &at).env("GIT_COMMITTER_DATE", &at).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        self.id("HEAD")
    }

    pub(crate) fn id(&self, revision: &str) -> CommitId {
        self.git(&["rev-parse", revision]).parse().unwrap()
    }

    /// Makes all these commits by one `git fast-import`, each node without children a branch, and returns their hashes.
    pub(crate) fn import(&self, nodes: &[Node]) -> Vec<CommitId> {
        let mut stream = String::new();
        for (number, node) in nodes.iter().enumerate() {
            let subject = format!("commit {number}");
            let _ = write!(
                stream,
                "commit refs/heads/import\nmark :{mark}\nauthor A <{email}> {authored} +0000\n\
                 committer A <{email}> {committed} +0000\ndata {length}\n{subject}\n",
                mark = number + 1,
                email = node.email,
                authored = node.authored,
                committed = node.committed,
                length = subject.len(),
            );
            let verbs = std::iter::once("from").chain(std::iter::repeat("merge"));
            for (verb, parent) in verbs.zip(&node.parents) {
                let _ = writeln!(stream, "{verb} :{}", parent + 1);
            }
            let _ = write!(stream, "M 644 inline file{number}\ndata 2\nx\n\n");
            // A commit without `from` would go on from the branch's last one.
            let is_tip = nodes.iter().all(|other| !other.parents.contains(&number));
            let branch = if is_tip { format!("refs/heads/tip{number}") } else { format!("refs/kept/{number}") };
            let _ = write!(stream, "reset {branch}\nfrom :{}\n\nreset refs/heads/import\n\n", number + 1);
        }
        let marks = self.outside().join("marks");
        self.feed(&stream, &marks);
        let text = fs_err::read_to_string(&marks).unwrap();
        let mut ids: Vec<(usize, CommitId)> = text
            .lines()
            .map(|line| {
                let (mark, id) = line.trim_start_matches(':').split_once(' ').unwrap();
                (mark.parse().unwrap(), id.parse().unwrap())
            })
            .collect();
        ids.sort();
        ids.into_iter().map(|(_, id)| id).collect()
    }

    fn feed(&self, stream: &str, marks: &Path) {
        let export = format!("--export-marks={}", marks.display());
        let mut command = self.command(&["fast-import", "--quiet", &export]);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }
}
