//! The folder of verified files.

use std::env;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use serde::Serialize;

use crate::client::Finder;
use crate::error::{AssetError, Wanted};
use crate::files::{self, Installed};
use crate::lock::Lock;
use crate::manifest::{Arch, AssetFile, Group, Manifest, Package};
use crate::platform::Platform;
use crate::sha256::Sha256;
use crate::transform::{Transform, TransformError};

/// Environment variable that names the folder.
const FOLDER_VARIABLE: &str = "BONAFIDE_ASSETS_DIR";

/// Whether a [`Store`] may run package clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fetch {
    /// `pull` fetches what is missing.
    Allowed,
    /// `pull` fails if something is missing. Files from a folder, and rewrites, are still made.
    Offline,
}

/// The folder where assets lie: `<dir>/<package>-<version>/<file name>`, so that a person can put a file there
/// by hand; a rewritten model lies beside the one it was made from, as `<stem>.<rewrite>.onnx`.
///
/// Every path that is handed out was verified just before. Stores on the same folder, in any number of threads
/// and processes, do not disturb each other.
#[derive(Debug)]
pub struct Store {
    pub(crate) dir: PathBuf,
    pub(crate) mode: Fetch,
    pub(crate) manifest: &'static Manifest,
    pub(crate) platform: Platform,
    pub(crate) finder: Finder,
}

/// What lies at an asset's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The right file; or the one from which it is made on first use.
    Present,
    /// Nothing.
    Missing,
    /// Something else, or something that cannot be read.
    Damaged,
}

/// An asset and its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The name to ask for it.
    pub id: String,
    /// Name of its package.
    pub package: String,
    /// Version of its package.
    pub version: String,
    /// Its file name, as it comes out of the package.
    pub file: String,
    /// Length of that file in bytes.
    pub bytes: u64,
    /// SHA-256 of that file.
    pub sha256: Sha256,
    /// Its licence.
    pub licence: String,
    /// What it is for.
    pub purpose: String,
    /// The groups that need it.
    pub groups: Vec<Group>,
    /// The rewrite whose output is handed out in its place.
    pub transform: Option<Transform>,
    /// What lies at `path`.
    pub state: State,
    /// Where [`Store::path`] finds it.
    pub path: PathBuf,
}

impl Store {
    /// The store in `dir`; without it, in the folder that the environment variable `BONAFIDE_ASSETS_DIR` names,
    /// or else in `bonafide/assets` in the user's cache folder. Nothing is read or made yet.
    ///
    /// # Errors
    /// [`AssetError::NoCacheFolder`] if none of the three is known, [`AssetError::Io`] if a relative `dir`
    /// cannot be resolved.
    pub fn open(dir: Option<PathBuf>, mode: Fetch) -> Result<Self, AssetError> {
        let named = || env::var_os(FOLDER_VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from);
        let dir = match dir.or_else(named) {
            Some(dir) => std::path::absolute(&dir).map_err(AssetError::io("resolve", dir))?,
            None => etcetera::choose_base_strategy()
                .map_err(|_| AssetError::NoCacheFolder)?
                .cache_dir()
                .join("bonafide/assets"),
        };
        Ok(Self {
            dir,
            mode,
            manifest: Manifest::embedded(),
            platform: Platform::here(),
            finder: Finder::from_environment(),
        })
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the asset `id` lies, verified a moment ago. Fetches nothing; but makes a rewritten model if the
    /// file it is made from is there.
    ///
    /// # Errors
    /// [`AssetError::UnknownAsset`], [`AssetError::Missing`], [`AssetError::WrongFile`],
    /// [`AssetError::UnsupportedPlatform`], and failures to read or to make the rewritten model.
    pub fn path(&self, id: &str) -> Result<PathBuf, AssetError> {
        let (package, file) = self.find(id)?;
        let path = self.output_path(package, file);
        if self.is_ready(package, file)? {
            if file.program {
                files::make_runnable(&path).map_err(AssetError::io("make a program of", &path))?;
            }
            return Ok(path);
        }
        for (package, file) in self.sources(package, file)? {
            self.demand_raw(package, file, |wanted| AssetError::Missing { wanted })?;
        }
        if file.transform.is_some() {
            let _lock = Lock::take(&self.dir, || {})?;
            let staging = files::stage(&self.dir).map_err(AssetError::io("write to", &self.dir))?;
            self.rewrite(package, file, staging.path())?;
        }
        Ok(path)
    }

    /// All assets for this machine, with a quick look at each: a file of the right length counts as present.
    pub fn list(&self) -> Vec<Entry> {
        self.entries(Look::Quick)
    }

    /// All assets for this machine, each with its hash checked.
    pub fn verify(&self) -> Vec<Entry> {
        self.entries(Look::Thorough)
    }

    /// The packages for this machine's architecture.
    pub(crate) fn packages(&self) -> impl Iterator<Item = &'static Package> {
        self.manifest.packages().filter(|package| self.platform.takes(package.arch))
    }

    /// Where the file as it came out of the package lies.
    pub(crate) fn raw_path(&self, package: &Package, file: &AssetFile) -> PathBuf {
        self.dir.join(package.folder()).join(file.file_name())
    }

    /// Where what is handed out lies.
    fn output_path(&self, package: &Package, file: &AssetFile) -> PathBuf {
        self.dir.join(package.folder()).join(file.output_name())
    }

    pub(crate) fn wanted(&self, package: &Package, file: &AssetFile, more: usize) -> Box<Wanted> {
        Wanted::new(package, file, self.dir.join(package.folder()), more)
    }

