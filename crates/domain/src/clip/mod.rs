//! What a selfie that was filmed shows over time: signals of the engine, each with what was measured.
//!
//! A clip is judged by [`ClipPolicy`], as the one question [`Liveness`](crate::CheckName::Liveness). `None` for a
//! signal means that nothing could be measured.

mod policy;
#[cfg(test)]
mod tests;

pub use policy::{ClipLimits, ClipPolicy};

use serde::{Deserialize, Serialize};

use crate::{ContinuitySignal, PresentationSignal};

/// Everything that was measured on a clip.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct ClipEvidence {
    /// Frames that were decoded.
    pub frames: u32,
    /// From the first of them to the last, in ms.
    pub duration_ms: u32,
    /// Single frames: the best of each part of the clip; `None` where none shows a face.
    pub presentation: Option<PresentationSignal>,
    /// One person from end to end; `None` without frames.
    pub continuity: Option<ContinuitySignal>,
    /// Whether the picture goes on.
    pub course: CourseSignal,
    /// How the head and the face moved; `None` with too few frames that show a face.
    pub movement: Option<FaceMovementSignal>,
    /// The eyes; `None` where they are not seen.
    pub eyes: Option<EyesSignal>,
    /// Signs of a display.
    pub screen: ScreenSignal,
}

/// Whether the picture goes on, without a stop, a repetition or a cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct CourseSignal {
    /// Longest time in which the picture stood still, in ms.
    pub still_ms: u32,
    /// How much less half a second of frames differs from half a second before than neighbours differ from each other: 0
    /// for a loop, above 1 for anything that goes on. `None` where the clip is too short or hardly moves.
    pub recurrence: Option<f32>,
    /// The largest change from one frame to the next, but for the light of all of it, against the usual one. `None` where
    /// nothing moves.
    pub cut: Option<f32>,
}

/// How the head and the face moved.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FaceMovementSignal {
    /// How far places of the face shift against the rest of it, in eye distances (root mean square over time, the place
    /// at nine tenths of all): speech, blinks, a turning head. A picture that is moved about has none.
    pub within: f32,
    /// The same of the middle place: what noise and coding do.
    pub noise: f32,
    /// How far the tip of the nose stands before the plane of eyes and mouth, in eye distances: about 0.5 for a head, 0
    /// for a picture. `None` where the head turned too little to say.
    pub depth: Option<f32>,
    /// Standard error of `depth`; `None` with it.
    pub depth_error: Option<f32>,
    /// From the leftmost to the rightmost turn of the head, in degrees.
    pub yaw_degrees: f32,
}

/// What the eyes did.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EyesSignal {
    /// Frames in which both eyes were looked at.
    pub frames: u32,
    /// Times at which both were closed and then open again.
    pub blinks: u32,
    /// Share of frames in which both are closed.
    pub closed: f32,
}

/// What the pictures of a display show in a camera.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct ScreenSignal {
    /// How far the strongest fine pattern over the face stands out of what is as fine, in decibels. `None` where the
    /// face has too few pixels.
    pub moire_db: Option<f32>,
    /// How far the light of single rows is from that of the frames before and after, as a share of it (the median); less
    /// what changes all rows alike or follows from a picture that moves up or down. `None` in the dark.
    pub flicker: Option<f32>,
}
