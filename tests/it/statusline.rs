//! `claude-cost statusline`

use std::process::Output;
use std::time::Duration;
use std::time::Instant;

use crate::claude::Answer;
use crate::sandbox::Sandbox;

const PAYLOAD: &str = r#"{"hook_event_name":"Status","session_id":"4a7c0e4e-9d0b-4f7e-8a51-0b0f6d0c9b11","version":"2.1.330",
    "transcript_path":"/home/u/.claude/projects/-w/4a7c0e4e-9d0b-4f7e-8a51-0b0f6d0c9b11.jsonl","cwd":"/w",
    "model":{"id":"claude-opus-5-5[1m]","display_name":"Opus 5.5"},
    "workspace":{"current_dir":"/w","project_dir":"/w","added_dirs":[]},"output_style":{"name":"default"},
    "cost":{"total_cost_usd":0.2517,"total_duration_ms":45000,"total_api_duration_ms":2300,"total_lines_added":156},
    "context_window":{"total_input_tokens":15234,"total_output_tokens":452,"context_window_size":200000,
        "used_percentage":8,"remaining_percentage":92,"current_usage":{"input_tokens":34,"output_tokens":452,
        "cache_creation_input_tokens":5200,"cache_read_input_tokens":10000}},
    "exceeds_200k_tokens":false,"rate_limits":{"five_hour":{"used_percentage":23.5,"resets_at":1795438800},
        "seven_day":{"used_percentage":"81","resets_at":1795770000}}}"#;

/// The line that is printed for a payload, which there must be.
fn line(sandbox: &Sandbox, arguments: &[&str], payload: &str) -> String {
    let shown = sandbox.run_with_input(&[&["statusline"], arguments].concat(), payload.as_bytes());
    let (code, rest) = shown.split_once('\n').unwrap();
    assert_eq!(code, "exit 0", "{payload}");
    let line = rest.strip_prefix("--- stdout\n").unwrap_or_else(|| panic!("no line for {payload}: {shown}"));
    assert!(!line.trim().is_empty(), "{payload}");
    line.to_owned()
}

fn configure(sandbox: &Sandbox, text: &str) {
    fs_err::create_dir_all(sandbox.config()).unwrap();
    fs_err::write(sandbox.config().join("config.toml"), text).unwrap();
}

#[test]
fn shows_what_claude_code_says_before_anything_was_imported() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(line(&sandbox, &[], PAYLOAD), @"Opus 5.5 | $0.2517 cc conversation | 15,234 (8%) context");
}

#[test]
fn shows_the_session_that_is_running_here_with_its_budget() {
    let mut sandbox = Sandbox::new();
    sandbox.play(
        "
        11:00 claude-cost start 'JWT auth' --budget 2
        11:10 claude-cost log 100k 20k 'token validation'
    ",
    );
    let payload = PAYLOAD.replace("\"/w\"", &format!("{:?}", sandbox.work()));
    sandbox.set_now("12:00");
    insta::assert_snapshot!(line(&sandbox, &["-c", "statusline.template={model} | {session} / {budget}"], &payload), @"Opus 5.5 | JWT auth $0.4000 / $1.60 left of $2.00");
    // Elsewhere it is not.
    insta::assert_snapshot!(line(&sandbox, &["-c", "statusline.template={model} | {session} / {budget}"], PAYLOAD), @"Opus 5.5");
}

/// An answer in a transcript that the payload may point to.
fn answer(id: &str, at: &str, model: &str) -> String {
    format!(
        r#"{{"type":"assistant","uuid":"u-{id}","timestamp":"{at}","sessionId":"S1","cwd":"/w","gitBranch":"main","version":"2.1.330","isSidechain":false,"requestId":"req_{id}","message":{{"id":"msg_{id}","type":"message","role":"assistant","model":"{model}","content":[{{"type":"text","text":"ok"}}],"stop_reason":"end_turn","usage":{{"input_tokens":20000,"output_tokens":40000,"cache_creation_input_tokens":5200,"cache_read_input_tokens":480000,"cache_creation":{{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":5200}},"service_tier":"standard","speed":"standard"}}}}}}
"#
    )
}

