//! From the corners of a symbol to its codewords.

use std::ops::Range;

use super::grey::Grey;
use super::locate::Found;
use super::scan::Point;
use super::symbol::{Look, Looks, MODULES, Read, alike, blurs, nearest, normal};

/// Samples a module, along the rows.
const FINE: usize = 4;

/// How many samples a codeword may stand off its place.
const OFF: i32 = 3;

/// What the row indicators say of a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// 3..=90.
    pub(super) rows: usize,
    /// Columns of data, 1..=30.
    pub(super) columns: usize,
    /// Error correction level, 0..=8.
    pub(super) level: usize,
}

impl Shape {
    /// Codewords in all.
    pub(super) fn size(self) -> usize {
        self.rows * self.columns
    }

    /// Those for error correction (ISO/IEC 15438:2015, 5.7).
    pub(super) fn check(self) -> usize {
        2 << self.level
    }
}

/// A symbol's codewords, with what the looks of others would have been.
pub(super) struct Codewords {
    pub(super) shape: Shape,
    /// Row after row.
    pub(super) read: Vec<Read>,
    seen: Vec<Look>,
    looks: &'static Looks,
}

impl Codewords {
    /// How much the place looks like `word`, -1..1.
    pub(super) fn alike(&self, place: usize, word: u32) -> f32 {
        let cluster = place / self.shape.columns % 3;
        match (self.seen.get(place), self.looks[cluster].get(word as usize)) {
            (Some(seen), Some(look)) => alike(seen, look),
            _ => -1.0,
        }
    }
}

/// The symbol with rows level and upright: `lines` lines of `width` samples, [`FINE`] a module.
struct Flat {
    lines: usize,
    width: usize,
    values: Vec<f32>,
}

/// Columns of data in a symbol: 1 to 30.
const MOST_COLUMNS: usize = 30;

/// The first thing that `decode` makes of the ways to read the symbol which its measures and its row indicators allow,
/// most likely first.
pub(super) fn codewords<T>(
    grey: &Grey,
    found: &Found,
    decode: impl Fn(&Codewords) -> Option<T>,
) -> Option<T> {
    let guess = (found.modules - 1.0) / MODULES as f32 - 4.0;
    let nearest_guess = guess.round().clamp(1.0, MOST_COLUMNS as f32) as usize;
    let other = if guess > nearest_guess as f32 { nearest_guess + 1 } else { nearest_guess - 1 };
    for columns in [nearest_guess, other] {
        if !(1..=MOST_COLUMNS).contains(&columns) {
            continue;
        }
        let flat = Flat::new(grey, found.corners, columns);
        for looks in blurs() {
            let indicators = flat.indicators(columns, looks);
            for shape in shapes(&indicators, columns) {
                let decoded = decode(&flat.read(shape, &indicators, looks));
                if decoded.is_some() {
                    return decoded;
                }
            }
        }
    }
    None
}

/// An indicator that one line shows: where, which cluster, which word, how sure.
#[derive(Debug, Clone, Copy)]
struct Indicator {
    line: usize,
    cluster: usize,
    word: usize,
    left: bool,
    weight: f32,
}

/// An indicator that looks less like any codeword is none.
const INDICATOR_ALIKE: f32 = 0.8;

impl Flat {
    fn new(grey: &Grey, corners: [Point; 4], columns: usize) -> Flat {
        let modules = MODULES * (columns + 4) + 1;
        let tall = |a: Point, b: Point| (a[0] - b[0]).hypot(a[1] - b[1]);
        let height = tall(corners[0], corners[3]).max(tall(corners[1], corners[2]));
        let lines = (height as usize).clamp(24, 360);
        let width = modules * FINE;
        let map = Projection::new(corners);
        let mut values = Vec::with_capacity(lines * width);
        for line in 0..lines {
            let v = (line as f32 + 0.5) / lines as f32;
            for at in 0..width {
                let [x, y] = map.at((at as f32 + 0.5) / width as f32, v);
                values.push(grey.sample(x, y));
            }
        }
        Flat { lines, width, values }
    }

