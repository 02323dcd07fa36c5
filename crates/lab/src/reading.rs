//! `bench document`: how exactly documents are read, and how fast.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use app::{App, AppError};
use domain::Day;
use serde::{Deserialize, Serialize};

use crate::LabError;
use crate::manifest::{photo_paths, read};
use crate::work::{Progress, map};

/// A picture and what its machine-readable part truly says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentPicture {
    /// The picture, relative to the root.
    pub path: String,
    /// What stands there.
    pub truth: Truth,
}

/// What a document truly says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Truth {
    /// The lines of a machine-readable zone, joined by `|`; empty where there is none.
    Mrz(String),
    /// The text of a bar code, with how much the picture was degraded.
    Barcode {
        /// The text.
        text: String,
        /// 0 is clean.
        degradation: u32,
    },
}

#[derive(Debug, Deserialize)]
struct MrzRow {
    path: String,
    #[serde(default)]
    mrz: String,
}

#[derive(Debug, Deserialize)]
struct BarcodeRow {
    path: String,
    raw: String,
    #[serde(default)]
    degradation: u32,
}

/// Reads a list of pictures: a CSV file with the columns `path` and `mrz` (lines joined by `|`, empty where there is no
/// zone), or a JSON file with an array of objects that have `path`, `raw` (the bar code's text) and `degradation`.
///
/// # Errors
/// [`LabError::Manifest`] or [`LabError::Reference`] for an unreadable file, [`LabError::Empty`] without rows.
pub fn read_documents(path: &Path) -> Result<Vec<DocumentPicture>, LabError> {
    if path.extension().is_some_and(|extension| extension == "json") {
        let failed = |source| LabError::Reference { path: path.to_owned(), source };
        let bytes = std::fs::read(path).map_err(failed)?;
        let rows: Vec<BarcodeRow> =
            serde_json::from_slice(&bytes).map_err(std::io::Error::from).map_err(failed)?;
        if rows.is_empty() {
            return Err(LabError::Empty { path: path.to_owned() });
        }
        let picture = |row: BarcodeRow| DocumentPicture {
            path: row.path,
            truth: Truth::Barcode { text: row.raw, degradation: row.degradation },
        };
        return Ok(rows.into_iter().map(picture).collect());
    }
    let rows: Vec<MrzRow> = read(path)?;
    Ok(rows.into_iter().map(|row| DocumentPicture { path: row.path, truth: Truth::Mrz(row.mrz) }).collect())
}

/// What was read of a list of pictures.
#[derive(Debug, Clone, Serialize)]
pub struct ReadingReport {
    /// Pictures.
    pub documents: usize,
    /// Pictures with a machine-readable zone in truth.
    pub mrz_documents: usize,
    /// Pictures in which a zone was read, in truth there or not.
    pub mrz_found: usize,
    /// Zones of which every character is right.
    pub mrz_exact: usize,
    /// Zones of which the number, the dates and the names are right.
    pub fields_exact: usize,
    /// Zones that were read in pictures that have none.
    pub mrz_invented: usize,
    /// Zones that are wrong and do not say of themselves that a check digit fails or a field is open.
    pub mrz_wrong_unnoticed: usize,
    /// Bar codes by degradation: how many there are, how many were read exactly, how many wrongly.
    pub barcodes: BTreeMap<u32, BarcodeCounts>,
    /// Milliseconds from the bytes of a picture to its reading, at the median.
    pub median_ms: f64,
    /// The same of each stage.
    pub stages_ms: BTreeMap<String, f64>,
    /// What was missed and why.
    pub misses: Vec<Miss>,
}

/// Bar codes of one degradation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct BarcodeCounts {
    /// How many there are.
    pub documents: usize,
    /// How many were read exactly.
    pub exact: usize,
    /// How many were read as something else.
    pub wrong: usize,
}

/// A picture that was not read as it should be.
#[derive(Debug, Clone, Serialize)]
pub struct Miss {
    /// The picture.
    pub path: String,
    /// What went wrong.
    pub reason: String,
}

/// One picture's outcome.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "facts that are counted one by one")]
struct Seen {
    found: bool,
    exact: bool,
    fields_exact: bool,
    noticed: bool,
    reason: Option<String>,
    ms: f64,
    stages: Vec<(String, f64)>,
}

