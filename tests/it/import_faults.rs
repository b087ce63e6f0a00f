//! Taking in transcripts that cannot be read, or lines that are none, or with nowhere to put what they say.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::crash::calls;
use crate::crash::copy;
use crate::crash::eprintln_once;
use crate::crash::has_strace;
use crate::disk::read_only;
use crate::disk::skipped;
use crate::disk::unprivileged;
use crate::history::Known;
use crate::sandbox::Sandbox;
use crate::sandbox::is_torture;
use crate::sandbox::program;

fn set_mode(path: &Path, mode: u32) {
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_counts() {
    let mut sandbox = Sandbox::new();
    sandbox.start_of_all();
    sandbox.write_history(2, 5);
    let file = sandbox.write_transcript("locked.jsonl", sandbox.lines(10, 15));
    let inner = sandbox.write_transcript("c0/subagents/agent-1.jsonl", sandbox.lines(15, 20));
    let directory = inner.parent().unwrap();
    set_mode(&file, 0o000);
    set_mode(directory, 0o000);
    let said = sandbox.transcript(&unprivileged(&sandbox, &["sync"]).output().unwrap());
    insta::assert_snapshot!(said, @"
    exit 0
    --- stdout
    read 2 transcripts: 10 exchanges new; the ledger holds 10 exchanges
    --- stderr
    warning: [ROOT]/home/.claude/projects/[ROOT]-work/c0/subagents: Permission denied (os error 13)
    warning: failed to open file `[ROOT]/home/.claude/projects/[ROOT]-work/locked.jsonl`: Permission denied (os error 13)
    ");
    set_mode(&file, 0o600);
    set_mode(directory, 0o700);
    assert_eq!(sandbox.known(), Known::up_to(20));
}

#[test]
fn what_is_no_file_is_passed_by() {
    let mut sandbox = Sandbox::new();
    sandbox.start_of_all();
    sandbox.write_history(1, 5);
    let pipe = sandbox.transcript_file("pipe.jsonl");
    assert!(sandbox.command("mkfifo").arg(&pipe).status().unwrap().success());
    std::os::unix::fs::symlink(&pipe, sandbox.transcript_file("to-pipe.jsonl")).unwrap();
    std::os::unix::net::UnixListener::bind(sandbox.transcript_file("s.jsonl")).unwrap();
    let mut command = sandbox.command("timeout");
    let output = command.arg("20").arg(program()).arg("sync").output().unwrap();
    insta::assert_snapshot!(sandbox.transcript(&output), @"
    exit 0
    --- stdout
    read 1 transcript: 5 exchanges new; the ledger holds 5 exchanges
    ");
}

#[test]
fn a_data_directory_that_cannot_be_written_still_gives_reports() {
    let mut sandbox = Sandbox::new();
    sandbox.start_of_all();
    sandbox.write_history(1, 5);
    sandbox.sync();
    sandbox.write_transcript("later.jsonl", sandbox.lines(5, 9));
    read_only(&sandbox.data(), true);
    insta::assert_snapshot!(sandbox.transcript(&unprivileged(&sandbox, &["sync"]).output().unwrap()), @"
    exit 1
    --- stdout
    read 1 transcript: 4 exchanges new; the ledger holds 9 exchanges
    --- stderr
    warning: could not open the ledger [ROOT]/home/.local/share/claude-cost/ledger.db: failed to open file `[ROOT]/home/.local/share/claude-cost/ledger.db`: Permission denied (os error 13); until that is mended, nothing new is kept
    error: what was read could not be kept
    ");
    // What is new is read for the report alone. What was taken in before needs no transcript any more.
    fs_err::remove_file(sandbox.transcript_file("c0.jsonl")).unwrap();
    let daily = unprivileged(&sandbox, &["daily", "--json"]).output().unwrap();
    assert!(daily.status.success(), "{}", sandbox.transcript(&daily));
    let daily: serde_json::Value = serde_json::from_slice(&daily.stdout).unwrap();
    assert_eq!(daily["totals"]["outputTokens"], (0..9).sum::<u64>());
    let shown = unprivileged(&sandbox, &["status"]).output().unwrap();
    insta::assert_snapshot!(sandbox.transcript(&shown), @"
    exit 0
    --- stdout
    All  running in work  [ID]
      time     3h 00m since 2026-11-23 09:00, 4s active
      cost     $0.0013, $0.0004 an hour
               all of it measured
      tokens   15 in, 10 out, 5,000 cache read in 0 entries
    --- stderr
    warning: what Claude Code used lately could not be read: could not open the ledger [ROOT]/home/.local/share/claude-cost/ledger.db: failed to open file `[ROOT]/home/.local/share/claude-cost/ledger.db`: Permission denied (os error 13)
    ");
    let line = unprivileged(&sandbox, &["statusline", "--json"]).output().unwrap();
    let line: serde_json::Value = serde_json::from_slice(&line.stdout).unwrap();
    assert_eq!(line["today"]["cost"], "0.00126");
    read_only(&sandbox.data(), false);
    assert_eq!(sandbox.known(), Known::up_to(9));
}

#[test]
fn a_disk_that_is_full_is_said_and_nothing_is_lost() {
    let mut sandbox = Sandbox::new();
    fs_err::create_dir_all(sandbox.data()).unwrap();
    let mount = ["-t", "tmpfs", "-o", "size=1m,mode=0700", "claude-cost-test"];
    let mounted = sandbox.command("mount").args(mount).arg(sandbox.data()).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        skipped("a file system can only be mounted by root");
        return;
    }
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        sandbox.start_of_all();
        sandbox.write_history(1, 5);
        sandbox.sync();
        sandbox.write_transcript("later.jsonl", sandbox.lines(5, 3000));
        let filler = sandbox.data().join("filler");
        fs_err::write(&filler, vec![0; 600 << 10]).unwrap();
        let said = sandbox.run(&["sync"]);
        insta::assert_snapshot!(said, @"
        exit 1
        --- stderr
        error: could not write to the ledger [ROOT]/home/.local/share/claude-cost/ledger.db: database or disk is full: Error code 13: database or disk is full
        hint: free some space there, then type it again
        ");
        // The second time is no other.
        assert_eq!(sandbox.run(&["sync"]), said);
        let status = sandbox.run(&["status"]);
        insta::assert_snapshot!(status, @"
        exit 0
        --- stdout
        All  running in work  [ID]
          time     3h 00m since 2026-11-23 09:00, 4s active
          cost     $0.0013, $0.0004 an hour
                   all of it measured
          tokens   15 in, 10 out, 5,000 cache read in 0 entries
        --- stderr
        warning: what Claude Code used lately could not be read: could not write to the ledger [ROOT]/home/.local/share/claude-cost/ledger.db: database or disk is full: Error code 13: database or disk is full
        ");
        fs_err::remove_file(filler).unwrap();
        sandbox.write_transcript("later.jsonl", sandbox.lines(5, 800));
        assert_eq!(sandbox.known(), Known::up_to(800));
    }));
    sandbox.command("umount").arg(sandbox.data()).output().unwrap();
    assert!(outcome.is_ok());
}

#[test]
fn no_call_that_fails_loses_what_transcripts_hold() {
    let mut sandbox = Sandbox::new();
    if !has_strace(&sandbox) {
        eprintln_once("strace cannot be run here: no call is made to fail");
        return;
    }
    sandbox.start_of_all();
    sandbox.write_history(2, 20);
    let saved = sandbox.home().join("saved");
    copy(&sandbox.data(), &saved);
    let names = "openat,read,pread64,write,pwrite64,fsync,fdatasync,ftruncate,unlink,fcntl,flock,lseek,getdents64";
    let calls = calls(&sandbox, &["sync"], names);
    let most = if is_torture() { usize::MAX } else { 6 };
    let (mut failed, mut done) = (0, 0);
    for (name, &count) in &calls {
        for number in (1..=count).step_by(count.div_ceil(most)) {
            let error = ["EIO", "ENOSPC", "EACCES", "EMFILE", "EINTR"][number % 5];
            copy(&saved, &sandbox.data());
            let mut command = sandbox.command("strace");
            command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={name}"), "-e"]);
            command.arg(format!("inject={name}:error={error}:when={number}")).arg(program()).args(["sync", "--json"]);
            let output = command.output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(!said.contains("panicked"), "{name} {number} {error}: {said}");
            *(if output.status.success() { &mut done } else { &mut failed }) += 1;
            assert_eq!(sandbox.known(), Known::up_to(40), "{name} {number} {error}: {said}");
        }
    }
    assert!(failed > 5 && done > 5, "{failed} failed, {done} did not");
}

/// A line of each kind that was an answer once.
fn malformed(good: &str) -> Vec<Vec<u8>> {
    let middle = good.len() / 2;
    // Whole, it would be found behind what is broken.
    let open = &good[..good.len() - 1];
    let changed = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replacen(from, to, 1).into_bytes()
    };
    vec![
        good[..middle].into(),
        good[..good.find("done").unwrap()].into(),
        open.into(),
        good[good.find("content").unwrap()..].into(),
        format!("x{open}").into(),
        format!("{{{open}").into(),
        format!("{{\"usage\":\"{}", "\\".repeat(99)).into(),
        changed("\"usage\":{", "\"usage\":{,"),
        changed("\"stop_reason\":null", "\"stop_reason\":nul"),
        changed("\"id\":\"msg", "\"id\":\"m\"sg"),
        changed("\"output_tokens\":", "\"output_tokens\":-"),
        changed("\"output_tokens\":", "\"output_tokens\":1e400"),
        changed("\"output_tokens\":", "\"output_tokens\":99999999999999999999"),
        changed("\"output_tokens\":", "\"output_tokens\":0."),
        changed("\"input_tokens\":3", "\"input_tokens\":NaN"),
        changed("\"input_tokens\":3", "\"input_tokens\":2000000000000"),
        changed("\"timestamp\":\"2026", "\"timestamp\":\"soon"),
        changed("\"timestamp\":\"2026-11", "\"timestamp\":\"2026-13"),
        changed("\"timestamp\":", "\"Timestamp\":"),
        changed("\"timestamp\":\"", "\"timestamp\":\"\",\"x\":\""),
    ]
}

#[test]
fn bad_lines_among_good_ones_cost_no_more_than_themselves() {
    let mut sandbox = Sandbox::new();
    sandbox.start_of_all();
    let good = sandbox.lines(0, 1000);
    let template = sandbox.lines(5000, 5001);
    let kinds = malformed(template.lines().next().unwrap());
    assert_eq!(kinds.len(), 20);
    let mut text = Vec::new();
    let mut bad = 0;
    for line in good.lines() {
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
        for _ in 0..50 {
            text.extend_from_slice(&kinds[bad % kinds.len()]);
            text.push(b'\n');
            bad += 1;
        }
    }
    assert_eq!(bad, 100_000);
    sandbox.write_transcript("c.jsonl", text);
    insta::assert_snapshot!(sandbox.run(&["sync"]), @"
    exit 0
    --- stdout
    read 1 transcript: 1,000 exchanges new; the ledger holds 1,000 exchanges
    100,000 lines could not be read: claude-cost doctor shows them
    --- stderr
    warning: 100,000 lines of transcripts could not be read and are in no total: claude-cost doctor shows them
    ");
    assert_eq!(sandbox.known(), Known::up_to(1000));
}

#[test]
fn lines_of_any_length_are_read_or_passed_over() {
    let mut sandbox = Sandbox::new();
    sandbox.start_of_all();
    let small = sandbox.lines(0, 3);
    let (first, rest) = small.split_once("}\n").unwrap();
    let long = |megabytes: usize| format!("{first},\"pad\":\"{}\"}}\n", "x".repeat(megabytes << 20));
    sandbox.write_transcript("c.jsonl", format!("{}{rest}", long(1)));
    assert_eq!(sandbox.known(), Known::up_to(3));
    assert_eq!(sandbox.sync()["skipped"], 0);
    if is_torture() {
        let other = sandbox.lines(3, 6);
        sandbox.write_transcript("d.jsonl", format!("{other}{}{}", long(300), sandbox.lines(6, 9)));
        insta::assert_snapshot!(sandbox.run(&["sync"]), @"
        exit 0
        --- stdout
        read 1 transcript: 6 exchanges new; the ledger holds 9 exchanges
        1 line could not be read: claude-cost doctor shows them
        --- stderr
        warning: 1 line of transcripts could not be read and is in no total: claude-cost doctor shows them
        ");
        assert_eq!(sandbox.known(), Known::up_to(9));
    }
}

#[test]
fn what_the_background_could_not_read_is_told_of_once() {
    let mut sandbox = Sandbox::new();
    sandbox.start_of_all();
    let lines = sandbox.lines(0, 2);
    sandbox.write_transcript("c.jsonl", format!("{lines}{{\"type\":\"assistant\",\"message\":{{\"usage\":\n"));
    assert_eq!(sandbox.run(&["sync", "--background"]), "exit 0\n");
    let warns = |said: String| said.contains("warning: 1 line of transcripts could not be read");
    assert!(warns(sandbox.run(&["daily"])));
    assert!(!warns(sandbox.run(&["daily"])));
    sandbox.write_transcript("d.jsonl", "{\"type\":\"assistant\",\"message\":{\"usage\":\n");
    assert!(warns(sandbox.run(&["usage"])));
    assert!(!warns(sandbox.run(&["sync"])));
}
