//! What only this dialect keeps with a session.

use app::HostedSession;
use serde::{Deserialize, Serialize};
use serde_json::Number;
use utoipa::ToSchema;

use super::words::DocumentType;

/// What is kept, encrypted. `version` rises with its form.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Extra {
    pub(super) version: u8,
    /// Where the person goes afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) callback_url: Option<String>,
    /// Goes back with the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) organization_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) organization_id: Option<String>,
    /// What a session that only acts as if says of its document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) info: Option<MockInfo>,
    /// What a face was compared for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) use_case: Option<String>,
}

/// What the page of a session says of whoever opened it.
pub(crate) struct Asker {
    /// What the organisation is called, where it said so.
    pub(crate) name: Option<String>,
    /// Where the person goes afterwards.
    pub(crate) callback_url: Option<String>,
    /// Goes back with the person.
    pub(crate) state: Option<String>,
}

impl Asker {
    /// Of a session that this dialect opened.
    pub(crate) fn of(hosted: &HostedSession) -> Self {
        // It was written by `create`; one that cannot be read has no name and leads nowhere.
        let extra: Extra = serde_json::from_value(hosted.extra.clone()).unwrap_or_default();
        Self { name: extra.organization_name, callback_url: extra.callback_url, state: extra.state }
    }
}

/// What a mock session tells of the person and the document.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub(crate) struct MockInfo {
    /// Of the person.
    pub(super) person_details: Option<DeprecatedPerson>,
    /// Of the document.
    pub(super) document_details: Option<DeprecatedDocument>,
}

/// A person, in the older words of the API.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct DeprecatedPerson {
    /// Given names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) given_name: Option<String>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) surname: Option<String>,
    /// `M`, `F` or `X`.
    #[schema(example = "F")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gender: Option<String>,
    /// All names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) full_name: Option<String>,
    /// In full years, when the session was opened.
    #[schema(value_type = Option<f64>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) age: Option<Number>,
    /// Where the person lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address: Option<Address>,
    /// As `1974-08-12T00:00:00.000Z`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) date_of_birth: Option<String>,
}

/// An address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct Address {
    /// ISO 3166-1 alpha-3.
    #[schema(example = "USA")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) country: Option<String>,
    /// State or province.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) city: Option<String>,
    /// Street; with the house, where a document does not tell them apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) street: Option<String>,
    /// House.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) house_number: Option<String>,
    /// Apartment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) apartment_number: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) postcode: Option<String>,
    /// All of it.
    #[serde(rename = "full_address", skip_serializing_if = "Option::is_none")]
    pub(super) full: Option<String>,
}

/// A document, in the older words of the API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct DeprecatedDocument {
    /// What kind it is.
    #[serde(rename = "type")]
    pub(super) kind: DocumentType,
    /// Who issued it, ISO 3166-1 alpha-3.
    #[schema(example = "USA")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) country: Option<String>,
    /// State or province that issued it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<String>,
    /// As `2024-03-01T00:00:00.000Z`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) issue_date: Option<String>,
    /// The number that changes with a new document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) document_serial_number: Option<String>,
    /// The number that stays with the person, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) id_value: Option<String>,
    /// Given names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) given_name: Option<String>,
    /// Family name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) surname: Option<String>,
    /// All names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) full_name: Option<String>,
    /// As `1974-08-12T00:00:00.000Z`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) date_of_birth: Option<String>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) valid_until: Option<String>,
}
