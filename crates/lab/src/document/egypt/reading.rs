//! How exactly cards are read, field by field.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use app::{App, AppError, PageReading};
use domain::{Day, FieldName, FieldSource, PageEvidence, PageSide};
use serde::{Deserialize, Serialize};

use super::{LastDigit, Typeface, egyptian_card};
use crate::LabError;
use crate::document::location::mixed;
use crate::document::{Genuine, Scene};
use crate::manifest::photo_paths;
use crate::presence::Half;
use crate::rates::{Interval, wilson};
use crate::work::{Progress, map};

/// How often a field was read.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Count {
    /// Pictures that show it.
    pub of: usize,
    /// Every character is right.
    pub exact: usize,
    /// Something else was told.
    pub wrong: usize,
    /// Nothing was told.
    pub null: usize,
    /// Bounds of the share of exact ones, 95 % (Wilson).
    pub exact_bounds: Option<Interval>,
    /// Bounds of the share of wrong ones.
    pub wrong_bounds: Option<Interval>,
}

/// What was read of pictures of one kind.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SetReport {
    /// Pictures.
    pub pictures: usize,
    /// Those that were taken for that side of the card.
    pub recognised: usize,
    /// Those that were taken for something else that is known.
    pub mistaken: usize,
    /// By field.
    pub fields: BTreeMap<FieldName, Count>,
    /// All fields together.
    pub all: Count,
}

/// What was read of cards.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CardReport {
    /// By the kind of the pictures.
    pub sets: BTreeMap<String, SetReport>,
    /// Milliseconds of a reading at the median.
    pub median_ms: f64,
    /// What was told and is not printed: picture and field.
    pub wrong: Vec<String>,
    /// What would be told from some confidence on, by field: where the reader's thresholds come from.
    pub thresholds: BTreeMap<FieldName, Vec<Threshold>>,
}

/// What would be told of a field from some confidence on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Threshold {
    /// The least confidence, 0..1.
    pub least: f32,
    /// Right ones that reach it.
    pub exact: usize,
    /// Wrong ones that reach it.
    pub wrong: usize,
}

/// Confidences from which a field might be told.
const THRESHOLDS: [f32; 9] = [0.0, 0.3, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98];

/// A picture of a front and what it says, as others list it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Listed {
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
    /// The date of birth, `YYYY-MM-DD`.
    pub dob: String,
    /// How much the picture was degraded; 0 is clean.
    #[serde(default)]
    pub degradation: u32,
}

/// One picture's outcome.
struct Seen {
    set: String,
    picture: String,
    recognised: bool,
    mistaken: bool,
    /// What is printed, and what was told of it.
    fields: Vec<(FieldName, String, Option<String>)>,
    /// What was read, told or not: how surely, and whether it is right.
    read: Vec<(FieldName, f32, bool)>,
    ms: f64,
}

