//! `POST /api/DigitalIdentity/Register/StepVerifyEmail`: shows that an address is one's own.

use axum::Json;
use axum::extract::State;
use domain::Contact;
use serde::Deserialize;
use utoipa::ToSchema;

use super::step::{Answer, step};
use crate::ServerState;
use crate::api::vlens::auth::TenantCaller;
use crate::api::vlens::error::{ApiError, Envelope, VlensError};
use crate::api::vlens::wire::Body;

/// What is asked. Unknown members are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = StepVerifyEmailRequest, example = json!({"email": "ada@example.org"}))]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    /// An address.
    email: String,
    /// The request that the answer to the sending named.
    #[schema(format = "uuid")]
    email_otp_request_id: Option<String>,
    /// The code that came. Without it one is sent.
    email_otp: Option<String>,
}

/// Sends a code to an address, or takes note that the one that came is right.
///
/// The same whether somebody is known or not. A code counts for five minutes and is listened to until the fifth wrong one;
/// once confirmed it is to be shown once more at `Register`, within half an hour.
#[utoipa::path(
    post, path = "/api/DigitalIdentity/Register/StepVerifyEmail", tag = "identity",
    operation_id = "step_verify_email", request_body = Request,
    responses(
        (status = 200, body = Envelope<Answer>, description = "Sent or confirmed, or `error_code`: 6001 the code does not count, 4004 nothing is set up to send it"),
        (status = 400, body = ApiError, description = "Something is missing or malformed"),
        (status = 401, body = ApiError, description = "The key is missing or not valid"),
        (status = 415, body = ApiError, description = "The body is of another type"),
        (status = 429, body = ApiError, description = "Too many requests, or 4003: too many codes were asked for"),
        (status = 500, body = ApiError, description = "Something broke here"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    tenant: TenantCaller,
    body: Body,
) -> Result<Json<Envelope<Answer>>, VlensError> {
    let contact = Contact::Email(body.email()?.ok_or_else(VlensError::bad_request)?);
    let shown = body.code("emailOtp", "emailOtpRequestId")?;
    step(&state, tenant, &contact, shown).await.map(Envelope::of)
}
