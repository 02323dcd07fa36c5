//! Connected areas of a map, and the tightest rectangles around them.

use crate::geometry::Point;

/// A rectangle at any angle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Turned {
    /// Its middle.
    pub(super) centre: Point,
    /// Direction of its longer side, of length 1.
    pub(super) along: Point,
    /// Its longer side.
    pub(super) length: f32,
    /// Its shorter side.
    pub(super) height: f32,
}

/// A connected area.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Area {
    /// Pixels.
    pub(super) pixels: usize,
    /// Sum of the map's values over them.
    pub(super) sum: f32,
    /// Leftmost and rightmost pixel of each row: all that its convex hull needs.
    ends: Vec<(u32, u32, u32)>,
}

/// Areas of `map` (`width` pixels a row) whose values are above `threshold`, connected over edges and corners. At most
/// `most`, from the top.
pub(super) fn areas(map: &[f32], width: usize, threshold: f32, most: usize) -> Vec<Area> {
    if width == 0 {
        return Vec::new();
    }
    let height = map.len() / width;
    let mut seen = vec![false; width * height];
    let mut found = Vec::new();
    let mut open = Vec::new();
    for start in 0..width * height {
        if seen[start] || map[start] <= threshold {
            continue;
        }
        if found.len() == most {
            break;
        }
        seen[start] = true;
        open.push(start);
        let mut area = Area { pixels: 0, sum: 0.0, ends: Vec::new() };
        let top = start / width;
        while let Some(place) = open.pop() {
            let (x, y) = (place % width, place / width);
            area.add(x as u32, y as u32, top as u32, map[place]);
            for next_y in y.saturating_sub(1)..=(y + 1).min(height - 1) {
                for next_x in x.saturating_sub(1)..=(x + 1).min(width - 1) {
                    let next = next_y * width + next_x;
                    if !seen[next] && map[next] > threshold {
                        seen[next] = true;
                        open.push(next);
                    }
                }
            }
        }
        found.push(area);
    }
    found
}

impl Area {
    /// `top` is the area's first row, which the scan has met.
    fn add(&mut self, x: u32, y: u32, top: u32, value: f32) {
        self.pixels += 1;
        self.sum += value;
        let row = (y - top) as usize;
        while self.ends.len() <= row {
            self.ends.push((top + self.ends.len() as u32, u32::MAX, 0));
        }
        let (_, left, right) = &mut self.ends[row];
        *left = (*left).min(x);
        *right = (*right).max(x);
    }

    /// The rectangle of least area around it. Pixels are points here: a row of ten has a length of nine.
    pub(super) fn tightest(&self) -> Turned {
        let points = self.ends.iter().filter(|(_, left, right)| left <= right);
        let points: Vec<Point> = points
            .flat_map(|&(y, left, right)| [left, right].map(|x| Point::new(x as f32, y as f32)))
            .collect();
        let hull = hull(points);
        let mut best: Option<Turned> = None;
        for (index, from) in hull.iter().enumerate() {
            let to = hull[(index + 1) % hull.len()];
            let length = from.distance(to);
            let along = if length > 0.0 {
                Point::new((to.x - from.x) / length, (to.y - from.y) / length)
            } else {
                Point::new(1.0, 0.0)
            };
            let turned = around(&hull, along);
            if best.is_none_or(|best| turned.length * turned.height < best.length * best.height) {
                best = Some(turned);
            }
        }
        best.unwrap_or(Turned {
            centre: Point::new(0.0, 0.0),
            along: Point::new(1.0, 0.0),
            length: 0.0,
            height: 0.0,
        })
    }
}

/// The rectangle in direction `along` around `points`, its longer side first.
fn around(points: &[Point], along: Point) -> Turned {
    let (mut least, mut most) = ([f32::MAX; 2], [f32::MIN; 2]);
    for point in points {
        let place = [point.x * along.x + point.y * along.y, point.y * along.x - point.x * along.y];
        for axis in 0..2 {
            least[axis] = least[axis].min(place[axis]);
            most[axis] = most[axis].max(place[axis]);
        }
    }
    let (u, v) = (f32::midpoint(least[0], most[0]), f32::midpoint(least[1], most[1]));
    let centre = Point::new(u * along.x - v * along.y, u * along.y + v * along.x);
    let (length, height) = (most[0] - least[0], most[1] - least[1]);
    if length >= height {
        Turned { centre, along, length, height }
    } else {
        Turned { centre, along: Point::new(-along.y, along.x), length: height, height: length }
    }
}

/// Convex hull (Andrew 1979, monotone chain) of points that are sorted by row, left before right.
fn hull(points: Vec<Point>) -> Vec<Point> {
    if points.len() < 3 {
        return points;
    }
    let turns = |a: Point, b: Point, c: Point| (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x) > 0.0;
    let mut hull: Vec<Point> = Vec::new();
    let mut half = |points: &mut dyn Iterator<Item = &Point>| {
        let start = hull.len();
        for point in points {
            while hull.len() >= start + 2 && !turns(hull[hull.len() - 2], hull[hull.len() - 1], *point) {
                hull.pop();
            }
            hull.push(*point);
        }
        hull.pop();
    };
    half(&mut points.iter());
    half(&mut points.iter().rev());
    if hull.is_empty() { points } else { hull }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A bar of `length` and `height` about the middle of a map of 100 x 100, turned by `degrees`.
    fn bar(length: f32, height: f32, degrees: f32) -> Vec<f32> {
        let (sin, cos) = degrees.to_radians().sin_cos();
        (0..10_000)
            .map(|place| {
                let (x, y) = ((place % 100) as f32 - 50.0, (place / 100) as f32 - 50.0);
                let (u, v) = (x * cos + y * sin, y * cos - x * sin);
                f32::from(u.abs() <= length / 2.0 && v.abs() <= height / 2.0)
            })
            .collect()
    }

    #[test]
    fn a_bar_is_found_at_any_angle() {
        for degrees in [0.0, 7.0, 45.0, 90.0, 120.0, 175.0] {
            let found = areas(&bar(60.0, 10.0, degrees), 100, 0.5, 9);
            assert_eq!(found.len(), 1);
            let turned = found[0].tightest();
            assert!((turned.length - 60.0).abs() < 3.0 && (turned.height - 10.0).abs() < 3.0, "{turned:?}");
            assert!(turned.centre.distance(Point::new(50.0, 50.0)) < 1.0, "{turned:?}");
            let (sin, cos) = degrees.to_radians().sin_cos();
            assert!((turned.along.x * cos + turned.along.y * sin).abs() > 0.99, "{degrees}: {turned:?}");
        }
    }

    #[test]
    fn areas_apart_are_counted_apart_and_no_more_than_asked() {
        let mut map = vec![0.0; 40];
        map[0] = 1.0;
        map[5] = 1.0;
        map[24] = 1.0;
        assert_eq!(areas(&map, 10, 0.5, 9).len(), 3);
        assert_eq!(areas(&map, 10, 0.5, 2).len(), 2);
        let one = areas(&map, 10, 0.5, 9)[0].tightest();
        assert_eq!((one.length, one.height), (0.0, 0.0));
    }

    proptest! {
        #[test]
        fn no_map_breaks_it(map in proptest::collection::vec(0.0_f32..1.0, 0..400), width in 0_usize..30) {
            for area in areas(&map, width, 0.5, 50) {
                let turned = area.tightest();
                prop_assert!(turned.length >= turned.height && turned.height >= 0.0);
                prop_assert!(turned.centre.x.is_finite() && turned.along.x.is_finite());
            }
        }
    }
}
