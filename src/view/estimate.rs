//! Estimates as a table and as JSON, with what makes them less sure said below.

use crate::domain::estimate::Calibration;
use crate::domain::estimate::Estimate;
use crate::domain::estimate::Format;
use crate::domain::estimate::own::OwnFactor;
use crate::domain::model::ModelId;
use crate::domain::ratio::Ratio;
use crate::report::estimate::Costs;
use crate::report::estimate::EstimateReport;
use crate::view::format;
use crate::view::style::Style;
use crate::view::table::Align;
use crate::view::table::Table;
use crate::view::text;

pub(crate) fn table(report: &EstimateReport, style: &Style) -> String {
    let answer = report.output_tokens.map(|tokens| format!("With {} out", format::tokens(tokens)));
    let mut columns = vec![
        ("File", Align::Left),
        ("Model", Align::Left),
        ("Tokens", Align::Right),
        ("Band", Align::Right),
        ("As input", Align::Right),
        ("As output", Align::Right),
    ];
    columns.extend(answer.as_deref().map(|answer| (answer, Align::Right)));
    let mut table = Table::new(&columns);
    for row in &report.rows {
        table.row(cells(&row.file, &row.model, &row.estimate, &row.costs, report.output_tokens));
    }
    let first = report.rows.first().map(|row| &row.file);
    if report.rows.iter().any(|row| Some(&row.file) != first) {
        for total in &report.totals {
            let files = format!("Total of {}", format::count(total.files as u64, "file"));
            table.total(cells(&files, &total.model, &total.estimate, &total.costs, report.output_tokens));
        }
    }
    let notes = notes(report).into_iter().map(|note| style.faint(&note));
    [table.render(style), String::new()].into_iter().chain(notes).collect::<Vec<_>>().join("\n")
}

fn cells(file: &str, model: &ModelId, estimate: &Estimate, costs: &Costs, output_tokens: Option<u64>) -> Vec<String> {
    let usd = |amount| format::or_unknown(amount, format::usd);
    let mut cells = vec![
        text::single_line(file),
        text::single_line(model.as_str()),
        format!("{}{}", if estimate.is_lower_bound { "≥" } else { "~" }, format::tokens(estimate.tokens)),
        format!("±{}%", estimate.band_percent),
        usd(costs.as_input),
        usd(costs.as_output),
    ];
    cells.extend(output_tokens.map(|_| usd(costs.with_output)));
    cells
}

fn notes(report: &EstimateReport) -> Vec<String> {
    let what = match report.format {
        Format::Prompt => "each file as a prompt of its own",
        Format::Response => "each file as a response of its own",
        Format::Message => "with the framing of messages and calls",
    };
    let mut notes = vec![format!("estimated offline, {what}; 8 of 10 true counts lie within the band")];
    if report.rows.iter().any(|row| row.estimate.is_lower_bound) {
        notes.push("≥: hidden thinking, images or tools are in it, whose tokens cannot be told".to_owned());
    }
    for total in &report.totals {
        let model = text::single_line(total.model.as_str());
        if let Some(own) = total.estimate.own {
            notes.push(format!(
                "{model}: {}; {}",
                fitted(&own),
                off(own.median_error_permille, own.wide_error_permille)
            ));
            continue;
        }
        notes.extend(match total.estimate.calibration {
            Calibration::Measured => None,
            Calibration::Unverified => Some(format!("{model}: taken to have the tokenizer of Claude 5, not verified")),
            Calibration::Uncalibrated => Some(format!("{model}: its tokenizer is not known, the figure is rough")),
        });
    }
    if report.rows.iter().any(|row| row.estimate.is_mostly_non_latin) {
        notes.push("mostly other scripts than Latin, where the band is ±30%: a guess".to_owned());
    }
    notes
}

/// `× 1.024, as 120 of your own answers were billed`
pub(crate) fn fitted(own: &OwnFactor) -> String {
    let factor = format::milli(own.permille);
    format!("× {factor}, as {} of your own were billed", format::count(own.messages, "answer"))
}

/// `half of them within 3.1% of the estimate, 8 of 10 within 8.0%`
pub(crate) fn off(median_permille: u64, wide_permille: u64) -> String {
    let percent = |permille: u64| format::or_unknown(Ratio::of(permille, 1000), format::percent);
    format!(
        "half of them within {} of the estimate, 8 of 10 within {}",
        percent(median_permille),
        percent(wide_permille)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::estimate::Family;
    use crate::domain::estimate::Form;
    use crate::report::estimate::Row;
    use crate::report::estimate::Skipped;
    use crate::report::estimate::Total;

    fn report(files: &[&str], output_tokens: Option<u64>) -> EstimateReport {
        let model = ModelId::new("claude-opus-5");
        let estimate = Estimate {
            tokens: 1_234,
            milli: 1_234_000,
            low: 1_159,
            high: 1_309,
            band_percent: 6,
            family: Family::New,
            calibration: Calibration::Measured,
            is_mostly_non_latin: false,
            is_lower_bound: false,
            own: None,
        };
        let costs = Costs { as_input: Some("0.5".parse().unwrap()), as_output: None, with_output: None };
        let row =
            |file: &&str| Row { file: (*file).to_owned(), form: Form::Prompt, model: model.clone(), estimate, costs };
        EstimateReport {
            format: Format::Prompt,
            output_tokens,
            rows: files.iter().map(row).collect(),
            totals: vec![Total { files: files.len(), model: model.clone(), estimate, costs }],
            skipped: Skipped::default(),
        }
    }

    #[test]
    fn one_file_needs_no_total() {
        insta::assert_snapshot!(table(&report(&["a\u{1b}[31m.md"], Some(1_500)), &Style::plain()), @r"
        File       Model          Tokens  Band  As input  As output  With 1,500 out
        a␛[31m.md  claude-opus-5  ~1,234   ±6%   $0.5000          —               —

        estimated offline, each file as a prompt of its own; 8 of 10 true counts lie within the band
        ");
    }

    #[test]
    fn long_names_give_way_on_a_narrow_terminal() {
        let report = report(&["src/a/very/long/path/to/some/file.rs", "b"], None);
        insta::assert_snapshot!(table(&report, &Style::new(false, Some(70))), @r"
        File                  Model          Tokens  Band  As input  As output
        src/a/very/long/pat…  claude-opus-5  ~1,234   ±6%   $0.5000          —
        b                     claude-opus-5  ~1,234   ±6%   $0.5000          —
        Total of 2 files      claude-opus-5  ~1,234   ±6%   $0.5000          —

        estimated offline, each file as a prompt of its own; 8 of 10 true counts lie within the band
        ");
    }
}
