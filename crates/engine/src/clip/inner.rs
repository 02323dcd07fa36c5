//! Whether a face moves within itself. A picture that is held before the camera moves as a plane: once its frames are
//! laid over each other by the homography that fits best, nothing is left that moves. A face speaks, blinks and turns.

use crate::face::ALIGNED_SIDE;
use crate::presence::statistics::{finite, median, quantile};

/// The inner part of an aligned face: left, top, right, bottom.
const PART: [usize; 4] = [18, 26, 94, 106];
/// Distance of the eyes in an aligned face, in px.
const EYES_PX: f64 = 35.24;
/// Side of a place whose shift is measured, and the step from one to the next, in px.
const PLACE: usize = 16;
const STEP: usize = 8;
/// Rounds of the fit; it ends sooner where it has settled.
const ROUNDS: usize = 12;
/// A shift that settles, in px.
const SETTLED: f64 = 0.01;
/// A fit that still shifts by more than this in the end, in px, or leaves more than this share of the reference's contrast,
/// lies beside the face: it blurred, or was found elsewhere. So do none of 354 frames of moved photos, and 175 of as many of
/// faces, which are no planes (development half of `bench video`, 2026-11-23).
const LIES: (f64, f64) = (0.1, 0.3);
/// Places with less relief than this share of the one with the most are too smooth to see a shift.
const LEAST_RELIEF: f64 = 0.03;
/// The largest shift that one step of the fit can tell, in px.
const LARGEST: f64 = 5.0;
/// Numbers of a homography.
const FREEDOM: usize = 8;
const MIDDLE: f64 = ALIGNED_SIDE as f64 / 2.0;
/// Fewest frames that say anything.
const LEAST_FRAMES: usize = 6;

/// The luma of an aligned face, softened.
pub(super) struct Patch(Vec<f32>);

impl Patch {
    /// Of an aligned face: red, green, blue.
    pub(super) fn of(aligned: &[u8]) -> Self {
        let luma: Vec<f32> = aligned
            .chunks_exact(3)
            .map(|pixel| {
                0.299 * f32::from(pixel[0]) + 0.587 * f32::from(pixel[1]) + 0.114 * f32::from(pixel[2])
            })
            .collect();
        let at = |x: usize, y: usize| {
            luma.get(y.min(ALIGNED_SIDE - 1) * ALIGNED_SIDE + x.min(ALIGNED_SIDE - 1)).copied().unwrap_or(0.0)
        };
        // Weights 1, 2, 1 along both axes.
        let soft = (0..ALIGNED_SIDE * ALIGNED_SIDE).map(|place| {
            let (x, y) = (place % ALIGNED_SIDE, place / ALIGNED_SIDE);
            let row = |y: usize| at(x.saturating_sub(1), y) + 2.0 * at(x, y) + at(x + 1, y);
            (row(y.saturating_sub(1)) + 2.0 * row(y) + row(y + 1)) / 16.0
        });
        Self(soft.collect())
    }

    fn at(&self, x: usize, y: usize) -> f64 {
        f64::from(self.0[y * ALIGNED_SIDE + x])
    }

    /// Between pixels; the edge goes on outside.
    fn between(&self, x: f64, y: f64) -> f64 {
        let last = ALIGNED_SIDE as f64 - 1.001;
        let (x, y) = (x.clamp(0.0, last), y.clamp(0.0, last));
        let (left, top) = (x as usize, y as usize);
        let (fx, fy) = (x - left as f64, y - top as f64);
        let row = |y: usize| self.at(left, y) * (1.0 - fx) + self.at(left + 1, y) * fx;
        row(top) * (1.0 - fy) + row(top + 1) * fy
    }
}

/// How far places of a face shift against the rest of it, in eye distances: the root mean square over time of the place
/// at nine tenths of all, and that of the middle one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Inner {
    pub(super) most: f32,
    pub(super) usual: f32,
}

/// Measures `patches`, in their order. `None` with too few of them, or where nothing in them has relief.
pub(super) fn measure(patches: &[Patch]) -> Option<Inner> {
    if patches.len() < LEAST_FRAMES {
        return None;
    }
    let reference = Reference::of(patches.get(patches.len() / 2)?)?;
    let laid: Vec<Laid> = patches.iter().filter_map(|patch| reference.lay_over(patch)).collect();
    // Some frames of a picture may be missed. Where most are, the face is no plane.
    let most_lie = 2 * laid.iter().filter(|laid| laid.lies).count() > laid.len();
    let frames: Vec<Vec<[f64; 2]>> =
        laid.into_iter().filter(|laid| laid.lies || !most_lie).map(|laid| laid.shifts).collect();
    if frames.len() < LEAST_FRAMES {
        return None;
    }
    let spreads: Vec<f64> = (0..reference.places.len())
        .map(|place| {
            let mean = |axis: usize| {
                frames.iter().map(|shifts| shifts[place][axis]).sum::<f64>() / frames.len() as f64
            };
            let middle = [mean(0), mean(1)];
            let square = |shifts: &Vec<[f64; 2]>| {
                (shifts[place][0] - middle[0]).powi(2) + (shifts[place][1] - middle[1]).powi(2)
            };
            (frames.iter().map(square).sum::<f64>() / frames.len() as f64).sqrt() / EYES_PX
        })
        .collect();
    Some(Inner { most: finite(quantile(spreads.iter().copied(), 0.9)?), usual: finite(median(spreads)?) })
}

