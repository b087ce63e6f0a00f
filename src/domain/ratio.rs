//! A quotient of two counts, kept exact until it is shown.

use std::cmp::Ordering;

use serde::Serialize;
use serde::Serializer;

use crate::domain::decimal;

/// `part` over `whole`. In JSON a number with up to six decimal places.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ratio {
    part: i128,
    whole: i128,
}

impl Ratio {
    /// The most decimal places that it has in JSON.
    pub(crate) const PLACES: u32 = 6;

    /// `None` when `whole` is zero or less: there is no such ratio, and it is not shown as zero.
    pub(crate) fn of(part: impl Into<i128>, whole: impl Into<i128>) -> Option<Self> {
        let (part, whole) = (part.into(), whole.into());
        (whole > 0).then_some(Self { part, whole })
    }

    /// The ratio in units of 10^-`digits`, rounded half to even.
    pub(crate) fn rounded(self, digits: u32) -> i128 {
        let scale = 10_i128.pow(digits);
        match self.part.checked_mul(scale) {
            Some(part) => decimal::divide_half_even(part, self.whole),
            // Amounts so large that scaling overflows have no use for decimal places.
            None => (self.part / self.whole).saturating_mul(scale),
        }
    }

    /// The ratio with exactly `digits` decimal places.
    pub(crate) fn to_text(self, digits: u32) -> String {
        decimal::write(self.rounded(digits), digits, digits as usize)
    }
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ratio {}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// As nine decimal places tell: multiplied crosswise, large amounts would overflow.
impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rounded(9).cmp(&other.rounded(9))
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number =
            decimal::write(self.rounded(Self::PLACES), Self::PLACES, 0).parse().map_err(serde::ser::Error::custom)?;
        serializer.serialize_f64(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_as_many_places_as_asked() {
        let ratio = Ratio::of(28_200, 15_500).unwrap();
        assert_eq!(ratio.to_text(2), "1.82");
        assert_eq!(ratio.to_text(0), "2");
        assert_eq!(serde_json::to_string(&ratio).unwrap(), "1.819355");
    }

    #[test]
    fn a_ratio_is_equal_to_itself_in_lower_terms() {
        let ratio = |part, whole| Ratio::of(part, whole).unwrap();
        assert_eq!(ratio(1, 2), ratio(2, 4));
        assert!(ratio(1, 3) < ratio(1, 2));
    }

    #[test]
    fn a_ratio_to_nothing_is_unknown() {
        assert_eq!(Ratio::of(1, 0), None);
    }
}
