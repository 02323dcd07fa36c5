//! Where a symbol lies: its start and stop patterns, from lines through the picture in four directions, then from lines
//! along its rows.

use std::f32::consts::FRAC_PI_4;

use super::grey::Grey;
use super::scan::{End, Hit, Point, hits};

/// A symbol that was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// Corners from the start pattern's top, clockwise as one reads, in pixels.
    pub(super) corners: [Point; 4],
    /// Modules from the start pattern's first bar to the stop pattern's last.
    pub(super) modules: f32,
    /// Lines on which its patterns were seen.
    hits: usize,
}

/// Fewer lines with a pattern are chance.
const FEWEST_HITS: usize = 5;

/// Candidates that are looked at.
const MOST: usize = 4;

/// Symbols in the picture, most certain first.
pub(super) fn locate(grey: &Grey, reach: usize) -> Vec<Found> {
    let mut found = Vec::new();
    let side = grey.width.max(grey.height) as f32;
    let spacing = (side / 350.0).clamp(2.0, 8.0);
    for direction in 0..4 {
        let along = unit(direction as f32 * FRAC_PI_4);
        let mut seen = Vec::new();
        for (from, to) in lines(grey, along, spacing) {
            hits(grey, from, to, reach, &mut seen);
        }
        for reversed in [false, true] {
            let seen: Vec<Hit> = seen.iter().copied().filter(|hit| hit.reversed == reversed).collect();
            if let Some(rough) = pair(&seen).and_then(|rough| refine(grey, rough, reach)) {
                found.push(rough);
            }
        }
    }
    found.sort_by_key(|found| std::cmp::Reverse(found.hits));
    found.truncate(MOST);
    found
}

fn unit(angle: f32) -> Point {
    [angle.cos(), angle.sin()]
}

fn add(a: Point, b: Point, times: f32) -> Point {
    [a[0] + b[0] * times, a[1] + b[1] * times]
}

fn minus(a: Point, b: Point) -> Point {
    [a[0] - b[0], a[1] - b[1]]
}

fn dot(a: Point, b: Point) -> f32 {
    a[0] * b[0] + a[1] * b[1]
}

fn distance(a: Point, b: Point) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Parallel lines through the whole picture.
fn lines(grey: &Grey, along: Point, spacing: f32) -> Vec<(Point, Point)> {
    let across = [-along[1], along[0]];
    let (width, height) = ((grey.width - 1) as f32, (grey.height - 1) as f32);
    let centre = [width / 2.0, height / 2.0];
    let half = centre[0].hypot(centre[1]);
    let count = (half / spacing) as i32;
    (-count..=count)
        .filter_map(|line| {
            let through = add(centre, across, line as f32 * spacing);
            clip(through, along, [width, height])
        })
        .collect()
}

/// The part of a line within the picture.
fn clip(through: Point, along: Point, size: Point) -> Option<(Point, Point)> {
    let (mut first, mut last) = (f32::NEG_INFINITY, f32::INFINITY);
    for axis in 0..2 {
        if along[axis].abs() < 1e-6 {
            if !(0.0..=size[axis]).contains(&through[axis]) {
                return None;
            }
            continue;
        }
        let a = -through[axis] / along[axis];
        let b = (size[axis] - through[axis]) / along[axis];
        first = first.max(a.min(b));
        last = last.min(a.max(b));
    }
    (last > first).then(|| (add(through, along, first), add(through, along, last)))
}

/// A line with the places on it where it was seen.
#[derive(Debug, Clone, Copy)]
struct Edge {
    top: Point,
    bottom: Point,
}

impl Edge {
    fn middle(self) -> Point {
        [f32::midpoint(self.top[0], self.bottom[0]), f32::midpoint(self.top[1], self.bottom[1])]
    }
}

/// A pattern's two edges, both from top to bottom, and on how many lines it was seen.
#[derive(Debug, Clone, Copy)]
struct Pattern {
    from: Edge,
    to: Edge,
    hits: usize,
}

/// The straight line that most of `points` lie on, its ends where the outermost of them are. `points` are of `hits`.
fn pattern(hits: &[Hit]) -> Option<Pattern> {
    let size = hits.len();
    if size < FEWEST_HITS {
        return None;
    }
    let width = {
        let mut widths: Vec<f32> = hits.iter().map(|hit| distance(hit.from, hit.to)).collect();
        widths.sort_by(f32::total_cmp);
        widths[size / 2]
    };
    // A tenth of the pattern's width is more than a module.
    let near = (width * 0.08).max(1.0);
    let mut best: (usize, Option<(Point, Point)>) = (0, None);
    let step = (size / 24).max(1);
    for first in (0..size).step_by(step) {
        for second in (first + 1..size).step_by(step) {
            let (a, b) = (hits[first].from, hits[second].from);
            let length = distance(a, b);
            if length < width * 0.3 {
                continue;
            }
            let normal = [-(b[1] - a[1]) / length, (b[0] - a[0]) / length];
            let count = hits.iter().filter(|hit| dot(minus(hit.from, a), normal).abs() < near).count();
            if count > best.0 {
                best = (count, Some((a, normal)));
            }
        }
    }
    let (a, normal) = best.1?;
    let inliers: Vec<&Hit> = hits
        .iter()
        .filter(|hit| dot(minus(hit.from, a), normal).abs() < near)
        .filter(|hit| (distance(hit.from, hit.to) / width - 1.0).abs() < 0.25)
        .collect();
    if inliers.len() < FEWEST_HITS {
        return None;
    }
    let from = edge(&inliers.iter().map(|hit| hit.from).collect::<Vec<_>>())?;
    let to = edge(&inliers.iter().map(|hit| hit.to).collect::<Vec<_>>())?;
    // Top is to the left of the reading direction as seen from it, with y downwards.
    let reading = minus(to.middle(), from.middle());
    let turn = |edge: Edge| {
        let down = minus(edge.bottom, edge.top);
        if reading[0] * down[1] - reading[1] * down[0] < 0.0 {
            Edge { top: edge.bottom, bottom: edge.top }
        } else {
            edge
        }
    };
    Some(Pattern { from: turn(from), to: turn(to), hits: inliers.len() })
}

