//! What a person in front of a live camera is asked to do, step by step.
//!
//! The server draws a challenge from random bytes that nobody else knows, and reveals a step only when it starts: a
//! recording made before cannot answer it, and neither can one made for another challenge.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A colour that fills the whole screen.
///
/// Each lights a face through another set of the camera's channels. Saturated red is left out: flashes of it are those
/// that harm the most (WCAG 2.2, 2.3.1), so that red comes with some green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// All channels.
    White,
    /// Mostly red.
    Red,
    /// Green.
    Green,
    /// Blue.
    Blue,
    /// Green and blue.
    Cyan,
    /// Red and blue.
    Magenta,
    /// Red and green.
    Yellow,
}

/// A movement of the head, from the person's own point of view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Movement {
    /// Turn to the own left.
    TurnLeft,
    /// Turn to the own right.
    TurnRight,
    /// Look up.
    LookUp,
    /// Look down.
    LookDown,
    /// Bring the face closer to the camera.
    ComeCloser,
}

/// One thing that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Step {
    /// Look at the screen while it shows one colour.
    Colour {
        /// The colour.
        colour: Colour,
        /// How long it is shown, in ms, from its first light on.
        shown_ms: u32,
        /// How much of that the screen takes to become that colour, in ms; 0 where it changes at once.
        #[serde(default)]
        fade_ms: u32,
    },
    /// Move, and come back. Ends when the movement was seen.
    Move {
        /// The movement.
        movement: Movement,
        /// How long it may take, in ms.
        at_most_ms: u32,
    },
}

/// How the colours of a challenge follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Path {
    /// At once.
    Flashes,
    /// Slowly, for people who must not or do not want to see flashes.
    Fades,
}

/// A whole challenge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// Its steps, in the order in which they are revealed.
    pub steps: Vec<Step>,
}

/// Where a challenge comes from: random bytes, two for each choice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seed([u8; 32]);

impl Colour {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::White, Self::Red, Self::Green, Self::Blue, Self::Cyan, Self::Magenta, Self::Yellow];

    /// What the screen shows: red, green, blue, 0..255 in sRGB.
    pub const fn srgb(self) -> [u8; 3] {
        match self {
            Self::White => [255, 255, 255],
            Self::Red => [255, 60, 60],
            Self::Green => [0, 255, 0],
            Self::Blue => [40, 40, 255],
            Self::Cyan => [0, 255, 255],
            Self::Magenta => [255, 0, 255],
            Self::Yellow => [255, 255, 0],
        }
    }
}

impl Movement {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::TurnLeft, Self::TurnRight, Self::LookUp, Self::LookDown, Self::ComeCloser];
    /// Turns to a side: every challenge has one, since only these tell a head from a picture of one. The nose shifts by
    /// 0.6 eye distances a radian of yaw, and by 0.1 of pitch (448 photos of LFW, 2026-11-21).
    pub const TURNS: [Self; 2] = [Self::TurnLeft, Self::TurnRight];
    /// All but these.
    pub const OTHERS: [Self; 3] = [Self::LookUp, Self::LookDown, Self::ComeCloser];
}

impl Step {
    /// How long it lasts at the longest.
    pub fn longest(&self) -> Duration {
        let (Self::Colour { shown_ms: ms, .. } | Self::Move { at_most_ms: ms, .. }) = *self;
        Duration::from_millis(ms.into())
    }
}

/// Colours of a challenge. Five of seven, none twice in a row, leave 7 * 6^4 = 9,072 sequences.
const COLOURS: usize = 5;
/// Shortest and longest time of a colour that is there, in ms. Two changes are one flash: at most 1.2 a second, where the
/// bound is three (WCAG 2.2, 2.3.1).
const SHOWN_MS: (u32, u32) = (420, 700);
/// How long a colour takes to come where it does so slowly, in ms: with the shortest colour two changes take 2.8 s. Only
/// the end, once, is sudden.
const FADE_MS: u32 = 1_000;
/// How long a movement may take, in ms.
const MOVE_MS: u32 = 6_000;

