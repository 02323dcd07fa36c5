//! What a picture of a document shows: its fields, where each was read, and what was measured on it.

pub mod aamva;
mod day;
mod field;
pub mod mrz;
mod page;
pub mod printed;

pub use day::Day;
pub use field::{Field, FieldName, FieldSource, Quad};
pub use page::{
    BarcodeSignal, CheckDigit, DocumentKind, Edges, ForgerySignal, MrzFormat, MrzSignal, PageEvidence,
    PageFault, PageQuality, PageSide, PageView, PortraitSignal,
};
