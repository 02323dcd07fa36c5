//! How much memory the code tables of a lossless WebP take, read ahead of the decoder.
//!
//! A lossless picture may name 65,536 groups of five prefix codes each (RFC 9649, 3.7.2.2). image-webp 0.2.4
//! keeps a table of up to 80 kB for each code, so that a file of a few megabytes asks for gigabytes, with
//! nothing in its headers to show it. How many groups there are stands in a small entropy-coded picture
//! behind others of its kind: reading on to the tables takes the whole code below, but no pixels, since what
//! copies or caches bring back was written out before.
//!
//! Section numbers are those of RFC 9649.

use super::{BROKEN, CUT};
use crate::{Damage, DecodeError};

/// Symbols of the five codes of a group, but for the colour cache: green and lengths, red, blue, alpha,
/// distances.
const ALPHABETS: [usize; 5] = [256 + LENGTHS, 256, 256, 256, 40];
const LENGTHS: usize = 24;
/// Order in which the lengths of the code for code lengths are stored (3.7.2.1.2).
const CODE_LENGTH_ORDER: [usize; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
/// Longest prefix code, in bits.
const MAX_CODE: u32 = 15;

/// Bits that image-webp looks up at once; longer codes go on in a tree.
const TABLE_BITS: u32 = 10;
/// Bytes of an entry of its table.
const TABLE_ENTRY: u64 = 4;
/// Bytes of the tree for each longer code: two nodes of 16 bytes.
const TREE_ENTRY: u64 = 32;
/// Bytes of a code without its tables.
const CODE: u64 = 64;

/// Bytes that the tables of the picture in `body` take in the decoder. Stops counting soon after `most`.
///
/// `body` is a VP8L chunk, or with `headed` false the lossless stream of an ALPH chunk, of `width` x `height`
/// px.
pub(super) fn table_bytes(
    body: &[u8],
    headed: bool,
    width: u32,
    height: u32,
    most: u64,
) -> Result<u64, DecodeError> {
    let mut bits = Bits { bytes: body, at: if headed { 40 } else { 0 } };
    let mut width = width;
    while bits.read(1)? == 1 {
        match bits.read(2)? {
            // Predictors and colour transforms: one pixel a tile.
            0 | 1 => {
                let tile = bits.read(3)? + 2;
                largest_group(&mut bits, tiles(width, tile), tiles(height, tile))?;
            }
            2 => {}
            // A palette: several of its indices share a pixel.
            _ => {
                let colours = bits.read(8)? + 1;
                largest_group(&mut bits, colours, 1)?;
                width = tiles(
                    width,
                    match colours {
                        ..=2 => 3,
                        3..=4 => 2,
                        5..=16 => 1,
                        _ => 0,
                    },
                );
            }
        }
    }
    let cache = cache_size(&mut bits)?;
    let groups = if bits.read(1)? == 1 {
        let tile = bits.read(3)? + 2;
        largest_group(&mut bits, tiles(width, tile), tiles(height, tile))? + 1
    } else {
        1
    };
    let mut total = 0;
    for _ in 0..groups {
        for symbols in alphabets(cache) {
            total += stored(&lengths(&mut bits, symbols)?);
        }
        if total > most {
            break;
        }
    }
    Ok(total)
}

/// Bytes that image-webp keeps for a code of these lengths.
fn stored(lengths: &[u8]) -> u64 {
    let longest = u32::from(lengths.iter().copied().max().unwrap_or(0));
    if lengths.iter().filter(|&&length| length > 0).count() < 2 {
        return CODE;
    }
    let beyond = lengths.iter().filter(|&&length| u32::from(length) > TABLE_BITS).count() as u64;
    CODE + (TABLE_ENTRY << longest.min(TABLE_BITS)) + TREE_ENTRY * beyond
}

/// Reads a picture of one group of codes. Returns the largest 16-bit number in its red and green, which in
/// the picture of groups is the number of the last group.
fn largest_group(bits: &mut Bits<'_>, width: u32, height: u32) -> Result<u32, DecodeError> {
    let cache = cache_size(bits)?;
    let mut codes = Vec::with_capacity(ALPHABETS.len());
    for symbols in alphabets(cache) {
        codes.push(Code::of(&lengths(bits, symbols)?)?);
    }
    let [green, red, blue, alpha, distance] = codes.as_slice() else { return Err(BROKEN.into()) };
    let mut largest = 0;
    let mut left = u64::from(width) * u64::from(height);
    while left > 0 {
        let symbol = green.read(bits)?;
        let covered = if symbol < 256 {
            largest = largest.max(red.read(bits)? << 8 | symbol);
            blue.read(bits)?;
            alpha.read(bits)?;
            1
        } else if let Some(length) = symbol.checked_sub(256).filter(|&length| length < LENGTHS as u32) {
            let covered = extended(bits, length)?;
            let symbol = distance.read(bits)?;
            extended(bits, symbol)?;
            covered
        } else {
            1
        };
        left = left.saturating_sub(u64::from(covered));
    }
    Ok(largest)
}

/// Pixels of a picture with one for every `2^bits` of `side`.
fn tiles(side: u32, bits: u32) -> u32 {
    side.div_ceil(1 << bits)
}

/// Entries of the colour cache, 0 without one (3.6.3).
fn cache_size(bits: &mut Bits<'_>) -> Result<usize, Damage> {
    if bits.read(1)? == 0 {
        return Ok(0);
    }
    match bits.read(4)? {
        size @ 1..=11 => Ok(1 << size),
        _ => Err(BROKEN),
    }
}

fn alphabets(cache: usize) -> [usize; 5] {
    let [green, rest @ ..] = ALPHABETS;
    let [red, blue, alpha, distance] = rest;
    [green + cache, red, blue, alpha, distance]
}

/// A length or distance from its prefix symbol and the bits behind it (3.6.2.1).
fn extended(bits: &mut Bits<'_>, symbol: u32) -> Result<u32, Damage> {
    if symbol < 4 {
        return Ok(symbol + 1);
    }
    let extra = (symbol - 2) >> 1;
    Ok(((2 + (symbol & 1)) << extra) + bits.read(extra)? + 1)
}

/// The code lengths of an alphabet (3.7.2.1), 0 for a symbol that does not occur.
fn lengths(bits: &mut Bits<'_>, symbols: usize) -> Result<Vec<u8>, Damage> {
    let mut lengths = vec![0; symbols];
    if bits.read(1)? == 1 {
        let two = bits.read(1)? == 1;
        let wide = bits.read(1)? == 1;
        let first = bits.read(if wide { 8 } else { 1 })?;
        *lengths.get_mut(first as usize).ok_or(BROKEN)? = 1;
        if two {
            let second = bits.read(8)?;
            *lengths.get_mut(second as usize).ok_or(BROKEN)? = 1;
        }
        return Ok(lengths);
    }
    let mut of_lengths = [0; CODE_LENGTH_ORDER.len()];
    let stored = 4 + bits.read(4)? as usize;
    for &symbol in CODE_LENGTH_ORDER.iter().take(stored) {
        of_lengths[symbol] = bits.read(3)? as u8;
    }
    let code = Code::of(&of_lengths)?;
    let mut reads = symbols;
    if bits.read(1)? == 1 {
        let width = 2 + 2 * bits.read(3)?;
        reads = 2 + bits.read(width)? as usize;
    }
    let (mut at, mut previous) = (0, 8);
    while at < symbols && reads > 0 {
        reads -= 1;
        let (length, repeat) = match code.read(bits)? {
            16 => (previous, 3 + bits.read(2)?),
            17 => (0, 3 + bits.read(3)?),
            18 => (0, 11 + bits.read(7)?),
            length => (length as u8, 1),
        };
        let end = at + repeat as usize;
        lengths.get_mut(at..end).ok_or(BROKEN)?.fill(length);
        at = end;
        if length > 0 {
            previous = length;
        }
    }
    Ok(lengths)
}

/// A prefix code as one table over all words of its longest length.
struct Code {
    /// Symbol and length of the code that a word, first bit lowest, begins with.
    table: Vec<(u16, u8)>,
    longest: u32,
}

impl Code {
    fn of(lengths: &[u8]) -> Result<Code, Damage> {
        let used = || lengths.iter().enumerate().filter(|&(_, &length)| length > 0);
        let longest = used().map(|(_, &length)| u32::from(length)).max().ok_or(BROKEN)?;
        if used().count() == 1 {
            let symbol = used().map(|(symbol, _)| symbol as u16).next().unwrap_or(0);
            return Ok(Code { table: vec![(symbol, 0)], longest: 0 });
        }
        if longest > MAX_CODE {
            return Err(BROKEN);
        }
        let mut table = vec![(0, 0); 1 << longest];
        let mut next = 0u32;
        for length in 1..=longest {
            for (symbol, _) in used().filter(|&(_, &of)| u32::from(of) == length) {
                let first = (next.reverse_bits() >> (32 - length)) as usize;
                if next >> length != 0 {
                    return Err(BROKEN);
                }
                table
                    .iter_mut()
                    .skip(first)
                    .step_by(1 << length)
                    .for_each(|entry| *entry = (symbol as u16, length as u8));
                next += 1;
            }
            next <<= 1;
        }
        // A code that leaves words without a symbol is not allowed.
        if next == 2 << longest { Ok(Code { table, longest }) } else { Err(BROKEN) }
    }

    fn read(&self, bits: &mut Bits<'_>) -> Result<u32, Damage> {
        let (symbol, length) = self.table[bits.peek(self.longest) as usize];
        bits.skip(u32::from(length))?;
        Ok(u32::from(symbol))
    }
}

/// Bits of a chunk, lowest of a byte first.
struct Bits<'a> {
    bytes: &'a [u8],
    /// Bits read.
    at: usize,
}

impl Bits<'_> {
    /// The next `count` bits, at most 24, with zeros past the end.
    fn peek(&self, count: u32) -> u32 {
        let rest = self.bytes.get(self.at / 8..).unwrap_or(&[]);
        let word = match rest.first_chunk() {
            Some(four) => u32::from_le_bytes(*four),
            None => rest.iter().rev().fold(0, |word, &byte| word << 8 | u32::from(byte)),
        };
        word >> (self.at % 8) & ((1 << count) - 1)
    }

    fn skip(&mut self, count: u32) -> Result<(), Damage> {
        self.at += count as usize;
        if self.at > self.bytes.len() * 8 { Err(CUT) } else { Ok(()) }
    }

    /// The next `count` bits, at most 24.
    fn read(&mut self, count: u32) -> Result<u32, Damage> {
        let word = self.peek(count);
        self.skip(count)?;
        Ok(word)
    }
}
