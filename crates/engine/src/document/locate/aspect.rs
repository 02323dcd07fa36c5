//! The true proportions of a rectangle that is seen in perspective.

use crate::geometry::Point;

/// Width over height of an identity card (ISO/IEC 7810 ID-1, 85.60 mm by 53.98 mm).
pub const ID1_ASPECT: f32 = 1.5858;
/// Width over height of a passport's page (ISO/IEC 7810 ID-3, 125 mm by 88 mm); ID-2, 105 mm by 74 mm, has 1.4189.
pub const ID3_ASPECT: f32 = 1.4205;

/// Natural logarithm of the ratio within which a measured aspect is taken for a format's: half of what lies between
/// the two.
const NEAR: f32 = 0.055;

/// The format's aspect, for a measured one that is near it; else the measured one.
pub fn snapped(aspect: f32) -> f32 {
    let (format, off) = nearest(aspect);
    if off < NEAR { format } else { aspect }
}

/// The format whose aspect is nearest, and the natural logarithm of how far off it is.
pub(super) fn nearest(aspect: f32) -> (f32, f32) {
    let off = |format: f32| (aspect / format).ln().abs();
    if off(ID1_ASPECT) < off(ID3_ASPECT) {
        (ID1_ASPECT, off(ID1_ASPECT))
    } else {
        (ID3_ASPECT, off(ID3_ASPECT))
    }
}

/// Focal length that is assumed where the corners do not tell it, in longer sides of the picture: main cameras of
/// phones have 24 to 28 mm for 36 mm of width, and crop a little.
const USUAL_FOCAL: f64 = 0.8;
/// Focal lengths that are believed, in the same unit.
const FOCAL: std::ops::RangeInclusive<f64> = 0.55..=2.5;
/// Least share by which opposite sides differ in distance for the corners to tell the focal length.
const FORESHORTENED: f64 = 0.06;

/// Width over height of the rectangle whose corners, clockwise from the top left, are seen at `corners` in a picture of
/// `width` x `height` pixels, by a lens whose axis meets the picture's middle (Zhang, He 2006, whiteboard scanning).
/// `None` where no rectangle looks like that.
pub fn true_aspect(corners: &[Point; 4], width: u32, height: u32) -> Option<f32> {
    let longer = f64::from(width.max(height));
    let [a, b, c, d] = corners.map(|corner| {
        let x = (f64::from(corner.x) - f64::from(width) / 2.0) / longer;
        let y = (f64::from(corner.y) - f64::from(height) / 2.0) / longer;
        [x, y, 1.0]
    });
    // In the paper a, b, d, c are m1, m2, m3, m4; how much farther b and d are than a:
    let to_c = cross(a, c);
    let (b_depth, d_depth) = (dot(to_c, d) / dot(cross(b, c), d), dot(to_c, b) / dot(cross(d, c), b));
    let n2: [f64; 3] = std::array::from_fn(|axis| b_depth * b[axis] - a[axis]);
    let n3: [f64; 3] = std::array::from_fn(|axis| d_depth * d[axis] - a[axis]);
    let focal_square = -(n2[0] * n3[0] + n2[1] * n3[1]) / (n2[2] * n3[2]);
    let told = n2[2].abs().min(n3[2].abs()) > FORESHORTENED;
    let focal = focal_square.sqrt();
    let focal = if told && FOCAL.contains(&focal) { focal } else { USUAL_FOCAL };
    let length = |n: [f64; 3]| ((n[0] * n[0] + n[1] * n[1]) / (focal * focal) + n[2] * n[2]).sqrt();
    let aspect = (length(n2) / length(n3)) as f32;
    (aspect.is_finite() && aspect > 0.0).then_some(aspect)
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A card of 2 `aspect` x 2, pitched and turned, seen from 4 away by a lens of `focal` longer sides.
    fn seen(aspect: f64, pitch: f64, yaw: f64, focal: f64) -> [Point; 4] {
        [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map(|(x, y)| {
            let (x, y, z) = (x * aspect, y * pitch.cos(), y * pitch.sin());
            let (x, z) = (x * yaw.cos() - z * yaw.sin(), x * yaw.sin() + z * yaw.cos() + 8.0);
            Point::new((500.0 + 1000.0 * focal * x / z) as f32, (400.0 + 1000.0 * focal * y / z) as f32)
        })
    }

    #[test]
    fn a_rectangle_in_perspective_has_its_true_aspect() {
        for (pitch, yaw) in [(0.6, 0.5), (0.4, -0.7), (-0.7, 0.3)] {
            let corners = seen(f64::from(ID1_ASPECT), pitch, yaw, 1.3);
            let aspect = true_aspect(&corners, 1000, 800).unwrap();
            assert!((aspect / ID1_ASPECT).ln().abs() < 0.01, "{aspect}");
        }
        let level = seen(f64::from(ID3_ASPECT), 0.0, 0.0, 0.8);
        assert!((true_aspect(&level, 1000, 800).unwrap() / ID3_ASPECT).ln().abs() < 0.01);
        // Pitched alone, the corners do not tell the focal length: the usual one is assumed.
        let pitched = seen(f64::from(ID3_ASPECT), 0.7, 0.0, 0.8);
        assert!((true_aspect(&pitched, 1000, 800).unwrap() / ID3_ASPECT).ln().abs() < 0.02);
    }

    #[test]
    fn a_measured_aspect_near_a_format_is_that_format() {
        assert_eq!(snapped(1.54), ID1_ASPECT);
        assert_eq!(snapped(1.46), ID3_ASPECT);
        assert_eq!(snapped(1.2), 1.2);
    }

    proptest! {
        #[test]
        fn any_corners_have_an_aspect_or_none(
            coordinates in proptest::array::uniform8(any::<f32>()), width in 1_u32..9000, height in 1_u32..9000,
        ) {
            let corners = std::array::from_fn(|i| Point::new(coordinates[2 * i], coordinates[2 * i + 1]));
            if let Some(aspect) = true_aspect(&corners, width, height) {
                prop_assert!(aspect.is_finite() && aspect > 0.0);
            }
        }
    }
}
