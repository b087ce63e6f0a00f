//! `usage`: what was used, by day, week, month, conversation, block, or what else one likes.

mod asked;
mod blocks;
mod commits;
mod compare;
mod conversation;
mod events;
pub(super) mod glance;
mod part;
mod reconcile;
mod trend;

use crate::cli::usage::BreakdownArgs;
use crate::cli::usage::ConversationArgs;
use crate::cli::usage::DailyArgs;
use crate::cli::usage::Dimension;
use crate::cli::usage::UsageCommand;
use crate::command::gather;
use crate::command::usage::asked::Asked;
use crate::command::usage::asked::Form;
use crate::context::Context;
use crate::domain::period::Unit;
use crate::error::Failure;
use crate::report;
use crate::report::usage::UsageReport;
use crate::report::usage::key::By;
use crate::ui::Ui;
use crate::view;

/// Weeks in a breakdown begin as those of `usage weekly` do.
const WEEK: chrono::Weekday = chrono::Weekday::Sun;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, command: UsageCommand) -> Result<(), Failure> {
    match command {
        UsageCommand::Daily(args) => daily(ctx, ui, &args),
        UsageCommand::Weekly(args) => {
            let unit = Unit::Week(args.start_of_week);
            let asked = Asked::new(ctx, &args.shared, args.last.map(|last| (unit, last)))?.with_models(args.breakdown);
            grouped(ctx, ui, &asked, &[By::Week(args.start_of_week)])
        }
        UsageCommand::Monthly(args) => {
            let last = args.last.map(|last| (Unit::Month, last));
            let asked = Asked::new(ctx, &args.shared, last)?.with_models(args.breakdown);
            grouped(ctx, ui, &asked, &[By::Month])
        }
        UsageCommand::Session(args) => conversations(ctx, ui, &args),
        UsageCommand::Blocks(args) => blocks::run(ctx, ui, &args),
        UsageCommand::Breakdown(args) => breakdown(ctx, ui, &args),
        UsageCommand::Commits(args) => commits::run(ctx, ui, &args),
        UsageCommand::Reconcile(args) => reconcile::run(ctx, ui, &args),
        UsageCommand::Trend(args) => trend::run(ctx, ui, &args),
        UsageCommand::Compare(args) => compare::run(ctx, ui, &args),
    }
}

fn daily(ctx: &Context, ui: &mut Ui, args: &DailyArgs) -> Result<(), Failure> {
    let last = args.last.map(|last| (Unit::Day, last));
    let asked = Asked::new(ctx, &args.shared, last)?.with_models(args.breakdown);
    if !args.instances {
        return grouped(ctx, ui, &asked, &[By::Day]);
    }
    let report = of_sums(ctx, ui, &asked, &[By::Project, By::Day])?;
    if asked.form == Form::Json {
        return ui.data(&view::usage::json::instances(&report, asked.look.has_costs)?);
    }
    show(ctx, ui, &asked, &report)
}

fn conversations(ctx: &Context, ui: &mut Ui, args: &ConversationArgs) -> Result<(), Failure> {
    let last = args.last.map(|last| (Unit::Day, last));
    let asked = Asked::new(ctx, &args.shared, last)?.with_models(args.breakdown);
    if let Some(id) = &args.id {
        return conversation::run(ctx, ui, &asked, id);
    }
    grouped(ctx, ui, &asked, &[By::Conversation])
}

fn breakdown(ctx: &Context, ui: &mut Ui, args: &BreakdownArgs) -> Result<(), Failure> {
    let by: Vec<By> = args.by.iter().copied().map(by).collect();
    let is_twice = matches!(by.as_slice(), [first, second] if first == second);
    if by.len() > 2 || is_twice {
        return Err(Failure::usage("--by takes one or two different words, as in --by project,model"));
    }
    let asked = Asked::new(ctx, &args.shared, args.last.map(|last| (Unit::Day, last)))?;
    grouped(ctx, ui, &asked, &by)
}

fn grouped(ctx: &Context, ui: &mut Ui, asked: &Asked, by: &[By]) -> Result<(), Failure> {
    let report = of_sums(ctx, ui, asked, by)?;
    show(ctx, ui, asked, &report)
}

/// Adds up what was asked for. When a conversation began and ended is known of its events only, all else of their sums.
fn of_sums(ctx: &Context, ui: &mut Ui, asked: &Asked, by: &[By]) -> Result<UsageReport, Failure> {
    let ledger = gather::usage::up_to_date(ctx, ui)?;
    let is_by_conversation = by.contains(&By::Conversation);
    let prices = gather::price_book(ctx)?;
    if by.iter().any(|by| by.needs_events()) {
        let mut report = events::report(ctx, &ledger, &prices, asked, by)?;
        report.arrange(asked.direction);
        if is_by_conversation {
            report.titles.extend(gather::usage::titles(&ledger)?);
        }
        return Ok(report);
    }
    let span = (asked.since, asked.until);
    let sums = if is_by_conversation {
        part::exchanges(ctx, &ledger, &asked.filter, span)?
    } else {
        part::sums(ctx, &ledger, &prices, &asked.filter, span)?
    };

    let mut report = report::usage::build(&sums, &prices, by, asked.look.tz);
    report.arrange(asked.direction);
    if is_by_conversation {
        report.titles = gather::usage::titles(&ledger)?;
    }
    Ok(report)
}

fn show(ctx: &Context, ui: &mut Ui, asked: &Asked, report: &UsageReport) -> Result<(), Failure> {
    let is_empty = report.totals.total.exchanges == 0;
    let text = match asked.form {
        Form::Json => view::usage::json::report(report, asked.look.has_costs)?,
        Form::Csv => view::usage::csv::report(report, asked.look),
        Form::Table | Form::Markdown if is_empty => asked.nothing(ctx),
        Form::Markdown => view::usage::markdown(report, asked.look),
        Form::Table => view::usage::table(report, asked.look, &asked.style(ui)),
    };
    ui.data(&text)
}

fn by(dimension: Dimension) -> By {
    match dimension {
        Dimension::Day => By::Day,
        Dimension::Week => By::Week(WEEK),
        Dimension::Month => By::Month,
        Dimension::Hour => By::Hour,
        Dimension::Project => By::Project,
        Dimension::Branch => By::Branch,
        Dimension::Conversation => By::Conversation,
        Dimension::Model => By::Model,
        Dimension::Agent => By::Agent,
        Dimension::Skill => By::Skill,
        Dimension::Session => By::Session,
        Dimension::Task => By::Task,
        Dimension::Tag => By::Tag,
        Dimension::Tool => By::Tool,
        Dimension::Mcp => By::Mcp,
        Dimension::Commit => By::Commit,
    }
}
