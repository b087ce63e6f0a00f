//! Transcripts whose text wants to be more than text, and what no import may do.

use serde_json::json;

use crate::crash::calls;
use crate::crash::eprintln_once;
use crate::crash::has_strace;
use crate::hostile::assert_harmless;
use crate::hostile::corpus;
use crate::hostile::shape;
use crate::sandbox::Sandbox;
use crate::sandbox::is_torture;

/// A conversation in which every text is `text`, as far as a transcript's author chooses it.
fn write_conversation(sandbox: &Sandbox, text: &str) {
    let answer = |number: u64, model: &str| {
        json!({
            "cwd": format!("/w/{text}"), "sessionId": text, "version": text, "gitBranch": text,
            "attributionAgent": text, "attributionSkill": text, "requestId": format!("req_{number}"),
            "type": "assistant", "uuid": format!("{text}{number}"), "timestamp": "2026-11-23T10:00:00.000Z",
            "message": {
                "id": format!("msg_{number}{text}"), "type": "message", "role": "assistant", "model": model,
                "content": [{"type": "tool_use", "id": "t", "name": text, "input": {"command": text}}],
                "stop_reason": "end_turn", "usage": {"input_tokens": 3, "output_tokens": 50, "service_tier": text}
            }
        })
    };
    let lines = [
        answer(1, "claude-opus-5-5"),
        answer(2, &format!("m{text}")),
        json!({"type": "custom-title", "customTitle": text, "sessionId": text}),
        json!({"type": "assistant", "timestamp": text, "message": {"usage": {"output_tokens": 1, "x": text}}}),
    ];
    sandbox.write_transcript("c.jsonl", lines.map(|line| line.to_string() + "\n").concat());
}

const TEXTS: &[&[&str]] = &[
    &["sync"],
    &["usage"],
    &["daily", "--breakdown"],
    &["session"],
    &["usage", "breakdown", "--by", "project,branch"],
    &["usage", "breakdown", "--by", "model,agent"],
    &["usage", "breakdown", "--by", "tool"],
    &["usage", "reconcile"],
    &["daily", "--json", "--breakdown"],
    &["session", "--json"],
    &["export"],
    &["doctor"],
];

/// The cells of a CSV file, which may hold commas and line breaks between quotes.
fn cells(csv: &str) -> Vec<String> {
    let (mut cells, mut is_quoted) = (vec![String::new()], false);
    for char in csv.chars() {
        match char {
            '"' => is_quoted = !is_quoted,
            ',' | '\n' if !is_quoted => cells.push(String::new()),
            _ => cells.last_mut().unwrap().push(char),
        }
    }
    cells
}

#[test]
fn hostile_transcripts_are_harmless_in_every_report() {
    let by = |by: &'static str, form: &'static str| ["usage", "breakdown", "--by", by, form];
    let tables = ["session", "project,branch", "model,agent", "tool"].map(|words| by(words, "--markdown"));
    let csv = ["project,branch", "model,agent", "tool"].map(|words| by(words, "--csv"));
    let said = |sandbox: &Sandbox, arguments: &[&str]| {
        let output = sandbox.claude_cost(arguments).output().unwrap();
        // What is amiss in transcripts is for doctor to say, and it fails then.
        assert!(output.status.code().is_some_and(|code| code < 2), "{}", sandbox.transcript(&output));
        for stream in [&output.stdout, &output.stderr] {
            assert_harmless(&format!("{arguments:?}"), std::str::from_utf8(stream).unwrap());
        }
        String::from_utf8(output.stdout).unwrap()
    };
    let plain = Sandbox::new();
    write_conversation(&plain, "plain");
    for arguments in [&["session"] as &[&str], &["export"], &csv[0], &csv[1], &csv[2]] {
        assert!(said(&plain, arguments).contains("plain"), "{arguments:?} shows no text of transcripts");
    }
    let expected = tables.map(|arguments| shape(&said(&plain, &arguments)));
    for text in corpus(if is_torture() { 240 } else { 0 }) {
        let sandbox = Sandbox::new();
        write_conversation(&sandbox, &text);
        for arguments in TEXTS {
            said(&sandbox, arguments);
        }
        assert_eq!(tables.map(|arguments| shape(&said(&sandbox, &arguments))), expected, "{text:?}");
        for cell in cells(&csv.map(|arguments| said(&sandbox, &arguments)).concat()) {
            assert!(!cell.starts_with(['=', '@']), "{text:?} is a formula in {cell:?}");
        }
        let payload = json!({"session_id": text, "cwd": text, "model": {"id": text, "display_name": text}});
        let line = sandbox.run_with_input(&["statusline"], payload.to_string().as_bytes());
        assert_harmless("the status line", &line);
        let work: Vec<_> = fs_err::read_dir(sandbox.work()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(work.is_empty(), "{text:?} left {work:?}");
    }
}

#[test]
fn nothing_that_reads_usage_talks_to_anyone_or_starts_anything() {
    let mut sandbox = Sandbox::new();
    if !has_strace(&sandbox) {
        eprintln_once("strace cannot be run here: what is called is not seen");
        return;
    }
    sandbox.start_of_all();
    sandbox.write_history(1, 5);
    for arguments in [&["sync"] as &[&str], &["daily"], &["usage"], &["status"], &["doctor"], &["export"], &["end"]] {
        let calls = calls(&sandbox, arguments, "socket,connect,sendto,execve");
        assert_eq!(calls.into_iter().collect::<Vec<_>>(), [("execve".to_owned(), 1)], "{arguments:?}");
    }
}
