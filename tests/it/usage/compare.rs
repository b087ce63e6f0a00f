//! `claude-cost usage compare`

use serde_json::Value;

use crate::claude::Answer;
use crate::sandbox::Sandbox;

fn answer(id: &'static str, clock: &str, output: u64) -> Answer {
    Answer::new(id, &format!("2026-11-23T{clock}:00.000Z"), output)
}

/// A session that has ended, one that was thrown away and one that is open, with work in the time of some entries.
fn compared() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.answers(&[
        answer("m1", "10:05", 400),
        answer("m2", "10:25", 900),
        answer("m3", "10:33", 5000),
        answer("m4", "10:55", 7),
        answer("m5", "11:05", 300),
    ]);
    sandbox.play(
        "
        10:00 claude-cost start 'JWT auth' --model opus --tag auth
        10:10 claude-cost log 1500 2000 'token validation' --task code
        10:20 claude-cost quick review 'nobody measured this'
        10:30 claude-cost quick code 'by the preset'
        10:35 claude-cost log 100 200 'elsewhere' --extra
        10:40 claude-cost end --quiet
        10:50 claude-cost start 'Dead end' --model opus
        10:56 claude-cost log 100 100 'thrown away'
        10:58 claude-cost cancel
        11:00 claude-cost start 'Sessions'
        11:10 claude-cost log 100 100 'too little' --model opus
    ",
    );
    sandbox.set_now("12:00");
    sandbox
}

