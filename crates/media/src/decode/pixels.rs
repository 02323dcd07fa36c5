//! From whatever samples a decoder gives to upright 8-bit RGB, in place where the result is no larger.

use image::metadata::Orientation;
use image::{ColorType, DynamicImage, RgbImage};

use crate::Frame;

/// Samples as 8-bit RGB. `samples` are as the image crate gives them for `color`: 16-bit ones in native byte
/// order.
///
/// `None` for a layout no decoder of ours gives.
pub(super) fn to_rgb8(color: ColorType, mut samples: Vec<u8>) -> Option<Vec<u8>> {
    let color = match color {
        ColorType::L16 => narrow(&mut samples, ColorType::L8),
        ColorType::La16 => narrow(&mut samples, ColorType::La8),
        ColorType::Rgb16 => narrow(&mut samples, ColorType::Rgb8),
        ColorType::Rgba16 => narrow(&mut samples, ColorType::Rgba8),
        eight => eight,
    };
    let rgb = match color {
        ColorType::Rgb8 => samples,
        ColorType::Rgba8 => {
            flatten(&mut samples);
            samples
        }
        ColorType::L8 => samples.iter().flat_map(|&grey| [grey; 3]).collect(),
        ColorType::La8 => {
            samples.chunks_exact(2).flat_map(|pixel| [on_white(pixel[0], pixel[1]); 3]).collect()
        }
        _ => return None,
    };
    Some(rgb)
}

/// Halves 16-bit samples to 8 bits, rounded to the nearest.
fn narrow(samples: &mut Vec<u8>, eight: ColorType) -> ColorType {
    let half = samples.len() / 2;
    for i in 0..half {
        let wide = u32::from(u16::from_ne_bytes([samples[2 * i], samples[2 * i + 1]]));
        samples[i] = ((wide * 255 + 32_767) / 65_535) as u8;
    }
    samples.truncate(half);
    eight
}

/// RGBA to RGB as seen on a white page.
fn flatten(samples: &mut Vec<u8>) {
    let pixels = samples.len() / 4;
    for i in 0..pixels {
        let [r, g, b, alpha] = [samples[4 * i], samples[4 * i + 1], samples[4 * i + 2], samples[4 * i + 3]];
        samples[3 * i] = on_white(r, alpha);
        samples[3 * i + 1] = on_white(g, alpha);
        samples[3 * i + 2] = on_white(b, alpha);
    }
    samples.truncate(pixels * 3);
}

/// A sample laid on white with `alpha` of 255, rounded to the nearest.
fn on_white(sample: u8, alpha: u8) -> u8 {
    let (sample, alpha) = (u32::from(sample), u32::from(alpha));
    ((sample * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

/// The frame of a still, turned upright as its EXIF block says. No block, or a broken one, leaves it as it
/// is.
///
/// `None` if the samples do not fill the picture.
pub(super) fn upright(width: u32, height: u32, mut rgb: Vec<u8>, exif: Option<&[u8]>) -> Option<Frame> {
    // After a conversion in place; what lay beyond is free for the copy that a quarter turn needs.
    rgb.shrink_to_fit();
    match exif.and_then(Orientation::from_exif_chunk) {
        None | Some(Orientation::NoTransforms) => Frame::from_rgb(width, height, rgb, 0),
        Some(orientation) => {
            let mut image = DynamicImage::ImageRgb8(RgbImage::from_raw(width, height, rgb)?);
            image.apply_orientation(orientation);
            let (width, height) = (image.width(), image.height());
            Frame::from_rgb(width, height, image.into_bytes(), 0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparency_shows_white() {
        assert_eq!(on_white(0, 0), 255);
        assert_eq!(on_white(10, 255), 10);
        assert_eq!(on_white(0, 128), 127);
        assert_eq!(to_rgb8(ColorType::La8, vec![7, 255, 0, 0]), Some(vec![7, 7, 7, 255, 255, 255]));
        assert_eq!(
            to_rgb8(ColorType::Rgba8, vec![1, 2, 3, 255, 9, 9, 9, 0]),
            Some(vec![1, 2, 3, 255, 255, 255])
        );
    }

    #[test]
    fn sixteen_bits_are_rounded_to_eight() {
        let wide: Vec<u8> =
            [0u16, 128, 129, 257, 65_535, 65_406].iter().flat_map(|v| v.to_ne_bytes()).collect();
        assert_eq!(to_rgb8(ColorType::Rgb16, wide), Some(vec![0, 0, 1, 1, 255, 254]));
    }

    #[test]
    fn a_layout_of_floats_is_not_ours() {
        assert_eq!(to_rgb8(ColorType::Rgb32F, vec![0; 12]), None);
    }
}
