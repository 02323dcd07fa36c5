//! Small pictures of all frames: whether they move on, and whether their light flickers.

use media::Frame;

use crate::presence::statistics::{Line, finite, median};
use crate::resize::{Quality, Region, resize};

/// Side of a small picture, in px.
const SIDE: usize = 64;
/// Columns at either edge: what lies there is mostly not the person.
const EDGE: usize = 10;
/// Neighbouring frames that differ by less, in levels of 255, are one frame again. A frame that is shown twice comes out
/// of a decoder with a difference of 0 or of what its coding mends.
const SAME: f32 = 0.12;
/// What comes back this long after it was seen, in ms, is a loop and no pause.
const LEAST_LAG_MS: u64 = 600;
/// How long it has to go on to be a loop, in ms.
const LEAST_RUN_MS: u64 = 500;
/// Between these, in levels of 255, light is measured: black stays black, and burnt out nothing wavers.
const LIT: std::ops::Range<f32> = 8.0..250.0;
/// Fewest rows that are lit at both edges in three frames.
const LEAST_ROWS: usize = 16;

/// One frame, in small.
pub(super) struct Thumb {
    t_ms: u64,
    luma: Vec<f32>,
}

/// What the small pictures say.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Course {
    /// Longest time in which the picture stood still, in ms.
    pub(super) still_ms: u32,
    /// How much less frames differ from such long before than from their neighbours.
    pub(super) recurrence: Option<f32>,
    /// The largest change between neighbours, but for their light, against the usual one.
    pub(super) cut: Option<f32>,
    /// How the light of both edges wavers alike from frame to frame, as a share of it.
    pub(super) flicker: Option<f32>,
}

impl Thumb {
    pub(super) fn of(frame: &Frame) -> Option<Self> {
        let all = Region {
            left: 0.0,
            top: 0.0,
            width: f64::from(frame.width()),
            height: f64::from(frame.height()),
        };
        let rgb = resize(frame, all, (SIDE as u32, SIDE as u32), Quality::Area)?;
        let luma = rgb.chunks_exact(3).map(|pixel| {
            0.299 * f32::from(pixel[0]) + 0.587 * f32::from(pixel[1]) + 0.114 * f32::from(pixel[2])
        });
        Some(Self { t_ms: frame.t_ms(), luma: luma.collect() })
    }

    /// Mean difference in levels of 255.
    fn difference(&self, other: &Self) -> f32 {
        let sum: f32 = self.luma.iter().zip(&other.luma).map(|(a, b)| (a - b).abs()).sum();
        sum / self.luma.len().max(1) as f32
    }

    /// The same once the other is as light as this: a camera that adapts changes the light of everything.
    fn change(&self, other: &Self) -> f32 {
        let light = |thumb: &Self| thumb.luma.iter().sum::<f32>().max(1.0);
        let gain = light(self) / light(other);
        let sum: f32 = self.luma.iter().zip(&other.luma).map(|(a, b)| (a - b * gain).abs()).sum();
        sum / self.luma.len().max(1) as f32
    }

    /// The light of each row at the left and at the right.
    fn edges(&self) -> [Edge; 2] {
        let rows = || self.luma.chunks_exact(SIDE);
        let mean = |edge: &[f32]| edge.iter().sum::<f32>() / EDGE as f32;
        [
            rows().map(|row| mean(&row[..EDGE])).collect(),
            rows().map(|row| mean(&row[SIDE - EDGE..])).collect(),
        ]
    }
}

/// Light of the rows at one side of the picture, in levels of 255.
type Edge = Vec<f32>;

/// Measures `thumbs`, in their order.
pub(super) fn measure(thumbs: &[Thumb]) -> Course {
    let steps: Vec<f32> = thumbs.windows(2).map(|pair| pair[0].difference(&pair[1])).collect();
    let moving = || steps.iter().copied().filter(|step| *step >= SAME).map(f64::from);
    let usual = median(moving());
    Course {
        still_ms: still_ms(thumbs, &steps),
        recurrence: usual.and_then(|usual| recurrence(thumbs, usual)),
        cut: usual.filter(|_| steps.len() > 2).map(|usual| {
            let changes = thumbs.windows(2).map(|pair| pair[0].change(&pair[1]));
            finite(f64::from(changes.fold(0.0, f32::max)) / usual)
        }),
        flicker: flicker(thumbs),
    }
}

