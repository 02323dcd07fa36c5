//! Error rates after ISO/IEC 19795 and 30107, from labelled photos. Everything here is deterministic: the same photos
//! give the same rates on any number of threads.

pub mod aml;
pub mod arabic;
pub mod calibrate;
pub mod document;
mod error;
pub mod face;
mod identity;
pub mod liveness;
mod manifest;
pub mod parity;
pub mod presence;
mod rates;
pub mod reading;
pub mod search;
pub mod speech;
mod tail;
pub mod video;
mod work;

pub use error::LabError;
pub use manifest::{FacePair, read_pairs};
pub use rates::Interval;
pub use work::Progress;
