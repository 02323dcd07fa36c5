//! What passed and what did not, by species.

use std::collections::{BTreeMap, BTreeSet};

use domain::Path;
use serde::Serialize;

use super::page::AttemptEnd;
use super::part::PresenceOptions;
use super::rates::clopper_pearson;
use super::settings::Half;
use super::species::Species;
use crate::rates::Interval;

/// Error rates of one path on one half of people and settings. Simulated: it says how the signals hold against what was
/// drawn, not against what attackers bring.
#[derive(Debug, Clone, Serialize)]
pub struct PresenceReport {
    /// Which people and settings.
    pub half: Half,
    /// Which kinds of steps the challenges had.
    pub path: Path,
    /// Seed of everything.
    pub seed: u64,
    /// By name of the species. Never pooled.
    pub species: BTreeMap<&'static str, SpeciesReport>,
    /// Bona fide sessions by setting and bucket.
    pub bona_fide_by: BTreeMap<&'static str, BTreeMap<&'static str, Bucket>>,
}

/// What became of the sessions of one species.
#[derive(Debug, Clone, Serialize)]
pub struct SpeciesReport {
    /// Sessions.
    pub sessions: usize,
    /// Sessions that passed.
    pub passed: usize,
    /// Sessions after which another attempt was offered.
    pub retry: usize,
    /// Sessions that failed for good.
    pub failed: usize,
    /// Sessions that the server broke off.
    pub refused: usize,
    /// Sessions whose preview never showed a face that is good enough to begin with.
    pub not_begun: usize,
    /// Of an attack: share that passed. `null` for bona fide sessions.
    pub apcer: Option<Rate>,
    /// Of bona fide sessions: share that failed for good. `null` for an attack.
    pub bpcer: Option<Rate>,
    /// Share without an answer: another attempt was offered, it was broken off, or it never began. ISO/IEC 30107-3 counts
    /// it apart from both.
    pub no_response: Rate,
    /// Attacks: people whose face passed at least once. Bona fide: people who did not pass at least once.
    pub people_with_errors: Rate,
    /// How often each reason was given; what was broken off begins with `refused:`.
    pub reasons: BTreeMap<String, usize>,
}

/// A share with its count and its exact bounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rate {
    /// Errors.
    pub errors: usize,
    /// Of how many.
    pub of: usize,
    /// Their share; `null` without any.
    pub rate: Option<f64>,
    /// 95 % interval (Clopper, Pearson). It takes sessions as independent, which those of one person are not: the rate by
    /// person does not.
    pub interval: Option<Interval>,
}

/// Bona fide sessions of one setting.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Bucket {
    /// Sessions.
    pub sessions: usize,
    /// Sessions that passed.
    pub passed: usize,
    /// Sessions that failed for good.
    pub failed: usize,
}

/// One session that was played, judged.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    pub(crate) species: Species,
    pub(crate) buckets: [(&'static str, &'static str); 5],
    pub(crate) session: Session,
}

/// Whose session it was, and what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) person: String,
    pub(crate) ending: Ending,
    pub(crate) reasons: Vec<String>,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Passed,
    Retry,
    Failed,
    Refused,
    NotBegun,
}

impl Judged {
    pub(crate) fn new(
        species: Species,
        person: String,
        buckets: [(&'static str, &'static str); 5],
        end: AttemptEnd,
    ) -> Self {
        let (ending, reasons) = match end {
            AttemptEnd::Judged { outcome, reasons } => match outcome.as_str() {
                "passed" => (Ending::Passed, reasons),
                "retry" => (Ending::Retry, reasons),
                _ => (Ending::Failed, reasons),
            },
            AttemptEnd::Refused(code) => (Ending::Refused, vec![format!("refused:{code}")]),
            AttemptEnd::NotBegun => (Ending::NotBegun, vec![]),
        };
        Self { species, buckets, session: Session { person, ending, reasons } }
    }
}

impl Rate {
    pub(crate) fn new(errors: usize, of: usize) -> Self {
        let rate = (of > 0).then(|| errors as f64 / of as f64);
        Self { errors, of, rate, interval: clopper_pearson(errors, of) }
    }
}

