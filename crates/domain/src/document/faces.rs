//! Several pictures of one face, taken within a second, and the portrait that they are compared with.

use serde::{Deserialize, Serialize};

use super::DocumentPolicy;
use crate::{LivenessSignal, Outcome, PhotoEvidence, QualitySignal, Similarity};

/// What was measured on one of the pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaceShot {
    /// The face in front.
    pub photo: PhotoEvidence,
    /// Whether it is a bona fide presentation; `None` without a face.
    pub liveness: Option<LivenessSignal>,
    /// How alike it is to the portrait; `None` where one of them shows no face.
    pub to_portrait: Option<Similarity>,
    /// The cosine behind it, -1..1.
    pub portrait_cosine: Option<f32>,
}

/// What was measured on two of the pictures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FacePair {
    /// Their places among the pictures.
    pub shots: [usize; 2],
    /// How alike the faces are; `None` where one of them shows none.
    pub similarity: Option<Similarity>,
    /// How much the pictures differ where they differ most, in levels of 255; as `engine::Grid` measures.
    pub difference: f32,
}

/// What was measured on all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FacesEvidence {
    /// The pictures, in their order.
    pub shots: Vec<FaceShot>,
    /// Each two of them once.
    pub pairs: Vec<FacePair>,
}

/// Why it is not shown that the holder of the portrait was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FacesFault {
    /// The picture at that place shows no face.
    NoFace(usize),
    /// The picture at that place shows several faces of similar size.
    SeveralFaces(usize),
    /// The face at that place is too small, blurred, dark or bright.
    Unclear(usize),
    /// Whether a live person was there can be told of none of the pictures.
    LivenessUnclear,
    /// Two of the pictures are one, or nearly: the places.
    Identical(usize, usize),
    /// The picture at that place does not show the person of the others.
    AnotherPerson(usize),
    /// None of the pictures shows the person of the portrait.
    NotTheHolder,
    /// The picture at that place is the portrait again.
    CopiesPortrait(usize),
    /// The picture at that place shows no live person.
    NotLive(usize),
}

impl FacesEvidence {
    fn pair(&self, one: usize, other: usize) -> Option<Similarity> {
        let is_asked = |pair: &&FacePair| pair.shots == [one, other] || pair.shots == [other, one];
        self.pairs.iter().find(is_asked).and_then(|pair| pair.similarity)
    }
}

impl DocumentPolicy {
    /// Everything that keeps the pictures of `faces` from showing the holder of the portrait alive, in the order of
    /// [`FacesFault`]; empty where they do. A head that is turned is no fault: people are asked to turn it.
    ///
    /// One picture must be like the portrait, by the threshold of every comparison; each other one like the portrait or
    /// like that one, since a turned head is less like any portrait. Of no picture may the detector of presentation
    /// attacks say or suspect one, and it must be able to judge at least one.
    pub fn faces_faults(&self, faces: &FacesEvidence) -> Vec<FacesFault> {
        let mut faults: Vec<FacesFault> =
            faces.shots.iter().enumerate().filter_map(|(place, shot)| self.shot_fault(place, shot)).collect();
        let all_can_be_judged = faults.is_empty();
        let outcomes = faces.shots.iter().map(|shot| match shot.liveness {
            Some(LivenessSignal::Scored { score }) => self.face.liveness.judge(score),
            Some(LivenessSignal::CouldNotTell { .. }) | None => Outcome::CouldNotTell,
        });
        let outcomes: Vec<Outcome> = outcomes.collect();
        let is_attack = |outcome: &Outcome| matches!(outcome, Outcome::Failed | Outcome::Borderline);
        let attacks = outcomes.iter().enumerate().filter(|(_, outcome)| is_attack(outcome));
        faults.extend(attacks.map(|(place, _)| FacesFault::NotLive(place)));
        let is_copy = |shot: &FaceShot| {
            shot.portrait_cosine.is_some_and(|cosine| cosine >= self.face.same_picture_cosine)
        };
        let copies = faces.shots.iter().enumerate().filter(|(_, shot)| is_copy(shot));
        faults.extend(copies.map(|(place, _)| FacesFault::CopiesPortrait(place)));
        if all_can_be_judged && outcomes.iter().all(|outcome| *outcome == Outcome::CouldNotTell) {
            faults.push(FacesFault::LivenessUnclear);
        }
        let same = faces.pairs.iter().filter(|pair| pair.difference < self.same_shot_under);
        faults.extend(same.map(|pair| FacesFault::Identical(pair.shots[0], pair.shots[1])));
        if all_can_be_judged {
            faults.extend(self.person_faults(faces));
        }
        faults.sort_unstable();
        faults
    }

    fn shot_fault(&self, place: usize, shot: &FaceShot) -> Option<FacesFault> {
        let Some(quality) = shot.photo.quality.filter(|_| shot.photo.faces > 0) else {
            return Some(FacesFault::NoFace(place));
        };
        if quality.single_face < self.face.quality.single_face {
            return Some(FacesFault::SeveralFaces(place));
        }
        // As if it looked straight ahead.
        let straight = QualitySignal { pose: 100, ..quality };
        let is_usable = self.face.unusable(crate::Role::Selfie, &straight).is_empty();
        (!is_usable).then_some(FacesFault::Unclear(place))
    }

