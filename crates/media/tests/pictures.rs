//! Sound files: what they show must come out, whatever the format and however it is stored.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod common;

use common::{FlatJpeg, LOSSY_WEBP, drawn, jpeg, png, png_chunk, riff, riff_chunk, segment, vp8x, webp};
use image::{ExtendedColorType as Color, RgbImage};
use media::{Format, Frame, Limits, decode, read_file, sniff};

fn read(bytes: &[u8]) -> Frame {
    decode(bytes, &Limits::default()).unwrap()
}

/// All samples within `tolerance` of the picture's.
#[track_caller]
fn assert_shows(frame: &Frame, picture: &RgbImage, tolerance: u8) {
    assert_eq!((frame.width(), frame.height()), picture.dimensions());
    let worst = frame.rgb().iter().zip(picture.as_raw()).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(worst <= Some(tolerance), "differs by {worst:?}");
}

#[test]
fn each_format_shows_the_picture_that_went_in() {
    let picture = drawn(61, 47);
    assert_shows(&read(&jpeg(&picture)), &picture, 24);
    assert_shows(&read(&png(&picture, 61, 47, Color::Rgb8)), &picture, 0);
    assert_shows(&read(&webp(&picture, 61, 47, Color::Rgb8)), &picture, 0);
}

#[test]
fn a_lossy_webp_shows_its_colours() {
    let frame = read(LOSSY_WEBP);
    assert_eq!((frame.width(), frame.height()), (24, 16));
    assert_eq!(frame.pixel(2, 8), Some([197, 40, 41]));
    assert_eq!(frame.pixel(20, 8), Some([19, 120, 202]));
    assert_eq!(frame.t_ms(), 0);
}

/// A TIFF block that says only how the picture lies.
fn exif(orientation: u8) -> Vec<u8> {
    let mut block = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    block.extend([orientation, 0, 0, 0, 0, 0, 0]);
    block
}

/// What a camera stores of `upright` when it writes `orientation`: the standard's words (CIPA DC-008, table
/// 6) as pixel positions.
fn stored(upright: &RgbImage, orientation: u8) -> RgbImage {
    let (w, h) = upright.dimensions();
    let (width, height) = if orientation < 5 { (w, h) } else { (h, w) };
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = match orientation {
            1 => (x, y),
            2 => (w - 1 - x, y),
            3 => (w - 1 - x, h - 1 - y),
            4 => (x, h - 1 - y),
            5 => (y, x),
            6 => (w - 1 - y, x),
            7 => (w - 1 - y, h - 1 - x),
            _ => (y, h - 1 - x),
        };
        *upright.get_pixel(x, y)
    })
}

fn jpeg_with_exif(picture: &RgbImage, block: &[u8]) -> Vec<u8> {
    let mut bytes = jpeg(picture);
    bytes.splice(2..2, segment(0xE1, &[b"Exif\0\0", block].concat()));
    bytes
}

fn png_with_exif(picture: &RgbImage, block: &[u8], last: bool) -> Vec<u8> {
    let mut bytes = png(picture, picture.width(), picture.height(), Color::Rgb8);
    // In front of the 12 bytes of the end chunk, or behind the signature and the header's 25.
    let at = if last { bytes.len() - 12 } else { 33 };
    bytes.splice(at..at, png_chunk(*b"eXIf", block));
    bytes
}

fn webp_with_exif(picture: &RgbImage, block: &[u8]) -> Vec<u8> {
    let (width, height) = picture.dimensions();
    let simple = webp(picture, width, height, Color::Rgb8);
    riff(&[vp8x(0x08, width, height), simple[12..].to_vec(), riff_chunk(*b"EXIF", block)])
}

#[test]
fn all_eight_orientations_come_out_upright() {
    let upright = drawn(40, 24);
    for orientation in 1..=8 {
        let (stored, block) = (stored(&upright, orientation), exif(orientation));
        assert_shows(&read(&jpeg_with_exif(&stored, &block)), &upright, 24);
        assert_shows(&read(&png_with_exif(&stored, &block, false)), &upright, 0);
        assert_shows(&read(&png_with_exif(&stored, &block, true)), &upright, 0);
        assert_shows(&read(&webp_with_exif(&stored, &block)), &upright, 0);
    }
}

