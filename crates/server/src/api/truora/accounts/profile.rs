//! What a tenant says of a person. Kept encrypted, never checked against anything.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::truora::words::{AccountId, Country, Date, Email, Phone, Text};

// One flat type for what comes, what is kept and what is shown: serde loses the names of fields in a flattened one.
/// What a tenant says of a person. Nothing is required.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Profile {
    /// The tenant's own name for the person; made up where it is missing.
    // Kept as the account's own reference, so that it is taken out before the rest is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = "^[a-zA-Z0-9_.-]+$", max_length = 128)]
    pub(super) account_id: Option<AccountId>,
    /// An e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Email, max_length = 254)]
    email: Option<Email>,
    /// ISO 3166-1 alpha-2, or `ALL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = "^([A-Za-z]{2}|ALL)$", example = "CO")]
    country: Option<Country>,
    /// The number on the person's document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 64)]
    document_number: Option<Text<64>>,
    /// Which document.
    #[serde(skip_serializing_if = "Option::is_none")]
    document_type: Option<DocumentType>,
    /// When it was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    document_issue_date: Option<Date>,
    /// Given names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 200)]
    first_name: Option<Text<200>>,
    /// Family names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 200)]
    last_name: Option<Text<200>>,
    /// A phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = "^\\+?[0-9 ().-]{3,32}$")]
    phone_number: Option<Phone>,
    /// A name at Facebook.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 200)]
    facebook_user: Option<Text<200>>,
    /// A name at Twitter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 200)]
    twitter_user: Option<Text<200>>,
}

impl Profile {
    /// The country, as it was told.
    pub(super) fn country(&self) -> Option<&str> {
        self.country.as_ref().map(Country::as_str)
    }
}

/// Documents that a person may be known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum DocumentType {
    NationalId,
    ForeignId,
    IdentityCard,
    Passport,
}
