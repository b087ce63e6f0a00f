//! `start`: names a piece of work.

use crate::cli::session::StartArgs;
use crate::command::gather;
use crate::command::gather::session;
use crate::command::gather::typed;
use crate::context::Context;
use crate::domain::money::Usd;
use crate::domain::session::journal::Happening;
use crate::domain::session::journal::Project;
use crate::domain::session::journal::Start;
use crate::domain::session::rules;
use crate::error::Failure;
use crate::store::journal;
use crate::ui::Ui;
use crate::view::format;
use crate::view::text;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &StartArgs) -> Result<(), Failure> {
    let at = typed::at(ctx, &args.at)?;
    let here = gather::here(ctx);
    let prices = gather::price_book(ctx)?;
    let facts = &args.facts;
    let model = typed::model(ctx, &prices, facts.model.as_deref().unwrap_or(&ctx.config.model), at)?;
    let has_price = prices.resolve(&model).is_some();
    let name = match &args.project {
        Some(typed) => typed::text("the project", std::slice::from_ref(typed), rules::MOST_TAG_CHARACTERS)?,
        None => here.project.name,
    };
    let label = |what, typed: &Option<String>| typed.as_ref().map(|typed| typed::label(what, typed)).transpose();
    let start = Start {
        name: typed::text("the name", &args.name, rules::MOST_NAME_CHARACTERS)?,
        project: Project { name, root: here.project.root },
        directory: ctx.paths.directory.to_string_lossy().into_owned(),
        branch: here.head.and_then(|head| head.branch),
        model,
        tags: typed::tags(&facts.tags)?,
        ticket: label("the ticket", &facts.ticket)?,
        client: label("the client", &facts.client)?,
        estimate: facts.estimate.as_deref().map(|typed| typed::amount("the estimate", typed)).transpose()?,
        budget: facts.budget.as_deref().map(|typed| typed::amount("the budget", typed)).transpose()?,
        rate: rate(ctx, facts.rate.as_deref())?,
    };

    let store = gather::store(ctx);
    let journals = session::lock(&store)?;
    session::settle(ctx, &journals)?;
    if let Some(active) = store.active()?.into_iter().find(|active| active.project.root == start.project.root) {
        return Err(session::is_running(&active));
    }
    if let Some(ended_at) = gather::ledger::whole(ctx)?.last_end(&start.project.root)?.filter(|&ended_at| at < ended_at)
    {
        return Err(Failure::new("that is before the last session of this project ended")
            .with_hint(format!("it ended {}; start at or after that", format::moment(ended_at, ctx.time_zone))));
    }
    let id = journal::new_session_id(ctx.now);
    let line = journal::new_line(at, ctx.now, Happening::Started(Box::new(start.clone())));
    journals.create(id, &line)?;
    drop(journals);

    let branch = start.branch.as_ref().map(|branch| format!(" on {}", text::single_line(branch))).unwrap_or_default();
    ui.status(&format!(
        "started {} in {}{branch}, model {} [{}]",
        text::single_line(&start.name),
        text::single_line(&start.project.name),
        text::single_line(start.model.as_str()),
        id.short(),
    ));
    if !has_price {
        ui.warning(&format!("no price is known for {}: its cost will be shown as not known", start.model));
        ui.hint("set one with claude-cost prices set, or choose another model with claude-cost edit --model");
    }
    if let Some(reason) = here.unreadable {
        ui.warning(&format!("commits will not be in the report: {reason}"));
    }
    Ok(())
}

fn rate(ctx: &Context, typed: Option<&str>) -> Result<Option<Usd>, Failure> {
    typed.map(|typed| typed::amount("the rate", typed)).transpose().map(|rate| rate.or(ctx.config.rate))
}
