//! `bench liveness`: errors of presentation attack detection, after ISO/IEC 30107-3, one data set at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use app::{App, AppError};
use domain::{LivenessSignal, Policy};
use serde::{Deserialize, Serialize};

use crate::LabError;
use crate::manifest::read;
use crate::rates::{Interval, auc, wilson};
use crate::work::{Progress, map};

/// A row of a list of presentations: columns `path`, `label`, `attack_type`, `set`; others are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Presentation {
    /// The photo, relative to the root.
    pub path: String,
    /// What it shows.
    #[serde(deserialize_with = "label")]
    pub label: Label,
    /// Kind of attack; empty or `none` for a bona fide presentation.
    #[serde(default)]
    pub attack_type: String,
    /// Name of the data set.
    #[serde(default)]
    pub set: String,
}

/// What a photo shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// A genuine person in front of the camera.
    BonaFide,
    /// Something else that is to pass for one.
    Attack,
}

/// Reads a list of presentations.
///
/// # Errors
/// [`LabError::Manifest`] for an unreadable file or row (with its line), [`LabError::Empty`] without rows.
pub fn read_presentations(path: &Path) -> Result<Vec<Presentation>, LabError> {
    read(path)
}

fn label<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Label, D::Error> {
    match String::deserialize(deserializer)?.to_ascii_lowercase().as_str() {
        "live" | "bona_fide" | "bonafide" | "real" | "1" => Ok(Label::BonaFide),
        "attack" | "spoof" | "fake" | "imposter" | "impostor" | "0" => Ok(Label::Attack),
        other => Err(serde::de::Error::custom(format!("`label` must be live or attack, not `{other}`"))),
    }
}

/// Error rates of each data set; sets are never pooled.
#[derive(Debug, Clone, Serialize)]
pub struct LivenessReport {
    /// By name.
    pub sets: BTreeMap<String, SetReport>,
}

/// Error rates of one data set, under the thresholds of the standard policy.
#[derive(Debug, Clone, Serialize)]
pub struct SetReport {
    /// Bona fide presentations.
    pub bona_fide: usize,
    /// Attack presentations.
    pub attacks: usize,
    /// Presentations without an answer: no face, a blind detector, a score between the thresholds.
    pub not_decided: usize,
    /// Share of the decided bona fide presentations that are called attacks. `null` without any.
    pub bpcer: Option<f64>,
    /// 95 % interval of it (Wilson).
    pub bpcer_interval: Option<Interval>,
    /// By attack type: share of the decided attack presentations that are called bona fide.
    pub apcer: BTreeMap<String, Option<f64>>,
    /// Area under the ROC curve of all scored presentations.
    pub auc: Option<f64>,
    /// What the bona fide presentations were called.
    pub bona_fide_counts: Counts,
    /// What the attacks were called, by type.
    pub attack_counts: BTreeMap<String, Counts>,
}

/// What presentations were called.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Counts {
    /// Bona fide.
    pub bona_fide: usize,
    /// Attack.
    pub attack: usize,
    /// No answer, by its reason.
    pub not_decided: BTreeMap<String, usize>,
}

impl Counts {
    fn decided(&self) -> usize {
        self.bona_fide + self.attack
    }
}

/// What one photo was called.
#[derive(Debug, Clone, PartialEq)]
enum Called {
    Scored(f32),
    Not(String),
}

/// Measures `presentations`, whose paths are relative to `root`.
///
/// # Errors
/// [`LabError::NoSuchPhoto`], and failures of the engine.
pub fn measure(
    app: &App,
    presentations: &[Presentation],
    root: &Path,
    threads: usize,
    progress: &dyn Progress,
) -> Result<LivenessReport, LabError> {
    if let Some(missing) = presentations.iter().map(|row| root.join(&row.path)).find(|path| !path.is_file()) {
        return Err(LabError::NoSuchPhoto { path: missing });
    }
    let called = map(presentations, threads, progress, |row| call(app, &root.join(&row.path)))?;
    Ok(report(presentations, &called))
}

fn call(app: &App, path: &Path) -> Result<Called, LabError> {
    let Ok(frame) = app.photo(path) else { return Ok(Called::Not("not_decoded".to_owned())) };
    let engine = app.engine();
    let Some(face) = engine.main_face(&frame).map_err(AppError::from)? else {
        return Ok(Called::Not("no_face".to_owned()));
    };
    Ok(match engine.liveness(&frame, &face).map_err(AppError::from)? {
        LivenessSignal::Scored { score } => Called::Scored(score),
        LivenessSignal::CouldNotTell { blind } => Called::Not(domain::Reason::LivenessBlind(blind).code()),
    })
}

