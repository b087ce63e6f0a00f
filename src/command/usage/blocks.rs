//! `usage blocks`: the five-hour blocks in which subscriptions count.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::cli::usage::BlocksArgs;
use crate::cli::usage::TokenLimit;
use crate::command::gather;
use crate::command::usage::asked::Asked;
use crate::command::usage::asked::Form;
use crate::command::usage::part;
use crate::context::Context;
use crate::domain::block::LENGTH;
use crate::domain::ledger::UsageSum;
use crate::domain::price::PriceBook;
use crate::error::Failure;
use crate::report::block;
use crate::report::block::BlockReport;
use crate::report::block::BlockRow;
use crate::report::usage::Direction;
use crate::ui::Ui;
use crate::view;

const RECENT_DAYS: i64 = 3;

pub(super) fn run(ctx: &Context, ui: &mut Ui, args: &BlocksArgs) -> Result<(), Failure> {
    let asked = Asked::new(ctx, &args.shared, None)?;
    let ledger = gather::usage::up_to_date(ctx, ui)?;
    let prices = gather::price_book(ctx)?;
    let span = (asked.since, asked.until);
    let sums = part::sums(ctx, &ledger, &prices, &asked.filter, span)?;
    let all = All {
        activity: ledger.activity(None, None)?,
        prices: &prices,
        length: args.session_length.unwrap_or(LENGTH),
        now: ctx.now,
    };
    let limit = match args.token_limit {
        Some(TokenLimit::Most) => all.blocks(&gather::usage::sums(&ledger, &prices, None, None)?).most_tokens,
        Some(TokenLimit::Tokens(tokens)) => Some(tokens),
        None => None,
    };

    let mut report = all.blocks(&sums);
    if asked.is_part() {
        report.cut(span, asked.filter.is_empty());
    }
    let recent = TimeDelta::try_days(RECENT_DAYS).map_or(ctx.now, |days| ctx.now - days);
    report.blocks.retain(|row| {
        (!args.recent || row.block.start >= recent || row.active.is_some()) && (!args.active || row.active.is_some())
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

/// What blocks are cut from, whatever is counted in them.
struct All<'a> {
    activity: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    prices: &'a PriceBook,
    length: TimeDelta,
    now: DateTime<Utc>,
}

impl All<'_> {
    fn blocks(&self, sums: &[UsageSum]) -> BlockReport {
        block::build(&self.activity, sums, self.prices, self.length, self.now)
    }
}
