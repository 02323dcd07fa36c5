//! What stands between the protocol and whoever plays before the camera.

use domain::{Colour, Guidance, Movement};

use super::render::linear;

/// What the page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// The preview: the page's own colours.
    Neutral,
    /// One colour on the whole screen.
    Colour(Colour),
    /// An arrow and a sentence, on the page's own colours.
    Prompt(Movement),
    /// That the movement was seen: look straight again.
    Rest,
}

/// The screen at one moment, as whoever sits before it sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// What it shows.
    pub shows: Shows,
    /// Since when, in ms since the session began.
    pub since_ms: u64,
    /// How long it takes to become that, in ms.
    pub fade_ms: u64,
    /// Nonce of the step; zeros before the first one.
    pub nonce: [u8; 16],
}

impl Screen {
    /// A page that shows no colour yet.
    pub fn neutral(since_ms: u64) -> Self {
        Self { shows: Shows::Neutral, since_ms, fade_ms: 0, nonce: [0; 16] }
    }

    /// The colour it emits in linear light, as shares of its white, where a neutral page has `neutral`.
    pub(crate) fn emits(&self, neutral: f32) -> [f32; 3] {
        match self.shows {
            Shows::Colour(colour) => colour.srgb().map(linear),
            Shows::Neutral | Shows::Prompt(_) | Shows::Rest => [neutral; 3],
        }
    }
}

/// Light that follows a screen, which takes its time.
#[derive(Debug, Default)]
pub(crate) struct Glow {
    /// Since when the screen becomes what it is about to show, in ms, and the light that it had then.
    since: Option<(u64, [f32; 3])>,
    light: [f32; 3],
}

impl Glow {
    /// The light at `now_ms` of a screen that shall have `target`.
    pub(crate) fn at(&mut self, now_ms: u64, screen: &Screen, target: [f32; 3]) -> [f32; 3] {
        let from = match self.since {
            Some((since_ms, from)) if since_ms == screen.since_ms => from,
            Some(_) => self.light,
            None => target,
        };
        self.since = Some((screen.since_ms, from));
        let passed_ms = now_ms.saturating_sub(screen.since_ms) as f32;
        // A browser goes there in samples of sRGB: what lies between is not measured.
        let share = if screen.fade_ms == 0 { 1.0 } else { (passed_ms / screen.fade_ms as f32).min(1.0) };
        self.light = std::array::from_fn(|channel| from[channel] + (target[channel] - from[channel]) * share);
        self.light
    }
}

/// A frame as the page sends it.
#[derive(Clone)]
pub struct Shot {
    /// The JPEG.
    pub jpeg: Vec<u8>,
    /// When the camera delivered it, in microseconds since the session began.
    pub captured_us: u64,
}

/// Somebody, or something, before the camera or in its place.
pub trait Player {
    /// What the camera delivers at `now_ms` since the session began, while the screen shows `screen`. Called with times
    /// that only grow. `None` when it delivers nothing.
    fn frame(&mut self, now_ms: u64, screen: &Screen) -> Option<Shot>;

    /// What the page says at `now_ms` to be seen better. Recordings do not listen.
    fn told(&mut self, _now_ms: u64, _say: Guidance) {}
}
