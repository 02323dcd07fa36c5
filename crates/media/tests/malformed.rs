//! Files that are wrong, cut off, or made to hurt: each gets an error that says what to do, soon, and never a
//! panic.
//!
//! With the environment variable `BONAFIDE_MALFORMED_DIR` set to a folder, every file in it goes through as
//! well.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod common;

use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use common::{FlatJpeg, LOSSY_WEBP, drawn, jpeg, png, png_chunk, riff, riff_chunk, vp8x, webp};
use image::ExtendedColorType as Color;
use media::{DecodeError, Limits, decode, read_file};
use proptest::prelude::*;

fn refusal(bytes: &[u8]) -> DecodeError {
    decode(bytes, &Limits::default()).unwrap_err()
}

#[track_caller]
fn assert_refused(bytes: &[u8], code: &str) {
    let start = Instant::now();
    let error = refusal(bytes);
    assert_eq!(error.code(), code, "{error:?}");
    // A refusal from the headers takes well under a millisecond; the rest is room for a busy machine.
    assert!(start.elapsed() < Duration::from_millis(500), "{error:?} took {:?}", start.elapsed());
}

#[test]
fn an_empty_file_is_refused() {
    assert_refused(b"", "empty");
}

#[test]
fn other_formats_are_refused_with_those_that_are_read() {
    for bytes in
        [&b"GIF89a"[..], b"%PDF-1.7", b"BM", b"\0\0\0\x20ftypheic", b"{}", b"\xff\xd8", b"RIFF\0\0\0\0WAVE"]
    {
        assert_refused(bytes, "unknown_format");
        let message = refusal(bytes).to_string();
        assert!(["JPEG", "PNG", "WebP"].iter().all(|format| message.contains(format)), "{message}");
    }
}

#[test]
fn a_file_over_the_limit_is_refused_unread() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.jpg");
    File::create(&path).unwrap().set_len(1 << 40).unwrap();
    let error = read_file(&path, &Limits::default()).unwrap_err();
    assert!(matches!(error, DecodeError::TooManyBytes { limit: 10_000_000 }), "{error:?}");
    assert_refused(&vec![0xFF; 10_000_001], "too_many_bytes");
}

#[test]
fn a_file_that_cannot_be_read_keeps_its_reason() {
    let error = read_file(Path::new("no/such/file.jpg"), &Limits::default()).unwrap_err();
    assert_eq!(error.code(), "io");
    assert!(error.source().is_some());
}

fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut header = width.to_be_bytes().to_vec();
    header.extend(height.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    [&b"\x89PNG\r\n\x1a\n"[..], &png_chunk(*b"IHDR", &header), &png_chunk(*b"IDAT", &[0; 20])].concat()
}

#[test]
fn a_picture_too_large_is_refused_by_its_header() {
    assert_refused(&png_of(100_000, 100_000), "too_many_pixels");
    assert_refused(&png_of(20_001, 1), "too_many_pixels");
    assert_refused(&png_of(8_000, 5_001), "too_many_pixels");
    assert_refused(&riff(&[vp8x(0, 1 << 24, 1 << 24)]), "too_many_pixels");
    let mut file = FlatJpeg::of(&[128]);
    (file.width, file.height) = (65_535, 65_535);
    assert_refused(&file.bytes(), "too_many_pixels");
}

#[test]
fn a_webp_cannot_hide_a_larger_picture_in_a_small_canvas() {
    let mut picture = LOSSY_WEBP[20..].to_vec();
    picture[6..10].copy_from_slice(&[0xFF, 0x3F, 0xFF, 0x3F]);
    assert_refused(&riff(&[vp8x(0, 1, 1), riff_chunk(*b"VP8 ", &picture)]), "damaged");
    assert_refused(&riff(&[riff_chunk(*b"VP8 ", &picture)]), "too_many_pixels");
    let frame = [&[0; 16][..], &riff_chunk(*b"VP8 ", &picture)].concat();
    let animation = [vp8x(0x02, 1, 1), riff_chunk(*b"ANIM", &[0; 6]), riff_chunk(*b"ANMF", &frame)];
    assert_refused(&riff(&animation), "damaged");
}

#[test]
fn limits_are_the_callers() {
    let picture = jpeg(&drawn(40, 30));
    let with = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        decode(&picture, &limits).map_err(|error| error.code())
    };
    assert!(with(|limits| limits.max_pixels = 1_200).is_ok());
    assert_eq!(with(|limits| limits.max_pixels = 1_199), Err("too_many_pixels"));
    assert_eq!(with(|limits| limits.max_side = 39), Err("too_many_pixels"));
    assert_eq!(with(|limits| limits.max_bytes = 100), Err("too_many_bytes"));
    assert_eq!(with(|limits| limits.max_decode_memory = 3_600), Err("out_of_memory_limit"));
    assert_eq!(with(|limits| limits.max_decode_time = Duration::from_nanos(1)), Err("too_complex"));
}

