//! The people of a folder of photos.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use app::{App, AppError};
use engine::face::Face;
use media::Frame;

use super::random::Draws;
use super::render::Sitter;
use super::settings::Half;
use crate::LabError;

/// People by name, each with photos.
#[derive(Debug, Clone)]
pub(crate) struct People {
    root: PathBuf,
    people: Vec<(String, Vec<PathBuf>)>,
}

/// Folders within folders that are looked into.
const DEEPEST: usize = 6;
/// Photos that are tried before a person who can be drawn is given up on.
const TRIES: usize = 60;
/// Least distance of the eyes in px: with less there is nothing to draw a face from.
const LEAST_EYES_PX: f32 = 24.0;
/// Least quality of the pose, 0..100: the depth is that of a face seen from the front.
const LEAST_POSE: u8 = 70;
/// Least quality that says that a face is alone, 0..100.
const LEAST_SINGLE: u8 = 70;

impl People {
    /// The people of `half` among the photos (JPEG, PNG) below `root`. A person is the folder that holds a photo, or
    /// the photo itself where it lies in `root`.
    ///
    /// # Errors
    /// [`LabError::Photos`] for a folder that cannot be read, [`LabError::Nobody`] when fewer than two people are left.
    pub(crate) fn read(root: &Path, half: Half) -> Result<Self, LabError> {
        let mut people: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        let mut folders = vec![(root.to_owned(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            let failed = |source| LabError::Photos { path: folder.clone(), source };
            for entry in std::fs::read_dir(&folder).map_err(failed)? {
                let path = entry.map_err(failed)?.path();
                if path.is_dir() && depth < DEEPEST {
                    folders.push((path, depth + 1));
                } else if is_photo(&path) {
                    let named_by = if folder == root { path.file_stem() } else { folder.file_name() };
                    let name = named_by.unwrap_or_default().to_string_lossy().into_owned();
                    if Half::of(&name) == half {
                        people.entry(name).or_default().push(path);
                    }
                }
            }
        }
        if people.len() < 2 {
            return Err(LabError::Nobody { path: root.to_owned(), found: people.len() });
        }
        for photos in people.values_mut() {
            photos.sort();
        }
        Ok(Self { root: root.to_owned(), people: people.into_iter().collect() })
    }

    /// Draws somebody other than `but` whose photo shows one face from the front.
    ///
    /// # Errors
    /// [`LabError::Nobody`] when no such photo is found, and failures of the engine.
    pub(crate) fn draw(
        &self,
        app: &App,
        draws: &mut Draws,
        but: Option<&str>,
    ) -> Result<(String, Sitter), LabError> {
        for _ in 0..TRIES {
            let (name, photos) = &self.people[draws.below(self.people.len())];
            let (photo, prominence) = (&photos[draws.below(photos.len())], draws.between((18.0, 24.0)));
            if Some(name.as_str()) != but
                && let Some(sitter) = sitter(app, photo, prominence)?
            {
                return Ok((name.clone(), sitter));
            }
        }
        Err(LabError::Nobody { path: self.root.clone(), found: 0 })
    }

    /// The first photo of each that shows one face from the front, and the face. People without one are left out.
    ///
    /// # Errors
    /// Failures of the engine.
    pub(crate) fn fronts(&self, app: &App) -> Result<Vec<(Frame, Face)>, LabError> {
        let first = |(_, photos): &(String, Vec<PathBuf>)| {
            photos.iter().find_map(|photo| front(app, photo).transpose()).transpose()
        };
        self.people.iter().filter_map(|person| first(person).transpose()).collect()
    }
}

/// The person of a photo; `None` where it cannot be read or does not show one face from the front.
pub(crate) fn sitter(app: &App, photo: &Path, prominence: f32) -> Result<Option<Sitter>, LabError> {
    Ok(front(app, photo)?.and_then(|(frame, face)| Sitter::fit(&frame, &face, prominence)))
}

/// A photo and the face in it; `None` where it cannot be read or does not show one face from the front.
fn front(app: &App, photo: &Path) -> Result<Option<(Frame, Face)>, LabError> {
    let Ok(frame) = app.photo(photo) else { return Ok(None) };
    let Some(front) = app.engine().acquire(&frame).map_err(AppError::from)?.front else { return Ok(None) };
    let fits = front.face.landmarks.eye_distance() >= LEAST_EYES_PX
        && front.quality.pose >= LEAST_POSE
        && front.quality.single_face >= LEAST_SINGLE;
    Ok(fits.then_some((frame, front.face)))
}

fn is_photo(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    path.is_file() && (ending == "jpg" || ending == "jpeg" || ending == "png")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_folders_and_the_halves_share_nobody() {
        let root = tempfile::tempdir().unwrap();
        for person in 0..20 {
            let folder = root.path().join(format!("group/person {person}"));
            std::fs::create_dir_all(&folder).unwrap();
            for photo in 0..2 {
                std::fs::write(folder.join(format!("{photo}.jpg")), []).unwrap();
            }
            std::fs::write(folder.join("notes.txt"), []).unwrap();
        }
        let names = |half| -> Vec<String> {
            let people = People::read(root.path(), half).unwrap().people;
            assert!(people.iter().all(|(_, photos)| photos.len() == 2));
            people.into_iter().map(|(name, _)| name).collect()
        };
        let (development, scored) = (names(Half::Development), names(Half::Scored));
        assert_eq!(development.len() + scored.len(), 20);
        assert!(development.iter().all(|name| !scored.contains(name)));
        let empty = tempfile::tempdir().unwrap();
        assert!(matches!(People::read(empty.path(), Half::Scored), Err(LabError::Nobody { found: 0, .. })));
    }
}
