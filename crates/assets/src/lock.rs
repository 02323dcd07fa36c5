//! One writer at a time in a store.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use crate::error::AssetError;

const LOCK_FILE: &str = ".lock";

/// The right to write into a store; given back when it is dropped, or when the process dies.
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the store at `dir`, which is made if there is none. `waiting` is called once, before
    /// waiting for another process or thread that holds it.
    pub(crate) fn take(dir: &Path, waiting: impl FnOnce()) -> Result<Self, AssetError> {
        fs::create_dir_all(dir).map_err(AssetError::io("create the folder", dir))?;
        let path = dir.join(LOCK_FILE);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(AssetError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                waiting();
                file.lock().map_err(AssetError::io("lock", &path))?;
            }
            Err(TryLockError::Error(error)) => return Err(AssetError::io("lock", path)(error)),
        }
        Ok(Self { _file: file })
    }
}
