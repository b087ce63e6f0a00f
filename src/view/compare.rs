//! How good estimates were, as tables, CSV and what the words in them mean.

use std::fmt::Write as _;

use crate::domain::model::ModelId;
use crate::domain::ratio::Ratio;
use crate::report::compare::CompareReport;
use crate::report::compare::CompareRow;
use crate::report::compare::Score;
use crate::view::csv;
use crate::view::format;
use crate::view::markdown::escaped;
use crate::view::style::Style;
use crate::view::table::Align;
use crate::view::table::Table;
use crate::view::usage;

/// Kept short enough for a common terminal.
const MEANING: [&str; 3] = [
    "Estimated: what entries said; measured: what was used since the entry before.",
    "Accuracy: 100% when each estimate is right, 50% when each is double or half.",
    "Over, under: entries estimated above, below measured; bias: by how much in all.",
];

#[derive(Debug, Clone, Copy)]
enum Column {
    Entries,
    Estimated,
    Measured,
    Accuracy,
    Bias,
    Over,
    Under,
}

/// Columns for ever narrower terminals.
const LAYOUTS: [&[Column]; 4] = [
    &[
        Column::Entries,
        Column::Estimated,
        Column::Measured,
        Column::Accuracy,
        Column::Bias,
        Column::Over,
        Column::Under,
    ],
    &[Column::Estimated, Column::Measured, Column::Accuracy, Column::Bias, Column::Over, Column::Under],
    &[Column::Accuracy, Column::Bias, Column::Over, Column::Under],
    &[Column::Accuracy, Column::Bias],
];

pub(crate) fn text(report: &CompareReport, style: &Style) -> String {
    let fits = |columns: &&&[Column]| tables(report, columns).iter().all(|table| table.fits(style));
    let columns = LAYOUTS.iter().find(fits).unwrap_or(&LAYOUTS[LAYOUTS.len() - 1]);
    let tables = tables(report, columns).map(|table| table.render(style));
    let below = MEANING.map(ToOwned::to_owned).into_iter().chain(notes(report));
    let below = style.notes(&below.collect::<Vec<_>>());
    format!("{}\n\n{}", tables.join("\n\n"), below.join("\n"))
}

pub(crate) fn markdown(report: &CompareReport) -> String {
    let tables = tables(report, LAYOUTS[0]).map(|table| table.markdown());
    let below = std::iter::once(MEANING.join(" ")).chain(notes(report)).map(|line| escaped(&line));
    tables.into_iter().chain(below).collect::<Vec<_>>().join("\n\n")
}

/// What is in no figure.
pub(crate) fn notes(report: &CompareReport) -> Vec<String> {
    let mut notes = Vec::new();
    if report.not_measured > 0 {
        let entries = format::count(report.not_measured, "entry");
        notes.push(format!("not compared: {entries} for which nothing was measured"));
    }
    if report.not_priced > 0 {
        let entries = format::count(report.not_priced, "entry");
        let models: Vec<_> = report.unpriced_models.iter().map(ModelId::as_str).collect();
        let models = models.join(", ");
        notes
            .push(format!("not compared: {entries} for want of a price of {models}; claude-cost prices set gives one"));
    }
    if report.missing_output > 0 {
        notes.push(usage::missing(report.missing_output, report.missing_cost, true));
    }
    notes
}

fn tables(report: &CompareReport, columns: &[Column]) -> [Table; 2] {
    let mut by_task = table("Task", &report.by_task, report, columns);
    by_task.total(std::iter::once("Total".to_owned()).chain(cells(&report.total, report, columns)));
    [by_task, table("Estimator", &report.by_estimator, report, columns)]
}

fn table(title: &str, rows: &[CompareRow], report: &CompareReport, columns: &[Column]) -> Table {
    let header = |column: &Column| match column {
        Column::Entries => "Entries",
        Column::Estimated => "Estimated",
        Column::Measured => "Measured",
        Column::Accuracy => "Accuracy",
        Column::Bias => "Bias",
        Column::Over => "Over",
        Column::Under => "Under",
    };
    let headers = columns.iter().map(|column| (header(column), Align::Right));
    let mut table = Table::new(&std::iter::once((title, Align::Left)).chain(headers).collect::<Vec<_>>());
    for row in rows {
        table.row(std::iter::once(row.name.clone()).chain(cells(&row.score, report, columns)));
    }
    table
}

fn cells(sum: &Score, report: &CompareReport, columns: &[Column]) -> impl Iterator<Item = String> {
    let usd = |amount| format::usd_of(amount, report.total.estimated.max(report.total.measured));
    columns.iter().map(move |column| match column {
        Column::Entries => format::tokens(sum.entries),
        Column::Estimated => usd(sum.estimated),
        Column::Measured => usd(sum.measured),
        Column::Accuracy => format::or_unknown(sum.accuracy, format::percent),
        Column::Bias => format::or_unknown(sum.bias, format::signed_percent),
        Column::Over => format::tokens(sum.over),
        Column::Under => format::tokens(sum.under),
    })
}

/// A line for each group; the groups of either kind come to the same.
pub(crate) fn csv(report: &CompareReport) -> String {
    let mut csv =
        String::from("by,name,entries,estimated_usd,measured_usd,accuracy,bias,over,over_by_usd,under,under_by_usd\n");
    let ratio = |ratio: Option<Ratio>| ratio.map(|ratio| ratio.to_text(6)).unwrap_or_default();
    for (by, rows) in [("task", &report.by_task), ("estimator", &report.by_estimator)] {
        for CompareRow { name, score: sum } in rows {
            let Score { entries, estimated, measured, over, over_by, under, under_by, .. } = sum;
            let (name, accuracy, bias) = (csv::cell(name), ratio(sum.accuracy), ratio(sum.bias));
            let _ = writeln!(
                csv,
                "{by},{name},{entries},{estimated},{measured},{accuracy},{bias},{over},{over_by},{under},{under_by}"
            );
        }
    }
    csv
}
