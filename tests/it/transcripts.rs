//! The transcripts that benchmarks make: as Claude Code writes them, with sums that are known.

#[path = "../../benches/transcripts/corpus/mod.rs"]
mod corpus;

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize;

use self::corpus::Size;
use self::corpus::totals::Tokens;
use self::corpus::totals::Totals;
use crate::sandbox::Sandbox;

const SIZE: Size = Size { bytes: 4 << 20, files: 60, seed: 7 };

#[derive(Deserialize)]
struct Line {
    timestamp: Option<String>,
    message: Option<Message>,
}

#[derive(Deserialize)]
struct Message {
    id: Option<String>,
    model: Option<String>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Usage {
    input_tokens: u64,
    output_tokens: u64,
    cache_read_input_tokens: u64,
    cache_creation: CacheWrites,
}

#[derive(Deserialize)]
struct CacheWrites {
    ephemeral_5m_input_tokens: u64,
    ephemeral_1h_input_tokens: u64,
}

#[derive(Deserialize)]
struct Daily {
    daily: Vec<Day>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Day {
    date: String,
    input_tokens: u64,
    output_tokens: u64,
    cache_creation_tokens: u64,
    cache_read_tokens: u64,
}

/// Input, output, cache writes and cache reads by day, as a report has them.
fn daily(sandbox: &Sandbox) -> BTreeMap<String, [u64; 4]> {
    let report: Daily = serde_json::from_str(&sandbox.stdout(&["daily", "--json"])).unwrap();
    let days = report.daily.into_iter().map(|day| {
        let Day { input_tokens, output_tokens, cache_creation_tokens, cache_read_tokens, .. } = day;
        (day.date, [input_tokens, output_tokens, cache_creation_tokens, cache_read_tokens])
    });
    days.collect()
}

/// The same, as it is known.
fn known(by_day: &BTreeMap<String, Tokens>) -> BTreeMap<String, [u64; 4]> {
    let counts = |tokens: &Tokens| {
        [tokens.input, tokens.output, tokens.cache_write_5m + tokens.cache_write_1h, tokens.cache_read]
    };
    by_day.iter().map(|(day, tokens)| (day.clone(), counts(tokens))).collect()
}

#[derive(Deserialize)]
struct Sync {
    transcripts: u64,
    exchanges: u64,
    skipped: u64,
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

/// Adds the lines up by the book: of an exchange the line with the most output counts, at the earliest time.
fn added_up(claude: &Path) -> Totals {
    let mut totals = Totals::default();
    let mut exchanges: BTreeMap<String, (String, String, Tokens)> = BTreeMap::new();
    for path in files(claude) {
        let text = fs_err::read_to_string(path).unwrap();
        totals.files += 1;
        totals.bytes += text.len() as u64;
        for line in text.lines() {
            let line: Line = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
            totals.lines += 1;
            let Some(Message { id: Some(id), model: Some(model), usage: Some(usage) }) = line.message else { continue };
            totals.lines_with_usage += 1;
            let tokens = Tokens {
                exchanges: 1,
                input: usage.input_tokens,
                output: usage.output_tokens,
                cache_write_5m: usage.cache_creation.ephemeral_5m_input_tokens,
                cache_write_1h: usage.cache_creation.ephemeral_1h_input_tokens,
                cache_read: usage.cache_read_input_tokens,
            };
            let at = line.timestamp.unwrap();
            let known = exchanges.entry(id).or_insert_with(|| (at.clone(), model, tokens));
            if tokens.output > known.2.output {
                known.2 = tokens;
            }
            known.0 = at.min(std::mem::take(&mut known.0));
        }
    }
    for (at, model, tokens) in exchanges.into_values() {
        totals.add(&at[..10], &model, tokens);
    }
    totals
}

#[test]
fn sums_of_made_transcripts_are_known() {
    let directory = tempfile::tempdir().unwrap();
    let totals = corpus::make(directory.path(), SIZE).unwrap();
    assert_eq!(added_up(directory.path()), totals);
    assert!(corpus::first(directory.path()).is_file());
    assert!(totals.lines_with_usage > totals.all.exchanges && totals.by_day.len() > 10 && totals.by_model.len() == 3);
    let last_day = chrono::DateTime::from_timestamp(corpus::NOW, 0).unwrap().format("%Y-%m-%d").to_string();
    assert!(totals.by_day.keys().all(|day| *day <= last_day));
}

#[test]
fn made_transcripts_have_the_proportions_of_real_ones() {
    let directory = tempfile::tempdir().unwrap();
    let Totals { bytes, files, lines, lines_with_usage, all, .. } = corpus::make(directory.path(), SIZE).unwrap();
    let is_about = |value: u64, least: u64, most: u64| (least..=most).contains(&value);
    assert!(is_about(bytes, SIZE.bytes * 9 / 10, SIZE.bytes * 3 / 2), "{bytes} bytes");
    assert_eq!(files, SIZE.files);
    assert!(is_about(lines_with_usage * 100 / lines, 35, 60), "{lines_with_usage} of {lines} lines have usage");
    assert!(
        is_about(lines_with_usage * 10 / all.exchanges, 18, 30),
        "{lines_with_usage} lines, {} exchanges",
        all.exchanges
    );
    assert!(is_about(bytes / all.exchanges, 10_000, 25_000), "{bytes} bytes, {} exchanges", all.exchanges);
}

#[test]
fn the_same_seed_makes_the_same() {
    let made = |seed| {
        let directory = tempfile::tempdir().unwrap();
        corpus::make(directory.path(), Size { bytes: 200_000, files: 5, seed }).unwrap();
        let files = files(directory.path()).into_iter();
        files
            .map(|path| (path.strip_prefix(directory.path()).unwrap().to_owned(), fs_err::read(path).unwrap()))
            .collect::<Vec<_>>()
    };
    assert!(made(1) == made(1) && made(1) != made(2));
}

#[test]
fn a_sync_finds_every_made_exchange_and_what_came_after() {
    let sandbox = Sandbox::new();
    let claude = sandbox.home().join(".claude");
    let totals = corpus::make(&claude, SIZE).unwrap();
    let sync = || serde_json::from_str::<Sync>(&sandbox.stdout(&["sync", "--json"])).unwrap();
    let Sync { transcripts, exchanges, skipped } = sync();
    assert_eq!((transcripts, exchanges, skipped), (totals.files, totals.all.exchanges, 0));
    assert_eq!(daily(&sandbox), known(&totals.by_day));

    let first = corpus::first(&claude);
    assert!(first.to_string_lossy().contains(&corpus::first_conversation()));
    let growth = corpus::growth(SIZE, 50_000);
    let new =
        growth.lines().filter(|line| line.contains(r#""stop_reason":"t"#) || line.contains(r#""stop_reason":"e"#));
    let text = fs_err::read_to_string(&first).unwrap() + &growth;
    fs_err::write(&first, text).unwrap();
    assert_eq!(sync().exchanges, totals.all.exchanges + new.count() as u64);
}