    /// Mean of some lines over the samples `part`.
    fn mean(&self, lines: impl Iterator<Item = usize>, part: Range<usize>) -> Vec<f32> {
        let mut sum = vec![0.0; part.len()];
        let mut count = 0.0;
        for line in lines {
            let start = line * self.width;
            if let Some(values) = self.values.get(start + part.start..start + part.end) {
                count += 1.0;
                for (sum, value) in std::iter::zip(&mut sum, values) {
                    *sum += value;
                }
            }
        }
        sum.iter().map(|value| value / f32::max(count, 1.0)).collect()
    }

    /// What the row indicators of each line look like most.
    fn indicators(&self, columns: usize, looks: &Looks) -> Vec<Indicator> {
        let mut indicators = Vec::new();
        for line in 0..self.lines {
            let row = self.mean(std::iter::once(line), 0..self.width);
            for (left, module) in [(true, MODULES), (false, MODULES * (columns + 2))] {
                let Some(seen) = look(&row, (module * FINE) as i32) else { continue };
                let best = (0..3)
                    .map(|cluster| (cluster, nearest(&seen, &looks[cluster])))
                    .max_by(|a, b| a.1.alike.total_cmp(&b.1.alike));
                if let Some((cluster, read)) = best.filter(|(_, read)| read.alike > INDICATOR_ALIKE) {
                    let weight = read.alike - INDICATOR_ALIKE + read.lead;
                    indicators.push(Indicator { line, cluster, word: usize::from(read.word), left, weight });
                }
            }
        }
        indicators
    }

    /// All codewords of that shape.
    fn read(&self, shape: Shape, indicators: &[Indicator], looks: &'static Looks) -> Codewords {
        let (left, right) = (self.rows(shape, indicators, true), self.rows(shape, indicators, false));
        let mut codewords = Codewords { shape, read: Vec::new(), seen: Vec::new(), looks };
        for row in 0..shape.rows {
            let mut off = 0;
            for column in 0..shape.columns {
                // The ends of the patterns are seen less well than their sides: rows may stand askew between the corners.
                let share = (column as f32 + 1.5) / (shape.columns as f32 + 2.0);
                let between = |from: f32, to: f32| from + (to - from) * share;
                let step = between(left.1, right.1);
                let centre = between(left.0, right.0) + step * row as f32;
                let (top, bottom) = (centre - step.abs() * 0.3, centre + step.abs() * 0.3);
                let lines =
                    top.round().max(0.0) as usize..=(bottom.round().max(0.0) as usize).min(self.lines - 1);
                let at = (column + 2) * MODULES * FINE;
                let start = at - OFF as usize;
                let mean = self.mean(lines, start..start + MODULES * FINE + 2 * OFF as usize);
                let (mut best, mut best_seen, mut best_off) = (Read::default(), [0.0; MODULES], off);
                best.alike = -1.0;
                // Paper bends and lenses do: each codeword stands near where the last one led to expect it.
                for shift in (off - 1).max(-OFF)..=(off + 1).min(OFF) {
                    let Some(seen) = look(&mean, OFF + shift) else { continue };
                    let read = nearest(&seen, &looks[row % 3]);
                    if read.alike > best.alike {
                        (best, best_seen, best_off) = (read, seen, shift);
                    }
                }
                // A codeword that is hardly seen says nothing of its place.
                if best.alike > 0.9 {
                    off = best_off;
                }
                codewords.read.push(best);
                codewords.seen.push(best_seen);
            }
        }
        codewords
    }