/// A face that was laid over the reference.
struct Laid {
    /// How far each place is from where the homography has it, in px.
    shifts: Vec<[f64; 2]>,
    /// Whether it came to lie there.
    lies: bool,
}

/// The face that others are laid over.
struct Reference<'a> {
    patch: &'a Patch,
    /// Change per px along x and y.
    slope: Vec<[f64; 2]>,
    /// Inverse of the normal matrix of the fit.
    normal: [[f64; FREEDOM]; FREEDOM],
    /// Top left corners of the places with relief.
    places: Vec<(usize, usize)>,
}

fn part() -> impl Iterator<Item = (usize, usize)> {
    let [left, top, right, bottom] = PART;
    (top..bottom).flat_map(move |y| (left..right).map(move |x| (x, y)))
}

/// A place about the middle of the face, in halves of its side.
fn about_middle(x: usize, y: usize) -> (f64, f64) {
    ((x as f64 - MIDDLE) / MIDDLE, (y as f64 - MIDDLE) / MIDDLE)
}

/// How a place's brightness follows the eight numbers of a homography, near the one that leaves all as it is (Baker and
/// Matthews 2004).
fn steepest([dx, dy]: [f64; 2], x: usize, y: usize) -> [f64; FREEDOM] {
    let (u, v) = about_middle(x, y);
    let along = dx * u + dy * v;
    [dx * u, dx * v, dx, dy * u, dy * v, dy, -along * u, -along * v].map(|value| value * MIDDLE)
}

impl<'a> Reference<'a> {
    fn of(patch: &'a Patch) -> Option<Self> {
        let mut slope = vec![[0.0; 2]; ALIGNED_SIDE * ALIGNED_SIDE];
        let mut sums = [[0.0; FREEDOM]; FREEDOM];
        for (x, y) in part() {
            let change = [
                (patch.at(x + 1, y) - patch.at(x - 1, y)) / 2.0,
                (patch.at(x, y + 1) - patch.at(x, y - 1)) / 2.0,
            ];
            slope[y * ALIGNED_SIDE + x] = change;
            let row = steepest(change, x, y);
            for (sums, a) in sums.iter_mut().zip(row) {
                for (sum, b) in sums.iter_mut().zip(row) {
                    *sum += a * b;
                }
            }
        }
        let mut reference = Self { patch, slope, normal: inverse(&sums)?, places: vec![] };
        let [left, top, right, bottom] = PART;
        let corners = (top..=bottom - PLACE)
            .step_by(STEP)
            .flat_map(|y| (left..=right - PLACE).step_by(STEP).map(move |x| (x, y)));
        let reliefs: Vec<_> = corners.map(|corner| (corner, reference.relief(corner).0)).collect();
        let most = reliefs.iter().map(|(_, relief)| *relief).fold(0.0, f64::max);
        reference.places = reliefs
            .into_iter()
            .filter(|(_, relief)| *relief > LEAST_RELIEF * most && *relief > 1.0)
            .map(|(corner, _)| corner)
            .collect();
        (!reference.places.is_empty()).then_some(reference)
    }

    /// The smaller eigenvalue of the structure of a place, and the structure.
    fn relief(&self, (left, top): (usize, usize)) -> (f64, [f64; 3]) {
        let [mut xx, mut xy, mut yy] = [0.0; 3];
        for (x, y) in place(left, top) {
            let [dx, dy] = self.slope[y * ALIGNED_SIDE + x];
            (xx, xy, yy) = (xx + dx * dx, xy + dx * dy, yy + dy * dy);
        }
        let half = f64::midpoint(xx, yy);
        (half - (half * half - (xx * yy - xy * xy)).max(0.0).sqrt(), [xx, xy, yy])
    }

