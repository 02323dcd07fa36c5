//! `bench face`: how well and how fast faces are told apart.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use app::App;
use engine::face::compare::Embedding;
use engine::face::{Search, align, main_face};
use serde::Serialize;

use crate::identity::{Identities, IdentitySource};
use crate::manifest::photo_paths;
use crate::rates::{accuracy, best_threshold, bootstrap_by_person, threshold_at};
use crate::work::{Progress, map};
use crate::{FacePair, LabError};

/// Rates and times of one list of pairs.
#[derive(Debug, Clone, Serialize)]
pub struct FaceReport {
    /// Pairs in the list.
    pub pairs: usize,
    /// Photos in the list.
    pub photos: usize,
    /// Photos in which no face was found, or that could not be decoded (ISO/IEC 19795-1: failure to acquire).
    pub failed_to_acquire: usize,
    /// Share of the list's pairs that are told right. With folds, each fold is judged by the threshold that is best
    /// on the others, as LFW's protocol has it; else by the best threshold. A pair without a face counts as told apart.
    pub accuracy: Option<f64>,
    /// False non-match rate at the thresholds that let 1e-2, 1e-3 and 1e-4 of the impostors through, all photos against
    /// all. `null` where there are fewer impostor pairs than 1 / FMR.
    pub fnmr_at_fmr: BTreeMap<&'static str, Option<FnmrPoint>>,
    /// Median time from the file's bytes to the template, milliseconds.
    pub median_ms: Option<f64>,
    /// Photos a second, on all threads together.
    pub photos_per_second: f64,
    /// Threads that worked.
    pub threads: usize,
    /// Where the people's labels come from.
    pub identities: IdentitySource,
    /// People in the list.
    pub people: usize,
    /// Pairs of photos of one person, all against all, with a face in both.
    pub genuine_pairs: usize,
    /// Pairs of photos of different people, all against all, with a face in both.
    pub impostor_pairs: usize,
    /// Median milliseconds of each stage.
    pub stages_ms: Stages,
    /// The same figures for each data set, where the list names more than one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sets: BTreeMap<String, FaceReport>,
}

/// False non-matches at one false match rate.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct FnmrPoint {
    /// Share of the genuine pairs under the threshold.
    pub fnmr: f64,
    /// Lower bound of its 95 % interval, by people.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
    /// The threshold as a similarity, 0..1.
    pub threshold: f32,
    /// The threshold as a cosine.
    pub threshold_cosine: f32,
    /// Genuine pairs under the threshold.
    pub false_non_matches: usize,
    /// Impostor pairs at or over it.
    pub false_matches: usize,
}

/// Median milliseconds of each stage of a photo.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Stages {
    /// Reading and decoding.
    pub decode: f64,
    /// Finding the face.
    pub detect: f64,
    /// Cutting it out.
    pub align: f64,
    /// Embedding it.
    pub embed: f64,
}

/// The template of a photo and the time each stage took.
pub(crate) struct Acquired {
    pub(crate) embedding: Option<Embedding>,
    times: [Duration; 4],
}

/// The false match rates that are reported.
const FMRS: [(&str, f64); 3] = [("1e-2", 1e-2), ("1e-3", 1e-3), ("1e-4", 1e-4)];

/// Measures `pairs`, whose paths are relative to `root`.
///
/// # Errors
/// [`LabError::NoSuchPhoto`], and failures of the engine.
pub fn measure(
    app: &App,
    pairs: &[FacePair],
    root: &Path,
    threads: usize,
    progress: &dyn Progress,
) -> Result<FaceReport, LabError> {
    let identities = Identities::of(pairs);
    let (acquired, took) = acquire(app, &identities.photos, root, threads, progress)?;
    let mut report = report(app, pairs, &identities, &acquired, threads);
    report.photos_per_second = acquired.len() as f64 / took.as_secs_f64().max(1e-9);

    let sets: BTreeSet<&String> = pairs.iter().filter_map(|pair| pair.set.as_ref()).collect();
    if sets.len() > 1 {
        for set in sets {
            let rows: Vec<FacePair> =
                pairs.iter().filter(|pair| pair.set.as_ref() == Some(set)).cloned().collect();
            let of_set = Identities::of(&rows);
            let chosen: Vec<&Acquired> =
                of_set.photos.iter().map(|photo| &acquired[identities.index[photo]]).collect();
            let mut part = report_of(app, &rows, &of_set, &chosen, threads);
            let busy: Duration = chosen.iter().flat_map(|photo| photo.times).sum();
            part.photos_per_second = chosen.len() as f64 * threads as f64 / busy.as_secs_f64().max(1e-9);
            report.sets.insert(set.clone(), part);
        }
    }
    Ok(report)
}

