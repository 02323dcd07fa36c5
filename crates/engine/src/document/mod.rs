//! A picture of a document in, what it shows out.

pub mod barcode;
mod egypt;
pub mod forgery;
pub mod locate;
pub mod printed;
pub mod quality;
mod reader;
mod rectify;
pub mod text;
mod zone;

use std::time::Duration;

use domain::{Field, PageEvidence};
use media::Frame;
use serde::Serialize;

pub use barcode::Barcode;
pub use forgery::forgery;
pub use locate::{Located, Outline, locate};
pub use quality::{Quality, faults, luminance, quality};
pub use reader::{DocumentModelFiles, DocumentReader};
pub use rectify::{Quarter, Rectified, rectify};

/// What one picture of a document shows, with the pictures that were cut from it.
#[derive(Debug, Clone)]
pub struct PageReading {
    /// What was measured.
    pub evidence: PageEvidence,
    /// The document alone, upright and rectified; `None` where none was found.
    pub page: Option<Frame>,
    /// The bar code, whatever it says.
    pub barcode: Option<Barcode>,
    /// What was read of an Egyptian card and is not sure enough to be told: for those who measure where the line is.
    pub doubtful: Vec<Field>,
    /// How long each stage took, in their order.
    pub stages: Vec<(Stage, Duration)>,
}

/// A part of the work on a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The document was located and rectified.
    Located,
    /// It was measured how well the document can be seen.
    Quality,
    /// The lines of text were found.
    TextFound,
    /// The machine-readable zone was looked for and read.
    Mrz,
    /// The bar code was looked for and read.
    Barcode,
    /// The portrait was looked for.
    Portrait,
    /// The printed fields were read.
    Printed,
    /// An Egyptian card was looked for and read.
    EgyptianCard,
    /// Signs of a forgery were looked for.
    Forgery,
}
