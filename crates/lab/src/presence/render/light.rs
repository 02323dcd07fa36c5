//! Light that falls on surfaces: the room's, and the screen's.

/// The light of one moment. Directions and places in mm: x to the right, y down, z away from the camera.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Light {
    /// From all around, mostly from above and before, in lx by channel.
    pub(crate) ambient: [f32; 3],
    /// The screen's luminous intensity straight ahead, in lx mm2 by channel.
    pub(crate) screen: [f32; 3],
    /// Its middle.
    pub(crate) screen_at: [f32; 3],
    /// Its area in mm2, which rounds the square law off near it.
    pub(crate) screen_mm2: f32,
}

/// Where most of the room's light comes from: above, a little from the side and before.
const ABOVE: [f32; 3] = [0.25, -0.75, -0.61];
/// How much of the room's light has a direction.
const DIRECTED: f32 = 0.3;

pub(crate) fn dot(a: [f32; 3], b: [f32; 3]) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn from_above(normal: [f32; 3]) -> f32 {
    1.0 - DIRECTED + DIRECTED * dot(normal, ABOVE).max(0.0)
}

impl Light {
    /// In lx by channel, on a surface at `at` that faces `normal`. The room's light is counted as a share of what fell
    /// there when the photo was taken and the surface faced `at_rest`, since the photo holds that already.
    pub(crate) fn falls(&self, at: [f32; 3], normal: [f32; 3], at_rest: [f32; 3]) -> [f32; 3] {
        let room = from_above(normal) / from_above(at_rest);
        let to_screen: [f32; 3] = std::array::from_fn(|axis| self.screen_at[axis] - at[axis]);
        let square = dot(to_screen, to_screen).max(1.0);
        let distance = square.sqrt();
        let facing = dot(normal, to_screen).max(0.0) / distance;
        // A screen emits less to its side, and nothing to its back.
        let leaving = (-to_screen[2]).max(0.0) / distance;
        let share = facing * leaving / (square + self.screen_mm2 / std::f32::consts::PI);
        std::array::from_fn(|channel| self.ambient[channel] * room + self.screen[channel] * share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACING: [f32; 3] = [0.0, 0.0, -1.0];
    const LIGHT: Light =
        Light { ambient: [0.0; 3], screen: [1e6, 0.0, 0.0], screen_at: [0.0; 3], screen_mm2: 100.0 };

    #[test]
    fn light_falls_off_with_the_square_and_with_the_angle() {
        let near = LIGHT.falls([0.0, 0.0, 400.0], FACING, FACING)[0];
        let far = LIGHT.falls([0.0, 0.0, 800.0], FACING, FACING)[0];
        assert!((near / far - 4.0).abs() < 0.01, "{}", near / far);
        let side = LIGHT.falls([0.0, 0.0, 400.0], [0.866, 0.0, -0.5], FACING)[0];
        assert!((near / side - 2.0).abs() < 0.01, "{}", near / side);
        assert_eq!(LIGHT.falls([0.0, 0.0, 400.0], [0.0, 0.0, 1.0], FACING)[0], 0.0);
    }
}
