//! The aligned face as numbers: luma, a smoothed copy, colours, and the measures of sharpness and exposure.

use super::ramp;
use crate::face::ALIGNED_SIDE;

/// A part of an aligned face: columns and rows, ends not included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part(pub(super) usize, pub(super) usize, pub(super) usize, pub(super) usize);

impl Part {
    pub(super) fn places(self) -> impl Iterator<Item = usize> + Clone {
        let Part(left, top, right, bottom) = self;
        (top..bottom).flat_map(move |y| (left..right).map(move |x| y * ALIGNED_SIDE + x))
    }
}

/// An aligned face, 112 x 112.
pub(super) struct AlignedFace<'a> {
    rgb: &'a [u8],
    /// BT.601 luma, 0..255.
    pub(super) luma: Vec<f32>,
    /// The luma without detail of a pixel's size (Gauss, sigma 1).
    pub(super) smooth: Vec<f32>,
}

impl<'a> AlignedFace<'a> {
    /// `rgb` is what [`crate::face::align`] returns.
    pub(super) fn new(rgb: &'a [u8]) -> Self {
        let luma: Vec<f32> = rgb
            .chunks_exact(3)
            .map(|pixel| {
                0.299 * f32::from(pixel[0]) + 0.587 * f32::from(pixel[1]) + 0.114 * f32::from(pixel[2])
            })
            .collect();
        let smooth = gauss(&luma, 1.0);
        Self { rgb, luma, smooth }
    }

    /// Share of the contrast that is fine detail: mean difference from a smoothed copy over the spread of the luma.
    /// Sharp LFW photos have 0.09 to 0.2; under 0.04 the face no longer compares (cosine under 0.6 with its sharp copy).
    pub(super) fn detail(&self) -> f32 {
        let blurred = gauss(&self.luma, 1.5);
        let difference = mean(face_places().map(|place| (self.luma[place] - blurred[place]).abs()));
        difference / self.spread().max(4.0)
    }

    /// Mean luma of the face, 0..255.
    pub(super) fn mean_luma(&self) -> f32 {
        mean(face_places().map(|place| self.luma[place]))
    }

    /// 0..1: too dark (mean luma under 50, nothing at 10), burnt out (over 10 % of the face at white, nothing at 65 %),
    /// or without contrast (spread under 18, nothing at 4).
    pub(super) fn exposure(&self) -> f32 {
        let white = mean(face_places().map(|place| f32::from(u8::from(self.luma[place] > 247.0))));
        ramp(self.mean_luma(), 10.0, 50.0).min(ramp(white, 0.65, 0.10)).min(ramp(self.spread(), 4.0, 18.0))
    }

    fn spread(&self) -> f32 {
        spread(face_places().map(|place| self.luma[place]))
    }