    fn person_faults(&self, faces: &FacesEvidence) -> Vec<FacesFault> {
        let threshold = self.face.threshold();
        let is_same = |similarity: Option<Similarity>| similarity.is_some_and(|found| found >= threshold);
        let likeness = |place: &usize| faces.shots[*place].to_portrait.map_or(0.0, Similarity::get);
        let places = 0..faces.shots.len();
        let Some(best) = places.clone().max_by(|one, other| likeness(one).total_cmp(&likeness(other))) else {
            return vec![FacesFault::NotTheHolder];
        };
        let mut faults = Vec::new();
        if !is_same(faces.shots[best].to_portrait) {
            faults.push(FacesFault::NotTheHolder);
        }
        for place in places.filter(|place| *place != best) {
            if !is_same(faces.shots[place].to_portrait) && !is_same(faces.pair(best, place)) {
                faults.push(FacesFault::AnotherPerson(place));
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Blind;

    const GOOD: QualitySignal = QualitySignal {
        sharpness: 90,
        exposure: 90,
        size: 90,
        pose: 90,
        eyes: Some(90),
        occlusion: 90,
        single_face: 100,
        luminance: 120,
    };

    fn shot(to_portrait: f32, score: f32) -> FaceShot {
        FaceShot {
            photo: PhotoEvidence { faces: 1, quality: Some(GOOD) },
            liveness: Some(LivenessSignal::Scored { score }),
            to_portrait: Some(Similarity::clamped(to_portrait)),
            portrait_cosine: Some(0.6),
        }
    }

    fn sound() -> FacesEvidence {
        let pair = |one, other| FacePair {
            shots: [one, other],
            similarity: Some(Similarity::clamped(0.9)),
            difference: 20.0,
        };
        FacesEvidence {
            shots: vec![shot(0.8, 0.9), shot(0.9, 0.9), shot(0.8, 0.9)],
            pairs: vec![pair(0, 1), pair(0, 2), pair(1, 2)],
        }
    }

    fn faults(change: impl FnOnce(&mut FacesEvidence)) -> Vec<FacesFault> {
        let mut faces = sound();
        change(&mut faces);
        DocumentPolicy::STANDARD.faces_faults(&faces)
    }

    fn quality(shot: &mut FaceShot) -> &mut QualitySignal {
        shot.photo.quality.as_mut().unwrap()
    }

    #[test]
    fn the_holder_alive_in_three_poses_has_no_fault() {
        assert_eq!(faults(|_| {}), []);
        // One that is turned is less like the portrait, and the detector may not judge it.
        let turned = |faces: &mut FacesEvidence| {
            quality(&mut faces.shots[2]).pose = 0;
            faces.shots[2].to_portrait = Some(Similarity::clamped(0.4));
            faces.shots[2].liveness = Some(LivenessSignal::CouldNotTell { blind: Blind::HeadLeans });
        };
        assert_eq!(faults(turned), []);
    }

    #[test]
    fn every_fault_is_told_with_its_place() {
        let nobody = |faces: &mut FacesEvidence| {
            faces.shots[1] = FaceShot {
                photo: PhotoEvidence { faces: 0, quality: None },
                liveness: None,
                to_portrait: None,
                portrait_cosine: None,
            };
        };
        assert_eq!(faults(nobody), [FacesFault::NoFace(1)]);
        assert_eq!(
            faults(|faces| quality(&mut faces.shots[0]).single_face = 0),
            [FacesFault::SeveralFaces(0)]
        );
        for change in [
            (|quality| quality.size = 0) as fn(&mut QualitySignal),
            |quality| quality.sharpness = 0,
            |quality| quality.exposure = 0,
        ] {
            assert_eq!(faults(|faces| change(quality(&mut faces.shots[2]))), [FacesFault::Unclear(2)]);
        }
        for score in [0.1, 0.5] {
            let attack = |faces: &mut FacesEvidence| faces.shots[1] = shot(0.8, score);
            assert_eq!(faults(attack), [FacesFault::NotLive(1)], "{score}");
        }
        assert_eq!(faults(|faces| faces.pairs[1].difference = 0.0), [FacesFault::Identical(0, 2)]);
        let copy = |faces: &mut FacesEvidence| faces.shots[1].portrait_cosine = Some(0.99);
        assert_eq!(faults(copy), [FacesFault::CopiesPortrait(1)]);
    }

    #[test]
    fn the_detector_must_judge_one_picture_at_least() {
        let blind = |faces: &mut FacesEvidence| {
            for shot in &mut faces.shots {
                shot.liveness = Some(LivenessSignal::CouldNotTell { blind: Blind::FlatSurroundings });
            }
        };
        assert_eq!(faults(blind), [FacesFault::LivenessUnclear]);
    }

    #[test]
    fn all_pictures_show_the_holder_and_nobody_else() {
        let stranger = |faces: &mut FacesEvidence| {
            for shot in &mut faces.shots {
                shot.to_portrait = Some(Similarity::clamped(0.3));
            }
        };
        assert_eq!(faults(stranger), [FacesFault::NotTheHolder]);
        let another = |faces: &mut FacesEvidence| {
            faces.shots[0].to_portrait = Some(Similarity::clamped(0.3));
            faces.pairs[0].similarity = Some(Similarity::clamped(0.2));
        };
        assert_eq!(faults(another), [FacesFault::AnotherPerson(0)]);
        let without_portrait = |faces: &mut FacesEvidence| {
            for shot in &mut faces.shots {
                shot.to_portrait = None;
            }
        };
        assert!(faults(without_portrait).contains(&FacesFault::NotTheHolder));
    }
}
