//! Reports that add up quarters of an hour, and those that add up single exchanges, come to one total.

use serde_json::Value;
use serde_json::json;

use crate::sandbox::Sandbox;
use crate::usage::seed::FIRST;
use crate::usage::seed::answer;
use crate::usage::seed::tokens;
use crate::usage::seed::write;

fn totals(sandbox: &Sandbox) -> Vec<Value> {
    [&["daily"][..], &["session"], &["usage", "breakdown", "--by", "model"], &["usage", "breakdown", "--by", "tool"]]
        .into_iter()
        .map(|report| {
            let report: Value = serde_json::from_str(&sandbox.stdout(&[report, &["--json"]].concat())).unwrap();
            report["totals"]["totalCost"].clone()
        })
        .collect()
}

fn used(model: &str, usages: &[Value; 2]) -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set_now("12:07");
    let instants = ["2026-11-20T12:02:00.000Z", "2026-11-20T12:12:00.000Z"];
    let answer = |(at, usage): (&str, &Value)| answer(at, ("/code/shop", FIRST), model, usage);
    let answers: Vec<Value> = instants.into_iter().zip(usages).map(answer).collect();
    write(&sandbox, "-code-shop", FIRST, &answers);
    sandbox
}

#[test]
fn where_only_some_kinds_of_tokens_have_a_price() {
    let mut written = tokens(1000, 100);
    written["cache_creation"] = json!({"ephemeral_1h_input_tokens": 5000});
    let sandbox = used("gpt-6-sol", &[tokens(1000, 100), written]);
    assert_eq!(totals(&sandbox), [0.003, 0.003, 0.003, 0.003]);
}

#[test]
fn where_a_price_begins_within_a_quarter() {
    let sandbox = used("mine", &[tokens(100_000, 0), tokens(100_000, 0)]);
    let path = sandbox.home().join(".config/claude-cost/prices.json");
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    let prices = json!({"version": 1, "models": [{"id": "mine", "vendor": "me", "source": "x", "prices": [
        {"rates": {"in": "3", "out": "3"}},
        {"from": "2026-11-20T12:07:00Z", "rates": {"in": "10", "out": "10"}},
    ]}]});
    fs_err::write(path, prices.to_string()).unwrap();
    assert_eq!(totals(&sandbox), [1.3, 1.3, 1.3, 1.3]);
}

#[test]
fn what_was_typed_or_estimated_is_told_from_what_was_measured() {
    let mut sandbox = used("claude-opus-5-5", &[tokens(1000, 100), tokens(1000, 100)]);
    sandbox.init_repository();
    sandbox.play(
        "13:00 claude-cost start 'JWT auth' --model opus\n13:10 claude-cost log 1500 800 'by hand'\n\
         13:20 claude-cost quick code tokens\n13:30 claude-cost end",
    );
    insta::assert_snapshot!(sandbox.stdout(&["daily"]), @"
    Day         Models     Input  Output  Cache write  Cache read   Tokens     Cost
    2026-11-20  opus-5-5   2,000     200            0           0    2,200  $0.0120
    2026-11-23  opus-5-5  ~5,000  ~6,300            0           0  ~11,300  $0.1460
    Total                 ~7,000  ~6,500            0           0  ~13,500  $0.1580
    of this 2,300 tokens ($0.0220) typed, ~9,000 tokens ($0.1240) estimated
    ");
    let report: Value = serde_json::from_str(&sandbox.stdout(&["daily", "--json"])).unwrap();
    let said =
        ["statedTokens", "statedCost", "estimatedTokens", "estimatedCost"].map(|key| report["totals"][key].clone());
    assert_eq!(said, [json!(2300), json!(0.022), json!(9000), json!(0.124)]);
    assert_eq!(report["daily"][0]["statedTokens"], Value::Null);
}

#[test]
fn models_of_one_short_name_are_told_apart() {
    let (dated, plain) = ("claude-sonnet-4-20250514", "claude-sonnet-4");
    let mut sandbox = Sandbox::new();
    sandbox.set_now("12:00");
    let answer = |at, model| answer(at, ("/code/shop", FIRST), model, &tokens(1000, 100));
    let answers = [answer("2026-05-20T12:02:00.000Z", dated), answer("2026-05-20T12:03:00.000Z", plain)];
    write(&sandbox, "-code-shop", FIRST, &answers);
    insta::assert_snapshot!(sandbox.stdout(&["usage", "breakdown", "--by", "model"]), @"
    Model                     Input  Output  Cache write  Cache read  Tokens     Cost
    claude-sonnet-4           1,000     100            0           0   1,100  $0.0045
    claude-sonnet-4-20250514  1,000     100            0           0   1,100  $0.0045
    Total                     2,000     200            0           0   2,200  $0.0090
    ");
}
