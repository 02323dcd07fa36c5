//! Straight lines through edges (Hough transform with directions), and how well each is seen along its way.

use super::edges::{EdgeMap, EdgePoint};

/// Steps of the angle over 180 degrees.
const ANGLES: usize = 180;
/// Neighbouring angles that an edge votes for on either side: directions of thin edges are that uncertain, in degrees.
const SPREAD: usize = 3;
/// Peaks of the transform that are looked at more closely.
const PEAKS: usize = 240;
/// Sectors of 10 degrees, and how many peaks each may have: stripes of a table would take all.
const SECTORS: usize = 18;
const SECTOR_PEAKS: usize = 24;
/// Lines kept, those with the longest unbroken edges. The time for quadrilaterals grows with the fourth power.
const KEPT: usize = 40;
/// Of these, lines that run through the whole picture, as edges and stripes of tables do. A crop's sides do, too.
const KEPT_THROUGH: usize = 12;
/// Share of its way through the picture from which on a line runs through.
const THROUGH: f32 = 0.85;
/// Share of a stretch that must be edge for the stretch to count as seen.
const UNBROKEN: f32 = 0.6;

/// A straight line of the small picture: the points with `normal` . (x, y) = `distance`.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) normal: [f32; 2],
    pub(super) distance: f32,
    /// Whether it is an edge of the picture itself.
    pub(super) border: bool,
    /// Place along the line at which the sums begin, in px.
    first: f32,
    /// Edge pixels met up to each px of the line.
    seen: Vec<u16>,
    /// Pixels of the picture passed up to there.
    passed: Vec<u16>,
}

/// What is seen of a stretch of a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    /// Share of its pixels in the picture that are edge.
    pub(super) seen: f32,
    /// Share of its length that lies in the picture.
    pub(super) inside: f32,
}

impl Line {
    fn new(edges: &EdgeMap, normal: [f32; 2], distance: f32, border: bool) -> Self {
        let (right, bottom) = ((edges.width - 1) as f32, (edges.height - 1) as f32);
        let along = [-normal[1], normal[0]];
        let ends = [0.0, right * along[0], bottom * along[1], right * along[0] + bottom * along[1]];
        let first = ends.iter().copied().fold(f32::INFINITY, f32::min).floor();
        let last = ends.iter().copied().fold(f32::NEG_INFINITY, f32::max).ceil();
        let steps = (last - first) as usize + 1;
        let (mut seen, mut passed) = (vec![0_u16; steps + 1], vec![0_u16; steps + 1]);
        for step in 0..steps {
            let t = first + step as f32;
            let (x, y) = (normal[0] * distance + along[0] * t, normal[1] * distance + along[1] * t);
            let inside = x >= -1.0 && y >= -1.0 && x <= right + 1.0 && y <= bottom + 1.0;
            seen[step + 1] = seen[step] + u16::from(inside && edges.passes(x, y, normal));
            passed[step + 1] = passed[step] + u16::from(inside);
        }
        Self { normal, distance, border, first, seen, passed }
    }

    /// Place of (`x`, `y`) along the line, in px.
    pub(super) fn along(&self, x: f32, y: f32) -> f32 {
        y * self.normal[0] - x * self.normal[1]
    }

    /// What is seen between two places along the line.
    pub(super) fn stretch(&self, one: f32, other: f32) -> Stretch {
        let (low, high) = (one.min(other), one.max(other));
        let last = self.seen.len() - 1;
        let index = |t: f32| ((t - self.first).max(0.0) as usize).min(last);
        let (from, to) = (index(low), index(high));
        let passed = f32::from(self.passed[to] - self.passed[from]);
        let seen = f32::from(self.seen[to] - self.seen[from]);
        Stretch {
            seen: if passed > 0.0 { seen / passed } else { 0.0 },
            inside: (passed / (high - low).max(1.0)).min(1.0),
        }
    }

    /// Share of its way through the picture that is edge.
    fn share_seen(&self) -> f32 {
        let last = |sums: &[u16]| f32::from(sums.last().copied().unwrap_or(0));
        last(&self.seen) / last(&self.passed).max(1.0)
    }

