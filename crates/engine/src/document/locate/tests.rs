//! On drawn pictures: an even card with some print on an even table.

use proptest::prelude::*;

use super::*;
use crate::homography::Homography;

/// A picture under construction.
struct Drawing {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

impl Drawing {
    fn table(width: u32, height: u32, colour: [u8; 3]) -> Self {
        let rgb = colour.iter().copied().cycle().take((width * height * 3) as usize).collect();
        Self { width, height, rgb }
    }

    /// A light card with rows of print and a dark portrait, its corners clockwise from its top left.
    fn card(mut self, corners: [Point; 4]) -> Self {
        let card = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)].map(|(x, y)| Point::new(x, y));
        let to_card = Homography::between(&corners, &card).unwrap();
        for y in 0..self.height {
            for x in 0..self.width {
                let at = to_card.apply(Point::new(x as f32, y as f32));
                if !(0.0..1.0).contains(&at.x) || !(0.0..1.0).contains(&at.y) {
                    continue;
                }
                let portrait = (0.05..0.3).contains(&at.x) && (0.2..0.7).contains(&at.y);
                let row = (at.y * 18.0).floor();
                let ends = 0.5 + 0.4 * (row * 0.37).fract();
                let in_row = (0.35..ends).contains(&at.x) && (at.y * 18.0).fract() < 0.5;
                let print = in_row && (at.x * 240.0).sin() * (at.x * 137.0 + row).sin() > 0.0;
                let colour = if portrait {
                    [90, 60, 50]
                } else if print {
                    [30; 3]
                } else {
                    [215, 222, 228]
                };
                let start = ((y * self.width + x) * 3) as usize;
                self.rgb[start..start + 3].copy_from_slice(&colour);
            }
        }
        self
    }

    fn frame(self) -> Frame {
        Frame::from_rgb(self.width, self.height, self.rgb, 0).unwrap()
    }
}

/// Corners of a card `aspect` x 1 that is turned by `roll` and pitched by `pitch` degrees, its middle at `middle`.
fn posed(aspect: f32, size_px: f32, roll: f32, pitch: f32, middle: (f32, f32)) -> [Point; 4] {
    let (sr, cr) = roll.to_radians().sin_cos();
    let (sp, cp) = pitch.to_radians().sin_cos();
    [(-aspect, -1.0), (aspect, -1.0), (aspect, 1.0), (-aspect, 1.0)].map(|(x, y)| {
        let (x, y) = (x / 2.0 / aspect, y / 2.0 / aspect);
        let (x, y) = (x * cr - y * sr, x * sr + y * cr);
        let depth = 1.0 + y * sp * size_px / 800.0;
        Point::new(middle.0 + x * size_px / depth, middle.1 + y * cp * size_px / depth)
    })
}

/// Largest distance of a corner to where it should be, whatever corner comes first.
fn off(found: &[Point; 4], truth: &[Point; 4]) -> f32 {
    (0..4)
        .map(|turn| (0..4).map(|i| found[(i + turn) % 4].distance(truth[i])).fold(0.0, f32::max))
        .fold(f32::INFINITY, f32::min)
}

#[test]
fn a_card_is_found_at_any_turn_and_pitch() {
    for roll in [0.0, 20.0, 90.0, 135.0, 200.0, 300.0] {
        for pitch in [-40.0, 0.0, 40.0] {
            let truth = posed(ID1_ASPECT, 480.0, roll, pitch, (500.0, 370.0));
            let frame = Drawing::table(1000, 750, [90, 80, 70]).card(truth).frame();
            let located = locate(&frame).unwrap();
            assert_eq!(located.outline, Outline::Seen);
            assert!(off(&located.corners, &truth) < 3.0, "{roll} {pitch} {:?} {truth:?}", located.corners);
            assert_eq!(located.aspect, ID1_ASPECT, "{roll} {pitch} {}", located.measured_aspect);
            assert!(!located.view.cut.any() && located.second.is_none());
        }
    }
}

#[test]
fn a_page_of_a_passport_has_its_own_aspect_and_a_level_page_starts_at_its_top_left() {
    let truth = posed(ID3_ASPECT, 600.0, 5.0, 20.0, (520.0, 360.0));
    let frame = Drawing::table(1000, 750, [230, 230, 225]).card(truth).frame();
    let located = locate(&frame).unwrap();
    assert_eq!(located.aspect, ID3_ASPECT);
    assert!(located.corners[0].distance(truth[0]) < 3.0);
    assert!((located.view.size_px - 600.0).abs() < 70.0);
    assert!(located.view.margins.iter().all(|margin| *margin > 0.05));
}

#[test]
fn two_cards_are_several_documents() {
    let (left, right) = (
        posed(ID1_ASPECT, 400.0, 3.0, 0.0, (250.0, 250.0)),
        posed(ID1_ASPECT, 400.0, -4.0, 0.0, (720.0, 500.0)),
    );
    let frame = Drawing::table(1000, 750, [60, 70, 90]).card(left).card(right).frame();
    let located = locate(&frame).unwrap();
    let second = located.second.unwrap_or_else(|| panic!("{located:?}"));
    assert!(off(&located.corners, &left).min(off(&located.corners, &right)) < 3.0);
    assert!(off(&second, &left).min(off(&second, &right)) < 8.0);
}

#[test]
fn a_picture_full_of_print_without_an_outline_is_the_document() {
    let truth =
        [(-30.0, -30.0), (830.0, -30.0), (830.0, 530.0), (-30.0, 530.0)].map(|(x, y)| Point::new(x, y));
    let located = locate(&Drawing::table(800, 500, [0; 3]).card(truth).frame()).unwrap();
    assert_eq!(located.outline, Outline::Picture, "{located:?}");
    assert_eq!((located.view.aspect, located.view.cut.any()), (1.6, false));
}

#[test]
fn a_document_that_reaches_beyond_the_picture_is_cut_there() {
    let truth = posed(ID1_ASPECT, 760.0, 0.0, 0.0, (800.0, 370.0));
    let located = locate(&Drawing::table(1000, 750, [60, 70, 90]).card(truth).frame()).unwrap();
    assert_eq!(located.view.cut, Edges { right: true, ..Edges::default() }, "{located:?}");
}

#[test]
fn an_empty_table_holds_no_document() {
    assert_eq!(locate(&Drawing::table(640, 480, [120, 90, 60]).frame()), None);
    assert_eq!(locate(&Drawing::table(1, 1, [120; 3]).frame()), None);
    assert_eq!(locate(&Drawing::table(5000, 3, [120; 3]).frame()), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_picture_breaks_the_search(width in 1_u32..180, height in 1_u32..180, seed in any::<u64>()) {
        let mut state = seed | 1;
        let rgb = (0..width * height * 3)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            })
            .collect();
        let frame = Frame::from_rgb(width, height, rgb, 0).unwrap();
        if let Some(located) = locate(&frame) {
            prop_assert!(located.corners.iter().all(|at| at.x.is_finite() && at.y.is_finite()));
            prop_assert!(located.aspect > 0.0 && (0.0..=1.0).contains(&located.score));
        }
    }
}
