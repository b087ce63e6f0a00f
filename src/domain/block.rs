//! Five-hour blocks, in which subscriptions count their use: drawn as the tools do whose numbers people know.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Timelike;
use chrono::Utc;

use crate::domain::money::Usd;

/// The length of a block, if nobody asks for another one.
pub(crate) const LENGTH: TimeDelta = match TimeDelta::new(5 * 3600, 0) {
    Some(length) => length,
    None => TimeDelta::MAX,
};

pub(crate) const MINUTE_MILLISECONDS: i128 = 60_000;

/// A stretch of work that begins with a whole hour (UTC), or the time without work between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
    /// The first and the last exchange; `None` for a gap.
    pub(crate) work: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Block {
    fn new(first: DateTime<Utc>, last: DateTime<Utc>, length: TimeDelta) -> Self {
        let start = first.with_minute(0).and_then(|at| at.with_second(0)).and_then(|at| at.with_nanosecond(0));
        let start = start.unwrap_or(first);
        Self { start, end: start + length, work: Some((first, last)) }
    }

    /// Whether what happens now still counts in it.
    pub(crate) fn is_active(&self, now: DateTime<Utc>) -> bool {
        self.work.is_some_and(|(_, last)| now - last < self.end - self.start && now < self.end)
    }

    /// From the first exchange to the last: the time by which it is told how fast a block is used up. 0 below a minute,
    /// which is too short to tell by.
    pub(crate) fn worked_milliseconds(&self) -> i64 {
        let worked = self.work.map(|(first, last)| (last - first).num_milliseconds());
        worked.filter(|worked| i128::from(*worked) >= MINUTE_MILLISECONDS).unwrap_or(0)
    }

    /// Takes in work from `first` to `last`, unless that is later than the block's end or too long after the work so far.
    fn take(&mut self, first: DateTime<Utc>, last: DateTime<Utc>) -> bool {
        let length = self.end - self.start;
        let is_ours = last <= self.end && self.work.is_some_and(|(_, before)| first - before <= length);
        if is_ours {
            self.work = self.work.map(|(begin, _)| (begin, last));
        }
        is_ours
    }
}

/// The blocks and the gaps between them, in order of time.
///
/// `activity` has the first and the last exchange of each quarter of an hour with work in it, in order of time; a quarter
/// is never divided, so `length` is to be a multiple of it.
pub(crate) fn blocks(activity: &[(DateTime<Utc>, DateTime<Utc>)], length: TimeDelta) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for &(first, last) in activity {
        if blocks.last_mut().is_some_and(|block| block.take(first, last)) {
            continue;
        }
        let before = blocks.last().and_then(|block| block.work).map(|(_, before)| before);
        if let Some(before) = before.filter(|&before| first - before > length) {
            blocks.push(Block { start: before + length, end: first, work: None });
        }
        blocks.push(Block::new(first, last, length));
    }
    blocks
}

/// What an hour costs at a pace; `None` without any time to tell it by.
pub(crate) fn per_hour(cost: Usd, worked_milliseconds: i64) -> Option<Usd> {
    cost.scaled(60 * MINUTE_MILLISECONDS, worked_milliseconds.into())
}

