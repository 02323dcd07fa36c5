//! `POST /v1/evaluate-image`: whether a picture of a document can be used, before it is uploaded.

use app::EvaluateError;
use axum::Json;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::header;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::{Origin, PageSide, PictureAdvice, VerificationId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::TruoraCaller;
use super::documents::{DocumentType, wanted};
use super::error::{ApiError, FieldErrors, KeyErrors, TruoraError};
use super::form::{FieldError, FormError, VendorForm};
use super::ids::{Prefixed as _, WireId};
use super::words::Country;
use crate::ServerState;

/// Most bytes of a picture: in base64 it fills three quarters of a body of 10 MB.
const MOST_BYTES: usize = 7_000_000;

/// A picture to be looked at.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({
    "image": "/9j/4AAQ...", "country": "CO", "document_type": "national-id", "document_side": "front",
    "evaluation_type": "document",
}))]
pub(crate) struct EvaluateImage {
    /// JPEG, PNG or WebP in base64, also as a `data:` URL; at most 7 MB.
    image: String,
    /// Two letters (ISO 3166-1 alpha-2), or `ALL`.
    #[schema(value_type = String, example = "CO")]
    country: Country,
    /// Which document it is to show.
    document_type: DocumentType,
    /// Which side of it.
    document_side: DocumentSide,
    /// For which validation. It must be there; nothing of the picture is kept with it.
    #[schema(value_type = Option<String>, example = "VLD0f1e2d3c4b5a69788796a5b4c3d2e1f0")]
    validation_id: Option<WireId<VerificationId>>,
    /// `document`.
    #[serde(rename = "evaluation_type")]
    _evaluation_type: EvaluationType,
}

/// A side of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DocumentSide {
    /// The one with the portrait.
    Front,
    /// The other one.
    Back,
}

/// What is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum EvaluationType {
    Document,
}

/// What was seen.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImageEvaluation)]
pub(crate) struct Evaluation {
    status: EvaluationStatus,
    /// Why the picture cannot be used; missing where it can.
    #[serde(skip_serializing_if = "Option::is_none")]
    feedback: Option<Feedback>,
}

/// Whether a picture can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum EvaluationStatus {
    Success,
    Failure,
}

