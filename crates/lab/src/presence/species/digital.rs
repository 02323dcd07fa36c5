//! Attacks in place of the camera: recordings, frozen frames, colours that were painted on.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::Path;
use media::Limits;

use super::person::{Person, Script};
use crate::presence::random::Draws;
use crate::presence::render::{Pose, SIZE, Sitter, linear, smooth};
use crate::presence::settings::Settings;
use crate::presence::stage::{Glow, Player, Screen, Shot, Shows};

/// A recording that is sent instead of the camera's picture.
pub(crate) struct Injected {
    recorded: Person,
    script: Script,
    again: bool,
    quality_first: u8,
}

impl Injected {
    /// A video of the person who moved, but not for this challenge, under light that did not change.
    pub(crate) fn video(settings: Settings, seed: u64, target: Arc<Sitter>) -> Self {
        Self::new(settings, seed, target, Script::movements(seed), true)
    }

    /// The frames of a bona fide session with another challenge, encoded once more.
    pub(crate) fn earlier_session(settings: Settings, seed: u64, path: Path, target: Arc<Sitter>) -> Self {
        Self::new(settings, seed, target, Script::other_session(path, seed), true)
    }

    /// The person, live, before another session's screen.
    pub(crate) fn other_challenge(settings: Settings, seed: u64, path: Path, target: Arc<Sitter>) -> Self {
        Self::new(settings, seed, target, Script::other_session(path, seed), false)
    }

    fn new(settings: Settings, seed: u64, target: Arc<Sitter>, script: Script, again: bool) -> Self {
        let quality_first = Draws::of(seed, "injected").between((60.0, 88.0)) as u8;
        Self { recorded: Person::new(settings, seed, target), script, again, quality_first }
    }
}

impl Player for Injected {
    fn frame(&mut self, now_ms: u64, _screen: &Screen) -> Option<Shot> {
        let rgb = self.recorded.picture(now_ms, &self.script.at(now_ms));
        let rgb = if self.again { stored(&rgb, self.quality_first)? } else { rgb };
        self.recorded.rig.send(now_ms, &rgb)
    }
}

/// What is left of a picture that was stored as JPEG.
fn stored(rgb: &[u8], quality: u8) -> Option<Vec<u8>> {
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, quality)
        .encode(rgb, SIZE.0 as u32, SIZE.1 as u32, image::ExtendedColorType::Rgb8)
        .ok()?;
    media::decode(&jpeg, &Limits::default()).ok().map(media::Frame::into_rgb)
}

/// A bona fide session that stops moving: from some step on its last frame is sent again and again.
pub(crate) struct Frozen {
    person: Person,
    from_step: usize,
    steps: usize,
    nonce: [u8; 16],
    last: Option<(Vec<u8>, Vec<u8>)>,
    /// Deviation of the noise that is laid over each copy, in samples; 0 sends the very same bytes.
    noise: f32,
    draws: Draws,
}

impl Frozen {
    pub(crate) fn new(settings: Settings, seed: u64, person: Arc<Sitter>) -> Self {
        let mut draws = Draws::of(seed, "frozen");
        let from_step = 1 + draws.below(2);
        let noise = if draws.unit() < 0.5 { 0.0 } else { draws.between((1.0, 4.0)) };
        let person = Person::new(settings, seed, person);
        Self { person, from_step, steps: 0, nonce: [0; 16], last: None, noise, draws }
    }
}

impl Player for Frozen {
    fn frame(&mut self, now_ms: u64, screen: &Screen) -> Option<Shot> {
        if screen.nonce != self.nonce {
            self.nonce = screen.nonce;
            self.steps += 1;
        }
        match &self.last {
            Some((rgb, _)) if self.steps >= self.from_step && self.noise > 0.0 => {
                let noisy: Vec<u8> = rgb
                    .iter()
                    .map(|sample| (f32::from(*sample) + self.draws.normal() * self.noise + 0.5) as u8)
                    .collect();
                self.person.rig.send(now_ms, &noisy)
            }
            Some((_, jpeg)) if self.steps >= self.from_step => {
                Some(Shot { jpeg: jpeg.clone(), captured_us: now_ms * 1000 })
            }
            _ => {
                let rgb = self.person.picture(now_ms, screen);
                let shot = self.person.rig.send(now_ms, &rgb)?;
                self.last = Some((rgb, shot.jpeg.clone()));
                Some(shot)
            }
        }
    }
}

