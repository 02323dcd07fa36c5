//! What the holder of an API key may do.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{KeyId, SubjectId, TenantId, Timestamp};

/// An API key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its id, the `jti` of its token.
    pub id: KeyId,
    /// Whose it is.
    pub tenant: TenantId,
    /// What it is called by its owner.
    pub name: String,
    /// Who holds it.
    pub kind: KeyKind,
    /// What it may do beyond the ordinary.
    pub permissions: BTreeSet<Permission>,
    /// The only person it is for; `None` for all of the tenant.
    pub subject: Option<SubjectId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Who holds a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// The tenant's own servers.
    Backend,
    /// A page in a browser, for one person and for a short time.
    Web,
    /// A phone app, for one person and for a short time.
    Sdk,
    /// A phone app that may only exchange it for an [`KeyKind::Sdk`] key.
    Generator,
}

/// A right that a key has only where it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Reference faces may count without a verification.
    EnrollmentWithoutValidation,
    /// Enrollments may be deleted.
    EnrollmentDelete,
}

impl Key {
    /// Whether it opens anything at `now`.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Whether it is held by a person's own device, which must not see scores, list or delete.
    pub fn is_on_a_device(&self) -> bool {
        self.kind != KeyKind::Backend
    }

    /// Whether it may do what `permission` names.
    pub fn may(&self, permission: Permission) -> bool {
        self.kind == KeyKind::Backend && self.permissions.contains(&permission)
    }

    /// Whether it may act for `subject`. A key of a browser or a phone app without a person of its own acts for nobody.
    pub fn is_for(&self, subject: SubjectId) -> bool {
        match self.subject {
            Some(own) => own == subject,
            None => !matches!(self.kind, KeyKind::Web | KeyKind::Sdk),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: SubjectId = SubjectId::from_bytes([1; 16]);
    const EVA: SubjectId = SubjectId::from_bytes([2; 16]);

    fn key(kind: KeyKind, subject: Option<SubjectId>) -> Key {
        Key {
            id: KeyId::from_bytes([3; 16]),
            tenant: TenantId::from_bytes([4; 16]),
            name: "test".to_owned(),
            kind,
            permissions: BTreeSet::from([Permission::EnrollmentDelete]),
            subject,
            created_at: Timestamp::from_millis(0),
            expires_at: Some(Timestamp::from_millis(1_000)),
            revoked_at: None,
        }
    }

    #[test]
    fn a_key_ends_by_its_time_or_by_its_owner() {
        let key = key(KeyKind::Backend, None);
        assert!(key.is_valid(Timestamp::from_millis(999)));
        assert!(!key.is_valid(Timestamp::from_millis(1_000)));
        let revoked = Key { revoked_at: Some(Timestamp::from_millis(5)), ..key };
        assert!(!revoked.is_valid(Timestamp::from_millis(6)));
    }

    #[test]
    fn a_key_with_a_person_is_for_nobody_else() {
        assert!(key(KeyKind::Backend, None).is_for(EVA));
        for kind in [KeyKind::Backend, KeyKind::Web, KeyKind::Sdk, KeyKind::Generator] {
            assert!(key(kind, Some(ANA)).is_for(ANA) && !key(kind, Some(ANA)).is_for(EVA));
        }
        assert!(!key(KeyKind::Sdk, None).is_for(ANA) && !key(KeyKind::Web, None).is_for(ANA));
    }

    #[test]
    fn a_key_on_a_device_has_no_permissions() {
        assert!(key(KeyKind::Backend, None).may(Permission::EnrollmentDelete));
        assert!(!key(KeyKind::Backend, None).may(Permission::EnrollmentWithoutValidation));
        for kind in [KeyKind::Web, KeyKind::Sdk, KeyKind::Generator] {
            assert!(!key(kind, Some(ANA)).may(Permission::EnrollmentDelete));
        }
    }
}
