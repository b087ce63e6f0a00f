//! `claude-cost undo` and `claude-cost cancel`

use crate::sandbox::Sandbox;

#[test]
fn takes_back_one_change_after_the_other_down_to_the_start() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        09:00 claude-cost start JWT
        09:01 claude-cost log 1000 0 'token validation'
        09:02 claude-cost quick code 'auth middleware that has a name longer than forty columns'
        09:03 claude-cost note 'no refresh tokens'
        09:04 claude-cost edit 1 --out 10
        09:05 claude-cost edit --name 'JWT auth'
        09:06 claude-cost pause
        09:07 claude-cost resume
        09:08 claude-cost end
        09:09 claude-cost undo
        claude-cost undo
        claude-cost undo
        claude-cost undo
        claude-cost undo
        claude-cost undo
        claude-cost undo
        claude-cost undo
        claude-cost undo
        claude-cost status --format short
    "), @"
    $ 09:00 claude-cost start JWT
    ! started JWT in work, model claude-sonnet-5-5 [[ID]]
    $ 09:01 claude-cost log 1000 0 'token validation'
    ! logged 1,000 in, 0 out, $0.0020; JWT is at $0.0020
    $ 09:02 claude-cost quick code 'auth middleware that has a name longer than forty columns'
    ! logged ~3,500 in, ~5,500 out, code, $0.0620 (by the preset); JWT is at $0.0640
    $ 09:03 claude-cost note 'no refresh tokens'
    ! noted in JWT
    $ 09:04 claude-cost edit 1 --out 10
    ! edited 1 of JWT
    $ 09:05 claude-cost edit --name 'JWT auth'
    ! edited JWT auth
    $ 09:06 claude-cost pause
    ! paused JWT auth at 09:06; go on with claude-cost resume
    $ 09:07 claude-cost resume
    ! resumed JWT auth after 1m
    $ 09:08 claude-cost end
    [ROOT]/home/.local/share/claude-cost/reports/2026-11-23-jwt-auth-[ID].md
    ! ended JWT auth: $0.0641 in 7m ($0.5494 an hour), 2 entries
    $ 09:09 claude-cost undo
    ! took back the end of JWT auth; it is running
    $ claude-cost undo
    ! took back the resume of JWT auth; it is paused
    $ claude-cost undo
    ! took back the pause of JWT auth; it is running
    $ claude-cost undo
    ! took back the edit of JWT; it is running
    $ claude-cost undo
    ! took back the edit of JWT; it is running
    $ claude-cost undo
    ! took back the note `no refresh tokens` of JWT; it is running
    $ claude-cost undo
    ! took back the entry `auth middleware that has a name longer…` of JWT; it is running
    $ claude-cost undo
    ! took back the entry `token validation` of JWT; it is running
    $ claude-cost undo
    ! error: nothing has happened in `JWT` but its start
    ! hint: claude-cost cancel takes the session itself away
    [exit 1]
    $ claude-cost status --format short
    JWT: $0.00 in 9m
    ");
}