/// Reads a list of cards: a JSON array of [`Listed`].
///
/// # Errors
/// [`LabError::Reference`] for an unreadable file, [`LabError::Empty`] without rows.
pub fn read_listed(path: &Path) -> Result<Vec<Listed>, LabError> {
    let failed = |source| LabError::Reference { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(failed)?;
    let rows: Vec<Listed> = serde_json::from_slice(&bytes).map_err(std::io::Error::from).map_err(failed)?;
    if rows.is_empty() { Err(LabError::Empty { path: path.to_owned() }) } else { Ok(rows) }
}

/// Reads every picture of a list.
///
/// # Errors
/// [`LabError::NoSuchPhoto`], and failures of the engine. A picture that cannot be decoded says nothing.
pub fn measure_listed(
    app: &App,
    rows: &[Listed],
    root: &Path,
    today: Day,
    threads: usize,
    progress: &dyn Progress,
) -> Result<CardReport, LabError> {
    photo_paths(root, rows.iter().map(|row| &row.path))?;
    let seen = map(rows, threads, progress, |row| {
        let begun = Instant::now();
        let reading = match app.photo(&root.join(&row.path)) {
            Ok(frame) => Some(app.read_card(&frame, today)?),
            Err(AppError::Photo { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let truth = [
            (FieldName::GivenNames, row.first_name.clone()),
            (FieldName::Surname, row.rest_name.clone()),
            (FieldName::Street, row.address1.clone()),
            (FieldName::City, row.address2.clone()),
            (FieldName::PersonalNumber, row.national_id.clone()),
            (FieldName::DateOfBirth, row.dob.clone()),
        ];
        let name = (format!("degradation {}", row.degradation), row.path.clone());
        Ok::<_, LabError>(seen(name, PageSide::Front, reading.as_ref(), &truth, begun))
    })?;
    Ok(report(&seen))
}

/// Draws `cards` cards, each with both sides, and reads every side twice: flat as drawn, and photographed in a setting of
/// `half`.
///
/// # Errors
/// Failures of the engine.
pub fn measure_cards(
    app: &App,
    typeface: &Typeface,
    half: Half,
    (seed, cards, last): (u64, usize, LastDigit),
    today: Day,
    threads: usize,
    progress: &dyn Progress,
) -> Result<CardReport, LabError> {
    let numbers: Vec<usize> = (0..cards).collect();
    let all = map(&numbers, threads, progress, |number| {
        let seed = mixed(seed, half, *number);
        let Some(card) = egyptian_card(typeface, seed, last, None) else { return Ok(Vec::new()) };
        let mut all = Vec::new();
        for side in [PageSide::Front, PageSide::Back] {
            let (page, truth) = card.side(side);
            let called = if side == PageSide::Front { "front" } else { "back" };
            let begun = Instant::now();
            let reading = app.read_card(page, today)?;
            let name = (format!("{called}, flat"), format!("{number} {called}, flat"));
            all.push(seen(name, side, Some(&reading), truth, begun));
            let scene = Scene::draw(half, seed ^ u64::from(side == PageSide::Back));
            let Some(photo) = scene.photograph(&Genuine::new(page), seed) else { continue };
            let begun = Instant::now();
            let reading = app.read_card(&photo.frame, today)?;
            let tilt = ["00 to 15", "15 to 30", "30 to 45"][((scene.tilt / 15.0) as usize).min(2)];
            let name = (format!("{called}, tilt {tilt}"), format!("{number} {called}, photo"));
            all.push(seen(name, side, Some(&reading), truth, begun));
        }
        Ok::<_, LabError>(all)
    })?;
    Ok(report(&all.into_iter().flatten().collect::<Vec<_>>()))
}

fn seen(
    (set, picture): (String, String),
    side: PageSide,
    reading: Option<&PageReading>,
    truth: &[(FieldName, String)],
    begun: Instant,
) -> Seen {
    let nothing = PageEvidence::default();
    let evidence = reading.map_or(&nothing, |reading| &reading.evidence);
    let doubtful = reading.map_or(&[][..], |reading| &reading.doubtful);
    let is_right = |name, value: &str| truth.iter().any(|known| known.0 == name && known.1 == value);
    let is_known = |name| truth.iter().any(|known| known.0 == name);
    let read = evidence.fields.iter().chain(doubtful).filter(|field| is_known(field.name));
    let recognised = evidence.is_egyptian_card() && evidence.side == Some(side);
    let told = |name| evidence.field(name, FieldSource::Printed).map(|field| field.value.clone());
    Seen {
        set,
        picture,
        recognised,
        mistaken: evidence.template.is_some() && !recognised,
        fields: truth.iter().map(|(name, value)| (*name, value.clone(), told(*name))).collect(),
        read: read.map(|field| (field.name, field.confidence, is_right(field.name, &field.value))).collect(),
        ms: begun.elapsed().as_secs_f64() * 1_000.0,
    }
}

impl Count {
    fn add(&mut self, truth: &str, told: Option<&str>) {
        self.of += 1;
        self.exact += usize::from(told == Some(truth));
        self.wrong += usize::from(told.is_some_and(|told| told != truth));
        self.null += usize::from(told.is_none());
    }

    fn bound(&mut self) {
        self.exact_bounds = wilson(self.exact, self.of);
        self.wrong_bounds = wilson(self.wrong, self.of);
    }
}

fn report(all: &[Seen]) -> CardReport {
    let mut report = CardReport::default();
    for seen in all {
        let set = report.sets.entry(seen.set.clone()).or_default();
        set.pictures += 1;
        set.recognised += usize::from(seen.recognised);
        set.mistaken += usize::from(seen.mistaken);
        for (name, truth, told) in &seen.fields {
            set.fields.entry(*name).or_default().add(truth, told.as_deref());
            set.all.add(truth, told.as_deref());
            if told.as_ref().is_some_and(|told| told != truth) {
                report.wrong.push(format!("{}: {name:?}", seen.picture));
            }
        }
    }
    let read: Vec<_> = all.iter().flat_map(|seen| &seen.read).collect();
    for (name, ..) in &read {
        report.thresholds.entry(*name).or_insert_with(|| {
            let count = |least: f32, right: bool| {
                read.iter().filter(|read| read.0 == *name && read.1 >= least && read.2 == right).count()
            };
            let at = |least| Threshold { least, exact: count(least, true), wrong: count(least, false) };
            THRESHOLDS.map(at).to_vec()
        });
    }
    for set in report.sets.values_mut() {
        set.all.bound();
        set.fields.values_mut().for_each(Count::bound);
    }
    let mut times: Vec<f64> = all.iter().map(|seen| seen.ms).collect();
    times.sort_by(f64::total_cmp);
    report.median_ms = times.get(times.len() / 2).copied().unwrap_or_default();
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(told: Option<&str>) -> Seen {
        Seen {
            set: "flat".to_owned(),
            picture: "1".to_owned(),
            recognised: told.is_some(),
            mistaken: false,
            fields: vec![(FieldName::GivenNames, "منى".to_owned(), told.map(str::to_owned))],
            read: vec![(FieldName::GivenNames, 0.85, told == Some("منى"))],
            ms: 3.0,
        }
    }

    #[test]
    fn what_is_told_is_right_wrong_or_nothing() {
        let report = report(&[one(Some("منى")), one(Some("مني")), one(None)]);
        let set = &report.sets["flat"];
        assert_eq!((set.pictures, set.recognised, set.mistaken), (3, 2, 0));
        let count = &set.fields[&FieldName::GivenNames];
        assert_eq!((count.of, count.exact, count.wrong, count.null), (3, 1, 1, 1));
        assert!(count.exact_bounds.is_some());
        assert_eq!(&set.all, count);
        let thresholds = &report.thresholds[&FieldName::GivenNames];
        let at = |least: f32| {
            thresholds.iter().find(|at| at.least.to_bits() == least.to_bits()).map(|at| (at.exact, at.wrong))
        };
        assert_eq!((at(0.85), at(0.9)), (Some((1, 2)), Some((0, 0))));
        assert_eq!(report.wrong, ["1: GivenNames"], "the picture is named, what it says is not");
    }

    #[test]
    fn a_list_without_cards_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cards.json");
        std::fs::write(&path, "[]").unwrap();
        assert!(matches!(read_listed(&path), Err(LabError::Empty { .. })));
        std::fs::write(&path, "{").unwrap();
        assert!(matches!(read_listed(&path), Err(LabError::Reference { .. })));
    }
}
