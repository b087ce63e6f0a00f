//! A session's figures by another road than the program's: from the journal's lines and `prices show --json` alone.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::sandbox::Sandbox;

const PICO_A_DOLLAR: i128 = 1_000_000_000_000;
/// Gaps over a quarter of an hour are not active time.
const MOST_GAP_SECONDS: i64 = 900;

/// What a session's journal says, added up by hand.
#[derive(Default)]
pub(crate) struct ByHand {
    input: i128,
    output: i128,
    input_cost: i128,
    output_cost: i128,
    estimated: i128,
    exchanges: i128,
    models: BTreeMap<String, i128>,
    tasks: BTreeMap<String, i128>,
    wall_seconds: i128,
    active_seconds: i128,
    /// When an entry was, and what it cost.
    spent: Vec<(i64, i128)>,
}

impl ByHand {
    fn total(&self) -> i128 {
        self.input_cost + self.output_cost
    }
}

/// Text such as `2.00`, in millionths.
fn millionths(text: &str) -> i128 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{fraction:0<6}").parse().unwrap()
}

/// Halves go to the even neighbour.
fn rounded(part: i128, whole: i128) -> i128 {
    let (quotient, remainder) = (part.div_euclid(whole), part.rem_euclid(whole));
    let is_up = remainder * 2 > whole || (remainder * 2 == whole && quotient % 2 == 1);
    quotient + i128::from(is_up)
}

fn decimal(value: i128, digits: u32) -> String {
    let unit = 10_i128.pow(digits);
    format!("{}.{:0width$}", value / unit, value % unit, width = digits as usize)
}

fn dollars(pico: i128) -> String {
    format!("${}", decimal(rounded(pico, PICO_A_DOLLAR / 10_000), 4))
}

fn grouped(count: i128) -> String {
    if count < 1000 { count.to_string() } else { format!("{},{:03}", grouped(count / 1000), count % 1000) }
}

/// Seconds since midnight of the one day on which it all happens.
pub(crate) fn second(at: &Value) -> i64 {
    let clock = at.as_str().unwrap().split_once('T').unwrap().1;
    let part = |from: usize| clock[from..from + 2].parse::<i64>().unwrap();
    part(0) * 3600 + part(3) * 60 + part(6)
}

pub(crate) fn by_hand(sandbox: &Sandbox, commits: &[i64]) -> ByHand {
    let id = sandbox.session_ids().pop().unwrap();
    let journal = sandbox.data().join(format!("sessions/ended/2026/{id}.jsonl"));
    let mut sums = ByHand::default();
    let mut signs = commits.to_vec();
    for line in fs_err::read_to_string(journal).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let at = second(&line["at"]);
        signs.push(at);
        let logged = &line["what"]["logged"];
        if logged.is_null() {
            continue;
        }
        let model = logged["model"].as_str().unwrap();
        let prices: Value = serde_json::from_str(&sandbox.stdout(&["prices", "show", model, "--json"])).unwrap();
        let rates = &prices["row"]["prices"][usize::try_from(prices["period_now"].as_u64().unwrap()).unwrap()]["rates"];
        let count = |kind: &str| i128::from(logged["tokens"][kind].as_u64().unwrap());
        // Dollars a million tokens are millionths of a dollar a token.
        let cost = |kind: &str, rate: &str| count(kind) * millionths(rates[rate].as_str().unwrap());
        let (input, output) = (cost("input", "in"), cost("output", "out"));
        sums.input += count("input");
        sums.output += count("output");
        sums.input_cost += input;
        sums.output_cost += output;
        sums.exchanges += 1;
        if logged["basis"] != "typed" {
            sums.estimated += input + output;
        }
        *sums.models.entry(model.to_owned()).or_default() += input + output;
        *sums.tasks.entry(logged["task"].as_str().unwrap_or("other").to_owned()).or_default() += input + output;
        sums.spent.push((at, input + output));
    }
    signs.sort_unstable();
    sums.wall_seconds = i128::from(signs.last().unwrap() - signs[0]);
    let gaps = signs.windows(2).map(|pair| pair[1] - pair[0]);
    sums.active_seconds = gaps.filter(|&gap| gap <= MOST_GAP_SECONDS).map(i128::from).sum();
    sums
}

/// Each figure of the report's tables, as it must stand there.
pub(crate) fn figures(sums: &ByHand, commits: &[i64]) -> Vec<String> {
    let total = sums.total();
    let an_hour = |seconds: i128| dollars(rounded(total * 3600, seconds));
    let tokens = sums.input + sums.output;
    let a_minute = |seconds: i128| decimal(rounded(tokens * 60 * 100, seconds), 2);
    let mut figures = vec![
        format!("| Input | {} |", dollars(sums.input_cost)),
        format!("| Output | {} |", dollars(sums.output_cost)),
        format!("| **Total** | **{}** |", dollars(total)),
        format!("| An hour, by wall time | {} |", an_hour(sums.wall_seconds)),
        format!("| An hour, by active time | {} |", an_hour(sums.active_seconds)),
        format!("| An exchange, on average | {} |", dollars(rounded(total, sums.exchanges))),
        format!("| Input | {} |", grouped(sums.input)),
        format!("| Output | {} |", grouped(sums.output)),
        format!("| **Total** | **{}** |", grouped(tokens)),
        format!("| Output for each input | {} |", decimal(rounded(sums.output * 100, sums.input), 2)),
        format!("| A minute, by wall time | {} |", a_minute(sums.wall_seconds)),
        format!("| A minute, by active time | {} |", a_minute(sums.active_seconds)),
        format!("for {} tokens in and {} out", grouped(sums.input), grouped(sums.output)),
    ];
    if sums.estimated > 0 {
        if total > sums.estimated {
            figures.push(format!("| Of it stated by hand | {} |", dollars(total - sums.estimated)));
        }
        figures.push(format!("| Of it estimated | {} |", dollars(sums.estimated)));
    }
    for (name, cost) in sums.models.iter().chain(&sums.tasks) {
        figures.push(format!("| {} | {}% |", dollars(*cost), decimal(rounded(cost * 1000, total), 1)));
        figures.push(format!("| {name} | "));
    }
    let mut from = i64::MIN;
    let until = |limit: i64| sums.spent.iter().filter(move |(at, _)| *at <= limit);
    for &commit in commits {
        let cost: i128 = until(commit).filter(|(at, _)| *at > from).map(|(_, cost)| cost).sum();
        figures.push(format!("| {} |", dollars(cost)));
        from = commit;
    }
    if !commits.is_empty() {
        let rest: i128 = sums.spent.iter().filter(|(at, _)| *at > from).map(|(_, cost)| cost).sum();
        figures.push(format!("| | | not committed | | | | {} |", dollars(rest)));
    }
    figures
}
