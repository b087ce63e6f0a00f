//! What another program has added up beside our own sums, by day and model.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::Serialize;

use crate::domain::foreign::ForeignSum;
use crate::domain::foreign::ForeignUsage;
use crate::domain::ledger::UsageSum;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::price::PriceBook;
use crate::domain::price::Speed;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct CrossCheck {
    /// The days of the other report; ours outside of them are not compared.
    pub(crate) first_day: Option<NaiveDate>,
    pub(crate) last_day: Option<NaiveDate>,
    pub(crate) rows: Vec<CrossRow>,
    pub(crate) totals: CrossSums,
    /// Other programs than Claude Code whose usage is in the other report and cannot be told apart.
    pub(crate) other_agents: BTreeSet<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct CrossRow {
    pub(crate) day: NaiveDate,
    pub(crate) model: String,
    #[serde(flatten)]
    pub(crate) sums: CrossSums,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct CrossSums {
    pub(crate) ours: ForeignSum,
    pub(crate) theirs: ForeignSum,
    /// Theirs less ours.
    pub(crate) difference: Difference,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    pub(crate) input: i64,
    pub(crate) output: i64,
    pub(crate) cache_write: i64,
    pub(crate) cache_read: i64,
    pub(crate) cost: Option<Usd>,
}

impl CrossCheck {
    /// Whether both count the same tokens.
    pub(crate) fn agrees(&self) -> bool {
        self.rows.iter().all(|row| row.sums.difference.has_no_tokens())
    }
}

impl Difference {
    /// Of all kinds together.
    pub(crate) fn tokens(&self) -> i64 {
        self.input + self.output + self.cache_write + self.cache_read
    }

    fn has_no_tokens(&self) -> bool {
        Self { cost: None, ..*self } == Self::default()
    }
}

impl CrossSums {
    /// Whether both count the same at the same cost, but for what floats lose.
    pub(crate) fn agree(&self) -> bool {
        const MILLIONTH: i128 = 1_000_000;
        let cost = self.difference.cost;
        self.difference.has_no_tokens()
            && cost.map_or(self.ours.cost == self.theirs.cost, |cost| cost.pico().abs() < MILLIONTH)
    }

    fn of(ours: ForeignSum, theirs: ForeignSum) -> Self {
        let less = |theirs: u64, ours: u64| theirs.cast_signed() - ours.cast_signed();
        let difference = Difference {
            input: less(theirs.input, ours.input),
            output: less(theirs.output, ours.output),
            cache_write: less(theirs.cache_write, ours.cache_write),
            cache_read: less(theirs.cache_read, ours.cache_read),
            cost: theirs.cost.zip(ours.cost).map(|(theirs, ours)| theirs - ours),
        };
        Self { ours, theirs, difference }
    }
}

/// Nothing, at no cost.
const NOTHING: ForeignSum = ForeignSum { input: 0, output: 0, cache_write: 0, cache_read: 0, cost: Some(Usd::ZERO) };

pub(crate) fn build(sums: &[UsageSum], theirs: ForeignUsage, prices: &PriceBook, tz: Tz) -> CrossCheck {
    let days = || theirs.by_day_and_model.keys().map(|(day, _)| *day);
    let (first_day, last_day) = (days().min(), days().max());
    let mut rows: BTreeMap<(NaiveDate, String), (ForeignSum, ForeignSum)> = BTreeMap::new();
    for sum in sums.iter().filter(|sum| sum.precision.is_measured()) {
        let day = sum.at.with_timezone(&tz).date_naive();
        if first_day.is_none_or(|first| day < first) || last_day.is_none_or(|last| day > last) {
            continue;
        }
        let (ours, _) = rows.entry((day, name(&sum.model, sum.terms.speed))).or_insert((NOTHING, NOTHING));
        *ours = ours.and(ForeignSum {
            input: sum.tokens.input,
            output: sum.tokens.output,
            cache_write: sum.tokens.cache_write(),
            cache_read: sum.tokens.cache_read,
            cost: sum.cost(prices).map(|cost| cost.total()),
        });
    }
    for ((day, model), sum) in &theirs.by_day_and_model {
        let (_, theirs) = rows.entry((*day, name(model, None))).or_insert((NOTHING, NOTHING));
        *theirs = theirs.and(*sum);
    }
    let (ours, others) =
        rows.values().fold((NOTHING, NOTHING), |(ours, theirs), (our, their)| (ours.and(*our), theirs.and(*their)));
    let row = |((day, model), (ours, theirs))| CrossRow { day, model, sums: CrossSums::of(ours, theirs) };
    CrossCheck {
        first_day,
        last_day,
        rows: rows.into_iter().map(row).collect(),
        totals: CrossSums::of(ours, others),
        other_agents: theirs.other_agents,
    }
}

/// As both call it. A fast answer counts as another model, as it costs like one.
fn name(model: &ModelId, speed: Option<Speed>) -> String {
    let plain = model.plain();
    let is_fast = speed.map_or(plain.is_fast, |speed| speed == Speed::Fast);
    if is_fast { format!("{}-fast", plain.name) } else { plain.name }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::TimeDelta;

    use super::*;
    use crate::domain::event::Precision;
    use crate::domain::price::Terms;
    use crate::domain::tokens::TokenUsage;
    use crate::report::session::fixture;
    use crate::report::session::fixture::at;

    fn sum(day: i64, model: &str, output: u64) -> UsageSum {
        UsageSum {
            at: at(0) + TimeDelta::try_days(day).unwrap(),
            model: ModelId::new(model),
            terms: Terms::default(),
            prompt: 0,
            precision: Precision::Measured,
            place: Arc::default(),
            exchanges: 1,
            tokens: TokenUsage { cache_write_1h: 7, ..TokenUsage::new(10, output) },
            missing_output: 0,
        }
    }

    fn theirs(rows: &[(i64, &str, u64, Option<&str>)]) -> ForeignUsage {
        let by_day_and_model = rows.iter().map(|&(day, model, output, cost)| {
            let day = (at(0) + TimeDelta::try_days(day).unwrap()).date_naive();
            let cost = cost.map(|cost| cost.parse().unwrap());
            ((day, ModelId::new(model)), ForeignSum { input: 10, output, cache_write: 7, cache_read: 0, cost })
        });
        ForeignUsage { by_day_and_model: by_day_and_model.collect(), other_agents: BTreeSet::new() }
    }

    fn check(sums: &[UsageSum], theirs: ForeignUsage) -> CrossCheck {
        build(sums, theirs, &fixture::prices(), Tz::UTC)
    }

    #[test]
    fn both_sides_stand_beside_each_other_in_their_days() {
        let sums = [sum(0, "big", 1), sum(1, "big", 100), sum(1, "small", 5), sum(3, "big", 1)];
        let stated = UsageSum { precision: Precision::Stated, ..sum(1, "big", 1_000) };
        let sums = [sums.as_slice(), &[stated]].concat();
        let check = check(&sums, theirs(&[(1, "big[1m]", 60, Some("0.002")), (2, "new", 9, None)]));
        let rows: Vec<_> = check
            .rows
            .iter()
            .map(|row| (row.model.as_str(), row.sums.difference.output, row.sums.difference.cost))
            .collect();
        let usd = |text: &str| text.parse().ok();
        // 10 in at $4, 100 out at $20 and 7 written at $8 a million are $0.002096.
        assert_eq!(
            rows,
            [("big", -40, usd("-0.000096")), ("small", -5, usd("-0.000098")), ("new", 9, None)],
            "{:?}",
            check.rows
        );
        assert_eq!(check.totals.difference, Difference { output: -36, ..Difference::default() });
        assert!(!check.agrees());
    }

    #[test]
    fn the_same_tokens_agree_at_whatever_cost() {
        let sums = [sum(1, "big", 100)];
        assert!(check(&sums, theirs(&[(1, "big", 100, None)])).agrees());
        assert!(!check(&sums, theirs(&[(1, "small", 100, None)])).agrees());
    }

    #[test]
    fn fast_answers_are_a_model_of_their_own() {
        for (model, speed, expected) in [
            ("claude-opus-5-5", None, "claude-opus-5-5"),
            ("claude-opus-5-5-fast", None, "claude-opus-5-5-fast"),
            ("claude-opus-5-5", Some(Speed::Fast), "claude-opus-5-5-fast"),
            ("claude-opus-5-5-fast", Some(Speed::Standard), "claude-opus-5-5"),
        ] {
            assert_eq!(name(&ModelId::new(model), speed), expected);
        }
    }
}
