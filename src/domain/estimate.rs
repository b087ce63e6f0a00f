//! Tokens of text that no counter has measured: a linear model over cl100k tokens, for both of Claude's tokenizers.
//!
//! The vendor publishes no tokenizer for these models. The coefficients were fitted to counts that its API returned;
//! each estimate carries the band in which 80 % of such messages fell. Encoding is left to a [`TokenCounter`].

mod band;
mod class;
mod family;
mod features;
mod json;
pub(crate) mod own;

use clap::ValueEnum;
use serde::Serialize;

pub(crate) use self::family::Calibration;
pub(crate) use self::family::Family;
pub(crate) use self::features::Features;

use self::family::Coefficients;
use self::own::OwnFactor;

/// Gives the cl100k tokens of a text.
///
/// It does not fail: what an encoder refuses is to be cut smaller, for one odd file must not cost a whole answer.
pub(crate) trait TokenCounter {
    /// Calls `each` with the bytes of every token, in order; together they are `text`.
    fn for_each_token(&self, text: &str, each: &mut dyn FnMut(&[u8]));
}

/// How a file is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// Text that a model is given
    Prompt,
    /// Text that a model wrote
    Response,
    /// JSON of the Messages API: a message, a response, an array of messages or a request
    Message,
}

/// What text is to the model that reads or writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Form {
    /// What a model is given.
    Prompt,
    /// What a model wrote.
    Response,
}

/// A part of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Text(&'a str),
    /// The name of a tool that is called; its parameters follow.
    ToolCall(&'a str),
    /// A parameter whose value is a string, without quotes and escapes.
    TextParam(&'a str, &'a str),
    /// A parameter of another kind, its value as JSON.
    JsonParam(&'a str, &'a str),
    /// `replace_all: false` of the tool `Edit`, in place of its parameter: whether the model writes it or the client
    /// adds it is not settled, so it has a price of its own.
    EditReplaceAllFalse,
    /// What costs tokens that nothing here tells: thinking without its text, an image.
    Untold,
}

/// A message, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Content {
    features: Features,
    name_tokens: u64,
    tool_calls: u64,
    params: u64,
    edits_replacing_once: u64,
    extra_prompt_messages: u64,
    is_lower_bound: bool,
}

impl Content {
    #[cfg(test)]
    pub(crate) fn of_text(text: &str, counter: &dyn TokenCounter) -> Self {
        let mut content = Self::default();
        content.add(Piece::Text(text), counter);
        content
    }

    pub(crate) fn add(&mut self, piece: Piece<'_>, counter: &dyn TokenCounter) {
        match piece {
            Piece::Text(text) => self.features += Features::of(text, counter),
            Piece::ToolCall(name) => {
                self.tool_calls += 1;
                self.name_tokens += count(name, counter);
            }
            Piece::TextParam(key, value) => self.add_param(key, value, counter),
            // The coefficients were fitted to JSON with a space behind each comma and colon.
            Piece::JsonParam(key, json) => self.add_param(key, &json::spaced(json), counter),
            Piece::EditReplaceAllFalse => self.edits_replacing_once += 1,
            Piece::Untold => self.is_lower_bound = true,
        }
    }

    /// Starts another message of the same prompt.
    pub(crate) fn add_prompt_message(&mut self) {
        self.extra_prompt_messages += 1;
    }

    pub(crate) fn estimate(&self, form: Form, family: Family, calibration: Calibration) -> Estimate {
        let milli = self.milli(form, family.coefficients());
        let is_mostly_non_latin = self.features.is_mostly_non_latin();
        let band_percent = match (is_mostly_non_latin, calibration) {
            (true, _) => band::NON_LATIN_PERCENT,
            (false, Calibration::Uncalibrated) => band::UNCALIBRATED_PERCENT,
            (false, Calibration::Measured | Calibration::Unverified) => band::percent(family, rounded(milli)),
        };
        let tokens = rounded(milli);
        let (low, high) = bounds(tokens, band_percent);
        Estimate {
            tokens,
            milli,
            low,
            high,
            band_percent,
            family,
            calibration,
            is_mostly_non_latin,
            is_lower_bound: self.is_lower_bound,
            own: None,
        }
    }

    fn add_param(&mut self, key: &str, value: &str, counter: &dyn TokenCounter) {
        self.params += 1;
        self.name_tokens += count(key, counter);
        self.features += Features::of(value, counter);
    }

