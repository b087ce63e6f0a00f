//! What reading the transcripts gave, in a few words.

use crate::report::sync::SyncReport;
use crate::view::estimate;
use crate::view::format;

pub(crate) fn report(report: &SyncReport) -> String {
    let mut text = if report.transcripts == 0 && report.exchanges == 0 {
        "there are no transcripts yet: work with Claude Code, and they are read by themselves".to_owned()
    } else if report.read == 0 {
        format!("nothing new in {}", format::count(report.transcripts, "transcript"))
    } else {
        let mut parts = vec![format!("{} new", format::count(report.new, "exchange"))];
        if report.changed > 0 {
            parts.push(format!("{} completed", format::tokens(report.changed)));
        }
        format!("read {}: {}", format::count(report.read, "transcript"), parts.join(", "))
    };
    if report.exchanges > 0 {
        text.extend(["; the ledger holds ", &format::count(report.exchanges, "exchange")]);
    }
    for own in &report.calibrations {
        text.extend(["\nestimates for ", &own.tokenizer, ": ", &estimate::fitted(&own.factor)]);
    }
    if report.skipped > 0 {
        text.extend([
            "\n",
            &format::count(report.skipped, "line"),
            " could not be read: claude-cost doctor shows them",
        ]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_changed_and_what_there_is() {
        let none = SyncReport {
            transcripts: 0,
            read: 0,
            new: 0,
            changed: 0,
            exchanges: 0,
            skipped: 0,
            calibrations: Vec::new(),
        };
        let idle = SyncReport { transcripts: 2, exchanges: 1204, ..none.clone() };
        let busy = SyncReport { read: 1, new: 3, changed: 1, skipped: 1, ..idle.clone() };
        for (given, expected) in [
            (none, "there are no transcripts yet: work with Claude Code, and they are read by themselves"),
            (idle, "nothing new in 2 transcripts; the ledger holds 1,204 exchanges"),
            (
                busy,
                "read 1 transcript: 3 exchanges new, 1 completed; the ledger holds 1,204 exchanges\n1 line could not be read: claude-cost doctor shows them",
            ),
        ] {
            assert_eq!(report(&given), expected);
        }
    }
}
