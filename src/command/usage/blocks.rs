//! `usage blocks`: the five-hour blocks in which subscriptions count.

use chrono::TimeDelta;

use crate::cli::usage::BlocksArgs;
use crate::cli::usage::TokenLimit;
use crate::command::gather;
use crate::command::usage::asked::Asked;
use crate::command::usage::asked::Form;
use crate::command::usage::part;
use crate::context::Context;
use crate::domain::block::LENGTH;
use crate::error::Failure;
use crate::report::block;
use crate::report::block::BlockRow;
use crate::report::usage::Direction;
use crate::ui::Ui;
use crate::view;

const RECENT_DAYS: i64 = 3;

pub(super) fn run(ctx: &Context, ui: &mut Ui, args: &BlocksArgs) -> Result<(), Failure> {
    let asked = Asked::new(ctx, &args.shared, None)?;
    let ledger = gather::usage::up_to_date(ctx, ui)?;
    let activity = ledger.activity(None, None)?;
    let prices = gather::price_book(ctx)?;
    let sums = part::sums(ctx, &ledger, &prices, &asked.filter, (None, None))?;
    let length = args.session_length.unwrap_or(LENGTH);

    let mut report = block::build(&activity, &sums, &prices, length, ctx.now);
    let limit = args.token_limit.and_then(|limit| match limit {
        TokenLimit::Most => report.most_tokens,
        TokenLimit::Tokens(tokens) => Some(tokens),
    });
    let recent = TimeDelta::try_days(RECENT_DAYS).map_or(ctx.now, |days| ctx.now - days);
    report.blocks.retain(|row| {
        asked.since.is_none_or(|since| row.block.start >= since)
            && asked.until.is_none_or(|until| row.block.start < until)
            && (asked.filter.is_empty() || row.usage.total.exchanges > 0)
            && (!args.recent || row.block.start >= recent || row.active.is_some())
            && (!args.active || row.active.is_some())
    });
    if asked.direction == Some(Direction::Descending) {
        report.blocks.reverse();
    }

    let running = report.blocks.iter().find_map(|row: &BlockRow| Some((row, row.active.as_ref()?)));
    let text = match (asked.form, running) {
        (Form::Json, _) => view::block::json(&report, limit, asked.look.has_costs)?,
        (Form::Csv, _) => view::block::csv(&report, asked.look.has_costs),
        (_, None) if args.active => "No block is running.".to_owned(),
        (_, _) if report.blocks.is_empty() => asked.nothing(ctx),
        (Form::Table, Some((row, active))) if args.active => {
            view::block::active(row, active, limit, asked.look, &asked.style(ui))
        }
        (Form::Markdown, _) => view::block::markdown(&report, limit, asked.look),
        (Form::Table, _) => view::block::table(&report, limit, asked.look, &asked.style(ui)),
    };
    ui.data(&text)
}
