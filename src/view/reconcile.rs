//! Our figures beside Claude Code's own, as a table, and what the reasons in it mean.

use std::collections::BTreeSet;

use chrono_tz::Tz;

use crate::domain::ratio::Ratio;
use crate::domain::status::LimitWindow;
use crate::domain::status::RateLimit;
use crate::report::reconcile::Explanation;
use crate::report::reconcile::ModelRow;
use crate::report::reconcile::ReconcileReport;
use crate::report::reconcile::Row;
use crate::report::reconcile::Totals;
use crate::view::format;
use crate::view::style::Style;
use crate::view::table::Align;
use crate::view::table::Table;
use crate::view::text;

/// The column that is left out where nothing is in it.
const STATUS_COLUMN: usize = 4;

pub(crate) fn report(report: &ReconcileReport, has_models: bool, tz: Tz, style: &Style) -> String {
    let (mut lines, mut remarks) = (Vec::new(), Vec::new());
    if report.conversations.is_empty() {
        remarks.push("Claude Code states no total of these conversations, so there is nothing to compare.".to_owned());
    } else {
        lines.push(table(report, has_models, style));
        let reasons: BTreeSet<Explanation> = report.conversations.iter().map(|row| row.explanation).collect();
        let meanings: Vec<String> = reasons.into_iter().filter_map(meaning).collect();
        if !meanings.is_empty() {
            lines.push(String::new());
            remarks.extend(meanings);
        }
    }
    if report.not_stated.conversations > 0 {
        remarks.push(format!(
            "not compared: {} without a total of Claude Code's, {} by our reckoning",
            format::count(report.not_stated.conversations, "conversation"),
            format::usd(report.not_stated.cost)
        ));
    }
    remarks.extend(report.limits.iter().map(|limit| limited(limit, tz)));
    lines.extend(remarks.iter().flat_map(|remark| text::wrapped(remark, style.width_columns())));
    lines.join("\n")
}

/// `5 hours: 23% of the plan's limit, until 2026-11-23 18:00 (as of 2026-11-23 14:02)`
fn limited(limit: &RateLimit, tz: Tz) -> String {
    let window = match limit.window {
        LimitWindow::FiveHour => "5 hours",
        LimitWindow::SevenDay => "7 days",
    };
    let until = limit.resets_at.map(|at| format!(", until {}", format::moment(at, tz))).unwrap_or_default();
    let used = limit.used_millipercent / 1000;
    format!("{window}: {used}% of the plan's limit{until} (as of {})", format::moment(limit.seen_at, tz))
}

fn table(report: &ReconcileReport, has_models: bool, style: &Style) -> String {
    let has_status = report.conversations.iter().any(|row| row.status_line.is_some());
    let columns = [
        ("Last day", Align::Left),
        ("Conversation", Align::Left),
        ("Ours", Align::Right),
        ("Claude Code", Align::Right),
        ("Status line", Align::Right),
        ("Difference", Align::Right),
        ("%", Align::Right),
        ("Why", Align::Left),
    ];
    let is_shown = |at: &usize| has_status || *at != STATUS_COLUMN;
    let shown = |cells: [String; 8]| (0..).zip(cells).filter(|(at, _)| is_shown(at)).map(|(_, cell)| cell).collect();
    let headers: Vec<_> = (0..).zip(columns).filter(|(at, _)| is_shown(at)).map(|(_, column)| column).collect();
    let mut table = Table::new(&headers);
    for row in &report.conversations {
        let cells: Vec<String> = shown(of_conversation(row));
        table.row(cells);
        for model in row.models.iter().filter(|_| has_models) {
            let cells: Vec<String> = shown(of_model(model));
            table.row(cells);
        }
    }
    let cells: Vec<String> = shown(of_all(&report.totals));
    table.total(cells);
    table.render(style)
}

fn of_conversation(row: &Row) -> [String; 8] {
    [
        format::or_unknown(row.last_day, |day| day.to_string()),
        called(row),
        format::usd(row.ours),
        format::usd(row.stated),
        format::or_unknown(row.status_line, format::usd),
        format::signed_usd(row.difference),
        share(row.share),
        word(row.explanation).to_owned(),
    ]
}

fn of_model(model: &ModelRow) -> [String; 8] {
    [
        String::new(),
        format!("└ {}", model.model),
        format::or_unknown(model.ours, format::usd),
        format::or_unknown(model.stated, format::usd),
        String::new(),
        format::or_unknown(model.difference, format::signed_usd),
        String::new(),
        String::new(),
    ]
}

fn of_all(totals: &Totals) -> [String; 8] {
    [
        "Total".to_owned(),
        String::new(),
        format::usd(totals.ours),
        format::usd(totals.stated),
        String::new(),
        format::signed_usd(totals.difference),
        share(totals.share),
        String::new(),
    ]
}

fn called(row: &Row) -> String {
    let first = row.conversations.first().map(String::as_str).unwrap_or_default();
    let name = row.title.as_deref().unwrap_or(first);
    match row.conversations.len() {
        0 | 1 => name.to_owned(),
        more => format!("{name} and {}", format::count(more as u64 - 1, "fork")),
    }
}

fn share(share: Option<Ratio>) -> String {
    format::or_unknown(share, format::signed_percent)
}

fn word(explanation: Explanation) -> &'static str {
    match explanation {
        Explanation::Agrees => "agrees",
        Explanation::Forks => "forks",
        Explanation::NotTranscribed => "no transcript",
        Explanation::UnknownModel => "unknown model",
        Explanation::CacheWrites => "cache writes",
        Explanation::Unfinished => "unfinished counts",
        Explanation::Factors => "fast mode or region",
        Explanation::Helpers => "helper calls",
        Explanation::Later => "later work",
        Explanation::Unexplained => "unexplained",
    }
}

fn meaning(explanation: Explanation) -> Option<String> {
    let meaning = match explanation {
        Explanation::Agrees => return None,
        Explanation::Forks => {
            "they agree once taken together, as Claude Code's total of a fork has that of the original in it"
        }
        Explanation::NotTranscribed => "Claude Code wrote no transcript of it, or it was deleted before it was read",
        Explanation::UnknownModel => {
            "a model has no price here or in Claude Code, which then guesses; that can be as much as this"
        }
        Explanation::CacheWrites => "Claude Code priced cache writes for an hour like those for five minutes",
        Explanation::Unfinished => "transcripts lack the end of some output counts, about as much as this",
        Explanation::Factors => "only one of both figures has the factor for it",
        Explanation::Helpers => "titles, compaction and the like are in no transcript",
        Explanation::Later => "there was more work after Claude Code wrote its total",
        Explanation::Unexplained => "no rule accounts for the difference",
    };
    Some(format!("{}: {meaning}", word(explanation)))
}
