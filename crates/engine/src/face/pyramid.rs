//! Finds faces of any size, and upright whichever way the photo lies, by showing YuNet the photo at several scales.

use media::Frame;

use super::detect::suppress;
use super::{Face, Landmarks, Yunet};
use crate::geometry::{Outside, Point, Transform, cut};
use crate::resize::{Quality, Region, resize};
use crate::runtime::RuntimeError;

/// Which faces the caller needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// The faces in front. Stops at the coarsest scale that surely shows a face: what it does not show is then
    /// smaller than about a thirtieth of the photo.
    Front,
    /// Every face down to about 40 px in a 12 MP photo.
    All,
}

/// YuNet at several scales and turns.
#[derive(Debug)]
pub struct Detector {
    yunet: Yunet,
}

/// Lowest score kept.
const THRESHOLD: f32 = 0.5;
/// From this score on a face is sure enough to end the search.
const SURE: f32 = 0.8;
/// From this score on a face is surely upright. YuNet finds faces that lie or stand on their head too, with eyes and
/// mouth in the wrong places: of 300 LFW photos turned three ways none scores 0.92 or more, of those left as they are
/// three quarters (2026-11-21).
const UPRIGHT: f32 = 0.92;
/// A turned photo must beat the photo as it lies by this much, since most photos lie right: one of 1,583 upright LFW
/// photos looks better on its head, by 0.013.
const TURN_MARGIN: f32 = 0.015;
/// Long side of the coarsest scale, on which a face that fills the frame is still small enough for YuNet.
const COARSE: u32 = 320;
/// Long side of the scale that fits one input as YuNet was published.
const MEDIUM: u32 = 640;
/// Long side of the finest scale: a face of 40 px in a photo of 4000 px is 20 px here.
const FINE: u32 = 2048;
/// Side of the tiles into which the finest scale is cut, so that memory does not grow with the photo.
const TILE: u32 = 640;
/// Neighbouring tiles share this much, so that a small face lies whole in one of them.
const TILE_OVERLAP: u32 = 96;
/// Size of a face in the near look, where YuNet's points are at their best.
const NEAR_FACE: f32 = 128.0;
/// Side of the near look, and of the far look, which shows the whole frame at half that with a black margin.
const LOOK_SIDE: u32 = 256;
/// Most faces of one photo, the best: each may cost some looks, and a mosaic of faces must not hold a processor up.
const MAX_FACES: usize = 100;
/// Looks at one face at most.
const MAX_LOOKS: usize = 3;
/// Two looks whose eye lines differ by less than this, in degrees, agree.
const STEADY_DEGREES: f32 = 10.0;

impl Detector {
    /// A search with `yunet`.
    pub fn new(yunet: Yunet) -> Self {
        Self { yunet }
    }

    /// Loads the model ahead of its first use.
    ///
    /// # Errors
    /// Those of opening it.
    pub fn load(&self) -> Result<(), RuntimeError> {
        self.yunet.load()
    }

    /// Faces of `frame`, best first, with their points on the person's own eyes even when the photo lies on its side.
    ///
    /// With [`Search::Front`] only the points of the face in front are refined by a second look.
    ///
    /// # Errors
    /// Those of the runtime.
    pub fn detect(&self, frame: &Frame, search: Search) -> Result<Vec<Face>, RuntimeError> {
        let mut faces = self.in_best_turn(frame, search)?;
        faces.truncate(MAX_FACES);
        let front = main_face(frame, &faces).copied();
        let mut confirmed = Vec::with_capacity(faces.len());
        for face in faces {
            let is_sure = face.score >= SURE;
            if search == Search::Front && is_sure && Some(face) != front {
                confirmed.push(face);
            } else if let Some(landmarks) = self.look_from_near(frame, &face)? {
                confirmed.push(Face { landmarks, ..face });
            } else if is_sure {
                confirmed.push(face);
            }
        }
        Ok(confirmed)
    }

