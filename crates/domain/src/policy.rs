//! The rules that turn measurements into checks.

use crate::{
    Assessment, Check, CheckName, ClipLimits, ClipPolicy, ClipSignal, ComparisonSignal, Demand, Evidence,
    LivenessSignal, Outcome, PhotoEvidence, QualitySignal, Reason, Role, SearchSignal, Similarity,
    SpeechPolicy,
};

/// Two thresholds: a score of at least `pass` passes, one under `fail` fails, one between them is borderline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Lowest score that passes.
    pub pass: f32,
    /// Scores under this fail.
    pub fail: f32,
}

impl Band {
    pub(crate) fn judge(self, score: f32) -> Outcome {
        if score >= self.pass {
            Outcome::Passed
        } else if score >= self.fail {
            Outcome::Borderline
        } else {
            Outcome::Failed
        }
    }
}

/// Lowest quality components, 0..100, at which a face still counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QualityLimits {
    /// Under this the face is too blurred to be compared.
    pub sharpness: u8,
    /// Under this it is too dark or too bright.
    pub exposure: u8,
    /// Under this it has too few pixels.
    pub size: u8,
    /// Under this it is turned too far away.
    pub pose: u8,
    /// Under this a selfie with closed eyes is borderline: a sleeping person does not consent.
    pub eyes: u8,
    /// Under this something probably covers the face.
    pub occlusion: u8,
    /// Under this it is not clear which face is meant.
    pub single_face: u8,
}

/// A versioned set of thresholds. A decision names the version under which it was made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// Name of this set; changes with any threshold.
    pub version: &'static str,
    /// Comparison scores.
    pub similarity: Band,
    /// Liveness scores.
    pub liveness: Band,
    /// Qualities.
    pub quality: QualityLimits,
    /// From this cosine on, two pictures are one and the same. Other photos of one person stay well under it.
    pub same_picture_cosine: f32,
    /// Selfies that were filmed.
    pub clip: ClipPolicy,
    /// Tokens that are said in them.
    pub speech: SpeechPolicy,
}

impl Policy {
    /// The policy of [`Evidence`] from one reference and one selfie.
    pub const STANDARD: Policy = Policy {
        version: "verify-2026-11.6",
        similarity: Band { pass: 0.65, fail: 0.5 },
        liveness: Band { pass: 0.7, fail: 0.3 },
        quality: QualityLimits {
            // The similarity with a sharp copy of the same photo falls under a cosine of 0.6 there.
            sharpness: 14,
            // Mean luma 14, or 60 % of the face burnt out.
            exposure: 10,
            // Eyes 16 px apart: fewer, and photos begin to fall under a cosine of 0.8 with their full-size copy.
            size: 27,
            // 50 degrees of yaw, 39 of pitch.
            pose: 20,
            // Both eyes closed at 0.8: 9 of 300 LFW photos, most of them squinting or looking down.
            eyes: 20,
            // Three real masks of three score 6 to 27; of 600 bare LFW faces 5 wrongly score under 50.
            occlusion: 30,
            single_face: 50,
        },
        same_picture_cosine: 0.985,
        clip: ClipPolicy {
            judged: 2,
            presentation: Band { pass: 0.7, fail: 0.3 },
            without_face: 0.3,
            several_faces: 0.2,
            compared: 2,
            // As for live captures, see `PresencePolicy::STANDARD`.
            person: Band { pass: 0.5, fail: 0.3 },
            // All of these from the development half of `bench video`, 2026-11-22: 9 cuts of 5 people and as many attacks of
            // each kind, in which bona fide clips stand still for 160 ms at most, recur from 1.35 on, change by 4.3 at most
            // and have patterns of up to 10.1 dB. Frozen seconds stand 880 ms at least, splices change by 33 or more; one of 9
            // replays has a pattern of more than 10 dB, 22. The others of 47 cuts of 22 people (2026-11-23): bona fide clips
            // recur from 0.83 on and loops up to 0.79 but for one (0.97); move within from 0.0109 on but for one (0.0049)
            // and moved photos up to 0.0082 but for three without surroundings; flicker by 0.00041 at most but for one
            // person (0.0014) and replays by 0.0005 or more but for three.
            limits: ClipLimits {
                least: (1_000, 10),
                still_ms: 500,
                recurrence: 0.8,
                cut: 10.0,
                within: 0.009,
                depth: 0.2,
                moire_db: 14.0,
                flicker: 0.000_5,
            },
        },
        speech: SpeechPolicy::STANDARD,
    };

