//! Light and grain of places in a frame.

use std::sync::LazyLock;

use media::Frame;

use super::observe::{FINGERPRINT_LENGTH, Fingerprint, Light, Skin};
use crate::face::{Face, Landmarks};
use crate::geometry::Point;

/// Samples of sRGB (IEC 61966-2-1) as shares of full light.
static LINEAR: LazyLock<[f32; 256]> = LazyLock::new(|| {
    std::array::from_fn(|sample| {
        let value = sample as f32 / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    })
});

/// A sample of sRGB, 0..255, as a share of full light.
pub(super) fn linear(sample: u8) -> f32 {
    LINEAR[usize::from(sample)]
}

/// Samples from here on are burnt out: more light no longer shows.
const BURNT_OUT: u8 = 250;
/// A pixel whose brightest channel is darker says more of the camera's noise than of the light.
const BLACK: u8 = 6;
/// Fewest usable pixels of a place, as a share.
const USABLE: f32 = 0.6;

/// Mean light of the columns and rows from `left`, `top` to before `right`, `bottom`, as far as they lie in the frame;
/// every `step`th of them. `None` where too little of it can be used.
fn mean_light(frame: &Frame, [left, top, right, bottom]: [f32; 4], step: usize) -> Option<Light> {
    let clamp = |value: f32, limit: u32| value.clamp(0.0, limit as f32) as usize;
    let (columns, rows) = (
        clamp(left, frame.width())..clamp(right, frame.width()),
        clamp(top, frame.height())..clamp(bottom, frame.height()),
    );
    let row_samples = frame.width() as usize * 3;
    let (mut sum, mut used, mut all) = ([0.0_f64; 3], 0_u32, 0_u32);
    for y in rows.step_by(step) {
        for x in columns.clone().step_by(step) {
            let start = y * row_samples + x * 3;
            let pixel = &frame.rgb()[start..start + 3];
            let brightest = pixel.iter().copied().max().unwrap_or_default();
            all += 1;
            if (BLACK..BURNT_OUT).contains(&brightest) {
                used += 1;
                for (sum, sample) in sum.iter_mut().zip(pixel) {
                    *sum += f64::from(linear(*sample));
                }
            }
        }
    }
    let enough = all >= 4 && used as f32 >= USABLE * all as f32;
    enough.then(|| sum.map(|sum| (sum / f64::from(used)) as f32))
}

/// The places of [`Skin`] in a face: to the left eye and down, in distances of the eyes and of the eyes' middle from the
/// mouth's, and half the side in distances of the eyes. The sides lie at four fifths of half the width of a head
/// (bizygomatic breadth 137 mm, pupils 63 mm apart: ANSUR II means), where the skin faces well sidewards.
const FOREHEAD: [f32; 3] = [0.0, -0.55, 0.14];
const NOSE: [f32; 3] = [0.0, 0.25, 0.07];
const CHEEK: [f32; 3] = [0.40, 0.55, 0.09];
const SIDE: [f32; 3] = [0.88, 0.40, 0.07];

/// Light of the places of a face.
pub(super) fn skin(frame: &Frame, landmarks: &Landmarks) -> Skin {
    let eyes = landmarks.right_eye.middle(landmarks.left_eye);
    let mouth = landmarks.right_mouth.middle(landmarks.left_mouth);
    let across = Point::new(
        landmarks.left_eye.x - landmarks.right_eye.x,
        landmarks.left_eye.y - landmarks.right_eye.y,
    );
    let down = Point::new(mouth.x - eyes.x, mouth.y - eyes.y);
    let at = |[x, y, half]: [f32; 3], side: f32| {
        let middle =
            Point::new(eyes.x + across.x * x * side + down.x * y, eyes.y + across.y * x * side + down.y * y);
        let half = (half * landmarks.eye_distance()).max(1.0);
        let bounds = [middle.x - half, middle.y - half, middle.x + half, middle.y + half];
        let lies_inside = bounds[0] >= 0.0
            && bounds[1] >= 0.0
            && bounds[2] <= frame.width() as f32
            && bounds[3] <= frame.height() as f32;
        if lies_inside { mean_light(frame, bounds, 1) } else { None }
    };
    Skin {
        forehead: at(FOREHEAD, 1.0),
        nose: at(NOSE, 1.0),
        right_cheek: at(CHEEK, -1.0),
        left_cheek: at(CHEEK, 1.0),
        right_side: at(SIDE, -1.0),
        left_side: at(SIDE, 1.0),
    }
}

/// Nearest and farthest background beside the face's box, in its widths: nearer are hair and ears.
const BESIDE: (f32, f32) = (0.35, 1.3);
/// Fewest columns on both sides together.
const LEAST_COLUMNS: f32 = 24.0;