fn still_ms(thumbs: &[Thumb], steps: &[f32]) -> u32 {
    let (mut longest, mut since) = (0, None);
    for (pair, step) in thumbs.windows(2).zip(steps) {
        if *step < SAME {
            let since = *since.get_or_insert(pair[0].t_ms);
            longest = longest.max(pair[1].t_ms.saturating_sub(since));
        } else {
            since = None;
        }
    }
    u32::try_from(longest).unwrap_or(u32::MAX)
}

/// Over all lags and all runs the least mean difference of frames with those a lag before, against that of neighbours.
/// Runs that stand still throughout are no loop.
fn recurrence(thumbs: &[Thumb], usual: f64) -> Option<f32> {
    let (first, last) = (thumbs.first()?, thumbs.last()?);
    let interval = last.t_ms.saturating_sub(first.t_ms) as f64 / (thumbs.len() - 1).max(1) as f64;
    if interval <= 0.0 {
        return None;
    }
    let frames = |ms: u64| (ms as f64 / interval).ceil().max(1.0) as usize;
    let (lag, run) = (frames(LEAST_LAG_MS), frames(LEAST_RUN_MS));
    let mut least: Option<f64> = None;
    for lag in lag..thumbs.len().saturating_sub(run) {
        let apart: Vec<f64> =
            thumbs.iter().zip(&thumbs[lag..]).map(|(a, b)| f64::from(a.difference(b))).collect();
        let near: Vec<f64> = thumbs[lag..]
            .windows(2)
            .map(|pair| f64::from(pair[0].difference(&pair[1])))
            .chain([usual])
            .collect();
        for (apart, near) in apart.windows(run).zip(near.windows(run)) {
            let (apart, near) = (apart.iter().sum::<f64>(), near.iter().sum::<f64>());
            // As much as it usually moves, at least half of it.
            if near >= usual * run as f64 / 2.0 {
                let ratio = apart / near;
                least = Some(least.map_or(ratio, |least: f64| least.min(ratio)));
            }
        }
    }
    least.map(finite)
}

/// The middle over rows and frames of how far a row's light is from the mean of the frames before and after, as far as both
/// of its ends agree. Bands of a display run over the picture from edge to edge; what changes the light of all rows
/// alike, as coding or exposure does, and what a picture that moves up and down explains, is none of theirs.
fn flicker(thumbs: &[Thumb]) -> Option<f32> {
    let edges: Vec<[Edge; 2]> = thumbs.iter().map(Thumb::edges).collect();
    let wavers = edges.windows(3).flat_map(|three| {
        let is_lit = |row: &usize| three.iter().flatten().all(|edge| LIT.contains(&edge[*row]));
        let rows: Vec<usize> = (0..SIDE).filter(is_lit).collect();
        if rows.len() < LEAST_ROWS {
            return vec![];
        }
        let [left, right] =
            [0, 1].map(|side| wavers([&three[0][side], &three[1][side], &three[2][side]], &rows));
        let alike =
            |(left, right): (f64, f64)| if left * right > 0.0 { left.abs().min(right.abs()) } else { 0.0 };
        left.into_iter().zip(right).map(alike).collect()
    });
    median(wavers).map(finite)
}

