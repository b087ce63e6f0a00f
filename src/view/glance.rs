//! Usage at a glance: a few lines, and what the most went to.

use std::fmt::Write as _;

use chrono_tz::Tz;
use serde::Serialize;

use crate::domain::instant::written;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::period::Unit;
use crate::domain::ratio::Ratio;
use crate::domain::tokens::TokenUsage;
use crate::report::glance::GlanceReport;
use crate::report::span::Span;
use crate::report::usage::Total;
use crate::report::usage::Usage;
use crate::view::format;
use crate::view::json;
use crate::view::style::Style;
use crate::view::table::Align;
use crate::view::table::Table;
use crate::view::text;
use crate::view::usage;
use crate::view::usage::Look;
use crate::view::usage::Names;
use crate::view::usage::csv::FIGURES;
use crate::view::usage::csv::figures;

/// How long the bar of the costliest is.
const BAR_COLUMNS: u32 = 10;

pub(crate) fn text(report: &GlanceReport, tz: Tz, style: &Style) -> String {
    let (mut table, mut rows) = (spans(report, true), Vec::new());
    if !table.is_whole(style) {
        table = spans(report, false);
        rows.extend(remarks(report).map(|(name, _, remark)| (name, remark)));
    }
    rows.extend(beside(report, tz));
    let mut lines = vec![table.render(style)];
    if !rows.is_empty() {
        lines.push(String::new());
        lines.extend(rows.iter().map(|(name, text)| style.named(name, text)));
    }
    if !report.top.shown().is_empty() {
        let table = Some(top(report, true)).filter(|table| table.fits(style));
        lines.extend([String::new(), table.unwrap_or_else(|| top(report, false)).render(style)]);
    }
    lines.extend(style.notes(&notes(report, tz)));
    lines.join("\n")
}

pub(crate) fn markdown(report: &GlanceReport, tz: Tz) -> String {
    let mut parts = vec![spans(report, true).markdown()];
    let line = |(name, text): (&str, String)| format!("- {name}: {}", crate::view::markdown::escaped(&text));
    let rows: Vec<String> = beside(report, tz).into_iter().map(line).collect();
    parts.extend((!rows.is_empty()).then(|| rows.join("\n")));
    parts.extend((!report.top.shown().is_empty()).then(|| top(report, true).markdown()));
    parts.extend(notes(report, tz).iter().map(|note| crate::view::markdown::escaped(note)));
    parts.join("\n\n")
}

fn spans(report: &GlanceReport, has_remarks: bool) -> Table {
    let remark = has_remarks.then_some(("", Align::Left));
    let columns = [("", Align::Left), ("Tokens", Align::Right), ("Cost", Align::Right)].into_iter().chain(remark);
    let mut table = Table::new(&columns.collect::<Vec<_>>());
    let most = report.covered.total.cost.total();
    for (name, span, remark) in remarks(report) {
        let total = &span.usage.total;
        let cost = format::or_unknown(total.known_cost(), |cost| format::usd_of(cost, most));
        let cells = [name.to_owned(), usage::tokens(total), cost].into_iter().chain(has_remarks.then_some(remark));
        table.row(cells);
    }
    table
}

/// Each span, and what there is to say of it.
fn remarks(report: &GlanceReport) -> impl Iterator<Item = (&'static str, &Span, String)> {
    let usd = |cost| format::or_unknown(cost, format::usd);
    let exchanges = format::count(report.today.usage.total.exchanges, "exchange");
    let peak = report.peak_hour.map(|hour| format!(", the most at {hour:02}:00")).unwrap_or_default();
    let month = format!("{} by its end at this rate", usd(report.month.projection().cost));
    [
        ("Today", &report.today, exchanges + &peak),
        ("This week", &report.week, format!("{} a day", usd(report.week.a_day().cost))),
        ("This month", &report.month, month),
    ]
    .into_iter()
}

/// What stands beside the sums, by name.
fn beside(report: &GlanceReport, tz: Tz) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    for status in &report.budgets {
        let Some(budget) = status.budget else { continue };
        let used = Ratio::of(status.cost.pico(), budget.pico()).map_or_else(String::new, format::percent);
        let name = text::shortened(&text::single_line(&status.name), 40);
        rows.push(("Budget", format!("{name}: {} of {}, {used} used", format::usd(status.cost), format::usd(budget))));
    }
    if let Some((row, active)) = report.block.as_ref().and_then(|row| Some((row, row.active.as_ref()?))) {
        let cost = format::or_unknown(row.usage.total.known_cost(), format::usd);
        let burn = active.burn.and_then(|burn| burn.cost_per_hour);
        let burn = burn.map(|cost| format!(", {} an hour", format::usd(cost))).unwrap_or_default();
        let (start, left) = (format::clock(row.block.start, tz), format::duration(active.remaining));
        rows.push(("Block", format!("{cost} since {start}, {left} left{burn}")));
    }
    rows
}

