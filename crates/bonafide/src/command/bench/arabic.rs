//! `bonafide bench arabic`.

use std::fmt::Write as _;
use std::path::Path;

use lab::arabic::{ArabicReport, CardReport, LineReport, Share};

use super::Common;
use crate::Options;
use crate::output::{Failure, PhotoBar, print_json, print_text};

pub(crate) fn run(manifest: &Path, common: &Common, options: &Options) -> Result<(), Failure> {
    let threads = common.threads();
    let pictures = lab::arabic::read_pictures(manifest)?;
    let app = options.app_with_documents(threads)?;
    let report = lab::arabic::measure(&app, &pictures, &common.root, threads, &PhotoBar::new())?;
    if options.json {
        print_json(&report)
    } else {
        print_text(&match &report {
            ArabicReport::Lines(report) => lines_text(report),
            ArabicReport::Cards(report) => cards_text(report),
        })
    }
}

fn share_text(share: &Share) -> String {
    let bounds = share.interval.map_or(String::new(), |bounds| {
        format!(" ({:.1} to {:.1} %)", bounds.low * 100.0, bounds.high * 100.0)
    });
    format!("{} of {}{bounds}", share.count, share.of)
}

fn lines_text(report: &LineReport) -> String {
    let mut text = format!("{} lines, {} rows with several left out\n", report.lines, report.skipped);
    let share = |count, of, interval| share_text(&Share { count, of, interval });
    let percent =
        |share: Option<f64>| share.map_or("N/A".to_owned(), |share| format!("{:.2} %", share * 100.0));
    let _ = writeln!(
        text,
        "exact: {}; digits: {}",
        share(report.lines_exact, report.lines, report.lines_exact_interval),
        share(report.digits_exact, report.digits_lines, report.digits_exact_interval)
    );
    let _ = writeln!(
        text,
        "characters wrong: {} of {} letters, {} of {} digits",
        percent(report.letters_cer),
        report.letters,
        percent(report.digits_cer),
        report.digits
    );
    let _ = writeln!(
        text,
        "believed from a likelihood of {}: {}; wrong {}",
        report.sure_from,
        share_text(&report.sure),
        share_text(&report.sure_wrong)
    );
    for (degradation, exact) in &report.degradations {
        let _ = writeln!(text, "degradation {degradation}: {} exact", share_text(exact));
    }
    let _ = writeln!(text, "{:.1} ms a line at the median", report.median_ms);
    for miss in &report.misses {
        let _ = writeln!(text, "  {miss}");
    }
    text
}

fn cards_text(report: &CardReport) -> String {
    let mut text =
        format!("{} cards, lines believed from a likelihood of {}\n", report.cards, report.sure_from);
    for (degradation, there) in &report.degradations {
        let _ = writeln!(text, "degradation {degradation}:");
        for (field, exact) in &there.exact {
            let _ = writeln!(text, "  {field} {} exact", share_text(exact));
        }
        let _ = writeln!(text, "  national number wrong on {}", there.national_id_wrong);
        if let Some(wrong) = &there.believed_wrong {
            let _ = writeln!(text, "  lines that say no field {}", share_text(wrong));
        }
    }
    let _ = writeln!(text, "{:.0} ms a card at the median", report.median_ms);
    text
}