    /// Lays `patch` over the reference by the homography that fits best. `None` where none does.
    fn lay_over(&self, patch: &Patch) -> Option<Laid> {
        let (mut map, mut last) = (IDENTITY, f64::INFINITY);
        let mut off = vec![0.0; ALIGNED_SIDE * ALIGNED_SIDE];
        for _ in 0..ROUNDS {
            self.compare(patch, &map, &mut off);
            let mut sums = [0.0; FREEDOM];
            for (x, y) in part() {
                let at = y * ALIGNED_SIDE + x;
                for (sum, value) in sums.iter_mut().zip(steepest(self.slope[at], x, y)) {
                    *sum += value * off[at];
                }
            }
            let change = self.normal.map(|row| row.iter().zip(sums).map(|(a, b)| a * b).sum::<f64>());
            // What was measured on the reference is undone on the other side.
            map = after(&map, &undone(&change)?);
            // A face that was found elsewhere by a quarter of its size is no face.
            let apart = map.iter().zip(IDENTITY).map(|(a, b)| (a - b).abs());
            if apart.fold(0.0, f64::max) >= 0.5 || map.iter().any(|number| number.is_nan()) {
                return None;
            }
            last = change.iter().fold(0.0, |most: f64, change| most.max(change.abs() * MIDDLE));
            if last < SETTLED {
                break;
            }
        }
        let left = self.compare(patch, &map, &mut off);
        let shifts = self.places.iter().map(|(left, top)| {
            let (_, [xx, xy, yy]) = self.relief((*left, *top));
            let [mut x_sum, mut y_sum] = [0.0; 2];
            for (x, y) in place(*left, *top) {
                let at = y * ALIGNED_SIDE + x;
                x_sum += self.slope[at][0] * off[at];
                y_sum += self.slope[at][1] * off[at];
            }
            let whole = xx * yy - xy * xy;
            [(yy * x_sum - xy * y_sum) / whole, (xx * y_sum - xy * x_sum) / whole]
                .map(|shift| shift.clamp(-LARGEST, LARGEST))
        });
        Some(Laid { shifts: shifts.collect(), lies: last < LIES.0 && left < LIES.1 })
    }

    /// How much brighter `patch` is under `map` than the reference, its own light and contrast brought to the
    /// reference's. Gives the root mean square of that as a share of the reference's contrast.
    fn compare(&self, patch: &Patch, map: &Map, off: &mut [f64]) -> f64 {
        let (mut sums, mut count) = ([0.0; 4], 0.0);
        for (x, y) in part() {
            let (u, v) = about_middle(x, y);
            let depth = map[6] * u + map[7] * v + map[8];
            let across = (map[0] * u + map[1] * v + map[2]) / depth;
            let down = (map[3] * u + map[4] * v + map[5]) / depth;
            let value = patch.between(MIDDLE + MIDDLE * across, MIDDLE + MIDDLE * down);
            off[y * ALIGNED_SIDE + x] = value;
            let wanted = self.patch.at(x, y);
            sums = [sums[0] + value, sums[1] + wanted, sums[2] + value * value, sums[3] + wanted * wanted];
            count += 1.0;
        }
        let [mean, wanted_mean] = [sums[0] / count, sums[1] / count];
        let spread = (sums[2] / count - mean * mean).max(1e-6).sqrt();
        let contrast = (sums[3] / count - wanted_mean * wanted_mean).max(0.0).sqrt();
        let mut left = 0.0;
        for (x, y) in part() {
            let value = &mut off[y * ALIGNED_SIDE + x];
            *value = (*value - mean) * contrast / spread + wanted_mean - self.patch.at(x, y);
            left += *value * *value;
        }
        (left / count).sqrt() / contrast.max(1e-3)
    }
}

fn place(left: usize, top: usize) -> impl Iterator<Item = (usize, usize)> {
    (top..top + PLACE).flat_map(move |y| (left..left + PLACE).map(move |x| (x, y)))
}

/// A homography, rows first.
type Map = [f64; 9];

const IDENTITY: Map = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];

/// The homography that takes back a small change; `None` where there is none.
fn undone(change: &[f64; FREEDOM]) -> Option<Map> {
    let mut map = IDENTITY;
    for (number, change) in map.iter_mut().zip(change) {
        *number += change;
    }
    let [a, b, c, d, e, f, g, h, i] = map;
    let cofactors = [
        e * i - f * h,
        c * h - b * i,
        b * f - c * e,
        f * g - d * i,
        a * i - c * g,
        c * d - a * f,
        d * h - e * g,
        b * g - a * h,
        a * e - b * d,
    ];
    let last = cofactors[8];
    (last.abs() > 1e-6).then(|| cofactors.map(|value| value / last))
}

/// First `first`, then `second`, with a last number of 1.
fn after(second: &Map, first: &Map) -> Map {
    let product: Map = std::array::from_fn(|index| {
        (0..3).map(|inner| second[index / 3 * 3 + inner] * first[inner * 3 + index % 3]).sum()
    });
    product.map(|value| value / product[8])
}

