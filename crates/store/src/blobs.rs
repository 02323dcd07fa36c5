//! Photos: one encrypted file each, `blobs/<tenant>/<artifact>`.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path as FilePath, PathBuf};
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use domain::{ArtifactId, TenantId, Timestamp};
use object_store::path::Path;
use object_store::{ObjectStoreExt as _, PutPayload};

use crate::artifacts::Artifact;
use crate::error::{Result, StoreError};
use crate::files;
use crate::store::{BLOBS, Store};

const PHOTO: &str = "photo";

impl Store {
    /// Encrypts a photo under its person's key and keeps it: it survives a power cut once this returns. Comes before
    /// [`crate::Tx::insert_artifact`]; putting it again replaces it.
    ///
    /// # Errors
    /// [`StoreError::ErasedSubject`] without the person's key, or the file cannot be written.
    pub async fn put_blob(&self, artifact: &Artifact, plain: impl Into<Bytes>) -> Result<()> {
        let seal = self.keyring().subject(artifact.tenant, artifact.subject).await?;
        // A large photo takes milliseconds: too long for the threads that serve requests.
        let (id, plain) = (artifact.id, plain.into());
        let sealed = files::blocking(move || seal.seal(PHOTO, id.as_bytes(), &plain)).await?;
        files::create_folder(&self.dir().join(BLOBS).join(artifact.tenant.to_string()))?;
        self.blobs().put(&name(artifact.tenant, artifact.id), PutPayload::from(sealed)).await?;
        // Not left to the object store, which would wait for the disk twice: before and after it renames the file.
        let path = file(self.dir(), artifact.tenant, artifact.id);
        files::blocking(move || files::sync_file(&path).and_then(|()| files::sync_parent(&path))).await
    }

    /// The photo; `None` where there is no file of it.
    ///
    /// # Errors
    /// [`StoreError::ErasedSubject`] without the person's key, [`StoreError::Sealed`] for a damaged file, or it cannot
    /// be read.
    pub async fn blob(&self, artifact: &Artifact) -> Result<Option<Vec<u8>>> {
        let sealed = match self.blobs().get(&name(artifact.tenant, artifact.id)).await {
            Ok(found) => found.bytes().await?,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let seal = self.keyring().subject(artifact.tenant, artifact.subject).await?;
        let id = artifact.id;
        files::blocking(move || Ok(Some(seal.open(PHOTO, id.as_bytes(), &sealed)?.to_vec()))).await
    }

    /// Deletes the photo, if it is there.
    ///
    /// # Errors
    /// The file cannot be deleted.
    pub async fn delete_blob(&self, artifact: &Artifact) -> Result<()> {
        self.delete_blob_of(artifact.tenant, artifact.id).await.map(drop)
    }

    /// `false` where there was none.
    pub(crate) async fn delete_blob_of(&self, tenant: TenantId, id: ArtifactId) -> Result<bool> {
        match self.blobs().delete(&name(tenant, id)).await {
            Ok(()) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes files that no row names and that are older than `older_than`: photos whose transaction was not
    /// committed or whose deletion was interrupted, and what interrupted writes left. Returns how many.
    ///
    /// `older_than` must lie further back than any transaction lasts: a photo is there before its row.
    ///
    /// # Errors
    /// A folder cannot be read, a file cannot be deleted, or the database fails.
    pub async fn sweep_orphans(&self, older_than: Timestamp) -> Result<u64> {
        let folder = self.dir().join(BLOBS);
        let found = files::blocking(move || old_files(&folder, older_than)).await?;
        let mut swept = 0;
        for file in found {
            if self.is_orphan(&file).await? && files::remove(&file.path)? {
                swept += 1;
            }
        }
        Ok(swept)
    }

    async fn is_orphan(&self, file: &OldFile) -> Result<bool> {
        let Some(id) = file.artifact else { return Ok(true) };
        let row = sqlx::query("SELECT 1 FROM artifacts WHERE tenant = $1 AND id = $2")
            .bind(file.tenant.to_string())
            .bind(id.to_string())
            .fetch_optional(&mut *self.database().reader().await?)
            .await?;
        Ok(row.is_none())
    }
}

fn name(tenant: TenantId, id: ArtifactId) -> Path {
    Path::from(format!("{tenant}/{id}"))
}

/// The file of a photo in the data folder or backup `dir`.
pub(crate) fn file(dir: &FilePath, tenant: TenantId, id: ArtifactId) -> PathBuf {
    dir.join(BLOBS).join(tenant.to_string()).join(id.to_string())
}

struct OldFile {
    path: PathBuf,
    tenant: TenantId,
    /// `None` for what an interrupted write left.
    artifact: Option<ArtifactId>,
}

fn old_files(folder: &FilePath, older_than: Timestamp) -> Result<Vec<OldFile>> {
    let mut found = Vec::new();
    for (tenant_name, tenant_folder) in files::entries(folder)? {
        let Ok(tenant) = tenant_name.parse() else { continue };
        for (name, path) in files::entries(&tenant_folder)? {
            let artifact = name.parse().ok();
            if (artifact.is_some() || is_leftover(&name)) && is_older(&path, older_than)? {
                found.push(OldFile { path, tenant, artifact });
            }
        }
    }
    Ok(found)
}

/// The object store writes to `<artifact>#<number>` first and renames then.
fn is_leftover(name: &str) -> bool {
    name.split_once('#').is_some_and(|(id, number)| {
        id.parse::<ArtifactId>().is_ok() && number.bytes().all(|digit| digit.is_ascii_digit())
    })
}

fn is_older(path: &FilePath, than: Timestamp) -> Result<bool> {
    match fs::metadata(path).and_then(|metadata| metadata.modified()) {
        Ok(modified) => {
            let age = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
            Ok(Timestamp::from_millis(0).plus(age) < than)
        }
        // Deleted since the folder was read.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(StoreError::io(path)(error)),
    }
}