/// A progressive JPEG of 36 MP with thousands of scans of a dozen bytes, each of which goes over all of it.
fn scan_bomb() -> FlatJpeg {
    let mut file = FlatJpeg::of(&[128; 3]);
    (file.frame, file.width, file.height) = (0xC2, 6_000, 6_000);
    file.more_scans = vec![[1, 63, 1]; 20_000];
    file
}

#[test]
fn a_scan_bomb_is_refused_at_once() {
    assert_refused(&scan_bomb().bytes(), "too_complex");
    let mut narrow = scan_bomb();
    narrow.more_scans = vec![[5, 5, 1]; 20_000];
    assert_refused(&narrow.bytes(), "too_complex");
}

#[test]
fn a_sequential_jpeg_that_starts_again_is_refused() {
    let mut file = FlatJpeg::of(&[128; 3]);
    file.more_scans = vec![[0, 63, 0]];
    assert_refused(&file.bytes(), "damaged");
}

#[test]
fn kinds_of_jpeg_that_would_come_out_wrong_are_refused_by_name() {
    let mut arithmetic = FlatJpeg::of(&[128]);
    arithmetic.frame = 0xC9;
    let mut lossless = FlatJpeg::of(&[128]);
    lossless.frame = 0xC3;
    let mut twelve = FlatJpeg::of(&[128]);
    twelve.bits = 12;
    let mut late_height = FlatJpeg::of(&[128]);
    late_height.height = 0;
    let mut thirds = FlatJpeg::of(&[128; 3]);
    thirds.channels[0].1 = 0x31;
    let mut named_otherwise = FlatJpeg::of(&[128; 3]).adobe(1);
    for (channel, name) in named_otherwise.channels.iter_mut().zip(*b"RGB") {
        channel.0 = name;
    }
    let two = FlatJpeg::of(&[128; 2]);
    let plain_cmyk = FlatJpeg::of(&[128; 4]);
    let contradiction = FlatJpeg::of(&[128; 3]).jfif().adobe(0);
    for file in
        [arithmetic, lossless, twelve, late_height, thirds, named_otherwise, two, plain_cmyk, contradiction]
    {
        assert_refused(&file.bytes(), "unsupported");
    }
}

/// Writes a lossless WebP bit by bit.
struct Bits {
    bytes: Vec<u8>,
    count: usize,
}

impl Bits {
    fn push(&mut self, value: u32, width: u32) {
        for bit in 0..width {
            if self.count.is_multiple_of(8) {
                self.bytes.push(0);
            }
            *self.bytes.last_mut().unwrap() |= ((value >> bit & 1) as u8) << (self.count % 8);
            self.count += 1;
        }
    }
}

/// A lossless WebP of 4 x 4 px that names `groups` groups of codes, each with five tables of 1,024 entries.
fn table_bomb(groups: u32) -> Vec<u8> {
    let mut bits = Bits { bytes: vec![], count: 0 };
    bits.push(0x2F, 8);
    bits.push(3 | 3 << 14, 32);
    // No transform, no colour cache, groups by tiles of 4 px.
    bits.push(0b100, 3);
    bits.push(0, 3);
    // The picture of groups: one pixel, no cache, each channel a code of one symbol.
    bits.push(0, 1);
    for symbol in [(groups - 1) & 0xFF, (groups - 1) >> 8, 0, 0, 0] {
        bits.push(0b101, 3);
        bits.push(symbol, 8);
    }
    for _ in 0..groups * 5 {
        // Lengths 1 to 10 of the code for code lengths: six of 3 bits, four of 4 bits; then the lengths 1, 2
        // .. 10, 10.
        bits.push(0, 1);
        bits.push(10, 4);
        for length in [0, 0, 0, 3, 3, 3, 3, 3, 0, 3, 4, 4, 4, 4] {
            bits.push(length, 3);
        }
        bits.push(1, 1);
        bits.push(1, 3);
        bits.push(9, 4);
        for length in (1..=10u32).chain([10]) {
            let (word, width) = if length <= 6 { (length - 1, 3) } else { (12 + length - 7, 4) };
            bits.push(word.reverse_bits() >> (32 - width), width);
        }
    }
    // Sixteen pixels of four one-bit symbols.
    bits.push(0, 32);
    bits.push(0, 32);
    riff(&[riff_chunk(*b"VP8L", &bits.bytes)])
}

