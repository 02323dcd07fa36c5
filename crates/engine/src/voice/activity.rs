//! Where something is to be heard, by how loud it is, and whether it is a tone or noise, by the flatness of its spectrum.

use std::ops::Range;
use std::sync::Arc;

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

/// Samples of a frame: 20 ms, in which a voice has two periods or more.
const FRAME: usize = 320;
const FRAME_MS: u32 = 20;
/// Quieter frames are silence, in decibels under full scale. A telephone's silence is below -60, soft speech above -45.
const FLOOR_DB: f32 = -50.0;
/// So much under the loudest frame is silence, too.
const RANGE_DB: f32 = 35.0;
/// Spectral flatness (the geometric mean of the power over the arithmetic one), up to 4 kHz, from which a frame is noise:
/// white noise has 0.56 in the mean over frames of one periodogram, a vowel less than 0.1.
const NOISY: f32 = 0.35;
/// Kept before and after what is active: the soft beginnings and ends of words.
const MARGIN: usize = 4800;
/// Silence that divides words, in frames: 200 ms, chosen to be longer than a stop within a word.
const PAUSE: usize = 10;
/// Shorter sounds between pauses are clicks, in frames: 60 ms.
const CLICK: usize = 3;

/// What is to be heard in a sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// From the first to the last sound, with a margin; empty in silence.
    pub span: Range<usize>,
    /// How much is louder than silence, in ms.
    pub active_ms: u32,
    /// How much of that is no noise, in ms.
    pub voiced_ms: u32,
    /// What pauses divide, each with a margin that ends halfway to the next.
    pub parts: Vec<Range<usize>>,
}

/// Looks for activity in `pcm`, which has 16,000 samples a second.
pub fn find(pcm: &[i16]) -> Activity {
    let fft = FftPlanner::new().plan_fft_forward(FRAME);
    let frames: Vec<Vec<f32>> = pcm
        .chunks_exact(FRAME)
        .map(|frame| {
            let mean = frame.iter().map(|&sample| f32::from(sample)).sum::<f32>() / FRAME as f32;
            // A constant offset is nothing to be heard.
            frame.iter().map(|&sample| (f32::from(sample) - mean) / 32_768.0).collect()
        })
        .collect();
    let levels: Vec<f32> = frames.iter().map(|frame| level_db(frame)).collect();
    let loudest = levels.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let floor = FLOOR_DB.max(loudest - RANGE_DB);
    let active: Vec<usize> = (0..frames.len()).filter(|&index| levels[index] >= floor).collect();
    let voiced = active.iter().filter(|&&index| flatness(&frames[index], &fft) < NOISY).count();
    let span = match (active.first(), active.last()) {
        (Some(first), Some(last)) => {
            (first * FRAME).saturating_sub(MARGIN)..((last + 1) * FRAME + MARGIN).min(pcm.len())
        }
        _ => 0..0,
    };
    Activity {
        parts: parts(&active, &span),
        span,
        active_ms: active.len() as u32 * FRAME_MS,
        voiced_ms: voiced as u32 * FRAME_MS,
    }
}

/// The active frames between pauses, as samples within `span`.
fn parts(active: &[usize], span: &Range<usize>) -> Vec<Range<usize>> {
    let runs = active.chunk_by(|one, next| next - one <= PAUSE).filter(|run| run.len() >= CLICK);
    let sounds: Vec<Range<usize>> =
        runs.filter_map(|run| Some(run.first()? * FRAME..(run.last()? + 1) * FRAME)).collect();
    let halfway = |one: &Range<usize>, next: &Range<usize>| usize::midpoint(one.end, next.start);
    (0..sounds.len())
        .map(|at| {
            let from = if at == 0 { span.start } else { halfway(&sounds[at - 1], &sounds[at]) };
            let to = if at + 1 == sounds.len() { span.end } else { halfway(&sounds[at], &sounds[at + 1]) };
            from.max(sounds[at].start.saturating_sub(MARGIN))..to.min(sounds[at].end + MARGIN)
        })
        .collect()
}

