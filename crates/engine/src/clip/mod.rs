//! A selfie that was filmed: what its frames show together, over time.
//!
//! A [`Watch`] is shown the frames one by one and keeps numbers and small pictures; of the frames themselves it holds
//! the best one, and the best of the part that is under way. Nothing here decides.

mod inner;
mod moire;
mod thumbs;

use domain::{ClipEvidence, CourseSignal, EyesSignal, FaceMovementSignal, ScreenSignal};
use media::Frame;

use crate::engine::{Engine, EngineError};
use crate::face::{Face, align};
use crate::presence::{
    CameraClaims, Depth, Front, Observation, Seen, Take, continuity, presentation, solid, statistics,
};
use inner::Patch;
use moire::Moire;
use thumbs::Thumb;

/// From one frame that is searched for faces to the next, in ms at least.
const GLANCE_MS: u64 = 95;
/// Parts of a clip: the best frame of each is looked at closely.
const PARTS: u64 = 6;
/// Frames whose faces are laid over each other at most.
const MOST_PATCHES: usize = 60;
/// Frames that are compared with each other at most.
const MOST_THUMBS: usize = 450;
/// From here on an eye is closed, and under it open again: between the humps of `fr_eye` on LFW (2026-11-21).
const CLOSED: f32 = 0.5;
/// Frames of the beginning that a head's turn is measured from.
const REFERENCE_FRAMES: usize = 8;

/// What a clip showed.
#[derive(Debug)]
pub struct Watched {
    /// The measurements.
    pub evidence: ClipEvidence,
    /// The frame whose face is best to be compared; `None` where none shows a face.
    pub best: Option<Frame>,
}

/// Watches one clip.
#[derive(Debug)]
pub struct Watch<'a> {
    engine: &'a Engine,
    part_ms: u64,
    frames: u32,
    last_ms: u64,
    next_glance_ms: u64,
    take: Take,
    film: Film,
    /// The best frame of the part that is under way, and which of the glances it is.
    candidate: Option<(f32, Frame, usize)>,
    best: Option<(f32, Frame)>,
}

/// Small pictures and sums.
#[derive(Default)]
struct Film {
    thumbs: Vec<Thumb>,
    patches: Vec<Patch>,
    moire: Moire,
    /// For each glance with a face whether both eyes are closed.
    closed: Vec<bool>,
}

impl std::fmt::Debug for Film {
    /// Counts only: small pictures are pictures.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Film").field("thumbs", &self.thumbs.len()).finish_non_exhaustive()
    }
}

impl<'a> Watch<'a> {
    /// Begins to watch a clip of about `duration_ms`.
    pub fn new(engine: &'a Engine, duration_ms: u64) -> Self {
        let take = Take { before: vec![], steps: vec![], camera: CameraClaims::default(), recycled: 0 };
        Self {
            engine,
            part_ms: (duration_ms / PARTS).max(1),
            frames: 0,
            last_ms: 0,
            next_glance_ms: 0,
            take,
            film: Film::default(),
            candidate: None,
            best: None,
        }
    }

    /// Looks at the next frame.
    ///
    /// # Errors
    /// Those of the runtime.
    pub fn see(&mut self, frame: Frame) -> Result<(), EngineError> {
        let t_ms = frame.t_ms();
        let begins_part = self.frames > 0 && t_ms / self.part_ms != self.last_ms / self.part_ms;
        if begins_part {
            self.close_part()?;
        }
        self.frames += 1;
        self.last_ms = t_ms;
        if self.film.thumbs.len() < MOST_THUMBS {
            self.film.thumbs.extend(Thumb::of(&frame));
        }
        if t_ms < self.next_glance_ms {
            return Ok(());
        }
        self.next_glance_ms = t_ms + GLANCE_MS;
        let observation = self.engine.observe(&frame, Depth::Glance)?;
        let index = self.take.before.len();
        if let Some(front) = &observation.front {
            let closed = self.look_at_face(&frame, front)?;
            let goodness = goodness(&observation, front, closed);
            if self.candidate.as_ref().is_none_or(|(best, _, _)| goodness > *best) {
                self.candidate = Some((goodness, frame, index));
            }
        }
        self.take.before.push(Seen {
            sequence: index as u32 + 1,
            captured_us: t_ms.saturating_mul(1000),
            received_ms: t_ms,
            digest: (index as u128).to_le_bytes(),
            observation,
        });
        Ok(())
    }

    /// Keeps what is seen of a face over time, and tells how surely both of its eyes are closed, 0..1.
    fn look_at_face(&mut self, frame: &Frame, front: &Front) -> Result<f32, EngineError> {
        let landmarks = front.landmarks();
        let [right, left] = self.engine.eyes_closed(frame, &landmarks)?;
        let closed = right.min(left);
        self.film.closed.push(closed > CLOSED);
        if self.film.patches.len() < MOST_PATCHES
            && let Some(aligned) = align(frame, &landmarks)
        {
            self.film.patches.push(Patch::of(&aligned));
        }
        Ok(closed)
    }

