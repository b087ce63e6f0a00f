//! `claude-cost status`

use crate::sandbox::Sandbox;

fn running() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.play("
        09:00 claude-cost start 'JWT authentication for the checkout of the shop' --budget 1
        09:10 claude-cost log 1500 800 'token validation' --cache-read 2000
        09:40 claude-cost quick code 'auth middleware, with all that it takes to make the tests of the whole team pass again'
        10:00 claude-cost status
    ");
    sandbox
}

#[test]
fn shows_how_a_session_stands() {
    let sandbox = running();
    insta::assert_snapshot!(sandbox.run(&["status"]), @"
    exit 0
    --- stdout
    JWT authentication for the checkout of the shop  running in work on main  [ID]
      time     1h 00m since 2026-11-23 09:00, 10m active
      cost     $0.0732, $0.0732 an hour
               $0.0620 of it estimated
      tokens   5,000 in, 6,300 out, 2,000 cache read in 2 entries
      budget   $1.00, $0.9268 left
      last     09:40 auth middleware, with all that it takes to make the tests of the whole team pass a…
    ");
    insta::assert_snapshot!(sandbox.run(&["status", "--format", "short"]), @"
    exit 0
    --- stdout
    JWT authentication for the checkout of…: $0.0732 in 1h 00m
    ");
    insta::assert_snapshot!(sandbox.run(&["status", "--format", "prompt"]), @"
    exit 0
    --- stdout
    JWT authentication for… $0.0732
    ");
    insta::assert_snapshot!(sandbox.run(&["status", "--json"]), @r#"
    exit 0
    --- stdout
    {
      "id": "[ID]",
      "name": "JWT authentication for the checkout of the shop",
      "project": "work",
      "branch": "main",
      "state": "running",
      "started_at": "2026-11-23T09:00:00Z",
      "wall_seconds": 3600,
      "active_seconds": 600,
      "entries": 2,
      "tokens": {
        "input": 5000,
        "output": 6300,
        "cache_read": 2000
      },
      "cost": "0.0732",
      "measured": "0.00",
      "estimated": "0.062",
      "unpriced_tokens": 0,
      "per_hour": "0.0732",
      "budget": "1.00",
      "remaining": "0.9268",
      "last": {
        "at": "2026-11-23T09:40:00Z",
        "text": "auth middleware, with all that it takes to make the tests of the whole team pass again"
      },
      "last_measured": null
    }
    "#);
    insta::assert_snapshot!(sandbox.run(&["status", "--check"]), @"
    exit 0
    --- stdout
    running
    ");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let sandbox = running();
    for width in [30, 40, 60, 80, 120] {
        let output = sandbox.claude_cost(&["status"]).env("COLUMNS", width.to_string()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= width, "{widest} columns for {width}:\n{text}");
        let short = &sandbox.session_ids()[0][28..];
        assert!(text.lines().next().unwrap().ends_with(short), "the id must stay whole:\n{text}");
    }
}

#[test]
fn without_a_session_it_says_so_in_the_form_asked_for() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["status"]), @"
    exit 1
    --- stderr
    error: no session is running in work
    hint: start one with claude-cost start <NAME>
    ");
    insta::assert_snapshot!(sandbox.run(&["status", "--check"]), @"
    exit 1
    --- stdout
    none
    ");
    insta::assert_snapshot!(sandbox.run(&["status", "--format", "prompt"]), @"exit 1");
    insta::assert_snapshot!(sandbox.run(&["status", "--json"]), @"
    exit 1
    --- stderr
    error: no session is running in work
    hint: start one with claude-cost start <NAME>
    ");
}

#[test]
fn a_session_is_meant_by_id_or_name_and_never_by_chance() {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.play(
        "
        09:00 claude-cost start one
        09:01 mkdir ../other && cd ../other && git init --quiet && claude-cost start Two words
        09:02 mkdir ../third && cd ../third && git init --quiet && claude-cost start one
    ",
    );
    insta::assert_snapshot!(sandbox.run(&["status", "--format", "short", "--session", "two WORDS"]), @"
    exit 0
    --- stdout
    Two words: $0.00 in 1m
    ");
    insta::assert_snapshot!(sandbox.run(&["status", "--session", "three"]), @"
    exit 1
    --- stderr
    error: no running session matches `three`
    hint: running: one in work (--session [ID]), Two words in other (--session [ID]), one in third (--session [ID])
    ");
    let ambiguous = sandbox.run(&["status", "--session", "one"]);
    assert!(ambiguous.contains("error: `one` means 2 sessions"), "{ambiguous}");
    let id = sandbox.session_ids().remove(0);
    for typed in [id.as_str(), &id[28..], &id[28..34], &id.to_uppercase()] {
        assert!(sandbox.run(&["status", "--session", typed]).starts_with("exit 0"), "{typed}");
    }
    // It begins with the time, which they nearly share.
    let shared = sandbox.run(&["status", "--session", &id[..7]]);
    assert!(shared.contains("means 3 sessions") && shared.contains("hint: give more of the id"), "{shared}");
}

#[test]
fn a_new_name_is_known_at_once() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        09:00 claude-cost start one
        claude-cost edit --name 'JWT auth'
        claude-cost status --session 'jwt auth' --format short
        claude-cost start two
    "), @"
    $ 09:00 claude-cost start one
    ! started one in work, model claude-sonnet-5-5 [[ID]]
    $ claude-cost edit --name 'JWT auth'
    ! edited JWT auth
    $ claude-cost status --session 'jwt auth' --format short
    JWT auth: $0.00 in 0s
    $ claude-cost start two
    ! error: `JWT auth` is running in work
    ! hint: end it first with claude-cost end --session [ID], or cancel it
    [exit 1]
    ");
}

#[test]
fn damage_is_counted_and_named() {
    let mut sandbox = Sandbox::new();
    sandbox.play("09:00 claude-cost start one\n09:10 claude-cost log 1500 800 x");
    let journal = sandbox.data().join(format!("sessions/active/{}.jsonl", sandbox.session_ids()[0]));
    let text = fs_err::read_to_string(&journal).unwrap();
    fs_err::write(&journal, text + "{\"torn").unwrap();
    insta::assert_snapshot!(sandbox.play("
        09:20 claude-cost status
        09:30 claude-cost log 100 100 'after the damage'
        09:40 claude-cost end
        sed -n '/could not be read/p' ../home/.local/share/claude-cost/reports/*.md
    "), @"
    $ 09:20 claude-cost status
    one  running in work  [ID]
      time     20m since 2026-11-23 09:00, 20m active
      cost     $0.0110, $0.0330 an hour
      tokens   1,500 in, 800 out in 1 entry
      last     09:10 x
    ! warning: 1 line of the session's journal could not be read
    $ 09:30 claude-cost log 100 100 'after the damage'
    ! logged 100 in, 100 out, $0.0012; one is at $0.0122
    $ 09:40 claude-cost end
    [ROOT]/home/.local/share/claude-cost/reports/2026-11-23-one-[ID].md
    ! ended one: $0.0122 in 40m ($0.0183 an hour), 2 entries
    $ sed -n '/could not be read/p' ../home/.local/share/claude-cost/reports/*.md
    1 line of the session's journal could not be read and is in no figure.
    ");
}
