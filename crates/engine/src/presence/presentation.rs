//! Single frames: the detector's scores on the frames that were looked at closely.

use domain::{Blind, LivenessSignal, PresentationSignal};

use super::statistics::{finite, quantile};
use super::take::{Seen, Take};

/// Scores of all key frames whose face looks straight; `None` where there are none.
pub(crate) fn measure(take: &Take) -> Option<PresentationSignal> {
    let (mut scores, mut blinds) = (Vec::new(), Vec::new());
    for signal in take.frames().filter_map(liveness) {
        match signal {
            LivenessSignal::Scored { score } if score.is_finite() => scores.push(f64::from(score)),
            // A detector that answers with no number has not seen anything.
            LivenessSignal::Scored { .. } => {}
            LivenessSignal::CouldNotTell { blind } => blinds.push(blind),
        }
    }
    if scores.is_empty() && blinds.is_empty() {
        return None;
    }
    let judged_steps = take.steps.iter().filter(|step| step.frames.iter().any(is_judged)).count();
    let at = |share| finite(quantile(scores.iter().copied(), share).unwrap_or_default());
    Some(PresentationSignal {
        judged: scores.len() as u32,
        blind: blinds.len() as u32,
        why_blind: most_frequent(&blinds),
        score: at(0.5),
        lower_quartile: at(0.25),
        judged_steps: judged_steps as u32,
    })
}

/// What single-frame detection said of a face that looks straight: those that do not are not compared, and might be
/// somebody else's.
fn liveness(seen: &Seen) -> Option<LivenessSignal> {
    seen.observation.front.as_ref().filter(|front| front.is_straight())?.liveness
}

fn is_judged(seen: &Seen) -> bool {
    matches!(liveness(seen), Some(LivenessSignal::Scored { score }) if score.is_finite())
}

/// The first of the most frequent ones.
fn most_frequent(blinds: &[Blind]) -> Option<Blind> {
    let count = |blind: &Blind| blinds.iter().filter(|other| *other == blind).count();
    blinds.iter().rev().max_by_key(|blind| count(blind)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presence::testing;

    #[test]
    fn blind_frames_do_not_count_and_one_outlier_does_not_move_the_middle() {
        let mut take = testing::still_take(8);
        let scores = [0.9, 0.95, 0.02, 0.97, 0.9];
        for (seen, score) in take.before.iter_mut().zip(scores) {
            seen.observation.front.as_mut().unwrap().liveness = Some(LivenessSignal::Scored { score });
        }
        let blind = LivenessSignal::CouldNotTell { blind: Blind::FaceTooSmall };
        take.before[5].observation.front.as_mut().unwrap().liveness = Some(blind);
        let signal = measure(&take).unwrap();
        assert_eq!((signal.judged, signal.blind, signal.why_blind), (5, 1, Some(Blind::FaceTooSmall)));
        assert!((signal.score - 0.9).abs() < 1e-6 && (signal.lower_quartile - 0.9).abs() < 1e-6);
        assert_eq!(measure(&testing::still_take(8)), None);
    }
}
