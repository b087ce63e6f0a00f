//! Reading whole files: what is counted, what is passed over, and that neither order nor repetition matters.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

use super::*;
use crate::domain::event::Precision;
use crate::domain::ledger::Record;
use crate::domain::ledger::resolve;
use crate::domain::price::Speed;
use crate::domain::tokens::TokenUsage;

/// The events of all transcripts below a directory of Claude Code's, each once.
fn events(claude: &Path) -> Vec<Record> {
    let (found, problems) = find(&[claude.to_owned()], &[]);
    assert_eq!(problems, Vec::<String>::new());
    let mut variants: BTreeMap<String, BTreeMap<Option<String>, Record>> = BTreeMap::new();
    let work: Vec<Work> = changed(found, &HashMap::new());
    read_all(&work, |progress| -> Result<(), String> {
        match progress {
            Progress::Batch(batch) => {
                for record in batch.records.iter().cloned() {
                    let known = variants.entry(record.event.id.to_string()).or_default();
                    let request = record.request.clone();
                    let merged = match known.remove(&request) {
                        Some(other) => other.and(record),
                        None => record,
                    };
                    known.insert(request, merged);
                }
                Ok(())
            }
            Progress::Done => Ok(()),
            Progress::Failed(error) => Err(error.clone()),
        }
    })
    .unwrap();
    variants.into_values().flat_map(|variants| resolve(variants.into_values().collect())).collect()
}

/// An answer of Claude Code's as it writes one, a line a content block.
pub(super) fn answer(id: &str, output: u64, content: &str) -> String {
    format!(
        r#"{{"parentUuid":"u1","isSidechain":false,"userType":"external","cwd":"/w/app/src","sessionId":"S1","version":"2.1.330","gitBranch":"main","message":{{"model":"claude-opus-5-5","id":"{id}","type":"message","role":"assistant","content":{content},"stop_reason":null,"stop_sequence":null,"usage":{{"input_tokens":3,"cache_creation_input_tokens":5200,"cache_read_input_tokens":48000,"cache_creation":{{"ephemeral_5m_input_tokens":200,"ephemeral_1h_input_tokens":5000}},"output_tokens":{output},"service_tier":"standard"}}}},"requestId":"req_{id}","type":"assistant","uuid":"0b9d7e0c-5a1f-4c55-9d5e-{output:012}","timestamp":"2026-11-20T10:00:05.123Z"}}"#
    )
}

/// A directory of Claude Code's with one project, and what its files come to.
struct Claude(tempfile::TempDir);

impl Claude {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("projects/-w-app").join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, bytes).unwrap();
    }

    /// What is new since `known`, in a ledger's place.
    fn batches(&self, known: &HashMap<Arc<str>, FileMark>) -> Vec<Batch> {
        let (found, _) = find(&[self.0.path().to_owned()], &[]);
        let mut batches = Vec::new();
        read_all(&changed(found, known), |progress| -> Result<(), String> {
            match progress {
                Progress::Batch(batch) => batches.push(batch.clone()),
                Progress::Done => {}
                Progress::Failed(error) => return Err(error.clone()),
            }
            Ok(())
        })
        .unwrap();
        batches
    }

    /// Id and output of each record, and how many lines were passed over.
    fn read(&self) -> (Vec<(String, u64)>, usize) {
        told(&self.batches(&HashMap::new()))
    }
}

fn told(batches: &[Batch]) -> (Vec<(String, u64)>, usize) {
    let records = batches.iter().flat_map(|batch| &batch.records);
    let mut told: Vec<_> = records.map(|record| (record.event.id.to_string(), record.event.tokens.output)).collect();
    told.sort();
    (told, batches.iter().map(|batch| batch.skipped.len()).sum())
}

fn marks(batches: &[Batch]) -> HashMap<Arc<str>, FileMark> {
    batches.iter().map(|batch| (Arc::clone(&batch.file.path), batch.file.clone())).collect()
}

pub(super) const TEXT: &str = r#"[{"type":"text","text":"ok"}]"#;

