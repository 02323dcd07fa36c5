//! `POST /api/verify/complete`: fetches the badge of a session that was passed. Once.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::TrueLensCaller;
use super::error::{ApiError, TrueLensError};
use super::wire::{Body, id, time, uuid};
use crate::ServerState;

/// What is asked.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CompleteRequest, example = json!({"verification_id": "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"}))]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct Request {
    /// As `init` gave it.
    verification_id: String,
}

/// The badge.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CompleteResponse, example = json!({
    "success": true,
    "verification_id": "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0",
    "expires_at": "2027-11-21T09:31:12.000Z",
    "is_demo": false,
    "badge_url": "https://id.example.com/badge/0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0",
}))]
pub(crate) struct Answer {
    /// Always true.
    pub(super) success: bool,
    /// The session.
    #[schema(format = "uuid")]
    pub(super) verification_id: String,
    /// Until when the badge counts.
    #[schema(format = DateTime)]
    pub(super) expires_at: String,
    /// Whether it is a demonstration.
    pub(super) is_demo: bool,
    /// The public page of the badge.
    #[schema(format = "uri")]
    pub(super) badge_url: String,
}

/// The id of a body, which must be there.
pub(super) fn verification_id(body: &Body) -> Result<&str, TrueLensError> {
    let id = body.0.get("verification_id").and_then(serde_json::Value::as_str).filter(|id| !id.is_empty());
    id.ok_or_else(|| TrueLensError::bad_request("Missing verification_id"))
}

/// Completes a session whose person has passed.
///
/// Succeeds once. Before the pass, after a failed or expired session and for what is not yours it is a 404.
#[utoipa::path(
    post, path = "/api/verify/complete", tag = "verify", operation_id = "complete",
    request_body = Request,
    responses(
        (status = 200, body = Answer, description = "The badge"),
        (status = 400, body = ApiError, description = "`Missing verification_id`"),
        (status = 401, body = ApiError, description = "`Missing API key` or `Invalid API key`"),
        (status = 403, body = ApiError, description = "`Subscription inactive`"),
        (status = 404, body = ApiError, description = "`Verification not found or already completed`"),
        (status = 413, body = ApiError, description = "The body is too large"),
        (status = 429, body = ApiError, description = "Too many requests"),
        (status = 500, body = ApiError, description = "Something broke here"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    TrueLensCaller(caller): TrueLensCaller,
    body: Body,
) -> Result<Json<Answer>, TrueLensError> {
    let id = id(verification_id(&body)?).ok_or_else(TrueLensError::not_found)?;
    let view = state.service.complete_presence(&caller, id).await?.ok_or_else(TrueLensError::not_found)?;
    let badge = view.badge.ok_or_else(TrueLensError::not_found)?;
    Ok(Json(Answer {
        success: true,
        verification_id: uuid(id),
        expires_at: time(badge.expires_at),
        is_demo: view.is_demo,
        badge_url: state.url(&format!("/badge/{}", uuid(id))),
    }))
}
