//! Five-hour blocks: what each came to, how fast the running one goes, and where it will end.

use std::collections::BTreeSet;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::domain::block;
use crate::domain::block::Block;
use crate::domain::block::MINUTE_MILLISECONDS;
use crate::domain::decimal;
use crate::domain::ledger::UsageSum;
use crate::domain::ledger::quarter;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::price::PriceBook;
use crate::domain::ratio::Ratio;
use crate::report::usage::Total;
use crate::report::usage::Usage;

/// From this share of the limit on, in per cent, a projection is a warning.
const WARNING_PERCENT: u128 = 80;

#[derive(Debug, Clone, Default)]
pub(crate) struct BlockReport {
    pub(crate) blocks: Vec<BlockRow>,
    /// The most tokens of a block that is over.
    pub(crate) most_tokens: Option<u64>,
}

#[derive(Debug, Clone)]
pub(crate) struct BlockRow {
    pub(crate) block: Block,
    pub(crate) usage: Usage,
    /// For the block that is still running.
    pub(crate) active: Option<Active>,
}

#[derive(Debug, Clone)]
pub(crate) struct Active {
    pub(crate) elapsed: TimeDelta,
    pub(crate) remaining: TimeDelta,
    /// `None` until there are two exchanges to measure between.
    pub(crate) burn: Option<Burn>,
    pub(crate) projection: Option<Projection>,
}

/// How fast a block is used up, from its first exchange to its last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Burn {
    pub(crate) tokens_per_minute: Ratio,
    /// Without what the cache has to do with: what shows how busy the work is.
    pub(crate) plain_tokens_per_minute: Ratio,
    /// `None` where no price is known.
    pub(crate) cost_per_hour: Option<Usd>,
}

/// What a block comes to if it goes on as it did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Projection {
    pub(crate) tokens: u64,
    pub(crate) cost: Option<Usd>,
    pub(crate) remaining_minutes: u64,
}

/// How a projection compares with a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LimitStatus {
    Fine,
    Warning,
    Exceeds,
}

impl LimitStatus {
    pub(crate) fn of(tokens: u64, limit: u64) -> Self {
        if tokens > limit {
            Self::Exceeds
        } else if u128::from(tokens) * 100 > u128::from(limit) * WARNING_PERCENT {
            Self::Warning
        } else {
            Self::Fine
        }
    }
}

impl BlockReport {
    /// Leaves what a span holds of it, of which the sums already are: blocks with something in them, and gaps that begin in it
    /// if they are asked for. A block that the span cuts has no rate, for its sums are of less than its time.
    pub(crate) fn cut(&mut self, (since, until): (Option<DateTime<Utc>>, Option<DateTime<Utc>>), has_gaps: bool) {
        let holds = |at| since.is_none_or(|since| since <= at) && until.is_none_or(|until| at < until);
        self.blocks.retain(|row| match row.block.work {
            Some(_) => row.usage.total.exchanges > 0,
            None => has_gaps && holds(row.block.start),
        });
        for row in &mut self.blocks {
            if let (Some((first, last)), Some(active)) = (row.block.work, &mut row.active)
                && !(holds(first) && holds(last))
            {
                (active.burn, active.projection) = (None, None);
            }
        }
    }

    /// Of the blocks that are left.
    pub(crate) fn total(&self) -> Total {
        self.blocks.iter().fold(Total::default(), |mut total, row| {
            total.add(&row.usage.total);
            total
        })
    }

    /// Models with usage that has no price.
    pub(crate) fn unpriced_models(&self) -> BTreeSet<&ModelId> {
        self.blocks.iter().flat_map(|row| row.usage.unpriced_models()).collect()
    }
}

