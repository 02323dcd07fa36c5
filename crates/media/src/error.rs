//! Why a file gave no picture.

use std::io;

/// Why a file gave no picture, in words for whoever sent it. [`code`](DecodeError::code) is for programs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// No bytes at all.
    #[error("the file is empty: send the picture again")]
    Empty,
    /// The file is larger than [`Limits::max_bytes`](crate::Limits::max_bytes).
    #[error(
        "the file is larger than {limit} bytes: send a smaller picture, or save it with stronger compression"
    )]
    TooManyBytes {
        /// The bound, in bytes.
        limit: usize,
    },
    /// The content is no format we read, whatever its name says.
    #[error("the file is not a picture that can be read: send a JPEG, PNG or WebP file")]
    UnknownFormat,
    /// The header names more pixels, or a longer side, than the limits allow.
    #[error(
        "the picture is {width} x {height} pixels: send one of at most {max_pixels} pixels, {max_side} on a side"
    )]
    TooManyPixels {
        /// Width in the file's header, in pixels.
        width: u32,
        /// Height in the file's header, in pixels.
        height: u32,
        /// The bound on width x height.
        max_pixels: u64,
        /// The bound on each side, in pixels.
        max_side: u32,
    },
    /// Decoding would take far longer than an ordinary picture of this size.
    #[error(
        "the picture is stored in too complicated a way to read in time: save it again as an ordinary JPEG"
    )]
    TooComplex,
    /// The bytes break the rules of their format, or end too early.
    #[error("the picture is damaged or was cut off: send the original file again")]
    Damaged {
        /// What was found, for the operator.
        #[source]
        source: Damage,
    },
    /// A legal file of a kind that is not read, such as a 12-bit JPEG.
    #[error("this kind of picture cannot be read ({what}): save it again as an ordinary JPEG or PNG")]
    Unsupported {
        /// The unusual property.
        what: &'static str,
    },
    /// Decoding would need more memory than the limits allow.
    #[error("the picture needs too much memory to read: send one with fewer pixels")]
    OutOfMemoryLimit,
    /// The file could not be read from disk.
    #[error("the file could not be read: check that it exists and may be read")]
    Io {
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
}

impl DecodeError {
    /// Stable name of the variant in `snake_case`, for programs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            DecodeError::Empty => "empty",
            DecodeError::TooManyBytes { .. } => "too_many_bytes",
            DecodeError::UnknownFormat => "unknown_format",
            DecodeError::TooManyPixels { .. } => "too_many_pixels",
            DecodeError::TooComplex => "too_complex",
            DecodeError::Damaged { .. } => "damaged",
            DecodeError::Unsupported { .. } => "unsupported",
            DecodeError::OutOfMemoryLimit => "out_of_memory_limit",
            DecodeError::Io { .. } => "io",
        }
    }
}

/// What is wrong with a damaged file, for the operator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// The file breaks a rule that we check ourselves.
    #[error("{0}")]
    Structure(&'static str),
    /// A decoder refused it, with the decoder's own words.
    #[error("the decoder says: {0}")]
    Decoder(String),
    /// A decoder panicked, which its authors did not foresee.
    #[error("the decoder gave up on it")]
    Panicked,
}

impl From<Damage> for DecodeError {
    fn from(source: Damage) -> Self {
        DecodeError::Damaged { source }
    }
}
