//! A history of many exchanges, and what the program makes of it.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::sandbox::Sandbox;

/// What is known of the exchanges in the ledger.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) exchanges: u64,
    pub(crate) output: u64,
}

impl Known {
    /// Of all answers below a number.
    pub(crate) fn up_to(number: u64) -> Self {
        Self { exchanges: number, output: (0..number).sum() }
    }
}

impl Sandbox {
    /// Answers `from..until` as Claude Code writes them, each in two lines of which the second counts: number `n` has `n`
    /// tokens of output, and all have 3 of input and 1,000 from the cache.
    pub(crate) fn lines(&self, from: u64, until: u64) -> String {
        let work = self.work();
        let work = work.display();
        let mut text = String::new();
        for number in from..until {
            for output in [1.min(number), number] {
                let (minute, second) = (number / 60 % 60, number % 60);
                writeln!(
                    text,
                    r#"{{"parentUuid":null,"isSidechain":false,"cwd":"{work}","sessionId":"c","version":"2.1.330","message":{{"model":"claude-opus-5-5","id":"msg_{number}","type":"message","role":"assistant","content":[{{"type":"text","text":"done"}}],"stop_reason":null,"usage":{{"input_tokens":3,"cache_read_input_tokens":1000,"output_tokens":{output},"service_tier":"standard"}}}},"requestId":"req_{number}","type":"assistant","uuid":"00000000-0000-4000-8000-{number:012}","timestamp":"2026-11-23T10:{minute:02}:{second:02}.000Z"}}"#
                )
                .unwrap();
            }
        }
        text
    }

    pub(crate) fn transcript_file(&self, name: &str) -> PathBuf {
        self.conversations().join(name)
    }

    pub(crate) fn write_transcript(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.transcript_file(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, text).unwrap();
        path
    }

    /// Answers `0..files * each` in as many files.
    pub(crate) fn write_history(&self, files: u64, each: u64) {
        for file in 0..files {
            self.write_transcript(&format!("c{file}.jsonl"), self.lines(file * each, (file + 1) * each));
        }
    }

    /// Takes in what is new, and returns what was said of it.
    pub(crate) fn sync(&self) -> Value {
        serde_json::from_str(&self.stdout(&["sync", "--json"])).unwrap()
    }

    /// A session in whose time and place the whole history lies: its report is the history's sum.
    pub(crate) fn start_of_all(&mut self) {
        self.set_now("2026-11-23T09:00:00Z");
        self.stdout(&["start", "All"]);
        self.set_now("2026-11-23T12:00:00Z");
    }

    /// By a report, which takes in what is new by itself.
    pub(crate) fn known(&self) -> Known {
        let shown: Value = serde_json::from_str(&self.stdout(&["show", "--format", "json"])).unwrap();
        let count = |value: &Value| value.as_u64().unwrap();
        let known = Known { exchanges: count(&shown["cost"]["exchanges"]), output: count(&shown["tokens"]["output"]) };
        assert_eq!(count(&shown["tokens"]["input"]), 3 * known.exchanges);
        assert_eq!(count(&shown["tokens"]["cache_read"]), 1000 * known.exchanges);
        known
    }
}
