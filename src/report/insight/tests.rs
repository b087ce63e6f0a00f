//! Each rule with the cases on both sides of its limits.

use super::*;
use crate::domain::event::UsageEvent;
use crate::domain::price::Tier;
use crate::domain::session::Entry;
use crate::domain::session::Session;
use crate::domain::session::State;
use crate::domain::session::past::PastSession;
use crate::report::session::CommitFacts;
use crate::report::session::fixture::entry;
use crate::report::session::fixture::past;
use crate::report::session::fixture::report;
use crate::report::session::fixture::session;

/// An entry of so many thousandths of a dollar.
fn costing(minute: i64, thousandths: u64) -> Entry {
    entry(minute, TokenUsage::new(thousandths * 500, 0))
}

fn of_task(mut entry: Entry, task: &str, model: &str) -> Entry {
    entry.logged.task = Some(task.parse().unwrap());
    entry.logged.model = ModelId::new(model);
    entry
}

fn insights(session: &Session, earlier: &[PastSession]) -> Vec<Insight> {
    report(session, &CommitFacts::default(), earlier).insights
}

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

#[test]
fn the_median_is_in_the_middle() {
    let amounts = |pico: &[i128]| pico.iter().map(|&pico| Usd::from_pico(pico)).collect::<Vec<_>>();
    for (of, middle) in [(vec![3, 1, 2], Some(2)), (vec![4, 1, 2, 3], Some(2)), (vec![], None)] {
        assert_eq!(median(amounts(&of)), middle.map(Usd::from_pico), "{of:?}");
    }
}

#[test]
fn an_entry_stands_out_by_thrice_the_median_and_a_quarter_of_the_total() {
    for (thousandths, stand_out) in [
        (vec![10, 10, 30], vec![30]),
        (vec![10, 10, 29], vec![]),
        (vec![10, 30], vec![]),
        (vec![10, 10, 10, 10, 10, 10, 10, 10, 10, 29], vec![]),
        (vec![10, 10, 10, 10, 10, 10, 10, 10, 10, 30], vec![30]),
        (vec![10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 30], vec![]),
        (vec![10, 10, 10, 40, 40], vec![40, 40]),
        (vec![0, 0, 0], vec![]),
    ] {
        let entries = (1..).zip(&thousandths).map(|(minute, &cost)| costing(minute, cost)).collect();
        let found: Vec<Usd> = insights(&session(entries), &[])
            .into_iter()
            .filter_map(|insight| if let Insight::HighCostEntry { cost, .. } = insight { Some(cost) } else { None })
            .collect();
        let expected: Vec<Usd> = stand_out.iter().map(|&cost: &i128| Usd::from_pico(cost * 1_000_000_000)).collect();
        assert_eq!(found, expected, "{thousandths:?}");
    }
}

#[test]
fn a_cheaper_model_is_named_with_what_it_saves() {
    for (task, model, saving) in [
        ("code", "big", Some("2.00")),
        ("code", "small", None),
        // For plans the large model is advised.
        ("plan", "big", None),
        ("plan", "small", None),
        // No chat model is in the book, and nothing can be compared with a model that is not.
        ("chat", "big", None),
        ("code", "nosuch", None),
        ("my-own", "big", None),
    ] {
        let session = session(vec![of_task(entry(1, TokenUsage::new(1_000_000, 0)), task, model)]);
        let found = insights(&session, &[]).into_iter().find_map(|insight| match insight {
            Insight::CheaperModel { cost, advised_cost, saving, .. } => Some((cost, advised_cost, saving)),
            _ => None,
        });
        let expected = saving.map(|saving| (usd("4"), usd("4") - usd(saving), usd(saving)));
        assert_eq!(found, expected, "{task} on {model}");
    }
}

#[test]
fn what_another_model_would_have_cost_goes_by_the_same_mode_and_prompt() {
    let list = r#"{"version":1,"models":[{"id":"m","vendor":"a","prices":[{"rates":{"in":"2","out":"10"},
        "long":{"over":1000,"rates":{"in":"4","out":"20"}}}],"batch":"0.5","source":"x"}]}"#;
    let prices = PriceBook::new(serde_json::from_str(list).unwrap());
    let session = session(vec![entry(1, TokenUsage::new(1_000_000, 0))]);
    let typed = UsageEvent::of_entry(&session, &session.entries[0]).unwrap();
    let batch = Terms { tier: Tier::Batch, ..Terms::default() };
    let measured = UsageEvent { prompt: 1000, terms: batch, ..typed.clone() };
    for (event, cost) in [(None, "4"), (Some(&measured), "1")] {
        let UsageEvent { at, tokens, precision, .. } = typed;
        let exchange = Exchange { at, model: &typed.model, tokens, precision, cost: None, event };
        let found = cost_on(&ModelId::new("m"), &exchange, &prices).map(|cost| cost.total());
        assert_eq!(found, Some(usd(cost)));
    }
}

#[test]
fn exchanges_of_one_task_and_model_are_one_advice_the_largest_saving_first() {
    let million = TokenUsage::new(1_000_000, 0);
    let session = session(vec![
        of_task(entry(1, TokenUsage::new(10_000, 0)), "debug", "big"),
        of_task(entry(2, million), "code", "big"),
        of_task(entry(3, million), "code", "big"),
    ]);
    let found: Vec<(String, u64, Usd)> = insights(&session, &[])
        .into_iter()
        .filter_map(|insight| match insight {
            Insight::CheaperModel { task, exchanges, saving, .. } => Some((task.to_string(), exchanges, saving)),
            _ => None,
        })
        .collect();
    assert_eq!(found, [("code".to_owned(), 2, usd("4")), ("debug".to_owned(), 1, usd("0.02"))]);
}