/// `activity` is in order of time, and all there ever was as far as blocks are to be right, for one begins where another ends;
/// see [`block::is_certain`]. `sums` may be less.
pub(crate) fn build(
    activity: &[(DateTime<Utc>, DateTime<Utc>)],
    sums: &[UsageSum],
    prices: &PriceBook,
    length: TimeDelta,
    now: DateTime<Utc>,
) -> BlockReport {
    let blocks = block::blocks(activity, length);
    let mut rows: Vec<BlockRow> =
        blocks.into_iter().map(|block| BlockRow { block, usage: Usage::default(), active: None }).collect();
    let begins: Vec<(DateTime<Utc>, usize)> =
        rows.iter().enumerate().filter_map(|(place, row)| Some((quarter(row.block.work?.0), place))).collect();
    for sum in sums {
        let after = begins.partition_point(|(begin, _)| *begin <= sum.at);
        let Some((_, place)) = after.checked_sub(1).and_then(|last| begins.get(last)) else { continue };
        rows[*place].usage.add(sum, &Total::of(sum, prices));
    }
    for row in rows.iter_mut().filter(|row| row.block.is_active(now)) {
        row.active = Some(active(&row.block, &row.usage.total, now));
    }
    let over = rows.iter().filter(|row| row.active.is_none() && row.block.work.is_some());
    let most_tokens = over.map(|row| row.usage.total.tokens.total()).max();
    BlockReport { blocks: rows, most_tokens }
}

fn active(block: &Block, total: &Total, now: DateTime<Utc>) -> Active {
    let remaining = block.end - now;
    let worked = block.worked_milliseconds();
    let (burn, projection) = (burn(total, worked), project(total, worked, remaining));
    Active { elapsed: now - block.start, remaining, burn, projection }
}

fn burn(total: &Total, worked_milliseconds: i64) -> Option<Burn> {
    let per_minute = |tokens: u64| Ratio::of(i128::from(tokens) * MINUTE_MILLISECONDS, worked_milliseconds);
    Some(Burn {
        tokens_per_minute: per_minute(total.tokens.total())?,
        plain_tokens_per_minute: per_minute(total.tokens.input + total.tokens.output)?,
        cost_per_hour: total.known_cost().and_then(|cost| block::per_hour(cost, worked_milliseconds)),
    })
}

