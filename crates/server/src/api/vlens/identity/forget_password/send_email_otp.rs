//! `POST /api/DigitalIdentity/ForgetPassword/SendEmailOtp`: sends a code to whoever forgot their password.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Answer;
use crate::ServerState;
use crate::api::vlens::auth::TenantCaller;
use crate::api::vlens::error::{ApiError, Envelope, VlensError};
use crate::api::vlens::identity::check_channel;
use crate::api::vlens::wire::{Body, uuid};

/// What is asked. Unknown members are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = SendEmailOtpRequest, example = json!({"emailOrPhoneNumber": "ada@example.org"}))]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    /// A confirmed address or a number of an account: the code goes there.
    email_or_phone_number: String,
    /// Not looked at.
    id_number: Option<String>,
}

/// Sends a code to an address or a number, where an account has it.
///
/// What is answered, and how soon, is the same where none has.
#[utoipa::path(
    post, path = "/api/DigitalIdentity/ForgetPassword/SendEmailOtp", tag = "identity",
    operation_id = "forget_password_send", request_body = Request,
    responses(
        (status = 200, body = Envelope<Answer>, description = "The request, or `error_code`: 4004 nothing is set up to send a code there"),
        (status = 400, body = ApiError, description = "Something is missing or malformed"),
        (status = 401, body = ApiError, description = "The key is missing or not valid"),
        (status = 415, body = ApiError, description = "The body is of another type"),
        (status = 429, body = ApiError, description = "Too many requests, or 4003: too many codes were asked for"),
        (status = 500, body = ApiError, description = "Something broke here"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    TenantCaller { caller, asker }: TenantCaller,
    body: Body,
) -> Result<Json<Envelope<Answer>>, VlensError> {
    let contact = body.contact()?;
    check_channel(&state, &contact)?;
    let sent = state.service.send_reset_code(&caller, asker, &contact).await?;
    Ok(Envelope::of(Answer {
        email_otp_request_id: uuid(sent.request),
        email_otp_expire_in_seconds: sent.expires_in.as_secs(),
    }))
}
