//! Captures of real people, and of attackers, that an operator recorded: judged again from their frames, by the models
//! and the policy of this program. What a challenge asked cannot be asked again, so no server takes part.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use app::{App, AppError, KeptCapture, KeptFrame};
use domain::{Decision, PresencePolicy};
use engine::presence::{Depth, Seen, StepTaken, Take, measure};
use media::Limits;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::report::{Ending, Session, SpeciesReport};
use crate::LabError;
use crate::work::{Progress, map};

/// The folder of those who did what was asked; every other one is a species of attack.
const BONA_FIDE: &str = "bona_fide";

/// Error rates of recorded captures.
#[derive(Debug, Clone, Serialize)]
pub struct RecordedReport {
    /// Version of the policy that decided.
    pub policy: &'static str,
    /// By label. Never pooled.
    pub species: BTreeMap<String, SpeciesReport>,
}

/// Judges the captures in `root` again: files `LABEL/PERSON/CAPTURE.tar`, as `bonafide record` writes them.
///
/// # Errors
/// [`LabError::Photos`] for what cannot be read, [`LabError::Recording`] for a file that is no capture, and failures of
/// the engine.
pub fn judge_again(
    app: &App,
    root: &Path,
    threads: usize,
    progress: &dyn Progress,
) -> Result<RecordedReport, LabError> {
    let mut files = Vec::new();
    for label in entries(root)? {
        for person in entries(&label)? {
            files.extend(entries(&person)?.into_iter().map(|file| (name(&label), name(&person), file)));
        }
    }
    let sessions = map(&files, threads, progress, |(_, person, file)| session(app, person, file))?;
    let mut labels: BTreeMap<String, Vec<&Session>> = BTreeMap::new();
    for ((label, ..), session) in files.iter().zip(&sessions) {
        labels.entry(label.clone()).or_default().push(session);
    }
    let report = |(label, sessions): (String, Vec<&Session>)| {
        let report = SpeciesReport::new(label != BONA_FIDE, &sessions);
        (label, report)
    };
    let species = labels.into_iter().map(report).collect();
    Ok(RecordedReport { policy: PresencePolicy::STANDARD.version, species })
}

/// What is in a folder, sorted by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, LabError> {
    let failed = |source| LabError::Photos { path: folder.to_owned(), source };
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = paths.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn session(app: &App, person: &str, file: &Path) -> Result<Session, LabError> {
    let broken = |source| LabError::Recording { path: file.to_owned(), source };
    let kept = std::fs::read(file).and_then(|bytes| KeptCapture::read(&bytes)).map_err(broken)?;
    let assessment = PresencePolicy::STANDARD.assess(&measure(&take(app, &kept)?));
    let ending = match assessment.decision {
        Some(Decision::Allow) => Ending::Passed,
        _ if assessment.retry_helps => Ending::Retry,
        _ => Ending::Failed,
    };
    let mut reasons: Vec<String> = assessment.reasons.iter().map(|reason| reason.code()).collect();
    reasons.dedup();
    Ok(Session { person: person.to_owned(), ending, reasons })
}

/// The capture as the server had it. Frames that were not kept are not in it, and marks of other captures are unknown.
fn take(app: &App, kept: &KeptCapture) -> Result<Take, LabError> {
    let seen = |frames: &[KeptFrame]| -> Result<Vec<Seen>, LabError> {
        frames.iter().filter(|frame| !frame.jpeg.is_empty()).map(|frame| seen(app, frame)).collect()
    };
    let steps = kept.steps.iter().map(|step| {
        Ok::<_, LabError>(StepTaken {
            step: step.step,
            revealed_ms: step.revealed_ms,
            shown_ms: step.shown_ms,
            ended_ms: step.ended_ms,
            frames: seen(&step.frames)?,
        })
    });
    Ok(Take {
        before: seen(&kept.before)?,
        steps: steps.collect::<Result<_, _>>()?,
        camera: kept.camera.clone(),
        recycled: 0,
    })
}

fn seen(app: &App, frame: &KeptFrame) -> Result<Seen, LabError> {
    let picture = media::decode(&frame.jpeg, &Limits::default()).map_err(LabError::Frame)?;
    let depth = if frame.close { Depth::Close } else { Depth::Glance };
    let observation = app.engine().observe(&picture, depth).map_err(AppError::from)?;
    let KeptFrame { sequence, captured_us, received_ms, .. } = *frame;
    Ok(Seen { sequence, captured_us, received_ms, digest: digest(&frame.jpeg), observation })
}

/// Tells frames of one capture apart; the server's has a key.
fn digest(jpeg: &[u8]) -> [u8; 16] {
    let mut digest = [0; 16];
    digest.copy_from_slice(&Sha256::digest(jpeg)[..16]);
    digest
}
