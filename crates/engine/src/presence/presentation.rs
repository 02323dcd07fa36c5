//! Single frames: the detector's scores on the frames that were looked at closely.

use domain::{Blind, LivenessSignal, PresentationSignal};

use super::statistics::{finite, quantile};
use super::take::{Seen, Take};

/// Scores of all key frames, of a challenge's of those whose face looks straight; `None` where there are none.
pub(crate) fn measure(take: &Take) -> Option<PresentationSignal> {
    let (mut scores, mut blinds) = (Vec::new(), Vec::new());
    // A clip asks for no turn: its frames count as photos do.
    let is_clip = take.steps.is_empty();
    let liveness = |seen: &Seen| {
        let front = seen.observation.front.as_ref()?;
        front.liveness.filter(|_| is_clip || front.is_straight())
    };
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

/// Of a step: faces that do not look straight are not compared, and might be somebody else's.
fn is_judged(seen: &Seen) -> bool {
    let front = seen.observation.front.as_ref().filter(|front| front.is_straight());
    matches!(front.and_then(|front| front.liveness), Some(LivenessSignal::Scored { score }) if score.is_finite())
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
