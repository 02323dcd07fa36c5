//! A walk over a JPEG's markers: what is in it and what it would cost, at about the speed of reading it.
//!
//! Section and table numbers are those of ITU-T T.81 (1992). Where the standard leaves open what a decoder
//! does with stray bytes between segments, the walk does as zune-jpeg 0.5 does, so that both see the same
//! scans.

use crate::bytes::be16;
use crate::{Damage, DecodeError};

const CUT: Damage = Damage::Structure("the JPEG ends before its picture does");
const SEGMENT: Damage = Damage::Structure("a JPEG segment breaks the rules of its kind");
const COLOURS: DecodeError =
    DecodeError::Unsupported { what: "a JPEG whose colour description contradicts itself" };

/// Bytes of a coefficient while a picture of several scans is put together.
const COEFFICIENT: u64 = 2;
/// Coefficients of a block, 8 x 8.
const BLOCK: u64 = 64;

/// Nanoseconds to transform a block and colour its pixels. Measured 2026-11-21 as in `limits.rs`: 40 MP in
/// three full channels, 1.9 million blocks, took 0.26 s of which nearly all was this.
const BLOCK_NS: u64 = 140;
/// Nanoseconds a scan spends on one coefficient of a block, where visiting a block at all counts as
/// [`VISIT_COEFFICIENTS`]. Measured the same way with scans whose every code is empty of information, the
/// worst there is: 290 ns a block for 63 coefficients, 37 ns for one.
///
/// At 4.5 ns a progressive picture of 40 MP in three full channels and libjpeg's ten scans is estimated at
/// 1.8 s, and takes 0.65 s if it is a photo.
const COEFFICIENT_TENTH_NS: u64 = 45;
const VISIT_COEFFICIENTS: u64 = 8;

/// What the headers of a JPEG promise.
#[derive(Debug)]
pub(super) struct Survey<'a> {
    /// From the first byte to the end-of-image marker; what phones put behind it is left out.
    pub bytes: &'a [u8],
    /// In pixels, at least 1.
    pub width: u32,
    /// In pixels, at least 1.
    pub height: u32,
    /// TIFF block of the first EXIF segment.
    pub exif: Option<&'a [u8]>,
    /// Number of scans.
    pub scans: usize,
    /// Whether the decoder has to keep all coefficients until the last scan.
    buffered: bool,
    /// Blocks of all components, padding included.
    blocks: u64,
    /// Coefficients that the scans visit, summed over the scans.
    steps: u64,
}

impl<'a> Survey<'a> {
    /// Walks over the markers of `bytes`, which begin with a start-of-image marker.
    ///
    /// # Errors
    /// `Damaged` if a segment is broken or the end-of-image marker is missing; `Unsupported` for kinds of
    /// JPEG that the decoder lacks or whose colours would come out wrong.
    pub(super) fn of(bytes: &'a [u8]) -> Result<Survey<'a>, DecodeError> {
        let mut walk = Walk { bytes, at: 2, in_scan: false };
        let mut colours = Colours::default();
        let mut exif = None;
        let mut picture: Option<Picture> = None;
        loop {
            match walk.next()? {
                (0xD9, _) => break,
                (0xDA, body) => picture.as_mut().ok_or(SEGMENT)?.add_scan(body)?,
                (0xC4 | 0xCC, _) => {}
                (kind @ 0xC0..=0xCF, body) => {
                    if picture.is_some() {
                        return Err(SEGMENT.into());
                    }
                    picture = Some(Picture::of(kind, body)?);
                }
                (0xE0, body) => colours.jfif |= body.starts_with(b"JFIF\0"),
                (0xE1, body) => exif = exif.or(body.strip_prefix(b"Exif\0\0")),
                (0xEE, body) if body.starts_with(b"Adobe") => {
                    colours.adobe = Some(*body.get(11).ok_or(SEGMENT)?);
                }
                _ => {}
            }
        }
        let picture = picture.ok_or(CUT)?;
        picture.check_scans()?;
        colours.check(&picture.components)?;
        Ok(Survey {
            bytes: bytes.get(..walk.at).unwrap_or(bytes),
            width: picture.width,
            height: picture.height,
            exif,
            scans: picture.scans,
            buffered: picture.progressive || picture.scans > 1,
            blocks: picture.components.iter().map(|component| component.padded_blocks).sum(),
            steps: picture.steps,
        })
    }

    /// Most memory that decoding `pixels` pixels takes, in bytes: the result with either the coefficients or,
    /// after them, the copy that a quarter turn makes.
    pub(super) fn memory(&self, pixels: u64) -> u64 {
        let result = pixels * 3;
        let coefficients = if self.buffered { self.blocks * BLOCK * COEFFICIENT } else { 0 };
        result + coefficients.max(result)
    }

    /// Estimate of the time that decoding takes, in nanoseconds. It grows with the scans, of which a few
    /// bytes each make a decoder go over the whole picture again.
    pub(super) fn time_ns(&self) -> u64 {
        (self.blocks * BLOCK_NS).saturating_add(self.steps.saturating_mul(COEFFICIENT_TENTH_NS) / 10)
    }
}

/// Steps from segment to segment.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Entropy-coded data follows instead of a segment.
    in_scan: bool,
}

