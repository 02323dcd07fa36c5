//! A bona fide person before a camera, and what every species borrows from one.

use std::sync::Arc;

use domain::{Challenge, Guidance, Movement, Path, Seed, Step};

use super::behaviour::{Behaviour, Sway};
use crate::presence::random::Draws;
use crate::presence::render::{Canvas, Lens, Light, Pose, SIZE, Sensor, Sitter};
use crate::presence::settings::Settings;
use crate::presence::stage::{Glow, Player, Screen, Shot, Shows};

/// A camera in a room, with the screen below it.
pub(crate) struct Rig {
    pub(crate) settings: Settings,
    pub(crate) canvas: Canvas,
    pub(crate) sensor: Sensor,
    /// The eyes of whoever looks straight.
    pub(crate) eyes: [f32; 3],
    glow: Glow,
    emitted: Option<[f32; 3]>,
    last_ms: u64,
    shake: Sway,
}

/// Time constant of the screen and of the shutter together, in ms: a frame taken while the screen changes shows both.
const BLEND_MS: f32 = 25.0;
/// A screen does not show what it is told until its next refresh, in ms.
const REFRESH_MS: u64 = 12;

impl Rig {
    pub(crate) fn new(settings: Settings, seed: u64) -> Self {
        let mut draws = Draws::of(seed, "rig");
        let eyes = [draws.between((-15.0, 15.0)), draws.between((-30.0, 0.0)), settings.distance_mm];
        let canvas = Canvas::new(SIZE.0, SIZE.1);
        let sensor = Sensor::new(settings, seed);
        // Of the camera: a hand that holds a phone; a laptop stands still.
        let strength = if settings.screen_mm2 < 20_000.0 { 0.5 } else { 0.02 };
        let shake = Sway::new(&mut draws, strength);
        Self { settings, canvas, sensor, eyes, glow: Glow::default(), emitted: None, last_ms: 0, shake }
    }

    pub(crate) fn lens(&self, now_ms: u64) -> Lens {
        let [.., right, down, _] = self.shake.at(now_ms);
        Lens {
            focal_px: self.settings.focal_px,
            centre: (SIZE.0 as f32 / 2.0 + right, SIZE.1 as f32 / 2.0 + down),
        }
    }

    /// The light of a moment.
    pub(crate) fn light(&mut self, now_ms: u64, screen: &Screen) -> Light {
        let target = self.glow.at(now_ms, screen, screen.emits(self.settings.neutral));
        let lit_ms =
            now_ms.saturating_sub(screen.since_ms + REFRESH_MS).min(now_ms.saturating_sub(self.last_ms));
        let share = 1.0 - (-(lit_ms as f32) / BLEND_MS).exp();
        let before = self.emitted.unwrap_or(target);
        let emitted: [f32; 3] =
            std::array::from_fn(|channel| before[channel] + (target[channel] - before[channel]) * share);
        self.emitted = Some(emitted);
        let Settings { ambient_lux, ambient_colour, screen_nits, screen_mm2, screen_below, .. } =
            self.settings;
        Light {
            ambient: ambient_colour.map(|channel| channel * ambient_lux),
            screen: emitted.map(|channel| channel * screen_nits * screen_mm2),
            screen_at: [0.0, screen_below, 0.0],
            screen_mm2,
        }
    }

    /// What the camera makes of the canvas: red, green, blue in rows.
    pub(crate) fn expose(&mut self, now_ms: u64) -> Vec<u8> {
        let passed_ms = now_ms.saturating_sub(self.last_ms) as f32;
        self.last_ms = now_ms;
        self.sensor.expose(&mut self.canvas, passed_ms)
    }

    /// As the page sends it.
    pub(crate) fn send(&mut self, now_ms: u64, rgb: &[u8]) -> Option<Shot> {
        let jpeg = self.sensor.jpeg(rgb, SIZE.0, SIZE.1)?;
        Some(Shot { jpeg, captured_us: now_ms * 1000 })
    }

    /// Draws what is behind everybody.
    pub(crate) fn backdrop(&mut self, lens: &Lens, light: &Light, sitter: &Sitter) {
        let depth = self.eyes[2] + self.settings.backdrop_mm;
        sitter.draw_backdrop(&mut self.canvas, lens, light, self.eyes, depth);
    }
}

/// A person who sits before the camera and does what the screen asks.
pub(crate) struct Person {
    pub(crate) rig: Rig,
    pub(crate) sitter: Arc<Sitter>,
    behaviour: Behaviour,
    /// How far away it means to sit, in mm, and when it last changed its mind, in ms.
    seat: (f32, u64),
    has_begun: bool,
}

/// How long a person needs to hear, to move and to see what came of it, in ms.
const LISTENS_MS: u64 = 900;
/// How much nearer or farther a person sits who is told to, as a share of the distance.
const CLOSER: f32 = 0.9;
const FARTHER: f32 = 1.12;
/// Share of the way there that is done from one frame to the next.
const MOVES: f32 = 0.2;