    fn milli(&self, form: Form, coefficients: &Coefficients) -> u64 {
        let framing = match form {
            Form::Prompt => coefficients.request + coefficients.extra_prompt_message * self.extra_prompt_messages,
            Form::Response => coefficients.message,
        };
        let first_call = if self.tool_calls > 0 { coefficients.first_tool_call_extra } else { 0 };
        framing
            + first_call
            + coefficients.tool_call * self.tool_calls
            + coefficients.param * self.params
            + coefficients.name * self.name_tokens
            + coefficients.edit_replace_all_false * self.edits_replacing_once
            + coefficients.text(&self.features)
    }
}

fn count(text: &str, counter: &dyn TokenCounter) -> u64 {
    let mut tokens = 0;
    counter.for_each_token(text, &mut |_| tokens += 1);
    tokens
}

/// How many tokens there probably are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Estimate {
    pub(crate) tokens: u64,
    /// The same in thousandths of a token, before rounding.
    #[serde(skip)]
    pub(crate) milli: u64,
    pub(crate) low: u64,
    pub(crate) high: u64,
    /// Of ten messages eight lie between `low` and `high`, so many per cent off the estimate.
    pub(crate) band_percent: u64,
    pub(crate) family: Family,
    pub(crate) calibration: Calibration,
    /// Other scripts than Latin were not measured: the figure is a guess.
    pub(crate) is_mostly_non_latin: bool,
    /// Parts whose tokens cannot be told are not in the figure.
    pub(crate) is_lower_bound: bool,
    /// What the person's own transcripts say of such estimates, if that is in the figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) own: Option<OwnFactor>,
}

impl Estimate {
    /// The sum of estimates for one model; `None` for none.
    ///
    /// Errors of the same model go the same way, so the bands are averaged by weight, not in quadrature.
    pub(crate) fn sum(estimates: &[Self]) -> Option<Self> {
        let first = estimates.first()?;
        let tokens: u64 = estimates.iter().map(|estimate| estimate.tokens).sum();
        let weighted: u64 = estimates.iter().map(|estimate| estimate.tokens * estimate.band_percent).sum();
        let guessed = estimates.iter().filter(|estimate| estimate.is_mostly_non_latin);
        let is_mostly_non_latin = guessed.map(|estimate| estimate.tokens).sum::<u64>() * 2 > tokens;
        let calibrated = first.calibration != Calibration::Uncalibrated && !is_mostly_non_latin;
        let own = first.own.filter(|_| estimates.iter().all(|estimate| estimate.own.is_some()));
        let evened_out = band::SESSION_PERCENT.max(own.map_or(0, OwnFactor::sum_error_percent));
        let most = if calibrated && estimates.len() >= band::SESSION_MESSAGES { evened_out } else { 100 };
        let band_percent = weighted.div_ceil(tokens.max(1)).min(most);
        let (low, high) = bounds(tokens, band_percent);
        let milli = estimates.iter().map(|estimate| estimate.milli).sum();
        let is_lower_bound = estimates.iter().any(|estimate| estimate.is_lower_bound);
        Some(Self { tokens, milli, low, high, band_percent, is_mostly_non_latin, is_lower_bound, own, ..*first })
    }
}

/// The fewest and the most tokens within the band.
fn bounds(tokens: u64, band_percent: u64) -> (u64, u64) {
    let part = (tokens * band_percent).div_ceil(100);
    (tokens.saturating_sub(part), tokens + part)
}

