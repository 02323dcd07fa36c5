//! What a live capture with a challenge showed: signals of the engine, each with what was measured.
//!
//! A capture is judged by [`PresencePolicy`], in five questions. `None` for a signal means that nothing could be
//! measured; that never passes.

mod fault;
mod policy;
#[cfg(test)]
mod tests;

pub use fault::CaptureFault;
pub use policy::{ColourLimits, ContinuityLimits, FreshnessLimits, MotionLimits, PresencePolicy};

use serde::{Deserialize, Serialize};

use crate::{Blind, Movement};

/// What the person can do to be seen better. The words of the capture page's protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guidance {
    /// No face is seen.
    NoFace,
    /// More than one face of similar size.
    SeveralFaces,
    /// The face is too small.
    TooFar,
    /// The face fills too much of the picture.
    TooClose,
    /// The face is too dark.
    TooDark,
    /// The face is too bright.
    TooBright,
    /// The face is at the edge.
    NotCentred,
    /// The head is turned, tilted or leans.
    LookStraight,
    /// Something covers the face.
    FaceCovered,
    /// The picture is blurred.
    HoldStill,
    /// The capture can begin.
    Good,
}

impl Guidance {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::NoFace,
        Self::SeveralFaces,
        Self::TooFar,
        Self::TooClose,
        Self::TooDark,
        Self::TooBright,
        Self::NotCentred,
        Self::LookStraight,
        Self::FaceCovered,
        Self::HoldStill,
        Self::Good,
    ];
}

/// Everything that was measured on a capture.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PresenceEvidence {
    /// Single frames; `None` where none was looked at closely.
    pub presentation: Option<PresentationSignal>,
    /// The light of the screen; `None` where too few frames show a face with a background.
    pub colour: Option<ColourSignal>,
    /// The movements; `None` where none was asked for, or no straight face was seen before.
    pub motion: Option<MotionSignal>,
    /// One person from end to end; `None` without frames.
    pub continuity: Option<ContinuitySignal>,
    /// Camera, clock and repetition; `None` without frames.
    pub freshness: Option<FreshnessSignal>,
}

/// What single-frame presentation attack detection says of the frames that were looked at closely.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PresentationSignal {
    /// Frames that the detector could judge.
    pub judged: u32,
    /// Frames on which it is blind: they do not count.
    pub blind: u32,
    /// The most frequent reason for that.
    pub why_blind: Option<Blind>,
    /// Median score of the judged frames, 0 an attack presentation, 1 a bona fide one; 0 where none was judged.
    pub score: f32,
    /// Lower quartile of the scores.
    pub lower_quartile: f32,
    /// Steps of the challenge of which a frame was judged.
    #[serde(default)]
    pub judged_steps: u32,
}

/// How the light of the screen came back from face and background.
///
/// A *gain* is the mean rise of the linear light of a place, as a share of what it had under the neutral screen, for
/// an emission of 1 (full channel). Only hues are compared: the channels without their mean, which cameras and a head
/// that sways change as well. Validated on simulated captures only.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ColourSignal {
    /// Colours of which frames were measured.
    pub colours: u32,
    /// Frames measured.
    pub frames: u32,
    /// Delay from the screen to the frame, 0..=600 ms: where the face's colour changes most clearly with the steps.
    pub lag_ms: u32,
    /// Correlation of the face, relative to the background, with the emitted colours, -1..1.
    pub correlation: f32,
    /// Gain of the face relative to the background.
    pub gain: f32,
    /// Standard error of `gain`.
    pub gain_error: f32,
    /// Gain of the background by itself.
    pub background_gain: f32,
    /// Gain of the face by itself.
    pub face_gain: f32,
    /// How much weaker the sides of the face respond than its front, as a share of the front's gain: 0 for a plane.
    /// `None` where the sides are not seen.
    pub relief: Option<f32>,
    /// Standard error of `relief`; `None` with it.
    pub relief_error: Option<f32>,
    /// Share of all other sequences of as many colours that fit at least as well, 0..1.
    pub chance: f32,
    /// Correlation of the face with the sequence that fits best.
    pub best_correlation: f32,
    /// How much more the face's colour by itself differs between the colours than within one: an F ratio, about 1 by
    /// chance.
    pub steadiness: f32,
}