/// How far the light of `rows` in the middle one of three frames is from the mean of the other two, as a share of it: what
/// is left of that by a line along the slope of the light from row to row.
fn wavers(three: [&Edge; 3], rows: &[usize]) -> Vec<f64> {
    let light = |frame: usize, row: usize| f64::from(three[frame][row].max(1.0)).ln();
    let slope = |row: usize| {
        let (above, below) = (row.saturating_sub(1), (row + 1).min(SIDE - 1));
        (light(1, below) - light(1, above)) / (below - above) as f64
    };
    let off = |row: usize| light(1, row) - f64::midpoint(light(0, row), light(2, row));
    let pairs: Vec<_> = rows.iter().map(|row| (slope(*row), off(*row), 0)).collect();
    let per_slope = Line::fit(&pairs).map_or(0.0, |line| line.slope);
    let left: Vec<f64> = pairs.iter().map(|(slope, off, _)| off - per_slope * slope).collect();
    let mean = left.iter().sum::<f64>() / left.len().max(1) as f64;
    left.into_iter().map(|left| left - mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames of a bright bar that moves to the right and whose light follows `light`, 15 a second.
    fn course(places: &[f32], light: impl Fn(usize, usize) -> f32) -> Course {
        let thumbs: Vec<Thumb> = places
            .iter()
            .enumerate()
            .map(|(index, place)| {
                let luma = (0..SIDE * SIDE).map(|at| {
                    let (x, y) = ((at % SIDE) as f32, at / SIDE);
                    (60.0 + 100.0 * (-((x - place) / 6.0).powi(2)).exp()) * light(index, y)
                });
                Thumb { t_ms: index as u64 * 1000 / 15, luma: luma.collect() }
            })
            .collect();
        measure(&thumbs)
    }

    fn way(frames: usize) -> Vec<f32> {
        (0..frames).map(|index| 20.0 + index as f32 * 0.4 + (index as f32 * 0.7).sin()).collect()
    }

    #[test]
    fn a_way_that_goes_on_neither_recurs_nor_stands_nor_jumps() {
        let course = course(&way(45), |_, _| 1.0);
        assert_eq!(course.still_ms, 0);
        assert!(course.recurrence.unwrap() > 2.0 && course.cut.unwrap() < 5.0, "{course:?}");
        assert!(course.flicker.unwrap() < 1e-3, "{course:?}");
    }

    #[test]
    fn a_loop_a_freeze_and_a_cut_are_seen() {
        let looped: Vec<f32> = way(15).iter().copied().cycle().take(45).collect();
        assert!(course(&looped, |_, _| 1.0).recurrence.unwrap() < 0.05);
        let mut frozen = way(45);
        frozen[15..30].fill(26.0);
        let still = course(&frozen, |_, _| 1.0);
        assert!((900..=1000).contains(&still.still_ms), "{still:?}");
        let mut cut = way(45);
        for place in &mut cut[20..] {
            *place += 20.0;
        }
        assert!(course(&cut, |_, _| 1.0).cut.unwrap() > 10.0);
        // A camera that begins too dark.
        let adapts = course(&way(45), |index, _| if index < 2 { 0.6 } else { 1.0 });
        assert!(adapts.cut.unwrap() < 5.0, "{adapts:?}");
    }

    #[test]
    fn bands_that_roll_over_the_picture_flicker() {
        let bands = course(&way(45), |index, row| 1.0 + 0.05 * (row as f32 * 0.3 + index as f32 * 2.0).sin());
        assert!(bands.flicker.unwrap() > 0.02, "{bands:?}");
        // Of all rows alike, as coding does it.
        let pulse = course(&way(45), |index, _| if index % 12 < 6 && index % 2 == 0 { 1.03 } else { 1.0 });
        assert!(pulse.flicker.unwrap() < 1e-4, "{pulse:?}");
        // A camera that tilts a little, up and down, before light that differs from row to row.
        let tilts = course(&way(45), |index, row| {
            let up = if index % 2 == 0 { 0.1 } else { -0.1 };
            1.0 + 0.3 * ((row as f32 + up) * 0.2).sin()
        });
        assert!(tilts.flicker.unwrap() < 5e-4, "{tilts:?}");
        assert_eq!(course(&way(45), |_, _| 0.0).flicker, None);
        assert_eq!(measure(&[]), Course::default());
    }
}
