//! Tokens of an exchange, estimated from its texts.

use std::path::Path;

use crate::command::gather::calibration::OwnFactors;
use crate::context::Context;
use crate::domain::estimate::Estimate;
use crate::domain::estimate::Family;
use crate::domain::estimate::Form;
use crate::domain::estimate::own::OwnFactor;
use crate::domain::model::ModelId;
use crate::domain::session::journal::Basis;
use crate::domain::tokens::TokenUsage;
use crate::error::Failure;
use crate::error::HintExt;
use crate::source::text;
use crate::source::text::Input;
use crate::source::tokenizer::Cl100k;

/// What a prompt and an answer take.
#[derive(Debug)]
pub(crate) struct OfTexts {
    pub(crate) tokens: TokenUsage,
    pub(crate) basis: Basis,
    /// What the person's own answers say of such estimates.
    pub(crate) own: Option<OwnFactor>,
}

/// What a prompt and an answer take on `model`, either of them left out being nothing; `cache` is added.
pub(crate) fn of_texts(
    ctx: &Context,
    prompt: Option<&Path>,
    answer: Option<&Path>,
    model: &ModelId,
    cache: TokenUsage,
) -> Result<OfTexts, Failure> {
    let own = OwnFactors::load(ctx);
    let estimate = |path, form| Ok::<_, Failure>(own.applied(model, of_text(path, form, model)?));
    let prompt = prompt.map(|path| estimate(path, Form::Prompt)).transpose()?;
    let answer = answer.map(|path| estimate(path, Form::Response)).transpose()?;
    let tokens = |estimate: &Option<Estimate>| estimate.as_ref().map_or(0, |estimate| estimate.tokens);
    let estimates = || [&prompt, &answer].into_iter().flatten();
    let band = estimates().map(|estimate| estimate.band_percent).max();
    Ok(OfTexts {
        tokens: TokenUsage { input: tokens(&prompt), output: tokens(&answer), ..cache },
        basis: band.map_or(Basis::Typed, |percent| Basis::Text { band_percent: percent }),
        own: estimates().find_map(|estimate| estimate.own),
    })
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
