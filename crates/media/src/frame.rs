//! The picture everything else works on.

use std::fmt;

/// Upright RGB picture: 8 bits a channel, row-major from the top left, no padding between rows.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
    t_ms: u64,
}

impl Frame {
    /// A frame of `width` x `height` px from its samples: red, green, blue of the top left pixel first.
    ///
    /// `t_ms` is the time in milliseconds since the start of the recording, 0 for a still.
    ///
    /// `None` if a side is 0 or `rgb` does not hold exactly `width * height * 3` samples.
    pub fn from_rgb(width: u32, height: u32, rgb: Vec<u8>, t_ms: u64) -> Option<Frame> {
        let samples =
            usize::try_from(width).ok()?.checked_mul(usize::try_from(height).ok()?)?.checked_mul(3)?;
        (samples > 0 && samples == rgb.len()).then_some(Frame { width, height, rgb, t_ms })
    }

    /// Width in pixels, at least 1.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels, at least 1.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// All samples, `width * height * 3` of them, rows from the top, each red, green, blue.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// The samples without a copy.
    pub fn into_rgb(self) -> Vec<u8> {
        self.rgb
    }

    /// Milliseconds since the start of the recording, 0 for a still.
    pub fn t_ms(&self) -> u64 {
        self.t_ms
    }

    /// Red, green and blue at column `x` from the left and row `y` from the top; `None` outside the picture.
    pub fn pixel(&self, x: u32, y: u32) -> Option<[u8; 3]> {
        if x >= self.width || y >= self.height {
            return None;
        }
        let start = (y as usize * self.width as usize + x as usize) * 3;
        self.rgb.get(start..start + 3)?.try_into().ok()
    }
}

impl fmt::Debug for Frame {
    /// Size and time only: a person's picture has no place in a log line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("width", &self.width)
            .field("height", &self.height)
            .field("t_ms", &self.t_ms)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_must_fill_the_frame_exactly() {
        assert!(Frame::from_rgb(2, 3, vec![0; 18], 0).is_some());
        assert!(Frame::from_rgb(2, 3, vec![0; 17], 0).is_none());
        assert!(Frame::from_rgb(2, 3, vec![0; 19], 0).is_none());
        assert!(Frame::from_rgb(0, 3, vec![], 0).is_none());
        assert!(Frame::from_rgb(u32::MAX, u32::MAX, vec![], 0).is_none());
    }

    #[test]
    fn a_pixel_is_found_by_column_and_row() {
        let frame = Frame::from_rgb(2, 2, (0..12).collect(), 40).unwrap();
        assert_eq!(frame.pixel(1, 0), Some([3, 4, 5]));
        assert_eq!(frame.pixel(0, 1), Some([6, 7, 8]));
        assert_eq!(frame.pixel(2, 0), None);
        assert_eq!(frame.pixel(0, 2), None);
        assert_eq!(frame.t_ms(), 40);
    }

    #[test]
    fn debug_output_shows_no_pixels() {
        let frame = Frame::from_rgb(1, 1, vec![201, 202, 203], 0).unwrap();
        assert!(!format!("{frame:?}").contains("201"));
    }
}
