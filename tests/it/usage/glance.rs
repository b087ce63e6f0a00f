//! `claude-cost usage`, and how usage goes up and down

use crate::claude::Answer;
use crate::sandbox::Sandbox;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.answers(&[
        Answer::new("m1", "2026-10-20T09:00:00.000Z", 5000),
        Answer::new("m2", "2026-11-02T09:00:00.000Z", 20_000),
        Answer::new("m3", "2026-11-22T23:30:00.000Z", 1000).conversation("c2").directory("/elsewhere"),
        Answer::new("m4", "2026-11-23T10:15:00.000Z", 400),
        Answer::new("m5", "2026-11-23T10:40:00.000Z", 600).model("claude-haiku-5-5"),
        Answer::new("m6", "2026-11-23T11:50:00.000Z", 10).model("nosuch"),
    ]);
    sandbox
}

#[test]
fn today_the_week_and_the_month_at_a_glance() {
    let mut sandbox = sandbox();
    sandbox.play("11:00 claude-cost start 'JWT auth' --budget 1");
    sandbox.set_now("2026-11-23T12:00:00Z");
    insta::assert_snapshot!(sandbox.run(&["usage"]), @"
    exit 0
    --- stdout
                Tokens     Cost
    Today       34,019  $0.0186  3 exchanges, the most at 10:00
    This week   46,022  $0.0486  $0.0243 a day
    This month  77,025  $0.4586  $0.5982 by its end at this rate

    Budget      JWT auth: $0.00 of $1.00, 0.0% used
    Block       $0.0186 since 10:00, 3h 00m left, $0.0118 an hour

    This month by project  Tokens     Cost
    work                   65,022  $0.4286  ██████████ 93%
    elsewhere              12,003  $0.0300  ▌ 7%
    11,013 tokens of nosuch are in no cost for want of a price; claude-cost prices set gives one
    ");
    insta::assert_snapshot!(sandbox.run(&["usage", "--top", "day", "--model", "haiku", "--markdown"]), @"
    exit 0
    --- stdout
    |  | Tokens | Cost |  |
    | --- | ---: | ---: | --- |
    | Today | 11,603 | $0.0006 | 1 exchange, the most at 10:00 |
    | This week | 11,603 | $0.0006 | $0.0003 a day |
    | This month | 11,603 | $0.0006 | $0.0008 by its end at this rate |

    - Budget: JWT auth: $0.00 of $1.00, 0.0% used
    - Block: $0.0006 since 10:00, 3h 00m left, $0.0004 an hour

    | Today by model | Tokens | Cost |  |
    | --- | ---: | ---: | --- |
    | haiku-5-5 | 11,603 | $0.0006 | ██████████ 100% |
    ");
    let json: serde_json::Value = serde_json::from_str(&sandbox.stdout(&["usage", "--json"])).unwrap();
    let daily: serde_json::Value =
        serde_json::from_str(&sandbox.stdout(&["daily", "--since", "2026-11-01", "--json"])).unwrap();
    assert_eq!(json["top"][0]["unpriced_models"], serde_json::json!(["nosuch"]));
    assert_eq!(
        (&json["today"]["unpriced_models"][0], &json["top"][1]["unpriced_tokens"]),
        (&"nosuch".into(), &0.into())
    );
    assert_eq!(json["block"]["since"], "2026-11-23T10:00:00.000Z");
    insta::assert_snapshot!(sandbox.stdout(&["usage", "--csv"]), @"
    span,since,exchanges,input_tokens,output_tokens,cache_write_5m_tokens,cache_write_1h_tokens,cache_read_tokens,total_tokens,unpriced_tokens,likely_missing_output_tokens,stated_tokens,estimated_tokens,cost_usd
    today,2026-11-23,3,9,1010,0,3000,30000,34019,11013,0,0,0,0.0186123
    week,2026-11-22,4,12,2010,0,4000,40000,46022,11013,0,0,0,0.0486243
    month,2026-11-01,5,15,22010,0,5000,50000,77025,11013,0,0,0,0.4586363
    ");
    let narrow = sandbox.claude_cost(&["usage"]).env("COLUMNS", "40").output().unwrap();
    insta::assert_snapshot!(sandbox.transcript(&narrow), @"
    exit 0
    --- stdout
                Tokens     Cost
    Today       34,019  $0.0186
    This week   46,022  $0.0486
    This month  77,025  $0.4586

    Today       3 exchanges, the most at
                10:00
    This week   $0.0243 a day
    This month  $0.5982 by its end at this
                rate
    Budget      JWT auth: $0.00 of $1.00,
                0.0% used
    Block       $0.0186 since 10:00, 3h 00m
                left, $0.0118 an hour

    This month by pro…  Tokens     Cost
    work                65,022  $0.4286  93%
    elsewhere           12,003  $0.0300   7%
    11,013 tokens of nosuch are in no cost
    for want of a price; claude-cost prices
    set gives one
    ");
    let month: f64 = json["month"]["cost"].as_str().unwrap().parse().unwrap();
    assert!((month - daily["totals"]["totalCost"].as_f64().unwrap()).abs() < 1e-9);
}

#[test]
fn a_trend_has_a_step_for_every_day() {
    let sandbox = sandbox();
    insta::assert_snapshot!(sandbox.run(&["usage", "trend"]), @"
    exit 0
    --- stdout
            █                   ▁▁

    All         $0.4586 in 30 days, $0.0153 a day, 77,025 tokens
    Before      $0.1100 in the 30 days before: $0.3486 more (+316.9%)
    This month  $0.4586 so far, $0.5982 by its end at this rate
    Highest     2026-11-02 with $0.4100
    Lowest      2026-10-25 with $0.00

    Day         Exchanges  Tokens     Cost
    2026-11-17          0       0  $0.0000
    2026-11-18          0       0  $0.0000
    2026-11-19          0       0  $0.0000
    2026-11-20          0       0  $0.0000
    2026-11-21          0       0  $0.0000
    2026-11-22          1  12,003  $0.0300
    2026-11-23          3  34,019  $0.0186
    11,013 tokens of nosuch are in no cost for want of a price; claude-cost prices set gives one
    ");
    insta::assert_snapshot!(sandbox.run(&["usage", "trend", "--by", "month", "--csv"]), @"
    exit 0
    --- stdout
    step,exchanges,tokens,cost_usd,unpriced_tokens,unpriced_models
    2025-11,0,0,0.00,0,
    2025-12,0,0,0.00,0,
    2026-01,0,0,0.00,0,
    2026-02,0,0,0.00,0,
    2026-03,0,0,0.00,0,
    2026-04,0,0,0.00,0,
    2026-05,0,0,0.00,0,
    2026-06,0,0,0.00,0,
    2026-07,0,0,0.00,0,
    2026-08,0,0,0.00,0,
    2026-09,0,0,0.00,0,
    2026-10,1,16003,0.110012,0,
    2026-11,5,77025,0.4586363,11013,nosuch
    ");
    let json: serde_json::Value = serde_json::from_str(&sandbox.stdout(&["usage", "trend", "--json"])).unwrap();
    assert_eq!(json["steps"].as_array().unwrap().len(), 30);
    assert_eq!((&json["unpriced_tokens"], &json["unpriced_models"][0]), (&11_013.into(), &"nosuch".into()));
    assert_eq!(json["steps"][29]["unpriced_models"][0], "nosuch");
    insta::assert_snapshot!(sandbox.stdout(&["usage", "trend", "--since", "20261101", "--until", "20261103", "--markdown"]), @"
    - All: $0.4100 in 3 days, $0.1367 a day, 31,003 tokens
    - Before: no usage with a price in the 3 days before
    - This month: $0.4586 so far, $0.5982 by its end at this rate
    - Highest: 2026-11-02 with $0.4100
    - Lowest: 2026-11-01 with $0.00

    | Day | Exchanges | Tokens | Cost |
    | --- | ---: | ---: | ---: |
    | 2026-11-01 | 0 | 0 | $0.0000 |
    | 2026-11-02 | 1 | 31,003 | $0.4100 |
    | 2026-11-03 | 0 | 0 | $0.0000 |
    ");
}

#[test]
fn nothing_to_see_is_said() {
    let sandbox = Sandbox::new();
    for arguments in [&["usage"][..], &["usage", "trend"]] {
        assert!(sandbox.stdout(arguments).starts_with("No usage yet"), "{arguments:?}");
    }
    let mut sandbox = self::sandbox();
    sandbox.set_now("2027-04-01T12:00:00Z");
    insta::assert_snapshot!(sandbox.play("
        claude-cost usage
        claude-cost usage trend --markdown
        claude-cost usage --project nosuch
    "), @"
    $ claude-cost usage
    No usage in these days: the last was on 2026-11-23, and claude-cost monthly shows all.
    $ claude-cost usage trend --markdown
    No usage in these days: the last was on 2026-11-23, and claude-cost monthly shows all.
    $ claude-cost usage --project nosuch
    No usage of these days matches; claude-cost monthly with the same filters shows all that does.
    ");
}

#[test]
fn the_block_is_the_one_that_other_reports_show() {
    let mut sandbox = Sandbox::new();
    sandbox.answers(&[
        Answer::new("m1", "2026-10-31T20:30:00.000Z", 100),
        Answer::new("m2", "2026-10-31T22:30:00.000Z", 100),
        Answer::new("m3", "2026-11-01T00:30:00.000Z", 100),
        Answer::new("m4", "2026-11-01T02:00:00.000Z", 100),
    ]);
    sandbox.set_now("2026-11-01T02:10:00Z");
    let blocks = sandbox.stdout(&["blocks", "--active"]);
    assert!(blocks.starts_with("Block since 2026-11-01 02:00"), "{blocks}");
    let glance = sandbox.stdout(&["usage"]);
    assert!(glance.contains("since 02:00"), "{glance}");
}