    /// Line of the first row's centre and lines from row to row on one side: what the corners say, then what the indicators
    /// there do.
    fn rows(&self, shape: Shape, indicators: &[Indicator], left: bool) -> (f32, f32) {
        let mut step = self.lines as f32 / shape.rows as f32;
        let mut first = step / 2.0 - 0.5;
        for near in [3.5, 2.0, 1.0] {
            let (mut n, mut sx, mut sy, mut sxx, mut sxy) = (0.0, 0.0, 0.0, 0.0, 0.0);
            for indicator in indicators.iter().filter(|indicator| indicator.left == left) {
                let row = (indicator.word / 30 * 3 + indicator.cluster) as f32;
                let expected = (indicator.line as f32 - first) / step;
                if row < shape.rows as f32 && (row - expected).abs() <= near {
                    let (x, y, w) = (row, indicator.line as f32, indicator.weight);
                    n += w;
                    sx += w * x;
                    sy += w * y;
                    sxx += w * x * x;
                    sxy += w * x * y;
                }
            }
            let spread = n * sxx - sx * sx;
            if n > 0.5 && spread > 1e-3 {
                let slope = (n * sxy - sx * sy) / spread;
                // Corners are a few rows off at most.
                if (slope / step - 1.0).abs() < 0.3 {
                    step = slope;
                    first = (sy - slope * sx) / n;
                }
            }
        }
        (first, step)
    }
}

/// The codeword that begins at sample `at`.
fn look(row: &[f32], at: i32) -> Option<Look> {
    let start = usize::try_from(at).ok()?;
    let values = row.get(start..start + MODULES * FINE)?;
    normal(std::array::from_fn(|module| match values[module * FINE..] {
        // The middle of a module is its own, its edges are its neighbours' too.
        [a, b, c, d, ..] => (a + d) * 0.15 + (b + c) * 0.35,
        _ => 0.0,
    }))
}

/// The likeliest shapes (ISO/IEC 15438:2015, 5.11.3: what the indicators of each cluster hold).
fn shapes(indicators: &[Indicator], columns: usize) -> Vec<Shape> {
    let mut thirds = [0.0; 30];
    let mut levels = [0.0; 30];
    for indicator in indicators {
        let value = indicator.word % 30;
        match (indicator.left, indicator.cluster) {
            (true, 0) | (false, 1) => thirds[value] += indicator.weight,
            (true, 1) | (false, 2) => levels[value] += indicator.weight,
            // The columns are known.
            _ => {}
        }
    }
    let top = |votes: &[f32; 30], valid: fn(usize) -> bool| {
        let mut order: Vec<usize> = (0..30).filter(|value| valid(*value) && votes[*value] > 0.0).collect();
        order.sort_by(|a, b| votes[*b].total_cmp(&votes[*a]));
        order.truncate(2);
        order
    };
    let (thirds, levels) = (top(&thirds, |_| true), top(&levels, |value| value < 27));
    let mut shapes = Vec::new();
    for level in &levels {
        for third in &thirds {
            let shape = Shape { rows: third * 3 + level % 3 + 1, columns, level: level / 3 };
            // 928 codewords at most, and one of data at least (5.2.1).
            if shape.rows >= 3 && shape.size() <= 928 && shape.check() + 1 < shape.size() {
                shapes.push(shape);
            }
        }
    }
    shapes.truncate(3);
    shapes
}

/// Maps the unit square to four corners.
struct Projection([f32; 8]);

impl Projection {
    /// P. Heckbert, Fundamentals of Texture Mapping and Image Warping, 1989, section 2.2.3.
    fn new(corners: [Point; 4]) -> Projection {
        let [[x0, y0], [x1, y1], [x2, y2], [x3, y3]] = corners;
        let (sx, sy) = (x0 - x1 + x2 - x3, y0 - y1 + y2 - y3);
        let (dx1, dy1, dx2, dy2) = (x1 - x2, y1 - y2, x3 - x2, y3 - y2);
        let determinant = dx1 * dy2 - dx2 * dy1;
        let (g, h) = if determinant.abs() < 1e-6 {
            (0.0, 0.0)
        } else {
            ((sx * dy2 - dx2 * sy) / determinant, (dx1 * sy - sx * dy1) / determinant)
        };
        Projection([x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h])
    }

    fn at(&self, u: f32, v: f32) -> Point {
        let [a, b, c, d, e, f, g, h] = self.0;
        let w = g * u + h * v + 1.0;
        let w = if w.abs() < 1e-6 { 1e-6 } else { w };
        [(a * u + b * v + c) / w, (d * u + e * v + f) / w]
    }
}
