//! How things stand, one fact a line: how it is to be taken first, and the way out below it.

use crate::report::doctor::Check;
use crate::report::doctor::DoctorReport;
use crate::report::doctor::Fact;
use crate::report::doctor::FittedTokenizer;
use crate::report::doctor::HookState;
use crate::report::doctor::LedgerFact;
use crate::report::doctor::Mark;
use crate::report::doctor::RetentionFact;
use crate::report::doctor::UnpricedModel;
use crate::report::doctor::UnreadableFile;
use crate::view::estimate;
use crate::view::format;
use crate::view::style::Style;
use crate::view::text;

/// As wide as the widest mark, and a gap.
const MARK_COLUMNS: usize = 9;

/// Samples of unreadable lines and open files that are shown; JSON has all.
const MOST_SAMPLES: usize = 5;

pub(crate) fn report(report: &DoctorReport, style: &Style) -> String {
    let mut lines = Vec::new();
    for Check { mark, fact } in &report.checks {
        let word = match mark {
            Mark::Ok => "ok",
            Mark::Note => "note",
            Mark::Problem => "problem",
        };
        let word = format!("{word:MARK_COLUMNS$}");
        let word = match mark {
            Mark::Ok => style.faint(&word),
            Mark::Note => style.accent(&word),
            Mark::Problem => style.error(&word),
        };
        let mut said = said(fact).into_iter();
        lines.push(format!("{word}{}", text::single_line(&said.next().unwrap_or_default())));
        lines.extend(said.map(|more| format!("{:MARK_COLUMNS$}{}", "", text::single_line(&more))));
    }
    let verdict = match report.verdict {
        Mark::Problem => "There are problems.",
        Mark::Note => "There are no problems, but see the notes.",
        Mark::Ok => "All is well.",
    };
    format!("{}\n\n{verdict}", lines.join("\n"))
}

/// The fact in a line, and what else there is to say of it.
fn said(fact: &Fact) -> Vec<String> {
    let only = |line: String| vec![line];
    match fact {
        Fact::Program { version } => only(format!("claude-cost {version}")),
        Fact::TimeZone { name, is_set } => {
            only(format!("days are those of {name}{}", if *is_set { "" } else { ", the system's zone" }))
        }
        Fact::Settings { files } if files.is_empty() => only("no settings files: defaults hold".to_owned()),
        Fact::Settings { files } => only(format!("settings from {}", files.join(" and "))),
        Fact::Data { path, is_there, open } => data(path, *is_there, open),
        Fact::Ledger(fact) => only(ledger(fact)),
        Fact::NoLedger => only("there is no ledger yet: claude-cost sync makes it".to_owned()),
        Fact::UnusableLedger { reason } => vec![
            format!("the ledger cannot be used: {reason}"),
            "where it is damaged, claude-cost sync puts it aside and makes a new one".to_owned(),
        ],
        Fact::Transcripts { path, is_there: false, .. } => only(format!("{path} is not there")),
        Fact::Transcripts { path, transcripts, bytes, .. } => {
            only(format!("{path} has {}, {}", format::count(*transcripts, "transcript"), format::bytes(*bytes)))
        }
        Fact::NoDesktop => only("Claude Desktop has no local agents here".to_owned()),
        Fact::NoTranscripts => only(
            "there are no transcripts; where Claude Code keeps its own elsewhere, CLAUDE_CONFIG_DIR names the place"
                .to_owned(),
        ),
        Fact::UnreadableDirectory { reason } => only(format!("transcripts cannot be read: {reason}")),
        Fact::Unread { transcripts: 0, .. } => only("the ledger has all that transcripts hold".to_owned()),
        Fact::Unread { transcripts, deleted_in_days } => unread(*transcripts, *deleted_in_days),
        Fact::Retention(fact) => retention(fact),
        Fact::UnknownRetention { reason } => {
            only(format!("when Claude Code deletes transcripts is not known: {reason}"))
        }
        Fact::UnreadableLines { lines: 0, .. } => only("every line of transcripts could be read".to_owned()),
        Fact::UnreadableLines { lines, files } => unreadable(*lines, files),
        Fact::Unpriced { models } if models.is_empty() => only("every model used has a price".to_owned()),
        Fact::Unpriced { models } => unpriced(models),
        Fact::LowerBounds { exchanges: 0, .. } => only("every count of output is final".to_owned()),
        Fact::LowerBounds { exchanges, of_exchanges, missing_output, missing_cost } => vec![
            format!(
                "{} of {} have an output count that Claude Code never finished",
                format::tokens(*exchanges),
                format::count(*of_exchanges, "exchange")
            ),
            format!(
                "about {} tokens are missing, {} or so; no total has them",
                format::tokens(*missing_output),
                format::or_unknown(*missing_cost, format::usd)
            ),
        ],
        Fact::Estimates { tokenizers } => estimates(tokenizers),
        Fact::GitHook { state, path } => hook(*state, path.as_deref()),
        Fact::UnreadableRepository { reason } => only(format!("the git repository cannot be read: {reason}")),
    }
}

