//! How usage goes up and down: a line of steps, the change, and the last of them as a table.

use std::fmt::Write as _;

use chrono_tz::Tz;
use serde::Serialize;

use crate::domain::money::Usd;
use crate::domain::ratio::Ratio;
use crate::report::span::Amounts;
use crate::report::trend::TrendReport;
use crate::report::usage::Row;
use crate::report::usage::Total;
use crate::view::format;
use crate::view::json;
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
    let usd = |cost| format::or_unknown(cost, format::usd);
    let total = Amounts::of(&report.steps.totals.total);
    let names = Names::of(&report.steps);
    let mut lines = vec![style.accent(&line(report, style.width_columns())), String::new()];
    let mut say = |name: &str, text: String| lines.push(format!("{}  {text}", style.faint(&format!("{name:<10}"))));
    let days = format::count(report.days, "day");
    let a_day = usd(report.a_day().cost);
    say("All", format!("{} in {days}, {a_day} a day, {} tokens", usd(total.cost), format::tokens(total.tokens)));
    say("Before", change(report, &days));
    let month = format!("{} so far, {} by its end at this rate", usd(Amounts::of(&report.month.usage.total).cost), {
        usd(report.month.projection().cost)
    });
    say("This month", month);
    let step = |row: &Row| format!("{} with {}", names.of_key(&row.key, &[]), usd(row.usage.total.known_cost()));
    if let Some(highest) = report.highest() {
        say("Highest", step(highest));
    }
    if let Some(lowest) = report.lowest() {
        say("Lowest", step(lowest));
    }
    lines.extend([String::new(), last(report).render(style)]);
    let look = Look { tz, has_costs: true, has_models: false, is_compact: false };
    let notes = usage::notes(&report.steps.totals.total, report.steps.totals.unpriced_models(), look);
    lines.extend(notes.iter().map(|note| style.faint(note)));
    lines.join("\n")
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

fn last(report: &TrendReport) -> Table {
    let by = report.steps.by.first().copied().map_or("", usage::heading);
    let mut table =
        Table::new(&[(by, Align::Left), ("Exchanges", Align::Right), ("Tokens", Align::Right), ("Cost", Align::Right)]);
    let names = Names::of(&report.steps);
    let rows = &report.steps.rows;
    for row in &rows[rows.len().saturating_sub(MOST_ROWS)..] {
        let total = &row.usage.total;
        table.row([
            names.of_key(&row.key, &[]),
            format::tokens(total.exchanges),
            format::tokens(total.tokens.total()),
            format::or_unknown(total.known_cost(), format::usd),
        ]);
    }
    table
}

pub(crate) fn csv(report: &TrendReport) -> String {
    let names = Names::of(&report.steps);
    let mut csv = "step,exchanges,tokens,cost_usd\n".to_owned();
    for row in &report.steps.rows {
        let total = &row.usage.total;
        let cost = total.known_cost().map(|cost| cost.to_string()).unwrap_or_default();
        let name = names.of_key(&row.key, &[]);
        let _ = writeln!(csv, "{name},{},{},{cost}", total.exchanges, total.tokens.total());
    }
    csv
}

#[derive(Serialize)]
struct Json {
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
    steps: Vec<JsonStep>,
}

#[derive(Serialize)]
struct JsonStep {
    step: String,
    exchanges: u64,
    tokens: u64,
    cost: Option<Usd>,
}

pub(crate) fn json(report: &TrendReport) -> anyhow::Result<String> {
    let names = Names::of(&report.steps);
    let total = Amounts::of(&report.steps.totals.total);
    let step = |row: &Row| {
        let Amounts { tokens, cost } = Amounts::of(&row.usage.total);
        JsonStep { step: names.of_key(&row.key, &[]), exchanges: row.usage.total.exchanges, tokens, cost }
    };
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
        steps: report.steps.rows.iter().map(step).collect(),
    })
}