#[test]
fn a_webp_whose_code_tables_would_fill_memory_is_refused() {
    let frame = decode(&table_bomb(300), &Limits::default()).unwrap();
    assert_eq!((frame.width(), frame.height()), (4, 4));
    let limits = Limits { max_decode_memory: 10_000_000, ..Limits::default() };
    let error = decode(&table_bomb(600), &limits).unwrap_err();
    assert_eq!(error.code(), "out_of_memory_limit", "{error:?}");
}

/// Sound files of every kind, to be spoilt.
fn sound() -> Vec<Vec<u8>> {
    let picture = drawn(64, 48);
    let mut progressive = FlatJpeg::of(&[76, 85, 255]);
    progressive.frame = 0xC2;
    progressive.more_scans = vec![[1, 63, 0]];
    let alpha: Vec<u8> = (0..64 * 48 * 4).map(|i| (i * i / 7) as u8).collect();
    vec![
        jpeg(&picture),
        progressive.bytes(),
        FlatJpeg::of(&[150, 44, 21, 128]).adobe(2).bytes(),
        png(&picture, 64, 48, Color::Rgb8),
        png(&alpha, 32, 48, Color::Rgba16),
        webp(&picture, 64, 48, Color::Rgb8),
        webp(&alpha, 64, 48, Color::Rgba8),
        LOSSY_WEBP.to_vec(),
    ]
}

#[test]
fn a_file_cut_off_anywhere_is_an_error() {
    for bytes in sound() {
        for sixteenth in 0..16 {
            let error = refusal(&bytes[..bytes.len() * sixteenth / 16]);
            assert!(matches!(error.code(), "damaged" | "unknown_format" | "empty"), "{error:?}");
        }
    }
}

#[test]
fn a_jpeg_without_its_end_is_damaged() {
    let bytes = jpeg(&drawn(64, 48));
    assert_refused(&bytes[..bytes.len() - 2], "damaged");
    assert_refused(&bytes[..bytes.len() - 1], "damaged");
}

#[test]
fn every_refusal_tells_what_to_do_next() {
    for error in [
        refusal(b""),
        refusal(b"GIF89a"),
        refusal(&vec![0; 10_000_001]),
        refusal(&png_of(100_000, 100_000)),
        refusal(&scan_bomb().bytes()),
        refusal(&jpeg(&drawn(8, 8))[..300]),
        refusal(&FlatJpeg::of(&[128; 4]).bytes()),
        DecodeError::OutOfMemoryLimit,
        read_file(Path::new("no/such/file.jpg"), &Limits::default()).unwrap_err(),
    ] {
        let (message, code) = (error.to_string(), error.code());
        assert!(message.contains(": "), "{code}: {message}");
        assert!(["send", "save", "check"].iter().any(|verb| message.contains(verb)), "{code}: {message}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_500) })]

    #[test]
    fn no_change_of_bytes_makes_a_panic_or_breaks_a_limit(
        which in 0..8usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..24),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let mut bytes = sound().swap_remove(which);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let limits = Limits { max_pixels: 1_000_000, max_decode_memory: 20_000_000, ..Limits::default() };
        if let Ok(frame) = decode(&bytes, &limits) {
            prop_assert!(u64::from(frame.width()) * u64::from(frame.height()) <= limits.max_pixels);
            prop_assert_eq!(frame.rgb().len(), frame.width() as usize * frame.height() as usize * 3);
        }
    }

    #[test]
    fn no_bytes_behind_a_signature_make_a_panic(
        signature in prop::sample::select(vec![
            &b"\xff\xd8\xff"[..],
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            b"RIFF\x40\0\0\0WEBPVP8L",
            b"RIFF\x40\0\0\0WEBPVP8X",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let limits = Limits { max_pixels: 1_000_000, ..Limits::default() };
        let _ = decode(&[signature, &rest].concat(), &limits);
    }
}

/// Every file under `folder`.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// Most memory that this process has held, in kB, where the system tells.
fn peak_memory_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[test]
fn a_folder_of_malformed_files_passes_within_time() {
    let Some(folder) = std::env::var_os("BONAFIDE_MALFORMED_DIR") else { return };
    let mut found = vec![];
    files(Path::new(&folder), &mut found);
    assert!(!found.is_empty(), "the folder holds no files");
    let (mut decoded, mut slowest) = (0, (Duration::ZERO, None));
    for path in &found {
        let start = Instant::now();
        let outcome = read_file(path, &Limits::default());
        let took = start.elapsed();
        assert!(took < Duration::from_secs(2), "{} took {took:?}", path.display());
        decoded += usize::from(outcome.is_ok());
        slowest = slowest.max((took, Some(path)));
    }
    println!("{} files, {decoded} decoded, {} refused", found.len(), found.len() - decoded);
    println!("slowest: {slowest:?}");
    if let Some(peak) = peak_memory_kb() {
        println!("peak memory of the process: {peak} kB");
        assert!(peak < 500_000, "{peak} kB");
    }
}
