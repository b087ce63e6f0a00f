//! What is measured: our reports, what every program has to do, and other programs where they are installed.

use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;

use crate::Options;
use crate::corpus::totals::Tokens;
use crate::measure;
use crate::measure::Run;
use crate::world::State;
use crate::world::World;

const DAILY: &[&str] = &["daily", "--json"];

pub(crate) struct Case {
    pub(crate) name: &'static str,
    program: PathBuf,
    arguments: Vec<String>,
    state: State,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A daily report in ccusage's form, or with totals in its words.
    Report,
    StatusLine,
    Plain,
}

/// What a program says of the transcripts.
pub(crate) enum Outcome {
    Right,
    Wrong,
    /// It gives no totals.
    Untold,
    /// It is not there or cannot do it, and why.
    Missing(String),
}

pub(crate) fn all(options: &Options) -> anyhow::Result<Vec<Case>> {
    let case = |name, program: &PathBuf, arguments: &[&str], state, kind| Case {
        name,
        program: program.clone(),
        arguments: arguments.iter().map(|&word| word.to_owned()).collect(),
        state,
        kind,
    };
    let own = |name, arguments, state, kind| case(name, &options.program, arguments, state, kind);
    let this = std::env::current_exe()?;
    Ok(vec![
        case("read all bytes, two threads", &this, &["--scan", "bytes", "claude"], State::Cold, Kind::Plain),
        case("the same, looking for `\"usage\"`", &this, &["--scan", "usage", "claude"], State::Cold, Kind::Plain),
        own("`daily --json`, the first time", DAILY, State::Cold, Kind::Report),
        own("`daily --json`, nothing new", DAILY, State::Warm, Kind::Report),
        own("`daily --json`, one file grown by 1 MB", DAILY, State::Grown, Kind::Plain),
        own("`sync`, the first time", &["sync"], State::Cold, Kind::Plain),
        own("`sync`, nothing new", &["sync"], State::Warm, Kind::Plain),
        own("`statusline`, nothing new", &["statusline"], State::Warm, Kind::StatusLine),
        own("`statusline`, its conversation grown by 1 MB", &["statusline"], State::Grown, Kind::StatusLine),
        case("ccusage", &options.ccusage, &["claude", "daily", "--json", "-O", "-z", "UTC"], State::Cold, Kind::Report),
        case(
            "ccost",
            &options.ccost,
            &["--per", "day", "--output", "json", "--tz", "UTC", "--claude-dir", "claude"],
            State::Cold,
            Kind::Report,
        ),
    ])
}

/// Totals in ccusage's words, which ccost has taken over.
#[derive(Deserialize)]
struct Report {
    totals: Counts,
}

#[derive(Deserialize, PartialEq, Eq)]
struct Counts {
    #[serde(rename = "inputTokens")]
    input: u64,
    #[serde(rename = "outputTokens")]
    output: u64,
    #[serde(rename = "cacheCreationTokens")]
    cache_write: u64,
    #[serde(rename = "cacheReadTokens")]
    cache_read: u64,
}

impl Case {
    /// Runs it once, to see whether it can be and what it says.
    pub(crate) fn check(&self, world: &World) -> anyhow::Result<Outcome> {
        world.restore(self.state)?;
        let output = match self.command(world)?.output() {
            Ok(output) if output.status.success() => output,
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                return Ok(Outcome::Missing(said.lines().next().unwrap_or("it failed").to_owned()));
            }
            Err(error) => return Ok(Outcome::Missing(error.to_string())),
        };
        if self.kind != Kind::Report {
            return Ok(Outcome::Untold);
        }
        let Tokens { input, output: written, cache_write_5m, cache_write_1h, cache_read, .. } = world.totals.all;
        let expected = Counts { input, output: written, cache_write: cache_write_5m + cache_write_1h, cache_read };
        let report: Option<Report> = serde_json::from_slice(&output.stdout).ok();
        Ok(if report.is_some_and(|report| report.totals == expected) { Outcome::Right } else { Outcome::Wrong })
    }

    pub(crate) fn run(&self, world: &World) -> anyhow::Result<Run> {
        world.restore(self.state)?;
        measure::run(&mut self.command(world)?)
    }

    /// The most memory that a run of its own has, in kB.
    pub(crate) fn memory(&self, world: &World) -> anyhow::Result<Option<u64>> {
        world.restore(self.state)?;
        measure::peak_memory(&mut self.command(world)?)
    }

    fn command(&self, world: &World) -> anyhow::Result<Command> {
        let mut command = world.command(&self.program);
        command.args(&self.arguments);
        if self.kind == Kind::StatusLine {
            command.stdin(world.payload()?.into_file());
        } else {
            command.stdin(std::process::Stdio::null());
        }
        Ok(command)
    }
}
