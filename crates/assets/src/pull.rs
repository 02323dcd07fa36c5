//! Bringing missing files into the store: with the package clients, or from a folder.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tempfile::TempDir;

use crate::archive;
use crate::client;
use crate::error::{AssetError, Wanted};
use crate::files::{self, Installed};
use crate::folder;
use crate::lock::Lock;
use crate::manifest::{Arch, AssetFile, Group, Package};
use crate::platform;
use crate::progress::Progress;
use crate::sha256::Sha256;
use crate::store::{Fetch, Store};

/// What a pull did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PullReport {
    /// Name and version of each package of which files were brought.
    pub fetched_packages: Vec<String>,
    /// How many of the files asked for were there before.
    pub already_there: usize,
    /// How many models were rewritten.
    pub rewritten: usize,
}

/// Where missing files come from.
enum Source<'a> {
    Clients,
    Folder { searched: &'a Path, found: HashMap<String, Vec<PathBuf>> },
    Nowhere,
}

impl Store {
    /// Brings all files of `groups` into the store, with the machine's package clients. A package is fetched
    /// once, and only if one of its files is missing or damaged; then all its files are unpacked. If another
    /// process pulls into the same folder, this waits for it and then does what is left.
    ///
    /// # Errors
    /// Any [`AssetError`]. What was brought before it stays.
    pub fn pull(&self, groups: &[Group], progress: &dyn Progress) -> Result<PullReport, AssetError> {
        let source = match self.mode {
            Fetch::Allowed => Source::Clients,
            Fetch::Offline => Source::Nowhere,
        };
        self.bring(groups, &source, progress)
    }

    /// Brings all files of `groups` into the store from the folder `dir`, for machines without a network. It
    /// may hold the packages' archives or the files themselves, under their own names, in any subfolder down
    /// to eight levels. They are verified as if they had been fetched; no client is run.
    ///
    /// # Errors
    /// Any [`AssetError`]; [`AssetError::NotInFolder`] for what `dir` lacks. What was brought before it stays.
    pub fn pull_from(
        &self,
        dir: &Path,
        groups: &[Group],
        progress: &dyn Progress,
    ) -> Result<PullReport, AssetError> {
        let names: HashSet<String> = self
            .packages()
            .flat_map(|package| {
                let files = package.files.iter().map(|file| file.file_name().to_owned());
                files.chain([package.archive.clone()])
            })
            .collect();
        self.bring(groups, &Source::Folder { searched: dir, found: folder::find(dir, &names) }, progress)
    }

    fn bring(
        &self,
        groups: &[Group],
        source: &Source<'_>,
        progress: &dyn Progress,
    ) -> Result<PullReport, AssetError> {
        for (package, file) in self.manifest.files().filter(|(_, file)| file.is_in(groups)) {
            self.check_platform(package, file)?;
        }
        let mut report = PullReport::default();
        let mut pending = Vec::new();
        for package in self.packages() {
            let (ready, lacking) = self.sort(package, groups)?;
            report.already_there += ready;
            if !lacking.is_empty() {
                pending.push(package);
            }
        }
        if pending.is_empty() {
            return Ok(report);
        }
        let _lock = Lock::take(&self.dir, || progress.waiting())?;
        let staging = files::stage(&self.dir).map_err(AssetError::io("write to", &self.dir))?;
        let mut to_rewrite = Vec::new();
        for package in pending {
            // Whoever held the lock before may have brought it meanwhile.
            let (_, lacking) = self.sort(package, groups)?;
            let mut missing = Vec::new();
            for file in &lacking {
                if self.raw_hash(package, file)? != Some(file.sha256) {
                    missing.push(*file);
                }
            }
            if let [first, more @ ..] = &missing[..] {
                progress.begin(&package.to_string(), package.size);
                let job = Job {
                    store: self,
                    package,
                    wanted: self.wanted(package, first, more.len()),
                    staging: staging.path(),
                };
                let brought = job.bring(&missing, source, progress);
                progress.end();
                brought?;
                report.fetched_packages.push(package.to_string());
            }
            let rewritten = lacking.into_iter().filter(|file| file.transform.is_some());
            to_rewrite.extend(rewritten.map(|file| (package, file)));
        }
        // Only now: a model may be made of files of several packages.
        for (package, file) in to_rewrite {
            self.rewrite(package, file, staging.path())?;
            report.rewritten += 1;
        }
        Ok(report)
    }

    /// The files of `package` that `groups` need: how many are ready, and those that are not.
    fn sort(
        &self,
        package: &'static Package,
        groups: &[Group],
    ) -> Result<(usize, Vec<&'static AssetFile>), AssetError> {
        let mut ready = 0;
        let mut lacking = Vec::new();
        for file in package.files.iter().filter(|file| file.is_in(groups)) {
            if self.is_ready(package, file)? {
                ready += 1;
            } else {
                lacking.push(file);
            }
        }
        Ok((ready, lacking))
    }
}

