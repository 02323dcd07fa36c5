//! Each threshold with a drawn picture on either side.

use proptest::prelude::*;

use super::*;
use crate::document::{locate, rectify};

/// A card of 40 x 25 in 1/40 of its width, light blue with rows of small print, on a brown table.
fn picture(width: u32, change: impl Fn(f32, f32, [u8; 3]) -> [u8; 3]) -> Frame {
    let side = width as f32;
    cards((width, width * 3 / 4), &[[side * 0.15, side * 0.15, side * 0.7]], change)
}

/// Such cards on one table, each at left, top and width in pixels. `change` is told the place on the first one.
fn cards(
    (width, height): (u32, u32),
    cards: &[[f32; 3]],
    change: impl Fn(f32, f32, [u8; 3]) -> [u8; 3],
) -> Frame {
    let place =
        |[left, top, card]: [f32; 3], x: u32, y: u32| ((x as f32 - left) / card, (y as f32 - top) / card);
    let is_on = |(u, v): &(f32, f32)| (0.0..1.0).contains(u) && (0.0..1.0 / ID1_ASPECT).contains(v);
    let rgb = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .flat_map(|(x, y)| {
            let colour = match cards.iter().map(|card| place(*card, x, y)).find(is_on) {
                Some((u, v)) => {
                    let row = (v * 22.0).floor();
                    let is_print = (0.3..0.6 + 0.3 * (row * 0.37).fract()).contains(&u)
                        && (v * 22.0).fract() < 0.55
                        && (u * 240.0).sin() * (u * 137.0 + row).sin() > 0.0;
                    if is_print { [25, 25, 40] } else { [190, 205, 215] }
                }
                None => [95, 75, 60],
            };
            let (u, v) = place(cards[0], x, y);
            change(u, v, colour)
        })
        .collect();
    Frame::from_rgb(width, height, rgb, 0).unwrap()
}

/// The mean over squares of 2 `reach` + 1, twice: a blur of deviation 0.82 (`reach` + 0.5).
fn blurred(frame: &Frame, reach: i32) -> Frame {
    let (width, height) = (frame.width() as i32, frame.height() as i32);
    let pass = |rgb: &[u8], dx: i32, dy: i32| -> Vec<u8> {
        let mut out = Vec::with_capacity(rgb.len());
        for y in 0..height {
            for x in 0..width {
                for channel in 0..3 {
                    let sum: u32 = (-reach..=reach)
                        .map(|off| {
                            let (x, y) =
                                ((x + off * dx).clamp(0, width - 1), (y + off * dy).clamp(0, height - 1));
                            u32::from(rgb[((y * width + x) * 3 + channel) as usize])
                        })
                        .sum();
                    out.push((sum / (2 * reach + 1) as u32) as u8);
                }
            }
        }
        out
    };
    let mut rgb = frame.rgb().to_vec();
    for (dx, dy) in [(1, 0), (0, 1), (1, 0), (0, 1)] {
        rgb = pass(&rgb, dx, dy);
    }
    Frame::from_rgb(frame.width(), frame.height(), rgb, 0).unwrap()
}

fn measured(frame: &Frame) -> (Quality, Vec<PageFault>) {
    let located = locate(frame).unwrap();
    let page = rectify(frame, &located.corners, located.aspect, 1800).unwrap();
    let quality = quality(frame, &located, &page.frame);
    (quality, faults(&located, &quality))
}

#[test]
fn a_clear_picture_has_no_fault() {
    let (quality, faults) = measured(&picture(1200, |_, _, colour| colour));
    assert_eq!(faults, [], "{quality:?}");
    assert!(quality.page.sharpness > 0.7 && quality.page.outline > 0.9, "{quality:?}");
}

#[test]
fn blur_counts_where_print_runs_together() {
    let clear = picture(1200, |_, _, colour| colour);
    let (little, much) = (measured(&blurred(&clear, 1)), measured(&blurred(&clear, 4)));
    assert_eq!(little.1, [], "{:?}", little.0);
    assert_eq!(much.1, [PageFault::Blur], "{:?}", much.0);
    assert!(much.0.page.sharpness < 0.5 * little.0.page.sharpness);
}

