//! `GET /api/v1/verification/{sid}/consent`: whether the person agreed.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::auth::MosaicCaller;
use super::error::{ApiError, MosaicError};
use super::find;
use super::wire::time;
use crate::ServerState;

/// Whether the person agreed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GetConsentApprovalResponse, example = json!({
    "consent_granted": true, "consent_date": "2026-11-21T09:30:00.000Z",
}))]
pub(crate) struct Answer {
    /// Whether they did, as far as this server was told.
    consent_granted: bool,
    /// When.
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    consent_date: Option<String>,
}

/// Whether the person agreed to be looked at, and when.
#[utoipa::path(
    get, path = "/api/v1/verification/{sid}/consent", tag = "verification", operation_id = "getConsent",
    params(("sid" = String, Path, description = "The `session_id`")),
    responses(
        (status = 200, body = Answer, description = "Whether they did"),
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
    let consent = find(&state, &client.caller, &sid).await?.consent;
    Ok(Json(Answer {
        consent_granted: consent.is_some(),
        consent_date: consent.map(|consent| time(consent.at)),
    }))
}
