//! `claude-cost sessions`

use crate::sandbox::Sandbox;

fn played() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.play("
        2026-11-20T09:00:00Z claude-cost start 'Old times' --tag web --client ACME
        2026-11-20T09:10:00Z claude-cost log 100k 50k x
        2026-11-20T10:00:00Z claude-cost end
        09:00 claude-cost start 'JWT authentication for the checkout of the shop' --tag web
        09:10 claude-cost log 1000 1000 x
        09:30 claude-cost end
        09:30 claude-cost start 'No good' --client ACME
        09:40 claude-cost cancel
        mkdir -p ../b/work && cd ../b/work && git init --quiet && claude-cost start Same --tag web && claude-cost log 10 10 x
        11:00 claude-cost start 'Now'
        12:00 claude-cost pause
    ");
    sandbox
}

#[test]
fn lists_what_there_is() {
    let sandbox = played();
    insta::assert_snapshot!(sandbox.run(&["sessions"]), @"
    exit 0
    --- stdout
    Id        Started           Session                                 Time     Cost  An hour  Entries
    [ID]      2026-11-23 11:00  Now (paused)                          1h 00m    $0.00    $0.00        0
    [ID]      2026-11-23 09:30  No good (cancelled)                      10m        —        —        0
    [ID]      2026-11-23 09:00  JWT authentication for the checkout…     30m  $0.0120  $0.0240        1
    [ID]      2026-11-20 09:00  Old times                             1h 00m  $0.7000  $0.7000        1
    3 sessions in all: $0.7120 in 2h 30m
    ");
    insta::assert_snapshot!(sandbox.run(&["sessions", "--all"]), @"
    exit 0
    --- stdout
    Id        Started           Session                      Project    Time     Cost  An hour  Entries
    [ID]      2026-11-23 11:00  Now (paused)                 work     1h 00m    $0.00    $0.00        0
    [ID]      2026-11-23 09:40  Same (running)               work     2h 20m  $0.0001  $0.0001        1
    [ID]      2026-11-23 09:30  No good (cancelled)          work        10m        —        —        0
    [ID]      2026-11-23 09:00  JWT authentication for the…  work        30m  $0.0120  $0.0240        1
    [ID]      2026-11-20 09:00  Old times                    work     1h 00m  $0.7000  $0.7000        1
    4 sessions in all: $0.7121 in 4h 50m
    ");
    insta::assert_snapshot!(sandbox.run(&["sessions", "--all", "--tag", "web", "--since", "2026-11-23"]), @"
    exit 0
    --- stdout
    Id        Started           Session                      Project    Time     Cost  An hour  Entries
    [ID]      2026-11-23 09:40  Same (running)               work     2h 20m  $0.0001  $0.0001        1
    [ID]      2026-11-23 09:00  JWT authentication for the…  work        30m  $0.0120  $0.0240        1
    2 sessions in all: $0.0121 in 2h 50m
    ");
    insta::assert_snapshot!(sandbox.run(&["sessions", "--client", "ACME"]), @"
    exit 0
    --- stdout
    Id        Started           Session                Time     Cost  An hour  Entries
    [ID]      2026-11-23 09:30  No good (cancelled)     10m        —        —        0
    [ID]      2026-11-20 09:00  Old times            1h 00m  $0.7000  $0.7000        1
    1 session in all: $0.7000 in 1h 00m
    ");
    insta::assert_snapshot!(sandbox.run(&["sessions", "-n", "1"]), @"
    exit 0
    --- stdout
    Id        Started           Session         Time   Cost  An hour  Entries
    [ID]      2026-11-23 11:00  Now (paused)  1h 00m  $0.00    $0.00        0
    3 sessions in all: $0.7120 in 2h 30m; 3 more with --limit
    ");
    insta::assert_snapshot!(sandbox.run(&["sessions", "--tag", "none"]), @"
    exit 0
    --- stdout
    No session of work matches; --all looks at those of every project.
    ");
}

#[test]
fn totals_tell_projects_of_one_name_apart() {
    let sandbox = played();
    insta::assert_snapshot!(sandbox.run(&["sessions", "--totals"]), @"
    exit 0
    --- stdout
    Project  Sessions    Time     Cost  An hour
    work            3  2h 30m  $0.7120  $0.2848
    3 sessions in all: $0.7120 in 2h 30m
    ");
    insta::assert_snapshot!(sandbox.run(&["sessions", "--totals", "--all"]), @"
    exit 0
    --- stdout
    Project                        Sessions    Time     Cost  An hour
    work ([ROOT]/work)           3  2h 30m  $0.7120  $0.2848
    work ([ROOT]/b/work)         1  2h 20m  $0.0001  $0.0001
    4 sessions in all: $0.7121 in 4h 50m
    ");
}

#[test]
fn json_has_all_of_them_and_the_same_sums() {
    let sandbox = played();
    insta::assert_snapshot!(sandbox.redacted(&sandbox.stdout(&["sessions", "--json", "-n", "1"])), @r#"
    {
      "sessions": [
        {
          "id": "[ID]",
          "short_id": "[ID]",
          "name": "Now",
          "project": "work",
          "project_root": "[ROOT]/work",
          "state": "paused",
          "tags": [],
          "client": null,
          "ticket": null,
          "started_at": "2026-11-23T11:00:00Z",
          "ended_at": null,
          "wall_seconds": 3600,
          "entries": 0,
          "tokens": {
            "input": 0,
            "output": 0
          },
          "cost": "0.00",
          "unpriced_tokens": 0,
          "per_hour": "0.00"
        }
      ],
      "totals": {
        "sessions": 3,
        "cost": "0.712",
        "unpriced_tokens": 0,
        "wall_seconds": 9000,
        "per_hour": "0.2848"
      },
      "projects": [
        {
          "project": "work",
          "project_root": "[ROOT]/work",
          "totals": {
            "sessions": 3,
            "cost": "0.712",
            "unpriced_tokens": 0,
            "wall_seconds": 9000,
            "per_hour": "0.2848"
          }
        }
      ]
    }
    "#);
    let all: serde_json::Value = serde_json::from_str(&sandbox.stdout(&["sessions", "--json", "--all"])).unwrap();
    assert_eq!(all["sessions"].as_array().unwrap().len(), 5);
    assert_eq!((&all["totals"]["sessions"], all["projects"].as_array().unwrap().len()), (&4.into(), 2));
}

#[test]
fn lists_fit_the_terminal() {
    let sandbox = played();
    for width in [60, 80, 120] {
        for arguments in [&["sessions"][..], &["sessions", "--all"]] {
            let output = sandbox.claude_cost(arguments).env("COLUMNS", width.to_string()).output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= width, "{widest} columns for {width}:\n{text}");
            assert!(text.contains("2026-11-20"), "a day must stay whole:\n{text}");
        }
    }
}

#[test]
fn without_any_it_says_how_to_begin() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["sessions"]), @"
    exit 0
    --- stdout
    No sessions in work yet. Start one with claude-cost start <NAME>; --all lists those of every project.
    ");
    insta::assert_snapshot!(sandbox.run(&["sessions", "--totals"]), @"
    exit 0
    --- stdout
    No sessions in work yet. Start one with claude-cost start <NAME>; --all lists those of every project.
    ");
    insta::assert_snapshot!(sandbox.run(&["sessions", "--since", "yesterday"]), @"
    exit 2
    --- stderr
    error: invalid value 'yesterday' for '--since <DAY>': not a day; write it as 2026-11-23 or 20261123

    For more information, try '--help'.
    ");
}
