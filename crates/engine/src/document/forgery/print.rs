//! Whether the page is a print whose dots can be seen.

use media::Frame;

use super::spectrum::{SIDE, logarithmic};
use super::{light, logistic, quantile};

/// Between two parts of the page that are looked at, in pixels.
const STEP: usize = 48;
/// Fewest parts, and about the most.
const PARTS: (usize, usize) = (24, 160);
/// Dots for a mm: offset and laser printers have 85 to 200 an inch, and their first overtone is as telling.
const DOTS_PER_MM: (f32, f32) = (2.5, 10.0);
/// Frequencies at which dots could show, in periods a pixel: below, guilloches are; above, nothing is left.
const PERIODS_PER_PX: (f32, f32) = (0.1, 0.48);
/// Finest dots that must be within reach for anything to be told: 100 to the inch.
const LEAST_REACH_PER_MM: f32 = 4.0;
/// Frequencies on either side whose middle is the ground of one.
const ROUND: i32 = 4;

/// Height, in natural logarithms of power over the ground, from which on a lattice is one of dots. Of 28 drawn documents
/// each (development half, 2026-11-21; a sketch of this in numpy, at the true corners), 56 genuine and edited ones reached
/// 0.63, 8 prints from 1.2 to 6.3, one 0.83, the others no more than 0.54, and screens 0.47.
const LATTICE: f32 = 1.0;

/// How surely `page`, with `px_per_mm` pixels for a mm, shows a lattice of dots, 0..1. Prints of scattered drops and of
/// dots finer than the pixels have none to see. `None` for too few pixels.
pub fn print(page: &Frame, px_per_mm: f32) -> Option<f32> {
    lattice(page, px_per_mm).map(|height| logistic(height, LATTICE, 0.5))
}

/// Height of the highest lattice: of two waves of one length, across each other. Lines alone, as guilloches have, are
/// none.
fn lattice(page: &Frame, px_per_mm: f32) -> Option<f32> {
    let reaches = px_per_mm.is_finite() && PERIODS_PER_PX.1 * px_per_mm >= LEAST_REACH_PER_MM;
    let mean = if reaches { mean_spectrum(page)? } else { return None };
    let side = SIDE as i32;
    let index = |v: i32, u: i32| (v.rem_euclid(side) * side + u.rem_euclid(side)) as usize;
    let mut above = vec![0.0; SIDE * SIDE];
    let mut around = Vec::with_capacity(81);
    for v in 0..side {
        for u in 0..side {
            around.clear();
            around.extend(
                (-ROUND..=ROUND)
                    .flat_map(|dv| (-ROUND..=ROUND).map(move |du| (dv, du)))
                    .map(|(dv, du)| mean[index(v + dv, u + du)]),
            );
            above[index(v, u)] = mean[index(v, u)] - quantile(&mut around, 0.5)?;
        }
    }
    let mut highest = 0.0_f32;
    for v in -side / 2..side / 2 {
        for u in -side / 2..side / 2 {
            // JPEG leaves its blocks on the axes, where page and picture are one.
            if u.abs() < 2 || v.abs() < 2 {
                continue;
            }
            let frequency = (u as f32).hypot(v as f32) / side as f32;
            let per_mm = frequency * px_per_mm;
            if !(PERIODS_PER_PX.0..PERIODS_PER_PX.1).contains(&frequency)
                || !(DOTS_PER_MM.0..DOTS_PER_MM.1).contains(&per_mm)
            {
                continue;
            }
            // Between two frequencies of the grid the turned one may be the neighbour.
            let across = (-1..=1)
                .flat_map(|dv| (-1..=1).map(move |du| (dv, du)))
                .map(|(dv, du)| above[index(u + dv, -v + du)])
                .fold(f32::NEG_INFINITY, f32::max);
            highest = highest.max(above[index(v, u)].min(across));
        }
    }
    Some(highest)
}

/// Mean logarithm of the power of each frequency, over parts evenly on the page: on an upright page of true proportions
/// a lattice has one frequency everywhere.
fn mean_spectrum(page: &Frame) -> Option<Vec<f32>> {
    let starts = |length: u32| (8..(length as usize).saturating_sub(SIDE + 8)).step_by(STEP);
    let places: Vec<(usize, usize)> =
        starts(page.height()).flat_map(|y| starts(page.width()).map(move |x| (x, y))).collect();
    let mut sum = vec![0.0; SIDE * SIDE];
    let mut count = 0_usize;
    for (left, top) in places.iter().step_by((places.len() / PARTS.1).max(1)) {
        let part: Option<Vec<f32>> = (0..SIDE * SIDE)
            .map(|at| page.pixel((left + at % SIDE) as u32, (top + at / SIDE) as u32).map(light))
            .collect();
        for (sum, value) in sum.iter_mut().zip(logarithmic(&part?)) {
            *sum += value;
        }
        count += 1;
    }
    (count >= PARTS.0).then(|| sum.into_iter().map(|sum| sum / count as f32).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Grain and bent lines, with `change` added at each place.
    fn page(width: u32, height: u32, change: impl Fn(f32, f32) -> f32) -> Frame {
        let mut state = 5_u64;
        let rgb = (0..width * height)
            .flat_map(|index| {
                let (x, y) = ((index % width) as f32, (index / width) as f32);
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let grain = 6.0 * ((state >> 40) as f32 / (1 << 24) as f32 - 0.5);
                let lines = 15.0 * ((y + 9.0 * (x * 0.02).sin()) * 0.55).sin();
                [(170.0 + grain + lines + change(x, y)) as u8; 3]
            })
            .collect();
        Frame::from_rgb(width, height, rgb, 0).unwrap()
    }

    #[test]
    fn dots_are_a_print_and_lines_are_none() {
        let plain = print(&page(700, 450, |_, _| 0.0), 11.0).unwrap();
        assert!(plain < 0.1, "{plain}");
        // 150 to the inch at 15 degrees: 1.86 pixels from dot to dot.
        let wave = |x: f32, y: f32| (x * 3.0 + y * 0.8).sin();
        let lines = print(&page(700, 450, |x, y| 3.0 * wave(x * 0.7, y * 0.7)), 11.0).unwrap();
        assert!(lines < 0.1, "{lines}");
        let dots = |x: f32, y: f32| 2.0 * (wave(x * 0.7, y * 0.7) + wave(y * 0.7, -x * 0.7));
        let dotted = print(&page(700, 450, dots), 11.0).unwrap();
        assert!(dotted > 0.9, "{dotted}");
    }

    #[test]
    fn a_page_of_too_few_pixels_is_not_judged() {
        assert_eq!(print(&page(700, 450, |_, _| 0.0), 8.0), None);
        assert_eq!(print(&page(200, 130, |_, _| 0.0), 11.0), None);
        assert_eq!(print(&page(700, 450, |_, _| 0.0), f32::NAN), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn no_page_breaks_it(
            width in 1_u32..420, height in 1_u32..420, level in any::<u8>(), scale in any::<f32>(),
        ) {
            let rgb = vec![level; (width * height * 3) as usize];
            let score = print(&Frame::from_rgb(width, height, rgb, 0).unwrap(), scale);
            prop_assert!(score.is_none_or(|score| (0.0..0.5).contains(&score)));
        }
    }
}
