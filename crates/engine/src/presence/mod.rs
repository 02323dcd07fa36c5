//! Live captures: what each frame shows, and what a challenge's frames together measure.
//!
//! [`Engine::observe`](crate::Engine::observe) turns a frame into numbers; [`guide`] and [`has_moved`] work on single
//! observations while a capture runs; [`measure`] makes the evidence of a finished one. All but the first are pure and
//! total. Nothing here decides.

mod colour;
pub(crate) mod continuity;
mod freshness;
mod guide;
mod light;
mod motion;
mod observe;
pub(crate) mod presentation;
pub(crate) mod solid;
pub(crate) mod statistics;
mod take;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use continuity::by_likeness;
pub use guide::guide;
pub use motion::has_moved;
pub use observe::{Depth, FINGERPRINT_LENGTH, Fingerprint, Front, Light, Observation, Skin};
pub use take::{CameraClaims, Seen, StepTaken, Take};

use domain::PresenceEvidence;

/// Measures a finished capture. Pure and total: any take has evidence, if only of what was missing. All numbers in it
/// are finite.
pub fn measure(take: &Take) -> PresenceEvidence {
    PresenceEvidence {
        presentation: presentation::measure(take),
        colour: colour::measure(take),
        motion: motion::measure(take),
        continuity: continuity::measure(take),
        freshness: freshness::measure(take),
    }
}
