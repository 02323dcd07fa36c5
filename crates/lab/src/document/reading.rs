//! How exactly photographed specimens are read, by how far they are tilted.

use std::collections::BTreeMap;
use std::time::Instant;

use app::App;
use domain::{Day, FieldName, FieldSource};
use serde::Serialize;

use super::location::mixed;
use super::{Genuine, Layout, Scene, Specimen, specimen};
use crate::LabError;
use crate::presence::Half;
use crate::work::{Progress, map};

/// Tilts between which photos are counted together, in degrees.
const TILTS: [(f32, f32); 3] = [(0.0, 15.0), (15.0, 30.0), (30.0, 45.0)];

/// The fields of a specimen, in their order on it.
const FIELDS: [FieldName; 5] = [
    FieldName::Surname,
    FieldName::GivenNames,
    FieldName::DocumentNumber,
    FieldName::DateOfBirth,
    FieldName::DateOfExpiry,
];

/// What was read of specimens that were tilted about as far.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct TiltBucket {
    /// Least and most tilt, in degrees.
    pub tilt: (f32, f32),
    /// Photos.
    pub photos: usize,
    /// Photos with nothing that keeps the document from being read.
    pub without_fault: usize,
    /// Zones of which every character is right.
    pub mrz_exact: usize,
    /// Zones that are wrong and do not say so of themselves.
    pub mrz_wrong_unnoticed: usize,
    /// Printed fields: five a photo.
    pub printed: usize,
    /// Printed fields that were read exactly.
    pub printed_exact: usize,
    /// Printed fields that were read as something else.
    pub printed_wrong: usize,
    /// How often each fault was found.
    pub faults: BTreeMap<String, usize>,
}

/// What was read of photographed specimens.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpecimenReport {
    /// Half of the settings.
    pub half: Half,
    /// By tilt.
    pub tilts: Vec<TiltBucket>,
    /// Milliseconds of a reading at the median.
    pub median_ms: f64,
}

/// One photo's outcome.
struct Seen {
    tilt: f32,
    mrz_exact: bool,
    mrz_unnoticed: bool,
    exact: usize,
    wrong: usize,
    faults: Vec<String>,
    ms: f64,
}

/// Draws `photos` specimens, cards and passports in turn, photographs each in a setting of `half` and reads it.
///
/// # Errors
/// Failures of the engine.
pub fn measure_specimens(
    app: &App,
    half: Half,
    (seed, photos): (u64, usize),
    today: Day,
    threads: usize,
    progress: &dyn Progress,
) -> Result<SpecimenReport, LabError> {
    let numbers: Vec<usize> = (0..photos).collect();
    let seen = map(&numbers, threads, progress, |number| see(app, half, mixed(seed, half, *number), today))?;
    let seen: Vec<Seen> = seen.into_iter().flatten().collect();
    let mut times: Vec<f64> = seen.iter().map(|seen| seen.ms).collect();
    times.sort_by(f64::total_cmp);
    let median_ms = times.get(times.len() / 2).copied().unwrap_or_default();
    let tilts = TILTS.iter().map(|tilt| bucket(*tilt, &seen)).collect();
    Ok(SpecimenReport { half, tilts, median_ms })
}

fn bucket(tilt: (f32, f32), all: &[Seen]) -> TiltBucket {
    let mut bucket = TiltBucket { tilt, ..TiltBucket::default() };
    for seen in all.iter().filter(|seen| (tilt.0..tilt.1).contains(&seen.tilt)) {
        bucket.photos += 1;
        bucket.without_fault += usize::from(seen.faults.is_empty());
        bucket.mrz_exact += usize::from(seen.mrz_exact);
        bucket.mrz_wrong_unnoticed += usize::from(seen.mrz_unnoticed);
        bucket.printed += FIELDS.len();
        bucket.printed_exact += seen.exact;
        bucket.printed_wrong += seen.wrong;
        for fault in &seen.faults {
            *bucket.faults.entry(fault.clone()).or_default() += 1;
        }
    }
    bucket
}

/// `None` where the camera of that setting sees nothing.
fn see(app: &App, half: Half, seed: u64, today: Day) -> Result<Option<Seen>, LabError> {
    let layout = if seed.is_multiple_of(2) { Layout::Card } else { Layout::Passport };
    let Some(drawn) = specimen(layout, seed, None) else { return Ok(None) };
    let scene = Scene::draw(half, seed);
    let Some(photo) = scene.photograph(&Genuine::new(&drawn.page), seed) else { return Ok(None) };
    let begun = Instant::now();
    let evidence = app.read_document(&photo.frame, today)?.evidence;
    let ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let truth: Vec<&str> = drawn.mrz.iter().map(|line| line.text.as_str()).collect();
    let mrz_exact = evidence.mrz.as_ref().is_some_and(|mrz| mrz.lines == truth);
    let is_silent = |mrz: &domain::MrzSignal| mrz.wrong.is_empty() && mrz.ambiguous.is_empty();
    let mrz_unnoticed = !mrz_exact && evidence.mrz.as_ref().is_some_and(is_silent);
    let (mut exact, mut wrong) = (0, 0);
    for (name, value) in FIELDS.into_iter().zip(values(&drawn)) {
        let read = evidence.field(name, FieldSource::Printed).map(|field| &field.value);
        exact += usize::from(read == Some(&value));
        wrong += usize::from(read.is_some_and(|read| *read != value));
    }
    let faults = evidence.faults.iter().map(|fault| format!("{fault:?}")).collect();
    Ok(Some(Seen { tilt: scene.tilt, mrz_exact, mrz_unnoticed, exact, wrong, faults, ms }))
}

/// The values of [`FIELDS`] in the form in which they are read.
fn values(drawn: &Specimen) -> impl Iterator<Item = String> {
    drawn.fields.iter().map(|field| {
        let parts: Vec<&str> = field.text.split('.').collect();
        match parts[..] {
            [day, month, year] => format!("{year}-{month}-{day}"),
            _ => field.text.clone(),
        }
    })
}
