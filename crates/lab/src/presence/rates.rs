//! Exact bounds of small counts.

use crate::rates::Interval;

/// The exact 95 % interval of `errors` in `trials` (Clopper, Pearson 1934): each bound is the rate at which so few, or
/// so many, errors have a chance of 2.5 %. `None` without trials.
pub(crate) fn clopper_pearson(errors: usize, trials: usize) -> Option<Interval> {
    const TAIL: f64 = 0.025;
    if trials == 0 || errors > trials {
        return None;
    }
    // P(X >= errors) rises with the rate, P(X <= errors) falls.
    let low = if errors == 0 { 0.0 } else { solve(|rate| 1.0 - at_most(errors - 1, trials, rate) < TAIL) };
    let high = if errors == trials { 1.0 } else { solve(|rate| at_most(errors, trials, rate) > TAIL) };
    Some(Interval { low, high })
}

/// The rate up to which `holds`, by halving: 60 halves leave less than 1e-18.
fn solve(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Chance of at most `errors` in `trials` at `rate`, which is between 0 and 1. Terms are made in logarithms: with
/// thousands of trials the first ones are too small for an `f64`.
fn at_most(errors: usize, trials: usize, rate: f64) -> f64 {
    let mut term = trials as f64 * (-rate).ln_1p();
    let odds = rate.ln() - (-rate).ln_1p();
    let mut sum = term.exp();
    for count in 1..=errors {
        term += ((trials - count + 1) as f64 / count as f64).ln() + odds;
        sum += term.exp();
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bounds_of_known_counts() {
        // 0 of n: 1 - 0.025^(1/n). 1 of 10 as in tables of the exact interval.
        let none = clopper_pearson(0, 30).unwrap();
        assert!(none.low == 0.0 && (none.high - (1.0 - 0.025_f64.powf(1.0 / 30.0))).abs() < 1e-9, "{none:?}");
        let one = clopper_pearson(1, 10).unwrap();
        assert!((one.low - 0.002_528_6).abs() < 1e-6 && (one.high - 0.445_016).abs() < 1e-5, "{one:?}");
        let all = clopper_pearson(30, 30).unwrap();
        assert!(all.high == 1.0 && (all.low - 0.025_f64.powf(1.0 / 30.0)).abs() < 1e-9, "{all:?}");
        assert_eq!((clopper_pearson(0, 0), clopper_pearson(2, 1)), (None, None));
    }

    proptest! {
        #[test]
        fn a_rate_lies_between_its_bounds(trials in 1_usize..3_000, share in 0.0_f64..=1.0) {
            let errors = (trials as f64 * share) as usize;
            let interval = clopper_pearson(errors, trials).unwrap();
            let rate = errors as f64 / trials as f64;
            prop_assert!(interval.low <= rate && rate <= interval.high, "{interval:?}");
            prop_assert!(interval.high - interval.low > 0.0);
        }
    }
}
