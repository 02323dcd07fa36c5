//! The threshold of a search among many. It follows the gallery's size, and so soon needs false match rates that are
//! rarer than any that impostor pairs can show.

use domain::{Fmr, Fpir, Similarity};
use serde::{Deserialize, Serialize};

use super::compare::Calibration;

/// The share of impostors over high cosines: from a measured point on it falls by the same factor with each step of
/// the cosine, `fmr * exp(-decay * (c - cosine))`.
///
/// That is the exponential case of the generalized Pareto tail (Balkema, de Haan 1974; Pickands 1975). It stays above
/// any tail that falls faster and faster, as a Gaussian's does, and `decay` is not the best estimate but the lower end
/// of its interval; see `docs/calibration.md` for what was found when it was checked. Made by
/// `bonafide bench calibrate`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tail {
    /// Where it begins.
    pub cosine: f32,
    /// Share of impostor pairs over that cosine.
    pub fmr: f64,
    /// How fast the share falls, per 1 of cosine: the lower end of its 95 % interval, by people.
    pub decay: f64,
    /// The best estimate of the same: 1 over the mean of what the cosines have more than `cosine`.
    pub decay_estimate: f64,
    /// Impostor pairs over the cosine, from which the two were estimated.
    pub impostor_pairs: u64,
}

/// From which cosine on a member of a gallery counts as found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SearchThreshold {
    /// The least cosine of a hit.
    pub cosine: f32,
    /// The same as a similarity, 0..1.
    pub similarity: Similarity,
    /// False match rate of one comparison there, at most.
    pub fmr: Fmr,
    /// What that rate rests on.
    pub basis: Basis,
}

/// What a false match rate rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The calibration has enough impostor pairs to show it.
    Measured,
    /// The tail was drawn on beyond what they show.
    Extrapolated,
}

impl Tail {
    /// The least cosine with a false match rate of at most `fmr`: never under where the tail begins, and 1 at most.
    pub fn cosine_at(&self, fmr: Fmr) -> f32 {
        let beyond = (self.fmr / fmr.0).ln().max(0.0) / self.decay;
        (f64::from(self.cosine) + beyond).min(1.0) as f32
    }

    /// Whether it falls, from a rate and a cosine that there are.
    pub(super) fn is_sound(&self) -> bool {
        (-1.0..1.0).contains(&self.cosine)
            && self.fmr > 0.0
            && self.fmr < 1.0
            && self.decay.is_finite()
            && self.decay > 0.0
            && self.decay_estimate >= self.decay
    }
}

impl Calibration {
    /// The threshold with which at most `fpir` of the searches of `members` for people who are not among them find
    /// someone. It never falls as the members grow. For galleries beyond all measure it is 1, which only the very same
    /// template reaches.
    pub fn search_threshold(&self, members: u64, fpir: Fpir) -> SearchThreshold {
        let fmr = fmr_of_each(members, fpir);
        let cosine = self.tail.cosine_at(fmr);
        let rarest_measured = self.anchors.last().map_or(self.tail.fmr, |anchor| anchor.fmr);
        let basis = if fmr.0 >= rarest_measured { Basis::Measured } else { Basis::Extrapolated };
        // Where the tail begins the rate is lower than what was asked for.
        let fmr = Fmr(fmr.0.min(self.tail.fmr));
        SearchThreshold { cosine, similarity: self.similarity(cosine), fmr, basis }
    }
}

