//! `GET /api/v1/verification/{sid}/images/{id}`: one image.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use utoipa::ToSchema;

use super::name;
use crate::ServerState;
use crate::api::mosaic::auth::MosaicCaller;
use crate::api::mosaic::error::{ApiError, MosaicError};
use crate::api::mosaic::{find, query, wire};

/// A JPEG.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is bytes")]
pub(crate) struct Jpeg(Vec<u8>);

/// In which form it is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum ImageFormat {
    /// The bytes.
    Raw,
    /// The bytes in base64.
    Base64,
}

/// An image of a session, those that could not be used too. That it was shown is noted in the audit log.
#[utoipa::path(
    get, path = "/api/v1/verification/{sid}/images/{id}", tag = "verification", operation_id = "getImage",
    params(
        ("sid" = String, Path, description = "The `session_id`"),
        ("id" = String, Path, description = "As the list of images has it"),
        ("format" = inline(Option<ImageFormat>), Query, description = "`raw` where nothing is set"),
    ),
    responses(
        (status = 200, content((Jpeg = "image/jpg"), (String = "text/plain")), description = "The image"),
        (status = 400, body = ApiError, description = "`format` is neither `raw` nor `base64`"),
        (status = 401, body = ApiError, description = "The access token is missing, malformed or expired"),
        (status = 403, body = ApiError, description = "`Subscription inactive`"),
        (status = 404, body = ApiError, description = "`Session not found` or `Image not found`"),
        (status = 429, body = ApiError, description = "Too many requests"),
        (status = 500, body = ApiError, description = "Something broke here"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    MosaicCaller(client): MosaicCaller,
    Path((sid, id)): Path<(String, String)>,
    RawQuery(asked): RawQuery,
) -> Result<Response, MosaicError> {
    let format = match query(asked.as_deref(), "format").as_deref() {
        None | Some("raw") => ImageFormat::Raw,
        Some("base64") => ImageFormat::Base64,
        Some(_) => return Err(MosaicError::bad_request("format must be raw or base64")),
    };
    let not_found = || MosaicError::new(StatusCode::NOT_FOUND, "Image not found");
    let view = find(&state, &client.caller, &sid).await?;
    let image = view.images.iter().find(|image| image.id.to_string() == id || name(&view, image) == id);
    let image = image.ok_or_else(not_found)?.id;
    let file = state.service.session_image(&client.caller, &view, image).await?.ok_or_else(not_found)?;
    Ok(match format {
        ImageFormat::Raw => ([(header::CONTENT_TYPE, "image/jpg")], NO_STORE, file.bytes).into_response(),
        ImageFormat::Base64 => (NO_STORE, wire::base64(&file.bytes)).into_response(),
    })
}

const NO_STORE: [(HeaderName, HeaderValue); 1] =
    [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
