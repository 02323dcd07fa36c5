//! Where a session takes place: light, screen, camera, network, and how quick the person is.

use serde::Serialize;

use super::random::Draws;
use super::render::EYES_MM;

/// Which half of people and settings a measurement uses. They share no person, and most ranges of settings differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Half {
    /// For looking and for choosing thresholds.
    Development,
    /// For figures that are told. Nobody looks at it while thresholds are chosen.
    Scored,
}

impl Half {
    /// Which half a person is in: by the name alone, so that a person stays where they are.
    pub fn of(person: &str) -> Self {
        if Draws::of(0, person).below(2) == 0 { Self::Development } else { Self::Scored }
    }
}

/// The setting of one session.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Settings {
    /// Light of the room on the face, in lx.
    pub(crate) ambient_lux: f32,
    /// Its colour: shares of red, green and blue, green is 1.
    pub(crate) ambient_colour: [f32; 3],
    /// White of the screen, in cd/m2.
    pub(crate) screen_nits: f32,
    /// Its lit area in mm2: a phone's 9,000, a laptop's 60,000.
    pub(crate) screen_mm2: f32,
    /// Its middle, in mm from the camera, down.
    pub(crate) screen_below: f32,
    /// How bright the page is where it shows no colour, as a share of white.
    pub(crate) neutral: f32,
    /// From the camera to the eyes, in mm.
    pub(crate) distance_mm: f32,
    /// From the eyes to what is behind, in mm.
    pub(crate) backdrop_mm: f32,
    /// Focal length in px, at 640 px width.
    pub(crate) focal_px: f32,
    /// Frames a second of the camera.
    pub(crate) frame_rate: f32,
    /// Electrons of a pixel at full scale: fewer are noisier.
    pub(crate) full_well: f32,
    /// Seed of the noise.
    pub(crate) noise: u64,
    /// Share of each neighbour in a pixel, 0..0.25.
    pub(crate) blur: f32,
    /// Mean of the exposed picture in linear light.
    pub(crate) exposure: f32,
    /// Time constant of exposure and white balance, in ms.
    pub(crate) adapts_ms: f32,
    /// How much of a change of colour the white balance takes back, 0..1.
    pub(crate) balance: f32,
    /// JPEG quality to begin with, 1..100.
    pub(crate) quality: u8,
    /// Mean delay of the network one way, in ms, and its jitter.
    pub(crate) delay_ms: f32,
    pub(crate) jitter_ms: f32,
    /// From the prompt to the first movement, in ms.
    pub(crate) reaction_ms: f32,
    /// How far the head turns, in degrees, and looks up or down.
    pub(crate) turn_degrees: f32,
    pub(crate) nod_degrees: f32,
    /// How long that takes, in ms.
    pub(crate) move_ms: f32,
    /// How much nearer the face comes, as a share of the distance.
    pub(crate) closer: f32,
    /// How far the head sways, 1 is 2 degrees and 4 mm.
    pub(crate) sway: f32,
    /// What the skin reflects compared with the photo: below 1 darker.
    pub(crate) skin: f32,
}

/// Tone of the skin compared with the photo's.
const SKIN: (f32, f32) = (0.45, 1.15);

