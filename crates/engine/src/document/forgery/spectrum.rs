//! The spectrum of small parts of a picture: dots of a print and pixels of a screen repeat, paper does not.

use media::Frame;

use crate::geometry::Point;

/// Side of a part, in pixels; a power of two.
pub(super) const SIDE: usize = 64;
/// Lowest frequency that is looked at, in periods a pixel: guilloches on a card have 1 mm and more, 7 pixels in a photo
/// that is just good enough.
const LOWEST: f32 = 0.17;

/// What repeats in one part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Repeats {
    /// Decibels by which the strongest frequency of red less blue stands over the median of those that are as high.
    pub(super) colour: f32,
    /// Deviation of fine grain, in levels, relative to the square root of the mean level.
    pub(super) grain: f32,
}

/// The part of `picture` whose top left is (`left`, `top`). `None` where it reaches beyond the picture, or is burnt or
/// black.
pub(super) fn repeats(picture: &Frame, left: u32, top: u32) -> Option<Repeats> {
    let (mut light, mut colour) = (Vec::with_capacity(SIDE * SIDE), Vec::with_capacity(SIDE * SIDE));
    for y in 0..SIDE as u32 {
        for x in 0..SIDE as u32 {
            let [red, green, blue] = picture.pixel(left + x, top + y)?.map(f32::from);
            light.push(0.299 * red + 0.587 * green + 0.114 * blue);
            colour.push(red - blue);
        }
    }
    let mean = light.iter().sum::<f32>() / light.len() as f32;
    if !(24.0..=244.0).contains(&mean) {
        return None;
    }
    let grain = grain(&light) / mean.sqrt();
    Some(Repeats { colour: prominence(&colour), grain })
}

/// Median of the second differences along both axes, as a deviation (Immerkaer 1996, with the median for the mean).
fn grain(light: &[f32]) -> f32 {
    let mut found = Vec::with_capacity(light.len());
    for y in 1..SIDE - 1 {
        for x in 1..SIDE - 1 {
            let at = |dx: usize, dy: usize| light[(y + dy - 1) * SIDE + x + dx - 1];
            let corners = at(0, 0) + at(2, 0) + at(0, 2) + at(2, 2);
            let sides = at(1, 0) + at(0, 1) + at(2, 1) + at(1, 2);
            found.push((corners - 2.0 * sides + 4.0 * at(1, 1)).abs());
        }
    }
    let half = found.len() / 2;
    // The mask has a gain of 6; the median of a normal deviate is 0.6745 deviations.
    *found.select_nth_unstable_by(half, f32::total_cmp).1 / 6.0 / 0.6745
}

/// Decibels of the strongest frequency from [`LOWEST`] on over the median there.
fn prominence(values: &[f32]) -> f32 {
    let power = power(values);
    let mut high = Vec::with_capacity(SIDE * SIDE / 2);
    let mut strongest = 0.0_f32;
    for v in 0..SIDE {
        for u in 0..=SIDE / 2 {
            let (fx, fy) = (u as f32 / SIDE as f32, v.min(SIDE - v) as f32 / SIDE as f32);
            if fx.hypot(fy) < LOWEST {
                continue;
            }
            let here = power[v * SIDE + u];
            high.push(here);
            // JPEG leaves its blocks of 8 pixels on the axes.
            let on_axis = u < 2 || v.min(SIDE - v) < 2;
            if !on_axis {
                strongest = strongest.max(here);
            }
        }
    }
    let half = high.len() / 2;
    let median = *high.select_nth_unstable_by(half, f32::total_cmp).1;
    // A thousandth of a level keeps an even part finite.
    10.0 * ((strongest + 1.0) / (median + 1.0)).log10()
}

/// Power of each frequency, under a Hann window.
fn power(values: &[f32]) -> Vec<f32> {
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    let window: [f32; SIDE] = std::array::from_fn(|index| {
        0.5 - 0.5 * (std::f32::consts::TAU * (index as f32 + 0.5) / SIDE as f32).cos()
    });
    let mut re: Vec<f32> = (0..SIDE * SIDE)
        .map(|index| (values[index] - mean) * window[index % SIDE] * window[index / SIDE])
        .collect();
    let mut im = vec![0.0; SIDE * SIDE];
    let turns: [(f32, f32); SIDE / 2] =
        std::array::from_fn(|index| (-std::f32::consts::TAU * index as f32 / SIDE as f32).sin_cos());
    let (mut line_re, mut line_im) = ([0.0; SIDE], [0.0; SIDE]);
    for (start, step) in (0..SIDE).map(|row| (row * SIDE, 1)).chain((0..SIDE).map(|column| (column, SIDE))) {
        for index in 0..SIDE {
            (line_re[index], line_im[index]) = (re[start + index * step], im[start + index * step]);
        }
        transform(&mut line_re, &mut line_im, &turns);
        for index in 0..SIDE {
            (re[start + index * step], im[start + index * step]) = (line_re[index], line_im[index]);
        }
    }
    re.iter().zip(&im).map(|(re, im)| re * re + im * im).collect()
}

/// The fast Fourier transform (Cooley, Tukey 1965), in place; `turns` are the sine and cosine of each root of one.
fn transform(re: &mut [f32; SIDE], im: &mut [f32; SIDE], turns: &[(f32, f32); SIDE / 2]) {
    let bits = SIDE.trailing_zeros();
    for index in 0..SIDE {
        let mirrored = index.reverse_bits() >> (usize::BITS - bits);
        if mirrored > index {
            re.swap(index, mirrored);
            im.swap(index, mirrored);
        }
    }
    let mut length = 2;
    while length <= SIDE {
        let (half, stride) = (length / 2, SIDE / length);
        for start in (0..SIDE).step_by(length) {
            for index in 0..half {
                let (sin, cos) = turns[index * stride];
                let (low, high) = (start + index, start + index + half);
                let (x, y) = (re[high] * cos - im[high] * sin, re[high] * sin + im[high] * cos);
                (re[high], im[high]) = (re[low] - x, im[low] - y);
                (re[low], im[low]) = (re[low] + x, im[low] + y);
            }
        }
        length *= 2;
    }
}

/// Whether a place lies within a convex quadrilateral whose corners go clockwise.
pub(super) fn is_within(corners: &[Point; 4], at: Point) -> bool {
    (0..4).all(|side| {
        let (a, b) = (corners[side], corners[(side + 1) % 4]);
        (b.x - a.x) * (at.y - a.y) - (b.y - a.y) * (at.x - a.x) >= 0.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_stands_out_and_noise_does_not() {
        let mut state = 7_u64;
        let mut noise = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f32 / (1 << 24) as f32 - 0.5
        };
        let grey: Vec<f32> = (0..SIDE * SIDE).map(|_| 128.0 + 8.0 * noise()).collect();
        let wave: Vec<f32> = grey
            .iter()
            .enumerate()
            .map(|(index, value)| {
                let (x, y) = ((index % SIDE) as f32, (index / SIDE) as f32);
                value + 5.0 * (std::f32::consts::TAU * (0.31 * x + 0.22 * y)).sin()
            })
            .collect();
        assert!(prominence(&grey) < 14.0, "{}", prominence(&grey));
        assert!(prominence(&wave) > 25.0, "{}", prominence(&wave));
    }
}
