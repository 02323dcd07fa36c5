//! The key ring: tenant keys, subject keys and named secrets, each sealed under the key above it.
//!
//! The ring says which master key seals it. Another process may rotate that key at any time: whoever reads or writes a
//! sealed row looks in the same statement which key it is, and reads the key's file again where it is another one.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use domain::{SubjectId, TenantId, Timestamp};
use sqlx::{Row as _, SqliteConnection};

use crate::database::Database;
use crate::error::{Result, StoreError};
use crate::files;
use crate::master_key::{CURRENT, MasterKey};
use crate::row::{Columns as _, json_text};
use crate::seal::{Place, Secret, SecretKey, TenantSeal};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/keyring");

/// In rings from before they said which master key seals them: opens under that key only.
const OWN_SECRET: &str = "keyring";

/// How often the ring is looked at again where its master key changes in between: each look fails only by another
/// rotation at that very moment.
const LOOKS: usize = 16;

/// The open key ring.
pub(crate) struct Keyring {
    /// The folder with the files of the master key.
    dir: PathBuf,
    database: Database,
    /// The one that sealed the ring when it was last looked at.
    master: RwLock<Arc<MasterKey>>,
    /// Tenant keys never change. Subject keys are not kept: another process may erase one at any time.
    tenants: RwLock<HashMap<TenantId, Arc<TenantSeal>>>,
}

/// Which master key seals the ring.
pub(crate) struct Sealing {
    pub(crate) key_id: String,
    /// `None` before the first rotation.
    pub(crate) since: Option<Timestamp>,
}