    /// The similarity from which on two faces are one person's.
    pub fn threshold(&self) -> Similarity {
        Similarity::clamped(self.similarity.pass)
    }

    /// Everything that can be asked of a reference and a selfie alone, at this policy's own threshold.
    pub fn full_demand(&self) -> Demand {
        Demand { similarity: Some(self.threshold()), liveness: true, ..Demand::NOTHING }
    }

    /// Turns measurements into checks of everything and a decision. Total: any evidence has an assessment.
    pub fn assess(&self, evidence: &Evidence) -> Assessment {
        self.assess_for(&self.full_demand(), evidence)
    }

    /// Turns measurements into the checks that `demand` asks for and a decision.
    ///
    /// A similarity under the threshold of `demand` is borderline while this policy does not fail it.
    pub fn assess_for(&self, demand: &Demand, evidence: &Evidence) -> Assessment {
        let pass = demand.similarity.unwrap_or(self.threshold()).get();
        let band = Band { pass, fail: self.similarity.fail.min(pass) };
        let reference = self.usable(Role::Reference, &evidence.reference);
        let selfie = match evidence.clip {
            Some(ClipSignal::Unreadable) => Check {
                name: CheckName::SelfieUsable,
                outcome: Outcome::CouldNotTell,
                reasons: vec![Reason::VideoUnreadable],
            },
            _ => self.usable(Role::Selfie, &evidence.selfie),
        };
        let is_usable = selfie.outcome != Outcome::CouldNotTell;
        let comparable = reference.outcome != Outcome::CouldNotTell && is_usable;
        let checks = [
            reference,
            selfie,
            Self::unlisted(evidence.search.filter(|_| is_usable)),
            Self::same_person(band, evidence.comparison.filter(|_| comparable)),
            self.new_picture(evidence.comparison),
            match evidence.clip {
                Some(ClipSignal::Watched(clip)) => {
                    let (outcome, reasons) = self.clip.judge(&clip);
                    Check { name: CheckName::Liveness, outcome, reasons }
                }
                Some(ClipSignal::Unreadable) | None => self.bona_fide(evidence.liveness),
            },
            self.said(demand, evidence),
        ];
        let asked = demand.questions();
        Assessment::conclude(
            self.version,
            checks.into_iter().filter(|check| asked.contains(&check.name)).collect(),
        )
    }

    /// Why a face of this quality cannot be compared; empty when it can.
    pub fn unusable(&self, role: Role, quality: &QualitySignal) -> Vec<Reason> {
        let limits = &self.quality;
        let exposure = if quality.luminance < 128 { Reason::TooDark(role) } else { Reason::TooBright(role) };
        [
            (quality.single_face < limits.single_face, Reason::SeveralFaces(role)),
            (quality.size < limits.size, Reason::FaceTooSmall(role)),
            (quality.sharpness < limits.sharpness, Reason::Blurred(role)),
            (quality.exposure < limits.exposure, exposure),
            (quality.pose < limits.pose, Reason::TurnedAway(role)),
        ]
        .into_iter()
        .filter_map(|(is_unusable, reason)| is_unusable.then_some(reason))
        .collect()
    }

