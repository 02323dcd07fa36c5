//! PNG, through the image crate. Of an APNG the still picture is read.

use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::png::PngDecoder;

use super::{from_image, read};
use crate::bytes::be32;
use crate::{Damage, DecodeError, Frame, Limits};

/// Most memory for what is not the picture: text, colour profile, one row. In bytes.
const ANCILLARY: u64 = 32_000_000;

/// Nanoseconds a byte of unpacked samples. Measured 2026-11-21 as in `limits.rs`: 320 MB, interlaced and with
/// transparency to work out, took 0.93 s, and 40 MB of grey from one bit each 0.13 s.
const SAMPLE_NS: u64 = 4;

const CUT: Damage = Damage::Structure("the PNG ends before its picture does");

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Frame, DecodeError> {
    let header = Survey::of(bytes)?;
    let count = limits.admit_size(header.width, header.height)?;
    let mut memory = image::Limits::no_limits();
    memory.max_alloc = Some(ANCILLARY);
    let decoder = PngDecoder::with_limits(Cursor::new(bytes), memory).map_err(|error| from_image(&error))?;
    limits.admit_time(decoder.total_bytes() * SAMPLE_NS)?;
    // Grey grows into a second buffer; colour is converted in place. A quarter turn holds two RGB copies.
    let grown = if decoder.color_type().has_color() { 0 } else { count * 3 };
    limits.admit_memory((decoder.total_bytes() + grown).max(count * 6))?;
    read(decoder, (header.width, header.height), header.exif)
}

/// What a PNG's chunks say before anything is unpacked.
#[derive(Debug)]
struct Survey<'a> {
    width: u32,
    height: u32,
    exif: Option<&'a [u8]>,
}

impl<'a> Survey<'a> {
    fn of(bytes: &'a [u8]) -> Result<Survey<'a>, DecodeError> {
        if bytes.get(12..16) != Some(b"IHDR") {
            return Err(Damage::Structure("the PNG does not begin with its header").into());
        }
        let (width, height) = be32(bytes, 16).zip(be32(bytes, 20)).ok_or(CUT)?;
        Ok(Survey { width, height, exif: exif(bytes) })
    }
}

/// The eXIf chunk, which may stand before or behind the picture's data.
fn exif(bytes: &[u8]) -> Option<&[u8]> {
    let mut at = 8;
    loop {
        let length = usize::try_from(be32(bytes, at)?).ok()?;
        let kind = bytes.get(at + 4..at + 8)?;
        if kind == b"eXIf" {
            return bytes.get(at + 8..(at + 8).checked_add(length)?);
        }
        at = at.checked_add(length)?.checked_add(12)?;
    }
}
