//! `bench search`: what a search among many misses, and whether it raises as many false alarms as its threshold says.

use std::path::Path;

use app::{App, AppError};
use domain::{Fmr, Fpir, Similarity, TemplateIds};
use engine::face::compare::{Embedding, Template};
use engine::face::gallery::Gallery;
use engine::face::tail::{Basis, Tail, fmr_of_each};
use serde::Serialize;

use crate::face::{acquire, all_against_all};
use crate::identity::{Identities, IdentitySource};
use crate::rates::{Interval, SEED, SplitMix, bootstrap_by_person};
use crate::work::Progress;
use crate::{FacePair, LabError, tail};

/// Sizes of the galleries whose thresholds are judged.
const MEMBERS: [u64; 5] = [100, 1_000, 10_000, 100_000, 1_000_000];
/// Rates of single comparisons at which the tail is checked.
const FMRS: [f64; 5] = [1e-3, 1e-4, 1e-5, 3e-6, 1e-6];
/// Galleries that are searched in a check.
const GALLERIES: [usize; 4] = [50, 100, 200, 400];
/// False alarms that they are set for.
const FPIRS: [f64; 3] = [1e-1, 1e-2, 1e-3];
/// How often the people are halved anew, and how many galleries of each size are drawn from a half.
const SPLITS: usize = 5;
const DRAWS: usize = 10;

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub struct SearchReport {
    /// The calibration whose thresholds are judged.
    pub calibration: String,
    /// Photos in the lists.
    pub photos: usize,
    /// Photos in which no face was found, or that could not be decoded. They take no part.
    pub failed_to_acquire: usize,
    /// People in the lists.
    pub people: usize,
    /// People in the gallery that is searched for people who are in it: the first photo of each.
    pub enrolled: usize,
    /// What is missed at the threshold of each size, at the standard FPIR.
    pub misses: Vec<MissPoint>,
    /// The tail estimated on half of the people, against the other half.
    pub check: Check,
}

/// Searches for people who are in the gallery, with all their photos but the enrolled one.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct MissPoint {
    /// The gallery's size for which the threshold was set. The one that is searched is the same for all.
    pub members: u64,
    /// The rate of false alarms for which it was set.
    pub fpir: Fpir,
    /// False match rate of a single comparison.
    pub fmr: Fmr,
    /// The threshold as a cosine.
    pub cosine: f32,
    /// The same as a similarity.
    pub similarity: Similarity,
    /// What the rate rests on.
    pub basis: Basis,
    /// Searches.
    pub searches: usize,
    /// Searches that did not find the person (ISO/IEC 19795-1: false negative identifications).
    pub misses: usize,
    /// Those of them that found somebody else.
    pub found_another: usize,
    /// Share of the misses.
    pub fnir: f64,
    /// Its 95 % interval, by people.
    pub interval: Interval,
}

/// Predictions of a tail that was estimated on half of the people, and what the other half does. Sums over several
/// random halvings, each used both ways round; the counts of different halvings are not independent.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// Times that a half was predicted from the other.
    pub halves: usize,
    /// Impostor pairs in all the halves that were predicted.
    pub impostor_pairs: usize,
    /// The tails that were estimated: least and greatest decay used.
    pub decay: [f64; 2],
    /// False matches of single comparisons.
    pub comparisons: Vec<FmrPoint>,
    /// False alarms of searches for people who are not in the gallery.
    pub searches: Vec<FpirPoint>,
}

/// False matches at the cosine of one rate.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct FmrPoint {
    /// The rate.
    pub fmr: f64,
    /// False matches that this allows.
    pub allowed: f64,
    /// False matches that were found.
    pub found: usize,
}

/// False alarms at the threshold of one size and rate.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct FpirPoint {
    /// Size of the galleries.
    pub members: usize,
    /// The rate for which the threshold was set.
    pub fpir: f64,
    /// Searches.
    pub searches: usize,
    /// False alarms that the rate allows.
    pub allowed: f64,
    /// False alarms that there were.
    pub found: usize,
}