    fn usable(&self, role: Role, photo: &PhotoEvidence) -> Check {
        let name = match role {
            Role::Reference => CheckName::ReferenceUsable,
            Role::Selfie => CheckName::SelfieUsable,
        };
        let Some(quality) = photo.quality.as_ref().filter(|_| photo.faces > 0) else {
            return Check { name, outcome: Outcome::CouldNotTell, reasons: vec![Reason::NoFace(role)] };
        };
        let unusable = self.unusable(role, quality);
        if !unusable.is_empty() {
            return Check { name, outcome: Outcome::CouldNotTell, reasons: unusable };
        }
        let mut doubts = Vec::new();
        // The reference was accepted by somebody before; only the person in front of the camera can open their eyes.
        if role == Role::Selfie && quality.eyes.is_some_and(|eyes| eyes < self.quality.eyes) {
            doubts.push(Reason::EyesClosed(role));
        }
        if quality.occlusion < self.quality.occlusion {
            doubts.push(Reason::Covered(role));
        }
        let outcome = if doubts.is_empty() { Outcome::Passed } else { Outcome::Borderline };
        Check { name, outcome, reasons: doubts }
    }

    /// `None` where there was no face to look for, or none that can be compared: what stands at the selfie then says why.
    /// A list without members has nobody on it.
    fn unlisted(search: Option<SearchSignal>) -> Check {
        let (outcome, reasons) = match search {
            None => (Outcome::CouldNotTell, vec![]),
            Some(SearchSignal { matched: Some(_), .. }) => (Outcome::Failed, vec![Reason::FaceInBlocklist]),
            Some(_) => (Outcome::Passed, vec![]),
        };
        Check { name: CheckName::Blocklist, outcome, reasons }
    }

    /// `None` where the photos could not be compared: what stands at the photo then says why.
    fn same_person(band: Band, comparison: Option<ComparisonSignal>) -> Check {
        let outcome =
            comparison.map_or(Outcome::CouldNotTell, |comparison| band.judge(comparison.similarity.get()));
        let reasons = match outcome {
            Outcome::Borderline => vec![Reason::FacesNotAlikeEnough],
            Outcome::Failed => vec![Reason::FacesDiffer],
            Outcome::Passed | Outcome::CouldNotTell => vec![],
        };
        Check { name: CheckName::Similarity, outcome, reasons }
    }

    fn new_picture(&self, comparison: Option<ComparisonSignal>) -> Check {
        let (outcome, reasons) = match comparison {
            None => (Outcome::CouldNotTell, vec![]),
            Some(comparison) if comparison.cosine >= self.same_picture_cosine => {
                (Outcome::Borderline, vec![Reason::SelfieCopiesReference])
            }
            Some(_) => (Outcome::Passed, vec![]),
        };
        Check { name: CheckName::SelfieIsNew, outcome, reasons }
    }

    /// `None` where there was no sound to be read; where the pictures could not be read either, the selfie says so.
    fn said(&self, demand: &Demand, evidence: &Evidence) -> Check {
        if let (Some(precision), Some(signal)) = (demand.speech, &evidence.speech) {
            return self.speech.check(signal, precision);
        }
        let reasons = match evidence.clip {
            Some(ClipSignal::Watched(_)) => vec![Reason::VideoUnreadable],
            Some(ClipSignal::Unreadable) | None => vec![],
        };
        Check { name: CheckName::SpeechMatch, outcome: Outcome::CouldNotTell, reasons }
    }

    fn bona_fide(&self, liveness: Option<LivenessSignal>) -> Check {
        let (outcome, reasons) = match liveness {
            None => (Outcome::CouldNotTell, vec![]),
            Some(LivenessSignal::CouldNotTell { blind }) => {
                (Outcome::CouldNotTell, vec![Reason::LivenessBlind(blind)])
            }
            Some(LivenessSignal::Scored { score }) => match self.liveness.judge(score) {
                Outcome::Failed => (Outcome::Failed, vec![Reason::PresentationAttack]),
                Outcome::Borderline => (Outcome::Borderline, vec![Reason::LivenessUncertain]),
                outcome => (outcome, vec![]),
            },
        };
        Check { name: CheckName::Liveness, outcome, reasons }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Blind, Decision, EnrollmentId, Fpir, MinimumPrecision, SpeechScore, SpeechSignal};

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

    fn evidence(similarity: f32, liveness: LivenessSignal) -> Evidence {
        let photo = PhotoEvidence { faces: 1, quality: Some(GOOD) };
        Evidence {
            reference: photo.clone(),
            selfie: photo,
            comparison: Some(ComparisonSignal {
                similarity: Similarity::clamped(similarity),
                cosine: similarity * 0.6,
                fmr_at_threshold: None,
            }),
            liveness: Some(liveness),
            clip: None,
            search: None,
            speech: None,
        }
    }

