//! Patterns that come again and again over a face, as a display's dots make them in a camera.

use std::sync::Arc;

use media::Frame;
use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use crate::geometry::Rect;
use crate::presence::statistics::{finite, median};

/// Side of a window, in px.
const SIDE: usize = 64;
/// From this many periods in a window on: larger things are parts of the face.
const LEAST_PERIODS: f32 = 7.0;
/// Bins this near to an axis are left out: the blocks of codecs lie there.
const AXIS: i32 = 2;
/// Width of a ring whose bins are compared with each other.
const RING: f32 = 3.0;
/// Windows of a frame at most, along each side of the face.
const ACROSS: usize = 4;

/// Spectra of windows of faces, added up over frames.
pub(super) struct Moire {
    fft: Arc<dyn Fft<f32>>,
    power: Vec<f64>,
    windows: u32,
}

impl Default for Moire {
    fn default() -> Self {
        Self { fft: FftPlanner::new().plan_fft_forward(SIDE), power: vec![0.0; SIDE * SIDE], windows: 0 }
    }
}

impl Moire {
    /// Adds the windows of the face at `bounds`, as far as the frame shows them.
    pub(super) fn add(&mut self, frame: &Frame, bounds: Rect) {
        let starts = |from: f32, length: f32, limit: u32| -> Vec<u32> {
            let first = from.max(0.0);
            let room = (from + length).min(limit as f32) - first - SIDE as f32;
            if !from.is_finite() || !length.is_finite() || room < 0.0 {
                return vec![];
            }
            let count = ((room / (SIDE as f32 / 2.0)) as usize + 1).min(ACROSS);
            (0..count)
                .map(|index| (first + room * (index as f32 + 0.5) / count as f32) as u32)
                .filter(|start| start + SIDE as u32 <= limit)
                .collect()
        };
        for top in starts(bounds.y, bounds.height, frame.height()) {
            for left in starts(bounds.x, bounds.width, frame.width()) {
                self.add_window(frame, left, top);
            }
        }
    }

    fn add_window(&mut self, frame: &Frame, left: u32, top: u32) {
        let luma: Vec<f32> = (0..SIDE * SIDE)
            .map(|place| {
                let at = frame.pixel(left + (place % SIDE) as u32, top + (place / SIDE) as u32);
                let [red, green, blue] = at.unwrap_or_default().map(f32::from);
                0.299 * red + 0.587 * green + 0.114 * blue
            })
            .collect();
        let mean = luma.iter().sum::<f32>() / luma.len() as f32;
        let taper = |place: usize| {
            let phase = std::f32::consts::TAU * (place as f32 + 0.5) / SIDE as f32;
            0.5 - 0.5 * phase.cos()
        };
        let mut rows: Vec<Complex32> = luma
            .iter()
            .enumerate()
            .map(|(place, luma)| {
                Complex32::new((luma - mean) * taper(place % SIDE) * taper(place / SIDE), 0.0)
            })
            .collect();
        self.fft.process(&mut rows);
        let mut columns: Vec<Complex32> =
            (0..SIDE * SIDE).map(|place| rows[place % SIDE * SIDE + place / SIDE]).collect();
        self.fft.process(&mut columns);
        for (sum, value) in self.power.iter_mut().zip(&columns) {
            *sum += f64::from(value.norm_sqr());
        }
        self.windows += 1;
    }

    /// How far the strongest pattern stands out of what has its fineness, in decibels; `None` without a window.
    pub(super) fn peak_db(&self) -> Option<f32> {
        if self.windows == 0 {
            return None;
        }
        let bins: Vec<(f32, f64)> = (0..SIDE * SIDE)
            .filter_map(|place| {
                let signed = |index: usize| {
                    let index = index as i32;
                    if index > SIDE as i32 / 2 { index - SIDE as i32 } else { index }
                };
                let (x, y) = (signed(place % SIDE), signed(place / SIDE));
                let radius = ((x * x + y * y) as f32).sqrt();
                let is_free = x.abs() > AXIS && y.abs() > AXIS && radius < SIDE as f32 / 2.0;
                // One of each pair that mirrors the other.
                (is_free && y > 0 && radius >= LEAST_PERIODS - RING)
                    .then(|| (radius, self.power[place] / f64::from(self.windows) + 1.0))
            })
            .collect();
        let out = bins.iter().filter(|(radius, _)| *radius >= LEAST_PERIODS).filter_map(|(radius, power)| {
            let ring = bins.iter().filter(|(other, _)| (other - radius).abs() <= RING);
            Some(10.0 * (power / median(ring.map(|(_, power)| *power))?).log10())
        });
        out.max_by(f64::total_cmp).map(finite)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(paint: impl Fn(f32, f32) -> f32) -> Frame {
        let mut grain = 12345_u32;
        let rgb = (0..200 * 200).flat_map(|place| {
            grain = grain.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (grain >> 24) as f32 / 32.0;
            [(paint((place % 200) as f32, (place / 200) as f32) + noise) as u8; 3]
        });
        Frame::from_rgb(200, 200, rgb.collect(), 0).unwrap()
    }

    fn peak(frame: &Frame) -> Option<f32> {
        let mut moire = Moire::default();
        moire.add(frame, Rect { x: 10.0, y: 10.0, width: 170.0, height: 180.0 });
        moire.peak_db()
    }

    #[test]
    fn a_fine_grid_stands_out_and_skin_does_not() {
        let skin = |x: f32, y: f32| 120.0 + 30.0 * (x / 40.0).sin() + 20.0 * (y / 30.0).cos();
        let plain = peak(&frame(skin)).unwrap();
        assert!(plain < 8.0, "{plain}");
        let grid = peak(&frame(|x, y| skin(x, y) + 4.0 * (x * 1.1 + y * 0.7).sin())).unwrap();
        assert!(grid > 15.0, "{grid}");
    }

    #[test]
    fn a_face_that_is_too_small_or_outside_says_nothing() {
        let picture = frame(|_, _| 90.0);
        for bounds in [
            Rect { x: 10.0, y: 10.0, width: 40.0, height: 40.0 },
            Rect { x: 500.0, y: 500.0, width: 100.0, height: 100.0 },
            Rect { x: f32::NAN, y: 0.0, width: 100.0, height: 100.0 },
        ] {
            let mut moire = Moire::default();
            moire.add(&picture, bounds);
            assert_eq!(moire.peak_db(), None);
        }
    }
}
