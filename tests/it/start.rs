//! `claude-cost start`

use crate::sandbox::Sandbox;

#[test]
fn names_a_piece_of_work_and_what_is_known_of_it() {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    insta::assert_snapshot!(sandbox.play("
        09:00 claude-cost start JWT auth --model opus --project shop --tag web --tag auth --tag web --ticket AUTH-7 --client ACME --estimate 1.5 --budget 2 --rate 95
        claude-cost show
    "), @"
    $ 09:00 claude-cost start JWT auth --model opus --project shop --tag web --tag auth --tag web --ticket AUTH-7 --client ACME --estimate 1.5 --budget 2 --rate 95
    ! started JWT auth in shop on main, model claude-opus-5-5 [[ID]]
    $ claude-cost show
    # JWT auth

    | | |
    | --- | --- |
    | Project | shop, branch main |
    | Time | 2026-11-23 09:00 to now (UTC) |
    | Duration | 0s, of which 0s active |
    | State | running |
    | Ticket | AUTH-7 |
    | Client | ACME |
    | Tags | auth, web |
    | Session | [ID] |

    Nothing was logged.

    ## Commits

    No commits were made.

    ## Insights

    Nothing stands out.

    ## Project so far

    1 session in shop, $0.00 in 0s.

    Amounts are rounded to a hundredth of a cent; the exact ones are in the JSON of this report.

    ## Session notes

    <!-- notes -->

    <!-- /notes -->
    ");
}

#[test]
fn a_project_has_one_session_at_a_time_wherever_in_it_one_is() {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.commit("src/lib.rs", "", "first", "08:00");
    sandbox.git(&["worktree", "add", "--quiet", "../linked"]);
    insta::assert_snapshot!(sandbox.play("
        claude-cost start one
        claude-cost start two
        cd src && claude-cost start two
        cd ../linked && claude-cost start two
        cd ../linked && claude-cost status --format short
    "), @"
    $ claude-cost start one
    ! started one in work on main, model claude-sonnet-5-5 [[ID]]
    $ claude-cost start two
    ! error: `one` is running in work
    ! hint: end it first with claude-cost end --session [ID], or cancel it
    [exit 1]
    $ cd src && claude-cost start two
    ! error: `one` is running in work
    ! hint: end it first with claude-cost end --session [ID], or cancel it
    [exit 1]
    $ cd ../linked && claude-cost start two
    ! error: `one` is running in work
    ! hint: end it first with claude-cost end --session [ID], or cancel it
    [exit 1]
    $ cd ../linked && claude-cost status --format short
    one: $0.00 in 0s
    ");
}

#[test]
fn projects_run_at_once_and_do_not_meet() {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    insta::assert_snapshot!(sandbox.play("
        09:00 claude-cost start one
        09:01 mkdir ../other && cd ../other && git init --quiet --initial-branch=trunk && claude-cost start two
        claude-cost log 1000 1000 here
        cd ../other && claude-cost log 2000 2000 there
        claude-cost status --format short
        cd ../other && claude-cost status --format short
        claude-cost log 1 1 across --session two
        mkdir ../third && cd ../third && claude-cost log 1 1 nowhere
    "), @"
    $ 09:00 claude-cost start one
    ! started one in work on main, model claude-sonnet-5-5 [[ID]]
    $ 09:01 mkdir ../other && cd ../other && git init --quiet --initial-branch=trunk && claude-cost start two
    ! started two in other on trunk, model claude-sonnet-5-5 [[ID]]
    $ claude-cost log 1000 1000 here
    ! logged 1,000 in, 1,000 out, $0.0120; one is at $0.0120
    $ cd ../other && claude-cost log 2000 2000 there
    ! logged 2,000 in, 2,000 out, $0.0240; two is at $0.0240
    $ claude-cost status --format short
    one: $0.0120 in 1m
    $ cd ../other && claude-cost status --format short
    two: $0.0240 in 0s
    $ claude-cost log 1 1 across --session two
    ! logged 1 in, 1 out, <$0.0001; two is at $0.0240
    $ mkdir ../third && cd ../third && claude-cost log 1 1 nowhere
    ! error: no session is running in third
    ! hint: start one with claude-cost start <NAME>; running: one in work (--session [ID]), two in other (--session [ID])
    [exit 1]
    ");
}

#[test]
fn outside_a_repository_the_directory_and_all_below_is_the_project() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        claude-cost start plain
        mkdir -p a/b && cd a/b && claude-cost log 10 20 below
        cd ../home && claude-cost status
        claude-cost end
    "), @"
    $ claude-cost start plain
    ! started plain in work, model claude-sonnet-5-5 [[ID]]
    $ mkdir -p a/b && cd a/b && claude-cost log 10 20 below
    ! logged 10 in, 20 out, $0.0002; plain is at $0.0002
    $ cd ../home && claude-cost status
    ! error: no session is running in home
    ! hint: start one with claude-cost start <NAME>; running: plain in work (--session [ID])
    [exit 1]
    $ claude-cost end
    [ROOT]/home/.local/share/claude-cost/reports/2026-11-23-plain-[ID].md
    ! ended plain: $0.0002 in 0s, 1 entry
    ");
}

#[test]
fn starts_earlier_but_not_in_the_future_nor_in_another_session() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        12:00 claude-cost start one --at 9:00
        claude-cost end --at \"1h ago\"
        claude-cost start two --at 10:59
        claude-cost start two --at 12:01
        claude-cost start two --at soon
        claude-cost start two --at 2026-11-23T12:00:00+01:00
        claude-cost status --format short
    "), @r#"
    $ 12:00 claude-cost start one --at 9:00
    ! started one in work, model claude-sonnet-5-5 [[ID]]
    $ claude-cost end --at "1h ago"
    [ROOT]/home/.local/share/claude-cost/reports/2026-11-23-one-[ID].md
    ! ended one: $0.00 in 2h 00m ($0.00 an hour), 0 entries
    $ claude-cost start two --at 10:59
    ! error: that is before the last session of this project ended
    ! hint: it ended 2026-11-23 11:00; start at or after that
    [exit 1]
    $ claude-cost start two --at 12:01
    ! error: `12:01` is still to come
    ! hint: it is 2026-11-23 12:00 in UTC; for an earlier day write "yesterday 17:00"
    [exit 2]
    $ claude-cost start two --at soon
    ! error: `soon` is not a time
    ! hint: write 14:30, "10m ago", "yesterday 17:00", "2026-11-23 14:30" or RFC 3339
    [exit 2]
    $ claude-cost start two --at 2026-11-23T12:00:00+01:00
    ! started two in work, model claude-sonnet-5-5 [[ID]]
    $ claude-cost status --format short
    two: $0.00 in 1h 00m
    "#);
}

#[test]
fn a_wall_clock_is_that_of_the_time_zone() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        2026-11-23T23:30:00Z TZ=Asia/Tokyo claude-cost start night --at 08:15
        TZ=Asia/Tokyo claude-cost status
        TZ=America/New_York claude-cost status --format long
        TZ=Asia/Tokyo claude-cost -c timezone=Europe/Berlin note x --at 00:20
    "), @"
    $ 2026-11-23T23:30:00Z TZ=Asia/Tokyo claude-cost start night --at 08:15
    ! started night in work, model claude-sonnet-5-5 [[ID]]
    $ TZ=Asia/Tokyo claude-cost status
    night  running in work  [ID]
      time     15m since 2026-11-24 08:15, 15m active
      cost     $0.00, $0.00 an hour
      tokens   0 in, 0 out in 0 entries
    $ TZ=America/New_York claude-cost status --format long
    night  running in work  [ID]
      time     15m since 2026-11-23 18:15, 15m active
      cost     $0.00, $0.00 an hour
      tokens   0 in, 0 out in 0 entries
    $ TZ=Asia/Tokyo claude-cost -c timezone=Europe/Berlin note x --at 00:20
    ! noted in night
    ");
}

#[test]
fn refuses_what_makes_no_sense() {
    let sandbox = Sandbox::new();
    let long = "x".repeat(201);
    let cases: [&[&str]; 12] = [
        &["start"],
        &["start", "  "],
        &["start", "\u{200b}"],
        &["start", &long],
        &["start", "x", "--estimate", "-1"],
        &["start", "x", "--budget", "much"],
        &["start", "x", "--budget", "1000000000.01"],
        &["start", "x", "--rate", "NaN"],
        &["start", "x", "--tag", ""],
        &["start", "x", "--project", " "],
        &["start", "x", "--model", ""],
        &["start", "x", "--ticket", "\n"],
    ];
    let refusals: String = cases.iter().map(|arguments| sandbox.run(arguments)).collect();
    insta::assert_snapshot!(refusals, @r#"
    exit 2
    --- stderr
    error: the following required arguments were not provided:
      <NAME>...

    Usage: claude-cost start <NAME>...

    For more information, try '--help'.
    exit 2
    --- stderr
    error: the name is empty
    hint: say in a few words what it is
    exit 2
    --- stderr
    error: the name is empty
    hint: say in a few words what it is
    exit 2
    --- stderr
    error: the name has 201 characters, more than 200
    hint: shorten it; longer texts belong under "Session notes" in the report
    exit 2
    --- stderr
    error: the estimate `-1` is negative
    hint: give an amount of dollars, as in 12.50
    exit 2
    --- stderr
    error: the budget `much` is not a number
    hint: give an amount of dollars, as in 12.50
    exit 2
    --- stderr
    error: the budget `1000000000.01` is more than a billion dollars
    hint: give an amount of dollars, as in 12.50
    exit 2
    --- stderr
    error: the rate `NaN` is not a number
    hint: give an amount of dollars, as in 12.50
    exit 2
    --- stderr
    error: the tag is empty
    hint: say in a few words what it is
    exit 2
    --- stderr
    error: the project is empty
    hint: say in a few words what it is
    exit 2
    --- stderr
    error: the model is empty
    hint: say in a few words what it is
    exit 2
    --- stderr
    error: the ticket is empty
    hint: say in a few words what it is
    "#);
    assert!(sandbox.session_ids().is_empty());
}

#[test]
fn a_model_without_a_price_is_named_at_once() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["start", "x", "--model", "my-own-model"]), @"
    exit 0
    --- stderr
    started x in work, model my-own-model [[ID]]
    warning: no price is known for my-own-model: its cost will be shown as not known
    hint: set one with claude-cost prices set, or choose another model with claude-cost edit --model
    ");
}

#[test]
fn quiet_is_quiet() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        claude-cost -q start one
        claude-cost -q log 1 1 x
        claude-cost -q pause
        claude-cost -q resume
        claude-cost -q end
        claude-cost -q end
    "), @"
    $ claude-cost -q start one
    $ claude-cost -q log 1 1 x
    $ claude-cost -q pause
    $ claude-cost -q resume
    $ claude-cost -q end
    [ROOT]/home/.local/share/claude-cost/reports/2026-11-23-one-[ID].md
    $ claude-cost -q end
    ! error: no session is running in work
    ! hint: start one with claude-cost start <NAME>
    [exit 1]
    ");
}
