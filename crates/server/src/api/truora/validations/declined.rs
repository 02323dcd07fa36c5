//! Why a validation was declined: from the house's reasons to the vendor's, in one table.

use domain::{Check, Judgement, Outcome, Reason, Role};
use serde::Serialize;
use utoipa::ToSchema;

/// Why the evidence was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum DeclinedReason {
    /// The selfie shows no face, or several.
    NoFaceDetected,
    /// The video cannot be decoded to its end.
    InvalidVideoFile,
    /// The selfie's face cannot be judged: use a clearer photo.
    FaceNotClear,
    /// The face is on the blocklist.
    FaceInBlocklist,
    /// It is not the person of the enrollment, or that is not certain.
    SimilarityThresholdNotPassed,
    /// It is not certain that a person was in front of the camera.
    PassiveLivenessVerificationNotPassed,
    /// What was to be said was not heard, or that is not certain.
    SpeechMatchNotPassed,
    /// The reference photo cannot be judged, or the selfie could not be compared with it.
    FaceValidationFailed,
    /// There is no front of a document in its picture.
    FrontDocumentNotFound,
    /// There is no back of a document in its picture.
    ReverseDocumentNotFound,
    /// The picture of the document is blurred, or too small.
    BlurryImage,
    /// A part of the document cannot be seen.
    IncompleteDocument,
    /// It is none that is known, or not the one that was asked for.
    DocumentNotRecognized,
    /// There is no portrait on the document.
    FaceNotDetected,
    /// Data of the document could not be read, make no sense or contradict each other.
    ImageTextValidationNotPassed,
    /// The check digits of the machine-readable zone do not fit.
    InvalidMrz,
    /// The document has expired.
    DocumentHasExpired,
    /// The holder of the document is under 18.
    Underage,
    /// The picture seems to show a screen.
    DocumentIsAPhotoOfPhoto,
    /// The picture seems to show a print.
    DocumentIsAPhotocopy,
    /// The portrait does not seem to belong to the document.
    PortraitPhotoIsFake,
    /// A text does not seem to belong to the document.
    TracesOfTampering,
    /// Machine-readable places of the document contradict each other.
    PossibleFraud,
}

impl DeclinedReason {
    /// The one word that the vendor has for `judgement`: that of the reason which weighs most.
    pub(super) fn of(judgement: Option<&Judgement>) -> Self {
        let checks: &[Check] = judgement.map_or(&[], |judgement| &judgement.checks);
        let reasons =
            checks.iter().flat_map(|check| check.reasons.iter().map(|reason| (check.outcome, *reason)));
        // Of equals the first stands: the checks are in the order of their weight.
        let heaviest = reasons.min_by_key(|(outcome, reason)| rank(*outcome, *reason));
        heaviest.map_or(Self::FaceValidationFailed, |(_, reason)| Self::from(reason))
    }
}

/// Without a face nothing else means anything; then a clear no, no answer, and a doubt.
fn rank(outcome: Outcome, reason: Reason) -> impl Ord {
    let outcome = match outcome {
        Outcome::Failed => 0,
        Outcome::CouldNotTell => 1,
        Outcome::Borderline => 2,
        Outcome::Passed => 3,
    };
    let is_nothing = matches!(
        DeclinedReason::from(reason),
        DeclinedReason::NoFaceDetected | DeclinedReason::InvalidVideoFile
    );
    (!is_nothing, outcome)
}