fn report(presentations: &[Presentation], called: &[Called]) -> LivenessReport {
    let rows = || presentations.iter().zip(called);
    let names: BTreeSet<&str> = presentations.iter().map(|row| row.set.as_str()).collect();
    let sets = names
        .into_iter()
        .map(|name| {
            let of_set = || rows().filter(move |(row, _)| row.set == name);
            let bona_fide = || of_set().filter(|(row, _)| row.label == Label::BonaFide);
            let attacks = || of_set().filter(|(row, _)| row.label == Label::Attack);
            let bona_fide_counts = counts(bona_fide().map(|(_, called)| called));
            let types: BTreeSet<&str> = attacks().map(|(row, _)| row.attack_type.as_str()).collect();
            let attack_counts: BTreeMap<String, Counts> = types
                .into_iter()
                .map(|kind| {
                    let of_type = attacks().filter(|(row, _)| row.attack_type == kind);
                    (kind.to_owned(), counts(of_type.map(|(_, called)| called)))
                })
                .collect();
            let all = std::iter::once(&bona_fide_counts).chain(attack_counts.values());
            let scores = |rows: &mut dyn Iterator<Item = &Called>| -> Vec<f32> {
                rows.filter_map(|called| match called {
                    Called::Scored(score) => Some(*score),
                    Called::Not(_) => None,
                })
                .collect()
            };
            let report = SetReport {
                bona_fide: bona_fide().count(),
                attacks: attacks().count(),
                not_decided: all.map(|counts| counts.not_decided.values().sum::<usize>()).sum(),
                bpcer: rate(bona_fide_counts.attack, bona_fide_counts.decided()),
                bpcer_interval: wilson(bona_fide_counts.attack, bona_fide_counts.decided()),
                apcer: attack_counts
                    .iter()
                    .map(|(kind, counts)| (kind.clone(), rate(counts.bona_fide, counts.decided())))
                    .collect(),
                auc: auc(
                    &scores(&mut bona_fide().map(|(_, called)| called)),
                    &scores(&mut attacks().map(|(_, called)| called)),
                ),
                bona_fide_counts,
                attack_counts,
            };
            (name.to_owned(), report)
        })
        .collect();
    LivenessReport { sets }
}

fn counts<'a>(called: impl Iterator<Item = &'a Called>) -> Counts {
    let band = Policy::STANDARD.liveness;
    let mut counts = Counts::default();
    for called in called {
        match called {
            Called::Scored(score) if *score >= band.pass => counts.bona_fide += 1,
            Called::Scored(score) if *score < band.fail => counts.attack += 1,
            Called::Scored(_) => *counts.not_decided.entry("liveness_uncertain".to_owned()).or_default() += 1,
            Called::Not(why) => *counts.not_decided.entry(why.clone()).or_default() += 1,
        }
    }
    counts
}

fn rate(errors: usize, decided: usize) -> Option<f64> {
    (decided > 0).then(|| errors as f64 / decided as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(label: Label, attack_type: &str, set: &str) -> Presentation {
        Presentation { path: String::new(), label, attack_type: attack_type.to_owned(), set: set.to_owned() }
    }

    #[test]
    fn sets_and_attack_types_are_kept_apart() {
        let rows = [
            (row(Label::BonaFide, "none", "one"), Called::Scored(0.9)),
            (row(Label::BonaFide, "none", "one"), Called::Scored(0.1)),
            (row(Label::BonaFide, "none", "one"), Called::Not("no_face".to_owned())),
            (row(Label::Attack, "print", "one"), Called::Scored(0.2)),
            (row(Label::Attack, "print", "one"), Called::Scored(0.5)),
            (row(Label::Attack, "screen", "one"), Called::Scored(0.8)),
            (row(Label::Attack, "mask", "two"), Called::Not("no_face".to_owned())),
        ];
        let (rows, called): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        let report = report(&rows, &called);
        let one = &report.sets["one"];
        assert_eq!((one.bona_fide, one.attacks, one.not_decided), (3, 3, 2));
        assert_eq!(one.bpcer, Some(0.5));
        assert_eq!((one.apcer["print"], one.apcer["screen"]), (Some(0.0), Some(1.0)));
        assert_eq!(one.attack_counts["print"].not_decided["liveness_uncertain"], 1);
        let two = &report.sets["two"];
        assert_eq!((two.bpcer, two.apcer["mask"], two.auc), (None, None, None));
    }

    #[test]
    fn labels_are_read_in_the_words_of_the_field() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "path,label,attack_type,set\na,live,none,x\nb,attack,print,x\n").unwrap();
        let rows = read_presentations(file.path()).unwrap();
        assert_eq!((rows[0].label, rows[1].label), (Label::BonaFide, Label::Attack));
        std::fs::write(file.path(), "path,label\na,maybe\n").unwrap();
        assert!(read_presentations(file.path()).is_err());
    }
}
