//! `bonafide bench document`.

use std::fmt::Write as _;
use std::path::PathBuf;

use domain::{Clock as _, Day};
use lab::reading::ReadingReport;

use super::Common;
use crate::Options;
use crate::clock::SystemClock;
use crate::output::{Failure, PhotoBar, print_json, print_text};

#[derive(Debug, clap::Args)]
pub(crate) struct Document {
    /// The pictures and what they say
    manifest: PathBuf,
    #[command(flatten)]
    common: Common,
}

pub(crate) fn run(document: &Document, options: &Options) -> Result<(), Failure> {
    let pictures = lab::reading::read_documents(&document.manifest)?;
    let Document { common, .. } = document;
    let app = options.app_with_documents(common.threads())?;
    let today = Day::of(SystemClock.now());
    let report =
        lab::reading::measure(&app, &pictures, &common.root, today, common.threads(), &PhotoBar::new())?;
    if options.json {
        print_json(&report)?;
    } else {
        print_text(&text(&report))?;
    }
    Ok(())
}

fn text(report: &ReadingReport) -> String {
    let mut text = format!("{} pictures\n", report.documents);
    if report.mrz_documents > 0 || report.mrz_found > 0 {
        let _ = writeln!(
            text,
            "zones: {} in truth, {} found, {} exact, {} with exact fields; {} invented, {} wrong without a sign of it",
            report.mrz_documents,
            report.mrz_found,
            report.mrz_exact,
            report.fields_exact,
            report.mrz_invented,
            report.mrz_wrong_unnoticed
        );
    }
    for (degradation, counts) in &report.barcodes {
        let _ = writeln!(
            text,
            "bar codes of degradation {degradation}: {} of {} exact, {} wrong",
            counts.exact, counts.documents, counts.wrong
        );
    }
    let _ = writeln!(text, "{:.0} ms a picture at the median", report.median_ms);
    for (stage, ms) in &report.stages_ms {
        let _ = writeln!(text, "  {stage} {ms:.0} ms");
    }
    for miss in &report.misses {
        let _ = writeln!(text, "  {}: {}", miss.path, miss.reason);
    }
    text
}
