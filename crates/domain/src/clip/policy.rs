//! The rules that turn the signals of a clip into an answer.

use super::{ClipEvidence, FaceMovementSignal};
use crate::{Band, CaptureFault, Outcome, Reason};

/// From which measurements on something speaks against a clip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClipLimits {
    /// Shortest clip, in ms, and fewest frames.
    pub least: (u32, u32),
    /// Longest time in which the picture may stand still, in ms.
    pub still_ms: u32,
    /// Under this it is a loop.
    pub recurrence: f32,
    /// From this on a change is a cut.
    pub cut: f32,
    /// Under this a face does not move within itself.
    pub within: f32,
    /// From this depth on, in eye distances and less two standard errors, it is a head however still its face is.
    pub depth: f32,
    /// From this pattern on, in decibels, a display is likely.
    pub moire_db: f32,
    /// From this flicker on.
    pub flicker: f32,
}

/// A versioned set of thresholds for clips: a part of [`Policy`](crate::Policy), whose version names it.
///
/// Single frames and the person's template were measured on photos and recordings of people; all the rest on attacks that
/// were drawn from two dozen people's recordings. So those alone can deny; one of the others is a doubt, and denies beside a
/// second one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClipPolicy {
    /// Fewest frames that single-frame detection judged.
    pub judged: u32,
    /// Median score of single-frame detection.
    pub presentation: Band,
    /// Largest share of frames without a face, and with a second one.
    pub without_face: f32,
    /// Largest share of frames with a second face.
    pub several_faces: f32,
    /// Fewest faces compared.
    pub compared: u32,
    /// Lowest cosine of a frame's template with the middle one.
    pub person: Band,
    /// Everything else.
    pub limits: ClipLimits,
}

impl ClipPolicy {
    /// Whether the clip is a bona fide presentation, and why it is not, or not surely. Total.
    pub fn judge(&self, clip: &ClipEvidence) -> (Outcome, Vec<Reason>) {
        let missing = self.missing(clip);
        let mut sure = Vec::new();
        let mut doubts = Vec::new();
        let single = clip.presentation.filter(|single| single.judged >= self.judged);
        match single.map(|single| self.presentation.judge(single.score)) {
            Some(Outcome::Failed) => sure.push(Reason::PresentationAttack),
            Some(Outcome::Borderline) => doubts.push(Reason::LivenessUncertain),
            _ => {}
        }
        let cosine =
            clip.continuity.filter(|one| one.compared >= self.compared).and_then(|one| one.lowest_cosine);
        match cosine.map(|cosine| self.person.judge(cosine)) {
            Some(Outcome::Failed) => sure.push(Reason::Capture(CaptureFault::PersonChanged)),
            Some(Outcome::Borderline) => doubts.push(Reason::Capture(CaptureFault::PersonUncertain)),
            _ => {}
        }
        doubts.extend(self.drawn(clip).into_iter().map(Reason::Capture));
        if !sure.is_empty() || doubts.len() >= 2 {
            return (Outcome::Failed, [sure, doubts].concat());
        }
        if !missing.is_empty() {
            return (Outcome::CouldNotTell, [missing, doubts].concat());
        }
        if !doubts.is_empty() {
            return (Outcome::Borderline, doubts);
        }
        match (single, clip.presentation.and_then(|single| single.why_blind)) {
            (Some(_), _) => (Outcome::Passed, vec![]),
            // What follows from movement alone is no answer: a good replay moves as a person does.
            (None, Some(blind)) => (Outcome::CouldNotTell, vec![Reason::LivenessBlind(blind)]),
            (None, None) => (Outcome::CouldNotTell, vec![Reason::Capture(CaptureFault::TooFewFrames)]),
        }
    }

    /// What keeps the clip from being judged.
    fn missing(&self, clip: &ClipEvidence) -> Vec<Reason> {
        let (least_ms, least_frames) = self.limits.least;
        let share = |part: u32, whole: u32| part as f32 / whole.max(1) as f32;
        let over = |most: f32, part: fn(&crate::ContinuitySignal) -> u32| {
            clip.continuity.is_some_and(|one| share(part(&one), one.frames) > most)
        };
        [
            (
                clip.duration_ms < least_ms || clip.frames < least_frames || clip.movement.is_none(),
                CaptureFault::TooFewFrames,
            ),
            (over(self.without_face, |one| one.without_face), CaptureFault::FaceLost),
            (over(self.several_faces, |one| one.several_faces), CaptureFault::SeveralFaces),
        ]
        .into_iter()
        .filter_map(|(is_so, fault)| is_so.then_some(Reason::Capture(fault)))
        .collect()
    }

    /// What was measured on drawn attacks only.
    fn drawn(&self, clip: &ClipEvidence) -> Vec<CaptureFault> {
        let limits = &self.limits;
        let at_least = |value: Option<f32>, limit: f32| value.is_some_and(|value| value >= limit);
        let jumps = clip.continuity.map_or(0, |one| one.jumps);
        let is_deep = |movement: &FaceMovementSignal| {
            let lowest = movement.depth.zip(movement.depth_error).map(|(depth, error)| depth - 2.0 * error);
            lowest.is_some_and(|lowest| lowest >= limits.depth)
        };
        let is_flat =
            clip.movement.is_some_and(|movement| movement.within < limits.within && !is_deep(&movement));
        let is_loop = clip.course.recurrence.is_some_and(|recurrence| recurrence < limits.recurrence);
        [
            (clip.course.still_ms > limits.still_ms, CaptureFault::FrozenPicture),
            (is_loop, CaptureFault::FramesRepeated),
            (jumps > 0 || at_least(clip.course.cut, limits.cut), CaptureFault::Jumps),
            (is_flat, CaptureFault::FlatFace),
            (at_least(clip.screen.moire_db, limits.moire_db), CaptureFault::ScreenPattern),
            (at_least(clip.screen.flicker, limits.flicker), CaptureFault::ScreenFlicker),
        ]
        .into_iter()
        .filter_map(|(is_so, fault)| is_so.then_some(fault))
        .collect()
    }
}
