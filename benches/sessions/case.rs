//! The commands that are measured: where each runs, what is put right before it, and what it may take.

use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context as _;

use crate::world::World;

/// The working directories of the world.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// A session of ten entries.
    Small,
    /// A session of a thousand entries, ten thousand ended sessions in the same project, as many commits.
    Large,
    /// The same with a hundred thousand commits.
    Huge,
    /// No session.
    Idle,
}

pub(crate) struct Case {
    pub(crate) name: &'static str,
    place: Place,
    program: Option<&'static str>,
    arguments: &'static [&'static str],
    pub(crate) target: Option<Duration>,
}

pub(crate) fn all() -> Vec<Case> {
    let case = |name, place, arguments, target| {
        let target = Some(Duration::from_millis(target));
        Case { name, place, program: None, arguments, target }
    };
    let log: &[&str] = &["log", "1500", "800", "token validation"];
    let quick: &[&str] = &["quick", "code", "token validation"];
    vec![
        Case { name: "(an empty process)", place: Place::Idle, program: Some("true"), arguments: &[], target: None },
        case("--version", Place::Idle, &["--version"], 3),
        case("init bash", Place::Idle, &["init", "bash"], 10),
        case("start", Place::Idle, &["start", "JWT auth"], 10),
        case("cancel", Place::Idle, &["cancel"], 10),
        case("log, 10 entries", Place::Small, log, 5),
        case("log, 1,000 entries", Place::Large, log, 5),
        case("quick, 10 entries", Place::Small, quick, 10),
        case("quick, 1,000 entries", Place::Large, quick, 10),
        case("note, 1,000 entries", Place::Large, &["note", "a remark"], 10),
        case("status, 10 entries", Place::Small, &["status"], 10),
        case("status, 1,000 entries", Place::Large, &["status"], 10),
        case("status --format prompt, 1,000 entries", Place::Large, &["status", "--format", "prompt"], 10),
        case("status --check, 1,000 entries", Place::Large, &["status", "--check"], 10),
        case("hook post-commit, 1,000 entries", Place::Large, &["hook", "post-commit"], 10),
        case("sessions, 10,000 of them", Place::Large, &["sessions"], 100),
        case("sessions --totals, 10,000 of them", Place::Large, &["sessions", "--totals"], 100),
        case("show, 10,000 commits", Place::Large, &["show"], 50),
        case("show, 100,000 commits", Place::Huge, &["show"], 50),
        case("end, 100,000 commits", Place::Huge, &["end"], 100),
    ]
}

impl Case {
    /// Runs it once in a world that is as it was made, and returns how long the process took.
    pub(crate) fn run(&self, world: &World) -> anyhow::Result<Duration> {
        // `cancel` needs what `start` has left.
        if self.name != "cancel" {
            world.restore(self.place)?;
        }
        let mut command = self.command(world);

        let began = Instant::now();
        let output = command.output().with_context(|| format!("could not run `{}`", self.name))?;
        let time = began.elapsed();

        anyhow::ensure!(
            output.status.success(),
            "`{}` failed: {}\n{}",
            self.name,
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(time)
    }

    fn command(&self, world: &World) -> Command {
        let mut command = match self.program {
            Some(other) => world.command(other.as_ref(), self.place),
            None => world.command(&world.program, self.place),
        };
        command.args(self.arguments).stdin(Stdio::null()).stdout(Stdio::null());
        command
    }
}
