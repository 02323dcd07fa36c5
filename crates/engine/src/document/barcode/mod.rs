//! Finds and reads a PDF417 symbol (ISO/IEC 15438:2015), as driving licences carry it.
//!
//! Start and stop patterns are sought along lines in four directions, so that the symbol may be turned by any angle. The
//! four corners make the symbol level; there each codeword is compared as a whole with the looks of all codewords of its
//! row's cluster, which holds where blur leaves no edges to measure. The least certain codewords are erased, and the error
//! correction does the rest. A text comes out only where the correction had room to spare and the corrected codewords look
//! like what is seen.

mod correct;
mod grey;
mod grid;
mod locate;
mod scan;
mod symbol;

#[cfg(test)]
mod tests;

use std::fmt;

use domain::Quad;
use media::Frame;
use rxing::pdf417::decoder::decoded_bit_stream_parser;

use correct::correct;
use grey::Grey;
use grid::{Codewords, codewords};
use locate::locate;

/// A bar code that was read.
#[derive(Clone, PartialEq)]
pub struct Barcode {
    /// Its text.
    pub text: String,
    /// The same as bytes, where every character is one of ISO 8859-1; else as UTF-8.
    pub bytes: Vec<u8>,
    /// Its corners in pixels, from the start pattern's top, clockwise as one reads.
    pub corners: Quad,
    /// Share of the room for error correction that was used, 0..1.
    pub corrected: f32,
}

impl fmt::Debug for Barcode {
    /// Without what it says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barcode")
            .field("corners", &self.corners)
            .field("corrected", &self.corrected)
            .finish_non_exhaustive()
    }
}

/// Half widths in pixels of the neighbourhood that tells dark from bright: fine for modules of one to three pixels,
/// coarse for larger ones.
const REACHES: [usize; 2] = [5, 12];

/// Pictures are halved until their longer side is below this, for one look each: modules of more than about six pixels
/// are wider than the neighbourhoods.
const SMALLEST: usize = 400;

/// Reads the symbol in `frame`; `None` where none is found, or none can be read without doubt.
///
/// Its work is bounded by the picture's size: each of at most four sizes is looked at twice, with at most four symbols.
pub fn read(frame: &Frame) -> Option<Barcode> {
    let mut grey = Grey::new(frame);
    let mut scale = 1.0;
    for _ in 0..4 {
        for reach in REACHES {
            for found in locate(&grey, reach) {
                let Some((text, corrected)) = codewords(&grey, &found, decode) else {
                    continue;
                };
                // Pixel centres of a halved picture lie between those of the whole one.
                let corners = found.corners.map(|at| at.map(|at| (at + 0.5) * scale - 0.5));
                return Some(Barcode { bytes: bytes(&text), text, corners, corrected });
            }
        }
        if grey.width.max(grey.height) / 2 < SMALLEST {
            break;
        }
        grey = grey.halved();
        scale *= 2.0;
    }
    None
}

fn bytes(text: &str) -> Vec<u8> {
    let narrow: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    narrow.unwrap_or_else(|| text.as_bytes().to_vec())
}

/// Shares of the room for correction that are given to erasures, one after the other.
const ERASED: [f32; 4] = [0.0, 0.3, 0.6, 0.8];

/// Room for correction that has to be left, as a share. With e places left, a random block passes as corrected about once
/// in 929^e.
const ROOM: f32 = 0.1;

/// How much a corrected symbol has to look like what is seen, on the mean over all codewords.
const ALIKE: f32 = 0.75;

/// The text, and the share of the room for correction that it took.
fn decode(codewords: &Codewords) -> Option<(String, f32)> {
    let shape = codewords.shape;
    let check = shape.check();
    let seen: Vec<u32> = codewords.read.iter().map(|read| u32::from(read.word)).collect();
    let mut order: Vec<usize> = (0..seen.len()).collect();
    order.sort_by(|a, b| codewords.read[*a].lead.total_cmp(&codewords.read[*b].lead));
    let spare = ((check as f32 * ROOM) as usize).max(2);
    for share in ERASED {
        let erased = order.get(..(check as f32 * share) as usize)?;
        let mut words = seen.clone();
        let Some(errors) = correct(&mut words, check, erased) else { continue };
        let used = erased.len() + 2 * errors;
        if used + spare > check || words.first() != Some(&((shape.size() - check) as u32)) {
            continue;
        }
        let alike: f32 = words.iter().enumerate().map(|(place, word)| codewords.alike(place, *word)).sum();
        if alike < ALIKE * words.len() as f32 {
            continue;
        }
        let data = words.get(..shape.size() - check)?;
        let text = decoded_bit_stream_parser::decode(data, "").ok()?.getText().to_owned();
        let wrong = std::iter::zip(&seen, &words).filter(|(seen, word)| seen != word).count();
        return Some((text, (2 * wrong) as f32 / check as f32));
    }
    None
}
