//! Single-frame presentation attack detection, and where it is blind.
//!
//! The detector looks for the signs of a print or a screen beside the face. NUAA development set, 180 live and 180
//! print frames: no error at 0.5. Blind where the surroundings are missing, and open to attacks that its model card
//! names: film grain over a print, blurred copies as surroundings, good screens. One signal among several, never a
//! proof.

use domain::{Blind, LivenessSignal};

use crate::face::Upright;
use crate::resize::{Quality, Region, resize};
use crate::runtime::{Pool, RuntimeError, Tensor};

/// `fr_liveness`: the face with its surroundings in, live or not out.
#[derive(Debug)]
pub struct FrLiveness {
    pool: Pool,
}

const SIDE: usize = 128;
/// The picture as a multiple of the face's box.
const SHOWN: f32 = 2.7;
/// With less around the face the detector rejects live people. NUAA frames cut to a multiple of the box, live ones
/// under 0.5: none of 180 at 1.8, 7 at 1.6, 23 at 1.4, 94 at 1.2 (2026-11-21).
const LEAST_SHOWN: f32 = 1.6;
/// Narrowest box in px: prints pass at 25 px, none at 40 or 60, with a margin.
const LEAST_WIDTH: f32 = 60.0;
/// A larger share of perfectly even places around the face is a canvas: all 720 drawn ones have 0.8 or more, live NUAA
/// frames at most 0.6, 2 of 300 LFW photos more.
const FLAT_SHARE: f32 = 0.6;
/// The face and what is this near to it does not count as surroundings.
const FACE_ITSELF: f32 = 1.3;
/// Weakest colour: 99 % of NUAA's live frames have 4.8 or more; without colour 55 of 180 live people are rejected.
const LEAST_CHROMA: f32 = 4.0;
/// Darkest face, luma 0..255: at 0.15 of the light 72 of 180 live people are rejected.
const LEAST_LUMA: f32 = 25.0;
/// Made upright from 45 degrees 16 of 172 prints pass, from 30 degrees 3 of 180.
const MOST_LEAN_DEGREES: f32 = 30.0;

/// What the detector looks at: `SIDE` x `SIDE`, red, green, blue, and where the face is in it.
struct Picture {
    rgb: Vec<u8>,
    /// Left, top, right, bottom of the face with its near surroundings.
    face: [f32; 4],
}

impl FrLiveness {
    /// The detector over copies of its model.
    pub fn new(pool: Pool) -> Self {
        Self { pool }
    }

    /// Loads the model ahead of its first use.
    ///
    /// # Errors
    /// Those of opening it.
    pub fn load(&self) -> Result<(), RuntimeError> {
        self.pool.load()
    }

    /// Whether the face is live, or why that cannot be told.
    ///
    /// # Errors
    /// Those of the runtime.
    pub(crate) fn judge(&self, upright: &Upright<'_>) -> Result<LivenessSignal, RuntimeError> {
        let tell = |blind| Ok(LivenessSignal::CouldNotTell { blind });
        if upright.reach < LEAST_SHOWN {
            return tell(Blind::NoSurroundings);
        }
        if upright.bounds.width < LEAST_WIDTH {
            return tell(Blind::FaceTooSmall);
        }
        if upright.lean_degrees > MOST_LEAN_DEGREES {
            return tell(Blind::HeadLeans);
        }
        let Some(picture) = Picture::of(upright) else { return tell(Blind::NoSurroundings) };
        if let Some(blind) = picture.blind() {
            return tell(blind);
        }
        let answers = self.pool.run(picture.tensor())?;
        let logits = answers.first().map(Tensor::data).filter(|logits| logits.len() == 3);
        let score = live_share(logits.ok_or(RuntimeError::Shape { model: "fr_liveness" })?);
        Ok(LivenessSignal::Scored { score })
    }
}

/// The first of the softmaxed classes is live; the others are attacks.
fn live_share(logits: &[f32]) -> f32 {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let total: f32 = logits.iter().map(|logit| (logit - highest).exp()).sum();
    logits.first().map_or(0.0, |live| (live - highest).exp() / total)
}

