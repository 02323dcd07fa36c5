//! How well names are told apart, and how fast they are looked up in lists. On one thread, and by its processor time, so
//! that a busy machine gives the same speeds.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::Similarity;
use domain::screening::{Query, SCREENING_THRESHOLD, ScreenedName, ScreeningIndex, compare};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike as _};
use serde::{Deserialize, Serialize};

use crate::rates::{RESAMPLES, SEED, SplitMix, wilson};
use crate::{Interval, LabError, manifest};

/// Two names, and whether they are one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct NameCase {
    /// One name.
    pub name1: String,
    /// The other.
    pub name2: String,
    /// Whether a clerk would take them for one.
    #[serde(deserialize_with = "manifest::flag")]
    pub is_match: bool,
}

/// What was measured on pairs of names.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AmlReport {
    /// Pairs.
    pub cases: usize,
    /// Pairs that are one.
    pub matches: usize,
    /// The score from which two names count as one.
    pub threshold: f32,
    /// Pairs that are one and count as one.
    pub true_positives: usize,
    /// Pairs that are not and count as one.
    pub false_positives: usize,
    /// Pairs that are one and do not count as one.
    pub false_negatives: usize,
    /// Of those that count as one, the share that are; `None` where none does.
    pub precision: Option<f64>,
    /// Its 95 % interval (Wilson).
    pub precision_interval: Option<Interval>,
    /// Of those that are one, the share that counts as one; `None` where none is.
    pub recall: Option<f64>,
    /// Its 95 % interval (Wilson).
    pub recall_interval: Option<Interval>,
    /// The harmonic mean of both.
    pub f1: Option<f64>,
    /// Its 95 % interval, from pairs drawn with replacement.
    pub f1_interval: Option<Interval>,
    /// Pairs in a second of processor time, both names made ready anew for each.
    pub comparisons_per_second: f64,
    /// What was measured on lists, where any was given.
    pub screening: Option<ScreeningReport>,
}

/// What was measured on lists.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScreeningReport {
    /// Entries of the lists.
    pub entries: usize,
    /// Their names.
    pub names: usize,
    /// Rows of the files that are no entries.
    pub bad_rows: usize,
    /// Milliseconds of processor time that making the index took.
    pub index_ms: f64,
    /// Names that were looked up.
    pub screenings: usize,
    /// Look-ups in a second of processor time.
    pub screenings_per_second: f64,
    /// The slowest of them, in milliseconds of processor time.
    pub slowest_ms: f64,
    /// Look-ups that found anybody.
    pub with_hits: usize,
    /// Look-ups of a listed name with a slip that found its entry.
    pub found: usize,
    /// Entries that comparing a name with every name finds, over a part of the look-ups.
    pub scanned_hits: usize,
    /// Those of them that the index did not find.
    pub missed_by_index: usize,
}

/// Reads pairs of names.
///
/// # Errors
/// [`LabError::Manifest`], [`LabError::Empty`].
pub fn read_cases(path: &Path) -> Result<Vec<NameCase>, LabError> {
    manifest::read(path)
}

/// At least so long the same comparisons are repeated.
const REPEATED: Duration = Duration::from_secs(1);

/// Names of a list that are looked up, evenly spread.
const LOOKED_UP: usize = 4_000;

/// Every so many of them is compared with every name, too.
const SCANNED: usize = 20;

