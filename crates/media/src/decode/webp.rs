//! WebP, through the image crate. Of an animation the first picture is read.

use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::webp::WebPDecoder;

use super::{WRONG_SIZE, from_image, pixels};
use crate::bytes::{le16, le24, le32};
use crate::{Damage, DecodeError, Frame, Limits};

const CUT: Damage = Damage::Structure("the WebP ends before its picture does");
const BROKEN: Damage = Damage::Structure("a WebP chunk breaks the rules of its kind");

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Frame, DecodeError> {
    let survey = Survey::of(bytes)?;
    let count = limits.admit_size(survey.width, survey.height)?;
    limits.admit_memory(survey.memory(count))?;
    let decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(|error| from_image(&error))?;
    if decoder.dimensions() != (survey.width, survey.height) {
        return Err(WRONG_SIZE.into());
    }
    let color = decoder.color_type();
    let mut samples = vec![0; usize::try_from(decoder.total_bytes()).map_err(|_| DecodeError::OutOfMemoryLimit)?];
    decoder.read_image(&mut samples).map_err(|error| from_image(&error))?;
    pixels::to_rgb8(color, samples)
        .and_then(|rgb| pixels::upright(survey.width, survey.height, rgb, survey.exif))
        .ok_or_else(|| WRONG_SIZE.into())
}

/// What a WebP's chunks (RFC 9649, section 2) say before anything is unpacked.
#[derive(Debug, Default)]
struct Survey<'a> {
    /// Of the canvas, in pixels.
    width: u32,
    /// Of the canvas, in pixels.
    height: u32,
    exif: Option<&'a [u8]>,
    animated: bool,
    alpha: bool,
    lossless: bool,
}

impl<'a> Survey<'a> {
    fn of(bytes: &'a [u8]) -> Result<Survey<'a>, DecodeError> {
        // The container says how long it is. A pad byte at the very end may be missing: some writers forget it.
        let promised = u64::from(le32(bytes, 4).ok_or(CUT)?) + 8;
        if (bytes.len() as u64) + 1 < promised {
            return Err(CUT.into());
        }
        let mut survey = Survey::default();
        for (kind, body) in chunks(bytes.get(12..).ok_or(CUT)?) {
            match kind {
                b"VP8X" if survey.width == 0 => {
                    let flags = *body.first().ok_or(CUT)?;
                    survey.animated = flags & 0x02 != 0;
                    survey.width = le24(body, 4).ok_or(CUT)? + 1;
                    survey.height = le24(body, 7).ok_or(CUT)? + 1;
                }
                b"EXIF" => survey.exif = survey.exif.or(Some(body.strip_prefix(b"Exif\0\0").unwrap_or(body))),
                b"ANMF" => {
                    for (kind, body) in chunks(body.get(16..).ok_or(CUT)?) {
                        survey.picture(kind, body)?;
                    }
                }
                _ => survey.picture(kind, body)?,
            }
        }
        if survey.width == 0 { Err(CUT.into()) } else { Ok(survey) }
    }

    /// Takes in a chunk that holds picture data.
    ///
    /// Its own size counts: the decoder allocates by it before it compares with the canvas, so that a canvas of one
    /// pixel could hide a picture of 268 million.
    fn picture(&mut self, kind: &[u8; 4], body: &[u8]) -> Result<(), Damage> {
        let (width, height) = match kind {
            b"VP8 " => {
                let side = |at| le16(body, at).map(|side| u32::from(side & 0x3FFF));
                side(6).zip(side(8)).ok_or(CUT)?
            }
            b"VP8L" => {
                self.lossless = true;
                let bits = le32(body, 1).ok_or(CUT)?;
                ((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1)
            }
            b"ALPH" => {
                self.alpha = true;
                return Ok(());
            }
            _ => return Ok(()),
        };
        if self.width == 0 {
            (self.width, self.height) = (width, height);
        }
        if width == 0 || height == 0 || width > self.width || height > self.height {
            return Err(BROKEN);
        }
        Ok(())
    }

    /// Most memory that decoding `pixels` pixels takes, in bytes.
    ///
    /// Per pixel, from the buffers of image-webp 0.2.4 that live at the same time: planes of a lossy picture 1.5 and
    /// its result 3 or 4; a lossless picture 4 and its result 3; an alpha plane 4 + 1 while it is unpacked; the
    /// canvas of an animation 4 and one frame on it 4. Tables of a lossless picture come on top, at most 1.
    fn memory(&self, pixels: u64) -> u64 {
        let per_pixel = match (self.animated, self.alpha, self.lossless) {
            (true, _, _) => 16,
            (false, true, _) => 12,
            (false, false, true) => 8,
            (false, false, false) => 6,
        };
        pixels * per_pixel
    }
}

/// The chunks of `bytes`, each with its name; the last one may be cut short.
fn chunks(mut bytes: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let (kind, rest) = bytes.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        let body = rest.get(..length).unwrap_or(rest);
        bytes = rest.get(length.saturating_add(length & 1)..).unwrap_or(&[]);
        Some((kind, body))
    })
}
