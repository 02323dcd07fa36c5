//! An Egyptian identity card and its holder.

use super::super::{DocumentAssessment, DocumentCheckName, DocumentEvidence, DocumentReason, FacesFault};
use super::{Answer, Day, DocumentPolicy, ImageKind, check};
use crate::egypt::{CardFault, CardText};
use crate::{Decision, Timestamp};

impl DocumentPolicy {
    /// Turns what was measured on both sides of an Egyptian card and on several pictures of a face into checks and a
    /// decision. Total, as [`assess`](Self::assess).
    ///
    /// Nobody looks at what is not clear: whoever is not allowed has other pictures of the face made, or is denied.
    pub fn assess_card(&self, evidence: &DocumentEvidence, now: Timestamp) -> DocumentAssessment {
        use DocumentCheckName as Name;
        let faults = evidence.faces.as_ref().map(|faces| self.faces_faults(faces));
        let checks = vec![
            check(Name::Validation, validation(evidence, Day::of(now))),
            check(Name::Matching, matching(faults.as_deref())),
            check(Name::BiometricLiveness, biometric_liveness(faults.as_deref())),
        ];
        let has = |answer| checks.iter().any(|check| check.answer == Some(answer));
        let decision = if has(Decision::Deny) {
            Decision::Deny
        } else if checks.iter().all(|check| check.answer == Some(Decision::Allow)) {
            Decision::Allow
        } else {
            Decision::Challenge
        };
        let retake =
            if faults.is_none_or(|faults| faults.is_empty()) { vec![] } else { vec![ImageKind::Selfie] };
        DocumentAssessment { decision, checks, retake, policy: self.version }
    }
}

fn validation(evidence: &DocumentEvidence, today: Day) -> Answer {
    let (Some(front), Some(back)) = (&evidence.front, &evidence.back) else { return (None, vec![]) };
    let faults = CardText::of(&[front, back]).faults(today);
    let reason = |fault: &CardFault| match fault {
        CardFault::NumberMismatch | CardFault::BirthDate | CardFault::Gender => {
            DocumentReason::DataComparisonFailed
        }
        _ => DocumentReason::DataValidationFailed,
    };
    let mut reasons: Vec<_> = faults.iter().map(reason).collect();
    reasons.sort_unstable();
    reasons.dedup();
    (Some(if reasons.is_empty() { Decision::Allow } else { Decision::Deny }), reasons)
}

fn matching(faults: Option<&[FacesFault]>) -> Answer {
    let Some(faults) = faults.filter(|faults| !faults.iter().any(is_unclear)) else { return (None, vec![]) };
    let is_another =
        |fault: &FacesFault| matches!(fault, FacesFault::AnotherPerson(_) | FacesFault::NotTheHolder);
    if faults.iter().any(is_another) {
        (Some(Decision::Deny), vec![DocumentReason::BiometricMismatch])
    } else {
        (Some(Decision::Allow), vec![])
    }
}

fn biometric_liveness(faults: Option<&[FacesFault]>) -> Answer {
    let Some(faults) = faults else { return (None, vec![]) };
    let has = |is_asked: fn(&FacesFault) -> bool| faults.iter().any(is_asked);
    let reasons = [
        (
            has(|fault| {
                matches!(
                    fault,
                    FacesFault::NotLive(_) | FacesFault::CopiesPortrait(_) | FacesFault::Identical(..)
                )
            }),
            DocumentReason::SelfieLivenessAttack,
        ),
        (has(|fault| matches!(fault, FacesFault::SeveralFaces(_))), DocumentReason::MultipleFaces),
    ];
    let reasons: Vec<_> = reasons.into_iter().filter_map(|(holds, reason)| holds.then_some(reason)).collect();
    if !reasons.is_empty() {
        return (Some(Decision::Deny), reasons);
    }
    let could_tell = !has(is_unclear) && !faults.contains(&FacesFault::LivenessUnclear);
    (could_tell.then_some(Decision::Allow), vec![])
}

fn is_unclear(fault: &FacesFault) -> bool {
    matches!(fault, FacesFault::NoFace(_) | FacesFault::SeveralFaces(_) | FacesFault::Unclear(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        FacesEvidence, Field, FieldName, FieldSource, HistorySignal, PageEvidence, PageSide, PhotoEvidence,
        SelfieEvidence,
    };

    fn page(side: PageSide, expiry: &str) -> PageEvidence {
        let field = |name, value: &str| Field {
            name,
            value: value.to_owned(),
            source: FieldSource::Printed,
            confidence: 1.0,
            corners: None,
        };
        let mut fields = vec![field(FieldName::PersonalNumber, "29507240112345")];
        if side == PageSide::Back {
            fields.push(field(FieldName::DateOfExpiry, expiry));
        }
        PageEvidence { side: Some(side), fields, ..PageEvidence::default() }
    }

    fn assess(expiry: &str, faces: Option<FacesEvidence>) -> DocumentAssessment {
        let photo = PhotoEvidence { faces: 0, quality: None };
        let evidence = DocumentEvidence {
            front: Some(page(PageSide::Front, expiry)),
            back: Some(page(PageSide::Back, expiry)),
            selfie: SelfieEvidence { photo, liveness: None, room: None, capture: None },
            portrait: None,
            comparison: None,
            blocklist: None,
            history: HistorySignal::default(),
            faces,
        };
        // 2026-11-22.
        DocumentPolicy::STANDARD.assess_card(&evidence, Timestamp::from_millis(1_795_305_600_000))
    }

    #[test]
    fn nobody_is_allowed_without_faces_or_with_a_card_that_has_expired() {
        let none = assess("2029-05-14", None);
        assert_eq!((none.decision, none.retake), (Decision::Challenge, vec![]));
        let empty = FacesEvidence { shots: vec![], pairs: vec![] };
        let expired = assess("2026-11-20", Some(empty));
        assert_eq!(expired.decision, Decision::Deny);
        assert_eq!(expired.checks[0].reasons, [DocumentReason::DataValidationFailed]);
    }

    #[test]
    fn a_face_that_cannot_be_judged_is_asked_for_again_and_allows_nobody() {
        let shot = crate::FaceShot {
            photo: PhotoEvidence { faces: 0, quality: None },
            liveness: None,
            to_portrait: None,
            portrait_cosine: None,
        };
        let unclear = assess("2029-05-14", Some(FacesEvidence { shots: vec![shot], pairs: vec![] }));
        assert_eq!((unclear.decision, unclear.retake), (Decision::Challenge, vec![ImageKind::Selfie]));
    }
}
