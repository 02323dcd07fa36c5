//! A person shown to the camera on another screen: a video, or live.

use std::sync::Arc;

use super::behaviour::Sway;
use super::person::{Person, Rig, Script};
use crate::presence::random::Draws;
use crate::presence::render::{Paint, SIZE, Sheet, Sitter, Texture, Turn};
use crate::presence::settings::Settings;
use crate::presence::stage::{Player, Screen, Shot, Shows};

/// What a display shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Display {
    /// A video of a person who moved, but not for this challenge.
    Recording,
    /// A head that does what is asked, later than a person would, in a light that does not change.
    Puppet,
}

/// A person on a display.
pub(crate) struct Replay {
    filmed: Person,
    /// The session of a recording.
    script: Option<Script>,
    /// How much later a puppet sees what is asked, in ms.
    late_ms: u64,
    rig: Rig,
    room: Arc<Sitter>,
    hand: Sway,
    half: (f32, f32),
    distance_mm: f32,
    nits: f32,
    /// Dots of the display for one pixel of the video, and how much darker the gaps are.
    dots: f32,
    gap: f32,
    /// The display's own colour.
    white: [f32; 3],
}

/// What a display's glass reflects of the light that falls on it.
const REFLECTS: f32 = 0.04;
/// Its frame, in mm.
const BEZEL: f32 = 9.0;

impl Replay {
    /// `filmed_in` is where the picture was taken.
    pub(crate) fn new(
        settings: Settings,
        filmed_in: Settings,
        seed: u64,
        target: Arc<Sitter>,
        room: Arc<Sitter>,
        shows: Display,
    ) -> Self {
        let mut draws = Draws::of(seed, "replay");
        let half_width = draws.between((75.0, 150.0));
        let half = (half_width, half_width * 0.75);
        // Near enough for the face to be as large as a face, and mostly for the frame to be out of sight.
        let fills = draws.between((0.85, 1.15));
        let distance_mm = settings.focal_px * 2.0 * half.0 / (SIZE.0 as f32 * fills);
        Self {
            filmed: Person::new(filmed_in, seed ^ 1, target),
            script: (shows == Display::Recording).then(|| Script::movements(seed)),
            late_ms: Draws::of(seed, "late").between((80.0, 400.0)) as u64,
            rig: Rig::new(settings, seed),
            room,
            hand: Sway::new(&mut draws, 0.4),
            half,
            distance_mm,
            nits: draws.between((120.0, 350.0)),
            dots: draws.between((1.3, 2.6)),
            gap: draws.between((0.02, 0.12)),
            white: [draws.between((0.9, 1.02)), 1.0, draws.between((1.0, 1.15))],
        }
    }
}

impl Replay {
    /// What the display shows: red, green, blue in rows.
    fn video(&mut self, now_ms: u64, screen: &Screen) -> Vec<u8> {
        if let Some(script) = &self.script {
            return self.filmed.picture(now_ms, &script.at(now_ms));
        }
        let seen = Screen { since_ms: screen.since_ms + self.late_ms, ..*screen };
        let pose = self.filmed.pose(now_ms, &seen);
        self.filmed.picture_of(now_ms, &Screen { shows: Shows::Neutral, ..seen }, &pose)
    }
}

impl Player for Replay {
    fn frame(&mut self, now_ms: u64, screen: &Screen) -> Option<Shot> {
        let video = Texture::from_rgb(SIZE.0, SIZE.1, &self.video(now_ms, screen));
        let rig = &mut self.rig;
        let (lens, light) = (rig.lens(now_ms), rig.light(now_ms, screen));
        rig.backdrop(&lens, &light, &self.room);
        let [yaw, pitch, roll, right, down, away] = self.hand.at(now_ms);
        let turn = Turn::new(yaw, pitch, roll);
        let at = [right, down, self.distance_mm + away];

        let black = Texture::from_rgb(1, 1, &[20; 3]);
        let frame = Sheet {
            half: (self.half.0 + BEZEL, self.half.1 + BEZEL),
            at: [at[0], at[1], at[2] + 1.0],
            turn,
            bend: 0.0,
            enlarged: 1.0,
        };
        rig.canvas.in_front();
        let dull = Paint { tint: [1.0; 3], glows: None };
        frame.surface(|_, _| (0.0, 0.0)).draw(&mut rig.canvas, &lens, &light, &black, &dull);

        let half = self.half;
        let display = Sheet { half, at, turn, bend: 0.0, enlarged: 1.0 };
        let place = |x: f32, y: f32| {
            (
                f32::midpoint(x / half.0, 1.0) * (SIZE.0 as f32 - 1.0),
                f32::midpoint(y / half.1, 1.0) * (SIZE.1 as f32 - 1.0),
            )
        };
        // What a perfect reflector would need to look as bright.
        let glows = self.white.map(|channel| channel * self.nits * std::f32::consts::PI);
        let paint = Paint { tint: [REFLECTS; 3], glows: Some(glows) };
        rig.canvas.in_front();
        display.surface(place).draw(&mut rig.canvas, &lens, &light, &video, &paint);
        // Each pixel of the camera sees few dots, at places that shift from pixel to pixel: hence the moire.
        let (sin, cos) = roll.to_radians().sin_cos();
        let per_px = self.dots * self.distance_mm / rig.settings.focal_px * SIZE.0 as f32 / (2.0 * half.0);
        let gap = self.gap;
        rig.canvas.change_drawn(|x, y, light| {
            let (across, along) = ((x * cos + y * sin) * per_px, (y * cos - x * sin) * per_px);
            let wave = |place: f32| (std::f32::consts::TAU * place.fract()).cos();
            let shade = 1.0 - gap + gap * (wave(across) + wave(along)) / 2.0;
            *light = light.map(|channel| channel * shade);
        });
        let rgb = rig.expose(now_ms);
        rig.send(now_ms, &rgb)
    }
}
