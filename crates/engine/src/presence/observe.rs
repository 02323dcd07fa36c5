//! What one frame of a capture shows.

use domain::LivenessSignal;
use media::Frame;
use serde::{Deserialize, Serialize};

use super::light;
use crate::engine::{Engine, EngineError};
use crate::face::compare::Template;
use crate::face::{Landmarks, Search, Upright, align, main_face, quality};
use crate::geometry::{Point, Rect};

/// How closely a frame is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Faces, points, pose and colours: for the preview and every frame.
    Glance,
    /// Closely where the head is turned to a side by so much that it shows its depth, at a glance else: nobody else may
    /// turn in the person's place.
    Turned,
    /// Also liveness and the template: for key frames.
    Close,
}

/// A face looks straight up to this pose, in degrees of yaw and pitch: beyond, one person's templates differ too.
const STRAIGHT_UP_TO_DEGREES: f32 = 30.0;
/// Heads that turn farther hide an eye, and its point is a guess: what they show does not count.
const SEEN_UP_TO_DEGREES: f32 = 40.0;

/// Mean linear light of a place: red, green, blue, each 0..1.
pub type Light = [f32; 3];

/// Numbers in a [`Fingerprint`].
pub const FINGERPRINT_LENGTH: usize = 256;

/// The fine grain of a frame at places that are the same in every frame: luma less the mean of its neighbours, in
/// levels of 255. Frames of a camera differ in it even where nothing moves; no picture can be made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub Vec<i8>);

/// What was seen in one frame. Numbers only, no pixels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Width of the frame in px.
    pub width: u32,
    /// Height of the frame in px.
    pub height: u32,
    /// Faces found.
    pub faces: u32,
    /// The face in front; `None` without a face.
    pub front: Option<Front>,
    /// Its fine grain.
    pub fingerprint: Fingerprint,
}

/// The face in front of a frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Front {
    /// The box around it, in px of the frame; it may reach past the edges.
    pub bounds: Rect,
    /// Its five key points in px of the frame, in the order of [`Landmarks`].
    pub points: [Point; 5],
    /// The detector's confidence, 0..1.
    pub score: f32,
    /// How alone it is, 0..1: 0 with a second face of the same size.
    pub aloneness: f32,
    /// Positive with the nose towards the left of the picture, which is the person's own right.
    pub yaw_degrees: f32,
    /// Positive looking up.
    pub pitch_degrees: f32,
    /// Direction of the eye line, clockwise in the picture.
    pub roll_degrees: f32,
    /// Mean luma of the face, 0..255.
    pub luma: f32,
    /// Fine detail of the face against its contrast, as [`domain::QualitySignal::sharpness`], 0..100.
    pub sharpness: u8,
    /// How free the face is of masks, hands and dark glasses, 0..100.
    pub occlusion: u8,
    /// Light of the face.
    pub skin: Skin,
    /// Light of what lies beside the face, farther off; `None` where there is too little of it.
    pub background: Option<Light>,
    /// Whether it is a bona fide presentation; only where it was looked at closely.
    pub liveness: Option<LivenessSignal>,
    /// Its template; only where it was looked at closely, and never written.
    #[serde(skip)]
    pub template: Option<Template>,
}

/// Light of the places of a face; `None` where one lies outside of the frame, or is burnt out or black.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Skin {
    /// Middle of the forehead.
    pub forehead: Option<Light>,
    /// Bridge of the nose.
    pub nose: Option<Light>,
    /// Front of the cheek on the person's own right.
    pub right_cheek: Option<Light>,
    /// Front of the cheek on the person's own left.
    pub left_cheek: Option<Light>,
    /// Side of the face, before the ear, on the person's own right.
    pub right_side: Option<Light>,
    /// Side of the face on the person's own left.
    pub left_side: Option<Light>,
}

impl Front {
    /// The five points by name.
    pub fn landmarks(&self) -> Landmarks {
        Landmarks::from_points(self.points)
    }

