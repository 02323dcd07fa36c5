//! What Whisper sees: the logarithm of the power in 80 bands of hearing, a hundred times a second.
//!
//! As in its `audio.py`: 16 kHz, windows of 400 samples (Hann) every 160, mirrored at the beginning, bands after Slaney with
//! equal areas; logarithms to the base of 10, cut at 8 under the largest, plus 4, by 4.

use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

use crate::runtime::Tensor;

pub(super) const BANDS: usize = 80;
/// Samples from one window to the next.
pub(super) const HOP: usize = 160;
const WINDOW: usize = 400;
const BINS: usize = WINDOW / 2 + 1;
const HIGHEST_HZ: f32 = 8000.0;

/// `[1, 80, frames]` of `pcm`, which is cut, or followed by silence, to that many frames.
pub(super) fn spectrogram(pcm: &[i16], frames: usize) -> Tensor {
    let length = frames * HOP;
    let sample =
        |at: usize| pcm.get(at).filter(|_| at < length).map_or(0.0, |&sample| f32::from(sample) / 32_768.0);
    let fft = FftPlanner::new().plan_fft_forward(WINDOW);
    let filters = filters();
    let mut data = vec![0.0_f32; BANDS * frames];
    let mut bins = vec![Complex::default(); WINDOW];
    let mut scratch = vec![Complex::default(); fft.get_inplace_scratch_len()];
    for frame in 0..frames {
        for (at, bin) in bins.iter_mut().enumerate() {
            let position = (frame * HOP + at).abs_diff(WINDOW / 2);
            let hann = 0.5 - 0.5 * (std::f32::consts::TAU * at as f32 / WINDOW as f32).cos();
            *bin = Complex::new(sample(position) * hann, 0.0);
        }
        fft.process_with_scratch(&mut bins, &mut scratch);
        for (band, (first, weights)) in filters.iter().enumerate() {
            let power: f32 =
                weights.iter().zip(&bins[*first..]).map(|(weight, bin)| weight * bin.norm_sqr()).sum();
            data[band * frames + frame] = power.max(1e-10).log10();
        }
    }
    let largest = data.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for value in &mut data {
        *value = (value.max(largest - 8.0) + 4.0) / 4.0;
    }
    Tensor::from_parts([1, BANDS, frames], data)
}

/// For each band, its first bin and the weights from it on.
fn filters() -> Vec<(usize, Vec<f32>)> {
    let highest = to_mel(HIGHEST_HZ);
    let edges: Vec<f32> = (0..BANDS + 2).map(|at| to_hz(highest * at as f32 / (BANDS + 1) as f32)).collect();
    edges
        .windows(3)
        .map(|edge| {
            let weight = |bin: usize| {
                let hz = bin as f32 * HIGHEST_HZ / (BINS - 1) as f32;
                let rise = (hz - edge[0]) / (edge[1] - edge[0]);
                let fall = (edge[2] - hz) / (edge[2] - edge[1]);
                rise.min(fall).max(0.0) * 2.0 / (edge[2] - edge[0])
            };
            let weights: Vec<f32> = (0..BINS).map(weight).collect();
            let first = weights.iter().position(|weight| *weight > 0.0).unwrap_or(0);
            let last = weights.iter().rposition(|weight| *weight > 0.0).map_or(first, |last| last + 1);
            (first, weights[first..last].to_vec())
        })
        .collect()
}

/// Straight up to 1 kHz, logarithmic above (Slaney 1998, Auditory Toolbox).
fn to_mel(hz: f32) -> f32 {
    if hz < 1000.0 { hz * 3.0 / 200.0 } else { 15.0 + (hz / 1000.0).ln() * 27.0 / 6.4_f32.ln() }
}

fn to_hz(mel: f32) -> f32 {
    if mel < 15.0 { mel * 200.0 / 3.0 } else { 1000.0 * ((mel - 15.0) * 6.4_f32.ln() / 27.0).exp() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mel_and_hertz_are_inverse() {
        for hz in [0.0, 440.0, 999.0, 1000.0, 4000.0, 8000.0] {
            assert!((to_hz(to_mel(hz)) - hz).abs() < 0.01 + hz * 1e-5, "{hz}");
        }
    }

    #[test]
    fn a_tone_lies_in_its_band() {
        let pcm: Vec<i16> = (0..16_000)
            .map(|at| (9000.0 * (std::f32::consts::TAU * 1000.0 * at as f32 / 16_000.0).sin()) as i16)
            .collect();
        let tensor = spectrogram(&pcm, 100);
        assert_eq!(tensor.shape(), [1, BANDS, 100]);
        let at = |band: usize| tensor.data()[band * 100 + 50];
        let loudest = (0..BANDS).max_by(|a, b| at(*a).total_cmp(&at(*b))).unwrap();
        let highest = to_mel(HIGHEST_HZ);
        let centre = to_hz(highest * (loudest + 1) as f32 / (BANDS + 1) as f32);
        assert!((centre - 1000.0).abs() < 60.0, "{centre}");
    }

    #[test]
    fn silence_is_even_and_finite() {
        let tensor = spectrogram(&[], 4);
        assert!(tensor.data().iter().all(|value| (value - tensor.data()[0]).abs() < 1e-6));
    }

    #[test]
    fn what_follows_the_last_frame_is_left_out() {
        let long: Vec<i16> = (0..3200).map(|at| (at * 7 % 901) as i16).collect();
        assert_eq!(spectrogram(&long, 10), spectrogram(&long[..1600], 10));
    }
}
