//! How good estimates were: what entries said was used against what was measured in their place.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Serialize;

use crate::domain::event::UsageEvent;
use crate::domain::ledger::UsageSum;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::price::PriceBook;
use crate::domain::ratio::Ratio;
use crate::domain::session::Session;
use crate::domain::session::join::Comparison;

/// In the place of a task.
const NO_TASK: &str = "other";

/// A session, and what was measured in it, in order of time.
#[derive(Debug, Clone)]
pub(crate) struct Facts<'a> {
    pub(crate) session: &'a Session,
    pub(crate) measured: Vec<UsageEvent>,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct CompareReport {
    /// By the kind of work, that with the most measured first.
    pub(crate) by_task: Vec<CompareRow>,
    /// By where the figures were from, likewise.
    pub(crate) by_estimator: Vec<CompareRow>,
    pub(crate) total: Score,
    /// Entries that are in no figure, as nothing was measured in their place.
    pub(crate) not_measured: u64,
    /// Entries that are in no figure, as they or what was measured has no price; and the models without one.
    pub(crate) not_priced: u64,
    pub(crate) unpriced_models: BTreeSet<ModelId>,
    /// What unfinished records of what was measured probably lack: output tokens and their cost, in no other figure.
    pub(crate) missing_output: u64,
    pub(crate) missing_cost: Usd,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct CompareRow {
    pub(crate) name: String,
    #[serde(flatten)]
    pub(crate) score: Score,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Score {
    pub(crate) entries: u64,
    pub(crate) estimated: Usd,
    pub(crate) measured: Usd,
    /// Of each entry the lesser of both amounts ÷ the greater, weighed by the greater: 1 when every entry was right, 0.5 when
    /// each said double or half.
    pub(crate) accuracy: Option<Ratio>,
    /// (Estimated − measured) ÷ measured: above zero when too much was estimated.
    pub(crate) bias: Option<Ratio>,
    /// Entries that were estimated above what was measured, and by how much in all.
    pub(crate) over: u64,
    pub(crate) over_by: Usd,
    /// Those that were estimated below it.
    pub(crate) under: u64,
    pub(crate) under_by: Usd,
}

impl Score {
    fn add(&mut self, estimated: Usd, measured: Usd) {
        self.entries += 1;
        self.estimated += estimated;
        self.measured += measured;
        if estimated > measured {
            self.over += 1;
            self.over_by += estimated - measured;
        } else if estimated < measured {
            self.under += 1;
            self.under_by += measured - estimated;
        }
        let (lesser, greater) = (self.estimated - self.over_by, self.measured + self.over_by);
        self.accuracy = Ratio::of(lesser.pico(), greater.pico());
        self.bias = Ratio::of((self.estimated - self.measured).pico(), self.measured.pico());
    }
}

/// An entry with its amounts.
struct Pair<'a> {
    said: &'a UsageEvent,
    estimator: &'static str,
    estimated: Usd,
    measured: Usd,
}

/// `is_asked` says of what an entry states whether the report is to have it.
pub(crate) fn build(facts: &[Facts<'_>], prices: &PriceBook, is_asked: impl Fn(&UsageEvent) -> bool) -> CompareReport {
    let mut sums = Sums::default();
    for Facts { session, measured } in facts {
        for comparison in session.comparisons(measured) {
            sums.add(&comparison, prices, &is_asked);
        }
    }
    CompareReport { by_task: rows(sums.by_task), by_estimator: rows(sums.by_estimator), ..sums.report }
}

/// How good the entries of one session were.
pub(crate) fn of_session(session: &Session, measured: &[UsageEvent], prices: &PriceBook) -> Score {
    let mut sums = Sums::default();
    for comparison in session.comparisons(measured) {
        sums.add(&comparison, prices, |_| true);
    }
    sums.report.total
}

#[derive(Default)]
struct Sums {
    report: CompareReport,
    by_task: BTreeMap<String, Score>,
    by_estimator: BTreeMap<&'static str, Score>,
}

impl Sums {
    fn add(&mut self, comparison: &Comparison<'_>, prices: &PriceBook, is_asked: impl Fn(&UsageEvent) -> bool) {
        let asked = comparison.said.iter().filter(|(said, _)| is_asked(said)).count() as u64;
        let report = &mut self.report;
        if asked == 0 {
            return;
        }
        if comparison.measured.is_empty() {
            report.not_measured += asked;
            return;
        }
        let unpriced = unpriced(comparison, prices);
        if !unpriced.is_empty() {
            report.not_priced += asked;
            report.unpriced_models.extend(unpriced);
            return;
        }
        for sum in comparison.measured.iter().copied().map(UsageSum::of) {
            report.missing_output += sum.missing_output;
            report.missing_cost += sum.missing_cost(prices).unwrap_or_default();
        }
        for Pair { said, estimator, estimated, measured } in pairs(comparison, prices) {
            if is_asked(said) {
                let task = said.task.as_ref().map_or(NO_TASK, |task| task.as_str());
                self.by_task.entry(task.to_owned()).or_default().add(estimated, measured);
                self.by_estimator.entry(estimator).or_default().add(estimated, measured);
                report.total.add(estimated, measured);
            }
        }
    }
}

fn cost(event: &UsageEvent, prices: &PriceBook) -> Option<Usd> {
    UsageSum::of(event).cost(prices).map(|cost| cost.total())
}

/// The models without a price in either column.
fn unpriced(comparison: &Comparison<'_>, prices: &PriceBook) -> BTreeSet<ModelId> {
    let events = comparison.said.iter().map(|(said, _)| said).chain(comparison.measured.iter().copied());
    events.filter(|event| cost(event, prices).is_none()).map(|event| event.model.clone()).collect()
}

/// Entries of one instant share what was measured in proportion to what they said; the first has what is left over.
fn pairs<'a>(comparison: &'a Comparison<'_>, prices: &PriceBook) -> Vec<Pair<'a>> {
    let measured: Usd = comparison.measured.iter().filter_map(|event| cost(event, prices)).sum();
    let said = comparison.said.iter().map(|(said, basis)| (said, basis.name(), cost(said, prices).unwrap_or_default()));
    let all: Usd = said.clone().map(|(.., estimated)| estimated).sum();
    let part = |estimated: Usd| measured.scaled(estimated.pico(), all.pico()).unwrap_or_default();
    let mut pairs: Vec<Pair<'a>> = said
        .map(|(said, estimator, estimated)| Pair { said, estimator, estimated, measured: part(estimated) })
        .collect();
    let shared: Usd = pairs.iter().map(|pair| pair.measured).sum();
    pairs[0].measured += measured - shared;
    pairs
}

fn rows<N: Into<String>>(sums: BTreeMap<N, Score>) -> Vec<CompareRow> {
    let mut rows: Vec<_> = sums.into_iter().map(|(name, score)| CompareRow { name: name.into(), score }).collect();
    rows.sort_by_key(|row| Reverse(row.score.measured));
    rows
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::event::Precision;
    use crate::domain::session::journal::Basis;
    use crate::domain::tokens::TokenUsage;
    use crate::report::session::fixture::at;
    use crate::report::session::fixture::entry;
    use crate::report::session::fixture::prices;
    use crate::report::session::fixture::session;

    /// The minute of an entry, its task if any, its basis, and the output tokens that it says. Each costs 10 millionths.
    type Said<'a> = (i64, &'a str, Basis, u64);

    /// `measured` are minutes and output tokens.
    fn compared(said: &[Said<'_>], measured: &[(i64, u64)], is_asked: impl Fn(&UsageEvent) -> bool) -> CompareReport {
        let entries = said.iter().map(|&(minute, task, basis, output)| {
            let mut entry = entry(minute, TokenUsage::new(0, output));
            entry.logged.task = task.parse().ok();
            entry.logged.basis = basis;
            entry
        });
        let session = session(entries.collect());
        let measured = measured.iter().map(|&(minute, output)| answer(&session, minute, output)).collect();
        build(&[Facts { session: &session, measured }], &prices(), is_asked)
    }

    fn answer(session: &Session, minute: i64, output: u64) -> UsageEvent {
        UsageEvent::of_entry(session, &entry(minute, TokenUsage::new(0, output))).unwrap()
    }

    fn shown(rows: &[CompareRow]) -> String {
        let ratio = |ratio: Option<Ratio>| ratio.map_or("none".to_owned(), |ratio| ratio.to_text(2));
        let mut text = String::new();
        for CompareRow { name, score: sum } in rows {
            let (accuracy, bias) = (ratio(sum.accuracy), ratio(sum.bias));
            let over = format!("{} over by {}", sum.over, sum.over_by);
            let under = format!("{} under by {}", sum.under, sum.under_by);
            let (estimated, measured) = (sum.estimated, sum.measured);
            let _ = writeln!(text, "{name}: {estimated} for {measured}, {accuracy} {bias}, {over}, {under}");
        }
        text
    }

    #[test]
    fn estimates_are_held_against_what_was_measured_in_their_place() {
        let said = [
            (5, "code", Basis::Preset, 12_000),
            (10, "code", Basis::Typed, 900),
            (15, "code", Basis::Preset, 1000),
            (20, "review", Basis::History { entries: 3 }, 5000),
            (25, "", Basis::Text { band_percent: 20 }, 100),
            (27, "chat", Basis::Preset, 1),
        ];
        let measured = [(1, 6000), (5, 4000), (6, 1000), (11, 1000), (20, 2000), (22, 50), (30, 7)];
        let report = compared(&said, &measured, |_| true);
        insta::assert_snapshot!(shown(&report.by_task), @"
        code: 0.139 for 0.12, 0.85 0.16, 1 over by 0.02, 1 under by 0.001
        review: 0.05 for 0.02, 0.40 1.50, 1 over by 0.03, 0 under by 0.00
        other: 0.001 for 0.0005, 0.50 1.00, 1 over by 0.0005, 0 under by 0.00
        ");
        insta::assert_snapshot!(shown(&report.by_estimator), @"
        preset: 0.13 for 0.11, 0.85 0.18, 1 over by 0.02, 0 under by 0.00
        history: 0.05 for 0.02, 0.40 1.50, 1 over by 0.03, 0 under by 0.00
        typed: 0.009 for 0.01, 0.90 -0.10, 0 over by 0.00, 1 under by 0.001
        text: 0.001 for 0.0005, 0.50 1.00, 1 over by 0.0005, 0 under by 0.00
        ");
        assert_eq!((report.total.entries, report.not_measured, report.not_priced), (5, 1, 0));
    }

    #[test]
    fn accuracy_is_half_for_double_and_for_half() {
        for (said, accuracy, bias) in [
            (vec![1000], "1.00", "0.00"),
            (vec![2000], "0.50", "1.00"),
            (vec![500], "0.50", "-0.50"),
            // Errors that are even in all are errors all the same.
            (vec![500, 1500], "0.60", "0.00"),
        ] {
            let entries: Vec<Said<'_>> =
                (1..).zip(&said).map(|(number, &output)| (number * 10, "code", Basis::Typed, output)).collect();
            let report = compared(&entries, &[(5, 1000), (15, 1000)], |_| true);
            let shown = [report.total.accuracy, report.total.bias].map(|ratio| ratio.unwrap().to_text(2));
            assert_eq!(shown, [accuracy, bias], "{said:?}");
        }
    }

    #[test]
    fn entries_of_one_instant_share_what_was_measured_before_them() {
        let said = [(5, "code", Basis::Typed, 3000), (5, "review", Basis::Typed, 1000), (5, "", Basis::Preset, 3)];
        let report = compared(&said, &[(5, 8001)], |_| true);
        insta::assert_snapshot!(shown(&report.by_task), @"
        code: 0.03 for 0.059962528104, 0.50 -0.50, 0 over by 0.00, 1 under by 0.029962528104
        review: 0.01 for 0.019987509368, 0.50 -0.50, 0 over by 0.00, 1 under by 0.009987509368
        other: 0.00003 for 0.000059962528, 0.50 -0.50, 0 over by 0.00, 1 under by 0.000029962528
        ");
        assert_eq!(report.total.measured.to_string(), "0.08001");
    }

    #[test]
    fn only_what_is_asked_for_is_in_any_figure() {
        let said = [
            (5, "code", Basis::Typed, 1),
            (10, "code", Basis::Typed, 2),
            (10, "chat", Basis::Typed, 2),
            (15, "chat", Basis::Typed, 4),
        ];
        let report = compared(&said, &[(5, 1), (10, 4)], |event| {
            event.at > at(5) && event.task.as_ref().unwrap().as_str() == "chat"
        });
        assert_eq!(shown(&report.by_task), "chat: 0.00002 for 0.00002, 1.00 0.00, 0 over by 0.00, 0 under by 0.00\n");
        assert_eq!((report.total.entries, report.not_measured), (1, 1));
    }

    #[test]
    fn what_has_no_price_is_left_out_and_named() {
        let mut entries: Vec<_> = [5, 10, 15].map(|minute| entry(minute, TokenUsage::new(0, 1))).to_vec();
        entries[0].logged.model = ModelId::new("unheard-of");
        let session = session(entries);
        let mut measured = [4, 9, 10, 14].map(|minute| answer(&session, minute, 1)).to_vec();
        measured[2].model = ModelId::new("unknown");
        let report = build(&[Facts { session: &session, measured }], &prices(), |_| true);
        assert_eq!((report.total.entries, report.not_priced), (1, 2));
        assert_eq!(report.unpriced_models.iter().map(ModelId::as_str).collect::<Vec<_>>(), ["unheard-of", "unknown"]);
    }

    #[test]
    fn what_was_measured_may_lack_some_output() {
        let session = session(vec![entry(5, TokenUsage::new(0, 1000)), entry(10, TokenUsage::new(0, 1))]);
        let mut measured = vec![answer(&session, 5, 10), answer(&session, 15, 10)];
        for event in &mut measured {
            event.precision = Precision::LowerBound;
            event.likely_output = Some(250);
        }
        // What was measured after the last entry stands in for no estimate.
        let report = build(&[Facts { session: &session, measured }], &prices(), |_| true);
        assert_eq!((report.missing_output, report.missing_cost.to_string().as_str()), (240, "0.0024"));
        assert_eq!(report.total.measured.to_string(), "0.0001");
    }

    proptest! {
        #[test]
        fn rows_come_to_the_total(
            said in prop::collection::vec((0_i64..40, 0_usize..3, any::<bool>(), 0_u64..2000), 0..20),
            measured in prop::collection::btree_map(0_i64..50, 0_u64..2000, 0..20),
        ) {
            let entries: Vec<Said<'_>> = said
                .iter()
                .map(|&(minute, task, is_typed, output)| {
                    (minute, ["code", "chat", ""][task], if is_typed { Basis::Typed } else { Basis::Preset }, output)
                })
                .collect();
            let measured: Vec<_> = measured.into_iter().filter(|(_, output)| *output > 0).collect();
            let report = compared(&entries, &measured, |_| true);
            let total = report.total;
            for rows in [&report.by_task, &report.by_estimator] {
                let mut sum = Score { accuracy: total.accuracy, bias: total.bias, ..Score::default() };
                for CompareRow { score: row, .. } in rows {
                    sum.entries += row.entries;
                    sum.estimated += row.estimated;
                    sum.measured += row.measured;
                    (sum.over, sum.over_by) = (sum.over + row.over, sum.over_by + row.over_by);
                    (sum.under, sum.under_by) = (sum.under + row.under, sum.under_by + row.under_by);
                }
                prop_assert_eq!(sum, total);
            }
            prop_assert_eq!(total.entries + report.not_measured, said.iter().filter(|(.., output)| *output > 0).count() as u64);
            prop_assert_eq!(total.over_by - total.under_by, total.estimated - total.measured);
            // Nothing is compared twice, and what is behind the last entry is not compared.
            let last = said.iter().filter(|(.., output)| *output > 0).map(|(minute, ..)| *minute).max();
            let until_last = measured.iter().filter(|(minute, _)| last.is_some_and(|last| *minute <= last));
            let in_reach: Usd = until_last.map(|(_, output)| Usd::from_pico(i128::from(*output) * 10_000_000)).sum();
            prop_assert!(total.measured <= in_reach);
            let (zero, one) = (Ratio::of(0, 1), Ratio::of(1, 1));
            prop_assert!(total.accuracy.is_none_or(|accuracy| zero <= Some(accuracy) && Some(accuracy) <= one));
        }
    }
}
