//! Which of Claude's two tokenizers a model has, and what each counts for what.

use serde::Serialize;

use crate::domain::estimate::class::Class;
use crate::domain::estimate::features::Features;
use crate::domain::model::ModelId;

/// A tokenizer.
///
/// "Claude 4.7 and later models and Claude Mythos Preview use a newer tokenizer […] Sonnet 4.6 and earlier use the
/// previous tokenizer" (platform.claude.com, pricing).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Family {
    /// Claude 3 to 4.6.
    Old,
    /// Opus 4.7, Claude 5, Fable, Mythos and later.
    New,
}

/// What is known about a model's tokenizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Calibration {
    /// Counts of this version, or of one with the same tokenizer, were compared.
    Measured,
    /// A later Claude, of which no counts were at hand: taken to have the newest tokenizer known.
    Unverified,
    /// No Claude, or none that can be told from its name.
    Uncalibrated,
}

/// Claude 2 and Instant had a tokenizer before the old one.
const FIRST_OLD: Version = (3, 0);
const LAST_OLD: Version = (4, 6);
/// Later versions came out after the measurements.
const LAST_MEASURED: Version = (5, 0);
const LINES: [&str; 6] = ["opus", "sonnet", "haiku", "instant", "fable", "mythos"];

type Version = (u32, u32);

impl Family {
    /// The tokenizer of the model named so, by whatever gateway: `claude-3-5-haiku-latest`, `claude-opus-5-5[1m]`,
    /// `us.anthropic.claude-opus-4-7-v1:0`, `claude-haiku-4-5@20251001`, `anthropic/claude-sonnet-4.5`, `opus`.
    pub(crate) fn of(model: &ModelId) -> (Self, Calibration) {
        let name = model.as_str().to_ascii_lowercase();
        let words: Vec<&str> = name.split(|char: char| !char.is_ascii_alphanumeric()).collect();
        let is_line = words.iter().any(|word| LINES.contains(word));
        let Some(at) = words.iter().position(|word| *word == "claude") else {
            // A bare alias stands for the newest of its line, whatever that is by now.
            return (Self::New, if is_line { Calibration::Unverified } else { Calibration::Uncalibrated });
        };
        let is_measured = |version| version <= LAST_MEASURED && is_line;
        match version(&words[at + 1..]) {
            Some(version) if version < FIRST_OLD => (Self::Old, Calibration::Uncalibrated),
            Some(version) if version <= LAST_OLD => (Self::Old, Calibration::Measured),
            version if version.map_or(words.contains(&"mythos"), is_measured) => (Self::New, Calibration::Measured),
            _ if is_line => (Self::New, Calibration::Unverified),
            _ => (Self::New, Calibration::Uncalibrated),
        }
    }

    pub(super) fn coefficients(self) -> &'static Coefficients {
        match self {
            Self::Old => &OLD,
            Self::New => &NEW,
        }
    }
}

/// The first two short numbers, up to a date or a revision (`v1`).
fn version(words: &[&str]) -> Option<Version> {
    let mut numbers = words
        .iter()
        .skip_while(|word| !word.starts_with(|char: char| char.is_ascii_digit()))
        .map_while(|word| (word.len() <= 2).then(|| word.parse().ok()).flatten());
    let major = numbers.next()?;
    Some((major, numbers.next().unwrap_or(0)))
}

/// What a family counts, in thousandths of a token.
#[derive(Debug)]
pub(super) struct Coefficients {
    /// Of a response.
    pub(super) message: u64,
    pub(super) first_tool_call_extra: u64,
    pub(super) tool_call: u64,
    pub(super) param: u64,
    /// Of each token of a tool's or parameter's name.
    pub(super) name: u64,
    pub(super) edit_replace_all_false: u64,
    /// Of a prompt.
    pub(super) request: u64,
    pub(super) extra_prompt_message: u64,
    text: fn(&Features) -> u64,
}

impl Coefficients {
    pub(super) fn text(&self, features: &Features) -> u64 {
        // A prior from published probes: no pairs of text and count in these scripts were at hand.
        (self.text)(features) + 1_100 * features.cjk_characters
    }
}

