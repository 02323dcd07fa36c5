//! What the two steps before a registration share: sending a code, and taking note that it is right.

use app::ShownCode;
use domain::Contact;
use serde::Serialize;
use utoipa::ToSchema;

use super::{User, check_channel};
use crate::ServerState;
use crate::api::vlens::auth::TenantCaller;
use crate::api::vlens::error::VlensError;
use crate::api::vlens::wire::uuid;

/// How far the step is. Says nothing of whether somebody is known.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = StepVerify)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the vendor's form")]
pub(crate) struct Answer {
    /// Whether a code is on its way to the address.
    is_email_confirmation_required: bool,
    /// Whether the code of the address is right.
    is_email_confirmed: bool,
    /// Whether a code is on its way to the number.
    is_phone_number_confirmation_required: bool,
    /// Whether the code of the number is right.
    is_phone_number_confirmed: bool,
    /// Null.
    phone_number_otp: Option<String>,
    /// To be shown together with the code, here and at `Register`.
    #[schema(format = "uuid")]
    phone_number_otp_request_id: Option<String>,
    /// To be shown together with the code, here and at `Register`.
    #[schema(format = "uuid")]
    email_otp_request_id: Option<String>,
    /// `false`: nobody is registered yet.
    is_digital_identity_verified: bool,
    /// Null: nobody is signed in yet.
    access_token: Option<String>,
    /// Null.
    encrypted_access_token: Option<String>,
    /// Seconds for which the code counts: 300 once it is sent, 1800 once it is confirmed.
    #[schema(example = 300)]
    expire_in_seconds: u64,
    /// Null.
    user_name: Option<String>,
    /// Null.
    user_full_name: Option<String>,
    /// Null.
    user: Option<User>,
}

/// Sends a code to `contact`, or takes note of the one that is shown.
pub(super) async fn step(
    state: &ServerState,
    TenantCaller { caller, asker }: TenantCaller,
    contact: &Contact,
    shown: Option<ShownCode>,
) -> Result<Answer, VlensError> {
    let (request, seconds, is_confirmed) = if let Some(shown) = shown {
        let left = state.service.confirm_registration_code(&caller, contact, &shown).await?;
        (shown.request, left.as_secs(), true)
    } else {
        check_channel(state, contact)?;
        let sent = state.service.send_registration_code(&caller, asker, contact).await?;
        (sent.request, sent.expires_in.as_secs(), false)
    };
    let (request, answer) = (Some(uuid(request)), Answer { expire_in_seconds: seconds, ..Answer::default() });
    Ok(match contact {
        Contact::Phone(_) => Answer {
            is_phone_number_confirmation_required: !is_confirmed,
            is_phone_number_confirmed: is_confirmed,
            phone_number_otp_request_id: request,
            ..answer
        },
        Contact::Email(_) => Answer {
            is_email_confirmation_required: !is_confirmed,
            is_email_confirmed: is_confirmed,
            email_otp_request_id: request,
            ..answer
        },
    })
}
