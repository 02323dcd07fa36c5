//! Thresholds, error rates and their bounds.

use serde::Serialize;

/// A 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

/// The lowest threshold at which at most `rate` of `impostors` (sorted, highest first) reach it. `None` when there are
/// too few of them to show that rate: fewer than 1 / `rate`.
pub(crate) fn threshold_at(impostors: &[f32], rate: f64) -> Option<f32> {
    let allowed = (impostors.len() as f64 * rate + 1e-9) as usize;
    if allowed == 0 {
        return None;
    }
    // The first impostor that must not pass; the threshold lies just above.
    impostors.get(allowed).map(|score| score.next_up())
}

/// Samples drawn for an interval. 2,000 put about 50 beyond each bound.
pub(crate) const RESAMPLES: usize = 2000;
/// Seed of the resampling: any number will do, it only has to stay.
pub(crate) const SEED: u64 = 19795;

/// 95 % interval of a rate over people: each person brings (errors, comparisons), and whole people are drawn with
/// replacement, since comparisons of one person are not independent.
pub(crate) fn bootstrap_by_person(people: &[(u32, u32)]) -> Option<Interval> {
    if people.iter().all(|person| person.1 == 0) {
        return None;
    }
    let mut random = SplitMix(SEED);
    let mut rates: Vec<f64> = (0..RESAMPLES)
        .filter_map(|_| {
            let (mut errors, mut comparisons) = (0_u64, 0_u64);
            for _ in 0..people.len() {
                let person = people[random.below(people.len())];
                errors += u64::from(person.0);
                comparisons += u64::from(person.1);
            }
            (comparisons > 0).then(|| errors as f64 / comparisons as f64)
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    let at = |share: f64| rates[((rates.len() - 1) as f64 * share).round() as usize];
    Some(Interval { low: at(0.025), high: at(0.975) })
}

/// The split-mix generator (Steele, Lea, Flood 2014): enough for drawing, and the same everywhere.
pub(crate) struct SplitMix(pub(crate) u64);

impl SplitMix {
    /// From 0 to less than `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        ((u128::from(mixed) * bound as u128) >> 64) as usize
    }

    /// In a random order (Fisher, Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// Wilson's 95 % interval of `errors` in `trials`; `None` without trials.
pub(crate) fn wilson(errors: usize, trials: usize) -> Option<Interval> {
    const Z: f64 = 1.959_964;
    if trials == 0 {
        return None;
    }
    let (n, p) = (trials as f64, errors as f64 / trials as f64);
    let centre = p + Z * Z / (2.0 * n);
    let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    Some(Interval { low: ((centre - spread) / scale).max(0.0), high: ((centre + spread) / scale).min(1.0) })
}

/// Area under the ROC curve: how often a positive scores above a negative, ties counting half.
pub(crate) fn auc(positives: &[f32], negatives: &[f32]) -> Option<f64> {
    if positives.is_empty() || negatives.is_empty() {
        return None;
    }
    let mut negatives = negatives.to_vec();
    negatives.sort_by(f32::total_cmp);
    let wins: f64 = positives
        .iter()
        .map(|score| {
            let below = negatives.partition_point(|negative| negative < score);
            let not_above = negatives.partition_point(|negative| negative <= score);
            (below + not_above) as f64 / 2.0
        })
        .sum();
    Some(wins / (positives.len() as f64 * negatives.len() as f64))
}

/// The threshold with the most right answers on scored pairs (score, same), and the share it gets right; of several
/// equally good ones the middle of the first run.
pub(crate) fn best_threshold(pairs: &[(f32, bool)]) -> Option<(f32, f64)> {
    let mut sorted: Vec<(f32, bool)> = pairs.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    // With a threshold below everything, all are called the same person.
    let mut right = sorted.iter().filter(|pair| pair.1).count();
    let (mut best, mut threshold) = (right, sorted.first()?.0);
    for (index, (score, same)) in sorted.iter().enumerate() {
        if *same {
            right -= 1;
        } else {
            right += 1;
        }
        let next = sorted.get(index + 1).map(|pair| pair.0);
        if right > best && next != Some(*score) {
            best = right;
            threshold = next.map_or(score.next_up(), |next| f32::midpoint(*score, next).max(score.next_up()));
        }
    }
    Some((threshold, best as f64 / sorted.len() as f64))
}

/// Share of `pairs` that `threshold` calls right.
pub(crate) fn accuracy(pairs: &[(f32, bool)], threshold: f32) -> f64 {
    let right = pairs.iter().filter(|(score, same)| (*score >= threshold) == *same).count();
    right as f64 / pairs.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_threshold_lets_exactly_its_rate_through() {
        let impostors: Vec<f32> = (0..1000).rev().map(|score| score as f32).collect();
        let threshold = threshold_at(&impostors, 1e-2).unwrap();
        assert_eq!(impostors.iter().filter(|score| **score >= threshold).count(), 10);
        assert_eq!(threshold_at(&impostors, 1e-4), None);
        assert_eq!(threshold_at(&[], 0.5), None);
    }

    #[test]
    fn bounds_hold_the_rate_and_do_not_move() {
        let people: Vec<(u32, u32)> = (0..50).map(|person| (u32::from(person % 10 == 0), 4)).collect();
        let interval = bootstrap_by_person(&people).unwrap();
        assert!(interval.low < 0.025 && 0.025 < interval.high, "{interval:?}");
        assert_eq!(bootstrap_by_person(&people), Some(interval));
        assert_eq!(bootstrap_by_person(&[]), None);
    }

    #[test]
    fn wilson_of_known_values() {
        // Brown, Cai, DasGupta 2001: 0 of 10 gives 0 to 0.278.
        let none = wilson(0, 10).unwrap();
        assert!(none.low.abs() < 1e-9 && (none.high - 0.2775).abs() < 1e-3, "{none:?}");
        assert_eq!(wilson(0, 0), None);
    }

    #[test]
    fn auc_of_known_orders() {
        assert_eq!(auc(&[2.0, 3.0], &[0.0, 1.0]), Some(1.0));
        assert_eq!(auc(&[0.0], &[1.0]), Some(0.0));
        assert_eq!(auc(&[1.0], &[1.0]), Some(0.5));
        assert_eq!(auc(&[], &[1.0]), None);
    }

    #[test]
    fn the_best_threshold_separates_what_can_be_separated() {
        let pairs = [(0.1, false), (0.3, false), (0.2, true), (0.7, true), (0.9, true)];
        let (threshold, right) = best_threshold(&pairs).unwrap();
        assert!((right - 0.8).abs() < 1e-9);
        assert!((accuracy(&pairs, threshold) - right).abs() < 1e-9);
        assert_eq!(best_threshold(&[]), None);
    }

    proptest! {
        #[test]
        fn a_threshold_never_lets_more_through(mut scores in proptest::collection::vec(-1.0_f32..1.0, 1..400), rate in 0.001_f64..0.5) {
            scores.sort_by(|a, b| b.total_cmp(a));
            if let Some(threshold) = threshold_at(&scores, rate) {
                let passed = scores.iter().filter(|score| **score >= threshold).count();
                prop_assert!(passed as f64 <= rate * scores.len() as f64 + 1e-6);
            }
        }

        #[test]
        fn the_best_threshold_keeps_its_promise(pairs in proptest::collection::vec((-1.0_f32..1.0, any::<bool>()), 1..60)) {
            let (threshold, right) = best_threshold(&pairs).unwrap();
            prop_assert!((accuracy(&pairs, threshold) - right).abs() < 1e-9);
        }
    }
}
