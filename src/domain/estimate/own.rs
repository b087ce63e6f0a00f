//! How the person's own finished answers differ from their estimates, and what that says of the next ones.
//!
//! Rules and limits were found by leaving people out of the fit: a known tokenizer needs forty messages before a factor of
//! one's own does more good than harm, an unknown one needs five.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::estimate::Calibration;
use crate::domain::estimate::Estimate;

/// Shorter answers are mostly framing.
pub(crate) const LEAST_TOKENS: u64 = 20;
/// More than so many messages make the factor no better.
pub(crate) const MOST_MESSAGES: usize = 120;

const LEAST_MESSAGES: usize = 40;
const LEAST_MESSAGES_OF_UNKNOWN: usize = 5;
/// Tokens of messages that are taken to be as estimated, so that a few odd ones do not weigh much.
const PRIOR_TOKENS: u64 = 600;
/// One message counts no further off the median than this.
const CLIP_PERMILLE: (u64, u64) = (800, 1250);
const BOUNDS_PERMILLE: (u64, u64) = (900, 1100);
const BOUNDS_OF_UNKNOWN_PERMILLE: (u64, u64) = (500, 2500);
/// How far off an unknown tokenizer's estimates are once they are fitted.
const FITTED_UNKNOWN_PERCENT: u64 = 13;

/// A finished answer: its tokens as billed, and the estimate of its text in thousandths of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Evidence {
    pub(crate) tokens: u64,
    pub(crate) milli: u64,
}

/// What estimates are multiplied by, and what it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OwnFactor {
    pub(crate) permille: u64,
    pub(crate) messages: u64,
    /// Half of the messages' estimates, the factor applied, are nearer than this.
    pub(crate) median_error_permille: u64,
}

impl OwnFactor {
    /// `None` where the evidence is too little to be of use.
    pub(crate) fn of(evidence: &[Evidence], calibration: Calibration) -> Option<Self> {
        let is_known = calibration != Calibration::Uncalibrated;
        let (least, bounds) = if is_known {
            (LEAST_MESSAGES, BOUNDS_PERMILLE)
        } else {
            (LEAST_MESSAGES_OF_UNKNOWN, BOUNDS_OF_UNKNOWN_PERMILLE)
        };
        let evidence: Vec<Evidence> =
            evidence.iter().copied().filter(|it| it.tokens >= LEAST_TOKENS && it.milli > 0).collect();
        if evidence.len() < least {
            return None;
        }
        // Of a message with `tokens` for `milli` thousandths the ratio, in millionths.
        let ratio = |it: &Evidence| it.tokens * 1_000_000_000 / it.milli;
        let middle = median(evidence.iter().map(ratio))?;
        let (low, high) = (middle * CLIP_PERMILLE.0 / 1000, middle * CLIP_PERMILLE.1 / 1000);
        let prior = u128::from(PRIOR_TOKENS) * 1_000_000_000;
        let (mut billed, mut estimated) = (prior, u128::from(PRIOR_TOKENS) * 1000);
        for it in &evidence {
            billed += u128::from(it.milli) * u128::from(ratio(it).clamp(low, high));
            estimated += u128::from(it.milli);
        }
        let permille = u64::try_from((billed / estimated).div_ceil(1000)).ok()?.clamp(bounds.0, bounds.1);
        let error = |it: &Evidence| (it.milli * permille / 1000).abs_diff(it.tokens * 1000) / it.tokens;
        let median_error_permille = median(evidence.iter().map(error))?;
        Some(Self { permille, messages: evidence.len() as u64, median_error_permille })
    }

    /// The estimate with this factor in it.
    pub(crate) fn applied(self, estimate: Estimate) -> Estimate {
        let scaled = |tokens: u64| (tokens * self.permille + 500) / 1000;
        let tokens = scaled(estimate.tokens);
        let is_unknown = estimate.calibration == Calibration::Uncalibrated && !estimate.is_mostly_non_latin;
        let band_percent = if is_unknown { FITTED_UNKNOWN_PERCENT } else { estimate.band_percent };
        let (low, high) = super::bounds(tokens, band_percent);
        Estimate { tokens, milli: scaled(estimate.milli), low, high, band_percent, own: Some(self), ..estimate }
    }
}

fn median(values: impl Iterator<Item = u64>) -> Option<u64> {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    values.get(values.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(count: usize, tokens: u64) -> Vec<Evidence> {
        vec![Evidence { tokens, milli: 100_000 }; count]
    }

    #[test]
    fn a_factor_needs_evidence_and_keeps_within_bounds() {
        use Calibration::Measured;
        use Calibration::Uncalibrated;
        for (evidence, calibration, expected) in [
            (evidence(39, 105), Measured, None),
            (evidence(40, 105), Measured, Some((1044, 40))),
            (evidence(120, 105), Measured, Some((1048, 120))),
            (evidence(120, 200), Measured, Some((1100, 120))),
            (evidence(120, 100), Measured, Some((1000, 120))),
            (evidence(4, 150), Uncalibrated, None),
            (evidence(20, 150), Uncalibrated, Some((1385, 20))),
            (evidence(120, 19), Uncalibrated, None),
        ] {
            let factor = OwnFactor::of(&evidence, calibration);
            assert_eq!(factor.map(|factor| (factor.permille, factor.messages)), expected, "{calibration:?}");
        }
    }

    #[test]
    fn one_odd_message_hardly_counts() {
        let mut many = evidence(100, 100);
        many.push(Evidence { tokens: 100_000, milli: 100_000 });
        let factor = OwnFactor::of(&many, Calibration::Measured).unwrap();
        assert_eq!((factor.permille, factor.median_error_permille), (1003, 3));
    }
}
