//! What can go wrong, each said in one sentence that tells what to do.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::manifest::{AssetFile, Package};
use crate::platform::Unsupported;
use crate::sha256::Sha256;
use crate::transform::TransformError;

/// A file that is needed: where it comes from, how it is known, and where it can be put by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Name of its package.
    pub package: String,
    /// Version of its package.
    pub version: String,
    /// Its file name.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: Sha256,
    /// The folder into which it can be put by hand.
    pub folder: PathBuf,
    /// How many more files of the same package are needed.
    pub more: usize,
}

impl Wanted {
    pub(crate) fn new(package: &Package, file: &AssetFile, folder: PathBuf, more: usize) -> Box<Self> {
        Box::new(Self {
            package: package.name.clone(),
            version: package.version.clone(),
            file: file.file_name().to_owned(),
            sha256: file.sha256,
            folder,
            more,
        })
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (SHA-256 {}) of {} {}", self.file, self.sha256, self.package, self.version)?;
        match self.more {
            0 => Ok(()),
            1 => f.write_str(" and one more of its files"),
            more => write!(f, " and {more} more of its files"),
        }
    }
}

/// Why an asset cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum AssetError {
    /// The manifest knows no asset of that name.
    #[error("there is no asset named {id:?} in the manifest")]
    UnknownAsset {
        /// The name that was asked for.
        id: String,
    },
    /// The file is not in the store, and this call does not fetch.
    #[error("this machine does not have {wanted} yet: run `bonafide assets pull`, or put it into {folder} by hand", folder = wanted.folder.display())]
    Missing {
        /// The file.
        wanted: Box<Wanted>,
    },
    /// The file is not in the store, and fetching is switched off.
    #[error("this machine does not have {wanted} and may not fetch it in offline mode: put it into {folder} by hand", folder = wanted.folder.display())]
    Offline {
        /// The file.
        wanted: Box<Wanted>,
    },
    /// Neither the file nor the archive that holds it is in the folder that was given.
    #[error("{searched} holds neither {wanted} nor its archive {archive} (SHA-256 {archive_sha256}): copy one of them there, or the file into {folder}", searched = searched.display(), folder = wanted.folder.display())]
    NotInFolder {
        /// The file.
        wanted: Box<Wanted>,
        /// The archive that would do as well.
        archive: String,
        /// SHA-256 of that archive.
        archive_sha256: Box<Sha256>,
        /// The folder that was searched.
        searched: PathBuf,
    },
    /// The machine has no package client.
    #[error("cannot fetch {wanted} because there is no {client} on this machine: install it, or put the file into {folder} by hand", folder = wanted.folder.display())]
    NoClient {
        /// The file.
        wanted: Box<Wanted>,
        /// The client that is missing.
        client: &'static str,
    },
    /// The package client failed; without a network this is how it shows.
    #[error("cannot fetch {wanted} because {client} failed, saying \"{said}\": check this machine's network and {client} settings, or put the file into {folder} by hand", folder = wanted.folder.display())]
    ClientFailed {
        /// The file.
        wanted: Box<Wanted>,
        /// The client as it was called.
        client: String,
        /// The telling line of its output.
        said: String,
    },
    /// The package client took too long and was ended.
    #[error("cannot fetch {wanted} because {client} was not done after {minutes} minutes: try again on a faster network, or put the file into {folder} by hand", folder = wanted.folder.display())]
    ClientTooSlow {
        /// The file.
        wanted: Box<Wanted>,
        /// The client as it was called.
        client: String,
        /// How long it was waited for.
        minutes: u64,
    },
    /// The archive that came is not the pinned one; it was thrown away unopened.
    #[error("refused the archive {archive} that holds {wanted} because its SHA-256 is {found} and not {expected}: find out what changed it, or put the file into {folder} by hand", expected = expected, folder = wanted.folder.display())]
    WrongArchive {
        /// The file.
        wanted: Box<Wanted>,
        /// Name of the archive.
        archive: String,
        /// The pinned SHA-256 of the archive.
        expected: Box<Sha256>,
        /// The SHA-256 that it has.
        found: Box<Sha256>,
    },
    /// A file in the store, in the folder given or in the archive is not the pinned one.
    #[error("refused {path} because its SHA-256 is {found}, which is not that of {wanted}: delete it and pull again, or put the right file into {folder} by hand", path = path.display(), folder = wanted.folder.display())]
    WrongFile {
        /// The file.
        wanted: Box<Wanted>,
        /// Where the wrong one lies.
        path: PathBuf,
        /// The SHA-256 that it has.
        found: Box<Sha256>,
    },
    /// The archive cannot be read although its hash is right, or lacks the file: the manifest is at fault.
    #[error("cannot take {wanted} out of the archive {archive}, so put the file into {folder} by hand", folder = wanted.folder.display())]
    BadArchive {
        /// The file.
        wanted: Box<Wanted>,
        /// Name of the archive.
        archive: String,
        /// What went wrong.
        source: io::Error,
    },
    /// The inference runtime cannot be loaded on this machine.
    #[error("cannot use {wanted}, which would lie in {folder}, on this machine: {why}", folder = wanted.folder.display())]
    UnsupportedPlatform {
        /// The library.
        wanted: Box<Wanted>,
        /// What stands against it.
        why: Unsupported,
    },
    /// A rewrite failed, or gave other bytes than those pinned.
    #[error("cannot rewrite {wanted} in {folder}", folder = wanted.folder.display())]
    Transform {
        /// The file.
        wanted: Box<Wanted>,
        /// What went wrong.
        source: TransformError,
    },
    /// The user has no home directory to keep a cache in.
    #[error(
        "cannot tell where this user's cache folder is: set BONAFIDE_ASSETS_DIR to the folder for models"
    )]
    NoCacheFolder,
    /// The file system refused something.
    #[error("cannot {doing} {path}", path = path.display())]
    Io {
        /// What was tried, as a verb.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
}

impl AssetError {
    /// For `map_err`: wraps an [`io::Error`] with what was tried on which path.
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }
}