/// Light of what lies left and right of the head, from above its box to its middle: farther down are shoulders.
pub(super) fn background(frame: &Frame, face: &Face) -> Option<Light> {
    let bounds = face.bounds;
    let (top, bottom) = (bounds.y - bounds.height * 0.3, bounds.y + bounds.height * 0.6);
    let (near, far) = (bounds.width * BESIDE.0, bounds.width * BESIDE.1);
    let right_edge = bounds.x + bounds.width;
    let strips = [
        [(bounds.x - far).max(0.0), top, bounds.x - near, bottom],
        [right_edge + near, top, (right_edge + far).min(frame.width() as f32), bottom],
    ];
    let widths = strips.map(|[left, _, right, _]| (right - left).max(0.0));
    let columns = widths[0] + widths[1];
    if columns.is_nan() || columns < LEAST_COLUMNS {
        return None;
    }
    let (mut sum, mut weight) = ([0.0_f32; 3], 0.0_f32);
    for (strip, width) in strips.into_iter().zip(widths) {
        if let Some(light) = mean_light(frame, strip, 2).filter(|_| width >= 4.0) {
            sum = std::array::from_fn(|channel| sum[channel] + light[channel] * width);
            weight += width;
        }
    }
    (weight >= LEAST_COLUMNS).then(|| sum.map(|sum| sum / weight))
}

/// The fine grain of `frame`, at places of a grid that do not lie in step with the blocks of a JPEG.
pub(super) fn fingerprint(frame: &Frame) -> Fingerprint {
    let side = FINGERPRINT_LENGTH.isqrt();
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    if width < 3 || height < 3 {
        return Fingerprint(vec![0; FINGERPRINT_LENGTH]);
    }
    let luma = |x: usize, y: usize| {
        let start = (y * width + x) * 3;
        let [red, green, blue] = [0, 1, 2].map(|channel| i32::from(frame.rgb()[start + channel]));
        299 * red + 587 * green + 114 * blue
    };
    let grain = (0..FINGERPRINT_LENGTH).map(|place| {
        let (column, row) = (place % side, place / side);
        let x = 1 + (column * (width - 2) / side + place * 5 % 8).min(width - 3);
        let y = 1 + (row * (height - 2) / side + place * 3 % 7).min(height - 3);
        let around = luma(x - 1, y) + luma(x + 1, y) + luma(x, y - 1) + luma(x, y + 1);
        ((4 * luma(x, y) - around) / 4_000).clamp(-127, 127) as i8
    });
    Fingerprint(grain.collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::geometry::Rect;

    fn face(x: f32, y: f32, width: f32) -> Face {
        let place = |dx: f32, dy: f32| Point::new(x + width * dx, y + width * dy);
        let points = [(0.3, 0.5), (0.7, 0.5), (0.5, 0.75), (0.33, 0.95), (0.67, 0.95)];
        Face {
            bounds: Rect { x, y, width, height: width * 1.3 },
            landmarks: Landmarks::from_points(points.map(|(dx, dy)| place(dx, dy))),
            score: 1.0,
        }
    }

    /// Left half red, right half blue, a grey disc of `radius` in the middle.
    fn scene(grey: u8, radius: f32) -> Frame {
        let rgb = (0..480_u32)
            .flat_map(|y| (0..640_u32).map(move |x| (x, y)))
            .flat_map(|(x, y)| {
                if (x as f32 - 320.0).hypot(y as f32 - 240.0) < radius {
                    [grey; 3]
                } else if x < 320 {
                    [200, 10, 10]
                } else {
                    [10, 10, 200]
                }
            })
            .collect();
        Frame::from_rgb(640, 480, rgb, 0).unwrap()
    }

    #[test]
    fn skin_and_background_are_read_where_they_are() {
        let frame = scene(128, 150.0);
        let face = face(245.0, 140.0, 150.0);
        let skin = skin(&frame, &face.landmarks);
        for light in
            [skin.forehead, skin.nose, skin.right_cheek, skin.left_cheek, skin.right_side, skin.left_side]
        {
            assert!(light.unwrap().iter().all(|share| (share - 0.2158).abs() < 1e-3), "{light:?}");
        }
        let [red, green, blue] = background(&frame, &face).unwrap();
        assert!(red > 0.2 && blue > 0.2 && green < 0.1, "{red} {green} {blue}");
    }

    #[test]
    fn burnt_out_places_tell_nothing() {
        let frame = scene(255, 150.0);
        assert_eq!(skin(&frame, &face(245.0, 140.0, 150.0).landmarks), Skin::default());
    }

    #[test]
    fn a_face_that_fills_the_frame_has_no_background() {
        assert_eq!(background(&scene(128, 150.0), &face(10.0, 10.0, 600.0)), None);
    }

    #[test]
    fn grain_differs_between_noisy_frames_only() {
        let noisy = |seed: u32| {
            let rgb = (0..640 * 480_u32).flat_map(|place| {
                let noise = place.wrapping_mul(2_654_435_761).wrapping_add(seed.wrapping_mul(97)) >> 13;
                [100 + (noise % 9) as u8; 3]
            });
            fingerprint(&Frame::from_rgb(640, 480, rgb.collect(), 0).unwrap())
        };
        assert_eq!(noisy(1), noisy(1));
        assert_ne!(noisy(1), noisy(2));
        assert_eq!(noisy(1).0.len(), FINGERPRINT_LENGTH);
    }

    proptest! {
        #[test]
        fn no_frame_and_no_face_break_it(
            width in 1_u32..60, height in 1_u32..60,
            x in any::<f32>(), y in any::<f32>(), side in any::<f32>(),
        ) {
            let frame = Frame::from_rgb(width, height, vec![90; (width * height * 3) as usize], 0).unwrap();
            let face = face(x, y, side);
            let _ = (skin(&frame, &face.landmarks), background(&frame, &face));
            prop_assert_eq!(fingerprint(&frame).0.len(), FINGERPRINT_LENGTH);
        }
    }
}
