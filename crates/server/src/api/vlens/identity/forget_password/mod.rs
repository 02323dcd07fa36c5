//! Setting another password with a code.

pub(in crate::api::vlens) mod send_email_otp;
pub(in crate::api::vlens) mod validate_email_otp;
pub(in crate::api::vlens) mod validate_phone_otp;

use app::ShownCode;
use domain::Contact;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ServerState;
use crate::api::vlens::auth::TenantCaller;
use crate::api::vlens::error::VlensError;
use crate::api::vlens::wire::{Body, uuid};

/// The request of a code. Says nothing of whether somebody is known.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ForgetPassword)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    /// To be sent together with the code.
    #[schema(format = "uuid")]
    email_otp_request_id: String,
    /// Seconds for which the code counts; 0 once it was used.
    #[schema(example = 300)]
    email_otp_expire_in_seconds: u64,
}

/// Takes note that a code is right, or sets another password with it.
async fn validate(
    state: &ServerState,
    TenantCaller { caller, .. }: TenantCaller,
    contact: &Contact,
    shown: Option<ShownCode>,
    body: &Body,
) -> Result<Answer, VlensError> {
    let shown = shown.ok_or_else(VlensError::bad_request)?;
    let seconds = match body.new_password("newPassword")? {
        Some(password) => {
            state.service.reset_password(&caller, contact, &shown, &password).await?;
            0
        }
        None => state.service.confirm_reset_code(&caller, contact, &shown).await?.as_secs(),
    };
    Ok(Answer { email_otp_request_id: uuid(shown.request), email_otp_expire_in_seconds: seconds })
}
