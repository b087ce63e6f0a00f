//! Taking in transcripts: the same ones twice, by many at once, killed at any point, and changed in any way in between.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use crate::crash::calls;
use crate::crash::copy;
use crate::crash::eprintln_once;
use crate::crash::has_strace;
use crate::history::Known;
use crate::sandbox::Sandbox;
use crate::sandbox::is_torture;
use crate::sandbox::program;

/// Enough to be interrupted in the middle.
const FILES: u64 = 12;
const EACH: u64 = 100;
const ALL: u64 = FILES * EACH;

/// A history that is not yet in the ledger, with a session over all of it; and a copy of the data directory.
fn unread_history() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.start_of_all();
    copy(&sandbox.data(), &sandbox.home().join("saved"));
    sandbox.write_history(FILES, EACH);
    sandbox
}

fn forget(sandbox: &Sandbox) {
    copy(&sandbox.home().join("saved"), &sandbox.data());
}

#[test]
fn a_second_sync_changes_no_byte_of_the_ledger() {
    let sandbox = unread_history();
    let first = sandbox.sync();
    assert_eq!((&first["new"], &first["exchanges"]), (&ALL.into(), &ALL.into()));
    let path = sandbox.data().join("ledger.db");
    let before = fs_err::read(&path).unwrap();
    assert!(!sandbox.data().join("ledger.db-wal").exists(), "all is in the one file");
    let second = sandbox.sync();
    assert_eq!(["read", "new", "changed"].map(|key| second[key].as_u64().unwrap()), [0, 0, 0]);
    assert!(fs_err::read(&path).unwrap() == before);

    // Neither does the same in other files, but for the files' own marks.
    let sum = sandbox.known();
    for file in 0..FILES {
        copy(
            &sandbox.transcript_file(&format!("c{file}.jsonl")),
            &sandbox.transcript_file(&format!("copy{file}.jsonl")),
        );
    }
    let third = sandbox.sync();
    assert_eq!(["read", "new", "changed"].map(|key| third[key].as_u64().unwrap()), [FILES, 0, 0]);
    assert_eq!(sandbox.known(), sum);
    assert_eq!(sum, Known::up_to(ALL));
}

#[test]
fn a_sync_may_be_killed_at_any_time() {
    let sandbox = unread_history();
    let began = Instant::now();
    sandbox.sync();
    let most_micros = u64::try_from(began.elapsed().as_micros()).unwrap();
    let mut random: u64 = 0x2545_f491_4f6c_dd1d;
    let mut kills = 0;
    for point in 0..if is_torture() { 300 } else { 40 } {
        // Every third time what the kill before left is what the next one meets.
        if point % 3 != 1 {
            forget(&sandbox);
        }
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let mut command = sandbox.claude_cost(&["sync"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_micros((random >> 33) % most_micros));
        let _ = child.kill();
        let output = child.wait_with_output().unwrap();
        kills += u64::from(output.status.signal() == Some(9));
        if point % 3 != 0 {
            assert_eq!(sandbox.known(), Known::up_to(ALL), "point {point}");
            let report = sandbox.sync();
            assert_eq!(["read", "new", "exchanges"].map(|key| report[key].as_u64().unwrap()), [0, 0, ALL]);
        }
    }
    assert!(kills > 10, "{kills} kills");
}

#[test]
fn a_sync_may_be_killed_at_any_call_that_writes() {
    let sandbox = unread_history();
    if !has_strace(&sandbox) {
        eprintln_once("strace cannot be run here: syncs are killed at random times only");
        return;
    }
    let names = "write,pwrite64,fsync,fdatasync,ftruncate,unlink,rename,mkdir";
    let calls = calls(&sandbox, &["sync"], names);
    let most = if is_torture() { usize::MAX } else { 8 };
    for (name, &count) in &calls {
        for number in (1..=count).step_by(count.div_ceil(most)) {
            forget(&sandbox);
            let mut command = sandbox.command("strace");
            command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={name}"), "-e"]);
            command.arg(format!("inject={name}:signal=SIGKILL:when={number}")).arg(program()).arg("sync");
            command.output().unwrap();
            assert_eq!(sandbox.known(), Known::up_to(ALL), "killed at {name} {number}");
        }
    }
    assert!(calls.contains_key("pwrite64"), "{calls:?}");
}

#[test]
fn many_syncs_at_once_take_in_all_once() {
    for _ in 0..if is_torture() { 20 } else { 2 } {
        let sandbox = Sandbox::new();
        sandbox.write_history(FILES, EACH);
        let children: Vec<_> = (0..10)
            .map(|_| {
                let mut command = sandbox.claude_cost(&["sync", "--json"]);
                command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
            })
            .collect();
        let mut new = 0;
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success() && output.stderr.is_empty(), "{}", sandbox.transcript(&output));
            let report: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(report["exchanges"], ALL);
            new += report["new"].as_u64().unwrap();
        }
        assert_eq!(new, ALL);
    }
}

