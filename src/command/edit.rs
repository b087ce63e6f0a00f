//! `edit`: corrects an entry, a note or the session itself.

use chrono::DateTime;
use chrono::Utc;

use crate::cli::session::EditArgs;
use crate::cli::session::FactsArgs;
use crate::command::gather;
use crate::command::gather::overlap;
use crate::command::gather::session;
use crate::command::gather::typed;
use crate::context::Context;
use crate::domain::money::Usd;
use crate::domain::price::PriceBook;
use crate::domain::session::Entry;
use crate::domain::session::Item;
use crate::domain::session::Note;
use crate::domain::session::Session;
use crate::domain::session::journal::Basis;
use crate::domain::session::journal::Happening;
use crate::domain::session::rules;
use crate::error::Failure;
use crate::error::HintExt;
use crate::ui::Ui;
use crate::view::text;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &EditArgs) -> Result<(), Failure> {
    let id = session::any_session(ctx, args.session.session.as_deref())?;
    let prices = gather::price_book(ctx)?;
    let at = args.at.at.is_some().then(|| typed::at(ctx, &args.at)).transpose()?;

    let edited = session::change(ctx, id, |session| {
        let happening = match args.number {
            None => of_session(ctx, session, args, &prices, at)?,
            Some(number) => of_item(ctx, session, args, &prices, number, at)?,
        };
        Ok((ctx.now, happening))
    })?;

    let name = text::single_line(&edited.start.name);
    match args.number {
        Some(number) if args.remove => {
            ui.status(&format!("removed {number} from {name}; claude-cost undo brings it back"));
        }
        Some(number) => ui.status(&format!("edited {number} of {name}")),
        None => ui.status(&format!("edited {name}")),
    }
    if !edited.state.is_open() {
        ui.hint(&format!("its report is as it was; write it again with claude-cost show {} --save", id.short()));
    }
    Ok(())
}

fn of_session(
    ctx: &Context,
    session: &Session,
    args: &EditArgs,
    prices: &PriceBook,
    at: Option<DateTime<Utc>>,
) -> Result<Happening, Failure> {
    let started_at = at.unwrap_or(session.started_at);
    session.check_new_start(started_at).map_err(|refusal| session::refused(ctx, session, refusal))?;
    if started_at < session.started_at {
        overlap::check(ctx, session, (started_at, session.started_at))?;
    }
    let FactsArgs { model, tags, ticket, client, estimate, budget, rate } = &args.facts;
    let mut start = session.start.clone();
    if let Some(name) = &args.name {
        start.name = typed::text("the name", std::slice::from_ref(name), rules::MOST_NAME_CHARACTERS)?;
    }
    if let Some(model) = model {
        start.model = typed::model(ctx, prices, model, started_at)?;
    }
    if !tags.is_empty() {
        let kept: Vec<String> = tags.iter().filter(|tag| !tag.trim().is_empty()).cloned().collect();
        start.tags = typed::tags(&kept)?;
    }
    if let Some(ticket) = ticket {
        start.ticket = if_any(ticket, |ticket| typed::label("the ticket", ticket))?;
    }
    if let Some(client) = client {
        start.client = if_any(client, |client| typed::label("the client", client))?;
    }
    for (what, typed, field) in [
        ("the estimate", estimate, &mut start.estimate),
        ("the budget", budget, &mut start.budget),
        ("the rate", rate, &mut start.rate),
    ] {
        if let Some(typed) = typed {
            *field = if_any(typed, |typed| -> Result<Usd, Failure> { typed::amount(what, typed) })?;
        }
    }
    if start == session.start && started_at == session.started_at {
        return Err(Failure::usage("there is nothing to change"))
            .hint("claude-cost edit --help lists what can be changed");
    }
    Ok(Happening::SessionEdited { started_at, becomes: Box::new(start) })
}

