//! How much work a file may ask for.

use crate::DecodeError;

/// Bounds on one picture. Each is checked before the work it bounds.
///
/// The defaults together hold an accepted picture to 2 s and 500 MB on one core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest file, in bytes. Default 10 MB: phones' photos of 12 MP take 2 to 6 MB, and the vendors whose interfaces
    /// we speak take no more than that.
    pub max_bytes: usize,
    /// Largest picture, in pixels. Default 40 million: above any phone's ordinary photo.
    pub max_pixels: u64,
    /// Longest side, in pixels. Default 20,000: a panorama passes, a one-pixel-high bomb does not.
    pub max_side: u32,
    /// Most memory the decoding of one file may be estimated to take at its peak, in bytes, the file itself apart.
    /// Default 480 MB.
    pub max_decode_memory: u64,
    /// Most work a JPEG may ask of the entropy decoder, in blocks.
    pub max_jpeg_blocks: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_bytes: 10_000_000,
            max_pixels: 40_000_000,
            max_side: 20_000,
            max_decode_memory: 480_000_000,
            max_jpeg_blocks: 20_000_000,
        }
    }
}

impl Limits {
    /// Number of pixels of a picture that may be decoded.
    pub(crate) fn admit_size(&self, width: u32, height: u32) -> Result<u64, DecodeError> {
        let pixels = u64::from(width) * u64::from(height);
        if pixels > self.max_pixels || width.max(height) > self.max_side {
            return Err(DecodeError::TooManyPixels {
                width,
                height,
                max_pixels: self.max_pixels,
                max_side: self.max_side,
            });
        }
        Ok(pixels)
    }

    /// Passes a decoding whose peak is estimated at `bytes`.
    pub(crate) fn admit_memory(&self, bytes: u64) -> Result<(), DecodeError> {
        if bytes > self.max_decode_memory { Err(DecodeError::OutOfMemoryLimit) } else { Ok(()) }
    }
}
