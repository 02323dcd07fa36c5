//! The vendor's words, and what they stand for here.

use domain::{
    Decision, DocumentKind, DocumentReason, ImageFault, ImageKind, PageFault, SelfieFault, SessionState,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an image shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ImageType {
    /// The side with the portrait; the data page of a passport.
    DocumentFront,
    /// The other side. Not asked for where the front is a passport's.
    DocumentBack,
    /// The person.
    Selfie,
}

impl ImageType {
    pub(super) const ALL: [Self; 3] = [Self::DocumentFront, Self::DocumentBack, Self::Selfie];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::DocumentFront => "document_front",
            Self::DocumentBack => "document_back",
            Self::Selfie => "selfie",
        }
    }
}

impl From<ImageKind> for ImageType {
    fn from(kind: ImageKind) -> Self {
        match kind {
            ImageKind::DocumentFront => Self::DocumentFront,
            ImageKind::DocumentBack => Self::DocumentBack,
            ImageKind::Selfie => Self::Selfie,
        }
    }
}

impl From<ImageType> for ImageKind {
    fn from(image_type: ImageType) -> Self {
        match image_type {
            ImageType::DocumentFront => Self::DocumentFront,
            ImageType::DocumentBack => Self::DocumentBack,
            ImageType::Selfie => Self::Selfie,
        }
    }
}

/// What is wrong with an image: another one can mend it. `ok` where nothing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "the vendor's words, also those for what is not looked for here")]
pub(crate) enum Feedback {
    /// It was taken.
    Ok,
    /// Something that has no word of its own: several documents, too dark a face.
    Other,
    /// There is no document.
    DocumentNotFound,
    /// There is no face in the selfie.
    FaceNotFound,
    /// The portrait is not found.
    DocumentFaceNotFound,
    /// A part of the document is outside or covered.
    Obstructed,
    /// The document is blurred.
    Blur,
    /// A reflection covers a part of the document.
    Glare,
    /// No template fits.
    DocumentNotSupported,
    /// The back belongs to another kind of document than the front.
    DocumentNotMatching,
    /// The other side was asked for.
    WrongDocumentSide,
    /// Several faces in the selfie.
    MultiFace,
    /// The head leans.
    FaceRotated,
    /// The face has too few pixels.
    FaceTooSmall,
    /// The selfie ends too close around the face.
    FaceTooClose,
    /// The eyes are closed.
    ClosedEyes,
    /// The head is turned away.
    FaceAngleTooLarge,
    /// The face lies at the edge.
    FaceCloseToBorder,
    /// Something covers the face.
    FaceOccluded,
    /// The face reaches beyond the selfie.
    FaceCropped,
    /// The bar code is not found.
    BarcodeNotFound,
    /// The face is too bright.
    GlareSelfie,
    /// The selfie is blurred.
    BlurSelfie,
    /// Never given here.
    RestrictedCriteria,
}

impl From<Option<ImageFault>> for Feedback {
    fn from(fault: Option<ImageFault>) -> Self {
        match fault {
            None => Self::Ok,
            Some(ImageFault::NotMatching) => Self::DocumentNotMatching,
            Some(ImageFault::Page(fault)) => match fault {
                PageFault::DocumentNotFound => Self::DocumentNotFound,
                PageFault::SeveralDocuments => Self::Other,
                PageFault::Obstructed => Self::Obstructed,
                PageFault::Blur => Self::Blur,
                PageFault::Glare => Self::Glare,
                PageFault::WrongSide => Self::WrongDocumentSide,
                PageFault::NotSupported => Self::DocumentNotSupported,
                PageFault::FaceNotFound => Self::DocumentFaceNotFound,
                PageFault::BarcodeNotFound => Self::BarcodeNotFound,
            },
            Some(ImageFault::Selfie(fault)) => match fault {
                SelfieFault::NoFace => Self::FaceNotFound,
                SelfieFault::SeveralFaces => Self::MultiFace,
                SelfieFault::TooSmall => Self::FaceTooSmall,
                SelfieFault::TooClose => Self::FaceTooClose,
                SelfieFault::Cropped => Self::FaceCropped,
                SelfieFault::AtTheEdge => Self::FaceCloseToBorder,
                SelfieFault::Blurred => Self::BlurSelfie,
                SelfieFault::TooBright => Self::GlareSelfie,
                SelfieFault::TooDark => Self::Other,
                SelfieFault::TurnedAway => Self::FaceAngleTooLarge,
                SelfieFault::Leaning => Self::FaceRotated,
                SelfieFault::EyesClosed => Self::ClosedEyes,
                SelfieFault::Covered => Self::FaceOccluded,
            },
        }
    }
}

/// How far a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Nobody has started it.
    Pending,
    /// It waits for images.
    Capturing,
    /// It is judged.
    Processing,
    /// Some images are missing again.
    Recapture,
    /// It is decided.
    Complete,
    /// It was not finished in time, or could not be judged.
    Error,
}

