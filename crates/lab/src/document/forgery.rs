//! How often signs of a forgery are seen, on forged and on genuine specimens.

use engine::document::{forgery, locate, quality, rectify};
use engine::geometry::Rect;
use media::Frame;
use serde::Serialize;

use super::attack::Kind;
use super::camera::Scene;
use super::location::{farthest, mixed};
use super::specimen::{Layout, specimen};
use crate::presence::Half;
use crate::presence::rates::clopper_pearson;
use crate::rates::Interval;

/// Score from which on a sign counts as seen.
pub const SEEN: f32 = 0.5;

/// What was seen on one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KindReport {
    /// What lay before the camera.
    pub kind: Kind,
    /// Photos.
    pub photos: usize,
    /// Of these, those in which the document was found within 2 % of its diagonal; only these are judged.
    pub found: usize,
    /// The signs, one by one.
    pub signs: Vec<SignReport>,
    /// Photos with any sign.
    pub any: usize,
    /// The exact 95 % interval of their share of those found.
    pub any_bounds: Option<Interval>,
}

/// How often one sign was seen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SignReport {
    /// `screen`, `print`, `portrait` or `text`.
    pub sign: &'static str,
    /// Photos in which it could be judged.
    pub judged: usize,
    /// Of these, those with a score of at least [`SEEN`].
    pub seen: usize,
    /// The exact 95 % interval of that share: a detection rate for the kind it is meant for, a false-alarm rate for
    /// genuine documents.
    pub bounds: Option<Interval>,
}

const SIGNS: [&str; 4] = ["screen", "print", "portrait", "text"];

/// Photographs `photos` specimens as each of `kinds`, and looks for signs. Photo n has the same specimen and the same
/// scene in every kind. `portraits` are photos whose middle becomes the portrait, in turn; without any faces are drawn.
///
/// The boxes of the values and of the portrait are those that were drawn, not such as were read: what is told is the
/// signs' worth alone.
pub fn measure_forgery(
    half: Half,
    seed: u64,
    photos: usize,
    kinds: &[Kind],
    portraits: &[Frame],
) -> Vec<KindReport> {
    kinds
        .iter()
        .map(|kind| {
            let scores: Vec<Option<[Option<f32>; 4]>> =
                (0..photos).map(|index| judged(*kind, half, mixed(seed, half, index), portraits)).collect();
            report(*kind, &scores)
        })
        .collect()
}

/// The scores of one photo; `None` where the document was not found.
fn judged(kind: Kind, half: Half, seed: u64, portraits: &[Frame]) -> Option<[Option<f32>; 4]> {
    let portrait = |turn: u64| {
        let count = portraits.len().max(1) as u64;
        portraits.get((seed.wrapping_add(turn) % count) as usize)
    };
    let layout = if seed.is_multiple_of(2) { Layout::Card } else { Layout::Passport };
    let drawn = specimen(layout, seed, portrait(0))?;
    let photo = kind.photographed(&drawn, &Scene::draw(half, seed), seed, portrait(1))?;
    let located = locate(&photo.frame)?;
    let diagonal = photo.corners[0].distance(photo.corners[2]);
    if farthest(&located.corners, &photo.corners) > 0.02 * diagonal {
        return None;
    }
    // Which corner comes first is for others to tell: here it is known.
    let (width, height) = layout.size();
    let page = rectify(&photo.frame, &photo.corners, width / height, 1800)?;
    let quality = quality(&photo.frame, &located, &page.frame);
    let scale = (
        page.frame.width() as f32 / drawn.page.width() as f32,
        page.frame.height() as f32 / drawn.page.height() as f32,
    );
    let scaled = |bounds: Rect| Rect {
        x: bounds.x * scale.0,
        y: bounds.y * scale.1,
        width: bounds.width * scale.0,
        height: bounds.height * scale.1,
    };
    let texts: Vec<Rect> = drawn.fields.iter().map(|field| scaled(field.bounds)).collect();
    let signs = forgery(&photo.frame, &page, &quality, Some(scaled(drawn.portrait)), &texts);
    Some([signs.screen, signs.print, signs.portrait, signs.text])
}

fn report(kind: Kind, scores: &[Option<[Option<f32>; 4]>]) -> KindReport {
    let found: Vec<&[Option<f32>; 4]> = scores.iter().flatten().collect();
    let signs = SIGNS
        .into_iter()
        .enumerate()
        .map(|(index, sign)| {
            let judged: Vec<f32> = found.iter().filter_map(|scores| scores[index]).collect();
            let seen = judged.iter().filter(|score| **score >= SEEN).count();
            SignReport { sign, judged: judged.len(), seen, bounds: clopper_pearson(seen, judged.len()) }
        })
        .collect();
    let any = found.iter().filter(|scores| scores.iter().flatten().any(|score| *score >= SEEN)).count();
    KindReport {
        kind,
        photos: scores.len(),
        found: found.len(),
        signs,
        any,
        any_bounds: clopper_pearson(any, found.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_counted_and_what_was_not_judged_left_out() {
        let scores = [
            Some([Some(0.9), None, Some(0.1), None]),
            Some([Some(0.2), None, Some(0.1), Some(0.5)]),
            None,
            Some([None, None, None, None]),
        ];
        let report = report(Kind::Screen, &scores);
        assert_eq!((report.photos, report.found, report.any), (4, 3, 2));
        let counts: Vec<(usize, usize)> = report.signs.iter().map(|sign| (sign.seen, sign.judged)).collect();
        assert_eq!(counts, [(1, 2), (0, 0), (0, 2), (1, 1)]);
    }

    #[test]
    fn a_photo_is_the_same_each_time() {
        let once = measure_forgery(Half::Development, 4, 1, &[Kind::TextPasted], &[]);
        assert_eq!(once, measure_forgery(Half::Development, 4, 1, &[Kind::TextPasted], &[]));
    }
}
