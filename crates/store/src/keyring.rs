//! The key ring: tenant keys, subject keys and named secrets, each sealed under the key above it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use domain::{SubjectId, TenantId};
use sqlx::Row as _;

use crate::database::Database;
use crate::error::{Result, StoreError};
use crate::master_key::MasterKey;
use crate::seal::{Place, Secret, SecretKey, TenantSeal};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/keyring");

/// Its secret opens only under the master key that the ring was made with.
const OWN_SECRET: &str = "keyring";

/// The open key ring.
pub(crate) struct Keyring {
    master: MasterKey,
    database: Database,
    /// Tenant keys never change. Subject keys are not kept: another process may erase one at any time.
    tenants: RwLock<HashMap<TenantId, Arc<TenantSeal>>>,
}

impl Keyring {
    /// Opens the ring in the file `path`, or makes it.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] where the ring was made with another master key.
    pub(crate) async fn open(path: &Path, master: MasterKey) -> Result<Self> {
        let database = Database::open(path, &MIGRATIONS).await?;
        let ring = Self { master, database, tenants: RwLock::default() };
        if let Err(other_key) = ring.secret(OWN_SECRET).await {
            ring.database.close().await;
            return Err(other_key);
        }
        Ok(ring)
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// The secret of that name, made at its first use.
    pub(crate) async fn secret(&self, name: &str) -> Result<Secret> {
        let place = Place { purpose: "secret", tenant: None, row: name.as_bytes() };
        if let Some(sealed) = self.sealed_secret(name).await? {
            return self.open_secret(place, &sealed);
        }
        let sealed = self.master.key().seal(place, SecretKey::generate()?.as_bytes())?;
        sqlx::query("INSERT INTO secrets (name, sealed) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
            .bind(name)
            .bind(sealed)
            .execute(&mut *self.database.writer().await?)
            .await?;
        // Read again: another process may have been faster.
        let sealed = self.sealed_secret(name).await?.ok_or(StoreError::Missing { what: "secret" })?;
        self.open_secret(place, &sealed)
    }

    async fn sealed_secret(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let row = sqlx::query("SELECT sealed FROM secrets WHERE name = $1")
            .bind(name)
            .fetch_optional(&mut *self.database.reader().await?)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    fn open_secret(&self, place: Place<'_>, sealed: &[u8]) -> Result<Secret> {
        open_key(self.master.key(), place, sealed).map(|key| Secret::from_key(&key))
    }

    /// Makes the key of a tenant, unless there is one.
    pub(crate) async fn create_tenant_key(&self, tenant: TenantId) -> Result<()> {
        let sealed = self.master.key().seal(tenant_place(&tenant), SecretKey::generate()?.as_bytes())?;
        sqlx::query(
            "INSERT INTO tenant_keys (tenant, sealed) VALUES ($1, $2) ON CONFLICT (tenant) DO NOTHING",
        )
        .bind(tenant.to_string())
        .bind(sealed)
        .execute(&mut *self.database.writer().await?)
        .await?;
        Ok(())
    }

    /// The key of a tenant.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where the tenant has none.
    pub(crate) async fn tenant(&self, tenant: TenantId) -> Result<Arc<TenantSeal>> {
        let known = self.tenants.read().unwrap_or_else(PoisonError::into_inner).get(&tenant).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let row = sqlx::query("SELECT sealed FROM tenant_keys WHERE tenant = $1")
            .bind(tenant.to_string())
            .fetch_optional(&mut *self.database.reader().await?)
            .await?
            .ok_or(StoreError::Missing { what: "the key of this tenant" })?;
        let sealed: Vec<u8> = row.try_get(0)?;
        let key = open_key(self.master.key(), tenant_place(&tenant), &sealed)?;
        let seal = Arc::new(TenantSeal::new(tenant, key));
        self.tenants.write().unwrap_or_else(PoisonError::into_inner).insert(tenant, Arc::clone(&seal));
        Ok(seal)
    }

    /// Makes the key of a person, unless there is one.
    ///
    /// # Errors
    /// [`StoreError::ErasedSubject`] for a person who was erased: nobody is erased in vain.
    pub(crate) async fn create_subject_key(&self, tenant: TenantId, subject: SubjectId) -> Result<()> {
        let above = self.tenant(tenant).await?;
        let sealed = above.seal(SUBJECT_KEY, subject.as_bytes(), SecretKey::generate()?.as_bytes())?;
        // One statement, so that an erasure cannot come between the look and the writing.
        let done = sqlx::query(
            "INSERT INTO subject_keys (tenant, subject, sealed) \
             SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT 1 FROM tombstones WHERE tenant = $1 AND subject = $2) \
             ON CONFLICT (tenant, subject) DO NOTHING",
        )
        .bind(tenant.to_string())
        .bind(subject.to_string())
        .bind(sealed)
        .execute(&mut *self.database.writer().await?)
        .await?;
        if done.rows_affected() == 0 {
            self.subject(tenant, subject).await?;
        }
        Ok(())
    }

    /// The key of a person.
    ///
    /// # Errors
    /// [`StoreError::ErasedSubject`] where there is none.
    pub(crate) async fn subject(&self, tenant: TenantId, subject: SubjectId) -> Result<TenantSeal> {
        let row = sqlx::query("SELECT sealed FROM subject_keys WHERE tenant = $1 AND subject = $2")
            .bind(tenant.to_string())
            .bind(subject.to_string())
            .fetch_optional(&mut *self.database.reader().await?)
            .await?
            .ok_or(StoreError::ErasedSubject)?;
        let sealed: Vec<u8> = row.try_get(0)?;
        let plain = self.tenant(tenant).await?.open(SUBJECT_KEY, subject.as_bytes(), &sealed)?;
        let key = SecretKey::from_slice(&plain).ok_or(StoreError::Corrupt { what: SUBJECT_KEY })?;
        Ok(TenantSeal::new(tenant, key))
    }
}

const SUBJECT_KEY: &str = "subject key";

fn tenant_place(tenant: &TenantId) -> Place<'_> {
    Place { purpose: "tenant key", tenant: Some(*tenant), row: tenant.as_bytes() }
}

fn open_key(above: &SecretKey, place: Place<'_>, sealed: &[u8]) -> Result<SecretKey> {
    let plain = above.open(place, sealed)?;
    SecretKey::from_slice(&plain).ok_or(StoreError::Corrupt { what: place.purpose })
}