impl<'a> Walk<'a> {
    /// The next marker's second byte and the body of its segment, without the length; restart markers are
    /// passed over.
    fn next(&mut self) -> Result<(u8, &'a [u8]), Damage> {
        loop {
            let rest = self.bytes.get(self.at..).ok_or(CUT)?;
            self.at += rest.iter().position(|&byte| byte == 0xFF).ok_or(CUT)?;
            // Fill bytes (B.1.1.2). A zero marks a data byte of 255 in a scan; elsewhere the decoder takes it
            // for fill.
            let is_fill = |byte: u8| byte == 0xFF || (byte == 0 && !self.in_scan);
            self.at += 1;
            while is_fill(*self.bytes.get(self.at).ok_or(CUT)?) {
                self.at += 1;
            }
            let marker = *self.bytes.get(self.at).ok_or(CUT)?;
            self.at += 1;
            match marker {
                0x00 | 0xD0..=0xD7 => {}
                0xD9 => return Ok((marker, &[])),
                _ => {
                    let length = usize::from(be16(self.bytes, self.at).ok_or(CUT)?);
                    let body = self.at.saturating_add(2)..self.at.saturating_add(length);
                    if length < 2 {
                        return Err(SEGMENT);
                    }
                    self.at = body.end;
                    self.in_scan |= marker == 0xDA;
                    return Ok((marker, self.bytes.get(body).ok_or(CUT)?));
                }
            }
        }
    }
}

/// One colour channel.
#[derive(Debug)]
struct Component {
    id: u8,
    /// Columns of blocks that cover the picture.
    columns: u64,
    /// Rows of blocks that cover the picture.
    rows: u64,
    /// Blocks that the decoder keeps: whole units of the coarsest channel.
    padded_blocks: u64,
    /// Scans it occurs in.
    scans: u32,
}

/// What the frame header (B.2.2) says, and the scans seen since.
#[derive(Debug)]
struct Picture {
    width: u32,
    height: u32,
    progressive: bool,
    components: Vec<Component>,
    scans: usize,
    steps: u64,
}

impl Picture {
    fn of(kind: u8, body: &[u8]) -> Result<Picture, DecodeError> {
        let progressive = match kind {
            0xC0 | 0xC1 => false,
            0xC2 => true,
            0xC9..=0xCB | 0xCD..=0xCF => {
                return Err(DecodeError::Unsupported { what: "a JPEG with arithmetic coding" });
            }
            _ => return Err(DecodeError::Unsupported { what: "a lossless or hierarchical JPEG" }),
        };
        if body.first().ok_or(SEGMENT)? != &8 {
            return Err(DecodeError::Unsupported { what: "a JPEG of other than 8 bits" });
        }
        let height = u32::from(be16(body, 1).ok_or(SEGMENT)?);
        let width = u32::from(be16(body, 3).ok_or(SEGMENT)?);
        if height == 0 {
            return Err(DecodeError::Unsupported { what: "a JPEG that gives its height after the picture" });
        }
        let (_, described) = body.split_at_checked(6).ok_or(SEGMENT)?;
        if width == 0 || described.len() != usize::from(body[5]) * 3 {
            return Err(SEGMENT.into());
        }
        if !matches!(body[5], 1 | 3 | 4) {
            return Err(DecodeError::Unsupported { what: "a JPEG of other than 1, 3 or 4 channels" });
        }
        let components = components(width, height, described)?;
        Ok(Picture { width, height, progressive, components, scans: 0, steps: 0 })
    }