    fn live(score: f32) -> LivenessSignal {
        LivenessSignal::Scored { score }
    }

    fn codes(assessment: &Assessment) -> Vec<String> {
        assessment.reasons.iter().map(|reason| reason.code()).collect()
    }

    #[test]
    fn a_live_person_like_the_reference_is_allowed() {
        let assessment = Policy::STANDARD.assess(&evidence(0.65, live(0.7)));
        assert_eq!(assessment.decision, Some(Decision::Allow));
        assert!(assessment.reasons.is_empty() && !assessment.retry_helps);
        assert!(assessment.checks.iter().all(|check| check.outcome == Outcome::Passed));
    }

    #[test]
    fn another_person_is_denied_however_live() {
        let assessment = Policy::STANDARD.assess(&evidence(0.49, live(1.0)));
        assert_eq!(assessment.decision, Some(Decision::Deny));
        assert_eq!(codes(&assessment), ["faces_differ"]);
        assert!(!assessment.retry_helps);
    }

    #[test]
    fn an_attack_is_denied_however_alike() {
        let assessment = Policy::STANDARD.assess(&evidence(0.9, live(0.1)));
        assert_eq!(assessment.decision, Some(Decision::Deny));
        assert_eq!(codes(&assessment), ["presentation_attack"]);
    }

    #[test]
    fn scores_between_the_thresholds_are_challenged() {
        let assessment = Policy::STANDARD.assess(&evidence(0.6, live(0.5)));
        assert_eq!(assessment.decision, Some(Decision::Challenge));
        assert_eq!(codes(&assessment), ["faces_not_alike_enough", "liveness_uncertain"]);
        assert!(assessment.retry_helps);
    }

    #[test]
    fn a_blind_detector_leaves_the_decision_open() {
        let blind = LivenessSignal::CouldNotTell { blind: Blind::NoSurroundings };
        let assessment = Policy::STANDARD.assess(&evidence(0.9, blind));
        assert_eq!(assessment.decision, None);
        assert_eq!(codes(&assessment), ["liveness_no_surroundings"]);
        assert!(assessment.retry_helps);
        let other_person = Policy::STANDARD.assess(&evidence(0.1, blind));
        assert_eq!(other_person.decision, Some(Decision::Deny));
    }

    #[test]
    fn a_photo_without_a_face_leaves_the_decision_open() {
        let mut nobody = evidence(0.9, live(1.0));
        nobody.reference = PhotoEvidence { faces: 0, quality: None };
        nobody.comparison = None;
        let assessment = Policy::STANDARD.assess(&nobody);
        assert_eq!(assessment.decision, None);
        assert_eq!(codes(&assessment), ["reference_no_face"]);
    }

    #[test]
    fn a_bad_photo_is_no_proof_of_another_person() {
        for (quality, code) in [
            (QualitySignal { sharpness: 5, ..GOOD }, "selfie_blurred"),
            (QualitySignal { exposure: 5, luminance: 20, ..GOOD }, "selfie_too_dark"),
            (QualitySignal { exposure: 5, luminance: 240, ..GOOD }, "selfie_too_bright"),
            (QualitySignal { size: 5, ..GOOD }, "selfie_face_too_small"),
            (QualitySignal { pose: 5, ..GOOD }, "selfie_turned_away"),
            (QualitySignal { single_face: 5, ..GOOD }, "selfie_several_faces"),
        ] {
            let mut bad = evidence(0.1, live(1.0));
            bad.selfie.quality = Some(quality);
            let assessment = Policy::STANDARD.assess(&bad);
            assert_eq!(assessment.decision, None);
            assert_eq!(codes(&assessment), [code]);
        }
    }

