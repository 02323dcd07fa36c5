//! How well the engine finds documents in photos, by how they lie.

use engine::document::{Outline, locate};
use engine::geometry::Point;
use serde::Serialize;

use super::attack::Kind;
use super::camera::Scene;
use super::specimen::{Layout, specimen};
use crate::presence::Half;
use crate::rates::{Interval, wilson};

/// Largest distance of a corner, as a share of the document's diagonal, at which it counts as found: print that stands
/// 2 mm from a card's edge is then still on the page.
const FOUND: f32 = 0.02;

/// Where documents were found, over photos that have something in common.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LocationBucket {
    /// What they have in common.
    pub name: String,
    /// Photos.
    pub photos: usize,
    /// Photos in which no corner is farther off than 2 % of the diagonal.
    pub found: usize,
    /// Wilson's 95 % interval of that share.
    pub bounds: Option<Interval>,
    /// Of those found, the ones whose format is right.
    pub format_right: usize,
    /// Of all, the ones in which something else was taken for the document.
    pub elsewhere: usize,
    /// Of all, the ones in which a second document was seen that is not there.
    pub second: usize,
    /// Median of the farthest corner's distance, as a share of the diagonal, of those found.
    pub corner_error: f32,
    /// The same: 95 of 100 are below.
    pub corner_error_95: f32,
    /// Mean of intersection over union with the true outline, 0..1, over all photos.
    pub overlap: f32,
}

/// One photo's outcome.
struct Outcome {
    buckets: [String; 4],
    error: Option<f32>,
    format_right: bool,
    elsewhere: bool,
    second: bool,
    overlap: f32,
}

/// Draws `photos` photos of genuine specimens, locates each, and counts: over all, by tilt, by turn, by table.
pub fn measure_location(half: Half, seed: u64, photos: usize) -> Vec<LocationBucket> {
    let outcomes: Vec<Outcome> =
        (0..photos).filter_map(|index| outcome(half, mixed(seed, half, index))).collect();
    let mut names: Vec<&String> = outcomes.iter().flat_map(|outcome| &outcome.buckets).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .map(|name| bucket(name, outcomes.iter().filter(|outcome| outcome.buckets.contains(name))))
        .collect()
}

/// The seed of one photo: the halves share none.
pub(super) fn mixed(seed: u64, half: Half, index: usize) -> u64 {
    let half = if half == Half::Scored { 0x5C0_0000_0000 } else { 0 };
    (seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ half).wrapping_add(index as u64)
}

fn outcome(half: Half, seed: u64) -> Option<Outcome> {
    let layout = if seed.is_multiple_of(2) { Layout::Card } else { Layout::Passport };
    let drawn = specimen(layout, seed, None)?;
    let scene = Scene::draw(half, seed);
    let photo = scene.photograph(Kind::Genuine.substance(&drawn, seed, None)?.as_ref(), seed)?;
    let diagonal = photo.corners[0].distance(photo.corners[2]);
    let located = locate(&photo.frame);
    let seen = located.filter(|located| located.outline == Outline::Seen);
    let error = seen.map(|located| farthest(&located.corners, &photo.corners) / diagonal);
    let (width, height) = layout.size();
    let format_right = seen.is_some_and(|located| (located.aspect / (width / height)).ln().abs() < 0.01);
    let tilt = ["tilt 00 to 15", "tilt 15 to 30", "tilt 30 to 45"][(scene.tilt / 15.0) as usize % 3];
    let off = scene.roll.rem_euclid(90.0);
    let turn = if off.min(90.0 - off) < 10.0 { "turned under 10" } else { "turned over 10" };
    let table = ["even", "wood", "cloth", "checks", "speckles"][scene.table % 5];
    Some(Outcome {
        buckets: ["all".to_owned(), tilt.to_owned(), turn.to_owned(), format!("table {table}")],
        error: error.filter(|error| *error < FOUND),
        format_right,
        elsewhere: error.is_some_and(|error| error >= FOUND),
        second: located.is_some_and(|located| located.second.is_some()),
        overlap: located.map_or(0.0, |located| overlap(&located.corners, &photo.corners)),
    })
}

