//! YuNet: one picture in, the faces of one scale out.

use media::Frame;

use super::{Face, Landmarks};
use crate::geometry::{Point, Rect};
use crate::runtime::{Pool, RuntimeError, Tensor};

/// YuNet (OpenCV Zoo, 2023mar, MIT), with free height and width. Finds upright faces of about 10 to 300 px.
#[derive(Debug)]
pub struct Yunet {
    pool: Pool,
}

/// The input's sides are multiples of the coarsest stride.
const STRIDES: [usize; 3] = [8, 16, 32];

/// Boxes that share more than this are one face, as in OpenCV's `FaceDetectorYN`.
const SAME_FACE_IOU: f32 = 0.3;
/// A box that lies by more than this share inside a better one is a part of that face: what a fine scale sees in a
/// large face.
const PART_OF_FACE: f32 = 0.6;

impl Yunet {
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

    /// Faces of at least `threshold`, best first, in pixels of `frame`.
    ///
    /// # Errors
    /// Those of the runtime.
    pub fn detect(&self, frame: &Frame, threshold: f32) -> Result<Vec<Face>, RuntimeError> {
        let input = preprocess(frame);
        let (rows, columns) = (input.shape()[2], input.shape()[3]);
        let answers = self.pool.run(input)?;
        postprocess(&answers, rows, columns, threshold).ok_or(RuntimeError::Shape { model: "YuNet" })
    }
}

/// BGR, 0..255, planar; black below and to the right up to a multiple of 32, so that places keep their coordinates.
fn preprocess(frame: &Frame) -> Tensor {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let (columns, rows) = (width.next_multiple_of(32), height.next_multiple_of(32));
    let plane = rows * columns;
    let mut data = vec![0.0; 3 * plane];
    let (blue, rest) = data.split_at_mut(plane);
    let (green, red) = rest.split_at_mut(plane);
    for (y, row) in frame.rgb().chunks_exact(width * 3).enumerate() {
        let span = y * columns..y * columns + width;
        let planes = red[span.clone()].iter_mut().zip(&mut green[span.clone()]).zip(&mut blue[span]);
        for (pixel, ((red, green), blue)) in row.chunks_exact(3).zip(planes) {
            (*red, *green, *blue) = (f32::from(pixel[0]), f32::from(pixel[1]), f32::from(pixel[2]));
        }
    }
    Tensor::from_parts([1, 3, rows, columns], data)
}

/// Boxes and key points, best first. `heads` are cls, obj, bbox and kps, each at strides 8, 16, 32.
///
/// `score = sqrt(cls * obj)`, boxes by centre and log size, points by offset: OpenCV's `face_detect.cpp`.
/// `None` when the heads are not those of an input of `rows` x `columns`.
fn postprocess(heads: &[Tensor], rows: usize, columns: usize, threshold: f32) -> Option<Vec<Face>> {
    let [cls, obj, bbox, kps] = [0, 3, 6, 9].map(|first| heads.get(first..first + 3));
    let mut faces = Vec::new();
    for (level, stride) in STRIDES.into_iter().enumerate() {
        let across = columns / stride;
        let cells = rows / stride * across;
        let [cls, obj, bbox, kps] = [cls?, obj?, bbox?, kps?].map(|head| head[level].data());
        if [cls.len(), obj.len(), bbox.len(), kps.len()] != [cells, cells, cells * 4, cells * 10] {
            return None;
        }
        for cell in 0..cells {
            let score = (cls[cell].clamp(0.0, 1.0) * obj[cell].clamp(0.0, 1.0)).sqrt();
            if score.is_nan() || score < threshold {
                continue;
            }
            let (step, column, row) = (stride as f32, (cell % across) as f32, (cell / across) as f32);
            let offsets = &bbox[cell * 4..cell * 4 + 4];
            let (x, y) = ((column + offsets[0]) * step, (row + offsets[1]) * step);
            let (width, height) = (offsets[2].exp() * step, offsets[3].exp() * step);
            let points = &kps[cell * 10..cell * 10 + 10];
            faces.push(Face {
                bounds: Rect { x: x - width / 2.0, y: y - height / 2.0, width, height },
                landmarks: Landmarks::from_points(std::array::from_fn(|point| {
                    Point::new((column + points[point * 2]) * step, (row + points[point * 2 + 1]) * step)
                })),
                score,
            });
        }
    }
    Some(suppress(faces))
}

