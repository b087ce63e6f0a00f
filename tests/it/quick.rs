//! `claude-cost quick`

use crate::claude::Answer;
use crate::sandbox::Sandbox;

#[test]
fn every_task_has_a_preset() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        claude-cost start JWT
        claude-cost quick chat a
        claude-cost quick code b
        claude-cost quick review c
        claude-cost quick debug d
        claude-cost quick plan e
        claude-cost quick audit f
        claude-cost quick TEST g
        claude-cost quick docs h --model opus
    "), @"
    $ claude-cost start JWT
    ! started JWT in work, model claude-sonnet-5-5 [[ID]]
    $ claude-cost quick chat a
    ! logged ~1,000 in, ~550 out, chat, $0.0075 (by the preset); JWT is at $0.0075
    $ claude-cost quick code b
    ! logged ~3,500 in, ~5,500 out, code, $0.0620 (by the preset); JWT is at $0.0695
    $ claude-cost quick review c
    ! logged ~2,000 in, ~1,000 out, review, $0.0140 (by the preset); JWT is at $0.0835
    $ claude-cost quick debug d
    ! logged ~2,750 in, ~1,650 out, debug, $0.0220 (by the preset); JWT is at $0.1055
    $ claude-cost quick plan e
    ! logged ~2,750 in, ~4,000 out, plan, $0.0455 (by the preset); JWT is at $0.1510
    $ claude-cost quick audit f
    ! logged ~4,250 in, ~2,000 out, audit, $0.0285 (by the preset); JWT is at $0.1795
    $ claude-cost quick TEST g
    ! logged ~2,000 in, ~2,750 out, test, $0.0315 (by the preset); JWT is at $0.2110
    $ claude-cost quick docs h --model opus
    ! logged ~1,750 in, ~2,000 out, docs, $0.0470 (by the preset); JWT is at $0.2580
    ");
}

#[test]
fn own_entries_of_the_task_take_the_presets_place() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        09:00 claude-cost start first
        09:01 claude-cost log 100 10 a --task code
        09:02 claude-cost log 300 30 b --task code
        09:03 claude-cost log 9000 9000 other --task review
        09:04 claude-cost quick code 'two are not enough'
        09:05 claude-cost end
        09:10 claude-cost start second
        09:11 claude-cost log 200 50 c --task code
        09:12 claude-cost quick code 'guesses do not count'
        09:13 claude-cost quick code 'nor did the last one'
        09:14 claude-cost quick review 'one is not enough'
    "), @"
    $ 09:00 claude-cost start first
    ! started first in work, model claude-sonnet-5-5 [[ID]]
    $ 09:01 claude-cost log 100 10 a --task code
    ! logged 100 in, 10 out, code, $0.0003; first is at $0.0003
    $ 09:02 claude-cost log 300 30 b --task code
    ! logged 300 in, 30 out, code, $0.0009; first is at $0.0012
    $ 09:03 claude-cost log 9000 9000 other --task review
    ! logged 9,000 in, 9,000 out, review, $0.1080; first is at $0.1092
    $ 09:04 claude-cost quick code 'two are not enough'
    ! logged ~3,500 in, ~5,500 out, code, $0.0620 (by the preset); first is at $0.1712
    $ 09:05 claude-cost end
    [ROOT]/home/.local/share/claude-cost/reports/2026-11-23-first-[ID].md
    ! ended first: $0.1712 in 5m ($2.05 an hour), 4 entries
    $ 09:10 claude-cost start second
    ! started second in work, model claude-sonnet-5-5 [[ID]]
    $ 09:11 claude-cost log 200 50 c --task code
    ! logged 200 in, 50 out, code, $0.0009; second is at $0.0009
    $ 09:12 claude-cost quick code 'guesses do not count'
    ! logged ~200 in, ~30 out, code, $0.0007 (the median of your 3 entries); second is at $0.0016
    $ 09:13 claude-cost quick code 'nor did the last one'
    ! logged ~200 in, ~30 out, code, $0.0007 (the median of your 3 entries); second is at $0.0023
    $ 09:14 claude-cost quick review 'one is not enough'
    ! logged ~2,000 in, ~1,000 out, review, $0.0140 (by the preset); second is at $0.0163
    ");
}

#[test]
fn a_task_of_ones_own_is_taken_from_the_settings() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        claude-cost start JWT
        claude-cost quick cooking pasta
        claude-cost quick 1500 800 x
        claude-cost config set tasks.cooking '100 200'
        claude-cost quick cooking pasta
        claude-cost log 1 2 pasta --task cooking
    "), @r#"
    $ claude-cost start JWT
    ! started JWT in work, model claude-sonnet-5-5 [[ID]]
    $ claude-cost quick cooking pasta
    ! error: there is no task `cooking`
    ! hint: there are audit, chat, code, debug, docs, plan, review, test; add your own with claude-cost config set tasks.<NAME> "<IN> <OUT>"
    [exit 2]
    $ claude-cost quick 1500 800 x
    ! error: there is no task `1500`
    ! hint: counts are logged with claude-cost log <IN> <OUT> <TEXT>
    [exit 2]
    $ claude-cost config set tasks.cooking '100 200'
    ! tasks.cooking is now `100 200` in [ROOT]/home/.config/claude-cost/config.toml
    $ claude-cost quick cooking pasta
    ! logged ~100 in, ~200 out, cooking, $0.0022 (by the preset); JWT is at $0.0022
    $ claude-cost log 1 2 pasta --task cooking
    ! logged 1 in, 2 out, cooking, <$0.0001; JWT is at $0.0022
    "#);
}

