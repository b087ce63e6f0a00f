//! Rows as CSV (RFC 4180, but for lines that end as Unix has them), with text that a spreadsheet would take for a
//! formula made plain.

use std::fmt::Write;

use crate::domain::tokens::TokenUsage;
use crate::report::session::ActivityInfra;
use crate::report::session::SessionReport;
use crate::view::text;

/// The activity log of a session: one line an entry or note, exact figures.
pub(crate) fn session(report: &SessionReport) -> String {
    let mut csv = String::from(
        "number,at,task,model,input_tokens,output_tokens,cache_write_tokens,cache_read_tokens,cost_usd,basis,infra,text\n",
    );
    for row in &report.activity {
        let usage = row.usage.as_ref();
        let count = |count: fn(&TokenUsage) -> u64| {
            usage.map(|usage| count(&usage.spent.tokens).to_string()).unwrap_or_default()
        };
        let basis = usage.map_or("note", |usage| match (usage.is_measured, usage.is_estimate) {
            (true, _) => "measured",
            (false, true) => "estimated",
            (false, false) => "stated",
        });
        let cells = [
            row.number.to_string(),
            row.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            usage.and_then(|usage| usage.task.as_ref()).map(ToString::to_string).unwrap_or_default(),
            usage.map(|usage| cell(usage.model.as_str())).unwrap_or_default(),
            count(|tokens| tokens.input),
            count(|tokens| tokens.output),
            count(TokenUsage::cache_write),
            count(|tokens| tokens.cache_read),
            usage.and_then(|usage| usage.spent.cost).map(|cost| cost.to_string()).unwrap_or_default(),
            basis.to_owned(),
            cell(&usage.map(|usage| infra(&usage.infra)).unwrap_or_default()),
            cell(&row.text),
        ];
        let _ = writeln!(csv, "{}", cells.join(","));
    }
    csv
}

fn infra(used: &[ActivityInfra]) -> String {
    used.iter().map(|used| format!("{}={}{}", used.item, used.quantity, used.unit)).collect::<Vec<_>>().join(" ")
}

/// A text cell: quoted where it must be. A leading `=`, `+`, `-`, `@` would run as a formula, so `'` stands before it.
pub(crate) fn cell(text: &str) -> String {
    let text = text::inert(text);
    // Spreadsheets take full-width signs for plain ones, and some pass over blanks before them.
    let starts = |text: &str| text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let is_formula = starts(text.trim_start()) || text.starts_with(['\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text };
    let needs_quotes = text.contains([',', '"', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ');
    if needs_quotes { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_and_quotes_are_made_plain() {
        for (text, shown) in [
            ("plain", "plain"),
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            (" =1+1", "' =1+1"),
            ("＝1+1", "'＝1+1"),
            ("\u{3000}＠SUM(A1)", "'\u{3000}＠SUM(A1)"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("-1,5", "\"'-1,5\""),
            ("esc\u{1b}]0;x\u{7}", "esc␛]0;x\\u{7}"),
            ("\u{1b}[31mred", "␛[31mred"),
        ] {
            assert_eq!(cell(text), shown);
        }
    }
}
