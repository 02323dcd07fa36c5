//! All models of the face engine, opened from their files.

use std::path::PathBuf;

use domain::Similarity;
use media::Frame;

use crate::face::compare::{Calibration, Comparison, Incomparable, Template};
use crate::face::{Detector, Face, Landmarks, Search, Sface, Yunet, align, main_face};
use crate::runtime::{OnnxRuntime, Pool, RuntimeError, RuntimeOptions};

/// Where the verified files lie.
#[derive(Debug, Clone)]
pub struct ModelFiles {
    /// The shared library of ONNX Runtime.
    pub runtime: PathBuf,
    /// YuNet with free height and width.
    pub yunet: PathBuf,
    /// SFace with a single input.
    pub sface: PathBuf,
}

/// The face engine. Models are loaded on first use and shared by all threads.
#[derive(Debug)]
pub struct Engine {
    detector: Detector,
    sface: Sface,
    calibration: Calibration,
}

/// A face that cannot be worked on.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A model failed.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The key points coincide, so there is no face between them.
    #[error("the points of the face lie in one place: use another photo")]
    NoShape,
}

impl Engine {
    /// Opens the models. At most `copies` of each are loaded, one for each call that runs at the same time.
    ///
    /// # Errors
    /// [`RuntimeError::Library`] when ONNX Runtime cannot be loaded.
    pub fn open(files: &ModelFiles, copies: usize) -> Result<Self, RuntimeError> {
        let runtime = OnnxRuntime::load(&files.runtime)?;
        let pool = |path: &PathBuf, options: RuntimeOptions| {
            let (runtime, path) = (runtime.clone(), path.clone());
            Pool::new(copies, move || runtime.open(&path, options))
        };
        Ok(Self {
            detector: Detector::new(Yunet::new(pool(&files.yunet, RuntimeOptions::default()))),
            sface: Sface::new(pool(&files.sface, RuntimeOptions { unpack_quantized_weights: true })),
            calibration: Calibration::shipped(),
        })
    }

    /// The calibration of the comparison scores.
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// Faces of `frame`, best first.
    ///
    /// # Errors
    /// Those of the runtime.
    pub fn detect(&self, frame: &Frame, search: Search) -> Result<Vec<Face>, EngineError> {
        Ok(self.detector.detect(frame, search)?)
    }

    /// The face in front; `None` without a face.
    ///
    /// # Errors
    /// Those of the runtime.
    pub fn main_face(&self, frame: &Frame) -> Result<Option<Face>, EngineError> {
        Ok(main_face(frame, &self.detect(frame, Search::Front)?).copied())
    }

    /// The template of the face of `landmarks`.
    ///
    /// # Errors
    /// [`EngineError::NoShape`] when the points coincide, and those of the runtime.
    pub fn template(&self, frame: &Frame, landmarks: &Landmarks) -> Result<Template, EngineError> {
        let aligned = align(frame, landmarks).ok_or(EngineError::NoShape)?;
        self.template_of_aligned(&aligned)
    }

    /// The template of a face that [`align`] cut.
    ///
    /// # Errors
    /// Those of the runtime.
    pub fn template_of_aligned(&self, aligned: &[u8]) -> Result<Template, EngineError> {
        Ok(Template { ids: self.calibration.template_ids(), embedding: self.sface.embed(aligned)? })
    }

    /// How alike two faces are.
    ///
    /// # Errors
    /// [`Incomparable`] when they do not come from the same model.
    pub fn compare(&self, probe: &Template, reference: &Template) -> Result<Comparison, Incomparable> {
        self.calibration.compare(probe, reference)
    }

    /// The similarity of a cosine under the shipped calibration.
    pub fn similarity(&self, cosine: f32) -> Similarity {
        self.calibration.similarity(cosine)
    }
}