/// Compares the pairs, and looks names up in the lists of `files`. `threshold` is the usual one where nobody says.
///
/// # Errors
/// [`LabError::Watchlist`].
pub fn measure(
    cases: &[NameCase],
    threshold: Option<Similarity>,
    files: &[PathBuf],
) -> Result<AmlReport, LabError> {
    let threshold = threshold.unwrap_or(Similarity::clamped(SCREENING_THRESHOLD));
    let outcomes: Vec<(bool, bool)> =
        cases.iter().map(|case| (case.is_match, score(case) >= threshold.get())).collect();
    let counts = Counts::of(outcomes.iter().copied());
    let (begun, mut rounds) = (processor_time(), 0_usize);
    while rounds == 0 || processor_time().saturating_sub(begun) < REPEATED {
        for case in cases {
            black_box(score(case));
        }
        rounds += 1;
    }
    let share = |part: usize, all: usize| (all > 0).then(|| part as f64 / all as f64);
    let Counts { hits, wrong, missed } = counts;
    Ok(AmlReport {
        cases: cases.len(),
        matches: hits + missed,
        threshold: threshold.get(),
        true_positives: hits,
        false_positives: wrong,
        false_negatives: missed,
        precision: share(hits, hits + wrong),
        precision_interval: wilson(hits, hits + wrong),
        recall: share(hits, hits + missed),
        recall_interval: wilson(hits, hits + missed),
        f1: counts.f1(),
        f1_interval: f1_interval(&outcomes),
        comparisons_per_second: (rounds * cases.len()) as f64
            / seconds(processor_time().saturating_sub(begun)),
        screening: if files.is_empty() { None } else { Some(screen(files, threshold)?) },
    })
}

/// What this thread has used of the processor, in its own code and for it.
fn processor_time() -> Duration {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_THREAD) else { return Duration::ZERO };
    let (own, system) = (usage.user_time(), usage.system_time());
    let micros = |time: TimeVal| u64::try_from(time.num_microseconds()).unwrap_or(0);
    Duration::from_micros(micros(own) + micros(system))
}

/// At least a microsecond, which is as fine as the time is told.
fn seconds(time: Duration) -> f64 {
    time.max(Duration::from_micros(1)).as_secs_f64()
}

fn score(case: &NameCase) -> f32 {
    compare(&ScreenedName::new(&case.name1), &ScreenedName::new(&case.name2)).score.get()
}

#[derive(Clone, Copy)]
struct Counts {
    hits: usize,
    wrong: usize,
    missed: usize,
}

impl Counts {
    /// From whether each is one and counts as one.
    fn of(outcomes: impl Iterator<Item = (bool, bool)>) -> Self {
        let mut counts = Self { hits: 0, wrong: 0, missed: 0 };
        for (is, counts_as) in outcomes {
            counts.hits += usize::from(is && counts_as);
            counts.wrong += usize::from(!is && counts_as);
            counts.missed += usize::from(is && !counts_as);
        }
        counts
    }

    fn f1(self) -> Option<f64> {
        let all = 2 * self.hits + self.wrong + self.missed;
        (all > 0).then(|| 2.0 * self.hits as f64 / all as f64)
    }
}

fn f1_interval(outcomes: &[(bool, bool)]) -> Option<Interval> {
    let mut random = SplitMix(SEED);
    let draw = |random: &mut SplitMix| {
        let drawn = (0..outcomes.len()).map(|_| outcomes[random.below(outcomes.len())]);
        Counts::of(drawn.collect::<Vec<_>>().into_iter()).f1()
    };
    let mut rates: Vec<f64> = (0..RESAMPLES).filter_map(|_| draw(&mut random)).collect();
    rates.sort_by(f64::total_cmp);
    let at = |share: f64| rates.get(((rates.len().max(1) - 1) as f64 * share).round() as usize).copied();
    Some(Interval { low: at(0.025)?, high: at(0.975)? })
}

