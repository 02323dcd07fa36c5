//! `GET /api/v1/face-auth/{sid}/result`: how far a comparison is, and what came out.

use axum::Json;
use axum::extract::{Path, State};
use domain::{Origin, SessionPurpose, SessionState};
use serde::Serialize;
use utoipa::ToSchema;

use super::session_id;
use crate::ServerState;
use crate::api::mosaic::auth::MosaicCaller;
use crate::api::mosaic::error::{ApiError, MosaicError};
use crate::api::mosaic::wire;
use crate::api::mosaic::words::Recommendation;

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaceAuthStatus {
    /// It waits for the selfie.
    Pending,
    /// It is judged.
    Processing,
    /// It is decided.
    Complete,
    /// It was not finished in time, or could not be judged.
    Error,
}

impl From<SessionState> for FaceAuthStatus {
    fn from(state: SessionState) -> Self {
        match state {
            SessionState::Pending | SessionState::Capturing | SessionState::Recapture => Self::Pending,
            SessionState::Processing => Self::Processing,
            SessionState::Concluded(_) => Self::Complete,
            SessionState::Expired | SessionState::Failed => Self::Error,
        }
    }
}

/// What came out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FaceAuthResult, example = json!({"status": "complete", "recommendation": "ALLOW"}))]
pub(crate) struct Answer {
    /// How far it is.
    status: FaceAuthStatus,
    /// Once it is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    recommendation: Option<Recommendation>,
}

/// How far a comparison is, and what came out.
#[utoipa::path(
    get, path = "/api/v1/face-auth/{sid}/result", tag = "face-auth", operation_id = "getFaceAuthResult",
    params(("sid" = String, Path, description = "The `session_id` or the `device_session_id`")),
    responses(
        (status = 200, body = Answer, description = "How far it is"),
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
    let id = wire::session_id(session_id(&sid))?;
    let (caller, purpose) = (&client.caller, SessionPurpose::FaceAuth);
    let view = state.service.session(caller, Origin::Mosaic, purpose, id).await?;
    let state = view.ok_or_else(MosaicError::not_found)?.session.state;
    let recommendation = match state {
        SessionState::Concluded(decision) => Some(decision.into()),
        _ => None,
    };
    Ok(Json(Answer { status: state.into(), recommendation }))
}
