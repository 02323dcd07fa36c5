//! A validation of a document: what was asked for, what its pages say, and why it was declined.

use app::VerificationView;
use domain::{DocumentFacts, DocumentJudgement, DocumentKind, PageFault, PagesFault};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::declined::DeclinedReason;
use super::extra::Extra;
use super::status::SubStatus;
use crate::api::countries::alpha2;
use crate::api::truora::documents::DocumentType;

/// Which document was asked for, in the words in which it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AskedDocument {
    /// Two letters, or `ALL`.
    pub(super) country: String,
    pub(super) document_type: DocumentType,
}

/// What a document says of its holder and of itself. What was not read is left out.
#[derive(Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct DocumentDetails {
    /// What it was recognised as.
    #[serde(skip_serializing_if = "Option::is_none")]
    document_type: Option<DocumentType>,
    /// Who issued it, two letters (ISO 3166-1 alpha-2).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "CO")]
    country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document_number: Option<String>,
    /// Number of the person, where the document has another one of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    personal_number: Option<String>,
    /// Given names.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Family names.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    /// All names as one, where the document does not tell them apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    full_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    date_of_birth: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gender: Option<Gender>,
    /// Two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "CO")]
    nationality: Option<String>,
    /// `XX` stands for a day that is not printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    issue_date: Option<String>,
    /// `XX` stands for a day that is not printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    residence_address: Option<String>,
}

/// As a document says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Gender {
    Male,
    Female,
}

/// What was looked at, question by question.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct DocumentValidations {
    /// Whether the data make sense and agree with each other.
    data_consistency: Vec<DocumentValidation>,
    /// Whether the pictures show the document that was asked for, as its issuer made it.
    image_analysis: Vec<DocumentValidation>,
    /// Whether it is no print of a document.
    photocopy_analysis: Vec<DocumentValidation>,
    /// Whether it is no screen that shows a document.
    photo_of_photo: Vec<DocumentValidation>,
}

/// One question and its answer.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
struct DocumentValidation {
    #[schema(example = "document_has_not_expired")]
    validation_name: &'static str,
    /// `not_performed`: the document or the picture has nothing by which to tell.
    result: SubStatus,
}

impl AskedDocument {
    /// What `extra` says of it, in the words in which a caller reads it.
    pub(super) fn of(view: &VerificationView) -> Option<Self> {
        Extra::read(&view.extra).document
    }
}

impl DocumentDetails {
    pub(super) fn of(judgement: &DocumentJudgement, asked: Option<&AskedDocument>) -> Self {
        let facts: &DocumentFacts = &judgement.facts;
        let is_split = facts.given_names.is_some() && facts.surname.is_some();
        Self {
            document_type: facts.kind.and_then(|kind| recognised(kind, asked)),
            country: facts.country.as_deref().and_then(alpha2),
            document_number: facts.number.clone(),
            personal_number: facts.personal_number.clone(),
            name: facts.given_names.clone(),
            last_name: facts.surname.clone(),
            full_name: facts.full_name.clone().filter(|_| !is_split),
            date_of_birth: facts.born_on.clone(),
            gender: match facts.sex.as_deref() {
                Some("M") => Some(Gender::Male),
                Some("F") => Some(Gender::Female),
                _ => None,
            },
            nationality: facts.nationality.as_deref().and_then(alpha2),
            issue_date: facts.issued_on.clone(),
            expiration_date: facts.expires_on.clone(),
            residence_address: facts.address.clone(),
        }
    }
}

/// The vendor's word for what a document was recognised as: the one that was asked for where it fits.
fn recognised(kind: DocumentKind, asked: Option<&AskedDocument>) -> Option<DocumentType> {
    let asked = asked.map(|asked| asked.document_type);
    if asked.is_some_and(|asked| asked.kind() == Some(kind)) {
        return asked;
    }
    match kind {
        DocumentKind::NationalId => Some(DocumentType::NationalId),
        DocumentKind::DriversLicense => Some(DocumentType::DriverLicense),
        DocumentKind::Passport => Some(DocumentType::Passport),
        DocumentKind::ResidencePermit => Some(DocumentType::ForeignId),
        DocumentKind::Visa | DocumentKind::Other => None,
    }
}

