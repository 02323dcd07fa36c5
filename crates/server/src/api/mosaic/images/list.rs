//! `GET /api/v1/verification/{sid}/images`: what images there are.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::name;
use crate::ServerState;
use crate::api::mosaic::auth::MosaicCaller;
use crate::api::mosaic::error::{ApiError, MosaicError};
use crate::api::mosaic::find;
use crate::api::mosaic::words::ImageType;

/// The images.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionImagesResponse)]
pub(crate) struct Answer {
    /// In the order in which they came.
    session_images: Vec<SessionImage>,
}

/// An image.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionImageDto, example = json!({
    "id": "front-1", "format": "jpg", "type": "document_front", "rejected": false, "original": true,
}))]
pub(crate) struct SessionImage {
    /// Its id: your own `image_id`, where that is one of a kind in the session.
    id: String,
    /// `jpg`.
    format: &'static str,
    /// What it was to show.
    #[serde(rename = "type")]
    kind: ImageType,
    /// Whether it could not be used.
    rejected: bool,
    /// Whether it was sent; otherwise it was cut from another.
    original: bool,
    /// The one that it was cut from.
    #[serde(skip_serializing_if = "Option::is_none")]
    original_id: Option<String>,
}

/// All images of a session, those that could not be used too.
#[utoipa::path(
    get, path = "/api/v1/verification/{sid}/images", tag = "verification", operation_id = "getImages",
    params(("sid" = String, Path, description = "The `session_id`")),
    responses(
        (status = 200, body = Answer, description = "The images"),
        (status = 401, body = ApiError, description = "The access token is missing, malformed or expired"),
        (status = 403, body = ApiError, description = "`Subscription inactive`"),
        (status = 404, body = ApiError, description = "`Session not found`"),
        (status = 429, body = ApiError, description = "Too many requests"),
        (status = 500, body = ApiError, description = "Something broke here"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    MosaicCaller(client): MosaicCaller,
    Path(sid): Path<String>,
) -> Result<Json<Answer>, MosaicError> {
    let view = find(&state, &client.caller, &sid).await?;
    let of = |id| view.images.iter().find(|image| image.id == id).map(|image| name(&view, image));
    let images = view.images.iter().map(|image| SessionImage {
        id: name(&view, image),
        format: "jpg",
        kind: image.kind.into(),
        rejected: image.is_rejected,
        original: image.original.is_none(),
        original_id: image.original.and_then(of),
    });
    Ok(Json(Answer { session_images: images.collect() }))
}
