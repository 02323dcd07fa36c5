//! Frames out: what was cut from a picture, to be kept.

use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use crate::{Damage, DecodeError, Frame};

/// Good enough to be read and compared again: what is lost lies far below the noise of a camera.
const QUALITY: u8 = 92;

/// `frame` as a JPEG.
///
/// # Errors
/// [`DecodeError::Damaged`] for a frame that is larger than the format allows, 65,535 pixels on a side.
pub fn encode_jpeg(frame: &Frame) -> Result<Vec<u8>, DecodeError> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .encode(frame.rgb(), frame.width(), frame.height(), ExtendedColorType::Rgb8)
        .map_err(|error| Damage::Decoder(error.to_string()))?;
    Ok(jpeg)
}

/// What is left of `frame` without so many pixels at its top, right, bottom and left edges; `None` where nothing is.
pub fn crop(frame: &Frame, [top, right, bottom, left]: [u32; 4]) -> Option<Frame> {
    let width = frame.width().checked_sub(left.checked_add(right)?)?;
    let height = frame.height().checked_sub(top.checked_add(bottom)?)?;
    let row = frame.width() as usize * 3;
    let (from, to) = (left as usize * 3, (left + width) as usize * 3);
    let rows = frame.rgb().chunks_exact(row).skip(top as usize).take(height as usize);
    let rgb = rows.flat_map(|row| row[from..to].iter().copied()).collect();
    Frame::from_rgb(width, height, rgb, frame.t_ms())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, decode};

    #[test]
    fn a_frame_comes_back_from_its_jpeg() {
        let frame = Frame::from_rgb(16, 8, vec![90; 16 * 8 * 3], 0).unwrap();
        let again = decode(&encode_jpeg(&frame).unwrap(), &Limits::default()).unwrap();
        assert_eq!((again.width(), again.height()), (16, 8));
        assert!(again.rgb().iter().all(|sample| sample.abs_diff(90) < 3));
    }

    #[test]
    fn margins_are_cut_off_and_something_must_be_left() {
        let frame = Frame::from_rgb(3, 2, (0..18).collect(), 0).unwrap();
        let cut = crop(&frame, [1, 1, 0, 1]).unwrap();
        assert_eq!((cut.width(), cut.height(), cut.rgb()), (1, 1, &[12, 13, 14][..]));
        assert_eq!(crop(&frame, [0; 4]).unwrap(), frame);
        for margins in [[1, 0, 1, 0], [0, 2, 0, 1], [0, 0, 9, 0], [0, u32::MAX, 0, 1]] {
            assert!(crop(&frame, margins).is_none(), "{margins:?}");
        }
    }
}
