//! All models of the face engine, opened from their files.

use std::path::PathBuf;

use domain::{LivenessSignal, QualitySignal, Similarity};
use media::Frame;

use crate::face::compare::{Calibration, Comparison, Incomparable, Template};
use crate::face::quality::{self, FrEye, FrPose, HeadPose};
use crate::face::{Detector, Face, Landmarks, Search, Sface, Upright, Yunet, align, main_face};
use crate::liveness::FrLiveness;
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
    /// `fr_liveness`.
    pub liveness: PathBuf,
    /// `fr_eye`.
    pub eye: PathBuf,
    /// `fr_pose`.
    pub pose: PathBuf,
}

/// The face engine. Models are loaded on first use and shared by all threads.
#[derive(Debug)]
pub struct Engine {
    detector: Detector,
    sface: Sface,
    liveness: FrLiveness,
    eye: FrEye,
    pose: FrPose,
    calibration: Calibration,
}

/// What a photo shows.
#[derive(Debug, Clone)]
pub struct Photo {
    /// Faces found.
    pub faces: usize,
    /// The face in front; `None` without a face.
    pub front: Option<Acquired>,
}

impl Photo {
    /// One without a face.
    pub const NOBODY: Self = Self { faces: 0, front: None };
}

/// The face in front of a photo.
#[derive(Debug, Clone)]
pub struct Acquired {
    /// Where it is.
    pub face: Face,
    /// Its template.
    pub template: Template,
    /// Its quality.
    pub quality: QualitySignal,
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
            liveness: FrLiveness::new(pool(&files.liveness, RuntimeOptions::default())),
            eye: FrEye::new(pool(&files.eye, RuntimeOptions::default())),
            pose: FrPose::new(pool(&files.pose, RuntimeOptions::default())),
            calibration: Calibration::shipped(),
        })
    }

    /// Loads one copy of each model, so that the first photo does not wait for it.
    ///
    /// # Errors
    /// Those of the runtime.
    pub fn warm_up(&self) -> Result<(), RuntimeError> {
        self.detector.load()?;
        self.sface.load()?;
        self.liveness.load()?;
        self.eye.load()?;
        self.pose.load()
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

    /// Everything but liveness that can be measured on the face in front.
    ///
    /// # Errors
    /// Those of the runtime.
    pub fn acquire(&self, frame: &Frame) -> Result<Photo, EngineError> {
        let faces = self.detect(frame, Search::Front)?;
        let front = main_face(frame, &faces).copied();
        // A face without a shape or without a box is none.
        let acquired = match front
            .and_then(|face| Some((face, Upright::of(frame, &face)?, align(frame, &face.landmarks)?)))
        {
            None => None,
            Some((face, upright, aligned)) => {
                let seen = quality::Seen {
                    eyes_closed: self.eye.closed(frame, &face.landmarks)?,
                    pose: self.pose.pose(&upright)?,
                };
                Some(Acquired {
                    face,
                    template: self.template_of_aligned(&aligned)?,
                    quality: quality::measure(&faces, &face, &aligned, seen),
                })
            }
        };
        Ok(Photo { faces: faces.len(), front: acquired })
    }

    /// Whether `face` is a bona fide presentation, as far as one frame tells.
    ///
    /// # Errors
    /// Those of the runtime.
    pub fn liveness(&self, frame: &Frame, face: &Face) -> Result<LivenessSignal, EngineError> {
        match Upright::of(frame, face) {
            Some(upright) => Ok(self.liveness.judge(&upright)?),
            None => Ok(LivenessSignal::CouldNotTell { blind: domain::Blind::FaceTooSmall }),
        }
    }

    /// How surely each eye is closed, 0..1, the right one first.
    ///
    /// # Errors
    /// Those of the runtime.
    pub(crate) fn eyes_closed(&self, frame: &Frame, landmarks: &Landmarks) -> Result<[f32; 2], EngineError> {
        Ok(self.eye.closed(frame, landmarks)?)
    }

    /// How the head of an upright face is turned.
    ///
    /// # Errors
    /// Those of the runtime.
    pub(crate) fn pose(&self, upright: &Upright<'_>) -> Result<HeadPose, EngineError> {
        Ok(self.pose.pose(upright)?)
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