impl Picture {
    /// The box times 2.7, or as much as there is, shifted to lie inside; each axis by itself brought to the input's
    /// side, as the model was trained.
    fn of(upright: &Upright<'_>) -> Option<Self> {
        let (frame, bounds) = (&upright.frame, upright.bounds);
        let (last_x, last_y) = (frame.width() as f32 - 1.0, frame.height() as f32 - 1.0);
        let shown = SHOWN.min(last_x / bounds.width).min(last_y / bounds.height);
        let span = |start: f32, length: f32, last: f32| {
            let wanted = (length * shown).min(last);
            let from = (start + (length - wanted) / 2.0).clamp(0.0, last - wanted);
            (from.floor(), wanted.floor().max(1.0))
        };
        let (left, width) = span(bounds.x, bounds.width, last_x);
        let (top, height) = span(bounds.y, bounds.height, last_y);
        let region =
            Region { left: left.into(), top: top.into(), width: width.into(), height: height.into() };
        let rgb = resize(frame, region, (SIDE as u32, SIDE as u32), Quality::Area)?;
        let centre = bounds.centre();
        let (half_width, half_height) = (bounds.width * FACE_ITSELF / 2.0, bounds.height * FACE_ITSELF / 2.0);
        let (to_x, to_y) = (SIDE as f32 / width, SIDE as f32 / height);
        Some(Self {
            rgb,
            face: [
                (centre.x - half_width - left) * to_x,
                (centre.y - half_height - top) * to_y,
                (centre.x + half_width - left) * to_x,
                (centre.y + half_height - top) * to_y,
            ],
        })
    }

    fn luma(&self, place: usize) -> i32 {
        let [red, green, blue] = [0, 1, 2].map(|channel| i32::from(self.rgb[place * 3 + channel]));
        (299 * red + 587 * green + 114 * blue + 500) / 1000
    }

    fn in_face(&self, place: usize) -> bool {
        let (x, y) = ((place % SIDE) as f32, (place / SIDE) as f32);
        let [left, top, right, bottom] = self.face;
        x >= left.floor() && x < right.ceil() && y >= top.floor() && y < bottom.ceil()
    }

    fn blind(&self) -> Option<Blind> {
        let (mut around, mut flat, mut face, mut face_luma, mut chroma) = (0, 0, 0, 0, 0.0);
        for place in 0..SIDE * SIDE {
            let luma = self.luma(place);
            // Distance from grey in BT.601's Cr and Cb.
            let [red, blue] = [0, 2].map(|channel| i32::from(self.rgb[place * 3 + channel]));
            chroma += 0.713 * (red - luma).abs() as f32 + 0.564 * (blue - luma).abs() as f32;
            if self.in_face(place) {
                face += 1;
                face_luma += luma;
            } else if place % SIDE + 1 < SIDE && place / SIDE + 1 < SIDE {
                around += 1;
                flat += i32::from(self.luma(place + 1) == luma && self.luma(place + SIDE) == luma);
            }
        }
        if (face_luma as f32) < LEAST_LUMA * face as f32 {
            Some(Blind::BadExposure)
        } else if chroma / ((SIDE * SIDE) as f32) < LEAST_CHROMA {
            Some(Blind::NoColour)
        } else if flat as f32 >= FLAT_SHARE * around.max(1) as f32 {
            Some(Blind::FlatSurroundings)
        } else {
            None
        }
    }