#[test]
fn a_ratio_is_unusual_outside_the_range_of_its_task() {
    // A review takes 1000 to 3000 in and 500 to 1500 out: 0.17 to 1.5 out for each in.
    for (input, output, basis, is_unusual) in [
        (3000, 500, Basis::Typed, false),
        (3000, 499, Basis::Typed, true),
        (1000, 1500, Basis::Typed, false),
        (1000, 1501, Basis::Typed, true),
        (1000, 9000, Basis::Preset, false),
        (0, 500, Basis::Typed, false),
    ] {
        let mut entry = of_task(entry(1, TokenUsage::new(input, output)), "review", "small");
        entry.logged.basis = basis;
        let found = insights(&session(vec![entry]), &[]);
        let is_found = found.iter().any(|insight| matches!(insight, Insight::UnusualRatio { .. }));
        assert_eq!(is_found, is_unusual, "{input} in, {output} out, {basis:?}");
    }
}

#[test]
fn a_trend_needs_three_sessions_and_a_tenth_of_a_difference() {
    for (now, before, change) in [
        (50, vec![100, 100], None),
        (50, vec![100, 100, 100], Some("-0.50")),
        (150, vec![100, 90, 500], Some("0.50")),
        (109, vec![100, 100, 100], None),
        (110, vec![100, 100, 100], Some("0.10")),
        (100, vec![0, 0, 0], None),
    ] {
        let earlier: Vec<PastSession> = before.iter().map(|&cost| past(&session(vec![costing(1, cost)]))).collect();
        let found = insights(&session(vec![costing(1, now)]), &earlier).into_iter().find_map(|insight| match insight {
            Insight::Trend { change, sessions, .. } => Some((change.to_text(2), sessions)),
            _ => None,
        });
        assert_eq!(found, change.map(|change| (change.to_owned(), before.len())), "{now} after {before:?}");
    }
}

#[test]
fn a_trend_leaves_out_what_has_no_price() {
    let plain = past(&session(vec![costing(1, 100)]));
    let unpriced = past(&session(vec![of_task(costing(1, 100), "code", "nosuch")]));
    let now = session(vec![costing(1, 50)]);
    let has_trend = |earlier: &[PastSession], now: &Session| {
        insights(now, earlier).iter().any(|insight| matches!(insight, Insight::Trend { .. }))
    };
    assert!(has_trend(&[plain.clone(), plain.clone(), plain.clone()], &now));
    assert!(!has_trend(&[plain.clone(), plain.clone()], &now));
    assert!(!has_trend(&[plain.clone(), plain.clone(), unpriced], &now));
    let half_known = session(vec![costing(1, 50), of_task(costing(2, 10), "code", "nosuch")]);
    assert!(!has_trend(&[plain.clone(), plain.clone(), plain], &half_known));
}

#[test]
fn estimate_and_budget_are_missed_beyond_their_limits() {
    for (estimate, budget, is_missed, is_over) in [
        ("0.10", "0.10", false, false),
        ("0.092", "0.0999", false, true),
        ("0.09", "1", true, false),
        ("0.112", "0", true, true),
        ("0", "0.1", false, false),
    ] {
        let mut session = session(vec![costing(1, 100)]);
        session.start.estimate = Some(usd(estimate));
        session.start.budget = Some(usd(budget));
        let found = insights(&session, &[]);
        let has = |is_it: fn(&Insight) -> bool| found.iter().any(is_it);
        assert_eq!(has(|insight| matches!(insight, Insight::EstimateMissed { .. })), is_missed, "estimate {estimate}");
        assert_eq!(has(|insight| matches!(insight, Insight::OverBudget { .. })), is_over, "budget {budget}");
    }
}

#[test]
fn what_is_not_known_yet_cannot_have_cost_less_than_estimated() {
    // First with an entry without a price, then without it but while the session goes on.
    let mut session = session(vec![costing(1, 100), of_task(costing(2, 100), "code", "nosuch")]);
    for (estimate, is_missed) in [("5", false), ("5", false), ("0.01", true)] {
        session.start.estimate = Some(usd(estimate));
        let found = insights(&session, &[]);
        let is_found = found.iter().any(|insight| matches!(insight, Insight::EstimateMissed { .. }));
        assert_eq!(is_found, is_missed, "{estimate}");
        session.entries.truncate(1);
        session.state = State::Running;
    }
}

#[test]
fn guesses_are_named_from_half_of_the_cost_on() {
    for (guessed, typed, is_found) in [(50, 50, true), (49, 51, false), (0, 10, false), (10, 0, true), (0, 0, false)] {
        let mut guess = costing(1, guessed);
        guess.logged.basis = Basis::Preset;
        let found = insights(&session(vec![guess, costing(2, typed)]), &[]);
        let has = found.iter().any(|insight| matches!(insight, Insight::MostlyEstimated { .. }));
        assert_eq!(has, is_found, "{guessed} of {}", guessed + typed);
    }
}
