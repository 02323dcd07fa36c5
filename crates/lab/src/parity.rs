//! `bench parity`: whether alignment and embedding agree with another program's, photo by photo.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use app::{App, AppError};
use engine::face::Landmarks;
use engine::face::compare::Embedding;
use engine::geometry::Point;
use serde::{Deserialize, Serialize};

use crate::LabError;
use crate::manifest::photo_paths;
use crate::work::{Progress, map};

/// Cosine from which two programs count as computing the same embedding. Two different photos of one person rarely
/// pass 0.9, so that what is left below moves no comparison by more than its last digits.
const SAME: f32 = 0.999;

/// How many of the photos that differ are named.
const NAMED: usize = 10;

/// What the other program made of a photo.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ReferenceFace {
    /// The photo, relative to the root.
    pub path: String,
    /// The five key points, in pixels, in the order of [`Landmarks`].
    pub points: [(f32, f32); 5],
    /// The embedding.
    #[serde(deserialize_with = "embedding")]
    pub embedding: Embedding,
}

/// How far two programs agree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ParityReport {
    /// Photos in the list.
    pub photos: usize,
    /// Cosines between the two embeddings of each photo; `null` when none was embedded.
    pub cosine: Option<Spread>,
    /// Photos whose cosine is below 0.999.
    pub below_0_999: usize,
    /// The least alike of those, at most ten, worst first.
    pub worst: Vec<Unlike>,
    /// Photos that this program could not embed.
    pub failed: Vec<FailedPhoto>,
}

impl ParityReport {
    /// Whether every photo was embedded alike.
    pub fn holds(&self) -> bool {
        self.below_0_999 == 0 && self.failed.is_empty()
    }
}

/// The low end and the middle of the cosines.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    /// The lowest.
    pub min: f32,
    /// The first percentile.
    pub p1: f32,
    /// The median.
    pub median: f32,
}

/// A photo on which the programs differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unlike {
    /// The photo, relative to the root.
    pub path: String,
    /// Cosine between the two embeddings.
    pub cosine: f32,
}

/// A photo without an embedding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedPhoto {
    /// The photo, relative to the root.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// Reads what the other program made, one JSON document a line.
///
/// # Errors
/// [`LabError::Reference`] for an unreadable file or line (with its number), [`LabError::Empty`] without lines.
pub fn read_reference(path: &Path) -> Result<Vec<ReferenceFace>, LabError> {
    let failed = |source| LabError::Reference { path: path.to_owned(), source };
    let file = BufReader::new(File::open(path).map_err(failed)?);
    let faces = serde_json::Deserializer::from_reader(file)
        .into_iter()
        .map(|face| face.map_err(io::Error::from))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    if faces.is_empty() { Err(LabError::Empty { path: path.to_owned() }) } else { Ok(faces) }
}

/// Aligns each photo with the points of the reference, embeds it, and compares.
///
/// # Errors
/// [`LabError::NoSuchPhoto`]. A photo that cannot be decoded or embedded is counted instead.
pub fn measure(
    app: &App,
    reference: &[ReferenceFace],
    root: &Path,
    threads: usize,
    progress: &dyn Progress,
) -> Result<ParityReport, LabError> {
    let paths = photo_paths(root, reference.iter().map(|face| &face.path))?;
    let photos: Vec<_> = reference.iter().zip(&paths).collect();
    let cosines = map(&photos, threads, progress, |(face, path)| {
        Ok::<_, LabError>(cosine(app, path, face).map_err(|error| error.to_string()))
    })?;
    Ok(report(reference, cosines))
}

fn cosine(app: &App, path: &Path, face: &ReferenceFace) -> Result<f32, AppError> {
    let frame = app.photo(path)?;
    let landmarks = Landmarks::from_points(face.points.map(|(x, y)| Point::new(x, y)));
    Ok(app.engine().template(&frame, &landmarks)?.embedding.cosine(&face.embedding))
}

fn report(reference: &[ReferenceFace], cosines: Vec<Result<f32, String>>) -> ParityReport {
    let (mut embedded, mut failed) = (Vec::new(), Vec::new());
    for (face, cosine) in reference.iter().zip(cosines) {
        let path = face.path.clone();
        match cosine {
            Ok(cosine) => embedded.push(Unlike { path, cosine }),
            Err(reason) => failed.push(FailedPhoto { path, reason }),
        }
    }
    embedded.sort_by(|a, b| a.cosine.total_cmp(&b.cosine));
    let at = |index: usize| embedded.get(index).map(|photo| photo.cosine);
    let spread =
        || Some(Spread { min: at(0)?, p1: at(embedded.len() / 100)?, median: at(embedded.len() / 2)? });
    let below_0_999 = embedded.partition_point(|photo| photo.cosine < SAME);
    ParityReport {
        photos: reference.len(),
        cosine: spread(),
        below_0_999,
        worst: embedded[..below_0_999.min(NAMED)].to_vec(),
        failed,
    }
}

fn embedding<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Embedding, D::Error> {
    let numbers = Vec::<f32>::deserialize(deserializer)?;
    Embedding::from_raw(&numbers)
        .ok_or_else(|| serde::de::Error::custom("`embedding` must be 128 numbers that are not all 0"))
}

#[cfg(test)]
mod tests {
    use engine::face::compare::EMBEDDING_LENGTH;

    use super::*;

    fn line(length: usize) -> String {
        format!(
            r#"{{"path": "a/1.jpg", "points": [[1,2],[3,4],[5,6],[7,8],[9,10.5]], "embedding": {:?}}}"#,
            vec![1.0; length]
        )
    }

    fn read(text: &str) -> Result<Vec<ReferenceFace>, LabError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read_reference(file.path())
    }

    #[test]
    fn each_line_is_a_face() {
        let faces = read(&format!("{}\n{}\n", line(EMBEDDING_LENGTH), line(EMBEDDING_LENGTH))).unwrap();
        assert_eq!((faces.len(), faces[1].points[4]), (2, (9.0, 10.5)));
        assert!(matches!(read(""), Err(LabError::Empty { .. })));
    }

    #[test]
    fn a_bad_line_is_refused_with_its_number() {
        let error = read(&format!("{}\n{}\n", line(EMBEDDING_LENGTH), line(4))).unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("128"), "{error}");
    }

    #[test]
    fn photos_that_differ_or_fail_break_parity() {
        let faces = read(&vec![line(EMBEDDING_LENGTH); 3].join("\n")).unwrap();
        let same = report(&faces, vec![Ok(1.0), Ok(0.9995), Ok(0.999)]);
        assert!(same.holds() && same.worst.is_empty(), "{same:?}");

        let unlike = report(&faces, vec![Ok(1.0), Ok(0.5), Ok(0.998)]);
        assert!(!unlike.holds());
        assert_eq!(unlike.cosine, Some(Spread { min: 0.5, p1: 0.5, median: 0.998 }));
        assert_eq!(unlike.worst.iter().map(|photo| photo.cosine).collect::<Vec<_>>(), [0.5, 0.998]);

        let failed = report(&faces, vec![Err("no".to_owned()); 3]);
        assert_eq!((failed.holds(), failed.failed.len(), failed.cosine), (false, 3, None));
    }
}