#[test]
fn the_test_picture_looks_different_from_every_side() {
    let upright = drawn(24, 24);
    for orientation in 2..=8 {
        assert_ne!(stored(&upright, orientation), upright, "{orientation}");
    }
}

#[test]
fn a_broken_exif_block_is_ignored() {
    let picture = drawn(16, 16);
    let whole = exif(6);
    let far = [b"MM\0*", &[0xFF; 4][..]].concat();
    for block in
        [&whole[..0], &whole[..9], &whole[..17], &exif(0), &exif(9), &far, b"not a TIFF block at all"]
    {
        assert_shows(&read(&jpeg_with_exif(&picture, block)), &picture, 24);
        assert_shows(&read(&png_with_exif(&picture, block, false)), &picture, 0);
        assert_shows(&read(&webp_with_exif(&picture, block)), &picture, 0);
    }
}

#[test]
fn transparency_is_laid_on_white() {
    let samples = [10, 20, 30, 255, 10, 20, 30, 0, 0, 100, 200, 128, 255, 0, 0, 64];
    let expected = [10, 20, 30, 255, 255, 255, 127, 177, 227, 255, 191, 191];
    assert_eq!(read(&png(&samples, 2, 2, Color::Rgba8)).rgb(), expected);
    assert_eq!(read(&webp(&samples, 2, 2, Color::Rgba8)).rgb(), expected);
    assert_eq!(read(&png(&[40, 255, 40, 0], 2, 1, Color::La8)).rgb(), [40, 40, 40, 255, 255, 255]);
}

#[test]
fn sixteen_bits_become_eight() {
    let wide = |samples: &[u16]| samples.iter().flat_map(|sample| sample.to_ne_bytes()).collect::<Vec<u8>>();
    assert_eq!(read(&png(&wide(&[0, 0x8080, 0xFFFF]), 1, 1, Color::Rgb16)).rgb(), [0, 128, 255]);
    assert_eq!(read(&png(&wide(&[0x1234]), 1, 1, Color::L16)).rgb(), [0x12; 3]);
    assert_eq!(read(&png(&wide(&[0, 0, 0, 0]), 1, 1, Color::Rgba16)).rgb(), [255; 3]);
    assert_eq!(read(&png(&wide(&[0x4040, 0xFFFF]), 1, 1, Color::La16)).rgb(), [64; 3]);
}

#[test]
fn grey_becomes_rgb() {
    assert_eq!(read(&png(&[0, 77, 255], 3, 1, Color::L8)).rgb(), [0, 0, 0, 77, 77, 77, 255, 255, 255]);
    let frame = read(&FlatJpeg::of(&[77]).bytes());
    assert!(frame.rgb().iter().all(|&sample| sample == 77));
}

/// A PNG of one row, stored without compression.
fn row(width: u32, bits: u8, color: u8, chunks: &[Vec<u8>], packed: &[u8]) -> Vec<u8> {
    let mut header = width.to_be_bytes().to_vec();
    header.extend([0, 0, 0, 1, bits, color, 0, 0, 0]);
    let line = [&[0], packed].concat();
    let sum = line.iter().fold((1u32, 0u32), |(a, b), &byte| (a + u32::from(byte), a + b + u32::from(byte)));
    let length = line.len() as u16;
    let mut data = vec![0x78, 0x01, 1];
    data.extend(length.to_le_bytes());
    data.extend((!length).to_le_bytes());
    data.extend(line);
    data.extend((sum.1 << 16 | sum.0).to_be_bytes());
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend(png_chunk(*b"IHDR", &header));
    bytes.extend(chunks.concat());
    bytes.extend(png_chunk(*b"IDAT", &data));
    bytes.extend(png_chunk(*b"IEND", &[]));
    bytes
}

#[test]
fn a_palette_gives_its_colours() {
    let palette = png_chunk(*b"PLTE", &[9, 8, 7, 200, 100, 50]);
    assert_eq!(
        read(&row(2, 1, 3, std::slice::from_ref(&palette), &[0b0100_0000])).rgb(),
        [9, 8, 7, 200, 100, 50]
    );
    let clear = png_chunk(*b"tRNS", &[255, 0]);
    assert_eq!(read(&row(2, 8, 3, &[palette, clear], &[0, 1])).rgb(), [9, 8, 7, 255, 255, 255]);
}

