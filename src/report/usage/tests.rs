//! That all rows of all reports come to the same, and what they say of what is not known.

use std::sync::Arc;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use chrono::Weekday;
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::domain::block::LENGTH;
use crate::domain::price::Speed;
use crate::domain::price::Terms;
use crate::report::block;
use crate::report::session::fixture::prices;
use crate::report::usage::filter::Filter;
use crate::report::usage::fixture::any_sum;
use crate::report::usage::fixture::sum;

fn total_of_rows(rows: &[Row]) -> Total {
    rows.iter().fold(Total::default(), |mut total, row| {
        total.add(&row.usage.total);
        total
    })
}

proptest! {
    #[test]
    fn every_report_comes_to_the_same(
        sums in prop::collection::vec(any_sum(), 0..60),
        seed in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
    ) {
        let zone = Tz::America__Havana;
        let expected = build(&sums, &prices(), &[], zone).totals;
        for by in [
            By::Day, By::Week(Weekday::Sun), By::Week(Weekday::Wed), By::Month, By::Hour, By::Conversation, By::Project,
            By::Model, By::Branch, By::Agent, By::Skill,
        ] {
            let report = build(&sums, &prices(), &[by, By::Day], zone);
            prop_assert_eq!(&report.totals, &expected);
            prop_assert_eq!(total_of_rows(&report.rows), expected.total, "by {:?}", by);
            for row in &report.rows {
                prop_assert_eq!(total_of_rows(&row.rows), row.usage.total, "within {:?}", row.key);
                let by_model = row.usage.models.values().fold(Total::default(), |mut sum, model| { sum.add(model); sum });
                prop_assert_eq!(by_model, row.usage.total);
            }
        }

        let mut activity: Vec<(DateTime<Utc>, DateTime<Utc>)> =
            sums.iter().map(|sum| (sum.at, sum.at + TimeDelta::new(899, 0).unwrap())).collect();
        activity.sort_unstable();
        activity.dedup();
        let blocks = block::build(&activity, &sums, &prices(), LENGTH, activity.last().map_or(DateTime::UNIX_EPOCH, |last| last.1));
        prop_assert_eq!(blocks.total(), expected.total);

        let (one, two) = (seed.index(10_001), other.index(10_001));
        let (since, until) = (one.min(two), one.max(two));
        let at = |quarter: usize| DateTime::from_timestamp((1_790_000 + i64::try_from(quarter).unwrap()) * 900, 0).unwrap();
        let span = (Some(at(since)), Some(at(until)));
        let part: Vec<UsageSum> = sums.iter().filter(|sum| at(since) <= sum.at && sum.at < at(until)).cloned().collect();
        let mut blocks = block::build(&activity, &part, &prices(), LENGTH, at(10_000));
        blocks.cut(span, true);
        prop_assert_eq!(blocks.total(), build(&part, &prices(), &[By::Day], zone).totals.total);
        prop_assert!(blocks.blocks.iter().all(|row| row.block.work.is_none() || row.usage.total.exchanges > 0));

        let mut turned = sums.clone();
        turned.rotate_left(if sums.is_empty() { 0 } else { seed.index(sums.len()) });
        prop_assert_eq!(build(&turned, &prices(), &[By::Conversation], zone), build(&sums, &prices(), &[By::Conversation], zone));
    }
}

#[test]
fn what_has_no_price_is_never_a_zero() {
    let sums = [sum("2026-11-22T10:00:00Z", "unheard-of", 7), sum("2026-11-23T10:00:00Z", "big", 1000)];
    let report = build(&sums, &prices(), &[By::Day], Tz::UTC);
    let costs: Vec<_> =
        report.rows.iter().map(|row| row.usage.total.known_cost().map(|cost| cost.to_string())).collect();
    assert_eq!(costs, [None, Some("0.02".to_owned())]);
    assert_eq!(report.totals.total.known_cost().unwrap().to_string(), "0.02");
    assert_eq!((report.totals.total.tokens.output, report.totals.total.unpriced_tokens), (1007, 7));
    assert_eq!(report.totals.unpriced_models().collect::<Vec<_>>(), [&ModelId::new("unheard-of")]);
    assert_eq!(Total::default().known_cost(), Some(Usd::ZERO), "nothing costs nothing");
}

