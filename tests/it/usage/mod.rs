//! `claude-cost usage …`, and its short forms

mod ccusage;
mod commits;
mod compare;
mod events;
mod forms;
mod glance;
mod seed;
mod totals;

use serde_json::Value;

use crate::sandbox::Sandbox;
use crate::usage::seed::FIRST;
use crate::usage::seed::SECOND;
use crate::usage::seed::answer;
use crate::usage::seed::tokens;
use crate::usage::seed::used;
use crate::usage::seed::write;

#[test]
fn each_day_has_a_line() {
    let sandbox = used();
    insta::assert_snapshot!(sandbox.run(&["usage", "daily"]), @"
    exit 0
    --- stdout
    Day         Models                          Input  Output  Cache write  Cache read   Tokens     Cost
    2026-10-31  opus-5-5                          100   2,000        3,000     300,000  305,100  $0.1214
    2026-11-22  sonnet-4-5                      1,000   2,000            0           0    3,000  $0.0330
    2026-11-23  opus-5-5-fast, opus-5-5, unhe…    580   1,008            0           0    1,588  $0.0441
    Total                                       1,680   5,008        3,000     300,000  309,688  $0.1985
    77 tokens of unheard-of are in no cost for want of a price; claude-cost prices set gives one
    likely +265 output tokens ($0.0053) that were never counted, in no total
    ");
    insta::assert_snapshot!(sandbox.stdout(&["daily", "--breakdown", "--order", "desc"]), @"
    Day              Input  Output  Cache write  Cache read   Tokens     Cost
    2026-11-23         580   1,008            0           0    1,588  $0.0441
    └ opus-5-5-fast    500   1,000            0           0    1,500  $0.0440
    └ opus-5-5          10       1            0           0       11  $0.0001
    └ unheard-of        70       7            0           0       77        —
    2026-11-22       1,000   2,000            0           0    3,000  $0.0330
    └ sonnet-4-5     1,000   2,000            0           0    3,000  $0.0330
    2026-10-31         100   2,000        3,000     300,000  305,100  $0.1214
    └ opus-5-5         100   2,000        3,000     300,000  305,100  $0.1214
    Total            1,680   5,008        3,000     300,000  309,688  $0.1985
    77 tokens of unheard-of are in no cost for want of a price; claude-cost prices set gives one
    likely +265 output tokens ($0.0053) that were never counted, in no total
    ");
    insta::assert_snapshot!(sandbox.stdout(&["daily", "--instances", "--no-cost"]), @"
    Project       Models                               Input  Output  Cache write  Cache read   Tokens
    shop          opus-5-5, sonnet-4-5                 1,100   4,000        3,000     300,000  308,100
    └ 2026-10-31  opus-5-5                               100   2,000        3,000     300,000  305,100
    └ 2026-11-22  sonnet-4-5                           1,000   2,000            0           0    3,000
    blog          opus-5-5-fast, opus-5-5, unheard-of    580   1,008            0           0    1,588
    └ 2026-11-23  opus-5-5-fast, opus-5-5, unheard-of    580   1,008            0           0    1,588
    Total                                              1,680   5,008        3,000     300,000  309,688
    likely +265 output tokens that were never counted, in no total
    ");
}

#[test]
fn weeks_and_months_add_up_the_same() {
    let sandbox = used();
    insta::assert_snapshot!(sandbox.stdout(&["weekly", "-w", "monday"]), @"
    Week        Models                          Input  Output  Cache write  Cache read   Tokens     Cost
    2026-10-26  opus-5-5                          100   2,000        3,000     300,000  305,100  $0.1214
    2026-11-16  sonnet-4-5                      1,000   2,000            0           0    3,000  $0.0330
    2026-11-23  opus-5-5-fast, opus-5-5, unhe…    580   1,008            0           0    1,588  $0.0441
    Total                                       1,680   5,008        3,000     300,000  309,688  $0.1985
    77 tokens of unheard-of are in no cost for want of a price; claude-cost prices set gives one
    likely +265 output tokens ($0.0053) that were never counted, in no total
    ");
    insta::assert_snapshot!(sandbox.stdout(&["weekly", "--last", "1"]), @"
    Week        Models                           Input  Output  Cache write  Cache read  Tokens     Cost
    2026-11-22  opus-5-5-fast, sonnet-4-5, opu…  1,580   3,008            0           0   4,588  $0.0771
    Total                                        1,580   3,008            0           0   4,588  $0.0771
    77 tokens of unheard-of are in no cost for want of a price; claude-cost prices set gives one
    likely +265 output tokens ($0.0053) that were never counted, in no total
    ");
    insta::assert_snapshot!(sandbox.stdout(&["monthly"]), @"
    Month    Models                             Input  Output  Cache write  Cache read   Tokens     Cost
    2026-10  opus-5-5                             100   2,000        3,000     300,000  305,100  $0.1214
    2026-11  opus-5-5-fast, sonnet-4-5, opus-…  1,580   3,008            0           0    4,588  $0.0771
    Total                                       1,680   5,008        3,000     300,000  309,688  $0.1985
    77 tokens of unheard-of are in no cost for want of a price; claude-cost prices set gives one
    likely +265 output tokens ($0.0053) that were never counted, in no total
    ");
    insta::assert_snapshot!(sandbox.stdout(&["monthly", "-z", "Asia/Tokyo"]), @"
    Month    Models                             Input  Output  Cache write  Cache read   Tokens     Cost
    2026-11  opus-5-5, opus-5-5-fast, sonnet-…  1,680   5,008        3,000     300,000  309,688  $0.1985
    Total                                       1,680   5,008        3,000     300,000  309,688  $0.1985
    77 tokens of unheard-of are in no cost for want of a price; claude-cost prices set gives one
    likely +265 output tokens ($0.0053) that were never counted, in no total
    ");
}

#[test]
fn conversations_have_titles_and_the_costliest_comes_first() {
    let sandbox = used();
    insta::assert_snapshot!(sandbox.stdout(&["session"]), @"
    Id        Conversation        Project  Last              Models                      Tokens     Cost
    11111111  Checkout | rewrite  shop     2026-11-22 23:30  opus-5-5, sonnet-4-5       308,100  $0.1544
    22222222  —                   blog     2026-11-23 10:40  opus-5-5-fast, opus-5-5,…    1,588  $0.0441
              Total                                                                     309,688  $0.1985
    77 tokens of unheard-of are in no cost for want of a price; claude-cost prices set gives one
    likely +265 output tokens ($0.0053) that were never counted, in no total
    ");
    insta::assert_snapshot!(sandbox.run(&["session", "--id", "2222"]), @"
    exit 0
    --- stdout
    22222222-bbbb-4bbb-8bbb-000000000002

    Time              Model          Input  Output  Cache write  Cache read     Cost
    2026-11-23 09:10  opus-5-5-fast    500   1,000            0           0  $0.0440
    2026-11-23 10:00  unheard-of        70       7            0           0        —
    2026-11-23 10:40  opus-5-5          10       1            0           0  $0.0001
    Total                              580   1,008            0           0  $0.0441
    77 tokens of unheard-of are in no cost for want of a price; claude-cost prices set gives one
    likely +265 output tokens ($0.0053) that were never counted, in no total
    ");
    insta::assert_snapshot!(sandbox.run(&["session", "--id", "3333"]), @"
    exit 1
    --- stderr
    error: there is no usage of a conversation `3333`
    hint: claude-cost usage session lists them
    ");
    assert_eq!(sandbox.stdout(&["session", "--id", "3333", "--json"]), "null\n");
}

#[test]
fn blocks_are_five_hours_long() {
    let sandbox = used();
    insta::assert_snapshot!(sandbox.stdout(&["blocks"]), @"
    Start             Time                 Models                                Tokens     Cost
    2026-10-31 22:00  30m                  opus-5-5                             305,100  $0.1214
    2026-11-01 03:30  nothing for 21d 20h
    2026-11-22 23:00  30m                  sonnet-4-5                             3,000  $0.0330
    2026-11-23 04:30  nothing for 4h 40m
    2026-11-23 09:00  active, 2h 00m left  opus-5-5-fast, opus-5-5, unheard-of    1,588  $0.0441
    └ at this rate    in the end                                                  3,705  $0.1028
    Total                                                                       309,688  $0.1985
    77 tokens of unheard-of are in no cost for want of a price; claude-cost prices set gives one
    likely +265 output tokens ($0.0053) that were never counted, in no total
    ");
    insta::assert_snapshot!(sandbox.stdout(&["blocks", "--active", "--token-limit", "max"]), @"
    Block since 2026-11-23 09:00: 3h 00m gone, 2h 00m left
      used      1,588 tokens, $0.0441
      rate      18 tokens a minute, $0.0294 an hour
      end       3,705 tokens, $0.1028 at this rate
      limit     305,100 tokens: 0.5% used, 1.2% in the end
    77 tokens of unheard-of are in no cost for want of a price; claude-cost prices set gives one
    likely +265 output tokens ($0.0053) that were never counted, in no total
    ");
    insta::assert_snapshot!(sandbox.stdout(&["blocks", "--recent", "--token-limit", "2000", "--no-cost"]), @"
    Start             Time                 Models                               Tokens   Limit
    2026-11-22 23:00  30m                  sonnet-4-5                            3,000  150.0%
    2026-11-23 04:30  nothing for 4h 40m
    2026-11-23 09:00  active, 2h 00m left  opus-5-5-fast, opus-5-5, unheard-of   1,588   79.4%
    └ at this rate    in the end                                                 3,705  185.2%
    Total                                                                        4,588
    likely +265 output tokens that were never counted, in no total
    ");
}

#[test]
fn a_breakdown_has_rows_of_ones_own_choice() {
    let sandbox = used();
    insta::assert_snapshot!(sandbox.stdout(&["usage", "breakdown", "--by", "project,model"]), @"
    Project          Input  Output  Cache write  Cache read   Tokens     Cost
    shop             1,100   4,000        3,000     300,000  308,100  $0.1544
    └ opus-5-5         100   2,000        3,000     300,000  305,100  $0.1214
    └ sonnet-4-5     1,000   2,000            0           0    3,000  $0.0330
    blog               580   1,008            0           0    1,588  $0.0441
    └ opus-5-5-fast    500   1,000            0           0    1,500  $0.0440
    └ opus-5-5          10       1            0           0       11  $0.0001
    └ unheard-of        70       7            0           0       77        —
    Total            1,680   5,008        3,000     300,000  309,688  $0.1985
    77 tokens of unheard-of are in no cost for want of a price; claude-cost prices set gives one
    likely +265 output tokens ($0.0053) that were never counted, in no total
    ");
    insta::assert_snapshot!(sandbox.stdout(&["usage", "breakdown", "--by", "hour", "--since", "20261101"]), @"
    Hour   Models                Input  Output  Cache write  Cache read  Tokens     Cost
    09:00  opus-5-5-fast           500   1,000            0           0   1,500  $0.0440
    10:00  opus-5-5, unheard-of     80       8            0           0      88  $0.0001
    23:00  sonnet-4-5            1,000   2,000            0           0   3,000  $0.0330
    Total                        1,580   3,008            0           0   4,588  $0.0771
    77 tokens of unheard-of are in no cost for want of a price; claude-cost prices set gives one
    likely +265 output tokens ($0.0053) that were never counted, in no total
    ");
    insta::assert_snapshot!(sandbox.run(&["usage", "breakdown", "--by", "model,model"]), @"
    exit 2
    --- stderr
    error: --by takes one or two different words, as in --by project,model
    ");
}

#[test]
fn projects_of_one_name_are_told_apart() {
    let sandbox = Sandbox::new();
    for (minute, directory, conversation) in [(1, "/ann/shop", FIRST), (2, "/bob/shop", SECOND), (3, "/bob/blog", "c3")]
    {
        let at = format!("2026-11-23T10:{minute:02}:00.000Z");
        let answer = answer(&at, (directory, conversation), "claude-opus-5-5", &tokens(1, 1));
        write(&sandbox, &directory.replace('/', "-"), conversation, &[answer]);
    }
    insta::assert_snapshot!(sandbox.stdout(&["usage", "breakdown", "--by", "branch", "--compact"]), @"
    Branch            Models    Input  Output  Tokens      Cost
    main (/ann/shop)  opus-5-5      1       1       2  <$0.0001
    main (blog)       opus-5-5      1       1       2  <$0.0001
    main (/bob/shop)  opus-5-5      1       1       2  <$0.0001
    Total                           3       3       6   $0.0001
    ");
    insta::assert_snapshot!(sandbox.stdout(&["usage", "breakdown", "--by", "project,branch", "--compact"]), @"
    Project    Models    Input  Output  Tokens      Cost
    /ann/shop  opus-5-5      1       1       2  <$0.0001
    └ main     opus-5-5      1       1       2  <$0.0001
    blog       opus-5-5      1       1       2  <$0.0001
    └ main     opus-5-5      1       1       2  <$0.0001
    /bob/shop  opus-5-5      1       1       2  <$0.0001
    └ main     opus-5-5      1       1       2  <$0.0001
    Total                    3       3       6   $0.0001
    ");
}

#[test]
fn a_part_can_be_asked_for() {
    let sandbox = used();
    for (arguments, exchanges) in [
        (&["--since", "2026-11-23"][..], 3),
        (&["--until", "20261031"], 1),
        (&["--until", "20261031", "--timezone", "Asia/Tokyo"], 0),
        (&["--last", "2"], 4),
        (&["--project", "shop"], 2),
        (&["--project", "/code/blog"], 3),
        (&["--project", "-code-blog"], 3),
        (&["--branch", "main"], 5),
        (&["--branch", "other"], 0),
        (&["--model", "opus-5-5"], 3),
        (&["--model", "fast"], 1),
    ] {
        let csv = sandbox.stdout(&[&["daily", "--csv"], arguments].concat());
        let column = csv.lines().next().unwrap().split(',').position(|name| name == "exchanges").unwrap();
        let sum: u64 =
            csv.lines().skip(1).map(|line| line.split(',').nth(column).unwrap().parse::<u64>().unwrap()).sum();
        assert_eq!(sum, exchanges, "{arguments:?}");
    }
}

#[test]
fn tables_fit_the_terminal() {
    let sandbox = used();
    for width in [30, 40, 60, 80, 100, 140] {
        for arguments in [
            &["daily"][..],
            &["daily", "-b"],
            &["daily", "-i"],
            &["daily", "--compact"],
            &["session"],
            &["session", "--id", FIRST],
            &["blocks"],
            &["blocks", "-t", "max"],
            &["blocks", "--active", "-t", "max"],
            &["usage"],
            &["usage", "trend"],
            &["usage", "trend", "--by", "week"],
            &["usage", "breakdown", "--by", "branch"],
        ] {
            let output = sandbox.claude_cost(arguments).env("COLUMNS", width.to_string()).output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
            // Neither money nor a conversation's id is cut, whatever the terminal.
            assert!(widest <= width.max(36), "{arguments:?}: {widest} columns for {width}:\n{text}");
            assert!(
                !text.contains("…%")
                    && !text.split_whitespace().any(|word| word.starts_with('$') && word.ends_with('…')),
                "{text}"
            );
            assert!(text.contains("$0.") || text.contains("$1."), "{arguments:?} for {width}:\n{text}");
        }
    }
}

#[test]
fn colour_is_only_where_it_is_asked_for() {
    let sandbox = used();
    for (arguments, is_coloured) in [
        (&["daily"][..], false),
        (&["daily", "--color", "always"], true),
        (&["daily", "--color", "always", "--no-color"], false),
    ] {
        let output = sandbox.claude_cost(arguments).env_remove("NO_COLOR").output().unwrap();
        assert_eq!(output.stdout.contains(&0x1b), is_coloured, "{arguments:?}");
    }
}

#[test]
fn options_of_ccusage_that_mean_nothing_here_do_no_harm() {
    let sandbox = used();
    let plain = sandbox.stdout(&["daily"]);
    let typed = "claude daily --mode calculate -O --no-offline --debug --debug-samples 3 --single-thread --all --by-agent \
                 --locale de --project-aliases a=b --no-color";
    assert_eq!(sandbox.stdout(&typed.split_whitespace().collect::<Vec<_>>()), plain);
    assert_eq!(sandbox.claude_cost(&["daily", "--mode", "display"]).output().unwrap().status.code(), Some(2));
}

#[test]
fn what_sessions_state_is_usage_too() {
    let sandbox = used();
    sandbox.run(&["start", "By hand", "--model", "claude-opus-5-5"]);
    sandbox.run(&["log", "1000", "1000", "x"]);
    let json: Value = serde_json::from_str(&sandbox.stdout(&["daily", "-j", "--project", "work"])).unwrap();
    assert_eq!(json["totals"]["totalTokens"], 2000);
}

#[test]
fn without_any_it_says_where_usage_comes_from() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["usage", "daily"]), @"
    exit 0
    --- stdout
    No usage yet: work with Claude Code, and it shows here.
    Its transcripts are looked for in [ROOT]/home/.claude, [ROOT]/home/.config/claude; CLAUDE_CONFIG_DIR names another place.
    ");
    insta::assert_snapshot!(sandbox.run(&["blocks", "--active"]), @"
    exit 0
    --- stdout
    No block is running.
    ");
    insta::assert_snapshot!(sandbox.run(&["daily", "--last", "3"]), @"
    exit 0
    --- stdout
    No usage matches; without options all of it is shown.
    ");
    insta::assert_snapshot!(sandbox.stdout(&["daily", "--instances", "--json"]), @r#"
    {
      "daily": [],
      "totals": {
        "inputTokens": 0,
        "outputTokens": 0,
        "cacheCreationTokens": 0,
        "cacheReadTokens": 0,
        "totalTokens": 0,
        "totalCost": 0
      }
    }
    "#);
    assert_eq!(sandbox.stdout(&["blocks", "--json"]), "{\n  \"blocks\": []\n}\n");
    insta::assert_snapshot!(sandbox.run(&["daily", "--since", "yesterday"]), @"
    exit 2
    --- stderr
    error: invalid value 'yesterday' for '--since <DAY>': not a day; write it as 2026-11-23 or 20261123

    For more information, try '--help'.
    ");
}
