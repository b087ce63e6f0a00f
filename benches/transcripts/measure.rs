//! A process from outside: how long it took, how long it computed, how much memory it had. What the system does not tell
//! without foreign functions is asked of Linux's `/proc`, and not known elsewhere.

use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context as _;
use fs_err as fs;

/// Linux counts processors' time for programs in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);
/// Where `/proc/self/stat` has the time of children that ended, counted behind the name.
const CHILDRENS_TIME: [usize; 2] = [13, 14];

#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) wall: Duration,
    cpu: Option<Duration>,
}

/// Runs it, with nobody reading what it says.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<Run> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let before = childrens_cpu();
    let began = Instant::now();
    let status = command.status().with_context(|| format!("could not run {command:?}"))?;
    let wall = began.elapsed();
    anyhow::ensure!(status.success(), "{command:?} failed: {status}");
    Ok(Run { wall, cpu: childrens_cpu().zip(before).map(|(after, before)| after.saturating_sub(before)) })
}

/// Of one run it is known to a hundredth of a second only; over several that evens out.
pub(crate) fn mean_cpu(runs: &[Run]) -> Option<Duration> {
    let sum: Duration = runs.iter().map(|run| run.cpu).sum::<Option<Duration>>()?;
    Some(sum / u32::try_from(runs.len()).ok()?)
}

/// The most memory that a run has, in kB, looked at while it lasts.
pub(crate) fn peak_memory(command: &mut Command) -> anyhow::Result<Option<u64>> {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let path = format!("/proc/{}/status", child.id());
    let mut peak = None;
    while child.try_wait()?.is_none() {
        let status = fs::read_to_string(&path).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(now);
        std::thread::sleep(Duration::from_micros(200));
    }
    Ok(peak)
}

fn childrens_cpu() -> Option<Duration> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let ticks = CHILDRENS_TIME.map(|place| fields.get(place)?.parse::<u32>().ok());
    Some(TICK * (ticks[0]? + ticks[1]?))
}
