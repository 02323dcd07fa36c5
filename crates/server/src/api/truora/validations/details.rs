//! What was found, question by question, and links to the photos.

use app::VerificationView;
use domain::{
    Check, CheckName, ClipEvidence, ClipSignal, EnrollmentId, Judgement, SearchSignal, Similarity,
    SpeechSignal, SpokenToken,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::document::{AskedDocument, DocumentDetails, DocumentValidations};
use super::status::SubStatus;
use crate::api::truora::documents::DocumentType;
use crate::api::truora::ids::WireId;

/// What was found.
#[derive(Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = ValidationDetails)]
#[expect(clippy::struct_field_names, reason = "the vendor's form")]
pub(super) struct Details {
    /// Of a validation of `face-recognition`.
    #[serde(skip_serializing_if = "Option::is_none")]
    face_recognition_validations: Option<FaceDetails>,
    /// Of a validation of `face-search`.
    #[serde(skip_serializing_if = "Option::is_none")]
    face_search: Option<SearchDetails>,
    /// Of a validation of `document-validation` that was judged: what the document says.
    #[serde(skip_serializing_if = "Option::is_none")]
    document_details: Option<DocumentDetails>,
    /// Of such a one: what was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    document_validations: Option<DocumentValidations>,
}

/// What was found about the face.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct FaceDetails {
    /// The enrollment that the selfie was compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "ENR0f1e2d3c4b5a69788796a5b4c3d2e1f0")]
    enrollment_id: Option<WireId<EnrollmentId>>,
    similarity_status: SubStatus,
    /// How alike the faces are. 0.65 is reached by one of 10,000 pairs of strangers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1, example = 0.82)]
    confidence_score: Option<f32>,
    passive_liveness_status: SubStatus,
    /// Why the passive liveness is not a success, in this server's own words; missing where it is one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["frames_repeated"]))]
    passive_liveness_reasons: Vec<String>,
    /// What was measured over time; missing where the selfie is no video.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    passive_liveness_signals: Option<ClipEvidence>,
    speech_match_status: SubStatus,
    /// Why the token counts as not said, in this server's own words; missing where it was said, or nobody listened.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["speech_other_token"]))]
    speech_match_reasons: Vec<String>,
    /// The probability of the token beside those that might have been said instead; missing where nothing was heard.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1, example = 0.97)]
    transcription_confidence: Option<f64>,
    /// What is to be said; missing where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "4821")]
    speech_token: Option<String>,
    /// The language in which it is to be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "es", pattern = "^(en|es|pt|ar)$")]
    speech_language: Option<&'static str>,
    /// What was measured in the sound; missing where nobody listened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    speech_match_signals: Option<SpeechSignal>,
    face_search: SearchDetails,
}

/// What a look into the blocklist found.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct SearchDetails {
    /// `success`: the face is not on the blocklist. `failure`: it is, or the photo shows none that can be looked for.
    status: SubStatus,
    /// How alike the nearest face of the blocklist is; missing where the list is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1, example = 0.31)]
    confidence_score: Option<f32>,
    /// From which score on it is a hit. Follows from the two below.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1, example = 0.72)]
    threshold: Option<f32>,
    /// What the threshold rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold_basis: Option<Basis>,
    /// The share of people who are not on the list and are taken for somebody who is.
    #[serde(skip_serializing_if = "Option::is_none")]
    fpir: Option<f64>,
    /// Faces that were compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    gallery_size: Option<u64>,
    /// Faces of the list that could not be compared, since another model made them. Report these people again.
    #[serde(skip_serializing_if = "Option::is_none")]
    gallery_left_out: Option<u64>,
}

/// What a threshold rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SearchThresholdBasis)]
enum Basis {
    /// Pairs of strangers show the rate.
    Measured,
    /// It is drawn on beyond what they show.
    Extrapolated,
}

