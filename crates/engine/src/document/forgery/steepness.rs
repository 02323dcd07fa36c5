//! Whether a part of a document has sharper edges than the camera gave the rest.
//!
//! One lens blurs all of a page. What a program puts into the photo afterwards has edges of its own, and JPEG leaves them.
//! Nothing that was seen through the lens is steeper than a stroke thinner than its blur, so that a part which is steeper
//! than the print on the same page was not seen through it. A forger who blurs what he puts in is not found.

use media::Frame;

use super::{Seen, light, logistic, quantile};
use crate::geometry::{Point, Rect};

/// Reach of the contrast about a place, in pixels of the picture, and of the steps.
const REACH: usize = 3;
/// Least contrast, in levels, that an edge must have: under it grain is as steep.
const LEAST_CONTRAST: f32 = 60.0;
/// Places that are looked at in a value, and in a portrait or the rest of a page.
const IN_VALUE: f32 = 1_500.0;
const IN_PAGE: f32 = 6_000.0;
/// Fewest places with an edge.
const LEAST_EDGES: usize = 40;
/// The steepness of a part is that which one place in ten exceeds.
const SHARE: f32 = 0.9;
/// Fewest values that are compared.
const LEAST_VALUES: usize = 4;
/// Side of what may be a portrait, in those of the box of its face: the photo and its edges.
const PHOTO: f32 = 2.3;

/// Steepness of a portrait over that of the rest of the page, and of a value over that of the others, at which a program
/// may have put it in. Of 16 drawn documents each (development half, 2026-11-22; a sketch of this in numpy, at the true
/// places), genuine portraits reached 0.94 and values 1.15; 15 portraits put in by a program had 1.01 or more, one 0.94,
/// and 13 values 1.2 or more, three 1.03 to 1.18.
const PORTRAIT: f32 = 1.0;
const VALUE: f32 = 1.2;

/// How surely a program put the portrait about `face` into the picture, 0..1. `values` are the boxes of printed values;
/// these and `face` are in pixels of the page. `None` where the page or the portrait has too few edges.
pub(super) fn portrait(seen: Seen<'_>, face: Rect, values: &[Rect]) -> Option<f32> {
    let centre = face.centre();
    let (width, height) = (face.width * PHOTO, face.height * PHOTO);
    let photo = Rect { x: centre.x - width / 2.0, y: centre.y - height / 2.0, width, height };
    let page = Rect { x: 0.0, y: 0.0, width: seen.page.0 as f32, height: seen.page.1 as f32 };
    let is_value = |at: Point| values.iter().any(|value| holds(value, at));
    let own = seen.steepness(photo, IN_PAGE, |at| holds(&page, at) && !is_value(at))?;
    let rest = seen.steepness(page, IN_PAGE, |at| !holds(&photo, at) || is_value(at))?;
    Some(logistic(own / rest, PORTRAIT, 0.1))
}

/// How surely a program put one of `values`, boxes of single lines in pixels of the page, into the picture, 0..1. The
/// steepest is compared with the third, since two are changed together, such as a number and its copy in the zone. `None`
/// with fewer than four values that have edges.
pub(super) fn value(seen: Seen<'_>, values: &[Rect]) -> Option<f32> {
    let mut steep: Vec<f32> =
        values.iter().filter_map(|value| seen.steepness(*value, IN_VALUE, |_| true)).collect();
    steep.sort_by(|a, b| b.total_cmp(a));
    let third = if steep.len() >= LEAST_VALUES { steep[2] } else { return None };
    Some(logistic(steep[0] / third, VALUE, 0.1))
}

fn holds(bounds: &Rect, at: Point) -> bool {
    (bounds.x..=bounds.x + bounds.width).contains(&at.x)
        && (bounds.y..=bounds.y + bounds.height).contains(&at.y)
}

impl Seen<'_> {
    /// The steepness of the part `bounds` of the page, looked at in about `places` places evenly, where `counts`.
    fn steepness(&self, bounds: Rect, places: f32, counts: impl Fn(Point) -> bool) -> Option<f32> {
        let step = (bounds.area() / places).sqrt();
        if !(step.is_finite() && step > 0.0) {
            return None;
        }
        let along = |from: f32, length: f32| {
            (0..(length / step).min(places) as usize).map(move |index| from + (index as f32 + 0.5) * step)
        };
        let mut all: Vec<f32> = along(bounds.y, bounds.height)
            .flat_map(|y| along(bounds.x, bounds.width).map(move |x| Point::new(x, y)))
            .filter(|at| counts(*at))
            .filter_map(|at| steepness(self.picture, self.to_picture.apply(at)))
            .collect();
        if all.len() < LEAST_EDGES {
            return None;
        }
        quantile(&mut all, SHARE)
    }
}

