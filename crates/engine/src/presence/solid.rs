//! Whether five points move like those of a head, or like points of a plane.
//!
//! The eyes and the corners of the mouth lie in one plane, and the tip of the nose about half an eye distance before
//! it. A homography through these four is exact for the plane, however it is turned and however near it is; it brings
//! the points of any frame back to those of the reference, and the nose of a picture with them. The nose of a head that
//! turned by an angle is then off by its height times the tangent of the angle.
//!
//! Only turns to the side tell. On 448 LFW photos with angles up to 40 degrees (LFW, OpenCV's YuNet, 2026-11-21) the
//! shift follows the yaw with a slope of 0.60 eye distances (correlation 0.94; at 20 to 40 degrees the middle of 38
//! photos to each side is 0.58 and 0.52, a tenth of them under 0.43 and 0.41), but the pitch with 0.11 only
//! (correlation 0.44): the detector's nose hardly follows a nod. Nor do five points show a head that comes closer.

use super::observe::Front;
use super::statistics::{Line, finite, median};
use crate::geometry::Point;

/// What the points of many frames say.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Solid {
    /// Height of the nose over the plane in eye distances, and its standard error.
    pub(crate) depth: Option<(f32, f32)>,
    /// Frames behind it.
    pub(crate) frames: u32,
    /// The same height, from the turn that the eyes' distance tells.
    pub(crate) depth_by_eyes: Option<f32>,
    /// Largest shift of the nose against the plane, in eye distances.
    pub(crate) plane_residual: f32,
    /// Largest root mean square misfit of an affine map, in eye distances.
    pub(crate) affine_residual: f32,
}

/// Pose and points of a straight face, the mean of several frames: one frame's points are noisy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reference {
    points: [[f64; 2]; 5],
    yaw_degrees: f64,
    eye_distance: f64,
    /// Distance of the eyes over that from their middle to the mouth's.
    width: f64,
}

/// Frames whose yaw spreads less than this about the reference, in degrees (root mean square), say nothing of depth: it
/// is what the pose of a print that is turned by 35 degrees does at most (8 NUAA photos on a drawn plane, 2026-11-21).
const LEAST_SPREAD_DEGREES: f64 = 4.0;
/// A turn tells of the eyes' distance from here on, in degrees: by 14 it shrinks by 3 %.
const TURNED_DEGREES: f64 = 14.0;
/// A head that looks farther up or down shortens the way to the mouth as well, in degrees.
const NODDED_DEGREES: f64 = 14.0;
/// Fewest frames of a turn: of a quick one a slow camera has no more.
const LEAST_TURNED: usize = 2;
/// Eyes that are farther from each other than on a face from the front, by this factor and after a turn, say that the
/// reference was turned farther than it looked.
const WIDER: f64 = 1.05;
/// Eyes that came hardly nearer tell of a turn by this tangent at least, 6 degrees: less is what their points waver by.
const LEAST_TURN: f64 = 0.1;
/// Neighbouring frames share their errors (the same lean of the points at the same pose), so that they count as fewer:
/// the error of independent ones is doubled.
const DEPENDENCE: f64 = 2.0;

impl Reference {
    /// The mean of `fronts`; `None` without any.
    pub(crate) fn of<'a>(fronts: impl Iterator<Item = &'a Front>) -> Option<Self> {
        let (mut sums, mut yaw, mut width, mut count) = ([[0.0; 2]; 5], 0.0, 0.0, 0.0);
        for front in fronts {
            let points = normal(front)?;
            width += eyes_width(&points);
            for (sum, point) in sums.iter_mut().zip(points) {
                *sum = [sum[0] + point[0], sum[1] + point[1]];
            }
            yaw += f64::from(front.yaw_degrees);
            count += 1.0;
        }
        let points = sums.map(|sum| sum.map(|value| value / count));
        let eye_distance = (points[1][0] - points[0][0]).hypot(points[1][1] - points[0][1]);
        let reference = Self { points, yaw_degrees: yaw / count, eye_distance, width: width / count };
        let numbers = points.as_flattened().iter().chain([&reference.yaw_degrees, &reference.width]);
        (numbers.into_iter().all(|value| value.is_finite()) && eye_distance > 0.1).then_some(reference)
    }
}

