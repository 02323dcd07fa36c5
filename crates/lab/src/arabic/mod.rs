//! `bench arabic`: how exactly lines of Arabic print and Arabic-Indic digits are read, and how fast.

mod cards;
mod lines;

use std::path::Path;

use serde::Serialize;

pub use cards::CardReport;
pub use lines::LineReport;

use crate::rates::{Interval, wilson};
use crate::{LabError, Progress};

/// What is measured.
#[derive(Debug, Clone)]
pub enum Pictures {
    /// Pictures of one line each, and of plates.
    Lines(Vec<lines::Row>),
    /// Cards with several lines.
    Cards(Vec<cards::Row>),
}

/// What was read.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum ArabicReport {
    /// Of lines.
    Lines(Box<LineReport>),
    /// Of cards.
    Cards(CardReport),
}

/// How many of how many, with the 95 % interval of the share (Wilson).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// How many.
    pub count: usize,
    /// Of how many.
    pub of: usize,
    /// Bounds of the share; `None` of none.
    pub interval: Option<Interval>,
}

impl Share {
    fn new(count: usize, of: usize) -> Self {
        Self { count, of, interval: wilson(count, of) }
    }
}

/// Reads a list of pictures.
///
/// A CSV file lists lines by the columns `path` and `text_arabic`, or plates by `path` and `digits_ascii`; with
/// `degradation` results are told apart by it, and other columns are ignored. Rows whose text has several lines are counted
/// and left out. A JSON file is an array of cards with `path`, `first_name`, `rest_name`, `address1`, `address2`,
/// `national_id`, `dob` (`YYYY-MM-DD`) and `degradation`.
///
/// # Errors
/// [`LabError::Manifest`] or [`LabError::Reference`] for an unreadable file, [`LabError::Empty`] without rows.
pub fn read_pictures(path: &Path) -> Result<Pictures, LabError> {
    if path.extension().is_some_and(|extension| extension == "json") {
        cards::read(path).map(Pictures::Cards)
    } else {
        crate::manifest::read(path).map(Pictures::Lines)
    }
}

/// Reads every picture.
///
/// # Errors
/// [`LabError::NoSuchPhoto`], and failures of the engine. A picture that cannot be decoded is read as nothing.
pub fn measure(
    app: &app::App,
    pictures: &Pictures,
    root: &Path,
    threads: usize,
    progress: &dyn Progress,
) -> Result<ArabicReport, LabError> {
    match pictures {
        Pictures::Lines(rows) => lines::measure(app, rows, root, threads, progress)
            .map(|report| ArabicReport::Lines(Box::new(report))),
        Pictures::Cards(rows) => cards::measure(app, rows, root, threads, progress).map(ArabicReport::Cards),
    }
}

/// Arabic-Indic digits as `0` to `9`, no stretching strokes, one space between words: what two spellings of one line
/// agree in.
fn folded(text: &str) -> String {
    let western = |character| match character {
        '٠'..='٩' => char::from_digit(u32::from(character) - u32::from('٠'), 10).unwrap_or(character),
        other => other,
    };
    let text: String = text.chars().filter(|character| *character != 'ـ').map(western).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Not digits, not spaces.
fn letters_of(text: &str) -> String {
    text.chars().filter(|character| !character.is_ascii_digit() && *character != ' ').collect()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
