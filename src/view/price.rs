//! Prices as tables, in US dollars a million tokens.

use chrono::Weekday;

use crate::domain::model::Region;
use crate::domain::money::Rate;
use crate::domain::price::Change;
use crate::domain::price::InfraPrice;
use crate::domain::price::ModelPrice;
use crate::domain::price::Rates;
use crate::report::price::PriceDetail;
use crate::report::price::PriceRow;
use crate::view::format;
use crate::view::style::Style;
use crate::view::table::Align;
use crate::view::table::Table;
use crate::view::text;

const UNIT: &str = "US dollars a million tokens";
const RATE_COLUMNS: [(&str, Align); 5] = [
    ("Input", Align::Right),
    ("Output", Align::Right),
    ("Write 5m", Align::Right),
    ("Write 1h", Align::Right),
    ("Read", Align::Right),
];

pub(crate) fn list(rows: &[PriceRow], style: &Style) -> String {
    let whole = list_table(rows, true);
    let widest = whole.render(&Style::new(false, None)).lines().map(text::width).max();
    // Cut names could not be told apart; a vendor can be asked for.
    let is_too_wide = style.width_columns().is_some_and(|limit| widest > Some(limit));
    let table = if is_too_wide { list_table(rows, false) } else { whole };
    let mut notes = vec![UNIT];
    if rows.iter().any(|row| row.long_prompt_over.is_some()) {
        notes.push("long: long prompts cost more, see claude-cost prices show MODEL");
    }
    if rows.iter().any(|row| row.has_off_peak) {
        notes.push("off-peak: less at certain hours");
    }
    let notes: Vec<String> = notes.into_iter().map(|note| style.faint(note)).collect();
    format!("{}\n\n{}", table.render(style), notes.join("\n"))
}

fn list_table(rows: &[PriceRow], has_vendor: bool) -> Table {
    let mut columns = vec![("Model", Align::Left)];
    columns.extend(has_vendor.then_some(("Vendor", Align::Left)));
    columns.extend(RATE_COLUMNS);
    columns.push(("", Align::Left));
    let mut table = Table::new(&columns);
    for row in rows {
        let mut cells = vec![row.model.clone()];
        cells.extend(has_vendor.then(|| row.vendor.clone()));
        cells.extend(rate_cells(&row.rates));
        cells.push(marks(row));
        table.row(cells);
    }
    table
}

pub(crate) fn infra(items: &[&InfraPrice], style: &Style) -> String {
    let mut table =
        Table::new(&[("Item", Align::Left), ("Price", Align::Right), ("Unit", Align::Left), ("", Align::Left)]);
    for item in items {
        let note = item.note.clone().unwrap_or_default();
        table.row([item.id.clone(), format::usd_to(item.usd, 2), format!("per {}", item.unit), note]);
    }
    table.render(style)
}

pub(crate) fn show(detail: &PriceDetail, style: &Style) -> String {
    let row = &detail.row;
    let title = if row.vendor.is_empty() { row.id.clone() } else { format!("{} ({})", row.id, row.vendor) };
    let mut lines = vec![
        style.strong(&title),
        String::new(),
        periods(detail, style),
        String::new(),
        style.faint(UNIT),
        String::new(),
    ];
    let mut fact = |name: &str, text: String| {
        if !text.is_empty() {
            lines.push(format!("{name:<12}{text}"));
        }
    };
    fact("found by", found_by(detail));
    fact("also named", row.aliases.join(", "));
    fact("off-peak", off_peak_hours(detail));
    fact("factors", factors(detail));
    fact("web search", row.web_search.map(|price| format!("{} each", format::usd_to(price, 2))).unwrap_or_default());
    fact("context", row.context.map(|tokens| format!("{} tokens", format::tokens(tokens))).unwrap_or_default());
    fact("released", row.released.map(|day| day.to_string()).unwrap_or_default());
    fact("retired", row.retired.map(|day| day.to_string()).unwrap_or_default());
    fact("source", detail.source.clone());
    fact("confidence", detail.confidence.to_owned());
    fact("note", row.note.clone().unwrap_or_default());
    fact("yours", if detail.is_own { "this price is from your prices.json".to_owned() } else { String::new() });
    lines.join("\n")
}

