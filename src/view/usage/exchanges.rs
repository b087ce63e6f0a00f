//! One conversation, a line an exchange.

use crate::report::usage::Total;
use crate::report::usage::entries::ConversationReport;
use crate::view::format;
use crate::view::markdown;
use crate::view::style::Style;
use crate::view::table::Align;
use crate::view::table::Table;
use crate::view::usage::Look;
use crate::view::usage::notes;

pub(crate) fn table(report: &ConversationReport, look: Look, style: &Style) -> String {
    let whole = filled(report, look, true);
    let table = if !look.is_compact && whole.fits(style) { whole } else { filled(report, look, false) };
    let mut lines = vec![style.strong(&title(report)), String::new(), table.render(style)];
    lines.extend(remarks(report, look).iter().map(|note| style.faint(note)));
    lines.join("\n")
}

pub(crate) fn markdown(report: &ConversationReport, look: Look) -> String {
    let mut text = format!("{}\n\n{}", markdown::escaped(&title(report)), filled(report, look, true).markdown());
    for note in remarks(report, look) {
        text.extend(["\n\n", &markdown::escaped(&note)]);
    }
    text
}

fn title(report: &ConversationReport) -> String {
    let title = report.title.as_ref().map(|title| format!("{title} · ")).unwrap_or_default();
    format!("{title}{}", report.id)
}

fn remarks(report: &ConversationReport, look: Look) -> Vec<String> {
    notes(&report.total.total, report.total.unpriced_models(), look)
}

fn filled(report: &ConversationReport, look: Look, has_cache: bool) -> Table {
    let columns = [
        Some(("Time", Align::Left)),
        Some(("Model", Align::Left)),
        Some(("Input", Align::Right)),
        Some(("Output", Align::Right)),
        has_cache.then_some(("Cache write", Align::Right)),
        has_cache.then_some(("Cache read", Align::Right)),
        look.has_costs.then_some(("Cost", Align::Right)),
    ];
    let mut table = Table::new(&columns.into_iter().flatten().collect::<Vec<_>>());
    let cost = report.total.total.cost.total();
    let cells = |time: String, model: String, total: &Total| {
        let tokens = &total.tokens;
        let cells = [
            Some(time),
            Some(model),
            Some(format::tokens(tokens.input)),
            Some(format::tokens(tokens.output)),
            has_cache.then(|| format::tokens(tokens.cache_write())),
            has_cache.then(|| format::tokens(tokens.cache_read)),
            look.has_costs.then(|| format::or_unknown(total.known_cost(), |known| format::usd_of(known, cost))),
        ];
        cells.into_iter().flatten().collect::<Vec<_>>()
    };
    for entry in &report.entries {
        table.row(cells(format::moment(entry.at, look.tz), format::model(&entry.model), &entry.total));
    }
    table.total(cells("Total".to_owned(), String::new(), &report.total.total));
    table
}
