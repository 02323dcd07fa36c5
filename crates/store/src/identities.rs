//! People of a tenant who sign in themselves. Number, address and password hash are sealed under the person's key.

use domain::{EmailAddress, Identity, IdentityId, PhoneNumber, SubjectId, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;

use crate::error::{Result, StoreError};
use crate::row::Columns as _;
use crate::tx::{Tx, one_row};

const ACCOUNT: &str = "account of an identity";
const PHONE: &str = "phone number of an identity";
const EMAIL: &str = "e-mail address of an identity";
const DEVICE: &str = "device of an identity";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, number, tenant, subject, email_index, sealed_account, verified_at, created_at, updated_at \
             FROM identities ",
            $rest
        )
    };
}

/// What is sealed of an identity.
#[derive(Serialize, Deserialize)]
struct Account {
    phone: PhoneNumber,
    email: Option<EmailAddress>,
    password_hash: Option<String>,
}

/// An [`Identity`] before it has its number.
#[derive(Clone, PartialEq, Eq)]
pub struct NewIdentity {
    /// Its id.
    pub id: IdentityId,
    /// Whose customer the person is.
    pub tenant: TenantId,
    /// The person.
    pub subject: SubjectId,
    /// The number that is theirs.
    pub phone: PhoneNumber,
    /// An address of theirs.
    pub email: Option<EmailAddress>,
    /// Whether they showed the address to be theirs.
    pub is_email_confirmed: bool,
    /// A slow hash of the password, as text.
    pub password_hash: Option<String>,
    /// When it is made.
    pub created_at: Timestamp,
}

/// Without what is known of the person: this may end in a log.
impl std::fmt::Debug for NewIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewIdentity")
            .field("id", &self.id)
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}

