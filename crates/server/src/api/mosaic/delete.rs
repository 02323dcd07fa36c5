//! `DELETE /api/v1/verification/{sid}`: erases a session.

use axum::Json;
use axum::extract::{Path, State};
use domain::Origin;
use serde::Serialize;
use utoipa::ToSchema;

use super::auth::MosaicCaller;
use super::error::{ApiError, MosaicError};
use super::wire::session_id;
use crate::ServerState;

/// That it is gone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeleteSessionResponse)]
pub(crate) struct Answer {
    /// `Session deleted`.
    #[schema(example = "Session deleted")]
    message: &'static str,
}

/// Erases a session, be it of a document or of a face: its data, its images, and the key that they were encrypted with.
#[utoipa::path(
    delete, path = "/api/v1/verification/{sid}", tag = "verification", operation_id = "deleteSession",
    params(("sid" = String, Path, description = "The `session_id`")),
    responses(
        (status = 200, body = Answer, description = "It is gone"),
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
    let is_gone = state.service.delete_session(&client.caller, Origin::Mosaic, session_id(&sid)?).await?;
    is_gone.then_some(Json(Answer { message: "Session deleted" })).ok_or_else(MosaicError::not_found)
}