    #[test]
    fn only_evidence_about_the_person_speaks_against_them() {
        let against =
            |evidence: &Evidence| Assessment::speaks_against(&Policy::STANDARD.assess(evidence).checks);
        let blind = LivenessSignal::CouldNotTell { blind: Blind::NoSurroundings };
        let mut copy = evidence(1.0, live(1.0));
        copy.comparison = copy.comparison.map(|comparison| ComparisonSignal { cosine: 1.0, ..comparison });
        for guess in [evidence(0.1, live(1.0)), evidence(0.6, live(1.0)), evidence(0.9, live(0.1)), copy] {
            assert!(against(&guess), "{guess:?}");
        }
        let with = |quality| {
            let mut bad = evidence(0.1, live(1.0));
            bad.selfie.quality = quality;
            bad
        };
        let blurred = with(Some(QualitySignal { sharpness: 5, ..GOOD }));
        for honest in [evidence(0.9, live(1.0)), evidence(0.9, blind), blurred, with(None)] {
            assert!(!against(&honest), "{honest:?}");
        }
        // A bad photo is no way to try masks for free.
        let mut mask = with(Some(QualitySignal { sharpness: 5, ..GOOD }));
        mask.liveness = Some(live(0.1));
        assert!(against(&mask));
    }

    #[test]
    fn closed_eyes_and_a_covered_face_are_challenged() {
        let mut doubtful = evidence(0.9, live(1.0));
        doubtful.selfie.quality = Some(QualitySignal { eyes: Some(5), occlusion: 5, ..GOOD });
        let assessment = Policy::STANDARD.assess(&doubtful);
        assert_eq!(assessment.decision, Some(Decision::Challenge));
        assert_eq!(codes(&assessment), ["selfie_eyes_closed", "selfie_face_covered"]);
    }

    #[test]
    fn the_reference_itself_is_no_selfie() {
        let mut copy = evidence(1.0, live(1.0));
        copy.comparison = copy.comparison.map(|comparison| ComparisonSignal { cosine: 1.0, ..comparison });
        let assessment = Policy::STANDARD.assess(&copy);
        assert_eq!(assessment.decision, Some(Decision::Challenge));
        assert_eq!(codes(&assessment), ["selfie_copies_reference"]);
    }

    fn search(matched: bool) -> SearchSignal {
        SearchSignal {
            members: 10,
            left_out: 0,
            nearest: Some(Similarity::clamped(0.9)),
            threshold: Similarity::clamped(0.65),
            threshold_cosine: 0.4,
            fpir: Fpir::STANDARD,
            is_measured: true,
            matched: matched.then_some(EnrollmentId::from_bytes([1; 16])),
        }
    }

    #[test]
    fn a_face_of_the_blocklist_is_denied_whatever_else() {
        let policy = Policy::STANDARD;
        let only = Demand { blocklist: Some(Fpir::STANDARD), ..Demand::NOTHING };
        let all = Demand { blocklist: Some(Fpir::STANDARD), ..policy.full_demand() };
        for demand in [only, all] {
            let mut evidence = evidence(0.9, live(1.0));
            assert_eq!(policy.assess_for(&demand, &evidence).decision, None, "nobody looked");
            evidence.search = Some(search(false));
            assert_eq!(policy.assess_for(&demand, &evidence).decision, Some(Decision::Allow));
            evidence.search = Some(SearchSignal { members: 0, nearest: None, ..search(false) });
            assert_eq!(policy.assess_for(&demand, &evidence).decision, Some(Decision::Allow));
            evidence.search = Some(search(true));
            let assessment = policy.assess_for(&demand, &evidence);
            assert_eq!(assessment.decision, Some(Decision::Deny));
            assert_eq!(codes(&assessment), ["face_in_blocklist"]);
            assert!(!assessment.retry_helps && Assessment::speaks_against(&assessment.checks));
            evidence.selfie.quality = Some(QualitySignal { sharpness: 5, ..GOOD });
            let assessment = policy.assess_for(&demand, &evidence);
            assert_eq!((assessment.decision, codes(&assessment)), (None, vec!["selfie_blurred".to_owned()]));
        }
        assert_eq!(
            policy.assess(&Evidence { search: Some(search(true)), ..evidence(0.9, live(1.0)) }).decision,
            Some(Decision::Allow)
        );
    }