    fn in_best_turn(&self, frame: &Frame, search: Search) -> Result<Vec<Face>, RuntimeError> {
        let as_it_lies = self.search(frame, Turn::None, search)?;
        if best_score(&as_it_lies) >= UPRIGHT {
            return Ok(as_it_lies);
        }
        for side in [COARSE, MEDIUM] {
            let lying = best_score(&self.at_scale(frame, Turn::None, side)?);
            let mut best = (Turn::None, lying + TURN_MARGIN);
            for turn in [Turn::Right, Turn::Left, Turn::Over] {
                let score = best_score(&self.at_scale(frame, turn, side)?);
                if score > best.1 {
                    best = (turn, score);
                }
            }
            if best.0 != Turn::None && best.1 >= SURE {
                return self.search(frame, best.0, search);
            }
            if lying >= SURE || frame.width().max(frame.height()) <= side {
                break;
            }
        }
        if as_it_lies.is_empty() { self.look_from_afar(frame) } else { Ok(as_it_lies) }
    }

    fn search(&self, frame: &Frame, turn: Turn, search: Search) -> Result<Vec<Face>, RuntimeError> {
        let long_side = frame.width().max(frame.height());
        let go_on = |faces: &[Face]| search == Search::All || best_score(faces) < SURE;
        let mut faces = self.at_scale(frame, turn, COARSE)?;
        if long_side > COARSE && go_on(&faces) {
            faces.extend(self.at_scale(frame, turn, MEDIUM)?);
        }
        if long_side > MEDIUM && go_on(&faces) {
            for tile in View::whole(frame, turn, FINE).tiles() {
                faces.extend(self.in_view(frame, &tile)?);
            }
        }
        Ok(suppress(faces))
    }

    fn at_scale(&self, frame: &Frame, turn: Turn, long_side: u32) -> Result<Vec<Face>, RuntimeError> {
        self.in_view(frame, &View::whole(frame, turn, long_side))
    }

    fn in_view(&self, frame: &Frame, view: &View) -> Result<Vec<Face>, RuntimeError> {
        let seen = self.yunet.detect(view.picture(frame), THRESHOLD)?;
        Ok(seen.into_iter().map(|face| face.map(|point| view.to_frame.apply(point))).collect())
    }

    /// The points of `face` from a closer look, with the head turned upright; `None` where that shows no such face,
    /// which unmasks most chance finds.
    ///
    /// YuNet's points are good to about a pixel of its input and follow the roll of a head only by half. A look at the
    /// size it sees best, upright by the points so far, mends both: in a trial with looks twice this size, heads rolled
    /// by 30 degrees came from a median cosine of 0.63 with the unrolled photo to 0.96 (40 LFW photos, 2026-11-21).
    /// Looks go on until two agree; the mean of those two is less noisy than either.
    fn look_from_near(&self, frame: &Frame, face: &Face) -> Result<Option<Landmarks>, RuntimeError> {
        let scale = face.bounds.width.max(face.bounds.height) / NEAR_FACE;
        let view = View::around(frame, face.bounds.centre(), scale);
        let Some(to_view) = view.to_frame.inverse() else { return Ok(None) };

        let (mut landmarks, mut is_confirmed) = (face.landmarks, false);
        for _ in 0..MAX_LOOKS {
            let (sin, cos) = landmarks.roll_degrees().to_radians().sin_cos();
            let to_frame = Transform::about(cos * scale, sin * scale, middle_of_look(), face.bounds.centre());
            let seen = self.look(view.picture(frame), to_view.after(&to_frame))?;
            let same = seen.iter().find(|near| {
                let size = near.bounds.width.max(near.bounds.height);
                (NEAR_FACE * 0.6..NEAR_FACE * 1.6).contains(&size)
                    && near.bounds.centre().distance(middle_of_look()) < NEAR_FACE / 3.0
            });
            let Some(near) = same.map(|near| near.map(|point| to_frame.apply(point)).landmarks) else {
                break;
            };
            let turned = (near.roll_degrees() - landmarks.roll_degrees() + 540.0).rem_euclid(360.0) - 180.0;
            if turned.abs() < STEADY_DEGREES {
                return Ok(Some(landmarks.mean(&near)));
            }
            (landmarks, is_confirmed) = (near, true);
        }
        Ok(is_confirmed.then_some(landmarks))
    }

    fn look(&self, frame: &Frame, to_frame: Transform) -> Result<Vec<Face>, RuntimeError> {
        let side = LOOK_SIDE as usize;
        match Frame::from_rgb(LOOK_SIDE, LOOK_SIDE, cut(frame, to_frame, side, side, Outside::Black), 0) {
            Some(picture) => self.yunet.detect(&picture, THRESHOLD),
            None => Ok(Vec::new()),
        }
    }

