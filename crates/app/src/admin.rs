//! What the operator does, on the command line or at the first start. Works on the store alone, also while a server
//! runs over it.

mod badges;
mod captures;
mod hooks;
mod screening;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::{ClientId, Clock, Key, KeyId, KeyKind, Permission, SubjectId, TenantId, UserId, VerificationId};
use serde_json::Value;
use store::{
    AuditEntry, AuditFilter, BackupReport, Client, Erased, NewUser, Rekeyed, Store, StoreError, Tenant, User,
};

pub use captures::{CaptureAttempt, CaptureReport};

use crate::ServiceError;
use crate::service::access::{FULL_GRANT, KEY_TTL, TokenExtras, key_token};
use crate::service::{Entropy, OsEntropy, client_token, password, token};

/// The false match rate of the lowest threshold that callers may choose, unless the operator says otherwise.
pub const SIMILARITY_FLOOR_FMR: f64 = 1e-2;

/// Who acts, as the audit log has it.
const ACTOR: &str = "command line";

/// The operator's view of a store.
#[derive(Debug, Clone)]
pub struct Admin {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: OsEntropy,
}

/// Why the operator's wish was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// There is no such thing, or it is gone already.
    #[error("there is no {what} `{name}`")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// Under which name.
        name: String,
    },
    /// The name is taken.
    #[error("there is a {what} `{name}` already")]
    Exists {
        /// What was to be made.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// The tenant has as many hooks as it may have.
    #[error("{0}")]
    TooManyHooks(String),
    /// A password cannot be hashed.
    #[error("the password cannot be used: {0}")]
    Password(argon2::password_hash::Error),
    /// Something broke here.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<StoreError> for AdminError {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

/// A tenant to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTenant {
    /// Its name, not used by another one.
    pub name: String,
    /// Its plan.
    pub plan: String,
    /// Origins of pages that may call with its keys.
    pub allowed_origins: Vec<String>,
    /// The false match rate of the lowest threshold that its callers may choose.
    pub similarity_floor_fmr: f64,
    /// Days for which the pictures of its captures are kept; 0 keeps none.
    pub evidence_days: u32,
}

/// A key to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// Whose.
    pub tenant: TenantId,
    /// What it is called.
    pub name: String,
    /// Who will hold it.
    pub kind: KeyKind,
    /// What it may do beyond the ordinary.
    pub permissions: BTreeSet<Permission>,
    /// How long it lives; ten years where nobody says.
    pub expires_in: Option<Duration>,
}

