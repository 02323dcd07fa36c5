//! One server a folder.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// The file that is locked. It stays when the lock ends: removing it would let two processes lock two files.
const NAME: &str = "serve.lock";

/// The right to serve, or to replace, a data folder. Ends when it is dropped, or with the process.
#[derive(Debug)]
pub struct ServeLock {
    _file: File,
}

/// Why the folder cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error("a server is running on {}: stop it, or choose another folder", .0.display())]
    Held(PathBuf),
    /// The file cannot be made or locked.
    #[error("{} cannot be locked", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
}

impl ServeLock {
    /// Locks `data`, which is made, readable by its owner only, if it is not there.
    ///
    /// # Errors
    /// [`LockError::Held`] while another process has it.
    pub fn acquire(data: &Path) -> Result<Self, LockError> {
        let path = data.join(NAME);
        let broken = |source| LockError::Io { path: path.clone(), source };
        make_private_dir(data).map_err(broken)?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(&path).map_err(broken)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LockError::Held(data.to_owned())),
            Err(TryLockError::Error(source)) => Err(LockError::Io { path, source }),
        }
    }
}

fn make_private_dir(dir: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_server_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let first = ServeLock::acquire(&data).unwrap();
        assert!(matches!(ServeLock::acquire(&data), Err(LockError::Held(_))));
        drop(first);
        ServeLock::acquire(&data).unwrap();
    }
}