/// Least squares across the line, twice, the second time without what lies far off.
fn edge(points: &[Point]) -> Option<Edge> {
    let mut kept: Vec<Point> = points.to_vec();
    let mut line = None;
    for _ in 0..2 {
        let count = kept.len() as f32;
        if kept.len() < 3 {
            return None;
        }
        let middle = kept.iter().fold([0.0, 0.0], |sum, point| add(sum, *point, 1.0 / count));
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        for point in &kept {
            let [x, y] = minus(*point, middle);
            xx += x * x;
            xy += x * y;
            yy += y * y;
        }
        let along = unit(0.5 * (2.0 * xy).atan2(xx - yy));
        let normal = [-along[1], along[0]];
        let off = |point: &Point| dot(minus(*point, middle), normal).abs();
        let mean = kept.iter().map(off).sum::<f32>() / count;
        kept.retain(|point| off(point) <= (2.5 * mean).max(0.5));
        line = Some((middle, along));
    }
    let (middle, along) = line?;
    let places = kept.iter().map(|point| dot(minus(*point, middle), along));
    let (first, last) =
        places.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), at| (low.min(at), high.max(at)));
    (last > first).then(|| Edge { top: add(middle, along, first), bottom: add(middle, along, last) })
}

/// Start and stop of one symbol.
fn pair(seen: &[Hit]) -> Option<(Pattern, Pattern)> {
    let of = |end: End| seen.iter().copied().filter(|hit| hit.end == end).collect::<Vec<_>>();
    let (start, stop) = (pattern(&of(End::Start))?, pattern(&of(End::Stop))?);
    let reading = minus(start.to.middle(), start.from.middle());
    let ahead = dot(minus(stop.from.middle(), start.to.middle()), reading) > 0.0;
    ahead.then_some((start, stop))
}

/// The symbol from lines along its rows, which see its patterns up to its very corners.
fn refine(grey: &Grey, rough: (Pattern, Pattern), reach: usize) -> Option<Found> {
    let (start, stop) = rough;
    let (left, right) = (start.from, stop.to);
    let span = minus(right.middle(), left.middle());
    let length = distance(right.middle(), left.middle());
    if length < 40.0 {
        return None;
    }
    // From a little before the start to a little behind the stop, and far enough up and down for what oblique lines missed.
    let mut seen = Vec::new();
    let tall = distance(left.top, left.bottom).max(distance(right.top, right.bottom));
    let bars = {
        let (a, b) = (minus(left.bottom, left.top), minus(right.bottom, right.top));
        let sum = add(a, b, 1.0);
        let size = sum[0].hypot(sum[1]).max(1e-3);
        [sum[0] / size, sum[1] / size]
    };
    let reach_up = tall * 0.5 + length * 0.25;
    let count = reach_up as i32;
    let size = [(grey.width - 1) as f32, (grey.height - 1) as f32];
    let inside = |[x, y]: Point| (-1.0..=size[0] + 1.0).contains(&x) && (-1.0..=size[1] + 1.0).contains(&y);
    for line in -count..=count {
        let shift = line as f32;
        let from = add(add(left.middle(), span, -0.05), bars, shift);
        let to = add(add(right.middle(), span, 0.05), bars, shift);
        // Cut to the picture, lest one that ends outside sees the edge smeared.
        let Some((first, last)) = clip(from, [span[0] / length, span[1] / length], size) else { continue };
        let along = |point: Point| dot(minus(point, from), span) / length;
        let end = distance(from, to);
        let (a, b) = (along(first).max(0.0), along(last).min(end));
        if b - a > 40.0 {
            let ray = [span[0] / length, span[1] / length];
            hits(grey, add(from, ray, a), add(from, ray, b), reach, &mut seen);
        }
    }
    let near = |edge: Edge| {
        move |hit: &Hit| {
            let down = minus(edge.bottom, edge.top);
            let tall = down[0].hypot(down[1]).max(1e-3);
            let normal = [-down[1] / tall, down[0] / tall];
            dot(minus(hit.from, edge.top), normal).abs() < length * 0.05
        }
    };
    seen.retain(|hit| !hit.reversed && inside(hit.from));
    let of = |end: End| seen.iter().copied().filter(|hit| hit.end == end).collect::<Vec<_>>();
    let mut starts = of(End::Start);
    let mut stops = of(End::Stop);
    starts.retain(near(start.from));
    stops.retain(near(stop.from));
    let (start, stop) = (pattern(&starts)?, pattern(&stops)?);
    let wide = distance(start.from.middle(), stop.to.middle());
    let module = f32::midpoint(
        distance(start.from.middle(), start.to.middle()) / 17.0,
        distance(stop.from.middle(), stop.to.middle()) / 18.0,
    );
    Some(Found {
        corners: [start.from.top, stop.to.top, stop.to.bottom, start.from.bottom],
        modules: wide / module.max(0.1),
        hits: start.hits + stop.hits,
    })
}
