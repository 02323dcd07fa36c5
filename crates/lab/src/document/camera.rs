//! Photographs a flat thing on a table: pose, light, lens, sensor, JPEG.

use engine::geometry::Point;
use engine::homography::Homography;
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;
use media::{Frame, Limits};
use serde::Serialize;

use super::substance::Substance;
use crate::presence::Half;
use crate::presence::random::Draws;
use crate::presence::render::{encoded, linear};

/// How a photo is taken.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Scene {
    /// Pixels of the photo.
    pub size: (u32, u32),
    /// How the document is turned in the picture, in degrees.
    pub roll: f32,
    /// Angle between the document's normal and the optical axis, in degrees.
    pub tilt: f32,
    /// Towards where it is tilted, in degrees.
    pub tilt_towards: f32,
    /// Longer side of the document as a share of the photo's longer side.
    pub fills: f32,
    /// Place of its middle off the picture's, as shares of what room there is, -1..1.
    pub shift: (f32, f32),
    /// What lies below: 0 even, 1 wood, 2 cloth, 3 checks, 4 speckles.
    pub table: usize,
    /// Deviation of the lens' blur in pixels.
    pub blur: f32,
    /// Electrons at full scale: fewer are noisier.
    pub full_well: f32,
    /// How much the light changes over the picture, 0..1.
    pub gradient: f32,
    /// Deviation of a reflection's size as a share of the document's longer side; 0 without one.
    pub glare: f32,
    /// JPEG quality, 1..100.
    pub quality: u8,
}

/// A photo and where the document lies in it.
#[derive(Debug, Clone)]
pub struct Photo {
    /// As decoded.
    pub frame: Frame,
    /// Corners of the document, from its own top left, clockwise, in pixels.
    pub corners: [Point; 4],
}

impl Scene {
    /// Draws a setting. The ranges are those of phones and tables, not of what passes (2026-11-21); the scored half
    /// reaches further at the hard ends.
    pub fn draw(half: Half, seed: u64) -> Self {
        let mut draws = Draws::of(seed, "scene");
        let of = |development: (f32, f32), scored: (f32, f32)| match half {
            Half::Development => development,
            Half::Scored => scored,
        };
        let sizes = [(1600, 1200), (1200, 1600), (1920, 1080), (1440, 1080)];
        Self {
            size: sizes[draws.below(sizes.len())],
            roll: draws.between((-180.0, 180.0)),
            tilt: draws.between((0.0, 45.0)),
            tilt_towards: draws.between((0.0, 360.0)),
            fills: draws.between(of((0.5, 0.85), (0.42, 0.9))),
            shift: (draws.between((-1.0, 1.0)), draws.between((-1.0, 1.0))),
            table: draws.below(5),
            blur: draws.between(of((0.4, 1.1), (0.3, 1.4))),
            full_well: draws.decade(of((1_500.0, 8_000.0), (1_000.0, 10_000.0))),
            gradient: draws.between(of((0.0, 0.4), (0.0, 0.5))),
            glare: 0.0,
            quality: draws.between(of((75.0, 95.0), (68.0, 96.0))) as u8,
        }
    }

