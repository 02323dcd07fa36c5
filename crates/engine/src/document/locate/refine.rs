//! Sides of a quadrilateral brought to a fraction of a pixel in the full picture.

use media::Frame;

use crate::geometry::Point;

/// Places along a side at which its edge is searched.
const PLACES: usize = 56;
/// How far from the coarse side an edge is searched, in px of the small picture.
const REACH: f32 = 3.0;
/// Rounds of the robust fit.
const ROUNDS: usize = 6;

/// The corners of `corners` moved onto the edges seen in `frame`; sides that are edges of the picture stay. `scale` is
/// the number of the frame's pixels for one of the small picture. Where the edges do not agree the corners stay.
pub(super) fn refined(frame: &Frame, corners: [Point; 4], border: [bool; 4], scale: f32) -> [Point; 4] {
    let sides: [(Point, Point); 4] = std::array::from_fn(|side| {
        let (from, to) = (corners[side], corners[(side + 1) % 4]);
        if border[side] { (from, to) } else { moved(frame, from, to, scale).unwrap_or((from, to)) }
    });
    let met: [Option<Point>; 4] =
        std::array::from_fn(|corner| meeting(sides[(corner + 3) % 4], sides[corner]));
    let bound = 2.0 * REACH * scale;
    std::array::from_fn(|corner| {
        met[corner].filter(|point| point.distance(corners[corner]) < bound).unwrap_or(corners[corner])
    })
}

/// The side from `from` to `to` where its edge is strongest.
fn moved(frame: &Frame, from: Point, to: Point, scale: f32) -> Option<(Point, Point)> {
    let length = from.distance(to);
    if !(length.is_finite() && length > 8.0) {
        return None;
    }
    let along = ((to.x - from.x) / length, (to.y - from.y) / length);
    let normal = (along.1, -along.0);
    let step = (scale / 3.0).max(0.5);
    let reach = (REACH * scale / step).ceil() as usize;
    let mut found = Vec::with_capacity(PLACES);
    let mut profile = Vec::new();
    for place in 0..PLACES {
        // Round corners are left out.
        let share = 0.07 + 0.86 * place as f32 / (PLACES - 1) as f32;
        let at = Point::new(from.x + along.0 * length * share, from.y + along.1 * length * share);
        profile.clear();
        for offset in 0..=2 * reach + 2 * WINDOW {
            let off = (offset as f32 - (reach + WINDOW) as f32) * step;
            profile.push(pixel(frame, at.x + normal.0 * off, at.y + normal.1 * off));
        }
        if let Some((offset, step_size)) = strongest(&profile, reach) {
            found.push((share - 0.5, (offset - reach as f32) * step, step_size));
        }
    }
    let (middle, slope) = fit(&found, scale)?;
    let shift = |share: f32, at: Point| {
        let off = middle + slope * share;
        Point::new(at.x + normal.0 * off, at.y + normal.1 * off)
    };
    Some((shift(-0.5, from), shift(0.5, to)))
}

/// Samples on either side of a step that are compared.
const WINDOW: usize = 3;

/// Where the profile steps most, in samples, and how much; `None` where it is flat or the picture ends.
fn strongest(profile: &[Option<[f32; 3]>], reach: usize) -> Option<(f32, f32)> {
    let steps: Vec<f32> = (0..=2 * reach)
        .map(|offset| {
            let (mut before, mut after) = ([0.0_f32; 3], [0.0_f32; 3]);
            for window in 0..WINDOW {
                let (Some(one), Some(other)) =
                    (profile[offset + window], profile[offset + WINDOW + 1 + window])
                else {
                    return 0.0;
                };
                for channel in 0..3 {
                    before[channel] += one[channel];
                    after[channel] += other[channel];
                }
            }
            (0..3).map(|channel| (after[channel] - before[channel]).abs()).fold(0.0, f32::max) / WINDOW as f32
        })
        .collect();
    // Near the coarse side counts more: print beside the edge may have more contrast.
    let weighted = |offset: usize| {
        let off = (offset as f32 - reach as f32) / reach as f32;
        steps[offset] * (1.0 - 0.5 * off * off)
    };
    let best = (0..steps.len()).max_by(|a, b| weighted(*a).total_cmp(&weighted(*b)))?;
    if steps[best] < 2.5 {
        return None;
    }
    let mut offset = best as f32;
    if best > 0 && best + 1 < steps.len() {
        let (low, here, high) = (steps[best - 1], steps[best], steps[best + 1]);
        let bend = low - 2.0 * here + high;
        if bend < -1e-3 {
            offset += (0.5 * (low - high) / bend).clamp(-0.5, 0.5);
        }
    }
    Some((offset, steps[best]))
}