impl SpeciesReport {
    pub(crate) fn new(is_attack: bool, sessions: &[&Session]) -> Self {
        let count = |ending| sessions.iter().filter(|session| session.ending == ending).count();
        let (passed, retry, failed) = (count(Ending::Passed), count(Ending::Retry), count(Ending::Failed));
        let (refused, not_begun) = (count(Ending::Refused), count(Ending::NotBegun));
        let people: BTreeSet<&str> = sessions.iter().map(|session| session.person.as_str()).collect();
        let erred: BTreeSet<&str> = sessions
            .iter()
            .filter(|session| (session.ending == Ending::Passed) == is_attack)
            .map(|session| session.person.as_str())
            .collect();
        let mut reasons = BTreeMap::new();
        for session in sessions {
            for reason in &session.reasons {
                *reasons.entry(reason.clone()).or_default() += 1;
            }
        }
        Self {
            sessions: sessions.len(),
            passed,
            retry,
            failed,
            refused,
            not_begun,
            apcer: is_attack.then(|| Rate::new(passed, sessions.len())),
            bpcer: (!is_attack).then(|| Rate::new(failed, sessions.len())),
            no_response: Rate::new(retry + refused + not_begun, sessions.len()),
            people_with_errors: Rate::new(erred.len(), people.len()),
            reasons,
        }
    }
}

impl PresenceReport {
    pub(crate) fn new(options: &PresenceOptions, judged: &[Judged]) -> Self {
        let named: BTreeSet<Species> = judged.iter().map(|judged| judged.species).collect();
        let species = named
            .into_iter()
            .map(|species| {
                let sessions = judged.iter().filter(|judged| judged.species == species);
                let sessions: Vec<&Session> = sessions.map(|judged| &judged.session).collect();
                let report = SpeciesReport::new(species.is_attack(), &sessions);
                (species.name(), report)
            })
            .collect();
        let mut bona_fide_by: BTreeMap<_, BTreeMap<_, Bucket>> = BTreeMap::new();
        for judged in judged.iter().filter(|judged| !judged.species.is_attack()) {
            for (setting, name) in judged.buckets {
                let bucket = bona_fide_by.entry(setting).or_default().entry(name).or_default();
                bucket.sessions += 1;
                bucket.passed += usize::from(judged.session.ending == Ending::Passed);
                bucket.failed += usize::from(judged.session.ending == Ending::Failed);
            }
        }
        let PresenceOptions { half, path, seed, .. } = *options;
        Self { half, path, seed, species, bona_fide_by }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(species: Species, person: &str, ending: Ending) -> Judged {
        let buckets = [("skin", "a"), ("light", "b"), ("frame_rate", "c"), ("photo", "d"), ("screen", "e")];
        let reasons = if ending == Ending::Passed { vec![] } else { vec!["no".to_owned()] };
        Judged { species, buckets, session: Session { person: person.to_owned(), ending, reasons } }
    }

    #[test]
    fn species_are_counted_apart_and_by_person() {
        let options = PresenceOptions {
            people: "people".into(),
            half: Half::Development,
            path: Path::Flashes,
            species: Species::ALL.to_vec(),
            sessions: 4,
            seed: 1,
        };
        let sessions = [
            judged(Species::BonaFide, "a", Ending::Passed),
            judged(Species::BonaFide, "a", Ending::Retry),
            judged(Species::BonaFide, "b", Ending::Failed),
            judged(Species::BonaFide, "c", Ending::Passed),
            judged(Species::StillPhoto, "a", Ending::Failed),
            judged(Species::StillPhoto, "a", Ending::Passed),
            judged(Species::FaceSwap, "b", Ending::Failed),
            judged(Species::TwoPeople, "b", Ending::Refused),
            judged(Species::TwoPeople, "b", Ending::NotBegun),
        ];
        let report = PresenceReport::new(&options, &sessions);
        let bona_fide = &report.species["bona_fide"];
        assert_eq!((bona_fide.passed, bona_fide.retry, bona_fide.failed), (2, 1, 1));
        assert_eq!(bona_fide.bpcer.unwrap().rate, Some(0.25));
        assert_eq!((bona_fide.people_with_errors.errors, bona_fide.people_with_errors.of), (2, 3));
        assert_eq!((bona_fide.apcer, bona_fide.reasons["no"]), (None, 2));
        let still = &report.species["still_photo"];
        assert_eq!(still.apcer.unwrap().rate, Some(0.5));
        assert_eq!((still.people_with_errors.errors, still.people_with_errors.of), (1, 1));
        assert!(still.apcer.unwrap().interval.unwrap().high > 0.98);
        assert_eq!(report.species["face_swap"].apcer.unwrap().errors, 0);
        let pair = &report.species["two_people"];
        assert_eq!((pair.apcer.unwrap().errors, pair.no_response.errors), (0, 2));
        assert_eq!(report.bona_fide_by["skin"]["a"].sessions, 4);
    }
}
