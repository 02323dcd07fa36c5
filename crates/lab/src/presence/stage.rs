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
    /// Nonce of the step; zeros before the first one.
    pub nonce: [u8; 16],
}

impl Screen {
    /// The colour it emits in linear light, as shares of its white, where a neutral page has `neutral`.
    pub(crate) fn emits(&self, neutral: f32) -> [f32; 3] {
        match self.shows {
            Shows::Colour(colour) => colour.srgb().map(linear),
            Shows::Neutral | Shows::Prompt(_) | Shows::Rest => [neutral; 3],
        }
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
