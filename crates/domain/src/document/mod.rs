//! What a picture of a document shows: its fields, where each was read, and what was measured on it. And the session in
//! which a document and its holder are looked at, and the rules that decide it.

pub mod aamva;
mod check;
mod day;
mod faces;
mod facts;
mod field;
mod image;
pub mod mrz;
mod page;
mod pages;
mod passport;
mod policy;
pub mod printed;
mod session;

pub use check::{
    DocumentAssessment, DocumentCheck, DocumentCheckName, DocumentEvidence, DocumentJudgement,
    DocumentReason, HistorySignal,
};
pub use day::Day;
pub use faces::{FacePair, FaceShot, FacesEvidence, FacesFault};
pub use facts::DocumentFacts;
pub use field::{Field, FieldName, FieldSource, Quad};
pub use image::{CaptureVerdict, ImageFault, ImageKind, SelfieEvidence, SelfieFault};
pub use page::{
    BarcodeSignal, CheckDigit, DocumentKind, Edges, ForgerySignal, MrzFormat, MrzSignal, PageEvidence,
    PageFault, PageQuality, PageSide, PageView, PortraitSignal,
};
pub use pages::{DocumentPages, PagesFault, PictureAdvice, WantedDocument};
pub use passport::{PassportFault, passport_faults};
pub use policy::{DocumentPolicy, PagesAssessment};
pub use session::{
    DocumentSession, RETAKES, SESSION_TIME, SessionCommand, SessionPurpose, SessionState, Taken,
};
