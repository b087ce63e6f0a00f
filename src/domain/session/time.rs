//! How long was worked: wall time without pauses, and active time without long gaps.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

type Span = (DateTime<Utc>, DateTime<Utc>);

pub(crate) fn wall(from: DateTime<Utc>, until: DateTime<Utc>, pauses: &[Span]) -> TimeDelta {
    let paused = united(pauses).into_iter().map(|pause| overlap(pause, (from, until))).sum();
    (until - from).max(TimeDelta::zero()) - paused
}

/// The sum of the stretches between neighbouring signs of work (start and end are signs too), pauses taken out of each,
/// that are not longer than `most_gap`.
pub(crate) fn active(
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    signs: &[DateTime<Utc>],
    pauses: &[Span],
    most_gap: TimeDelta,
) -> TimeDelta {
    let mut signs: Vec<DateTime<Utc>> = signs.iter().copied().filter(|&sign| from < sign && sign < until).collect();
    signs.extend([from, until.max(from)]);
    // Both ends of a pause are moments in which the person was there.
    signs.extend(
        pauses.iter().flat_map(|&(paused, resumed)| [paused, resumed]).filter(|&sign| from < sign && sign < until),
    );
    signs.sort_unstable();
    signs.windows(2).map(|stretch| wall(stretch[0], stretch[1], pauses)).filter(|&length| length <= most_gap).sum()
}

fn overlap(one: Span, other: Span) -> TimeDelta {
    (one.1.min(other.1) - one.0.max(other.0)).max(TimeDelta::zero())
}

/// Pauses in order of time, those that touch made one, so that no moment is taken out twice.
fn united(pauses: &[Span]) -> Vec<Span> {
    let mut sorted = pauses.to_vec();
    sorted.sort_unstable();
    let mut united: Vec<Span> = Vec::with_capacity(sorted.len());
    for (from, until) in sorted {
        match united.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => united.push((from, until)),
        }
    }
    united
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(minute * 60, 0).unwrap()
    }

    fn minutes(count: i64) -> TimeDelta {
        TimeDelta::try_minutes(count).unwrap()
    }

    #[test]
    fn pauses_are_taken_out_once() {
        for (pauses, length) in [
            (vec![], 60),
            (vec![(at(10), at(20))], 50),
            (vec![(at(10), at(20)), (at(15), at(30))], 40),
            (vec![(at(-10), at(5)), (at(55), at(90))], 50),
        ] {
            assert_eq!(wall(at(0), at(60), &pauses), minutes(length), "{pauses:?}");
        }
    }

    #[test]
    fn a_clock_that_went_back_gives_no_time() {
        assert_eq!(wall(at(60), at(0), &[]), minutes(0));
        assert_eq!(active(at(60), at(0), &[at(30)], &[], minutes(15)), minutes(0));
    }

    #[test]
    fn long_gaps_are_left_out() {
        for (signs, pauses, length) in [
            (vec![], vec![], 0),
            (vec![at(10), at(20), at(30), at(45)], vec![], 60),
            (vec![at(10), at(50)], vec![], 20),
            (vec![at(10), at(50)], vec![(at(12), at(48))], 24),
            (vec![at(-5), at(99)], vec![], 0),
        ] {
            assert_eq!(active(at(0), at(60), &signs, &pauses, minutes(15)), minutes(length), "{signs:?} {pauses:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn active_time_is_never_more_than_wall_time(signs in proptest::collection::vec(-10_i64..200, 0..20), pauses in proptest::collection::vec((0_i64..100, 0_i64..50), 0..5), gap in 0_i64..100) {
            let signs: Vec<_> = signs.into_iter().map(at).collect();
            let pauses: Vec<_> = pauses.into_iter().map(|(from, length)| (at(from), at(from + length))).collect();
            let wall = wall(at(0), at(100), &pauses);
            proptest::prop_assert!(active(at(0), at(100), &signs, &pauses, minutes(gap)) <= wall);
            proptest::prop_assert!(wall >= minutes(0));
        }
    }
}