/// The highest false match rate of a single comparison with which a search of `members` stays within `fpir`, from
/// FPIR = 1 - (1 - FMR)^members, which holds for comparisons that are independent of each other.
pub fn fmr_of_each(members: u64, fpir: Fpir) -> Fmr {
    // By logarithms, since 1 - 1e-12 keeps but four digits of the 1e-12.
    Fmr(-((-fpir.get()).ln_1p() / members.max(1) as f64).exp_m1())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tail() -> Tail {
        Tail { cosine: 0.4, fmr: 1e-3, decay: 40.0, decay_estimate: 42.0, impostor_pairs: 4000 }
    }

    #[test]
    fn the_rate_of_a_search_is_shared_by_its_comparisons() {
        let fmr = |members, fpir| fmr_of_each(members, Fpir::new(fpir).unwrap()).0;
        assert!((fmr(1, 1e-3) / 1e-3 - 1.0).abs() < 1e-12);
        assert_eq!(fmr(0, 1e-3), fmr(1, 1e-3));
        // 1 - 0.9^(1/2), and nearly a millionth of 1e-3.
        assert!((fmr(2, 0.1) - 0.051_316_701_949_486).abs() < 1e-12);
        assert!((fmr(1_000_000, 1e-3) / 1.000_500_333e-9 - 1.0).abs() < 1e-8);
        assert!(fmr(u64::MAX, 1e-6) > 0.0);
    }

    #[test]
    fn the_rate_falls_by_the_same_factor_with_each_step() {
        assert_eq!(tail().cosine_at(Fmr(1e-3)), 0.4);
        for (decades, rate) in [(1.0, 1e-4), (3.0, 1e-6), (6.0, 1e-9)] {
            let expected = 0.4 + decades * 10.0_f64.ln() / 40.0;
            assert!((f64::from(tail().cosine_at(Fmr(rate))) - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn the_threshold_has_two_ends() {
        assert_eq!(tail().cosine_at(Fmr(0.5)), 0.4);
        assert_eq!(tail().cosine_at(Fmr(1e-30)), 1.0);
        assert_eq!(tail().cosine_at(Fmr(0.0)), 1.0);
        let calibration = Calibration { tail: tail(), ..Calibration::shipped() };
        let loose = calibration.search_threshold(1, Fpir::new(0.1).unwrap());
        assert_eq!((loose.cosine, loose.fmr), (0.4, Fmr(1e-3)));
    }

    #[test]
    fn a_tail_that_does_not_fall_is_refused() {
        let with = |tail: Tail| {
            let calibration = Calibration { tail, ..Calibration::shipped() };
            Calibration::from_json(&serde_json::to_string(&calibration).unwrap())
        };
        assert!(with(tail()).is_some());
        assert!(with(Tail { decay: 0.0, ..tail() }).is_none());
        assert!(with(Tail { decay: -4.0, ..tail() }).is_none());
        assert!(with(Tail { decay_estimate: 39.0, ..tail() }).is_none());
        assert!(with(Tail { fmr: 0.0, ..tail() }).is_none());
        assert!(with(Tail { cosine: 1.5, ..tail() }).is_none());
    }

    #[test]
    fn the_shipped_tail_is_as_strict_as_the_anchors() {
        let calibration = Calibration::shipped();
        for anchor in calibration.anchors.iter().filter(|anchor| anchor.fmr <= calibration.tail.fmr) {
            assert!(calibration.tail.cosine_at(Fmr(anchor.fmr)) >= anchor.cosine, "at {}", anchor.fmr);
        }
        let small = calibration.search_threshold(100, Fpir::STANDARD);
        let large = calibration.search_threshold(1_000_000, Fpir::STANDARD);
        assert_eq!((small.basis, large.basis), (Basis::Measured, Basis::Extrapolated));
        assert!((small.fmr.0 / 1e-5 - 1.0).abs() < 1e-3 && (large.fmr.0 / 1e-9 - 1.0).abs() < 1e-3);
        // Stricter than the one-to-one threshold by far, and yet one that a person can reach.
        assert!(small.cosine > calibration.anchors[1].cosine && large.cosine < 0.75);
        assert_eq!(calibration.similarity(large.cosine), large.similarity);
    }

    proptest! {
        #[test]
        fn a_larger_gallery_or_a_rarer_error_never_loosens_the_threshold(
            members in proptest::collection::vec(any::<u64>().prop_flat_map(|most| 0..=most.max(1)), 2..20),
            rates in (1e-6_f64..0.1, 1e-6_f64..0.1),
        ) {
            let calibration = Calibration::shipped();
            let mut members = members;
            members.sort_unstable();
            let [strict, loose] = [rates.0.min(rates.1), rates.0.max(rates.1)].map(|rate| Fpir::new(rate).unwrap());
            for pair in members.windows(2) {
                let [small, large] = [pair[0], pair[1]].map(|size| calibration.search_threshold(size, strict));
                prop_assert!(small.cosine <= large.cosine && small.similarity <= large.similarity);
                prop_assert!(small.fmr >= large.fmr);
                prop_assert!(calibration.search_threshold(pair[0], loose).cosine <= small.cosine);
                prop_assert!((calibration.tail.cosine..=1.0).contains(&large.cosine));
            }
        }
    }
}
