//! `claude-cost doctor`

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;
use std::time::SystemTime;

use crate::claude::Answer;
use crate::sandbox::Sandbox;

fn doctor(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let text = sandbox.run(&[&["doctor"], arguments].concat()).replace(env!("CARGO_PKG_VERSION"), "[VERSION]");
    // How large a database is depends on when it was tidied up.
    let lines = text.lines().map(|line| match line.split_once(", schema ") {
        Some((head, schema)) => format!("{}, [SIZE], schema {schema}\n", head.rsplit_once(", ").unwrap().0),
        None => format!("{line}\n"),
    });
    lines.collect()
}

/// Sets when a file was last written, in days before the sandbox's now.
fn age(path: &Path, days: u64) {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_435_200);
    let file = fs_err::OpenOptions::new().write(true).open(path).unwrap();
    file.file().set_modified(now - Duration::from_secs(days * 86_400)).unwrap();
}

fn answer(id: &'static str, at: &str) -> Answer {
    Answer::new(id, at, 400)
}

#[test]
fn a_new_machine_is_well() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(doctor(&sandbox, &[]), @"
    exit 0
    --- stdout
    ok       claude-cost [VERSION]
    ok       days are those of UTC, the system's zone
    ok       no settings files: defaults hold
    ok       [ROOT]/home/.local/share/claude-cost will be made, for you alone
    note     there is no ledger yet: claude-cost sync makes it
    ok       [ROOT]/home/.claude is not there
    ok       [ROOT]/home/.config/claude is not there
    ok       Claude Desktop has no local agents here
    note     there are no transcripts; where Claude Code keeps its own elsewhere, CLAUDE_CONFIG_DIR names the place
    ok       there is no git repository here

    There are no problems, but see the notes.
    ");
    assert!(!sandbox.data().exists(), "it changes nothing");
}

/// A line of a version that left the first count of a stream in place.
const UNFINISHED: &str = r#"{"type":"assistant","uuid":"u","timestamp":"2026-11-20T10:00:00Z","sessionId":"c3","cwd":"/w","version":"2.1.20","requestId":"r","message":{"id":"old","role":"assistant","model":"claude-opus-4-6","content":[{"type":"text","text":"This answer is far longer than the single token that was counted when its stream began."}],"stop_reason":null,"usage":{"input_tokens":3,"output_tokens":1}}}"#;

fn used(sandbox: &Sandbox) {
    sandbox.answers(&[
        answer("m1", "2026-11-18T10:00:00Z"),
        answer("m2", "2026-11-20T10:00:00Z").model("acme/secret-llm").conversation("c2"),
    ]);
    let c3 = sandbox.conversations().join("c3.jsonl");
    fs_err::write(&c3, format!("{UNFINISHED}\n{{\"secret\":1,\"usage\":{{\n")).unwrap();
    for (conversation, days) in [("c1", 5), ("c2", 3), ("c3", 3)] {
        age(&sandbox.conversations().join(format!("{conversation}.jsonl")), days);
    }
}

