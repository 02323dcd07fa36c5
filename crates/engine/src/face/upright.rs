//! A face with its surroundings, upright, for models that look at more than the aligned face.

use std::borrow::Cow;

use media::Frame;

use super::Face;
use crate::geometry::{Outside, Point, Rect, Transform, cut};

/// A picture in which a face stands upright.
#[derive(Debug)]
pub(crate) struct Upright<'a> {
    /// The photo itself, or a turned copy of the face's surroundings.
    pub(crate) frame: Cow<'a, Frame>,
    /// The face's box in it.
    pub(crate) bounds: Rect,
    /// How many times as large as the face's box the largest box of its shape is that lies within the photo.
    pub(crate) reach: f32,
    /// How far the head leans from the nearest of the photo's four sides, degrees, 0..45.
    pub(crate) lean_degrees: f32,
}

/// Heads that lean less are left as they are: resampling the picture would cost more than it mends. At 15 degrees
/// the liveness model errs on 0 of 360 NUAA photos, at 30 on 19 of 360 (2026-11-21).
const LEFT_AS_IS_DEGREES: f32 = 15.0;
/// Surroundings that a turned copy shows, as a multiple of the box.
const SHOWN: f32 = 2.8;
/// Longest side of the box in a turned copy: no model here looks at more.
const MAX_BOX: f32 = 256.0;

impl<'a> Upright<'a> {
    /// The surroundings of `face`. `None` when its box is empty.
    pub(crate) fn of(frame: &'a Frame, face: &Face) -> Option<Self> {
        let bounds = face.bounds;
        if !(bounds.width >= 1.0 && bounds.height >= 1.0) {
            return None;
        }
        let roll = face.landmarks.roll_degrees();
        let quarter_turns = (roll / 90.0).round();
        let lean_degrees = (roll - quarter_turns * 90.0).abs();
        let (width, height) = (frame.width() as f32, frame.height() as f32);
        if roll.abs() <= LEFT_AS_IS_DEGREES {
            let reach = ((height - 1.0) / bounds.height).min((width - 1.0) / bounds.width);
            return Some(Self { frame: Cow::Borrowed(frame), bounds, reach, lean_degrees });
        }
        // The box of a head that lies on its side lies on its side too.
        let on_its_side = quarter_turns.abs() as i32 % 2 == 1;
        let (box_width, box_height) =
            if on_its_side { (bounds.height, bounds.width) } else { (bounds.width, bounds.height) };
        let scale = (box_width.max(box_height) / MAX_BOX).max(1.0);
        let (sin, cos) = roll.to_radians().sin_cos();
        let side = (box_width.max(box_height) / scale * SHOWN).ceil();
        let middle = Point::new((side - 1.0) / 2.0, (side - 1.0) / 2.0);
        let centre = bounds.centre();
        let to_frame = Transform::about(cos * scale, sin * scale, middle, centre);
        let turned = cut(frame, to_frame, side as usize, side as usize, Outside::Edge);
        let reach = [(1.0, 1.0), (1.0, -1.0)].into_iter().fold(f32::INFINITY, |reach, (right, down)| {
            let (half_width, half_height) = (right * box_width / 2.0, down * box_height / 2.0);
            let dx = (cos * half_width - sin * half_height).abs().max(f32::EPSILON);
            let dy = (sin * half_width + cos * half_height).abs().max(f32::EPSILON);
            let room = |place: f32, length: f32| place.min(length - 1.0 - place).max(0.0);
            reach.min(room(centre.x, width) / dx).min(room(centre.y, height) / dy)
        });
        let (shown_width, shown_height) = (box_width / scale, box_height / scale);
        Some(Self {
            frame: Cow::Owned(Frame::from_rgb(side as u32, side as u32, turned, frame.t_ms())?),
            bounds: Rect {
                x: middle.x - shown_width / 2.0,
                y: middle.y - shown_height / 2.0,
                width: shown_width,
                height: shown_height,
            },
            reach,
            lean_degrees,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::face::Landmarks;

    fn face(x: f32, y: f32, width: f32, height: f32, roll: f32) -> Face {
        let bounds = Rect { x, y, width, height };
        let (sin, cos) = roll.to_radians().sin_cos();
        let eyes = Transform::about(cos * width, sin * width, Point::new(0.0, 0.0), bounds.centre());
        let points = [(-0.25, -0.2), (0.25, -0.2), (0.0, 0.0), (-0.2, 0.25), (0.2, 0.25)];
        let landmarks = Landmarks::from_points(points.map(|(x, y)| eyes.apply(Point::new(x, y))));
        Face { bounds, landmarks, score: 1.0 }
    }

    #[test]
    fn an_upright_face_stays_in_its_photo() {
        let frame = Frame::from_rgb(400, 300, vec![9; 400 * 300 * 3], 0).unwrap();
        let upright = Upright::of(&frame, &face(150.0, 100.0, 100.0, 120.0, 5.0)).unwrap();
        assert!(matches!(upright.frame, Cow::Borrowed(_)));
        assert!((upright.reach - 299.0 / 120.0).abs() < 1e-3);
    }

    #[test]
    fn a_face_on_its_side_is_turned_up() {
        // Bright above the head of a face that looks right: to the right of it in the photo.
        let rgb = (0..200 * 400).flat_map(|index| [if index % 400 > 260 { 250 } else { 10 }; 3]).collect();
        let frame = Frame::from_rgb(400, 200, rgb, 0).unwrap();
        let upright = Upright::of(&frame, &face(140.0, 60.0, 120.0, 80.0, 90.0)).unwrap();
        assert!(upright.lean_degrees < 0.1);
        assert!((upright.bounds.height - 120.0).abs() < 0.5 && (upright.bounds.width - 80.0).abs() < 0.5);
        let middle = upright.frame.width() / 2;
        assert_eq!(upright.frame.pixel(middle, 5), Some([250; 3]));
        assert_eq!(upright.frame.pixel(middle, upright.frame.height() - 5), Some([10; 3]));
        assert!((upright.reach - 99.0 / 40.0).abs() < 0.05, "{}", upright.reach);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn no_face_breaks_it(
            width in 1_u32..300, height in 1_u32..300,
            x in -400.0_f32..400.0, y in -400.0_f32..400.0, w in 0.0_f32..900.0, h in 0.0_f32..900.0,
            roll in -180.0_f32..180.0,
        ) {
            let frame = Frame::from_rgb(width, height, vec![9; (width * height * 3) as usize], 0).unwrap();
            if let Some(upright) = Upright::of(&frame, &face(x, y, w, h, roll)) {
                prop_assert!(upright.reach >= 0.0 && upright.lean_degrees <= 45.1);
            }
        }
    }
}
