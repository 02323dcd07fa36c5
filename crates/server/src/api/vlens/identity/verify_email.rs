//! `POST /api/DigitalIdentity/VerifyEmail`: shows, while signed in, that an address is one's own.

use axum::Json;
use axum::extract::State;
use domain::Contact;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::check_channel;
use crate::ServerState;
use crate::api::vlens::auth::{PersonCaller, TenantCaller};
use crate::api::vlens::error::{ApiError, Envelope, VlensError};
use crate::api::vlens::wire::{Body, MOST_TEXT, uuid};

/// What is asked. Unknown members are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = VerifyEmailRequest, example = json!({"email": "ada@example.org"}))]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    /// An address.
    email: String,
    /// The code that came. Without it one is sent.
    email_otp: Option<String>,
    /// The request that the answer to the sending named.
    #[schema(format = "uuid")]
    email_otp_request_id: Option<String>,
    /// Comes back as it was sent.
    transaction_id: Option<String>,
    /// Not looked at: nobody is sent anywhere.
    return_url: Option<String>,
}

/// How far it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VerifyEmail)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    /// To be sent together with the code.
    #[schema(format = "uuid")]
    email_otp_request_id: String,
    /// Seconds for which the code counts; 0 once it was used.
    #[schema(example = 300)]
    email_otp_expire_in_seconds: u64,
    /// Whether the address is the person's own now.
    is_email_confirmed: bool,
    /// As it was sent.
    transaction_id: Option<String>,
}

/// Sends a code to an address, or makes the address the person's own with the code that came.
///
/// The only route here that needs the token of a person.
#[utoipa::path(
    post, path = "/api/DigitalIdentity/VerifyEmail", tag = "identity", operation_id = "verify_email",
    security(("api_key" = [], "access_token" = [])), request_body = Request,
    responses(
        (status = 200, body = Envelope<Answer>, description = "Sent or confirmed, or `error_code`: 6001 the code does not count, 6003 the address is taken, 4004 nothing is set up to send it"),
        (status = 400, body = ApiError, description = "Something is missing or malformed"),
        (status = 401, body = ApiError, description = "The key is missing or not valid"),
        (status = 403, body = ApiError, description = "The token is missing, not valid, or of another tenant"),
        (status = 415, body = ApiError, description = "The body is of another type"),
        (status = 429, body = ApiError, description = "Too many requests, or 4003: too many codes were asked for"),
        (status = 500, body = ApiError, description = "Something broke here"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    PersonCaller { tenant: TenantCaller { caller, asker }, person }: PersonCaller,
    body: Body,
) -> Result<Json<Envelope<Answer>>, VlensError> {
    let email = body.email()?.ok_or_else(VlensError::bad_request)?;
    let shown = body.code("emailOtp", "emailOtpRequestId")?;
    let transaction_id = body.text("transactionId", MOST_TEXT)?.map(str::to_owned);
    let (request, seconds, is_email_confirmed) = if let Some(shown) = shown {
        state.service.confirm_email(&caller, &person, &email, &shown).await?;
        (shown.request, 0, true)
    } else {
        check_channel(&state, &Contact::Email(email.clone()))?;
        let sent = state.service.send_email_code(&caller, asker, &person, &email).await?;
        (sent.request, sent.expires_in.as_secs(), false)
    };
    Ok(Envelope::of(Answer {
        email_otp_request_id: uuid(request),
        email_otp_expire_in_seconds: seconds,
        is_email_confirmed,
        transaction_id,
    }))
}
