//! Whether the ground behind one printed value was painted over.

use media::Frame;

use super::{light, logistic, quantile};
use crate::geometry::Rect;

/// Fewest values that are compared.
const LEAST_VALUES: usize = 4;
/// Lowest line that is looked at, in pixels: between its strokes there then is ground to see.
const LEAST_HEIGHT: f32 = 14.0;
/// Share of a line's height that is looked at, in its middle: neighbours reach into the rest.
const MIDDLE: f32 = 0.7;
/// Fewest pixels of ground.
const LEAST_GROUND: usize = 60;
/// Least deviation, in levels, of the ground of the others: with less it has no pattern that could be missing.
const LEAST_PATTERN: f32 = 3.0;

/// How much the ground behind a value varies.
#[derive(Debug, Clone, Copy)]
struct Ground {
    /// Logarithms of the median deviation from the middle, and of the standard deviation, each of one level more.
    varies: [f32; 2],
}

/// Deviations of those from value to value that are usual, at least. Chosen, and [`EMPTY`] measured with them.
const USUAL: [f32; 2] = [0.2, 0.15];

/// Distance, in usual deviations, from which on a ground is emptier than chance makes it. Of 28 drawn documents each
/// (development half, 2026-11-21; a sketch of this in numpy, at the true boxes), genuine ones reached 1.35, 28 with a
/// value painted over and written anew before the photo and 26 in it more than 1.35.
const EMPTY: f32 = 1.75;

/// How surely the ground behind one of `values`, boxes of single lines in pixels of `page`, lacks the pattern that the
/// others' have, 0..1. A forger who keeps the pattern is not seen. `None` with fewer than four legible values, or on a
/// ground without a pattern.
pub fn text(page: &Frame, values: &[Rect]) -> Option<f32> {
    emptiest(page, values).map(|off| logistic(off, EMPTY, 0.6))
}

/// The farthest that one ground is emptier than the others, in usual deviations.
fn emptiest(page: &Frame, values: &[Rect]) -> Option<f32> {
    let grounds: Vec<Ground> = values.iter().filter_map(|bounds| ground(page, *bounds)).collect();
    if grounds.len() < LEAST_VALUES {
        return None;
    }
    let mut most = None;
    for own in 0..grounds.len() {
        let below = |sign: usize| {
            let mut others: Vec<f32> = (0..grounds.len())
                .filter(|other| *other != own)
                .map(|other| grounds[other].varies[sign])
                .collect();
            let mean = others.iter().sum::<f32>() / others.len() as f32;
            let square = others.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / others.len() as f32;
            let middle = quantile(&mut others, 0.5)?;
            let is_patterned = sign == 0 || middle.exp() - 1.0 >= LEAST_PATTERN;
            is_patterned.then(|| (middle - grounds[own].varies[sign]) / square.sqrt().max(USUAL[sign]))
        };
        if let (Some(one), Some(other)) = (below(0), below(1)) {
            most = Some(one.min(other).max(most.unwrap_or(f32::NEG_INFINITY)));
        }
    }
    most
}

