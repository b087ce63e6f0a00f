//! `usage`: today, this week and this month at a glance.

use crate::cli::usage::GlanceArgs;
use crate::cli::usage::TopOf;
use crate::command::gather;
use crate::command::usage::asked;
use crate::command::usage::asked::Form;
use crate::command::usage::part;
use crate::context::Context;
use crate::domain::block::LENGTH;
use crate::domain::period::Unit;
use crate::error::Failure;
use crate::report::block;
use crate::report::glance;
use crate::report::glance::Facts;
use crate::ui::Ui;
use crate::view;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &GlanceArgs) -> Result<(), Failure> {
    let tz = args.filter.timezone.unwrap_or_default().or(ctx.time_zone);
    let filter = gather::filter::filter(ctx, &args.filter)?;
    let ledger = gather::usage::up_to_date(ctx, ui)?;
    let prices = gather::price_book(ctx)?;
    let since = glance::since(args.start_of_week, ctx.now, tz);
    let sums = part::sums(ctx, &ledger, &prices, &filter, (Some(since), None))?;
    let blocks = block::build(&gather::activity::recent(&ledger, ctx.now, None)?, &sums, &prices, LENGTH, ctx.now);
    let store = gather::store(ctx);
    let mut budgets = Vec::new();
    for active in store.active()? {
        let open = store.load(active.id)?.filter(|session| session.start.budget.is_some());
        budgets.extend(open.map(|session| gather::status(ctx, &session, &prices)));
    }

    let report = glance::build(Facts {
        sums: &sums,
        prices: &prices,
        block: blocks.blocks.into_iter().find(|row| row.active.is_some()),
        budgets,
        week: args.start_of_week,
        top: match args.top {
            TopOf::Day => Unit::Day,
            TopOf::Week => Unit::Week(args.start_of_week),
            TopOf::Month => Unit::Month,
        },
        now: ctx.now,
        tz,
    });

    let text = match Form::of(&args.form) {
        Form::Json => view::glance::json(&report)?,
        Form::Csv => view::glance::csv(&report, tz),
        _ if report.covered.total.exchanges == 0 => asked::nothing_lately(ctx, &ledger, &filter, tz)?,
        Form::Markdown => view::glance::markdown(&report, tz),
        Form::Table => view::glance::text(&report, tz, ui.style()),
    };
    ui.data(&text)
}