impl Person {
    pub(crate) fn new(settings: Settings, seed: u64, sitter: Arc<Sitter>) -> Self {
        let rig = Rig::new(settings, seed);
        let seat = (rig.eyes[2], 0);
        Self { rig, sitter, behaviour: Behaviour::new(settings, seed), seat, has_begun: false }
    }

    /// What the camera sees before it is sent: red, green, blue in rows.
    pub(crate) fn picture(&mut self, now_ms: u64, screen: &Screen) -> Vec<u8> {
        let pose = self.behaviour.pose(now_ms, screen);
        self.picture_of(now_ms, screen, &pose)
    }

    /// The same with the head held as `pose`.
    pub(crate) fn picture_of(&mut self, now_ms: u64, screen: &Screen, pose: &Pose) -> Vec<u8> {
        let (lens, light) = (self.rig.lens(now_ms), self.rig.light(now_ms, screen));
        self.rig.backdrop(&lens, &light, &self.sitter);
        let (eyes, skin) = (self.rig.eyes, self.rig.settings.skin);
        self.sitter.draw(&mut self.rig.canvas, &lens, &light, pose, eyes, skin);
        self.rig.expose(now_ms)
    }

    pub(crate) fn pose(&mut self, now_ms: u64, screen: &Screen) -> Pose {
        self.behaviour.pose(now_ms, screen)
    }
}

impl Player for Person {
    fn frame(&mut self, now_ms: u64, screen: &Screen) -> Option<Shot> {
        self.has_begun |= screen.nonce != [0; 16];
        self.rig.eyes[2] += (self.seat.0 - self.rig.eyes[2]) * MOVES;
        let rgb = self.picture(now_ms, screen);
        self.rig.send(now_ms, &rgb)
    }

    fn told(&mut self, now_ms: u64, say: Guidance) {
        let (distance_mm, since_ms) = self.seat;
        let factor = match say {
            Guidance::TooClose => FARTHER,
            Guidance::TooFar => CLOSER,
            _ => return,
        };
        // Once it has begun, the head moves for the prompts.
        if !self.has_begun && now_ms >= since_ms + LISTENS_MS {
            self.seat = (distance_mm * factor, now_ms);
        }
    }
}

/// A session that was recorded, or that runs elsewhere: what its screen showed, and when.
pub(crate) struct Script {
    /// Beginning in ms, and what is shown from then on.
    scenes: Vec<(u64, Screen)>,
}

impl Script {
    /// The session of another challenge, drawn from `seed`. It began about when this one does.
    pub(crate) fn other_session(path: Path, seed: u64) -> Self {
        let mut draws = Draws::of(seed, "other session");
        let challenge = Challenge::draw(path, Seed::from_bytes(draws.bytes()));
        Self::of(&challenge.steps, draws)
    }

    /// Three movements, drawn from `seed`, before a screen without colours.
    pub(crate) fn movements(seed: u64) -> Self {
        let mut draws = Draws::of(seed, "movements");
        let mut left = Movement::ALL.to_vec();
        let steps = [(); 3].map(|()| {
            let movement = left.swap_remove(draws.below(left.len()));
            Step::Move { movement, at_most_ms: 6_000 }
        });
        Self::of(&steps, draws)
    }

    fn of(steps: &[Step], mut draws: Draws) -> Self {
        let mut scenes = vec![(0, Screen::neutral(0))];
        let (mut now_ms, mut fade_ms) = (draws.between((700.0, 1_500.0)) as u64, 0);
        for (index, step) in steps.iter().enumerate() {
            let nonce = [index as u8 + 1; 16];
            if let Step::Colour { fade_ms: takes_ms, .. } = step {
                fade_ms = u64::from(*takes_ms);
            }
            let mut scene = |shows, lasts_ms: u64| {
                scenes.push((now_ms, Screen { shows, since_ms: now_ms, fade_ms, nonce }));
                now_ms += lasts_ms;
            };
            match step {
                Step::Colour { colour, shown_ms, .. } => {
                    scene(Shows::Colour(*colour), u64::from(*shown_ms) + 60);
                }
                Step::Move { movement, .. } => {
                    scene(Shows::Prompt(*movement), draws.between((1_200.0, 2_200.0)) as u64);
                    scene(Shows::Rest, 1_000);
                }
            }
        }
        // Afterwards its preview again.
        scenes.push((now_ms, Screen::neutral(now_ms)));
        Self { scenes }
    }

    /// What its screen shows at `now_ms`.
    pub(crate) fn at(&self, now_ms: u64) -> Screen {
        let next = self.scenes.partition_point(|(start_ms, _)| *start_ms <= now_ms);
        self.scenes[next.saturating_sub(1)].1
    }
}
