//! How far off an estimate may be, from measurements that were left out of the fit.

use crate::domain::estimate::family::Family;

/// A model whose tokenizer nobody compared.
pub(super) const UNCALIBRATED_PERCENT: u64 = 25;
/// There were no measurements of other scripts than Latin.
pub(super) const NON_LATIN_PERCENT: u64 = 30;
/// From so many messages on, errors of single ones even out.
pub(super) const SESSION_MESSAGES: usize = 8;
pub(super) const SESSION_PERCENT: u64 = 6;

/// Messages of up to so many tokens, and the per cent within which 80 % of their estimates lie: old, new.
const BANDS: [(u64, u64, u64); 5] = [(50, 7, 20), (150, 5, 6), (500, 5, 8), (2_000, 4, 6), (u64::MAX, 4, 4)];

pub(super) fn percent(family: Family, tokens: u64) -> u64 {
    let band = BANDS.iter().find(|(most, ..)| tokens <= *most);
    let (_, old, new) = band.expect("the last band has no upper end");
    match family {
        Family::Old => *old,
        Family::New => *new,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_messages_are_surer() {
        for (tokens, old, new) in [
            (0, 7, 20),
            (50, 7, 20),
            (51, 5, 6),
            (150, 5, 6),
            (151, 5, 8),
            (2_000, 4, 6),
            (2_001, 4, 4),
            (u64::MAX, 4, 4),
        ] {
            assert_eq!((percent(Family::Old, tokens), percent(Family::New, tokens)), (old, new), "{tokens}");
        }
    }
}