fn level_db(frame: &[f32]) -> f32 {
    let power = frame.iter().map(|sample| sample * sample).sum::<f32>() / frame.len() as f32;
    10.0 * power.max(1e-12).log10()
}

fn flatness(frame: &[f32], fft: &Arc<dyn Fft<f32>>) -> f32 {
    let mut bins: Vec<Complex<f32>> = frame
        .iter()
        .enumerate()
        .map(|(at, sample)| {
            let window = 0.5 - 0.5 * (std::f32::consts::TAU * at as f32 / FRAME as f32).cos();
            Complex::new(sample * window, 0.0)
        })
        .collect();
    fft.process(&mut bins);
    // 100 Hz to 4 kHz, 50 Hz a bin.
    let powers: Vec<f32> = bins[2..80].iter().map(|bin| bin.norm_sqr().max(1e-12)).collect();
    let count = powers.len() as f32;
    let geometric = (powers.iter().map(|power| power.ln()).sum::<f32>() / count).exp();
    geometric / (powers.iter().sum::<f32>() / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(milliseconds: usize, height: f32) -> Vec<i16> {
        (0..milliseconds * 16)
            .map(|at| {
                let phase = std::f32::consts::TAU * 150.0 * at as f32 / 16_000.0;
                (height * (phase.sin() + 0.5 * (2.0 * phase).sin() + 0.3 * (5.0 * phase).sin())) as i16
            })
            .collect()
    }

    fn noise(milliseconds: usize, height: i32) -> Vec<i16> {
        let mut state = 1_u32;
        (0..milliseconds * 16)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ((state >> 16) as i32 % (2 * height + 1) - height) as i16
            })
            .collect()
    }

    #[test]
    fn silence_and_nothing_are_silent() {
        for pcm in [vec![], vec![0; 100], vec![0; 32_000], vec![3000; 32_000], noise(1000, 20)] {
            let found = find(&pcm);
            assert_eq!((found.active_ms, found.span), (0, 0..0), "{} samples", pcm.len());
        }
    }

    #[test]
    fn a_tone_between_silences_is_found_with_a_margin() {
        let pcm = [vec![0; 16_000], tone(500, 6000.0), vec![0; 16_000]].concat();
        let found = find(&pcm);
        assert_eq!(found.active_ms, 500);
        assert_eq!(found.voiced_ms, 500);
        assert_eq!(found.span, 16_000 - MARGIN..24_000 + MARGIN);
    }

    #[test]
    fn pauses_divide_what_is_said() {
        let word = |ms| tone(ms, 6000.0);
        let silence = |ms: usize| vec![0; ms * 16];
        let pcm = [silence(500), word(300), silence(100), word(200), silence(400), word(20), silence(400)];
        let found = find(&[pcm.concat(), word(500), silence(1000)].concat());
        // A stop of 100 ms is within a word, and 20 ms are a click.
        assert_eq!(found.parts.len(), 2, "{found:?}");
        assert_eq!(found.parts[0], 500 * 16 - MARGIN..1100 * 16 + MARGIN);
        assert_eq!(found.parts[1], 1920 * 16 - MARGIN..2420 * 16 + MARGIN);
        let close = find(&[word(300), silence(260), word(300)].concat());
        assert_eq!(close.parts, [0..430 * 16, 430 * 16..860 * 16]);
        assert_eq!(find(&word(700)).parts.len(), 1);
    }

    #[test]
    fn noise_is_active_and_not_voiced() {
        let found = find(&noise(1000, 6000));
        assert_eq!(found.active_ms, 1000);
        assert!(found.voiced_ms <= 40, "{}", found.voiced_ms);
    }

    #[test]
    fn soft_noise_behind_a_voice_is_silence() {
        let quiet = noise(1000, 60);
        let found = find(&[quiet.clone(), tone(400, 9000.0), quiet].concat());
        assert_eq!(found.active_ms, 400);
    }
}