/// The points about the eyes' middle, in distances from there to the mouth's: free of where the face is and how large.
fn normal(front: &Front) -> Option<[[f64; 2]; 5]> {
    let points = front.landmarks();
    let eyes = points.right_eye.middle(points.left_eye);
    let unit = eyes.distance(points.right_mouth.middle(points.left_mouth)).max(points.eye_distance());
    if !(unit.is_finite() && unit > 1.0) {
        return None;
    }
    let place = |point: Point| [f64::from((point.x - eyes.x) / unit), f64::from((point.y - eyes.y) / unit)];
    Some(front.points.map(place))
}

/// Distance of the eyes over that from their middle to the mouth's.
fn eyes_width(points: &[[f64; 2]; 5]) -> f64 {
    let [right_eye, left_eye, _, right_mouth, left_mouth] = points;
    let middle = |a: &[f64; 2], b: &[f64; 2]| [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])];
    let off = |a: &[f64; 2], b: &[f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
    off(left_eye, right_eye) / off(&middle(left_eye, right_eye), &middle(left_mouth, right_mouth))
}

/// The height of the nose over the plane, from the middles of `turned`. `None` with too few, or where the reference was
/// no straight face.
///
/// The pose is what the face looks like: a picture of a face from the front looks so from the side too, and half as far
/// turned as the paper is, so that the little depth of bent paper comes out as a head's. The eyes come nearer to each
/// other by the cosine of the turn, on paper as on a head. A reference that was turned a little itself had less than the
/// whole width, and counts with its own turn: away from the side of `turned` more, towards it less.
fn depth_by_eyes(reference: &Reference, turned: &[Turned]) -> Option<f32> {
    if turned.len() < LEAST_TURNED {
        return None;
    }
    let off = reference.yaw_degrees.to_radians();
    let shrunk = median(turned.iter().map(|turned| turned.width))? / reference.width * off.cos();
    if shrunk > WIDER {
        return None;
    }
    let side = median(turned.iter().map(|turned| turned.side))?;
    let turn = shrunk.clamp(0.0, 1.0).acos().tan() - side * off.tan();
    Some(finite(median(turned.iter().map(|turned| turned.shift))? / turn.max(LEAST_TURN)))
}

/// A face that is turned against the reference.
struct Turned {
    /// The eyes' width.
    width: f64,
    /// To which side: 1 with the nose to the left of the picture, -1 to the right.
    side: f64,
    /// How far the nose shifted to that side, in eye distances of the reference.
    shift: f64,
}

/// Compares the points of `fronts` with those of `reference`.
pub(crate) fn measure<'a>(reference: &Reference, fronts: impl Iterator<Item = &'a Front>) -> Solid {
    let mut solid = Solid::default();
    let (mut pairs, mut turned, mut square_degrees) = (Vec::new(), Vec::new(), 0.0);
    for front in fronts {
        let (yaw, pitch) = (f64::from(front.yaw_degrees), f64::from(front.pitch_degrees));
        let Some(points) = normal(front).filter(|_| front.is_seen()) else { continue };
        let Some([x, y]) = nose_shift(reference, &points) else { continue };
        let degrees = yaw - reference.yaw_degrees;
        if degrees.abs() >= TURNED_DEGREES && pitch.abs() < NODDED_DEGREES {
            let side = degrees.signum();
            turned.push(Turned { width: eyes_width(&points), side, shift: -x * side });
        }
        let turn = yaw.to_radians().tan() - reference.yaw_degrees.to_radians().tan();
        // To the left of the picture, as the angle counts.
        pairs.push((turn, -x, 0));
        square_degrees += (yaw - reference.yaw_degrees).powi(2);
        solid.plane_residual = solid.plane_residual.max(finite(x.hypot(y)));
        solid.affine_residual = solid.affine_residual.max(affine_residual(reference, &points));
        solid.frames += 1;
    }
    solid.depth_by_eyes = depth_by_eyes(reference, &turned);
    let spread = (square_degrees / f64::from(solid.frames.max(1))).sqrt();
    if spread >= LEAST_SPREAD_DEGREES {
        solid.depth = Line::fit(&pairs).map(|line| (finite(line.slope), finite(line.error * DEPENDENCE)));
    }
    solid
}

/// How far the nose is from where the plane of the other four points has it, in eye distances of the reference.
fn nose_shift(reference: &Reference, points: &[[f64; 2]; 5]) -> Option<[f64; 2]> {
    let four = |points: &[[f64; 2]; 5]| [points[0], points[1], points[3], points[4]];
    let place = apply(&homography(&four(points), &four(&reference.points))?, points[2])?;
    let shift = [0, 1].map(|axis| (place[axis] - reference.points[2][axis]) / reference.eye_distance);
    // Farther than a head has room for: points that were guessed.
    shift.iter().all(|value| value.abs() < 2.0).then_some(shift)
}

