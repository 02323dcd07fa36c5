//! `GET /api/verify/status/{sessionId}`: how far a session is.

use app::PresenceState;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::auth::StatusCaller;
use super::error::{ApiError, TrueLensError};
use super::wire::{PathId, time, uuid};
use crate::ServerState;

/// How far a session is, in the vendor's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// The person has not passed yet.
    Pending,
    /// They have.
    Completed,
    /// The time is over, or no attempt is left: open a new session.
    Expired,
}

/// How far a session is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatusResponse, example = json!({
    "verification_id": "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0",
    "status": "completed",
    "created_at": "2026-11-21T09:30:00.000Z",
    "expires_at": "2027-11-21T09:31:12.000Z",
    "badge_url": "https://id.example.com/badge/0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0",
}))]
pub(crate) struct Answer {
    /// The session.
    #[schema(format = "uuid")]
    pub(super) verification_id: String,
    /// `pending`: the person has not passed yet. `completed`: they have. `expired`: the time is over, or no attempt is
    /// left; open a new session.
    pub(super) status: Status,
    /// When it was opened.
    #[schema(format = DateTime)]
    pub(super) created_at: String,
    /// Until when the badge counts; null without one.
    #[schema(format = DateTime, required = true)]
    pub(super) expires_at: Option<String>,
    /// The public page of the badge, once the person has passed.
    #[schema(format = "uri")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) badge_url: Option<String>,
}

impl From<PresenceState> for Status {
    fn from(state: PresenceState) -> Self {
        match state {
            PresenceState::Open => Self::Pending,
            PresenceState::Passed => Self::Completed,
            // The vendor has no word for it, and whoever polls must not wait for ever.
            PresenceState::Failed | PresenceState::Expired => Self::Expired,
        }
    }
}

/// How far a session is: to be asked every two seconds.
#[utoipa::path(
    get, path = "/api/verify/status/{session_id}", tag = "verify", operation_id = "status",
    params(("session_id" = String, Path, description = "The `verification_id`")),
    responses(
        (status = 200, body = Answer, description = "How far it is"),
        (status = 401, body = ApiError, description = "`Missing API key` or `Invalid API key`"),
        (status = 403, body = ApiError, description = "`Subscription inactive`"),
        (status = 404, body = ApiError, description = "`Verification not found or already completed`"),
        (status = 429, body = ApiError, description = "Too many requests"),
        (status = 500, body = ApiError, description = "Something broke here"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    StatusCaller(caller): StatusCaller,
    PathId(id): PathId,
) -> Result<Json<Answer>, TrueLensError> {
    let id = id.ok_or_else(TrueLensError::not_found)?;
    let view = state.service.presence(&caller, id).await?.ok_or_else(TrueLensError::not_found)?;
    Ok(Json(Answer {
        verification_id: uuid(id),
        status: view.state.into(),
        created_at: time(view.created_at),
        expires_at: view.badge.map(|badge| time(badge.expires_at)),
        badge_url: view.badge.map(|_| state.url(&format!("/badge/{}", uuid(id)))),
    }))
}
