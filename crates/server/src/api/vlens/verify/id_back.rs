//! `POST /api/DigitalIdentity/verify/id/back` and `POST /v1/ocr/id/back`: the back of the card.

use axum::extract::{Request, State};
use axum::response::Response;
use domain::PageSide;

use super::{Answer, SideRequest, take_side};
use crate::ServerState;
use crate::api::vlens::auth::{OcrCaller, PersonCaller};
use crate::api::vlens::error::ApiError;

/// Takes the back of the card for the person who is signed in.
///
/// Front and back may come in either order, and again until the face was judged.
#[utoipa::path(
    post, path = "/api/DigitalIdentity/verify/id/back", tag = "verify", operation_id = "verify_id_back",
    request_body = SideRequest, security(("api_key" = [], "access_token" = [])),
    responses(
        (status = 200, body = Answer, description = "What was read, or `error_code`: 3001..3011, 3101, 4002, 4003, 5001..5007, 7002"),
        (status = 400, body = ApiError, description = "Something is missing or malformed, also the base64"),
        (status = 401, body = ApiError, description = "The key is missing or not valid"),
        (status = 403, body = ApiError, description = "The access token is missing, not valid or another tenant's"),
        (status = 413, body = ApiError, description = "The body is too large"),
        (status = 415, body = ApiError, description = "The body or the image is of another type"),
        (status = 429, body = ApiError, description = "Too many requests, or 4003: too many faces of this person were refused"),
        (status = 500, body = ApiError, description = "Something broke here"),
        (status = 503, body = ApiError, description = "The server is busy, or the models that read cards are not there"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    PersonCaller { tenant, person }: PersonCaller,
    request: Request,
) -> Response {
    take_side(&state, tenant, Some(person), PageSide::Back, request).await
}

/// Takes the back of the card with a key alone.
///
/// As `verify/id/back`; the transaction belongs to the tenant until somebody links it.
#[utoipa::path(
    post, path = "/v1/ocr/id/back", tag = "ocr", operation_id = "ocr_id_back", request_body = SideRequest,
    responses(
        (status = 200, body = Answer, description = "What was read, or `error_code`: 3001..3011, 3101, 4002, 4003, 5001..5007, 7002"),
        (status = 400, body = ApiError, description = "Something is missing or malformed, also the base64"),
        (status = 401, body = ApiError, description = "The key is missing or not valid"),
        (status = 413, body = ApiError, description = "The body is too large"),
        (status = 415, body = ApiError, description = "The body or the image is of another type"),
        (status = 429, body = ApiError, description = "Too many requests"),
        (status = 500, body = ApiError, description = "Something broke here"),
        (status = 503, body = ApiError, description = "The server is busy, or the models that read cards are not there"),
    ),
)]
pub(crate) async fn ocr(
    State(state): State<ServerState>,
    OcrCaller(tenant): OcrCaller,
    request: Request,
) -> Response {
    take_side(&state, tenant, None, PageSide::Back, request).await
}
