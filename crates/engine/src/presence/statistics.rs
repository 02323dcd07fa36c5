//! The little statistics that the measurements share. All total: what cannot be computed is 0.

/// `value`, or 0 where it is no finite number.
pub(crate) fn finite(value: f64) -> f32 {
    let value = value as f32;
    if value.is_finite() { value } else { 0.0 }
}

/// The value under which `share` of `values` lie, between neighbours by straight lines; `None` without any. Numbers
/// that are not finite are left out.
pub(crate) fn quantile(values: impl IntoIterator<Item = f64>, share: f64) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let place = values.len().checked_sub(1)? as f64 * share.clamp(0.0, 1.0);
    let below = *values.get(place.floor() as usize)?;
    let above = *values.get(place.ceil() as usize)?;
    Some(below + (above - below) * place.fract())
}

/// The middle of `values`; `None` without any.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    quantile(values, 0.5)
}

/// A straight line through pairs of (cause, effect, group): one slope for all, one height for each group.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Line {
    /// Effect of a cause of 1.
    pub(crate) slope: f64,
    /// Standard error of it, for independent pairs.
    pub(crate) error: f64,
    /// Correlation of cause and effect within the groups, -1..1.
    pub(crate) correlation: f64,
}

/// Groups of a [`Line`]: the channels.
pub(crate) const GROUPS: usize = 3;

impl Line {
    /// The line that fits best in the least squares sense. `None` with fewer than two more pairs than it has numbers,
    /// or where all causes are one.
    pub(crate) fn fit(pairs: &[(f64, f64, usize)]) -> Option<Self> {
        let mut sums = [(0.0, 0.0, 0.0); GROUPS];
        for (cause, effect, group) in pairs {
            let sum = sums.get_mut(*group)?;
            *sum = (sum.0 + cause, sum.1 + effect, sum.2 + 1.0);
        }
        let groups = sums.iter().filter(|sum| sum.2 > 0.0).count();
        let (mut cause_square, mut effect_square, mut product) = (0.0, 0.0, 0.0);
        for (cause, effect, group) in pairs {
            let (cause_sum, effect_sum, count) = sums[*group];
            let (cause, effect) = (cause - cause_sum / count, effect - effect_sum / count);
            cause_square += cause * cause;
            effect_square += effect * effect;
            product += cause * effect;
        }
        let freedom = pairs.len().checked_sub(groups + 1).filter(|freedom| *freedom >= 2)? as f64;
        if !(cause_square > 1e-9 && effect_square.is_finite()) {
            return None;
        }
        let slope = product / cause_square;
        let rest = (effect_square - slope * product).max(0.0);
        let line = Self {
            slope,
            error: (rest / freedom / cause_square).sqrt(),
            correlation: product / (cause_square * effect_square).sqrt().max(f64::MIN_POSITIVE),
        };
        [line.slope, line.error, line.correlation].iter().all(|value| value.is_finite()).then_some(line)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_found_through_groups_of_other_heights() {
        let pairs: Vec<_> = (0..30)
            .map(|i| (f64::from(i % 7), 2.0 * f64::from(i % 7) + 100.0 * f64::from(i % 3), (i % 3) as usize))
            .collect();
        let line = Line::fit(&pairs).unwrap();
        assert!((line.slope - 2.0).abs() < 1e-9 && line.error < 1e-6 && line.correlation > 0.999);
        assert_eq!(Line::fit(&[(1.0, 2.0, 0); 9]), None);
        assert_eq!(Line::fit(&[(0.0, 1.0, 0), (1.0, 2.0, 0)]), None);
        assert_eq!(Line::fit(&[(0.0, 1.0, 9); 8]), None);
    }

    #[test]
    fn the_error_of_a_slope_is_that_of_the_textbook() {
        // Effects 0, 1, 0, 1 over 0, 1, 2, 3: slope 0.2, rest 0.8, so that the error is sqrt(0.8 / 2 / 5).
        let pairs = [(0.0, 0.0, 0), (1.0, 1.0, 0), (2.0, 0.0, 0), (3.0, 1.0, 0)];
        let line = Line::fit(&pairs).unwrap();
        assert!((line.slope - 0.2).abs() < 1e-9 && (line.error - 0.08_f64.sqrt()).abs() < 1e-9);
    }

    #[test]
    fn a_median_leaves_out_what_is_no_number() {
        assert_eq!(median([3.0, f64::NAN, 1.0, 2.0]), Some(2.0));
        assert_eq!(quantile([1.0, 2.0], 0.25), Some(1.25));
        assert_eq!(median([]), None);
        assert_eq!(finite(f64::NAN), 0.0);
    }

    proptest! {
        #[test]
        fn no_pairs_break_a_line(pairs in proptest::collection::vec((any::<f64>(), any::<f64>(), 0_usize..4), 0..20)) {
            if let Some(line) = Line::fit(&pairs) {
                prop_assert!(line.slope.is_finite() && line.error.is_finite());
            }
        }
    }
}