/// Distance of the corner that is farthest off, whichever corner is called the first.
pub(super) fn farthest(found: &[Point; 4], truth: &[Point; 4]) -> f32 {
    (0..4)
        .map(|turn| (0..4).map(|i| found[(i + turn) % 4].distance(truth[i])).fold(0.0, f32::max))
        .fold(f32::INFINITY, f32::min)
}

fn bucket<'a>(name: &str, outcomes: impl Iterator<Item = &'a Outcome>) -> LocationBucket {
    let outcomes: Vec<&Outcome> = outcomes.collect();
    let mut errors: Vec<f32> = outcomes.iter().filter_map(|outcome| outcome.error).collect();
    errors.sort_by(f32::total_cmp);
    let at = |share: f32| {
        let index = (errors.len() as f32 * share) as usize;
        errors.get(index.min(errors.len().saturating_sub(1))).copied().unwrap_or(f32::NAN)
    };
    let count = |test: fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| test(outcome)).count();
    LocationBucket {
        name: name.to_owned(),
        photos: outcomes.len(),
        found: errors.len(),
        bounds: wilson(errors.len(), outcomes.len()),
        format_right: count(|outcome| outcome.error.is_some() && outcome.format_right),
        elsewhere: count(|outcome| outcome.elsewhere),
        second: count(|outcome| outcome.second),
        corner_error: at(0.5),
        corner_error_95: at(0.95),
        overlap: outcomes.iter().map(|outcome| outcome.overlap).sum::<f32>() / outcomes.len().max(1) as f32,
    }
}

/// Intersection over union of two convex quadrilaterals, both clockwise (Sutherland, Hodgman 1974).
fn overlap(one: &[Point; 4], other: &[Point; 4]) -> f32 {
    let mut shared: Vec<Point> = one.to_vec();
    for side in 0..4 {
        let (a, b) = (other[side], other[(side + 1) % 4]);
        let inside = |at: Point| (b.x - a.x) * (at.y - a.y) - (b.y - a.y) * (at.x - a.x);
        let mut clipped = Vec::with_capacity(shared.len() + 1);
        for index in 0..shared.len() {
            let (from, to) = (shared[index], shared[(index + 1) % shared.len()]);
            let (before, after) = (inside(from), inside(to));
            if before >= 0.0 {
                clipped.push(from);
            }
            if (before >= 0.0) != (after >= 0.0) {
                let share = before / (before - after);
                clipped.push(Point::new(from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share));
            }
        }
        shared = clipped;
    }
    let common = area(&shared);
    let union = area(one) + area(other) - common;
    if union > 0.0 { (common / union).clamp(0.0, 1.0) } else { 0.0 }
}

fn area(points: &[Point]) -> f32 {
    let twice: f32 = (0..points.len())
        .map(|index| {
            let (a, b) = (points[index], points[(index + 1) % points.len()]);
            a.x * b.y - a.y * b.x
        })
        .sum();
    twice.abs() / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlap_of_squares() {
        let square = |left: f32| {
            [(left, 0.0), (left + 10.0, 0.0), (left + 10.0, 10.0), (left, 10.0)]
                .map(|(x, y)| Point::new(x, y))
        };
        assert!((overlap(&square(0.0), &square(5.0)) - 50.0 / 150.0).abs() < 1e-5);
        assert!(overlap(&square(0.0), &square(20.0)).abs() < 1e-6);
    }

    #[test]
    fn most_drawn_documents_are_found() {
        let buckets = measure_location(Half::Development, 3, 6);
        let all = buckets.iter().find(|bucket| bucket.name == "all").unwrap();
        assert!(all.photos == 6 && all.found >= 4, "{all:?}");
    }
}
