//! `POST /api/credentials/RefreshToken`: the next tokens for a refresh token.

use app::IdentityError;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ACCESS_SECONDS;
use crate::ServerState;
use crate::api::vlens::auth::TenantCaller;
use crate::api::vlens::error::{ApiError, Envelope, VlensError};
use crate::api::vlens::wire::Body;

/// Most characters of a token: several times what one has.
const MOST_TOKEN: usize = 4096;

/// What is asked. Unknown members are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = RefreshTokenRequest, example = json!({"refreshToken": "eyJ..."}))]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct Request {
    /// The last refresh token that was given out.
    #[serde(rename = "refreshToken")]
    refresh_token: Option<String>,
}

/// The next tokens.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RefreshToken)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    /// A JWT for `Authorization: Bearer`.
    access_token: String,
    /// Null.
    encrypted_access_token: Option<String>,
    /// Seconds for which the access token counts.
    #[schema(example = 86400)]
    expire_in_seconds: u64,
    /// For the next exchange, once; the one that was sent is used up.
    refresh_token: String,
    /// The same once more.
    new_refresh_token: String,
}

/// Exchanges a refresh token for the next tokens.
///
/// Each is good once: whoever shows a used one ends all tokens that came of the same signing in. A token that does not
/// count: `error_code` 403.
#[utoipa::path(
    post, path = "/api/credentials/RefreshToken", tag = "credentials", operation_id = "refresh_token",
    request_body = Request,
    responses(
        (status = 200, body = Envelope<Answer>, description = "Tokens, or `error_code`: 403 the token does not count"),
        (status = 400, body = ApiError, description = "Something is malformed"),
        (status = 401, body = ApiError, description = "The key is missing or not valid"),
        (status = 415, body = ApiError, description = "The body is of another type"),
        (status = 429, body = ApiError, description = "Too many requests"),
        (status = 500, body = ApiError, description = "Something broke here"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    TenantCaller { caller, .. }: TenantCaller,
    body: Body,
) -> Result<Json<Envelope<Answer>>, VlensError> {
    let token = body.text("refreshToken", MOST_TOKEN)?.ok_or(IdentityError::BadToken)?;
    let tokens = state.service.refresh_tokens(&caller, token, &state.url("")).await?;
    Ok(Envelope::of(Answer {
        access_token: tokens.access,
        encrypted_access_token: None,
        expire_in_seconds: ACCESS_SECONDS,
        refresh_token: tokens.refresh.clone(),
        new_refresh_token: tokens.refresh,
    }))
}