impl Keyring {
    /// Opens the ring in the file `path`, or makes it. Its master key is in the folder `dir`, and made there for a new
    /// ring.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] where neither the current nor the next master key is the ring's.
    pub(crate) async fn open(path: &Path, dir: &Path) -> Result<Self> {
        let database = Database::open(path, &MIGRATIONS).await?;
        match master_of(&database, dir).await {
            Ok(master) => Ok(Self {
                dir: dir.to_owned(),
                database,
                master: RwLock::new(Arc::new(master)),
                tenants: RwLock::default(),
            }),
            Err(error) => {
                database.close().await;
                Err(error)
            }
        }
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// Which master key seals the ring now.
    pub(crate) async fn sealing(&self) -> Result<Sealing> {
        sealing(&mut *self.database.reader().await?).await?.ok_or(StoreError::Sealed { what: RING })
    }

    fn master(&self) -> Arc<MasterKey> {
        Arc::clone(&self.master.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The master key of the id that the ring was seen to name; `None` where another rotation has been faster.
    async fn follow(&self, key_id: &str) -> Result<Option<Arc<MasterKey>>> {
        let known = self.master();
        if known.id() == key_id {
            return Ok(Some(known));
        }
        let (dir, key_id) = (self.dir.clone(), key_id.to_owned());
        let found = files::blocking(move || MasterKey::find(&dir, &key_id)).await?;
        Ok(found.map(|(key, _)| {
            let key = Arc::new(key);
            *self.master.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&key);
            key
        }))
    }

    /// The secret of that name, made at its first use.
    pub(crate) async fn secret(&self, name: &str) -> Result<Secret> {
        let place = secret_place(name);
        for _ in 0..LOOKS {
            let row = sqlx::query(
                "SELECT master.key_id, secrets.sealed FROM master LEFT JOIN secrets ON secrets.name = $1",
            )
            .bind(name)
            .fetch_one(&mut *self.database.reader().await?)
            .await?;
            let Some(master) = self.follow(&row.text("key_id")?).await? else { continue };
            if let Some(sealed) = row.try_get::<Option<Vec<u8>>, _>("sealed")? {
                return open_key(master.key(), place, &sealed).map(|key| Secret::from_key(&key));
            }
            // Read again: another process may have been faster, or may have rotated the key in between.
            sqlx::query(
                "INSERT INTO secrets (name, sealed) \
                 SELECT $1, $2 WHERE EXISTS (SELECT 1 FROM master WHERE key_id = $3) ON CONFLICT (name) DO NOTHING",
            )
            .bind(name)
            .bind(master.key().seal(place, SecretKey::generate()?.as_bytes())?)
            .bind(master.id())
            .execute(&mut *self.database.writer().await?)
            .await?;
        }
        Err(StoreError::Sealed { what: RING })
    }

    /// Makes the key of a tenant, unless there is one.
    pub(crate) async fn create_tenant_key(&self, tenant: TenantId) -> Result<()> {
        for _ in 0..LOOKS {
            let Some(master) = self.follow(&self.sealing().await?.key_id).await? else { continue };
            let sealed = master.key().seal(tenant_place(&tenant), SecretKey::generate()?.as_bytes())?;
            // One statement, so that no rotation comes between the look and the writing.
            let done = sqlx::query(
                "INSERT INTO tenant_keys (tenant, sealed) \
                 SELECT $1, $2 WHERE EXISTS (SELECT 1 FROM master WHERE key_id = $3) \
                 ON CONFLICT (tenant) DO NOTHING",
            )
            .bind(tenant.to_string())
            .bind(sealed)
            .bind(master.id())
            .execute(&mut *self.database.writer().await?)
            .await?;
            if done.rows_affected() > 0 || self.has_tenant_key(tenant).await? {
                return Ok(());
            }
        }
        Err(StoreError::Sealed { what: RING })
    }

    async fn has_tenant_key(&self, tenant: TenantId) -> Result<bool> {
        let row = sqlx::query("SELECT 1 FROM tenant_keys WHERE tenant = $1")
            .bind(tenant.to_string())
            .fetch_optional(&mut *self.database.reader().await?)
            .await?;
        Ok(row.is_some())
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
        for _ in 0..LOOKS {
            let row = sqlx::query(
                "SELECT master.key_id, tenant_keys.sealed FROM tenant_keys JOIN master WHERE tenant_keys.tenant = $1",
            )
            .bind(tenant.to_string())
            .fetch_optional(&mut *self.database.reader().await?)
            .await?
            .ok_or(StoreError::Missing { what: "the key of this tenant" })?;
            let Some(master) = self.follow(&row.text("key_id")?).await? else { continue };
            let key = open_key(master.key(), tenant_place(&tenant), &row.bytes("sealed")?)?;
            let seal = Arc::new(TenantSeal::new(tenant, key));
            self.tenants.write().unwrap_or_else(PoisonError::into_inner).insert(tenant, Arc::clone(&seal));
            return Ok(seal);
        }
        Err(StoreError::Sealed { what: RING })
    }

    /// Seals everything that the master key seals under `next` instead, in one transaction together with its id. How
    /// many values. To be called by whoever holds the lock of the folder.
    pub(crate) async fn reseal(&self, next: MasterKey, now: Timestamp) -> Result<u64> {
        let mut tx = self.database.begin().await?;
        let sealing = sealing(&mut tx).await?.ok_or(StoreError::Sealed { what: RING })?;
        let master = self.follow(&sealing.key_id).await?.ok_or(StoreError::Sealed { what: RING })?;
        let again = |place: Place<'_>, sealed: &[u8]| {
            next.key().seal(place, open_key(master.key(), place, sealed)?.as_bytes())
        };
        let tenants = sqlx::query("SELECT tenant, sealed FROM tenant_keys").fetch_all(&mut *tx).await?;
        for row in &tenants {
            let tenant: TenantId = row.id("tenant")?;
            sqlx::query("UPDATE tenant_keys SET sealed = $2 WHERE tenant = $1")
                .bind(tenant.to_string())
                .bind(again(tenant_place(&tenant), &row.bytes("sealed")?)?)
                .execute(&mut *tx)
                .await?;
        }
        let secrets = sqlx::query("SELECT name, sealed FROM secrets").fetch_all(&mut *tx).await?;
        for row in &secrets {
            let name = row.text("name")?;
            sqlx::query("UPDATE secrets SET sealed = $2 WHERE name = $1")
                .bind(&name)
                .bind(again(secret_place(&name), &row.bytes("sealed")?)?)
                .execute(&mut *tx)
                .await?;
        }
        sqlx::query("UPDATE master SET key_id = $1, since = $2")
            .bind(next.id())
            .bind(now.as_millis())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        *self.master.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        // The log still has what the old key sealed.
        self.empty_log().await?;
        Ok((tenants.len() + secrets.len()) as u64)
    }

    /// Moves the log into the file. Where a reader holds it open, the next erasure, rotation or start does it.
    pub(crate) async fn empty_log(&self) -> Result<()> {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *self.database.writer().await?).await?;
        Ok(())
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

    /// Deletes the key of a person of whom nothing was kept. No tombstone: there is nobody to be forgotten.
    pub(crate) async fn discard_subject_key(&self, tenant: TenantId, subject: SubjectId) -> Result<()> {
        sqlx::query("DELETE FROM subject_keys WHERE tenant = $1 AND subject = $2")
            .bind(tenant.to_string())
            .bind(subject.to_string())
            .execute(&mut *self.database.writer().await?)
            .await?;
        Ok(())
    }

    /// The keys of several people at once, still sealed.
    pub(crate) async fn subjects(&self, tenant: TenantId, subjects: &[SubjectId]) -> Result<SubjectKeys> {
        let rows = sqlx::query(
            "SELECT subject, sealed FROM subject_keys \
             WHERE tenant = $1 AND subject IN (SELECT value FROM json_each($2))",
        )
        .bind(tenant.to_string())
        .bind(json_text(&subjects)?)
        .fetch_all(&mut *self.database.reader().await?)
        .await?;
        let keys = rows.iter().map(|row| Ok((row.id("subject")?, row.bytes("sealed")?)));
        Ok(SubjectKeys(keys.collect::<Result<_>>()?))
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
        open_subject_key(&*self.tenant(tenant).await?, subject, &sealed)
    }
}

/// Keys of people, sealed under their tenant's.
pub(crate) struct SubjectKeys(HashMap<SubjectId, Vec<u8>>);

impl SubjectKeys {
    /// The key of a person; `None` where there is none any more.
    pub(crate) fn open(&self, above: &TenantSeal, subject: SubjectId) -> Result<Option<TenantSeal>> {
        self.0.get(&subject).map(|sealed| open_subject_key(above, subject, sealed)).transpose()
    }
}

fn open_subject_key(above: &TenantSeal, subject: SubjectId, sealed: &[u8]) -> Result<TenantSeal> {
    let plain = above.open(SUBJECT_KEY, subject.as_bytes(), sealed)?;
    let key = SecretKey::from_slice(&plain).ok_or(StoreError::Corrupt { what: SUBJECT_KEY })?;
    Ok(TenantSeal::new(above.tenant(), key))
}

const RING: &str = "the key ring";
const SUBJECT_KEY: &str = "subject key";

/// The master key of a ring that is being opened. One that does not say which it is, is told.
async fn master_of(database: &Database, dir: &Path) -> Result<MasterKey> {
    if let Some(sealing) = sealing(&mut *database.reader().await?).await? {
        let found = MasterKey::find(dir, &sealing.key_id)?;
        return found.map(|(key, _)| key).ok_or(StoreError::Sealed { what: RING });
    }
    let master = MasterKey::load_or_create(&dir.join(CURRENT))?;
    let own = sqlx::query("SELECT sealed FROM secrets WHERE name = $1")
        .bind(OWN_SECRET)
        .fetch_optional(&mut *database.reader().await?)
        .await?;
    if let Some(own) = own {
        open_key(master.key(), secret_place(OWN_SECRET), &own.bytes("sealed")?)?;
    }
    sqlx::query("INSERT INTO master (id, key_id, since) VALUES (1, $1, NULL)")
        .bind(master.id())
        .execute(&mut *database.writer().await?)
        .await?;
    Ok(master)
}

async fn sealing(connection: &mut SqliteConnection) -> Result<Option<Sealing>> {
    let row = sqlx::query("SELECT key_id, since FROM master").fetch_optional(connection).await?;
    row.map(|row| Ok(Sealing { key_id: row.text("key_id")?, since: row.optional_time("since")? })).transpose()
}

fn secret_place(name: &str) -> Place<'_> {
    Place { purpose: "secret", tenant: None, row: name.as_bytes() }
}

fn tenant_place(tenant: &TenantId) -> Place<'_> {
    Place { purpose: "tenant key", tenant: Some(*tenant), row: tenant.as_bytes() }
}

fn open_key(above: &SecretKey, place: Place<'_>, sealed: &[u8]) -> Result<SecretKey> {
    let plain = above.open(place, sealed)?;
    SecretKey::from_slice(&plain).ok_or(StoreError::Corrupt { what: place.purpose })
}
