//! Lists of labelled photos.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::LabError;

/// A row of a pair list: columns `path1`, `path2`, `same` (1 or 0), optionally `fold` and `set`; others are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FacePair {
    /// First photo, relative to the root.
    pub path1: String,
    /// Second photo.
    pub path2: String,
    /// Whether both show one person.
    #[serde(deserialize_with = "flag")]
    pub same: bool,
    /// Part of a cross-validation.
    #[serde(default)]
    pub fold: Option<u32>,
    /// Name of the data set.
    #[serde(default)]
    pub set: Option<String>,
}

/// Reads a pair list.
///
/// # Errors
/// [`LabError::Manifest`] for an unreadable file or row (with its line), [`LabError::Empty`] without rows.
pub fn read_pairs(path: &Path) -> Result<Vec<FacePair>, LabError> {
    read(path)
}

pub(crate) fn read<Row: DeserializeOwned>(path: &Path) -> Result<Vec<Row>, LabError> {
    let failed = |source| LabError::Manifest { path: path.to_owned(), source };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(failed)?;
    let rows = reader.deserialize().collect::<Result<Vec<Row>, _>>().map_err(failed)?;
    if rows.is_empty() { Err(LabError::Empty { path: path.to_owned() }) } else { Ok(rows) }
}

/// Where `photos` lie under `root`.
///
/// # Errors
/// [`LabError::NoSuchPhoto`] for the first that is not there.
pub(crate) fn photo_paths<'a>(
    root: &Path,
    photos: impl IntoIterator<Item = &'a String>,
) -> Result<Vec<PathBuf>, LabError> {
    let paths: Vec<PathBuf> = photos.into_iter().map(|photo| root.join(photo)).collect();
    match paths.iter().find(|path| !path.is_file()) {
        Some(missing) => Err(LabError::NoSuchPhoto { path: missing.clone() }),
        None => Ok(paths),
    }
}

pub(crate) fn flag<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    match String::deserialize(deserializer)?.to_ascii_lowercase().as_str() {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        other => Err(serde::de::Error::custom(format!("this must be 1 or 0, not `{other}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Result<Vec<FacePair>, LabError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read_pairs(file.path())
    }

    #[test]
    fn folds_and_sets_are_optional_and_other_columns_ignored() {
        let rows = pairs("path1,path2,same,fold,note\na.jpg,b.jpg,1,3,x\na.jpg, c.jpg,0,,y\n").unwrap();
        assert_eq!((rows[0].same, rows[0].fold), (true, Some(3)));
        assert_eq!((rows[1].same, rows[1].fold, rows[1].path2.as_str()), (false, None, "c.jpg"));
        assert_eq!(pairs("path1,path2,same\na,b,0\n").unwrap()[0].set, None);
    }

    #[test]
    fn a_bad_row_is_refused_with_its_line() {
        let error = pairs("path1,path2,same\na,b,0\na,b,perhaps\n").unwrap_err().to_string();
        assert!(error.contains("line: 3") && error.contains("perhaps"), "{error}");
        assert!(matches!(pairs("path1,path2,same\n"), Err(LabError::Empty { .. })));
        assert!(pairs("a,b\n1,2\n").is_err());
    }
}
