//! What lies before the camera: the document itself, a print of it, or a screen that shows it.

use media::Frame;

use super::sheet::PER_MM;
use crate::presence::random::Draws;
use crate::presence::render::Texture;

/// A flat thing that sends light.
pub trait Substance {
    /// Width and height in mm.
    fn size(&self) -> (f32, f32);
    /// Linear light at a place in mm from its top left, 1 is white paper.
    fn light(&self, x: f32, y: f32) -> [f32; 3];
    /// Places along one axis that a pixel of the camera gathers.
    fn samples(&self) -> usize {
        2
    }
    /// Radius of its corners in mm.
    fn corner_radius(&self) -> f32 {
        3.0
    }
}

/// A page in linear light.
struct Page {
    texture: Texture,
    size: (f32, f32),
}

impl Page {
    fn new(page: &Frame) -> Self {
        let (width, height) = (page.width() as usize, page.height() as usize);
        let size = (width as f32 / PER_MM, height as f32 / PER_MM);
        Self { texture: Texture::from_rgb(width, height, page.rgb()), size }
    }

    fn at(&self, x: f32, y: f32) -> [f32; 3] {
        let [red, green, blue, _] = self.texture.sample(x * PER_MM - 0.5, y * PER_MM - 0.5);
        [red, green, blue]
    }
}

/// The document itself.
pub struct Genuine(Page);

impl Genuine {
    /// A document that looks like `page`, 16 pixels for a mm.
    pub fn new(page: &Frame) -> Self {
        Self(Page::new(page))
    }
}

impl Substance for Genuine {
    fn size(&self) -> (f32, f32) {
        self.0.size
    }

    fn light(&self, x: f32, y: f32) -> [f32; 3] {
        self.0.at(x, y)
    }
}

/// A print of the document on paper: four inks in dots, or in a scatter of drops as from an ink jet.
pub struct Print {
    page: Page,
    /// From dot to dot, in mm; 0 for scattered drops.
    period: f32,
    /// Reflectance of paper, and of ink at its blackest.
    paper: [f32; 3],
    black: f32,
    /// What is left of the colours.
    saturation: f32,
    /// The tone from which on there is a drop at each place of a square.
    drops: Vec<f32>,
}

impl Print {
    /// A print of `page`. Offset and laser printers have 85 to 200 lines an inch; ink of home printers leaves 3 to 8 %
    /// of the light.
    pub fn new(page: &Frame, seed: u64) -> Self {
        let mut draws = Draws::of(seed, "print");
        let is_scattered = draws.unit() < 0.4;
        let lines = draws.between((85.0, 175.0));
        let white = draws.between((0.78, 0.9));
        Self {
            page: Page::new(page),
            period: if is_scattered { 0.0 } else { 25.4 / lines },
            paper: [white, white * 0.99, white * draws.between((0.94, 1.03))],
            black: draws.between((0.03, 0.08)),
            saturation: draws.between((0.6, 0.9)),
            drops: scattered(&mut draws),
        }
    }

    /// Share of ink, 0 or 1, where `tone`, 0..1, is asked for.
    fn ink(&self, tone: f32, x: f32, y: f32, (sin, cos): (f32, f32)) -> f32 {
        if self.period <= 0.0 {
            // Drops of 0.04 mm, each ink's at other places.
            let aside = (cos * 97.0) as usize;
            let (column, row) = ((x / 0.04) as usize + aside, (y / 0.04) as usize + 3 * aside);
            let wanted = self.drops[row % DROPS * DROPS + column % DROPS];
            return f32::from(u8::from(wanted < tone));
        }
        let place = std::f32::consts::TAU / self.period;
        let (u, v) = ((x * cos - y * sin) * place, (x * sin + y * cos) * place);
        let dot = 0.5 + 0.25 * (u.cos() + v.cos());
        ((tone - dot) * 6.0 + 0.5).clamp(0.0, 1.0)
    }
}

/// Side of the square of drops that a print repeats.
const DROPS: usize = 128;

