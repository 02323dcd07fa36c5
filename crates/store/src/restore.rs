//! Restoring a backup. Whoever was erased, before or after it was taken, stays erased.

use std::fs;
use std::path::{Path, PathBuf};

use domain::{TenantId, Timestamp};
use sqlx::Connection as _;

use crate::audit::AuditEntry;
use crate::backup::open_saved;
use crate::error::{Result, StoreError};
use crate::files;
use crate::keyring::Keyring;
use crate::manifest::{Manifest, sha256};
use crate::master_key::{CURRENT as MASTER_KEY, MasterKey};
use crate::row::Columns as _;
use crate::store::{self, BLOBS, DATABASE, KEYRING, Store};
use crate::tombstones::Tombstone;

/// The databases until they are ready.
const UNFINISHED: &str = "restoring.db";
const UNFINISHED_KEYRING: &str = "restoring-keyring.db";

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreReport {
    /// When the state was taken.
    pub created_at: Timestamp,
    /// Photos.
    pub blobs: u64,
    /// Length of all photos, encrypted.
    pub bytes: u64,
    /// People of the backup who were erased since, and are gone again.
    pub erased: u64,
}

/// Restores the backup in the folder `from` to the data folder `dir`, which must have no database; the server must not
/// run there. The keys are those of `dir`, where it has a key ring: it knows best who was erased. Otherwise they come
/// from `keys_from`. Whoever has a tombstone in either is erased before the database gets its name.
///
/// # Errors
/// [`StoreError::InTheWay`] where `dir` has a database, or another master key than `keys_from`;
/// [`StoreError::BadBackup`] for one that is damaged, not whole, or of other keys; [`StoreError::NoKeys`] without a key ring;
/// [`StoreError::Sealed`] where master key and key ring do not belong together. Once the cause is
/// removed, it can be called again.
pub async fn restore(
    from: &Path,
    keys_from: Option<&Path>,
    dir: &Path,
    now: Timestamp,
) -> Result<RestoreReport> {
    files::create_folder(dir)?;
    let _lock = store::lock(dir).await?;
    let database = dir.join(DATABASE);
    refuse_existing(&database)?;
    // The log of another database would be read into the new one.
    refuse_existing(&beside(&database, "-wal"))?;
    let manifest = verify(from).await?;
    let stones = take_keys(keys_from, from, dir).await?;
    let (from_dir, to_dir) = (from.to_owned(), dir.to_owned());
    files::blocking(move || {
        copy_blobs(&from_dir, &to_dir)?;
        let unfinished = to_dir.join(UNFINISHED);
        remove_database(&unfinished)?;
        files::copy_private(&from_dir.join(DATABASE), &unfinished).map(drop)
    })
    .await?;
    let erased = erase_again(from, dir, stones, now).await?;
    files::rename(&dir.join(UNFINISHED), &database)?;
    Ok(RestoreReport {
        created_at: manifest.created_at,
        blobs: manifest.blobs,
        bytes: manifest.bytes,
        erased,
    })
}

/// Reads the manifest and compares it with what is there.
async fn verify(from: &Path) -> Result<Manifest> {
    let from = from.to_owned();
    files::blocking(move || {
        let manifest = Manifest::read(&from)?;
        let bad = |problem| StoreError::BadBackup { path: from.clone(), problem };
        if sha256(&from.join(DATABASE))? != manifest.database_sha256 {
            return Err(bad("its bonafide.db is not the one in its manifest.json: take another backup"));
        }
        let photos = photos(&from)?;
        let mut bytes = 0;
        for (_, path) in &photos {
            bytes += path.metadata().map_err(StoreError::io(path))?.len();
        }
        if photos.len() as u64 != manifest.blobs || bytes != manifest.bytes {
            return Err(bad("photos are missing or too many: take another backup"));
        }
        Ok(manifest)
    })
    .await
}

/// Puts the keys into `dir`, unless they are there. Returns the tombstones of `keys_from`.
async fn take_keys(keys_from: Option<&Path>, from: &Path, dir: &Path) -> Result<Vec<Tombstone>> {
    let has_keyring = files::exists(&dir.join(KEYRING))?;
    let Some(keys_from) = keys_from else {
        return if has_keyring { Ok(Vec::new()) } else { Err(StoreError::NoKeys) };
    };
    // Opening a ring makes a key where there is none.
    MasterKey::load(&keys_from.join(MASTER_KEY))?;
    let copy = dir.join(UNFINISHED_KEYRING);
    copy_with_log(&keys_from.join(KEYRING), &copy)?;
    let ring = Keyring::open(&copy, keys_from).await?;
    let master = MasterKey::find(keys_from, &ring.sealing().await?.key_id)?;
    let fits = if has_keyring { Ok(()) } else { require_keys(&ring, from).await };
    let stones = ring.tombstones().await;
    // Moves the log into the file.
    ring.database().close().await;
    refuse_existing(&beside(&copy, "-wal"))?;
    fits?;
    if has_keyring {
        files::remove(&copy)?;
    } else {
        refuse_existing(&beside(&dir.join(KEYRING), "-wal"))?;
        // The ring comes last: where it is, its master key is too. A rotation may have been interrupted in `keys_from`.
        let (_, master) = master.ok_or(StoreError::Sealed { what: "the key ring" })?;
        take_master_key(&master, dir)?;
        files::rename(&copy, &dir.join(KEYRING))?;
    }
    stones
}

