//! What was found, question by question, and links to the photos.

use app::VerificationView;
use domain::{CheckName, EnrollmentId};
use serde::Serialize;
use utoipa::ToSchema;

use super::status::SubStatus;
use crate::api::truora::ids::WireId;

/// What was found.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ValidationDetails)]
pub(super) struct Details {
    face_recognition_validations: FaceDetails,
}

/// What was found about the face.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct FaceDetails {
    /// The enrollment that the selfie was compared with.
    #[schema(value_type = String, example = "ENR0f1e2d3c4b5a69788796a5b4c3d2e1f0")]
    enrollment_id: WireId<EnrollmentId>,
    similarity_status: SubStatus,
    /// How alike the faces are. 0.65 is reached by one of 10,000 pairs of strangers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1, example = 0.82)]
    confidence_score: Option<f32>,
    passive_liveness_status: SubStatus,
}

/// The photos that a selfie is compared with.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct ReferenceFiles {
    /// Links that open a photo for 15 minutes.
    pub(super) validation_input_files: Vec<String>,
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
        let asks_similarity = verification.demand.similarity.is_some();
        let judgement = view.judgement.as_ref();
        let status =
            |names: &[CheckName], is_asked| SubStatus::of(names, is_asked, verification.state, judgement);
        let comparison = judgement.filter(|_| asks_similarity).and_then(|made| made.evidence.comparison);
        Self {
            face_recognition_validations: FaceDetails {
                enrollment_id: WireId(verification.enrollment),
                similarity_status: status(&[CheckName::Similarity], asks_similarity),
                confidence_score: comparison.map(|comparison| comparison.similarity.get()),
                // The reference photo sent again is no live selfie either.
                passive_liveness_status: status(
                    &[CheckName::SelfieIsNew, CheckName::Liveness],
                    verification.demand.liveness,
                ),
            },
        }
    }
}