/// The inverse of a symmetric matrix by Gauss and Jordan; `None` where it has none.
fn inverse(matrix: &[[f64; FREEDOM]; FREEDOM]) -> Option<[[f64; FREEDOM]; FREEDOM]> {
    let mut rows: [[f64; 2 * FREEDOM]; FREEDOM] = std::array::from_fn(|row| {
        std::array::from_fn(|column| match column.checked_sub(FREEDOM) {
            None => matrix[row][column],
            Some(column) => f64::from(u8::from(column == row)),
        })
    });
    for column in 0..FREEDOM {
        let pivot =
            (column..FREEDOM).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))?;
        rows.swap(column, pivot);
        let pivot = rows[column][column];
        if pivot.is_nan() || pivot.abs() <= 1e-6 {
            return None;
        }
        let row = rows[column].map(|value| value / pivot);
        rows[column] = row;
        for other in (0..FREEDOM).filter(|other| *other != column) {
            let factor = rows[other][column];
            for (value, above) in rows[other].iter_mut().zip(row) {
                *value -= factor * above;
            }
        }
    }
    Some(std::array::from_fn(|row| std::array::from_fn(|column| rows[row][column + FREEDOM])))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A face of blots, drawn at `place(x, y)`, as bright as `light` says.
    fn drawn(place: impl Fn(f32, f32) -> (f32, f32), light: f32) -> Patch {
        let value = |at: usize| {
            let (x, y) = place((at % ALIGNED_SIDE) as f32, (at / ALIGNED_SIDE) as f32);
            let waves = (x * 0.31).sin() * (y * 0.23).cos() + (x * 0.17 + y * 0.29).sin();
            ((128.0 + 45.0 * waves) * light) as u8
        };
        let rgb: Vec<u8> = (0..ALIGNED_SIDE * ALIGNED_SIDE).flat_map(|at| [value(at); 3]).collect();
        Patch::of(&rgb)
    }

    fn most(patches: impl Iterator<Item = Patch>) -> f32 {
        measure(&patches.collect::<Vec<_>>()).unwrap().most
    }

    /// A plane that sways, leans and changes its light with `turn`.
    fn plane_of(turn: f32) -> Patch {
        let (sin, cos) = turn.sin_cos();
        drawn(
            |x, y| {
                let (x, y) = (x - 56.0, y - 56.0);
                // It leans as well: one side comes nearer.
                let depth = 1.0 + turn * x / 60.0;
                let place = (1.04 * (x * cos - y * sin) + turn * 30.0, 0.97 * (x * sin + y * cos));
                (56.0 + place.0 / depth, 56.0 + place.1 / depth)
            },
            1.0 - turn,
        )
    }

    #[test]
    fn a_plane_that_sways_has_no_movement_within() {
        let plane = most((0..12_u8).map(|step| plane_of(f32::from(step).sin() * 0.05)));
        assert!(plane < 0.006, "{plane}");
    }

    #[test]
    fn a_plane_that_was_missed_in_some_frames_is_one() {
        let elsewhere = |step: u8| drawn(|x, y| (x * 1.3 + 9.0, y * 0.8 + f32::from(step)), 1.0);
        let missed = |step: u8| step % 5 == 2;
        let seen = (0..12_u8)
            .map(|step| if missed(step) { elsewhere(step) } else { plane_of(f32::from(step).sin() * 0.05) });
        let plane = most(seen);
        assert!(plane < 0.006, "{plane}");
        // A face that can hardly ever be laid over itself is no plane, and its frames count.
        let moves = most((0..12_u8).map(|step| {
            let open = f32::from(step).sin() * 9.0;
            drawn(|x, y| (if y > 60.0 { x + open } else { x - open }, y), 1.0)
        }));
        assert!(moves > 0.012, "{moves}");
    }

    #[test]
    fn a_mouth_that_moves_is_seen() {
        let speaks = most((0..12_u8).map(|step| {
            let open = f32::from(step).sin() * 2.5;
            drawn(|x, y| (x, if y > 75.0 { y + open } else { y }), 1.0)
        }));
        assert!(speaks > 0.012, "{speaks}");
    }

    #[test]
    fn too_few_frames_or_an_even_face_say_nothing() {
        assert_eq!(measure(&[]), None);
        let even: Vec<Patch> =
            (0..9).map(|_| Patch::of(&vec![90; ALIGNED_SIDE * ALIGNED_SIDE * 3])).collect();
        assert_eq!(measure(&even), None);
        let short: Vec<Patch> = (0..9).map(|_| Patch::of(&[90; 30])).collect();
        assert_eq!(measure(&short), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn no_picture_breaks_it(seed: u32) {
            let mut state = seed;
            let patches: Vec<Patch> = (0..8).map(|_| {
                let rgb: Vec<u8> = (0..ALIGNED_SIDE * ALIGNED_SIDE * 3).map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 24) as u8
                }).collect();
                Patch::of(&rgb)
            }).collect();
            if let Some(inner) = measure(&patches) {
                prop_assert!(inner.most.is_finite() && inner.usual.is_finite());
            }
        }
    }
}
