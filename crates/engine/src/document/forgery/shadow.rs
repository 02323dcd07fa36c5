//! Whether a line of shadow lies beside a portrait, as the edge of a photo throws that was stuck on.
//!
//! Paper has a thickness, and light from one side leaves a dark line along one of two opposite edges. A printed frame is
//! dark along both, and the ink of a single line is darker than a shadow. Only the edges to the left and right of the face
//! are looked at: hair, clothes and print are above and below. A photo that lies flush or is lit from above is not found, nor
//! one whose own ground is as dark as its shadow.

use super::{Seen, light, logistic, quantile};
use crate::geometry::{Outside, Point, Rect, bilinear};

/// Where the edge of a portrait may be, in widths of its face's box from the middle: the box is 0.4 to 0.75 of a portrait
/// wide.
const NEAREST: f32 = 0.65;
const FARTHEST: f32 = 1.25;
/// Fewest pixels of the picture across a face: with less, a line of 0.15 mm is lost in the pixels' blur.
const LEAST_FACE: f32 = 80.0;
/// Parts of the face's height in which the line is sought, places in each whose middle counts, and parts that may lack it.
const PARTS: usize = 9;
const PLACES: usize = 8;
const LACKING: usize = 2;
/// From a place to the next across the edge, in pixels of the picture, and most of these places.
const STEP: f32 = 0.5;
const MOST_STEPS: usize = 4_000;
/// From a line to the lighter places on both of its sides, in steps: three pixels.
const BESIDE: usize = 6;
/// A line may lean by this against the page, as the tangent of the angle, to either side, tried in so many steps.
const LEAN: f32 = 0.03;
const LEANS: i8 = 3;
/// Levels from which on a shadow is a share of the light about it: under it grain counts for more.
const LIT: f32 = 60.0;

/// A line that takes more of the light than this is ink.
const INK: f32 = 0.3;
/// What one edge has over this many times the other's is due to one side. Chosen.
const OTHER: f32 = 3.0;
/// Share of the light that a shadow takes from one side more than from the other. Of 30 drawn documents each with photos
/// of people (development half, 2026-11-23), one genuine one had more and 7 with a portrait stuck on; of 33 specimens,
/// samples and drawn passports one, and a second one 0.053.
const SHADOW: f32 = 0.06;

/// How surely the portrait about `face`, in pixels of the page, throws a shadow, 0..1. `None` with a small face, or where
/// the page or the picture ends beside it.
pub(super) fn portrait(seen: Seen<'_>, face: Rect) -> Option<f32> {
    let centre = face.centre();
    let side = |x: f32| seen.to_picture.apply(Point::new(x, centre.y));
    let across = side(face.x).distance(side(face.x + face.width));
    if !(across.is_finite() && across >= LEAST_FACE) {
        return None;
    }
    let step = face.width / across * STEP;
    let (left, right) = (darkest_line(seen, face, -step)?, darkest_line(seen, face, step)?);
    let (dark, other) = (left.max(right), left.min(right));
    let due_to_one = if dark > INK { 0.0 } else { dark - OTHER * other };
    Some(logistic(due_to_one, SHADOW, 0.04))
}

/// The share of the light that the darkest line beside `face` takes, in steps of `step` pixels of the page away from it:
/// to the left where that is negative.
fn darkest_line(seen: Seen<'_>, face: Rect, step: f32) -> Option<f32> {
    let centre = face.centre();
    let first = centre.x + NEAREST * face.width * step.signum();
    let place =
        |index: usize, along: f32| Point::new(first + index as f32 * step, face.y + along * face.height);
    // Between two places that are seen, all are.
    let is_seen = |index: &usize| [0.0, 1.0].iter().all(|along| seen.shows(place(*index, *along)));
    let wanted = ((FARTHEST - NEAREST) * face.width / step.abs()) as usize;
    let steps = (0..wanted.min(MOST_STEPS)).take_while(is_seen).count();
    if steps < 4 * BESIDE {
        return None;
    }
    let parts: Vec<Vec<f32>> = (0..PARTS)
        .map(|part| {
            let across = (0..steps).filter_map(|index| {
                let mut lights: [f32; PLACES] = std::array::from_fn(|within| {
                    let along = (part * PLACES + within) as f32 / (PARTS * PLACES - 1) as f32;
                    light(bilinear(seen.picture, seen.to_picture.apply(place(index, along)), Outside::Edge))
                });
                quantile(&mut lights, 0.5)
            });
            across.collect()
        })
        .collect();
    let of_part = face.height / step.abs() / PARTS as f32;
    let lines = (-LEANS..=LEANS).flat_map(|lean| {
        let lean = LEAN * f32::from(lean) / f32::from(LEANS) * of_part;
        let parts = &parts;
        (0..steps).filter_map(move |index| {
            let mut takes: [f32; PARTS] = std::array::from_fn(|part| {
                let off = (lean * (part as f32 - (PARTS / 2) as f32)).round() as isize;
                index.checked_add_signed(off).and_then(|at| taken(&parts[part], at)).unwrap_or(0.0)
            });
            takes.sort_by(f32::total_cmp);
            takes.get(LACKING).copied()
        })
    });
    lines.reduce(f32::max)
}