/// One movement.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MovementSignal {
    /// What was asked.
    pub movement: Movement,
    /// Frames of the step with a face.
    pub frames: u32,
    /// How far it went: 1 is the amount that counts as done, negative is the wrong way.
    pub reached: f32,
    /// How far it went the other way before, as a positive share of the amount.
    pub wrong_way: f32,
    /// From the reveal to the begin of the movement, in ms; negative before the reveal. `None` where it never began.
    pub began_ms: Option<i64>,
    /// The largest change between two frames, as a share of the whole way.
    pub largest_jump: f32,
    /// Frames on the way, between a fifth and four fifths of it.
    pub on_the_way: u32,
}

/// What the movements showed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MotionSignal {
    /// Each movement that was asked.
    pub movements: Vec<MovementSignal>,
    /// How far the tip of the nose stands before the plane of eyes and mouth, in eye distances: about 0.5 for a head,
    /// 0 for a picture. From how it shifts against that plane as the head turns to a side. `None` where it turned too
    /// little to say; nods and coming closer do not tell.
    pub depth: Option<f32>,
    /// Standard error of `depth`; `None` with it.
    pub depth_error: Option<f32>,
    /// Frames behind `depth`.
    pub depth_frames: u32,
    /// The same, from the turn by which the eyes came nearer to each other and not from that of the pose: whoever is
    /// seen on paper that is turned looks less turned than the paper is. `None` where it turned too little to say.
    #[serde(default)]
    pub depth_by_eyes: Option<f32>,
    /// Largest shift of the nose against the best plane homography, in eye distances.
    pub plane_residual: f32,
    /// Largest misfit of the five points to an affine image of themselves, root mean square, in eye distances.
    pub affine_residual: f32,
    /// Change of the eyes' distance against the width of the face's box, for a face that came closer: a head near the
    /// camera shows less of its sides. `None` where it did not come closer.
    pub perspective: Option<f32>,
}

/// Whether it is one person without a cut.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ContinuitySignal {
    /// Frames.
    pub frames: u32,
    /// Frames without a face.
    pub without_face: u32,
    /// Frames with a second face of similar size.
    pub several_faces: u32,
    /// Frames whose face is too dark or too bright.
    pub badly_lit: u32,
    /// Times at which the face was somewhere else, or of another size, from one frame to the next.
    pub jumps: u32,
    /// Faces compared with the capture's middle one.
    pub compared: u32,
    /// Steps of the challenge of which a face was compared.
    #[serde(default)]
    pub compared_steps: u32,
    /// Movements among them.
    #[serde(default)]
    pub compared_moves: u32,
    /// The lowest cosine of these, -1..1; `None` with fewer than two.
    pub lowest_cosine: Option<f32>,
    /// The lowest but one.
    #[serde(default)]
    pub second_lowest_cosine: Option<f32>,
    /// The lowest cosine of a face that is turned by more than those; `None` without one.
    #[serde(default)]
    pub lowest_turned_cosine: Option<f32>,
}

/// Whether the frames were made now, by a camera, for this capture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a measurement of its own")]
pub struct FreshnessSignal {
    /// Frames.
    pub frames: u32,
    /// Frames that are byte for byte one that came before in this capture.
    pub repeated: u32,
    /// Frames that another capture had too, byte for byte.
    pub recycled: u32,
    /// Neighbouring frames whose fine grain is the same: a frozen picture.
    pub frozen: u32,
    /// Frames whose fine grain is that of a frame at least a second before: a loop.
    pub looped: u32,
    /// Mean difference of the fine grain of neighbouring frames, in levels of 255.
    pub grain_change: f32,
    /// Mean strength of the fine grain, in levels of 255.
    pub grain: f32,
    /// Time of the camera's clock for one unit of the server's; `None` for less than two seconds.
    pub clock_rate: Option<f32>,
    /// Spread (standard deviation) of the camera's intervals, in ms; `None` with fewer than ten.
    pub jitter_ms: Option<f32>,
    /// Longest time between two frames by the camera's clock, in ms.
    pub longest_gap_ms: u32,
    /// How much longer frames of the steps were on their way than those of the preview, in the middle and in ms: what
    /// is taken at once and sent late can be made in the time between. `None` without frames of either.
    #[serde(default)]
    pub delay_ms: Option<i64>,
    /// Frames whose sequence number or time did not rise.
    pub out_of_order: u32,
    /// The camera's name is that of a program.
    pub virtual_camera: bool,
    /// The browser says that a program drives it.
    pub automation: bool,
    /// The frames have another shape than the camera the page told of, or change it.
    pub other_size: bool,
    /// More frames a second than the camera the page told of gives.
    pub other_rate: bool,
}
