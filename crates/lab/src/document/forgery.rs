//! How often signs of a forgery are seen, on forged and on genuine specimens.

use app::App;
use domain::{Day, ForgerySignal};
use media::Frame;
use serde::Serialize;

use super::attack::Kind;
use super::camera::Scene;
use super::location::mixed;
use super::specimen::{Layout, specimen};
use crate::LabError;
use crate::presence::Half;
use crate::presence::rates::clopper_pearson;
use crate::rates::Interval;
use crate::work::{Progress, map};

/// Score from which on a sign counts as seen.
pub const SEEN: f32 = 0.5;

/// What was seen on one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KindReport {
    /// What lay before the camera.
    pub kind: Kind,
    /// Photos.
    pub photos: usize,
    /// Of these, those that were read as a document; only these are judged.
    pub read: usize,
    /// The signs, one by one.
    pub signs: Vec<SignReport>,
    /// Photos with any sign.
    pub any: usize,
    /// The exact 95 % interval of their share of those read.
    pub any_bounds: Option<Interval>,
}

/// How often one sign was seen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SignReport {
    /// `screen`, `print`, `portrait`, `text`, `portrait_spliced` or `text_spliced`.
    pub sign: &'static str,
    /// Photos in which it could be judged.
    pub judged: usize,
    /// Of these, those with a score of at least [`SEEN`].
    pub seen: usize,
    /// The exact 95 % interval of that share: a detection rate for the kind it is meant for, a false-alarm rate for
    /// genuine documents.
    pub bounds: Option<Interval>,
    /// The scores, the highest first.
    pub scores: Vec<f32>,
}

/// One score of each sign, where it was judged.
type Scores = [Option<f32>; 6];

const SIGNS: [&str; 6] = ["screen", "print", "portrait", "text", "portrait_spliced", "text_spliced"];

/// Photographs `photos` specimens as each of `kinds`, reads them as any other picture, and counts the signs. Photo n has
/// the same specimen and the same scene in every kind. `portraits` are photos whose middle becomes the portrait, in turn;
/// without any faces are drawn.
///
/// # Errors
/// Failures of the engine.
pub fn measure_forgery(
    app: &App,
    half: Half,
    (seed, photos): (u64, usize),
    kinds: &[Kind],
    portraits: &[Frame],
    (today, threads): (Day, usize),
    progress: &dyn Progress,
) -> Result<Vec<KindReport>, LabError> {
    let all: Vec<(Kind, u64)> =
        kinds.iter().flat_map(|kind| (0..photos).map(|index| (*kind, mixed(seed, half, index)))).collect();
    let scores =
        map(&all, threads, progress, |(kind, seed)| judged(app, *kind, half, *seed, portraits, today))?;
    let reports = kinds.iter().map(|kind| {
        let own = all.iter().zip(&scores).filter(|((of, _), _)| of == kind);
        report(*kind, &own.map(|(_, scores)| *scores).collect::<Vec<_>>())
    });
    Ok(reports.collect())
}

/// The scores of one photo; `None` where no document was read.
fn judged(
    app: &App,
    kind: Kind,
    half: Half,
    seed: u64,
    portraits: &[Frame],
    today: Day,
) -> Result<Option<Scores>, LabError> {
    let portrait = |turn: u64| {
        let count = portraits.len().max(1) as u64;
        portraits.get((seed.wrapping_add(turn) % count) as usize)
    };
    let layout = if seed.is_multiple_of(2) { Layout::Card } else { Layout::Passport };
    let photo = specimen(layout, seed, portrait(0))
        .and_then(|drawn| kind.photographed(&drawn, &Scene::draw(half, seed), seed, portrait(1)));
    let Some(photo) = photo else { return Ok(None) };
    let evidence = app.read_document(&photo.frame, today)?.evidence;
    let ForgerySignal { screen, print, portrait, text, portrait_spliced, text_spliced } = evidence.forgery;
    let scores = [screen, print, portrait, text, portrait_spliced, text_spliced];
    Ok(evidence.template.is_some().then_some(scores))
}

fn report(kind: Kind, scores: &[Option<Scores>]) -> KindReport {
    let read: Vec<&Scores> = scores.iter().flatten().collect();
    let signs = SIGNS
        .into_iter()
        .enumerate()
        .map(|(index, sign)| {
            let mut judged: Vec<f32> = read.iter().filter_map(|scores| scores[index]).collect();
            let seen = judged.iter().filter(|score| **score >= SEEN).count();
            judged.sort_by(|a, b| b.total_cmp(a));
            let bounds = clopper_pearson(seen, judged.len());
            SignReport { sign, judged: judged.len(), seen, bounds, scores: judged }
        })
        .collect();
    let any = read.iter().filter(|scores| scores.iter().flatten().any(|score| *score >= SEEN)).count();
    KindReport {
        kind,
        photos: scores.len(),
        read: read.len(),
        signs,
        any,
        any_bounds: clopper_pearson(any, read.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_counted_and_what_was_not_judged_left_out() {
        let scores = [
            Some([Some(0.9), None, Some(0.1), None, None, None]),
            Some([Some(0.2), None, Some(0.1), Some(0.5), None, Some(0.6)]),
            None,
            Some([None; 6]),
        ];
        let report = report(Kind::Screen, &scores);
        assert_eq!((report.photos, report.read, report.any), (4, 3, 2));
        let counts: Vec<(usize, usize)> = report.signs.iter().map(|sign| (sign.seen, sign.judged)).collect();
        assert_eq!(counts, [(1, 2), (0, 0), (0, 2), (1, 1), (0, 0), (1, 1)]);
    }
}
