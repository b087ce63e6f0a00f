//! `claude-cost usage reconcile`

use std::fmt::Write as _;

use crate::claude::Answer;
use crate::sandbox::Sandbox;

/// An answer that costs $0.018012, of it $0.008 for writing a thousand tokens to the cache for an hour.
fn answer(id: &'static str, at: &str, conversation: &'static str) -> Answer {
    Answer::new(id, at, 400).conversation(conversation)
}

/// What Claude Code writes at the end of a conversation.
fn total(sandbox: &Sandbox, conversation: &str, total: &str, models: &str) {
    let path = sandbox.conversations().join(format!("{conversation}.jsonl"));
    let mut text = fs_err::read_to_string(&path).unwrap();
    writeln!(
        text,
        r#"{{"type":"cost-state","sessionId":"{conversation}","totalCostUSD":{total},"modelUsage":{{{models}}},"hasUnknownModelCost":false}}"#
    )
    .unwrap();
    fs_err::write(path, text).unwrap();
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.answers(&[
        answer("m1", "2026-11-18T10:00:00Z", "c1"),
        // A fork begins with a copy of what it was forked from.
        answer("m1", "2026-11-18T10:00:00Z", "c2"),
        answer("m2", "2026-11-19T10:00:00Z", "c2"),
        answer("m3", "2026-11-19T11:00:00Z", "c3"),
        answer("m4", "2026-11-20T10:00:00Z", "c4"),
        answer("m5", "2026-11-21T10:00:00Z", "c5").directory("/w/other"),
        answer("m6", "2026-11-22T10:00:00Z", "c6"),
        answer("m7", "2026-11-22T11:00:00Z", "c7"),
    ]);
    sandbox.run_with_input(&["statusline"], br#"{"session_id":"c6","cost":{"total_cost_usd":0.018012}}"#);
    total(&sandbox, "c1", "0.018012", "");
    total(&sandbox, "c2", "0.036024000000000004", "");
    total(&sandbox, "c3", "0.015012", "");
    let models =
        r#""claude-opus-5-5[1m]":{"outputTokens":400,"costUSD":0.018012},"claude-haiku-5-5":{"costUSD":0.000488}"#;
    total(&sandbox, "c4", "0.0185", models);
    total(&sandbox, "c5", "0.05", "");
    let path = sandbox.conversations().join("c4.jsonl");
    let mut text = fs_err::read_to_string(&path).unwrap();
    writeln!(text, r#"{{"type":"ai-title","aiTitle":"Check the tokens","sessionId":"c4"}}"#).unwrap();
    fs_err::write(path, text).unwrap();
    sandbox
}

#[test]
fn differences_are_explained() {
    let sandbox = sandbox();
    insta::assert_snapshot!(sandbox.run(&["usage", "reconcile", "--by-model"]), @"
    exit 0
    --- stdout
    Last day    Conversation           Ours  Claude Code  Status line  Difference        %  Why
    2026-11-19  c1 and 1 fork       $0.0360      $0.0360            —       $0.00     0.0%  forks
    2026-11-19  c3                  $0.0180      $0.0150            —    −$0.0030   −16.7%  cache writes
    2026-11-20  Check the tokens    $0.0180      $0.0185            —    +$0.0005    +2.7%  helper calls
                └ claude-haiku-5-5    $0.00      $0.0005                 +$0.0005
                └ claude-opus-5-5   $0.0180      $0.0180                    $0.00
    2026-11-21  c5                  $0.0180      $0.0500            —    +$0.0320  +177.6%  unexplained
    2026-11-22  c6                  $0.0180      $0.0180      $0.0180       $0.00     0.0%  agrees
    Total                           $0.1081      $0.1375                 +$0.0295   +27.3%

    forks: they agree once taken together, as Claude Code's total of a fork has that of the original in
    it
    cache writes: Claude Code priced cache writes for an hour like those for five minutes
    helper calls: titles, compaction and the like are in no transcript
    unexplained: no rule accounts for the difference
    not compared: 1 conversation without a total of Claude Code's, $0.0180 by our reckoning
    ");
}

#[test]
fn conversations_are_chosen_by_day_and_project() {
    let sandbox = sandbox();
    for (arguments, expected) in [
        (vec!["--since", "2026-11-20"], vec!["c4", "c5", "c6"]),
        // A family is one.
        (vec!["--until", "20261118"], vec!["c1", "c2"]),
        (vec!["--project", "/w/other"], vec!["c5"]),
        (vec!["--since", "2026-11-23"], vec![]),
    ] {
        let text = sandbox.stdout(&[&["usage", "reconcile", "--json"], arguments.as_slice()].concat());
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let rows = json["conversations"].as_array().unwrap().iter();
        let ids: Vec<&str> =
            rows.flat_map(|row| row["conversations"].as_array().unwrap()).map(|id| id.as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{arguments:?}");
    }
}

#[test]
fn programs_get_exact_amounts() {
    let text = sandbox().stdout(&["usage", "reconcile", "--json", "--since", "2026-11-21", "--until", "20261121"]);
    insta::assert_snapshot!(text, @r#"
    {
      "conversations": [
        {
          "conversations": [
            "c5"
          ],
          "title": null,
          "last_day": "2026-11-21",
          "exchanges": 1,
          "ours": "0.018012",
          "unpriced_tokens": 0,
          "stated": "0.05",
          "cost_state": "0.05",
          "status_line": null,
          "difference": "0.031988",
          "share": 1.775927,
          "explanation": "unexplained",
          "models": []
        }
      ],
      "totals": {
        "ours": "0.018012",
        "stated": "0.05",
        "difference": "0.031988",
        "share": 1.775927,
        "unexplained": "0.031988"
      },
      "not_stated": {
        "conversations": 0,
        "cost": "0.00"
      },
      "limits": []
    }
    "#);
}

#[test]
fn nothing_to_compare_is_said() {
    let sandbox = Sandbox::new();
    sandbox.answers(&[answer("m1", "2026-11-18T10:00:00Z", "c1")]);
    insta::assert_snapshot!(sandbox.run(&["usage", "reconcile"]), @"
    exit 0
    --- stdout
    Claude Code states no total of these conversations, so there is nothing to compare.
    not compared: 1 conversation without a total of Claude Code's, $0.0180 by our reckoning
    ");
}

#[test]
fn a_plans_limits_are_told_as_they_were_seen_last() {
    let sandbox = Sandbox::new();
    let payload = br#"{"session_id":"c1","rate_limits":{"five_hour":{"used_percentage":23.5,"resets_at":1795446000}}}"#;
    sandbox.run_with_input(&["statusline"], payload);
    insta::assert_snapshot!(sandbox.run(&["usage", "reconcile"]), @"
    exit 0
    --- stdout
    Claude Code states no total of these conversations, so there is nothing to compare.
    5 hours: 23% of the plan's limit, until 2026-11-23 15:00 (as of 2026-11-23 12:00)
    ");
}
