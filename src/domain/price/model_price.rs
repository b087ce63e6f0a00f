//! What one model charges: rates that hold between dates, and the factors that modes and regions put on them.

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::model::Region;
use crate::domain::money::Factor;
use crate::domain::money::Rate;
use crate::domain::money::Usd;
use crate::domain::price::Cost;
use crate::domain::price::Since;
use crate::domain::price::Speed;
use crate::domain::price::Terms;
use crate::domain::price::Tier;
use crate::domain::price::off_peak::OffPeak;
use crate::domain::tokens::TokenUsage;

/// When the first model with a fast mode came out, Claude Opus 4.6 (platform.claude.com, pricing and model-deprecations;
/// code.claude.com/docs/en/fast-mode).
const FAST_MODE_SINCE: NaiveDate = NaiveDate::from_ymd_opt(2026, 2, 5).expect("a day of the calendar");

/// The price of a token by kind. A kind without a rate has no known price, which is not the price zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rates {
    #[serde(rename = "in")]
    pub(crate) input: Rate,
    #[serde(rename = "out")]
    pub(crate) output: Rate,
    #[serde(rename = "write_5m", default, skip_serializing_if = "Option::is_none")]
    pub(crate) cache_write_5m: Option<Rate>,
    #[serde(rename = "write_1h", default, skip_serializing_if = "Option::is_none")]
    pub(crate) cache_write_1h: Option<Rate>,
    #[serde(rename = "read", default, skip_serializing_if = "Option::is_none")]
    pub(crate) cache_read: Option<Rate>,
}

impl Rates {
    pub(crate) fn new(input: Rate, output: Rate) -> Self {
        Self { input, output, cache_write_5m: None, cache_write_1h: None, cache_read: None }
    }

    fn are_whole(&self) -> bool {
        self.cache_write_5m.is_some() && self.cache_write_1h.is_some() && self.cache_read.is_some()
    }

    /// These rates where `stated` has none of its own.
    pub(crate) fn overlaid(self, stated: Self) -> Self {
        Self {
            input: stated.input,
            output: stated.output,
            cache_write_5m: stated.cache_write_5m.or(self.cache_write_5m),
            cache_write_1h: stated.cache_write_1h.or(self.cache_write_1h),
            cache_read: stated.cache_read.or(self.cache_read),
        }
    }
}

/// The rates of a request whose prompt is longer than `over` tokens: of every token of it, not of those above.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LongPrompt {
    pub(crate) over: u64,
    pub(crate) rates: Rates,
}

/// Rates that hold from an instant until the next period begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Period {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Since>,
    pub(crate) rates: Rates,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) long: Option<LongPrompt>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) off_peak: Option<OffPeak>,
}

impl Period {
    pub(crate) fn always(rates: Rates) -> Self {
        Self { from: None, rates, long: None, off_peak: None }
    }

    /// The rates that one request pays.
    pub(crate) fn rates_for(&self, prompt_tokens: u64, at: DateTime<Utc>) -> &Rates {
        let long = self.long.as_ref().filter(|long| prompt_tokens > long.over).map(|long| &long.rates);
        let off_peak = || self.off_peak.as_ref().filter(|off_peak| off_peak.holds(at)).map(|off_peak| &off_peak.rates);
        long.or_else(off_peak).unwrap_or(&self.rates)
    }
}

/// A factor from an instant on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DatedFactor {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Since>,
    pub(crate) by: Factor,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    #[default]
    Chat,
    Embedding,
}

/// How sure a price is: `High` as the vendor publishes it, `Low` by inference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Confidence {
    High,
    Medium,
    Low,
}

/// A row of the price book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelPrice {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) vendor: String,
    #[serde(default, skip_serializing_if = "is_chat")]
    pub(crate) kind: Kind,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) aliases: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) family: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) released: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retired: Option<NaiveDate>,
    /// Tokens of context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) context: Option<u64>,
    /// Oldest first.
    #[serde(rename = "prices")]
    pub(crate) periods: Vec<Period>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) fast: Vec<DatedFactor>,
    /// For `inference_geo: us`; `None` where it costs no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) us: Option<Factor>,
    /// For regional endpoints; `None` where they cost no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) regional: Option<Factor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) gov: Option<Factor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) batch: Option<Factor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) web_search: Option<Usd>,
    #[serde(default)]
    pub(crate) source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) confidence: Option<Confidence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    /// From the user's file.
    #[serde(skip)]
    pub(crate) is_own: bool,
}

