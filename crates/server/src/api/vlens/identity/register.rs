//! `POST /api/DigitalIdentity/Register`: makes an account.

use app::Registration;
use axum::Json;
use axum::extract::State;
use domain::Identity;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ServerState;
use crate::api::vlens::auth::TenantCaller;
use crate::api::vlens::credentials::ACCESS_SECONDS;
use crate::api::vlens::error::{ApiError, CODE_NEEDED, Envelope, NO_PROVIDER, VlensError};
use crate::api::vlens::wire::Body;

/// What is asked. Unknown members are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = RegisterRequest, example = json!({
    "phoneNumber": "+201234567890", "phoneNumberOtp": "012345",
    "phoneNumberOtpRequestId": "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0", "password": "correct horse battery",
}))]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    /// A number as in E.164.
    phone_number: String,
    /// An address.
    email: Option<String>,
    /// 8 to 128 characters. Without one the person signs in with codes alone.
    #[schema(min_length = 8, max_length = 128)]
    password: Option<String>,
    /// The code that `StepVerifyPhone` sent.
    phone_number_otp: String,
    /// The request that it named.
    #[schema(format = "uuid")]
    phone_number_otp_request_id: String,
    /// The code that `StepVerifyEmail` sent. Without it the address stays unconfirmed.
    email_otp: Option<String>,
    /// The request that it named.
    #[schema(format = "uuid")]
    email_otp_request_id: Option<String>,
    /// Must be missing or null: there is no other provider.
    o_auth_token_verification_request_id: Option<String>,
}

/// The account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Register)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    /// Whether the person was verified.
    is_digital_identity_verified: bool,
    /// A JWT for `Authorization: Bearer`.
    access_token: String,
    /// Seconds for which it counts.
    #[schema(example = 86400)]
    expire_in_seconds: u64,
    /// The person.
    user: Registered,
}

/// A person who has just registered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RegisteredUser)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Registered {
    /// Counts the people of the tenant.
    #[schema(example = 1)]
    id: i64,
    /// Their address.
    #[schema(example = "ada@example.org")]
    email_address: Option<String>,
    /// Their number.
    #[schema(example = "+201234567890")]
    phone_number: String,
}

/// Makes an account with a number that was shown to be one's own, and signs its person in.
///
/// Its codes are used up, whatever comes of it.
#[utoipa::path(
    post, path = "/api/DigitalIdentity/Register", tag = "identity", operation_id = "register",
    request_body = Request,
    responses(
        (status = 200, body = Envelope<Answer>, description = "The account, or `error_code`: 6001 a code does not count, 6002 the number is taken, 6003 the address is, 6004 the password, 6005 a code is needed, 6006 no other provider"),
        (status = 400, body = ApiError, description = "Something is missing or malformed"),
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
    let phone = body.phone()?;
    let phone_code = body.code("phoneNumberOtp", "phoneNumberOtpRequestId")?;
    let email = body.email()?;
    let email_code = body.code("emailOtp", "emailOtpRequestId")?;
    let password = body.new_password("password")?;
    if body.has("oAuthTokenVerificationRequestId") {
        return Err(VlensError::business(NO_PROVIDER));
    }
    let phone_code = phone_code.ok_or_else(|| VlensError::business(CODE_NEEDED))?;
    let new = Registration { phone, phone_code, email, email_code, password };
    let (identity, tokens) = state.service.register(&caller, new, &state.url("")).await?;
    Ok(Envelope::of(render(identity, tokens.access)))
}

fn render(identity: Identity, access_token: String) -> Answer {
    Answer {
        is_digital_identity_verified: identity.verified_at.is_some(),
        access_token,
        expire_in_seconds: ACCESS_SECONDS,
        user: Registered {
            id: identity.number,
            email_address: identity.email.map(String::from),
            phone_number: identity.phone.into(),
        },
    }
}