#[test]
fn grey_of_two_bits_spans_black_to_white() {
    assert_eq!(
        read(&row(4, 2, 0, &[], &[0b0001_1011])).rgb()[..],
        [[0; 3], [85; 3], [170; 3], [255; 3]].concat()
    );
}

#[test]
fn jpeg_colours_follow_their_description() {
    // What OpenCV 5.0 with libjpeg-turbo shows, which rounds CMYK the other way by one.
    for (file, expected) in [
        (FlatJpeg::of(&[76, 85, 255]), [254, 0, 0]),
        (FlatJpeg::of(&[76, 85, 255]).jfif(), [254, 0, 0]),
        (FlatJpeg::of(&[76, 85, 255]).adobe(1), [254, 0, 0]),
        (FlatJpeg::of(&[10, 200, 100]).adobe(0), [10, 200, 100]),
        (FlatJpeg::of(&[255, 0, 0, 255]).adobe(0), [255, 0, 0]),
        (FlatJpeg::of(&[0, 255, 200, 128]).adobe(0), [0, 128, 100]),
        (FlatJpeg::of(&[76, 85, 255, 255]).adobe(2), [1, 255, 255]),
        (FlatJpeg::of(&[150, 44, 21, 128]).adobe(2), [128, 0, 127]),
    ] {
        let frame = read(&file.bytes());
        for x in 0..8 {
            let shown = frame.pixel(x, 7).unwrap();
            let worst = shown.iter().zip(expected).map(|(&a, b): (&u8, u8)| a.abs_diff(b)).max();
            assert!(worst <= Some(1), "{shown:?} for {expected:?}");
        }
    }
}

#[test]
fn channels_named_r_g_and_b_are_rgb() {
    let mut file = FlatJpeg::of(&[10, 200, 100]);
    for (channel, name) in file.channels.iter_mut().zip(*b"RGB") {
        channel.0 = name;
    }
    assert_eq!(read(&file.bytes()).pixel(0, 0), Some([10, 200, 100]));
}

#[test]
fn a_progressive_jpeg_shows_its_colours() {
    let mut file = FlatJpeg::of(&[76, 85, 255]);
    file.frame = 0xC2;
    file.more_scans = vec![[1, 5, 0], [6, 63, 0]];
    assert_eq!(read(&file.bytes()).pixel(3, 3), Some([254, 0, 0]));
}

#[test]
fn bytes_behind_the_picture_do_not_matter() {
    let picture = drawn(20, 20);
    let second = jpeg(&drawn(9, 9));
    for tail in [&b"\0"[..], b"SEFH and what else phones append", &second] {
        assert_shows(&read(&[&jpeg(&picture), tail].concat()), &picture, 24);
        assert_shows(&read(&[&png(&picture, 20, 20, Color::Rgb8), tail].concat()), &picture, 0);
        assert_shows(&read(&[&webp(&picture, 20, 20, Color::Rgb8), tail].concat()), &picture, 0);
    }
}

#[test]
fn of_an_animation_the_first_picture_is_read() {
    let (first, second) = (drawn(20, 12), RgbImage::new(20, 12));
    let frame = |picture: &RgbImage| {
        let simple = webp(picture, 20, 12, Color::Rgb8);
        let header = [0, 0, 0, 0, 0, 0, 19, 0, 0, 11, 0, 0, 100, 0, 0, 2];
        riff_chunk(*b"ANMF", &[&header, &simple[12..]].concat())
    };
    let file = riff(&[vp8x(0x02, 20, 12), riff_chunk(*b"ANIM", &[0; 6]), frame(&first), frame(&second)]);
    assert_shows(&read(&file), &first, 0);
}

#[test]
fn a_name_has_no_say() {
    let folder = tempfile::tempdir().unwrap();
    let picture = drawn(12, 12);
    let path = folder.path().join("really.jpg");
    std::fs::write(&path, png(&picture, 12, 12, Color::Rgb8)).unwrap();
    assert_eq!(sniff(&std::fs::read(&path).unwrap()), Some(Format::Png));
    assert_shows(&read_file(&path, &Limits::default()).unwrap(), &picture, 0);
}
