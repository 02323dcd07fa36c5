//! Draws textured surfaces, row by row.

use super::texture::Texture;

/// A corner of a surface, where the camera sees it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Corner {
    /// Column and row in px.
    pub(crate) x: f32,
    pub(crate) y: f32,
    /// Distance from the camera in mm; 0 or less is behind it.
    pub(crate) z: f32,
    /// Place in the texture.
    pub(crate) u: f32,
    pub(crate) v: f32,
    /// Light that falls there, by channel.
    pub(crate) light: [f32; 3],
    /// 1 where the surface covers, 0 where there is none.
    pub(crate) cover: f32,
}

impl Corner {
    /// All that is mixed between corners: distance, place in the texture, cover, light. The last only fills a power of
    /// two.
    fn mixed(&self) -> [f32; 8] {
        let [red, green, blue] = self.light;
        [self.z, self.u, self.v, self.cover, red, green, blue, 0.0]
    }
}

/// What the sensor receives: linear light, by channel.
pub(crate) struct Canvas {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) light: Vec<[f32; 3]>,
    depth: Vec<f32>,
}

impl Canvas {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            light: vec![[0.0; 3]; width * height],
            depth: vec![f32::INFINITY; width * height],
        }
    }

    /// Forgets distances and keeps the picture: what is drawn next lies before it. A backdrop that fills the picture
    /// comes first, so that its light needs no clearing.
    pub(crate) fn in_front(&mut self) {
        self.depth.fill(f32::INFINITY);
    }

    /// Draws a grid of `corners`, `columns` in a row, in the colours of `texture`.
    pub(crate) fn grid(&mut self, texture: &Texture, columns: usize, corners: &[Corner]) {
        let rows = corners.len() / columns;
        for row in 0..rows.saturating_sub(1) {
            for column in 0..columns - 1 {
                let at = row * columns + column;
                let cell = [at, at + 1, at + columns, at + columns + 1].map(|index| &corners[index]);
                if cell.iter().all(|corner| corner.cover <= 0.0) || cell.iter().any(|corner| corner.z <= 1.0)
                {
                    continue;
                }
                self.triangle(texture, [cell[0], cell[1], cell[2]]);
                self.triangle(texture, [cell[1], cell[3], cell[2]]);
            }
        }
    }

    fn triangle(&mut self, texture: &Texture, [a, b, c]: [&Corner; 3]) {
        let twice_area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
        // Turned away, or a line.
        if twice_area < 1e-6 || !twice_area.is_finite() {
            return;
        }
        let per_area = 1.0 / twice_area;
        let last = |length: usize| length as f32 - 1.0;
        let left = a.x.min(b.x).min(c.x).ceil().max(0.0);
        let right = a.x.max(b.x).max(c.x).floor().min(last(self.width));
        let top = a.y.min(b.y).min(c.y).ceil().max(0.0);
        let bottom = a.y.max(b.y).max(c.y).floor().min(last(self.height));
        if left > right || top > bottom {
            return;
        }
        // Shares of the corners b and c change evenly along a row.
        let (b_step, c_step) = ((c.y - a.y) * per_area, -(b.y - a.y) * per_area);
        let (at_a, at_b, at_c) = (a.mixed(), b.mixed(), c.mixed());
        for row in top as usize..=bottom as usize {
            let (dx, dy) = (left - a.x, row as f32 - a.y);
            let mut b_share = (dx * (c.y - a.y) - dy * (c.x - a.x)) * per_area;
            let mut c_share = (dy * (b.x - a.x) - dx * (b.y - a.y)) * per_area;
            let start = row * self.width;
            for place in start + left as usize..=start + right as usize {
                let a_share = 1.0 - b_share - c_share;
                // A little outside counts too, so that no seam shows between neighbours.
                if a_share >= -1e-4 && b_share >= -1e-4 && c_share >= -1e-4 {
                    let [z, u, v, cover, falls @ ..] = std::array::from_fn::<f32, 8, _>(|value| {
                        at_a[value] * a_share + at_b[value] * b_share + at_c[value] * c_share
                    });
                    if z < self.depth[place] {
                        let texel = texture.sample(u, v);
                        let light = &mut self.light[place];
                        for channel in 0..3 {
                            let lit = texel[channel] * falls[channel];
                            light[channel] += (lit - light[channel]) * cover;
                        }
                        if cover > 0.5 {
                            self.depth[place] = z;
                        }
                    }
                }
                b_share += b_step;
                c_share += c_step;
            }
        }
    }

    /// Changes the light of each place that was drawn since [`in_front`](Self::in_front).
    pub(crate) fn change_drawn(&mut self, change: impl Fn(f32, f32, &mut [f32; 3])) {
        let width = self.width;
        for (index, (light, depth)) in self.light.iter_mut().zip(&self.depth).enumerate() {
            if depth.is_finite() {
                change((index % width) as f32, (index / width) as f32, light);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(z: f32, from: f32, to: f32, light: f32) -> [Corner; 4] {
        [(from, from), (to, from), (from, to), (to, to)].map(|(x, y)| Corner {
            x,
            y,
            z,
            light: [light; 3],
            cover: 1.0,
            ..Corner::default()
        })
    }

    #[test]
    fn what_is_nearer_hides_what_is_farther() {
        let white = Texture::from_rgb(1, 1, &[255; 3]);
        let mut canvas = Canvas::new(20, 20);
        canvas.grid(&white, 2, &square(100.0, 2.0, 12.0, 0.5));
        canvas.grid(&white, 2, &square(200.0, 0.0, 19.0, 0.2));
        let at = |x: usize, y: usize| canvas.light[y * 20 + x][0];
        assert!((at(5, 5) - 0.5).abs() < 1e-5 && (at(15, 15) - 0.2).abs() < 1e-5);
        let drawn = canvas.light.iter().filter(|light| light[0] > 0.0).count();
        assert_eq!(drawn, 400);
    }

    #[test]
    fn what_lies_behind_the_camera_or_is_not_finite_is_not_drawn() {
        let white = Texture::from_rgb(1, 1, &[255; 3]);
        let mut canvas = Canvas::new(8, 8);
        canvas.grid(&white, 2, &square(-5.0, 0.0, 7.0, 1.0));
        canvas.grid(&white, 2, &square(5.0, f32::NAN, 7.0, 1.0));
        canvas.grid(&white, 2, &square(5.0, -1e9, -1e8, 1.0));
        assert!(canvas.light.iter().all(|light| light[0] == 0.0));
    }
}