/// What lies under painted colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Under {
    /// A photo that shakes a little, or a video that moves as it likes.
    Recording,
    /// A head that does what is asked: what a live puppet of a face would deliver.
    Puppet,
}

/// Light of a colour that changes nothing where it is painted.
const NO_PAINT: f32 = 0.35;

/// A picture injected as a camera, on which the colours of the steps are painted.
pub(crate) struct Painted {
    person: Person,
    script: Option<Script>,
    still: bool,
    /// Where the paint goes: everywhere, or on the face only.
    face_only: bool,
    strength: f32,
    delay_ms: u64,
    shown: VecDeque<(u64, Screen)>,
    paint: Glow,
}

impl Painted {
    pub(crate) fn new(settings: Settings, seed: u64, target: Arc<Sitter>, under: Under) -> Self {
        let mut draws = Draws::of(seed, "painted");
        let script = (under == Under::Recording).then(|| Script::movements(seed));
        Self {
            person: Person::new(settings, seed, target),
            still: script.is_some() && draws.unit() < 0.5,
            script,
            face_only: draws.unit() < 0.5,
            strength: draws.between((0.15, 0.7)),
            delay_ms: draws.between((0.0, 350.0)) as u64,
            shown: VecDeque::new(),
            paint: Glow::default(),
        }
    }

    /// The screen as the painter knows it: some time ago.
    fn known(&mut self, now_ms: u64, screen: &Screen) -> Screen {
        self.shown.push_back((now_ms, *screen));
        while self.shown.get(1).is_some_and(|(at_ms, _)| at_ms + self.delay_ms <= now_ms) {
            self.shown.pop_front();
        }
        self.shown.front().map_or(*screen, |(_, screen)| *screen)
    }
}

impl Player for Painted {
    fn frame(&mut self, now_ms: u64, screen: &Screen) -> Option<Shot> {
        let known = self.known(now_ms, screen);
        let unlit = Screen { shows: Shows::Neutral, ..*screen };
        let pose = match &self.script {
            // A photo: nothing but the shake of the camera moves.
            Some(_) if self.still => Pose::default(),
            Some(script) => {
                let scene = script.at(now_ms);
                self.person.pose(now_ms, &scene)
            }
            None => self.person.pose(now_ms, screen),
        };
        let mut rgb = self.person.picture_of(now_ms, &unlit, &pose);
        let target = match known.shows {
            Shows::Colour(colour) => colour.srgb().map(linear),
            _ => [NO_PAINT; 3],
        };
        let emits = self.paint.at(now_ms.saturating_sub(self.delay_ms), &known, target);
        if emits != [NO_PAINT; 3] {
            let eyes = self.person.rig.lens(now_ms).project(self.person.rig.eyes);
            let per_mm = self.person.rig.settings.focal_px / self.person.rig.eyes[2];
            let (wide, tall) = (95.0 * per_mm, 130.0 * per_mm);
            for (index, pixel) in rgb.chunks_exact_mut(3).enumerate() {
                let (x, y) =
                    ((index % SIZE.0) as f32 - eyes.0, (index / SIZE.0) as f32 - eyes.1 - 10.0 * per_mm);
                let weight =
                    if self.face_only { 1.0 - smooth(0.85, 1.1, (x / wide).hypot(y / tall)) } else { 1.0 };
                if weight > 0.0 {
                    for (sample, emits) in pixel.iter_mut().zip(emits) {
                        // In linear light, near enough: a square for the curve of sRGB.
                        let gain = (1.0 + self.strength * weight * (emits - NO_PAINT)).max(0.0).sqrt();
                        *sample = (f32::from(*sample) * gain).min(255.0) as u8;
                    }
                }
            }
        }
        self.person.rig.send(now_ms, &rgb)
    }
}