    /// Looks closely at the best frame of a part.
    fn close_part(&mut self) -> Result<(), EngineError> {
        let Some((goodness, frame, index)) = self.candidate.take() else { return Ok(()) };
        let Some(front) = self.take.before.get_mut(index).and_then(|seen| seen.observation.front.as_mut())
        else {
            return Ok(());
        };
        let face = Face { bounds: front.bounds, landmarks: front.landmarks(), score: front.score };
        front.liveness = Some(self.engine.liveness(&frame, &face)?);
        front.template = Some(self.engine.template(&frame, &face.landmarks)?);
        self.film.moire.add(&frame, face.bounds);
        if self.best.as_ref().is_none_or(|(best, _)| goodness > *best) {
            self.best = Some((goodness, frame));
        }
        Ok(())
    }

    /// What the clip showed.
    ///
    /// # Errors
    /// Those of the runtime.
    pub fn finish(mut self) -> Result<Watched, EngineError> {
        self.close_part()?;
        let course = thumbs::measure(&self.film.thumbs);
        let fronts = || self.take.before.iter().filter_map(|seen| seen.observation.front.as_ref());
        let evidence = ClipEvidence {
            frames: self.frames,
            duration_ms: u32::try_from(self.last_ms).unwrap_or(u32::MAX),
            presentation: presentation::measure(&self.take),
            continuity: continuity::measure(&self.take),
            course: CourseSignal {
                still_ms: course.still_ms,
                recurrence: course.recurrence,
                cut: course.cut,
            },
            movement: inner::measure(&self.film.patches).map(|inner| {
                let reference = solid::Reference::of(fronts().take(REFERENCE_FRAMES));
                let depth = reference.and_then(|reference| solid::measure(&reference, fronts()).depth);
                let yaw =
                    |share| statistics::quantile(fronts().map(|front| f64::from(front.yaw_degrees)), share);
                FaceMovementSignal {
                    within: inner.most,
                    noise: inner.usual,
                    depth: depth.map(|depth| depth.0),
                    depth_error: depth.map(|depth| depth.1),
                    yaw_degrees: statistics::finite(
                        yaw(1.0).unwrap_or_default() - yaw(0.0).unwrap_or_default(),
                    ),
                }
            }),
            eyes: eyes(&self.film.closed),
            screen: ScreenSignal { moire_db: self.film.moire.peak_db(), flicker: course.flicker },
        };
        Ok(Watched { evidence, best: self.best.map(|(_, frame)| frame) })
    }
}

/// How good a face is to be compared, within one clip: large, sharp, alone, turned to the camera, and not blinking.
fn goodness(observation: &Observation, front: &Front, closed: f32) -> f32 {
    let size = front.size_px() / observation.width.min(observation.height).max(1) as f32;
    let turned = front.yaw_degrees.abs().max(front.pitch_degrees.abs()) / 45.0;
    let goodness =
        size.min(0.3) / 0.3 + f32::from(front.sharpness) / 100.0 - turned - (1.0 - front.aloneness) - closed;
    if goodness.is_finite() { goodness } else { f32::MIN }
}

/// Blinks are runs of closed eyes between open ones.
fn eyes(closed: &[bool]) -> Option<EyesSignal> {
    if closed.is_empty() {
        return None;
    }
    let first_open = closed.iter().position(|closed| !closed).unwrap_or(closed.len());
    let blinks = closed[first_open..].windows(2).filter(|pair| pair[0] && !pair[1]).count();
    let shut = closed.iter().filter(|closed| **closed).count();
    Some(EyesSignal {
        frames: closed.len() as u32,
        blinks: blinks as u32,
        closed: shut as f32 / closed.len() as f32,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presence::testing::observation;

    #[test]
    fn a_face_that_blinks_is_the_best_only_without_a_better_one() {
        let seen = observation();
        let front = seen.front.clone().unwrap();
        let less_sharp = Front { sharpness: front.sharpness / 2, ..front.clone() };
        assert!(goodness(&seen, &front, 0.9) < goodness(&seen, &less_sharp, 0.1));
        assert!(goodness(&seen, &front, 0.1) > goodness(&seen, &less_sharp, 0.1));
        assert!(goodness(&seen, &front, 0.9) > goodness(&seen, &less_sharp, 0.9));
    }

    #[test]
    fn a_blink_is_closed_between_open() {
        let of = |marks: &str| eyes(&marks.chars().map(|mark| mark == 'x').collect::<Vec<_>>()).unwrap();
        assert_eq!(of("oooxxoooxo").blinks, 2);
        assert_eq!(of("xxoooooo").blinks, 0, "closed from the beginning");
        assert_eq!(of("oooooxxx").blinks, 0, "and to the end");
        assert!((of("xxoo").closed - 0.5).abs() < 1e-6);
        assert_eq!(eyes(&[]), None);
    }
}
