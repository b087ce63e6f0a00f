//! Tokens of an exchange, estimated from its texts.

use std::path::Path;

use crate::domain::estimate::Estimate;
use crate::domain::estimate::Family;
use crate::domain::estimate::Form;
use crate::domain::model::ModelId;
use crate::domain::session::journal::Basis;
use crate::domain::tokens::TokenUsage;
use crate::error::Failure;
use crate::error::HintExt;
use crate::source::text;
use crate::source::text::Input;
use crate::source::tokenizer::Cl100k;

/// What a prompt and an answer take on `model`, either of them left out being nothing; `cache` is added.
pub(crate) fn of_texts(
    prompt: Option<&Path>,
    answer: Option<&Path>,
    model: &ModelId,
    cache: TokenUsage,
) -> Result<(TokenUsage, Basis), Failure> {
    let prompt = prompt.map(|path| of_text(path, Form::Prompt, model)).transpose()?;
    let answer = answer.map(|path| of_text(path, Form::Response, model)).transpose()?;
    let tokens = |estimate: &Option<Estimate>| estimate.as_ref().map_or(0, |estimate| estimate.tokens);
    let band = [&prompt, &answer].into_iter().flatten().map(|estimate| estimate.band_percent).max();
    let basis = band.map_or(Basis::Typed, |percent| Basis::Text { band_percent: percent });
    Ok((TokenUsage { input: tokens(&prompt), output: tokens(&answer), ..cache }, basis))
}

fn of_text(path: &Path, form: Form, model: &ModelId) -> Result<Estimate, Failure> {
    let input = if path == Path::new("-") { Input::StandardInput } else { Input::File(path.to_owned()) };
    let counted = text::count_all(&[input], &Cl100k, &|| {}).pop().transpose()?.flatten();
    let content = counted
        .ok_or_else(|| Failure::new(format!("`{}` is not text", path.display())))
        .hint("give the text of the prompt or of the answer; the counts themselves go before it as numbers")?;
    let (family, calibration) = Family::of(model);
    Ok(content.estimate(form, family, calibration))
}