#[test]
fn adds_up_the_conversation_the_day_and_the_block() {
    let sandbox = Sandbox::new();
    let opus = "claude-opus-5-5";
    let main = sandbox.write(
        "claude/projects/-w/S1.jsonl",
        [
            answer("a", "2026-11-22T23:50:00.000Z", opus),
            answer("b", "2026-11-23T01:00:00.000Z", opus),
            answer("c", "2026-11-23T09:10:00.000Z", opus),
            answer("d", "2026-11-23T11:10:00.000Z", opus),
        ]
        .concat(),
    );
    let payload = format!(
        r#"{{"session_id":"S1","transcript_path":{main:?},"model":{{"id":"{opus}"}},"cost":{{"total_cost_usd":9}}}}"#
    );
    insta::assert_snapshot!(line(&sandbox, &[], &payload), @"claude-opus-5-5 | $9.00 cc conversation / $3.05 today / $2.04 block (2h 00m left) | $1.02/h");
    insta::assert_snapshot!(line(&sandbox, &["--cost-source", "both", "-B", "text"], &payload), @"claude-opus-5-5 | ($9.00 cc / $4.07 ours) conversation / $3.05 today / $2.04 block (2h 00m left) | …");
    insta::assert_snapshot!(line(&sandbox, &["-z", "Asia/Tokyo"], &payload.replace("9}", "null}")), @"claude-opus-5-5 | $4.07 conversation / $4.07 today / $2.04 block (2h 00m left) | $1.02/h");
    // A subagent's answer, with a model that nobody knows.
    sandbox.write("claude/projects/-w/S1/subagents/agent-1.jsonl", answer("e", "2026-11-23T11:40:00.000Z", "nobody-1"));
    insta::assert_snapshot!(line(&sandbox, &[], &payload), @"claude-opus-5-5 | $9.00 cc conversation / ≥$3.05 today / ≥$2.04 block (2h 00m left) | ≥$0.8141/h");
}

#[test]
fn nulls_and_odd_types_leave_out_no_more_than_themselves() {
    let sandbox = Sandbox::new();
    let mut shown = String::new();
    for payload in [
        r#"{"session_id":null,"model":null,"cost":null,"context_window":null,"rate_limits":null,"workspace":null}"#,
        r#"{"model":{"id":null,"display_name":null},"cost":{"total_cost_usd":null},"context_window":{"used_percentage":null}}"#,
        r#"{"model":{"id":"claude-opus-5-5","display_name":7},"cost":{"total_cost_usd":"1.25"}}"#,
        r#"{"model":"Opus","cost":[1],"context_window":{"used_percentage":"41.2"}}"#,
        r#"{"cost":{"total_cost_usd":1e-7},"context_window":{"total_input_tokens":50000,"context_window_size":200000}}"#,
        r#"{"cost":{"total_cost_usd":0.1000000000000000055511151231257827},"context_window":{"used_percentage":-1}}"#,
        r#"{"cost":{"total_cost_usd":1e400},"context_window":{"used_percentage":1e99,"total_input_tokens":99999999999999999999}}"#,
        r#"{"cost":{"total_cost_usd":999999999.5},"session_id":["a"],"rate_limits":{"five_hour":{"resets_at":"soon"}}}"#,
    ] {
        shown += &line(&sandbox, &[], payload);
    }
    insta::assert_snapshot!(shown, @"
    claude-cost
    claude-cost
    claude-opus-5-5 | $1.25 cc conversation
    41% context
    <$0.0001 cc conversation | 50,000 (25%) context
    $0.1000 cc conversation
    claude-cost
    $999,999,999.50 cc conversation
    ");
}

#[test]
fn what_is_no_payload_still_gets_a_line() {
    let sandbox = Sandbox::new();
    let endless = format!("{{\"a\":\"{}\"}}", "x".repeat(3 << 20));
    for input in ["", "\n", "null", "[]", "{", "not json", "\u{0}\u{1}", "{\"model\":", &"[".repeat(100_000), &endless]
    {
        assert_eq!(line(&sandbox, &[], input), "claude-cost\n");
    }
    let shown = sandbox.run_with_input(&["statusline"], b"\xff\xfe{\"model\":{\"id\":\"\xff\"}}");
    assert_eq!(shown, "exit 0\n--- stdout\nclaude-cost\n");
}

#[test]
fn names_of_others_cannot_act_on_the_terminal() {
    let sandbox = Sandbox::new();
    let payload = r#"{"model":{"display_name":"\u001b]0;owned\u0007\u001b[31mO\u202epus\n\r2"}}"#;
    let output =
        sandbox.claude_cost(&["statusline"]).env_remove("NO_COLOR").stdin(file(&sandbox, payload)).output().unwrap();
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap(), @r"␛]0;owned\u{7}␛[31mO\u{…");
}

