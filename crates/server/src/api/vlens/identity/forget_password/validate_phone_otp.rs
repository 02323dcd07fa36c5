//! `POST /api/DigitalIdentity/ForgetPassword/ValidatePhoneOtp`: shows the code that came to a number.

use axum::Json;
use axum::extract::State;
use domain::Contact;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Answer, validate};
use crate::ServerState;
use crate::api::vlens::auth::TenantCaller;
use crate::api::vlens::error::{ApiError, Envelope, VlensError};
use crate::api::vlens::wire::Body;

/// What is asked. Unknown members are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ValidatePhoneOtpRequest)]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    /// What the code was sent to: a number.
    email_or_phone_number: String,
    /// Not looked at.
    id_number: Option<String>,
    /// The request that `SendEmailOtp` named.
    #[schema(format = "uuid")]
    phone_number_otp_request_id: String,
    /// The code that came.
    phone_number_otp: String,
    /// The new password, an addition. Without it the code is confirmed, and counts for it for half an hour.
    #[schema(min_length = 8, max_length = 128)]
    new_password: Option<String>,
}

/// Takes note that the code is right, or sets another password with it.
///
/// Who sets another password is signed out everywhere.
#[utoipa::path(
    post, path = "/api/DigitalIdentity/ForgetPassword/ValidatePhoneOtp", tag = "identity",
    operation_id = "forget_password_validate_phone", request_body = Request,
    responses(
        (status = 200, body = Envelope<Answer>, description = "Done, or `error_code`: 6001 the code does not count, 6004 the password"),
        (status = 400, body = ApiError, description = "Something is missing or malformed"),
        (status = 401, body = ApiError, description = "The key is missing or not valid"),
        (status = 415, body = ApiError, description = "The body is of another type"),
        (status = 429, body = ApiError, description = "Too many requests"),
        (status = 500, body = ApiError, description = "Something broke here"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    tenant: TenantCaller,
    body: Body,
) -> Result<Json<Envelope<Answer>>, VlensError> {
    let contact = body.contact()?;
    if !matches!(contact, Contact::Phone(_)) {
        return Err(VlensError::bad_request());
    }
    let shown = body.code("phoneNumberOtp", "phoneNumberOtpRequestId")?;
    validate(&state, tenant, &contact, shown, &body).await.map(Envelope::of)
}