fn data(path: &str, is_there: bool, open: &[String]) -> Vec<String> {
    match open {
        [] if !is_there => vec![format!("{path} will be made, for you alone")],
        [] => vec![format!("{path} is for you alone")],
        [only] if only == path => vec![format!("{path} can be listed by others, but they can read nothing in it")],
        _ => {
            let mut lines = vec![format!("others can read or change what is in {path}")];
            lines.extend(open.iter().take(MOST_SAMPLES).cloned());
            if open.len() > MOST_SAMPLES {
                lines.push(format!("and {} more", format::tokens((open.len() - MOST_SAMPLES) as u64)));
            }
            lines.push(format!("chmod -R go= '{}' takes that from them", path.replace('\'', r"'\''")));
            lines
        }
    }
}

fn ledger(fact: &LedgerFact) -> String {
    let LedgerFact { path, bytes, schema, newest_schema, exchanges, first_day, last_day } = fact;
    let days = match (first_day, last_day) {
        (Some(first), Some(last)) => format!(" from {first} to {last}"),
        _ => String::new(),
    };
    let exchanges = format::count(*exchanges, "exchange");
    let next = if schema < newest_schema {
        format!(", which the next command brings forward to {newest_schema}")
    } else {
        String::new()
    };
    format!("{path} holds {exchanges}{days}, {}, schema {schema}{next}", format::bytes(*bytes))
}

fn retention(fact: &RetentionFact) -> Vec<String> {
    let RetentionFact { path, days, file, oldest_day, deleted_in_days } = fact;
    let origin = file.as_ref().map_or_else(|| "its default".to_owned(), Clone::clone);
    let mut said =
        vec![format!("Claude Code deletes what is in {path} after {} ({origin})", format::count(*days, "day"))];
    if let (Some(oldest), Some(days)) = (oldest_day, deleted_in_days) {
        said.push(format!(
            "the oldest transcript, of {oldest}, goes {}; the ledger keeps what it says",
            in_days(*days)
        ));
    }
    said
}

fn unreadable(lines: u64, files: &[UnreadableFile]) -> Vec<String> {
    let (count, verb) = (format::count(lines, "line"), format::is_or_are(lines));
    let mut said = vec![format!("{count} of transcripts could not be read and {verb} in no total")];
    let samples = files.iter().flat_map(|file| file.samples.iter().map(|line| (&file.path, line)));
    said.extend(samples.take(MOST_SAMPLES).map(|(path, line)| format!("{path}:{}: {}", line.offset, line.reason)));
    said
}

fn unread(transcripts: u64, deleted_in_days: Option<i64>) -> Vec<String> {
    let when = deleted_in_days.map(|days| format!("; Claude Code deletes the first {}", in_days(days)));
    let transcripts = format::count(transcripts, "transcript");
    vec![
        format!("the ledger lacks something of {transcripts}{}", when.unwrap_or_default()),
        "claude-cost sync reads it".to_owned(),
    ]
}

fn unpriced(models: &[UnpricedModel]) -> Vec<String> {
    let mut said = vec!["no total has the cost of models without a price".to_owned()];
    said.extend(models.iter().map(|one| {
        let exchanges = format::count(one.exchanges, "exchange");
        format!("{}: {} tokens in {exchanges}", one.model, format::tokens(one.tokens))
    }));
    said.push("claude-cost prices set MODEL --input USD --output USD gives one its price".to_owned());
    said
}

fn estimates(tokenizers: &[FittedTokenizer]) -> Vec<String> {
    if tokenizers.is_empty() {
        return vec!["no finished answer of yours has been held against its estimate yet".to_owned()];
    }
    let mut said = vec!["estimates of text were held against your own finished answers".to_owned()];
    said.extend(tokenizers.iter().map(|one| {
        let FittedTokenizer { tokenizer, answers, answers_needed, day, .. } = one;
        let fitted = one.factor_permille.zip(one.median_error_permille).zip(one.wide_error_permille);
        let Some(((factor, median), wide)) = fitted else {
            return format!("{tokenizer}: not enough answers yet, {answers} of {answers_needed} ({day})");
        };
        let (factor, answers) = (format::milli(factor), format::count(*answers, "answer"));
        format!("{tokenizer}: × {factor} by {answers}, {} ({day})", estimate::off(median, wide))
    }));
    said
}

fn hook(state: HookState, path: Option<&str>) -> Vec<String> {
    let path = path.map(|path| format!(" as {path}")).unwrap_or_default();
    match state {
        HookState::NoRepository => vec!["there is no git repository here".to_owned()],
        HookState::NotInstalled => {
            vec!["the git hook is not installed here; reports find most commits without it".to_owned()]
        }
        HookState::Installed => vec![format!("the git hook is installed here{path}")],
        HookState::Edited => vec![
            format!("the git hook installed here{path} was changed by hand"),
            "remove the lines from `# >>> claude-cost >>>` to `# <<< claude-cost <<<`, and install it again".to_owned(),
        ],
    }
}

fn in_days(days: i64) -> String {
    match days {
        0 => "within a day".to_owned(),
        _ => format!("in {}", format::count(days.unsigned_abs(), "day")),
    }
}
