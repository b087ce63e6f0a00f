//! Published transcripts of other people's, for those who have them (`CLAUDE_COST_CORPUS`): what reader, ledger and price
//! list make of them, against what an independent program makes of them and against a plain scan that is written here.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::convert::Infallible;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;

use crate::domain::event::Precision;
use crate::domain::event::UsageEvent;
use crate::domain::import::Imported;
use crate::domain::money::Usd;
use crate::domain::tokens::TokenUsage;
use crate::source::prices;
use crate::source::transcript;
use crate::source::transcript::Progress;
use crate::store::ledger::LedgerStore;

fn corpus() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "only this test knows of it")]
    std::env::var_os("CLAUDE_COST_CORPUS").map(PathBuf::from)
}

/// Reads all files anew, as a first `sync` does.
fn import(ledger: &mut LedgerStore, claude: &Path) -> Imported {
    let (found, problems) = transcript::find(&[claude.to_owned()], &[]);
    assert_eq!(problems, Vec::<String>::new());
    let mut import = ledger.begin_import().unwrap();
    transcript::read_all(&transcript::changed(found, &HashMap::new()), |progress| -> Result<(), Infallible> {
        match progress {
            Progress::Batch(batch) => import.put(batch).unwrap(),
            Progress::Done => {}
            Progress::Failed(error) => panic!("{error}"),
        }
        Ok(())
    })
    .unwrap();
    import.commit().unwrap()
}

/// A line that states usage.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, as the line states it")]
struct Row {
    is_progress: bool,
    is_sidechain: bool,
    id: String,
    request: Option<String>,
    model: String,
    conversation: Option<String>,
    at: String,
    /// File and line.
    place: (String, usize),
    file_began_at: String,
    is_copy: bool,
    output: u64,
    version: String,
    has_stopped: bool,
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(ToOwned::to_owned)
}

impl Row {
    fn of(line: &Value, place: (String, usize), file_began_at: &str) -> Option<Self> {
        let is_progress = line["type"] == "progress";
        let inner = if is_progress { &line["data"]["message"] } else { line };
        let message = &inner["message"];
        let is_answer = inner["type"] == "assistant" || (inner["type"].is_null() && message["role"] == "assistant");
        if !is_answer || !message["usage"].is_object() || message["model"] == "<synthetic>" {
            return None;
        }
        let is_sidechain = is_progress || line["isSidechain"] == true;
        Some(Self {
            is_progress,
            is_sidechain,
            id: text(&message["id"])?,
            request: text(&inner["requestId"]),
            model: text(&message["model"])?,
            conversation: text(&line["sessionId"]),
            at: text(&inner["timestamp"])?,
            place,
            file_began_at: file_began_at.to_owned(),
            is_copy: !line["forkedFrom"].is_null(),
            output: message["usage"]["output_tokens"].as_u64().unwrap_or(0),
            version: text(&line["version"]).unwrap_or_default(),
            has_stopped: !message["stop_reason"].is_null(),
        })
    }

    /// Whether it can only be a copy of another request's message.
    fn is_guest(&self) -> bool {
        self.is_sidechain || self.request.is_none()
    }

    fn day(&self) -> &str {
        &self.at[..10]
    }

    fn keeps_placeholders(&self) -> bool {
        let patch = self.version.strip_prefix("2.1.").and_then(|patch| patch.parse().ok());
        patch.is_some_and(|patch: u32| patch <= 52)
    }
}

/// All that can be parsed, without any of the program's own reading.
fn scan(claude: &Path) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut folders = vec![claude.join("projects")];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = fs_err::read(&path).unwrap();
            let mut began_at = None;
            for (number, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
                for object in serde_json::Deserializer::from_slice(line).into_iter::<Value>() {
                    let Ok(object) = object else { break };
                    if began_at.is_none() {
                        began_at = first_time(&object);
                    }
                    let place = (path.to_string_lossy().into_owned(), number);
                    rows.extend(Row::of(&object, place, began_at.as_deref().unwrap_or_default()));
                }
            }
        }
    }
    rows
}

/// Of a line, wherever in it; snapshots of files have theirs further down.
fn first_time(line: &Value) -> Option<String> {
    match line {
        Value::Object(members) => {
            members.get("timestamp").and_then(text).or_else(|| members.values().find_map(first_time))
        }
        _ => None,
    }
}

/// The lines of each message by the ledger's ids: of two requests with one message id the second has its own.
fn messages(rows: &[Row]) -> BTreeMap<String, Vec<&Row>> {
    let mut by_id: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        by_id.entry(&row.id).or_default().push(row);
    }
    let mut messages = BTreeMap::new();
    for (id, rows) in by_id {
        let own: BTreeSet<&str> =
            rows.iter().filter(|row| !row.is_guest()).filter_map(|row| row.request.as_deref()).collect();
        let first = own.first().copied();
        for row in rows {
            let request = if row.is_guest() { first } else { row.request.as_deref() };
            let key = if request == first { id.to_owned() } else { format!("{id}/{}", request.unwrap_or_default()) };
            messages.entry(key).or_insert_with(Vec::new).push(row);
        }
    }
    messages
}

/// The line that the independent program keeps whole.
fn kept<'a>(rows: &[&'a Row]) -> &'a Row {
    let plain = rows.iter().filter(|row| !row.is_progress);
    plain.min_by_key(|row| (std::cmp::Reverse(row.output), &row.at, &row.place)).unwrap()
}

