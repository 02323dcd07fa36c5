//! `POST /v1/ocr/face/compare`: whether two pictures show one person.

use axum::Json;
use axum::extract::{FromRequest as _, Request, State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Compared;
use crate::ServerState;
use crate::api::vlens::auth::OcrCaller;
use crate::api::vlens::error::{ApiError, Envelope, VlensError};
use crate::api::vlens::verify::{admit, picture};
use crate::api::vlens::wire::Body;

/// What is asked. Unknown members are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CompareFacesRequest, example = json!({"face_image1": "/9j/4AAQ...", "face_image2": "/9j/4AAQ..."}))]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct CompareRequest {
    /// A face: JPEG, PNG or WebP in base64, also as a `data:` URL; at most 5 MB and 25 million pixels.
    face_image1: String,
    /// Another.
    face_image2: String,
    /// Comes back as it was sent.
    #[schema(max_length = 256)]
    client_transaction_id: Option<String>,
    /// Comes back as it was sent.
    #[schema(max_length = 256)]
    request_id: Option<String>,
}

/// Says whether two pictures show one person. Nothing is kept.
#[utoipa::path(
    post, path = "/v1/ocr/face/compare", tag = "ocr", operation_id = "ocr_face_compare", request_body = CompareRequest,
    responses(
        (status = 200, body = Envelope<Compared>, description = "What it says, or `error_code`: 4206, 4208, 5002, 5003"),
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
    OcrCaller(_tenant): OcrCaller,
    request: Request,
) -> Result<Json<Envelope<Compared>>, VlensError> {
    let admission = admit(&state, &request)?;
    let mut body = Body::from_request(request, &state).await?;
    let one = picture(&mut body, "face_image1")?.ok_or_else(VlensError::bad_request)?;
    let other = picture(&mut body, "face_image2")?.ok_or_else(VlensError::bad_request)?;
    let found = state.service.compare_faces(admission, [one, other]).await?;
    Ok(Envelope::of(Compared::of(found, &body)?))
}