pub(crate) fn changes(changes: &[Change], style: &Style) -> String {
    let mut table =
        Table::new(&[("Model", Align::Left), ("Price of", Align::Left), ("Was", Align::Right), ("Now", Align::Right)]);
    for change in changes {
        let was = format::or_unknown(change.was, |rate| rate.to_string());
        table.row([change.model.clone(), change.kind.clone(), was, change.is_now.to_string()]);
    }
    format!("{}\n\n{}", table.render(style), style.faint(UNIT))
}

fn rate_cells(rates: &Rates) -> [String; 5] {
    let known = |rate: Option<Rate>| format::or_unknown(rate, |rate| rate.to_string());
    [
        rates.input.to_string(),
        rates.output.to_string(),
        known(rates.cache_write_5m),
        known(rates.cache_write_1h),
        known(rates.cache_read),
    ]
}

/// What the rates alone do not tell.
fn marks(row: &PriceRow) -> String {
    let long = row.long_prompt_over.map(|_| "long".to_owned());
    let off_peak = row.has_off_peak.then(|| "off-peak".to_owned());
    let own = row.is_own.then(|| "yours".to_owned());
    long.into_iter().chain(off_peak).chain(own).collect::<Vec<_>>().join(", ")
}

fn periods(detail: &PriceDetail, style: &Style) -> String {
    let mut columns = vec![("From", Align::Left), ("For", Align::Left)];
    columns.extend(RATE_COLUMNS);
    columns.push(("", Align::Left));
    let mut table = Table::new(&columns);
    let is_only = detail.row.periods.len() == 1;
    for (at, period) in detail.row.periods.iter().enumerate() {
        let first = if is_only { "always" } else { "the start" };
        let from = period.from.map_or_else(|| first.to_owned(), |from| from.to_string());
        let mut line = |from: &str, what: String, rates: &Rates, mark: &str| {
            let mut cells = vec![from.to_owned(), what];
            cells.extend(rate_cells(rates));
            cells.push(mark.to_owned());
            table.row(cells);
        };
        let is_now = detail.period_now == at && detail.row.periods.len() > 1;
        line(&from, "any request".to_owned(), &period.rates, if is_now { "now" } else { "" });
        if let Some(long) = &period.long {
            line("", format!("prompt over {}", format::tokens(long.over)), &long.rates, "");
        }
        if let Some(off_peak) = &period.off_peak {
            line("", "off-peak hours".to_owned(), &off_peak.rates, "");
        }
    }
    table.render(style)
}

/// `Mon, Tue 04:00-06:00 UTC; …`
fn off_peak_hours(detail: &PriceDetail) -> String {
    let off_peak = detail.row.periods.get(detail.period_now).and_then(|period| period.off_peak.as_ref());
    let windows = off_peak.iter().flat_map(|off_peak| &off_peak.windows).map(|window| {
        let hours: Vec<_> = window.hours.iter().map(ToString::to_string).map(whole_day).collect();
        format!("{} {} UTC", days(&window.days), hours.join(", "))
    });
    windows.collect::<Vec<_>>().join("; ")
}

fn whole_day(hours: String) -> String {
    if hours == "00:00-00:00" { "all day".to_owned() } else { hours }
}

/// Days of the week by their numbers, Monday being 1: `Mon-Fri`.
fn days(numbers: &[u32]) -> String {
    let name = |number: &u32| {
        let index = u8::try_from(number.saturating_sub(1)).ok();
        index.and_then(|index| Weekday::try_from(index).ok()).map(|day| day.to_string()).unwrap_or_default()
    };
    match numbers {
        [first, .., last] if numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]) => {
            format!("{}-{}", name(first), name(last))
        }
        _ => numbers.iter().map(name).collect::<Vec<_>>().join(", "),
    }
}

fn found_by(detail: &PriceDetail) -> String {
    let region = match detail.region {
        Region::Global => "",
        Region::Regional => ", in a regional profile",
        Region::Government => ", in GovCloud",
    };
    let fast = if detail.is_fast { ", in fast mode" } else { "" };
    format!("{}: {}{region}{fast}", detail.found_by.words(), detail.asked)
}

fn factors(detail: &PriceDetail) -> String {
    let row: &ModelPrice = &detail.row;
    [
        ("fast", detail.fast_now),
        ("batch", row.batch),
        ("US only", row.us),
        ("regional", row.regional),
        ("GovCloud", row.gov),
    ]
    .into_iter()
    .filter_map(|(name, factor)| Some(format!("{name} ×{}", factor?)))
    .collect::<Vec<_>>()
    .join(", ")
}
