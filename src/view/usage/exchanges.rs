//! One conversation, a line an exchange.

use crate::report::usage::Total;
use crate::report::usage::entries::ConversationReport;
use crate::view::format;
use crate::view::markdown;
use crate::view::style::Style;
use crate::view::table::Align;
use crate::view::table::Table;
use crate::view::text;
use crate::view::usage::Look;
use crate::view::usage::notes;

/// Which kinds of tokens have columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kinds {
    All,
    Plain,
    None,
}

/// For ever narrower terminals. The second is what `--compact` begins with.
const KINDS: [Kinds; 3] = [Kinds::All, Kinds::Plain, Kinds::None];

pub(crate) fn table(report: &ConversationReport, look: Look, style: &Style) -> String {
    let first = usize::from(look.is_compact);
    let mut tables = KINDS[first..].iter().map(|kinds| filled(report, look, *kinds));
    let narrowest = || filled(report, look, KINDS[KINDS.len() - 1]);
    let table = tables.find(|table| table.fits(style)).unwrap_or_else(narrowest);
    let title = text::wrapped(&text::single_line(&title(report)), style.width_columns());
    let mut lines: Vec<String> = title.iter().map(|line| style.strong(line)).collect();
    lines.extend([String::new(), table.render(style)]);
    lines.extend(style.notes(&remarks(report, look)));
    lines.join("\n")
}

pub(crate) fn markdown(report: &ConversationReport, look: Look) -> String {
    let mut text = format!("{}\n\n{}", markdown::escaped(&title(report)), filled(report, look, Kinds::All).markdown());
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

fn filled(report: &ConversationReport, look: Look, kinds: Kinds) -> Table {
    let (has_cache, has_plain) = (kinds == Kinds::All, kinds != Kinds::None);
    let columns = [
        Some(("Time", Align::Left)),
        Some(("Model", Align::Left)),
        has_plain.then_some(("Input", Align::Right)),
        has_plain.then_some(("Output", Align::Right)),
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
            has_plain.then(|| format::tokens(tokens.input)),
            has_plain.then(|| format::tokens(tokens.output)),
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
