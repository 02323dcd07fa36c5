//! Whether the picture shows a print or a screen that shows the document.

use media::Frame;

use super::spectrum::{Repeats, SIDE, is_within, repeats};
use super::{logistic, quantile, span};
use crate::document::Quality;
use crate::geometry::Point;

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recapture {
    /// Decibels by which repeating colour stands out, in the middle one of all parts: the stripes of a screen's pixels
    /// beat with the camera's.
    pub colour: f32,
    /// Fine grain relative to light, in the evener quarter of parts: dots of ink and of screens too small to be told
    /// apart.
    pub grain: f32,
}

/// Fewest parts of 64 x 64 pixels that are looked at, and most.
const PARTS: (usize, usize) = (6, 60);
/// Most blur, in pixels, at which dots could still be seen.
const MOST_BLUR_PX: f32 = 2.2;

/// Measures the document at `corners`. `None` where it has too few pixels or is too blurred for dots to show.
pub fn recapture(picture: &Frame, corners: &[Point; 4], quality: &Quality) -> Option<Recapture> {
    if quality.blur_mm? * quality.px_per_mm > MOST_BLUR_PX {
        return None;
    }
    let parts = parts(picture, corners);
    if parts.len() < PARTS.0 {
        return None;
    }
    let of = |value: fn(&Repeats) -> f32, share: f32| {
        quantile(&mut parts.iter().map(value).collect::<Vec<f32>>(), share)
    };
    Some(Recapture { colour: of(|part| part.colour, 0.5)?, grain: of(|part| part.grain, 0.25)? })
}

/// Parts evenly over the document.
fn parts(picture: &Frame, corners: &[Point; 4]) -> Vec<Repeats> {
    let (left, top, right, bottom) = span(picture, corners);
    let area = f64::from(right.saturating_sub(left)) * f64::from(bottom.saturating_sub(top));
    let step = ((area / PARTS.1 as f64).sqrt() as u32).max(SIDE as u32 / 2);
    let side = SIDE as f32;
    let mut parts = Vec::new();
    for y in (top..bottom).step_by(step as usize) {
        for x in (left..right).step_by(step as usize) {
            let (u, v) = (x as f32, y as f32);
            let part = [(u, v), (u + side, v), (u + side, v + side), (u, v + side)];
            if part.iter().all(|(u, v)| is_within(corners, Point::new(*u, *v))) {
                parts.extend(repeats(picture, x, y));
            }
        }
    }
    parts
}

impl Recapture {
    /// How surely it is a screen, 0..1. 14 photos of drawn documents reached 25.2 dB, 4 of 14 of screens over 27;
    /// development half, 2026-11-21.
    pub fn screen(&self) -> f32 {
        logistic(self.colour, 28.0, 2.5)
    }

    /// How surely it is a print, or a screen whose pixels cannot be told apart, 0..1. 14 photos of drawn documents
    /// reached 0.047, 7 of 14 of prints over 0.054 and 5 of 14 of screens over 0.06; development half, 2026-11-21. A
    /// camera in little light has as much grain.
    pub fn print(&self) -> f32 {
        logistic((self.grain / 0.056).max(1e-3).ln(), 0.0, 0.2)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use domain::PageQuality;

    const CLEAR: Quality = Quality {
        page: PageQuality { sharpness: 1.0, glare: 0.0, outline: 1.0 },
        blur_mm: Some(0.1),
        px_per_mm: 8.0,
        covered: 0.0,
    };

    /// A grey picture of 400 x 260 with `light` added at each place.
    fn recaptured(light: impl Fn(f32, f32) -> [f32; 3], quality: &Quality) -> Option<Recapture> {
        let rgb = (0..400 * 260)
            .flat_map(|index| light((index % 400) as f32, (index / 400) as f32))
            .map(|light| (150.0 + light) as u8)
            .collect();
        let frame = Frame::from_rgb(400, 260, rgb, 0).unwrap();
        let corners = [(1.0, 1.0), (398.0, 1.0), (398.0, 258.0), (1.0, 258.0)].map(|(x, y)| Point::new(x, y));
        recapture(&frame, &corners, quality)
    }

    #[test]
    fn stripes_of_colour_are_a_screen_dots_a_print_and_paper_neither() {
        let paper = recaptured(|x, y| [(x * 0.05).sin() * 20.0 + (y * 0.07).cos(); 3], &CLEAR).unwrap();
        assert!(paper.screen() < 0.2 && paper.print() < 0.2, "{paper:?}");
        let screen = recaptured(|x, y| [12.0 * (x * 2.1 + y * 0.9).sin(), 0.0, 0.0], &CLEAR).unwrap();
        assert!(screen.screen() > 0.8, "{screen:?}");
        let dots = |x: f32, y: f32| ((x * 12.989 + y * 78.233).sin() * 4_375.85).rem_euclid(1.0).round();
        let print = recaptured(|x, y| [dots(x, y) * 12.0; 3], &CLEAR).unwrap();
        assert!(print.print() > 0.8, "{print:?}");
    }

    #[test]
    fn what_is_blurred_or_small_is_not_judged() {
        let grey = |_: f32, _: f32| [0.0; 3];
        assert_eq!(recaptured(grey, &Quality { blur_mm: Some(0.4), ..CLEAR }), None);
        assert_eq!(recaptured(grey, &Quality { blur_mm: None, ..CLEAR }), None);
        let small = Frame::from_rgb(90, 60, vec![150; 90 * 60 * 3], 0).unwrap();
        let corners = [(0.0, 0.0), (89.0, 0.0), (89.0, 59.0), (0.0, 59.0)].map(|(x, y)| Point::new(x, y));
        assert_eq!(recapture(&small, &corners, &CLEAR), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn no_corners_break_it(coordinates in proptest::array::uniform8(-400.0_f32..700.0), odd in any::<f32>()) {
            let frame = Frame::from_rgb(200, 150, vec![99; 200 * 150 * 3], 0).unwrap();
            let mut corners: [Point; 4] =
                std::array::from_fn(|i| Point::new(coordinates[2 * i], coordinates[2 * i + 1]));
            let _ = recapture(&frame, &corners, &CLEAR);
            corners[1].y = odd;
            let _ = recapture(&frame, &corners, &CLEAR);
        }
    }
}