    /// Counts the scan whose header (B.2.3) is `body`.
    fn add_scan(&mut self, body: &[u8]) -> Result<(), Damage> {
        let count = usize::from(*body.first().ok_or(SEGMENT)?);
        let (selectors, band) =
            body.get(1..).and_then(|body| body.split_at_checked(count * 2)).ok_or(SEGMENT)?;
        let [first, last, _] = *band else { return Err(SEGMENT) };
        let coefficients = if self.progressive { u64::from(last.saturating_sub(first)) + 1 } else { BLOCK };
        for selector in selectors.chunks_exact(2) {
            let component =
                self.components.iter_mut().find(|component| component.id == selector[0]).ok_or(SEGMENT)?;
            component.scans += 1;
            let blocks =
                if count == 1 { component.columns * component.rows } else { component.padded_blocks };
            self.steps += blocks * (coefficients + VISIT_COEFFICIENTS);
        }
        self.scans += 1;
        Ok(())
    }

    /// Every channel needs its data: all of it in one scan unless the JPEG is progressive.
    ///
    /// A channel that never comes would show as wrong colours, and one that comes twice makes the decoder
    /// start again.
    fn check_scans(&self) -> Result<(), Damage> {
        let complete =
            |component: &Component| component.scans == 1 || self.progressive && component.scans > 1;
        if self.components.iter().all(complete) {
            Ok(())
        } else if self.components.iter().any(|component| component.scans == 0) {
            Err(CUT)
        } else {
            Err(Damage::Structure("a channel of a sequential JPEG comes twice"))
        }
    }
}

/// The channels of a picture from their three bytes each: name, sampling factors, table.
fn components(width: u32, height: u32, described: &[u8]) -> Result<Vec<Component>, DecodeError> {
    let factors: Vec<(u32, u32)> = described
        .chunks_exact(3)
        .map(|channel| (u32::from(channel[1] >> 4), u32::from(channel[1] & 15)))
        .collect();
    let h_max = factors.iter().map(|&(h, _)| h).max().unwrap_or(0);
    let v_max = factors.iter().map(|&(_, v)| v).max().unwrap_or(0);
    if factors.iter().any(|&(h, v)| !(1..=4).contains(&h) || !(1..=4).contains(&v)) {
        return Err(SEGMENT.into());
    }
    // The decoder scales a channel up by powers of two only.
    if factors.iter().any(|&(h, v)| h == 3 || v == 3) {
        return Err(DecodeError::Unsupported { what: "a JPEG with fractional sampling factors" });
    }
    let (units_x, units_y) = (width.div_ceil(8 * h_max), height.div_ceil(8 * v_max));
    let component = |(channel, (h, v)): (&[u8], (u32, u32))| Component {
        id: channel[0],
        columns: u64::from((width * h).div_ceil(8 * h_max)),
        rows: u64::from((height * v).div_ceil(8 * v_max)),
        padded_blocks: u64::from(units_x * h) * u64::from(units_y * v),
        scans: 0,
    };
    Ok(described.chunks_exact(3).zip(factors).map(component).collect())
}

/// What a JPEG says about its colours, in the three places where it can.
#[derive(Debug, Default)]
struct Colours {
    jfif: bool,
    /// Transform byte of the Adobe segment: 0 none, 1 YCbCr, 2 YCCK.
    adobe: Option<u8>,
}

impl Colours {
    /// Refuses what zune-jpeg and libjpeg would show in different colours.
    ///
    /// libjpeg's rules (jdapimin.c, `default_decompress_parms`) are what every browser shows: for three
    /// channels JFIF goes before Adobe and Adobe before the channels' names; zune-jpeg asks the names first
    /// and then Adobe.
    fn check(&self, components: &[Component]) -> Result<(), DecodeError> {
        let named_rgb = components.iter().map(|component| component.id).eq(*b"RGB");
        match (components.len(), self.adobe) {
            (3, _) if named_rgb && (self.jfif || matches!(self.adobe, Some(1..))) => Err(COLOURS),
            (3, Some(0)) if self.jfif => Err(COLOURS),
            // Without Adobe's segment nobody can tell whether 255 means all ink or none.
            (4, None) => {
                Err(DecodeError::Unsupported { what: "a CMYK JPEG without Adobe's colour description" })
            }
            (4, Some(1)) => Err(COLOURS),
            _ => Ok(()),
        }
    }
}