    /// Faces so near that they fill more than the frame: shown small, with black around them.
    fn look_from_afar(&self, frame: &Frame) -> Result<Vec<Face>, RuntimeError> {
        let (width, height) = (frame.width() as f32, frame.height() as f32);
        let scale = width.max(height) / (LOOK_SIDE as f32 / 2.0);
        let middle = Point::new((width - 1.0) / 2.0, (height - 1.0) / 2.0);
        let to_frame = Transform::about(scale, 0.0, middle_of_look(), middle);
        let faces = self.look(frame, to_frame)?;
        Ok(faces.iter().map(|face| face.map(|point| to_frame.apply(point))).collect())
    }
}

fn middle_of_look() -> Point {
    let middle = (LOOK_SIDE as f32 - 1.0) / 2.0;
    Point::new(middle, middle)
}

/// The face in front: the largest, where one at the frame's edge counts for less than one in the middle.
pub fn main_face<'a>(frame: &Frame, faces: &'a [Face]) -> Option<&'a Face> {
    let centre = Point::new(frame.width() as f32 / 2.0, frame.height() as f32 / 2.0);
    let reach = centre.distance(Point::new(0.0, 0.0)).max(1.0);
    let prominence = |face: &Face| {
        let off_centre = (face.bounds.centre().distance(centre) / reach).min(1.0);
        face.bounds.area() * (1.0 - 0.75 * off_centre)
    };
    faces.iter().max_by(|a, b| prominence(a).total_cmp(&prominence(b)))
}

fn best_score(faces: &[Face]) -> f32 {
    faces.iter().map(|face| face.score).fold(0.0, f32::max)
}

/// How a photo is turned before the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    None,
    /// By 90 degrees clockwise.
    Right,
    /// By 90 degrees counter-clockwise.
    Left,
    /// By 180 degrees.
    Over,
}

impl Turn {
    /// From places in the turned picture to those in the picture of `width` x `height` as it lay.
    fn transform(self, width: f32, height: f32) -> Transform {
        match self {
            Turn::None => Transform { a: 1.0, b: 0.0, tx: 0.0, ty: 0.0 },
            Turn::Right => Transform { a: 0.0, b: -1.0, tx: 0.0, ty: height - 1.0 },
            Turn::Left => Transform { a: 0.0, b: 1.0, tx: width - 1.0, ty: 0.0 },
            Turn::Over => Transform { a: -1.0, b: 0.0, tx: width - 1.0, ty: height - 1.0 },
        }
    }

    fn apply(self, width: u32, height: u32, rgb: &[u8]) -> (u32, u32, Vec<u8>) {
        let (turned_width, turned_height) =
            if matches!(self, Turn::Right | Turn::Left) { (height, width) } else { (width, height) };
        let mut turned = Vec::with_capacity(rgb.len());
        for y in 0..turned_height {
            for x in 0..turned_width {
                let (from_x, from_y) = match self {
                    Turn::None => (x, y),
                    Turn::Right => (y, height - 1 - x),
                    Turn::Left => (width - 1 - y, x),
                    Turn::Over => (width - 1 - x, height - 1 - y),
                };
                let start = (from_y * width + from_x) as usize * 3;
                turned.extend_from_slice(&rgb[start..start + 3]);
            }
        }
        (turned_width, turned_height, turned)
    }
}

/// A scaled and turned copy of a frame, or a part of one.
struct View {
    /// `None` where the frame itself serves.
    copy: Option<Frame>,
    to_frame: Transform,
}

impl View {
    /// The whole frame, its long side brought down to `long_side`; never enlarged.
    fn whole(frame: &Frame, turn: Turn, long_side: u32) -> Self {
        let (width, height) = (frame.width(), frame.height());
        let scale = f64::from(width.max(height)) / f64::from(long_side);
        let (width, height, shrunk) = if scale > 1.0 {
            match shrink(frame, scale) {
                Some(shrunk) => shrunk,
                // Only a picture thinner than one pixel of the copy cannot be shrunk; it holds no face.
                None => (1, 1, vec![0; 3]),
            }
        } else if turn == Turn::None {
            return Self { copy: None, to_frame: turn.transform(0.0, 0.0) };
        } else {
            (width, height, frame.rgb().to_vec())
        };
        let scale = scale.max(1.0) as f32;
        let enlarge = Transform { a: scale, b: 0.0, tx: (scale - 1.0) / 2.0, ty: (scale - 1.0) / 2.0 };
        let to_frame = enlarge.after(&turn.transform(width as f32, height as f32));
        let (width, height, rgb) =
            if turn == Turn::None { (width, height, shrunk) } else { turn.apply(width, height, &shrunk) };
        Self { copy: Frame::from_rgb(width, height, rgb, 0), to_frame }
    }

