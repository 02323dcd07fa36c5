//! Whether one printed value was made otherwise than its neighbours.

use media::Frame;

use super::{logistic, median};
use crate::geometry::Rect;

/// Fewest values that are compared.
const LEAST_VALUES: usize = 4;
/// Lowest value that is looked at, in pixels: strokes then are 2 pixels wide.
const LEAST_HEIGHT: f32 = 14.0;

/// How a value is printed.
#[derive(Debug, Clone, Copy)]
struct Look {
    /// Logarithms of the width of its strokes, of the darkness of its ink, and of what varies in its background.
    signs: [f32; 3],
}

/// Deviations of those from value to value that are usual, at least: on genuine drawn documents, 2026-11-21.
const USUAL: [f32; 3] = [0.06, 0.12, 0.25];

/// Largest such distance that is usual, in those deviations: 24 photos of drawn documents reached 3.6, 7 of 24 with a value
/// written anew more than 4.4, 16 of 24 where a program wrote it; development half, 2026-11-21.
const LARGEST: f32 = 4.4;

/// How surely one of `values`, boxes in pixels of `page`, was printed otherwise than the rest, 0..1: by the width of its
/// strokes, the darkness of its ink, the evenness of its background. `None` with fewer than four legible ones.
pub fn text(page: &Frame, values: &[Rect]) -> Option<f32> {
    farthest(page, values).map(|off| logistic(off, LARGEST, 1.0))
}

/// The largest distance of a sign of a value from the others' middle, in usual deviations.
fn farthest(page: &Frame, values: &[Rect]) -> Option<f32> {
    let looks: Vec<Look> = values.iter().filter_map(|bounds| look(page, *bounds)).collect();
    if looks.len() < LEAST_VALUES {
        return None;
    }
    let mut most = 0.0_f32;
    for (sign, usual) in USUAL.into_iter().enumerate() {
        let mut values: Vec<f32> = looks.iter().map(|look| look.signs[sign]).collect();
        let middle = median(&mut values)?;
        let mut off: Vec<f32> = looks.iter().map(|look| (look.signs[sign] - middle).abs()).collect();
        let spread = median(&mut off)? * 1.4826;
        let largest = off.iter().copied().fold(0.0, f32::max);
        most = most.max(largest / spread.max(usual));
    }
    Some(most)
}

fn look(page: &Frame, bounds: Rect) -> Option<Look> {
    if bounds.height < LEAST_HEIGHT || !(bounds.width * bounds.height).is_finite() {
        return None;
    }
    let margin = 0.25 * bounds.height;
    let left = ((bounds.x - margin).max(0.0) as u32).min(page.width());
    let top = ((bounds.y - margin).max(0.0) as u32).min(page.height());
    let right = ((bounds.x + bounds.width + margin).max(0.0) as u32).min(page.width());
    let bottom = ((bounds.y + bounds.height + margin).max(0.0) as u32).min(page.height());
    if right < left + 8 || bottom < top + 8 {
        return None;
    }
    let columns = (right - left) as usize;
    let light: Vec<f32> = (top..bottom)
        .flat_map(|y| (left..right).map(move |x| (x, y)))
        .filter_map(|(x, y)| page.pixel(x, y))
        .map(|pixel| {
            let [red, green, blue] = pixel.map(f32::from);
            0.299 * red + 0.587 * green + 0.114 * blue
        })
        .collect();
    let mut sorted = light.clone();
    let paper = super::quantile(&mut sorted, 0.6)?;
    let ink = super::quantile(&mut sorted, 0.03)?;
    let contrast = paper - ink;
    if contrast < 25.0 {
        return None;
    }
    // Ink in shares of a pixel, and how often a row passes from paper to ink: the mean width of a stroke.
    let share = |value: f32| ((paper - value) / contrast).clamp(0.0, 1.0);
    let (mut covered, mut passes) = (0.0, 0);
    for row in light.chunks_exact(columns) {
        covered += row.iter().map(|value| share(*value)).filter(|share| *share > 0.25).sum::<f32>();
        passes += row.windows(2).filter(|pair| share(pair[0]) < 0.5 && share(pair[1]) >= 0.5).count();
    }
    if passes < 8 {
        return None;
    }
    let mut background: Vec<f32> =
        light.iter().filter(|value| share(**value) < 0.25).map(|value| (value - paper).abs()).collect();
    let varies = median(&mut background)?;
    Some(Look { signs: [(covered / passes as f32).ln(), (ink + 10.0).ln(), (varies + 1.0).ln()] })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Six rows of strokes, the last `thick` pixels wide, on paper with a pattern.
    fn page(thick: u32) -> (Frame, Vec<Rect>) {
        let (width, height) = (400_u32, 300_u32);
        let rgb = (0..width * height)
            .flat_map(|index| {
                let (x, y) = (index % width, index / width);
                let (row, within) = (y / 50, y % 50);
                let stroke = if row == 5 { thick } else { 4 };
                let is_ink = (12..36).contains(&within) && (40..360).contains(&x) && (x + row) % 16 < stroke;
                [if is_ink { 30 } else { 200 + ((x * 7 + y * 3) % 11) as u8 }; 3]
            })
            .collect();
        let rows =
            (0..6).map(|row| Rect { x: 40.0, y: row as f32 * 50.0 + 12.0, width: 320.0, height: 24.0 });
        (Frame::from_rgb(width, height, rgb, 0).unwrap(), rows.collect())
    }

    #[test]
    fn a_value_in_another_pen_stands_out() {
        let (even, boxes) = page(4);
        assert!(text(&even, &boxes).unwrap() < 0.2, "{:?}", farthest(&even, &boxes));
        let (edited, boxes) = page(7);
        assert!(text(&edited, &boxes).unwrap() > 0.8, "{:?}", farthest(&edited, &boxes));
    }

    #[test]
    fn few_small_or_impossible_values_are_not_judged() {
        let (page, boxes) = page(4);
        assert_eq!(text(&page, &boxes[..3]), None);
        let odd = [f32::NAN, f32::INFINITY, -1e9, 1e9].map(|x| Rect { x, y: x, width: 1e9, height: 90.0 });
        assert_eq!(text(&page, &odd), None);
        assert_eq!(text(&page, &[]), None);
    }
}
