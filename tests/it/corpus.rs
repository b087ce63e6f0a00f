//! Published transcripts of other people's, for those who have them (`CLAUDE_COST_CORPUS`), as a user would read them.

use std::path::PathBuf;

use serde_json::Value;

use crate::sandbox::Sandbox;

#[test]
fn sync_takes_in_the_corpus_once() {
    #[expect(clippy::disallowed_methods, reason = "only this test knows of it")]
    let Some(corpus) = std::env::var_os("CLAUDE_COST_CORPUS").map(PathBuf::from) else { return };
    let expected: Value = serde_json::from_slice(&fs_err::read(corpus.join("expected.json")).unwrap()).unwrap();
    let messages: u64 =
        ["totals", "progress_only"].iter().map(|part| expected[part]["messages"].as_u64().unwrap()).sum();
    let files = expected["counts"]["files"].as_u64().unwrap();

    let sandbox = Sandbox::new();
    let sync = || -> Value {
        let mut command = sandbox.claude_cost(&["sync", "--json"]);
        let output = command.env("CLAUDE_CONFIG_DIR", corpus.join("claude-dir")).output().unwrap();
        assert!(output.status.success(), "{}", sandbox.transcript(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let first = sync();
    let counts = |report: &Value| ["transcripts", "read", "new", "exchanges"].map(|key| report[key].as_u64().unwrap());
    assert_eq!(counts(&first), [files, files, messages, messages]);
    let again = sync();
    assert_eq!(counts(&again), [files, 0, 0, messages]);
    assert_eq!((&again["changed"], &again["skipped"]), (&0.into(), &first["skipped"]));

    // Another way to the same files, and a ledger that knows them: copies change nothing.
    fs_err::create_dir_all(sandbox.home().join("copies")).unwrap();
    std::os::unix::fs::symlink(corpus.join("claude-dir/projects"), sandbox.home().join("copies/projects")).unwrap();
    let mut command = sandbox.claude_cost(&["sync", "--json"]);
    let output = command.env("CLAUDE_CONFIG_DIR", sandbox.home().join("copies")).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(counts(&report), [files, 0, 0, messages]);
}