/// Thresholds 0..1 of scattered drops, each as far from those of about its tone as can be: printers scatter so that no
/// clumps are seen (blue noise; Ulichney 1988). White noise, less what is coarse in it, ranked again a few times.
fn scattered(draws: &mut Draws) -> Vec<f32> {
    let mut drops: Vec<f32> = (0..DROPS * DROPS).map(|_| draws.unit()).collect();
    let bell = [0.06, 0.24, 0.4, 0.24, 0.06];
    for _ in 0..6 {
        let mut coarse = drops.clone();
        for (down, across) in [(1, 0), (0, 1)] {
            let before = coarse.clone();
            for (index, value) in coarse.iter_mut().enumerate() {
                let at = |off: usize| {
                    let row = (index / DROPS + off * down + DROPS - 2 * down) % DROPS;
                    let column = (index % DROPS + off * across + DROPS - 2 * across) % DROPS;
                    before[row * DROPS + column]
                };
                *value = bell.iter().enumerate().map(|(off, weight)| at(off) * weight).sum();
            }
        }
        for (value, coarse) in drops.iter_mut().zip(coarse) {
            *value -= coarse;
        }
        let mut order: Vec<usize> = (0..drops.len()).collect();
        order.sort_by(|a, b| drops[*a].total_cmp(&drops[*b]));
        for (rank, index) in order.into_iter().enumerate() {
            drops[index] = (rank as f32 + 0.5) / (DROPS * DROPS) as f32;
        }
    }
    drops
}

impl Substance for Print {
    fn size(&self) -> (f32, f32) {
        self.page.size
    }

    fn light(&self, x: f32, y: f32) -> [f32; 3] {
        let light = self.page.at(x, y);
        let grey = 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2];
        // Screens of cyan, magenta and yellow stand at 15, 75 and 0 degrees.
        let turns = [(0.2588, 0.9659), (0.9659, 0.2588), (0.0, 1.0)];
        std::array::from_fn(|channel| {
            let wanted = grey + (light[channel] - grey) * self.saturation;
            let ink = self.ink(1.0 - wanted.clamp(0.0, 1.0), x, y, turns[channel]);
            self.paper[channel] * (1.0 - ink) + self.black * ink
        })
    }

    fn samples(&self) -> usize {
        4
    }

    fn corner_radius(&self) -> f32 {
        0.0
    }
}

/// A screen that shows the document.
pub struct Screen {
    page: Page,
    /// From pixel to pixel on the screen, in mm of the document.
    pitch: f32,
    /// What the gaps between its sub-pixels still send.
    gap: f32,
    white: [f32; 3],
    /// What its glass reflects of the room.
    haze: f32,
    /// Exponent of its picture processing.
    gamma: f32,
}

impl Screen {
    /// A screen with `page` on it, 1.5 to 3.5 times as large as the document: 0.055 to 0.28 mm from pixel to pixel, as
    /// phones and monitors have.
    pub fn new(page: &Frame, seed: u64) -> Self {
        let mut draws = Draws::of(seed, "screen");
        let is_phone = draws.unit() < 0.4;
        let (pitch, enlarged) = if is_phone {
            (draws.between((0.055, 0.075)), draws.between((0.9, 1.6)))
        } else {
            (draws.between((0.11, 0.28)), draws.between((1.5, 3.0)))
        };
        Self {
            page: Page::new(page),
            pitch: pitch / enlarged,
            gap: draws.between((0.05, 0.35)),
            white: [draws.between((0.9, 1.0)), 1.0, draws.between((1.0, 1.15))],
            haze: draws.between((0.01, 0.05)),
            gamma: draws.between((0.9, 1.15)),
        }
    }
}

impl Substance for Screen {
    fn size(&self) -> (f32, f32) {
        self.page.size
    }

    fn light(&self, x: f32, y: f32) -> [f32; 3] {
        let (column, row) = ((x / self.pitch).floor(), (y / self.pitch).floor());
        let shown = self.page.at((column + 0.5) * self.pitch, (row + 0.5) * self.pitch);
        let (across, down) = (x / self.pitch - column, y / self.pitch - row);
        // Of stripes that fill 4/5 of a third and lines that fill 5/6, the wave itself: what is finer no lens passes, and
        // samples would make a pattern of it that is not there.
        let wave =
            |depth: f32, off: f32| 1.0 + depth * (1.0 - self.gap) * (std::f32::consts::TAU * off).cos();
        let line = wave(0.35, down - 0.5);
        std::array::from_fn(|channel| {
            let stripe = wave(1.8, across - (channel as f32 + 0.5) / 3.0);
            let sent = shown[channel].powf(self.gamma) * self.white[channel] * stripe * line;
            self.haze + (1.0 - self.haze) * 0.75 * sent
        })
    }

    fn samples(&self) -> usize {
        4
    }

    fn corner_radius(&self) -> f32 {
        0.0
    }
}
