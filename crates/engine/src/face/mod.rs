//! Faces: where they are, whose template they give, how good the picture of them is.

mod align;
pub mod compare;
mod detect;
mod embed;
pub mod gallery;
mod pyramid;
pub mod quality;
pub mod tail;
mod upright;

pub use align::{ALIGNED_SIDE, align};
pub use detect::Yunet;
pub use embed::Sface;
pub use pyramid::{Detector, Search, main_face};
pub(crate) use upright::Upright;

use serde::Serialize;

use crate::geometry::{Point, Rect};

/// The five key points of a face, in the order of the detector. Right and left are the person's own.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Landmarks {
    /// Middle of the right eye: on the left of an upright picture.
    pub right_eye: Point,
    /// Middle of the left eye.
    pub left_eye: Point,
    /// Tip of the nose.
    pub nose: Point,
    /// Right corner of the mouth.
    pub right_mouth: Point,
    /// Left corner of the mouth.
    pub left_mouth: Point,
}

impl Landmarks {
    /// The points as an array, in the order of the fields.
    pub fn points(&self) -> [Point; 5] {
        [self.right_eye, self.left_eye, self.nose, self.right_mouth, self.left_mouth]
    }

    /// The points from an array in the order of the fields.
    pub fn from_points([right_eye, left_eye, nose, right_mouth, left_mouth]: [Point; 5]) -> Self {
        Self { right_eye, left_eye, nose, right_mouth, left_mouth }
    }

    /// Half-way between these points and `other`.
    #[must_use]
    pub fn mean(&self, other: &Self) -> Self {
        let (these, others) = (self.points(), other.points());
        Self::from_points(std::array::from_fn(|point| these[point].middle(others[point])))
    }

    /// Distance of the eyes' middles in pixels.
    pub fn eye_distance(&self) -> f32 {
        self.right_eye.distance(self.left_eye)
    }

    /// Direction of the line from the right to the left eye, degrees clockwise, -180..180; 0 for an upright head.
    pub fn roll_degrees(&self) -> f32 {
        (self.left_eye.y - self.right_eye.y).atan2(self.left_eye.x - self.right_eye.x).to_degrees()
    }
}

/// One face found in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Face {
    /// The box around it, in pixels of the frame; it may reach past the edges.
    #[serde(rename = "box")]
    pub bounds: Rect,
    /// Its five key points.
    pub landmarks: Landmarks,
    /// The detector's confidence, 0..1.
    pub score: f32,
}

impl Face {
    fn map(&self, place: impl Fn(Point) -> Point) -> Self {
        let corners = [
            Point::new(self.bounds.x, self.bounds.y),
            Point::new(self.bounds.x + self.bounds.width, self.bounds.y + self.bounds.height),
        ]
        .map(&place);
        let (left, right) = (corners[0].x.min(corners[1].x), corners[0].x.max(corners[1].x));
        let (top, bottom) = (corners[0].y.min(corners[1].y), corners[0].y.max(corners[1].y));
        Self {
            bounds: Rect { x: left, y: top, width: right - left, height: bottom - top },
            landmarks: Landmarks::from_points(self.landmarks.points().map(&place)),
            score: self.score,
        }
    }
}
