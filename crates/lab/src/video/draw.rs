//! Pictures laid on a plane before a camera.

use media::Frame;

use crate::presence::random::Draws;

/// A plane that is held in a hand: six slow sways, each a sum of two sines.
pub(super) struct Hand {
    sways: [[(f32, f32, f32); 2]; 6],
}

/// Where a plane is: shift in shares of the width, turn in radians, growth, and perspective along x and y.
pub(super) struct Pose {
    shift: [f32; 2],
    turn: f32,
    growth: f32,
    tilt: [f32; 2],
}

impl Hand {
    /// A hand that shifts by `shift` of the picture, turns by `turn` radians, comes nearer by `growth` and tilts by `tilt`
    /// (change of size from the middle to the edge), each at most about so much.
    pub(super) fn draw(draws: &mut Draws, [shift, turn, growth, tilt]: [f32; 4]) -> Self {
        let mut sway = |most: f32| {
            [(0.25, 0.7), (0.9, 2.2)].map(|range| {
                (
                    most * draws.between((0.3, 0.7)),
                    draws.between(range),
                    draws.between((0.0, std::f32::consts::TAU)),
                )
            })
        };
        Self { sways: [sway(shift), sway(shift), sway(turn), sway(growth), sway(tilt), sway(tilt)] }
    }

    pub(super) fn at(&self, seconds: f32) -> Pose {
        let [x, y, turn, growth, tilt_x, tilt_y] = self.sways.map(|sway| {
            sway.iter()
                .map(|(most, hertz, phase)| most * (std::f32::consts::TAU * hertz * seconds + phase).sin())
                .sum::<f32>()
        });
        Pose { shift: [x, y], turn, growth, tilt: [tilt_x, tilt_y] }
    }
}

impl Pose {
    /// The place of the plane that a camera's pixel shows, in px of the picture. `fills` is how much larger than the view
    /// the picture is.
    pub(super) fn place(&self, (x, y): (f32, f32), (width, height): (f32, f32), fills: f32) -> (f32, f32) {
        let (u, v) = (x / width - 0.5, (y - height / 2.0) / width);
        let depth = 1.0 + 2.0 * (self.tilt[0] * u + self.tilt[1] * v);
        let scale = depth / (fills * (1.0 + self.growth));
        let (sin, cos) = self.turn.sin_cos();
        let (u, v) =
            (scale * (u * cos - v * sin) + self.shift[0], scale * (u * sin + v * cos) + self.shift[1]);
        ((u + 0.5) * width, v * width + height / 2.0)
    }
}

/// The picture at a place between pixels, as light: 0..1 for each channel. The edge goes on outside.
pub(super) fn light(frame: &Frame, (x, y): (f32, f32), table: &[f32; 256]) -> [f32; 3] {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let (x, y) = (x.clamp(0.0, width as f32 - 1.001), y.clamp(0.0, height as f32 - 1.001));
    let (left, top) = (x as usize, y as usize);
    let (fx, fy) = (x - left as f32, y - top as f32);
    let rgb = frame.rgb();
    std::array::from_fn(|channel| {
        let at = |x: usize, y: usize| {
            let place = (y.min(height - 1) * width + x.min(width - 1)) * 3 + channel;
            table[usize::from(rgb[place])]
        };
        let row = |y: usize| at(left, y) * (1.0 - fx) + at(left + 1, y) * fx;
        row(top) * (1.0 - fy) + row(top + 1) * fy
    })
}

/// Levels as light.
pub(super) fn linear(gamma: f32) -> [f32; 256] {
    std::array::from_fn(|level| (level as f32 / 255.0).powf(gamma))
}

/// Draws each pixel's light, and makes levels of it with a camera's noise.
pub(super) fn photographed(
    like: &Frame,
    t_ms: u64,
    gamma: f32,
    noise: f32,
    draws: &mut Draws,
    mut paint: impl FnMut(f32, f32) -> [f32; 3],
) -> Option<Frame> {
    let (width, height) = (like.width(), like.height());
    // Sums of three even draws are near enough to normal, and quick.
    let mut grain = draws.below(1 << 30) as u32 | 1;
    let mut random = move || {
        let mut sum = 0.0;
        for _ in 0..3 {
            grain ^= grain << 13;
            grain ^= grain >> 17;
            grain ^= grain << 5;
            sum += (grain >> 8) as f32 / (1 << 24) as f32 - 0.5;
        }
        sum * 2.0
    };
    let curve: Vec<f32> = (0..=1024).map(|step| (step as f32 / 1024.0).powf(1.0 / gamma) * 255.0).collect();
    let mut rgb = Vec::with_capacity(width as usize * height as usize * 3);
    for y in 0..height {
        for x in 0..width {
            for value in paint(x as f32, y as f32) {
                let level = curve[(value.clamp(0.0, 1.0) * 1024.0) as usize] + noise * random();
                rgb.push((level + 0.5).clamp(0.0, 255.0) as u8);
            }
        }
    }
    Frame::from_rgb(width, height, rgb, t_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_at_rest_is_the_picture_again() {
        let rgb: Vec<u8> = (0..40 * 30 * 3).map(|index| (index * 7 % 256) as u8).collect();
        let frame = Frame::from_rgb(40, 30, rgb, 0).unwrap();
        let hand = Hand::draw(&mut Draws::new(1), [0.0; 4]);
        let (pose, table) = (hand.at(1.0), linear(2.2));
        let drawn = photographed(&frame, 40, 2.2, 0.0, &mut Draws::new(2), |x, y| {
            light(&frame, pose.place((x, y), (40.0, 30.0), 1.0), &table)
        });
        let drawn = drawn.unwrap();
        assert_eq!(drawn.t_ms(), 40);
        // Dark levels lie close together in light.
        let bright = frame.rgb().iter().zip(drawn.rgb()).filter(|(level, _)| **level > 60);
        assert!(bright.into_iter().all(|(a, b)| a.abs_diff(*b) <= 2));
    }
}
