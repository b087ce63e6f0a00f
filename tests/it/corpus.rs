//! Published transcripts of other people's, for those who have them (`CLAUDE_COST_CORPUS`), as a user would read them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::sandbox::Sandbox;

/// Where it lies, and what an independent program makes of it.
fn corpus() -> Option<(PathBuf, Value)> {
    #[expect(clippy::disallowed_methods, reason = "only this test knows of it")]
    let corpus = std::env::var_os("CLAUDE_COST_CORPUS").map(PathBuf::from)?;
    let expected = serde_json::from_slice(&fs_err::read(corpus.join("expected.json")).unwrap()).unwrap();
    Some((corpus.join("claude-dir"), expected))
}

#[test]
fn sync_takes_in_the_corpus_once() {
    let Some((claude, expected)) = corpus() else { return };
    let messages: u64 =
        ["totals", "progress_only"].iter().map(|part| expected[part]["messages"].as_u64().unwrap()).sum();
    let files = expected["counts"]["files"].as_u64().unwrap();

    let sandbox = Sandbox::new();
    let sync = || -> Value {
        let mut command = sandbox.claude_cost(&["sync", "--json"]);
        let output = command.env("CLAUDE_CONFIG_DIR", &claude).output().unwrap();
        assert!(output.status.success(), "{}", sandbox.transcript(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let first = sync();
    let counts = |report: &Value| ["transcripts", "read", "new", "exchanges"].map(|key| report[key].as_u64().unwrap());
    assert_eq!(counts(&first), [files, files, messages, messages]);
    let again = sync();
    assert_eq!(counts(&again), [files, 0, 0, messages]);
    assert_eq!((&again["changed"], &again["skipped"]), (&0.into(), &first["skipped"]));

    // Another way to the same files, and a ledger that knows them: copies change nothing.
    fs_err::create_dir_all(sandbox.home().join("copies")).unwrap();
    std::os::unix::fs::symlink(claude.join("projects"), sandbox.home().join("copies/projects")).unwrap();
    let mut command = sandbox.claude_cost(&["sync", "--json"]);
    let output = command.env("CLAUDE_CONFIG_DIR", sandbox.home().join("copies")).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(counts(&report), [files, 0, 0, messages]);
}

/// Tokens in and out, written to the cache and read from it, and picodollars.
type Sum = [i128; 5];

fn added(one: Sum, other: Sum) -> Sum {
    std::array::from_fn(|place| one[place] + other[place])
}

/// A float's shortest text is the sum that was meant.
fn pico(number: &Value) -> i128 {
    let text = number.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    format!("{whole}{fraction:0<12}").parse().unwrap()
}

fn expected_sum(row: &Value) -> Sum {
    let count = |key: &str| i128::from(row[key].as_u64().unwrap());
    let written = count("cache_write_5m") + count("cache_write_1h");
    [count("input"), count("output"), written, count("cache_read"), pico(&row["cost_usd"])]
}

fn shown_sum(row: &Value, cost: &str) -> Sum {
    let count = |key: &str| i128::from(row[key].as_u64().unwrap());
    let tokens = ["inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens"].map(count);
    [tokens[0], tokens[1], tokens[2], tokens[3], pico(&row[cost])]
}

fn by<'a>(rows: impl IntoIterator<Item = &'a Value>, key: &str, cost: &str) -> BTreeMap<String, Sum> {
    let mut sums = BTreeMap::new();
    for row in rows {
        // A model's fast answers are shown apart.
        let name = row[key].as_str().unwrap().trim_end_matches("-fast");
        let sum = sums.entry(name.to_owned()).or_insert([0; 5]);
        *sum = added(*sum, shown_sum(row, cost));
    }
    sums
}

#[test]
fn every_report_shows_the_known_sums_of_the_corpus() {
    let Some((claude, expected)) = corpus() else { return };
    let sandbox = Sandbox::new();
    let shown = |arguments: &[&str]| -> Value {
        let output = sandbox.claude_cost(arguments).env("CLAUDE_CONFIG_DIR", &claude).output().unwrap();
        assert!(output.status.success(), "{}", sandbox.transcript(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    // What stands nowhere but in a parent's `progress` lines is only in the sums: by day and so on it is on top.
    let on_top = expected_sum(&expected["progress_only"]);
    let all = added(expected_sum(&expected["totals"]), on_top);
    let reports = ["daily", "weekly", "monthly", "session"].map(|name| shown(&[name, "--json"]));
    for report in &reports {
        assert_eq!(shown_sum(&report["totals"], "totalCost"), all);
    }
    let [daily, _, _, session] = &reports;
    let days = daily["daily"].as_array().unwrap();
    let models = days.iter().flat_map(|day| day["modelBreakdowns"].as_array().unwrap());
    let conversations = session["sessions"].as_array().unwrap();
    for (sums, expected) in [
        (by(days, "date", "totalCost"), &expected["by_day"]),
        (by(models, "modelName", "cost"), &expected["by_model"]),
        (by(conversations, "sessionId", "totalCost"), &expected["by_session"]),
    ] {
        let mut rest = sums;
        for (key, row) in expected.as_object().unwrap() {
            let row = expected_sum(row);
            let sum = rest.get_mut(key).unwrap_or_else(|| panic!("{key} is missing"));
            *sum = std::array::from_fn(|place| sum[place] - row[place]);
            assert!(sum.iter().all(|&rest| rest >= 0), "{key}: {sum:?}");
        }
        assert_eq!(rest.into_values().fold([0; 5], added), on_top);
    }
    let blocks = shown(&["blocks", "--json"]);
    let cost: i128 = blocks["blocks"].as_array().unwrap().iter().map(|block| pico(&block["costUSD"])).sum();
    assert_eq!(cost, all[4]);
}
