//! Which figures are compared, and what is added up.

use std::sync::Arc;

use super::*;
use crate::domain::event::Place;
use crate::domain::event::Precision;
use crate::domain::import::CostOfModel;
use crate::domain::import::FileMark;
use crate::domain::price::Terms;
use crate::domain::tokens::TokenUsage;
use crate::report::session::fixture;
use crate::report::session::fixture::at;

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

/// A million tokens out on the big model cost $20.
fn sum(conversation: &str, minute: i64, output: u64) -> UsageSum {
    UsageSum {
        at: at(minute),
        model: ModelId::new("big"),
        terms: Terms::default(),
        prompt: 0,
        precision: Precision::Measured,
        place: Arc::new(Place { conversation: Some(conversation.to_owned()), ..Place::default() }),
        exchanges: 1,
        tokens: TokenUsage::new(0, output),
        missing_output: 0,
    }
}

fn state(conversation: &str, total: &str) -> CostState {
    CostState {
        conversation: conversation.to_owned(),
        total: usd(total),
        has_unknown_model: false,
        at: Some(at(100)),
        models: Vec::new(),
    }
}

fn status(conversation: &str, before: &str, total: &str) -> StatusCost {
    StatusCost { conversation: conversation.to_owned(), total: usd(total), before: usd(before), seen_at: at(100) }
}

fn report(sums: &[UsageSum], states: &[CostState], statuses: &[StatusCost], forks: &[&str]) -> ReconcileReport {
    let files: Vec<FileMark> = forks
        .iter()
        .map(|fork| FileMark {
            path: format!("/p/{fork}.jsonl").into(),
            size: 0,
            modified: 0,
            inode: 0,
            done: 0,
            tail: 0,
            began_at: Some(at(0)),
        })
        .collect();
    let titles = BTreeMap::from([("b".to_owned(), "JWT".to_owned())]);
    let facts = Facts {
        sums,
        states,
        statuses,
        limits: &[],
        titles: &titles,
        families: &Families::of(files.iter()),
        prices: &fixture::prices(),
        tz: Tz::UTC,
    };
    build(&facts, &Asked { since: Some(at(0)), ..Asked::default() })
}

#[test]
fn what_claude_code_wrote_at_the_end_goes_before_what_it_told_meanwhile() {
    let sums = [sum("a", 1, 1_000_000), sum("b", 2, 1_000_000), sum("c", 3, 1_000_000)];
    let report = report(&sums, &[state("a", "20")], &[status("a", "0", "18"), status("b", "5", "15")], &[]);
    let rows: Vec<_> = report.conversations.iter().map(|row| (row.title.as_deref(), row.difference)).collect();
    assert_eq!(rows, [(None, Usd::ZERO), (Some("JWT"), Usd::ZERO)]);
    assert_eq!(report.conversations[0].status_line, Some(usd("18")));
    assert_eq!(report.not_stated, NotStated { conversations: 1, cost: usd("20") });
    let Totals { ours, stated, difference, unexplained, .. } = report.totals;
    assert_eq!((ours, stated, difference, unexplained), (usd("40"), usd("40"), Usd::ZERO, Usd::ZERO));
}

#[test]
fn forks_are_compared_together() {
    let sums = [sum("a", 1, 1_000_000), sum("b", 2, 500_000)];
    let states = [state("a", "20"), state("b", "30")];
    let together = report(&sums, &states, &[], &["a", "b"]);
    let [row] = together.conversations.as_slice() else { panic!("{together:?}") };
    assert_eq!((row.conversations.len(), row.ours, row.cost_state), (2, usd("30"), Some(usd("30"))));
    assert_eq!(row.explanation, Explanation::Forks);
    let apart = report(&sums, &states, &[], &[]);
    let explanations: Vec<_> = apart.conversations.iter().map(|row| row.explanation).collect();
    assert_eq!(explanations, [Explanation::Agrees, Explanation::Unexplained]);
    assert_eq!(apart.totals.unexplained, usd("20"));
    assert_eq!(apart.totals.share.map(|share| share.rounded(3)), Some(667));
}

