//! Accounts: the people of a tenant, and what the tenant says of them.

pub(crate) mod create;
pub(crate) mod enrollments;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod validation;
pub(crate) mod validations;

mod profile;

use app::{Caller, Service, Subject};
use domain::SpokenLanguage;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::TruoraError;
use super::ids::Named as _;
use super::time::rfc3339;
use super::words::AccountId;
use profile::Profile;

/// A person, as the tenant knows them.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Account {
    /// The tenant's own name for the person, or one that was made up.
    #[serde(rename = "account_id")]
    id: String,
    #[serde(flatten)]
    profile: Profile,
    /// When the account was made.
    #[schema(format = DateTime)]
    creation_date: String,
    /// When it last changed.
    #[schema(format = DateTime)]
    update_date: String,
}

impl Account {
    fn render(subject: Subject) -> Self {
        Self {
            id: subject.reference,
            // Made up along with an enrollment, an account has no profile.
            profile: serde_json::from_value(subject.profile).unwrap_or_default(),
            creation_date: rfc3339(subject.created_at),
            update_date: rfc3339(subject.updated_at),
        }
    }
}

/// The language that the person most likely speaks, by the country that the tenant tells of them.
pub(super) fn spoken_language(subject: &Subject) -> Option<SpokenLanguage> {
    let profile: Profile = serde_json::from_value(subject.profile.clone()).ok()?;
    SpokenLanguage::of_country(profile.country()?)
}

/// The person called `account_id`, or the refusal that fits.
async fn find(service: &Service, caller: &Caller, account_id: &AccountId) -> Result<Subject, TruoraError> {
    let subject = service.subject(caller, account_id.as_str()).await?;
    subject.ok_or_else(|| TruoraError::not_found(AccountId::NAME))
}

#[cfg(test)]
mod tests {
    use domain::{SubjectId, TenantId, Timestamp};
    use serde_json::{Value, json};

    use super::*;

    fn subject(profile: Value) -> Subject {
        Subject {
            id: SubjectId::from_bytes([1; 16]),
            tenant: TenantId::from_bytes([2; 16]),
            reference: "ana-1".to_owned(),
            profile,
            created_at: Timestamp::from_millis(0),
            updated_at: Timestamp::from_millis(1_000),
        }
    }

    #[test]
    fn the_country_tells_the_language() {
        let of = |profile| spoken_language(&subject(profile));
        assert_eq!(of(json!({"country": "br"})), Some(SpokenLanguage::Portuguese));
        for unknown in [json!({"country": "ALL"}), json!({"email": "ana@example.com"}), Value::Null] {
            assert_eq!(of(unknown), None);
        }
    }

    #[test]
    fn an_account_shows_what_was_said_of_it_and_no_more() {
        let profile = json!({"email": "ana@example.com", "country": "CO"});
        assert_eq!(
            serde_json::to_value(Account::render(subject(profile))).unwrap(),
            json!({
                "account_id": "ana-1", "email": "ana@example.com", "country": "CO",
                "creation_date": "1970-01-01T00:00:00.000Z", "update_date": "1970-01-01T00:00:01.000Z",
            })
        );
        let bare = serde_json::to_value(Account::render(subject(Value::Null))).unwrap();
        assert_eq!(bare.as_object().unwrap().len(), 3);
    }
}
