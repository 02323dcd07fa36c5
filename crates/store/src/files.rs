//! Files and folders that only their owner can read, and that are on the disk when a call returns.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::error::{Result, StoreError};

/// Makes `path` and the folders above it, closed to others. One that is there stays as it is.
pub(crate) fn create_folder(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(StoreError::io(path))?;
    sync_parent(path)
}

/// Makes an empty file that only its owner can read, unless there is one.
pub(crate) fn create_private(path: &Path) -> Result<()> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map(drop)
        .map_err(StoreError::io(path))
}

/// Copies `from` to the new file `to`, which only its owner can read and which is on the disk at the end. Bytes copied.
pub(crate) fn copy_private(from: &Path, to: &Path) -> Result<u64> {
    let mut source = File::open(from).map_err(StoreError::io(from))?;
    let mut target =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(StoreError::io(to))?;
    let bytes = io::copy(&mut source, &mut target).map_err(StoreError::io(to))?;
    target.sync_all().map_err(StoreError::io(to))?;
    Ok(bytes)
}

/// Closes a file to others and puts it on the disk.
pub(crate) fn finish_private(path: &Path) -> Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(StoreError::io(path))?;
    sync_file(path)
}

/// Puts what a file holds on the disk.
pub(crate) fn sync_file(path: &Path) -> Result<()> {
    File::open(path).and_then(|file| file.sync_all()).map_err(StoreError::io(path))
}

/// Puts a folder's list of names on the disk.
pub(crate) fn sync_folder(path: &Path) -> Result<()> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(StoreError::io(path))
}

/// Puts the name of `path` on the disk.
pub(crate) fn sync_parent(path: &Path) -> Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent),
        _ => sync_folder(Path::new(".")),
    }
}

/// Renames `from` to `to`, in place of what is there, and puts the new name on the disk.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).map_err(StoreError::io(to))?;
    sync_parent(to)
}

/// Whether something is at `path`.
pub(crate) fn exists(path: &Path) -> Result<bool> {
    path.try_exists().map_err(StoreError::io(path))
}

/// Refuses a folder that is there and has something in it.
pub(crate) fn require_empty(path: &Path) -> Result<()> {
    match fs::read_dir(path).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(StoreError::InTheWay { path: path.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(StoreError::io(path)(error)),
    }
}

/// Names and paths in a folder. Names that are no text are none of ours and left out.
pub(crate) fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(StoreError::io(folder))? {
        let entry = entry.map_err(StoreError::io(folder))?;
        if let Ok(name) = entry.file_name().into_string() {
            found.push((name, entry.path()));
        }
    }
    Ok(found)
}

/// Deletes a file. `false` where there is none.
pub(crate) fn remove(path: &Path) -> Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(StoreError::io(path)(error)),
    }
}

/// Runs blocking work on files outside of the threads that serve requests.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await?
}
