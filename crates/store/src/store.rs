//! The open store: where transactions start and what needs none.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::{SubjectId, TenantId, Timestamp};
use object_store::local::LocalFileSystem;
use tokio::sync::Notify;

use crate::database::Database;
use crate::digest::Digest;
use crate::error::{Result, StoreError};
use crate::files;
use crate::keyring::Keyring;
use crate::master_key::CURRENT as MASTER_KEY;
use crate::rekey::INTERRUPTED;
use crate::seal::Secret;
use crate::tx::Tx;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

pub(crate) const DATABASE: &str = "bonafide.db";
pub(crate) const KEYRING: &str = "keyring.db";
pub(crate) const BLOBS: &str = "blobs";
const LOCK: &str = "open.lock";

/// An open data folder. Clones share it; several processes may have one open.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    dir: PathBuf,
    database: Database,
    keyring: Arc<Keyring>,
    blobs: LocalFileSystem,
    /// Rung when an event was kept.
    bell: Arc<Notify>,
}

impl Store {
    /// Opens the data folder `dir`; makes what is missing, brings the databases to this version's form and finishes
    /// erasures and a rotation of the master key that were interrupted.
    ///
    /// # Errors
    /// [`StoreError::Incomplete`] where rows are there without their keys, [`StoreError::MasterKey`] and
    /// [`StoreError::Sealed`] for a key that cannot be used or is another one, otherwise what the files and databases
    /// say.
    pub async fn open(dir: &Path) -> Result<Store> {
        files::create_folder(dir)?;
        let _lock = lock(dir).await?;
        Self::open_locked(dir, &dir.join(DATABASE)).await
    }

    /// Opens the data folder `dir` if it has a store.
    ///
    /// # Errors
    /// [`StoreError::NoStore`] where it has none, otherwise those of [`Store::open`].
    pub async fn open_existing(dir: &Path) -> Result<Store> {
        if !files::exists(&dir.join(DATABASE))? {
            return Err(StoreError::NoStore { path: dir.to_owned() });
        }
        Self::open(dir).await
    }

    /// As [`Store::open`], with the database file given, for whoever holds the lock.
    pub(crate) async fn open_locked(dir: &Path, database: &Path) -> Result<Store> {
        // New keys for old rows would hide that the old keys are lost. Keys are made first, so that they are there
        // whenever rows are.
        if files::exists(database)? {
            for name in [KEYRING, MASTER_KEY] {
                require(&dir.join(name))?;
            }
        }
        if files::exists(&dir.join(KEYRING))? {
            require(&dir.join(MASTER_KEY))?;
        }
        let keyring = Arc::new(Keyring::open(&dir.join(KEYRING), dir).await?);
        let database = Database::open(database, &MIGRATIONS).await?;
        files::create_folder(&dir.join(BLOBS))?;
        files::sync_folder(dir)?;
        let blobs = LocalFileSystem::new_with_prefix(dir.join(BLOBS))?;
        let store = Store {
            inner: Arc::new(Inner { dir: dir.to_owned(), database, keyring, blobs, bell: Arc::default() }),
        };
        store.finish_rekey(INTERRUPTED).await?;
        store.finish_erasures().await?;
        Ok(store)
    }

    /// Starts a write transaction. There is one at a time: others wait, so keep it short and hold no second one.
    ///
    /// # Errors
    /// The database fails, or the lock does not come free in time.
    pub async fn begin(&self) -> Result<Tx> {
        let change = self.inner.database.begin().await?;
        Ok(Tx::writing(change, Arc::clone(&self.inner.keyring), Arc::clone(&self.inner.bell)))
    }

    /// Starts a read transaction: all its reads see one state, and writing fails.
    ///
    /// # Errors
    /// The database fails.
    pub async fn read(&self) -> Result<Tx> {
        Ok(Tx::reading(self.inner.database.read().await?, Arc::clone(&self.inner.keyring)))
    }

    /// For one look: cheaper than [`Store::read`], and two calls may see two states.
    ///
    /// # Errors
    /// The database fails.
    pub async fn look(&self) -> Result<Tx> {
        Ok(Tx::reading(self.inner.database.reader().await?, Arc::clone(&self.inner.keyring)))
    }

    /// Waits until this process has kept an event since the last call, or does so. For one waiter.
    pub async fn news(&self) {
        self.inner.bell.notified().await;
    }

    /// The secret of that name: random, made at its first use, the same ever after.
    ///
    /// # Errors
    /// The key ring fails, or the secret does not open.
    pub async fn secret(&self, name: &str) -> Result<Secret> {
        self.inner.keyring.secret(name).await
    }

    /// Makes the key of a tenant, unless there is one. Comes before [`Tx::insert_tenant`]: a key without a tenant
    /// harms nothing.
    ///
    /// # Errors
    /// The key ring fails.
    pub async fn create_tenant_key(&self, tenant: TenantId) -> Result<()> {
        self.inner.keyring.create_tenant_key(tenant).await
    }

    /// Makes the key of a person, unless there is one. Comes before [`Tx::insert_subject`].
    ///
    /// # Errors
    /// [`StoreError::ErasedSubject`] for a person who was erased, or the key ring fails.
    pub async fn create_subject_key(&self, tenant: TenantId, subject: SubjectId) -> Result<()> {
        self.inner.keyring.create_subject_key(tenant, subject).await
    }

    /// The keyed digest of `bytes` for this tenant.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where the tenant has no key, or the key ring fails.
    pub async fn digest(&self, tenant: TenantId, bytes: &[u8]) -> Result<Digest> {
        let seal = self.inner.keyring.tenant(tenant).await?;
        Ok(Digest::from_bytes(seal.key().keyed_hash("digest", &[bytes])))
    }

    /// Writes and commits one row, as a probe of readiness.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn check_write(&self, now: Timestamp) -> Result<()> {
        let mut tx = self.inner.database.begin().await?;
        sqlx::query(
            "INSERT INTO write_check (id, at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET at = excluded.at",
        )
        .bind(now.as_millis())
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    /// Closes the databases, for whoever moves the files afterwards.
    pub(crate) async fn close(&self) {
        self.inner.database.close().await;
        self.inner.keyring.database().close().await;
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.inner.dir
    }

    pub(crate) fn database(&self) -> &Database {
        &self.inner.database
    }

    pub(crate) fn keyring(&self) -> &Keyring {
        &self.inner.keyring
    }

    pub(crate) fn blobs(&self) -> &LocalFileSystem {
        &self.inner.blobs
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("dir", &self.inner.dir).finish_non_exhaustive()
    }
}

/// Keeps other processes from opening or restoring `dir` at the same time, until it is dropped: migrations of `SQLite`
/// have no lock of their own.
pub(crate) async fn lock(dir: &Path) -> Result<File> {
    let path = dir.join(LOCK);
    files::create_private(&path)?;
    files::blocking(move || {
        let file = File::open(&path).map_err(StoreError::io(&path))?;
        file.lock().map_err(StoreError::io(&path))?;
        Ok(file)
    })
    .await
}

fn require(path: &Path) -> Result<()> {
    if files::exists(path)? { Ok(()) } else { Err(StoreError::Incomplete { path: path.to_owned() }) }
}