#[test]
fn a_document_of_too_few_pixels_is_as_good_as_blurred() {
    // 280 and 210 pixels for 85.6 mm.
    assert!(!measured(&picture(400, |_, _, colour| colour)).1.contains(&PageFault::Blur));
    assert!(measured(&picture(300, |_, _, colour| colour)).1.contains(&PageFault::Blur));
}

#[test]
fn a_reflection_counts_where_it_burns_out_what_is_below() {
    let shine = |strength: f32| {
        picture(1200, move |u, v, colour| {
            let shines = strength * (-0.5 * (u - 0.6).hypot(v - 0.3).powi(2) / 0.08_f32.powi(2)).exp();
            colour.map(|level| (f32::from(level) + shines).min(255.0) as u8)
        })
    };
    let (faint, strong) = (measured(&shine(40.0)), measured(&shine(700.0)));
    assert_eq!(faint.1, [], "{:?}", faint.0);
    assert_eq!(strong.1, [PageFault::Glare], "{:?}", strong.0);
    // A white patch with an edge, and paper that is white all over, are no reflections.
    let patch = measured(&picture(1200, |u, v, colour| {
        if (0.05..0.25).contains(&u) && (0.15..0.45).contains(&v) { [255; 3] } else { colour }
    }));
    assert_eq!(patch.0.page.glare, 0.0);
    let white = measured(&picture(1200, |_, _, colour| if colour[0] == 190 { [255; 3] } else { colour }));
    assert_eq!(white.0.page.glare, 0.0);
}

#[test]
fn a_thumb_over_the_edge_obstructs() {
    let thumb = |reach: f32| {
        picture(1200, move |u, v, colour| {
            let off = ((u - 0.75) / 0.09).hypot((v - 0.69) / reach);
            if off < 1.0 { [215, 150, 120] } else { colour }
        })
    };
    let (beside, over) = (measured(&thumb(0.04)), measured(&thumb(0.17)));
    assert_eq!(beside.1, [], "{:?}", beside.0);
    assert!(over.1.contains(&PageFault::Obstructed), "{:?}", over.0);
}

#[test]
fn a_card_whose_end_lies_outside_the_picture_obstructs() {
    let shifted = |left: f32| measured(&cards((1200, 900), &[[left, 180.0, 840.0]], |_, _, colour| colour));
    let (inside, outside) = (shifted(330.0), shifted(520.0));
    assert_eq!(inside.1, [], "{:?}", inside.0);
    assert!(outside.1.contains(&PageFault::Obstructed), "{:?}", outside.0);
}

#[test]
fn a_second_card_counts_where_it_could_be_taken_for_the_first() {
    let beside = |width: f32| {
        measured(&cards((1500, 800), &[[60.0, 200.0, 640.0], [800.0, 200.0, width]], |_, _, colour| colour))
    };
    // A third of the first one's area, and nearly all of it.
    let (small, large) = (beside(340.0), beside(620.0));
    assert!(!small.1.contains(&PageFault::SeveralDocuments), "{:?}", small.0);
    assert!(large.1.contains(&PageFault::SeveralDocuments), "{:?}", large.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_page_breaks_the_measures(
        width in 1_u32..90, height in 1_u32..90, fill in proptest::array::uniform7(any::<u8>()),
    ) {
        let rgb: Vec<u8> = fill.iter().copied().cycle().take((width * height * 3) as usize).collect();
        let frame = Frame::from_rgb(width, height, rgb, 0).unwrap();
        prop_assert!((0.0..=1.0).contains(&glare(&frame)));
        prop_assert!(blur(&frame).is_none_or(|blur| blur > 0.0));
        let at = |x: u32, y: u32| Point::new(x as f32, y as f32);
        if let Some(located) = locate(&picture(120, |_, _, colour| colour)) {
            let located = Located { corners: [at(0, 0), at(width, 0), at(width, height), at(0, height)], ..located };
            prop_assert!((0.0..=1.0).contains(&covered(&frame, &located)));
        }
    }
}
