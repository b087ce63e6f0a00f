//! The laws of merging: any order, any grouping and any repetition of records give the same events.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::domain::event::Place;
use crate::domain::model::ModelId;
use crate::domain::price::Terms;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000 + second, 0).unwrap()
}

fn record(request: Option<&str>, output: u64, is_sidechain: bool, path: &str, second: i64) -> Record {
    let tokens = TokenUsage { input: 3, output, cache_read: 100, ..TokenUsage::default() };
    Record {
        request: request.map(ToOwned::to_owned),
        event: UsageEvent {
            id: EventId::new("msg_1"),
            at: at(second),
            model: ModelId::new("m"),
            tokens,
            prompt: tokens.prompt(),
            terms: Terms::default(),
            precision: Precision::Measured,
            likely_output: None,
            stated_cost: None,
            place: Arc::new(Place { conversation: Some(path.to_owned()), ..Place::default() }),
            tools: BTreeSet::new(),
            commits: false,
            version: None,
            session: None,
            task: None,
        },
        claim: Claim { is_sidechain, is_copy: false, began_at: Some(at(0)), path: path.into(), at: at(second) },
        output: Output { least: output, most: output, ..Output::default() },
        apart: Vec::new(),
    }
}

fn apart(tokens: u64) -> Apart {
    Apart { model: ModelId::new("advisor"), tokens: TokenUsage::new(tokens, tokens), terms: Terms::default() }
}

fn any_record() -> impl Strategy<Value = Record> {
    let request = prop::sample::select(vec![None, Some("req_1"), Some("req_2"), Some("req_3")]);
    let path = prop::sample::select(vec!["a", "b", "c"]);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (request, 0_u64..4, path, 0_i64..4, flags, 0_u64..3).prop_map(
        |(request, output, path, second, (is_sidechain, is_copy, has_stopped, commits), block)| {
            let mut record = record(request, output, is_sidechain, path, second);
            record.claim.is_copy = is_copy;
            record.claim.began_at = (block > 0).then(|| at(i64::try_from(block).unwrap()));
            record.event.commits = commits;
            record.event.tools = [format!("tool {block}")].into();
            record.event.tokens.cache_write_1h = block;
            record.output.has_stopped = has_stopped;
            record.output.may_be_placeholder = block > 1;
            record.output.blocks = [(block, 5000)].into();
            record.apart = (0..output % 3).map(|_| apart(block)).collect();
            record.settled()
        },
    )
}

fn folded(records: &[Record]) -> Vec<Record> {
    let mut variants: BTreeMap<Option<String>, Record> = BTreeMap::new();
    for record in records {
        let merged = match variants.remove(&record.request) {
            Some(known) => known.and(record.clone()),
            None => record.clone(),
        };
        variants.insert(record.request.clone(), merged);
    }
    resolve(variants.into_values().collect())
}

proptest! {
    #[test]
    fn neither_order_nor_repetition_makes_a_difference(
        (records, shuffled) in prop::collection::vec(any_record(), 1..8).prop_flat_map(|records| {
            let twice: Vec<Record> = records.iter().chain(&records).cloned().collect();
            (Just(records), Just(twice).prop_shuffle())
        }),
    ) {
        prop_assert_eq!(folded(&records), folded(&shuffled));
    }

    #[test]
    fn records_merge_in_any_grouping(one in any_record(), two in any_record(), three in any_record()) {
        let left = one.clone().and(two.clone()).and(three.clone());
        let right = one.and(two.and(three));
        prop_assert_eq!(left, right);
    }
}

#[test]
fn the_fuller_record_counts_whole() {
    let early = record(Some("r"), 1, false, "a", 0);
    let mut late = record(Some("r"), 410, false, "b", 5);
    late.event.tokens.cache_read = 90;
    let merged = early.and(late);
    assert_eq!((merged.event.tokens.output, merged.event.tokens.cache_read), (410, 90));
    assert_eq!((merged.event.at, merged.event.place.conversation.as_deref()), (at(0), Some("a")));
}

#[test]
fn what_the_fuller_record_tells_of_besides_counts_once_and_in_its_place() {
    let mut early = record(Some("r"), 20, false, "a", 0);
    early.apart = vec![apart(7)];
    let mut late = record(Some("r"), 400, false, "b", 5);
    late.apart = vec![apart(7), apart(9)];
    let merged = folded(&[late, early]);
    let rows: Vec<_> = merged
        .iter()
        .map(|record| (record.event.id.as_str(), record.event.tokens.output, record.event.at, &record.event.place))
        .collect();
    let place = &record(None, 0, false, "a", 0).event.place;
    let row = |id, output| (id, output, at(0), place);
    assert_eq!(rows, [row("msg_1", 400), row("msg_1#0", 7), row("msg_1#1", 9)]);
}

#[test]
fn the_original_owns_what_copies_repeat() {
    let original = record(Some("r"), 5, false, "z", 0);
    for better in [
        Record { claim: Claim { is_sidechain: true, path: "a".into(), ..original.claim.clone() }, ..original.clone() },
        Record { claim: Claim { is_copy: true, path: "a".into(), ..original.claim.clone() }, ..original.clone() },
        Record {
            claim: Claim { began_at: Some(at(9)), path: "a".into(), ..original.claim.clone() },
            ..original.clone()
        },
    ] {
        assert_eq!(original.clone().and(better).claim, original.claim);
    }
}

#[test]
fn requests_are_exchanges_of_their_own_only_in_the_main_loop() {
    let ids = |records: &[Record]| -> Vec<(String, u64)> {
        folded(records).iter().map(|record| (record.event.id.to_string(), record.event.tokens.output)).collect()
    };
    let row = |id: &str, output| (id.to_owned(), output);
    let main = |request, output| record(Some(request), output, false, "a", 0);
    let side = record(Some("req_9"), 7, true, "b", 1);
    let nameless = record(None, 2, false, "c", 2);
    assert_eq!(ids(&[main("req_1", 5), side.clone()]), [row("msg_1", 7)]);
    assert_eq!(ids(&[main("req_1", 5), nameless.clone()]), [row("msg_1", 5)]);
    assert_eq!(ids(&[nameless, side.clone()]), [row("msg_1", 7)]);
    assert_eq!(ids(&[main("req_2", 5), main("req_1", 3), side]), [row("msg_1", 7), row("msg_1/req_2", 5)]);
}

#[test]
fn a_count_that_never_grew_is_a_lower_bound() {
    let precision = |stopped: bool, outputs: &[u64], may_be: bool| {
        let records = outputs.iter().map(|&output| {
            let mut record = record(Some("r"), output, false, "a", 0);
            record.output.has_stopped = stopped;
            record.output.may_be_placeholder = may_be;
            record.output.blocks = [(output, 40_000)].into();
            record.settled()
        });
        let merged = records.reduce(Record::and).unwrap();
        (merged.event.precision, merged.event.likely_output)
    };
    assert_eq!(precision(false, &[1, 1], true), (Precision::LowerBound, Some(43)));
    assert_eq!(precision(false, &[900], true), (Precision::LowerBound, Some(900)), "never less than was counted");
    assert_eq!(precision(false, &[1, 60], true), (Precision::Measured, None));
    assert_eq!(precision(true, &[1, 1], true), (Precision::Measured, None));
    assert_eq!(precision(false, &[1, 1], false), (Precision::Measured, None));
}
