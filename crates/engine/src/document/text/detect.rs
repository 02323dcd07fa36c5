//! Where text stands: PP-OCRv6 tiny, a map of how surely each place belongs to a line of text (differentiable
//! binarisation, Liao et al. 2020).

use domain::Quad;
use media::Frame;

use super::outline::{Area, areas};
use crate::geometry::{Point, Rect, Transform};
use crate::resize::{Quality, Region, resize};
use crate::runtime::{Pool, RuntimeError, Tensor};

/// The detector over copies of its model.
#[derive(Debug)]
pub struct TextDetector {
    pool: Pool,
}

/// A line of text in a frame: a rectangle at any angle, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextBox {
    /// Its middle.
    pub centre: Point,
    /// Direction in which it reads, of length 1. The detector cannot tell it from its opposite: it points right, or
    /// down where the line stands upright.
    pub along: Point,
    /// Length of the line.
    pub length: f32,
    /// Height of the line.
    pub height: f32,
    /// How surely it is text, 0..1.
    pub score: f32,
}

/// Places above belong to text: `PaddleOCR`'s `thresh` for this model.
const TEXT: f32 = 0.3;
/// Lines whose mean is lower are dropped. `PaddleOCR` has 0.6; this is chosen lower, since
/// a line that is none costs only its reading.
const LEAST_SCORE: f32 = 0.5;
/// The model is trained on lines that were shrunk; each side goes out by this much of area over outline. `PaddleOCR` has
/// 1.5 for its own files.
const UNCLIP: f32 = 1.6;
/// Lines that are lower in the map are specks.
const LEAST_HEIGHT: f32 = 2.0;
/// Lines of one picture, so that the work is bounded: the passports of the development set have 27 to 36.
const MOST_LINES: usize = 400;
/// The input's sides are multiples of it.
const STRIDE: f32 = 32.0;

impl TextDetector {
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

    /// Lines of text in `frame`, which is looked at with a longer side of `side` pixels at most.
    ///
    /// # Errors
    /// Those of the runtime.
    pub fn detect(&self, frame: &Frame, side: u32) -> Result<Vec<TextBox>, RuntimeError> {
        const MODEL: RuntimeError = RuntimeError::Shape { model: "PP-OCRv6 text detector" };
        let size = input_size(frame, side);
        let input = preprocess(frame, size).ok_or(MODEL)?;
        let answers = self.pool.run(input)?;
        let map = answers.first().filter(|map| map.shape() == [1, 1, size.1 as usize, size.0 as usize]);
        let map = map.ok_or(MODEL)?.data();
        let scale = (frame.width() as f32 / size.0 as f32, frame.height() as f32 / size.1 as f32);
        let lines = areas(map, size.0 as usize, TEXT, MOST_LINES).into_iter();
        Ok(lines.filter_map(|area| text_box(&area, scale)).collect())
    }
}

/// Width and height of the input: that of the frame, reduced to `side`, in whole strides.
fn input_size(frame: &Frame, side: u32) -> (u32, u32) {
    let (width, height) = (frame.width() as f32, frame.height() as f32);
    let scale = (side as f32 / width.max(height)).min(1.0);
    let whole = |length: f32| ((length * scale / STRIDE).round().max(1.0) * STRIDE) as u32;
    (whole(width), whole(height))
}

/// Blue, green, red as planes, normalised as `PaddleOCR` does (the `ImageNet` figures, in this order of channels).
fn preprocess(frame: &Frame, size: (u32, u32)) -> Option<Tensor> {
    const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
    const DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];
    let all =
        Region { left: 0.0, top: 0.0, width: f64::from(frame.width()), height: f64::from(frame.height()) };
    let rgb = resize(frame, all, size, Quality::Area)?;
    let plane = size.0 as usize * size.1 as usize;
    let mut data = vec![0.0; 3 * plane];
    for (channel, values) in data.chunks_exact_mut(plane).enumerate() {
        let (scale, shift) = (1.0 / (255.0 * DEVIATION[channel]), MEAN[channel] / DEVIATION[channel]);
        for (value, pixel) in values.iter_mut().zip(rgb.chunks_exact(3)) {
            *value = f32::from(pixel[2 - channel]) * scale - shift;
        }
    }
    Tensor::new(&[1, 3, size.1 as usize, size.0 as usize], data)
}

