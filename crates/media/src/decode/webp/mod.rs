//! WebP, through the image crate. Of an animation the first picture is read.

mod lossless;

use std::io::Cursor;

use image::codecs::webp::WebPDecoder;

use super::{from_image, read};
use crate::bytes::{le16, le24, le32};
use crate::{Damage, DecodeError, Frame, Limits};

const CUT: Damage = Damage::Structure("the WebP ends before its picture does");
const BROKEN: Damage = Damage::Structure("a WebP chunk breaks the rules of its kind");

/// Nanoseconds a pixel of a lossy picture, and a byte of it. Measured 2026-11-21 as in `limits.rs`: 40 MP
/// took 0.89 s from 0.6 MB and 1.52 s from 3.7 MB, 12 MP 1.02 s from 7.6 MB; 27 and 100 fit the slower two.
const LOSSY_NS: u64 = 30;
const LOSSY_BYTE_NS: u64 = 110;
/// The same of a lossless picture: 40 MP took 0.94 s from 2.4 MB, 6 MP 0.27 s from 4.7 MB.
const LOSSLESS_NS: u64 = 35;
const LOSSLESS_BYTE_NS: u64 = 50;
/// Laying a frame on its canvas: an allowance, not a measurement.
const CANVAS_NS: u64 = 20;
/// Nanoseconds to build a byte of the code tables: 410 MB of them took 0.35 to 0.55 s.
const TABLE_BYTE_NS: u64 = 2;

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Frame, DecodeError> {
    let survey = Survey::of(bytes)?;
    let count = limits.admit_size(survey.width, survey.height)?;
    let (time, memory) = (survey.time_ns(count, bytes.len() as u64), survey.memory(count));
    limits.admit_time(time)?;
    limits.admit_memory(memory)?;
    // Reading ahead to the tables is itself work, so it waits until all else is admitted.
    let tables = survey.table_bytes(limits.max_decode_memory)?;
    limits.admit_time(time + tables * TABLE_BYTE_NS)?;
    limits.admit_memory(memory + tables)?;
    let decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(|error| from_image(&error))?;
    read(decoder, (survey.width, survey.height), survey.exif)
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
    lossy: bool,
    lossless: Option<Lossless<'a>>,
    /// Body of the ALPH chunk.
    alpha: Option<&'a [u8]>,
}

/// A VP8L chunk and the size it gives, in pixels.
#[derive(Debug)]
struct Lossless<'a> {
    body: &'a [u8],
    width: u32,
    height: u32,
}

impl<'a> Survey<'a> {
    fn of(bytes: &'a [u8]) -> Result<Survey<'a>, DecodeError> {
        // The container says how long it is. A pad byte at the very end may be missing: some writers forget
        // it.
        let promised = u64::from(le32(bytes, 4).ok_or(CUT)?) + 8;
        if (bytes.len() as u64) + 1 < promised {
            return Err(CUT.into());
        }
        let mut survey = Survey::default();
        let mut first_frame = None;
        for (kind, body) in chunks(bytes.get(12..).ok_or(CUT)?) {
            match &kind {
                b"VP8X" if survey.width == 0 => {
                    survey.animated = *body.first().ok_or(CUT)? & 0x02 != 0;
                    survey.width = le24(body, 4).ok_or(CUT)? + 1;
                    survey.height = le24(body, 7).ok_or(CUT)? + 1;
                }
                b"EXIF" => survey.exif = survey.exif.or(Some(body.strip_prefix(b"Exif\0\0").unwrap_or(body))),
                b"ANMF" => first_frame = first_frame.or(Some(body)),
                _ if !survey.animated => survey.take(kind, body)?,
                _ => {}
            }
        }
        if survey.animated {
            let frame = first_frame.and_then(|frame| frame.get(16..)).ok_or(CUT)?;
            // An alpha plane and a picture at most; the decoder looks no further either.
            for (kind, body) in chunks(frame).take(2) {
                survey.take(kind, body)?;
            }
        }
        if survey.width == 0 { Err(CUT.into()) } else { Ok(survey) }
    }

    /// Takes in a chunk that may hold picture data; the first of its kind counts.
    ///
    /// Its own size counts: the decoder allocates by it before it compares with the canvas, so that a canvas
    /// of one pixel could hide a picture of 268 million.
    fn take(&mut self, kind: [u8; 4], body: &'a [u8]) -> Result<(), Damage> {
        let (width, height) = match &kind {
            b"VP8 " if !self.lossy => {
                self.lossy = true;
                let side = |at| le16(body, at).map(|side| u32::from(side & 0x3FFF));
                side(6).zip(side(8)).ok_or(CUT)?
            }
            b"VP8L" if self.lossless.is_none() => {
                let bits = le32(body, 1).ok_or(CUT)?;
                let (width, height) = ((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1);
                self.lossless = Some(Lossless { body, width, height });
                (width, height)
            }
            b"ALPH" => {
                self.alpha = self.alpha.or(Some(body));
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

    /// Most memory that decoding `pixels` pixels takes without code tables, in bytes.
    ///
    /// Per pixel, from the buffers of image-webp 0.2.4 that live at the same time: planes of a lossy picture
    /// 1.5 and its result 3 or 4; a lossless picture 4 and its result 3; an alpha plane 4 + 1 while it is
    /// unpacked; the canvas of an animation 4 and one frame on it 4. Transforms of a lossless picture come on
    /// top, at most 1.
    fn memory(&self, pixels: u64) -> u64 {
        let per_pixel = match self {
            Survey { animated: true, .. } => 16,
            Survey { alpha: Some(_), .. } => 12,
            Survey { lossless: Some(_), .. } => 8,
            _ => 6,
        };
        pixels * per_pixel
    }

    /// Bytes of the code tables of the lossless parts; far more than `most` is not counted out.
    fn table_bytes(&self, most: u64) -> Result<u64, DecodeError> {
        let picture = match self.lossless {
            Some(Lossless { body, width, height }) => lossless::table_bytes(body, true, width, height, most)?,
            None => 0,
        };
        // The lowest two bits of an alpha plane name its packing: 1 is lossless.
        let plane = match self.alpha.and_then(<[u8]>::split_first) {
            Some((flags, body)) if flags & 3 == 1 => {
                lossless::table_bytes(body, false, self.width, self.height, most)?
            }
            _ => 0,
        };
        Ok(picture + plane)
    }

    /// Estimate of the time that decoding `pixels` pixels from a file of `bytes` takes, in nanoseconds.
    fn time_ns(&self, pixels: u64, bytes: u64) -> u64 {
        let mut pixel = 0;
        if self.lossy {
            pixel += LOSSY_NS;
        }
        if self.lossless.is_some() || self.alpha.is_some() {
            pixel += LOSSLESS_NS;
        }
        if self.animated {
            pixel += CANVAS_NS;
        }
        pixels * pixel + bytes * if self.lossy { LOSSY_BYTE_NS } else { LOSSLESS_BYTE_NS }
    }
}

/// The chunks of `bytes`, each with its name; the last one may be cut short.
fn chunks(mut bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let (kind, rest) = bytes.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        let body = rest.get(..length).unwrap_or(rest);
        bytes = rest.get(length.saturating_add(length & 1)..).unwrap_or(&[]);
        Some((*kind, body))
    })
}