/// Reads every picture.
///
/// # Errors
/// [`LabError::NoSuchPhoto`], and failures of the engine. A picture that cannot be decoded is a miss.
pub fn measure(
    app: &App,
    pictures: &[DocumentPicture],
    root: &Path,
    today: Day,
    threads: usize,
    progress: &dyn Progress,
) -> Result<ReadingReport, LabError> {
    photo_paths(root, pictures.iter().map(|picture| &picture.path))?;
    let seen = map(pictures, threads, progress, |picture| see(app, picture, root, today))?;
    Ok(report(pictures, &seen))
}

fn see(app: &App, picture: &DocumentPicture, root: &Path, today: Day) -> Result<Seen, LabError> {
    let begun = Instant::now();
    let frame = match app.photo(&root.join(&picture.path)) {
        Ok(frame) => frame,
        Err(AppError::Photo { source, .. }) => {
            let reason = Some(format!("it cannot be decoded: {source}"));
            return Ok(Seen { noticed: true, reason, ..Seen::default() });
        }
        Err(error) => return Err(error.into()),
    };
    let decoded = begun.elapsed();
    let reading = app.read_document(&frame, today)?;
    let ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let mut stages = vec![("decoded".to_owned(), decoded.as_secs_f64() * 1_000.0)];
    for (stage, took) in &reading.stages {
        stages.push((format!("{stage:?}").to_lowercase(), took.as_secs_f64() * 1_000.0));
    }
    let evidence = &reading.evidence;
    let seen = |found, exact, fields_exact, noticed, reason| Seen {
        found,
        exact,
        fields_exact,
        noticed,
        reason,
        ms,
        stages,
    };
    Ok(match &picture.truth {
        Truth::Mrz(truth) => {
            let Some(signal) = &evidence.mrz else {
                let reason = (!truth.is_empty()).then(|| "no zone was found".to_owned());
                return Ok(seen(false, truth.is_empty(), truth.is_empty(), true, reason));
            };
            let read = signal.lines.join("|");
            let exact = read == *truth;
            let lines: Vec<&str> = truth.split('|').collect();
            let fields = domain::mrz::parse(&lines, today).map(|reading| reading.fields);
            let noticed = !signal.wrong.is_empty() || !signal.ambiguous.is_empty();
            let reason = (!exact).then(|| {
                if truth.is_empty() {
                    "a zone was read where there is none".to_owned()
                } else {
                    format!(
                        "{} wrong; check digits that fail: {:?}; open fields: {:?}",
                        differing(&read, truth),
                        signal.wrong,
                        signal.ambiguous
                    )
                }
            });
            seen(true, exact, exact || same_fields(fields.as_deref(), &evidence.fields), noticed, reason)
        }
        Truth::Barcode { text, .. } => {
            let read = reading.barcode.as_ref().map(|barcode| &barcode.text);
            let exact = read == Some(text);
            let reason = (!exact).then(|| {
                let what = if read.is_some() { "another text was read" } else { "no bar code was read" };
                what.to_owned()
            });
            seen(read.is_some(), exact, exact, false, reason)
        }
    })
}

fn same_fields(truth: Option<&[domain::Field]>, read: &[domain::Field]) -> bool {
    use domain::FieldName as Name;
    let names =
        [Name::DocumentNumber, Name::DateOfBirth, Name::DateOfExpiry, Name::Surname, Name::GivenNames];
    truth.is_some_and(|truth| {
        let value = |fields: &[domain::Field], name| {
            let field =
                fields.iter().find(|field| field.name == name && field.source == domain::FieldSource::Mrz);
            field.map(|field| field.value.clone())
        };
        names.into_iter().all(|name| value(truth, name) == value(read, name))
    })
}

/// How many characters differ, without telling which: a document says them of somebody.
fn differing(read: &str, truth: &str) -> String {
    if read.len() == truth.len() {
        format!("{} characters are", read.bytes().zip(truth.bytes()).filter(|(a, b)| a != b).count())
    } else {
        "the length is".to_owned()
    }
}

