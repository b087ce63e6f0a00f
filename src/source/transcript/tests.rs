//! Reading whole files: what is counted, what is passed over, and that neither order nor repetition matters.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

use super::*;
use crate::domain::ledger::Record;
use crate::domain::ledger::resolve;
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
                for record in batch.records {
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
            Progress::Failed(error) => Err(error),
        }
    })
    .unwrap();
    variants.into_values().flat_map(|variants| resolve(variants.into_values().collect())).collect()
}

/// Where the published transcripts and their known sums lie, for those who have them.
fn corpus() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "only this test knows of it")]
    std::env::var_os("CLAUDE_COST_CORPUS").map(PathBuf::from)
}

#[test]
fn the_corpus_comes_to_its_known_sums() {
    let Some(corpus) = corpus() else { return };
    let expected: serde_json::Value =
        serde_json::from_slice(&fs_err::read(corpus.join("expected.json")).unwrap()).unwrap();
    let expected =
        |key: &str| ["totals", "progress_only"].iter().map(|part| expected[part][key].as_u64().unwrap()).sum::<u64>();
    let events = events(&corpus.join("claude-dir"));
    let sum: TokenUsage = events.iter().map(|record| record.event.tokens).sum();
    assert_eq!(
        [events.len() as u64, sum.input, sum.output, sum.cache_write_5m, sum.cache_write_1h, sum.cache_read],
        ["messages", "input", "output", "cache_write_5m", "cache_write_1h", "cache_read"].map(expected)
    );
}
