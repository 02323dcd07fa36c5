//! Plane to plane through a lens: where a flat thing's points come to lie in a picture.

use crate::geometry::Point;

/// A projective map of the plane: (x, y, 1) is multiplied by a 3 x 3 matrix, rows first, and divided by the third number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Homography([f64; 9]);

/// Smallest share of the largest product in a determinant that counts as more than rounding.
const ROUNDING: f64 = 1e-12;

impl Homography {
    /// The map that leaves every point where it is.
    pub const IDENTITY: Self = Self([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);

    /// The map that brings each of the four points of `from` to that of `to`. `None` where three points of either lie
    /// on one line or any is not finite.
    pub fn between(from: &[Point; 4], to: &[Point; 4]) -> Option<Self> {
        let (of_from, of_to) = (Self::of_square(from)?, Self::of_square(to)?);
        Some(of_to.after(&of_from.inverse()?))
    }

    /// The map that brings the corners (0, 0), (1, 0), (1, 1), (0, 1) to `corners` (Heckbert 1989).
    fn of_square(corners: &[Point; 4]) -> Option<Self> {
        let [a, b, c, d] = corners.map(|corner| (f64::from(corner.x), f64::from(corner.y)));
        let (dx1, dy1) = (b.0 - c.0, b.1 - c.1);
        let (dx2, dy2) = (d.0 - c.0, d.1 - c.1);
        let (sx, sy) = (a.0 - b.0 + c.0 - d.0, a.1 - b.1 + c.1 - d.1);
        let area = dx1 * dy2 - dx2 * dy1;
        let g = (sx * dy2 - dx2 * sy) / area;
        let h = (dx1 * sy - sx * dy1) / area;
        let map = Self([
            b.0 - a.0 + g * b.0,
            d.0 - a.0 + h * d.0,
            a.0,
            b.1 - a.1 + g * b.1,
            d.1 - a.1 + h * d.1,
            a.1,
            g,
            h,
            1.0,
        ]);
        map.0.iter().all(|value| value.is_finite()).then_some(map)
    }

    /// Where `point` goes. Not finite for a point that goes to the horizon.
    pub fn apply(&self, point: Point) -> Point {
        let (x, y) = (f64::from(point.x), f64::from(point.y));
        let m = &self.0;
        let w = m[6] * x + m[7] * y + m[8];
        Point::new(((m[0] * x + m[1] * y + m[2]) / w) as f32, ((m[3] * x + m[4] * y + m[5]) / w) as f32)
    }

    /// First `first`, then this.
    #[must_use]
    pub fn after(&self, first: &Self) -> Self {
        Self(std::array::from_fn(|index| {
            let (row, column) = (index / 3, index % 3);
            (0..3).map(|inner| self.0[row * 3 + inner] * first.0[inner * 3 + column]).sum()
        }))
    }

    /// The way back; `None` where this map brings the plane onto a line or a point.
    pub fn inverse(&self) -> Option<Self> {
        let m = &self.0;
        let minor = |a: usize, b: usize, c: usize, d: usize| m[a] * m[d] - m[b] * m[c];
        let adjoint = [
            minor(4, 5, 7, 8),
            -minor(1, 2, 7, 8),
            minor(1, 2, 4, 5),
            -minor(3, 5, 6, 8),
            minor(0, 2, 6, 8),
            -minor(0, 2, 3, 5),
            minor(3, 4, 6, 7),
            -minor(0, 1, 6, 7),
            minor(0, 1, 3, 4),
        ];
        let terms = [m[0] * adjoint[0], m[1] * adjoint[3], m[2] * adjoint[6]];
        let determinant: f64 = terms.iter().sum();
        let largest = terms.iter().fold(0.0_f64, |most, term| most.max(term.abs()));
        let regular = determinant.is_finite() && determinant.abs() > largest * ROUNDING;
        let inverse = Self(adjoint.map(|value| value / determinant));
        (regular && inverse.0.iter().all(|value| value.is_finite())).then_some(inverse)
    }

    /// The nine numbers, rows first.
    pub fn matrix(&self) -> &[f64; 9] {
        &self.0
    }

    /// The map with these nine numbers, rows first; `None` where one is not finite.
    pub fn from_matrix(matrix: [f64; 9]) -> Option<Self> {
        matrix.iter().all(|value| value.is_finite()).then_some(Self(matrix))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SQUARE: [Point; 4] =
        [Point::new(0.0, 0.0), Point::new(10.0, 0.0), Point::new(10.0, 10.0), Point::new(0.0, 10.0)];

    #[test]
    fn four_points_are_met_and_the_way_back_leads_back() {
        let seen =
            [Point::new(3.0, 1.0), Point::new(20.0, 4.0), Point::new(18.0, 19.0), Point::new(1.0, 12.0)];
        let map = Homography::between(&SQUARE, &seen).unwrap();
        for (from, to) in SQUARE.iter().zip(&seen) {
            assert!(map.apply(*from).distance(*to) < 1e-4);
            assert!(map.inverse().unwrap().apply(*to).distance(*from) < 1e-4);
        }
        let both = map.inverse().unwrap().after(&map);
        assert!(both.apply(Point::new(4.0, 7.0)).distance(Point::new(4.0, 7.0)) < 1e-4);
    }

    #[test]
    fn corners_on_one_line_have_no_map() {
        let line = [0.0, 1.0, 2.0, 3.0].map(|x| Point::new(x, 2.0 * x));
        assert_eq!(Homography::between(&line, &SQUARE), None);
        assert_eq!(Homography::between(&[Point::new(1.0, 1.0); 4], &SQUARE), None);
        assert_eq!(Homography::between(&[Point::new(f32::NAN, 1.0); 4], &SQUARE), None);
    }

    proptest! {
        #[test]
        fn any_corners_are_mapped_or_refused(coordinates in proptest::array::uniform8(any::<f32>())) {
            let from: [Point; 4] = std::array::from_fn(|i| Point::new(coordinates[2 * i], coordinates[2 * i + 1]));
            if let Some(map) = Homography::between(&from, &SQUARE) {
                let _ = map.apply(Point::new(1.0, 2.0));
                let _ = map.inverse();
            }
        }
    }
}
