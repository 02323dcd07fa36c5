//! `POST /api/DigitalIdentity/Login`: signs a person in.

use app::{SentCode, SignIn, SignedIn, TokenPair};
use axum::Json;
use axum::extract::State;
use domain::Identity;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::User;
use crate::ServerState;
use crate::api::vlens::auth::TenantCaller;
use crate::api::vlens::error::{ApiError, Envelope, VlensError};
use crate::api::vlens::wire::{Body, MOST_TEXT, uuid};

/// What is asked. Unknown members are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = LoginRequest, example = json!({
    "phoneNumber": "+201234567890", "password": "correct horse battery", "imei": "b1946ac92492d234",
    "geoLocation": {"latitude": 30.04, "longitude": 31.24},
}))]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    /// A number as in E.164.
    phone_number: String,
    /// The password, where the person has one.
    password: Option<String>,
    /// Not looked at, and not kept.
    geo_location: Option<GeoLocation>,
    /// What the device calls itself: the same each time. Kept as a keyed hash.
    #[schema(max_length = 256)]
    imei: String,
    /// Not looked at, and not kept.
    imsi: Option<String>,
    /// The request that the answer without tokens named.
    #[schema(format = "uuid")]
    phone_number_otp_request_id: Option<String>,
    /// The code that came.
    phone_number_otp: Option<String>,
    /// `true` asks for a code on a known device too. Nothing here asks for less.
    #[serde(rename = "isPhone2FAEnabled")]
    is_phone_2fa_enabled: Option<bool>,
    /// Not looked at: the server's operator chooses who sends text messages.
    sms_provider: Option<i32>,
}

/// A place, in degrees; as numbers or as texts.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "the OpenAPI document's form of what is not looked at")]
pub(crate) struct GeoLocation {
    latitude: f64,
    longitude: f64,
}

/// Tokens, or the request of a code.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = Login)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the vendor's form")]
pub(crate) struct Answer {
    /// `false`.
    has_pending_request: bool,
    /// `false`: an address is confirmed by `VerifyEmail`.
    is_email_confirmation_required: bool,
    /// Whether the person showed their address to be theirs; `false` until they are signed in.
    is_email_confirmed: bool,
    /// Whether a code is needed: send the same again, with the code.
    is_phone_number_confirmation_required: bool,
    /// Whether the person showed their number to be theirs; `false` until they are signed in.
    is_phone_number_confirmed: bool,
    /// Null.
    phone_number_otp: Option<String>,
    /// To be sent together with the code.
    #[schema(format = "uuid")]
    phone_number_otp_request_id: Option<String>,
    /// Null.
    email_otp_request_id: Option<String>,
    /// Whether the person was verified; `false` until they are signed in.
    is_digital_identity_verified: bool,
    /// A JWT for `Authorization: Bearer`, good for a day; null where a code is needed.
    access_token: Option<String>,
    /// For `RefreshToken`, once, within a week.
    refresh_token: Option<String>,
    /// Null.
    encrypted_access_token: Option<String>,
    /// Seconds for which the code counts.
    #[schema(example = 300)]
    phone_otp_expire_in_seconds: Option<u64>,
    /// Null.
    email_otp_expire_in_seconds: Option<u64>,
    /// The person; null where a code is needed.
    user: Option<User>,
    /// Null.
    redirect_uri: Option<String>,
    /// Null.
    transaction_id: Option<String>,
}

impl Answer {
    fn of(identity: &Identity, tokens: TokenPair) -> Self {
        Self {
            is_email_confirmed: identity.is_email_confirmed,
            // Nobody has an account with a number that was not.
            is_phone_number_confirmed: true,
            is_digital_identity_verified: identity.verified_at.is_some(),
            access_token: Some(tokens.access),
            refresh_token: Some(tokens.refresh),
            user: Some(User::of(identity)),
            ..Self::default()
        }
    }

    fn with_code(sent: SentCode) -> Self {
        Self {
            is_phone_number_confirmation_required: true,
            phone_number_otp_request_id: Some(uuid(sent.request)),
            phone_otp_expire_in_seconds: Some(sent.expires_in.as_secs()),
            ..Self::default()
        }
    }
}

/// Signs a person in.
///
/// On a device that is not known, for a person without a password, and where it is asked for, a code is needed: the answer
/// then has no token but `phoneNumberOtpRequestId`. What is answered, and how soon, does not say whether a number is known.
#[utoipa::path(
    post, path = "/api/DigitalIdentity/Login", tag = "identity", operation_id = "login", request_body = Request,
    responses(
        (status = 200, body = Envelope<Answer>, description = "Tokens or the request of a code, or `error_code`: 401 bad credentials, 6001 the code does not count, 4004 nothing is set up to send one"),
        (status = 400, body = ApiError, description = "Something is missing or malformed"),
        (status = 401, body = ApiError, description = "The key is missing or not valid"),
        (status = 415, body = ApiError, description = "The body is of another type"),
        (status = 429, body = ApiError, description = "Too many requests, or 4003: too many attempts or codes"),
        (status = 500, body = ApiError, description = "Something broke here"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    TenantCaller { caller, asker }: TenantCaller,
    body: Body,
) -> Result<Json<Envelope<Answer>>, VlensError> {
    let wish = SignIn {
        phone: body.phone()?,
        password: body.text("password", 4 * app::LONGEST_PASSWORD)?.map(str::to_owned),
        device: body.required("imei", MOST_TEXT)?.to_owned(),
        code: body.code("phoneNumberOtp", "phoneNumberOtpRequestId")?,
        asks_for_code: body.flag("isPhone2FAEnabled")?,
        can_send: state.channels.sms,
    };
    let answer = match state.service.sign_in(&caller, asker, wish, &state.url("")).await? {
        SignedIn::Yes(identity, tokens) => Answer::of(&identity, tokens),
        SignedIn::WithCode(sent) => Answer::with_code(sent),
    };
    Ok(Envelope::of(answer))
}