/// Share of the light that a line at `at` takes from what is on both of its sides; `None` too near an end.
fn taken(lights: &[f32], at: usize) -> Option<f32> {
    let (before, after) = (lights.get(at.checked_sub(BESIDE)?)?, lights.get(at + BESIDE)?);
    Some((before.min(*after) - lights.get(at)?) / before.max(*after).max(LIT))
}

#[cfg(test)]
mod tests {
    use media::Frame;
    use proptest::prelude::*;

    use super::*;
    use crate::homography::Homography;

    const SIZE: (u32, u32) = (600, 400);
    const FACE: Rect = Rect { x: 240.0, y: 120.0, width: 110.0, height: 140.0 };

    /// A portrait from 190 to 400, on a ground with a pattern that is hardly lighter. `line` is the share of light at a place.
    fn page(line: impl Fn(f32, f32) -> f32) -> Frame {
        let rgb = (0..SIZE.0 * SIZE.1).flat_map(|index| {
            let (x, y) = ((index % SIZE.0) as f32, (index / SIZE.0) as f32);
            let level =
                if (190.0..400.0).contains(&x) { 205.0 } else { 215.0 + 6.0 * (0.2 * y + 0.05 * x).sin() };
            [(level * line(x, y)) as u8; 3]
        });
        Frame::from_rgb(SIZE.0, SIZE.1, rgb.collect(), 0).unwrap()
    }

    fn score(picture: &Frame) -> Option<f32> {
        portrait(Seen { picture, page: SIZE, to_picture: &Homography::IDENTITY }, FACE)
    }

    /// Two pixels of a share of the light, from `from` on.
    fn dark(x: f32, from: f32, share: f32) -> f32 {
        if (from..from + 2.0).contains(&x) { share } else { 1.0 }
    }

    #[test]
    fn a_line_of_shadow_beside_a_portrait_is_seen_on_either_side_and_where_it_leans() {
        for from in [188.0, 400.0] {
            let straight = score(&page(|x, _| dark(x, from, 0.8))).unwrap();
            let leaning = score(&page(|x, y| dark(x, (from + 0.02 * (y - 190.0)).round(), 0.8))).unwrap();
            assert!(straight > 0.9 && leaning > 0.9, "{from}: {straight} {leaning}");
        }
    }

    #[test]
    fn neither_an_edge_nor_a_frame_nor_a_printed_line_is_a_shadow() {
        let edge = score(&page(|_, _| 1.0)).unwrap();
        let frame = score(&page(|x, _| dark(x, 188.0, 0.8) * dark(x, 400.0, 0.8))).unwrap();
        let ink = score(&page(|x, _| dark(x, 400.0, 0.2))).unwrap();
        let short = score(&page(|x, y| if y < 190.0 { dark(x, 400.0, 0.8) } else { 1.0 })).unwrap();
        assert!([edge, frame, ink, short].iter().all(|score| *score < 0.1), "{edge} {frame} {ink} {short}");
    }

    #[test]
    fn small_faces_and_those_at_an_end_are_not_judged() {
        let picture = page(|_, _| 1.0);
        let seen = Seen { picture: &picture, page: SIZE, to_picture: &Homography::IDENTITY };
        assert_eq!(portrait(seen, Rect { width: 70.0, ..FACE }), None);
        assert_eq!(portrait(seen, Rect { x: 0.0, ..FACE }), None);
        assert_eq!(portrait(Seen { page: (300, 400), ..seen }, FACE), None);
    }

    proptest! {
        #[test]
        fn no_box_breaks_it(
            wild in proptest::array::uniform4(any::<f32>()),
            near in proptest::array::uniform4(-900.0_f32..900.0),
        ) {
            let picture = page(|_, _| 1.0);
            let seen = Seen { picture: &picture, page: SIZE, to_picture: &Homography::IDENTITY };
            for [x, y, width, height] in [wild, near] {
                let found = portrait(seen, Rect { x, y, width, height });
                prop_assert!(found.is_none_or(|score| (0.0..=1.0).contains(&score)));
            }
        }
    }
}
