//! The camera behind the lens: exposure, white balance, noise, blur, gamma, JPEG.

use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use super::raster::Canvas;
use super::texture::encoded;
use crate::presence::random::Draws;
use crate::presence::settings::Settings;

/// Steps of the gamma table: fine enough for the darkest sRGB step.
const GAMMA_STEPS: usize = 4096;
/// Samples of the noise table; drawn from at random places, so that no pattern repeats.
const NOISE_STEPS: usize = 8192;
/// Deviation of the read noise, as a share of full scale at the least gain.
const READ_NOISE: f32 = 0.0015;
/// Light of a room at which the camera needs no gain, in lx. Below it amplifies, at most tenfold.
const AT_EASE_LUX: f32 = 250.0;
/// Largest JPEG that the protocol takes.
const MOST_BYTES: usize = 60_000;

/// A camera, with what it has adapted to.
pub(crate) struct Sensor {
    settings: Settings,
    /// Exposure: what 1 lx becomes.
    exposure: Option<f32>,
    /// Gains of the white balance.
    balance: [f32; 3],
    /// Mean of the first picture, by channel.
    first: [f32; 3],
    noise: Vec<f32>,
    state: u64,
    gamma: Vec<u8>,
    quality: u8,
}

impl Sensor {
    pub(crate) fn new(settings: Settings, seed: u64) -> Self {
        let mut draws = Draws::of(seed ^ settings.noise, "noise");
        let noise = (0..NOISE_STEPS).map(|_| draws.normal()).collect();
        let gamma = (0..=GAMMA_STEPS)
            .map(|step| (encoded(step as f32 / GAMMA_STEPS as f32) * 255.0 + 0.5) as u8)
            .collect();
        // What the white balance leaves of the room's colour.
        let balance = settings.ambient_colour.map(|share| share.powf(-0.8));
        let state = seed | 1;
        let quality = settings.quality;
        Self { settings, exposure: None, balance, first: [1.0; 3], noise, state, gamma, quality }
    }

    /// What the camera makes of the light on `canvas`, `passed_ms` after the last frame: red, green, blue in rows.
    pub(crate) fn expose(&mut self, canvas: &mut Canvas, passed_ms: f32) -> Vec<u8> {
        let gains = self.adapt(mean(canvas), passed_ms);
        self.add_noise(canvas, gains);
        self.develop(canvas)
    }

    fn adapt(&mut self, mean: [f32; 3], passed_ms: f32) -> [f32; 3] {
        let luminance = (0.2126 * mean[0] + 0.7152 * mean[1] + 0.0722 * mean[2]).max(1e-6);
        let wanted = self.settings.exposure / luminance;
        let share = 1.0 - (-passed_ms / self.settings.adapts_ms).exp();
        let exposure = match self.exposure {
            None => {
                self.first = mean.map(|value| value.max(1e-6));
                wanted
            }
            Some(exposure) => exposure + (wanted - exposure) * share,
        };
        self.exposure = Some(exposure);
        let first = 0.2126 * self.first[0] + 0.7152 * self.first[1] + 0.0722 * self.first[2];
        std::array::from_fn(|channel| {
            let drift = self.first[channel] / mean[channel].max(1e-6) * luminance / first;
            let room = self.settings.ambient_colour[channel].powf(-0.8);
            let wanted = room * drift.powf(self.settings.balance);
            self.balance[channel] += (wanted - self.balance[channel]) * share;
            exposure * self.balance[channel]
        })
    }

