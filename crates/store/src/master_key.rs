//! The master key: 32 random bytes in a file that only its owner can read.
//!
//! While it is rotated there are two files: the key of now, and the next one. The key ring says which of them seals it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::error::{Result, StoreError};
use crate::files;
use crate::seal::SecretKey;

/// The file of the key, in the data folder.
pub(crate) const CURRENT: &str = "master.key";
/// The file of the key that is about to take its place.
pub(crate) const NEXT: &str = "master.key.new";

/// The key above all others. Whoever has it and the key ring can read everything.
pub struct MasterKey {
    key: SecretKey,
    id: String,
}

impl MasterKey {
    /// The key of the folder `dir` whose id is `id`, and its file; `None` where it is neither the current nor the next
    /// one.
    pub(crate) fn find(dir: &Path, id: &str) -> Result<Option<(Self, PathBuf)>> {
        // The first file again at the end: the second may have got its name between the looks.
        for name in [CURRENT, NEXT, CURRENT] {
            let path = dir.join(name);
            match Self::load(&path) {
                Ok(key) if key.id == id => return Ok(Some((key, path))),
                Ok(_) => {}
                Err(StoreError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Reads the key in the file `path`, after making a new one if there is no such file.
    ///
    /// # Errors
    /// Those of [`MasterKey::load`], or the file cannot be made.
    pub fn load_or_create(path: &Path) -> Result<Self> {
        if !path.try_exists().map_err(StoreError::io(path))? {
            create(path)?;
        }
        Self::load(path)
    }

    /// Reads the key in the file `path`.
    ///
    /// # Errors
    /// [`StoreError::MasterKey`] where others may read the file or it holds no key, [`StoreError::Io`] where it cannot
    /// be read.
    pub fn load(path: &Path) -> Result<Self> {
        let refused = |problem| StoreError::MasterKey { path: path.to_owned(), problem };
        let file = File::open(path).map_err(StoreError::io(path))?;
        // Of the open file, so that it cannot be exchanged between the look and the reading.
        let mode = file.metadata().map_err(StoreError::io(path))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(refused(
                "others than its owner have rights on it: run `chmod 600` on it, and think about who may have read it",
            ));
        }
        let mut text = Zeroizing::new(String::with_capacity(LONGEST_BYTES as usize));
        file.take(LONGEST_BYTES).read_to_string(&mut text).map_err(StoreError::io(path))?;
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim_ascii(), bytes.as_mut_slice())
            .map_err(|_| refused("it is not 64 hexadecimal digits: put back the file from your backup"))?;
        let key = SecretKey::from_slice(bytes.as_slice()).ok_or_else(|| refused("it has not 32 bytes"))?;
        let id = hex::encode(&key.keyed_hash("master-key-id", &[])[..16]);
        Ok(Self { key, id })
    }

    pub(crate) fn key(&self) -> &SecretKey {
        &self.key
    }

    /// Tells this key from others, and nothing about what it is.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

/// 64 digits and a line's end; some room for spaces of those who typed it in.
const LONGEST_BYTES: u64 = 80;

/// Writes a new key under another name first: a key file that is there is whole, even after a power cut.
fn create(path: &Path) -> Result<()> {
    let key = SecretKey::generate()?;
    let mut name = [0; 8];
    getrandom::fill(&mut name)?;
    let unfinished = path.with_extension(format!("{}.new", hex::encode(name)));
    let text = Zeroizing::new(format!("{}\n", *Zeroizing::new(hex::encode(key.as_bytes()))));
    let written =
        write_new(&unfinished, text.as_bytes()).and_then(|()| match fs::hard_link(&unfinished, path) {
            // Another process was faster: its key is the key.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        });
    let removed = fs::remove_file(&unfinished);
    written.and(removed).map_err(StoreError::io(path))?;
    files::sync_parent(path)
}

fn write_new(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_master_key_is_made_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        assert!(matches!(MasterKey::load(&path), Err(StoreError::Io { .. })));
        let made = MasterKey::load_or_create(&path).unwrap();
        let read = MasterKey::load_or_create(&path).unwrap();
        assert_eq!(made.key().as_bytes(), read.key().as_bytes());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_master_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        MasterKey::load_or_create(&path).unwrap();
        for mode in [0o644, 0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = MasterKey::load(&path).unwrap_err();
            assert!(error.to_string().contains("chmod 600"), "{error}");
        }
    }

    #[test]
    fn a_file_without_a_whole_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        for text in ["", "abc", &"0".repeat(63), &"g".repeat(64), &"0".repeat(66), &"0".repeat(500)] {
            let _ = fs::remove_file(&path);
            write_new(&path, text.as_bytes()).unwrap();
            assert!(matches!(MasterKey::load(&path), Err(StoreError::MasterKey { .. })), "{text}");
        }
    }

    #[test]
    fn a_key_does_not_print() {
        let folder = tempfile::tempdir().unwrap();
        let key = MasterKey::load_or_create(&folder.path().join("master.key")).unwrap();
        assert_eq!(format!("{key:?}"), "MasterKey(..)");
    }

    #[test]
    fn a_key_is_found_by_its_id_in_either_file() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        let current = MasterKey::load_or_create(&dir.join(CURRENT)).unwrap();
        let next = MasterKey::load_or_create(&dir.join(NEXT)).unwrap();
        for (key, name) in [(&current, CURRENT), (&next, NEXT)] {
            let (found, path) = MasterKey::find(dir, key.id()).unwrap().unwrap();
            assert_eq!((found.key().as_bytes(), path), (key.key().as_bytes(), dir.join(name)));
            assert!(!hex::encode(key.key().as_bytes()).contains(key.id()));
        }
        assert!(MasterKey::find(dir, &"0".repeat(32)).unwrap().is_none());
        fs::rename(dir.join(NEXT), dir.join(CURRENT)).unwrap();
        assert!(MasterKey::find(dir, next.id()).unwrap().is_some());
        assert!(MasterKey::find(dir, current.id()).unwrap().is_none());
    }
}
