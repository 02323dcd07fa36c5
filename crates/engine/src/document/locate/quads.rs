//! Four lines that may be the sides of a document.

use super::aspect::{nearest, true_aspect};
use super::lines::{Line, crossing};
use crate::geometry::Point;

/// Corners and what speaks for them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quad {
    /// In px of the small picture, clockwise.
    pub(super) corners: [Point; 4],
    /// Which sides are edges of the picture: the first lies between the first two corners.
    pub(super) border: [bool; 4],
    /// Share of each side that is seen.
    pub(super) seen: [f32; 4],
    /// All in one figure, 0..1.
    pub(super) score: f32,
}

/// What counts for a side where only the picture ends: less than an edge, more than nothing.
const BORDER_SEEN: f32 = 0.5;
/// Share of a side at either end that is left out, for corners are round: 3.18 mm of 54 (ISO/IEC 7810).
const ROUND: f32 = 0.06;
/// Largest angle between opposite sides, as the cosine: 40 degrees.
const OPPOSITE: f32 = 0.766;
/// Least angle between neighbouring sides, as the sine: 45 degrees.
const ACROSS: f32 = 0.707;
/// How far a corner may lie outside the picture, as a share of its longer side.
const OUTSIDE: f32 = 0.12;
/// Smallest document, as a share of the picture's area.
const LEAST_AREA: f32 = 0.04;
/// Least share of the four sides together, and of the worst, that must be seen.
const LEAST_SEEN: (f32, f32) = (0.45, 0.12);

/// Least plausibility of a document that is cut: what is left of it may have any proportions.
const CUT_PLAUSIBLE: f32 = 0.85;

/// The lines' crossings and places, looked up many thousand times.
struct Crossings {
    count: usize,
    at: Vec<Option<[f32; 2]>>,
}

impl Crossings {
    fn new(lines: &[Line], (width, height): (f32, f32)) -> Self {
        let count = lines.len();
        let reach = OUTSIDE * width.max(height);
        let within =
            |[x, y]: &[f32; 2]| *x > -reach && *y > -reach && *x < width + reach && *y < height + reach;
        let at = (0..count * count)
            .map(|index| {
                let (one, other) = (&lines[index / count], &lines[index % count]);
                let sine = one.normal[0] * other.normal[1] - one.normal[1] * other.normal[0];
                (sine.abs() > 0.5).then(|| crossing(one, other).filter(within)).flatten()
            })
            .collect();
        Self { count, at }
    }

    fn get(&self, one: usize, other: usize) -> Option<[f32; 2]> {
        self.at[one * self.count + other]
    }
}

/// Plausible quadrilaterals of `lines` that are `wanted`, best first, at most `most`.
pub(super) fn quads(
    lines: &[Line],
    (width, height): (usize, usize),
    most: usize,
    wanted: impl Fn(&Quad) -> bool,
) -> Vec<Quad> {
    let size = (width as f32, height as f32);
    let crossings = Crossings::new(lines, size);
    let pairs = opposite_pairs(lines, size);
    let mut found: Vec<Quad> = Vec::new();
    for (index, (i, j)) in pairs.iter().enumerate() {
        for (k, l) in &pairs[index + 1..] {
            let sine = lines[*i].normal[0] * lines[*k].normal[1] - lines[*i].normal[1] * lines[*k].normal[0];
            if sine.abs() < ACROSS || i == k || i == l || j == k || j == l {
                continue;
            }
            if let Some(quad) = quad(lines, &crossings, [*i, *k, *j, *l], size).filter(&wanted) {
                found.push(quad);
                if found.len() >= 4 * most {
                    keep_best(&mut found, most);
                }
            }
        }
    }
    keep_best(&mut found, most);
    found
}

fn keep_best(quads: &mut Vec<Quad>, most: usize) {
    quads.sort_by(|a, b| b.score.total_cmp(&a.score));
    quads.truncate(most);
}

/// Lines that may be opposite sides: nearly parallel, and apart.
fn opposite_pairs(lines: &[Line], (width, height): (f32, f32)) -> Vec<(usize, usize)> {
    let apart = 0.12 * width.min(height);
    let mut pairs = Vec::new();
    for i in 0..lines.len() {
        for j in i + 1..lines.len() {
            let (one, other) = (&lines[i], &lines[j]);
            let cosine = one.normal[0] * other.normal[0] + one.normal[1] * other.normal[1];
            let off =
                |line: &Line| line.normal[0] * width / 2.0 + line.normal[1] * height / 2.0 - line.distance;
            let gap = (off(one) - off(other) * cosine.signum()).abs();
            if cosine.abs() > OPPOSITE && gap > apart {
                pairs.push((i, j));
            }
        }
    }
    pairs
}

