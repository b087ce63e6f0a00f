//! `usage trend`: how usage goes up and down, and where the month will end.

use crate::cli::usage::Step;
use crate::cli::usage::TrendArgs;
use crate::command::gather;
use crate::command::usage::WEEK;
use crate::command::usage::asked;
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
    let filter = asked::filter(ctx, &args.filter)?;
    let (unit, usual) = match args.by {
        Step::Day => (Unit::Day, 30),
        Step::Week => (Unit::Week(WEEK), 84),
        Step::Month => (Unit::Month, 365),
    };
    let days = Days::new(unit, args.days.unwrap_or(usual), ctx.now, tz);
    let ledger = gather::usage::up_to_date(ctx, ui)?;
    let prices = gather::price_book(ctx)?;
    let sums = part::sums(ctx, &ledger, &prices, &filter, (Some(days.since(tz)), None))?;

    let report = trend::build(days, &sums, &prices, ctx.now, tz);

    let text = if args.json {
        view::trend::json(&report)?
    } else if args.csv {
        view::trend::csv(&report)
    } else if report.steps.totals.total.exchanges + report.before.total.exchanges == 0 {
        asked::nothing(ctx, !filter.is_empty() || ledger.count_exchanges()? > 0)
    } else {
        view::trend::text(&report, tz, ui.style())
    };
    ui.data(&text)
}