    #[test]
    fn only_what_is_asked_is_checked() {
        let policy = Policy::STANDARD;
        let alike_but_fake = evidence(0.7, live(0.0));
        let similarity = Demand { similarity: Some(Similarity::clamped(0.8)), ..Demand::NOTHING };
        let assessment = policy.assess_for(&similarity, &alike_but_fake);
        assert_eq!(assessment.decision, Some(Decision::Challenge));
        assert_eq!(codes(&assessment), ["faces_not_alike_enough"]);
        let lower = Demand { similarity: Some(Similarity::clamped(0.4)), ..Demand::NOTHING };
        assert_eq!(policy.assess_for(&lower, &evidence(0.41, live(0.0))).decision, Some(Decision::Allow));
        assert_eq!(policy.assess_for(&lower, &evidence(0.39, live(0.0))).decision, Some(Decision::Deny));
        let liveness = Demand { liveness: true, ..Demand::NOTHING };
        assert_eq!(policy.assess_for(&liveness, &evidence(0.1, live(0.9))).decision, Some(Decision::Allow));
        assert_eq!(policy.assess_for(&liveness, &alike_but_fake).decision, Some(Decision::Deny));
    }

    #[test]
    fn a_token_is_a_question_of_its_own() {
        let policy = Policy::STANDARD;
        let demand = Demand { speech: Some(MinimumPrecision::High), ..policy.full_demand() };
        let said = SpeechScore {
            odds: 4.0,
            evidence: -1.0,
            rival: -6.0,
            no_speech: 0.2,
            language: 0.7,
            other_language: 0.1,
        };
        let heard = |score| SpeechSignal { heard_ms: 900, active_ms: 500, voiced_ms: 400, score };
        let with = |speech| policy.assess_for(&demand, &Evidence { speech, ..evidence(0.9, live(1.0)) });
        assert_eq!(with(Some(heard(Some(said)))).decision, Some(Decision::Allow));
        assert_eq!(with(None).decision, None, "nobody listened");
        let silent = with(Some(heard(None)));
        assert_eq!((silent.decision, codes(&silent)), (None, vec!["speech_silence".to_owned()]));
        let other = with(Some(heard(Some(SpeechScore { odds: -4.0, ..said }))));
        assert_eq!(
            (other.decision, codes(&other)),
            (Some(Decision::Deny), vec!["speech_other_token".to_owned()])
        );
        assert!(other.retry_helps && Assessment::speaks_against(&other.checks));
        let doubt = with(Some(heard(Some(SpeechScore { odds: 0.5, ..said }))));
        assert_eq!(
            (doubt.decision, codes(&doubt)),
            (Some(Decision::Challenge), vec!["speech_uncertain".to_owned()])
        );
        // Who says it right is no less a stranger for it.
        let stranger = Evidence { speech: Some(heard(Some(said))), ..evidence(0.1, live(1.0)) };
        assert_eq!(policy.assess_for(&demand, &stranger).decision, Some(Decision::Deny));
        assert_eq!(policy.assess(&evidence(0.9, live(1.0))).decision, Some(Decision::Allow), "not asked");
    }

    proptest! {
        #[test]
        fn nothing_is_allowed_without_every_check(
            similarity in 0.0_f32..=1.0, score in 0.0_f32..=1.0, component in 0_u8..=100,
            reference_faces in 0_usize..3, compared in any::<bool>(), judged in any::<bool>(),
        ) {
            let mut evidence = evidence(similarity, live(score));
            evidence.reference.faces = reference_faces;
            evidence.selfie.quality = Some(QualitySignal { sharpness: component, ..GOOD });
            if !compared { evidence.comparison = None; }
            if !judged { evidence.liveness = None; }
            let policy = Policy::STANDARD;
            let assessment = policy.assess(&evidence);
            let all_good = compared && judged && reference_faces > 0 && similarity >= policy.similarity.pass
                && score >= policy.liveness.pass && component >= policy.quality.sharpness;
            prop_assert_eq!(assessment.decision == Some(Decision::Allow), all_good);
        }
    }
}
