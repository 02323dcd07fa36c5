//! Brings a face to the pose in which the embedding was trained.

use media::Frame;

use super::Landmarks;
use crate::geometry::{Outside, Point, Transform, cut};

/// Side of an aligned face in pixels.
pub const ALIGNED_SIDE: usize = 112;

/// Where the five points lie in an aligned face: the ArcFace template, as in OpenCV's `FaceRecognizerSF`.
pub(super) const TEMPLATE: [Point; 5] = [
    Point::new(38.2946, 51.6963),
    Point::new(73.5318, 51.5014),
    Point::new(56.0252, 71.7366),
    Point::new(41.5493, 92.3655),
    Point::new(70.7299, 92.2041),
];

/// The face of `landmarks`, upright, 112 x 112, red, green, blue; black where the frame ends.
///
/// `None` when the points coincide.
pub fn align(frame: &Frame, landmarks: &Landmarks) -> Option<Vec<u8>> {
    let to_frame = Transform::fit(&landmarks.points(), &TEMPLATE)?.inverse()?;
    Some(cut(frame, to_frame, ALIGNED_SIDE, ALIGNED_SIDE, Outside::Black))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_face_that_already_lies_right_is_copied() {
        let rgb = (0..112 * 112 * 3).map(|index| (index * 7 % 251) as u8).collect::<Vec<_>>();
        let frame = Frame::from_rgb(112, 112, rgb.clone(), 0).unwrap();
        let aligned = align(&frame, &Landmarks::from_points(TEMPLATE)).unwrap();
        let worst = aligned.iter().zip(&rgb).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(worst <= Some(1), "{worst:?}");
    }

    proptest! {
        #[test]
        fn no_frame_shape_and_no_points_break_alignment(
            width in 1_u32..400, height in 1_u32..400,
            coordinates in proptest::array::uniform10(-1e4_f32..1e4),
        ) {
            let frame = Frame::from_rgb(width, height, vec![9; (width * height * 3) as usize], 0).unwrap();
            let points = std::array::from_fn(|i| Point::new(coordinates[2 * i], coordinates[2 * i + 1]));
            if let Some(aligned) = align(&frame, &Landmarks::from_points(points)) {
                prop_assert_eq!(aligned.len(), ALIGNED_SIDE * ALIGNED_SIDE * 3);
            }
        }
    }
}