    /// What a near look at `centre` can show, at no more than 1.5 times the size it shows it: from a large photo the
    /// mean of all pixels would cost 40 ms. The frame itself where that is no reduction.
    fn around(frame: &Frame, centre: Point, scale: f32) -> Self {
        let whole = Self { copy: None, to_frame: Turn::None.transform(0.0, 0.0) };
        let reduction = scale / 1.5;
        if !(reduction > 1.5 && reduction.is_finite()) {
            return whole;
        }
        // Half the diagonal of the look, since it may be turned.
        let reach = LOOK_SIDE as f32 * scale * 0.71;
        let span = |middle: f32, length: u32| {
            let start = (middle - reach).clamp(0.0, length as f32).floor();
            let end = (middle + reach).clamp(0.0, length as f32);
            (start, ((end - start) / reduction) as u32)
        };
        let (left, width) = span(centre.x, frame.width());
        let (top, height) = span(centre.y, frame.height());
        // Rounding must not carry it past the frame.
        let length = |pixels: u32, start: f32, limit: u32| {
            (f64::from(pixels) * f64::from(reduction)).min(f64::from(limit) - f64::from(start))
        };
        let region = Region {
            left: left.into(),
            top: top.into(),
            width: length(width, left, frame.width()),
            height: length(height, top, frame.height()),
        };
        let copy = resize(frame, region, (width, height), Quality::Search)
            .and_then(|rgb| Frame::from_rgb(width, height, rgb, 0));
        if copy.is_none() {
            return whole;
        }
        let shift = (reduction - 1.0) / 2.0;
        Self { copy, to_frame: Transform { a: reduction, b: 0.0, tx: left + shift, ty: top + shift } }
    }

    fn picture<'a>(&'a self, frame: &'a Frame) -> &'a Frame {
        self.copy.as_ref().unwrap_or(frame)
    }

    /// Overlapping parts that together show all of the view. Without a copy of its own, none.
    fn tiles(&self) -> impl Iterator<Item = View> + '_ {
        self.copy.iter().flat_map(move |picture| {
            starts(picture.height()).into_iter().flat_map(move |top| {
                starts(picture.width()).into_iter().filter_map(move |left| self.tile(picture, left, top))
            })
        })
    }

    fn tile(&self, picture: &Frame, left: u32, top: u32) -> Option<View> {
        let (width, height) = (TILE.min(picture.width() - left), TILE.min(picture.height() - top));
        let row_bytes = picture.width() as usize * 3;
        let rgb = picture
            .rgb()
            .chunks_exact(row_bytes)
            .skip(top as usize)
            .take(height as usize)
            .flat_map(|row| &row[left as usize * 3..(left + width) as usize * 3])
            .copied()
            .collect();
        let shift = Transform { a: 1.0, b: 0.0, tx: left as f32, ty: top as f32 };
        Some(View {
            copy: Some(Frame::from_rgb(width, height, rgb, 0)?),
            to_frame: self.to_frame.after(&shift),
        })
    }
}

/// Where tiles start along a side of `length` px; the last one ends with the side.
fn starts(length: u32) -> Vec<u32> {
    let last = length.saturating_sub(TILE);
    let mut starts: Vec<u32> = (0..last).step_by((TILE - TILE_OVERLAP) as usize).collect();
    starts.push(last);
    starts
}