fn ground(page: &Frame, bounds: Rect) -> Option<Ground> {
    if bounds.height < LEAST_HEIGHT || !(bounds.width * bounds.height).is_finite() {
        return None;
    }
    let (over, beside) = ((1.0 - MIDDLE) / 2.0 * bounds.height, 0.3 * bounds.height);
    let within = |value: f32, most: u32| (value.max(0.0) as u32).min(most);
    let (left, right) =
        (within(bounds.x + beside, page.width()), within(bounds.x + bounds.width - beside, page.width()));
    let (top, bottom) =
        (within(bounds.y + over, page.height()), within(bounds.y + bounds.height - over, page.height()));
    if right < left + 8 || bottom < top + 8 {
        return None;
    }
    let (columns, rows) = ((right - left) as usize, (bottom - top) as usize);
    let levels: Vec<f32> = (top..bottom)
        .flat_map(|y| (left..right).map(move |x| (x, y)))
        .filter_map(|(x, y)| page.pixel(x, y))
        .map(light)
        .collect();
    let mut sorted = levels.clone();
    let paper = quantile(&mut sorted, 0.7)?;
    let ink = quantile(&mut sorted, 0.03)?;
    if paper - ink < 25.0 {
        return None;
    }
    let is_ink = |x: usize, y: usize| levels[y * columns + x] < paper - 0.35 * (paper - ink);
    // Blurred strokes reach two pixels beyond what is dark.
    let mut clear = vec![true; levels.len()];
    for y in 0..rows {
        for x in (0..columns).filter(|x| is_ink(*x, y)) {
            for row in y.saturating_sub(2)..(y + 3).min(rows) {
                clear[row * columns + x.saturating_sub(2)..row * columns + (x + 3).min(columns)].fill(false);
            }
        }
    }
    let mut seen: Vec<f32> =
        levels.iter().zip(clear).filter(|(_, clear)| *clear).map(|(level, _)| *level).collect();
    if seen.len() < LEAST_GROUND {
        return None;
    }
    let middle = quantile(&mut seen, 0.5)?;
    let square = seen.iter().map(|level| (level - middle).powi(2)).sum::<f32>() / seen.len() as f32;
    let mut off: Vec<f32> = seen.iter().map(|level| (level - middle).abs()).collect();
    // The median of a normal deviate is 0.6745 deviations.
    Some(Ground { varies: [(quantile(&mut off, 0.5)? / 0.6745 + 1.0).ln(), (square.sqrt() + 1.0).ln()] })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Six lines of strokes on a ground whose pattern is `own` levels high behind the last, 20 behind the others.
    fn page(own: f32, others: f32) -> (Frame, Vec<Rect>) {
        let (width, height) = (400_u32, 300_u32);
        let rgb = (0..width * height)
            .flat_map(|index| {
                let (x, y) = (index % width, index / width);
                let (row, within) = (y / 50, y % 50);
                let is_ink = (15..33).contains(&within) && (40..360).contains(&x) && (x + row) % 18 < 4;
                let pattern = if row == 5 { own } else { others };
                let wave = ((x as f32 + 3.0 * (y as f32 * 0.1).sin()) * 0.7).sin();
                [if is_ink { 30 } else { (200.0 + pattern * wave) as u8 }; 3]
            })
            .collect();
        let lines =
            (0..6).map(|row| Rect { x: 30.0, y: row as f32 * 50.0 + 10.0, width: 340.0, height: 28.0 });
        (Frame::from_rgb(width, height, rgb, 0).unwrap(), lines.collect())
    }

    #[test]
    fn a_value_on_a_ground_that_was_painted_over_stands_out() {
        let (even, boxes) = page(20.0, 20.0);
        assert!(text(&even, &boxes).unwrap() < 0.2, "{:?}", emptiest(&even, &boxes));
        let (painted, boxes) = page(1.0, 20.0);
        assert!(text(&painted, &boxes).unwrap() > 0.8, "{:?}", emptiest(&painted, &boxes));
        // More pattern than the others have is no paint.
        let (richer, boxes) = page(40.0, 20.0);
        assert!(text(&richer, &boxes).unwrap() < 0.3, "{:?}", emptiest(&richer, &boxes));
    }

    #[test]
    fn few_small_or_impossible_values_and_plain_paper_are_not_judged() {
        let (patterned, boxes) = page(20.0, 20.0);
        assert_eq!(text(&patterned, &boxes[..3]), None);
        let (plain, boxes) = page(0.0, 1.0);
        assert_eq!(text(&plain, &boxes), None);
        let odd = [f32::NAN, f32::INFINITY, -1e9, 1e9].map(|x| Rect { x, y: x, width: 1e9, height: 90.0 });
        assert_eq!(text(&patterned, &odd), None);
        assert_eq!(text(&patterned, &[]), None);
    }
}