impl Challenge {
    /// Draws the challenge of `seed`.
    pub fn draw(path: Path, seed: Seed) -> Self {
        let mut draws = Draws { seed, at: 0 };
        let fade_ms = match path {
            Path::Flashes => 0,
            Path::Fades => FADE_MS,
        };
        let mut steps = draws.colours(fade_ms);
        // Somewhere among the colours, so that their places are not known before.
        for movements in [Movement::TURNS.as_slice(), &Movement::OTHERS] {
            let place = draws.below(steps.len() + 1);
            steps.insert(place, draws.movement(movements));
        }
        Self { steps }
    }
}

impl Seed {
    /// From bytes that nobody can guess.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Seed {
    /// Nothing of it: whoever knows it knows the answers.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed")
    }
}

/// Choices from a seed.
struct Draws {
    seed: Seed,
    at: usize,
}

impl Draws {
    /// A number below `count`, which is small: the bias of 16 bits is under one in a thousand.
    fn below(&mut self, count: usize) -> usize {
        let byte = |at: usize| usize::from(self.seed.0[at % 32]);
        let drawn = byte(self.at) << 8 | byte(self.at + 1);
        self.at += 2;
        drawn % count.max(1)
    }

    fn colours(&mut self, fade_ms: u32) -> Vec<Step> {
        let mut last = None;
        (0..COLOURS)
            .map(|_| {
                let others: Vec<_> = Colour::ALL.into_iter().filter(|colour| Some(*colour) != last).collect();
                let colour = others[self.below(others.len())];
                last = Some(colour);
                let (shortest, longest) = SHOWN_MS;
                let shown_ms = fade_ms + shortest + self.below((longest - shortest) as usize + 1) as u32;
                Step::Colour { colour, shown_ms, fade_ms }
            })
            .collect()
    }

    fn movement(&mut self, of: &[Movement]) -> Step {
        Step::Move { movement: of[self.below(of.len())], at_most_ms: MOVE_MS }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_challenge_keeps_its_rules(bytes: [u8; 32], fades: bool) {
            let seed = Seed::from_bytes(bytes);
            let (path, fade) = if fades { (Path::Fades, 1_000) } else { (Path::Flashes, 0) };
            let challenge = Challenge::draw(path, seed);
            prop_assert_eq!(&challenge, &Challenge::draw(path, seed));
            let colours: Vec<_> = challenge.steps.iter().filter_map(|step| match step {
                Step::Colour { colour, shown_ms, fade_ms } => Some((*colour, *shown_ms, *fade_ms)),
                Step::Move { .. } => None,
            }).collect();
            prop_assert_eq!((colours.len(), challenge.steps.len()), (5, 7));
            let turns = challenge.steps.iter().filter(|step| {
                matches!(step, Step::Move { movement, .. } if Movement::TURNS.contains(movement))
            });
            prop_assert_eq!(turns.count(), 1);
            prop_assert!(colours.windows(2).all(|pair| pair[0].0 != pair[1].0));
            // Three flashes are six changes.
            prop_assert!(colours.iter().all(|(_, shown_ms, _)| shown_ms * 6 > 1_000));
            // As much of it is there, whether it comes at once or slowly.
            let as_asked = |shown_ms: u32, fade_ms: u32| {
                fade_ms == fade && (420..=700).contains(&(shown_ms - fade_ms))
            };
            prop_assert!(colours.iter().all(|(_, shown_ms, fade_ms)| as_asked(*shown_ms, *fade_ms)));
        }
    }

    #[test]
    fn other_seeds_draw_other_challenges() {
        let seeds = (0..200_u8).map(|seed| {
            let mut bytes = [0; 32];
            // Multiples of odd numbers look random enough.
            for (place, byte) in bytes.iter_mut().enumerate() {
                *byte = (usize::from(seed) * 167 + place * 59 + usize::from(seed) * place * 31) as u8;
            }
            Challenge::draw(Path::Flashes, Seed::from_bytes(bytes)).steps
        });
        let different: HashSet<_> = seeds.map(|steps| format!("{steps:?}")).collect();
        assert!(different.len() > 190, "{}", different.len());
    }

    #[test]
    fn a_seed_is_not_printed() {
        assert_eq!(format!("{:?}", Seed::from_bytes([7; 32])), "Seed");
    }
}