/// Keeps the best of the boxes that show the same face; best first.
pub(super) fn suppress(mut faces: Vec<Face>) -> Vec<Face> {
    faces.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Face> = Vec::new();
    for face in faces {
        let is_new = kept.iter().all(|better| {
            better.bounds.iou(&face.bounds) <= SAME_FACE_IOU
                && better.bounds.overlap(&face.bounds) <= PART_OF_FACE * face.bounds.area()
        });
        if is_new {
            kept.push(face);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Heads of a 64x32 input in which only the given cell of stride 8 holds a face.
    fn heads(cell: usize, cls: f32, obj: f32) -> Vec<Tensor> {
        let cells = [32 / 8 * 64 / 8, 32 / 16 * 64 / 16, 64 / 32];
        let mut heads: Vec<Tensor> = [1, 1, 4, 10]
            .into_iter()
            .flat_map(|width| cells.map(|cells| Tensor::from_fn(&[1, cells, width], |_| 0.0)))
            .collect();
        heads[0] = Tensor::from_fn(&[1, cells[0], 1], |index| if index == cell { cls } else { 0.0 });
        heads[3] = Tensor::from_fn(&[1, cells[0], 1], |index| if index == cell { obj } else { 0.0 });
        heads
    }

    #[test]
    fn a_cell_becomes_a_box_around_its_place() {
        let faces = postprocess(&heads(8 + 3, 0.81, 1.0), 32, 64, 0.6).unwrap();
        assert_eq!(faces.len(), 1);
        assert!((faces[0].score - 0.9).abs() < 1e-6);
        assert_eq!(faces[0].bounds, Rect { x: 20.0, y: 4.0, width: 8.0, height: 8.0 });
        assert_eq!(faces[0].landmarks.nose, Point::new(24.0, 8.0));
    }

    #[test]
    fn weak_and_broken_scores_fall_out() {
        assert!(postprocess(&heads(0, 0.3, 1.0), 32, 64, 0.6).unwrap().is_empty());
        assert!(postprocess(&heads(0, f32::NAN, 1.0), 32, 64, 0.6).unwrap().is_empty());
    }

    #[test]
    fn heads_of_another_size_are_refused() {
        assert!(postprocess(&heads(0, 1.0, 1.0), 64, 64, 0.6).is_none());
        assert!(postprocess(&heads(0, 1.0, 1.0)[..11], 32, 64, 0.6).is_none());
    }

    #[test]
    fn of_two_boxes_on_one_face_the_better_stays() {
        let face = postprocess(&heads(0, 1.0, 1.0), 32, 64, 0.6).unwrap()[0];
        let weaker = Face { score: 0.7, bounds: Rect { x: face.bounds.x + 1.0, ..face.bounds }, ..face };
        let other = Face { score: 0.8, bounds: Rect { x: 40.0, ..face.bounds }, ..face };
        let inside = Face { score: 0.9, bounds: Rect { width: 2.0, height: 2.0, ..face.bounds }, ..face };
        let kept = suppress(vec![weaker, face, other, inside]);
        assert_eq!(kept.iter().map(|face| face.score).collect::<Vec<_>>(), [1.0, 0.8]);
    }

    #[test]
    fn colours_are_planar_blue_first_and_the_margin_is_black() {
        let frame = Frame::from_rgb(2, 1, vec![1, 2, 3, 4, 5, 6], 0).unwrap();
        let input = preprocess(&frame);
        assert_eq!(input.shape(), [1, 3, 32, 32]);
        let at = |channel: usize, x: usize| input.data()[channel * 32 * 32 + x];
        assert_eq!([at(0, 0), at(1, 0), at(2, 0), at(0, 1), at(0, 2)], [3.0, 2.0, 1.0, 6.0, 0.0]);
    }
}
