//! Looking for known file names in a folder that someone filled by hand.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Deepest folder that is looked into, counted from the one given.
const MAX_DEPTH: usize = 8;
/// Most directory entries that are looked at: someone may have given `/` by mistake.
const MAX_ENTRIES: usize = 100_000;

/// Where files of the given names lie under `root`. Folders behind symbolic links and folders that cannot be
/// read are left out. Sorted by path for each name, so that the outcome does not depend on the file system.
pub(crate) fn find(root: &Path, names: &HashSet<String>) -> HashMap<String, Vec<PathBuf>> {
    let mut found: HashMap<String, Vec<PathBuf>> = HashMap::new();
    let mut folders = vec![(root.to_owned(), 0)];
    let mut seen = 0;
    while let Some((folder, depth)) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            seen += 1;
            if seen > MAX_ENTRIES {
                break;
            }
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                if depth < MAX_DEPTH {
                    folders.push((entry.path(), depth + 1));
                }
            } else if let Some(name) = entry.file_name().to_str()
                && names.contains(name)
            {
                found.entry(name.to_owned()).or_default().push(entry.path());
            }
        }
    }
    for paths in found.values_mut() {
        paths.sort();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_down_to_a_bound() {
        let root = tempfile::tempdir().unwrap();
        let near = root.path().join("a/b");
        let far = root.path().join("1/2/3/4/5/6/7/8/9");
        for folder in [&near, &far] {
            fs::create_dir_all(folder).unwrap();
            fs::write(folder.join("wanted"), b"x").unwrap();
            fs::write(folder.join("other"), b"x").unwrap();
        }
        let found = find(root.path(), &HashSet::from(["wanted".to_owned()]));
        assert_eq!(found, HashMap::from([("wanted".to_owned(), vec![near.join("wanted")])]));
    }
}
