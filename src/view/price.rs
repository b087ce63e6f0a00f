//! Prices as tables, in US dollars a million tokens.

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

const UNIT: &str = "US dollars a million tokens";

pub(crate) fn list(rows: &[PriceRow], style: &Style) -> String {
    let mut table = Table::new(&[
        ("Model", Align::Left),
        ("Vendor", Align::Left),
        ("Input", Align::Right),
        ("Output", Align::Right),
        ("Write 5m", Align::Right),
        ("Write 1h", Align::Right),
        ("Read", Align::Right),
        ("", Align::Left),
    ]);
    for row in rows {
        let mut cells = vec![row.model.clone(), row.vendor.clone()];
        cells.extend(rate_cells(&row.rates));
        cells.push(marks(row));
        table.row(cells);
    }
    format!("{}\n\n{}", table.render(style), style.faint(UNIT))
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
    let mut lines = vec![style.strong(&title), String::new(), periods(detail, style), style.faint(UNIT), String::new()];
    let mut fact = |name: &str, text: String| {
        if !text.is_empty() {
            lines.push(format!("{name:<12}{text}"));
        }
    };
    fact("found by", found_by(detail));
    fact("also named", row.aliases.join(", "));
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
    let long = row.long_prompt_over.map(|over| format!("dearer over {}", format::tokens_short(over)));
    let off_peak = row.has_off_peak.then(|| "off-peak".to_owned());
    let own = row.is_own.then(|| "yours".to_owned());
    long.into_iter().chain(off_peak).chain(own).collect::<Vec<_>>().join(", ")
}

fn periods(detail: &PriceDetail, style: &Style) -> String {
    let mut table = Table::new(&[
        ("From", Align::Left),
        ("For", Align::Left),
        ("Input", Align::Right),
        ("Output", Align::Right),
        ("Write 5m", Align::Right),
        ("Write 1h", Align::Right),
        ("Read", Align::Right),
        ("", Align::Left),
    ]);
    for (at, period) in detail.row.periods.iter().enumerate() {
        let from = period.from.map_or_else(|| "always".to_owned(), |from| from.to_string());
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
