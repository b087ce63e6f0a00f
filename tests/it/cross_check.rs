//! `claude-cost sync --from ccusage`

use std::os::unix::fs::PermissionsExt as _;

use crate::claude::Answer;
use crate::sandbox::Sandbox;

/// What ccusage would print of two of the answers, the first line of one counted in the place of the last.
const REPORT: &str = r#"{"daily":[
    {"date":"2026-11-20","modelBreakdowns":[{"modelName":"claude-opus-5-5","inputTokens":3,"outputTokens":400,"cacheCreationTokens":1000,"cacheReadTokens":10000,"cost":0.018012}]},
    {"date":"2026-11-21","modelBreakdowns":[{"modelName":"claude-opus-5-5","inputTokens":3,"outputTokens":1,"cacheCreationTokens":1000,"cacheReadTokens":10000,"cost":0.007032}]}
]}"#;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.answers(&[
        Answer::new("m0", "2026-11-19T10:00:00Z", 400),
        Answer::new("m1", "2026-11-20T10:00:00Z", 400),
        Answer::new("m2", "2026-11-21T10:00:00Z", 400),
        Answer::new("m3", "2026-11-21T11:00:00Z", 10).model("claude-haiku-5-5"),
    ]);
    sandbox
}

#[test]
fn both_sums_stand_side_by_side() {
    let sandbox = sandbox();
    sandbox.write("theirs.json", REPORT);
    let from_file = sandbox.run(&["sync", "--from", "ccusage", "theirs.json"]);
    insta::assert_snapshot!(from_file, @"
    exit 0
    --- stdout
    from 2026-11-20 to 2026-11-21, ccusage counts other tokens than we do

    Day         Model                          Tokens      Cost
    2026-11-21  claude-haiku-5-5  ours         11,013   $0.0003
                                  ccusage           0     $0.00
                                  difference  −11,013  −$0.0003
    2026-11-21  claude-opus-5-5   ours         11,403   $0.0180
                                  ccusage      11,004   $0.0070
                                  difference     −399  −$0.0110
    Total                         ours         33,819   $0.0363
                                  ccusage      22,407   $0.0250
                                  difference  −11,412  −$0.0113
    not shown: 1 row in which both agree; --all shows them
    ccusage differs in all by −3 in, −409 out, −1,000 cache written, −10,000 cache read
    ");
    let all = sandbox.stdout(&["sync", "--from", "ccusage", "theirs.json", "--all"]);
    assert!(all.contains("2026-11-20") && !all.contains("not shown"), "{all}");
    let narrow =
        sandbox.claude_cost(&["sync", "--from", "ccusage", "theirs.json"]).env("COLUMNS", "80").output().unwrap();
    assert!(String::from_utf8(narrow.stdout).unwrap().lines().all(|line| line.chars().count() <= 80));
    assert_eq!(sandbox.run_with_input(&["sync", "--from", "ccusage", "-"], REPORT.as_bytes()), from_file);
    let json: serde_json::Value =
        serde_json::from_str(&sandbox.stdout(&["sync", "--from", "ccusage", "theirs.json", "--json"])).unwrap();
    assert_eq!(json["rows"].as_array().unwrap().len(), 3);
    assert_eq!(json["totals"]["difference"]["output"], -409);
    assert_eq!(json["rows"][0]["difference"]["cost"], "0.00");
}

#[test]
fn the_program_is_run_when_no_report_is_given() {
    let sandbox = sandbox();
    let bin = sandbox.home().join("bin");
    let run = |script: Option<&str>| {
        // Wherever the tests run, ccusage may be installed.
        let mut path = bin.to_string_lossy().into_owned();
        if let Some(script) = script {
            path += ":/usr/bin:/bin";
            fs_err::create_dir_all(&bin).unwrap();
            fs_err::write(bin.join("ccusage"), format!("#!/bin/sh\n{script}\n")).unwrap();
            fs_err::set_permissions(bin.join("ccusage"), std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let mut command = sandbox.claude_cost(&["sync", "--from", "ccusage", "-c", "timezone=Europe/Berlin"]);
        sandbox.transcript(&command.env("PATH", path).output().unwrap())
    };
    insta::assert_snapshot!(run(None), @"
    exit 1
    --- stderr
    error: ccusage is not installed
    hint: npm install --global ccusage installs it; or give a file that `ccusage daily --json` wrote
    ");
    insta::assert_snapshot!(run(Some("echo 'no transcripts' >&2; exit 3")), @"
    exit 1
    --- stderr
    error: ccusage failed: no transcripts
    hint: run ccusage daily --json by hand
    ");
    let script = format!("[ \"$*\" = 'daily --json --timezone Europe/Berlin' ] && cat <<'EOF'\n{REPORT}\nEOF");
    assert!(run(Some(&script)).starts_with("exit 0\n--- stdout\nfrom 2026-11-20 to 2026-11-21, ccusage counts other"));
}

#[test]
fn what_is_no_report_is_refused() {
    let sandbox = sandbox();
    for input in ["", "{}", "[1]", r#"{"daily":[{"date":"2026-11-20"}]}"#] {
        let said = sandbox.run_with_input(&["sync", "--from", "ccusage", "-"], input.as_bytes());
        assert!(said.contains("error: this is no daily report of ccusage"), "{said}");
    }
    insta::assert_snapshot!(sandbox.run_with_input(&["sync", "--from", "ccusage", "-"], br#"{"daily":[]}"#), @"
    exit 0
    --- stdout
    there is nothing in the report of ccusage
    ");
    insta::assert_snapshot!(sandbox.run(&["sync", "theirs.json"]), @"
    exit 2
    --- stderr
    error: the following required arguments were not provided:
      --from <PROGRAM>

    Usage: claude-cost sync --from <PROGRAM> <FILE>

    For more information, try '--help'.
    ");
}
