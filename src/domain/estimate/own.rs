//! How the person's own finished answers differ from their estimates, and what that says of the next ones.
//!
//! Rules and limits were found by leaving people out of the fit: a known tokenizer needs forty messages before a factor of
//! one's own does more good than harm, an unknown one needs five.

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::estimate::Calibration;
use crate::domain::estimate::Estimate;
use crate::domain::estimate::Family;
use crate::domain::model::ModelId;

/// Shorter answers are mostly framing.
pub(crate) const LEAST_TOKENS: u64 = 20;
/// More than so many messages make the factor no better.
pub(crate) const MOST_MESSAGES: usize = 120;

/// What a known tokenizer needs.
pub(crate) const LEAST_MESSAGES: u64 = 40;
const LEAST_MESSAGES_OF_UNKNOWN: u64 = 5;
/// Tokens of messages that are taken to be as estimated, so that a few odd ones do not weigh much.
const PRIOR_TOKENS: u64 = 600;
/// One message counts no further off the median than this.
const CLIP_PERMILLE: (u128, u128) = (800, 1250);
const BOUNDS_PERMILLE: (u64, u64) = (900, 1100);
const BOUNDS_OF_UNKNOWN_PERMILLE: (u64, u64) = (500, 2500);
/// What is a hundred times as much as estimated is further off than any band need be.
const MOST_ERROR_PERMILLE: u64 = 100_000;
/// How far off an unknown tokenizer's estimates are once they are fitted.
const FITTED_UNKNOWN_PERCENT: u64 = 13;

/// A finished answer: its tokens as billed, and the estimate of its text in thousandths of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Evidence {
    pub(crate) tokens: u64,
    pub(crate) milli: u64,
}

/// What estimates are multiplied by, and what it rests on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OwnFactor {
    pub(crate) permille: u64,
    pub(crate) messages: u64,
    /// Half of the messages are no further off their estimates than this part of these, the factor applied.
    pub(crate) median_error_permille: u64,
    /// Eight of ten are no further off than this.
    pub(crate) wide_error_permille: u64,
    /// How far the sum of all estimates is off when what single ones have too much and too little has evened out.
    pub(crate) sum_error_permille: u64,
}

/// What was found of a tokenizer, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fit {
    pub(crate) tokenizer: String,
    pub(crate) factor: OwnFactor,
    pub(crate) at: DateTime<Utc>,
}

impl Fit {
    /// How many messages it takes.
    pub(crate) fn needed(&self) -> u64 {
        if is_known(&self.tokenizer) { LEAST_MESSAGES } else { LEAST_MESSAGES_OF_UNKNOWN }
    }

    /// Whether estimates are multiplied by it.
    pub(crate) fn is_in_force(&self) -> bool {
        self.factor.messages >= self.needed()
    }
}

const OLD: &str = "claude to 4.6";
const NEW: &str = "claude from 4.7";

/// Whether it is one that counts were compared of, and not just the name of a model.
pub(crate) fn is_known(tokenizer: &str) -> bool {
    [OLD, NEW].contains(&tokenizer)
}

/// What shares a tokenizer shares a factor; of those that nobody compared each model has its own.
pub(crate) fn tokenizer(model: &ModelId) -> String {
    match Family::of(model) {
        (_, Calibration::Uncalibrated) => model.as_str().to_owned(),
        (Family::Old, _) => OLD.to_owned(),
        (Family::New, _) => NEW.to_owned(),
    }
}

impl OwnFactor {
    /// With too little evidence, estimates are left as they are, and only how far they are off is told; `None` where there
    /// is none at all.
    pub(crate) fn of(evidence: &[Evidence], calibration: Calibration) -> Option<Self> {
        let is_known = calibration != Calibration::Uncalibrated;
        let (least, bounds) = if is_known {
            (LEAST_MESSAGES, BOUNDS_PERMILLE)
        } else {
            (LEAST_MESSAGES_OF_UNKNOWN, BOUNDS_OF_UNKNOWN_PERMILLE)
        };
        let evidence: Vec<Evidence> =
            evidence.iter().copied().filter(|it| it.tokens >= LEAST_TOKENS && it.milli > 0).collect();
        // Of a message with `tokens` for `milli` thousandths the ratio, in millionths.
        let ratio = |it: &Evidence| u128::from(it.tokens) * 1_000_000_000 / u128::from(it.milli);
        let middle = median(evidence.iter().map(ratio))?;
        let (low, high) = (middle * CLIP_PERMILLE.0 / 1000, middle * CLIP_PERMILLE.1 / 1000);
        let prior = u128::from(PRIOR_TOKENS) * 1_000_000_000;
        let (mut billed, mut estimated) = (prior, u128::from(PRIOR_TOKENS) * 1000);
        for it in &evidence {
            billed += u128::from(it.milli) * ratio(it).clamp(low, high);
            estimated += u128::from(it.milli);
        }
        let messages = evidence.len() as u64;
        let fitted = u64::try_from((billed / estimated).div_ceil(1000)).ok()?.clamp(bounds.0, bounds.1);
        let permille = if messages < least { 1000 } else { fitted };
        let error = |it: &Evidence| {
            let fitted = u128::from(it.milli) * u128::from(permille);
            let off = (u128::from(it.tokens) * 1_000_000).abs_diff(fitted) * 1000;
            u64::try_from(off.div_ceil(fitted)).map_or(MOST_ERROR_PERMILLE, |off| off.min(MOST_ERROR_PERMILLE))
        };
        let (billed, estimated) = (billed - prior, estimated - u128::from(PRIOR_TOKENS) * 1000);
        let sum_permille = u64::try_from(billed / estimated / 1000).ok()?;
        Some(Self {
            permille,
            messages,
            median_error_permille: median(evidence.iter().map(error))?,
            wide_error_permille: nth(evidence.iter().map(error), 8, 10)?,
            sum_error_permille: (sum_permille.abs_diff(permille) * 1000).div_ceil(permille).min(MOST_ERROR_PERMILLE),
        })
    }

