//! `usage reconcile`: our figures beside Claude Code's own.

use crate::cli::reconcile::ReconcileArgs;
use crate::command::gather;
use crate::command::gather::usage;
use crate::context::Context;
use crate::error::Failure;
use crate::report::reconcile;
use crate::report::reconcile::Asked;
use crate::report::reconcile::Facts;
use crate::report::reconcile::Families;
use crate::ui::Ui;
use crate::view;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &ReconcileArgs) -> Result<(), Failure> {
    let ledger = usage::up_to_date(ctx, ui)?;
    let prices = gather::price_book(ctx)?;
    let files = ledger.files()?;
    let facts = Facts {
        sums: &usage::sums(&ledger, &prices, None, None)?,
        states: &ledger.cost_states()?,
        statuses: &ledger.statuses()?,
        limits: &ledger.limits()?,
        titles: &usage::titles(&ledger)?,
        families: &Families::of(files.values()),
        prices: &prices,
        tz: ctx.time_zone,
    };
    let (since, until) = usage::span(args.span.days, ctx.time_zone)?;
    let asked = Asked { since, until, project: args.span.project.as_deref() };

    let report = reconcile::build(&facts, &asked);

    if args.json {
        return ui.data(&view::json::pretty(&report)?);
    }
    ui.data(&view::reconcile::report(&report, args.by_model, ctx.time_zone, ui.style()))
}