impl Admin {
    /// Opens the store in `data`; with `create` it is made where there is none.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn open(data: &Path, create: bool, clock: Arc<dyn Clock>) -> Result<Self, AdminError> {
        let store = if create { Store::open(data).await? } else { Store::open_existing(data).await? };
        Ok(Self::over(store, clock))
    }

    pub(crate) fn over(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, entropy: OsEntropy }
    }

    /// Whether there is no tenant yet.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn is_empty(&self) -> Result<bool, AdminError> {
        Ok(self.tenants().await?.is_empty())
    }

    /// Makes a tenant.
    ///
    /// # Errors
    /// [`AdminError::Exists`].
    pub async fn create_tenant(&self, new: NewTenant) -> Result<Tenant, AdminError> {
        if self.find_tenant(&new.name).await?.is_some() {
            return Err(AdminError::Exists { what: "tenant", name: new.name });
        }
        let tenant = Tenant {
            id: TenantId::from_bytes(self.entropy.bytes()?),
            name: new.name,
            plan: new.plan,
            allowed_origins: new.allowed_origins,
            similarity_floor_fmr: new.similarity_floor_fmr,
            evidence_days: new.evidence_days,
            created_at: self.clock.now(),
            suspended_at: None,
            revoked_at: None,
        };
        self.store.create_tenant_key(tenant.id).await?;
        let mut tx = self.store.begin().await?;
        tx.insert_tenant(&tenant).await?;
        tx.append_audit(&self.entry(Some(tenant.id), "tenant.create", &tenant.id.to_string())).await?;
        tx.commit().await?;
        Ok(tenant)
    }

    /// All tenants, revoked ones too.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, AdminError> {
        Ok(self.store.read().await?.tenants().await?)
    }

    /// The tenant of that id or name.
    ///
    /// # Errors
    /// [`AdminError::NotFound`].
    pub async fn tenant(&self, name_or_id: &str) -> Result<Tenant, AdminError> {
        let found = self.find_tenant(name_or_id).await?;
        found.ok_or_else(|| AdminError::NotFound { what: "tenant", name: name_or_id.to_owned() })
    }

    async fn find_tenant(&self, name_or_id: &str) -> Result<Option<Tenant>, AdminError> {
        let mut tenants = self.tenants().await?.into_iter();
        Ok(tenants.find(|tenant| tenant.name == name_or_id || tenant.id.to_string() == name_or_id))
    }

    /// Ends a tenant's access at once: none of its keys opens anything any more. Its data stays.
    ///
    /// # Errors
    /// Those of the store. `false` when it has been revoked before.
    pub async fn revoke_tenant(&self, id: TenantId) -> Result<bool, AdminError> {
        let mut tx = self.store.begin().await?;
        let Some(tenant) = tx.tenant(id).await?.filter(|tenant| tenant.revoked_at.is_none()) else {
            return Ok(false);
        };
        tx.save_tenant(&Tenant { revoked_at: Some(self.clock.now()), ..tenant }).await?;
        tx.append_audit(&self.entry(Some(id), "tenant.revoke", &id.to_string())).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Makes a tenant's subscription inactive, or active again: while it is not, its keys open nothing.
    ///
    /// # Errors
    /// Those of the store. `false` when it is so already, or there is no such tenant.
    pub async fn suspend_tenant(&self, id: TenantId, is_suspended: bool) -> Result<bool, AdminError> {
        let mut tx = self.store.begin().await?;
        let tenant = tx.tenant(id).await?.filter(|tenant| tenant.suspended_at.is_some() != is_suspended);
        let Some(tenant) = tenant else { return Ok(false) };
        let suspended_at = is_suspended.then(|| self.clock.now());
        tx.save_tenant(&Tenant { suspended_at, ..tenant }).await?;
        let action = if is_suspended { "tenant.suspend" } else { "tenant.resume" };
        tx.append_audit(&self.entry(Some(id), action, &id.to_string())).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Has the pictures of a tenant's captures kept for so many days from now on; 0 keeps none. What was kept before stays
    /// as long as its person was told.
    ///
    /// # Errors
    /// Those of the store. `false` when it is so already, or there is no such tenant.
    pub async fn keep_evidence(&self, id: TenantId, days: u32) -> Result<bool, AdminError> {
        let mut tx = self.store.begin().await?;
        let tenant = tx.tenant(id).await?.filter(|tenant| tenant.evidence_days != days);
        let Some(tenant) = tenant else { return Ok(false) };
        tx.save_tenant(&Tenant { evidence_days: days, ..tenant }).await?;
        tx.append_audit(&self.entry(Some(id), "tenant.evidence", &id.to_string())).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Moves a tenant to another plan.
    ///
    /// # Errors
    /// [`AdminError::NotFound`] for an unknown tenant.
    pub async fn set_plan(&self, id: TenantId, plan: &str) -> Result<(), AdminError> {
        let mut tx = self.store.begin().await?;
        let tenant = tx.tenant(id).await?;
        let tenant = tenant.ok_or_else(|| AdminError::NotFound { what: "tenant", name: id.to_string() })?;
        tx.save_tenant(&Tenant { plan: plan.to_owned(), ..tenant }).await?;
        tx.append_audit(&self.entry(Some(id), "tenant.plan", &id.to_string())).await?;
        Ok(tx.commit().await?)
    }

    /// Makes a key. Its token is shown now and never again.
    ///
    /// # Errors
    /// [`AdminError::NotFound`] for an unknown tenant.
    pub async fn create_key(&self, new: NewKey) -> Result<(Key, String), AdminError> {
        let tenant = self.tenant(&new.tenant.to_string()).await?;
        let now = self.clock.now();
        let key = Key {
            id: KeyId::from_bytes(self.entropy.bytes()?),
            tenant: tenant.id,
            name: new.name,
            kind: new.kind,
            permissions: new.permissions,
            subject: None,
            created_at: now,
            expires_at: Some(now.plus(new.expires_in.unwrap_or(KEY_TTL))),
            revoked_at: None,
        };
        let extras = TokenExtras {
            account_id: "",
            additional_data: &Value::Object(serde_json::Map::new()),
            grant: FULL_GRANT,
            tenant_name: &tenant.name,
        };
        let token = key_token(&self.store.secret(token::SECRET).await?, &key, &extras)?;
        let mut tx = self.store.begin().await?;
        tx.insert_key(&key).await?;
        tx.append_audit(&self.entry(Some(tenant.id), "key.create", &key.id.to_string())).await?;
        tx.commit().await?;
        Ok((key, token))
    }

    /// Keys of a tenant, revoked ones too.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn keys(&self, tenant: TenantId) -> Result<Vec<Key>, AdminError> {
        Ok(self.store.read().await?.keys(tenant).await?)
    }

    /// Ends a key at once.
    ///
    /// # Errors
    /// Those of the store. `false` when there is none, or it has been revoked before.
    pub async fn revoke_key(&self, tenant: TenantId, id: KeyId) -> Result<bool, AdminError> {
        let mut tx = self.store.begin().await?;
        let revoked = tx.revoke_key(tenant, id, self.clock.now()).await?;
        if !revoked {
            return Ok(false);
        }
        tx.append_audit(&self.entry(Some(tenant), "key.revoke", &id.to_string())).await?;
        tx.commit().await?;
        Ok(revoked)
    }

    /// Makes a user who signs in with a password.
    ///
    /// # Errors
    /// [`AdminError::Exists`], [`AdminError::Password`].
    pub async fn create_user(
        &self,
        tenant: TenantId,
        name: &str,
        password: &str,
        permissions: Vec<String>,
    ) -> Result<User, AdminError> {
        // Slow on purpose, and away from the threads that serve others.
        let password = password.to_owned();
        let hashing = tokio::task::spawn_blocking(move || password::hash(&password));
        let password_hash =
            hashing.await.map_err(|_| ServiceError::Interrupted)?.map_err(AdminError::Password)?;
        let id = UserId::from_bytes(self.entropy.bytes()?);
        let mut tx = self.store.begin().await?;
        if tx.user_by_name(tenant, name).await?.is_some() {
            return Err(AdminError::Exists { what: "user", name: name.to_owned() });
        }
        let new = NewUser {
            id,
            tenant,
            name: name.to_owned(),
            password_hash,
            permissions,
            created_at: self.clock.now(),
        };
        let user = tx.insert_user(new).await?;
        tx.append_audit(&self.entry(Some(tenant), "user.create", &id.to_string())).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Users of a tenant, revoked ones too.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn users(&self, tenant: TenantId) -> Result<Vec<User>, AdminError> {
        Ok(self.store.read().await?.users(tenant).await?)
    }

    /// Ends a user's access.
    ///
    /// # Errors
    /// Those of the store. `false` when there is none, or access has ended before.
    pub async fn revoke_user(&self, tenant: TenantId, id: UserId) -> Result<bool, AdminError> {
        let mut tx = self.store.begin().await?;
        let revoked = tx.revoke_user(tenant, id, self.clock.now()).await?;
        if !revoked {
            return Ok(false);
        }
        tx.append_audit(&self.entry(Some(tenant), "user.revoke", &id.to_string())).await?;
        tx.commit().await?;
        Ok(revoked)
    }

    /// Makes a client that signs in with a secret, which is shown now and never again. One of a sandbox may open what
    /// only acts as if.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn create_client(
        &self,
        tenant: TenantId,
        name: &str,
        is_sandbox: bool,
    ) -> Result<(Client, String), AdminError> {
        let secret = hex::encode([self.entropy.bytes()?, self.entropy.bytes()?].concat());
        let client = Client {
            id: ClientId::from_bytes(self.entropy.bytes()?),
            tenant,
            name: name.to_owned(),
            is_sandbox,
            secret_hash: client_token::secret_hash(&self.store, &secret).await?,
            created_at: self.clock.now(),
            revoked_at: None,
        };
        let mut tx = self.store.begin().await?;
        tx.insert_client(&client).await?;
        tx.append_audit(&self.entry(Some(tenant), "client.create", &client.id.to_string())).await?;
        tx.commit().await?;
        Ok((client, secret))
    }

    /// Clients of a tenant, revoked ones too.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn clients(&self, tenant: TenantId) -> Result<Vec<Client>, AdminError> {
        Ok(self.store.read().await?.clients(tenant).await?)
    }

    /// Ends a client's access.
    ///
    /// # Errors
    /// Those of the store. `false` when there is none, or access has ended before.
    pub async fn revoke_client(&self, tenant: TenantId, id: ClientId) -> Result<bool, AdminError> {
        let mut tx = self.store.begin().await?;
        let revoked = tx.revoke_client(tenant, id, self.clock.now()).await?;
        if !revoked {
            return Ok(false);
        }
        tx.append_audit(&self.entry(Some(tenant), "client.revoke", &id.to_string())).await?;
        tx.commit().await?;
        Ok(revoked)
    }

    /// Erases a person, named by id, by the tenant's own reference, or by the phone number or confirmed e-mail address that
    /// they sign in with: rows, photos, keys. What remains is that there was somebody, so that a restored backup erases
    /// them again.
    ///
    /// # Errors
    /// [`AdminError::NotFound`].
    pub async fn erase(&self, tenant: TenantId, subject: &str) -> Result<Erased, AdminError> {
        let mut tx = self.store.read().await?;
        let by_reference = tx.subject_by_reference(tenant, subject).await?;
        let identity = match (subject.parse(), subject.parse()) {
            (Ok(phone), _) => tx.identity_by_phone(tenant, &phone).await?,
            (_, Ok(email)) => tx.identity_by_email(tenant, &email).await?,
            _ => None,
        };
        let id = subject.parse::<SubjectId>().ok().or(identity.map(|identity| identity.subject));
        let found = match (by_reference, id) {
            (Some(found), _) => Some(found),
            (None, Some(id)) => tx.subject(tenant, id).await?,
            (None, None) => None,
        };
        drop(tx);
        let found =
            found.ok_or_else(|| AdminError::NotFound { what: "subject", name: subject.to_owned() })?;
        self.erase_person(tenant, found.id).await
    }

    /// Erases the person of a verification, as [`Self::erase`] does: nobody is told a reference that was made up here.
    ///
    /// # Errors
    /// [`AdminError::NotFound`].
    pub async fn erase_by_verification(
        &self,
        tenant: TenantId,
        id: VerificationId,
    ) -> Result<Erased, AdminError> {
        let found = self.store.look().await?.verification(tenant, id).await?;
        let found =
            found.ok_or_else(|| AdminError::NotFound { what: "verification", name: id.to_string() })?;
        self.erase_person(tenant, found.subject).await
    }

    async fn erase_person(&self, tenant: TenantId, id: SubjectId) -> Result<Erased, AdminError> {
        let erased = self.store.erase_subject(tenant, id, self.clock.now()).await?;
        let mut tx = self.store.begin().await?;
        tx.append_audit(&self.entry(Some(tenant), "subject.erase", &id.to_string())).await?;
        tx.commit().await?;
        Ok(erased)
    }

    /// Copies rows and photos to `to`, and the keys, apart from them, to `keys_to`. A server may be running.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn backup(&self, to: &Path, keys_to: Option<&Path>) -> Result<BackupReport, AdminError> {
        let report = self.store.backup(to, keys_to).await?;
        let (action, about) = ("backup.create", if report.with_keys { "with keys" } else { "without keys" });
        let mut tx = self.store.begin().await?;
        tx.append_audit(&self.entry(None, action, about)).await?;
        tx.commit().await?;
        Ok(report)
    }

    /// Gives the store a new master key, and removes the old one. A server may be running.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn rekey(&self) -> Result<Rekeyed, AdminError> {
        Ok(self.store.rekey(ACTOR, self.clock.now()).await?)
    }

    /// The entries of the audit log that `filter` asks for, newest first, each with its number.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn audit(&self, filter: &AuditFilter) -> Result<Vec<(i64, AuditEntry)>, AdminError> {
        Ok(self.store.look().await?.audit(filter).await?)
    }

    fn entry(&self, tenant: Option<TenantId>, action: &str, about: &str) -> AuditEntry {
        AuditEntry {
            tenant,
            actor: ACTOR.to_owned(),
            action: action.to_owned(),
            about: about.to_owned(),
            at: self.clock.now(),
        }
    }
}