    /// Size of the face in px that a turn of the head changes little: the longer of the eyes' distance and that of
    /// the eyes from the mouth.
    pub fn size_px(&self) -> f32 {
        let points = self.landmarks();
        let eyes = points.right_eye.middle(points.left_eye);
        points.eye_distance().max(eyes.distance(points.right_mouth.middle(points.left_mouth)))
    }

    /// The template of a face that looks straight enough to be compared; `None` where it does not, or none was made.
    pub fn comparable(&self) -> Option<&Template> {
        self.template.as_ref().filter(|_| self.is_straight())
    }

    /// Whether it looks straight enough for its template, its liveness and its colours to count.
    pub(super) fn is_straight(&self) -> bool {
        is_within([self.yaw_degrees, self.pitch_degrees], STRAIGHT_UP_TO_DEGREES)
    }

    /// Whether it is turned no farther than its points can be found.
    pub(super) fn is_seen(&self) -> bool {
        is_within([self.yaw_degrees, self.pitch_degrees], SEEN_UP_TO_DEGREES)
    }

    /// Whether it is turned to a side, too far to look straight, and not too far to be seen.
    pub(super) fn is_turned(&self) -> bool {
        is_turned(self.yaw_degrees, self.pitch_degrees)
    }
}

fn is_turned(yaw_degrees: f32, pitch_degrees: f32) -> bool {
    is_within([pitch_degrees], STRAIGHT_UP_TO_DEGREES)
        && is_within([yaw_degrees], SEEN_UP_TO_DEGREES)
        && !is_within([yaw_degrees], STRAIGHT_UP_TO_DEGREES)
}

/// Never where an angle is no number.
fn is_within<const COUNT: usize>(angles: [f32; COUNT], most: f32) -> bool {
    angles.iter().all(|angle| angle.abs() <= most)
}

impl Engine {
    /// Looks at one frame of a capture.
    ///
    /// # Errors
    /// Those of the runtime.
    pub fn observe(&self, frame: &Frame, depth: Depth) -> Result<Observation, EngineError> {
        let faces = self.detect(frame, Search::Front)?;
        let front = main_face(frame, &faces).copied();
        // A face without a shape or without a box is none.
        let front = match front
            .and_then(|face| Some((face, Upright::of(frame, &face)?, align(frame, &face.landmarks)?)))
        {
            None => None,
            Some((face, upright, aligned)) => {
                let pose = self.pose(&upright)?;
                // Eyes are not asked for here, so that none counts as closed.
                let seen = quality::Seen { eyes_closed: [0.0; 2], pose };
                let quality = quality::measure(&faces, &face, &aligned, seen);
                let is_close = match depth {
                    Depth::Glance => false,
                    Depth::Turned => is_turned(pose.yaw_degrees, pose.pitch_degrees),
                    Depth::Close => true,
                };
                let (liveness, template) = if is_close {
                    (Some(self.liveness(frame, &face)?), Some(self.template_of_aligned(&aligned)?))
                } else {
                    (None, None)
                };
                Some(Front {
                    bounds: face.bounds,
                    points: face.landmarks.points(),
                    score: face.score,
                    aloneness: f32::from(quality.single_face) / 100.0,
                    yaw_degrees: pose.yaw_degrees,
                    pitch_degrees: pose.pitch_degrees,
                    roll_degrees: face.landmarks.roll_degrees(),
                    luma: f32::from(quality.luminance),
                    sharpness: quality.sharpness,
                    occlusion: quality.occlusion,
                    skin: light::skin(frame, &face.landmarks),
                    background: light::background(frame, &face),
                    liveness,
                    template,
                })
            }
        };
        Ok(Observation {
            width: frame.width(),
            height: frame.height(),
            faces: u32::try_from(faces.len()).unwrap_or(u32::MAX),
            front,
            fingerprint: light::fingerprint(frame),
        })
    }
}