/// The greatest step from a pixel to the next about `at`, as a share of the contrast there; `None` without an edge.
fn steepness(picture: &Frame, at: Point) -> Option<f32> {
    const SIDE: usize = 2 * REACH + 1;
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let first = |place: f32, length: usize| {
        let first = place.round() - REACH as f32;
        let fits = first >= 0.0 && first + (SIDE as f32) <= length as f32;
        fits.then_some(first as usize)
    };
    let (left, top) = (first(at.x, width)?, first(at.y, height)?);
    let mut levels = [[0.0_f32; SIDE]; SIDE];
    for (row, line) in levels.iter_mut().enumerate() {
        let start = ((top + row) * width + left) * 3;
        let pixels = picture.rgb().get(start..start + SIDE * 3)?;
        for (level, pixel) in line.iter_mut().zip(pixels.as_chunks::<3>().0) {
            *level = light(*pixel);
        }
    }
    let all = levels.as_flattened();
    let (least, most) = all.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(least, most), level| {
        (least.min(*level), most.max(*level))
    });
    let contrast = most - least;
    if contrast < LEAST_CONTRAST {
        return None;
    }
    let mut step = 0.0_f32;
    for row in 1..SIDE - 1 {
        for column in 1..SIDE - 1 {
            let here = levels[row][column];
            step =
                step.max((levels[row][column + 1] - here).abs()).max((levels[row + 1][column] - here).abs());
        }
    }
    Some(step / contrast)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::homography::Homography;

    const SIZE: (u32, u32) = (600, 400);

    /// Strokes four pixels wide in eight lines and a face's box with an edge, blurred over five pixels but for what lies in
    /// `sharp`.
    fn page(sharp: Option<Rect>) -> Frame {
        let ink = |x: i64, y: i64| {
            let is_text = x >= 260 && (y % 48) > 16 && (y % 48) < 32 && x % 12 < 4;
            let is_photo = (40..200).contains(&x) && (60..260).contains(&y);
            if is_text {
                30.0
            } else if is_photo && (x / 20 + y / 20) % 2 == 0 {
                90.0
            } else {
                210.0
            }
        };
        let rgb = (0..SIZE.0 * SIZE.1).flat_map(|index| {
            let (x, y) = (i64::from(index % SIZE.0), i64::from(index / SIZE.0));
            let is_sharp = sharp.is_some_and(|sharp| holds(&sharp, Point::new(x as f32, y as f32)));
            let reach = if is_sharp { 0 } else { 2 };
            let around = (-reach..=reach).flat_map(|dy| (-reach..=reach).map(move |dx| (dx, dy)));
            let (sum, count) =
                around.fold((0.0, 0.0), |(sum, count), (dx, dy)| (sum + ink(x + dx, y + dy), count + 1.0));
            [(sum / count) as u8; 3]
        });
        Frame::from_rgb(SIZE.0, SIZE.1, rgb.collect(), 0).unwrap()
    }

    fn lines() -> Vec<Rect> {
        let line =
            |index: usize| Rect { x: 255.0, y: index as f32 * 48.0 + 12.0, width: 340.0, height: 24.0 };
        (0..8).map(line).collect()
    }

    fn seen(picture: &Frame) -> Seen<'_> {
        Seen { picture, page: SIZE, to_picture: &Homography::IDENTITY }
    }

    const FACE: Rect = Rect { x: 85.0, y: 110.0, width: 70.0, height: 90.0 };

    #[test]
    fn what_one_lens_saw_is_alike() {
        let picture = page(None);
        let portrait = portrait(seen(&picture), FACE, &lines()).unwrap();
        let value = value(seen(&picture), &lines()).unwrap();
        assert!(portrait < 0.4 && value < 0.1, "{portrait} {value}");
    }

    #[test]
    fn what_a_program_put_in_is_sharper() {
        let picture = page(Some(Rect { x: 20.0, y: 40.0, width: 200.0, height: 240.0 }));
        let (own, text) = (portrait(seen(&picture), FACE, &lines()), value(seen(&picture), &lines()));
        assert!(own.unwrap() > 0.9 && text.unwrap() < 0.1, "{own:?} {text:?}");
        for index in 0..8 {
            let picture = page(Some(lines()[index]));
            let (own, text) = (portrait(seen(&picture), FACE, &lines()), value(seen(&picture), &lines()));
            assert!(own.unwrap() < 0.4 && text.unwrap() > 0.9, "{index}: {own:?} {text:?}");
        }
    }

    #[test]
    fn a_page_in_the_depth_of_the_picture_is_judged_as_the_camera_saw_it() {
        // Far to the right the page is smaller: what is cut out of the picture is less sharp there.
        let corners = [(40.0, 20.0), (560.0, 90.0), (560.0, 310.0), (40.0, 390.0)];
        let of_page = [(0.0, 0.0), (600.0, 0.0), (600.0, 400.0), (0.0, 400.0)];
        let [from, to] = [of_page, corners].map(|corners| corners.map(|(x, y)| Point::new(x, y)));
        let to_picture = Homography::between(&from, &to).unwrap();
        let picture = page(None);
        let seen = Seen { picture: &picture, page: SIZE, to_picture: &to_picture };
        assert!(value(seen, &lines()).unwrap() < 0.3);
    }

    #[test]
    fn few_values_and_flat_pages_are_not_judged() {
        let picture = page(None);
        assert_eq!(value(seen(&picture), &lines()[..3]), None);
        let flat = Frame::from_rgb(SIZE.0, SIZE.1, vec![120; (SIZE.0 * SIZE.1 * 3) as usize], 0).unwrap();
        assert_eq!(value(seen(&flat), &lines()), None);
        assert_eq!(portrait(seen(&flat), FACE, &lines()), None);
    }

    proptest! {
        #[test]
        fn no_boxes_break_it(
            boxes in proptest::collection::vec(proptest::array::uniform4(any::<f32>()), 0..6),
            near in proptest::array::uniform4(-900.0_f32..900.0),
        ) {
            let picture = page(None);
            let rect = |[x, y, width, height]: [f32; 4]| Rect { x, y, width, height };
            let mut boxes: Vec<Rect> = boxes.into_iter().map(rect).collect();
            boxes.push(rect(near));
            let face = boxes[0];
            let found = [portrait(seen(&picture), face, &boxes), value(seen(&picture), &boxes)];
            prop_assert!(found.into_iter().flatten().all(|score| (0.0..=1.0).contains(&score)));
        }
    }
}