    /// Where a thing of `width` x `height` mm comes to lie: its corners in pixels, clockwise from its top left.
    pub fn corners(&self, (width, height): (f32, f32)) -> [Point; 4] {
        let (columns, rows) = (self.size.0 as f32, self.size.1 as f32);
        let focal = 0.8 * columns.max(rows);
        let (sr, cr) = self.roll.to_radians().sin_cos();
        let (st, ct) = self.tilt.to_radians().sin_cos();
        let (sa, ca) = self.tilt_towards.to_radians().sin_cos();
        let longer = width.max(height);
        // Corners in px off the picture's middle; the document's middle lies `aside` of the optical axis.
        let project = |distance: f32, aside: (f32, f32)| {
            [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map(|(x, y)| {
                let (x, y) = (x * width / longer / 2.0, y * height / longer / 2.0);
                let (x, y) = (x * cr - y * sr, x * sr + y * cr);
                let (along, across) = (x * ca + y * sa, y * ca - x * sa);
                let (x, y) = (along * ct * ca - across * sa, along * ct * sa + across * ca);
                let depth = distance + along * st;
                Point::new(focal * (x + aside.0) / depth, focal * (y + aside.1) / depth)
            })
        };
        // As large as asked for, or as fits with some room at the edges, and moved there in space: the lens' axis
        // stays in the picture's middle.
        let mut distance = focal / (self.fills * columns.max(rows));
        let mut aside = (0.0, 0.0);
        for _ in 0..60 {
            let (middle, span) = box_of(&project(distance, aside));
            let room = ((0.97 * columns - span.0) / 2.0, (0.97 * rows - span.1) / 2.0);
            if room.0 < 0.0 || room.1 < 0.0 {
                distance *= 1.03;
                continue;
            }
            let wanted = (self.shift.0 * room.0.min(0.12 * columns), self.shift.1 * room.1.min(0.12 * rows));
            aside.0 += (wanted.0 - middle.0) * distance / focal;
            aside.1 += (wanted.1 - middle.1) * distance / focal;
        }
        project(distance, aside).map(|at| Point::new(at.x + (columns - 1.0) / 2.0, at.y + (rows - 1.0) / 2.0))
    }

    /// The photo of `thing`. `None` where the corners span nothing or the photo cannot be encoded, which settings of
    /// [`draw`](Self::draw) never do.
    pub fn photograph(&self, thing: &dyn Substance, seed: u64) -> Option<Photo> {
        let mut draws = Draws::of(seed, "photo");
        let (width, height) = thing.size();
        let corners = self.corners((width, height));
        let flat = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)].map(|(x, y)| Point::new(x, y));
        let to_thing = Homography::between(&corners, &flat)?;
        let table = Table::draw(self.table, &mut draws);
        let (columns, rows) = (self.size.0 as usize, self.size.1 as usize);
        let lamp = draws.between((0.0, std::f32::consts::TAU)).sin_cos();
        let shine = Point::new(width * draws.between((0.2, 0.8)), height * draws.between((0.2, 0.8)));
        let samples = thing.samples();
        let radius = thing.corner_radius();
        let lens = Lens::new(self.blur, samples);
        let mut fine = vec![[0.0_f32; 3]; columns * samples];
        let mut wide = Vec::with_capacity(columns * rows * samples);
        for line in 0..rows * samples {
            let off = |index: usize| (index as f32 + 0.5) / samples as f32 - 0.5;
            for (index, light) in fine.iter_mut().enumerate() {
                let place = Point::new(off(index), off(line));
                let at = to_thing.apply(place);
                *light = if is_on(at, (width, height), radius) {
                    let mut seen = thing.light(at.x, at.y);
                    if self.glare > 0.0 {
                        let off = at.distance(shine) / (self.glare * width.max(height));
                        let shines = 2.5 * (-0.5 * off * off).exp();
                        seen = seen.map(|value| value + shines);
                    }
                    seen
                } else {
                    table.light(place)
                };
            }
            wide.extend((0..columns).map(|column| lens.gather(column, fine.len(), |at| fine[at])));
        }
        let mut light = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let seen = lens.gather(row, rows * samples, |at| wide[at * columns + column]);
                let (x, y) = (column as f32 / columns as f32 - 0.5, row as f32 / rows as f32 - 0.5);
                let falls = 0.85 * (1.0 + self.gradient * (x * lamp.1 + y * lamp.0));
                light.push(seen.map(|value| value * falls));
            }
        }
        let frame = self.developed(&light, &mut draws)?;
        // Pixel centres lie at whole numbers here and there.
        Some(Photo { frame, corners })
    }

    /// Noise, gamma, JPEG.
    fn developed(&self, light: &[[f32; 3]], draws: &mut Draws) -> Option<Frame> {
        let noise: Vec<f32> = (0..8192).map(|_| draws.normal()).collect();
        let gamma: Vec<u8> =
            (0..=4096).map(|step| (encoded(step as f32 / 4096.0) * 255.0 + 0.5) as u8).collect();
        let mut state = draws.below(usize::MAX) as u64 | 1;
        let mut rgb = Vec::with_capacity(light.len() * 3);
        for light in light {
            // One step of a linear generator (Knuth, MMIX) gives three places of the table.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            for (channel, value) in light.iter().enumerate() {
                let deviation = (value.max(0.0) / self.full_well + 1e-6).sqrt();
                let noisy = value + noise[(state >> (25 + 13 * channel)) as usize % 8192] * deviation;
                rgb.push(gamma[(noisy.clamp(0.0, 1.0) * 4096.0) as usize]);
            }
        }
        with_half_colour(&mut rgb, self.size.0 as usize);
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, self.quality)
            .encode(&rgb, self.size.0, self.size.1, ExtendedColorType::Rgb8)
            .ok()?;
        media::decode(&jpeg, &Limits::default()).ok()
    }
}

/// Middle, and width and height, of the upright box round `corners`.
fn box_of(corners: &[Point; 4]) -> ((f32, f32), (f32, f32)) {
    let span = |values: [f32; 4]| {
        let low = values.into_iter().fold(f32::INFINITY, f32::min);
        let high = values.into_iter().fold(f32::NEG_INFINITY, f32::max);
        (f32::midpoint(low, high), high - low)
    };
    let (x, y) = (span(corners.map(|at| at.x)), span(corners.map(|at| at.y)));
    ((x.0, y.0), (x.1, y.1))
}

/// Whether a place in mm lies on a sheet with round corners.
fn is_on(at: Point, (width, height): (f32, f32), radius: f32) -> bool {
    let (x, y) = ((at.x - width / 2.0).abs() - width / 2.0, (at.y - height / 2.0).abs() - height / 2.0);
    let (over_x, over_y) = ((x + radius).max(0.0), (y + radius).max(0.0));
    x < 0.0 && y < 0.0 && (radius <= 0.0 || over_x.hypot(over_y) < radius)
}

/// What a pixel gathers along one axis: the lens blurs before the sensor samples, so that what is finer than the pixels
/// beats with them only as far as the lens lets it through.
struct Lens {
    samples: usize,
    reach: usize,
    weights: Vec<f32>,
}

