//! People of a tenant: known or not, registered, signed in, with another password.

pub(super) mod check_existence;
pub(super) mod forget_password;
pub(super) mod login;
pub(super) mod register;
pub(super) mod step;
pub(super) mod step_verify_email;
pub(super) mod step_verify_phone;
pub(super) mod verify_email;

use domain::{Contact, FieldName, Identity, PageEvidence};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::{CANNOT_SEND, VlensError};
use super::verify::says;
use crate::ServerState;

/// A person. What is not known of them is null.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the vendor's form")]
pub(crate) struct User {
    /// Counts the people of the tenant.
    #[schema(example = 1)]
    id: i64,
    /// Given name, from a document.
    name: Option<String>,
    /// Surname, from a document.
    surname: Option<String>,
    /// Full name, from a document.
    full_name: Option<String>,
    /// What they sign in with: the phone number.
    #[schema(example = "+201234567890")]
    user_name: String,
    /// Their address.
    #[schema(example = "ada@example.org")]
    email_address: Option<String>,
    /// Their number.
    #[schema(example = "+201234567890")]
    phone_number: String,
    /// Number of their document.
    id_number: Option<String>,
    /// Address on their document.
    address: Option<String>,
}

impl User {
    /// The same with what their card says.
    pub(super) fn with_card(identity: &Identity, front: Option<&PageEvidence>) -> Self {
        let read = |name| front.and_then(|page| says(page, name));
        Self {
            name: read(FieldName::GivenNames),
            surname: read(FieldName::Surname),
            full_name: read(FieldName::FullName),
            id_number: read(FieldName::PersonalNumber),
            address: read(FieldName::Address),
            ..Self::of(identity)
        }
    }

    /// What is known of a person by their account alone.
    pub(super) fn of(identity: &Identity) -> Self {
        Self {
            id: identity.number,
            user_name: identity.phone.as_str().to_owned(),
            email_address: identity.email.as_ref().map(|email| email.as_str().to_owned()),
            phone_number: identity.phone.as_str().to_owned(),
            ..Self::default()
        }
    }
}

/// Refuses where nothing is set up that could send a code there.
fn check_channel(state: &ServerState, to: &Contact) -> Result<(), VlensError> {
    let is_set_up = match to {
        Contact::Phone(_) => state.channels.sms,
        Contact::Email(_) => state.channels.email,
    };
    if is_set_up { Ok(()) } else { Err(VlensError::business(CANNOT_SEND)) }
}
