//! `POST /api/v1/face-auth/{sid}/images`: takes the selfie. An addition: the vendor's closed apps have a way of their own.

use axum::Json;
use axum::extract::{Path, Request, State};
use domain::SessionPurpose;

use super::session_id;
use crate::ServerState;
use crate::api::mosaic::auth::MosaicCaller;
use crate::api::mosaic::error::{ApiError, MosaicError};
use crate::api::mosaic::images::add::{self, AddImage, Answer};

/// Takes the selfie, and says at once whether it can be used.
#[utoipa::path(
    post, path = "/api/v1/face-auth/{sid}/images", tag = "face-auth", operation_id = "addFaceAuthImage",
    params(("sid" = String, Path, description = "The `session_id` or the `device_session_id`")),
    request_body(content = AddImage, description = "With `image_type` `selfie`"),
    responses(
        (status = 200, body = Answer, description = "What became of it"),
        (status = 400, body = ApiError, description = "A member is wrong, or the session has ended"),
        (status = 401, body = ApiError, description = "The access token is missing, malformed or expired"),
        (status = 403, body = ApiError, description = "`Subscription inactive`"),
        (status = 404, body = ApiError, description = "`Session not found`"),
        (status = 409, body = ApiError, description = "`All required images were successfully submitted`"),
        (status = 413, body = ApiError, description = "The body is too large"),
        (status = 429, body = ApiError, description = "Too many requests"),
        (status = 500, body = ApiError, description = "Something broke here"),
        (status = 503, body = ApiError, description = "The server is busy"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    MosaicCaller(client): MosaicCaller,
    Path(sid): Path<String>,
    request: Request,
) -> Result<Json<Answer>, MosaicError> {
    add::take(&state, &client.caller, SessionPurpose::FaceAuth, session_id(&sid), request).await
}
