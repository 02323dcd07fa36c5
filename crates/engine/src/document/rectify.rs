//! The document alone, upright and in its true proportions.

use media::Frame;

use crate::geometry::Point;
use crate::homography::Homography;

/// A document cut out of a picture.
#[derive(Debug, Clone)]
pub struct Rectified {
    /// The document alone.
    pub frame: Frame,
    /// Where its pixels lie in the picture: maps (x, y) of `frame` to (x, y) of the picture, pixel centres at whole
    /// numbers.
    pub to_picture: Homography,
}

/// A turn by quarters of a circle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Quarter {
    /// As it is.
    #[default]
    None,
    /// 90 degrees clockwise: the left side comes to the top.
    Clockwise,
    /// 180 degrees.
    Half,
    /// 90 degrees counterclockwise: the right side comes to the top.
    Counterclockwise,
}

/// The document whose `corners` are given clockwise from what becomes its top left, with the aspect `aspect` (width
/// over height), at the resolution it has in `frame` but with no side over `max_side` pixels.
///
/// Bilinear, and the mean of several samples where the frame is shown at less than half its size. `None` where the
/// corners span no convex area that a camera could see, `aspect` is not between 1/10 and 10, or the frame has one row or
/// column only.
pub fn rectify(frame: &Frame, corners: &[Point; 4], aspect: f32, max_side: u32) -> Option<Rectified> {
    let (width, height) = size(corners, aspect, max_side)?;
    let (right, bottom) = (width as f32 - 0.5, height as f32 - 0.5);
    let upright = [
        Point::new(-0.5, -0.5),
        Point::new(right, -0.5),
        Point::new(right, bottom),
        Point::new(-0.5, bottom),
    ];
    let to_picture = Homography::between(&upright, corners)?;
    // The horizon must not cross the document.
    let m = to_picture.matrix();
    let far = |point: &Point| m[6] * f64::from(point.x) + m[7] * f64::from(point.y) + m[8];
    if upright.iter().any(|corner| far(corner) < 0.02) {
        return None;
    }
    let scale = longest(corners) / width.max(height) as f32;
    let samples = if scale.is_finite() { (scale + 0.5) as usize } else { 1 }.clamp(1, MAX_SAMPLES);
    let rgb = sampled(frame, &to_picture, (width, height), samples)?;
    Some(Rectified { frame: Frame::from_rgb(width, height, rgb, frame.t_ms())?, to_picture })
}

/// Most samples along one axis for a target pixel.
const MAX_SAMPLES: usize = 4;
/// Fewest pixels of a side.
const LEAST_SIDE: f32 = 8.0;

fn longest(corners: &[Point; 4]) -> f32 {
    (0..4).map(|side| corners[side].distance(corners[(side + 1) % 4])).fold(0.0, f32::max)
}

/// Width and height of the upright document.
fn size(corners: &[Point; 4], aspect: f32, max_side: u32) -> Option<(u32, u32)> {
    if !(0.1..=10.0).contains(&aspect) || corners.iter().any(|corner| !(corner.x + corner.y).is_finite()) {
        return None;
    }
    let width = corners[0].distance(corners[1]).max(corners[3].distance(corners[2]));
    let height = corners[1].distance(corners[2]).max(corners[0].distance(corners[3]));
    let bound = max_side.clamp(LEAST_SIDE as u32, 8192) as f32;
    // As many pixels as the better resolved direction has.
    let width = width.max(height * aspect).min(bound).min(bound * aspect);
    let height = (width / aspect).round().max(LEAST_SIDE);
    (width.is_finite() && width >= LEAST_SIDE).then_some((width.round() as u32, height as u32))
}

/// `width` x `height` pixels, each the mean of `samples` x `samples` places.
fn sampled(frame: &Frame, map: &Homography, (width, height): (u32, u32), samples: usize) -> Option<Vec<u8>> {
    let source = Source::new(frame)?;
    let m = map.matrix();
    let step = 1.0 / samples as f64;
    let first = (step - 1.0) / 2.0;
    let count = (samples * samples) as u32;
    let mut rgb = vec![0; width as usize * height as usize * 3];
    for (y, line) in rgb.chunks_exact_mut(width as usize * 3).enumerate() {
        if samples == 1 {
            let way = Way::new(m, y as f64);
            for (x, pixel) in line.chunks_exact_mut(3).enumerate() {
                let sample = source.at(way.at(x as f32));
                for (pixel, value) in pixel.iter_mut().zip(sample) {
                    *pixel = ((value + HALF) >> FRACTION) as u8;
                }
            }
            continue;
        }
        let ways: Vec<Way> =
            (0..samples).map(|row| Way::new(m, y as f64 + first + row as f64 * step)).collect();
        for (x, pixel) in line.chunks_exact_mut(3).enumerate() {
            let mut sum = [0_u32; 3];
            for way in &ways {
                for column in 0..samples {
                    let sample = source.at(way.at(x as f32 + (first + column as f64 * step) as f32));
                    for (sum, value) in sum.iter_mut().zip(sample) {
                        *sum += value;
                    }
                }
            }
            for (pixel, sum) in pixel.iter_mut().zip(sum) {
                *pixel = ((sum / count + HALF) >> FRACTION) as u8;
            }
        }
    }
    Some(rgb)
}