/// Root mean square misfit of the best affine map from the reference to `points`, in eye distances of the reference.
fn affine_residual(reference: &Reference, points: &[[f64; 2]; 5]) -> f32 {
    let mut normal = [[0.0; 4]; 3];
    let mut residual = 0.0;
    for axis in 0..2 {
        normal.fill([0.0; 4]);
        for (from, to) in reference.points.iter().zip(points) {
            let term = [from[0], from[1], 1.0];
            for (row, left) in normal.iter_mut().zip(term) {
                for (sum, right) in row.iter_mut().zip(term.into_iter().chain([to[axis]])) {
                    *sum += left * right;
                }
            }
        }
        let Some(map) = solve(&mut normal) else { return 0.0 };
        for (from, to) in reference.points.iter().zip(points) {
            residual += (map[0] * from[0] + map[1] * from[1] + map[2] - to[axis]).powi(2);
        }
    }
    finite((residual / 5.0).sqrt() / reference.eye_distance)
}

/// The homography that brings four points to four others, its last number 1 (Hartley and Zisserman 2004, 4.1).
fn homography(from: &[[f64; 2]; 4], to: &[[f64; 2]; 4]) -> Option<[f64; 8]> {
    let mut rows = [[0.0; 9]; 8];
    for (index, ([x, y], [u, v])) in from.iter().zip(to).enumerate() {
        rows[2 * index] = [*x, *y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y, *u];
        rows[2 * index + 1] = [0.0, 0.0, 0.0, *x, *y, 1.0, -v * x, -v * y, *v];
    }
    solve(&mut rows)
}

fn apply(map: &[f64; 8], [x, y]: [f64; 2]) -> Option<[f64; 2]> {
    let [a, b, c, d, e, f, g, h] = map;
    let depth = g * x + h * y + 1.0;
    let place = [(a * x + b * y + c) / depth, (d * x + e * y + f) / depth];
    (depth.abs() > 1e-6 && place.iter().all(|value| value.is_finite())).then_some(place)
}

