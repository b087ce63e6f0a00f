//! `usage trend`: how usage goes up and down, and where the month will end.

use crate::cli::usage::Step;
use crate::cli::usage::TrendArgs;
use crate::command::gather;
use crate::command::usage::WEEK;
use crate::command::usage::asked;
use crate::command::usage::asked::Form;
use crate::command::usage::part;
use crate::context::Context;
use crate::domain::period::Unit;
use crate::error::Failure;
use crate::report::trend;
use crate::report::trend::Days;
use crate::ui::Ui;
use crate::view;

pub(super) fn run(ctx: &Context, ui: &mut Ui, args: &TrendArgs) -> Result<(), Failure> {
    let tz = args.filter.timezone.unwrap_or_default().or(ctx.time_zone);
    let filter = gather::filter::filter(ctx, &args.filter)?;
    let (unit, usual) = match args.by {
        Step::Day => (Unit::Day, 30),
        Step::Week => (Unit::Week(WEEK), 84),
        Step::Month => (Unit::Month, 365),
    };
    gather::usage::span(args.span, tz)?;
    let days = Days::new(unit, args.days.unwrap_or(usual), ctx.now, tz).within(args.span.since, args.span.until);
    let ledger = gather::usage::up_to_date(ctx, ui)?;
    let prices = gather::price_book(ctx)?;
    let sums = part::sums(ctx, &ledger, &prices, &filter, (Some(days.since(tz)), None))?;

    let report = trend::build(days, &sums, &prices, ctx.now, tz);

    let text = match Form::of(&args.form) {
        Form::Json => view::trend::json(&report)?,
        Form::Csv => view::trend::csv(&report),
        _ if report.steps.totals.total.exchanges + report.before.total.exchanges == 0 => {
            asked::nothing_lately(ctx, &ledger, &filter, tz)?
        }
        Form::Markdown => view::trend::markdown(&report, tz),
        Form::Table => view::trend::text(&report, tz, ui.style()),
    };
    ui.data(&text)
}