    /// Pixels of edge in its longest mostly unbroken part, less what is missing there.
    fn strength(&self) -> f32 {
        let (mut run, mut best) = (0.0_f32, 0.0_f32);
        for pair in self.seen.windows(2) {
            let gain = if pair[1] > pair[0] { 1.0 - UNBROKEN } else { -UNBROKEN };
            run = (run + gain).max(0.0);
            best = best.max(run);
        }
        best
    }
}

/// Where two lines meet; `None` for parallels.
pub(super) fn crossing(one: &Line, other: &Line) -> Option<[f32; 2]> {
    let [a, b] = one.normal;
    let [c, d] = other.normal;
    let area = a * d - b * c;
    (area.abs() > 1e-4).then(|| {
        let (p, q) = (one.distance, other.distance);
        [(p * d - q * b) / area, (a * q - c * p) / area]
    })
}

/// The lines of a picture that are seen best, best first, and the four edges of the picture.
pub(super) fn lines(edges: &EdgeMap) -> Vec<Line> {
    let sectors = sectors(edges);
    let mut lines: Vec<(f32, Line)> = peaks(edges)
        .into_iter()
        .map(|(normal, distance)| {
            let (normal, distance) = refit(&sectors, normal, distance);
            let line = Line::new(edges, normal, distance, false);
            (line.strength(), line)
        })
        .filter(|(strength, _)| *strength > 4.0)
        .collect();
    lines.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut kept: Vec<Line> = Vec::new();
    let mut through = 0;
    for (_, line) in lines {
        let runs_through = line.share_seen() > THROUGH;
        let is_full = kept.len() >= KEPT || (runs_through && through >= KEPT_THROUGH);
        if !is_full && !kept.iter().any(|other| is_twin(edges, &line, other)) {
            through += usize::from(runs_through);
            kept.push(line);
        }
    }
    let (right, bottom) = (edges.width as f32 - 0.5, edges.height as f32 - 0.5);
    let borders = [([1.0, 0.0], -0.5), ([1.0, 0.0], right), ([0.0, 1.0], -0.5), ([0.0, 1.0], bottom)];
    kept.extend(borders.map(|(normal, distance)| Line::new(edges, normal, distance, true)));
    kept
}

/// Whether two lines run within three pixels of each other through the picture.
fn is_twin(edges: &EdgeMap, one: &Line, other: &Line) -> bool {
    let cosine = one.normal[0] * other.normal[0] + one.normal[1] * other.normal[1];
    if cosine.abs() < 0.996 {
        return false;
    }
    let middle = [edges.width as f32 / 2.0, edges.height as f32 / 2.0];
    let reach = 0.35 * middle[0].hypot(middle[1]);
    let along = [-one.normal[1], one.normal[0]];
    // Two places of one line, compared with the other line.
    let off = one.distance - one.normal[0] * middle[0] - one.normal[1] * middle[1];
    [-reach, reach].into_iter().all(|t| {
        let x = middle[0] + one.normal[0] * off + along[0] * t;
        let y = middle[1] + one.normal[1] * off + along[1] * t;
        (other.normal[0] * x + other.normal[1] * y - other.distance).abs() < 3.0
    })
}