    /// BGR, 0..255, planar: the model does not want its input scaled.
    fn tensor(&self) -> Tensor {
        let plane = SIDE * SIDE;
        Tensor::from_fn(&[1, 3, SIDE, SIDE], |index| {
            f32::from(self.rgb[index % plane * 3 + 2 - index / plane])
        })
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use media::Frame;
    use proptest::prelude::*;

    use super::*;
    use crate::geometry::Rect;
    use crate::runtime::{Network, RuntimeError};

    struct Fixed(Vec<f32>);
    impl Network for Fixed {
        fn outputs(&self) -> &[String] {
            &[]
        }
        fn run_all(&mut self, _inputs: Vec<Tensor>) -> Result<Vec<Tensor>, RuntimeError> {
            Ok(vec![Tensor::new(&[1, 3], self.0.clone()).unwrap()])
        }
    }

    fn detector() -> FrLiveness {
        FrLiveness::new(Pool::new(1, || Ok(Box::new(Fixed(vec![2.0, 0.0, 0.0])) as Box<dyn Network>)))
    }

    fn noise(width: u32, height: u32, paint: impl Fn(u32, u32) -> Option<[u8; 3]>) -> Frame {
        let rgb = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .flat_map(|(x, y)| {
                let grain = (x.wrapping_mul(7919) ^ y.wrapping_mul(104_729)) % 97;
                paint(x, y).unwrap_or([90 + grain as u8, 60 + grain as u8, 40])
            })
            .collect();
        Frame::from_rgb(width, height, rgb, 0).unwrap()
    }

    fn upright(frame: &Frame, bounds: Rect) -> Upright<'_> {
        let reach =
            ((frame.width() as f32 - 1.0) / bounds.width).min((frame.height() as f32 - 1.0) / bounds.height);
        Upright { frame: Cow::Borrowed(frame), bounds, reach, lean_degrees: 0.0 }
    }

    const FACE: Rect = Rect { x: 250.0, y: 150.0, width: 140.0, height: 180.0 };

    fn blind_of(frame: &Frame, bounds: Rect) -> Option<Blind> {
        match detector().judge(&upright(frame, bounds)).unwrap() {
            LivenessSignal::CouldNotTell { blind } => Some(blind),
            LivenessSignal::Scored { .. } => None,
        }
    }

    #[test]
    fn a_face_with_surroundings_is_scored() {
        let frame = noise(640, 480, |_, _| None);
        let LivenessSignal::Scored { score } = detector().judge(&upright(&frame, FACE)).unwrap() else {
            panic!("not scored")
        };
        assert!((score - 0.787).abs() < 1e-3, "{score}");
    }

    #[test]
    fn each_blindness_has_its_name() {
        let frame = noise(640, 480, |_, _| None);
        let tight = Rect { x: 100.0, y: 20.0, width: 340.0, height: 440.0 };
        assert_eq!(blind_of(&frame, tight), Some(Blind::NoSurroundings));
        let small = Rect { width: 50.0, height: 60.0, ..FACE };
        assert_eq!(blind_of(&frame, small), Some(Blind::FaceTooSmall));
        let in_face = |x: u32, y: u32| (250..390).contains(&x) && (150..330).contains(&y);
        let canvas = noise(640, 480, |x, y| (!in_face(x, y)).then_some([200, 120, 90]));
        assert_eq!(blind_of(&canvas, FACE), Some(Blind::FlatSurroundings));
        let grey = noise(640, 480, |x, y| Some([(x * 7 + y * 13) as u8; 3]));
        assert_eq!(blind_of(&grey, FACE), Some(Blind::NoColour));
        let dark = noise(640, 480, |x, y| Some([9 + ((x * 7) ^ y) as u8 % 8, 5, 2]));
        assert_eq!(blind_of(&dark, FACE), Some(Blind::BadExposure));
        let leaning = Upright { lean_degrees: 40.0, ..upright(&frame, FACE) };
        assert_eq!(
            detector().judge(&leaning).unwrap(),
            LivenessSignal::CouldNotTell { blind: Blind::HeadLeans }
        );
    }

    #[test]
    fn live_is_the_first_class() {
        assert!(live_share(&[9.0, 0.0, 0.0]) > 0.99);
        assert!(live_share(&[0.0, 9.0, 0.0]) < 0.01);
        assert!(live_share(&[]) < 0.01);
    }

    proptest! {
        #[test]
        fn no_box_breaks_the_crop(
            width in 1_u32..300, height in 1_u32..300,
            x in -200.0_f32..300.0, y in -200.0_f32..300.0, w in 1.0_f32..300.0, h in 1.0_f32..300.0,
        ) {
            let frame = noise(width, height, |_, _| None);
            let _ = detector().judge(&upright(&frame, Rect { x, y, width: w, height: h })).unwrap();
        }
    }
}
