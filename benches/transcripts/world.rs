//! What the programs find: transcripts, made once and kept below `target`, and data directories, put right before each run.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::time::SystemTime;

use anyhow::Context as _;
use fs_err as fs;

use crate::Options;
use crate::corpus;
use crate::corpus::NOW;
use crate::corpus::Size;
use crate::corpus::totals::Totals;

/// Raise it when what is made changes, so that older makings are not used.
const FORM: &str = "transcripts-1";
/// How much one conversation goes on in [`State::Grown`].
const GROWTH: u64 = 1 << 20;

/// What a program has done before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing: it has no data.
    Cold,
    /// It has read everything.
    Warm,
    /// It has read everything but the last megabyte of one conversation.
    Grown,
}

pub(crate) struct World {
    root: PathBuf,
    program: PathBuf,
    pub(crate) totals: Totals,
    growth: String,
    /// Of the file that grows.
    length: u64,
    modified: SystemTime,
}

impl World {
    pub(crate) fn open(options: &Options) -> anyhow::Result<Self> {
        let Size { bytes, files, seed } = options.size;
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{FORM}-{}-{files}-{seed}", bytes >> 20));
        let expected = root.join("expected.json");
        if !expected.try_exists()? {
            if root.try_exists()? {
                fs::remove_dir_all(&root)?;
            }
            let totals = corpus::make(&root.join("claude"), options.size)?;
            fs::write(&expected, serde_json::to_string_pretty(&totals)?)?;
        }
        let totals = serde_json::from_str(&fs::read_to_string(&expected)?)?;
        let first = corpus::first(&root.join("claude"));
        let metadata = fs::metadata(&first)?;
        let world = Self {
            program: options.program.clone(),
            totals,
            growth: corpus::growth(options.size, GROWTH),
            length: metadata.len(),
            modified: metadata.modified()?,
            root,
        };
        world.restore(State::Cold)?;
        world.fill()?;
        Ok(world)
    }

    pub(crate) fn claude(&self) -> PathBuf {
        self.root.join("claude")
    }

    /// A command with nothing of the person's own settings and, for ours, a clock that stands still.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("HOME", &self.root).env("TZ", "UTC").env("NO_COLOR", "1");
        command.env("CLAUDE_CONFIG_DIR", self.claude()).env("CLAUDE_COST_HOME", self.home());
        // What is left to a process in the background would run beside the next.
        command.env("CLAUDE_COST_STATUSLINE_SYNC", "false");
        let now = chrono::DateTime::from_timestamp(NOW, 0).unwrap_or_default();
        command.env("CLAUDE_COST_NOW", now.to_rfc3339());
        command
    }

    /// What a status line is given for the first conversation.
    pub(crate) fn payload(&self) -> anyhow::Result<fs::File> {
        let path = self.root.join("payload.json");
        if !path.try_exists()? {
            let id = corpus::first_conversation();
            let transcript = serde_json::to_string(&corpus::first(&self.claude()))?;
            let json = format!(
                r#"{{"session_id":"{id}","transcript_path":{transcript},"model":{{"id":"claude-opus-5-5","display_name":"Opus 5.5"}},"cost":{{"total_cost_usd":1.25}},"context_window":{{"used_percentage":40,"total_input_tokens":80000}}}}"#
            );
            fs::write(&path, json)?;
        }
        Ok(fs::File::open(path)?)
    }

    /// Puts everything to where a run in that state begins.
    pub(crate) fn restore(&self, state: State) -> anyhow::Result<()> {
        let first = fs::OpenOptions::new().append(true).open(corpus::first(&self.claude()))?;
        // The next run would take another length or time for a sign that the file is another one.
        first.set_len(self.length)?;
        first.file().set_modified(self.modified)?;
        if self.home().try_exists()? {
            fs::remove_dir_all(self.home())?;
        }
        fs::create_dir_all(self.home())?;
        if state != State::Cold && self.filled().try_exists()? {
            for entry in fs::read_dir(self.filled())? {
                let entry = entry?;
                fs::copy(entry.path(), self.home().join(entry.file_name()))?;
            }
        }
        if state == State::Grown {
            std::io::Write::write_all(&mut &first, self.growth.as_bytes())?;
        }
        Ok(())
    }

    /// Has the program read everything once, and keeps what it made of it.
    fn fill(&self) -> anyhow::Result<()> {
        let output = self.command(&self.program).arg("sync").output().context("could not run the program")?;
        anyhow::ensure!(output.status.success(), "sync failed: {}", String::from_utf8_lossy(&output.stderr));
        if self.filled().try_exists()? {
            fs::remove_dir_all(self.filled())?;
        }
        fs::create_dir_all(self.filled())?;
        for entry in fs::read_dir(self.home())? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                fs::copy(entry.path(), self.filled().join(entry.file_name()))?;
            }
        }
        Ok(())
    }

    fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    fn filled(&self) -> PathBuf {
        self.root.join("filled")
    }
}