/// The way through the picture that one row of the document takes.
struct Way {
    x: [f32; 2],
    y: [f32; 2],
    w: [f32; 2],
}

impl Way {
    fn new(m: &[f64; 9], v: f64) -> Self {
        let line = |row: usize| [m[row * 3] as f32, (m[row * 3 + 1] * v + m[row * 3 + 2]) as f32];
        Self { x: line(0), y: line(1), w: line(2) }
    }

    fn at(&self, u: f32) -> (f32, f32) {
        let w = 1.0 / (self.w[0] * u + self.w[1]);
        ((self.x[0] * u + self.x[1]) * w, (self.y[0] * u + self.y[1]) * w)
    }
}

/// Bits after the point of a sample: seven of each axis.
const FRACTION: u32 = 14;
/// Half a level.
const HALF: u32 = 1 << (FRACTION - 1);

/// A picture that is read between pixels; outside, its edge.
struct Source<'a> {
    rgb: &'a [u8],
    line: usize,
    right: f32,
    bottom: f32,
    last: (usize, usize),
}

impl<'a> Source<'a> {
    /// `None` for a picture of one row or column.
    fn new(frame: &'a Frame) -> Option<Self> {
        let (right, bottom) = (frame.width() - 1, frame.height() - 1);
        (right > 0 && bottom > 0).then(|| Self {
            rgb: frame.rgb(),
            line: frame.width() as usize * 3,
            right: right as f32,
            bottom: bottom as f32,
            last: (right as usize - 1, bottom as usize - 1),
        })
    }

    /// A sample with [`FRACTION`] bits after the point.
    fn at(&self, (x, y): (f32, f32)) -> [u32; 3] {
        // What is not a number becomes 0.
        let (x, y) = (x.clamp(0.0, self.right), y.clamp(0.0, self.bottom));
        let (left, top) = ((x as usize).min(self.last.0), (y as usize).min(self.last.1));
        let (dx, dy) = (((x - left as f32) * 128.0) as u32, ((y - top as f32) * 128.0) as u32);
        let start = top * self.line + left * 3;
        let (Some(above), Some(under)) =
            (self.rgb.get(start..start + 6), self.rgb.get(start + self.line..start + self.line + 6))
        else {
            return [0; 3];
        };
        let (nw, ne, sw, se) = ((128 - dx) * (128 - dy), dx * (128 - dy), (128 - dx) * dy, dx * dy);
        std::array::from_fn(|channel| {
            u32::from(above[channel]) * nw
                + u32::from(above[channel + 3]) * ne
                + u32::from(under[channel]) * sw
                + u32::from(under[channel + 3]) * se
        })
    }
}

impl Rectified {
    /// The document turned. The map to the picture turns with it.
    #[must_use]
    pub fn turned(self, quarter: Quarter) -> Self {
        let (width, height) = (self.frame.width() as usize, self.frame.height() as usize);
        let (right, bottom) = (width as f64 - 1.0, height as f64 - 1.0);
        // From a place in the turned document to the place in this one.
        let back = match quarter {
            Quarter::None => return self,
            Quarter::Clockwise => [0.0, 1.0, 0.0, -1.0, 0.0, bottom, 0.0, 0.0, 1.0],
            Quarter::Half => [-1.0, 0.0, right, 0.0, -1.0, bottom, 0.0, 0.0, 1.0],
            Quarter::Counterclockwise => [0.0, -1.0, right, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0],
        };
        let (new_width, new_height) =
            if quarter == Quarter::Half { (width, height) } else { (height, width) };
        let source = self.frame.rgb();
        let mut rgb = Vec::with_capacity(source.len());
        for y in 0..new_height {
            for x in 0..new_width {
                let (column, row) = match quarter {
                    Quarter::None => (x, y),
                    Quarter::Clockwise => (y, height - 1 - x),
                    Quarter::Half => (width - 1 - x, height - 1 - y),
                    Quarter::Counterclockwise => (width - 1 - y, x),
                };
                let start = (row * width + column) * 3;
                rgb.extend_from_slice(&source[start..start + 3]);
            }
        }
        let turned = Frame::from_rgb(new_width as u32, new_height as u32, rgb, self.frame.t_ms());
        match (turned, Homography::from_matrix(back)) {
            (Some(frame), Some(back)) => Self { frame, to_picture: self.to_picture.after(&back) },
            _ => self,
        }
    }