fn top(report: &GlanceReport, has_bars: bool) -> Table {
    let top = &report.top;
    let span = match top.unit {
        Unit::Day => "Today",
        Unit::Week(_) => "This week",
        Unit::Month => "This month",
    };
    let heading = format!("{span} by {}", usage::heading(top.by).to_lowercase());
    let last = if has_bars { Align::Left } else { Align::Right };
    let columns = [(heading.as_str(), Align::Left), ("Tokens", Align::Right), ("Cost", Align::Right), ("", last)];
    let mut table = Table::new(&columns);
    let whole = top.report.totals.total.cost.total();
    let mut row = |name: String, total: &Total| {
        let share = top.share(total).map(format::whole_percent).unwrap_or_default();
        table.row([
            name,
            usage::tokens(total),
            format::or_unknown(total.known_cost(), |cost| format::usd_of(cost, whole)),
            if has_bars { format!("{} {share}", bar(top.of_most(total))) } else { share },
        ]);
    };
    let names = Names::of(&top.report);
    for shown in top.shown() {
        row(names.of_key(&shown.key, &[]), &shown.usage.total);
    }
    if let Some((count, total)) = top.rest() {
        row(format!("{} more", format::tokens(count)), &total);
    }
    table
}

/// Of the length that `share` says, in whole cells and halves of them.
fn bar(share: Option<Ratio>) -> String {
    let halves = share.map_or(0, |share| share.rounded(2) * i128::from(BAR_COLUMNS) / 50);
    let halves = usize::try_from(halves).unwrap_or(0).min(2 * BAR_COLUMNS as usize);
    let bar = "█".repeat(halves / 2) + if halves % 2 == 1 { "▌" } else { "" };
    format!("{bar:<width$}", width = BAR_COLUMNS as usize)
}

fn notes(report: &GlanceReport, tz: Tz) -> Vec<String> {
    usage::notes(&report.covered.total, report.covered.unpriced_models(), look(tz))
}

fn look(tz: Tz) -> Look {
    Look { tz, has_costs: true, has_models: false, is_compact: false }
}

/// A line a span, which overlap, so that they are not to be added up.
pub(crate) fn csv(report: &GlanceReport, tz: Tz) -> String {
    let mut csv = format!("span,since,{FIGURES},cost_usd\n");
    for (name, span) in [("today", &report.today), ("week", &report.week), ("month", &report.month)] {
        let first_day = span.period.first_day();
        let _ = writeln!(csv, "{name},{first_day},{}", figures(&span.usage.total, look(tz)));
    }
    csv
}

#[derive(Serialize)]
struct Json<'a> {
    today: JsonSpan<'a>,
    week: JsonSpan<'a>,
    month: JsonSpan<'a>,
    peak_hour: Option<u32>,
    projected_month_cost: Option<Usd>,
    block: Option<JsonSpan<'a>>,
    budgets: Vec<JsonBudget>,
    top_by: String,
    top: Vec<JsonTop<'a>>,
}

#[derive(Serialize)]
struct JsonSpan<'a> {
    since: String,
    exchanges: u64,
    tokens: TokenUsage,
    cost: Option<Usd>,
    cost_a_day: Option<Usd>,
    unpriced_tokens: u64,
    unpriced_models: Vec<&'a ModelId>,
    likely_missing_output: u64,
    stated_tokens: u64,
    estimated_tokens: u64,
}

#[derive(Serialize)]
struct JsonBudget {
    session: String,
    cost: Usd,
    budget: Option<Usd>,
}

#[derive(Serialize)]
struct JsonTop<'a> {
    name: String,
    tokens: u64,
    cost: Option<Usd>,
    share: Option<Ratio>,
    unpriced_tokens: u64,
    unpriced_models: Vec<&'a ModelId>,
}

impl<'a> JsonSpan<'a> {
    fn new(since: String, usage: &'a Usage, cost_a_day: Option<Usd>) -> Self {
        let total = &usage.total;
        Self {
            since,
            exchanges: total.exchanges,
            tokens: total.tokens,
            cost: total.known_cost(),
            cost_a_day,
            unpriced_tokens: total.unpriced_tokens,
            unpriced_models: usage.unpriced_models().collect(),
            likely_missing_output: total.missing_output,
            stated_tokens: total.stated.tokens,
            estimated_tokens: total.estimated.tokens,
        }
    }

    fn of(span: &'a Span) -> Self {
        Self::new(span.period.first_day().to_string(), &span.usage, span.a_day().cost)
    }
}

pub(crate) fn json(report: &GlanceReport) -> anyhow::Result<String> {
    let names = Names::of(&report.top.report);
    let top = report.top.report.rows.iter().map(|row| JsonTop {
        name: names.of_key(&row.key, &[]),
        tokens: row.usage.total.tokens.total(),
        cost: row.usage.total.known_cost(),
        share: report.top.share(&row.usage.total),
        unpriced_tokens: row.usage.total.unpriced_tokens,
        unpriced_models: row.usage.unpriced_models().collect(),
    });
    let block = report.block.as_ref();
    json::pretty(&Json {
        today: JsonSpan::of(&report.today),
        week: JsonSpan::of(&report.week),
        month: JsonSpan::of(&report.month),
        peak_hour: report.peak_hour,
        projected_month_cost: report.month.projection().cost,
        block: block.map(|row| JsonSpan::new(written(row.block.start), &row.usage, None)),
        budgets: report
            .budgets
            .iter()
            .map(|status| JsonBudget { session: status.name.clone(), cost: status.cost, budget: status.budget })
            .collect(),
        top_by: usage::heading(report.top.by).to_lowercase(),
        top: top.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        for (part, whole, expected) in [(0, 1, ""), (1, 2, "█████"), (1, 1, "██████████"), (1, 20, "▌"), (1, 100, "")]
        {
            assert_eq!(bar(Ratio::of(part, whole)).trim_end(), expected, "{part}/{whole}");
        }
        assert_eq!(bar(None).len(), BAR_COLUMNS as usize);
    }
}