    /// The per cent, rounded up, that an estimate's band is to have at least.
    pub(super) fn wide_error_percent(self) -> u64 {
        self.wide_error_permille.div_ceil(10)
    }

    /// The same for the sum of many.
    pub(super) fn sum_error_percent(self) -> u64 {
        self.sum_error_permille.div_ceil(10)
    }

    /// The estimate with this factor in it. What others' answers say of the band holds no longer where one's own say that
    /// it is wider.
    pub(crate) fn applied(self, estimate: Estimate) -> Estimate {
        let scaled = |tokens: u64| (tokens * self.permille + 500) / 1000;
        let tokens = scaled(estimate.tokens);
        let is_unknown = estimate.calibration == Calibration::Uncalibrated && !estimate.is_mostly_non_latin;
        let band_percent = if is_unknown { FITTED_UNKNOWN_PERCENT } else { estimate.band_percent };
        let band_percent = band_percent.max(self.wide_error_percent());
        let (low, high) = super::bounds(tokens, band_percent);
        Estimate { tokens, milli: scaled(estimate.milli), low, high, band_percent, own: Some(self), ..estimate }
    }
}

/// The middle value, or the lower of the two in the middle.
fn median<T: Ord + Copy>(values: impl Iterator<Item = T>) -> Option<T> {
    nth(values, 1, 2)
}

/// The value that so great a part of all are no greater than.
fn nth<T: Ord + Copy>(values: impl Iterator<Item = T>, part: usize, of: usize) -> Option<T> {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values.get((values.len() * part).div_ceil(of).checked_sub(1)?).copied()
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
            (evidence(39, 105), Measured, Some((1000, 39))),
            (evidence(40, 105), Measured, Some((1044, 40))),
            (evidence(120, 105), Measured, Some((1048, 120))),
            (evidence(120, 200), Measured, Some((1100, 120))),
            (evidence(120, 100), Measured, Some((1000, 120))),
            (evidence(4, 150), Uncalibrated, Some((1000, 4))),
            (evidence(20, 150), Uncalibrated, Some((1385, 20))),
            (evidence(120, 19), Uncalibrated, None),
        ] {
            let factor = OwnFactor::of(&evidence, calibration);
            assert_eq!(factor.map(|factor| (factor.permille, factor.messages)), expected, "{calibration:?}");
        }
    }

    #[test]
    fn a_band_is_as_wide_as_ones_own_answers_show() {
        let estimate = Estimate {
            tokens: 1000,
            milli: 1_000_000,
            low: 920,
            high: 1080,
            band_percent: 8,
            family: Family::New,
            calibration: Calibration::Measured,
            is_mostly_non_latin: false,
            is_lower_bound: false,
            own: None,
        };
        for (tokens, permille, wide, sum, bounds) in
            [(105, 1048, 2, 2, (964, 1132)), (140, 1100, 273, 273, (792, 1408)), (60, 900, 334, 334, (594, 1206))]
        {
            let factor = OwnFactor::of(&evidence(120, tokens), Calibration::Measured).unwrap();
            assert_eq!(factor.permille, permille, "{tokens}");
            assert_eq!((factor.wide_error_permille, factor.sum_error_permille), (wide, sum), "{tokens}");
            let fitted = factor.applied(estimate);
            assert_eq!((fitted.low, fitted.high), bounds, "{tokens}");
            // One's own errors all go the same way, so they do not even out.
            let sum = Estimate::sum(&[fitted; 8]).unwrap();
            assert_eq!(sum.band_percent, factor.sum_error_percent().max(6), "{tokens}");
        }
    }

    #[test]
    fn the_largest_counts_fit() {
        let many = evidence(40, crate::domain::tokens::MOST_TOKENS);
        let factor = OwnFactor::of(&many, Calibration::Measured).unwrap();
        assert_eq!((factor.permille, factor.wide_error_permille), (1100, MOST_ERROR_PERMILLE));
    }

    #[test]
    fn one_odd_message_hardly_counts() {
        let mut many = evidence(100, 100);
        many.push(Evidence { tokens: 100_000, milli: 100_000 });
        let factor = OwnFactor::of(&many, Calibration::Measured).unwrap();
        assert_eq!((factor.permille, factor.median_error_permille), (1003, 3));
    }
}