#[test]
fn a_cancelled_session_counts_nowhere_and_comes_back() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        09:00 claude-cost start JWT
        09:01 claude-cost log 1000 0 x
        09:10 claude-cost cancel
        claude-cost sessions
        claude-cost sessions --totals
        claude-cost show | grep -e State -e sessions
        claude-cost status
        claude-cost undo
        claude-cost sessions
        claude-cost cancel
        claude-cost start other
        claude-cost undo --session JWT
        claude-cost cancel
        claude-cost cancel
    "), @"
    $ 09:00 claude-cost start JWT
    ! started JWT in work, model claude-sonnet-5-5 [[ID]]
    $ 09:01 claude-cost log 1000 0 x
    ! logged 1,000 in, 0 out, $0.0020; JWT is at $0.0020
    $ 09:10 claude-cost cancel
    ! cancelled JWT; claude-cost undo brings it back
    $ claude-cost sessions
    Id        Started           Session          Time  Cost  An hour  Entries
    [ID]      2026-11-23 09:00  JWT (cancelled)   10m     —        —        1
    0 sessions in all: $0.00 in 0s
    $ claude-cost sessions --totals
    Project  Sessions  Time  Cost  An hour
    0 sessions in all: $0.00 in 0s
    $ claude-cost show | grep -e State -e sessions
    | State | cancelled: it counts nowhere |
    0 sessions in work, $0.00 in 0s.
    $ claude-cost status
    ! error: no session is running in work
    ! hint: start one with claude-cost start <NAME>
    [exit 1]
    $ claude-cost undo
    ! took back the cancel of JWT; it is running
    $ claude-cost sessions
    Id        Started           Session        Time     Cost  An hour  Entries
    [ID]      2026-11-23 09:00  JWT (running)   10m  $0.0020  $0.0120        1
    1 session in all: $0.0020 in 10m
    $ claude-cost cancel
    ! cancelled JWT; claude-cost undo brings it back
    $ claude-cost start other
    ! started other in work, model claude-sonnet-5-5 [[ID]]
    $ claude-cost undo --session JWT
    ! error: `other` is running in work
    ! hint: end it first with claude-cost end --session [ID], or cancel it
    [exit 1]
    $ claude-cost cancel
    ! cancelled other; claude-cost undo brings it back
    $ claude-cost cancel
    ! error: no session is running in work
    ! hint: start one with claude-cost start <NAME>
    [exit 1]
    ");
}

#[test]
fn a_continue_taken_back_leaves_the_session_ended_as_it_was() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        09:00 claude-cost start JWT
        09:01 claude-cost log 1000 0 x
        09:10 claude-cost end
        10:00 claude-cost continue
        10:00 claude-cost undo
        claude-cost sessions
        claude-cost undo
        claude-cost status --format short
    "), @"
    $ 09:00 claude-cost start JWT
    ! started JWT in work, model claude-sonnet-5-5 [[ID]]
    $ 09:01 claude-cost log 1000 0 x
    ! logged 1,000 in, 0 out, $0.0020; JWT is at $0.0020
    $ 09:10 claude-cost end
    [ROOT]/home/.local/share/claude-cost/reports/2026-11-23-jwt-[ID].md
    ! ended JWT: $0.0020 in 10m ($0.0120 an hour), 1 entry
    $ 10:00 claude-cost continue
    ! JWT in work goes on [[ID]]; its report is written again when it ends
    $ 10:00 claude-cost undo
    ! took back the continue of JWT; it has ended
    ! hint: write its report again with claude-cost show [ID] --save
    $ claude-cost sessions
    Id        Started           Session  Time     Cost  An hour  Entries
    [ID]      2026-11-23 09:00  JWT       10m  $0.0020  $0.0120        1
    1 session in all: $0.0020 in 10m
    $ claude-cost undo
    ! took back the end of JWT; it is running
    $ claude-cost status --format short
    JWT: $0.0020 in 1h 00m
    ");
}

#[test]
fn without_a_session_there_is_nothing_to_take_back() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["undo"]), @"
    exit 1
    --- stderr
    error: no session is running in work
    hint: start one with claude-cost start <NAME>
    ");
}

#[test]
fn a_report_that_was_written_stays_when_its_session_is_cancelled() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        09:00 claude-cost start JWT
        09:10 claude-cost end --quiet >/dev/null
        09:20 claude-cost undo
        09:30 claude-cost cancel
    "), @"
    $ 09:00 claude-cost start JWT
    ! started JWT in work, model claude-sonnet-5-5 [[ID]]
    $ 09:10 claude-cost end --quiet >/dev/null
    $ 09:20 claude-cost undo
    ! took back the end of JWT; it is running
    $ 09:30 claude-cost cancel
    ! cancelled JWT; claude-cost undo brings it back
    ! hint: its report from an earlier end is still there: [ROOT]/home/.local/share/claude-cost/reports/2026-11-23-jwt-[ID].md
    ");
}