impl From<SessionState> for Status {
    fn from(state: SessionState) -> Self {
        match state {
            SessionState::Pending => Self::Pending,
            SessionState::Capturing => Self::Capturing,
            SessionState::Processing => Self::Processing,
            SessionState::Recapture => Self::Recapture,
            SessionState::Concluded(_) => Self::Complete,
            SessionState::Expired | SessionState::Failed => Self::Error,
        }
    }
}

/// What to do about a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Recommendation {
    /// Everything is in order.
    Allow,
    /// Something is not: somebody should look.
    Challenge,
    /// Probably a fraud.
    Deny,
}

impl Recommendation {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Allow => "ALLOW",
            Self::Challenge => "CHALLENGE",
            Self::Deny => "DENY",
        }
    }

    pub(super) const ALL: [Self; 3] = [Self::Allow, Self::Challenge, Self::Deny];
}

impl From<Decision> for Recommendation {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Allow => Self::Allow,
            Decision::Challenge => Self::Challenge,
            Decision::Deny => Self::Deny,
        }
    }
}

impl From<Recommendation> for Decision {
    fn from(recommendation: Recommendation) -> Self {
        match recommendation {
            Recommendation::Allow => Self::Allow,
            Recommendation::Challenge => Self::Challenge,
            Recommendation::Deny => Self::Deny,
        }
    }
}

/// What a check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) enum CheckRecommendation {
    /// In order.
    #[serde(rename = "ALLOW")]
    Allow,
    /// Perhaps not in order.
    #[serde(rename = "CHALLENGE")]
    Challenge,
    /// Not in order.
    #[serde(rename = "DENY")]
    Deny,
    /// It was not run, or could not be answered.
    #[serde(rename = "N/A")]
    NotAvailable,
}

impl From<Option<Decision>> for CheckRecommendation {
    fn from(answer: Option<Decision>) -> Self {
        match answer {
            Some(Decision::Allow) => Self::Allow,
            Some(Decision::Challenge) => Self::Challenge,
            Some(Decision::Deny) => Self::Deny,
            None => Self::NotAvailable,
        }
    }
}

/// Why a check does not say `ALLOW`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    /// Of `document_validation`: something that every document has could not be read.
    DataExtractionFailed,
    /// Of `document_validation`: a date is impossible, or the document has expired.
    DataValidationFailed,
    /// Of `document_validation`: two places of the document say different things.
    DataComparisonFailed,
    /// Of `document_validation`: a check digit does not fit.
    MrzCheckDigitsInvalid,
    /// Of `document_authentication`: the portrait does not seem to belong there.
    FaceTampering,
    /// Of `document_authentication`: there is no portrait.
    FaceNotFound,
    /// Of `document_authentication`: a text does not seem to belong there.
    DocumentTextTampering,
    /// Of `document_authentication`: it looks like no document that is known.
    DocumentTemplateMismatch,
    /// Of `document_liveness`: a picture of a document.
    PresentationAttack,
    /// Of `biometric_matching`: not the person of the portrait, or perhaps not.
    BiometricMismatch,
    /// Of `biometric_liveness`: no live person, or perhaps not.
    SelfieLivenessAttack,
    /// Of `biometric_liveness`: the pictures of the live capture came from no camera, or perhaps not.
    InjectionAttackDetected,
    /// Of `biometric_liveness`: several people.
    MultipleFacesDetected,
    /// Of `flagged_identity`: another person came with this document or face.
    MultipleSameIdentityAttempts,
    /// Of `flagged_identity`: the document was denied before.
    PreviousDocumentFraud,
    /// Of `flagged_identity`: the face is on the blocklist, or like one that was denied.
    PreviousFaceFraud,
}

impl From<DocumentReason> for Reason {
    fn from(reason: DocumentReason) -> Self {
        match reason {
            DocumentReason::DataExtractionFailed => Self::DataExtractionFailed,
            DocumentReason::DataValidationFailed => Self::DataValidationFailed,
            DocumentReason::DataComparisonFailed => Self::DataComparisonFailed,
            DocumentReason::MrzCheckDigitsInvalid => Self::MrzCheckDigitsInvalid,
            DocumentReason::FaceTampering => Self::FaceTampering,
            DocumentReason::PortraitNotFound => Self::FaceNotFound,
            DocumentReason::TextTampering => Self::DocumentTextTampering,
            DocumentReason::TemplateMismatch => Self::DocumentTemplateMismatch,
            DocumentReason::DocumentPresentationAttack => Self::PresentationAttack,
            DocumentReason::BiometricMismatch => Self::BiometricMismatch,
            DocumentReason::SelfieLivenessAttack => Self::SelfieLivenessAttack,
            DocumentReason::InjectionAttack => Self::InjectionAttackDetected,
            DocumentReason::MultipleFaces => Self::MultipleFacesDetected,
            DocumentReason::SeveralIdentities => Self::MultipleSameIdentityAttempts,
            DocumentReason::PreviousDocumentFraud => Self::PreviousDocumentFraud,
            DocumentReason::PreviousFaceFraud => Self::PreviousFaceFraud,
        }
    }
}

