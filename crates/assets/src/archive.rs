//! Taking the listed members out of an archive, and nothing else.
//!
//! Where a file lands is decided by the manifest alone: names inside the archive are compared, never used as
//! paths.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use flate2::bufread::GzDecoder;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::manifest::{AssetFile, Manager};

/// What is done with a member and its bytes.
type Take<'a> = &'a mut dyn FnMut(&AssetFile, &mut dyn Read) -> io::Result<()>;

/// Calls `take` with each of `wanted` in the archive at `path`. Stops at the first error of `take`.
///
/// # Errors
/// Those of `take`, or the archive cannot be read or lacks one of `wanted`.
pub(crate) fn members(
    path: &Path,
    manager: Manager,
    wanted: &[&AssetFile],
    take: Take<'_>,
) -> io::Result<()> {
    let archive = BufReader::new(File::open(path)?);
    match manager {
        Manager::PypiWheel => zip_members(archive, wanted, take),
        Manager::PypiSdist | Manager::Npm => tar_members(archive, wanted, take),
    }
}

fn zip_members(archive: BufReader<File>, wanted: &[&AssetFile], take: Take<'_>) -> io::Result<()> {
    let mut zip = ZipArchive::new(archive)?;
    for file in wanted {
        match zip.by_name(&file.path) {
            Ok(mut member) => take(file, &mut member)?,
            Err(ZipError::FileNotFound) => return Err(absent(file)),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn tar_members(archive: BufReader<File>, wanted: &[&AssetFile], take: Take<'_>) -> io::Result<()> {
    let mut left = wanted.to_vec();
    let mut tar = tar::Archive::new(GzDecoder::new(archive));
    for member in tar.entries()? {
        let mut member = member?;
        let name = member.path_bytes().into_owned();
        let found = left.iter().position(|file| file.path.as_bytes() == name);
        if let Some(index) = found
            && member.header().entry_type().is_file()
        {
            take(left.swap_remove(index), &mut member)?;
        }
        if left.is_empty() {
            break;
        }
    }
    left.first().map_or(Ok(()), |file| Err(absent(file)))
}

fn absent(file: &AssetFile) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("the archive has no member {}", file.path))
}