fn file(sandbox: &Sandbox, text: &str) -> std::fs::File {
    fs_err::File::open(sandbox.write("payload.json", text)).unwrap().into_parts().0
}

#[test]
fn a_template_of_ones_own_is_checked_when_it_is_set() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["config", "set", "statusline.template", "{model} | {modle}"]), @"
    exit 2
    --- stderr
    error: `statusline.template` is `{model} | {modle}`: no template: `{modle}` is no placeholder
    hint: there are {model}, {conversation}, {today}, {block}, {left}, {burn}, {context}, {session}, {budget}, {limit_5h} and {limit_7d}; {{ is a brace
    ");
    sandbox.stdout(&[
        "config",
        "set",
        "statusline.template",
        "🤖 {model} | 🧠 {context} | {limit_5h} 5h / {limit_7d} 7d",
    ]);
    insta::assert_snapshot!(line(&sandbox, &[], PAYLOAD), @"🤖 Opus 5.5 | 🧠 15,234 (8%) context | 24% until 13:00 5h / 81% until Fri 09:00 7d");
}

#[test]
fn broken_settings_and_unknown_flags_cost_a_warning_but_no_line() {
    let sandbox = Sandbox::new();
    configure(&sandbox, "[statusline]\ntemplate = '{modle}'\n");
    insta::assert_snapshot!(sandbox.run_with_input(&["statusline"], PAYLOAD.as_bytes()), @"
    exit 0
    --- stdout
    Opus 5.5 | $0.2517 cc conversation | 15,234 (8%) context
    --- stderr
    warning: [ROOT]/home/.config/claude-cost/config.toml:2: `statusline.template` is `{modle}`: no template: `{modle}` is no placeholder
    ");
    configure(&sandbox, "model = [");
    let shown = sandbox.run_with_input(&["statusline"], PAYLOAD.as_bytes());
    assert!(shown.starts_with("exit 0\n--- stdout\nOpus 5.5 | "), "{shown}");
    configure(&sandbox, "");
    insta::assert_snapshot!(sandbox.run_with_input(&["statusline", "--form", "new"], PAYLOAD.as_bytes()), @"
    exit 0
    --- stdout
    Opus 5.5 | $0.2517 cc conversation | 15,234 (8%) context
    --- stderr
    error: unexpected argument '--form' found

    Usage: claude-cost statusline [OPTIONS]

    For more information, try '--help'.
    ");
}

#[test]
fn a_ledger_that_cannot_be_used_costs_only_what_is_in_it() {
    let sandbox = Sandbox::new();
    fs_err::create_dir_all(sandbox.data()).unwrap();
    fs_err::write(
        sandbox.data().join("ledger.db"),
        "this is no database, and long enough for one to be told".repeat(99),
    )
    .unwrap();
    insta::assert_snapshot!(sandbox.run_with_input(&["statusline"], PAYLOAD.as_bytes()), @"
    exit 0
    --- stdout
    Opus 5.5 | $0.2517 cc conversation | 15,234 (8%) context
    --- stderr
    warning: could not open the ledger [ROOT]/home/.local/share/claude-cost/ledger.db: file is not a database: Error code 26: file is not a database
    ");
    fs_err::remove_dir_all(sandbox.data()).unwrap();
    fs_err::write(sandbox.data(), "a file where a directory should be").unwrap();
    let shown = sandbox.run_with_input(&["statusline"], PAYLOAD.as_bytes());
    assert!(shown.starts_with("exit 0\n--- stdout\nOpus 5.5 | "), "{shown}");
}

#[test]
fn a_directory_that_is_gone_is_no_reason_to_say_nothing() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.typed("mkdir gone && cd gone && rmdir ../gone && echo '{}' | claude-cost statusline");
    assert_eq!(sandbox.transcript(&command.output().unwrap()), "exit 0\n--- stdout\nclaude-cost\n");
}

#[test]
fn ccusages_flags_are_taken() {
    let sandbox = Sandbox::new();
    let flags = ["--offline", "--no-cache", "--refresh-interval", "2", "--visual-burn-rate", "emoji-text", "-z", "UTC"];
    for source in ["auto", "cc", "both"] {
        let shown = line(&sandbox, &[&flags[..], &["--cost-source", source]].concat(), PAYLOAD);
        assert!(shown.contains("| $0.2517 cc conversation |"), "{shown}");
    }
    for source in ["ccusage", "ours"] {
        let shown = line(&sandbox, &[&flags[..], &["--cost-source", source]].concat(), PAYLOAD);
        assert!(!shown.contains("conversation"), "{shown}");
    }
}

#[test]
fn a_pipe_is_painted_unless_nobody_wants_colours() {
    let sandbox = Sandbox::new();
    let payload = r#"{"context_window":{"used_percentage":85}}"#;
    let shown = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = sandbox.claude_cost(&[&["statusline"], arguments].concat());
        command.env_remove("NO_COLOR").envs(variables.iter().copied()).stdin(file(&sandbox, payload));
        let Output { stdout, .. } = command.output().unwrap();
        String::from_utf8(stdout).unwrap().replace('\u{1b}', "ESC")
    };
    insta::assert_snapshot!(shown(&[], &[]), @"ESC[1mESC[31m85% contextESC[0m");
    insta::assert_snapshot!(shown(&["--context-medium-threshold", "90"], &[]), @"ESC[1mESC[33m85% contextESC[0m");
    for plain in [shown(&[], &[("NO_COLOR", "1")]), shown(&["--color", "never"], &[]), shown(&[], &[("TERM", "dumb")])]
    {
        assert_eq!(plain, "85% context\n");
    }
}

#[test]
fn a_line_is_no_wider_than_the_terminal() {
    let sandbox = Sandbox::new();
    let payload = PAYLOAD.replace("Opus 5.5", "日本語のとても長いモデルの名前です");
    for columns in [1, 2, 10, 30, 60] {
        let mut command = sandbox.claude_cost(&["statusline"]);
        command.env("COLUMNS", columns.to_string()).stdin(file(&sandbox, &payload));
        let shown = String::from_utf8(command.output().unwrap().stdout).unwrap();
        let width: usize =
            shown.trim_end().chars().map(|char| if char.is_ascii() || char == '…' { 1 } else { 2 }).sum();
        assert!(width > 0 && width <= columns, "{columns}: {shown}");
    }
}

#[test]
fn json_has_the_figures_and_none_that_are_not_known() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(line(&sandbox, &["--json"], PAYLOAD), @r#"
    {
      "model": "Opus 5.5",
      "conversation_stated": "0.2517",
      "conversation": null,
      "today": null,
      "block": null,
      "context_tokens": 15234,
      "context_used": 0.08,
      "session": null,
      "five_hours": {
        "used": 0.235,
        "resets_at": "2026-11-23T13:00:00Z"
      },
      "seven_days": {
        "used": 0.81,
        "resets_at": "2026-11-27T09:00:00Z"
      }
    }
    "#);
}

/// Prints a line as in real use: with what that starts in the background.
fn line_and_more(sandbox: &Sandbox, payload: &str) -> Output {
    let mut command = sandbox.claude_cost(&["statusline"]);
    command.env_remove("CLAUDE_COST_STATUSLINE_SYNC").stdin(file(sandbox, payload)).output().unwrap()
}

/// Waits until what was started in the background shows in the line, and is over.
fn wait_for(sandbox: &Sandbox, part: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !line(sandbox, &[], PAYLOAD).contains(part) {
        assert!(Instant::now() < deadline, "{}", line(sandbox, &[], PAYLOAD));
    }
    background_lock(sandbox).lock().unwrap();
}

fn background_lock(sandbox: &Sandbox) -> std::fs::File {
    fs_err::File::open(sandbox.data().join("background.lock")).unwrap().into_parts().0
}

#[test]
fn the_first_line_has_all_transcripts_read_in_the_background() {
    let mut sandbox = Sandbox::new();
    sandbox.answers(&[Answer::new("a", "2026-11-23T11:00:00.000Z", 20_000).conversation("other")]);
    let first = line_and_more(&sandbox, PAYLOAD);
    insta::assert_snapshot!(sandbox.transcript(&first), @"
    exit 0
    --- stdout
    Opus 5.5 | $0.2517 cc conversation | 15,234 (8%) context
    ");
    wait_for(&sandbox, "/ $0.4100 today /");
    // Not for each line: its time has to come.
    sandbox.answers(&[Answer::new("b", "2026-11-23T11:30:00.000Z", 20_000).conversation("other")]);
    let last = |sandbox: &Sandbox| fs_err::read(sandbox.data().join("background.lock")).unwrap();
    let before = last(&sandbox);
    sandbox.set_now("2026-11-23T12:00:09Z");
    line_and_more(&sandbox, PAYLOAD);
    assert_eq!(last(&sandbox), before);
    sandbox.set_now("2026-11-23T12:00:10Z");
    line_and_more(&sandbox, PAYLOAD);
    wait_for(&sandbox, "/ $0.8200 today /");
    assert_ne!(last(&sandbox), before);
}

#[test]
fn one_reads_in_the_background_at_a_time() {
    let sandbox = Sandbox::new();
    sandbox.answers(&[Answer::new("a", "2026-11-23T11:00:00.000Z", 20_000)]);
    fs_err::create_dir_all(sandbox.data()).unwrap();
    fs_err::write(sandbox.data().join("background.lock"), "").unwrap();
    let held = background_lock(&sandbox);
    held.lock().unwrap();
    assert_eq!(sandbox.run(&["sync", "--background"]), "exit 0\n");
    assert!(!line(&sandbox, &[], PAYLOAD).contains("today"));
    drop(held);
    assert_eq!(sandbox.run(&["sync", "--background"]), "exit 0\n");
    assert!(line(&sandbox, &[], PAYLOAD).contains("/ $0.4100 today /"));
}

#[test]
fn broken_settings_do_not_keep_the_day_out_of_the_line() {
    let sandbox = Sandbox::new();
    sandbox.answers(&[Answer::new("a", "2026-11-23T11:00:00.000Z", 20_000)]);
    configure(&sandbox, "model = [");
    sandbox.stdout(&["sync", "--background"]);
    assert!(line(&sandbox, &[], PAYLOAD).contains("/ $0.4100 today /"));
}