/// The templates of `photos`, and how long they took together, without loading the models.
pub(crate) fn acquire(
    app: &App,
    photos: &[String],
    root: &Path,
    threads: usize,
    progress: &dyn Progress,
) -> Result<(Vec<Acquired>, Duration), LabError> {
    let paths = photo_paths(root, photos)?;
    if let Some(first) = paths.first() {
        // Loads the models, so that the first photo's time is like that of the others.
        let _ = template(app, first)?;
    }
    let started = Instant::now();
    let acquired = map(&paths, threads, progress, |path| template(app, path))?;
    Ok((acquired, started.elapsed()))
}

fn template(app: &App, path: &Path) -> Result<Acquired, LabError> {
    let mut times = [Duration::ZERO; 4];
    let mut clock = Instant::now();
    let mut lap = |stage: usize| {
        times[stage] = clock.elapsed();
        clock = Instant::now();
    };
    // A photo that cannot be decoded is a failure to acquire, not of the bench.
    let frame = app.photo(path).ok();
    lap(0);
    let engine = app.engine();
    let embedding = match frame {
        None => None,
        Some(frame) => {
            let faces = engine.detect(&frame, Search::Front).map_err(app::AppError::from)?;
            lap(1);
            let aligned = main_face(&frame, &faces).and_then(|face| align(&frame, &face.landmarks));
            lap(2);
            let template = aligned.map(|aligned| engine.template_of_aligned(&aligned)).transpose();
            lap(3);
            template.map_err(app::AppError::from)?.map(|template| template.embedding)
        }
    };
    Ok(Acquired { embedding, times })
}

fn report(
    app: &App,
    pairs: &[FacePair],
    identities: &Identities,
    acquired: &[Acquired],
    threads: usize,
) -> FaceReport {
    report_of(app, pairs, identities, &acquired.iter().collect::<Vec<_>>(), threads)
}

fn report_of(
    app: &App,
    pairs: &[FacePair],
    identities: &Identities,
    acquired: &[&Acquired],
    threads: usize,
) -> FaceReport {
    let embeddings: Vec<Option<&Embedding>> = acquired.iter().map(|photo| photo.embedding.as_ref()).collect();
    let scores = all_against_all(identities, &embeddings);
    let fnmr_at_fmr = FMRS
        .into_iter()
        .map(|(name, fmr)| {
            let point = threshold_at(&scores.impostors, fmr).and_then(|cosine| {
                let threshold = app.engine().similarity(cosine).get();
                fnmr_point(&scores, identities.people, cosine, threshold)
            });
            (name, point)
        })
        .collect();
    let median = |pick: &dyn Fn(&[Duration; 4]) -> Duration| {
        let mut times: Vec<f64> =
            acquired.iter().map(|photo| pick(&photo.times).as_secs_f64() * 1e3).collect();
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).copied()
    };
    let stage = |index: usize| median(&|times| times[index]).unwrap_or_default();
    FaceReport {
        pairs: pairs.len(),
        photos: acquired.len(),
        failed_to_acquire: embeddings.iter().filter(|embedding| embedding.is_none()).count(),
        accuracy: protocol_accuracy(pairs, identities, &embeddings),
        fnmr_at_fmr,
        median_ms: median(&|times| times.iter().sum()),
        photos_per_second: 0.0,
        threads,
        identities: identities.source,
        people: identities.people,
        genuine_pairs: scores.genuine.len(),
        impostor_pairs: scores.impostors.len(),
        stages_ms: Stages { decode: stage(0), detect: stage(1), align: stage(2), embed: stage(3) },
        sets: BTreeMap::new(),
    }
}

pub(crate) struct Scores {
    /// Cosine and person.
    genuine: Vec<(f32, usize)>,
    /// Cosines, highest first.
    pub(crate) impostors: Vec<f32>,
}

pub(crate) fn all_against_all(identities: &Identities, embeddings: &[Option<&Embedding>]) -> Scores {
    let mut scores = Scores { genuine: Vec::new(), impostors: Vec::new() };
    for (a, probe) in embeddings.iter().enumerate() {
        let Some(probe) = probe else { continue };
        for (b, reference) in embeddings.iter().enumerate().skip(a + 1) {
            let Some(reference) = reference else { continue };
            match identities.same(a, b) {
                Some(true) => scores.genuine.push((probe.cosine(reference), identities.person[a])),
                Some(false) => scores.impostors.push(probe.cosine(reference)),
                None => {}
            }
        }
    }
    scores.impostors.sort_unstable_by(|a, b| b.total_cmp(a));
    scores
}

