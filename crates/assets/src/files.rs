//! Putting files in place so that a reader sees the whole of one or none of it.

use std::fs::{self, Permissions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tempfile::{NamedTempFile, TempDir};

use crate::manifest::AssetFile;
use crate::sha256::{Hasher, Sha256};

/// Folder inside the store for everything unfinished. Whoever holds the store's lock may empty it: what lies in
/// it then was left by a process that was killed.
const STAGING: &str = ".staging";

/// The store is shared between users of one machine: whoever may enter the folder may read the files.
pub(crate) const READABLE: u32 = 0o644;

/// Whoever may read a program may run it.
pub(crate) const RUNNABLE: u32 = 0o755;

/// The permissions of `file`.
pub(crate) fn mode(file: &AssetFile) -> u32 {
    if file.program { RUNNABLE } else { READABLE }
}

/// Lets everybody run the program at `path`, if nobody may: one that was put there by hand.
pub(crate) fn make_runnable(path: &Path) -> io::Result<()> {
    let runnable = fs::metadata(path)?.permissions().mode() & 0o111 != 0;
    if runnable { Ok(()) } else { fs::set_permissions(path, Permissions::from_mode(RUNNABLE)) }
}

/// Removes what killed processes left, and opens a fresh staging folder that is removed when it is dropped.
///
/// To be called with the store's lock held.
pub(crate) fn stage(store: &Path) -> io::Result<TempDir> {
    let staging = store.join(STAGING);
    fs::create_dir_all(&staging)?;
    for left in fs::read_dir(&staging)?.flatten() {
        // A client that outlived its killed parent may still write there; the next pull sweeps again.
        let _ = fs::remove_dir_all(left.path());
    }
    TempDir::new_in(staging)
}

/// How an [`install`] went.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Installed {
    /// The file lies in its place.
    Done,
    /// Nothing was put in place: the bytes have this other hash. They are read no further than one byte past
    /// the pinned size, so that the hash of a longer file is that of its beginning.
    Refused(Sha256),
}

/// Copies `from` to `to` by way of a temporary file in `staging`, and puts it in place, with the permissions `mode`, if
/// its SHA-256 is right.
///
/// `staging` must be on the file system of `to`, since the file is renamed.
pub(crate) fn install(
    from: &mut dyn Read,
    size: u64,
    sha256: Sha256,
    staging: &Path,
    to: &Path,
    mode: u32,
) -> io::Result<Installed> {
    let mut temporary: NamedTempFile =
        tempfile::Builder::new().permissions(Permissions::from_mode(mode)).tempfile_in(staging)?;
    let mut bounded = from.take(size.saturating_add(1));
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = bounded.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
        temporary.write_all(&buffer[..count])?;
    }
    let found = hasher.finish();
    if found != sha256 {
        return Ok(Installed::Refused(found));
    }
    temporary.as_file().sync_all()?;
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    temporary.persist(to).map_err(|error| error.error)?;
    Ok(Installed::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_put_in_place_only_with_the_right_hash() {
        let store = tempfile::tempdir().unwrap();
        let staging = stage(store.path()).unwrap();
        let to = store.path().join("a/b");
        let sha256 = Sha256::of(b"right");

        let wrong = install(&mut &b"wrong"[..], 5, sha256, staging.path(), &to, READABLE).unwrap();
        assert_eq!(wrong, Installed::Refused(Sha256::of(b"wrong")));
        assert!(!to.exists());

        let right = install(&mut &b"right"[..], 5, sha256, staging.path(), &to, RUNNABLE).unwrap();
        assert_eq!(right, Installed::Done);
        assert_eq!(fs::read(&to).unwrap(), b"right");
        assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o777, RUNNABLE);
        assert_eq!(fs::read_dir(staging.path()).unwrap().count(), 0, "no leftover");
    }

    #[test]
    fn a_longer_file_is_not_read_to_its_end() {
        let store = tempfile::tempdir().unwrap();
        let staging = stage(store.path()).unwrap();
        let mut endless = io::repeat(7);
        let to = store.path().join("x");
        let refused = install(&mut endless, 5, Sha256::of(b"right"), staging.path(), &to, READABLE).unwrap();
        assert_eq!(refused, Installed::Refused(Sha256::of(&[7; 6])));
    }

    #[test]
    fn what_a_killed_process_left_is_swept() {
        let store = tempfile::tempdir().unwrap();
        let left = store.path().join(STAGING).join("old/tmp");
        fs::create_dir_all(&left).unwrap();
        fs::write(left.join("half.whl"), b"half").unwrap();
        let staging = stage(store.path()).unwrap();
        assert!(!left.exists());
        assert!(staging.path().exists());
    }
}