    /// CIE Lab a and b of a place.
    pub(super) fn lab_ab(&self, place: usize) -> (f32, f32) {
        let channel = |index: usize| {
            let value = f32::from(self.rgb[place * 3 + index]) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let (red, green, blue) = (channel(0), channel(1), channel(2));
        // sRGB primaries, white D65 (IEC 61966-2-1).
        let x = (0.412_453 * red + 0.357_580 * green + 0.180_423 * blue) / 0.950_456;
        let y = 0.212_671 * red + 0.715_160 * green + 0.072_169 * blue;
        let z = (0.019_334 * red + 0.119_193 * green + 0.950_227 * blue) / 1.088_754;
        let cube = |t: f32| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
        (500.0 * (cube(x) - cube(y)), 200.0 * (cube(y) - cube(z)))
    }
}

/// The places of an ellipse that holds the face without hair and background.
fn face_places() -> impl Iterator<Item = usize> + Clone {
    (0..ALIGNED_SIDE * ALIGNED_SIDE).filter(|place| {
        let (x, y) = ((place % ALIGNED_SIDE) as f32, (place / ALIGNED_SIDE) as f32);
        ((x - 56.0) / 34.0).powi(2) + ((y - 66.0) / 44.0).powi(2) <= 1.0
    })
}

pub(super) fn mean(values: impl Iterator<Item = f32>) -> f32 {
    let (sum, count) =
        values.fold((0.0_f64, 0_u32), |(sum, count), value| (sum + f64::from(value), count + 1));
    (sum / f64::from(count.max(1))) as f32
}

/// Standard deviation.
pub(super) fn spread(values: impl Iterator<Item = f32> + Clone) -> f32 {
    let middle = mean(values.clone());
    mean(values.map(|value| (value - middle).powi(2))).sqrt()
}

/// The value under which `share` of `values` lie.
pub(super) fn quantile(values: impl Iterator<Item = f32>, share: f32) -> f32 {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    let last = values.len().saturating_sub(1) as f32;
    let (below, rest) = ((last * share).floor(), (last * share).fract());
    let at = |index: f32| values.get(index as usize).copied().unwrap_or_default();
    at(below) + (at((below + 1.0).min(last)) - at(below)) * rest
}

pub(super) fn median(values: impl Iterator<Item = f32>) -> f32 {
    quantile(values, 0.5)
}

/// Gaussian blur; the edge's pixels go on outside.
fn gauss(picture: &[f32], sigma: f32) -> Vec<f32> {
    let radius = (sigma * 4.0).round() as i64;
    let weights: Vec<f32> =
        (-radius..=radius).map(|step| (-(step as f32 / sigma).powi(2) / 2.0).exp()).collect();
    let total: f32 = weights.iter().sum();
    let last = ALIGNED_SIDE as i64 - 1;
    let along = |picture: &[f32], stride: (usize, usize)| -> Vec<f32> {
        (0..ALIGNED_SIDE * ALIGNED_SIDE)
            .map(|place| {
                let (line, at) = (place / ALIGNED_SIDE, (place % ALIGNED_SIDE) as i64);
                let sum: f32 = (-radius..=radius)
                    .zip(&weights)
                    .map(|(step, weight)| {
                        weight * picture[line * stride.0 + (at + step).clamp(0, last) as usize * stride.1]
                    })
                    .sum();
                sum / total
            })
            .collect()
    };
    // Each pass also turns rows into columns, so that the second one blurs down and turns back.
    let rows = along(picture, (ALIGNED_SIDE, 1));
    let columns = along(&rows, (1, ALIGNED_SIDE));
    (0..ALIGNED_SIDE * ALIGNED_SIDE)
        .map(|place| columns[place % ALIGNED_SIDE * ALIGNED_SIDE + place / ALIGNED_SIDE])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn drawn(paint: impl Fn(usize, usize) -> [u8; 3]) -> Vec<u8> {
        (0..ALIGNED_SIDE * ALIGNED_SIDE)
            .flat_map(|place| paint(place % ALIGNED_SIDE, place / ALIGNED_SIDE))
            .collect()
    }

    #[test]
    fn a_blur_keeps_the_mean_and_works_in_both_directions() {
        let dot: Vec<f32> = (0..ALIGNED_SIDE * ALIGNED_SIDE)
            .map(|place| if place == 50 * ALIGNED_SIDE + 40 { 100.0 } else { 0.0 })
            .collect();
        let blurred = gauss(&dot, 1.0);
        assert!((blurred.iter().sum::<f32>() - 100.0).abs() < 0.1);
        let at = |x: usize, y: usize| blurred[y * ALIGNED_SIDE + x];
        assert!(at(40, 50) > at(41, 50) && (at(41, 50) - at(40, 51)).abs() < 1e-4 && at(43, 50) > at(44, 50));
        assert!((at(40, 50) - 15.9).abs() < 0.2, "{}", at(40, 50));
    }

    #[test]
    fn detail_falls_with_blur() {
        let checks = drawn(|x, y| [if (x / 2 + y / 2) % 2 == 0 { 60 } else { 190 }; 3]);
        let slope = drawn(|x, _| [x as u8 * 2; 3]);
        assert!(AlignedFace::new(&checks).detail() > 0.5);
        assert!(AlignedFace::new(&slope).detail() < 0.03);
    }

    #[test]
    fn exposure_knows_dark_bright_and_flat() {
        let exposure = |low: u8, high: u8| {
            AlignedFace::new(&drawn(|x, _| [if x % 8 < 4 { low } else { high }; 3])).exposure()
        };
        assert!(exposure(80, 160) > 0.99);
        assert!(exposure(0, 16) < 0.05);
        assert!(exposure(250, 255) < 0.05);
        assert!(exposure(118, 120) < 0.05);
    }

    #[test]
    fn quantiles_lie_between_the_values() {
        let values = [4.0, 1.0, 3.0, 2.0];
        assert!((median(values.into_iter()) - 2.5).abs() < 1e-6);
        assert!((quantile(values.into_iter(), 1.0) - 4.0).abs() < 1e-6);
        assert!(quantile(std::iter::empty(), 0.5).abs() < 1e-6);
    }

    #[test]
    fn lab_of_known_colours() {
        let red = drawn(|_, _| [255, 0, 0]);
        let (a, b) = AlignedFace::new(&red).lab_ab(0);
        assert!((a - 80.1).abs() < 0.5 && (b - 67.2).abs() < 0.5, "{a} {b}");
        let grey = drawn(|_, _| [128; 3]);
        let (a, b) = AlignedFace::new(&grey).lab_ab(0);
        assert!(a.abs() < 0.1 && b.abs() < 0.1);
    }
}
