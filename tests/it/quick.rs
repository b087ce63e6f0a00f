//! `claude-cost quick`

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
