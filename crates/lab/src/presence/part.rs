//! Who plays a session, and what the camera delivers of it.

use std::hash::{BuildHasher as _, RandomState};
use std::path::PathBuf;
use std::sync::Arc;

use app::App;
use domain::Path;

use super::people::People;
use super::random::Draws;
use super::settings::{Half, Settings};
use super::species::{Casting, Species};
use super::stage::Player;
use crate::LabError;

/// What is played.
#[derive(Debug, Clone)]
pub struct PresenceOptions {
    /// Folder of photos, one folder a person: faces from the front, with what surrounds them.
    pub people: PathBuf,
    /// Which half of people and settings.
    pub half: Half,
    /// How the colours follow each other.
    pub path: Path,
    /// Which species.
    pub species: Vec<Species>,
    /// Sessions of each.
    pub sessions: usize,
    /// Seed of everything.
    pub seed: u64,
}

/// Who plays session `session` of `species`, for whoever brings a screen and a network.
///
/// # Errors
/// As [`measure`](super::measure).
pub fn player(
    app: &App,
    options: &PresenceOptions,
    species: Species,
    session: usize,
) -> Result<Box<dyn Player>, LabError> {
    let people = People::read(&options.people, options.half)?;
    Ok(Part::draw(app, &people, options, species, session)?.player)
}

/// Who plays a session.
pub(crate) struct Part {
    pub(crate) person: String,
    /// Distance of the eyes in the person's photo, in px.
    pub(crate) eyes_px: f32,
    pub(crate) settings: Settings,
    pub(crate) seed: u64,
    pub(crate) player: Box<dyn Player>,
}

impl Part {
    /// Session `session` of `species`.
    ///
    /// # Errors
    /// [`LabError::Nobody`], and failures of the engine.
    pub(crate) fn draw(
        app: &App,
        people: &People,
        options: &PresenceOptions,
        species: Species,
        session: usize,
    ) -> Result<Self, LabError> {
        // Session n has the same people and the same setting in every species, so that species compare.
        let shared = options.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ session as u64;
        let mut draws = Draws::of(shared, "people");
        let (person, target) = people.draw(app, &mut draws, None)?;
        let (_, other) = people.draw(app, &mut draws, Some(&person))?;
        let seed = Draws::of(shared, species.name()).below(usize::MAX) as u64;
        // The same session of another run is another one: no camera gives the same picture twice, and a server knows
        // those that it has seen.
        let noise = RandomState::new().hash_one(shared);
        let settings = Settings { noise, ..Settings::draw(options.half, shared) };
        let eyes_px = target.eyes_px;
        let (target, other) = (Arc::new(target), Arc::new(other));
        let casting = Casting { half: options.half, path: options.path, settings, seed, target, other };
        Ok(Self { person, eyes_px, settings, seed, player: species.cast(casting) })
    }
}