#[test]
fn what_is_amiss_is_told_with_its_way_out() {
    let sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.run(&["config", "set", "timezone", "Europe/Berlin"]);
    sandbox.run(&["install", "git-hook"]);
    used(&sandbox);
    fs_err::write(sandbox.home().join(".claude/settings.json"), r#"{"cleanupPeriodDays":20}"#).unwrap();
    sandbox.run(&["sync"]);
    insta::assert_snapshot!(doctor(&sandbox, &[]), @"
    exit 1
    --- stdout
    ok       claude-cost [VERSION]
    ok       days are those of Europe/Berlin
    ok       settings from [ROOT]/home/.config/claude-cost/config.toml
    ok       [ROOT]/home/.local/share/claude-cost is for you alone
    ok       [ROOT]/home/.local/share/claude-cost/ledger.db holds 3 exchanges from 2026-11-18 to 2026-11-20, [SIZE], schema 5
    ok       [ROOT]/home/.claude has 3 transcripts, 1.7 kB
    ok       [ROOT]/home/.config/claude is not there
    ok       Claude Desktop has no local agents here
    ok       the ledger has all that transcripts hold
    ok       Claude Code deletes what is in [ROOT]/home/.claude after 20 days ([ROOT]/home/.claude/settings.json)
             the oldest transcript, of 2026-11-18, goes in 15 days; the ledger keeps what it says
    note     1 line of transcripts could not be read and is in no total
             [ROOT]/home/.claude/projects/[ROOT]-work/c3.jsonl:387: it is no JSON: EOF while parsing an object at line 1 column 21
    problem  no total has the cost of models without a price
             acme/secret-llm: 11,403 tokens in 1 exchange
             claude-cost prices set MODEL --input USD --output USD gives one its price
    note     1 of 3 exchanges have an output count that Claude Code never finished
             about 24 tokens are missing, $0.0006 or so; no total has them
    ok       estimates of text were held against your own finished answers
             acme/secret-llm: not enough answers yet, 1 of 5 (2026-11-23)
             claude from 4.7: not enough answers yet, 1 of 40 (2026-11-23)
    ok       the git hook is installed here as [ROOT]/work/.git/hooks/post-commit

    There are problems.
    ");
    insta::assert_snapshot!(doctor(&sandbox, &["--share"]), @"
    exit 1
    --- stdout
    ok       claude-cost [VERSION]
    ok       days are those of Europe/Berlin
    ok       settings from config.toml
    ok       ~/.local/share/claude-cost is for you alone
    ok       ~/.local/share/claude-cost/ledger.db holds 3 exchanges from 2026-11-18 to 2026-11-20, [SIZE], schema 5
    ok       ~/.claude has 3 transcripts, 1.7 kB
    ok       ~/.config/claude is not there
    ok       Claude Desktop has no local agents here
    ok       the ledger has all that transcripts hold
    ok       Claude Code deletes what is in ~/.claude after 20 days (~/.claude/settings.json)
             the oldest transcript, of 2026-11-18, goes in 15 days; the ledger keeps what it says
    note     1 line of transcripts could not be read and is in no total
             not shared:387: it is no JSON: EOF while parsing an object at line 1 column 21
    problem  no total has the cost of models without a price
             another vendor: 11,403 tokens in 1 exchange
             claude-cost prices set MODEL --input USD --output USD gives one its price
    note     1 of 3 exchanges have an output count that Claude Code never finished
             about 24 tokens are missing, $0.0006 or so; no total has them
    ok       estimates of text were held against your own finished answers
             another vendor: not enough answers yet, 1 of 5 (2026-11-23)
             claude from 4.7: not enough answers yet, 1 of 40 (2026-11-23)
    ok       the git hook is installed here

    There are problems.
    ");
}

#[test]
fn transcripts_that_are_soon_gone_are_to_be_read_now() {
    let sandbox = Sandbox::new();
    sandbox.answers(&[answer("m1", "2026-10-26T10:00:00Z")]);
    let transcript = sandbox.conversations().join("c1.jsonl");
    let said = |days| {
        age(&transcript, days);
        let text = doctor(&sandbox, &[]);
        let status = text.lines().next().unwrap().to_owned();
        let line = text.lines().find(|line| line.contains("the ledger lacks")).map(str::to_owned);
        (status, line.unwrap_or_default())
    };
    let note = "note     the ledger lacks something of 1 transcript; Claude Code deletes the first in 10 days";
    assert_eq!(said(20), ("exit 0".to_owned(), note.to_owned()));
    let problem = "problem  the ledger lacks something of 1 transcript; Claude Code deletes the first in 2 days";
    assert_eq!(said(28), ("exit 1".to_owned(), problem.to_owned()));
    sandbox.run(&["sync"]);
    assert_eq!(said(28), ("exit 0".to_owned(), String::new()));
    // A touch changes nothing in it, even if that is the last day.
    assert_eq!(said(29), ("exit 0".to_owned(), String::new()));
    sandbox.answers(&[answer("m2", "2026-10-26T11:00:00Z")]);
    assert!(said(29).1.contains("lacks something of 1 transcript"));
}

#[test]
fn what_others_can_read_is_a_problem() {
    let sandbox = Sandbox::new();
    sandbox.answers(&[answer("m1", "2026-11-20T10:00:00Z")]);
    sandbox.run(&["sync"]);
    let line = || doctor(&sandbox, &[]).lines().find(|line| line.contains("claude-cost is")).map(str::to_owned);
    assert_eq!(line().unwrap(), "ok       [ROOT]/home/.local/share/claude-cost is for you alone");
    fs_err::set_permissions(sandbox.data(), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert!(doctor(&sandbox, &[]).contains("note     [ROOT]/home/.local/share/claude-cost can be listed by others"));
    let ledger = sandbox.data().join("ledger.db");
    fs_err::set_permissions(&ledger, std::fs::Permissions::from_mode(0o644)).unwrap();
    let text = doctor(&sandbox, &[]);
    assert!(text.starts_with("exit 1"), "{text}");
    assert!(text.contains("chmod -R go= '[ROOT]/home/.local/share/claude-cost' takes that from them"), "{text}");
}

#[test]
fn a_ledger_that_cannot_be_used_is_a_problem() {
    let sandbox = Sandbox::new();
    fs_err::create_dir_all(sandbox.data()).unwrap();
    fs_err::set_permissions(sandbox.data(), std::fs::Permissions::from_mode(0o700)).unwrap();
    fs_err::write(sandbox.data().join("ledger.db"), "this is no database, whatever its name may say").unwrap();
    let text = doctor(&sandbox, &[]);
    assert!(text.starts_with("exit 1"), "{text}");
    assert!(text.contains("problem  the ledger cannot be used: could not open the ledger"), "{text}");
}

#[test]
fn programs_get_all_of_it() {
    let sandbox = Sandbox::new();
    used(&sandbox);
    sandbox.run(&["sync"]);
    let output = sandbox.claude_cost(&["doctor", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["verdict"], "problem");
    let check = |name: &str| {
        let checks = json["checks"].as_array().unwrap();
        checks.iter().find(|check| check["check"] == name).unwrap().clone()
    };
    assert_eq!(check("ledger")["exchanges"], 3);
    assert_eq!(check("retention")["deleted_in_days"], 25);
    assert_eq!(check("unpriced")["models"][0]["tokens"], 11_403);
    assert_eq!(check("lower_bounds")["exchanges"], 1);
    let unreadable = check("unreadable_lines");
    assert_eq!((&unreadable["mark"], &unreadable["lines"]), (&"note".into(), &1.into()));
    assert_eq!(unreadable["files"][0]["samples"][0]["offset"], UNFINISHED.len() + 1);
    assert!(!String::from_utf8(output.stdout).unwrap().contains("{\"secret"));
}