/// Copies a database to the new file `to`, also where a stopped server left it with a log that holds the newest rows.
fn copy_with_log(from: &Path, to: &Path) -> Result<()> {
    remove_database(to)?;
    files::copy_private(from, to)?;
    if files::exists(&beside(from, "-wal"))? {
        files::copy_private(&beside(from, "-wal"), &beside(to, "-wal"))?;
    }
    Ok(())
}

/// Says now, not at the first request, that the keys are those of another server.
async fn require_keys(ring: &Keyring, from: &Path) -> Result<()> {
    for tenant in tenants(&from.join(DATABASE)).await? {
        ring.tenant(tenant).await.map_err(|error| match error {
            StoreError::Missing { .. } | StoreError::Sealed { .. } => StoreError::BadBackup {
                path: from.to_owned(),
                problem: "these keys are not its own: name the folder that was saved with it",
            },
            other => other,
        })?;
    }
    Ok(())
}

async fn tenants(saved: &Path) -> Result<Vec<TenantId>> {
    let mut connection = open_saved(saved).await?;
    let rows = sqlx::query("SELECT id FROM tenants").fetch_all(&mut connection).await?;
    connection.close().await?;
    rows.iter().map(|row| row.id("id")).collect()
}

fn take_master_key(from: &Path, dir: &Path) -> Result<()> {
    let to = dir.join(MASTER_KEY);
    if !files::exists(&to)? {
        return copy_over(from, &to);
    }
    let read = |path: &Path| fs::read(path).map(zeroize::Zeroizing::new).map_err(StoreError::io(path));
    if read(from)? == read(&to)? { Ok(()) } else { Err(StoreError::InTheWay { path: to }) }
}

/// Opens the database under its passing name, erases who was erased, and closes it.
async fn erase_again(from: &Path, dir: &Path, stones: Vec<Tombstone>, now: Timestamp) -> Result<u64> {
    let store = Store::open_locked(dir, &dir.join(UNFINISHED)).await?;
    let erased = match require_keys(store.keyring(), from).await {
        Ok(()) => bury_again(&store, stones, now).await,
        Err(other_keys) => Err(other_keys),
    };
    store.close().await;
    refuse_existing(&beside(&dir.join(UNFINISHED), "-wal"))?;
    erased
}

async fn bury_again(store: &Store, stones: Vec<Tombstone>, now: Timestamp) -> Result<u64> {
    for stone in stones {
        store.keyring().bury(stone).await?;
    }
    let erased = store.apply_tombstones(now).await?;
    // Those of whom the backup knows nothing.
    store.finish_erasures().await?;
    let mut tx = store.begin().await?;
    tx.append_audit(&AuditEntry {
        tenant: None,
        actor: "command line".to_owned(),
        action: "backup.restore".to_owned(),
        about: "store".to_owned(),
        at: now,
    })
    .await?;
    tx.commit().await?;
    Ok(erased)
}

fn copy_blobs(from: &Path, dir: &Path) -> Result<()> {
    for (tenant, path) in photos(from)? {
        let folder = dir.join(BLOBS).join(tenant);
        files::create_folder(&folder)?;
        if let Some(name) = path.file_name() {
            copy_over(&path, &folder.join(name))?;
        }
    }
    Ok(())
}

/// The photos of a backup, each with the name of its tenant's folder.
fn photos(from: &Path) -> Result<Vec<(String, PathBuf)>> {
    let blobs = from.join(BLOBS);
    let mut found = Vec::new();
    if !files::exists(&blobs)? {
        return Ok(found);
    }
    for (tenant, folder) in files::entries(&blobs)? {
        found.extend(files::entries(&folder)?.into_iter().map(|(_, path)| (tenant.clone(), path)));
    }
    Ok(found)
}

/// Copies under another name and renames: what is at `to` is whole, whenever this is stopped.
fn copy_over(from: &Path, to: &Path) -> Result<()> {
    let unfinished = to.with_extension("restoring");
    files::remove(&unfinished)?;
    files::copy_private(from, &unfinished)?;
    files::rename(&unfinished, to)
}

/// Deletes a database that an earlier call left that was stopped.
fn remove_database(path: &Path) -> Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        files::remove(&beside(path, suffix))?;
    }
    Ok(())
}

/// The path with `suffix` added to the name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn refuse_existing(path: &Path) -> Result<()> {
    if files::exists(path)? { Err(StoreError::InTheWay { path: path.to_owned() }) } else { Ok(()) }
}
