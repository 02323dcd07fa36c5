//! Draws what a webcam sees of a person who has only a photo: a head with depth, lit by the room and by the screen.
//!
//! Everything is in mm from the camera (x to the right, y down, z away) and in linear light. It is no portrait: the head
//! is a generic one, hair and shoulders are cut out by its shape and not by theirs, and the light of the photo stays in
//! the skin. What is measured on such frames says how signals react to light, depth and time; it says little of how a
//! model reacts to skin.

mod head;
mod light;
mod raster;
mod sensor;
mod sitter;
mod surface;
mod texture;

pub(crate) use head::{EYES_MM, smooth};
pub(crate) use light::Light;
pub(crate) use raster::Canvas;
pub(crate) use sensor::Sensor;
pub(crate) use sitter::{Pose, Sitter, texel_of};
pub(crate) use surface::{Paint, Sheet, Surface, Turn};
pub(crate) use texture::{Texture, encoded, linear};

/// Width and height of a frame in px.
pub(crate) const SIZE: (usize, usize) = (640, 480);

/// A lens without distortion.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lens {
    /// Focal length in px.
    pub(crate) focal_px: f32,
    /// The optical axis in px, moved by a hand that shakes.
    pub(crate) centre: (f32, f32),
}

impl Lens {
    /// Column and row of a place in mm from the camera.
    pub(crate) fn project(&self, [x, y, z]: [f32; 3]) -> (f32, f32) {
        (self.centre.0 + self.focal_px * x / z, self.centre.1 + self.focal_px * y / z)
    }
}
