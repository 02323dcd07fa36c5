//! The attack lab of filmed selfies: takes recordings of people, makes attacks of them, and counts what passes.
//!
//! People and settings come in two halves that share nothing, [`Half`]: thresholds are chosen on
//! one, figures are told from the other. Everything is drawn from a seed. Bona fide clips are coded as the attacks are,
//! so that the coding tells nothing.

mod attack;
mod draw;
mod film;
mod report;

pub use attack::Kind;
pub use report::{Judged, KindReport, VideoReport};

use std::path::{Path, PathBuf};

use app::App;
use domain::Decision;
use serde::Deserialize;

use crate::LabError;
use crate::manifest::{photo_paths, read};
use crate::presence::Half;
use crate::presence::random::Draws;
use crate::work::{Progress, map};
use film::{Coding, Film};

/// Length of a clip, in ms.
const CLIP_MS: u64 = 3_000;
/// Clips that are cut from one recording at most: more of one person tell little more.
const MOST_CUTS: u64 = 3;

/// A row of a list of recordings: columns `path`, `person`, `half` (development or scored); others are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Recording {
    /// The file, relative to the root: anything that ffmpeg reads.
    pub path: String,
    /// Who is in it.
    pub person: String,
    /// Which half the person is in.
    #[serde(deserialize_with = "half")]
    pub half: Half,
}

fn half<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Half, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "development" => Ok(Half::Development),
        "scored" => Ok(Half::Scored),
        other => {
            Err(serde::de::Error::custom(format!("`half` must be development or scored, not `{other}`")))
        }
    }
}

/// Reads a list of recordings.
///
/// # Errors
/// [`LabError::Manifest`] for an unreadable file or row (with its line), [`LabError::Empty`] without rows.
pub fn read_recordings(path: &Path) -> Result<Vec<Recording>, LabError> {
    read(path)
}

/// What is measured.
#[derive(Debug, Clone)]
pub struct VideoOptions {
    /// Which half.
    pub half: Half,
    /// Attacks of each kind that are made of each cut.
    pub draws: u32,
    /// Seed of everything that is drawn.
    pub seed: u64,
    /// A folder into which each clip is written, made where it is missing; `None` for nowhere.
    pub keep: Option<PathBuf>,
    /// Clips side by side.
    pub threads: usize,
}

/// Three seconds of one person.
struct Cut<'a> {
    person: &'a str,
    path: PathBuf,
    from_ms: u64,
}

/// One clip to be made and judged.
struct Task {
    cut: usize,
    /// `None` for the person themselves.
    kind: Option<Kind>,
    /// The other person of a splice.
    other: usize,
    seed: u64,
}

/// Makes the clips of one half of `recordings`, whose paths are relative to `root`, and judges them.
///
/// # Errors
/// [`LabError::NoSuchPhoto`], [`LabError::Film`] where a recording cannot be read or a clip not be written,
/// [`LabError::Nobody`] with fewer than two people, and failures of the engine.
pub fn measure(
    app: &App,
    recordings: &[Recording],
    root: &Path,
    options: &VideoOptions,
    progress: &dyn Progress,
) -> Result<VideoReport, LabError> {
    let rows: Vec<&Recording> = recordings.iter().filter(|row| row.half == options.half).collect();
    let paths = photo_paths(root, rows.iter().map(|row| &row.path))?;
    let decoder = app.video()?;
    let mut cuts = Vec::new();
    for (row, path) in rows.iter().zip(paths) {
        let length = film::length_ms(decoder, &path)?;
        // A clip of nearly three seconds counts as one.
        let count = ((length + 100) / CLIP_MS).clamp(1, MOST_CUTS);
        cuts.extend((0..count).map(|index| Cut {
            person: &row.person,
            path: path.clone(),
            from_ms: index * CLIP_MS,
        }));
    }
    let tasks = tasks(&cuts, options);
    if tasks.is_empty() {
        return Err(LabError::Nobody { path: root.to_owned(), found: cuts.len() });
    }
    if let Some(folder) = &options.keep {
        std::fs::create_dir_all(folder).map_err(|source| LabError::Film { path: folder.clone(), source })?;
    }
    let judged = map(&tasks, options.threads, progress, |task| {
        let mut draws = Draws::of(task.seed, "clip");
        let read = |cut: &Cut<'_>| Film::read(decoder, &cut.path, cut.from_ms, CLIP_MS);
        let shown = read(&cuts[task.cut])?;
        let film = match task.kind {
            None => shown,
            Some(Kind::Splice) => attack::splice(&shown, &read(&cuts[task.other])?),
            Some(kind) => attack::make(kind, &shown, options.half, &mut draws),
        };
        let coding = Coding::draw(options.half, &mut draws);
        let bytes = film.code(decoder, coding)?;
        let name = format!(
            "{}-{}-{:016x}.{}",
            task.kind.map_or("bona_fide", Kind::name),
            cuts[task.cut].person,
            task.seed,
            coding.ending()
        );
        if let Some(folder) = &options.keep {
            let path = folder.join(&name);
            std::fs::write(&path, &bytes).map_err(|source| LabError::Film { path, source })?;
        }
        let verdict = app.judge_clip_bytes(&bytes)?;
        let (reasons, decision, evidence) = match verdict {
            Ok(verdict) => {
                let reasons = verdict.assessment.checks.iter().flat_map(|check| &check.reasons);
                let codes = reasons.map(|reason| reason.code()).collect();
                (codes, verdict.assessment.decision, Some(verdict.clip))
            }
            Err(error) => (vec![error.code().to_owned()], None, None),
        };
        Ok::<_, LabError>(Judged {
            clip: name,
            person: cuts[task.cut].person.to_owned(),
            kind: task.kind,
            is_live: decision == Some(Decision::Allow),
            decision,
            reasons,
            evidence,
        })
    })?;
    Ok(VideoReport::of(options.half, judged))
}

fn tasks(cuts: &[Cut<'_>], options: &VideoOptions) -> Vec<Task> {
    let mut tasks = Vec::new();
    for (cut, shown) in cuts.iter().enumerate() {
        for draw in 0..options.draws {
            let seed = |name: &str| {
                let what = format!("{} {} {draw} {name}", shown.path.display(), shown.from_ms);
                let mut draws = Draws::of(options.seed, &what);
                (draws.below(1 << 31) as u64) << 31 | draws.below(1 << 31) as u64
            };
            let others: Vec<usize> =
                (0..cuts.len()).filter(|other| cuts[*other].person != shown.person).collect();
            tasks.push(Task { cut, kind: None, other: cut, seed: seed("bona fide") });
            for kind in Kind::ALL {
                let seed = seed(kind.name());
                let Some(other) = others.get(seed as usize % others.len().max(1)) else { continue };
                tasks.push(Task { cut, kind: Some(kind), other: *other, seed });
            }
        }
    }
    if cuts.iter().all(|cut| cut.person == cuts[0].person) { vec![] } else { tasks }
}
