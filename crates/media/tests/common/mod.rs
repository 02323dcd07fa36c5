//! Pictures for the tests: drawn and encoded here, or put together byte by byte where no encoder makes such
//! files.

use std::fmt::Write as _;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, RgbImage};

/// A picture that looks different from each of its eight sides: smooth, so that JPEG keeps it, and in colour.
pub(crate) fn drawn(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (right, down) = (x * 200 / width, y * 200 / height);
        image::Rgb([
            20 + right as u8,
            30 + down as u8,
            if x < width / 3 && y < height / 4 { 220 } else { 60 },
        ])
    })
}

pub(crate) fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 98).encode_image(picture).unwrap();
    bytes
}

pub(crate) fn png(samples: &[u8], width: u32, height: u32, color: ExtendedColorType) -> Vec<u8> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes).write_image(samples, width, height, color).unwrap();
    bytes
}

/// Lossless; for colour with or without transparency.
pub(crate) fn webp(samples: &[u8], width: u32, height: u32, color: ExtendedColorType) -> Vec<u8> {
    let mut bytes = Vec::new();
    WebPEncoder::new_lossless(&mut bytes).write_image(samples, width, height, color).unwrap();
    bytes
}

/// 24 x 16 px, lossy: the left half is (197, 40, 41), the right half (19, 120, 202), as OpenCV 5.0 reads it.
pub(crate) const LOSSY_WEBP: &[u8] = b"RIFF\x54\0\0\0WEBPVP8 \x48\0\0\0\
    \x90\x03\x00\x9d\x01\x2a\x18\x00\x10\x00\x3e\xb5\x48\x9e\x49\xa7\x24\x22\xa1\x30\x08\x00\xe0\x16\x89\x40\x13\xa3\
    \x90\x05\x5f\xfe\xe0\x00\x1c\xc5\x00\x00\xfe\xe9\x98\xca\xaa\xf3\x86\xd0\x1f\xbe\xfb\x72\xfd\x22\x8f\xff\x92\x98\
    \x4f\x56\x21\x97\xff\x92\xc7\xea\xc4\x2f\xe6\xc5\x60\x00\x00\x00";

/// A chunk of a RIFF file with its pad byte.
pub(crate) fn riff_chunk(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut chunk = kind.to_vec();
    chunk.extend((body.len() as u32).to_le_bytes());
    chunk.extend(body);
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    chunk
}

/// A WebP file of these chunks.
pub(crate) fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    body.extend(chunks.concat());
    riff_chunk(*b"RIFF", &body)
}

/// The header chunk of an extended WebP.
pub(crate) fn vp8x(flags: u8, width: u32, height: u32) -> Vec<u8> {
    let mut body = vec![flags, 0, 0, 0];
    body.extend(&(width - 1).to_le_bytes()[..3]);
    body.extend(&(height - 1).to_le_bytes()[..3]);
    riff_chunk(*b"VP8X", &body)
}

/// A chunk of a PNG file.
pub(crate) fn png_chunk(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut chunk = (body.len() as u32).to_be_bytes().to_vec();
    chunk.extend(kind);
    chunk.extend(body);
    let crc = chunk[4..].iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(
            crc ^ u32::from(byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 },
        )
    });
    chunk.extend((!crc).to_be_bytes());
    chunk
}

/// A segment of a JPEG file.
pub(crate) fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let mut segment = vec![0xFF, marker];
    segment.extend((body.len() as u16 + 2).to_be_bytes());
    segment.extend(body);
    segment
}

/// A JPEG written segment by segment: one block of 8 x 8 px, each channel even all over it.
pub(crate) struct FlatJpeg {
    /// Second byte of the frame header's marker: 0xC0 sequential, 0xC2 progressive.
    pub(crate) frame: u8,
    pub(crate) bits: u8,
    pub(crate) width: u16,
    pub(crate) height: u16,
    /// Name, sampling factors and level of each channel.
    pub(crate) channels: Vec<(u8, u8, u8)>,
    /// Segments in front of all others.
    pub(crate) before: Vec<u8>,
    /// Symbol of the code word 0 in the table for AC coefficients; 0 ends a block.
    pub(crate) ac_symbol: u8,
    /// Scans after the first, each with its header's last three bytes.
    pub(crate) more_scans: Vec<[u8; 3]>,
}

impl FlatJpeg {
    pub(crate) fn of(levels: &[u8]) -> FlatJpeg {
        FlatJpeg {
            frame: 0xC0,
            bits: 8,
            width: 8,
            height: 8,
            channels: (1..).zip(levels).map(|(name, &level)| (name, 0x11, level)).collect(),
            before: vec![],
            ac_symbol: 0,
            more_scans: vec![],
        }
    }

    pub(crate) fn adobe(mut self, transform: u8) -> FlatJpeg {
        self.before.extend(segment(0xEE, &[b"Adobe\0\x64\0\0\0\0", &[transform][..]].concat()));
        self
    }

    pub(crate) fn jfif(mut self) -> FlatJpeg {
        self.before.extend(segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"));
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let count = self.channels.len() as u8;
        let mut bytes = vec![0xFF, 0xD8];
        bytes.extend(&self.before);
        bytes.extend(segment(0xDB, &[&[0][..], &[8; 64]].concat()));
        let mut frame = vec![self.bits];
        frame.extend(self.height.to_be_bytes());
        frame.extend(self.width.to_be_bytes());
        frame.push(count);
        frame.extend(self.channels.iter().flat_map(|&(name, sampling, _)| [name, sampling, 0]));
        bytes.extend(segment(self.frame, &frame));
        // DC: the twelve sizes of a difference, four bits each. AC: one word of one bit.
        let dc_counts = [0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let dc_symbols: Vec<u8> = (0..12).collect();
        bytes.extend(segment(0xC4, &[&[0x00][..], &dc_counts, &dc_symbols].concat()));
        bytes.extend(segment(0xC4, &[&[0x10, 1][..], &[0; 15], &[self.ac_symbol]].concat()));
        let band = if self.frame == 0xC2 { [0, 0, 0] } else { [0, 63, 0] };
        let names: Vec<u8> = self.channels.iter().flat_map(|&(name, _, _)| [name, 0]).collect();
        bytes.extend(segment(0xDA, &[&[count][..], &names, &band].concat()));
        bytes.extend(self.first_scan());
        for band in &self.more_scans {
            bytes.extend(segment(0xDA, &[&[1, self.channels[0].0, 0][..], band].concat()));
            bytes.extend([0; 2]);
        }
        bytes.extend([0xFF, 0xD9]);
        bytes
    }

    fn first_scan(&self) -> Vec<u8> {
        let mut bits = String::new();
        for &(_, _, level) in &self.channels {
            let difference = i32::from(level) - 128;
            let size = (32 - difference.unsigned_abs().leading_zeros()) as usize;
            write!(bits, "{size:04b}").unwrap();
            if size > 0 {
                let value = if difference > 0 { difference } else { difference + (1 << size) - 1 };
                write!(bits, "{value:0size$b}").unwrap();
            }
            if self.frame != 0xC2 {
                bits.push('0');
            }
        }
        bits += &"1".repeat(bits.len().next_multiple_of(8) - bits.len());
        let byte = |word| u8::from_str_radix(std::str::from_utf8(word).unwrap(), 2).unwrap();
        let stuffed = |byte| if byte == 0xFF { vec![0xFF, 0] } else { vec![byte] };
        bits.as_bytes().chunks(8).map(byte).flat_map(stuffed).collect()
    }
}
