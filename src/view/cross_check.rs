//! Another program's sums beside ours: by how much they differ, and both costs.

use crate::domain::money::Usd;
use crate::report::cross_check::CrossCheck;
use crate::report::cross_check::CrossSums;
use crate::report::cross_check::Difference;
use crate::view::format;
use crate::view::style::Style;
use crate::view::table::Align;
use crate::view::table::Table;

/// `program` is what the other one is called.
pub(crate) fn report(report: &CrossCheck, program: &str, style: &Style) -> String {
    let (Some(first), Some(last)) = (report.first_day, report.last_day) else {
        return format!("there is nothing in the report of {program}");
    };
    let verdict = if report.agrees() {
        format!("from {first} to {last}, {program} counts the same tokens")
    } else {
        format!("from {first} to {last}, {program} counts so many tokens more than we do (+) or fewer (-)")
    };
    let mut lines = vec![verdict, String::new(), table(report, program, style)];
    if !report.other_agents.is_empty() {
        let agents: Vec<&str> = report.other_agents.iter().map(String::as_str).collect();
        lines.push(String::new());
        lines.push(format!(
            "{program} has {} in some of its days, which we do not: ccusage claude daily --json leaves it out",
            agents.join(", ")
        ));
    }
    lines.join("\n")
}

fn table(report: &CrossCheck, program: &str, style: &Style) -> String {
    let mut table = Table::new(&[
        ("Day", Align::Left),
        ("Model", Align::Left),
        ("In", Align::Right),
        ("Out", Align::Right),
        ("Written", Align::Right),
        ("Read", Align::Right),
        ("Ours", Align::Right),
        (program, Align::Right),
        ("Difference", Align::Right),
    ]);
    for row in &report.rows {
        table.row([vec![row.day.to_string(), row.model.clone()], cells(&row.sums)].concat());
    }
    table.total([vec!["Total".to_owned(), String::new()], cells(&report.totals)].concat());
    table.render(style)
}

fn cells(sums: &CrossSums) -> Vec<String> {
    let Difference { input, output, cache_write, cache_read, cost } = sums.difference;
    let mut cells: Vec<String> = [input, output, cache_write, cache_read].map(signed).into();
    cells.push(format::or_unknown(sums.ours.cost, format::usd));
    cells.push(format::or_unknown(sums.theirs.cost, format::usd));
    cells.push(format::or_unknown(cost, |cost| {
        let sign = if cost > Usd::ZERO { "+" } else { "" };
        format!("{sign}{}", format::usd(cost))
    }));
    cells
}

fn signed(difference: i64) -> String {
    let sign = match difference {
        0 => "",
        1.. => "+",
        _ => "-",
    };
    format!("{sign}{}", format::tokens(difference.unsigned_abs()))
}