fn rounded(milli: u64) -> u64 {
    (milli + 500) / 1000
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;
    use crate::domain::decimal;

    /// Each word with the space before it is a token.
    struct Words;

    impl TokenCounter for Words {
        fn for_each_token(&self, text: &str, each: &mut dyn FnMut(&[u8])) {
            let mut start = 0;
            for (end, _) in text.match_indices(' ').filter(|(at, _)| *at > 0) {
                each(&text.as_bytes()[start..end]);
                start = end;
            }
            each(&text.as_bytes()[start..]);
        }
    }

    fn milli(pieces: &[Piece<'_>], form: Form, family: Family) -> u64 {
        let mut content = Content::default();
        for &piece in pieces {
            content.add(piece, &Words);
        }
        content.estimate(form, family, Calibration::Measured).milli
    }

    #[test]
    fn text_is_words_and_the_framing_of_its_form() {
        // "the" wl, " Quick" swc, " fox" swl; buckets of 3, 5 and 3 letters.
        let text = [Piece::Text("the Quick fox")];
        for (form, family, expected) in [
            (Form::Response, Family::Old, 2_650 + 1_287 + 1_237 + 1_018),
            (Form::Prompt, Family::Old, 6_500 + 1_287 + 1_237 + 1_018),
            (Form::Response, Family::New, 2_010 + 3 * 885 + 2 * 114 + 1_140),
            (Form::Prompt, Family::New, 3 * 885 + 2 * 114 + 1_140),
        ] {
            assert_eq!(milli(&text, form, family), expected, "{form:?} {family:?}");
        }
    }

    #[test]
    fn a_call_costs_its_framing_its_names_and_its_values() {
        let call = [Piece::ToolCall("read"), Piece::TextParam("path", "file"), Piece::ToolCall("list")];
        let old = 2_650 + 13_860 + 2 * 21_490 + 8_250 + 3 * 1_200 + 1_287;
        let new = 2_010 + 2 * 19_150 + 21_920 + 3 * 1_600 + 885 + 114;
        assert_eq!(milli(&call, Form::Response, Family::Old), old);
        assert_eq!(milli(&call, Form::Response, Family::New), new);
    }

    #[test]
    fn an_edit_that_replaces_once_has_its_own_price() {
        let edit = [Piece::ToolCall("edit"), Piece::EditReplaceAllFalse];
        assert_eq!(milli(&edit, Form::Response, Family::Old), 2_650 + 13_860 + 21_490 + 1_200 + 16_720);
    }

    #[test]
    fn further_messages_of_a_prompt_cost_little() {
        let mut content = Content::of_text("hello", &Words);
        content.add_prompt_message();
        content.add_prompt_message();
        let milli = |family| content.estimate(Form::Prompt, family, Calibration::Measured).milli;
        assert_eq!(milli(Family::Old), 6_500 + 2 * 530 + 1_287);
        assert_eq!(milli(Family::New), 885 + 1_140);
    }

    #[derive(Deserialize)]
    struct Golden {
        family: String,
        features: BTreeMap<String, u64>,
        n_tool: u64,
        n_param: u64,
        name_tokens: u64,
        predicted: String,
    }

    #[test]
    fn the_linear_model_is_the_one_that_was_fitted() {
        for line in include_str!("../../tests/fixtures/estimate/golden-features.jsonl").lines() {
            let golden: Golden = serde_json::from_str(line).unwrap();
            let content = Content {
                features: Features::named(&golden.features),
                name_tokens: golden.name_tokens,
                tool_calls: golden.n_tool,
                params: golden.n_param,
                ..Content::default()
            };
            let family = if golden.family == "old" { Family::Old } else { Family::New };
            let milli = content.estimate(Form::Response, family, Calibration::Measured).milli;
            let predicted = decimal::parse(&golden.predicted, 3).unwrap();
            // The fixture has two decimal places.
            assert!((i128::from(milli) - predicted).abs() <= 5, "{milli} for {line}");
        }
    }

    #[test]
    fn what_was_not_measured_says_so() {
        let estimate =
            |text: &str, calibration| Content::of_text(text, &Words).estimate(Form::Prompt, Family::New, calibration);
        assert_eq!(estimate("plain words", Calibration::Uncalibrated).band_percent, 25);
        let guess = estimate("привет мир ok", Calibration::Measured);
        assert!(guess.is_mostly_non_latin);
        assert_eq!(guess.band_percent, 30);
        assert!(!estimate("déjà vu, à la carte", Calibration::Measured).is_mostly_non_latin);
    }

    #[test]
    fn a_sum_adds_up_and_is_no_surer_than_its_parts() {
        let part = |tokens, band_percent| Estimate {
            tokens,
            milli: tokens * 1000,
            low: 0,
            high: 0,
            band_percent,
            family: Family::New,
            calibration: Calibration::Measured,
            is_mostly_non_latin: false,
            is_lower_bound: false,
            own: None,
        };
        assert_eq!(Estimate::sum(&[]), None);
        let sum = Estimate::sum(&[part(100, 6), part(300, 8)]).unwrap();
        assert_eq!((sum.tokens, sum.band_percent), (400, 8));
        assert_eq!((sum.low, sum.high), (368, 432));
        assert_eq!(Estimate::sum(&[part(30, 20); 8]).unwrap().band_percent, 6);
        assert_eq!(Estimate::sum(&[part(30, 20); 7]).unwrap().band_percent, 20);
        let short = Estimate { is_lower_bound: true, ..part(5, 20) };
        assert!(Estimate::sum(&[part(30, 20), short]).unwrap().is_lower_bound);
    }
}
