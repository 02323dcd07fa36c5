//! Who calls, and what they may do.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::{Key, KeyId, KeyKind, Permission, SubjectId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{AuditEntry, Secret, Tenant};

use super::{Service, token};
use crate::ServiceError;

/// How long a key on a person's device lives.
const DEVICE_KEY_TTL: Duration = Duration::from_hours(2);

/// How long a key lives where nobody said: the vendor's clients demand an `exp`.
pub(crate) const KEY_TTL: Duration = Duration::from_hours(10 * 365 * 24);

/// The grant that holds every other one.
pub(crate) const FULL_GRANT: &str = "digital-identity";

/// The holder of a valid key.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The key.
    pub key: Key,
    /// Whose it is.
    pub tenant: Tenant,
    /// The product it was made for: `digital-identity` for all of them, or `validations`, `checks`, `signals`.
    pub grant: String,
}

/// Why nobody calls.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The token is not one of this server's, has expired or was revoked.
    #[error("the API key is not valid")]
    Invalid,
    /// Something broke here.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// A key to be made for somebody else.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyRequest {
    /// Who will hold it.
    pub kind: KeyKind,
    /// What it is called.
    pub name: String,
    /// The product it is for.
    pub grant: String,
    /// The only person it will be for, by the tenant's own reference. A key on a device always has one.
    pub subject: Option<String>,
    /// What else its token shall say; nobody here reads it.
    pub additional_data: Value,
}

/// Why no key was made.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// The maker does not have that right itself.
    #[error("a key cannot make a key with more rights than its own")]
    NotPermitted,
    /// Something broke here.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The claims of an API key's token, as the vendor names them.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    account_id: String,
    /// A JSON document in a string.
    additional_data: String,
    client_id: String,
    exp: i64,
    grant: String,
    iat: i64,
    iss: String,
    jti: KeyId,
    key_name: String,
    key_type: KeyKind,
    username: String,
}

/// What a token says beyond its key.
pub(crate) struct TokenExtras<'a> {
    pub account_id: &'a str,
    pub additional_data: &'a Value,
    pub grant: &'a str,
    pub tenant_name: &'a str,
}

/// The token of `key`.
pub(crate) fn key_token(
    secret: &Secret,
    key: &Key,
    extras: &TokenExtras<'_>,
) -> Result<String, ServiceError> {
    let claims = Claims {
        account_id: extras.account_id.to_owned(),
        additional_data: extras.additional_data.to_string(),
        client_id: format!("TCI{}", key.tenant),
        exp: key.expires_at.unwrap_or(key.created_at.plus(KEY_TTL)).as_secs(),
        grant: extras.grant.to_owned(),
        iat: key.created_at.as_secs(),
        iss: "bonafide".to_owned(),
        jti: key.id,
        key_name: key.name.clone(),
        key_type: key.kind,
        username: extras.tenant_name.to_owned(),
    };
    token::sign(secret, &claims)
}

impl Caller {
    /// Whether it is a backend that speaks for the whole tenant: neither a device nor bound to one person.
    pub fn is_backend(&self) -> bool {
        self.key.kind == KeyKind::Backend && self.key.subject.is_none()
    }

    /// Whether the caller may do what `permission` names.
    pub fn may(&self, permission: Permission) -> bool {
        self.key.may(permission)
    }

    /// Whether the caller's key was made for the product `grant`.
    pub fn has_grant(&self, grant: &str) -> bool {
        self.grant == FULL_GRANT || self.grant == grant
    }

    /// `subject`, where the caller may act for that person.
    pub(crate) fn admits(&self, subject: SubjectId) -> bool {
        self.key.is_for(subject)
    }
}

impl Service {
    /// Finds out who calls with `token`.
    ///
    /// # Errors
    /// [`AuthError::Invalid`] for a token that is no key, has expired or was revoked, also with its tenant.
    pub async fn authenticate(&self, token: &str) -> Result<Caller, AuthError> {
        let claims: Claims = token::read(&self.inner.signing, None, token).ok_or(AuthError::Invalid)?;
        let found = self.store().look().await?.key_and_tenant(claims.jti).await?;
        let (key, tenant) = found.ok_or(AuthError::Invalid)?;
        if !key.is_valid(self.now()) {
            return Err(AuthError::Invalid);
        }
        if tenant.revoked_at.is_some() {
            return Err(AuthError::Invalid);
        }
        Ok(Caller { key, tenant, grant: claims.grant })
    }

    /// Makes a key for somebody else, with no more rights than the caller's own and no longer life.
    ///
    /// A backend key makes every kind; a generator makes keys for phone apps only, for its own person if it has one;
    /// others make none. A key on a device is bound to one person, who is created if nobody is named.
    ///
    /// # Errors
    /// [`MintError::NotPermitted`].
    pub async fn mint_key(&self, caller: &Caller, request: KeyRequest) -> Result<(Key, String), MintError> {
        let may_make = match caller.key.kind {
            KeyKind::Backend => true,
            KeyKind::Generator => request.kind == KeyKind::Sdk,
            KeyKind::Web | KeyKind::Sdk => false,
        };
        if !may_make || !caller.has_grant(&request.grant) {
            return Err(MintError::NotPermitted);
        }
        let is_on_a_device = matches!(request.kind, KeyKind::Web | KeyKind::Sdk);
        let subject = match (&request.subject, caller.key.subject) {
            (None, Some(own)) => {
                let own = self.store().look().await?.subject(caller.tenant.id, own).await?;
                Some(own.ok_or(MintError::NotPermitted)?)
            }
            (Some(reference), Some(_)) => {
                Some(self.subject(caller, reference).await?.ok_or(MintError::NotPermitted)?)
            }
            (Some(reference), None) => Some(self.subject_or_new(caller, Some(reference)).await?),
            (None, None) if is_on_a_device => Some(self.subject_or_new(caller, None).await?),
            (None, None) => None,
        };
        if subject.as_ref().is_some_and(|subject| !caller.admits(subject.id)) {
            return Err(MintError::NotPermitted);
        }
        let now = self.now();
        let ttl = if is_on_a_device { DEVICE_KEY_TTL } else { KEY_TTL };
        let permissions = match request.kind {
            KeyKind::Backend => caller.key.permissions.clone(),
            _ => BTreeSet::new(),
        };
        let key = Key {
            id: KeyId::from_bytes(self.id()?),
            tenant: caller.tenant.id,
            name: request.name,
            kind: request.kind,
            permissions,
            subject: subject.as_ref().map(|subject| subject.id),
            created_at: now,
            expires_at: Some(earlier(now.plus(ttl), caller.key.expires_at)),
            revoked_at: None,
        };
        let extras = TokenExtras {
            account_id: subject.as_ref().map_or("", |subject| &subject.reference),
            additional_data: &request.additional_data,
            grant: &request.grant,
            tenant_name: &caller.tenant.name,
        };
        let token = key_token(&self.inner.signing, &key, &extras)?;
        let mut tx = self.store().begin().await?;
        tx.insert_key(&key).await?;
        let entry = self.audit_entry(caller, "key.create", &key.id.to_string());
        tx.append_audit(&entry).await?;
        tx.commit().await?;
        Ok((key, token))
    }

    pub(crate) fn audit_entry(&self, caller: &Caller, action: &str, about: &str) -> AuditEntry {
        AuditEntry {
            tenant: Some(caller.tenant.id),
            actor: caller.key.id.to_string(),
            action: action.to_owned(),
            about: about.to_owned(),
            at: self.now(),
        }
    }
}

fn earlier(end: Timestamp, other: Option<Timestamp>) -> Timestamp {
    other.map_or(end, |other| end.min(other))
}
