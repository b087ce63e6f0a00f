//! How usage goes up and down: a line of steps, the change, and the last of them as a table.

use std::fmt::Write as _;

use chrono_tz::Tz;
use serde::Serialize;

use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::ratio::Ratio;
use crate::report::span::Amounts;
use crate::report::trend::TrendReport;
use crate::report::usage::Row;
use crate::report::usage::Total;
use crate::view::csv::cell;
use crate::view::format;
use crate::view::json;
use crate::view::markdown::escaped;
use crate::view::style::Style;
use crate::view::table::Align;
use crate::view::table::Table;
use crate::view::usage;
use crate::view::usage::Look;
use crate::view::usage::Names;

/// Steps that have a line of their own.
const MOST_ROWS: usize = 7;

/// By height; nothing at all is a space.
const BARS: [char; 8] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '█'];

pub(crate) fn text(report: &TrendReport, tz: Tz, style: &Style) -> String {
    let mut lines = vec![style.accent(&line(report, style.width_columns())), String::new()];
    lines.extend(said(report).iter().map(|(name, text)| style.named(name, text)));
    let whole = Some(table(report, MOST_ROWS, true)).filter(|table| table.fits(style));
    let table = whole.unwrap_or_else(|| table(report, MOST_ROWS, false));
    lines.extend([String::new(), table.render(style)]);
    lines.extend(style.notes(&notes(report, tz)));
    lines.join("\n")
}

/// With every step.
pub(crate) fn markdown(report: &TrendReport, tz: Tz) -> String {
    let said: Vec<String> = said(report).iter().map(|(name, text)| format!("- {name}: {}", escaped(text))).collect();
    let mut parts = vec![said.join("\n"), table(report, usize::MAX, true).markdown()];
    parts.extend(notes(report, tz).iter().map(|note| escaped(note)));
    parts.join("\n\n")
}

fn notes(report: &TrendReport, tz: Tz) -> Vec<String> {
    let look = Look { tz, has_costs: true, has_models: false, is_compact: false };
    usage::notes(&report.steps.totals.total, report.steps.totals.unpriced_models(), look)
}

/// What there is to say of the steps, by name.
fn said(report: &TrendReport) -> Vec<(&'static str, String)> {
    let usd = |cost| format::or_unknown(cost, format::usd);
    let total = Amounts::of(&report.steps.totals.total);
    let names = Names::of(&report.steps);
    let days = format::count(report.days, "day");
    let a_day = usd(report.a_day().cost);
    let month = format!("{} so far, {} by its end at this rate", usd(Amounts::of(&report.month.usage.total).cost), {
        usd(report.month.projection().cost)
    });
    let mut said = vec![
        ("All", format!("{} in {days}, {a_day} a day, {} tokens", usd(total.cost), format::tokens(total.tokens))),
        ("Before", change(report, &days)),
        ("This month", month),
    ];
    let step = |row: &Row| format!("{} with {}", names.of_key(&row.key, &[]), usd(row.usage.total.known_cost()));
    said.extend(report.highest().map(|highest| ("Highest", step(highest))));
    said.extend(report.lowest().map(|lowest| ("Lowest", step(lowest))));
    said
}

/// The steps as far as they fit, the latest to the right.
fn line(report: &TrendReport, width_columns: Option<usize>) -> String {
    let heights = report.heights();
    let first = width_columns.map_or(0, |columns| heights.len().saturating_sub(columns));
    let bar = |height: &u64| usize::try_from(*height).ok().and_then(|height| BARS.get(height)).unwrap_or(&'█');
    heights[first..].iter().map(bar).collect()
}

fn change(report: &TrendReport, days: &str) -> String {
    let Some(change) = report.change() else { return format!("no usage with a price in the {days} before") };
    let before = format::or_unknown(report.before.total.known_cost(), format::usd);
    let (word, amount) = if change.amount < Usd::ZERO { ("less", -change.amount) } else { ("more", change.amount) };
    let share = change.share.map(|share| format!(" ({})", format::signed_percent(share))).unwrap_or_default();
    format!("{before} in the {days} before: {} {word}{share}", format::usd(amount))
}

