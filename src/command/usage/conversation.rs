//! `usage session --id`: one conversation, exchange by exchange.

use std::collections::BTreeSet;

use crate::command::gather;
use crate::command::usage::asked::Asked;
use crate::command::usage::asked::Form;
use crate::command::usage::part;
use crate::context::Context;
use crate::domain::ledger::UsageSum;
use crate::error::Failure;
use crate::report::usage::Direction;
use crate::report::usage::entries;
use crate::report::usage::filter::Filter;
use crate::ui::Ui;
use crate::view;

pub(super) fn run(ctx: &Context, ui: &mut Ui, asked: &Asked, typed: &str) -> Result<(), Failure> {
    let ledger = gather::usage::up_to_date(ctx, ui)?;
    let mut exchanges = part::exchanges(ctx, &ledger, &asked.filter, (asked.since, asked.until))?;
    let Some(id) = whole_id(&exchanges, typed)? else {
        if asked.form == Form::Json {
            return ui.data(&view::usage::json::conversation(None, asked.look.has_costs)?);
        }
        let within = if asked.is_part() { "in what is asked for " } else { "" };
        return Err(Failure::new(format!("there is no usage {within}of a conversation `{typed}`"))
            .with_hint("claude-cost usage session lists them"));
    };
    let filter = Filter { conversation: Some(id.clone()), ..Filter::default() };
    exchanges.retain(|exchange| filter.holds(exchange));
    if asked.direction == Some(Direction::Descending) {
        exchanges.reverse();
    }
    let title = gather::usage::titles(&ledger)?.remove(&id);
    let prices = gather::price_book(ctx)?;

    let report = entries::build(id, title, &exchanges, &prices);

    let text = match asked.form {
        Form::Json => view::usage::json::conversation(Some(&report), asked.look.has_costs)?,
        Form::Csv => view::usage::csv::conversation(&report, asked.look),
        Form::Markdown => view::usage::exchanges::markdown(&report, asked.look),
        Form::Table => view::usage::exchanges::table(&report, asked.look, &asked.style(ui)),
    };
    ui.data(&text)
}

/// The id that was typed, or the only one that begins with it.
fn whole_id(exchanges: &[UsageSum], typed: &str) -> Result<Option<String>, Failure> {
    let ids: BTreeSet<&str> = exchanges.iter().filter_map(|exchange| exchange.place.conversation.as_deref()).collect();
    if ids.contains(typed) {
        return Ok(Some(typed.to_owned()));
    }
    let mut meant = ids.into_iter().filter(|id| !typed.is_empty() && id.starts_with(typed));
    match (meant.next(), meant.next()) {
        (Some(one), Some(other)) => Err(Failure::usage(format!("`{typed}` may be {one} or {other}"))
            .with_hint("type more of the conversation's id")),
        (one, _) => Ok(one.map(ToOwned::to_owned)),
    }
}
