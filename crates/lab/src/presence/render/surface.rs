//! Surfaces in the room, and how they come onto the canvas.

use super::Lens;
use super::light::Light;
use super::raster::{Canvas, Corner};
use super::texture::Texture;

/// A grid of points with a texture on it.
pub(crate) struct Surface {
    pub(crate) columns: usize,
    pub(crate) points: Vec<SurfacePoint>,
}

/// A point of a surface.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SurfacePoint {
    /// Where it is, in mm from the camera: to the right, down, away.
    pub(crate) at: [f32; 3],
    /// Where it faces.
    pub(crate) normal: [f32; 3],
    /// Where it faced in the photo.
    pub(crate) at_rest: [f32; 3],
    /// Its place in the texture.
    pub(crate) texel: (f32, f32),
    /// 1 where the surface is, 0 where there is none.
    pub(crate) cover: f32,
}

/// What a surface does with light.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    /// What it reflects of each channel, times its texture.
    pub(crate) tint: [f32; 3],
    /// What it emits, times its texture, in lx; a print emits nothing.
    pub(crate) glows: Option<[f32; 3]>,
}

impl Surface {
    /// Draws it, lit by `light`.
    pub(crate) fn draw(
        &self,
        canvas: &mut Canvas,
        lens: &Lens,
        light: &Light,
        texture: &Texture,
        paint: &Paint,
    ) {
        let corners: Vec<Corner> = self
            .points
            .iter()
            .map(|point| {
                let (x, y) = lens.project(point.at);
                let falls = light.falls(point.at, point.normal, point.at_rest);
                let glows = paint.glows.unwrap_or_default();
                Corner {
                    x,
                    y,
                    z: point.at[2],
                    u: point.texel.0,
                    v: point.texel.1,
                    light: std::array::from_fn(|channel| {
                        falls[channel] * paint.tint[channel] + glows[channel]
                    }),
                    cover: point.cover,
                }
            })
            .collect();
        canvas.grid(texture, self.columns, &corners);
    }
}

/// A turn in space.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn([[f32; 3]; 3]);

impl Turn {
    /// First `roll` (clockwise in the picture), then `pitch` (up), then `yaw` (to the picture's right), in degrees.
    pub(crate) fn new(yaw: f32, pitch: f32, roll: f32) -> Self {
        let (sy, cy) = yaw.to_radians().sin_cos();
        let (sp, cp) = pitch.to_radians().sin_cos();
        let (sr, cr) = roll.to_radians().sin_cos();
        let across = [[cy, 0.0, -sy], [0.0, 1.0, 0.0], [sy, 0.0, cy]];
        let up = [[1.0, 0.0, 0.0], [0.0, cp, sp], [0.0, -sp, cp]];
        let round = [[cr, -sr, 0.0], [sr, cr, 0.0], [0.0, 0.0, 1.0]];
        Self(times(&across, &times(&up, &round)))
    }

    pub(crate) fn apply(&self, at: [f32; 3]) -> [f32; 3] {
        std::array::from_fn(|row| self.0[row][0] * at[0] + self.0[row][1] * at[1] + self.0[row][2] * at[2])
    }
}

fn times(a: &[[f32; 3]; 3], b: &[[f32; 3]; 3]) -> [[f32; 3]; 3] {
    std::array::from_fn(|row| {
        std::array::from_fn(|column| (0..3).map(|inner| a[row][inner] * b[inner][column]).sum())
    })
}

/// A rectangle that may be bent like a sheet of paper round an upright cylinder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sheet {
    /// Half of its width and height, in mm.
    pub(crate) half: (f32, f32),
    /// Its middle, in mm from the camera.
    pub(crate) at: [f32; 3],
    /// How it is turned: yaw, pitch, roll.
    pub(crate) turn: Turn,
    /// 1 / radius of its bend in 1/mm: above 0 its sides lie farther than its middle.
    pub(crate) bend: f32,
    /// Size of what its texture shows compared with the texture's mm.
    pub(crate) enlarged: f32,
}

impl Sheet {
    /// Its points; `texel` says which texel a place in mm has.
    pub(crate) fn surface(&self, texel: impl Fn(f32, f32) -> (f32, f32)) -> Surface {
        const COLUMNS: usize = 25;
        const ROWS: usize = 19;
        let points = (0..COLUMNS * ROWS)
            .map(|index| {
                let share = |place: usize, count: usize| place as f32 / (count - 1) as f32 * 2.0 - 1.0;
                let x = share(index % COLUMNS, COLUMNS) * self.half.0;
                let y = share(index / COLUMNS, ROWS) * self.half.1;
                let (sin, cos) = (x * self.bend).sin_cos();
                let (across, back) = if self.bend.abs() < 1e-6 {
                    (x, 0.0)
                } else {
                    (sin / self.bend, (1.0 - cos) / self.bend)
                };
                let turned = self.turn.apply([across, y, back]);
                SurfacePoint {
                    at: std::array::from_fn(|axis| turned[axis] + self.at[axis]),
                    normal: self.turn.apply([sin, 0.0, -cos]),
                    at_rest: [0.0, 0.0, -1.0],
                    texel: texel(x / self.enlarged, y / self.enlarged),
                    cover: 1.0,
                }
            })
            .collect();
        Surface { columns: COLUMNS, points }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nose_goes_where_the_head_turns() {
        let nose = [0.0, 0.0, -100.0];
        assert!(Turn::new(30.0, 0.0, 0.0).apply(nose)[0] > 49.0);
        assert!(Turn::new(0.0, 30.0, 0.0).apply(nose)[1] < -49.0);
        assert!(Turn::new(0.0, 0.0, 90.0).apply([0.0, -10.0, 0.0])[0] > 9.9);
    }

    #[test]
    fn a_bent_sheet_keeps_its_width() {
        let turn = Turn::new(0.0, 0.0, 0.0);
        let sheet = Sheet { half: (100.0, 50.0), at: [0.0, 0.0, 400.0], turn, bend: 0.01, enlarged: 1.0 };
        let surface = sheet.surface(|x, y| (x, y));
        let along: f32 = surface.points[..25]
            .windows(2)
            .map(|pair| (pair[0].at[0] - pair[1].at[0]).hypot(pair[0].at[2] - pair[1].at[2]))
            .sum();
        assert!((along - 200.0).abs() < 0.5, "{along}");
        assert!(surface.points[0].at[2] > surface.points[12].at[2] + 30.0);
    }
}