impl SearchDetails {
    fn of(status: SubStatus, found: Option<SearchSignal>) -> Self {
        let basis =
            |found: SearchSignal| if found.is_measured { Basis::Measured } else { Basis::Extrapolated };
        Self {
            status,
            confidence_score: found.and_then(|found| found.nearest).map(Similarity::get),
            threshold: found.map(|found| found.threshold.get()),
            threshold_basis: found.map(basis),
            fpir: found.map(|found| found.fpir.get()),
            gallery_size: found.map(|found| found.members),
            gallery_left_out: found.map(|found| found.left_out).filter(|left_out| *left_out > 0),
        }
    }
}

/// What a validation goes by.
#[derive(Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct ValidationInputs {
    /// Links that open a photo, with which the selfie is compared, for 15 minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) validation_input_files: Option<Vec<String>>,
    /// Of which country a document is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "CO")]
    pub(super) country: Option<String>,
    /// Which document is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) document_type: Option<DocumentType>,
}

/// The photos that came.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct InputFiles {
    /// Links that open a photo for 15 minutes.
    pub(super) input_files: Vec<String>,
}

impl Details {
    pub(super) fn of(view: &VerificationView) -> Self {
        let verification = &view.verification;
        if verification.pages.is_some() {
            let (made, asked) = (view.document.as_ref(), AskedDocument::of(view));
            return Self {
                document_details: made.map(|made| DocumentDetails::of(made, asked.as_ref())),
                document_validations: made.map(DocumentValidations::of),
                ..Self::default()
            };
        }
        let asks_similarity = verification.demand.similarity.is_some();
        let judgement = view.judgement.as_ref();
        let status =
            |names: &[CheckName], is_asked| SubStatus::of(names, is_asked, verification.state, judgement);
        let is_search = verification.demand.is_search_only();
        let search = SearchDetails::of(
            status(&[CheckName::Blocklist], verification.demand.blocklist.is_some()),
            judgement.and_then(|made| made.evidence.search),
        );
        if is_search {
            return Self { face_search: Some(search), ..Self::default() };
        }
        let comparison = judgement.filter(|_| asks_similarity).and_then(|made| made.evidence.comparison);
        // The reference photo sent again is no live selfie either.
        let of_liveness = [CheckName::SelfieIsNew, CheckName::Liveness];
        let heard = judgement.and_then(|made| made.evidence.speech);
        let token = view.token.as_ref();
        Self {
            face_recognition_validations: Some(FaceDetails {
                enrollment_id: verification.enrollment.map(WireId),
                similarity_status: status(&[CheckName::Similarity], asks_similarity),
                confidence_score: comparison.map(|comparison| comparison.similarity.get()),
                passive_liveness_status: status(&of_liveness, verification.demand.liveness),
                passive_liveness_reasons: reasons(judgement, &of_liveness),
                passive_liveness_signals: judgement.and_then(|made| match made.evidence.clip {
                    Some(ClipSignal::Watched(clip)) => Some(clip),
                    Some(ClipSignal::Unreadable) | None => None,
                }),
                speech_match_status: status(&[CheckName::SpeechMatch], verification.demand.speech.is_some()),
                speech_match_reasons: reasons(judgement, &[CheckName::SpeechMatch]),
                transcription_confidence: heard.and_then(|heard| heard.score).map(|score| score.confidence()),
                speech_token: token.map(SpokenToken::text),
                speech_language: token.map(|token| token.language().code()),
                speech_match_signals: heard,
                face_search: search,
            }),
            ..Self::default()
        }
    }
}

/// The codes of what speaks against a yes to these questions. What was not asked has no check.
fn reasons(judgement: Option<&Judgement>, names: &[CheckName]) -> Vec<String> {
    let checks: &[Check] = judgement.map_or(&[], |made| &made.checks);
    let of_these = checks.iter().filter(|check| names.contains(&check.name));
    of_these.flat_map(|check| check.reasons.iter().map(|reason| reason.code())).collect()
}