/// Offset in the middle and its change over the side, from places (-0.5..0.5, offset, size of the step): least squares
/// with Tukey's weights. `None` when fewer than a third of the places agree.
fn fit(found: &[(f32, f32, f32)], scale: f32) -> Option<(f32, f32)> {
    if found.len() < PLACES / 3 {
        return None;
    }
    let mut offsets: Vec<f32> = found.iter().map(|place| place.1).collect();
    let half = offsets.len() / 2;
    let (mut middle, mut slope) = (*offsets.select_nth_unstable_by(half, f32::total_cmp).1, 0.0_f32);
    let mut agree = 0;
    for round in 0..ROUNDS {
        let width = scale * if round < 2 { 2.5 } else { 1.2 };
        let (mut sum, mut sx, mut sy, mut sxx, mut sxy) = (0.0_f32, 0.0, 0.0, 0.0, 0.0);
        agree = 0;
        for (x, y, step) in found {
            let off = (y - middle - slope * x) / width;
            if off.abs() < 1.0 {
                let weight = (1.0 - off * off).powi(2) * step.min(40.0);
                agree += 1;
                sum += weight;
                sx += weight * x;
                sy += weight * y;
                sxx += weight * x * x;
                sxy += weight * x * y;
            }
        }
        let spread = sxx * sum - sx * sx;
        if sum <= 0.0 || spread <= sum * sum * 1e-4 {
            return None;
        }
        slope = (sxy * sum - sx * sy) / spread;
        middle = (sy - slope * sx) / sum;
    }
    (agree >= PLACES / 3).then_some((middle, slope))
}

fn meeting((a, b): (Point, Point), (c, d): (Point, Point)) -> Option<Point> {
    let (p, q) = ((b.x - a.x, b.y - a.y), (d.x - c.x, d.y - c.y));
    let area = p.0 * q.1 - p.1 * q.0;
    let t = ((c.x - a.x) * q.1 - (c.y - a.y) * q.0) / area;
    let point = Point::new(a.x + p.0 * t, a.y + p.1 * t);
    (point.x.is_finite() && point.y.is_finite()).then_some(point)
}

/// Colour between pixels; `None` outside the picture.
fn pixel(frame: &Frame, x: f32, y: f32) -> Option<[f32; 3]> {
    let (right, bottom) = ((frame.width() - 1) as f32, (frame.height() - 1) as f32);
    if !(x >= -0.5 && y >= -0.5 && x <= right + 0.5 && y <= bottom + 0.5) {
        return None;
    }
    let (x, y) = (x.clamp(0.0, right), y.clamp(0.0, bottom));
    let (left, top) = (x as u32, y as u32);
    let (dx, dy) = (x - left as f32, y - top as f32);
    let next = ((left + 1).min(frame.width() - 1), (top + 1).min(frame.height() - 1));
    let (nw, ne) = (frame.pixel(left, top)?, frame.pixel(next.0, top)?);
    let (sw, se) = (frame.pixel(left, next.1)?, frame.pixel(next.0, next.1)?);
    Some(std::array::from_fn(|channel| {
        let [nw, ne, sw, se] = [nw, ne, sw, se].map(|pixel| f32::from(pixel[channel]));
        let (above, below) = (nw + (ne - nw) * dx, sw + (se - sw) * dx);
        above + (below - above) * dy
    }))
}