    /// Whether what is handed out for `file` is there, and right.
    pub(crate) fn is_ready(&self, package: &Package, file: &AssetFile) -> Result<bool, AssetError> {
        let path = self.output_path(package, file);
        let expected = file.transform.as_ref().map_or(file.sha256, |output| output.sha256);
        let found = Sha256::of_file(&path).map_err(AssetError::io("read", path))?;
        Ok(found == Some(expected))
    }

    /// The hash of what lies where the file from the package should be.
    pub(crate) fn raw_hash(&self, package: &Package, file: &AssetFile) -> Result<Option<Sha256>, AssetError> {
        let path = self.raw_path(package, file);
        Sha256::of_file(&path).map_err(AssetError::io("read", path))
    }

    /// Fails unless the file from the package is there, and right: with `missing` if there is none.
    pub(crate) fn demand_raw(
        &self,
        package: &Package,
        file: &AssetFile,
        missing: impl FnOnce(Box<Wanted>) -> AssetError,
    ) -> Result<(), AssetError> {
        match self.raw_hash(package, file)? {
            Some(found) if found == file.sha256 => Ok(()),
            Some(found) => Err(AssetError::WrongFile {
                wanted: self.wanted(package, file, 0),
                path: self.raw_path(package, file),
                found: Box::new(found),
            }),
            None => Err(missing(self.wanted(package, file, 0))),
        }
    }

    /// The files from whose contents what is handed out for `file` is made: in most cases it alone.
    pub(crate) fn sources<'a>(
        &self,
        package: &'a Package,
        file: &'a AssetFile,
    ) -> Result<Vec<(&'a Package, &'a AssetFile)>, AssetError> {
        match &file.transform {
            Some(output) if !output.made_of.is_empty() => {
                output.made_of.iter().map(|id| self.find(id)).collect()
            }
            _ => Ok(vec![(package, file)]),
        }
    }

    /// Makes the rewritten model from the files of the packages, which are there. Does nothing for a file without
    /// a rewrite. The lock is held.
    pub(crate) fn rewrite(
        &self,
        package: &Package,
        file: &AssetFile,
        staging: &Path,
    ) -> Result<(), AssetError> {
        let Some(output) = &file.transform else { return Ok(()) };
        let to = self.output_path(package, file);
        let failed = |source| AssetError::Transform { wanted: self.wanted(package, file, 0), source };
        let mut raw = Vec::new();
        for (package, file) in self.sources(package, file)? {
            let from = self.raw_path(package, file);
            File::open(&from)
                .and_then(|mut part| part.read_to_end(&mut raw))
                .map_err(AssetError::io("read", from))?;
        }
        let rewritten = output.name.apply(&raw).map_err(failed)?;
        match files::install(&mut &rewritten[..], output.size, output.sha256, staging, &to, files::READABLE) {
            Ok(Installed::Done) => Ok(()),
            Ok(Installed::Refused(found)) => {
                Err(failed(TransformError::WrongOutput { expected: output.sha256, found }))
            }
            Err(error) => Err(AssetError::io("write", to)(error)),
        }
    }

    /// Fails if `package` is for one architecture and this machine cannot load such a library.
    pub(crate) fn check_platform(&self, package: &Package, file: &AssetFile) -> Result<(), AssetError> {
        match self.platform.check() {
            Err(why) if package.arch != Arch::Any => {
                Err(AssetError::UnsupportedPlatform { wanted: self.wanted(package, file, 0), why })
            }
            _ => Ok(()),
        }
    }

    fn find(&self, id: &str) -> Result<(&'static Package, &'static AssetFile), AssetError> {
        let known = || self.manifest.files().filter(|(_, file)| file.id == id);
        let (package, file) = known()
            .find(|(package, _)| self.platform.takes(package.arch))
            .or_else(|| known().next())
            .ok_or_else(|| AssetError::UnknownAsset { id: id.to_owned() })?;
        self.check_platform(package, file)?;
        Ok((package, file))
    }

    fn entries(&self, look: Look) -> Vec<Entry> {
        self.packages()
            .flat_map(|package| package.files.iter().map(move |file| (package, file)))
            .map(|(package, file)| Entry {
                id: file.id.clone(),
                package: package.name.clone(),
                version: package.version.clone(),
                file: file.file_name().to_owned(),
                bytes: file.size,
                sha256: file.sha256,
                licence: file.licence.clone(),
                purpose: file.purpose.clone(),
                groups: file.groups.clone(),
                transform: file.transform.as_ref().map(|output| output.name),
                state: self.state(package, file, look),
                path: self.output_path(package, file),
            })
            .collect()
    }

    fn state(&self, package: &Package, file: &AssetFile, look: Look) -> State {
        let raw = || {
            let Ok(sources) = self.sources(package, file) else { return State::Missing };
            let states = sources
                .iter()
                .map(|(package, file)| look.at(&self.raw_path(package, file), file.size, file.sha256));
            states.max_by_key(|state| *state as u8).unwrap_or(State::Missing)
        };
        let Some(output) = &file.transform else { return raw() };
        match look.at(&self.output_path(package, file), output.size, output.sha256) {
            State::Present => State::Present,
            State::Missing => raw(),
            State::Damaged if raw() == State::Present => State::Present,
            State::Damaged => State::Damaged,
        }
    }
}

/// How closely files are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// At their lengths.
    Quick,
    /// At their hashes.
    Thorough,
}

impl Look {
    fn at(self, path: &Path, size: u64, sha256: Sha256) -> State {
        match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => State::Missing,
            Ok(data) if data.is_file() && data.len() == size => match self {
                Self::Quick => State::Present,
                Self::Thorough if matches!(Sha256::of_file(path), Ok(Some(found)) if found == sha256) => {
                    State::Present
                }
                Self::Thorough => State::Damaged,
            },
            _ => State::Damaged,
        }
    }
}
