//! What was typed, turned into values, with the way out when it cannot be.

use chrono::DateTime;
use chrono::Utc;

use crate::cli::session::AtArg;
use crate::command::gather::tasks;
use crate::context::Context;
use crate::domain::instant;
use crate::domain::instant::InstantError;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::price::PriceBook;
use crate::domain::session::rules;
use crate::domain::session::rules::TextError;
use crate::domain::task::Task;
use crate::domain::tokens::TokenCount;
use crate::error::Failure;
use crate::view::format;

/// The kind of work of that name.
pub(crate) fn task(ctx: &Context, name: &str) -> Result<Task, Failure> {
    let tasks = tasks(ctx);
    tasks.find(name).ok_or_else(|| {
        let failure = Failure::usage(format!("there is no task `{name}`"));
        if name.parse::<TokenCount>().is_ok() {
            failure.with_hint("counts are logged with claude-cost log <IN> <OUT> <TEXT>")
        } else {
            failure.with_hint(format!(
                "there are {}; add your own with claude-cost config set tasks.<NAME> \"<IN> <OUT>\"",
                tasks.names().join(", ")
            ))
        }
    })
}

/// The model that a person means, at the time it is for: an own name, a family's short name, or the id itself.
pub(crate) fn model(ctx: &Context, prices: &PriceBook, typed: &str, at: DateTime<Utc>) -> Result<ModelId, Failure> {
    let typed = rules::text(typed, rules::MOST_TAG_CHARACTERS).map_err(|error| refused_text("the model", &error))?;
    if let Some(known) = ctx.config.models.get(&typed) {
        return Ok(known.clone());
    }
    Ok(prices.alias(&typed, at).unwrap_or_else(|| ModelId::new(typed)))
}

/// The instant of `--at`, else now.
pub(crate) fn at(ctx: &Context, typed: &AtArg) -> Result<DateTime<Utc>, Failure> {
    let Some(text) = &typed.at else { return Ok(ctx.now) };
    instant::parse(text, ctx.now, ctx.time_zone).map_err(|error| {
        let failure = Failure::usage(format!("`{text}` is {error}"));
        match error {
            InstantError::NotATime => {
                failure.with_hint("write 14:30, \"10m ago\", \"yesterday 17:00\", \"2026-11-23 14:30\" or RFC 3339")
            }
            InstantError::InTheFuture => {
                let now = format::moment(ctx.now, ctx.time_zone);
                failure.with_hint(format!(
                    "it is {now} in {}; for an earlier day write \"yesterday 17:00\"",
                    ctx.time_zone
                ))
            }
        }
    })
}

/// A name, note or label as the rules have it.
pub(crate) fn text(what: &str, words: &[String], most_characters: usize) -> Result<String, Failure> {
    rules::text(&words.join(" "), most_characters).map_err(|error| refused_text(what, &error))
}

fn refused_text(what: &str, error: &TextError) -> Failure {
    let failure = Failure::usage(format!("{what} {error}"));
    match error {
        TextError::Empty => failure.with_hint("say in a few words what it is"),
        TextError::TooLong(..) => {
            failure.with_hint("shorten it; longer texts belong under \"Session notes\" in the report")
        }
    }
}

/// A short label that must show something.
pub(crate) fn label(what: &str, typed: &str) -> Result<String, Failure> {
    rules::text(typed, rules::MOST_TAG_CHARACTERS).map_err(|error| refused_text(what, &error))
}

/// Labels in order, each once.
pub(crate) fn tags(typed: &[String]) -> Result<Vec<String>, Failure> {
    let mut tags = typed.iter().map(|tag| label("the tag", tag)).collect::<Result<Vec<_>, _>>()?;
    tags.sort();
    tags.dedup();
    if tags.len() > rules::MOST_TAGS {
        return Err(Failure::usage(format!("{} tags are more than {}", tags.len(), rules::MOST_TAGS))
            .with_hint("keep the ones that you will search by"));
    }
    Ok(tags)
}

/// Dollars, not below zero.
pub(crate) fn amount(what: &str, typed: &str) -> Result<Usd, Failure> {
    match typed.parse::<Usd>() {
        Ok(amount) if amount < Usd::ZERO => {
            Err(Failure::usage(format!("{what} `{typed}` is negative"))
                .with_hint("give an amount of dollars, as in 12.50"))
        }
        Ok(amount) if amount > Usd::MOST => {
            Err(Failure::usage(format!("{what} `{typed}` is more than a billion dollars"))
                .with_hint("give an amount of dollars, as in 12.50"))
        }
        Ok(amount) => Ok(amount),
        Err(error) => {
            Err(Failure::usage(format!("{what} `{typed}` is {error}"))
                .with_hint("give an amount of dollars, as in 12.50"))
        }
    }
}

/// A count of tokens.
pub(crate) fn count(what: &str, typed: &str) -> Result<u64, Failure> {
    typed.parse::<TokenCount>().map(|count| count.0).map_err(|error| {
        Failure::usage(format!("{what} `{typed}`: {error}")).with_hint("write a count as 1500, 1,500, 1.5k or 2M")
    })
}
