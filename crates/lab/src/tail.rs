//! How the share of impostors falls over high cosines, estimated.

use engine::face::compare::Embedding;
use engine::face::tail::Tail;

use crate::identity::Identities;
use crate::rates::{RESAMPLES, SEED, SplitMix, threshold_at};

/// Where the tail begins. On LFW the share falls by the same factor from here on, and ten times more pairs lie over it
/// than over the anchor at 1e-4.
const START_FMR: f64 = 1e-3;
/// Impostor pairs over the start without which the interval would say little.
const FEWEST_OVER: usize = 500;

/// The tail of `impostors` (sorted, highest first), which are the pairs of different people among `embeddings`. `None`
/// when there are too few of them.
pub(crate) fn fit(
    identities: &Identities,
    embeddings: &[Option<&Embedding>],
    impostors: &[f32],
) -> Option<Tail> {
    // Four digits, as the anchors.
    let cosine = (threshold_at(impostors, START_FMR)? * 1e4).ceil() / 1e4;
    let over = impostors_over(identities, embeddings, cosine);
    if over.len() < FEWEST_OVER {
        return None;
    }
    let mut present: Vec<usize> = (0..embeddings.len())
        .filter(|photo| embeddings[*photo].is_some())
        .map(|photo| identities.person[photo])
        .collect();
    present.sort_unstable();
    present.dedup();
    let once = vec![1; identities.people];
    Some(Tail {
        cosine,
        fmr: START_FMR,
        decay: (lower_decay(&over, &present, identities.people)? * 100.0).floor() / 100.0,
        decay_estimate: (decay(&over, &once)? * 100.0).round() / 100.0,
        impostor_pairs: over.len() as u64,
    })
}

/// What an impostor pair has more than the start of the tail, and its two people.
struct Over {
    excess: f64,
    people: [usize; 2],
}

fn impostors_over(identities: &Identities, embeddings: &[Option<&Embedding>], start: f32) -> Vec<Over> {
    let mut over = Vec::new();
    for (a, probe) in embeddings.iter().enumerate() {
        let Some(probe) = probe else { continue };
        for (b, reference) in embeddings.iter().enumerate().skip(a + 1) {
            let Some(reference) = reference else { continue };
            let cosine = probe.cosine(reference);
            if cosine >= start && identities.same(a, b) == Some(false) {
                let people = [identities.person[a], identities.person[b]];
                over.push(Over { excess: f64::from(cosine) - f64::from(start), people });
            }
        }
    }
    over
}

/// The most likely decay of exponential excesses, when each person is there as often as `times` says: a pair then
/// counts as often as there are pairs of the two.
fn decay(over: &[Over], times: &[u32]) -> Option<f64> {
    let (mut pairs, mut excess) = (0.0, 0.0);
    for pair in over {
        let weight = f64::from(times[pair.people[0]]) * f64::from(times[pair.people[1]]);
        pairs += weight;
        excess += weight * pair.excess;
    }
    (excess > 0.0).then(|| pairs / excess)
}

/// Lower end of the decay's 95 % interval. Whole people are drawn with replacement, since one person is in many pairs.
fn lower_decay(over: &[Over], present: &[usize], people: usize) -> Option<f64> {
    let mut random = SplitMix(SEED);
    let mut decays: Vec<f64> = (0..RESAMPLES)
        .filter_map(|_| {
            let mut times = vec![0; people];
            for _ in present {
                times[present[random.below(present.len())]] += 1;
            }
            decay(over, &times)
        })
        .collect();
    decays.sort_by(f64::total_cmp);
    decays.get((decays.len() as f64 * 0.025) as usize).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Excesses as an exponential distribution of `decay` has them at equal steps of probability, among many people.
    fn exponential(decay: f64, count: usize) -> Vec<Over> {
        (0..count)
            .map(|index| {
                let excess = -(1.0 - (index as f64 + 0.5) / count as f64).ln() / decay;
                Over { excess, people: [index * 7 % 100, 100 + index * 13 % 101] }
            })
            .collect()
    }

    #[test]
    fn the_decay_of_exponential_excesses_is_found_again() {
        let over = exponential(42.0, 5000);
        let people: Vec<usize> = (0..201).collect();
        let estimate = decay(&over, &[1; 201]).unwrap();
        assert!((estimate - 42.0).abs() < 0.1, "{estimate}");
        let lower = lower_decay(&over, &people, 201).unwrap();
        assert!(lower < estimate && lower > 38.0, "{lower}");
        assert_eq!(lower_decay(&over, &people, 201), Some(lower));
    }

    #[test]
    fn one_odd_person_lowers_the_decay_that_is_used() {
        let people: Vec<usize> = (0..201).collect();
        let (mut odd, even) = (exponential(42.0, 5000), exponential(42.0, 5000));
        for pair in odd.iter_mut().filter(|pair| pair.people[0] == 7) {
            pair.excess *= 8.0;
        }
        assert!(lower_decay(&odd, &people, 201) < lower_decay(&even, &people, 201));
        assert_eq!(decay(&[], &[1; 201]), None);
    }
}