/// `frame` at 1 / `scale` of its size, each axis by exactly that; a rest of less than a pixel is cut off.
fn shrink(frame: &Frame, scale: f64) -> Option<(u32, u32, Vec<u8>)> {
    let (width, height) = (frame.width(), frame.height());
    let target = |side: u32| ((f64::from(side) / scale + 1e-6) as u32).max(1);
    let (small_width, small_height) = (target(width), target(height));
    let crop = |small: u32, side: u32| (f64::from(small) * scale).min(f64::from(side));
    let region =
        Region { left: 0.0, top: 0.0, width: crop(small_width, width), height: crop(small_height, height) };
    let small = resize(frame, region, (small_width, small_height), Quality::Search)?;
    Some((small_width, small_height, small))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ramp(width: u32, height: u32) -> Frame {
        let rgb = (0..height).flat_map(|y| (0..width).flat_map(move |x| [x as u8, y as u8, 7])).collect();
        Frame::from_rgb(width, height, rgb, 0).unwrap()
    }

    #[test]
    fn a_turned_view_maps_back_to_the_frame() {
        let frame = ramp(200, 120);
        for turn in [Turn::None, Turn::Right, Turn::Left, Turn::Over] {
            let view = View::whole(&frame, turn, 320);
            let picture = view.picture(&frame);
            for (x, y) in [(0, 0), (17, 40), (100, 99)] {
                let place = view.to_frame.apply(Point::new(x as f32, y as f32));
                assert_eq!(picture.pixel(x, y), frame.pixel(place.x as u32, place.y as u32), "{turn:?}");
            }
        }
    }

    #[test]
    fn a_shrunk_view_maps_back_to_the_frame() {
        let frame = ramp(240, 180);
        let view = View::whole(&frame, Turn::Right, 100);
        let picture = view.picture(&frame);
        assert_eq!((picture.width(), picture.height()), (75, 100));
        let place = view.to_frame.apply(Point::new(30.0, 40.0));
        let [red, green, _] = picture.pixel(30, 40).unwrap();
        assert!((f32::from(red) - place.x).abs() < 1.5 && (f32::from(green) - place.y).abs() < 1.5);
    }

    #[test]
    fn tiles_cover_every_pixel_and_overlap() {
        for length in [1, 639, 640, 641, 1184, 2048] {
            let starts = starts(length);
            assert_eq!(starts[0], 0);
            assert_eq!((starts.last().unwrap() + TILE).min(length), length);
            assert!(
                starts.windows(2).all(|pair| pair[0] < pair[1] && pair[1] <= pair[0] + TILE - TILE_OVERLAP)
            );
        }
    }

    #[test]
    fn the_face_in_front_is_the_large_one_in_the_middle() {
        let frame = ramp(250, 250);
        let face = |x: f32, y: f32, side: f32| Face {
            bounds: crate::geometry::Rect { x, y, width: side, height: side },
            landmarks: Landmarks::from_points([Point::new(0.0, 0.0); 5]),
            score: 0.9,
        };
        let (middle, corner) = (face(80.0, 80.0, 90.0), face(0.0, 0.0, 95.0));
        assert_eq!(main_face(&frame, &[corner, middle]), Some(&middle));
        assert_eq!(main_face(&frame, &[face(100.0, 100.0, 20.0), corner]), Some(&corner));
        assert_eq!(main_face(&frame, &[]), None);
    }

    #[test]
    fn a_reduced_copy_around_a_face_shows_its_places() {
        let rgb = (0..900_u32)
            .flat_map(|y| (0..1200_u32).flat_map(move |x| [(x / 5) as u8, (y / 5) as u8, 7]))
            .collect();
        let frame = Frame::from_rgb(1200, 900, rgb, 0).unwrap();
        for centre in [Point::new(600.0, 450.0), Point::new(1100.0, 20.0)] {
            let view = View::around(&frame, centre, 4.0);
            let copy = view.copy.as_ref().unwrap();
            assert!(copy.width() < 500);
            let at = view.to_frame.inverse().unwrap().apply(centre);
            let [red, green, _] = copy.pixel(at.x as u32, at.y as u32).unwrap();
            assert!((f32::from(red) - centre.x / 5.0).abs() < 1.5, "{red} {centre:?}");
            assert!((f32::from(green) - centre.y / 5.0).abs() < 1.5, "{green} {centre:?}");
        }
        assert!(View::around(&frame, Point::new(600.0, 450.0), 1.2).copy.is_none());
        assert!(View::around(&frame, Point::new(-9e9, 9e9), 50.0).copy.is_none());
    }

    proptest! {
        #[test]
        fn no_shape_breaks_the_views(width in 1_u32..900, height in 1_u32..900, side in 1_u32..700) {
            let frame = ramp(width, height);
            for turn in [Turn::None, Turn::Right, Turn::Left, Turn::Over] {
                let view = View::whole(&frame, turn, side);
                prop_assert!(view.picture(&frame).width() > 0);
                for tile in view.tiles() {
                    prop_assert!(tile.picture(&frame).width() <= TILE && tile.picture(&frame).height() <= TILE);
                }
            }
        }
    }
}