/// The line of an area, in pixels of the frame; `scale` is the frame's pixels for one of the map.
fn text_box(area: &Area, scale: (f32, f32)) -> Option<TextBox> {
    let turned = area.tightest();
    let score = area.sum / area.pixels.max(1) as f32;
    if turned.height < LEAST_HEIGHT || score < LEAST_SCORE {
        return None;
    }
    let out = turned.length * turned.height * UNCLIP / (2.0 * (turned.length + turned.height));
    let (length, height) = (turned.length + 2.0 * out, turned.height + 2.0 * out);
    let along = Point::new(turned.along.x * scale.0, turned.along.y * scale.1);
    let across = Point::new(-turned.along.y * scale.0, turned.along.x * scale.1);
    let stretch = along.x.hypot(along.y);
    let forward = if along.x.abs() > 0.5 * along.y.abs() { along.x > 0.0 } else { along.y > 0.0 };
    let sign = if forward { 1.0 } else { -1.0 };
    Some(TextBox {
        centre: Point::new((turned.centre.x + 0.5) * scale.0 - 0.5, (turned.centre.y + 0.5) * scale.1 - 0.5),
        along: Point::new(sign * along.x / stretch, sign * along.y / stretch),
        length: length * stretch,
        height: height * across.x.hypot(across.y),
        score,
    })
}

impl TextBox {
    /// The line read the other way.
    #[must_use]
    pub fn turned(&self) -> Self {
        Self { along: Point::new(-self.along.x, -self.along.y), ..*self }
    }

    /// The point `u` along the line from its start and `v` down it, both as shares of its sides.
    pub fn at(&self, u: f32, v: f32) -> Point {
        let (right, down) = ((u - 0.5) * self.length, (v - 0.5) * self.height);
        Point::new(
            self.centre.x + right * self.along.x - down * self.along.y,
            self.centre.y + right * self.along.y + down * self.along.x,
        )
    }

    /// Its corners, from where it starts to read.
    pub fn corners(&self) -> Quad {
        [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)].map(|(u, v)| {
            let point = self.at(u, v);
            [point.x, point.y]
        })
    }

    /// A line that stands upright in `place` and reads to the right.
    pub fn upright(place: Rect) -> Self {
        let Point { x, y } = place.centre();
        Self {
            // A box is bounded by edges of pixels, a point lies at their centres.
            centre: Point::new(x - 0.5, y - 0.5),
            along: Point::new(1.0, 0.0),
            length: place.width,
            height: place.height,
            score: 1.0,
        }
    }

    /// From pixels of a picture of the line that is `height` pixels high to the frame.
    pub(crate) fn to_frame(self, height: u32) -> Transform {
        let scale = self.height / height as f32;
        let (a, b) = (self.along.x * scale, self.along.y * scale);
        let half = Point::new(self.length / scale / 2.0 - 0.5, height as f32 / 2.0 - 0.5);
        Transform::about(a, b, half, self.centre)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(along: (f32, f32)) -> TextBox {
        TextBox {
            centre: Point::new(100.0, 50.0),
            along: Point::new(along.0, along.1),
            length: 80.0,
            height: 20.0,
            score: 1.0,
        }
    }

    #[test]
    fn corners_go_round_from_where_the_line_starts() {
        assert_eq!(line((1.0, 0.0)).corners(), [[60.0, 40.0], [140.0, 40.0], [140.0, 60.0], [60.0, 60.0]]);
        assert_eq!(
            line((1.0, 0.0)).turned().corners(),
            [[140.0, 60.0], [60.0, 60.0], [60.0, 40.0], [140.0, 40.0]]
        );
        assert_eq!(line((0.0, 1.0)).corners()[0], [110.0, 10.0]);
    }

    #[test]
    fn a_line_is_cut_where_it_stands() {
        let to_frame = line((0.0, 1.0)).to_frame(10);
        let start = to_frame.apply(Point::new(-0.5, -0.5));
        let end = to_frame.apply(Point::new(39.5, 9.5));
        assert!(start.distance(Point::new(110.0, 10.0)) < 1e-3, "{start:?}");
        assert!(end.distance(Point::new(90.0, 90.0)) < 1e-3, "{end:?}");
    }

    #[test]
    fn an_area_of_the_map_becomes_a_line_of_the_frame() {
        let mut map = vec![0.0; 64 * 32];
        for y in 10..16 {
            map[y * 64 + 8..y * 64 + 40].fill(0.9);
        }
        let found = areas(&map, 64, TEXT, 9);
        let line = text_box(&found[0], (2.0, 2.0)).unwrap();
        assert!(line.centre.distance(Point::new(47.5, 25.5)) < 0.6, "{line:?}");
        assert!(
            line.length > 62.0 && line.length < 80.0 && line.height > 10.0 && line.height < 26.0,
            "{line:?}"
        );
        assert_eq!(line.along, Point::new(1.0, 0.0));
        let faint: Vec<f32> = map.iter().map(|value| value * 0.5).collect();
        assert_eq!(text_box(&areas(&faint, 64, TEXT, 9)[0], (2.0, 2.0)), None);
    }

    #[test]
    fn the_input_keeps_the_shape_and_is_never_enlarged() {
        let frame = |width, height| {
            Frame::from_rgb(width, height, vec![0; (width * height * 3) as usize], 0).unwrap()
        };
        assert_eq!(input_size(&frame(2400, 1648), 960), (960, 672));
        assert_eq!(input_size(&frame(300, 40), 960), (288, 32));
        assert_eq!(input_size(&frame(1, 1), 960), (32, 32));
    }
}
