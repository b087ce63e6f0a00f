//! Another program's sums beside ours: both totals of each day and model, and by how much they differ.

use crate::domain::foreign::ForeignSum;
use crate::report::cross_check::CrossCheck;
use crate::report::cross_check::CrossRow;
use crate::report::cross_check::CrossSums;
use crate::report::cross_check::Difference;
use crate::view::format;
use crate::view::style::Style;
use crate::view::table::Align;
use crate::view::table::Table;
use crate::view::text;

/// `program` is what the other one is called; rows that agree are counted unless `is_long`.
pub(crate) fn report(report: &CrossCheck, program: &str, is_long: bool, style: &Style) -> String {
    let (Some(first), Some(last)) = (report.first_day, report.last_day) else {
        return format!("there is nothing in the report of {program}");
    };
    let verdict = if report.agrees() {
        format!("from {first} to {last}, {program} counts the same tokens")
    } else {
        format!("from {first} to {last}, {program} counts other tokens than we do")
    };
    let (rows, same): (Vec<_>, Vec<_>) = report.rows.iter().partition(|row| is_long || !row.sums.agree());
    let mut lines = vec![verdict, String::new(), table(report, &rows, program).render(style)];
    let mut remarks = Vec::new();
    if !same.is_empty() {
        let count = format::count(same.len() as u64, "row");
        remarks.push(format!("not shown: {count} in which both agree; --all shows them"));
    }
    remarks.extend(parts(&report.totals.difference, program));
    if !report.other_agents.is_empty() {
        let agents: Vec<&str> = report.other_agents.iter().map(String::as_str).collect();
        remarks.push(format!(
            "{program} has {} in some of its days, which we do not: ccusage claude daily --json leaves it out",
            agents.join(", ")
        ));
    }
    lines.extend(remarks.iter().flat_map(|remark| text::wrapped(remark, style.width_columns())));
    lines.join("\n")
}

/// Of the difference each kind of tokens, where there is one.
fn parts(difference: &Difference, program: &str) -> Option<String> {
    let Difference { input, output, cache_write, cache_read, .. } = *difference;
    let parts = [(input, "in"), (output, "out"), (cache_write, "cache written"), (cache_read, "cache read")];
    let parts = parts.into_iter().filter(|(tokens, _)| *tokens != 0);
    let parts: Vec<_> = parts.map(|(tokens, kind)| format!("{} {kind}", format::signed_tokens(tokens))).collect();
    (!parts.is_empty()).then(|| format!("{program} differs in all by {}", parts.join(", ")))
}

fn table(report: &CrossCheck, rows: &[&CrossRow], program: &str) -> Table {
    let mut table = Table::new(&[
        ("Day", Align::Left),
        ("Model", Align::Left),
        ("", Align::Left),
        ("Tokens", Align::Right),
        ("Cost", Align::Right),
    ]);
    for row in rows {
        for (place, [who, tokens, cost]) in cells(&row.sums, program).into_iter().enumerate() {
            let [day, model] = if place == 0 { [row.day.to_string(), row.model.clone()] } else { Default::default() };
            table.row([day, model, who, tokens, cost]);
        }
    }
    for (place, [who, tokens, cost]) in cells(&report.totals, program).into_iter().enumerate() {
        let day = if place == 0 { "Total".to_owned() } else { String::new() };
        table.total([day, String::new(), who, tokens, cost]);
    }
    table
}

/// Ours, theirs, and by how much theirs is more or less.
fn cells(sums: &CrossSums, program: &str) -> [[String; 3]; 3] {
    let usd = |cost| format::or_unknown(cost, format::usd);
    let side = |who: &str, sum: &ForeignSum| [who.to_owned(), format::tokens(sum.tokens()), usd(sum.cost)];
    let difference = format::or_unknown(sums.difference.cost, format::signed_usd);
    let tokens = format::signed_tokens(sums.difference.tokens());
    [side("ours", &sums.ours), side(program, &sums.theirs), ["difference".to_owned(), tokens, difference]]
}
