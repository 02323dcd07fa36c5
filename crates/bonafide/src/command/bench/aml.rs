//! `bonafide bench aml`.

use std::fmt::Write as _;
use std::path::PathBuf;

use domain::Similarity;
use lab::aml::AmlReport;

use crate::Options;
use crate::output::{Failure, print_json, print_text};

#[derive(Debug, clap::Args)]
pub(crate) struct Aml {
    /// The pairs of names
    cases: PathBuf,
    /// A file of a list, as `bonafide aml load` takes it; may be given several times
    #[arg(long = "list", value_name = "FILE")]
    lists: Vec<PathBuf>,
    /// The score from which two names count as one [default: that of the program]
    #[arg(long, value_name = "SCORE", value_parser = threshold)]
    threshold: Option<Similarity>,
}

/// A score of 0 to 1.
pub(crate) fn threshold(text: &str) -> Result<Similarity, String> {
    text.parse().ok().and_then(Similarity::new).ok_or_else(|| "a score lies between 0 and 1".to_owned())
}

pub(crate) fn run(aml: &Aml, options: &Options) -> Result<(), Failure> {
    let cases = lab::aml::read_cases(&aml.cases)?;
    let report = lab::aml::measure(&cases, aml.threshold, &aml.lists)?;
    if options.json { print_json(&report) } else { print_text(&text(&report)) }
}

fn text(report: &AmlReport) -> String {
    let mut text = format!(
        "{} pairs, {} of them one; threshold {:.2}\n",
        report.cases, report.matches, report.threshold
    );
    let found = report.true_positives + report.false_positives;
    for (name, rate, bounds, of) in [
        (
            "precision",
            report.precision,
            report.precision_interval,
            format!("{} of {found}", report.true_positives),
        ),
        (
            "recall",
            report.recall,
            report.recall_interval,
            format!("{} of {}", report.true_positives, report.matches),
        ),
        ("F1", report.f1, report.f1_interval, String::new()),
    ] {
        let bounds =
            bounds.map_or(String::new(), |bounds| format!(" ({:.3} to {:.3})", bounds.low, bounds.high));
        let rate = rate.map_or("N/A".to_owned(), |rate| format!("{rate:.3}"));
        let _ = writeln!(text, "  {name:<9} {rate}{bounds} {of}");
    }
    let _ = writeln!(text, "{:.0} comparisons a second on one thread", report.comparisons_per_second);
    if let Some(screening) = &report.screening {
        let _ = writeln!(
            text,
            "lists of {} entries with {} names ({} bad rows), indexed in {:.0} ms\n\
             {:.0} screenings a second on one thread, the slowest {:.1} ms; {} of {} listed names with a slip found\n\
             compared with every name: {} hits, {} of them missed by the index",
            screening.entries,
            screening.names,
            screening.bad_rows,
            screening.index_ms,
            screening.screenings_per_second,
            screening.slowest_ms,
            screening.found,
            screening.screenings,
            screening.scanned_hits,
            screening.missed_by_index
        );
    }
    text
}
