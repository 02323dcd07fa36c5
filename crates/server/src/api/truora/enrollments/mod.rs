//! Enrollments: faces on their way into a gallery, that of one person or the blocklist.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;

mod extra;

use app::{EnrollmentThen, EnrollmentView};
use domain::{Action, EnrollmentFailure, EnrollmentId, EnrollmentState, Event, Purpose, Topic};
use serde::Serialize;
use utoipa::ToSchema;

use super::ids::WireId;
use super::time::rfc3339;
use super::uploads;
use super::words::{FraudReason, ValidationType};
use crate::ServerState;
use extra::{Extra, SearchCountry};

/// An enrollment.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "enrollment_id": "ENR0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "account_id": "ana",
    "file_upload_link": "https://id.example.com/v1/uploads/TOKEN",
    "status": "pending",
    "reason": "waiting_file_upload",
    "validation_type": "face-recognition",
    "creation_date": "2026-11-21T09:30:00.000Z",
    "update_date": "2026-11-21T09:30:00.000Z",
}))]
pub(crate) struct Enrollment {
    /// What it is called.
    #[schema(value_type = String, example = "ENR0f1e2d3c4b5a69788796a5b4c3d2e1f0")]
    #[serde(rename = "enrollment_id")]
    id: WireId<EnrollmentId>,
    /// Whose face it is.
    account_id: String,
    /// Where its photo is to be sent by PUT, while it waits for one. No key is needed there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri")]
    file_upload_link: Option<String>,
    status: Status,
    /// What it waits for, or why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    /// `face-search` for faces of the blocklist.
    validation_type: ValidationType,
    /// Of a face of the blocklist.
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<SearchCountry>,
    /// Why it is on the blocklist.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "manipulated_document")]
    fraud_reason: Option<FraudReason>,
    /// When it was opened.
    #[schema(format = DateTime)]
    creation_date: String,
    /// When it last changed.
    #[schema(format = DateTime)]
    update_date: String,
}

/// How far an enrollment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EnrollmentStatus)]
enum Status {
    Pending,
    Success,
    Failure,
}

/// What an enrollment waits for, or why it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EnrollmentReason)]
enum Reason {
    /// It waits for its photo, or failed because none came in time.
    WaitingFileUpload,
    /// It waits for a validation that finds the same person.
    WaitingFaceValidation,
    /// The photo shows no face, or several.
    NoFaceDetected,
    /// The photo cannot be read.
    FileFormatNotSupported,
    /// The face is on the blocklist.
    FaceInBlocklist,
    /// The validation found another person.
    FaceValidationFailed,
    /// Something broke here.
    SystemError,
}

impl Enrollment {
    pub(crate) fn render(state: &ServerState, view: &EnrollmentView) -> Self {
        let enrollment = &view.enrollment;
        let (status, reason) = words(enrollment.state);
        let (country, fraud_reason) =
            Extra::read(&view.extra).map(|extra| (extra.country, extra.fraud_reason)).unzip();
        Self {
            id: WireId(enrollment.id),
            account_id: view.subject.reference.clone(),
            file_upload_link: view.upload_link.as_deref().map(|token| uploads::link(state, token)),
            status,
            reason,
            validation_type: match enrollment.purpose {
                Purpose::Reference => ValidationType::FaceRecognition,
                Purpose::Blocklist => ValidationType::FaceSearch,
            },
            country,
            fraud_reason,
            creation_date: rfc3339(enrollment.created_at),
            update_date: rfc3339(enrollment.updated_at),
        }
    }
}

/// An enrollment as hooks are told of it. What is not known any more is left out.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct ToldEnrollment {
    #[serde(rename = "enrollment_id")]
    id: WireId<EnrollmentId>,
    account_id: String,
    #[serde(rename = "type")]
    kind: ValidationType,
    validation_type: ValidationType,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    creation_date: String,
    update_date: String,
}

impl ToldEnrollment {
    /// As it was right after `event`.
    pub(crate) fn render(then: &EnrollmentThen, event: &Event) -> Self {
        let (status, reason) = match (then.state.map(words), event.kind.action()) {
            (Some((status, reason)), _) => (Some(status), reason),
            // Deleted since, and its reason with it.
            (None, Action::Failed) => (Some(Status::Failure), None),
            (None, _) => (None, None),
        };
        let kind = match event.kind.topic() {
            Topic::Block | Topic::Search => ValidationType::FaceSearch,
            // No event about a document has an enrollment.
            Topic::Enrollment | Topic::Verification | Topic::Document => ValidationType::FaceRecognition,
        };
        Self {
            id: WireId(then.id),
            account_id: then.subject.reference.clone(),
            kind,
            validation_type: kind,
            status,
            reason,
            creation_date: rfc3339(then.created_at),
            update_date: rfc3339(event.at),
        }
    }
}

fn words(state: EnrollmentState) -> (Status, Option<Reason>) {
    use EnrollmentFailure as Failure;
    match state {
        EnrollmentState::AwaitingReference => (Status::Pending, Some(Reason::WaitingFileUpload)),
        EnrollmentState::AwaitingVerification => (Status::Pending, Some(Reason::WaitingFaceValidation)),
        EnrollmentState::Enrolled => (Status::Success, None),
        EnrollmentState::Failed(why) => {
            let reason = match why {
                Failure::NoFace => Reason::NoFaceDetected,
                Failure::FormatNotSupported => Reason::FileFormatNotSupported,
                Failure::FaceBlocked => Reason::FaceInBlocklist,
                Failure::VerificationFailed => Reason::FaceValidationFailed,
                // The vendor has no word for it: what it waited for in vain is the nearest.
                Failure::NoReference => Reason::WaitingFileUpload,
                Failure::System => Reason::SystemError,
            };
            (Status::Failure, Some(reason))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_state_has_its_words() {
        use EnrollmentFailure as Failure;
        use EnrollmentState as State;
        for (state, status, reason) in [
            (State::AwaitingReference, "pending", Some("waiting_file_upload")),
            (State::AwaitingVerification, "pending", Some("waiting_face_validation")),
            (State::Enrolled, "success", None),
            (State::Failed(Failure::NoFace), "failure", Some("no_face_detected")),
            (State::Failed(Failure::FormatNotSupported), "failure", Some("file_format_not_supported")),
            (State::Failed(Failure::FaceBlocked), "failure", Some("face_in_blocklist")),
            (State::Failed(Failure::VerificationFailed), "failure", Some("face_validation_failed")),
            (State::Failed(Failure::NoReference), "failure", Some("waiting_file_upload")),
            (State::Failed(Failure::System), "failure", Some("system_error")),
        ] {
            let words = serde_json::to_value(words(state)).unwrap();
            assert_eq!(words, json!([status, reason]), "{state:?}");
        }
    }
}
