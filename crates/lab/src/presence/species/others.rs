//! More than one person in a session.

use std::sync::Arc;

use super::person::{Person, Rig};
use crate::presence::random::Draws;
use crate::presence::render::Sitter;
use crate::presence::settings::Settings;
use crate::presence::stage::{Player, Screen, Shot};

/// When somebody else takes the seat.
enum Takeover {
    /// From this step on, for good.
    FromStep(usize),
    /// In each step, once its first picture is sent.
    BehindFirst,
    /// In each step, once it has been on for so long, in ms, and two pictures are sent.
    After(u64),
}

/// Somebody else takes the seat.
pub(crate) struct Swapped {
    first: Person,
    /// Who is in front at the beginning, and who takes over.
    sitters: [Arc<Sitter>; 2],
    takeover: Takeover,
    /// Steps so far; since when the one that is on is known, and pictures of it.
    steps: usize,
    since_ms: u64,
    pictures: usize,
    nonce: [u8; 16],
}

impl Swapped {
    pub(crate) fn new(settings: Settings, seed: u64, first: Arc<Sitter>, second: Arc<Sitter>) -> Self {
        let mut draws = Draws::of(seed, "swapped");
        let takeover = match draws.below(3) {
            0 => Takeover::FromStep(1 + draws.below(3)),
            1 => Takeover::BehindFirst,
            _ => Takeover::After(500),
        };
        let sitters = [Arc::clone(&first), second];
        Self {
            first: Person::new(settings, seed, first),
            sitters,
            takeover,
            steps: 0,
            since_ms: 0,
            pictures: 0,
            nonce: [0; 16],
        }
    }

    fn is_second(&self, now_ms: u64) -> bool {
        match self.takeover {
            Takeover::FromStep(step) => self.steps >= step,
            Takeover::BehindFirst => self.steps > 0 && self.pictures > 1,
            Takeover::After(ms) => self.steps > 0 && self.pictures > 2 && now_ms >= self.since_ms + ms,
        }
    }
}

impl Player for Swapped {
    fn frame(&mut self, now_ms: u64, screen: &Screen) -> Option<Shot> {
        if screen.nonce != self.nonce {
            self.nonce = screen.nonce;
            self.steps += 1;
            self.since_ms = now_ms;
            self.pictures = 0;
        }
        self.pictures += 1;
        self.first.sitter = Arc::clone(&self.sitters[usize::from(self.is_second(now_ms))]);
        self.first.frame(now_ms, screen)
    }
}

/// Somebody sits beside the person.
pub(crate) struct Pair {
    first: Person,
    second: Person,
    beside: [f32; 3],
}

impl Pair {
    pub(crate) fn new(settings: Settings, seed: u64, first: Arc<Sitter>, second: Arc<Sitter>) -> Self {
        let mut draws = Draws::of(seed, "pair");
        let side = if draws.unit() < 0.5 { -1.0 } else { 1.0 };
        // Shoulder to shoulder, a little behind.
        let beside = [
            side * draws.between((150.0, 190.0)),
            draws.between((-30.0, 30.0)),
            draws.between((40.0, 160.0)),
        ];
        Self {
            first: Person::new(settings, seed, first),
            second: Person::new(settings, seed ^ 2, second),
            beside,
        }
    }
}

impl Player for Pair {
    fn frame(&mut self, now_ms: u64, screen: &Screen) -> Option<Shot> {
        let (pose, other) = (self.first.pose(now_ms, screen), self.second.pose(now_ms, screen));
        let Person { rig, sitter, .. } = &mut self.first;
        let (lens, light) = (rig.lens(now_ms), rig.light(now_ms, screen));
        rig.backdrop(&lens, &light, sitter);
        let Rig { eyes, settings, canvas, .. } = rig;
        let beside = std::array::from_fn(|axis| eyes[axis] + self.beside[axis]);
        self.second.sitter.draw(canvas, &lens, &light, &other, beside, settings.skin);
        sitter.draw(canvas, &lens, &light, &pose, *eyes, settings.skin);
        let rgb = rig.expose(now_ms);
        rig.send(now_ms, &rgb)
    }
}