/// By whole minutes that remain.
fn project(total: &Total, worked_milliseconds: i64, remaining: TimeDelta) -> Option<Projection> {
    let minutes = decimal::divide_half_even(remaining.num_milliseconds().into(), MINUTE_MILLISECONDS);
    let time = minutes * MINUTE_MILLISECONDS;
    let tokens = total.tokens.total();
    let more = Ratio::of(i128::from(tokens) * time, worked_milliseconds)?.rounded(0);
    Some(Projection {
        tokens: tokens.saturating_add(u64::try_from(more).ok()?),
        cost: total.known_cost().and_then(|cost| Some(cost + cost.scaled(time, worked_milliseconds.into())?)),
        remaining_minutes: u64::try_from(minutes).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::sync::Arc;

    use super::*;
    use crate::domain::event::Place;
    use crate::domain::event::Precision;
    use crate::domain::price::Terms;
    use crate::domain::tokens::TokenUsage;
    use crate::report::session::fixture::prices;

    fn at(time: &str) -> DateTime<Utc> {
        format!("2026-11-23T{time}Z").parse().unwrap()
    }

    fn sum(time: &str, model: &str, tokens: TokenUsage) -> UsageSum {
        UsageSum {
            at: at(time),
            model: ModelId::new(model),
            terms: Terms::default(),
            prompt: tokens.prompt(),
            precision: Precision::Measured,
            place: Arc::new(Place::default()),
            exchanges: 2,
            tokens,
            missing_output: 0,
        }
    }

    fn built(sums: &[UsageSum], now: &str) -> BlockReport {
        let activity =
            [(at("03:00:00"), at("03:10:00")), (at("09:20:00"), at("09:29:59")), (at("10:30:00"), at("10:40:00"))];
        build(&activity, sums, &prices(), block::LENGTH, at(now))
    }

    #[test]
    fn a_running_block_goes_on_as_it_did() {
        let tokens = |input, output, cache_read| TokenUsage { cache_read, ..TokenUsage::new(input, output) };
        let sums = [
            sum("03:00:00", "big", tokens(1, 0, 0)),
            sum("09:15:00", "big", tokens(1000, 1000, 0)),
            sum("10:30:00", "small", tokens(0, 0, 6000)),
        ];
        let report = built(&sums, "11:00:00");
        let mut shown = String::new();
        for row in &report.blocks {
            let total = row.usage.total;
            let active = row.active.as_ref();
            let burn = active.and_then(|active| active.burn).map(|burn| {
                let rates = (burn.tokens_per_minute.to_text(2), burn.plain_tokens_per_minute.to_text(2));
                (rates, burn.cost_per_hour.unwrap().to_string())
            });
            let end = active
                .and_then(|active| active.projection)
                .map(|end| (end.tokens, end.cost.unwrap().to_string(), end.remaining_minutes));
            let _ = writeln!(shown, "{} {} {burn:?} {end:?}", total.exchanges, total.cost.total());
        }
        // 8000 tokens for $0.0246 in 80 minutes, 180 minutes to go.
        insta::assert_snapshot!(shown, @r#"
        2 0.000004 None None
        0 0.00 None None
        4 0.0246 Some((("100.00", "25.00"), "0.01845")) Some((26000, "0.07995", 180))
        "#);
        assert_eq!(report.most_tokens, Some(1));
        assert_eq!(report.total().exchanges, 6);
    }

    #[test]
    fn without_a_price_there_is_no_rate_of_money() {
        let report = built(&[sum("10:30:00", "unheard-of", TokenUsage::new(1, 1))], "11:00:00");
        let active = report.blocks.last().unwrap().active.clone().unwrap();
        assert_eq!(active.burn.unwrap().cost_per_hour, None);
        assert_eq!(active.projection.unwrap().cost, None);
        assert_eq!(report.unpriced_models().into_iter().collect::<Vec<_>>(), [&ModelId::new("unheard-of")]);
    }

    #[test]
    fn a_span_leaves_what_lies_in_it() {
        let sums = [sum("09:15:00", "big", TokenUsage::new(1, 1)), sum("10:30:00", "big", TokenUsage::new(1, 1))];
        for (since, kept, is_gap_kept, has_rate) in [
            (None, &sums[..], true, true),
            (Some("09:00:00"), &sums[..], false, true),
            (Some("10:00:00"), &sums[1..], false, false),
            (Some("10:50:00"), &[], false, false),
        ] {
            let mut report = built(kept, "11:00:00");
            report.cut((since.map(at), None), true);
            let rows: Vec<_> = report.blocks.iter().map(|row| row.block.work.is_some()).collect();
            let block = (!kept.is_empty()).then_some(true);
            assert_eq!(rows, is_gap_kept.then_some(false).into_iter().chain(block).collect::<Vec<_>>(), "{since:?}");
            let active = report.blocks.last().and_then(|row| row.active.clone());
            assert_eq!(active.is_some_and(|active| active.burn.is_some()), has_rate, "{since:?}");
        }
    }

    #[test]
    fn a_single_instant_has_no_rate() {
        let activity = [(at("10:30:00"), at("10:30:00"))];
        let sums = [sum("10:30:00", "big", TokenUsage::new(1, 1))];
        let report = build(&activity, &sums, &prices(), block::LENGTH, at("11:00:00"));
        let active = report.blocks[0].active.clone().unwrap();
        assert!(active.burn.is_none() && active.projection.is_none());
        assert_eq!((active.elapsed.num_minutes(), active.remaining.num_minutes()), (60, 240));
    }

    #[test]
    fn a_limit_warns_from_four_fifths_on() {
        for (tokens, status) in [
            (0, LimitStatus::Fine),
            (80, LimitStatus::Fine),
            (81, LimitStatus::Warning),
            (100, LimitStatus::Warning),
            (101, LimitStatus::Exceeds),
            (u64::MAX, LimitStatus::Exceeds),
        ] {
            assert_eq!(LimitStatus::of(tokens, 100), status, "{tokens}");
        }
    }
}