/// Peaks of the transform, highest first: normal and distance from the origin.
fn peaks(edges: &EdgeMap) -> Vec<([f32; 2], f32)> {
    let radius = (edges.width as f32).hypot(edges.height as f32) / 2.0;
    let (half_width, half_height) = (edges.width as f32 / 2.0, edges.height as f32 / 2.0);
    let distances = (2.0 * radius) as usize + 3;
    let turns: Vec<(f32, f32)> = (0..ANGLES)
        .map(|angle| (angle as f32 * std::f32::consts::PI / ANGLES as f32).sin_cos())
        .map(|(sin, cos)| (cos, sin))
        .collect();
    let mut votes = vec![0.0_f32; ANGLES * distances];
    for point in &edges.points {
        let angle = point.normal[1].atan2(point.normal[0]).rem_euclid(std::f32::consts::PI);
        let nearest = (angle / std::f32::consts::PI * ANGLES as f32).round() as usize;
        for offset in 0..=2 * SPREAD {
            let angle = (nearest + ANGLES + offset - SPREAD) % ANGLES;
            let share = 1.0 - offset.abs_diff(SPREAD) as f32 / (SPREAD + 1) as f32;
            let (cos, sin) = turns[angle];
            let place = (point.x - half_width) * cos + (point.y - half_height) * sin + radius + 0.5;
            let (low, part) = (place as usize, place.fract());
            let row = angle * distances;
            if low + 1 < distances {
                votes[row + low] += point.weight * share * (1.0 - part);
                votes[row + low + 1] += point.weight * share * part;
            }
        }
    }
    let mut found = Vec::new();
    for angle in 0..ANGLES {
        for place in 1..distances - 1 {
            let here = votes[angle * distances + place];
            if here > 8.0 && is_peak(&votes, distances, angle, place) {
                found.push((here, angle, place));
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut of_sector = [0; SECTORS];
    found
        .into_iter()
        .filter(|(_, angle, _)| {
            let count = &mut of_sector[angle * SECTORS / ANGLES];
            *count += 1;
            *count <= SECTOR_PEAKS
        })
        .take(PEAKS)
        .map(|(_, angle, place)| {
            let (cos, sin) = turns[angle];
            ([cos, sin], place as f32 - radius - 0.5 + half_width * cos + half_height * sin)
        })
        .collect()
}

/// Whether no neighbour has more votes. Turning by 180 degrees mirrors the distance.
fn is_peak(votes: &[f32], distances: usize, angle: usize, place: usize) -> bool {
    const REACH: isize = 2;
    let here = votes[angle * distances + place];
    for turn in -REACH..=REACH {
        let other = angle as isize + turn;
        let mirrored = other < 0 || other >= ANGLES as isize;
        let row = other.rem_euclid(ANGLES as isize) as usize * distances;
        for shift in -REACH..=REACH {
            let beside = place as isize + shift;
            let beside = if mirrored { distances as isize - 1 - beside } else { beside };
            if (turn, shift) == (0, 0) || beside < 0 || beside >= distances as isize {
                continue;
            }
            let there = votes[row + beside as usize];
            if there > here || (there == here && (turn, shift) < (0, 0)) {
                return false;
            }
        }
    }
    true
}

/// The sector of a normal.
fn sector(normal: [f32; 2]) -> usize {
    let angle = normal[1].atan2(normal[0]).rem_euclid(std::f32::consts::PI);
    ((angle / std::f32::consts::PI * SECTORS as f32) as usize).min(SECTORS - 1)
}

/// The edges by the sectors of their normals.
fn sectors(edges: &EdgeMap) -> Vec<Vec<EdgePoint>> {
    let mut sectors = vec![Vec::new(); SECTORS];
    for point in &edges.points {
        sectors[sector(point.normal)].push(*point);
    }
    sectors
}

/// The line through the edges near a peak, by least squares.
fn refit(sectors: &[Vec<EdgePoint>], normal: [f32; 2], distance: f32) -> ([f32; 2], f32) {
    /// How far an edge may lie off, in px.
    const NEAR: f32 = 2.5;
    let (mut sum, mut sx, mut sy, mut sxx, mut sxy, mut syy) = (0.0_f64, 0.0, 0.0, 0.0, 0.0, 0.0);
    let own = sector(normal);
    let near = [own + SECTORS - 1, own, own + 1].map(|sector| &sectors[sector % SECTORS]);
    for point in near.into_iter().flatten() {
        let off = point.x * normal[0] + point.y * normal[1] - distance;
        let aligned = (point.normal[0] * normal[0] + point.normal[1] * normal[1]).abs();
        if off.abs() < NEAR && aligned > 0.95 {
            let (x, y, weight) = (f64::from(point.x), f64::from(point.y), f64::from(point.weight));
            sum += weight;
            sx += weight * x;
            sy += weight * y;
            sxx += weight * x * x;
            sxy += weight * x * y;
            syy += weight * y * y;
        }
    }
    if sum < 4.0 {
        return (normal, distance);
    }
    let (mx, my) = (sx / sum, sy / sum);
    let (vxx, vxy, vyy) = (sxx / sum - mx * mx, sxy / sum - mx * my, syy / sum - my * my);
    // Direction of the largest spread; the normal is across it.
    let angle = 0.5 * (2.0 * vxy).atan2(vxx - vyy) + std::f64::consts::FRAC_PI_2;
    let (sin, cos) = angle.sin_cos();
    let fitted = [cos as f32, sin as f32];
    if (fitted[0] * normal[0] + fitted[1] * normal[1]).abs() < 0.99 {
        return (normal, distance);
    }
    (fitted, (cos * mx + sin * my) as f32)
}