fn report(pictures: &[DocumentPicture], seen: &[Seen]) -> ReadingReport {
    let mut barcodes: BTreeMap<u32, BarcodeCounts> = BTreeMap::new();
    let mut stages: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut misses = Vec::new();
    let mut report = ReadingReport {
        documents: pictures.len(),
        mrz_documents: 0,
        mrz_found: 0,
        mrz_exact: 0,
        fields_exact: 0,
        mrz_invented: 0,
        mrz_wrong_unnoticed: 0,
        barcodes: BTreeMap::new(),
        median_ms: median(seen.iter().map(|seen| seen.ms).collect()),
        stages_ms: BTreeMap::new(),
        misses: vec![],
    };
    for (picture, seen) in pictures.iter().zip(seen) {
        match &picture.truth {
            Truth::Mrz(truth) => {
                let there = !truth.is_empty();
                report.mrz_documents += usize::from(there);
                report.mrz_found += usize::from(seen.found);
                report.mrz_exact += usize::from(there && seen.exact);
                report.fields_exact += usize::from(there && seen.fields_exact);
                report.mrz_invented += usize::from(!there && seen.found);
                report.mrz_wrong_unnoticed += usize::from(seen.found && !seen.exact && !seen.noticed);
            }
            Truth::Barcode { degradation, .. } => {
                let counts = barcodes.entry(*degradation).or_default();
                counts.documents += 1;
                counts.exact += usize::from(seen.exact);
                counts.wrong += usize::from(seen.found && !seen.exact);
            }
        }
        for (stage, ms) in &seen.stages {
            stages.entry(stage.clone()).or_default().push(*ms);
        }
        if let Some(reason) = &seen.reason {
            misses.push(Miss { path: picture.path.clone(), reason: reason.clone() });
        }
    }
    report.barcodes = barcodes;
    report.stages_ms = stages.into_iter().map(|(stage, times)| (stage, median(times))).collect();
    report.misses = misses;
    report
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(name: &str, text: &str) -> Result<Vec<DocumentPicture>, LabError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        read_documents(&path)
    }

    #[test]
    fn lists_of_zones_and_of_bar_codes_are_read() {
        let zones = list("a.csv", "path,template,mrz\na.jpg,UTO,AB|CD\nb.jpg,UTO,\n").unwrap();
        assert_eq!(zones[0].truth, Truth::Mrz("AB|CD".to_owned()));
        assert_eq!(zones[1].truth, Truth::Mrz(String::new()));
        let codes =
            list("a.json", r#"[{"path":"a.png","raw":"@\n","degradation":2,"iin":"636000"}]"#).unwrap();
        assert_eq!(codes[0].truth, Truth::Barcode { text: "@\n".to_owned(), degradation: 2 });
        assert!(matches!(list("b.json", "[]"), Err(LabError::Empty { .. })));
        assert!(matches!(list("b.json", "{"), Err(LabError::Reference { .. })));
    }

    #[test]
    fn misses_are_counted_and_named() {
        let picture = |truth| DocumentPicture { path: "a".to_owned(), truth };
        let seen = |found, exact, noticed| Seen {
            found,
            exact,
            fields_exact: exact,
            noticed,
            reason: (!exact).then(|| "because".to_owned()),
            ms: 5.0,
            stages: vec![("mrz".to_owned(), 3.0)],
        };
        let code = Truth::Barcode { text: "x".to_owned(), degradation: 1 };
        let pictures = [
            picture(Truth::Mrz("A|B".to_owned())),
            picture(Truth::Mrz("A|B".to_owned())),
            picture(Truth::Mrz(String::new())),
            picture(code),
        ];
        let report = report(
            &pictures,
            &[
                seen(true, true, false),
                seen(true, false, false),
                seen(true, false, true),
                seen(true, false, false),
            ],
        );
        assert_eq!((report.mrz_documents, report.mrz_found, report.mrz_exact), (2, 3, 1));
        assert_eq!((report.mrz_invented, report.mrz_wrong_unnoticed, report.misses.len()), (1, 1, 3));
        assert_eq!(report.barcodes[&1], BarcodeCounts { documents: 1, exact: 0, wrong: 1 });
        assert_eq!(report.stages_ms["mrz"], 3.0);
    }

    #[test]
    fn a_difference_is_told_without_the_characters() {
        assert_eq!(differing("AB1", "ABI"), "1 characters are");
        assert_eq!(differing("AB", "ABC"), "the length is");
    }
}
