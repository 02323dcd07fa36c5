//! A grey picture that can be sampled between its pixels.

use media::Frame;

/// Brightness 0..255, row-major.
#[derive(Clone)]
pub(super) struct Grey {
    pub(super) width: usize,
    pub(super) height: usize,
    values: Vec<f32>,
}

impl Grey {
    /// Rec. 601 luma of the frame.
    pub(super) fn new(frame: &Frame) -> Grey {
        let luma = |rgb: &[u8]| match *rgb {
            [r, g, b] => 0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b),
            _ => 0.0,
        };
        Grey {
            width: frame.width() as usize,
            height: frame.height() as usize,
            values: frame.rgb().chunks_exact(3).map(luma).collect(),
        }
    }

    /// Half as wide and high; each pixel is the mean of four.
    pub(super) fn halved(&self) -> Grey {
        let (width, height) = ((self.width / 2).max(1), (self.height / 2).max(1));
        let mut values = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let at = |dx, dy| self.value(2 * x + dx, 2 * y + dy);
                values.push((at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4.0);
            }
        }
        Grey { width, height, values }
    }

    /// The pixel; the nearest one where it lies outside.
    fn value(&self, x: usize, y: usize) -> f32 {
        let (x, y) = (x.min(self.width - 1), y.min(self.height - 1));
        self.values.get(y * self.width + x).copied().unwrap_or(0.0)
    }

    /// Between pixels, whose centres have whole coordinates; the nearest edge outside.
    pub(super) fn sample(&self, x: f32, y: f32) -> f32 {
        let x = x.clamp(0.0, (self.width - 1) as f32);
        let y = y.clamp(0.0, (self.height - 1) as f32);
        let (left, top) = (x as usize, y as usize);
        let (fx, fy) = (x - left as f32, y - top as f32);
        let above = self.value(left, top) * (1.0 - fx) + self.value(left + 1, top) * fx;
        let below = self.value(left, top + 1) * (1.0 - fx) + self.value(left + 1, top + 1) * fx;
        above * (1.0 - fy) + below * fy
    }
}
