//! Pictures that lie on surfaces, in linear light.

use engine::geometry::{Outside, Point, Transform, cut};
use media::Frame;

/// A picture in linear light, 0..1, red, green, blue; the fourth number only keeps texels apart by a power of two.
#[derive(Clone)]
pub(crate) struct Texture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    texels: Vec<[f32; 4]>,
}

/// Linear light of an sRGB sample (IEC 61966-2-1).
pub(crate) fn linear(sample: u8) -> f32 {
    let value = f32::from(sample) / 255.0;
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// An sRGB sample, 0..1, of linear light, 0..1.
pub(crate) fn encoded(light: f32) -> f32 {
    let light = light.clamp(0.0, 1.0);
    if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}

impl Texture {
    /// Red, green and blue samples in rows from the top.
    pub(crate) fn from_rgb(width: usize, height: usize, rgb: &[u8]) -> Self {
        let table: [f32; 256] = std::array::from_fn(|sample| linear(sample as u8));
        let texels = rgb
            .chunks_exact(3)
            .map(|pixel| [0, 1, 2, 2].map(|channel| table[usize::from(pixel[channel])]))
            .collect();
        Self { width, height, texels }
    }

    /// The part of `photo` that `to_photo` points at, `width` x `height`; outside the photo its edge.
    pub(crate) fn of_photo(photo: &Frame, to_photo: Transform, width: usize, height: usize) -> Self {
        Self::from_rgb(width, height, &cut(photo, to_photo, width, height, Outside::Edge))
    }

    /// This texture with each texel that `mirrored` gives a place taken from there.
    pub(crate) fn rearranged(&self, mirrored: impl Fn(Point) -> Option<Point>) -> Self {
        let mut all = self.clone();
        all.change(|x, y, texel| {
            if let Some(from) = mirrored(Point::new(x as f32, y as f32)) {
                *texel = self.sample(from.x, from.y);
            }
        });
        all
    }

    /// Between texels; outside, the edge.
    pub(crate) fn sample(&self, x: f32, y: f32) -> [f32; 4] {
        let x = x.clamp(0.0, (self.width - 1) as f32);
        let y = y.clamp(0.0, (self.height - 1) as f32);
        let (left, top) = (x as usize, y as usize);
        let (right_share, below_share) = (x - left as f32, y - top as f32);
        let right = usize::from(left + 1 < self.width);
        let below = if top + 1 < self.height { self.width } else { 0 };
        let nw = top * self.width + left;
        let (a, b) = (&self.texels[nw], &self.texels[nw + right]);
        let (c, d) = (&self.texels[nw + below], &self.texels[nw + below + right]);
        std::array::from_fn(|channel| {
            let above = a[channel] + (b[channel] - a[channel]) * right_share;
            let under = c[channel] + (d[channel] - c[channel]) * right_share;
            above + (under - above) * below_share
        })
    }

    /// Changes each texel, given its place.
    pub(crate) fn change(&mut self, change: impl Fn(usize, usize, &mut [f32; 4])) {
        for (index, texel) in self.texels.iter_mut().enumerate() {
            change(index % self.width, index / self.width, texel);
        }
    }

    /// Fills what `known` calls 0 from what lies around it: means of ever coarser halves are carried back into the
    /// holes (push-pull, Gortler 1996).
    pub(crate) fn fill(&mut self, known: &[f32]) {
        let weighted = self
            .texels
            .iter()
            .zip(known)
            .map(|(texel, known)| [texel[0] * known, texel[1] * known, texel[2] * known, *known])
            .collect();
        let filled = filled(self.width, self.height, weighted);
        for ((texel, fill), known) in self.texels.iter_mut().zip(filled).zip(known) {
            for channel in 0..3 {
                texel[channel] += (fill[channel] - texel[channel]) * (1.0 - known);
            }
        }
    }
}

/// Where the mirror image of a photo that ends at (`last_x`, `last_y`) comes from; `None` inside the photo.
pub(crate) fn mirrored(place: Point, (last_x, last_y): (f32, f32)) -> Option<Point> {
    let reflected = |place: f32, last: f32| {
        let turned = place.rem_euclid(2.0 * last.max(1.0));
        if turned > last { (2.0 * last - turned).max(0.0) } else { turned }
    };
    let mirror = Point::new(reflected(place.x, last_x), reflected(place.y, last_y));
    (mirror != place).then_some(mirror)
}

/// One level of the pyramid: texels times their weight, and the weight.
fn filled(width: usize, height: usize, level: Vec<[f32; 4]>) -> Vec<[f32; 4]> {
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    let coarse = (width > 1 || height > 1).then(|| {
        let mut sums = vec![[0.0_f32; 4]; half_width * half_height];
        for (index, texel) in level.iter().enumerate() {
            let sum = &mut sums[index / width / 2 * half_width + index % width / 2];
            for channel in 0..4 {
                sum[channel] += texel[channel];
            }
        }
        for sum in &mut sums {
            // More than a whole texel's knowledge is enough.
            let most = sum[3].max(1.0);
            *sum = sum.map(|value| value / most);
        }
        let coarse = filled(half_width, half_height, sums);
        Texture { width: half_width, height: half_height, texels: coarse }
    });
    level
        .into_iter()
        .enumerate()
        .map(|(index, texel)| {
            let missing = 1.0 - texel[3];
            let Some(coarse) = &coarse else { return texel.map(|value| value / texel[3].max(1e-6)) };
            if missing <= 0.0 {
                return texel;
            }
            let (x, y) = ((index % width) as f32, (index / width) as f32);
            let behind = coarse.sample(x / 2.0 - 0.25, y / 2.0 - 0.25);
            std::array::from_fn(
                |channel| if channel == 3 { 1.0 } else { texel[channel] + behind[channel] * missing },
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_comes_back_from_its_samples() {
        for sample in 0..=255 {
            assert!((encoded(linear(sample)) * 255.0 - f32::from(sample)).abs() < 0.01);
        }
    }

    #[test]
    fn a_hole_is_filled_from_its_rim() {
        let mut texture = Texture::from_rgb(32, 32, &[120, 60, 30].repeat(1024));
        texture.change(|x, y, texel| {
            if x.abs_diff(16) < 6 && y.abs_diff(16) < 6 {
                *texel = [1.0; 4];
            }
        });
        let known: Vec<f32> = (0..1024_usize)
            .map(
                |index| {
                    if (index % 32).abs_diff(16) < 7 && (index / 32).abs_diff(16) < 7 { 0.0 } else { 1.0 }
                },
            )
            .collect();
        texture.fill(&known);
        let middle = texture.sample(16.0, 16.0);
        assert!(
            (middle[0] - linear(120)).abs() < 0.01 && (middle[2] - linear(30)).abs() < 0.01,
            "{middle:?}"
        );
    }

    #[test]
    fn outside_a_photo_lies_its_mirror_image() {
        let last = (15.0, 15.0);
        assert_eq!(mirrored(Point::new(-4.0, 3.0), last), Some(Point::new(4.0, 3.0)));
        assert_eq!(mirrored(Point::new(17.0, 16.0), last), Some(Point::new(13.0, 14.0)));
        assert_eq!(mirrored(Point::new(0.0, 15.0), last), None);
    }
}
