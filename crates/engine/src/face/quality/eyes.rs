//! Are the eyes closed?

use media::Frame;

use crate::face::Landmarks;
use crate::geometry::{Outside, Point, Transform, cut};
use crate::runtime::{Pool, RuntimeError, Tensor};

/// `fr_eye`: the grey picture of one eye in, closed or open out.
#[derive(Debug)]
pub struct FrEye {
    pool: Pool,
}

/// Side of the input in pixels.
const SIDE: usize = 24;
/// Side of the picture as a multiple of the eyes' distance: of 0.4 to 1.2 the one with the fewest closed answers on
/// LFW (13 of 300 with both eyes over 0.5) that still tells the closed eye of a wink (2026-11-21).
const REACH: f32 = 0.76;

impl FrEye {
    /// The reader over copies of its model.
    pub fn new(pool: Pool) -> Self {
        Self { pool }
    }

    /// Loads the model ahead of its first use.
    ///
    /// # Errors
    /// Those of opening it.
    pub fn load(&self) -> Result<(), RuntimeError> {
        self.pool.load()
    }

    /// How surely each eye is closed, 0..1, the right one first. Noisy on profiles and behind glasses.
    ///
    /// # Errors
    /// Those of the runtime.
    pub fn closed(&self, frame: &Frame, landmarks: &Landmarks) -> Result<[f32; 2], RuntimeError> {
        let mut closed = [0.0; 2];
        for (closed, eye) in closed.iter_mut().zip([landmarks.right_eye, landmarks.left_eye]) {
            let answers = self.pool.run(preprocess(frame, landmarks, eye))?;
            let logits = answers.first().map(Tensor::data).filter(|logits| logits.len() == 2);
            let logits = logits.ok_or(RuntimeError::Shape { model: "fr_eye" })?;
            *closed = 1.0 / (1.0 + (logits[1] - logits[0]).exp());
        }
        Ok(closed)
    }
}

/// Grey, 0..1, the eye line level.
fn preprocess(frame: &Frame, landmarks: &Landmarks, eye: Point) -> Tensor {
    let scale = landmarks.eye_distance() * REACH / SIDE as f32;
    let (sin, cos) = landmarks.roll_degrees().to_radians().sin_cos();
    let middle = (SIDE as f32 - 1.0) / 2.0;
    let to_frame = Transform::about(cos * scale, sin * scale, Point::new(middle, middle), eye);
    let picture = cut(frame, to_frame, SIDE, SIDE, Outside::Edge);
    Tensor::from_fn(&[1, 1, SIDE, SIDE], |place| {
        let [red, green, blue] = [0, 1, 2].map(|channel| f32::from(picture[place * 3 + channel]));
        (0.299 * red + 0.587 * green + 0.114 * blue) / 255.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_centred_on_the_eye() {
        let rgb = (0..100 * 100).flat_map(|place| [if place % 100 < 40 { 0 } else { 255 }; 3]).collect();
        let frame = Frame::from_rgb(100, 100, rgb, 0).unwrap();
        let landmarks = Landmarks::from_points(
            [(40.0, 50.0), (72.0, 50.0), (56.0, 60.0), (45.0, 80.0), (67.0, 80.0)]
                .map(|(x, y)| Point::new(x, y)),
        );
        let input = preprocess(&frame, &landmarks, landmarks.right_eye);
        assert_eq!(input.shape(), [1, 1, 24, 24]);
        assert!(input.data()[12 * 24 + 2] < 0.05 && input.data()[12 * 24 + 21] > 0.95);
    }
}
