//! SFace: an aligned face in, 128 numbers out.

use super::ALIGNED_SIDE;
use super::compare::Embedding;
use crate::runtime::{Pool, RuntimeError, Tensor};

/// SFace (OpenCV Zoo, 2021dec, Apache-2.0), its weights stored as 8-bit integers.
#[derive(Debug)]
pub struct Sface {
    pool: Pool,
}

impl Sface {
    /// The embedder over copies of its model.
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

    /// The embedding of a face that [`super::align`] cut: 112 x 112, red, green, blue.
    ///
    /// # Errors
    /// Those of the runtime; [`RuntimeError::Shape`] when the picture has another size.
    pub fn embed(&self, aligned: &[u8]) -> Result<Embedding, RuntimeError> {
        const WRONG: RuntimeError = RuntimeError::Shape { model: "SFace" };
        let answers = self.pool.run(preprocess(aligned).ok_or(WRONG)?)?;
        answers.first().and_then(|answer| Embedding::from_raw(answer.data())).ok_or(WRONG)
    }
}

/// RGB, 0..255, planar. `None` when the picture has another size.
fn preprocess(aligned: &[u8]) -> Option<Tensor> {
    let plane = ALIGNED_SIDE * ALIGNED_SIDE;
    (aligned.len() == 3 * plane).then(|| {
        Tensor::from_fn(&[1, 3, ALIGNED_SIDE, ALIGNED_SIDE], |index| {
            f32::from(aligned[index % plane * 3 + index / plane])
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_planar_red_first() {
        let mut picture = vec![0; ALIGNED_SIDE * ALIGNED_SIDE * 3];
        picture[3..6].copy_from_slice(&[10, 20, 30]);
        let input = preprocess(&picture).unwrap();
        let plane = ALIGNED_SIDE * ALIGNED_SIDE;
        assert_eq!([0, plane, 2 * plane].map(|start| input.data()[start + 1]), [10.0, 20.0, 30.0]);
        assert!(preprocess(&picture[1..]).is_none());
    }
}
