//! `POST /v1/ocr/face/match`: whether a picture shows the person of a card that was sent before.

use app::Step;
use axum::Json;
use axum::extract::{FromRequest as _, Request, State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Compared;
use crate::ServerState;
use crate::api::vlens::auth::OcrCaller;
use crate::api::vlens::error::{ApiError, Envelope, VlensError};
use crate::api::vlens::verify::{admit, picture, transaction_id};
use crate::api::vlens::wire::Body;

/// What is asked. Unknown members are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = MatchFaceRequest, example = json!({
    "transaction_id": "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0", "image": "/9j/4AAQ...",
}))]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct MatchRequest {
    /// The transaction of `id/front`.
    #[schema(format = "uuid")]
    transaction_id: String,
    /// The face: JPEG, PNG or WebP in base64, also as a `data:` URL; at most 5 MB and 25 million pixels.
    image: String,
    /// Comes back as it was sent.
    #[schema(max_length = 256)]
    client_transaction_id: Option<String>,
    /// Comes back as it was sent.
    #[schema(max_length = 256)]
    request_id: Option<String>,
}

/// Says whether a picture shows the person of a card whose front was sent before. The picture is not kept, and the
/// transaction is as it was.
#[utoipa::path(
    post, path = "/v1/ocr/face/match", tag = "ocr", operation_id = "ocr_face_match", request_body = MatchRequest,
    responses(
        (status = 200, body = Envelope<Compared>, description = "What it says, or `error_code`: 4206, 4208, 5002, 5003, 5004 no such front"),
        (status = 400, body = ApiError, description = "Something is missing or malformed, also the base64"),
        (status = 401, body = ApiError, description = "The key is missing or not valid"),
        (status = 413, body = ApiError, description = "The body is too large"),
        (status = 415, body = ApiError, description = "The body or an image is of another type"),
        (status = 429, body = ApiError, description = "Too many requests"),
        (status = 500, body = ApiError, description = "Something broke here"),
        (status = 503, body = ApiError, description = "The server is busy"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    OcrCaller(tenant): OcrCaller,
    request: Request,
) -> Result<Json<Envelope<Compared>>, VlensError> {
    let admission = admit(&state, &request)?;
    let mut body = Body::from_request(request, &state).await?;
    let face = picture(&mut body, "image")?.ok_or_else(VlensError::bad_request)?;
    let transaction = transaction_id(&body, "transaction_id")?.ok_or_else(VlensError::bad_request)?;
    let step = Step { transaction: Some(transaction), owner: None, name: None, keeps_all: false };
    let found = state.service.match_face(admission, &tenant.caller, &step, face).await?;
    Ok(Envelope::of(Compared::of(found, &body)?))
}