impl Settings {
    /// Draws a setting. The ranges were set by what rooms, phones and webcams are like, not by what passes
    /// (2026-11-21); the scored half reaches further at the hard ends.
    pub(crate) fn draw(half: Half, seed: u64) -> Self {
        let mut draws = Draws::of(seed, "settings");
        let of = |development: (f32, f32), scored: (f32, f32)| match half {
            Half::Development => development,
            Half::Scored => scored,
        };
        let warm = draws.between(of((-0.25, 0.25), (-0.32, 0.3)));
        let is_phone = draws.unit() < 0.6;
        let screen_mm2 = if is_phone { (7_000.0, 11_000.0) } else { (45_000.0, 75_000.0) };
        let screen_below = if is_phone { (50.0, 90.0) } else { (100.0, 150.0) };
        let distance = if is_phone { (290.0, 420.0) } else { (420.0, 540.0) };
        Self {
            ambient_lux: draws.decade(of((40.0, 300.0), (25.0, 450.0))),
            ambient_colour: [1.0 + warm, 1.0, 1.0 - warm],
            screen_nits: draws.between(of((200.0, 450.0), (150.0, 500.0))),
            screen_mm2: draws.between(screen_mm2),
            screen_below: draws.between(screen_below),
            neutral: draws.between(of((0.15, 0.9), (0.1, 0.95))),
            distance_mm: draws.between(distance),
            backdrop_mm: draws.decade(of((500.0, 2_500.0), (350.0, 3_500.0))),
            focal_px: draws.between(of((490.0, 600.0), (470.0, 640.0))),
            frame_rate: draws.between(of((9.0, 30.0), (8.0, 30.0))),
            full_well: draws.decade(of((1_500.0, 6_000.0), (1_000.0, 8_000.0))),
            blur: draws.between((0.02, 0.18)),
            exposure: draws.between(of((0.14, 0.26), (0.11, 0.3))),
            adapts_ms: draws.between(of((500.0, 1_500.0), (350.0, 2_500.0))),
            balance: draws.between(of((0.0, 0.35), (0.0, 0.5))),
            quality: draws.between((60.0, 88.0)) as u8,
            delay_ms: draws.decade(of((15.0, 120.0), (8.0, 200.0))),
            jitter_ms: draws.between(of((2.0, 30.0), (1.0, 60.0))),
            reaction_ms: draws.between((250.0, 900.0)),
            turn_degrees: draws.between(of((20.0, 38.0), (17.0, 42.0))),
            nod_degrees: draws.between(of((14.0, 26.0), (12.0, 30.0))),
            move_ms: draws.between(of((450.0, 1_000.0), (350.0, 1_300.0))),
            closer: draws.between(of((0.24, 0.42), (0.2, 0.45))),
            sway: draws.between(of((0.2, 1.0), (0.1, 1.3))),
            skin: draws.between(SKIN),
            noise: seed,
        }
    }

    /// The bucket of each setting that rates are told apart by, for a face that was drawn from a photo with `eyes_px`
    /// between its eyes.
    pub(crate) fn buckets(&self, eyes_px: f32) -> [(&'static str, &'static str); 5] {
        let of = |value: f32, bounds: (f32, f32), names: [&'static str; 3]| match value {
            value if value < bounds.0 => names[0],
            value if value < bounds.1 => names[1],
            _ => names[2],
        };
        [
            ("skin", of(self.skin, (0.68, 0.92), ["darkened", "somewhat_darkened", "as_photographed"])),
            ("light", of(self.ambient_lux, (75.0, 150.0), ["under_75_lx", "75_to_150_lx", "over_150_lx"])),
            ("frame_rate", of(self.frame_rate, (12.0, 20.0), ["under_12", "12_to_20", "over_20"])),
            // How much larger the camera sees the face than the photo shows it: what is enlarged looks like a print.
            (
                "photo",
                of(
                    self.focal_px * EYES_MM / self.distance_mm / eyes_px,
                    (1.0, 1.5),
                    ["large_enough", "enlarged_up_to_1.5", "enlarged_more"],
                ),
            ),
            ("screen", if self.screen_mm2 < 20_000.0 { "phone" } else { "laptop" }),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_settings_of_the_halves_differ() {
        let development =
            (0..1000).filter(|person| Half::of(&format!("person {person}")) == Half::Development);
        assert!((400..600).contains(&development.count()));
        assert_eq!(Settings::draw(Half::Scored, 5), Settings::draw(Half::Scored, 5));
        assert_ne!(Settings::draw(Half::Scored, 5), Settings::draw(Half::Development, 5));
    }
}