/// Whether `activity` since an instant is enough to tell blocks: only after a break longer than one it is certain that another
/// begins.
pub(crate) fn is_certain(activity: &[(DateTime<Utc>, DateTime<Utc>)], since: DateTime<Utc>, length: TimeDelta) -> bool {
    let begins = activity.iter().map(|&(first, _)| first);
    let ends = std::iter::once(since).chain(activity.iter().map(|&(_, last)| last));
    activity.is_empty() || ends.zip(begins).any(|(end, begin)| begin - end > length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(time: &str) -> DateTime<Utc> {
        let (day, time) = time.split_once(' ').unwrap_or(("23", time));
        format!("2026-11-{day}T{time}Z").parse().unwrap()
    }

    /// `start-end` of each block, its work in brackets; each instant is a quarter of its own.
    fn drawn(instants: &[&str], hours: i64) -> String {
        let activity: Vec<_> = instants.iter().map(|time| (at(time), at(time))).collect();
        let shown = |at: DateTime<Utc>| at.format("%d %H:%M").to_string();
        let blocks = blocks(&activity, TimeDelta::try_hours(hours).unwrap());
        let lines = blocks.iter().map(|block| {
            let work =
                block.work.map_or("gap".to_owned(), |(first, last)| format!("{}, {}", shown(first), shown(last)));
            format!("{} - {} [{work}]", shown(block.start), shown(block.end))
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_block_begins_with_the_hour_of_its_first_work() {
        insta::assert_snapshot!(drawn(&["09:40:00", "10:10:00", "14:00:00", "14:10:00", "18:59:00", "19:15:00"], 5), @r"
        23 09:00 - 23 14:00 [23 09:40, 23 14:00]
        23 14:00 - 23 19:00 [23 14:10, 23 18:59]
        23 19:00 - 24 00:00 [23 19:15, 23 19:15]
        ");
    }

    #[test]
    fn a_gap_is_longer_than_a_block_and_begins_a_block_after_the_last_work() {
        insta::assert_snapshot!(drawn(&["09:40:00", "14:41:00", "24 09:00:00"], 5), @r"
        23 09:00 - 23 14:00 [23 09:40, 23 09:40]
        23 14:40 - 23 14:41 [gap]
        23 14:00 - 23 19:00 [23 14:41, 23 14:41]
        23 19:41 - 24 09:00 [gap]
        24 09:00 - 24 14:00 [24 09:00, 24 09:00]
        ");
        assert_eq!(drawn(&["09:40:00", "14:40:00"], 5).lines().count(), 2, "five hours are no gap");
        assert_eq!(drawn(&[], 5), "");
    }

    #[test]
    fn blocks_may_have_another_length() {
        insta::assert_snapshot!(drawn(&["09:40:00", "10:30:00", "11:05:00"], 1), @r"
        23 09:00 - 23 10:00 [23 09:40, 23 09:40]
        23 10:00 - 23 11:00 [23 10:30, 23 10:30]
        23 11:00 - 23 12:00 [23 11:05, 23 11:05]
        ");
    }

    #[test]
    fn only_a_block_that_is_not_over_is_active() {
        let block = blocks(&[(at("09:40:00"), at("09:50:00"))], LENGTH)[0];
        for (now, is_active) in [("09:50:00", true), ("13:59:59", true), ("14:00:00", false), ("24 09:50:00", false)] {
            assert_eq!(block.is_active(at(now)), is_active, "{now}");
        }
    }

    #[test]
    fn only_a_break_makes_blocks_certain() {
        let length = TimeDelta::try_hours(5).unwrap();
        for (instants, expected) in [
            (&[][..], true),
            (&["04:00:00"], false),
            (&["06:00:00"], true),
            (&["04:00:00", "09:00:00"], false),
            (&["04:00:00", "09:01:00"], true),
        ] {
            let activity: Vec<_> = instants.iter().map(|time| (at(time), at(time))).collect();
            assert_eq!(is_certain(&activity, at("00:00:00"), length), expected, "{instants:?}");
        }
    }

    proptest! {
        #[test]
        fn every_exchange_lies_in_one_block(minutes in prop::collection::btree_set(0_i64..20_000, 0..200)) {
            let activity: Vec<_> = minutes.iter().map(|minute| DateTime::from_timestamp(minute * 900, 0).unwrap()).map(|at| (at, at)).collect();
            let blocks = blocks(&activity, LENGTH);
            for (at, _) in &activity {
                let holds = |block: &&Block| block.work.is_some_and(|(first, last)| first <= *at && *at <= last);
                prop_assert_eq!(blocks.iter().filter(holds).count(), 1);
            }
            for block in &blocks {
                if let Some((first, last)) = block.work {
                    prop_assert!(block.start <= first && last <= block.end && block.end - block.start == LENGTH);
                }
            }
        }
    }
}
