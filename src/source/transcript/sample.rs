//! Finished answers with their text, to hold estimates against: what was billed is in the same lines.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::io::Read;

use fs_err as fs;
use memchr::memmem::Finder;

use crate::domain::estimate::own::LEAST_TOKENS;
use crate::domain::model::ModelId;
use crate::domain::tokens::MOST_TOKENS;
use crate::source::transcript::Found;
use crate::source::transcript::lines::Lines;
use crate::source::transcript::lines::Piece;
use crate::source::transcript::wire::Block;
use crate::source::transcript::wire::Field;
use crate::source::transcript::wire::Line;
use crate::source::transcript::wire::Message;
use crate::source::transcript::wire::Usage;

/// What of a long history is looked at.
const MOST_BYTES: u64 = 256 << 20;

/// An answer of which all is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) model: ModelId,
    /// As billed.
    pub(crate) output: u64,
    /// A message as the Messages API has it.
    pub(crate) message: String,
}

/// Answers of the newest transcripts: at most so many of each model, finished ones without hidden thinking.
pub(crate) fn answers(mut files: Vec<Found>, most: usize) -> Vec<Answer> {
    files.sort_unstable_by_key(|file| std::cmp::Reverse(file.modified));
    let mut by_model: BTreeMap<ModelId, usize> = BTreeMap::new();
    let mut sample = Vec::new();
    let mut bytes = 0;
    let mut buffer = Vec::new();
    for file in files {
        if bytes > MOST_BYTES {
            break;
        }
        bytes += file.size;
        // One that cannot be read is told of by the import.
        for answer in of_file(&file, &mut buffer).unwrap_or_default() {
            let taken = by_model.entry(answer.model.clone()).or_default();
            if *taken < most {
                *taken += 1;
                sample.push(answer);
            }
        }
    }
    sample
}

#[derive(Debug, Default)]
struct Parts {
    model: String,
    blocks: Vec<String>,
    outputs: Vec<u64>,
    has_stopped: bool,
    is_hidden: bool,
}

fn of_file(file: &Found, buffer: &mut Vec<u8>) -> anyhow::Result<Vec<Answer>> {
    let usage = Finder::new(br#""usage""#);
    let mut lines = Lines::new(buffer, fs::File::open(&file.path)?.take(file.size), 0);
    let mut answers: HashMap<String, Parts> = HashMap::new();
    let mut order = Vec::new();
    while let Some((_, piece)) = lines.next()? {
        let Piece::Line(line) = piece else { continue };
        if usage.find(line).is_none() {
            continue;
        }
        let Some((id, parts)) = serde_json::from_slice(line).ok().and_then(parts) else { continue };
        let known = answers.entry(id.clone()).or_insert_with(|| {
            order.push(id);
            Parts::default()
        });
        known.model = parts.model;
        known.blocks.extend(parts.blocks);
        known.outputs.extend(parts.outputs);
        known.has_stopped |= parts.has_stopped;
        known.is_hidden |= parts.is_hidden;
    }
    let finished = |parts: Parts| {
        let output = *parts.outputs.iter().max()?;
        let is_of_use = parts.has_stopped && !parts.is_hidden && output >= LEAST_TOKENS && !parts.blocks.is_empty();
        is_of_use.then(|| Answer {
            model: ModelId::new(parts.model),
            output,
            message: format!(r#"{{"role":"assistant","content":[{}]}}"#, parts.blocks.join(",")),
        })
    };
    Ok(order.iter().rev().filter_map(|id| finished(answers.remove(id)?)).collect())
}

fn parts(line: Line<'_>) -> Option<(String, Parts)> {
    if !line.kind.is("assistant") || line.is_api_error.is_true() {
        return None;
    }
    let message: Message<'_> = line.message.object()?;
    let usage: Usage<'_> = message.usage.object()?;
    let fields: Vec<Field<'_>> = message.content.elements();
    // What was thought is billed, and its text is kept by old versions only.
    let is_hidden = |block: Block<'_>| block.kind.text().is_none_or(|kind| kind != "text" && kind != "tool_use");
    let parts = Parts {
        model: message.model.text()?.into_owned(),
        is_hidden: fields.iter().any(|field| field.object().is_none_or(is_hidden)) || !usage.iterations.is_empty(),
        blocks: fields.iter().map(|field| field.json().to_owned()).collect(),
        outputs: vec![usage.output.count().ok()?.filter(|&output| output <= MOST_TOKENS)?],
        has_stopped: message.stop_reason.is_present(),
    };
    Some((message.id.text()?.into_owned(), parts))
}
