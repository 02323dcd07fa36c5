//! Start and stop patterns on one line through the picture.

use super::grey::Grey;

pub(super) type Point = [f32; 2];

/// Which end of the symbol a pattern is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Start,
    Stop,
}

/// A pattern on a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    pub(super) end: End,
    /// Where the pattern begins in the symbol's reading direction...
    pub(super) from: Point,
    /// ...and where it ends.
    pub(super) to: Point,
    /// Whether the symbol reads against the line's direction.
    pub(super) reversed: bool,
}

/// Widths of bars and spaces in modules (ISO/IEC 15438:2015, 5.3.2.3), the first a bar.
const START: [f32; 8] = [8.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 3.0];
const STOP: [f32; 9] = [7.0, 1.0, 1.0, 3.0, 1.0, 1.0, 1.0, 2.0, 1.0];

/// Samples a pixel along a line.
const FINE: f32 = 2.0;

/// Differences in brightness below this are noise, of 255.
const CONTRAST: f32 = 18.0;

/// A bar and the space after it together may be so many modules off: blur moves edges of bars and spaces against each
/// other, but both edges of a pair alike.
const PAIR_OFF: f32 = 0.75;

/// A single bar or space may be off by so many.
const SINGLE_OFF: f32 = 1.1;

/// Every pattern on the line from `from` to `to`. `reach` is the half width, in pixels, of the neighbourhood that says
/// what is dark and what is bright.
pub(super) fn hits(grey: &Grey, from: Point, to: Point, reach: usize, found: &mut Vec<Hit>) {
    let length = (to[0] - from[0]).hypot(to[1] - from[1]);
    let count = (length * FINE) as usize;
    if count < 40 {
        return;
    }
    let pad = reach * FINE as usize + 2;
    let at = |place: f32| {
        let share = (place - pad as f32) / count as f32;
        [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share]
    };
    let mut values: Vec<f32> = (0..count + 2 * pad)
        .map(|place| {
            let [x, y] = at(place as f32);
            grey.sample(x, y)
        })
        .collect();
    // Beyond the line's ends it is bright: a picture may be cut at the symbol's very edge.
    let bright = values.iter().copied().fold(0.0, f32::max);
    values[..pad].fill(bright);
    values[pad + count..].fill(bright);
    let edges = edges(&values, reach * FINE as usize);
    let mut widths: Vec<f32> = edges.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    // `edges[i].1` says whether a bar begins there.
    for (first, (_, bar)) in edges.iter().enumerate() {
        let mut test = |end: End, pattern: &[f32], reversed: bool| {
            let Some(run) = widths.get_mut(first..first + pattern.len()) else { return };
            let fits = if reversed {
                run.reverse();
                let fits = matches(run, pattern);
                run.reverse();
                fits
            } else {
                matches(run, pattern)
            };
            if fits {
                let (a, b) = (at(edges[first].0), at(edges[first + pattern.len()].0));
                let (from, to) = if reversed { (b, a) } else { (a, b) };
                found.push(Hit { end, from, to, reversed });
            }
        };
        if *bar {
            test(End::Start, &START, false);
            test(End::Stop, &STOP, false);
            test(End::Stop, &STOP, true);
        } else {
            test(End::Start, &START, true);
        }
    }
}

fn matches(run: &[f32], pattern: &[f32]) -> bool {
    let module = run.iter().sum::<f32>() / pattern.iter().sum::<f32>();
    if module < 0.8 * FINE {
        return false;
    }
    let single = std::iter::zip(run, pattern).all(|(run, wide)| (run / module - wide).abs() <= SINGLE_OFF);
    let pairs = std::iter::zip(run.windows(2), pattern.windows(2));
    single
        && pairs
            .into_iter()
            .all(|(run, wide)| ((run[0] + run[1]) / module - wide[0] - wide[1]).abs() <= PAIR_OFF)
}

/// Where bars begin and end, between samples, with whether one begins. What is dark is told from the middle between the
/// darkest and the brightest near by; where both are alike it stays what it was.
fn edges(values: &[f32], reach: usize) -> Vec<(f32, bool)> {
    let (low, high) = (extremes(values, reach, f32::min), extremes(values, reach, f32::max));
    let mut edges = Vec::new();
    let mut dark = false;
    let mut before: Option<f32> = None;
    for place in 0..values.len() {
        if high[place] - low[place] < CONTRAST {
            before = None;
            continue;
        }
        let over = values[place] - f32::midpoint(low[place], high[place]);
        if (over < 0.0) != dark {
            dark = over < 0.0;
            let back = match before {
                Some(before) if (before < 0.0) != dark => over.abs() / (over.abs() + before.abs()).max(1e-3),
                _ => 0.0,
            };
            edges.push((place as f32 - back, dark));
        }
        before = Some(over);
    }
    edges
}

/// Running minimum or maximum over `reach` samples to each side.
fn extremes(values: &[f32], reach: usize, pick: fn(f32, f32) -> f32) -> Vec<f32> {
    let block = 2 * reach + 1;
    let padded = values.len() + 2 * reach;
    let value = |at: usize| values[at.saturating_sub(reach).min(values.len() - 1)];
    // M. van Herk, J. Gil and M. Werman: forward and backward within blocks, then one comparison a place.
    let mut forward = vec![0.0; padded];
    let mut backward = vec![0.0; padded];
    for at in 0..padded {
        forward[at] = if at % block == 0 { value(at) } else { pick(forward[at - 1], value(at)) };
    }
    for at in (0..padded).rev() {
        let last = at % block == block - 1 || at == padded - 1;
        backward[at] = if last { value(at) } else { pick(backward[at + 1], value(at)) };
    }
    (0..values.len()).map(|at| pick(backward[at], forward[at + 2 * reach])).collect()
}