fn fnmr_point(scores: &Scores, people: usize, cosine: f32, threshold: f32) -> Option<FnmrPoint> {
    let mut by_person = vec![(0_u32, 0_u32); people];
    for (score, person) in &scores.genuine {
        by_person[*person].0 += u32::from(*score < cosine);
        by_person[*person].1 += 1;
    }
    by_person.retain(|person| person.1 > 0);
    let false_non_matches: u32 = by_person.iter().map(|person| person.0).sum();
    let interval = bootstrap_by_person(&by_person)?;
    Some(FnmrPoint {
        fnmr: f64::from(false_non_matches) / scores.genuine.len() as f64,
        low: interval.low,
        high: interval.high,
        threshold,
        threshold_cosine: cosine,
        false_non_matches: false_non_matches as usize,
        false_matches: scores.impostors.partition_point(|score| *score >= cosine),
    })
}

fn protocol_accuracy(
    pairs: &[FacePair],
    identities: &Identities,
    embeddings: &[Option<&Embedding>],
) -> Option<f64> {
    let scored: Vec<(Option<u32>, (f32, bool))> = pairs
        .iter()
        .map(|pair| {
            let [a, b] = [&pair.path1, &pair.path2].map(|path| embeddings[identities.index[path]]);
            // Below every cosine: a pair without a face is told apart.
            let score = a.zip(b).map_or(-2.0, |(a, b)| a.cosine(b));
            (pair.fold, (score, pair.same))
        })
        .collect();
    let folds: BTreeSet<Option<u32>> = scored.iter().map(|row| row.0).collect();
    let all: Vec<(f32, bool)> = scored.iter().map(|row| row.1).collect();
    if folds.len() < 2 || folds.contains(&None) {
        return best_threshold(&all).map(|best| best.1);
    }
    let of_folds: Vec<f64> = folds
        .iter()
        .map(|fold| {
            let (test, train): (Vec<_>, Vec<_>) = scored.iter().partition(|row| row.0 == *fold);
            let pick = |rows: Vec<&(Option<u32>, (f32, bool))>| {
                rows.into_iter().map(|row| row.1).collect::<Vec<_>>()
            };
            let threshold = best_threshold(&pick(train))?.0;
            Some(accuracy(&pick(test), threshold))
        })
        .collect::<Option<_>>()?;
    Some(of_folds.iter().sum::<f64>() / of_folds.len() as f64)
}

#[cfg(test)]
mod tests {
    use engine::face::compare::EMBEDDING_LENGTH;

    use super::*;

    fn at_angle(degrees: f32) -> Embedding {
        let mut raw = [0.0; EMBEDDING_LENGTH];
        (raw[0], raw[1]) = (degrees.to_radians().cos(), degrees.to_radians().sin());
        Embedding::from_raw(&raw).unwrap()
    }

    fn pair(path1: &str, path2: &str, same: bool, fold: Option<u32>) -> FacePair {
        FacePair { path1: path1.to_owned(), path2: path2.to_owned(), same, fold, set: None }
    }

    #[test]
    fn genuine_and_impostor_pairs_are_counted_all_against_all() {
        let identities = Identities::of(&[
            pair("a/1", "a/2", true, None),
            pair("b/1", "b/2", true, None),
            pair("a/1", "b/1", false, None),
        ]);
        let embeddings = [0.0, 10.0, 90.0, 100.0].map(at_angle);
        let scores = all_against_all(&identities, &embeddings.iter().map(Some).collect::<Vec<_>>());
        assert_eq!((scores.genuine.len(), scores.impostors.len()), (2, 4));
        assert!(scores.impostors.windows(2).all(|pair| pair[0] >= pair[1]));
        let point = fnmr_point(&scores, 2, 0.5, 0.6).unwrap();
        assert_eq!((point.false_non_matches, point.false_matches), (0, 0));
        assert_eq!(fnmr_point(&scores, 2, 0.999, 0.9).unwrap().false_non_matches, 2);
    }

    #[test]
    fn a_fold_is_judged_by_the_threshold_of_the_others() {
        let pairs = [
            pair("a/1", "a/2", true, Some(0)),
            pair("a/1", "b/1", false, Some(0)),
            pair("b/1", "b/2", true, Some(1)),
            pair("a/2", "b/2", false, Some(1)),
        ];
        let identities = Identities::of(&pairs);
        let embeddings = [0.0, 10.0, 90.0, 100.0].map(at_angle);
        let mut seen: Vec<Option<&Embedding>> = embeddings.iter().map(Some).collect();
        assert_eq!(protocol_accuracy(&pairs, &identities, &seen), Some(1.0));
        seen[0] = None;
        let without_folds = pairs.map(|pair| FacePair { fold: None, ..pair });
        assert_eq!(protocol_accuracy(&without_folds, &identities, &seen), Some(0.75));
    }
}