static OLD: Coefficients = Coefficients {
    message: 2_650,
    first_tool_call_extra: 13_860,
    tool_call: 21_490,
    param: 8_250,
    name: 1_200,
    edit_replace_all_false: 16_720,
    request: 6_500,
    extra_prompt_message: 530,
    text: old_text,
};

static NEW: Coefficients = Coefficients {
    message: 2_010,
    first_tool_call_extra: 0,
    tool_call: 19_150,
    param: 21_920,
    name: 1_600,
    edit_replace_all_false: 15_890,
    request: 0,
    extra_prompt_message: 0,
    text: new_text,
};

const OLD_CLASSES: [(Class, u64); 16] = [
    (Class::SpacedLower, 1_018),
    (Class::SpacedCapital, 1_237),
    (Class::SpacedUpper, 1_196),
    (Class::Lower, 1_287),
    (Class::Capital, 1_224),
    (Class::Upper, 1_035),
    (Class::PunctuatedWord, 1_959),
    (Class::Digits, 1_423),
    (Class::OnePunctuation, 971),
    (Class::ManyPunctuations, 794),
    (Class::SpacedPunctuation, 1_109),
    (Class::Space, 1_027),
    (Class::LineBreak, 1_009),
    (Class::PunctuatedLineBreak, 1_879),
    (Class::NonAscii, 1_187),
    (Class::PartOfCharacter, 227),
];

fn old_text(features: &Features) -> u64 {
    OLD_CLASSES.iter().map(|&(class, milli)| milli * features.tokens(class)).sum()
}

fn new_text(features: &Features) -> u64 {
    885 * features.ascii_tokens()
        + 924 * features.tokens(Class::NonAscii)
        + 2_037 * features.tokens(Class::PartOfCharacter)
        + 114 * features.words_to_4
        + 1_140 * features.words_to_6
        + 1_344 * features.words_to_8
        + 1_695 * features.words_to_11
        + 2_249 * features.words_from_12
        + 1_051 * features.camel_joints
        + 1_073 * features.upper_words
        + 421 * features.upper_word_letters
        + 404 * features.punctuation_runs
        + 108 * features.punctuation
        + 47 * features.digit_groups
        + 472 * features.line_break_runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_tokenizer() {
        use Calibration::Measured;
        use Calibration::Uncalibrated;
        use Calibration::Unverified;
        use Family::New;
        use Family::Old;
        for (name, family, calibration) in [
            ("claude-2.1", Old, Uncalibrated),
            ("claude-3-opus-20240229", Old, Measured),
            ("claude-3-5-haiku-latest", Old, Measured),
            ("claude-3-5-sonnet-v2@20241022", Old, Measured),
            ("claude-sonnet-4-20250514", Old, Measured),
            ("claude-haiku-4-5-20251001", Old, Measured),
            ("claude-haiku-4-5@20251001", Old, Measured),
            ("anthropic/claude-sonnet-4.5", Old, Measured),
            ("Claude-Sonnet-4-6[1m]", Old, Measured),
            ("global.anthropic.claude-opus-4-6-v1:0", Old, Measured),
            ("us.anthropic.claude-opus-4-7-v1:0", New, Measured),
            ("claude-opus-4-8", New, Measured),
            ("claude-sonnet-5", New, Measured),
            ("claude-opus-5@default", New, Measured),
            ("claude-fable-5", New, Measured),
            ("claude-mythos-preview", New, Measured),
            ("claude-opus-5-5[1m]", New, Unverified),
            ("claude-fable-5-1", New, Unverified),
            ("claude-opus-10", New, Unverified),
            ("claude-haiku-latest", New, Unverified),
            ("sonnet", New, Unverified),
            ("claude-next", New, Uncalibrated),
            ("claude-6-turbo", New, Uncalibrated),
            ("gpt-5.2", New, Uncalibrated),
            ("", New, Uncalibrated),
        ] {
            assert_eq!(Family::of(&ModelId::new(name)), (family, calibration), "{name}");
        }
    }
}