/// One package of which files are missing. The store's lock is held.
struct Job<'a> {
    store: &'a Store,
    package: &'a Package,
    /// The first of the missing files.
    wanted: Box<Wanted>,
    staging: &'a Path,
}

impl Job<'_> {
    fn bring(
        &self,
        missing: &[&AssetFile],
        source: &Source<'_>,
        progress: &dyn Progress,
    ) -> Result<(), AssetError> {
        match source {
            Source::Clients => self.fetch(progress),
            Source::Folder { searched, found } => self.take_from(missing, searched, found, progress),
            Source::Nowhere => {
                let offline = |_| AssetError::Offline { wanted: self.wanted.clone() };
                missing.iter().try_for_each(|file| self.store.demand_raw(self.package, file, offline))
            }
        }
    }

    fn fetch(&self, progress: &dyn Progress) -> Result<(), AssetError> {
        if self.package.arch != Arch::Any {
            platform::check_glibc(&self.store.finder)
                .map_err(|why| AssetError::UnsupportedPlatform { wanted: self.wanted.clone(), why })?;
        }
        let place = TempDir::new_in(self.staging).map_err(AssetError::io("write to", self.staging))?;
        let archive = client::fetch(&self.store.finder, self.package, &self.wanted, place.path(), progress)?;
        self.open(&archive, progress)
    }

    /// Checks the archive's hash, then unpacks all the package's files that are not there yet.
    fn open(&self, archive: &Path, progress: &dyn Progress) -> Result<(), AssetError> {
        let found = Sha256::of_file(archive).map_err(AssetError::io("read", archive))?;
        match found {
            Some(found) if found != self.package.sha256 => return Err(self.wrong_archive(found)),
            _ => progress.advance(self.package.size),
        }
        let mut absent = Vec::new();
        for file in &self.package.files {
            if self.store.raw_hash(self.package, file)? != Some(file.sha256) {
                absent.push(file);
            }
        }
        let mut refused = None;
        archive::members(archive, self.package.manager, &absent, &mut |file, bytes| {
            let to = self.store.raw_path(self.package, file);
            if let Installed::Refused(found) =
                files::install(bytes, file.size, file.sha256, self.staging, &to, files::mode(file))?
            {
                refused.get_or_insert_with(|| AssetError::WrongFile {
                    wanted: self.store.wanted(self.package, file, 0),
                    path: archive.join(&file.path),
                    found: Box::new(found),
                });
            }
            Ok(())
        })
        .map_err(|source| AssetError::BadArchive {
            wanted: self.wanted.clone(),
            archive: self.package.archive.clone(),
            source,
        })?;
        refused.map_or(Ok(()), Err)
    }

    fn take_from(
        &self,
        missing: &[&AssetFile],
        searched: &Path,
        found: &HashMap<String, Vec<PathBuf>>,
        progress: &dyn Progress,
    ) -> Result<(), AssetError> {
        let mut refused = None;
        let mut all_taken = true;
        for file in missing {
            all_taken &= self.take_file(file, candidates(found, file.file_name()), &mut refused)?;
        }
        if all_taken {
            return Ok(());
        }
        for archive in candidates(found, &self.package.archive) {
            match self.open(archive, progress) {
                Err(error @ AssetError::WrongArchive { .. }) => refused = Some(error),
                opened => return opened,
            }
        }
        Err(refused.unwrap_or_else(|| AssetError::NotInFolder {
            wanted: self.wanted.clone(),
            archive: self.package.archive.clone(),
            archive_sha256: Box::new(self.package.sha256),
            searched: searched.to_owned(),
        }))
    }

    /// Copies the first of `candidates` that is right; remembers the first that is not.
    fn take_file(
        &self,
        file: &AssetFile,
        candidates: &[PathBuf],
        refused: &mut Option<AssetError>,
    ) -> Result<bool, AssetError> {
        for path in candidates {
            let found = Sha256::of_file(path).map_err(AssetError::io("read", path))?;
            if found == Some(file.sha256) {
                let to = self.store.raw_path(self.package, file);
                let mut from = File::open(path).map_err(AssetError::io("open", path))?;
                let mode = files::mode(file);
                let installed = files::install(&mut from, file.size, file.sha256, self.staging, &to, mode)
                    .map_err(AssetError::io("write", to))?;
                if installed == Installed::Done {
                    return Ok(true);
                }
            } else if let Some(found) = found {
                refused.get_or_insert_with(|| AssetError::WrongFile {
                    wanted: self.store.wanted(self.package, file, 0),
                    path: path.clone(),
                    found: Box::new(found),
                });
            }
        }
        Ok(false)
    }

    fn wrong_archive(&self, found: Sha256) -> AssetError {
        AssetError::WrongArchive {
            wanted: self.wanted.clone(),
            archive: self.package.archive.clone(),
            expected: Box::new(self.package.sha256),
            found: Box::new(found),
        }
    }
}

fn candidates<'a>(found: &'a HashMap<String, Vec<PathBuf>>, name: &str) -> &'a [PathBuf] {
    found.get(name).map_or(&[], Vec::as_slice)
}
