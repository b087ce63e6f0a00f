//! Journals of sessions in the store's form, written without the program, which would take hours for so many.

use std::fmt::Write as _;
use std::path::Path;
use std::path::PathBuf;

use crate::world::NOW;
use crate::world::SESSIONS;

const MODELS: [&str; 4] = ["claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5", "claude-fable-5-2"];
const TASKS: [&str; 4] = ["code", "review", "debug", "chat"];
/// From one ended session's start to the next one's.
const STRIDE_SECONDS: u64 = 40 * 60;

pub(crate) struct Session {
    number: u64,
    started_at: i64,
    seconds: u64,
    entries: u64,
    project: PathBuf,
}

impl Session {
    /// An open one, of ten hours.
    pub(crate) fn open(project: &Path, number: u64, entries: u64) -> Self {
        let number = SESSIONS + number;
        Self { number, started_at: NOW - 36_000, seconds: 36_000, entries, project: project.to_owned() }
    }

    /// The ended one of that number, of 20 minutes.
    pub(crate) fn past(project: &Path, number: u64) -> Self {
        let before = (SESSIONS - number) * STRIDE_SECONDS;
        let started_at = NOW - 86_400 - i64::try_from(before).unwrap_or(0);
        Self { number, started_at, seconds: 1200, entries: 4, project: project.to_owned() }
    }

    pub(crate) fn active(&self, home: &Path) -> PathBuf {
        home.join("sessions/active").join(format!("{}.jsonl", self.id(0)))
    }

    pub(crate) fn ended(&self, home: &Path) -> PathBuf {
        let year = &rfc3339(self.started_at)[..4];
        home.join("sessions/ended").join(year).join(format!("{}.jsonl", self.id(0)))
    }

    pub(crate) fn journal(&self, is_ended: bool) -> String {
        let project = self.project.display();
        let name = self.project.file_name().unwrap_or_default().display();
        let mut text = String::new();
        self.line(
            &mut text,
            0,
            &format!(
                r#"{{"started":{{"name":"Piece of work {}","project":{{"name":"{name}","root":"{project}"}},"directory":"{project}","branch":"main","model":"{}","tags":["auth"]}}}}"#,
                self.number, MODELS[0],
            ),
        );
        for entry in 1..=self.entries {
            let kind = usize::try_from(entry + self.number).unwrap_or(0);
            let (model, task) = (MODELS[kind % MODELS.len()], TASKS[kind / 3 % TASKS.len()]);
            let (input, output) = (1000 + entry * 37 % 5000, 300 + entry * 91 % 3000);
            let basis = if entry % 3 == 0 { "preset" } else { "typed" };
            self.line(
                &mut text,
                entry,
                &format!(
                    r#"{{"logged":{{"text":"Token validation, step {entry}","task":"{task}","model":"{model}","tokens":{{"input":{input},"output":{output}}},"basis":"{basis}"}}}}"#
                ),
            );
        }
        if is_ended {
            self.line(&mut text, self.entries + 1, "\"ended\"");
        }
        text
    }

    /// Lines are spread evenly over the session's time.
    fn line(&self, text: &mut String, place: u64, what: &str) {
        let after = self.seconds * place / (self.entries + 1);
        let at = rfc3339(self.started_at + i64::try_from(after).unwrap_or(0));
        let id = self.id(place);
        let written = writeln!(text, r#"{{"v":1,"id":"{id}","at":"{at}","recorded_at":"{at}","what":{what}}}"#);
        debug_assert!(written.is_ok(), "a string takes everything");
    }

    /// A UUID of version 7 made of the start's time, the session's number and the line's place.
    fn id(&self, place: u64) -> String {
        let milliseconds = self.started_at * 1000;
        let (high, low) = (milliseconds >> 16, milliseconds & 0xffff);
        format!("{high:08x}-{low:04x}-7000-8{:03x}-{:06x}{:06x}", place >> 24 & 0xfff, place, self.number)
    }
}

pub(crate) fn rfc3339(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