/// Measures on the photos of `pairs`, whose paths are relative to `root`.
///
/// # Errors
/// [`LabError::PeopleUnknown`], [`LabError::TooFewToCheck`], [`LabError::NoSuchPhoto`], and failures of the engine.
pub fn measure(
    app: &App,
    pairs: &[FacePair],
    root: &Path,
    threads: usize,
    progress: &dyn Progress,
) -> Result<SearchReport, LabError> {
    let identities = Identities::of(pairs);
    if identities.source != IdentitySource::Folders {
        return Err(LabError::PeopleUnknown);
    }
    let (acquired, _) = acquire(app, &identities.photos, root, threads, progress)?;
    let calibration = app.engine().calibration();
    let ids = calibration.template_ids();
    let failed_to_acquire = acquired.iter().filter(|photo| photo.embedding.is_none()).count();
    let faces = Faces {
        templates: acquired
            .into_iter()
            .map(|photo| photo.embedding.map(|embedding| Template { ids: ids.clone(), embedding }))
            .collect(),
        ids,
        identities,
    };
    let thresholds = MEMBERS.map(|members| (members, calibration.search_threshold(members, Fpir::STANDARD)));
    let everyone: Vec<usize> = (0..faces.identities.people).collect();
    let gallery = faces.gallery(&everyone)?;
    let mut points = Vec::new();
    for (members, threshold) in thresholds {
        let counted = faces.misses(&gallery, threshold.cosine)?;
        let [misses, searches] =
            counted.by_person.iter().fold([0, 0], |sum, one| [sum[0] + one.0, sum[1] + one.1]);
        let Some(interval) = bootstrap_by_person(&counted.by_person) else { continue };
        points.push(MissPoint {
            members,
            fpir: Fpir::STANDARD,
            fmr: threshold.fmr,
            cosine: threshold.cosine,
            similarity: threshold.similarity,
            basis: threshold.basis,
            searches: searches as usize,
            misses: misses as usize,
            found_another: counted.found_another,
            fnir: f64::from(misses) / f64::from(searches),
            interval,
        });
    }
    Ok(SearchReport {
        calibration: calibration.id.clone(),
        photos: faces.templates.len(),
        failed_to_acquire,
        people: faces.identities.people,
        enrolled: gallery.len(),
        misses: points,
        check: faces.check()?,
    })
}

struct Faces {
    identities: Identities,
    ids: TemplateIds,
    /// Of each photo.
    templates: Vec<Option<Template>>,
}

/// Misses and searches of each person.
struct Misses {
    by_person: Vec<(u32, u32)>,
    found_another: usize,
}

impl Faces {
    /// Photos with a template, and their people.
    fn photos(&self) -> impl Iterator<Item = (usize, &Template)> {
        let people = self.identities.person.iter().copied();
        people.zip(&self.templates).filter_map(|(person, template)| Some((person, template.as_ref()?)))
    }

    /// Whether each person is one of `people`.
    fn flags(&self, people: &[usize]) -> Vec<bool> {
        let mut flags = vec![false; self.identities.people];
        for person in people {
            flags[*person] = true;
        }
        flags
    }

    /// The first photo of each of `people`, under the person's number.
    fn gallery(&self, people: &[usize]) -> Result<Gallery<usize>, AppError> {
        let mut first: Vec<Option<&Template>> = vec![None; self.identities.people];
        for (person, template) in self.photos() {
            first[person].get_or_insert(template);
        }
        let mut gallery = Gallery::new(self.ids.clone());
        for person in people {
            if let Some(template) = first[*person] {
                gallery.insert(*person, template)?;
            }
        }
        Ok(gallery)
    }

    /// Searches with every photo but the first of each person.
    fn misses(&self, gallery: &Gallery<usize>, cosine: f32) -> Result<Misses, AppError> {
        let mut seen = vec![false; self.identities.people];
        let mut misses = Misses { by_person: vec![(0, 0); self.identities.people], found_another: 0 };
        for (person, template) in self.photos() {
            if !std::mem::replace(&mut seen[person], true) {
                continue;
            }
            let found = gallery.search(template, cosine)?.map(|hit| hit.key);
            misses.by_person[person].0 += u32::from(found != Some(person));
            misses.by_person[person].1 += 1;
            misses.found_another += usize::from(found.is_some_and(|found| found != person));
        }
        misses.by_person.retain(|person| person.1 > 0);
        Ok(misses)
    }