/// The last steps.
fn table(report: &TrendReport, most_rows: usize, has_exchanges: bool) -> Table {
    let by = report.steps.by.first().copied().map_or("", usage::heading);
    let columns = [
        Some((by, Align::Left)),
        has_exchanges.then_some(("Exchanges", Align::Right)),
        Some(("Tokens", Align::Right)),
        Some(("Cost", Align::Right)),
    ];
    let mut table = Table::new(&columns.into_iter().flatten().collect::<Vec<_>>());
    let names = Names::of(&report.steps);
    let rows = &report.steps.rows;
    let shown = &rows[rows.len().saturating_sub(most_rows)..];
    let whole = shown.iter().map(|row| row.usage.total.cost.total()).sum();
    for row in shown {
        let total = &row.usage.total;
        let cells = [
            Some(names.of_key(&row.key, &[])),
            has_exchanges.then(|| format::tokens(total.exchanges)),
            Some(usage::tokens(total)),
            Some(format::or_unknown(total.known_cost(), |cost| format::usd_of(cost, whole))),
        ];
        table.row(cells.into_iter().flatten());
    }
    table
}

pub(crate) fn csv(report: &TrendReport) -> String {
    let names = Names::of(&report.steps);
    let mut csv = "step,exchanges,tokens,cost_usd,unpriced_tokens,unpriced_models\n".to_owned();
    for row in &report.steps.rows {
        let total = &row.usage.total;
        let cost = total.known_cost().map(|cost| cost.to_string()).unwrap_or_default();
        let name = names.of_key(&row.key, &[]);
        let unpriced: Vec<_> = row.usage.unpriced_models().map(ModelId::as_str).collect();
        let unpriced = format!("{},{}", total.unpriced_tokens, cell(&unpriced.join(" ")));
        let _ = writeln!(csv, "{name},{},{},{cost},{unpriced}", total.exchanges, total.tokens.total());
    }
    csv
}

#[derive(Serialize)]
struct Json<'a> {
    first_day: String,
    days: u64,
    tokens: u64,
    cost: Option<Usd>,
    cost_a_day: Option<Usd>,
    cost_before: Option<Usd>,
    change: Option<Usd>,
    change_share: Option<Ratio>,
    month_cost: Option<Usd>,
    projected_month_cost: Option<Usd>,
    unpriced_tokens: u64,
    unpriced_models: Vec<&'a ModelId>,
    steps: Vec<JsonStep<'a>>,
}

#[derive(Serialize)]
struct JsonStep<'a> {
    step: String,
    exchanges: u64,
    tokens: u64,
    cost: Option<Usd>,
    unpriced_tokens: u64,
    unpriced_models: Vec<&'a ModelId>,
}

impl<'a> JsonStep<'a> {
    fn of(row: &'a Row, step: String) -> Self {
        let Amounts { tokens, cost } = Amounts::of(&row.usage.total);
        let Total { exchanges, unpriced_tokens, .. } = row.usage.total;
        let unpriced_models = row.usage.unpriced_models().collect();
        Self { step, exchanges, tokens, cost, unpriced_tokens, unpriced_models }
    }
}

pub(crate) fn json(report: &TrendReport) -> anyhow::Result<String> {
    let names = Names::of(&report.steps);
    let total = Amounts::of(&report.steps.totals.total);
    let totals = &report.steps.totals;
    let change = report.change();
    json::pretty(&Json {
        first_day: report.first_day.to_string(),
        days: report.days,
        tokens: total.tokens,
        cost: total.cost,
        cost_a_day: report.a_day().cost,
        cost_before: Some(&report.before.total).filter(|before| before.exchanges > 0).and_then(Total::known_cost),
        change: change.map(|change| change.amount),
        change_share: change.and_then(|change| change.share),
        month_cost: Amounts::of(&report.month.usage.total).cost,
        projected_month_cost: report.month.projection().cost,
        unpriced_tokens: totals.total.unpriced_tokens,
        unpriced_models: totals.unpriced_models().collect(),
        steps: report.steps.rows.iter().map(|row| JsonStep::of(row, names.of_key(&row.key, &[]))).collect(),
    })
}