#[test]
fn estimates_stand_beside_what_was_measured() {
    let sandbox = compared();
    insta::assert_snapshot!(sandbox.run(&["usage", "compare"]), @"
    exit 0
    --- stdout
    Task   Entries  Estimated  Measured  Accuracy     Bias  Over  Under
    code         2    $0.1700   $0.0460     27.1%  +269.4%     2      0
    other        1    $0.0024   $0.0160     15.0%   −85.0%     0      1
    Total        3    $0.1724   $0.0620     26.0%  +177.9%     2      1

    Estimator  Entries  Estimated  Measured  Accuracy     Bias  Over  Under
    typed            2    $0.0484   $0.0340     32.9%   +42.3%     1      1
    preset           1    $0.1240   $0.0280     22.6%  +342.7%     1      0

    Estimated: what entries said; measured: what was used since the entry before.
    Accuracy: 100% when each estimate is right, 50% when each is double or half.
    Over, under: entries estimated above, below measured; bias: by how much in all.
    not compared: 1 entry for which nothing was measured
    ");
    let narrow = |columns: &str| {
        let mut command = sandbox.claude_cost(&["usage", "compare"]);
        let text = sandbox.transcript(&command.env("COLUMNS", columns).output().unwrap());
        text.split("\n\nEstimated").next().unwrap().to_owned()
    };
    insta::assert_snapshot!(narrow("70"), @"
    exit 0
    --- stdout
    Task   Estimated  Measured  Accuracy     Bias  Over  Under
    code     $0.1700   $0.0460     27.1%  +269.4%     2      0
    other    $0.0024   $0.0160     15.0%   −85.0%     0      1
    Total    $0.1724   $0.0620     26.0%  +177.9%     2      1

    Estimator  Estimated  Measured  Accuracy     Bias  Over  Under
    typed        $0.0484   $0.0340     32.9%   +42.3%     1      1
    preset       $0.1240   $0.0280     22.6%  +342.7%     1      0
    ");
    insta::assert_snapshot!(narrow("45"), @"
    exit 0
    --- stdout
    Task   Accuracy     Bias  Over  Under
    code      27.1%  +269.4%     2      0
    other     15.0%   −85.0%     0      1
    Total     26.0%  +177.9%     2      1

    Estimator  Accuracy     Bias  Over  Under
    typed         32.9%   +42.3%     1      1
    preset        22.6%  +342.7%     1      0
    ");
    insta::assert_snapshot!(narrow("30"), @"
    exit 0
    --- stdout
    Task   Accuracy     Bias
    code      27.1%  +269.4%
    other     15.0%   −85.0%
    Total     26.0%  +177.9%

    Estimator  Accuracy     Bias
    typed         32.9%   +42.3%
    preset        22.6%  +342.7%
    ");
    insta::assert_snapshot!(sandbox.run(&["usage", "compare", "--markdown"]), @"
    exit 0
    --- stdout
    | Task | Entries | Estimated | Measured | Accuracy | Bias | Over | Under |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
    | code | 2 | $0.1700 | $0.0460 | 27.1% | +269.4% | 2 | 0 |
    | other | 1 | $0.0024 | $0.0160 | 15.0% | −85.0% | 0 | 1 |
    | Total | 3 | $0.1724 | $0.0620 | 26.0% | +177.9% | 2 | 1 |

    | Estimator | Entries | Estimated | Measured | Accuracy | Bias | Over | Under |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
    | typed | 2 | $0.0484 | $0.0340 | 32.9% | +42.3% | 1 | 1 |
    | preset | 1 | $0.1240 | $0.0280 | 22.6% | +342.7% | 1 | 0 |

    Estimated: what entries said; measured: what was used since the entry before. Accuracy: 100% when each estimate is right, 50% when each is double or half. Over, under: entries estimated above, below measured; bias: by how much in all.

    not compared: 1 entry for which nothing was measured
    ");
}

#[test]
fn the_report_of_a_session_says_the_same_of_it() {
    let mut sandbox = compared();
    sandbox.play("12:00 claude-cost cancel");
    let compared: Value = serde_json::from_str(&sandbox.stdout(&["usage", "compare", "--json"])).unwrap();
    let session: Value = serde_json::from_str(&sandbox.stdout(&["show", "JWT auth", "--format", "json"])).unwrap();
    let (total, sums) = (&compared["total"], &session["cost"]["compared"]);
    for (name, as_there) in [("entries", "entries"), ("estimated", "said"), ("measured", "measured"), ("bias", "error")]
    {
        assert!(!sums[as_there].is_null(), "{as_there}");
        assert_eq!(total[name], sums[as_there], "{name}");
    }
}

#[test]
fn programs_get_exact_figures() {
    let sandbox = compared();
    insta::assert_snapshot!(sandbox.stdout(&["usage", "compare", "--csv"]), @"
    by,name,entries,estimated_usd,measured_usd,accuracy,bias,over,over_by_usd,under,under_by_usd
    task,code,2,0.17,0.046024,0.270729,2.693725,2,0.123976,0,0.00
    task,other,1,0.0024,0.016012,0.149888,-0.850112,0,0.00,1,0.013612
    estimator,typed,2,0.0484,0.034024,0.329162,0.422525,1,0.027988,1,0.013612
    estimator,preset,1,0.124,0.028012,0.225903,3.426674,1,0.095988,0,0.00
    ");
    insta::assert_snapshot!(sandbox.stdout(&["usage", "compare", "--json", "--since", "2026-11-23"]), @r#"
    {
      "by_task": [
        {
          "name": "code",
          "entries": 2,
          "estimated": "0.17",
          "measured": "0.046024",
          "accuracy": 0.270729,
          "bias": 2.693725,
          "over": 2,
          "over_by": "0.123976",
          "under": 0,
          "under_by": "0.00"
        },
        {
          "name": "other",
          "entries": 1,
          "estimated": "0.0024",
          "measured": "0.016012",
          "accuracy": 0.149888,
          "bias": -0.850112,
          "over": 0,
          "over_by": "0.00",
          "under": 1,
          "under_by": "0.013612"
        }
      ],
      "by_estimator": [
        {
          "name": "typed",
          "entries": 2,
          "estimated": "0.0484",
          "measured": "0.034024",
          "accuracy": 0.329162,
          "bias": 0.422525,
          "over": 1,
          "over_by": "0.027988",
          "under": 1,
          "under_by": "0.013612"
        },
        {
          "name": "preset",
          "entries": 1,
          "estimated": "0.124",
          "measured": "0.028012",
          "accuracy": 0.225903,
          "bias": 3.426674,
          "over": 1,
          "over_by": "0.095988",
          "under": 0,
          "under_by": "0.00"
        }
      ],
      "total": {
        "entries": 3,
        "estimated": "0.1724",
        "measured": "0.062036",
        "accuracy": 0.260327,
        "bias": 1.779032,
        "over": 2,
        "over_by": "0.123976",
        "under": 1,
        "under_by": "0.013612"
      },
      "not_measured": 1,
      "not_priced": 0,
      "unpriced_models": [],
      "missing_output": 0,
      "missing_cost": "0.00"
    }
    "#);
}

#[test]
fn options_choose_entries() {
    let sandbox = compared();
    let entries = |arguments: &[&str]| {
        let arguments = [&["usage", "compare", "--json"], arguments].concat();
        let json: Value = serde_json::from_str(&sandbox.stdout(&arguments)).unwrap();
        (json["total"]["entries"].as_u64().unwrap(), json["not_measured"].as_u64().unwrap())
    };
    for (arguments, found) in [
        (["--project", "work"].as_slice(), (3, 1)),
        (&["--project", "elsewhere"], (0, 0)),
        (&["--branch", "main"], (3, 1)),
        (&["--branch", "other"], (0, 0)),
        (&["--model", "opus"], (3, 1)),
        (&["--model", "haiku"], (0, 0)),
        (&["--since", "2026-11-24"], (0, 0)),
        (&["--until", "20261122"], (0, 0)),
        // There the day is over by then.
        (&["--since", "2026-11-24", "--timezone", "Pacific/Kiritimati"], (3, 1)),
    ] {
        assert_eq!(entries(arguments), found, "{arguments:?}");
    }
}

#[test]
fn what_cannot_be_compared_is_said() {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    insta::assert_snapshot!(sandbox.run(&["usage", "compare"]), @"
    exit 0
    --- stdout
    Nothing to compare yet: log or quick in a session says what was used,
    and is held against what Claude Code wrote down since the entry before.
    ");
    sandbox.answers(&[answer("m1", "10:15", 400)]);
    sandbox.play(
        "
        10:00 claude-cost start 'JWT auth' --model opus --tag auth
        10:10 claude-cost quick review 'by hand'
        10:20 claude-cost log 100 100 'of no price' --model unheard-of
    ",
    );
    sandbox.set_now("12:00");
    insta::assert_snapshot!(sandbox.run(&["usage", "compare"]), @"
    exit 0
    --- stdout
    Nothing to compare yet: log or quick in a session says what was used,
    and is held against what Claude Code wrote down since the entry before.
    not compared: 1 entry for which nothing was measured
    not compared: 1 entry for want of a price of unheard-of; claude-cost prices set gives one
    ");
    insta::assert_snapshot!(sandbox.run(&["usage", "compare", "--project", "elsewhere"]), @"
    exit 0
    --- stdout
    No entry matches for which something was measured; without options all are compared.
    ");
}

#[test]
fn entries_of_a_session_or_a_tag_can_be_asked_for() {
    let sandbox = compared();
    for (filter, entries) in [
        (["--session", "JWT auth"], 2),
        (["--session", "Sessions"], 1),
        (["--tag", "auth"], 2),
        (["--tag", "other"], 0),
    ] {
        let mut command = sandbox.claude_cost(&["usage", "compare", "--json"]);
        let report: Value = serde_json::from_slice(&command.args(filter).output().unwrap().stdout).unwrap();
        assert_eq!(report["total"]["entries"], entries, "{filter:?}");
    }
}