/// Why a picture cannot be used.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImageFeedback)]
struct Feedback {
    reason: FeedbackReason,
    /// What to do about it, in English.
    #[schema(example = json!(["Hold the camera still and let it focus before you take the picture."]))]
    hints: [&'static str; 1],
}

/// Why a picture cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = ImageFeedbackReason)]
enum FeedbackReason {
    /// The side that was asked for is not there, not whole, or of another document.
    DocumentNotFound,
    /// There is no portrait on it.
    FaceNotFound,
    /// It is blurred, or too small.
    BlurryImage,
    /// There is too little light.
    LowLight,
    /// A reflection covers a part.
    ImageWithReflection,
}

impl Evaluation {
    fn of(advice: Option<PictureAdvice>) -> Self {
        let feedback = advice.map(|advice| {
            let (reason, hint) = match advice {
                PictureAdvice::DocumentNotFound => (
                    FeedbackReason::DocumentNotFound,
                    "Show the side that is asked for, all of it, and nothing else.",
                ),
                PictureAdvice::FaceNotFound => (
                    FeedbackReason::FaceNotFound,
                    "Show the side with the portrait, and leave the portrait free.",
                ),
                PictureAdvice::Blurred => (
                    FeedbackReason::BlurryImage,
                    "Hold the camera still and let it focus before you take the picture.",
                ),
                PictureAdvice::Dark => (FeedbackReason::LowLight, "Go where there is more light."),
                PictureAdvice::Reflection => (
                    FeedbackReason::ImageWithReflection,
                    "Tilt the document or the lamp until no light is reflected.",
                ),
            };
            Feedback { reason, hints: [hint] }
        });
        let status = if feedback.is_some() { EvaluationStatus::Failure } else { EvaluationStatus::Success };
        Self { status, feedback }
    }
}

impl From<EvaluateError> for TruoraError {
    fn from(error: EvaluateError) -> Self {
        match error {
            EvaluateError::Format(_) => TruoraError::bad_request(error.to_string()),
            EvaluateError::Service(error) => error.into(),
        }
    }
}

/// The bytes of a picture in base64.
fn decode(text: &str) -> Result<Vec<u8>, FieldError> {
    let is_url = text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"));
    let encoded = if is_url { text.split_once(',').map_or("", |(_, rest)| rest) } else { text };
    // Before anything is decoded: four letters hold three bytes.
    if encoded.len() / 4 > MOST_BYTES.div_ceil(3) {
        return Err(FieldError::new("image", "must be at most 7 MB"));
    }
    BASE64.decode(encoded.trim()).map_err(|_| FieldError::new("image", "must be base64"))
}

/// Says whether a picture of a side of a document can be used, and what to do where it cannot. Nothing of it is kept.
#[utoipa::path(
    post,
    path = "/v1/evaluate-image",
    operation_id = "evaluateImage",
    tag = "documents",
    request_body = EvaluateImage,
    responses(
        (status = 200, description = "What was seen", body = Evaluation),
        (status = 404, description = "There is no such validation", body = ApiError),
        (status = 503, description = "The server is busy: try again after the seconds in Retry-After. Without it: documents \
            are not read here", body = ApiError),
        KeyErrors,
        FieldErrors,
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    TruoraCaller(caller): TruoraCaller,
    request: Request,
) -> Result<Json<Evaluation>, TruoraError> {
    let service = &state.service;
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let length = length.and_then(|length| length.parse().ok()).unwrap_or(app::MAX_UPLOAD_BYTES as u64);
    // Before the body is read: its bytes, and the text that is made of them.
    let admission = service.admit_bytes(length.saturating_mul(2));
    let admission = admission.map_err(|busy| TruoraError::busy(busy.to_string(), busy.retry_after))?;
    let VendorForm(body) = VendorForm::<EvaluateImage>::from_request(request, &state).await?;
    let wanted = wanted(&body.country, body.document_type).map_err(FormError::from)?;
    let side = match body.document_side {
        DocumentSide::Front => PageSide::Front,
        DocumentSide::Back if wanted.has_back() => PageSide::Back,
        DocumentSide::Back => {
            let problem = "must be front: all of this document stands on one side";
            return Err(FormError::from(FieldError::new("document_side", problem)).into());
        }
    };
    if let Some(WireId(id)) = body.validation_id {
        let found = service.verification(&caller, Origin::Truora, id).await?;
        found.ok_or_else(|| TruoraError::not_found(VerificationId::NAME))?;
    }
    let picture = decode(&body.image).map_err(FormError::from)?;
    drop(body);
    let advice = service.evaluate_page(admission, picture.into(), wanted, side).await?;
    Ok(Json(Evaluation::of(advice)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::api::truora::testing::Bench;

    fn body(more: &Value) -> Value {
        let mut body = json!({
            "image": BASE64.encode(b"no picture"), "country": "CO", "document_type": "national-id",
            "document_side": "front", "evaluation_type": "document",
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    }

    async fn evaluated(bench: &Bench, key: &str, more: &Value) -> (u16, String) {
        let text = body(more).to_string();
        let answer = bench.send("POST", "/v1/evaluate-image", key, "application/json", text.into()).await;
        (answer.status, answer.message().to_owned())
    }

    #[tokio::test]
    async fn a_wrong_field_is_named() {
        let bench = Bench::new().await;
        let unknown = format!("VLD{}", "0".repeat(32));
        for (more, status, start) in [
            (json!({"image": null}), 400, "image is required"),
            (json!({"image": "no base64!"}), 400, "image must be base64"),
            (json!({"image": "A".repeat(9_400_000)}), 400, "image must be at most 7 MB"),
            (json!({"country": "DE"}), 400, "country must be one whose documents are read here: ALL, AR"),
            (json!({"document_type": "palm"}), 400, "document_type must be one of national-id"),
            (json!({"document_type": "invoice"}), 400, "document_type is not read of this country"),
            (json!({"document_side": "edge"}), 400, "document_side must be one of front, back"),
            (
                json!({"document_type": "passport", "document_side": "back"}),
                400,
                "document_side must be front",
            ),
            (json!({"evaluation_type": "face"}), 400, "evaluation_type must be"),
            (json!({"validation_id": "x"}), 400, "validation_id must be VLD"),
            (json!({"validation_id": unknown}), 404, "The validation was not found"),
        ] {
            let (found, message) = evaluated(&bench, &bench.device, &more).await;
            assert_eq!(found, status, "{message}");
            assert!(message.starts_with(start), "{message}");
        }
    }

    #[tokio::test]
    async fn the_validation_of_another_tenant_is_not_found() {
        let bench = Bench::new().await;
        bench.enrolled("ana-1").await;
        let validation = bench.validation("ana-1", "").await.body;
        let more = json!({"validation_id": validation["validation_id"]});
        assert_eq!(evaluated(&bench, &bench.other, &more).await.0, 404);
    }

    #[tokio::test]
    async fn a_busy_server_says_so_before_it_reads() {
        let bench = Bench::new().await;
        let held: Vec<_> = std::iter::from_fn(|| bench.service.admit().ok()).collect();
        assert_eq!(evaluated(&bench, &bench.backend, &json!({})).await.0, 503);
        drop(held);
    }

    #[test]
    fn each_advice_has_the_vendors_word() {
        for (advice, word) in [
            (PictureAdvice::DocumentNotFound, "DOCUMENT_NOT_FOUND"),
            (PictureAdvice::FaceNotFound, "FACE_NOT_FOUND"),
            (PictureAdvice::Blurred, "BLURRY_IMAGE"),
            (PictureAdvice::Dark, "LOW_LIGHT"),
            (PictureAdvice::Reflection, "IMAGE_WITH_REFLECTION"),
        ] {
            let told = serde_json::to_value(Evaluation::of(Some(advice))).unwrap();
            assert_eq!((&told["status"], &told["feedback"]["reason"]), (&json!("failure"), &json!(word)));
            assert!(told["feedback"]["hints"][0].as_str().unwrap().ends_with('.'));
        }
        assert_eq!(serde_json::to_value(Evaluation::of(None)).unwrap(), json!({"status": "success"}));
    }
}
