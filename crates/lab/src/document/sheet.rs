//! A flat sheet that is drawn on in mm.

use engine::geometry::Rect;
use media::Frame;

/// Pixels of a sheet for one mm: 300 dpi are 11.8. Finer than a phone sees a card, so that what is drawn is no limit.
pub(super) const PER_MM: f32 = 16.0;

/// A sheet under construction.
pub(super) struct Sheet {
    pub(super) width: usize,
    pub(super) height: usize,
    rgb: Vec<u8>,
}

impl Sheet {
    /// `width` x `height` mm of `paper`.
    pub(super) fn new(width: f32, height: f32, paper: [u8; 3]) -> Self {
        let (width, height) = ((width * PER_MM).round() as usize, (height * PER_MM).round() as usize);
        Self { width, height, rgb: paper.iter().copied().cycle().take(width * height * 3).collect() }
    }

    /// What is drawn, copied.
    pub(super) fn of_frame(frame: &Frame) -> Self {
        Self { width: frame.width() as usize, height: frame.height() as usize, rgb: frame.rgb().to_vec() }
    }

    pub(super) fn into_frame(self) -> Option<Frame> {
        Frame::from_rgb(self.width as u32, self.height as u32, self.rgb, 0)
    }

    /// Lets `paint` change each pixel in `area`, in mm, given its place in mm.
    pub(super) fn paint(&mut self, area: Rect, mut paint: impl FnMut(f32, f32, &mut [u8; 3])) {
        let bound = |value: f32, most: usize| ((value * PER_MM).max(0.0) as usize).min(most);
        let (left, right) = (bound(area.x, self.width), bound(area.x + area.width, self.width));
        let (top, bottom) = (bound(area.y, self.height), bound(area.y + area.height, self.height));
        for y in top..bottom {
            for x in left..right {
                let start = (y * self.width + x) * 3;
                let mut pixel = [self.rgb[start], self.rgb[start + 1], self.rgb[start + 2]];
                paint((x as f32 + 0.5) / PER_MM, (y as f32 + 0.5) / PER_MM, &mut pixel);
                self.rgb[start..start + 3].copy_from_slice(&pixel);
            }
        }
    }

    /// Ink where `coverage` says, 0..255 a pixel, rows of `width`, its top left at `at` in pixels.
    pub(super) fn print(&mut self, at: (i32, i32), width: usize, coverage: &[u8], ink: [u8; 3]) {
        if width == 0 {
            return;
        }
        for (row, cover) in (at.1..).zip(coverage.chunks_exact(width)) {
            for (column, cover) in (at.0..).zip(cover) {
                let (Ok(x), Ok(y)) = (usize::try_from(column), usize::try_from(row)) else { continue };
                if x < self.width && y < self.height {
                    let start = (y * self.width + x) * 3;
                    let mut pixel = [self.rgb[start], self.rgb[start + 1], self.rgb[start + 2]];
                    blend(&mut pixel, ink, f32::from(*cover) / 255.0);
                    self.rgb[start..start + 3].copy_from_slice(&pixel);
                }
            }
        }
    }

    /// A line with round ends, in mm.
    pub(super) fn line(&mut self, from: (f32, f32), to: (f32, f32), width: f32, ink: [u8; 3]) {
        let half = width / 2.0;
        let margin = half + 1.0 / PER_MM;
        let (left, top) = (from.0.min(to.0) - margin, from.1.min(to.1) - margin);
        let area = Rect {
            x: left,
            y: top,
            width: from.0.max(to.0) + margin - left,
            height: from.1.max(to.1) + margin - top,
        };
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let square = (dx * dx + dy * dy).max(1e-9);
        self.paint(area, |x, y, pixel| {
            let share = (((x - from.0) * dx + (y - from.1) * dy) / square).clamp(0.0, 1.0);
            let off = (x - from.0 - dx * share).hypot(y - from.1 - dy * share);
            blend(pixel, ink, ((half - off) * PER_MM + 0.5).clamp(0.0, 1.0));
        });
    }
}

/// Moves `pixel` towards `ink` by `share`, 0..1.
pub(super) fn blend(pixel: &mut [u8; 3], ink: [u8; 3], share: f32) {
    for (pixel, ink) in pixel.iter_mut().zip(ink) {
        let mixed = f32::from(*pixel) + (f32::from(ink) - f32::from(*pixel)) * share;
        *pixel = (mixed + 0.5) as u8;
    }
}
