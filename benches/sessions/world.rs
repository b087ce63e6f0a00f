//! What the commands find: data directories and repositories, made once and kept below `target`.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use fs_err as fs;

use crate::case::Place;
use crate::history;
use crate::history::Session;
use crate::repository;

/// Raise it when what is made changes, so that older makings are not used.
const FORM: &str = "sessions-1";
/// The instant at which every command runs: ten hours into the open sessions.
pub(crate) const NOW: i64 = 1_795_435_200;
pub(crate) const SESSIONS: u64 = 10_000;
/// Commits that lie in an open session.
const COMMITS_IN_SESSION: u64 = 100;

pub(crate) struct World {
    root: PathBuf,
    /// What is measured.
    pub(crate) program: PathBuf,
}

pub(crate) fn summary() -> &'static str {
    "10,000 ended sessions in the project, a session of 1,000 entries and 100 commits; the machine's load is in the times\n"
}

impl World {
    pub(crate) fn open(program: &Path) -> anyhow::Result<Self> {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(FORM);
        let world = Self { root, program: program.to_owned() };
        if !world.mark().try_exists()? {
            if world.root.try_exists()? {
                fs::remove_dir_all(&world.root)?;
            }
            world.make()?;
            fs::write(world.mark(), "")?;
        }
        // A ledger of another schema is brought forward here, not in the first measured run.
        for place in [Place::Large, Place::Huge] {
            world.restore(place)?;
            let output = world.command(&world.program, place).args(["sessions", "--totals"]).output()?;
            anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(world)
    }

    /// Puts the open session of a place back to what it was made as, and takes away what `end` and `cancel` left.
    pub(crate) fn restore(&self, place: Place) -> anyhow::Result<()> {
        let session = self.session(place);
        for path in [session.active(&self.home(place)), session.ended(&self.home(place))] {
            remove(&path)?;
        }
        let reports = self.directory(place).join(".claude-cost");
        if reports.try_exists()? {
            fs::remove_dir_all(reports)?;
        }
        if matches!(place, Place::Idle) {
            return Ok(());
        }
        fs::write(session.active(&self.home(place)), session.journal(false))?;
        Ok(())
    }

    /// A command in a place, with nothing of the person's own settings and a clock that stands still.
    pub(crate) fn command(&self, program: &Path, place: Place) -> Command {
        let home = self.home(place);
        let mut command = Command::new(program);
        command.current_dir(self.directory(place)).env_clear().env("HOME", &home).env("CLAUDE_COST_HOME", &home);
        command.env("CLAUDE_COST_NOW", history::rfc3339(NOW)).env("TZ", "Europe/Berlin");
        command
    }

    fn make(&self) -> anyhow::Result<()> {
        for (place, commits) in [(Place::Small, 100), (Place::Large, 10_000), (Place::Huge, 100_000), (Place::Idle, 1)]
        {
            fs::create_dir_all(self.home(place).join("sessions/active"))?;
            repository::make(&self.directory(place), commits, COMMITS_IN_SESSION)?;
        }
        for place in [Place::Large, Place::Huge] {
            for number in 0..SESSIONS {
                let session = Session::past(&self.directory(place), number);
                let path = session.ended(&self.home(place));
                fs::create_dir_all(path.parent().unwrap_or(&path))?;
                fs::write(path, session.journal(true))?;
            }
        }
        Ok(())
    }

    fn mark(&self) -> PathBuf {
        self.root.join("made")
    }

    /// The data directory that goes with a place: the huge repository has one of its own, the others share theirs.
    fn home(&self, place: Place) -> PathBuf {
        self.root.join(if matches!(place, Place::Huge) { "home-huge" } else { "home" })
    }

    fn directory(&self, place: Place) -> PathBuf {
        self.root.join(match place {
            Place::Small => "small",
            Place::Large => "large",
            Place::Huge => "huge",
            Place::Idle => "idle",
        })
    }

    fn session(&self, place: Place) -> Session {
        let (number, entries) = match place {
            Place::Small => (1, 10),
            Place::Large | Place::Huge => (2, 1000),
            Place::Idle => (3, 0),
        };
        Session::open(&self.directory(place), number, entries)
    }
}

fn remove(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