impl ModelPrice {
    pub(crate) fn new(id: impl Into<String>, vendor: impl Into<String>, period: Period) -> Self {
        Self {
            id: id.into(),
            vendor: vendor.into(),
            kind: Kind::Chat,
            aliases: Vec::new(),
            family: None,
            released: None,
            retired: None,
            context: None,
            periods: vec![period],
            fast: Vec::new(),
            us: None,
            regional: None,
            gov: None,
            batch: None,
            web_search: None,
            source: String::new(),
            confidence: None,
            note: None,
            is_own: false,
        }
    }

    /// The last period that had begun by then; before the first, the first. `None` for a row without prices.
    pub(crate) fn period_at(&self, at: DateTime<Utc>) -> Option<&Period> {
        last_begun(&self.periods, at, |period| period.from)
    }

    pub(crate) fn fast_at(&self, at: DateTime<Utc>) -> Option<Factor> {
        last_begun(&self.fast, at, |factor| factor.from).map(|factor| factor.by)
    }

    /// Puts a period among the others, in the place of one that begins at the same instant.
    pub(crate) fn put(&mut self, period: Period) {
        self.periods.retain(|known| known.from != period.from);
        let place = self.periods.partition_point(|known| known.from < period.from);
        self.periods.insert(place, period);
    }

    /// Whether every kind of token has a price at any time, and searches too.
    pub(crate) fn is_whole(&self) -> bool {
        let are_whole = |period: &Period| {
            let long = period.long.as_ref().map(|long| &long.rates);
            let off_peak = period.off_peak.as_ref().map(|off_peak| &off_peak.rates);
            [Some(&period.rates), long, off_peak].into_iter().flatten().all(Rates::are_whole)
        };
        self.web_search.is_some() && self.periods.iter().all(are_whole)
    }

    /// See `PriceBook::turns`.
    pub(super) fn turns(&self) -> impl Iterator<Item = i64> {
        const HOUR: i64 = 3600;
        let periods = self.periods.iter().map(|period| period.from);
        let factors = self.fast.iter().map(|factor| factor.from);
        let begins = periods.chain(factors).flatten().map(|from| from.instant().timestamp().rem_euclid(HOUR));
        let off_peak = self.periods.iter().filter_map(|period| period.off_peak.as_ref());
        begins.chain(off_peak.flat_map(OffPeak::turns).map(|minute| i64::from(minute) * 60 % HOUR))
    }

    /// See `PriceBook::cost_of`.
    pub(super) fn cost(
        &self,
        at: DateTime<Utc>,
        tokens: &TokenUsage,
        prompt: u64,
        terms: Terms,
        region: Region,
    ) -> Option<Cost> {
        let rates = self.period_at(at)?.rates_for(prompt, at);
        let factor = self.factor(at, terms, region)?;
        let charge = |rate: Option<Rate>, count: u64| match (rate, count) {
            (_, 0) => Some(Usd::ZERO),
            (rate, count) => Some(rate?.scaled(factor) * count),
        };
        let web_search = match (tokens.web_searches, self.web_search) {
            (0, _) => Usd::ZERO,
            (searches, price) => price?.scaled(i128::from(searches), 1)?,
        };
        Some(Cost {
            input: charge(Some(rates.input), tokens.input)?,
            output: charge(Some(rates.output), tokens.output)?,
            cache_write: charge(rates.cache_write_5m, tokens.cache_write_5m)?
                + charge(rates.cache_write_1h, tokens.cache_write_1h)?,
            cache_read: charge(rates.cache_read, tokens.cache_read)?,
            web_search,
        })
    }

