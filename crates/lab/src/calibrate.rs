//! `bench calibrate`: where the similarity's anchors lie and how the tail beyond them falls, measured.

use std::path::Path;

use app::App;
use engine::face::compare::{Anchor, Calibration, CalibrationSource};

use crate::face::{acquire, all_against_all};
use crate::identity::Identities;
use crate::rates::threshold_at;
use crate::work::Progress;
use crate::{FacePair, LabError, tail};

/// Which similarity stands at which false match rate. 0.65 is the default threshold of the Truora dialect, 0.8 that
/// of its mobile clients, 0.5 the lowest that a caller may ask for.
const ANCHORS: [(f32, f64); 3] = [(0.5, 1e-2), (0.65, 1e-4), (0.8, 1e-5)];

/// Impostor pairs without which the rarest rate rests on fewer than ten false matches.
const FEWEST_IMPOSTORS: usize = 1_000_000;

/// Names the calibration that is measured.
#[derive(Debug, Clone)]
pub struct CalibrationName {
    /// Id of the new calibration.
    pub id: String,
    /// The data sets.
    pub sets: Vec<String>,
    /// The day, `YYYY-MM-DD`.
    pub date: String,
}

/// Measures the anchors and the tail on the photos of `pairs`, all against all.
///
/// # Errors
/// [`LabError::TooFewImpostors`], [`LabError::NoSuchPhoto`], and failures of the engine.
pub fn measure(
    app: &App,
    pairs: &[FacePair],
    root: &Path,
    name: CalibrationName,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Calibration, LabError> {
    let identities = Identities::of(pairs);
    let (acquired, _) = acquire(app, &identities.photos, root, threads, progress)?;
    let embeddings: Vec<_> = acquired.iter().map(|photo| photo.embedding.as_ref()).collect();
    let impostors = all_against_all(&identities, &embeddings).impostors;
    let too_few = LabError::TooFewImpostors { found: impostors.len() };
    if impostors.len() < FEWEST_IMPOSTORS {
        return Err(too_few);
    }
    let tail = tail::fit(&identities, &embeddings, &impostors).ok_or(too_few)?;
    let anchors = ANCHORS
        .into_iter()
        .filter_map(|(similarity, fmr)| {
            // Four digits: more would be noise of the sample.
            let cosine = (threshold_at(&impostors, fmr)? * 1e4).ceil() / 1e4;
            Some(Anchor { similarity, cosine, fmr })
        })
        .collect();
    let ids = app.engine().calibration().template_ids();
    Ok(Calibration {
        id: name.id,
        model: ids.model,
        preprocessing: ids.preprocessing,
        source: CalibrationSource {
            sets: name.sets,
            date: name.date,
            photos: embeddings.iter().flatten().count(),
            people: identities.people,
            impostor_pairs: impostors.len() as u64,
        },
        anchors,
        tail,
    })
}
