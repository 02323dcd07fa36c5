//! Who plays before the camera: the bona fide person, and the species of attacks.

mod behaviour;
mod digital;
mod others;
mod person;
mod print;
mod replay;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::Path;
use serde::Serialize;

use self::digital::{Frozen, Injected, Painted, Under};
use self::others::{Pair, Swapped};
use self::person::Person;
use self::print::{Print, Worn};
use self::replay::{Display, Replay};
use super::render::Sitter;
use super::settings::{Half, Settings};
use super::stage::Player;

/// A kind of presentation. ISO/IEC 30107-3 counts errors by species and reports the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Species {
    /// A person who does what is asked.
    BonaFide,
    /// A printed photo, held still.
    StillPhoto,
    /// A printed photo that is turned, moved and bent as the prompts ask.
    BentPhoto,
    /// A photo or a video in place of the camera, the colours painted on, with a delay.
    PaintedFlashes,
    /// A head in place of the camera that does what is asked, the colours painted on: a live puppet.
    PaintedPuppet,
    /// A video on another screen.
    ScreenReplay,
    /// A head on another screen that does what is asked: a live puppet, or a call with somebody who sees the prompts.
    ScreenPuppet,
    /// A video in place of the camera.
    InjectedVideo,
    /// A bona fide session whose last frame is repeated from some step on.
    FrozenFrame,
    /// A bona fide session in which another person takes over: for good, behind the first picture of each step, or in
    /// each once it has been on for a while.
    FaceSwap,
    /// Two people before the camera.
    TwoPeople,
    /// The frames of an earlier session, encoded again.
    EarlierSession,
    /// A live person who answers another session's challenge.
    OtherChallenge,
    /// A photo with cut-out eyes, worn.
    MaskCutout,
}

/// Who takes part, and where.
pub(crate) struct Casting {
    pub(crate) half: Half,
    pub(crate) path: Path,
    pub(crate) settings: Settings,
    pub(crate) seed: u64,
    /// Whose face is shown.
    pub(crate) target: Arc<Sitter>,
    /// Somebody else: the attacker, or their room.
    pub(crate) other: Arc<Sitter>,
}

impl Species {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::BonaFide,
        Self::StillPhoto,
        Self::BentPhoto,
        Self::PaintedFlashes,
        Self::PaintedPuppet,
        Self::ScreenReplay,
        Self::ScreenPuppet,
        Self::InjectedVideo,
        Self::FrozenFrame,
        Self::FaceSwap,
        Self::TwoPeople,
        Self::EarlierSession,
        Self::OtherChallenge,
        Self::MaskCutout,
    ];

    /// The one that is not looked at while thresholds are chosen: it says how attacks come out that nobody thought of.
    pub const HELD_OUT: Self = Self::ScreenPuppet;

    /// Those that may be played before people and settings of `half`.
    pub fn of(half: Half) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |species| half == Half::Scored || *species != Self::HELD_OUT)
    }

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BonaFide => "bona_fide",
            Self::StillPhoto => "still_photo",
            Self::BentPhoto => "bent_photo",
            Self::PaintedFlashes => "painted_flashes",
            Self::PaintedPuppet => "painted_puppet",
            Self::ScreenReplay => "screen_replay",
            Self::ScreenPuppet => "screen_puppet",
            Self::InjectedVideo => "injected_video",
            Self::FrozenFrame => "frozen_frame",
            Self::FaceSwap => "face_swap",
            Self::TwoPeople => "two_people",
            Self::EarlierSession => "earlier_session",
            Self::OtherChallenge => "other_challenge",
            Self::MaskCutout => "mask_cutout",
        }
    }

    /// Whether it is an attack.
    pub fn is_attack(self) -> bool {
        self != Self::BonaFide
    }

    /// Whether the browser's camera is what it says: an injected picture comes from a program that calls itself one.
    pub fn is_injected(self) -> bool {
        matches!(
            self,
            Self::PaintedFlashes
                | Self::PaintedPuppet
                | Self::InjectedVideo
                | Self::FrozenFrame
                | Self::FaceSwap
                | Self::EarlierSession
                | Self::OtherChallenge
        )
    }

    /// Somebody of this species.
    pub(crate) fn cast(self, casting: Casting) -> Box<dyn Player> {
        let Casting { half, path, settings, seed, target, other } = casting;
        match self {
            Self::BonaFide => Box::new(Person::new(settings, seed, target)),
            Self::StillPhoto => Box::new(Print::still(settings, seed, &target, other)),
            Self::BentPhoto => Box::new(Print::bent(settings, seed, &target, other)),
            Self::PaintedFlashes => Box::new(Painted::new(settings, seed, target, Under::Recording)),
            Self::PaintedPuppet => Box::new(Painted::new(settings, seed, target, Under::Puppet)),
            Self::ScreenReplay | Self::ScreenPuppet => {
                let filmed_in = Settings::draw(half, seed ^ 0x5EED);
                let shows = if self == Self::ScreenPuppet { Display::Puppet } else { Display::Recording };
                Box::new(Replay::new(settings, filmed_in, seed, target, other, shows))
            }
            Self::InjectedVideo => Box::new(Injected::video(settings, seed, target)),
            Self::FrozenFrame => Box::new(Frozen::new(settings, seed, target)),
            Self::FaceSwap => Box::new(Swapped::new(settings, seed, target, other)),
            Self::TwoPeople => Box::new(Pair::new(settings, seed, target, other)),
            Self::EarlierSession => Box::new(Injected::earlier_session(settings, seed, path, target)),
            Self::OtherChallenge => Box::new(Injected::other_challenge(settings, seed, path, target)),
            Self::MaskCutout => Box::new(Worn::new(settings, seed, &target, other)),
        }
    }
}
