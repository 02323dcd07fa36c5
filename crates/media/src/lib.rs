//! Untrusted image and video bytes in, [`Frame`]s and [`Samples`] out.
//!
//! [`decode`] and [`read_file`] are the only way in for pictures, [`video`] for recordings. They look at the content
//! and never at a name, and check every limit before the work it bounds.
//!
//! A picture becomes upright 8-bit RGB whatever the file held: EXIF orientation is applied, transparency is laid on
//! white, 16 bits become 8, grey and CMYK become RGB. Of an animation only the first picture is read. Colour profiles
//! (ICC, gamma chunks) are ignored: samples are taken as sRGB.
//!
//! No input makes this crate panic: what a decoder cannot read is a [`DecodeError`] or a
//! [`VideoError`](video::VideoError).

mod bytes;
mod decode;
mod encode;
mod error;
mod frame;
mod limits;
mod samples;
mod sniff;
pub mod video;

pub use decode::{decode, read_file};
pub use encode::{crop, encode_jpeg};
pub use error::{Damage, DecodeError};
pub use frame::Frame;
pub use limits::{Limits, MAX_BYTES};
pub use samples::Samples;
pub use sniff::{Format, sniff};
