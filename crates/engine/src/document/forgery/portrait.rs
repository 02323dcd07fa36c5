//! Whether the portrait comes from another picture than the rest.

use media::Frame;

use super::{logistic, median, quantile, span};
use crate::document::Rectified;
use crate::geometry::{Point, Rect};

/// Side of a block in which grain is measured, in pixels.
const BLOCK: u32 = 8;
/// Grain that rounding to whole levels leaves.
const ROUNDING: f32 = 0.02;
/// Fewest blocks of either.
const LEAST_BLOCKS: usize = 24;

/// Natural logarithm of the portrait's grain over the rest's, from which on down the portrait is smoother than what one
/// camera makes: 14 photos of drawn documents had -0.25 and more, 9 of 14 with a portrait pasted in by a program less,
/// 7 less than -0.5; development half, 2026-11-21.
const SMOOTHER: f32 = -0.42;

/// How surely the portrait at `bounds`, in pixels of `page`, lacks the grain that the rest of `picture`'s document has,
/// 0..1: as one that a program put there. One that was stuck on the document before the photo has the camera's grain as
/// everything else, and is not seen. `None` where either has too few even places.
pub fn portrait(picture: &Frame, page: &Rectified, bounds: Rect) -> Option<f32> {
    difference(picture, page, bounds).map(|off| logistic(SMOOTHER - off, 0.0, 0.15))
}

/// Natural logarithm of the portrait's grain over the rest's, both relative to the square root of light.
fn difference(picture: &Frame, page: &Rectified, bounds: Rect) -> Option<f32> {
    let to_page = page.to_picture.inverse()?;
    let (left, top, right, bottom) = span(picture, &page.corners());
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    let (width, height) = (page.frame.width() as f32, page.frame.height() as f32);
    // The portrait's own edge belongs to neither.
    let margin = 0.06 * bounds.width;
    let step = BLOCK * (1 + (right.saturating_sub(left)).max(bottom.saturating_sub(top)) / 2400);
    for y in (top..bottom.saturating_sub(BLOCK)).step_by(step as usize) {
        for x in (left..right.saturating_sub(BLOCK)).step_by(step as usize) {
            let at = to_page.apply(Point::new((x + BLOCK / 2) as f32, (y + BLOCK / 2) as f32));
            let on_page =
                at.x > 0.02 * width && at.y > 0.02 * height && at.x < 0.98 * width && at.y < 0.98 * height;
            let deep = at.x > bounds.x + margin
                && at.y > bounds.y + margin
                && at.x < bounds.x + bounds.width - margin
                && at.y < bounds.y + bounds.height - margin;
            let clear = at.x < bounds.x - margin
                || at.y < bounds.y - margin
                || at.x > bounds.x + bounds.width + margin
                || at.y > bounds.y + bounds.height + margin;
            if on_page && (deep || clear) {
                let side = if deep { &mut inside } else { &mut outside };
                side.extend(grain(picture, x, y));
            }
        }
    }
    if inside.len() < LEAST_BLOCKS || outside.len() < LEAST_BLOCKS {
        return None;
    }
    // The usual block of a portrait against the evenest of the rest, which has finer patterns than a face.
    let (own, other) = (median(&mut inside)?, quantile(&mut outside, 0.05)?);
    Some(((own + ROUNDING) / (other + ROUNDING)).ln())
}

/// Grain of a block relative to the square root of its light; `None` where it is too dark, burnt or at an edge.
fn grain(picture: &Frame, left: u32, top: u32) -> Option<f32> {
    let light = |x: u32, y: u32| -> Option<f32> {
        let [red, green, blue] = picture.pixel(x, y)?.map(f32::from);
        Some(0.299 * red + 0.587 * green + 0.114 * blue)
    };
    let (mut found, mut sum) = (Vec::with_capacity(36), 0.0);
    for y in top + 1..top + BLOCK - 1 {
        for x in left + 1..left + BLOCK - 1 {
            let here = light(x, y)?;
            sum += here;
            let corners =
                light(x - 1, y - 1)? + light(x + 1, y - 1)? + light(x - 1, y + 1)? + light(x + 1, y + 1)?;
            let sides = light(x, y - 1)? + light(x - 1, y)? + light(x + 1, y)? + light(x, y + 1)?;
            found.push((corners - 2.0 * sides + 4.0 * here).abs());
        }
    }
    let mean = sum / found.len() as f32;
    if !(30.0..=245.0).contains(&mean) {
        return None;
    }
    Some(median(&mut found)? / 6.0 / 0.6745 / mean.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::rectify;

    #[test]
    fn a_portrait_without_the_camera_s_grain_stands_out() {
        let (width, height) = (640_u32, 400_u32);
        let score = |own: f32| {
            let mut state = 5_u64;
            let rgb = (0..width * height)
                .flat_map(|index| {
                    let (x, y) = (index % width, index / width);
                    let in_portrait = (40..200).contains(&x) && (80..280).contains(&y);
                    let level = if in_portrait { 120.0 } else { 190.0 };
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    let noise = (state >> 40) as f32 / (1 << 24) as f32 - 0.5;
                    [(level + noise * if in_portrait { own } else { 12.0 }) as u8; 3]
                })
                .collect();
            let frame = Frame::from_rgb(width, height, rgb, 0).unwrap();
            let corners = [(-0.5, -0.5), (639.5, -0.5), (639.5, 399.5), (-0.5, 399.5)];
            let page = rectify(&frame, &corners.map(|(x, y)| Point::new(x, y)), 1.6, 1800).unwrap();
            portrait(&frame, &page, Rect { x: 40.0, y: 80.0, width: 160.0, height: 200.0 })
        };
        assert!(score(10.0).unwrap() < 0.2, "{:?}", score(10.0));
        assert!(score(1.0).unwrap() > 0.8, "{:?}", score(1.0));
    }

    #[test]
    fn a_portrait_outside_the_page_is_not_judged() {
        let frame = Frame::from_rgb(100, 60, vec![128; 18_000], 0).unwrap();
        let corners = [(0.0, 0.0), (99.0, 0.0), (99.0, 59.0), (0.0, 59.0)].map(|(x, y)| Point::new(x, y));
        let page = rectify(&frame, &corners, 1.6, 1800).unwrap();
        for x in [-1e9, 500.0, f32::NAN, f32::INFINITY] {
            assert_eq!(portrait(&frame, &page, Rect { x, y: 0.0, width: 20.0, height: 20.0 }), None);
        }
    }
}