fn screen(files: &[PathBuf], threshold: Similarity) -> Result<ScreeningReport, LabError> {
    let read = app::read_watchlists(files)?;
    let entries: Vec<_> = read.lists.into_iter().flat_map(|list| list.entries).collect();
    let begun = processor_time();
    let index = ScreeningIndex::new(entries);
    let index_ms = processor_time().saturating_sub(begun).as_secs_f64() * 1_000.0;
    let looked_up = looked_up(&index);
    let mut report = ScreeningReport {
        entries: index.entries().len(),
        names: index.names(),
        bad_rows: read.bad.len(),
        index_ms,
        screenings: looked_up.len(),
        screenings_per_second: 0.0,
        slowest_ms: 0.0,
        with_hits: 0,
        found: 0,
        scanned_hits: 0,
        missed_by_index: 0,
    };
    let mut spent = Duration::ZERO;
    for (number, (entry, name)) in looked_up.iter().enumerate() {
        let query = Query { names: vec![name.clone()], ..Query::default() };
        let begun = processor_time();
        let hits = index.screen(&query, threshold);
        let took = processor_time().saturating_sub(begun);
        spent += took;
        report.slowest_ms = report.slowest_ms.max(took.as_secs_f64() * 1_000.0);
        report.with_hits += usize::from(!hits.is_empty());
        let listed = &index.entries()[*entry];
        report.found += usize::from(hits.iter().any(|hit| std::ptr::eq(hit.entry, listed)));
        if number % SCANNED == 0 {
            let found: BTreeSet<*const _> = hits.iter().map(|hit| std::ptr::from_ref(hit.entry)).collect();
            let scanned: BTreeSet<usize> = index.scan(name, threshold).into_iter().collect();
            report.scanned_hits += scanned.len();
            let missed = scanned
                .iter()
                .filter(|entry| !found.contains(&std::ptr::from_ref(&index.entries()[**entry])));
            report.missed_by_index += missed.count();
        }
    }
    report.screenings_per_second = looked_up.len() as f64 / seconds(spent);
    Ok(report)
}

/// Listed names, each with one slip in its longest word: a letter left out, doubled, or swapped with the next.
fn looked_up(index: &ScreeningIndex) -> Vec<(usize, String)> {
    let names: Vec<(usize, &String)> = index
        .entries()
        .iter()
        .enumerate()
        .flat_map(|(entry, listed)| listed.names.iter().map(move |name| (entry, name)))
        .collect();
    let step = (names.len() / LOOKED_UP).max(1);
    let mut random = SplitMix(SEED);
    names.into_iter().step_by(step).map(|(entry, name)| (entry, slip(name, &mut random))).collect()
}

fn slip(name: &str, random: &mut SplitMix) -> String {
    let mut words: Vec<Vec<char>> = name.split(' ').map(|word| word.chars().collect()).collect();
    let Some(longest) = words.iter_mut().max_by_key(|word| word.len()).filter(|word| word.len() > 4) else {
        return name.to_owned();
    };
    // Not the first letter: slips rarely are there.
    let at = 1 + random.below(longest.len() - 2);
    match random.below(3) {
        0 => drop(longest.remove(at)),
        1 => longest.insert(at, longest[at]),
        _ => longest.swap(at, at + 1),
    }
    words.iter().map(|word| word.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(name1: &str, name2: &str, is_match: bool) -> NameCase {
        NameCase { name1: name1.to_owned(), name2: name2.to_owned(), is_match }
    }

    #[test]
    fn rates_are_those_of_the_counts() {
        let cases = [
            case("Tarek Mansour", "MANSOUR, Tarek", true),
            case("Tarek Mansour", "Tariq Mansur", true),
            case("Tarek Mansour", "Li Qiang", true),
            case("Tarek Mansour", "Tarek Mansour", false),
            case("Tarek Mansour", "Olga Petrova", false),
        ];
        let report = measure(&cases, None, &[]).unwrap();
        assert_eq!((report.true_positives, report.false_positives, report.false_negatives), (2, 1, 1));
        let two_thirds = |rate: Option<f64>| (rate.unwrap() - 2.0 / 3.0).abs() < 1e-9;
        assert!(two_thirds(report.precision) && two_thirds(report.recall) && two_thirds(report.f1));
        let bounds = report.f1_interval.unwrap();
        assert!(bounds.low < 0.6 && bounds.high > 0.7, "{bounds:?}");
        assert!(report.comparisons_per_second > 0.0 && report.screening.is_none());
    }

    #[test]
    fn names_of_a_list_are_looked_up_with_a_slip() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.csv");
        std::fs::write(&path, "name\nTarek Mansour\nOlga Petrovskaya\nLi\n,\n").unwrap();
        let report = measure(&[case("a b", "a b", true)], None, &[path]).unwrap().screening.unwrap();
        assert_eq!((report.entries, report.names, report.bad_rows, report.screenings), (3, 3, 1, 3));
        assert_eq!((report.found, report.missed_by_index), (3, 0));
    }
}
