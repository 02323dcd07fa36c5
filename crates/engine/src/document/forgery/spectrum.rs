//! The spectrum of small parts of a picture.

/// Side of a part, in pixels; a power of two.
pub(super) const SIDE: usize = 64;

/// Natural logarithm of the power of each frequency of `values`, a part row by row, under a Hann window; upwards from
/// frequency 0, the negative ones after the positive.
pub(super) fn logarithmic(values: &[f32]) -> Vec<f32> {
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
    // A level keeps an even part finite.
    re.iter().zip(&im).map(|(re, im)| (re * re + im * im + 1.0).ln()).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_stands_where_its_frequency_is() {
        let wave: Vec<f32> = (0..SIDE * SIDE)
            .map(|index| {
                let (x, y) = ((index % SIDE) as f32, (index / SIDE) as f32);
                128.0 + 5.0 * (std::f32::consts::TAU * (20.0 * x + 14.0 * y) / SIDE as f32).sin()
            })
            .collect();
        let spectrum = logarithmic(&wave);
        let highest = (0..spectrum.len()).max_by(|a, b| spectrum[*a].total_cmp(&spectrum[*b])).unwrap();
        let place = (highest % SIDE, highest / SIDE);
        assert!(place == (20, 14) || place == (SIDE - 20, SIDE - 14), "{place:?}");
        assert!(spectrum[highest] > spectrum[30 * SIDE + 5] + 8.0);
    }
}
