//! `log`: records an exchange, counted by hand, from text, or infrastructure.

use crate::cli::session::LogArgs;
use crate::command::gather;
use crate::command::gather::estimate;
use crate::command::gather::session;
use crate::command::gather::typed;
use crate::context::Context;
use crate::domain::infra::InfraUse;
use crate::domain::price::PriceBook;
use crate::domain::session::journal::Basis;
use crate::domain::session::journal::Happening;
use crate::domain::session::journal::Logged;
use crate::domain::session::rules;
use crate::domain::tokens::TokenCount;
use crate::domain::tokens::TokenUsage;
use crate::error::Failure;
use crate::error::HintExt;
use crate::store::lock::Patience;
use crate::ui::Ui;
use crate::view;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &LogArgs) -> Result<(), Failure> {
    let at = typed::at(ctx, &args.at)?;
    let id = session::open_session(ctx, args.session.session.as_deref())?;
    let prices = gather::price_book(ctx)?;
    let typed = typed(args)?;
    let infra = args.infra.iter().map(|used| infra(&prices, used)).collect::<Result<Vec<_>, _>>()?;
    let task = args.task.as_deref().map(|name| typed::task(ctx, name)).transpose()?;
    let own_model = args.model.as_deref().map(|model| typed::model(ctx, &prices, model, at)).transpose()?;

    let mut own = None;
    let session = session::add(ctx, id, Patience::COMMAND, |session| {
        session.check_item(at).map_err(|refusal| session::refused(ctx, session, refusal))?;
        let model = own_model.unwrap_or_else(|| session.start.model.clone());
        let (tokens, basis) = if let Some((input, output)) = typed.counts {
            (TokenUsage { input, output, ..cache(args)? }, Basis::Typed)
        } else {
            let (prompt, answer) = (args.input_text.as_deref(), args.output_text.as_deref());
            let counted = estimate::of_texts(ctx, prompt, answer, &model, cache(args)?)?;
            own = counted.own;
            (counted.tokens, counted.basis)
        };
        let logged = Logged { text: typed.text, task, model, tokens, basis, extra: args.extra, infra };
        Ok((at, Happening::Logged(Box::new(logged))))
    })?;

    gather::import::of_session(ctx, &session);
    gather::acknowledge(ctx, ui, &session, &prices);
    if let Some(own) = own {
        ui.status(&format!("the estimate is {}", view::estimate::fitted(&own)));
    }
    Ok(())
}

/// What stands between the options: two counts and a text, or a text alone when the tokens come from elsewhere.
struct Typed {
    counts: Option<(u64, u64)>,
    text: String,
}

fn typed(args: &LogArgs) -> Result<Typed, Failure> {
    let is_from_elsewhere = args.input_text.is_some() || args.output_text.is_some() || !args.infra.is_empty();
    let starts_with_counts =
        args.words.len() >= 2 && args.words[..2].iter().all(|word| word.parse::<TokenCount>().is_ok());
    if is_from_elsewhere && !starts_with_counts {
        let text = typed::text("the text", &args.words, rules::MOST_TEXT_CHARACTERS)?;
        return Ok(Typed { counts: None, text });
    }
    let [input, output, text @ ..] = args.words.as_slice() else {
        return Err(Failure::usage("a log entry has tokens in, tokens out and a text"))
            .hint("write it as claude-cost log 1500 800 \"token validation\"; without counts: claude-cost quick <TASK> <TEXT>");
    };
    if args.input_text.is_some() || args.output_text.is_some() {
        return Err(Failure::usage("tokens are either counted or taken from a text, not both"))
            .hint("leave the counts out, or --input-text and --output-text");
    }
    let counts = (typed::count("tokens in", input)?, typed::count("tokens out", output)?);
    Ok(Typed { counts: Some(counts), text: typed::text("the text", text, rules::MOST_TEXT_CHARACTERS)? })
}

fn cache(args: &LogArgs) -> Result<TokenUsage, Failure> {
    let count = |what, typed: &Option<String>| typed.as_ref().map_or(Ok(0), |typed| typed::count(what, typed));
    Ok(TokenUsage {
        cache_read: count("tokens read from the cache", &args.cache.read)?,
        cache_write_5m: count("tokens written to the cache", &args.cache.write_5m)?,
        cache_write_1h: count("tokens written to the cache", &args.cache.write_1h)?,
        ..TokenUsage::default()
    })
}

fn infra(prices: &PriceBook, typed: &str) -> Result<InfraUse, Failure> {
    let used: InfraUse = typed
        .parse()
        .map_err(|error| Failure::usage(format!("`{typed}`: {error}")))
        .hint("write it as runpod/a100-80gb=1.5h")?;
    let Some(item) = prices.infra(&used.item) else {
        let known: Vec<&str> = prices.infra_items().map(|item| item.id.as_str()).collect();
        return Err(Failure::usage(format!("no price is known for `{}`", used.item)))
            .hint(format!("there are {}", known.join(", ")));
    };
    if !item.is_counted_in(&used.unit) {
        return Err(Failure::usage(format!("the unit of {} is {}, not `{}`", item.id, item.unit, used.unit)))
            .hint(format!("write it as {}={}", item.id, used.quantity));
    }
    Ok(used)
}