impl DocumentValidations {
    pub(super) fn of(judgement: &DocumentJudgement) -> Self {
        let (faults, facts) = (&judgement.faults, &judgement.facts);
        let evidence = judgement.evidence.as_ref();
        let pages = || evidence.into_iter().flat_map(|seen| [&seen.front, &seen.back]).flatten();
        let answer = |validation_name, was_asked: bool, against: &[PagesFault]| DocumentValidation {
            validation_name,
            result: match (faults.iter().any(|fault| against.contains(fault)), was_asked) {
                (true, _) => SubStatus::Failure,
                (false, true) => SubStatus::Success,
                (false, false) => SubStatus::NotPerformed,
            },
        };
        let readable = |validation_name, has_side, is_unread: fn(&PagesFault) -> bool| DocumentValidation {
            validation_name,
            result: match (faults.iter().any(is_unread), has_side) {
                (true, _) => SubStatus::Failure,
                (false, true) => SubStatus::Success,
                (false, false) => SubStatus::NotPerformed,
            },
        };
        let has_zone = pages().any(|page| page.mrz.is_some());
        let signs = |of: fn(&domain::ForgerySignal) -> bool| pages().any(|page| of(&page.forgery));
        let has_dates = facts.born_on.is_some() || facts.issued_on.is_some() || facts.expires_on.is_some();
        Self {
            data_consistency: vec![
                answer("data_was_read", true, &[PagesFault::DataNotFound]),
                answer(
                    "data_agree_with_each_other",
                    true,
                    &[PagesFault::Contradiction, PagesFault::SureContradiction],
                ),
                answer("mrz_is_valid", has_zone, &[PagesFault::ZoneInvalid]),
                answer("dates_are_possible", has_dates, &[PagesFault::DateImpossible]),
                answer("document_has_not_expired", facts.expires_on.is_some(), &[PagesFault::Expired]),
                answer("holder_is_of_age", facts.born_on.is_some(), &[PagesFault::Underage]),
            ],
            image_analysis: vec![
                readable("front_was_read", true, |fault| matches!(fault, PagesFault::Front(_))),
                readable("reverse_was_read", evidence.is_some_and(|seen| seen.back.is_some()), |fault| {
                    matches!(fault, PagesFault::Back(_))
                }),
                answer("document_is_the_one_asked_for", facts.kind.is_some(), &[PagesFault::AnotherDocument]),
                answer("portrait_was_found", true, &[PagesFault::PortraitNotFound]),
                answer(
                    "portrait_belongs_to_document",
                    signs(|forgery| forgery.portrait.is_some()),
                    &[PagesFault::PortraitReplaced],
                ),
                answer(
                    "text_belongs_to_document",
                    signs(|forgery| forgery.text.is_some()),
                    &[PagesFault::TextReplaced],
                ),
            ],
            photocopy_analysis: vec![answer(
                "document_is_no_photocopy",
                signs(|forgery| forgery.print.is_some()),
                &[PagesFault::Photocopy],
            )],
            photo_of_photo: vec![answer(
                "document_is_on_no_screen",
                signs(|forgery| forgery.screen.is_some()),
                &[PagesFault::Screen],
            )],
        }
    }
}

impl From<PagesFault> for DeclinedReason {
    fn from(fault: PagesFault) -> Self {
        match fault {
            PagesFault::Front(PageFault::DocumentNotFound | PageFault::WrongSide) => {
                Self::FrontDocumentNotFound
            }
            PagesFault::Back(PageFault::DocumentNotFound | PageFault::WrongSide) => {
                Self::ReverseDocumentNotFound
            }
            PagesFault::Front(PageFault::Blur) | PagesFault::Back(PageFault::Blur) => Self::BlurryImage,
            // A part of it cannot be seen.
            PagesFault::Front(PageFault::Obstructed | PageFault::Glare)
            | PagesFault::Back(PageFault::Obstructed | PageFault::Glare) => Self::IncompleteDocument,
            PagesFault::Front(PageFault::FaceNotFound)
            | PagesFault::Back(PageFault::FaceNotFound)
            | PagesFault::PortraitNotFound => Self::FaceNotDetected,
            PagesFault::Front(PageFault::SeveralDocuments | PageFault::NotSupported)
            | PagesFault::Back(PageFault::SeveralDocuments | PageFault::NotSupported)
            | PagesFault::AnotherDocument => Self::DocumentNotRecognized,
            PagesFault::Front(PageFault::BarcodeNotFound)
            | PagesFault::Back(PageFault::BarcodeNotFound)
            | PagesFault::Contradiction
            | PagesFault::DateImpossible
            | PagesFault::DataNotFound => Self::ImageTextValidationNotPassed,
            PagesFault::Screen => Self::DocumentIsAPhotoOfPhoto,
            PagesFault::Photocopy => Self::DocumentIsAPhotocopy,
            PagesFault::PortraitReplaced => Self::PortraitPhotoIsFake,
            PagesFault::TextReplaced => Self::TracesOfTampering,
            PagesFault::SureContradiction => Self::PossibleFraud,
            PagesFault::ZoneInvalid => Self::InvalidMrz,
            PagesFault::Expired => Self::DocumentHasExpired,
            PagesFault::Underage => Self::Underage,
        }
    }
}

