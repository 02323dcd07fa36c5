//! What can go wrong in a use case.

use std::path::PathBuf;

use assets::AssetError;
use engine::EngineError;
use engine::runtime::RuntimeError;
use media::DecodeError;
use media::video::VideoError;

/// Why a use case has no result.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A model or photo is not on this machine.
    #[error(transparent)]
    Asset(#[from] AssetError),
    /// The inference runtime could not be opened.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// A model failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Two templates come from different models.
    #[error(transparent)]
    Incomparable(#[from] engine::face::compare::Incomparable),
    /// The models that read documents were not opened.
    #[error("documents are not read here: fetch their models with `bonafide assets pull --group document`")]
    NoDocuments,
    /// The program that decodes videos is not there.
    #[error("videos are not read here: fetch the decoder with `bonafide assets pull --group video`")]
    NoDecoder,
    /// The models that hear what is said are not there.
    #[error("speech is not heard here: fetch its models with `bonafide assets pull --group voice`")]
    NoVoice,
    /// The list of tokens of the models that hear what is said cannot be read.
    #[error(transparent)]
    Vocabulary(#[from] engine::voice::VocabularyError),
    /// A video could not be decoded because of this machine, not because of the video.
    #[error(transparent)]
    Decoder(VideoError),
    /// A video could not be read.
    #[error("{}: {source}", path.display())]
    Video {
        /// The file.
        path: PathBuf,
        /// Why.
        source: VideoError,
    },
    /// A file could not be opened.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A photo could not be read.
    #[error("{}: {source}", path.display())]
    Photo {
        /// The file.
        path: PathBuf,
        /// Why.
        source: DecodeError,
    },
}
