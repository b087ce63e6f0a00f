//! Sessions of one project at one time, as data directories of two machines have them that were put together: each
//! exchange belongs to the one that began last.

use serde_json::Value;

use crate::claude::Answer;
use crate::sandbox::Sandbox;

fn answer(id: &'static str, clock: &str, output: u64) -> Answer {
    Answer::new(id, &format!("2026-11-23T{clock}:00.000Z"), output)
}

/// Both sessions are open.
fn overlapping() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.answers(&[answer("m0", "09:50", 10_000), answer("m1", "10:10", 1), answer("m2", "10:30", 10)]);
    sandbox.play(
        "
        10:00 claude-cost start First
        10:15 claude-cost log 0 20000 'one of these'
        10:20 CLAUDE_COST_HOME=../other claude-cost start Second
        mv ../other/sessions/active/*.jsonl ../home/.local/share/claude-cost/sessions/active/
        10:35 claude-cost log 0 300000 'not measured' --session First
    ",
    );
    sandbox
}

fn json(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    serde_json::from_str(&sandbox.stdout(arguments)).unwrap()
}

/// Every report of a session has so many output tokens, and with what is outside they come to the ledger's total.
fn assert_outputs(sandbox: &Sandbox, expected: [(&str, u64); 2]) {
    let breakdown = json(sandbox, &["usage", "breakdown", "--by", "session", "--json"]);
    let rows = json(sandbox, &["sessions", "--json"]);
    let rows = rows["sessions"].as_array().unwrap();
    let list = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap();
    let mut inside = 0;
    for (name, output) in expected {
        let row = list(name);
        assert_eq!(row["tokens"]["output"], output, "{name} in the list");
        let shown = json(sandbox, &["show", name, "--format", "json"]);
        assert_eq!(shown["tokens"]["output"], output, "{name} by itself");
        if row["ended_at"].is_null() {
            let status = json(sandbox, &["status", "--session", name, "--json"]);
            assert_eq!(status["tokens"]["output"], output, "status of {name}");
        }
        inside += output;
    }
    assert_eq!(breakdown["totals"]["outputTokens"], inside + 10_000, "{breakdown:#}");
}

/// The page of that path has a data file beside it.
fn archived(path: &str) -> Value {
    let path = std::path::Path::new(path.trim()).with_extension("json");
    serde_json::from_slice(&fs_err::read(path).unwrap()).unwrap()
}

#[test]
fn each_exchange_is_in_one_report() {
    let mut sandbox = overlapping();
    sandbox.set_now("10:45");
    // Before any report has told the ledger which sessions are open.
    let output = |name| json(&sandbox, &["status", "--session", name, "--json"])["tokens"]["output"].clone();
    assert_eq!((output("First"), output("Second")), (300_001.into(), 10.into()));
    assert_outputs(&sandbox, [("First", 300_001), ("Second", 10)]);

    // Also when the first one has ended, and when the second one has.
    let first = archived(&sandbox.stdout(&["end", "--session", "First", "--at", "10:40"]));
    assert_eq!(first["tokens"]["output"], 300_001);
    assert_outputs(&sandbox, [("First", 300_001), ("Second", 10)]);
    sandbox.answers(&[answer("m3", "10:50", 100)]);
    sandbox.set_now("11:00");
    assert_outputs(&sandbox, [("First", 300_001), ("Second", 110)]);
    let second = archived(&sandbox.stdout(&["end", "--session", "Second"]));
    assert_eq!(second["tokens"]["output"], 110);
    assert_outputs(&sandbox, [("First", 300_001), ("Second", 110)]);

    // One that goes on takes nothing from the other.
    sandbox.play("11:10 claude-cost continue First");
    sandbox.answers(&[answer("m4", "11:20", 1000)]);
    sandbox.set_now("11:30");
    assert_outputs(&sandbox, [("First", 301_001), ("Second", 110)]);
}

#[test]
fn what_a_cancelled_session_had_goes_back_to_the_other() {
    let mut sandbox = overlapping();
    sandbox.play("10:40 claude-cost end --session First");
    sandbox.set_now("10:45");
    assert_outputs(&sandbox, [("First", 300_001), ("Second", 10)]);
    sandbox.stdout(&["cancel", "--session", "Second"]);
    let shown = |name| json(&sandbox, &["show", name, "--format", "json"])["tokens"]["output"].clone();
    assert_eq!((shown("First"), shown("Second")), (11.into(), 0.into()));
}

#[test]
fn what_is_taken_back_takes_nothing_from_what_ran_meanwhile() {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.answers(&[answer("m0", "09:50", 10_000), answer("m1", "10:10", 1), answer("m2", "10:30", 10)]);
    sandbox.play(
        "
        10:00 claude-cost start First
        10:20 claude-cost cancel
        10:20 claude-cost start Second --at 10:05
        10:20 claude-cost end --at 10:15
        10:40 claude-cost undo --session First
    ",
    );
    assert_outputs(&sandbox, [("First", 10), ("Second", 1)]);
}

#[test]
fn what_a_killed_end_left_behind_counts() {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.play(
        "
        10:00 claude-cost start First
        10:10 claude-cost log 0 500 'by hand'
        10:15 claude-cost daily
        10:20 CLAUDE_COST_HOME=../other claude-cost start Second
        10:30 CLAUDE_COST_HOME=../other claude-cost log 0 7 'by hand'
        10:40 CLAUDE_COST_HOME=../other claude-cost end
        mv ../other/sessions/ended/2026/*.jsonl ../home/.local/share/claude-cost/sessions/active/
    ",
    );
    let daily = json(&sandbox, &["daily", "--json"]);
    assert_eq!(daily["totals"]["outputTokens"], 507);
}