impl DeclinedReason {
    /// The word for the fault that weighs most.
    pub(super) fn of_document(judgement: Option<&DocumentJudgement>) -> Self {
        let heaviest = judgement.and_then(|made| made.faults.first());
        // Whatever is declined has a fault; without its evidence nobody can tell more.
        heaviest.map_or(Self::DocumentNotRecognized, |fault| Self::from(*fault))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use domain::{Decision, Timestamp};
    use serde_json::json;

    use super::*;

    pub(super) fn judgement(faults: Vec<PagesFault>) -> DocumentJudgement {
        DocumentJudgement {
            policy: "test".to_owned(),
            decision: if faults.is_empty() { Decision::Allow } else { Decision::Challenge },
            checks: vec![],
            faults,
            evidence: None,
            facts: DocumentFacts {
                kind: Some(DocumentKind::NationalId),
                country: Some("COL".to_owned()),
                number: Some("B1234567".to_owned()),
                given_names: Some("ANA".to_owned()),
                surname: Some("MUSTER".to_owned()),
                full_name: Some("ANA MUSTER".to_owned()),
                sex: Some("F".to_owned()),
                born_on: Some("1990-01-31".to_owned()),
                expires_on: Some("2030-01-31".to_owned()),
                ..DocumentFacts::default()
            },
            templates: None,
            models: BTreeMap::new(),
            at: Timestamp::from_millis(0),
        }
    }

    #[test]
    fn what_was_read_is_told_and_the_rest_left_out() {
        let asked =
            AskedDocument { country: "CO".to_owned(), document_type: DocumentType::GeneralRegistration };
        let told = DocumentDetails::of(&judgement(vec![]), Some(&asked));
        assert_eq!(
            serde_json::to_value(told).unwrap(),
            json!({
                "document_type": "general-registration", "country": "CO", "document_number": "B1234567",
                "name": "ANA", "last_name": "MUSTER", "date_of_birth": "1990-01-31", "gender": "female",
                "expiration_date": "2030-01-31",
            })
        );
        let other = AskedDocument { document_type: DocumentType::Passport, ..asked };
        let told = DocumentDetails::of(&judgement(vec![]), Some(&other));
        assert_eq!(told.document_type, Some(DocumentType::NationalId));
    }

    #[test]
    fn each_question_has_its_answer() {
        let told = DocumentValidations::of(&judgement(vec![PagesFault::Expired, PagesFault::Photocopy]));
        let told = serde_json::to_value(told).unwrap();
        let result = |group: &str, name: &str| {
            let all = told[group].as_array().unwrap();
            all.iter().find(|one| one["validation_name"] == name).unwrap()["result"].clone()
        };
        for (group, name, wanted) in [
            ("data_consistency", "document_has_not_expired", "failure"),
            ("data_consistency", "data_was_read", "success"),
            ("data_consistency", "mrz_is_valid", "not_performed"),
            ("image_analysis", "front_was_read", "success"),
            ("image_analysis", "reverse_was_read", "not_performed"),
            ("photocopy_analysis", "document_is_no_photocopy", "failure"),
            ("photo_of_photo", "document_is_on_no_screen", "not_performed"),
        ] {
            assert_eq!(result(group, name), wanted, "{name}");
        }
    }

    #[test]
    fn each_fault_has_the_vendors_word() {
        for (fault, word) in [
            (PagesFault::Front(PageFault::Blur), "blurry_image"),
            (PagesFault::Front(PageFault::DocumentNotFound), "front_document_not_found"),
            (PagesFault::Back(PageFault::WrongSide), "reverse_document_not_found"),
            (PagesFault::Back(PageFault::Glare), "incomplete_document"),
            (PagesFault::Front(PageFault::NotSupported), "document_not_recognized"),
            (PagesFault::AnotherDocument, "document_not_recognized"),
            (PagesFault::Screen, "document_is_a_photo_of_photo"),
            (PagesFault::Photocopy, "document_is_a_photocopy"),
            (PagesFault::PortraitReplaced, "portrait_photo_is_fake"),
            (PagesFault::TextReplaced, "traces_of_tampering"),
            (PagesFault::SureContradiction, "possible_fraud"),
            (PagesFault::Contradiction, "image_text_validation_not_passed"),
            (PagesFault::ZoneInvalid, "invalid_mrz"),
            (PagesFault::Expired, "document_has_expired"),
            (PagesFault::Underage, "underage"),
            (PagesFault::PortraitNotFound, "face_not_detected"),
            (PagesFault::DataNotFound, "image_text_validation_not_passed"),
        ] {
            let told = DeclinedReason::of_document(Some(&judgement(vec![fault])));
            assert_eq!(serde_json::to_value(told).unwrap(), word, "{fault:?}");
        }
        assert_eq!(DeclinedReason::of_document(None), DeclinedReason::DocumentNotRecognized);
    }
}
