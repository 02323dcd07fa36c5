//! Cards: their lines are found first, then read.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use app::{App, AppError};
use engine::document::text::{ArabicLine, Expected};
use serde::{Deserialize, Serialize};

use super::{Share, folded, median};
use crate::LabError;
use crate::manifest::photo_paths;
use crate::work::{Progress, map};

/// A card and what stands on it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Row {
    /// The picture, relative to the root.
    pub path: String,
    /// The name's first line.
    pub first_name: String,
    /// Its second.
    pub rest_name: String,
    /// The address's first line.
    pub address1: String,
    /// Its second.
    pub address2: String,
    /// The national number, `0` to `9`.
    pub national_id: String,
    /// The date of birth, `YYYY-MM-DD`; it is printed with `/`.
    pub dob: String,
    /// How much the picture was degraded; 0 is clean.
    #[serde(default)]
    pub degradation: u32,
}

/// What was read of cards.
#[derive(Debug, Clone, Serialize)]
pub struct CardReport {
    /// Cards.
    pub cards: usize,
    /// Likelihood from which a line is believed.
    pub sure_from: f32,
    /// By degradation, and by field.
    pub degradations: BTreeMap<u32, DegradationReport>,
    /// Milliseconds to find and read all lines of a decoded picture, at the median.
    pub median_ms: f64,
}

/// Cards of one degradation.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DegradationReport {
    /// Fields for which some line that is believed says exactly this.
    pub exact: BTreeMap<&'static str, Share>,
    /// Cards on which a believed line of 14 digits is not the national number.
    pub national_id_wrong: usize,
    /// Lines that are believed, and those of them that say no field of the card; what else is printed counts as wrong,
    /// too.
    pub believed_wrong: Option<Share>,
}

/// Longer side at which lines are looked for, in pixels: as for other documents.
const TEXT_SIDE: u32 = 960;

struct Seen {
    believed: Vec<String>,
    ms: f64,
}

pub(super) fn read(path: &Path) -> Result<Vec<Row>, LabError> {
    let failed = |source| LabError::Reference { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(failed)?;
    let rows: Vec<Row> = serde_json::from_slice(&bytes).map_err(std::io::Error::from).map_err(failed)?;
    if rows.is_empty() { Err(LabError::Empty { path: path.to_owned() }) } else { Ok(rows) }
}

pub(super) fn measure(
    app: &App,
    rows: &[Row],
    root: &Path,
    threads: usize,
    progress: &dyn Progress,
) -> Result<CardReport, LabError> {
    photo_paths(root, rows.iter().map(|row| &row.path))?;
    let seen = map(rows, threads, progress, |row| see(app, row, root))?;
    Ok(report(rows, &seen))
}

fn see(app: &App, row: &Row, root: &Path) -> Result<Seen, LabError> {
    let frame = match app.photo(&root.join(&row.path)) {
        Ok(frame) => frame,
        Err(AppError::Photo { .. }) => return Ok(Seen { believed: vec![], ms: 0.0 }),
        Err(error) => return Err(error.into()),
    };
    let begun = Instant::now();
    let reader = app.documents()?;
    let mut believed = Vec::new();
    for place in reader.detector().detect(&frame, TEXT_SIDE).map_err(AppError::from)? {
        let line = reader.arabic().read(&frame, &place, Expected::Arabic).map_err(AppError::from)?;
        let text = folded(&line.line.text());
        if line.likelihood >= ArabicLine::SURE && !text.is_empty() {
            believed.push(text);
        }
    }
    Ok(Seen { believed, ms: begun.elapsed().as_secs_f64() * 1_000.0 })
}

/// The fields as they are printed.
fn fields(row: &Row) -> [(&'static str, String); 6] {
    [
        ("first_name", folded(&row.first_name)),
        ("rest_name", folded(&row.rest_name)),
        ("address1", folded(&row.address1)),
        ("address2", folded(&row.address2)),
        ("national_id", folded(&row.national_id)),
        ("dob", row.dob.replace('-', "/")),
    ]
}

fn is_national_number(text: &str) -> bool {
    text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn report(rows: &[Row], seen: &[Seen]) -> CardReport {
    let mut counts: BTreeMap<u32, BTreeMap<&'static str, (usize, usize)>> = BTreeMap::new();
    let mut degradations: BTreeMap<u32, DegradationReport> = BTreeMap::new();
    let mut believed: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    for (row, seen) in rows.iter().zip(seen) {
        let fields = fields(row);
        for (name, truth) in &fields {
            let count = counts.entry(row.degradation).or_default().entry(name).or_default();
            count.0 += usize::from(seen.believed.contains(truth));
            count.1 += 1;
        }
        let (wrong, of) = believed.entry(row.degradation).or_default();
        *wrong += seen.believed.iter().filter(|text| !fields.iter().any(|field| field.1 == **text)).count();
        *of += seen.believed.len();
        let report = degradations.entry(row.degradation).or_default();
        let wrong = |text: &String| is_national_number(text) && *text != row.national_id;
        report.national_id_wrong += usize::from(seen.believed.iter().any(wrong));
    }
    for (degradation, report) in &mut degradations {
        let counts = counts.remove(degradation).unwrap_or_default();
        report.exact = counts.into_iter().map(|(name, (count, of))| (name, Share::new(count, of))).collect();
        report.believed_wrong = believed.get(degradation).map(|(wrong, of)| Share::new(*wrong, *of));
    }
    CardReport {
        cards: rows.len(),
        sure_from: ArabicLine::SURE,
        degradations,
        median_ms: median(seen.iter().map(|seen| seen.ms).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card() -> Row {
        Row {
            path: "a.jpg".to_owned(),
            first_name: "منى".to_owned(),
            rest_name: "علي حسن".to_owned(),
            address1: "٥ ش السلام".to_owned(),
            address2: "حي - قنا".to_owned(),
            national_id: "29001010100001".to_owned(),
            dob: "1990-01-01".to_owned(),
            degradation: 2,
        }
    }

    #[test]
    fn a_wrong_number_is_told_from_an_open_one() {
        let texts =
            |texts: &[&str]| Seen { believed: texts.iter().map(ToString::to_string).collect(), ms: 1.0 };
        let seen = [
            texts(&["منى", "5 ش السلام", "29001010100001", "1990/01/01"]),
            texts(&["29001010100007"]),
            texts(&[]),
        ];
        let report = report(&[card(), card(), card()], &seen);
        let there = &report.degradations[&2];
        assert_eq!(there.exact["national_id"], Share::new(1, 3));
        assert_eq!((there.exact["address1"].count, there.exact["dob"].count), (1, 1));
        assert_eq!((there.exact["rest_name"].count, there.national_id_wrong), (0, 1));
        assert_eq!(there.believed_wrong, Some(Share::new(1, 5)));
    }
}
