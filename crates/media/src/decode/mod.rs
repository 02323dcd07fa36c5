//! Bytes to a frame, whatever the format.
//!
//! Each format has a *survey*, our own walk over its headers, which answers before any decoding: how large is
//! the picture, what will decoding cost, was the file cut off, where is the EXIF block. Only then does a
//! decoder see it.

mod jpeg;
mod pixels;
mod png;
mod webp;

use std::fs::File;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use image::ImageDecoder;

use crate::{Damage, DecodeError, Format, Frame, Limits, sniff};

/// Decodes one still picture to upright RGB; of an animation the first picture.
///
/// Blocks the calling thread for up to 2 s with the default [`Limits`].
///
/// # Errors
/// Every variant of [`DecodeError`] but [`Io`](DecodeError::Io). A file that ends before its picture does is
/// [`Damaged`](DecodeError::Damaged); bytes after the end of the picture are not looked at.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Frame, DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    if bytes.len() > limits.max_bytes {
        return Err(DecodeError::TooManyBytes { limit: limits.max_bytes });
    }
    let decoder = match sniff(bytes).ok_or(DecodeError::UnknownFormat)? {
        Format::Jpeg => jpeg::decode,
        Format::Png => png::decode,
        Format::WebP => webp::decode,
    };
    // The decoders are other people's code in front of hostile bytes, and a panic in one of them must cost
    // one upload, not a worker. Nothing outlives the closure that a half-done call could have left in
    // disorder.
    catch_unwind(AssertUnwindSafe(|| decoder(bytes, limits))).unwrap_or_else(|_| Err(Damage::Panicked.into()))
}

/// Reads a file and decodes it as [`decode`] does. Never reads more than one byte past [`Limits::max_bytes`].
///
/// # Errors
/// [`DecodeError::Io`] if the file cannot be read, else those of [`decode`].
pub fn read_file(path: &Path, limits: &Limits) -> Result<Frame, DecodeError> {
    let io = |source| DecodeError::Io { source };
    let most = u64::try_from(limits.max_bytes).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path).map_err(io)?.take(most).read_to_end(&mut bytes).map_err(io)?;
    decode(&bytes, limits)
}

/// The frame of a picture that the limits admit, from a decoder of the image crate.
fn read(decoder: impl ImageDecoder, size: (u32, u32), exif: Option<&[u8]>) -> Result<Frame, DecodeError> {
    if decoder.dimensions() != size {
        return Err(WRONG_SIZE.into());
    }
    let color = decoder.color_type();
    let bytes = usize::try_from(decoder.total_bytes()).map_err(|_| DecodeError::OutOfMemoryLimit)?;
    let mut samples = vec![0; bytes];
    decoder.read_image(&mut samples).map_err(|error| from_image(&error))?;
    pixels::to_rgb8(color, samples)
        .and_then(|rgb| pixels::upright(size.0, size.1, rgb, exif))
        .ok_or_else(|| WRONG_SIZE.into())
}

/// A decoder's error in our words.
fn from_image(error: &image::ImageError) -> DecodeError {
    match error {
        image::ImageError::Limits(_) => DecodeError::OutOfMemoryLimit,
        other => Damage::Decoder(other.to_string()).into(),
    }
}

/// What a decoder that keeps its promises never brings about.
const WRONG_SIZE: Damage = Damage::Structure("the decoder gave another size than the header");