#[test]
fn models_are_set_beside_each_other_whatever_their_context_is_called() {
    let of = |model: &str, cost: &str| CostOfModel {
        model: ModelId::new(model),
        tokens: TokenUsage::default(),
        cost: usd(cost),
    };
    let models = vec![of("big[1m]", "20"), of("helper", "12")];
    let states = [CostState { models, ..state("a", "32") }];
    let report = report(&[sum("a", 1, 1_000_000)], &states, &[], &[]);
    let row = &report.conversations[0];
    assert_eq!(row.explanation, Explanation::Helpers);
    let models: Vec<_> = row.models.iter().map(|row| (row.model.as_str(), row.ours, row.stated)).collect();
    assert_eq!(models, [("big", Some(usd("20")), Some(usd("20"))), ("helper", Some(Usd::ZERO), Some(usd("12")))]);
}

/// Tokens of the big model cost $20 a million, those of the small one $10, and of `new` nobody here has a price.
#[test]
fn a_model_without_a_price_explains_what_it_can_cost() {
    let of = |model: &str, cost: &str| CostOfModel {
        model: ModelId::new(model),
        tokens: TokenUsage::default(),
        cost: usd(cost),
    };
    let new = |output| UsageSum { model: ModelId::new("new"), ..sum("a", 2, output) };
    let explanation =
        |sums: &[UsageSum], state: CostState| report(sums, &[state], &[], &[]).conversations[0].explanation;
    let guessed =
        |total: &str, models: Vec<CostOfModel>| CostState { has_unknown_model: true, models, ..state("a", total) };
    let told = |total: &str, models: Vec<CostOfModel>| CostState { models, ..state("a", total) };
    let big = sum("a", 1, 1_000_000);
    for (sums, state, is_it) in [
        // By the total alone: as much as it would cost as any other model.
        (vec![big.clone(), new(1_000_000)], state("a", "35"), true),
        (vec![big.clone(), new(1_000_000)], state("a", "41"), false),
        (vec![big.clone(), new(10)], state("a", "5"), false),
        (vec![big.clone()], guessed("10", vec![]), true),
        (vec![big.clone()], guessed("9", vec![]), false),
        // By model: what Claude Code says that it cost, and nothing of the others.
        (vec![big.clone(), new(1_000_000)], told("35", vec![of("big", "20"), of("new", "15")]), true),
        (vec![big.clone(), new(1_000_000)], told("30", vec![of("big", "15"), of("new", "15")]), false),
        (vec![big.clone(), new(10)], told("5", vec![of("big", "5")]), false),
        (vec![big.clone()], guessed("10", vec![of("big", "10")]), true),
        (vec![big.clone()], guessed("10", vec![of("big", "20"), of("helper", "-10")]), false),
        (vec![big], guessed("1", vec![of("big", "1")]), false),
    ] {
        let said = format!("{state:?}");
        let explanation = explanation(&sums, state);
        assert_eq!(explanation == Explanation::UnknownModel, is_it, "{explanation:?} {said}");
    }
}

#[test]
fn what_was_done_later_is_not_in_an_older_figure() {
    let sums = [sum("a", 1, 1_000_000), sum("a", 110, 500_000)];
    let report = report(&sums, &[state("a", "20")], &[], &[]);
    assert_eq!(report.conversations[0].explanation, Explanation::Later);
}

#[test]
fn a_conversation_is_meant_whole_or_not_at_all() {
    let sums = [sum("a", -5, 1_000_000), sum("a", 5, 1_000_000), sum("b", -5, 1_000_000)];
    let report = report(&sums, &[state("a", "40"), state("b", "20"), state("gone", "1")], &[], &[]);
    let rows: Vec<_> = report.conversations.iter().map(|row| (row.ours, row.explanation)).collect();
    assert_eq!(rows, [(usd("40"), Explanation::Agrees), (Usd::ZERO, Explanation::NotTranscribed)]);
}
