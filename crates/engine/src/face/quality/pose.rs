//! How the head is turned.

use super::ramp;
use crate::face::upright::Upright;
use crate::resize::{Quality, Region, resize};
use crate::runtime::{Pool, RuntimeError, Tensor};
use serde::Serialize;

/// `fr_pose`: a face with a margin in, three angles out.
#[derive(Debug)]
pub struct FrPose {
    pool: Pool,
}

/// Angles of a head in degrees. Roll is the eye line's, see [`crate::face::Landmarks::roll_degrees`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HeadPose {
    /// Positive with the nose towards the left of the picture.
    pub yaw_degrees: f32,
    /// Positive looking up.
    pub pitch_degrees: f32,
}

impl HeadPose {
    /// 1 to 10 degrees of yaw and 15 of pitch, falling to 0 at 60 and 45.
    pub(super) fn frontality(self) -> f32 {
        ramp(self.yaw_degrees.abs(), 60.0, 10.0).min(ramp(self.pitch_degrees.abs(), 45.0, 15.0))
    }
}

const SIDE: u32 = 224;
/// Margin around the box, as a share of its sides.
const MARGIN: f32 = 0.25;
/// The model's mean answer on LFW's press photos is 7.2 degrees down (600 photos, 2026-11-21).
const PITCH_OFFSET: f32 = 7.2;
/// Mean and spread of ImageNet's channels, red first: what the model was trained with.
const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const SPREAD: [f32; 3] = [0.229, 0.224, 0.225];

impl FrPose {
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

    /// The pose of an upright face.
    ///
    /// # Errors
    /// Those of the runtime.
    pub(crate) fn pose(&self, upright: &Upright<'_>) -> Result<HeadPose, RuntimeError> {
        const WRONG: RuntimeError = RuntimeError::Shape { model: "fr_pose" };
        let answers = self.pool.run(preprocess(upright).ok_or(WRONG)?)?;
        match answers.as_slice() {
            [yaw, pitch, _roll] if yaw.data().len() == 66 && pitch.data().len() == 66 => Ok(HeadPose {
                yaw_degrees: degrees(yaw.data()),
                pitch_degrees: degrees(pitch.data()) + PITCH_OFFSET,
            }),
            _ => Err(WRONG),
        }
    }
}

/// RGB, normalised as ImageNet, the box with its margin as far as the picture goes.
fn preprocess(upright: &Upright<'_>) -> Option<Tensor> {
    let (frame, bounds) = (&upright.frame, upright.bounds);
    let span = |start: f32, length: f32, limit: u32| {
        let from = (start - MARGIN * length).max(0.0).floor();
        let to = (start + (1.0 + MARGIN) * length).min(limit as f32).floor();
        (f64::from(from), f64::from(to - from))
    };
    let (left, width) = span(bounds.x, bounds.width, frame.width());
    let (top, height) = span(bounds.y, bounds.height, frame.height());
    if !(width >= 1.0 && height >= 1.0) {
        return None;
    }
    let picture = resize(frame, Region { left, top, width, height }, (SIDE, SIDE), Quality::Area)?;
    let plane = (SIDE * SIDE) as usize;
    Some(Tensor::from_fn(&[1, 3, SIDE as usize, SIDE as usize], |index| {
        let (channel, place) = (index / plane, index % plane);
        (f32::from(picture[place * 3 + channel]) / 255.0 - MEAN[channel]) / SPREAD[channel]
    }))
}

/// The expected angle over 66 bins of 3 degrees from -99.
fn degrees(logits: &[f32]) -> f32 {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let (mut sum, mut weights) = (0.0, 0.0);
    for (bin, logit) in logits.iter().enumerate() {
        let weight = (logit - highest).exp();
        sum += weight * bin as f32;
        weights += weight;
    }
    sum / weights * 3.0 - 99.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_angle_is_the_mean_of_its_bins() {
        let mut logits = [0.0; 66];
        logits[40] = 60.0;
        assert!((degrees(&logits) - 21.0).abs() < 1e-3);
        logits[42] = 60.0;
        assert!((degrees(&logits) - 24.0).abs() < 1e-3);
    }

    #[test]
    fn a_straight_head_is_frontal_and_a_profile_is_not() {
        let pose = |yaw_degrees, pitch_degrees| HeadPose { yaw_degrees, pitch_degrees }.frontality();
        assert!((pose(-9.0, 10.0) - 1.0).abs() < 1e-6);
        assert!(pose(70.0, 0.0).abs() < 1e-6 && pose(0.0, -50.0).abs() < 1e-6);
        assert!(pose(35.0, 0.0) > 0.4);
    }
}
