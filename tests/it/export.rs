//! `claude-cost export`

use crate::claude::Answer;
use crate::sandbox::Sandbox;

fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.answers(&[
        Answer::new("m1", "2026-11-20T23:30:00.250Z", 400).tool("Bash", "git commit -m secret"),
        Answer::new("m2", "2026-11-21T10:00:00Z", 400).model("unheard-of").directory("/w/=shop, \"the one\""),
        Answer::new("m3", "2026-11-22T10:00:00Z", 10).directory("/w/other/docs"),
    ]);
    sandbox.play("10:00 claude-cost start 'Not to be told'\n10:05 claude-cost log 100 200 'nor this' --task code");
    sandbox.set_now("12:00");
    sandbox
}

fn lines(text: &str) -> Vec<serde_json::Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn ids(text: &str) -> Vec<String> {
    lines(text).iter().map(|line| line["id"].as_str().unwrap().chars().take(5).collect()).collect()
}

#[test]
fn an_event_is_a_line_and_says_nothing_of_what_was_said() {
    let sandbox = sandbox();
    let text = sandbox.stdout(&["export"]);
    insta::assert_snapshot!(sandbox.redacted(text.lines().next().unwrap()), @r#"{"id":"m1","at":"2026-11-20T23:30:00.250Z","model":"claude-opus-5-5","input_tokens":3,"output_tokens":400,"cache_write_5m_tokens":0,"cache_write_1h_tokens":1000,"cache_read_tokens":10000,"web_searches":0,"prompt_tokens":11003,"speed":null,"tier":"standard","us_only":false,"precision":"measured","likely_output_tokens":null,"stated_cost_usd":null,"cost_usd":"0.018012","project":"[ROOT]/work","directory":"[ROOT]/work","branch":"main","conversation":"c1","agent":null,"skill":null,"tools":["Bash"],"version":"2.1.330","session":null,"task":null}"#);
    let lines = lines(&text);
    assert_eq!(lines.len(), 4);
    assert_eq!((&lines[1]["cost_usd"], &lines[1]["output_tokens"]), (&serde_json::Value::Null, &400.into()));
    assert_eq!((&lines[3]["precision"], &lines[3]["task"]), (&"stated".into(), &"code".into()));
    for word in ["secret", "done", "told", "nor this"] {
        assert!(!text.contains(word), "{word}");
    }
}

#[test]
fn spreadsheets_get_it_too() {
    let sandbox = sandbox();
    let text = sandbox.stdout(&["export", "--format", "csv", "--until", "20261122"]);
    insta::assert_snapshot!(sandbox.redacted(&text), @r#"
    id,at,model,input_tokens,output_tokens,cache_write_5m_tokens,cache_write_1h_tokens,cache_read_tokens,web_searches,prompt_tokens,speed,tier,us_only,precision,likely_output_tokens,stated_cost_usd,cost_usd,project,directory,branch,conversation,agent,skill,tools,version,session,task
    m1,2026-11-20T23:30:00.250Z,claude-opus-5-5,3,400,0,1000,10000,0,11003,,standard,false,measured,,,0.018012,[ROOT]/work,[ROOT]/work,main,c1,,,Bash,2.1.330,,
    m2,2026-11-21T10:00:00.000Z,unheard-of,3,400,0,1000,10000,0,11003,,standard,false,measured,,,,"/w/=shop, ""the one""","/w/=shop, ""the one""",main,c1,,,,2.1.330,,
    m3,2026-11-22T10:00:00.000Z,claude-opus-5-5,3,10,0,1000,10000,0,11003,,standard,false,measured,,,0.010212,/w/other/docs,/w/other/docs,main,c1,,,,2.1.330,,
    "#);
}

#[test]
fn days_are_those_of_the_zone_and_both_count() {
    let sandbox = sandbox();
    for (arguments, expected) in [
        (vec!["--since", "2026-11-21"], vec!["m2", "m3", "entry"]),
        (vec!["--until", "2026-11-21"], vec!["m1", "m2"]),
        (vec!["--since", "20261121", "--until", "20261121"], vec!["m2"]),
        (vec!["--since", "20261121", "--until", "20261121", "-c", "timezone=Europe/Berlin"], vec!["m1", "m2"]),
        (vec!["--since", "20261124"], vec![]),
        (vec!["--project", "work"], vec!["m1", "entry"]),
        (vec!["--project", "/w/other/docs"], vec!["m3"]),
        (vec!["--project", "wor"], vec![]),
    ] {
        let text = sandbox.stdout(&[&["export"], arguments.as_slice()].concat());
        assert_eq!(ids(&text), expected, "{arguments:?}");
    }
}

#[test]
fn a_file_is_written_over_only_when_asked() {
    let sandbox = sandbox();
    let file = sandbox.work().join("all.jsonl");
    let run = |arguments: &[&str]| sandbox.run(&[&["export", "--output", "all.jsonl"], arguments].concat());
    insta::assert_snapshot!(run(&[]), @"
    exit 0
    --- stderr
    wrote 4 events to [ROOT]/work/all.jsonl
    ");
    assert_eq!(fs_err::read_to_string(&file).unwrap(), sandbox.stdout(&["export"]));
    insta::assert_snapshot!(run(&["--since", "20261122"]), @"
    exit 1
    --- stderr
    error: [ROOT]/work/all.jsonl already exists
    hint: give another name, or --force to write over it
    ");
    insta::assert_snapshot!(run(&["--since", "20261122", "--force"]), @"
    exit 0
    --- stderr
    wrote 2 events to [ROOT]/work/all.jsonl
    ");
    assert_eq!(ids(&fs_err::read_to_string(&file).unwrap()), ["m3", "entry"]);
}

#[test]
fn a_part_can_be_asked_for() {
    let sandbox = sandbox();
    for (arguments, expected) in [
        (&["--model", "opus"][..], &["m1", "m3"][..]),
        (&["--branch", "main", "--project", "work"], &["m1"]),
        (&["--session", "not to be told"], &["entry"]),
        (&["--tag", "nosuch"], &[]),
        (&["--since", "20261121", "--until", "20261121", "-z", "Europe/Berlin"], &["m1", "m2"]),
    ] {
        let found = ids(&sandbox.stdout(&[&["export"], arguments].concat()));
        let found: Vec<_> =
            found.iter().map(String::as_str).filter(|id| *id != "entry" || expected == ["entry"]).collect();
        assert_eq!(found, expected, "{arguments:?}");
    }
}

#[test]
fn a_file_that_cannot_be_made_is_called_by_its_own_name() {
    insta::assert_snapshot!(sandbox().run(&["export", "--output", "no/such/all.jsonl"]), @"
    exit 1
    --- stderr
    error: there is no directory [ROOT]/work/no/such
    ");
}

#[test]
fn nothing_is_no_line_at_all() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.stdout(&["export"]), "");
    assert_eq!(sandbox.stdout(&["export", "--format", "csv"]).lines().count(), 1);
}
