//! `POST /api/credentials/Login`: tokens for a user of the tenant's staff.

use app::IdentityError;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ACCESS_SECONDS, REFRESH_SECONDS};
use crate::ServerState;
use crate::api::vlens::auth::{TENANT_HEADER, TenantCaller};
use crate::api::vlens::error::{ApiError, Envelope, VlensError};
use crate::api::vlens::wire::{Body, MOST_TEXT};

/// Most characters of a password here.
const MOST_PASSWORD: usize = 32;

/// What is asked. Unknown members are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CredentialsLoginRequest, example = json!({
    "tenancyName": "shop", "userNameOrEmailAddress": "ada", "password": "correct horse battery",
}))]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct Request {
    /// The tenant's name, that of the key.
    #[serde(rename = "tenancyName")]
    #[schema(max_length = 256)]
    tenancy_name: String,
    /// Name of a user that `bonafide user create` made.
    #[serde(rename = "userNameOrEmailAddress")]
    #[schema(max_length = 256)]
    user_name: String,
    /// The password.
    #[schema(max_length = 32)]
    password: String,
}

/// Tokens.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CredentialsLogin)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    /// A JWT for `Authorization: Bearer`.
    access_token: String,
    /// Seconds for which it counts: a day.
    #[schema(example = 86400)]
    expire_in_seconds: u64,
    /// For `RefreshToken`, once.
    refresh_token: String,
    /// Seconds for which it counts: a week.
    #[schema(example = 604_800)]
    refresh_token_expire_in_seconds: u64,
}

/// Signs a user of the tenant's staff in.
///
/// The header `TenancyName` and the member `tenancyName` must both be the name of the key's tenant. Another name, user or
/// password: `error_code` 401.
#[utoipa::path(
    post, path = "/api/credentials/Login", tag = "credentials", operation_id = "credentials_login",
    params(("TenancyName" = String, Header, description = "The tenant's name")),
    request_body = Request,
    responses(
        (status = 200, body = Envelope<Answer>, description = "Tokens, or `error_code`: 401 bad credentials, 4007 suspended"),
        (status = 400, body = ApiError, description = "Something is missing or malformed"),
        (status = 401, body = ApiError, description = "The key is missing or not valid"),
        (status = 415, body = ApiError, description = "The body is of another type"),
        (status = 429, body = ApiError, description = "Too many requests, or 4003: too many wrong passwords"),
        (status = 500, body = ApiError, description = "Something broke here"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    TenantCaller { caller, asker }: TenantCaller,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Envelope<Answer>>, VlensError> {
    let named = headers.get(TENANT_HEADER).ok_or_else(VlensError::bad_request)?;
    let tenancy = body.required("tenancyName", MOST_TEXT)?;
    let name = body.required("userNameOrEmailAddress", MOST_TEXT)?;
    let password = body.required("password", MOST_PASSWORD)?;
    let own = caller.tenant.name.as_str();
    if named.as_bytes() != own.as_bytes() || tenancy != own {
        return Err(IdentityError::BadCredentials.into());
    }
    let issuer = state.url("");
    let tokens = state.service.sign_in_user(&caller, asker.from, (name, password), &issuer).await?;
    Ok(Envelope::of(Answer {
        access_token: tokens.access,
        expire_in_seconds: ACCESS_SECONDS,
        refresh_token: tokens.refresh,
        refresh_token_expire_in_seconds: REFRESH_SECONDS,
    }))
}