/// Messages, tokens by kind and cost, as `expected.json` has them.
type Sum = (u64, TokenUsage, Usd);

fn sums<'a>(events: impl Iterator<Item = (&'a UsageEvent, String)>) -> BTreeMap<String, Sum> {
    let book = prices::built_in();
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    for (event, key) in events {
        let cost = book.cost_of(&event.model, event.at, &event.tokens, &event.terms).expect("all models have a price");
        let sum = sums.entry(key).or_insert((0, TokenUsage::default(), Usd::ZERO));
        *sum = (sum.0 + 1, sum.1 + event.tokens, sum.2 + cost.total());
    }
    sums
}

fn expected_sum(row: &Value) -> Sum {
    let count = |key: &str| row[key].as_u64().unwrap();
    let tokens = TokenUsage {
        input: count("input"),
        output: count("output"),
        cache_write_5m: count("cache_write_5m"),
        cache_write_1h: count("cache_write_1h"),
        cache_read: count("cache_read"),
        web_searches: count("web_search"),
    };
    // A float's shortest text is the sum that was meant.
    (count("messages"), tokens, row["cost_usd"].to_string().parse().unwrap())
}

fn expected_sums(rows: &Value) -> BTreeMap<String, Sum> {
    rows.as_object().unwrap().iter().map(|(key, row)| (key.clone(), expected_sum(row))).collect()
}

#[test]
fn the_corpus_comes_to_its_known_sums() {
    let Some(corpus) = corpus() else { return };
    let claude = corpus.join("claude-dir");
    let expected: Value = serde_json::from_slice(&fs_err::read(corpus.join("expected.json")).unwrap()).unwrap();
    let mut ledger = LedgerStore::in_memory().unwrap();
    import(&mut ledger, &claude);
    let events = ledger.events(None, None).unwrap();
    assert_eq!(import(&mut ledger, &claude).new, 0);
    assert_eq!(ledger.events(None, None).unwrap(), events, "a second reading changes nothing");

    let rows = scan(&claude);
    let messages = messages(&rows);
    let ids: Vec<&str> = messages.keys().map(String::as_str).collect();
    let mut own_ids: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
    own_ids.sort_unstable();
    assert_eq!(own_ids, ids);

    let is_progress_only = |event: &&UsageEvent| messages[event.id.as_str()].iter().all(|row| row.is_progress);
    let (from_progress, plain): (Vec<&UsageEvent>, Vec<&UsageEvent>) = events.iter().partition(is_progress_only);
    let one = |events: &[&UsageEvent]| sums(events.iter().map(|&event| (event, String::new()))).remove("").unwrap();
    assert_eq!(one(&plain), expected_sum(&expected["totals"]));
    assert_eq!(one(&from_progress), expected_sum(&expected["progress_only"]));
    assert!(from_progress.iter().all(|event| event.place.agent.is_some()), "a subagent's");

    let sums_by = |key: &dyn Fn(&UsageEvent) -> String| sums(plain.iter().map(|&event| (event, key(event))));
    assert_eq!(sums_by(&|event| event.model.to_string()), expected_sums(&expected["by_model"]));
    // The independent program takes day and conversation from the line that it keeps …
    let kept = |event: &UsageEvent| kept(&messages[event.id.as_str()]);
    let conversation = |row: &Row| row.conversation.clone().unwrap_or_default();
    assert_eq!(sums_by(&|event| kept(event).model.clone()), expected_sums(&expected["by_model"]));
    assert_eq!(sums_by(&|event| kept(event).day().to_owned()), expected_sums(&expected["by_day"]));
    assert_eq!(sums_by(&|event| conversation(kept(event))), expected_sums(&expected["by_session"]));
    // … the ledger the earliest time, and the conversation that had the message first. As it happens no message of the
    // corpus is kept from another day or conversation.
    for event in &events {
        let rows = &messages[event.id.as_str()];
        let earliest = rows.iter().map(|row| &row.at).min().unwrap();
        assert_eq!(event.at, earliest.parse::<chrono::DateTime<chrono::Utc>>().unwrap(), "{}", event.id);
        let owner =
            rows.iter().min_by_key(|row| (row.is_sidechain, row.is_copy, &row.file_began_at, &row.place.0, &row.at));
        assert_eq!(event.place.conversation, owner.unwrap().conversation, "{}", event.id);
    }
    let differ: Vec<_> = plain
        .iter()
        .filter(|event| {
            let kept = kept(event);
            let is_same_day = event.at.date_naive().to_string() == kept.day();
            !is_same_day || event.place.conversation != kept.conversation
        })
        .map(|event| event.id.as_str())
        .collect();
    assert_eq!(differ, Vec::<&str>::new());

    // Counts of versions that left them as the stream began: a count that nothing ended and that never grew.
    let unfinished: Vec<&str> = messages
        .iter()
        .filter(|(_, rows)| {
            let is_flat = rows.iter().all(|row| row.output == rows[0].output);
            rows.iter().any(|row| row.keeps_placeholders()) && !rows.iter().any(|row| row.has_stopped) && is_flat
        })
        .map(|(id, _)| id.as_str())
        .collect();
    let mut lower_bounds: Vec<&str> =
        events.iter().filter(|event| event.precision == Precision::LowerBound).map(|event| event.id.as_str()).collect();
    lower_bounds.sort_unstable();
    assert_eq!(lower_bounds, unfinished);
    assert!(lower_bounds.len() > 1000, "most of what 2.1.0 to 2.1.52 wrote");
}
