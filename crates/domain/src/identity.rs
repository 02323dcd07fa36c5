//! People of a tenant who sign in themselves, and the sessions in which anybody is signed in.

use crate::{EmailAddress, FamilyId, IdentityId, PhoneNumber, SubjectId, TenantId, Timestamp, UserId};

/// A person of a tenant with an account that they open themselves.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its id.
    pub id: IdentityId,
    /// Counts the identities of the tenant from 1, for APIs whose ids are numbers. None is given twice.
    pub number: i64,
    /// Whose customer the person is.
    pub tenant: TenantId,
    /// The person.
    pub subject: SubjectId,
    /// The number that they showed to be theirs: one of a kind in the tenant.
    pub phone: PhoneNumber,
    /// An address of theirs.
    pub email: Option<EmailAddress>,
    /// Whether they showed the address to be theirs; then it is one of a kind in the tenant.
    pub is_email_confirmed: bool,
    /// A slow hash of the password, as text; `None` where they sign in with codes alone.
    pub password_hash: Option<String>,
    /// When who they are was verified.
    pub verified_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Without what is known of the person: this may end in a log.
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("id", &self.id).field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

/// Who is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// Somebody of the tenant's staff.
    User(UserId),
    /// A person of the tenant.
    Identity(IdentityId, SubjectId),
}

/// The tokens that follow from one signing in, each refreshed by the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenFamily {
    /// Its id.
    pub id: FamilyId,
    /// Where they are signed in.
    pub tenant: TenantId,
    /// Who is signed in.
    pub holder: Holder,
    /// The number of the refresh token that counts, from 0. Those before it were used.
    pub generation: u32,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When the last of its tokens expires.
    pub expires_at: Timestamp,
    /// When it was ended.
    pub revoked_at: Option<Timestamp>,
}

impl TokenFamily {
    /// Whether its tokens open anything at `now`.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}
