//! How long reports over transcripts take, as whole processes: `cargo bench --bench transcripts`.
//!
//! Slowness never fails it: machines differ, and ratios within one table say what holds. `-- --megabytes N --files N` sets
//! how much there is to read, `--runs N` how often each program runs, `--program FILE` names another build, `--ccusage FILE`
//! and `--ccost FILE` name other programs to compare with, which are else looked for on the PATH.

mod case;
mod corpus;
mod measure;
mod scan;
mod world;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use crate::case::Case;
use crate::case::Outcome;
use crate::corpus::Size;
use crate::measure::Run;
use crate::world::World;

/// What was typed after `--`.
pub(crate) struct Options {
    pub(crate) size: Size,
    pub(crate) runs: usize,
    pub(crate) program: PathBuf,
    pub(crate) ccusage: PathBuf,
    pub(crate) ccost: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    if let [flag, how, directory] = &arguments[..]
        && flag == "--scan"
    {
        return say(&format!("{}", scan::scan(directory.as_ref(), how == "usage")?));
    }
    let Some(options) = options(arguments)? else { return Ok(()) };
    say("making transcripts, once for all runs; this may take a minute")?;
    let world = World::open(&options)?;
    let mut cases = Vec::new();
    for case in case::all(&options)? {
        match case.check(&world)? {
            Outcome::Missing(reason) => say(&format!("without {}: {reason}", case.name))?,
            outcome => cases.push((case, outcome, Vec::with_capacity(options.runs))),
        }
    }

    // Interleaved, so that what else the machine does meanwhile is shared by all.
    for _ in 0..options.runs {
        for (case, _, runs) in &mut cases {
            runs.push(case.run(&world)?);
        }
    }

    let mut rows = Vec::new();
    for (case, outcome, runs) in cases {
        let memory = case.memory(&world)?;
        rows.push((case, outcome, runs, memory));
    }
    say(&table(&options, &world, &rows)?)
}

/// `None` when tests are run: `cargo bench` passes `--bench`, and only then anything is measured.
fn options(arguments: Vec<String>) -> anyhow::Result<Option<Options>> {
    let mut options = Options {
        size: Size { bytes: 1000 << 20, files: 2000, seed: 1 },
        runs: 7,
        program: PathBuf::from(env!("CARGO_BIN_EXE_claude-cost")),
        ccusage: PathBuf::from("ccusage"),
        ccost: PathBuf::from("ccost"),
    };
    let mut is_bench = false;
    let mut arguments = arguments.into_iter();
    while let Some(flag) = arguments.next() {
        if flag == "--bench" {
            is_bench = true;
            continue;
        }
        let value = arguments.next().unwrap_or_default();
        let number = || value.parse::<u64>().ok().filter(|&number| number > 0);
        let number = || number().ok_or_else(|| anyhow::anyhow!("`{flag}` takes a number above zero"));
        match flag.as_str() {
            "--megabytes" => options.size.bytes = number()? << 20,
            "--files" => options.size.files = number()?,
            "--runs" => options.runs = usize::try_from(number()?)?,
            "--program" => options.program = fs_err::canonicalize(value)?,
            "--ccusage" => options.ccusage = fs_err::canonicalize(value)?,
            "--ccost" => options.ccost = fs_err::canonicalize(value)?,
            _ => anyhow::bail!("there are --megabytes, --files, --runs, --program, --ccusage and --ccost"),
        }
    }
    Ok(is_bench.then_some(options))
}

type Row = (Case, Outcome, Vec<Run>, Option<u64>);

/// Markdown, as the README has it.
fn table(options: &Options, world: &World, rows: &[Row]) -> anyhow::Result<String> {
    let mut text = String::new();
    let totals = &world.totals;
    writeln!(
        text,
        "\n{} MB in {} files, {} lines, {} exchanges; medians of {} interleaved runs\n",
        totals.bytes >> 20,
        totals.files,
        totals.lines,
        totals.all.exchanges,
        options.runs
    )?;
    writeln!(text, "| | wall | user + sys | memory | tokens |\n| --- | ---: | ---: | ---: | --- |")?;
    for (case, outcome, runs, memory) in rows {
        let mut times: Vec<_> = runs.iter().map(|run| run.wall).collect();
        times.sort_unstable();
        let wall = times[times.len() / 2].as_micros();
        // Single runs are counted in hundredths of a second only.
        let cpu = measure::mean_cpu(runs).map_or("—".to_owned(), |cpu| milliseconds(cpu.as_micros()));
        let memory = memory.map_or("—".to_owned(), |kilobytes| format!("{} MB", kilobytes / 1000));
        let verdict = match outcome {
            Outcome::Right => "right",
            Outcome::Wrong => "wrong",
            Outcome::Missing(_) | Outcome::Untold => "",
        };
        writeln!(text, "| {} | {} | {cpu} | {memory} | {verdict} |", case.name, milliseconds(wall))?;
    }
    Ok(text)
}

fn milliseconds(microseconds: u128) -> String {
    let tenths = (microseconds + 50) / 100;
    format!("{}.{} ms", tenths / 10, tenths % 10)
}

fn say(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{text}")?)
}
