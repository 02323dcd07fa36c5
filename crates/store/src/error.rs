//! What can go wrong, each said so that the operator knows what to do.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What this crate's calls return.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Why something could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or failed.
    #[error("the database failed: look at free disk space and the rights of the data folder")]
    Database(#[from] sqlx::Error),
    /// The database could not put a change on the disk; it was undone.
    #[error("the database failed: look at free disk space and the rights of the data folder")]
    Commit(#[source] Arc<sqlx::Error>),
    /// The database cannot be brought to this version's form.
    #[error("the database cannot be migrated: it may come from a newer version of this program")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A file cannot be read or written.
    #[error("cannot use {}: look at its rights and at free disk space", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// An encrypted photo cannot be read or written.
    #[error("the folder of photos failed: look at its rights and at free disk space")]
    Blobs(#[from] object_store::Error),
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers")]
    Random(#[from] getrandom::Error),
    /// A document cannot be written as JSON.
    #[error("a document cannot be written as JSON")]
    Json(#[source] serde_json::Error),
    /// An encrypted value does not open.
    #[error(
        "{what} does not open: it is damaged, or master.key and keyring.db are not those it was sealed with"
    )]
    Sealed {
        /// What kind of value it is.
        what: &'static str,
    },
    /// The master key cannot be used.
    #[error("the master key {} cannot be used: {problem}", path.display())]
    MasterKey {
        /// Its file.
        path: PathBuf,
        /// What is wrong and what to do.
        problem: &'static str,
    },
    /// The person was erased: the key is gone.
    #[error("this person was erased: nothing of them can be read or kept")]
    ErasedSubject,
    /// A row that is to be changed, or a key that is needed, is not there.
    #[error("{what} is not there: it was deleted in the meantime or never made")]
    Missing {
        /// What is missing.
        what: &'static str,
    },
    /// A name that must be unique is in use.
    #[error("this {what} is taken: choose another")]
    Taken {
        /// What is taken.
        what: &'static str,
    },
    /// A stored value makes no sense to this version.
    #[error(
        "the stored {what} cannot be read: restore a backup, or use the version of this program that wrote it"
    )]
    Corrupt {
        /// What cannot be read.
        what: &'static str,
    },
    /// A folder has no store.
    #[error("{} has no store: give the right data folder, or start the server there once", path.display())]
    NoStore {
        /// The folder.
        path: PathBuf,
    },
    /// A part of a store is missing while others are there.
    #[error("{} is missing: put it back, or restore a backup together with its keys", path.display())]
    Incomplete {
        /// The missing file.
        path: PathBuf,
    },
    /// Something is where a new file or folder is to be made.
    #[error("{} is in the way: move it away or name another place", path.display())]
    InTheWay {
        /// What is in the way.
        path: PathBuf,
    },
    /// The place for the keys of a backup is the place of the backup, or one lies in the other.
    #[error("the keys must not lie with the backup they open: name a place outside {}", path.display())]
    KeysWithBackup {
        /// The folder of the backup.
        path: PathBuf,
    },
    /// A backup is not whole.
    #[error("the backup {} cannot be restored: {problem}", path.display())]
    BadBackup {
        /// Its folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// There are no keys to open a backup with.
    #[error(
        "a backup needs its keys: name the folder they were saved to, or restore beside keyring.db and master.key"
    )]
    NoKeys,
    /// A task of this program was stopped.
    #[error("the work was stopped before its end")]
    Stopped(#[from] tokio::task::JoinError),
}

impl StoreError {
    /// For `map_err` on writes that a unique index may refuse.
    pub(crate) fn taken(what: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |error| match &error {
            sqlx::Error::Database(refused) if refused.is_unique_violation() => Self::Taken { what },
            _ => Self::Database(error),
        }
    }

    /// For `map_err` on file operations.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}
