//! Whether all is well: one fact a line, each with how it is to be taken.

mod share;

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::TimeDelta;
use chrono::Utc;
use chrono_tz::Tz;
use serde::Serialize;

use crate::domain::estimate::own::Fit;
use crate::domain::event::Precision;
use crate::domain::import::SkippedLines;
use crate::domain::ledger::UsageSum;
use crate::domain::money::Usd;
use crate::domain::price::PriceBook;

/// So many days before a transcript is deleted that no one has read, it is time to say so.
const WARNED_DAYS: i64 = 7;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mark {
    Ok,
    /// Good to know, but nothing to be done.
    Note,
    /// Totals are or will be wrong, or others can read them.
    Problem,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct DoctorReport {
    /// The worst of all marks.
    pub(crate) verdict: Mark,
    pub(crate) checks: Vec<Check>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    pub(crate) mark: Mark,
    #[serde(flatten)]
    pub(crate) fact: Fact,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "check", rename_all = "snake_case")]
pub(crate) enum Fact {
    Program {
        version: &'static str,
    },
    TimeZone {
        name: String,
        is_set: bool,
    },
    /// Files whose settings count here.
    Settings {
        files: Vec<String>,
    },
    /// The directory of the program's own files; `open` are those in it that others may read or change.
    Data {
        path: String,
        is_there: bool,
        open: Vec<String>,
    },
    Ledger(LedgerFact),
    NoLedger,
    UnusableLedger {
        reason: String,
    },
    /// A directory of Claude Code's or Claude Desktop's.
    Transcripts {
        path: String,
        is_there: bool,
        transcripts: u64,
        bytes: u64,
    },
    NoDesktop,
    UnreadableDirectory {
        reason: String,
    },
    NoTranscripts,
    /// Transcripts with something in them that the ledger does not have yet.
    Unread {
        transcripts: u64,
        /// Days until Claude Code deletes the first of them.
        deleted_in_days: Option<i64>,
    },
    Retention(RetentionFact),
    UnknownRetention {
        reason: String,
    },
    UnreadableLines {
        lines: u64,
        files: Vec<UnreadableFile>,
    },
    Unpriced {
        models: Vec<UnpricedModel>,
    },
    /// Output counts that older versions of Claude Code never finished.
    LowerBounds {
        exchanges: u64,
        of_exchanges: u64,
        missing_output: u64,
        /// `null` where some price is not known.
        missing_cost: Option<Usd>,
    },
    /// How estimates of text compare with the person's own finished answers, by tokenizer.
    Estimates {
        tokenizers: Vec<FittedTokenizer>,
    },
    GitHook {
        state: HookState,
        path: Option<String>,
    },
    UnreadableRepository {
        reason: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LedgerFact {
    pub(crate) path: String,
    pub(crate) bytes: u64,
    pub(crate) schema: u64,
    /// To which the next command brings it forward, if it is older.
    pub(crate) newest_schema: u64,
    pub(crate) exchanges: u64,
    pub(crate) first_day: Option<NaiveDate>,
    pub(crate) last_day: Option<NaiveDate>,
}

/// How long Claude Code keeps what is in one of its directories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RetentionFact {
    pub(crate) path: String,
    pub(crate) days: u64,
    /// The file that says so; `null` is Claude Code's default.
    pub(crate) file: Option<String>,
    pub(crate) oldest_day: Option<NaiveDate>,
    /// Days until the oldest transcript is deleted.
    pub(crate) deleted_in_days: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct UnreadableFile {
    pub(crate) path: String,
    pub(crate) lines: u64,
    /// The first few.
    pub(crate) samples: Vec<UnreadableLine>,
}

/// Its text is not told: that is the person's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct UnreadableLine {
    /// The byte at which it begins.
    pub(crate) offset: u64,
    pub(crate) reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct UnpricedModel {
    pub(crate) model: String,
    pub(crate) exchanges: u64,
    pub(crate) tokens: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FittedTokenizer {
    pub(crate) tokenizer: String,
    pub(crate) answers: u64,
    pub(crate) answers_needed: u64,
    /// What estimates are multiplied by; `null` while there are too few answers.
    pub(crate) factor_permille: Option<u64>,
    /// Half of the answers are no further off their estimates than this part of these; `null` alike.
    pub(crate) median_error_permille: Option<u64>,
    /// Eight of ten are no further off than this.
    pub(crate) wide_error_permille: Option<u64>,
    /// When the answers were looked at.
    pub(crate) day: NaiveDate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HookState {
    NoRepository,
    NotInstalled,
    Installed,
    /// Our lines in it were changed by hand.
    Edited,
}

/// What one of Claude Code's directories has.
#[derive(Debug, Clone, Default)]
pub(crate) struct Root {
    pub(crate) path: String,
    pub(crate) is_there: bool,
    /// Of Claude Desktop's local agents.
    pub(crate) is_desktop: bool,
    pub(crate) transcripts: Vec<Transcript>,
    /// `None` where it is not known; Desktop has its own ways.
    pub(crate) period: Option<Period>,
}

#[derive(Debug, Clone)]
pub(crate) struct Transcript {
    pub(crate) bytes: u64,
    pub(crate) modified_at: DateTime<Utc>,
    /// The ledger has all of it.
    pub(crate) is_read: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Period {
    pub(crate) days: u64,
    pub(crate) file: Option<String>,
}

impl DoctorReport {
    pub(crate) fn new(facts: Vec<Fact>) -> Self {
        let checks: Vec<Check> = facts.into_iter().map(|fact| Check { mark: mark(&fact), fact }).collect();
        let verdict = checks.iter().map(|check| check.mark).max().unwrap_or(Mark::Ok);
        Self { verdict, checks }
    }
}

/// What there is to say of Claude Code's directories, and of what it will delete in them.
pub(crate) fn roots(roots: &[Root], now: DateTime<Utc>, tz: Tz) -> Vec<Fact> {
    // Each system keeps Desktop's in a place of its own: those of others are no news.
    let found = roots.iter().filter(|root| root.is_there || !root.is_desktop).map(|root| Fact::Transcripts {
        path: root.path.clone(),
        is_there: root.is_there,
        transcripts: root.transcripts.len() as u64,
        bytes: root.transcripts.iter().map(|transcript| transcript.bytes).sum(),
    });
    let mut facts: Vec<Fact> = found.collect();
    if !roots.iter().any(|root| root.is_there && root.is_desktop) {
        facts.push(Fact::NoDesktop);
    }
    let transcripts = || roots.iter().flat_map(|root| &root.transcripts);
    facts.push(match transcripts().next() {
        None => Fact::NoTranscripts,
        Some(_) => Fact::Unread {
            transcripts: transcripts().filter(|transcript| !transcript.is_read).count() as u64,
            deleted_in_days: roots.iter().filter_map(|root| days_left(root, now, |one| !one.is_read)).min(),
        },
    });
    for root in roots.iter().filter(|root| root.is_there) {
        let Some(period) = &root.period else { continue };
        let oldest = root.transcripts.iter().map(|transcript| transcript.modified_at).min();
        facts.push(Fact::Retention(RetentionFact {
            path: root.path.clone(),
            days: period.days,
            file: period.file.clone(),
            oldest_day: oldest.map(|at| at.with_timezone(&tz).date_naive()),
            deleted_in_days: days_left(root, now, |_| true),
        }));
    }
    facts
}

/// Whole days until the first of a root's transcripts is deleted: Claude Code goes by when a file was last written.
fn days_left(root: &Root, now: DateTime<Utc>, is_meant: impl Fn(&Transcript) -> bool) -> Option<i64> {
    let days = i64::try_from(root.period.as_ref()?.days).ok().and_then(TimeDelta::try_days)?;
    let oldest = root.transcripts.iter().filter(|transcript| is_meant(transcript)).map(|one| one.modified_at).min()?;
    Some((oldest.checked_add_signed(days)? - now).num_days().max(0))
}

pub(crate) fn unreadable_lines(files: Vec<SkippedLines>) -> Fact {
    let lines = files.iter().map(|file| file.count).sum();
    let file = |SkippedLines { path, count, samples }: SkippedLines| {
        let sample = samples.into_iter().map(|line| UnreadableLine { offset: line.offset, reason: line.reason });
        UnreadableFile { path, lines: count, samples: sample.collect() }
    };
    Fact::UnreadableLines { lines, files: files.into_iter().map(file).collect() }
}

/// What is not known of all that was used: prices, and the ends of outputs.
pub(crate) fn usage(sums: &[UsageSum], prices: &PriceBook) -> [Fact; 2] {
    let mut unpriced: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    let (mut exchanges, mut of_exchanges, mut missing_output) = (0, 0, 0);
    let mut missing_cost = Some(Usd::ZERO);
    for sum in sums {
        if sum.cost(prices).is_none() {
            let (exchanges, tokens) = unpriced.entry(sum.model.as_str()).or_default();
            *exchanges += sum.exchanges;
            *tokens += sum.tokens.total();
        }
        if sum.precision.is_measured() {
            of_exchanges += sum.exchanges;
        }
        if sum.precision == Precision::LowerBound {
            exchanges += sum.exchanges;
            missing_output += sum.missing_output;
            missing_cost = missing_cost.zip(sum.missing_cost(prices)).map(|(one, other)| one + other);
        }
    }
    let model =
        |(model, (exchanges, tokens)): (&str, (u64, u64))| UnpricedModel { model: model.to_owned(), exchanges, tokens };
    [
        Fact::Unpriced { models: unpriced.into_iter().map(model).collect() },
        Fact::LowerBounds { exchanges, of_exchanges, missing_output, missing_cost },
    ]
}

pub(crate) fn estimates(fits: Vec<Fit>, tz: Tz) -> Fact {
    let tokenizer = |fit: Fit| {
        let factor = Some(fit.factor).filter(|_| fit.is_in_force());
        FittedTokenizer {
            answers: fit.factor.messages,
            answers_needed: fit.needed(),
            factor_permille: factor.map(|factor| factor.permille),
            median_error_permille: factor.map(|factor| factor.median_error_permille),
            wide_error_permille: factor.map(|factor| factor.wide_error_permille),
            day: fit.at.with_timezone(&tz).date_naive(),
            tokenizer: fit.tokenizer,
        }
    };
    Fact::Estimates { tokenizers: fits.into_iter().map(tokenizer).collect() }
}

fn mark(fact: &Fact) -> Mark {
    match fact {
        Fact::Data { path, open, .. } => match open.as_slice() {
            [] => Mark::Ok,
            // Others see names of files there, but read none of them.
            [only] if only == path => Mark::Note,
            _ => Mark::Problem,
        },
        Fact::UnusableLedger { .. } | Fact::UnreadableDirectory { .. } => Mark::Problem,
        Fact::Unread { deleted_in_days: Some(days), .. } if *days < WARNED_DAYS => Mark::Problem,
        Fact::Unpriced { models } if !models.is_empty() => Mark::Problem,
        Fact::Unread { transcripts: count, .. }
        | Fact::UnreadableLines { lines: count, .. }
        | Fact::LowerBounds { exchanges: count, .. }
            if *count > 0 =>
        {
            Mark::Note
        }
        Fact::NoLedger
        | Fact::NoTranscripts
        | Fact::UnknownRetention { .. }
        | Fact::UnreadableRepository { .. }
        | Fact::GitHook { state: HookState::Edited, .. } => Mark::Note,
        _ => Mark::Ok,
    }
}

#[cfg(test)]
mod tests;