#[test]
fn needs_a_session() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["quick", "code", "x"]), @"
    exit 1
    --- stderr
    error: no session is running in work
    hint: start one with claude-cost start <NAME>
    ");
}

#[test]
fn a_preset_is_typed_like_a_count_and_no_greater_than_one() {
    let mut sandbox = Sandbox::new();
    let output = sandbox
        .claude_cost(&["config", "get", "tasks.big"])
        .env("CLAUDE_COST_TASKS_BIG", "18446744073709551615 1")
        .output()
        .unwrap();
    insta::assert_snapshot!(sandbox.transcript(&output), @"
    exit 2
    --- stderr
    error: CLAUDE_COST_TASKS_BIG: `tasks.big` is `18446744073709551615 1`: `18446744073709551615`: more than a trillion tokens
    hint: write input and output, as in `1500 800` or `1.5k 800`
    ");
    insta::assert_snapshot!(sandbox.play("
        claude-cost config set tasks.big '1.5k 2M'
        claude-cost start Presets
        claude-cost quick big y
    "), @"
    $ claude-cost config set tasks.big '1.5k 2M'
    ! tasks.big is now `1500 2000000` in [ROOT]/home/.config/claude-cost/config.toml
    $ claude-cost start Presets
    ! started Presets in work, model claude-sonnet-5-5 [[ID]]
    $ claude-cost quick big y
    ! logged ~1,500 in, ~2,000,000 out, big, $20.00 (by the preset); Presets is at $20.00
    ");
}

#[test]
fn a_count_beyond_all_measure_in_a_journal_hurts_no_session() {
    let mut sandbox = Sandbox::new();
    sandbox.play("09:00 claude-cost start Damaged\n09:10 claude-cost log 77777 1 x\n09:20 claude-cost end");
    let ended = sandbox.data().join("sessions/ended");
    let year = fs_err::read_dir(ended).unwrap().next().unwrap().unwrap().path();
    let journal = fs_err::read_dir(year).unwrap().next().unwrap().unwrap().path();
    let text = fs_err::read_to_string(&journal).unwrap();
    fs_err::write(&journal, text.replace("77777", "18446744073709551615")).unwrap();
    fs_err::remove_file(sandbox.data().join("ledger.db")).unwrap();
    insta::assert_snapshot!(sandbox.play("
        10:00 claude-cost start Sound
        10:10 claude-cost log 1000 1000 y
        10:20 claude-cost end --quiet >/dev/null
        10:20 claude-cost sessions
    "), @"
    $ 10:00 claude-cost start Sound
    ! started Sound in work, model claude-sonnet-5-5 [[ID]]
    $ 10:10 claude-cost log 1000 1000 y
    ! logged 1,000 in, 1,000 out, $0.0120; Sound is at $0.0120
    $ 10:20 claude-cost end --quiet >/dev/null
    $ 10:20 claude-cost sessions
    Id        Started           Session  Time     Cost  An hour  Entries
    [ID]      2026-11-23 10:00  Sound     20m  $0.0120  $0.0360        1
    [ID]      2026-11-23 09:00  Damaged   20m    $0.00    $0.00        0
    2 sessions in all: $0.0120 in 40m
    ");
}

#[test]
fn measured_entries_teach_what_was_measured() {
    let mut sandbox = Sandbox::new();
    let answer =
        |id: &'static str, clock: &str, output| Answer::new(id, &format!("2026-11-23T{clock}:00.000Z"), output);
    sandbox.play("09:00 claude-cost start First");
    sandbox.answers(&[answer("m1", "09:01", 100), answer("m2", "09:02", 200), answer("m3", "09:15", 700)]);
    sandbox.play(
        "
        09:10 claude-cost log 9000 9000 a --task code
        09:20 claude-cost quick code b
        09:30 claude-cost log 1 500 c --task code
        09:40 claude-cost end
    ",
    );
    insta::assert_snapshot!(sandbox.play("
        10:00 claude-cost start Second
        10:10 claude-cost quick code d
    "), @"
    $ 10:00 claude-cost start Second
    ! started Second in work, model claude-sonnet-5-5 [[ID]]
    $ 10:10 claude-cost quick code d
    ! logged ~3 in, ~500 out, 10,000 cache read, 1,000 cache written, code, $0.0100 (the median of your 3 entries); Second is at $0.0100
    ");
    // The same within one session.
    sandbox.play("10:20 claude-cost end; claude-cost start Third");
    sandbox.answers(&[answer("m4", "10:21", 1000), answer("m5", "10:22", 2000)]);
    insta::assert_snapshot!(sandbox.play("
        10:30 claude-cost log 1 1 e --task review
        10:31 claude-cost log 3 1500 f --task review
        10:32 claude-cost log 3 1600 g --task review
        10:33 claude-cost quick review h
    "), @"
    $ 10:30 claude-cost log 1 1 e --task review
    ! logged 1 in, 1 out, review, <$0.0001, measured as $0.0800; Third is at $0.0800
    $ 10:31 claude-cost log 3 1500 f --task review
    ! logged 3 in, 1,500 out, review, $0.0150; Third is at $0.0950
    $ 10:32 claude-cost log 3 1600 g --task review
    ! logged 3 in, 1,600 out, review, $0.0160; Third is at $0.1110
    $ 10:33 claude-cost quick review h
    ! logged ~3 in, ~1,600 out, review, $0.0160 (the median of your 3 entries); Third is at $0.1270
    ");
}
