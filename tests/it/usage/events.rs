//! `claude-cost usage breakdown` by what only single exchanges tell

use crate::claude::Answer;
use crate::sandbox::Sandbox;

fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.play("09:00 claude-cost start 'JWT auth' --tag api --tag auth");
    let answer = |id, clock: &str, output| Answer::new(id, &format!("2026-11-23T{clock}:00.000Z"), output);
    sandbox.answers(&[
        answer("m1", "08:00", 100),
        answer("m2", "09:05", 200).tool("Read", "x"),
        answer("m3", "09:08", 400).tool("Bash", "git commit -m x"),
        answer("m4", "09:20", 800).tool("mcp__github__list", "x"),
        answer("m5", "09:40", 1600),
    ]);
    sandbox.commit("a", "x\n", "Check tokens", "2026-11-23T09:08:30Z");
    sandbox.play("09:10 claude-cost quick code tokens\n09:30 claude-cost quick review all\n10:00 claude-cost end");
    sandbox
}

#[test]
fn each_exchange_goes_to_what_it_was_for() {
    let sandbox = sandbox();
    for (by, expected) in [
        ("session", ["(no session)", "JWT auth"].as_slice()),
        ("task", &["(no session)", "(not logged)", "code", "review"]),
        ("tag", &["(no tag)", "api", "auth"]),
        ("tool", &["(no tool)", "Bash", "Read", "mcp__github__list"]),
        ("mcp", &["(no MCP server)", "github"]),
        ("commit", &["(not committed)", "Check tokens"]),
    ] {
        let table = sandbox.stdout(&["usage", "breakdown", "--by", by]);
        for name in expected {
            assert!(table.contains(name), "{by}: {name} in\n{table}");
        }
        assert_eq!(table.lines().count(), expected.len() + 2, "{table}");
    }
}

#[test]
fn whatever_the_rows_are_they_come_to_the_total() {
    let sandbox = sandbox();
    let total = |arguments: &[&str]| {
        let json: serde_json::Value = serde_json::from_str(&sandbox.stdout(arguments)).unwrap();
        json["totals"].clone()
    };
    let daily = total(&["daily", "--json"]);
    let ways = ["session", "task", "tag", "tool", "mcp", "commit", "model"];
    for first in ways {
        assert_eq!(total(&["usage", "breakdown", "--json", "--by", first]), daily, "{first}");
        for second in ways.into_iter().filter(|second| *second != first) {
            let by = format!("{first},{second}");
            assert_eq!(total(&["usage", "breakdown", "--json", "--by", &by]), daily, "{by}");
        }
    }
    let csv = sandbox.stdout(&["usage", "breakdown", "--csv", "--by", "tag"]);
    assert_eq!(csv.lines().count(), 4, "{csv}");
}

#[test]
fn a_journal_that_cannot_be_read_is_named() {
    let sandbox = sandbox();
    let id = &sandbox.session_ids()[0];
    fs_err::write(sandbox.data().join(format!("sessions/ended/2026/{id}.jsonl")), "torn\n").unwrap();
    for arguments in [["breakdown", "--by", "session"].as_slice(), &["breakdown", "--by", "tag,task"], &["compare"]] {
        let said = sandbox.run(&[&["usage"], arguments].concat());
        let notice = "warning: 1 journal of closed sessions could not be read: ";
        assert_eq!(said.matches(notice).count(), 1, "{said}");
    }

    fs_err::write(sandbox.data().join(format!("sessions/active/{id}.jsonl")), "torn\n").unwrap();
    for arguments in [["usage", "breakdown", "--by", "task"].as_slice(), &["daily"], &["sessions"]] {
        let said = sandbox.run(arguments);
        assert_eq!(said.matches("has lost its first line: its session is in no figure").count(), 1, "{said}");
    }
}

#[test]
fn a_session_or_tag_can_be_asked_for_in_every_report() {
    let mut sandbox = sandbox();
    sandbox.answers(&[
        Answer::new("m6", "2026-11-23T10:20:00.000Z", 3200),
        Answer::new("m7", "2026-11-23T11:20:00.000Z", 6400).conversation("c2"),
    ]);
    sandbox.play("11:00 claude-cost start Cart --tag api\n11:30 claude-cost status");
    let json = |arguments: &[&str]| -> serde_json::Value {
        serde_json::from_str(&sandbox.stdout(&[arguments, &["--json"]].concat())).unwrap()
    };
    let id = sandbox.session_ids().into_iter().next().unwrap();
    // By the tokens of input, three an exchange.
    for (filter, exchanges) in [
        (["--session", "jwt auth"], 4),
        (["--session", &id], 4),
        (["--session", "Cart"], 1),
        (["--tag", "auth"], 4),
        (["--tag", "api"], 5),
        (["--tag", "ap"], 0),
    ] {
        for report in [
            &["daily"][..],
            &["weekly"],
            &["monthly"],
            &["session"],
            &["usage", "breakdown", "--by", "tag"],
            &["usage", "breakdown", "--by", "model"],
        ] {
            let totals = &json(&[report, &filter].concat())["totals"];
            assert_eq!(totals["inputTokens"], 3 * exchanges, "{report:?} {filter:?}");
        }
        let tokens = &json(&[&["daily"][..], &filter].concat())["totals"]["totalTokens"];
        let of_trend = &json(&[&["usage", "trend"][..], &filter].concat())["tokens"];
        let blocks = json(&[&["blocks"][..], &filter].concat());
        let of_blocks: u64 =
            blocks["blocks"].as_array().unwrap().iter().map(|block| block["totalTokens"].as_u64().unwrap()).sum();
        let of_glance = &json(&[&["usage"][..], &filter].concat())["month"]["tokens"]["input"];
        assert_eq!((of_trend, of_glance, of_blocks), (tokens, &(3 * exchanges).into(), tokens.as_u64().unwrap()));
    }
    insta::assert_snapshot!(sandbox.run(&["daily", "--session", "nosuch"]), @"
    exit 1
    --- stderr
    error: there is no session `nosuch`
    hint: claude-cost sessions --all lists them with their ids
    ");
    insta::assert_snapshot!(sandbox.run(&["usage", "--tag", "nosuch"]), @"
    exit 0
    --- stdout
    No usage of these days matches; claude-cost monthly with the same filters shows all that does.
    ");
    insta::assert_snapshot!(sandbox.run(&["session", "--id", "c1", "--session", "Cart"]), @"
    exit 1
    --- stderr
    error: there is no usage in what is asked for of a conversation `c1`
    hint: claude-cost usage session lists them
    ");
}