impl Tx {
    /// Keeps a new identity and gives it its number.
    ///
    /// # Errors
    /// [`StoreError::Taken`] where the tenant has one of that number or confirmed address, [`StoreError::ErasedSubject`]
    /// without the person's key, or the database fails.
    pub async fn insert_identity(&mut self, new: NewIdentity) -> Result<Identity> {
        let row = sqlx::query(
            "INSERT INTO identity_numbers (tenant, last) VALUES ($1, 1) \
             ON CONFLICT (tenant) DO UPDATE SET last = last + 1 RETURNING last",
        )
        .bind(new.tenant.to_string())
        .fetch_one(self.connection())
        .await?;
        let identity = Identity {
            id: new.id,
            number: row.integer("last")?,
            tenant: new.tenant,
            subject: new.subject,
            phone: new.phone,
            email: new.email,
            is_email_confirmed: new.is_email_confirmed,
            password_hash: new.password_hash,
            verified_at: None,
            created_at: new.created_at,
            updated_at: new.created_at,
        };
        let (phone, email, account) = self.identity_columns(&identity).await?;
        sqlx::query(
            "INSERT INTO identities (id, number, tenant, subject, phone_index, email_index, sealed_account, \
             verified_at, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(identity.id.to_string())
        .bind(identity.number)
        .bind(identity.tenant.to_string())
        .bind(identity.subject.to_string())
        .bind(phone)
        .bind(email)
        .bind(account)
        .bind(identity.verified_at.map(Timestamp::as_millis))
        .bind(identity.created_at.as_millis())
        .bind(identity.updated_at.as_millis())
        .execute(self.connection())
        .await
        .map_err(StoreError::taken("phone number or e-mail address"))?;
        Ok(identity)
    }

    /// Keeps the new form of an identity.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such identity, [`StoreError::Taken`] where another has that number or
    /// confirmed address, [`StoreError::ErasedSubject`] without the person's key, or the database fails.
    pub async fn save_identity(&mut self, identity: &Identity) -> Result<()> {
        let (phone, email, account) = self.identity_columns(identity).await?;
        let done = sqlx::query(
            "UPDATE identities SET phone_index = $3, email_index = $4, sealed_account = $5, verified_at = $6, \
             updated_at = $7 WHERE tenant = $1 AND id = $2",
        )
        .bind(identity.tenant.to_string())
        .bind(identity.id.to_string())
        .bind(phone)
        .bind(email)
        .bind(account)
        .bind(identity.verified_at.map(Timestamp::as_millis))
        .bind(identity.updated_at.as_millis())
        .execute(self.connection())
        .await
        .map_err(StoreError::taken("phone number or e-mail address"))?;
        one_row(done.rows_affected(), "the identity")
    }

    /// The identity of that id.
    ///
    /// # Errors
    /// [`StoreError::ErasedSubject`] without the person's key, or the database fails.
    pub async fn identity(&mut self, tenant: TenantId, id: IdentityId) -> Result<Option<Identity>> {
        let row = sqlx::query(select!("WHERE tenant = $1 AND id = $2"))
            .bind(tenant.to_string())
            .bind(id.to_string())
            .fetch_optional(self.connection())
            .await?;
        self.open_identity(row).await
    }

    /// The identity with that number.
    ///
    /// # Errors
    /// [`StoreError::ErasedSubject`] without the person's key, or the database fails.
    pub async fn identity_by_phone(
        &mut self,
        tenant: TenantId,
        phone: &PhoneNumber,
    ) -> Result<Option<Identity>> {
        let index = self.tenant_seal(tenant).await?.blind_index(PHONE, phone.as_str());
        let row = sqlx::query(select!("WHERE tenant = $1 AND phone_index = $2"))
            .bind(tenant.to_string())
            .bind(index)
            .fetch_optional(self.connection())
            .await?;
        self.open_identity(row).await
    }

    /// The identity that showed that address to be its own.
    ///
    /// # Errors
    /// [`StoreError::ErasedSubject`] without the person's key, or the database fails.
    pub async fn identity_by_email(
        &mut self,
        tenant: TenantId,
        email: &EmailAddress,
    ) -> Result<Option<Identity>> {
        let index = self.tenant_seal(tenant).await?.blind_index(EMAIL, email.as_str());
        let row = sqlx::query(select!("WHERE tenant = $1 AND email_index = $2"))
            .bind(tenant.to_string())
            .bind(index)
            .fetch_optional(self.connection())
            .await?;
        self.open_identity(row).await
    }

    /// Notes that the identity signed in with `device`, a name that the device gives itself.
    ///
    /// # Errors
    /// The database fails.
    pub async fn remember_device(&mut self, identity: &Identity, device: &str, now: Timestamp) -> Result<()> {
        let index = self.device_index(identity, device).await?;
        sqlx::query(
            "INSERT INTO identity_devices (identity, tenant, subject, device_index, last_seen_at) \
             VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (identity, device_index) DO UPDATE SET last_seen_at = excluded.last_seen_at",
        )
        .bind(identity.id.to_string())
        .bind(identity.tenant.to_string())
        .bind(identity.subject.to_string())
        .bind(index)
        .bind(now.as_millis())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Whether the identity signed in with `device` before.
    ///
    /// # Errors
    /// The database fails.
    pub async fn knows_device(&mut self, identity: &Identity, device: &str) -> Result<bool> {
        let index = self.device_index(identity, device).await?;
        let row = sqlx::query("SELECT 1 FROM identity_devices WHERE identity = $1 AND device_index = $2")
            .bind(identity.id.to_string())
            .bind(index)
            .fetch_optional(self.connection())
            .await?;
        Ok(row.is_some())
    }

    async fn device_index(&mut self, identity: &Identity, device: &str) -> Result<String> {
        // With the identity: nobody can tell from the rows that two people share a device.
        let text = format!("{}/{device}", identity.id);
        Ok(self.tenant_seal(identity.tenant).await?.blind_index(DEVICE, &text))
    }

    async fn identity_columns(&mut self, identity: &Identity) -> Result<(String, Option<String>, Vec<u8>)> {
        let tenant = self.tenant_seal(identity.tenant).await?;
        let phone = tenant.blind_index(PHONE, identity.phone.as_str());
        let confirmed = identity.email.as_ref().filter(|_| identity.is_email_confirmed);
        let email = confirmed.map(|email| tenant.blind_index(EMAIL, email.as_str()));
        let account = Account {
            phone: identity.phone.clone(),
            email: identity.email.clone(),
            password_hash: identity.password_hash.clone(),
        };
        let seal = self.subject_seal(identity.tenant, identity.subject).await?;
        Ok((phone, email, seal.seal_json(ACCOUNT, identity.id.as_bytes(), &account)?))
    }

    async fn open_identity(&mut self, row: Option<SqliteRow>) -> Result<Option<Identity>> {
        let Some(row) = row else { return Ok(None) };
        let (id, tenant, subject): (IdentityId, TenantId, SubjectId) =
            (row.id("id")?, row.id("tenant")?, row.id("subject")?);
        let seal = self.subject_seal(tenant, subject).await?;
        let account: Account = seal.open_json(ACCOUNT, id.as_bytes(), &row.bytes("sealed_account")?)?;
        Ok(Some(Identity {
            id,
            number: row.integer("number")?,
            tenant,
            subject,
            phone: account.phone,
            email: account.email,
            is_email_confirmed: row.optional_text("email_index")?.is_some(),
            password_hash: account.password_hash,
            verified_at: row.optional_time("verified_at")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
        }))
    }
}