#[test]
fn transcripts_may_grow_shrink_move_and_go() {
    let mut sandbox = Sandbox::new();
    sandbox.start_of_all();
    let name = "c.jsonl";
    let text = |from, until| sandbox.lines(from, until);
    let grown = text(0, 20);
    let torn = text(0, 21);
    for (what, content, known) in [
        ("begun", text(0, 10), 10),
        ("grown", grown.clone(), 20),
        ("torn", torn[..torn.len() - 700].to_owned(), 20),
        ("whole again", text(0, 22), 22),
        ("cut", text(0, 5), 22),
        ("written anew, longer", text(10, 60), 60),
        ("empty", String::new(), 60),
        ("as long as before, another", text(60, 70), 70),
    ] {
        sandbox.write_transcript(name, content);
        assert_eq!(sandbox.known(), Known::up_to(known), "{what}");
    }
    // Rotated: moved away, and a new one under the old name.
    let path = sandbox.transcript_file(name);
    fs_err::rename(&path, path.with_file_name("old.jsonl")).unwrap();
    sandbox.write_transcript(name, text(70, 80));
    assert_eq!(sandbox.known(), Known::up_to(80));
    // Replaced by another file of the same length.
    let other = sandbox.write_transcript("other", text(80, 90));
    assert_eq!(fs_err::metadata(&other).unwrap().len(), fs_err::metadata(&path).unwrap().len());
    fs_err::rename(other, &path).unwrap();
    assert_eq!(sandbox.known(), Known::up_to(90));
    // Claude Code deletes its files after a month; what they said stays.
    fs_err::remove_file(path.with_file_name("old.jsonl")).unwrap();
    assert_eq!(sandbox.known(), Known::up_to(90));
    fs_err::remove_dir_all(sandbox.home().join(".claude")).unwrap();
    assert_eq!(sandbox.known(), Known::up_to(90));
    let report = sandbox.sync();
    assert_eq!(["transcripts", "exchanges"].map(|key| report[key].as_u64().unwrap()), [0, 90]);
    // And they come back without harm, as from a backup.
    sandbox.write_transcript("backup.jsonl", text(0, 95));
    assert_eq!(sandbox.known(), Known::up_to(95));
}

#[test]
fn a_transcript_may_be_cut_and_written_while_it_is_read() {
    let mut sandbox = Sandbox::new();
    sandbox.start_of_all();
    let text = sandbox.lines(0, 600);
    let path = sandbox.write_transcript("c.jsonl", &text);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut cut = 0;
            while !is_over.load(Ordering::Relaxed) {
                cut = (cut + 77_777) % text.len();
                let file = fs_err::OpenOptions::new().write(true).open(&path).unwrap();
                file.set_len(cut as u64).unwrap();
                fs_err::write(&path, &text.as_bytes()[..text.len() - cut / 2]).unwrap();
                std::thread::sleep(Duration::from_micros(200));
            }
        });
        for _ in 0..if is_torture() { 200 } else { 20 } {
            let output = sandbox.claude_cost(&["sync", "--json"]).output();
            if !output.as_ref().is_ok_and(|output| output.status.success()) {
                is_over.store(true, Ordering::Relaxed);
                panic!("{}", sandbox.transcript(&output.unwrap()));
            }
        }
        is_over.store(true, Ordering::Relaxed);
    });
    fs_err::write(&path, &text).unwrap();
    assert_eq!(sandbox.known(), Known::up_to(600));
    assert_eq!(sandbox.sync()["skipped"], 0, "what was torn is whole now");
}
