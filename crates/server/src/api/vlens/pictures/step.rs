//! `GET /api/DigitalIdentity/GetStepImage`: a picture of a transaction.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::TransactionId;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::query;
use crate::ServerState;
use crate::api::vlens::auth::StaffCaller;
use crate::api::vlens::error::{ApiError, Envelope, VlensError};

/// A picture.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StepImage)]
pub(crate) struct Answer {
    /// The file as it was sent, in base64.
    image: String,
}

/// Shows a picture of a transaction to a user with the permission `Requests`. That it was shown is noted in the audit log.
///
/// The name is looked up among those of the transaction and never becomes part of a path. `ImpersonatedTenantId` is
/// refused: a key and a user open their own tenant.
#[utoipa::path(
    get, path = "/api/DigitalIdentity/GetStepImage", tag = "pictures", operation_id = "get_step_image",
    security(("api_key" = [], "access_token" = [])),
    params(
        ("TransactionId" = String, Query, description = "A UUID"),
        ("FileName" = String, Query, description = "A name of `GetUserDigitalIdentityImages`"),
        ("ImpersonatedTenantId" = Option<i64>, Query, description = "Refused with 403"),
        ("LogId" = Option<String>, Query, description = "Not looked at"),
    ),
    responses(
        (status = 200, body = Envelope<Answer>, description = "The picture, or `error_code` 5004: there is none of that name"),
        (status = 400, body = ApiError, description = "A parameter is missing or malformed"),
        (status = 401, body = ApiError, description = "The key is missing or not valid"),
        (status = 403, body = ApiError, description = "The access token is missing, not valid, or of nobody who may see pictures"),
        (status = 429, body = ApiError, description = "Too many requests"),
        (status = 500, body = ApiError, description = "Something broke here"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    StaffCaller { tenant, user }: StaffCaller,
    parameters: RawQuery,
) -> Result<Json<Envelope<Answer>>, VlensError> {
    if query(&parameters, "ImpersonatedTenantId").is_some() {
        return Err(VlensError::transport(StatusCode::FORBIDDEN));
    }
    let id = query(&parameters, "TransactionId").ok_or_else(VlensError::bad_request)?;
    let id = Uuid::try_parse(&id).map_err(|_| VlensError::bad_request())?;
    let name = query(&parameters, "FileName").ok_or_else(VlensError::bad_request)?;
    let id = TransactionId::from_bytes(id.into_bytes());
    let file = state.service.picture_of_step(&tenant.caller, &user, id, &name).await?;
    let file = file.ok_or_else(|| VlensError::business(5004))?;
    Ok(Envelope::of(Answer { image: BASE64.encode(&file.bytes) }))
}