impl Lens {
    /// A Gaussian of the deviation `sigma` pixels, then pixels of `samples` places that fill their room.
    fn new(sigma: f32, samples: usize) -> Self {
        let sigma = (sigma * samples as f32).max(1e-3);
        let reach = (3.0 * sigma).ceil() as usize;
        let bell = |off: f32| (-0.5 * (off / sigma).powi(2)).exp();
        let weights: Vec<f32> = (0..samples + 2 * reach)
            .map(|index| (0..samples).map(|place| bell(index as f32 - (reach + place) as f32)).sum::<f32>())
            .collect();
        let total: f32 = weights.iter().sum();
        Self { samples, reach, weights: weights.into_iter().map(|weight| weight / total).collect() }
    }

    /// The light of pixel `index` of a line of `length` places, beyond whose ends it goes on as there.
    fn gather(&self, index: usize, length: usize, light: impl Fn(usize) -> [f32; 3]) -> [f32; 3] {
        let mut sum = [0.0_f32; 3];
        for (offset, weight) in self.weights.iter().enumerate() {
            let at = (index * self.samples + offset).saturating_sub(self.reach).min(length - 1);
            for (sum, value) in sum.iter_mut().zip(light(at)) {
                *sum += value * weight;
            }
        }
        sum
    }
}

/// The colour of squares of 2 x 2 pixels made one, as nearly every photo is kept (4:2:0); the encoder here keeps all of
/// it.
fn with_half_colour(rgb: &mut [u8], columns: usize) {
    let luma = |pixel: [f32; 3]| 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
    let rows = rgb.len() / 3 / columns;
    for row in (0..rows - rows % 2).step_by(2) {
        for column in (0..columns - columns % 2).step_by(2) {
            let starts = [0, 1, columns, columns + 1].map(|off| (row * columns + column + off) * 3);
            let pixels = starts.map(|start| [0, 1, 2].map(|channel| f32::from(rgb[start + channel])));
            let mean: [f32; 3] =
                std::array::from_fn(|channel| pixels.iter().map(|pixel| pixel[channel]).sum::<f32>() / 4.0);
            for (start, pixel) in starts.into_iter().zip(pixels) {
                let brighter = luma(pixel) - luma(mean);
                for (channel, level) in mean.into_iter().enumerate() {
                    rgb[start + channel] = (level + brighter + 0.5) as u8;
                }
            }
        }
    }
}

/// What the document lies on.
struct Table {
    kind: usize,
    colours: [[f32; 3]; 2],
    size: f32,
    turn: (f32, f32),
    seed: u32,
}

impl Table {
    fn draw(kind: usize, draws: &mut Draws) -> Self {
        let base = [0; 3].map(|_: i32| draws.between((25.0, 235.0)));
        let contrast = draws.between((0.55, 0.9));
        let colours =
            [base, base.map(|level| level * contrast)].map(|colour| colour.map(|level| linear(level as u8)));
        Self {
            kind,
            colours,
            size: draws.between((18.0, 90.0)),
            turn: draws.between((0.0, std::f32::consts::TAU)).sin_cos(),
            seed: draws.below(1 << 30) as u32,
        }
    }

    fn light(&self, at: Point) -> [f32; 3] {
        let (x, y) = (at.x * self.turn.1 - at.y * self.turn.0, at.x * self.turn.0 + at.y * self.turn.1);
        let (u, v) = (x / self.size, y / self.size);
        let share = match self.kind {
            0 => 0.0,
            1 => self.smooth(u * 0.15, v * 1.7 + 0.8 * self.smooth(u * 0.1, v * 0.2)),
            2 => 0.5 + 0.25 * ((u * 14.0).sin() + (v * 14.0).sin()) * (0.4 + 0.6 * self.smooth(u, v)),
            3 => f32::from(u8::from((u.floor() as i64 + v.floor() as i64).rem_euclid(2) == 0)),
            _ => f32::from(u8::from(self.smooth(u * 4.0, v * 4.0) > 0.62)),
        };
        std::array::from_fn(|channel| {
            self.colours[0][channel] + (self.colours[1][channel] - self.colours[0][channel]) * share
        })
    }

    /// Value noise, 0..1.
    fn smooth(&self, u: f32, v: f32) -> f32 {
        let (left, top) = (u.floor(), v.floor());
        let ease = |share: f32| share * share * (3.0 - 2.0 * share);
        let (dx, dy) = (ease(u - left), ease(v - top));
        let at = |x: f32, y: f32| {
            let mut mixed =
                (x as i32 as u32).wrapping_mul(0x9E37_79B9) ^ (y as i32 as u32).wrapping_mul(0x85EB_CA6B);
            mixed = (mixed ^ self.seed ^ (mixed >> 15)).wrapping_mul(0xC2B2_AE35);
            ((mixed ^ (mixed >> 13)) & 0xFFFF) as f32 / 65_536.0
        };
        let above = at(left, top) + (at(left + 1.0, top) - at(left, top)) * dx;
        let below = at(left, top + 1.0) + (at(left + 1.0, top + 1.0) - at(left, top + 1.0)) * dx;
        above + (below - above) * dy
    }
}