impl From<Reason> for DeclinedReason {
    fn from(reason: Reason) -> Self {
        use Reason as R;
        match reason {
            R::NoFace(Role::Selfie) | R::SeveralFaces(Role::Selfie) => Self::NoFaceDetected,
            R::VideoUnreadable => Self::InvalidVideoFile,
            R::Blurred(Role::Selfie)
            | R::TooDark(Role::Selfie)
            | R::TooBright(Role::Selfie)
            | R::FaceTooSmall(Role::Selfie)
            | R::TurnedAway(Role::Selfie)
            | R::EyesClosed(Role::Selfie)
            | R::Covered(Role::Selfie) => Self::FaceNotClear,
            R::FaceInBlocklist => Self::FaceInBlocklist,
            R::FacesDiffer | R::FacesNotAlikeEnough => Self::SimilarityThresholdNotPassed,
            // What is wrong with a clip has the words of live captures.
            R::PresentationAttack
            | R::LivenessUncertain
            | R::LivenessBlind(_)
            | R::SelfieCopiesReference
            | R::Capture(_) => Self::PassiveLivenessVerificationNotPassed,
            R::Speech(_) => Self::SpeechMatchNotPassed,
            R::NoFace(Role::Reference)
            | R::SeveralFaces(Role::Reference)
            | R::Blurred(Role::Reference)
            | R::TooDark(Role::Reference)
            | R::TooBright(Role::Reference)
            | R::FaceTooSmall(Role::Reference)
            | R::TurnedAway(Role::Reference)
            | R::EyesClosed(Role::Reference)
            | R::Covered(Role::Reference) => Self::FaceValidationFailed,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Blind, CaptureFault, CheckName, SpeechFault};

    use super::super::tests::judgement;
    use super::*;

    fn declined(checks: &[(CheckName, Outcome, &[Reason])]) -> DeclinedReason {
        let checks = checks.iter().map(|(name, outcome, reasons)| Check {
            name: *name,
            outcome: *outcome,
            reasons: reasons.to_vec(),
        });
        DeclinedReason::of(Some(&judgement(checks.collect(), None)))
    }

    #[test]
    fn each_reason_has_its_word() {
        use DeclinedReason as D;
        use Reason as R;
        for (reason, word) in [
            (R::NoFace(Role::Selfie), D::NoFaceDetected),
            (R::SeveralFaces(Role::Selfie), D::NoFaceDetected),
            (R::VideoUnreadable, D::InvalidVideoFile),
            (R::Capture(CaptureFault::FramesRepeated), D::PassiveLivenessVerificationNotPassed),
            (R::Speech(SpeechFault::Silence), D::SpeechMatchNotPassed),
            (R::Speech(SpeechFault::OtherToken), D::SpeechMatchNotPassed),
            (R::FaceInBlocklist, D::FaceInBlocklist),
            (R::FacesDiffer, D::SimilarityThresholdNotPassed),
            (R::FacesNotAlikeEnough, D::SimilarityThresholdNotPassed),
            (R::PresentationAttack, D::PassiveLivenessVerificationNotPassed),
            (R::LivenessUncertain, D::PassiveLivenessVerificationNotPassed),
            (R::LivenessBlind(Blind::NoColour), D::PassiveLivenessVerificationNotPassed),
            (R::SelfieCopiesReference, D::PassiveLivenessVerificationNotPassed),
            (R::Blurred(Role::Selfie), D::FaceNotClear),
            (R::TooDark(Role::Selfie), D::FaceNotClear),
            (R::TooBright(Role::Selfie), D::FaceNotClear),
            (R::FaceTooSmall(Role::Selfie), D::FaceNotClear),
            (R::TurnedAway(Role::Selfie), D::FaceNotClear),
            (R::EyesClosed(Role::Selfie), D::FaceNotClear),
            (R::Covered(Role::Selfie), D::FaceNotClear),
            (R::NoFace(Role::Reference), D::FaceValidationFailed),
            (R::Blurred(Role::Reference), D::FaceValidationFailed),
        ] {
            assert_eq!(D::from(reason), word, "{reason}");
        }
        let word = serde_json::to_value(D::PassiveLivenessVerificationNotPassed).unwrap();
        assert_eq!(word, "passive_liveness_verification_not_passed");
    }

    #[test]
    fn of_several_reasons_the_heaviest_is_told() {
        use CheckName as C;
        use DeclinedReason as D;
        use Outcome as O;
        let no_face: (C, O, &[Reason]) = (C::SelfieUsable, O::CouldNotTell, &[Reason::NoFace(Role::Selfie)]);
        let no_reference: (C, O, &[Reason]) =
            (C::ReferenceUsable, O::CouldNotTell, &[Reason::NoFace(Role::Reference)]);
        let blurred: (C, O, &[Reason]) = (C::SelfieUsable, O::CouldNotTell, &[Reason::Blurred(Role::Selfie)]);
        let listed: (C, O, &[Reason]) = (C::Blocklist, O::Failed, &[Reason::FaceInBlocklist]);
        let differ: (C, O, &[Reason]) = (C::Similarity, O::Failed, &[Reason::FacesDiffer]);
        let doubt: (C, O, &[Reason]) = (C::Similarity, O::Borderline, &[Reason::FacesNotAlikeEnough]);
        let attack: (C, O, &[Reason]) = (C::Liveness, O::Failed, &[Reason::PresentationAttack]);
        let blind: (C, O, &[Reason]) =
            (C::Liveness, O::CouldNotTell, &[Reason::LivenessBlind(Blind::HeadLeans)]);
        let unsure: (C, O, &[Reason]) = (C::Liveness, O::Borderline, &[Reason::LivenessUncertain]);
        for (checks, word) in [
            (vec![no_reference, no_face], D::NoFaceDetected),
            (vec![no_reference, differ, attack], D::SimilarityThresholdNotPassed),
            (vec![no_face, attack], D::NoFaceDetected),
            (vec![no_reference, listed, differ, attack], D::FaceInBlocklist),
            (vec![differ, attack], D::SimilarityThresholdNotPassed),
            (vec![doubt, attack], D::PassiveLivenessVerificationNotPassed),
            (vec![doubt, blind], D::PassiveLivenessVerificationNotPassed),
            (vec![doubt, unsure], D::SimilarityThresholdNotPassed),
            (vec![blurred, (C::Similarity, O::CouldNotTell, &[]), blind], D::FaceNotClear),
            (vec![(C::Similarity, O::CouldNotTell, &[])], D::FaceValidationFailed),
        ] {
            assert_eq!(declined(&checks), word, "{checks:?}");
        }
        assert_eq!(DeclinedReason::of(None), D::FaceValidationFailed);
    }
}
