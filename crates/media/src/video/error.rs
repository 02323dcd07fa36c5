//! Why a recording gave no frames, or no more of them.

use std::io;
use std::path::PathBuf;

use crate::Damage;

/// Why a recording gave no frames, or no more, in words for whoever sent it. [`code`](VideoError::code) is for
/// programs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VideoError {
    /// The content is no container that is read, whatever its name says.
    #[error("the file is not a video that can be read: send a WebM, MP4, MOV or AVI file")]
    NotVideo,
    /// The pictures are coded in a way that is not read.
    #[error("video coded as {codec} cannot be read: send H.264, HEVC, VP8, VP9, MPEG-4 or Motion JPEG")]
    Unsupported {
        /// The decoder's name of the coding.
        codec: String,
    },
    /// The file is larger than [`VideoLimits::max_bytes`](super::VideoLimits::max_bytes).
    #[error(
        "the video is larger than {limit} bytes: send a shorter one, or save it with stronger compression"
    )]
    TooLarge {
        /// The bound, in bytes.
        limit: usize,
    },
    /// The file holds more frames than [`VideoLimits::max_source_frames`](super::VideoLimits::max_source_frames).
    #[error("the video has more than {limit} pictures: send a shorter one")]
    TooLong {
        /// The bound on frames.
        limit: u32,
    },
    /// The file declares a longer side than [`VideoLimits::max_source_side`](super::VideoLimits::max_source_side).
    #[error("the video is {width} x {height} pixels: send one of at most {max_side} on a side")]
    TooManyPixels {
        /// Declared width in pixels.
        width: u32,
        /// Declared height in pixels.
        height: u32,
        /// The bound on each side, in pixels.
        max_side: u32,
    },
    /// The bytes break the rules of their format, or end too early. Frames may have come before it.
    #[error("the video is damaged or was cut off: send the original file again")]
    Damaged {
        /// What was found, for the operator.
        #[source]
        source: Damage,
    },
    /// Decoding took more time than the limits allow.
    #[error("the video takes too long to read: send a shorter or smaller one")]
    TimedOut,
    /// Decoding needed more memory than the limits allow. Some decoders take a frame that did not fit for a broken one:
    /// then it is [`Damaged`](Self::Damaged).
    #[error("the video needs too much memory to read: send one with fewer pixels")]
    OutOfMemory,
    /// A sound container without a single picture.
    #[error("the video has no pictures: record it again")]
    NoFrames,
    /// The program that decodes is not there, or is too old to be used.
    #[error(
        "the video decoder cannot be started from {path}: fetch it with `bonafide assets pull --group video`"
    )]
    DecoderMissing {
        /// Where it was looked for.
        path: PathBuf,
        /// What it or the operating system said, for the operator.
        #[source]
        source: io::Error,
    },
    /// The child could not be set up, so that nothing was decoded.
    #[error(
        "the video decoder could not be locked in, so that it was not used: see the source of this error"
    )]
    Sandbox {
        /// Which step failed, for the operator.
        #[source]
        source: io::Error,
    },
}

impl VideoError {
    /// Stable name of the variant in `snake_case`, for programs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotVideo => "not_video",
            Self::Unsupported { .. } => "unsupported",
            Self::TooLarge { .. } => "too_large",
            Self::TooLong { .. } => "too_long",
            Self::TooManyPixels { .. } => "too_many_pixels",
            Self::Damaged { .. } => "damaged",
            Self::TimedOut => "timed_out",
            Self::OutOfMemory => "out_of_memory",
            Self::NoFrames => "no_frames",
            Self::DecoderMissing { .. } => "decoder_missing",
            Self::Sandbox { .. } => "sandbox",
        }
    }

    pub(super) fn sandbox(error: impl Into<io::Error>) -> Self {
        Self::Sandbox { source: error.into() }
    }
}

impl From<Damage> for VideoError {
    fn from(source: Damage) -> Self {
        Self::Damaged { source }
    }
}
