//! The list of contents of a backup: written last, read first.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use domain::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::{Result, StoreError};

const NAME: &str = "manifest.json";
const FORMAT: u32 = 1;

/// What a backup holds. A backup without one was not finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    format: u32,
    /// When the state was taken.
    pub(crate) created_at: Timestamp,
    /// Photos.
    pub(crate) blobs: u64,
    /// Length of all photos, encrypted.
    pub(crate) bytes: u64,
    /// SHA-256 of the database file, hexadecimal.
    pub(crate) database_sha256: String,
}

impl Manifest {
    pub(crate) fn new(created_at: Timestamp, blobs: u64, bytes: u64, database_sha256: String) -> Self {
        Self { format: FORMAT, created_at, blobs, bytes, database_sha256 }
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(NAME);
        let text = serde_json::to_vec_pretty(self).map_err(StoreError::Json)?;
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_all()))
            .map_err(StoreError::io(&path))
    }

    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let bad = |problem| StoreError::BadBackup { path: folder.to_owned(), problem };
        let text = fs::read(folder.join(NAME)).map_err(|_| {
            bad("its manifest.json cannot be read: it is no backup, or was interrupted; take another")
        })?;
        let manifest: Self =
            serde_json::from_slice(&text).map_err(|_| bad("its manifest.json is damaged: take another"))?;
        if manifest.format != FORMAT {
            return Err(bad("its format is of another version of this program: restore it with that"));
        }
        Ok(manifest)
    }
}

/// SHA-256 of a file, hexadecimal.
pub(crate) fn sha256(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(StoreError::io(path))?;
    let mut hash = Sha256::new();
    let mut part = vec![0; 1 << 16];
    loop {
        let bytes = file.read(&mut part).map_err(StoreError::io(path))?;
        if bytes == 0 {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(&part[..bytes]);
    }
}
