//! From verified files to an open engine.

use std::path::Path;

use assets::Store;
use engine::document::DocumentReader;
use engine::voice::Listener;
use engine::{Engine, ModelFiles};
use media::video::Decoder;
use media::{DecodeError, Frame, Limits};

use crate::AppError;

/// The engine, the decoder of videos, what hears them, and the limits under which photos are read.
#[derive(Debug)]
pub struct App {
    engine: Engine,
    pub(crate) documents: Option<DocumentReader>,
    pub(crate) decoder: Option<Decoder>,
    pub(crate) listener: Option<Listener>,
    limits: Limits,
}

impl App {
    /// Opens the face engine over the files of `store`, which must hold the group `face`; with the group `document` it
    /// reads documents too, with the group `video` videos, with the group `voice` it hears what is said in them.
    ///
    /// `at_once` is how many calls may run side by side.
    ///
    /// # Errors
    /// [`AppError::Asset`] for a file that is missing or damaged, [`AppError::Runtime`] when ONNX Runtime cannot be
    /// loaded.
    pub fn open(store: &Store, at_once: usize) -> Result<Self, AppError> {
        let files = ModelFiles {
            runtime: store.path("onnxruntime")?,
            yunet: store.path("yunet")?,
            sface: store.path("sface")?,
            liveness: store.path("fr_liveness")?,
            eye: store.path("fr_eye")?,
            pose: store.path("fr_pose")?,
        };
        Ok(Self {
            engine: Engine::open(&files, at_once)?,
            documents: Self::open_documents(store, at_once)?,
            decoder: Self::open_decoder(store),
            listener: Self::open_listener(store, at_once)?,
            limits: Limits::default(),
        })
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Loads every model of faces, so that the first photo does not wait for it.
    ///
    /// # Errors
    /// Failures of the models.
    pub(crate) fn warm_up(&self) -> Result<(), AppError> {
        Ok(self.engine.warm_up()?)
    }

    /// Reads a photo that has been uploaded.
    pub(crate) fn decode(&self, bytes: &[u8]) -> Result<Frame, DecodeError> {
        media::decode(bytes, &self.limits)
    }

    /// Reads a photo.
    ///
    /// # Errors
    /// [`AppError::Photo`] with the reason.
    pub fn photo(&self, path: &Path) -> Result<Frame, AppError> {
        media::read_file(path, &self.limits)
            .map_err(|source| AppError::Photo { path: path.to_owned(), source })
    }
}