    /// An older model cannot have answered in fast mode, whatever a gateway writes; a newer one may have a mode that is
    /// not listed yet.
    fn is_older_than_fast_mode(&self) -> bool {
        self.released.is_some_and(|released| released < FAST_MODE_SINCE)
    }

    /// Fast mode excludes batches; the other factors go together.
    fn factor(&self, at: DateTime<Utc>, terms: Terms, region: Region) -> Option<Factor> {
        let mode = match (terms.speed, terms.tier) {
            (Some(Speed::Fast), _) => self.fast_at(at).or(self.is_older_than_fast_mode().then_some(Factor::ONE))?,
            (_, Tier::Batch) => self.batch?,
            (_, Tier::Standard) => Factor::ONE,
        };
        let place = match region {
            Region::Global => None,
            Region::Regional => self.regional,
            Region::Government => self.gov,
        };
        let us = self.us.filter(|_| terms.us_only);
        Some(mode.and(us.unwrap_or(Factor::ONE)).and(place.unwrap_or(Factor::ONE)))
    }
}

fn last_begun<T>(dated: &[T], at: DateTime<Utc>, from: impl Fn(&T) -> Option<Since>) -> Option<&T> {
    let has_begun = |item: &&T| from(item).is_none_or(|from| from.instant() <= at);
    dated.iter().rev().find(has_begun).or_else(|| dated.first())
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_chat(kind: &Kind) -> bool {
    *kind == Kind::Chat
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ROW: &str = r#"{"id":"m","vendor":"v","prices":[
        {"rates":{"in":"3","out":"15","write_5m":"3.75","write_1h":"6","read":"0.3"},"long":{"over":1000,"rates":{"in":"6","out":"22.5"}}},
        {"from":"2026-03-13","rates":{"in":"2","out":"10"}}],
        "fast":[{"by":"3"},{"from":"2026-02-17","by":"6"}],"us":"1.1","regional":"1.1","gov":"1.2","batch":"0.5","web_search":"0.01","source":"s"}"#;

    fn model() -> ModelPrice {
        serde_json::from_str(ROW).unwrap()
    }

    fn total(day: &str, tokens: TokenUsage, terms: Terms, region: Region) -> Option<String> {
        let at = day.parse::<Since>().unwrap().instant();
        Some(model().cost(at, &tokens, tokens.prompt(), terms, region)?.total().to_string())
    }

    #[test]
    fn the_last_period_that_began_holds_and_before_all_the_first() {
        let tokens = TokenUsage::new(1, 0);
        for (day, cost) in [
            ("2020-01-01", "0.000003"),
            ("2026-03-12T23:59:59Z", "0.000003"),
            ("2026-03-13", "0.000002"),
            ("2030-01-01", "0.000002"),
        ] {
            assert_eq!(total(day, tokens, Terms::default(), Region::Global).as_deref(), Some(cost), "{day}");
        }
    }

    #[test]
    fn a_long_prompt_prices_the_whole_request() {
        let plain = |input| total("2026-01-01", TokenUsage::new(input, 100), Terms::default(), Region::Global);
        assert_eq!(plain(1000).as_deref(), Some("0.0045"));
        assert_eq!(plain(1001).as_deref(), Some("0.008256"));
        let cached = TokenUsage { input: 1, cache_read: 1000, ..TokenUsage::default() };
        assert_eq!(total("2026-01-01", cached, Terms::default(), Region::Global), None, "no long rate for cache reads");
    }

    #[test]
    fn factors_go_together_but_fast_is_no_batch() {
        let tokens = TokenUsage::new(1000, 0);
        let fast = Terms { speed: Some(Speed::Fast), ..Terms::default() };
        let batch = Terms { tier: Tier::Batch, ..Terms::default() };
        for (day, terms, region, cost) in [
            ("2026-02-16", fast, Region::Global, "0.009"),
            ("2026-02-17", fast, Region::Global, "0.018"),
            ("2026-02-17", Terms { us_only: true, ..fast }, Region::Global, "0.0198"),
            ("2026-02-17", Terms { tier: Tier::Batch, ..fast }, Region::Global, "0.018"),
            ("2026-01-01", batch, Region::Global, "0.0015"),
            ("2026-01-01", Terms { us_only: true, ..batch }, Region::Global, "0.00165"),
            ("2026-01-01", Terms::default(), Region::Regional, "0.0033"),
            ("2026-01-01", Terms::default(), Region::Government, "0.0036"),
        ] {
            assert_eq!(total(day, tokens, terms, region).as_deref(), Some(cost), "{terms:?} {region:?}");
        }
    }

    #[test]
    fn what_has_no_price_makes_the_whole_unknown() {
        let at = "2026-04-01".parse::<Since>().unwrap().instant();
        let mut model = model();
        let read = TokenUsage { cache_read: 1, ..TokenUsage::default() };
        assert_eq!(model.cost(at, &read, read.prompt(), Terms::default(), Region::Global), None);
        let searches = TokenUsage { web_searches: 3, ..TokenUsage::default() };
        let cost = model.cost(at, &searches, searches.prompt(), Terms::default(), Region::Global);
        assert_eq!(cost.unwrap().web_search.to_string(), "0.03");
        (model.web_search, model.fast, model.batch) = (None, Vec::new(), None);
        assert_eq!(model.cost(at, &searches, searches.prompt(), Terms::default(), Region::Global), None);
        let batch = Terms { tier: Tier::Batch, ..Terms::default() };
        assert_eq!(model.cost(at, &TokenUsage::new(1, 1), 1, batch, Region::Global), None);
        let fast = Terms { speed: Some(Speed::Fast), ..Terms::default() };
        let cost = |model: &ModelPrice, terms| model.cost(at, &TokenUsage::new(1, 1), 1, terms, Region::Global);
        assert_eq!(cost(&model, fast), None);
        model.released = NaiveDate::from_ymd_opt(2025, 5, 22);
        assert_eq!(cost(&model, fast), cost(&model, Terms::default()), "there was no fast mode yet");
        model.periods.clear();
        assert_eq!(model.cost(at, &TokenUsage::new(1, 1), 1, Terms::default(), Region::Global), None);
    }

    #[test]
    fn a_period_takes_the_place_of_one_that_begins_with_it() {
        let mut model = model();
        let rates = Rates::new("9".parse().unwrap(), "9".parse().unwrap());
        for from in ["2026-03-13", "2026-01-01"] {
            model.put(Period { from: Some(from.parse().unwrap()), ..Period::always(rates) });
        }
        let from: Vec<_> = model.periods.iter().map(|period| period.from.map(|from| from.to_string())).collect();
        assert_eq!(from, [None, Some("2026-01-01".to_owned()), Some("2026-03-13".to_owned())]);
        assert_eq!(model.periods[2].rates, rates);
    }

    #[test]
    fn a_row_survives_text() {
        let text = serde_json::to_string(&model()).unwrap();
        assert_eq!(serde_json::from_str::<ModelPrice>(&text).unwrap(), model());
    }

    proptest! {
        #[test]
        fn the_price_of_a_sum_is_the_sum_of_prices(counts in prop::collection::vec((0_u64..50, 0_u64..50_000, 0_u64..50, 0_u64..50, 0_u64..50), 0..20), us_only: bool, is_batch: bool) {
            let at = "2026-01-01".parse::<Since>().unwrap().instant();
            let terms = Terms { us_only, tier: if is_batch { Tier::Batch } else { Tier::Standard }, speed: None };
            let usages: Vec<_> = counts.iter().map(|&(input, output, cache_write_5m, cache_write_1h, cache_read)| {
                TokenUsage { input, output, cache_write_5m, cache_write_1h, cache_read, web_searches: input % 3 }
            }).collect();
            let mut model = model();
            model.periods[0].long = None;
            let cost = |tokens: &TokenUsage| model.cost(at, tokens, tokens.prompt(), terms, Region::Regional).unwrap();
            prop_assert_eq!(usages.iter().map(cost).sum::<Cost>(), cost(&usages.into_iter().sum()));
        }
    }
}