/// Solves a system of `N` equations, the right side in the last column, by Gauss with pivots. `None` where it has no
/// single solution.
fn solve<const N: usize, const M: usize>(rows: &mut [[f64; M]; N]) -> Option<[f64; N]> {
    for column in 0..N {
        let pivot = (column..N).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))?;
        rows.swap(column, pivot);
        let pivot_row = rows[column];
        let pivot = pivot_row[column];
        if pivot.is_nan() || pivot.abs() <= 1e-9 {
            return None;
        }
        for row in rows.iter_mut().enumerate().filter(|(index, _)| *index != column).map(|(_, row)| row) {
            let factor = row[column] / pivot;
            for (value, above) in row.iter_mut().zip(pivot_row) {
                *value -= factor * above;
            }
        }
    }
    let solution: [f64; N] = std::array::from_fn(|row| rows[row][M - 1] / rows[row][row]);
    solution.iter().all(|value| value.is_finite()).then_some(solution)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::presence::testing::{Head, front};

    fn turned(depth: f32, angles: impl Iterator<Item = (f32, f32)>) -> Solid {
        let head = |yaw, pitch| front(Head { yaw, pitch, nose: depth, ..Head::STRAIGHT });
        let reference = Reference::of([head(0.0, 0.0)].iter()).unwrap();
        let fronts: Vec<_> = angles.map(|(yaw, pitch)| head(yaw, pitch)).collect();
        measure(&reference, fronts.iter())
    }

    #[test]
    fn a_head_has_depth_and_a_turned_picture_has_none() {
        for (yaw, pitch) in [(1.0, 0.0), (-1.0, 0.0), (0.8, 0.3), (-0.8, 0.3)] {
            let way = || (0..12_u8).map(|step| (yaw * 2.5 * f32::from(step), pitch * 2.5 * f32::from(step)));
            let (depth, error) = turned(0.5, way()).depth.unwrap();
            assert!((depth - 0.5).abs() < 0.1 && error < 0.05, "{depth} {error}");
            let flat = turned(0.0, way());
            let (depth, error) = flat.depth.unwrap();
            assert!(depth.abs() < 1e-3 && error < 1e-3, "{depth} {error}");
            assert!(flat.plane_residual < 1e-3);
            // A near picture that is turned is no affine image of itself, but a homography.
            assert!(flat.affine_residual < 0.05, "{}", flat.affine_residual);
        }
    }

    #[test]
    fn the_eyes_tell_the_depth_where_the_pose_is_a_picture_s() {
        for side in [1.0, -1.0] {
            let way = || (0..16_u8).map(|step| (f32::from(step) * 2.5 * side, 0.0));
            let depth = turned(0.5, way()).depth_by_eyes.unwrap();
            assert!((depth - 0.5).abs() < 0.12, "{depth}");
            assert_eq!(turned(0.5, way().take(4)).depth_by_eyes, None);
            // Paper that is turned farther than the face on it seems to be.
            let paper = |yaw| front(Head { yaw, nose: 0.15, ..Head::STRAIGHT });
            let reference = Reference::of([paper(0.0)].iter()).unwrap();
            let fronts: Vec<_> =
                way().map(|(yaw, _)| Front { yaw_degrees: yaw * 0.5, ..paper(yaw) }).collect();
            let solid = measure(&reference, fronts.iter());
            let (by_pose, by_eyes) = (solid.depth.unwrap().0, solid.depth_by_eyes.unwrap());
            assert!(by_pose > 0.25 && by_eyes < 0.2, "{by_pose} {by_eyes}");
        }
    }

    #[test]
    fn a_reference_that_was_turned_makes_no_depth() {
        // A picture on paper whose pose is half as far turned as it is, from one side to the other.
        let paper = |turned: f32| Front {
            yaw_degrees: turned * 0.5,
            ..front(Head { yaw: turned, nose: 0.15, ..Head::STRAIGHT })
        };
        let head = |yaw| front(Head { yaw, ..Head::STRAIGHT });
        for side in [1.0, -1.0] {
            let way =
                |from: f32, to: f32| (0..12_u8).map(move |step| from + (to - from) * f32::from(step) / 11.0);
            let depth = |reference: Front, fronts: Vec<Front>| {
                measure(&Reference::of([reference].iter()).unwrap(), fronts.iter()).depth_by_eyes
            };
            for off in [8.0, 16.0] {
                let papers = way(-off * side, 28.0 * side).map(paper).collect();
                let paper_depth = depth(paper(-off * side), papers);
                assert!(paper_depth.is_none_or(|depth| depth < 0.3), "{off} {paper_depth:?}");
                let head_off = off / 2.0 * side;
                for to in [30.0 * side, -30.0 * side] {
                    let head_depth = depth(head(head_off), way(head_off, to).map(head).collect()).unwrap();
                    assert!((head_depth - 0.5).abs() < 0.15, "{off} {to} {head_depth}");
                }
            }
            // One that comes to look straight from far off.
            assert_eq!(depth(paper(40.0 * side), way(40.0 * side, 0.0).map(paper).collect()), None);
        }
    }

    #[test]
    fn a_head_that_only_nods_or_hardly_turns_says_nothing_of_its_depth() {
        assert_eq!(turned(0.5, (0..12_u8).map(|step| (0.0, f32::from(step) * 2.0))).depth, None);
        assert_eq!(turned(0.5, (0..12_u8).map(|step| (f32::from(step) * 0.1, 0.0))).depth, None);
    }

    #[test]
    fn points_in_one_place_are_no_face() {
        let mut nowhere = front(Head::STRAIGHT);
        nowhere.points = [Point::new(5.0, 5.0); 5];
        assert_eq!(Reference::of([nowhere].iter()), None);
        assert_eq!(Reference::of(std::iter::empty()), None);
    }

    proptest! {
        #[test]
        fn no_points_break_it(values in proptest::array::uniform12(any::<f32>())) {
            let reference = Reference::of([front(Head::STRAIGHT)].iter()).unwrap();
            let mut odd = front(Head::STRAIGHT);
            odd.points = std::array::from_fn(|i| Point::new(values[2 * i], values[2 * i + 1]));
            (odd.yaw_degrees, odd.pitch_degrees) = (values[10], values[11]);
            let fronts = [odd.clone(), odd.clone(), odd.clone(), odd];
            let solid = measure(&reference, fronts.iter());
            let _ = Reference::of(fronts.iter());
            prop_assert!(solid.plane_residual.is_finite() && solid.affine_residual.is_finite());
            prop_assert!(solid.depth_by_eyes.is_none_or(f32::is_finite));
            prop_assert!(solid.depth.is_none_or(|(depth, error)| depth.is_finite() && error.is_finite()));
        }
    }
}