fn of_item(
    ctx: &Context,
    session: &Session,
    args: &EditArgs,
    prices: &PriceBook,
    number: usize,
    at: Option<DateTime<Utc>>,
) -> Result<Happening, Failure> {
    if let Some(option) = session_option(&args.facts) {
        return Err(Failure::usage(format!("`--{option}` belongs to the session, not to an entry")))
            .hint(format!("leave the {number} out, or the option"));
    }
    let items = session.items();
    let item = number.checked_sub(1).and_then(|place| items.get(place)).ok_or_else(|| {
        Failure::usage(format!("`{}` has no entry {number}", session.start.name))
            .with_hint(format!("it has {}; claude-cost show lists them with their numbers", items.len()))
    })?;
    if let Some(at) = at {
        session.check_time(at).map_err(|refusal| session::refused(ctx, session, refusal))?;
    }
    let at = at.unwrap_or(item.at());
    match item {
        Item::Entry(entry) if args.remove => Ok(Happening::Removed { item: entry.id }),
        Item::Note(note) if args.remove => Ok(Happening::Removed { item: note.id }),
        Item::Entry(entry) => of_entry(ctx, args, prices, entry, at),
        Item::Note(note) => of_note(args, note, at),
    }
}

/// An option that was typed and says something of the session alone.
fn session_option(facts: &FactsArgs) -> Option<&'static str> {
    let FactsArgs { model: _, tags, ticket, client, estimate, budget, rate } = facts;
    [
        ("tag", !tags.is_empty()),
        ("ticket", ticket.is_some()),
        ("client", client.is_some()),
        ("estimate", estimate.is_some()),
        ("budget", budget.is_some()),
        ("rate", rate.is_some()),
    ]
    .into_iter()
    .find_map(|(option, is_typed)| is_typed.then_some(option))
}

fn of_entry(
    ctx: &Context,
    args: &EditArgs,
    prices: &PriceBook,
    entry: &Entry,
    at: DateTime<Utc>,
) -> Result<Happening, Failure> {
    let mut logged = entry.logged.clone();
    if let Some(text) = &args.text {
        logged.text = typed::text("the text", std::slice::from_ref(text), rules::MOST_TEXT_CHARACTERS)?;
    }
    if let Some(task) = &args.task {
        logged.task = if_any(task, |task| typed::task(ctx, task))?;
    }
    if let Some(model) = &args.facts.model {
        logged.model = typed::model(ctx, prices, model, at)?;
    }
    let (cache, tokens) = (&args.cache, &mut logged.tokens);
    for (what, typed, count) in [
        ("tokens in", &args.input, &mut tokens.input),
        ("tokens out", &args.output, &mut tokens.output),
        ("tokens read from the cache", &cache.read, &mut tokens.cache_read),
        ("tokens written to the cache", &cache.write_5m, &mut tokens.cache_write_5m),
        ("tokens written to the cache", &cache.write_1h, &mut tokens.cache_write_1h),
    ] {
        if let Some(typed) = typed {
            *count = typed::count(what, typed)?;
        }
    }
    // Who corrects one of the two counts has looked at the other.
    if args.input.is_some() || args.output.is_some() {
        logged.basis = Basis::Typed;
    }
    if logged == entry.logged && at == entry.at {
        return Err(Failure::usage("there is nothing to change"))
            .hint("give --text, --in, --out, --cache-read, --task, --model, --at or --remove");
    }
    Ok(Happening::EntryEdited { entry: entry.id, at, becomes: Box::new(logged) })
}

fn of_note(args: &EditArgs, note: &Note, at: DateTime<Utc>) -> Result<Happening, Failure> {
    let cache = [&args.cache.read, &args.cache.write_5m, &args.cache.write_1h];
    let of_entries = [&args.input, &args.output, &args.task, &args.facts.model];
    if of_entries.into_iter().chain(cache).any(Option::is_some) {
        return Err(Failure::usage("a note has no tokens, task or model")).hint("give --text, --at or --remove");
    }
    let text = match &args.text {
        Some(text) => typed::text("the note", std::slice::from_ref(text), rules::MOST_TEXT_CHARACTERS)?,
        None => note.text.clone(),
    };
    if text == note.text && at == note.at {
        return Err(Failure::usage("there is nothing to change")).hint("give --text, --at or --remove");
    }
    Ok(Happening::NoteEdited { note: note.id, at, text })
}

/// Nothing for an empty text, which takes away what was there.
fn if_any<T>(typed: &str, value: impl FnOnce(&str) -> Result<T, Failure>) -> Result<Option<T>, Failure> {
    if typed.trim().is_empty() { Ok(None) } else { value(typed).map(Some) }
}