#[test]
fn an_answer_is_read_with_all_that_is_known_of_it() {
    let claude = Claude::new();
    claude.write("S1.jsonl", answer("m", 410, r#"[{"type":"tool_use","id":"t","name":"Read","input":{}}]"#) + "\n");
    let record = claude.batches(&HashMap::new()).remove(0).records.remove(0);
    let tokens = TokenUsage {
        input: 3,
        output: 410,
        cache_write_5m: 200,
        cache_write_1h: 5000,
        cache_read: 48_000,
        web_searches: 0,
    };
    assert_eq!((record.event.tokens, record.event.prompt), (tokens, 53_203));
    assert_eq!(record.request.as_deref(), Some("req_m"));
    assert_eq!((record.event.model.as_str(), record.event.version.as_deref()), ("claude-opus-5-5", Some("2.1.330")));
    assert_eq!(record.event.tools.iter().collect::<Vec<_>>(), ["Read"]);
    let place = &record.event.place;
    assert_eq!((place.project.as_str(), place.directory.as_str()), ("/w/app", "/w/app/src"));
    assert_eq!((place.branch.as_deref(), place.conversation.as_deref()), (Some("main"), Some("S1")));
    assert_eq!((place.agent.as_deref(), place.skill.as_deref()), (None, None));
}

#[test]
fn odd_lines_are_counted_or_passed_over_but_never_in_the_way() {
    let (one, two) = (answer("m1", 10, TEXT), answer("m2", 7, TEXT));
    let row = |id: &str, output: u64| (id.to_owned(), output);
    let nested = one.replace(r#""isSidechain":false"#, &format!(r#""x":{}{}"#, "[".repeat(50_000), "]".repeat(50_000)));
    let cut = &one[..one.len() - 30];
    for (what, text, told) in [
        ("streamed", format!("{}\n{one}\n", answer("m1", 1, TEXT)), (vec![row("m1", 10)], 0)),
        ("two objects on a line", format!("{one}{two}\n"), (vec![row("m1", 10), row("m2", 7)], 0)),
        ("CRLF and a byte order mark", format!("\u{feff}{one}\r\n"), (vec![row("m1", 10)], 0)),
        ("a hole of zeros", format!("\0\0\0{one}\n"), (vec![row("m1", 10)], 0)),
        ("a hole between two", format!("{one}\0\0{two}\n"), (vec![row("m1", 10), row("m2", 7)], 0)),
        ("one without its end before another", format!("{}{two}\n", &one[..170]), (vec![row("m2", 7)], 1)),
        ("the same with a hole", format!("{}\0\0{two}{one}\n", &one[..99]), (vec![row("m1", 10), row("m2", 7)], 1)),
        ("a number before one", format!("42{two}\n"), (vec![row("m2", 7)], 0)),
        ("no line break at the end", one.clone(), (vec![row("m1", 10)], 0)),
        ("torn at the end", format!("{one}\n{cut}"), (vec![row("m1", 10)], 0)),
        ("torn in the middle", format!("{cut}\n{one}\n"), (vec![row("m1", 10)], 1)),
        ("torn before its usage", format!("{}\n", &one[..one.find("ok").unwrap()]), (vec![], 1)),
        ("a number that is none", one.replace(r#""input_tokens":3"#, r#""input_tokens":NaN"#) + "\n", (vec![], 1)),
        (
            "a message twice",
            one.replace(r#""requestId""#, r#""message":null,"requestId""#) + "\n",
            (vec![], 0),
        ),
        ("an id that goes on", one.replace(r#""id":"m1""#, r#""id":"m1"x"#) + "\n", (vec![], 1)),
        (
            "with blanks",
            format!("{}\n", one.replace(':', ": ").replace("10: 00: 05", "10:00:05")),
            (vec![row("m1", 10)], 0),
        ),
        ("deep", format!("{nested}\n"), (vec![row("m1", 10)], 0)),
        (
            "numbers as text",
            one.replace(r#""output_tokens":10"#, r#""output_tokens":"10""#) + "\n",
            (vec![row("m1", 10)], 0),
        ),
        ("null counts", one.replace(r#""input_tokens":3"#, r#""input_tokens":null"#) + "\n", (vec![row("m1", 10)], 0)),
        ("a key twice", one.replace(r#""cwd":"#, r#""cwd":"/x","cwd":"#) + "\n", (vec![row("m1", 10)], 0)),
        ("negative", one.replace(r#""output_tokens":10"#, r#""output_tokens":-10"#) + "\n", (vec![], 1)),
        (
            "without time",
            one.replace(r#""timestamp":"2026-11-20T10:00:05.123Z""#, r#""timestamp":null"#) + "\n",
            (vec![], 1),
        ),
        ("not an answer", one.replace(r#""type":"assistant""#, r#""type":"user""#) + "\n", (vec![], 0)),
        ("an error of Claude Code's", one.replace("claude-opus-5-5", "<synthetic>") + "\n", (vec![], 0)),
        (
            "an error of Claude Code's without counts",
            r#"{"type":"assistant","isApiErrorMessage":true,"timestamp":"2026-11-20T10:00:05.123Z","message":{"id":"e","model":null,"usage":{"input_tokens":null,"output_tokens":null,"cache_creation":null,"server_tool_use":null}}}"#.to_owned() + "\n",
            (vec![], 0),
        ),
        (
            "what a tool says that its agent used",
            r#"{"type":"user","timestamp":"2026-11-20T10:00:05.123Z","message":{"role":"user","content":[]},"toolUseResult":{"totalTokens":9,"usage":{"input_tokens":1,"output_tokens":8}}}"#.to_owned() + "\n",
            (vec![], 0),
        ),
        (
            "from before lines had a kind",
            r#"{"timestamp":"2026-01-09T10:00:00.000Z","message":{"role":"assistant","id":"m0","model":"m","usage":{"output_tokens":5}},"costUSD":0.1}"#.to_owned() + "\n",
            (vec![row("m0", 5)], 0),
        ),
        ("words and numbers", "\"massive error\"\n42\n[1]\nnull\n".to_owned(), (vec![], 0)),
        ("other things", "42\n[1]\n\"usage\"\n{\"usage\":7}\n{}\n\n".to_owned(), (vec![], 0)),
        ("foreign JSON", "{\n  \"usage\": {\n    \"input_tokens\": 1\n  }\n}\n".to_owned(), (vec![], 0)),
        ("no message id", one.replace(r#""id":"m1""#, r#""id":null"#) + "\n", (vec![row("request:req_m1", 10)], 0)),
    ] {
        let claude = Claude::new();
        claude.write("S1.jsonl", text);
        assert_eq!(claude.read(), told, "{what}");
    }
    let claude = Claude::new();
    let mut bytes = one.into_bytes();
    let at = bytes.windows(4).position(|bytes| bytes == b"main").unwrap();
    bytes[at] = 0xff;
    claude.write("S1.jsonl", bytes);
    assert_eq!(claude.read(), (vec![row("m1", 10)], 0), "bytes that are no text");
}

#[test]
fn requests_that_the_counters_leave_out_are_events_of_their_own() {
    let iterations = r#""iterations":[
        {"type":"message","input_tokens":60000,"output_tokens":5},{"type":"message","input_tokens":70000,"output_tokens":5},
        {"type":"advisor_message","model":"claude-fable-5","input_tokens":100,"output_tokens":20},
        {"type":"compaction","model":null,"input_tokens":900,"output_tokens":30},7],"service_tier""#;
    let told = |iterations: &str| -> Vec<(String, String, u64, u64, Option<Speed>)> {
        let line = answer("m", 10, TEXT).replace(r#""service_tier""#, &iterations.replace('\n', " "));
        let claude = Claude::new();
        claude.write("S1.jsonl", line + "\n");
        let told = |Record { event, .. }: Record| {
            (event.id.to_string(), event.model.to_string(), event.tokens.output, event.prompt, event.terms.speed)
        };
        events(claude.0.path()).into_iter().map(told).collect()
    };
    let row = |id: &str, model: &str, output, prompt, speed| (id.to_owned(), model.to_owned(), output, prompt, speed);
    let (opus, fast) = ("claude-opus-5-5", Some(Speed::Fast));
    assert_eq!(
        told(iterations),
        [
            row("m", opus, 10, 70_000, None),
            row("m#0", "claude-fable-5", 20, 100, None),
            row("m#1", opus, 30, 900, None),
        ]
    );
    // Another model was not asked to be as fast.
    let is_fast = r#""speed":"fast","#.to_owned() + &iterations.replace("900,", r#"900,"speed":"standard","#);
    let speeds: Vec<_> = told(&is_fast).into_iter().map(|(.., speed)| speed).collect();
    assert_eq!(speeds, [fast, None, Some(Speed::Standard)]);
    // The first attempt was refused after it had written something; the third one answered.
    let iterations = r#""iterations":[{"type":"message","model":"claude-fable-5","input_tokens":90000,"output_tokens":4},
        {"type":"message","input_tokens":9,"output_tokens":0},{"type":"fallback_message","input_tokens":3,"output_tokens":10}],"service_tier""#;
    assert_eq!(told(iterations), [row("m", opus, 10, 3, None), row("m#0", "claude-fable-5", 4, 90_000, None)]);
}

#[test]
fn subagents_are_named_wherever_their_lines_stand() {
    let claude = Claude::new();
    let side = |id: &str| answer(id, 1, TEXT).replace(r#""isSidechain":false"#, r#""isSidechain":true"#);
    let progress = r#"{"type":"progress","cwd":"/w/app","sessionId":"S1","data":{"type":"agent_progress","agentId":"a","message":{"type":"assistant","timestamp":"2026-11-20T10:00:05.123Z","uuid":"x","requestId":"r","message":{"id":"m4","model":"m","usage":{"input_tokens":1,"output_tokens":2}}}}}"#;
    claude.write("S1.jsonl", format!("{}\n{}\n{progress}\n", answer("m1", 1, TEXT), side("m2")));
    claude.write("S1/subagents/agent-7.jsonl", side("m3") + "\n");
    claude.write("S1/subagents/agent-7.meta.json", r#"{"agentType":"Explore","description":"x"}"#);
    let mut agents: Vec<_> = claude
        .batches(&HashMap::new())
        .iter()
        .flat_map(|batch| &batch.records)
        .map(|record| (record.event.id.to_string(), record.event.place.agent.clone()))
        .collect();
    agents.sort();
    let agent = |name: &str| Some(name.to_owned());
    assert_eq!(
        agents,
        [
            ("m1".to_owned(), None),
            ("m2".to_owned(), agent("subagent")),
            ("m3".to_owned(), agent("Explore")),
            ("m4".to_owned(), agent("subagent")),
        ]
    );
}

#[test]
fn only_what_was_appended_is_read_again_unless_the_file_is_another() {
    let claude = Claude::new();
    let one = answer("m1", 10, TEXT);
    let two = answer("m2", 20, TEXT);
    let row = |id: &str, output: u64| (id.to_owned(), output);
    let first = format!("{one}\n{}", &two[..40]);
    claude.write("S1.jsonl", &first);
    let batches = claude.batches(&HashMap::new());
    let mut known = marks(&batches);
    assert_eq!(told(&batches).0, [row("m1", 10)]);
    assert_eq!(batches[0].file.done, one.len() as u64 + 1, "a torn line is read again when it is whole");
    assert_eq!(claude.batches(&known).len(), 0, "nothing is new");

    let whole = format!("{one}\n{two}\n");
    claude.write("S1.jsonl", &whole);
    let batches = claude.batches(&known);
    assert_eq!((told(&batches).0, batches[0].is_whole), (vec![row("m2", 20)], false));
    known = marks(&batches);

    for (what, text, expected) in [
        ("cut", format!("{one}\n"), vec![row("m1", 10)]),
        ("changed at its end", whole.replace("m2", "m8") + "\n\n", vec![row("m1", 10), row("m8", 20)]),
    ] {
        claude.write("S1.jsonl", &text);
        let batches = claude.batches(&known);
        assert_eq!((told(&batches).0, batches[0].is_whole), (expected, true), "{what}");
        claude.write("S1.jsonl", &whole);
        known = marks(&claude.batches(&HashMap::new()));
    }
    // Another file in the place of the first, with as many bytes before.
    claude.write("other", format!("{}\n{two}\n{one}\n", answer("m7", 10, TEXT)));
    fs_err::rename(claude.path("other"), claude.path("S1.jsonl")).unwrap();
    let batches = claude.batches(&known);
    assert_eq!(told(&batches).0, [row("m1", 10), row("m2", 20), row("m7", 10)]);
}

#[test]
fn finished_answers_are_found_with_all_their_text() {
    let claude = Claude::new();
    let stopped = |line: String| line.replace(r#""stop_reason":null"#, r#""stop_reason":"end_turn""#);
    let thought = r#"[{"type":"thinking","thinking":"","signature":"x"}]"#;
    let call = r#"[{"type":"tool_use","id":"t","name":"Read","input":{"a":1}}]"#;
    let lines = [
        answer("m1", 410, TEXT),
        stopped(answer("m1", 410, call)),
        answer("unfinished", 410, TEXT),
        stopped(answer("short", 19, TEXT)),
        answer("thought", 410, thought),
        stopped(answer("thought", 410, TEXT)),
        "{\"usage\"".to_owned(),
    ];
    claude.write("S1.jsonl", lines.join("\n") + "\n");
    let (found, _) = find(&[claude.0.path().to_owned()], &[]);
    let message = r#"{"role":"assistant","content":[{"type":"text","text":"ok"},{"type":"tool_use","id":"t","name":"Read","input":{"a":1}}]}"#;
    let model = crate::domain::model::ModelId::new("claude-opus-5-5");
    assert_eq!(answers(found.clone(), 9), [sample::Answer { model, output: 410, message: message.to_owned() }]);
    assert_eq!(answers(found, 0), []);
}

#[test]
fn a_message_without_a_request_is_one_in_however_many_files_it_lies() {
    let claude = Claude::new();
    let nameless = answer("m1", 10, TEXT).replace(r#""requestId":"req_m1","#, "");
    for name in ["a.jsonl", "b.jsonl", "c.jsonl"] {
        claude.write(name, format!("{nameless}\n"));
    }
    assert_eq!(events(claude.0.path()).len(), 1);
    claude.write("d.jsonl", answer("m1", 10, TEXT) + "\n");
    assert_eq!(events(claude.0.path()).len(), 1, "nor does a copy that has one make a second");
}

#[test]
fn a_file_may_change_its_conversation_version_and_day() {
    let claude = Claude::new();
    let at = |id: &str, output, time: &str| answer(id, output, TEXT).replace("2026-11-20T10:00:05.123Z", time);
    let lines = [
        at("m1", 1, "2026-11-20T23:59:59.900Z"),
        at("m1", 60, "2026-11-21T00:00:00.100Z"),
        at("m2", 2, "2026-11-21T00:01:00.000Z").replace("S1", "S2").replace("2.1.330", "2.1.331"),
    ];
    claude.write("S1.jsonl", lines.join("\n"));
    let told: Vec<_> = events(claude.0.path())
        .into_iter()
        .map(|Record { event, .. }| {
            let conversation = event.place.conversation.clone().unwrap();
            (event.at.to_rfc3339(), event.tokens.output, conversation, event.version.unwrap().to_string())
        })
        .collect();
    let row = |at: &str, output, conversation: &str, version: &str| {
        (at.to_owned(), output, conversation.to_owned(), version.to_owned())
    };
    assert_eq!(
        told,
        [
            row("2026-11-20T23:59:59.900+00:00", 60, "S1", "2.1.330"),
            row("2026-11-21T00:01:00+00:00", 2, "S2", "2.1.331"),
        ]
    );
}

#[test]
fn one_token_for_much_content_is_no_count() {
    let claude = Claude::new();
    let long = format!(r#"[{{"type":"text","text":"{}"}}]"#, "word ".repeat(10_000));
    claude.write("S1.jsonl", answer("m1", 1, &long).replace("2.1.330", "2.1.17") + "\n");
    let [record] = events(claude.0.path()).try_into().unwrap();
    assert_eq!((record.event.precision, record.event.tokens.output), (Precision::LowerBound, 1));
    assert_eq!(record.event.likely_output, Some((50_000 * 263 + 3000) / 1000));
}

#[test]
fn a_key_behind_the_content_is_not_taken_for_content() {
    let call = r#"[{"type":"tool_use","id":"t","name":"Read","input":{}}]"#;
    let line = |output, more: &str| answer("m1", output, call).replace(r#","stop_reason""#, more);
    let others = [
        line(10, r#","more":[],"stop_reason""#),
        line(10, r#","more":[{"type":"tool_use","id":"t","name":"Edit","input":{}}],"stop_reason""#),
        line(10, r#","stop_reason":null,"content":[{"type":"text","text":"ok"}],"x""#),
        line(10, r#","usage":{"output_tokens":9},"id":"m2","more":[],"stop_reason""#),
    ];
    for other in others {
        let claude = Claude::new();
        claude.write("S1.jsonl", format!("{}\n{other}\n", answer("m1", 10, call)));
        let records = claude.batches(&HashMap::new()).remove(0).records;
        let tools: Vec<_> = records.iter().flat_map(|record| &record.event.tools).collect();
        assert!(tools.iter().all(|tool| *tool == "Read"), "{other}");
        assert_eq!(tools.len(), if other.contains("m2") { 2 } else { 1 }, "{other}");
        agreement::check(other.as_bytes());
    }
}

#[test]
fn answers_without_any_id_are_told_apart_by_their_text_and_time() {
    let nameless = |content| {
        let line = answer("m1", 10, content).replace(r#""id":"m1""#, r#""id":null"#);
        line.replace(r#""requestId":"req_m1","#, "").replace(r#""uuid":"#, r#""x":"#)
    };
    let call = r#"[{"type":"tool_use","id":"t","name":"Read","input":{}}]"#;
    let claude = Claude::new();
    let later = nameless(TEXT).replace("10:00:05", "11:00:05");
    claude.write("S1.jsonl", [nameless(TEXT), nameless(call), nameless(TEXT), later].join("\n"));
    assert_eq!(claude.read().0.len(), 3);
}

#[test]
fn a_count_that_is_none_is_told_of_and_never_nought() {
    for (key, value, expected) in [
        ("input_tokens", "1e3", Ok(1000)),
        ("input_tokens", "1500.0", Ok(1500)),
        ("input_tokens", "\"1500\"", Ok(1500)),
        ("input_tokens", "null", Ok(0)),
        ("input_tokens", "1500.5", Err("its input_tokens are no count")),
        ("input_tokens", "-5", Err("its input_tokens are no count")),
        ("input_tokens", r#"{"a":1}"#, Err("its input_tokens are no count")),
        ("input_tokens", "\"lots\"", Err("its input_tokens are no count")),
        ("cache_creation", "5", Err("its cache_creation is no object")),
        ("server_tool_use", "null", Ok(3)),
    ] {
        let claude = Claude::new();
        let odd =
            answer("m1", 10, TEXT).replacen(r#""service_tier""#, &format!(r#""{key}":{value},"service_tier""#), 1);
        // The usual way, the way of lines that are alike, and the full parser.
        let spaced = odd.replacen(r#"{"parentUuid""#, r#"{ "parentUuid""#, 1);
        claude.write("S1.jsonl", format!("{odd}\n{}\n{odd}\n{spaced}\n", answer("m0", 10, TEXT)));
        let batch = claude.batches(&HashMap::new()).remove(0);
        let read = batch.records.iter().find(|record| record.event.id.as_str() == "m1");
        let reasons: Vec<&str> = batch.skipped.iter().map(|skipped| skipped.reason.as_str()).collect();
        match expected {
            Ok(input) => assert_eq!((read.unwrap().event.tokens.input, reasons.len()), (input, 0), "{key} {value}"),
            Err(reason) => assert_eq!((read, reasons), (None, vec![reason; 3]), "{key} {value}"),
        }
    }
}
