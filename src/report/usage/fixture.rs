//! Sums for the tests of reports.

use std::sync::Arc;

use chrono::DateTime;
use proptest::prelude::*;

use crate::domain::event::Place;
use crate::domain::event::Precision;
use crate::domain::ledger::UsageSum;
use crate::domain::model::ModelId;
use crate::domain::price::Speed;
use crate::domain::price::Terms;
use crate::domain::tokens::TokenUsage;

/// One exchange in `/work/shop`.
pub(crate) fn sum(at: &str, model: &str, output: u64) -> UsageSum {
    UsageSum {
        at: at.parse().unwrap(),
        model: ModelId::new(model),
        terms: Terms::default(),
        prompt: 0,
        precision: Precision::Measured,
        place: Arc::new(Place { project: "/work/shop".to_owned(), ..Place::default() }),
        exchanges: 1,
        tokens: TokenUsage::new(0, output),
        missing_output: 0,
    }
}

fn name(letters: &'static str) -> impl Strategy<Value = Option<String>> {
    prop::option::of(letters.prop_map(|name| name))
}

pub(crate) fn any_sum() -> impl Strategy<Value = UsageSum> {
    let place =
        (name("[ab]"), name("[ab]"), name("[ab]"), name("[ab]")).prop_map(|(project, branch, conversation, agent)| {
            Place {
                project: project.unwrap_or_default(),
                branch,
                conversation,
                agent: agent.clone(),
                skill: agent,
                ..Place::default()
            }
        });
    let model = prop::sample::select(vec!["big", "small", "unheard-of"]);
    let tokens = prop::array::uniform5(0_u64..1_000_000);
    let quarters = 1_790_000_i64..1_800_000;
    (quarters, model, any::<bool>(), place, tokens, 0_u64..1000).prop_map(
        |(quarter, model, is_fast, place, [input, output, cache_write_5m, cache_write_1h, cache_read], missing)| {
            UsageSum {
                at: DateTime::from_timestamp(quarter * 900, 0).unwrap(),
                terms: Terms { speed: is_fast.then_some(Speed::Fast), ..Terms::default() },
                prompt: input + cache_write_5m + cache_write_1h + cache_read,
                place: Arc::new(place),
                tokens: TokenUsage { input, output, cache_write_5m, cache_write_1h, cache_read, web_searches: 0 },
                missing_output: missing,
                ..sum("2026-01-01T00:00:00Z", model, 0)
            }
        },
    )
}
