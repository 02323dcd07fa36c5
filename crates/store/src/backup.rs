//! Backups: one state of the database and the photos it names, without the keys that open them.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use domain::{ArtifactId, TenantId, Timestamp};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use crate::blobs;
use crate::database::Database;
use crate::error::{Result, StoreError};
use crate::files;
use crate::manifest::{Manifest, sha256};
use crate::master_key::CURRENT as MASTER_KEY;
use crate::rekey::INTERRUPTED;
use crate::row::Columns as _;
use crate::store::{DATABASE, KEYRING, Store, lock};

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupReport {
    /// When the state was taken.
    pub created_at: Timestamp,
    /// Photos.
    pub blobs: u64,
    /// Length of all photos, encrypted.
    pub bytes: u64,
    /// Whether the keys were saved too.
    pub with_keys: bool,
}

impl Store {
    /// Saves one state to the folder `to`, which is new or empty, while the server goes on. Keys are only saved where
    /// `keys_to` names a place for them: whoever has both folders can read everything, and an old key ring brings back
    /// who was erased since.
    ///
    /// # Errors
    /// [`StoreError::InTheWay`] for a folder that is not empty, [`StoreError::KeysWithBackup`] where one folder lies in
    /// the other, otherwise what the database and the files say. What was written until then has no manifest, and
    /// cannot be restored.
    pub async fn backup(&self, to: &Path, keys_to: Option<&Path>) -> Result<BackupReport> {
        files::require_empty(to)?;
        if let Some(keys_to) = keys_to {
            files::require_empty(keys_to)?;
            refuse_nesting(to, keys_to)?;
        }
        files::create_folder(to)?;
        let snapshot = to.join(DATABASE);
        save_database(self.database(), &snapshot).await?;
        let names = photos(&snapshot).await?;
        let (dir, to_dir) = (self.dir().to_owned(), to.to_owned());
        let manifest = files::blocking(move || {
            // The file system's time of the snapshot: nothing here asks a clock.
            let created_at = modified_at(&snapshot)?;
            let (blobs, bytes) = copy_photos(&dir, &to_dir, &names)?;
            Ok(Manifest::new(created_at, blobs, bytes, sha256(&snapshot)?))
        })
        .await?;
        if let Some(keys_to) = keys_to {
            // After the rows: whatever they are sealed with is there by now. Ring and master key are saved as a pair, so
            // that no rotation may come between them.
            let _lock = lock(self.dir()).await?;
            self.finish_rekey(INTERRUPTED).await?;
            files::create_folder(keys_to)?;
            save_database(self.keyring().database(), &keys_to.join(KEYRING)).await?;
            files::copy_private(&self.dir().join(MASTER_KEY), &keys_to.join(MASTER_KEY))?;
            files::sync_folder(keys_to)?;
        }
        manifest.write(to)?;
        files::sync_folder(to)?;
        files::sync_parent(to)?;
        Ok(BackupReport {
            created_at: manifest.created_at,
            blobs: manifest.blobs,
            bytes: manifest.bytes,
            with_keys: keys_to.is_some(),
        })
    }
}

/// Writes one state of an open database to the new file `to`.
async fn save_database(database: &Database, to: &Path) -> Result<()> {
    files::create_private(to)?;
    let name = to.to_str().ok_or_else(|| {
        StoreError::io(to)(std::io::Error::new(ErrorKind::InvalidFilename, "the path is not UTF-8 text"))
    })?;
    // A connection of its own: this takes as long as the file is large, and the writer must not wait for it.
    let mut connection = database.connect().await?;
    sqlx::query("VACUUM INTO $1").bind(name).execute(&mut connection).await?;
    connection.close().await?;
    files::finish_private(to)
}

/// The photos that a saved database names.
async fn photos(snapshot: &Path) -> Result<Vec<(TenantId, ArtifactId)>> {
    let mut connection = open_saved(snapshot).await?;
    let rows = sqlx::query("SELECT tenant, id FROM artifacts ORDER BY tenant, id")
        .fetch_all(&mut connection)
        .await?;
    connection.close().await?;
    rows.iter().map(|row| Ok((row.id("tenant")?, row.id("id")?))).collect()
}

/// Opens a saved database for reading, without leaving anything beside it.
pub(crate) async fn open_saved(path: &Path) -> Result<SqliteConnection> {
    Ok(SqliteConnectOptions::new().filename(path).read_only(true).immutable(true).connect().await?)
}

fn copy_photos(from: &Path, to: &Path, names: &[(TenantId, ArtifactId)]) -> Result<(u64, u64)> {
    let (mut blobs, mut bytes) = (0, 0);
    let mut folder = PathBuf::new();
    for (tenant, id) in names {
        let target = blobs::file(to, *tenant, *id);
        if let Some(parent) = target.parent()
            && parent != folder
        {
            files::create_folder(parent)?;
            parent.clone_into(&mut folder);
        }
        match files::copy_private(&blobs::file(from, *tenant, *id), &target) {
            Ok(length) => {
                blobs += 1;
                bytes += length;
            }
            // Deleted since the snapshot, by an erasure or because its time was over.
            Err(StoreError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok((blobs, bytes))
}

fn modified_at(path: &Path) -> Result<Timestamp> {
    let modified = path.metadata().and_then(|metadata| metadata.modified()).map_err(StoreError::io(path))?;
    Ok(Timestamp::from_millis(0).plus(modified.duration_since(UNIX_EPOCH).unwrap_or_default()))
}

/// Neither folder may lie in the other: who copies one must not get both.
fn refuse_nesting(to: &Path, keys_to: &Path) -> Result<()> {
    let (to_real, keys_real) = (real_path(to)?, real_path(keys_to)?);
    if keys_real.starts_with(&to_real) || to_real.starts_with(&keys_real) {
        return Err(StoreError::KeysWithBackup { path: to.to_owned() });
    }
    Ok(())
}

/// The path without links, also of what does not exist yet.
fn real_path(path: &Path) -> Result<PathBuf> {
    let absolute = std::path::absolute(path).map_err(StoreError::io(path))?;
    for ancestor in absolute.ancestors() {
        if let (Ok(real), Ok(rest)) = (ancestor.canonicalize(), absolute.strip_prefix(ancestor)) {
            return Ok(real.join(rest));
        }
    }
    Ok(absolute)
}