    /// Where a place on the document lies in the picture.
    pub fn picture_place(&self, place: Point) -> Point {
        self.to_picture.apply(place)
    }

    /// The document's corners in the picture, from its top left, clockwise.
    pub fn corners(&self) -> [Point; 4] {
        let (right, bottom) = (self.frame.width() as f32 - 0.5, self.frame.height() as f32 - 0.5);
        [(-0.5, -0.5), (right, -0.5), (right, bottom), (-0.5, bottom)]
            .map(|(x, y)| self.to_picture.apply(Point::new(x, y)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ramp(width: u32, height: u32) -> Frame {
        let rgb = (0..height).flat_map(|y| (0..width).flat_map(move |x| [x as u8, y as u8, 7])).collect();
        Frame::from_rgb(width, height, rgb, 3).unwrap()
    }

    fn corners(left: f32, top: f32, right: f32, bottom: f32) -> [Point; 4] {
        [(left, top), (right, top), (right, bottom), (left, bottom)].map(|(x, y)| Point::new(x, y))
    }

    #[test]
    fn an_upright_part_is_cut_out_as_it_is() {
        let frame = ramp(200, 150);
        let page = rectify(&frame, &corners(19.5, 29.5, 119.5, 79.5), 2.0, 1800).unwrap();
        assert_eq!((page.frame.width(), page.frame.height()), (100, 50));
        assert_eq!(page.frame.pixel(0, 0), Some([20, 30, 7]));
        assert_eq!(page.frame.pixel(99, 49), Some([119, 79, 7]));
        let half = rectify(&frame, &corners(19.5, 29.5, 119.5, 79.5), 2.0, 50).unwrap();
        assert_eq!((half.frame.width(), half.frame.height()), (50, 25));
    }

    #[test]
    fn a_turned_document_still_knows_where_it_lies() {
        let frame = ramp(200, 150);
        for quarter in [Quarter::None, Quarter::Clockwise, Quarter::Half, Quarter::Counterclockwise] {
            let page = rectify(&frame, &corners(19.5, 29.5, 119.5, 79.5), 2.0, 1800).unwrap().turned(quarter);
            for (x, y) in [(0, 0), (3, 40), (page.frame.width() - 1, page.frame.height() - 1)] {
                let place = page.picture_place(Point::new(x as f32, y as f32));
                let [red, green, _] = page.frame.pixel(x, y).unwrap();
                assert!(
                    place.distance(Point::new(f32::from(red), f32::from(green))) < 0.6,
                    "{quarter:?} {place:?}"
                );
            }
        }
        let page = rectify(&frame, &corners(19.5, 29.5, 119.5, 79.5), 2.0, 1800).unwrap();
        let clockwise = page.turned(Quarter::Clockwise);
        assert_eq!(clockwise.frame.pixel(0, 0), Some([20, 79, 7]));
        assert!(clockwise.corners()[0].distance(Point::new(19.5, 79.5)) < 1e-3);
    }

    #[test]
    fn corners_that_no_camera_could_see_are_refused() {
        let frame = ramp(50, 50);
        assert!(rectify(&frame, &[Point::new(4.0, 4.0); 4], 1.5, 500).is_none());
        let crossed = [(0.0, 0.0), (40.0, 40.0), (40.0, 0.0), (0.0, 40.0)].map(|(x, y)| Point::new(x, y));
        assert!(rectify(&frame, &crossed, 1.5, 500).is_none());
        assert!(rectify(&frame, &corners(0.0, 0.0, 40.0, 30.0), f32::NAN, 500).is_none());
    }

    proptest! {
        #[test]
        fn any_corners_are_cut_out_or_refused(
            coordinates in proptest::array::uniform8(-200.0_f32..300.0),
            odd in any::<f32>(), aspect in any::<f32>(), max_side in 0_u32..300,
        ) {
            let frame = ramp(60, 40);
            let mut corners: [Point; 4] =
                std::array::from_fn(|i| Point::new(coordinates[2 * i], coordinates[2 * i + 1]));
            let _ = rectify(&frame, &corners, 1.5, max_side);
            let _ = rectify(&frame, &corners, aspect, max_side);
            corners[2].x = odd;
            if let Some(page) = rectify(&frame, &corners, 1.5, max_side) {
                prop_assert!(page.frame.width() <= max_side.max(8));
            }
        }
    }
}