#[test]
fn what_unfinished_records_lack_stands_apart() {
    let unfinished = UsageSum { missing_output: 500, ..sum("2026-11-23T10:00:00Z", "big", 1) };
    let total = build(&[unfinished], &prices(), &[], Tz::UTC).totals.total;
    assert_eq!((total.tokens.output, total.cost.total().to_string()), (1, "0.00002".to_owned()));
    assert_eq!((total.missing_output, total.missing_cost.to_string()), (500, "0.01".to_owned()));
}

#[test]
fn a_fast_answer_is_another_models() {
    let fast = |model| UsageSum {
        terms: Terms { speed: Some(Speed::Fast), ..Terms::default() },
        ..sum("2026-11-23T10:00:00Z", model, 1)
    };
    let sums = [fast("big"), fast("big-fast"), sum("2026-11-23T10:00:00Z", "big", 1)];
    let report = build(&sums, &prices(), &[By::Model], Tz::UTC);
    let rows: Vec<_> = report.rows.iter().map(|row| (&row.key, row.usage.total.exchanges)).collect();
    assert_eq!(rows, [(&Key::Model(ModelId::new("big")), 1), (&Key::Model(ModelId::new("big-fast")), 2)]);
}

#[test]
fn a_longer_context_makes_no_other_model() {
    let names = ["claude-opus-5-5", "claude-opus-5-5[1m]", "claude-opus-5-5[1M][1m]"];
    let sums = names.map(|model| sum("2026-11-23T10:00:00Z", model, 1));
    let report = build(&sums, &prices(), &[By::Model], Tz::UTC);
    let rows: Vec<_> = report.rows.iter().map(|row| (&row.key, row.usage.total.exchanges)).collect();
    assert_eq!(rows, [(&Key::Model(ModelId::new("claude-opus-5-5")), 3)]);
    assert_eq!(report.totals.models.keys().collect::<Vec<_>>(), [&ModelId::new("claude-opus-5-5")]);
}

#[test]
fn a_filter_wants_all_that_it_names() {
    let place = Place {
        project: "/work/my shop".to_owned(),
        branch: Some("main".to_owned()),
        conversation: Some("c1".to_owned()),
        ..Place::default()
    };
    let sum = UsageSum { place: Arc::new(place), ..sum("2026-11-23T10:00:00Z", "claude-opus-5-5", 1) };
    let none = Filter::default();
    let asked = |text: &str| Some(text.to_owned());
    for (filter, holds) in [
        (none.clone(), true),
        (Filter { project: asked("/work/my shop"), ..none.clone() }, true),
        (Filter { project: asked("my shop"), ..none.clone() }, true),
        (Filter { project: asked("-work-my-shop"), ..none.clone() }, true),
        (Filter { project: asked("shop"), ..none.clone() }, false),
        (Filter { branch: asked("main"), model: asked("opus"), ..none.clone() }, true),
        (Filter { branch: asked("main"), model: asked("haiku"), ..none.clone() }, false),
        (Filter { branch: asked("mai"), ..none.clone() }, false),
        (Filter { conversation: asked("c1"), ..none.clone() }, true),
        (Filter { conversation: asked("c"), ..none.clone() }, false),
    ] {
        assert_eq!(filter.holds(&sum), holds, "{filter:?}");
    }
}

#[test]
fn times_are_in_order_of_time_and_all_else_of_cost() {
    let sums = [
        sum("2026-11-21T10:00:00Z", "small", 10),
        sum("2026-11-22T10:00:00Z", "small", 5),
        sum("2026-11-22T10:00:00Z", "big", 10),
    ];
    let arranged = |by: &[By], direction| {
        let mut report = build(&sums, &prices(), by, Tz::UTC);
        report.arrange(direction);
        let mut keys = Vec::new();
        for row in &report.rows {
            keys.push(&row.key);
            keys.extend(row.rows.iter().map(|row| &row.key));
        }
        let words = keys.iter().map(|key| match key {
            Key::Day(day) => day.format("%d").to_string(),
            Key::Model(model) => model.to_string(),
            key => panic!("{key:?}"),
        });
        words.collect::<Vec<_>>().join(" ")
    };
    for (direction, by_day, by_model) in [
        (None, "21 small 22 big small", "big 22 small 21 22"),
        (Some(Direction::Ascending), "21 small 22 small big", "small 21 22 big 22"),
        (Some(Direction::Descending), "22 big small 21 small", "big 22 small 22 21"),
    ] {
        assert_eq!(arranged(&[By::Day, By::Model], direction), by_day, "{direction:?}");
        assert_eq!(arranged(&[By::Model, By::Day], direction), by_model, "{direction:?}");
    }
}
