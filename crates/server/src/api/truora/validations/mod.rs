//! Validations: a selfie against the face of an enrollment, or against the blocklist; a document without its holder.

pub(crate) mod create;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod restore;

mod declined;
mod details;
mod document;
mod extra;
mod status;

use app::{Caller, VerificationView};
use domain::{Event, SpokenToken, Timestamp, VerificationId, VerificationState};
use serde::Serialize;
use utoipa::ToSchema;

use super::auth::sees_scores;
use super::ids::WireId;
use super::time::rfc3339;
use super::uploads;
use super::words::ValidationType;
use crate::ServerState;
use declined::DeclinedReason;
use details::{Details, InputFiles, ValidationInputs};
use document::AskedDocument;
use extra::Extra;
use status::{ExpiredReason, FailureStatus, Status};

/// A validation. What is not known, and what the caller may not see, is left out.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "validation_id": "VLD0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "account_id": "ana",
    "type": "face-recognition",
    "validation_status": "pending",
    "remaining_retries": 0,
    "threshold": 0.65,
    "creation_date": "2026-11-21T09:30:00.000Z",
    "instructions": {"file_upload_link": "https://id.example.com/v1/uploads/TOKEN"},
}))]
pub(crate) struct Validation {
    /// What it is called.
    #[schema(value_type = String, example = "VLD0f1e2d3c4b5a69788796a5b4c3d2e1f0")]
    #[serde(rename = "validation_id")]
    id: WireId<VerificationId>,
    /// Whose selfie it asks for.
    account_id: String,
    /// What was asked for.
    #[serde(rename = "type")]
    kind: ValidationType,
    #[serde(rename = "validation_status")]
    status: Status,
    /// In which way it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_status: Option<FailureStatus>,
    /// Why the evidence was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    declined_reason: Option<DeclinedReason>,
    /// What did not happen in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    expired_reason: Option<ExpiredReason>,
    /// Attempts that may follow this one.
    remaining_retries: u8,
    /// The lowest similarity that passes. Not shown to devices.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1, example = 0.65)]
    threshold: Option<f32>,
    /// When it was opened.
    #[schema(format = DateTime)]
    creation_date: String,
    /// When its selfie was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    processing_start_date: Option<String>,
    /// When its selfie was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    processing_finish_date: Option<String>,
    /// The address of who created it.
    #[serde(skip_serializing_if = "Option::is_none")]
    ip_address: Option<String>,
    /// What was found. Not shown to devices.
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details>,
    /// What is to be done next. Only in the answer to its creation or restoration.
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<Instructions>,
    /// The photos it was compared with, on request; which document is asked for.
    #[serde(rename = "validation_inputs", skip_serializing_if = "Option::is_none")]
    inputs: Option<ValidationInputs>,
    /// The photos that came, on request.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_response: Option<InputFiles>,
    /// A link to the picture of the document's front, on request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri")]
    front_image: Option<String>,
    /// A link to the picture of its back, on request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri")]
    reverse_image: Option<String>,
}

/// What is to be done next.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
struct Instructions {
    /// Where the selfie is to be sent by PUT. No key is needed there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri")]
    file_upload_link: Option<String>,
    /// Where the picture of the document's front is to be sent by PUT.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri")]
    front_url: Option<String>,
    /// Where that of its back is to be sent; missing where all of the document stands on one side.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri")]
    reverse_url: Option<String>,
    /// What is to be said in the video of the selfie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "4821")]
    speech_token: Option<String>,
    /// In which language.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "es", pattern = "^(en|es|pt|ar)$")]
    speech_language: Option<&'static str>,
}

impl Instructions {
    fn of(state: &ServerState, view: &VerificationView) -> Self {
        let url = |token: &Option<String>| token.as_deref().map(|token| uploads::link(state, token));
        Self {
            file_upload_link: url(&view.upload_link),
            front_url: url(&view.page_links.front),
            reverse_url: url(&view.page_links.back),
            speech_token: view.token.as_ref().map(SpokenToken::text),
            speech_language: view.token.as_ref().map(|token| token.language().code()),
        }
    }
}

impl Validation {
    /// As `caller` may see it at `now`, without links.
    pub(crate) fn render(view: &VerificationView, caller: &Caller, now: Timestamp) -> Self {
        Self::with_scores(view, sees_scores(caller), now)
    }

    /// With what only a backend may see, or without.
    fn with_scores(view: &VerificationView, scores: bool, now: Timestamp) -> Self {
        let verification = &view.verification;
        let extra = Extra::read(&view.extra);
        let threshold = verification.demand.similarity.filter(|_| scores);
        let finished_at = verification.ended_at.filter(|_| verification.submitted_at.is_some());
        let declined = verification.is_declined().then(|| match verification.pages {
            Some(_) => DeclinedReason::of_document(view.document.as_ref()),
            None => DeclinedReason::of(view.judgement.as_ref()),
        });
        Self {
            id: WireId(verification.id),
            account_id: view.subject.reference.clone(),
            kind: match &verification.pages {
                Some(_) => ValidationType::DocumentValidation,
                None if verification.demand.is_search_only() => ValidationType::FaceSearch,
                None => ValidationType::FaceRecognition,
            },
            status: Status::of(verification.state),
            failure_status: FailureStatus::of(verification.state),
            declined_reason: declined,
            expired_reason: match &verification.pages {
                Some(pages) => ExpiredReason::of_document(verification.state, pages),
                None => ExpiredReason::of(verification.state),
            },
            remaining_retries: remaining_retries(view, now),
            threshold: threshold.map(domain::Similarity::get),
            creation_date: rfc3339(verification.created_at),
            processing_start_date: verification.submitted_at.map(rfc3339),
            processing_finish_date: finished_at.map(rfc3339),
            ip_address: extra.ip_address.map(|address| address.to_string()),
            details: (scores && has_begun(verification.state)).then(|| Details::of(view)),
            instructions: None,
            inputs: extra.document.map(|AskedDocument { country, document_type }| ValidationInputs {
                country: Some(country),
                document_type: Some(document_type),
                ..ValidationInputs::default()
            }),
            user_response: None,
            front_image: None,
            reverse_image: None,
        }
    }
}

/// A validation as hooks are told of it: what a device may see.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct ToldValidation {
    #[serde(flatten)]
    validation: Validation,
    update_date: String,
}

impl ToldValidation {
    /// As it was right after `event`.
    pub(crate) fn render(view: &VerificationView, event: &Event) -> Self {
        Self { validation: Validation::with_scores(view, false, event.at), update_date: rfc3339(event.at) }
    }
}

/// Whether there is anything to tell of the checks.
fn has_begun(state: VerificationState) -> bool {
    state != VerificationState::Capturing
}

/// Attempts that may still follow, a restoration among them; none once their time is over, or where one follows already.
fn remaining_retries(view: &VerificationView, now: Timestamp) -> u8 {
    let verification = &view.verification;
    let is_open = match verification.state {
        _ if view.is_retried => false,
        VerificationState::Capturing | VerificationState::Processing => true,
        _ => {
            let end = verification.retry_deadline().or_else(|| verification.restore_deadline());
            end.is_some_and(|end| !end.has_passed(now))
        }
    };
    if is_open { verification.attempt.remaining } else { 0 }
}

#[cfg(test)]
mod tests;