    fn check(&self) -> Result<Check, LabError> {
        let mut check = Check {
            halves: 0,
            impostor_pairs: 0,
            decay: [f64::INFINITY, 0.0],
            comparisons: FMRS.map(|fmr| FmrPoint { fmr, allowed: 0.0, found: 0 }).into(),
            searches: GALLERIES
                .into_iter()
                .flat_map(|members| {
                    FPIRS.map(|fpir| FpirPoint { members, fpir, searches: 0, allowed: 0.0, found: 0 })
                })
                .collect(),
        };
        let mut random = SplitMix(SEED);
        for _ in 0..SPLITS {
            let mut people: Vec<usize> = (0..self.identities.people).collect();
            random.shuffle(&mut people);
            let (a, b) = people.split_at(people.len() / 2);
            for (fitted, judged) in [(a, b), (b, a)] {
                let tail = self.fit(fitted)?;
                check.halves += 1;
                check.decay = [check.decay[0].min(tail.decay), check.decay[1].max(tail.decay)];
                self.compare(&tail, judged, &mut check);
                self.search_for_others(&tail, judged, &mut random, &mut check.searches)?;
            }
        }
        Ok(check)
    }

    /// The photos of `people`; `None` for those of others.
    fn embeddings(&self, people: &[usize]) -> Vec<Option<&Embedding>> {
        let is_one = self.flags(people);
        let photos = self.templates.iter().zip(&self.identities.person);
        photos
            .map(|(template, person)| template.as_ref().filter(|_| is_one[*person]).map(|t| &t.embedding))
            .collect()
    }

    fn fit(&self, people: &[usize]) -> Result<Tail, LabError> {
        let embeddings = self.embeddings(people);
        let impostors = all_against_all(&self.identities, &embeddings).impostors;
        tail::fit(&self.identities, &embeddings, &impostors)
            .ok_or(LabError::TooFewToCheck { found: impostors.len() })
    }

    fn compare(&self, tail: &Tail, people: &[usize], check: &mut Check) {
        let impostors = all_against_all(&self.identities, &self.embeddings(people)).impostors;
        check.impostor_pairs += impostors.len();
        for point in &mut check.comparisons {
            let cosine = tail.cosine_at(Fmr(point.fmr));
            point.allowed += point.fmr * impostors.len() as f64;
            point.found += impostors.partition_point(|score| *score >= cosine);
        }
    }

    /// Galleries of some of `people`, searched with all photos of the rest of them.
    fn search_for_others(
        &self,
        tail: &Tail,
        people: &[usize],
        random: &mut SplitMix,
        points: &mut [FpirPoint],
    ) -> Result<(), AppError> {
        for points in points.chunk_by_mut(|a, b| a.members == b.members) {
            for _ in 0..DRAWS {
                let mut people = people.to_vec();
                random.shuffle(&mut people);
                let (enrolled, others) = people.split_at(points[0].members.min(people.len()));
                let gallery = self.gallery(enrolled)?;
                let is_other = self.flags(others);
                let best = self
                    .photos()
                    .filter(|(person, _)| is_other[*person])
                    .map(|(_, probe)| Ok(gallery.search(probe, -1.0)?.map_or(-1.0, |hit| hit.cosine)));
                let best: Vec<f32> = best.collect::<Result<_, AppError>>()?;
                for point in &mut *points {
                    let Some(fpir) = Fpir::new(point.fpir) else { continue };
                    let cosine = tail.cosine_at(fmr_of_each(gallery.len() as u64, fpir));
                    point.searches += best.len();
                    point.allowed += point.fpir * best.len() as f64;
                    point.found += best.iter().filter(|best| **best >= cosine).count();
                }
            }
        }
        Ok(())
    }
}
