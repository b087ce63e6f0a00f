//! How long the commands of a session take, as whole processes, in a large history: `cargo bench --bench sessions`.
//!
//! Slowness never fails it: machines differ, and the table says what holds. `-- --runs N` sets how often each command
//! runs, `--program FILE` names another build to compare with, any other word picks the commands whose names have it.

mod case;
mod history;
mod repository;
mod world;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use crate::case::Case;
use crate::world::World;

const RUNS: usize = 50;

/// What was typed after `--`.
struct Options {
    runs: usize,
    program: PathBuf,
    filter: Option<String>,
}

fn main() -> anyhow::Result<()> {
    let Some(options) = options()? else { return Ok(()) };
    say("making sessions and repositories, once for all runs; this may take a minute")?;
    let world = World::open(&options.program)?;
    let is_wanted = |case: &Case| options.filter.as_ref().is_none_or(|filter| case.name.contains(filter.as_str()));
    let cases: Vec<Case> = case::all().into_iter().filter(is_wanted).collect();

    // Interleaved, so that what else the machine does meanwhile is shared by all.
    let mut times = vec![Vec::with_capacity(options.runs); cases.len()];
    for _ in 0..options.runs {
        for (case, times) in cases.iter().zip(&mut times) {
            times.push(case.run(&world)?);
        }
    }

    say(&format!("{}\n{}", world::summary(), table(&cases, times, options.runs)?))
}

/// `None` when tests are run: `cargo bench` passes `--bench`, and only then anything is measured.
fn options() -> anyhow::Result<Option<Options>> {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_claude-cost"));
    let mut options = Options { runs: RUNS, program, filter: None };
    let mut is_bench = false;
    let mut arguments = std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned());
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bench" => is_bench = true,
            "--runs" => match arguments.next().and_then(|count| count.parse().ok()) {
                Some(runs) if runs > 0 => options.runs = runs,
                _ => anyhow::bail!("`--runs` takes a number above zero"),
            },
            "--program" => match arguments.next().map(fs_err::canonicalize) {
                Some(program) => options.program = program?,
                None => anyhow::bail!("`--program` takes a file"),
            },
            flag if flag.starts_with('-') => {
                anyhow::bail!("there are `--runs <N>`, `--program <FILE>` and a word to pick commands by")
            }
            word => options.filter = Some(word.to_owned()),
        }
    }
    Ok(is_bench.then_some(options))
}

fn table(cases: &[Case], times: Vec<Vec<Duration>>, runs: usize) -> anyhow::Result<String> {
    let mut text = String::new();
    writeln!(text, "{:<40} {:>9} {:>9} {:>9}", format!("{runs} runs each"), "median", "p95", "target")?;
    for (case, mut times) in cases.iter().zip(times) {
        times.sort_unstable();
        let at = |percent: usize| times[(times.len() - 1) * percent / 100];
        let median = at(50);
        let target = case.target.map(milliseconds).unwrap_or_default();
        let verdict = match case.target {
            Some(target) if median <= target => "holds",
            Some(_) => "missed",
            None => "",
        };
        let row =
            format!("{:<40} {:>9} {:>9} {target:>9} {verdict}", case.name, milliseconds(median), milliseconds(at(95)));
        writeln!(text, "{}", row.trim_end())?;
    }
    Ok(text)
}

fn milliseconds(time: Duration) -> String {
    let tenths = (time.as_micros() + 50) / 100;
    format!("{}.{} ms", tenths / 10, tenths % 10)
}

fn say(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{text}")?)
}
