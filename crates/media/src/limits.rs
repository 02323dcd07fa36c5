//! How much work a file may ask for.

use std::time::Duration;

use crate::DecodeError;

/// Size of the largest file by default, in bytes.
pub const MAX_BYTES: usize = 10_000_000;

/// Bounds on one picture. Each is checked before the work it bounds.
///
/// The defaults together hold an accepted picture to 2 s and 500 MB on one core. Worst found on 2026-11-21:
/// 1.5 s, a JPEG of 66 scans or a lossy WebP of 40 MP and 3.7 MB; 411 MB, a WebP that is all code tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest file, in bytes. Default 10 MB: room for a phone's photo of 12 MP, which takes 2 to 6 MB.
    pub max_bytes: usize,
    /// Largest picture, in pixels. Default 40 million, three times a phone's ordinary photo; what phones call
    /// full resolution, 48 million and more, is refused.
    pub max_pixels: u64,
    /// Longest side, in pixels. Default 20,000: a panorama passes, a one-pixel-high bomb does not.
    pub max_side: u32,
    /// Most memory the decoding of one file may be estimated to take at its peak, in bytes, the file itself
    /// apart. Default 480 MB.
    pub max_decode_memory: u64,
    /// Longest time the decoding of one file may be estimated to take. Default 2 s.
    ///
    /// The estimate comes from the file's headers and rates measured on 2026-11-21 on one core of a shared
    /// two-core x86-64 virtual machine, with dependencies optimised but overflow checks on; a release build
    /// on a server takes less. Ordinary pictures stay far below: a 12 MP JPEG takes 0.07 s there.
    pub max_decode_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_bytes: MAX_BYTES,
            max_pixels: 40_000_000,
            max_side: 20_000,
            max_decode_memory: 480_000_000,
            max_decode_time: Duration::from_secs(2),
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

    /// Passes a decoding that is estimated to take `nanoseconds`.
    pub(crate) fn admit_time(&self, nanoseconds: u64) -> Result<(), DecodeError> {
        if Duration::from_nanos(nanoseconds) > self.max_decode_time {
            Err(DecodeError::TooComplex)
        } else {
            Ok(())
        }
    }
}