impl Reason {
    /// For people.
    pub(super) const fn sentence(self) -> &'static str {
        match self {
            Self::DataExtractionFailed => "Some data of the document could not be read",
            Self::DataValidationFailed => "A date of the document is impossible, or it has expired",
            Self::DataComparisonFailed => "The document says different things in different places",
            Self::MrzCheckDigitsInvalid => "A check digit of the machine-readable zone does not fit",
            Self::FaceTampering => "The portrait may not belong to the document",
            Self::FaceNotFound => "There is no portrait on the document",
            Self::DocumentTextTampering => "A text may not belong to the document",
            Self::DocumentTemplateMismatch => "The document looks like none that is known",
            Self::PresentationAttack => "The picture may show a picture of a document",
            Self::BiometricMismatch => "The selfie may not show the person of the portrait",
            Self::SelfieLivenessAttack => "The selfie may not show a live person",
            Self::InjectionAttackDetected => "The pictures may not come from a camera",
            Self::MultipleFacesDetected => "The selfie shows several people",
            Self::MultipleSameIdentityAttempts => "Another person came with this document or this face",
            Self::PreviousDocumentFraud => "The document was denied before",
            Self::PreviousFaceFraud => "The face is listed, or like one that was denied before",
        }
    }
}

/// What kind of document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DocumentType {
    /// An identity card.
    NationalId,
    /// A driving licence.
    DriversLicense,
    /// A passport.
    Passport,
    /// A residence permit.
    ResidencePermit,
    /// A visa.
    Visa,
    /// Told by mock sessions only.
    FirearmLicense,
    /// Told by mock sessions only.
    CriminalPoliceCertificate,
    /// Told by mock sessions only.
    HealthCard,
    /// Told by mock sessions only.
    MembershipCard,
    /// Told by mock sessions only.
    Postal,
    /// Told by mock sessions only.
    SocialSecurityCard,
    /// Told by mock sessions only.
    VoterCard,
    /// Told by mock sessions only.
    ProfessionalId,
    /// Any other.
    Other,
}

impl From<Option<DocumentKind>> for DocumentType {
    fn from(kind: Option<DocumentKind>) -> Self {
        match kind {
            Some(DocumentKind::NationalId) => Self::NationalId,
            Some(DocumentKind::DriversLicense) => Self::DriversLicense,
            Some(DocumentKind::Passport) => Self::Passport,
            Some(DocumentKind::ResidencePermit) => Self::ResidencePermit,
            Some(DocumentKind::Visa) => Self::Visa,
            Some(DocumentKind::Other) | None => Self::Other,
        }
    }
}

impl DocumentType {
    /// What it is taken for while images are asked for.
    pub(super) const fn kind(self) -> DocumentKind {
        match self {
            Self::NationalId => DocumentKind::NationalId,
            Self::DriversLicense => DocumentKind::DriversLicense,
            Self::Passport => DocumentKind::Passport,
            Self::ResidencePermit => DocumentKind::ResidencePermit,
            Self::Visa => DocumentKind::Visa,
            _ => DocumentKind::Other,
        }
    }
}

/// What the document says of the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Gender {
    /// `M` on the document.
    Male,
    /// `F`.
    Female,
    /// `X`.
    Other,
}

impl Gender {
    /// Of what a document says, or a caller; `None` for what is neither.
    pub(super) fn read(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "m" | "male" => Some(Self::Male),
            "f" | "female" => Some(Self::Female),
            "x" | "other" => Some(Self::Other),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(word: &impl Serialize) -> String {
        serde_json::to_value(word).unwrap().as_str().unwrap().to_owned()
    }

    #[test]
    fn words_are_written_as_the_vendor_writes_them() {
        assert_eq!(
            written(&Feedback::from(Some(ImageFault::Page(PageFault::WrongSide)))),
            "wrong_document_side"
        );
        assert_eq!(written(&CheckRecommendation::from(None)), "N/A");
        assert_eq!(written(&Status::from(SessionState::Failed)), "error");
        for image in ImageType::ALL {
            assert_eq!(written(&image), image.word());
            assert_eq!(ImageType::from(ImageKind::from(image)), image);
        }
        for recommendation in Recommendation::ALL {
            assert_eq!(written(&recommendation), recommendation.word());
            assert_eq!(Recommendation::from(Decision::from(recommendation)), recommendation);
        }
        assert_eq!(written(&DocumentType::CriminalPoliceCertificate), "criminal_police_certificate");
    }
}
