//! How long a person waits to be told what to do: from a frame of the preview to its answer.

use std::path::Path;
use std::time::Duration;

use app::App;
use domain::Path as Steps;
use engine::presence::CameraClaims;
use serde::Serialize;
use serde_json::json;

use super::page::{Conditions, Page, Target};
use super::part::{Part, PresenceOptions};
use super::people::People;
use super::settings::Half;
use super::species::Species;
use super::stage::{Player, Screen, Shot};
use crate::LabError;
use crate::work::map;

/// Frames that are drawn before it begins, so that drawing takes nothing from the server.
const FRAMES: u64 = 30;
/// From one to the next, in ms.
const APART_MS: u64 = 70;

/// How long frames waited for their answers.
#[derive(Debug, Clone, Serialize)]
pub struct GuidanceReport {
    /// Pages at once.
    pub pages: usize,
    /// Frames that were answered.
    pub frames: usize,
    /// Frames that a page had answered in a second.
    pub frames_a_second_a_page: f64,
    /// The wait at the median, in ms.
    pub median_ms: f64,
    /// At the 95th percentile, in ms.
    pub p95_ms: f64,
    /// The longest, in ms.
    pub longest_ms: f64,
}

/// Frames that were drawn before, one after the other, again and again.
struct Film {
    jpegs: Vec<Vec<u8>>,
    shown: usize,
}

impl Player for Film {
    fn frame(&mut self, now_ms: u64, _screen: &Screen) -> Option<Shot> {
        self.shown += 1;
        let jpeg = self.jpegs.get(self.shown % self.jpegs.len())?.clone();
        Some(Shot { jpeg, captured_us: now_ms * 1000 })
    }
}

/// Has `pages` previews at once before the server at `target`, for `length`, each with a person of `people`.
///
/// # Errors
/// As [`measure`](super::measure).
pub fn measure_guidance(
    target: &Target,
    app: &App,
    people: &Path,
    pages: usize,
    length: Duration,
) -> Result<GuidanceReport, LabError> {
    let options = PresenceOptions {
        people: people.to_owned(),
        half: Half::Development,
        path: Steps::Fades,
        species: vec![Species::BonaFide],
        sessions: pages,
        seed: 1,
    };
    let found = People::read(people, options.half)?;
    let films = (0..pages).map(|session| {
        let mut part = Part::draw(app, &found, &options, Species::BonaFide, session)?;
        let preview = Screen::neutral(0);
        let frames = (0..FRAMES).filter_map(|frame| part.player.frame(frame * APART_MS, &preview));
        Ok(frames.map(|shot| shot.jpeg).collect())
    });
    let films = films.collect::<Result<Vec<Vec<Vec<u8>>>, LabError>>()?;
    let waited = map(&films, pages, &(), |jpegs| {
        let page = Page::open(target, &json!({"demo": true}))?;
        let camera = CameraClaims { frame_rate: 30.0, width: 640, height: 480, ..CameraClaims::default() };
        let conditions =
            Conditions { path: Steps::Fades, camera, frame_rate: 30.0, delay_ms: (0.0, 0.0), seed: 1 };
        page.preview(&conditions, &mut Film { jpegs: jpegs.clone(), shown: 0 }, length)
    })?;
    let mut waited: Vec<Duration> = waited.into_iter().flatten().collect();
    waited.sort();
    let at = |share: f64| {
        let index = (waited.len().saturating_sub(1) as f64 * share) as usize;
        waited.get(index).map_or(f64::NAN, |wait| wait.as_secs_f64() * 1000.0)
    };
    Ok(GuidanceReport {
        pages,
        frames: waited.len(),
        frames_a_second_a_page: waited.len() as f64 / length.as_secs_f64() / pages as f64,
        median_ms: at(0.5),
        p95_ms: at(0.95),
        longest_ms: at(1.0),
    })
}
