//! What can go wrong in a measurement.

use std::error::Error;
use std::path::PathBuf;

use app::AppError;

/// Why there are no rates.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// A manifest cannot be read.
    #[error("the manifest {} cannot be read: {source}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Why.
        source: csv::Error,
    },
    /// A reference of another program cannot be read.
    #[error("the reference {} cannot be read: {source}", path.display())]
    Reference {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A manifest has no rows.
    #[error("the manifest {} has no rows: there is nothing to measure", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A photo that the manifest names is not there. (One that is there and cannot be decoded is counted instead.)
    #[error("the photo {} is not there: check --root", path.display())]
    NoSuchPhoto {
        /// The file.
        path: PathBuf,
    },
    /// A species that may be scored alone.
    #[error("{name} is held out of development: play it with --half scored, once thresholds are chosen")]
    HeldOut {
        /// The species.
        name: &'static str,
    },
    /// A list cannot be read.
    #[error(transparent)]
    Watchlist(#[from] app::WatchlistError),
    /// The engine failed.
    #[error(transparent)]
    App(#[from] AppError),
    /// A token cannot be put together.
    #[error(transparent)]
    Token(#[from] domain::BadToken),
    /// Too few impostor pairs for the calibration's rarest rate.
    #[error("{found} impostor pairs are too few to calibrate: a rate of 1e-5 needs at least 1,000,000")]
    TooFewImpostors {
        /// How many there are.
        found: usize,
    },
    /// Too few impostor pairs among half of the people to estimate and check a tail.
    #[error(
        "{found} impostor pairs among half of the people are too few to check the tail: it needs 500,000"
    )]
    TooFewToCheck {
        /// How many there are.
        found: usize,
    },
    /// The list does not say of all people that they are different.
    #[error("the folders do not tell who is who: put the photos of each person into one folder of their own")]
    PeopleUnknown,
    /// A folder of photos cannot be read.
    #[error("the folder {} cannot be read: {source}", path.display())]
    Photos {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A folder has too few people who can be drawn.
    #[error(
        "{} has too few people: it needs two in each half, each in a folder of their own, seen from the front",
        path.display()
    )]
    Nobody {
        /// The folder.
        path: PathBuf,
        /// People whose names were found.
        found: usize,
    },
    /// A recording cannot be read, or a clip not be made of it.
    #[error("{}: {source}", path.display())]
    Film {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no capture that was kept.
    #[error("{} is no recorded capture: {source}", path.display())]
    Recording {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A frame of a recorded capture cannot be decoded.
    #[error("a recorded frame cannot be decoded: {0}")]
    Frame(media::DecodeError),
    /// A server is not there, or does not do what its protocol says.
    #[error("the server cannot be measured: {0}")]
    Server(#[source] Box<dyn Error + Send + Sync>),
}

impl LabError {
    pub(crate) fn server(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Server(error.into())
    }
}