/// The quadrilateral of four lines in turn, if it is one and enough of it is seen.
fn quad(lines: &[Line], crossings: &Crossings, sides: [usize; 4], size: (f32, f32)) -> Option<Quad> {
    let mut corners = [[0.0; 2]; 4];
    for (index, corner) in corners.iter_mut().enumerate() {
        *corner = crossings.get(sides[(index + 3) % 4], sides[index])?;
    }
    let area = twice_area(&corners) / 2.0;
    if area.abs() < LEAST_AREA * size.0 * size.1 || !is_convex(&corners) {
        return None;
    }
    let shortest = 0.08 * size.0.max(size.1);
    let (mut seen, mut over, mut border) = ([0.0; 4], 0.0, [false; 4]);
    for side in 0..4 {
        let line = &lines[sides[side]];
        let (from, to) = (corners[side], corners[(side + 1) % 4]);
        let (one, other) = (line.along(from[0], from[1]), line.along(to[0], to[1]));
        let (low, high) = (one.min(other), one.max(other));
        let length = high - low;
        if length < shortest {
            return None;
        }
        border[side] = line.border;
        if line.border {
            seen[side] = BORDER_SEEN;
            continue;
        }
        let stretch = line.stretch(low + ROUND * length, high - ROUND * length);
        seen[side] = stretch.seen * (0.4 + 0.6 * stretch.inside);
        let beyond = 0.15 * length;
        over += line.stretch(low - beyond, low - 3.0).seen + line.stretch(high + 3.0, high + beyond).seen;
    }
    let mean = seen.iter().sum::<f32>() / 4.0;
    let worst = seen.iter().copied().fold(f32::INFINITY, f32::min);
    if mean < LEAST_SEEN.0 || worst < LEAST_SEEN.1 {
        return None;
    }
    let points = clockwise(corners, area > 0.0, &mut seen, &mut border);
    // An edge of a document ends at its corner; a line of a table or a row of print goes on.
    let ends = 1.0 - 0.3 * over / 8.0;
    let share = (area.abs() / (size.0 * size.1)).min(1.0);
    let score = (0.65 * mean + 0.35 * worst)
        * ends
        * share.powf(0.22)
        * plausible(&points, size).max(if border == [false; 4] { 0.0 } else { CUT_PLAUSIBLE })
        * borders_weight(border);
    Some(Quad { corners: points, border, seen, score })
}

/// Less for each side where only the picture ends, for two lines of a table and two edges of the picture are soon found.
/// A whole picture is no outline, and is not judged by this.
fn borders_weight(border: [bool; 4]) -> f32 {
    match border.iter().filter(|border| **border).count() {
        0 | 4 => 1.0,
        1 => 0.93,
        2 if border[0] == border[2] => 0.6,
        2 => 0.8,
        _ => 0.5,
    }
}

/// 1 for the proportions of a card or a page, down to 0.5 for others: a portrait, 35 mm by 45 mm, or a frame on the document.
fn plausible(corners: &[Point; 4], (width, height): (f32, f32)) -> f32 {
    /// Deviation of the logarithm of a measured aspect.
    const SPREAD: f32 = 0.07;
    let Some(aspect) = true_aspect(corners, width as u32, height as u32) else { return 0.3 };
    let (_, off) = nearest(aspect.max(1.0 / aspect));
    0.5 + 0.5 * (-0.5 * (off / SPREAD).powi(2)).exp()
}

/// The same of a picture's own edges.
pub(super) fn plausible_picture(width: usize, height: usize) -> f32 {
    let (right, bottom) = (width as f32, height as f32);
    let corners = [(0.0, 0.0), (right, 0.0), (right, bottom), (0.0, bottom)].map(|(x, y)| Point::new(x, y));
    plausible(&corners, (right, bottom))
}

fn twice_area(corners: &[[f32; 2]; 4]) -> f32 {
    (0..4)
        .map(|index| {
            let (a, b) = (corners[index], corners[(index + 1) % 4]);
            a[0] * b[1] - a[1] * b[0]
        })
        .sum()
}

fn is_convex(corners: &[[f32; 2]; 4]) -> bool {
    let turn = |index: usize| {
        let (a, b, c) = (corners[index], corners[(index + 1) % 4], corners[(index + 2) % 4]);
        (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])
    };
    let first = turn(0) > 0.0;
    (1..4).all(|index| (turn(index) > 0.0) == first)
}

/// The corners clockwise, and what belongs to the sides with them.
fn clockwise(
    corners: [[f32; 2]; 4],
    already: bool,
    seen: &mut [f32; 4],
    border: &mut [bool; 4],
) -> [Point; 4] {
    let mut points = corners.map(|[x, y]| Point::new(x, y));
    if !already {
        points.reverse();
        // Side i lay between corners i and i + 1; reversed, corner i is the old 3 - i.
        *seen = std::array::from_fn(|side| seen[(6 - side) % 4]);
        *border = std::array::from_fn(|side| border[(6 - side) % 4]);
    }
    points
}
