//! `POST /api/DigitalIdentity/CheckExistenceOfEmailOrPhone`: whether somebody is known.

use axum::Json;
use axum::extract::State;
use axum::http::Extensions;
use domain::Contact;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ServerState;
use crate::api::vlens::auth::{TenantCaller, charge_existence};
use crate::api::vlens::error::{ApiError, Envelope, VlensError};
use crate::api::vlens::wire::Body;

/// What is asked: one of the two, or both. Unknown members are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CheckExistenceRequest, example = json!({"phoneNumber": "+201234567890"}))]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct Request {
    /// A number as in E.164.
    #[serde(rename = "phoneNumber")]
    phone_number: Option<String>,
    /// An address.
    email: Option<String>,
}

/// Whether somebody is known.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CheckExistence)]
pub(crate) struct Answer {
    /// Whether somebody of the tenant registered with the number, or showed the address to be theirs.
    exists: bool,
}

/// Says whether somebody of the tenant is known.
///
/// The one route that does; counted apart, 20 a minute of a tenant where nothing else is set.
#[utoipa::path(
    post, path = "/api/DigitalIdentity/CheckExistenceOfEmailOrPhone", tag = "identity",
    operation_id = "check_existence", request_body = Request,
    responses(
        (status = 200, body = Envelope<Answer>, description = "Whether they are known"),
        (status = 400, body = ApiError, description = "Something is missing or malformed"),
        (status = 401, body = ApiError, description = "The key is missing or not valid"),
        (status = 415, body = ApiError, description = "The body is of another type"),
        (status = 429, body = ApiError, description = "Too many requests, or too many of these"),
        (status = 500, body = ApiError, description = "Something broke here"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    TenantCaller { caller, .. }: TenantCaller,
    extensions: Extensions,
    body: Body,
) -> Result<Json<Envelope<Answer>>, VlensError> {
    let phone = body.parsed("phoneNumber")?.map(Contact::Phone);
    let contacts: Vec<Contact> = phone.into_iter().chain(body.email()?.map(Contact::Email)).collect();
    if contacts.is_empty() {
        return Err(VlensError::bad_request());
    }
    let mut exists = false;
    for contact in &contacts {
        // Each is a question.
        charge_existence(&extensions, &state, &caller)?;
        exists |= state.service.has_identity(&caller, contact).await?;
    }
    Ok(Envelope::of(Answer { exists }))
}