    fn add_noise(&mut self, canvas: &mut Canvas, gains: [f32; 3]) {
        let amplified = (AT_EASE_LUX / self.settings.ambient_lux).clamp(1.0, 10.0);
        let shot = amplified / self.settings.full_well;
        let read = (READ_NOISE * amplified).powi(2);
        let mut state = self.state;
        for light in &mut canvas.light {
            // One step of a linear generator (Knuth, MMIX) gives three places of the table.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            for channel in 0..3 {
                let signal = light[channel] * gains[channel];
                let place = (state >> (25 + 13 * channel)) as usize % NOISE_STEPS;
                light[channel] = signal + self.noise[place] * (shot * signal + read).sqrt();
            }
        }
        self.state = state;
    }

    /// Blurs each pixel with its four neighbours, and brings it to 8 bits.
    fn develop(&self, canvas: &Canvas) -> Vec<u8> {
        let (row, last) = (canvas.width * 3, canvas.height - 1);
        let side = self.settings.blur;
        let middle = 1.0 - 4.0 * side;
        let light = canvas.light.as_flattened();
        let mut rgb = vec![0; light.len()];
        // A line whose ends go on by a pixel, so that each sample has its neighbours three before and three after.
        let mut beside = vec![0.0; row + 6];
        let mut steps = vec![0.0; row];
        for (index, out) in rgb.chunks_exact_mut(row).enumerate() {
            let line = |index: usize| &light[index * row..(index + 1) * row];
            let (above, here, below) =
                (line(index.saturating_sub(1)), line(index), line((index + 1).min(last)));
            beside[..3].copy_from_slice(&here[..3]);
            beside[3..row + 3].copy_from_slice(here);
            beside[row + 3..].copy_from_slice(&here[row - 3..]);
            let around = above.iter().zip(below).zip(beside.iter().zip(&beside[6..]));
            for ((step, here), ((above, below), (left, right))) in steps.iter_mut().zip(here).zip(around) {
                let value = here * middle + (left + right + above + below) * side;
                *step = value.clamp(0.0, 1.0) * GAMMA_STEPS as f32;
            }
            for (out, step) in out.iter_mut().zip(&steps) {
                *out = self.gamma[*step as usize];
            }
        }
        rgb
    }

    /// As JPEG, small enough for the protocol: the quality goes down where it must, and stays down. `None` when no
    /// quality makes it small enough.
    pub(crate) fn jpeg(&mut self, rgb: &[u8], width: usize, height: usize) -> Option<Vec<u8>> {
        loop {
            let mut jpeg = Vec::with_capacity(MOST_BYTES);
            JpegEncoder::new_with_quality(&mut jpeg, self.quality)
                .encode(rgb, width as u32, height as u32, ExtendedColorType::Rgb8)
                .ok()?;
            if jpeg.len() <= MOST_BYTES {
                return Some(jpeg);
            }
            self.quality = self.quality.checked_sub(8).filter(|quality| *quality > 0)?;
        }
    }
}

/// The mean light by channel, of every eighth pixel, the middle counting twice.
fn mean(canvas: &Canvas) -> [f32; 3] {
    let (mut sum, mut weights) = ([0.0_f32; 3], 0.0);
    for row in (4..canvas.height).step_by(8) {
        for column in (4..canvas.width).step_by(8) {
            let in_middle = column.abs_diff(canvas.width / 2) < canvas.width / 4
                && row.abs_diff(canvas.height / 2) < canvas.height / 3;
            let weight = if in_middle { 2.0 } else { 1.0 };
            for (sum, light) in sum.iter_mut().zip(canvas.light[row * canvas.width + column]) {
                *sum += light * weight;
            }
            weights += weight;
        }
    }
    sum.map(|value| value / f32::max(weights, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presence::settings::Half;

    fn grey(light: f32) -> Canvas {
        let mut canvas = Canvas::new(64, 48);
        canvas.light.fill([light; 3]);
        canvas
    }

    #[test]
    fn exposure_follows_the_light_slowly_and_noise_is_new_in_each_frame() {
        let mut sensor = Sensor::new(Settings::draw(Half::Development, 3), 3);
        let mean = |rgb: &[u8]| rgb.iter().map(|value| u32::from(*value)).sum::<u32>() / rgb.len() as u32;
        let first = sensor.expose(&mut grey(100.0), 0.0);
        let second = sensor.expose(&mut grey(100.0), 60.0);
        assert_ne!(first, second);
        assert!(mean(&first).abs_diff(mean(&second)) < 3);
        let brighter = mean(&sensor.expose(&mut grey(200.0), 60.0));
        assert!(brighter > mean(&first) + 20, "{brighter}");
        for _ in 0..200 {
            sensor.expose(&mut grey(200.0), 60.0);
        }
        assert!(mean(&sensor.expose(&mut grey(200.0), 60.0)).abs_diff(mean(&first)) < 4);
    }

    #[test]
    fn a_jpeg_fits_the_protocol_whatever_it_shows() {
        let mut sensor = Sensor::new(Settings::draw(Half::Development, 3), 3);
        let mut draws = Draws::new(9);
        let noise: Vec<u8> = (0..640 * 480 * 3).map(|_| draws.below(256) as u8).collect();
        let jpeg = sensor.jpeg(&noise, 640, 480).unwrap();
        assert!(jpeg.len() <= MOST_BYTES && jpeg.starts_with(&[0xFF, 0xD8]));
    }
}
