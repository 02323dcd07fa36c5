//! Plays many sessions before a server.

use app::App;
use engine::presence::CameraClaims;
use serde_json::json;

use super::page::{Conditions, Page, Target};
use super::part::{Part, PresenceOptions};
use super::people::People;
use super::random::Draws;
use super::report::{Judged, PresenceReport};
use super::settings::{Half, Settings};
use super::species::Species;
use crate::LabError;
use crate::work::{Progress, map};

/// Plays the sessions of `options` before the server at `target`, `side_by_side` at a time: one attempt each, in a
/// verification of its own, a demonstration that no quota counts. `app` finds the faces in the photos of people.
///
/// # Errors
/// [`LabError::HeldOut`], [`LabError::Photos`] and [`LabError::Nobody`] for a folder without people, [`LabError::Server`],
/// and failures of the engine.
pub fn measure(
    target: &Target,
    app: &App,
    options: &PresenceOptions,
    side_by_side: usize,
    progress: &dyn Progress,
) -> Result<PresenceReport, LabError> {
    if options.half == Half::Development && options.species.contains(&Species::HELD_OUT) {
        return Err(LabError::HeldOut { name: Species::HELD_OUT.name() });
    }
    let people = People::read(&options.people, options.half)?;
    // A species after the other, in the order that was asked for.
    let sessions: Vec<(Species, usize)> = options
        .species
        .iter()
        .flat_map(|species| (0..options.sessions).map(move |session| (*species, session)))
        .collect();
    let judged = map(&sessions, side_by_side, progress, |(species, session)| {
        let Part { person, eyes_px, settings, seed, mut player } =
            Part::draw(app, &people, options, *species, *session)?;
        let camera = camera(*species, &settings, seed);
        let conditions = Conditions::new(options.path, camera, &settings, seed);
        let page = Page::open(target, &json!({"demo": true}))?;
        let end = page.attempt(&conditions, player.as_mut())?;
        Ok::<_, LabError>(Judged::new(*species, person, settings.buckets(eyes_px), end))
    })?;
    Ok(PresenceReport::new(options, &judged))
}

/// Names that cameras have.
const CAMERAS: [&str; 3] = ["Integrated Camera", "FaceTime HD Camera", "camera2 1, facing front"];
/// A name that a program gives itself.
const VIRTUAL: &str = "OBS Virtual Camera";

/// What the page tells of the camera. Half of those who inject a picture do not hide the program's name.
fn camera(species: Species, settings: &Settings, seed: u64) -> CameraClaims {
    let mut draws = Draws::of(seed, "camera");
    let name = CAMERAS[draws.below(CAMERAS.len())];
    let gives_away = species.is_injected() && draws.unit() < 0.5;
    CameraClaims {
        label: if gives_away { VIRTUAL } else { name }.to_owned(),
        automation: false,
        width: 640,
        height: 480,
        frame_rate: settings.frame_rate.round(),
    }
}
