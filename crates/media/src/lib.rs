//! Untrusted image bytes in, [`Frame`]s out.
//!
//! [`decode`] and [`read_file`] are the only way in. They look at the content and never at a name, check
//! every [`Limits`] before the work it bounds, and answer with upright 8-bit RGB whatever the file held: EXIF
//! orientation is applied, transparency is laid on white, 16 bits become 8, grey and CMYK become RGB. Of an
//! animation only the first picture is read. Colour profiles (ICC, gamma chunks) are ignored: samples are
//! taken as sRGB.
//!
//! No input makes this crate panic: what a decoder cannot read is a [`DecodeError`].

mod bytes;
mod decode;
mod error;
mod frame;
mod limits;
mod sniff;

pub use decode::{decode, read_file};
pub use error::{Damage, DecodeError};
pub use frame::Frame;
pub use limits::{Limits, MAX_BYTES};
pub use sniff::{Format, sniff};
