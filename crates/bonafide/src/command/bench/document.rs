//! `bonafide bench document`.

use std::fmt::Write as _;
use std::path::PathBuf;

use app::App;
use assets::Group;
use domain::{Clock as _, Day};
use lab::document::{
    CardReport, Count, Kind, KindReport, LastDigit, LocationBucket, SpecimenReport, Typeface, measure_cards,
    measure_forgery, measure_listed, measure_location, measure_specimens, portraits, read_listed,
};
use lab::reading::ReadingReport;

use super::Common;
use super::challenge::People;
use crate::Options;
use crate::clock::SystemClock;
use crate::output::{Failure, PhotoBar, PullBar, print_json, print_text};

#[derive(Debug, clap::Args)]
pub(crate) struct Document {
    /// The pictures and what they say
    #[arg(required_unless_present_any = ["specimens", "forgeries", "location", "cards"])]
    manifest: Option<PathBuf>,
    /// Draw so many specimens, photograph them in simulation and read them instead
    #[arg(long, value_name = "N", conflicts_with = "manifest")]
    specimens: Option<usize>,
    /// Draw so many specimens of each kind of forgery, and genuine ones, and look for the signs of forgeries
    #[arg(long, value_name = "N", conflicts_with_all = ["manifest", "specimens"])]
    forgeries: Option<usize>,
    /// Folder of photos, one folder a person, whose faces become the portraits; without it faces are drawn
    #[arg(long, value_name = "DIR", requires = "forgeries")]
    portraits: Option<PathBuf>,
    /// Draw so many specimens, photograph them in simulation and look how well they are found
    #[arg(long, value_name = "N", conflicts_with_all = ["manifest", "specimens", "forgeries"])]
    location: Option<usize>,
    /// Draw so many Egyptian cards, both sides, and read them flat and photographed in simulation
    #[arg(long, value_name = "N", conflicts_with_all = ["manifest", "specimens", "forgeries", "location"])]
    cards: Option<usize>,
    /// Give the drawn cards national numbers whose last digit does not fit the usual weights
    #[arg(long, requires = "cards")]
    unfit: bool,
    /// Print what would be told of cards at other thresholds of the reader, too
    #[arg(long)]
    thresholds: bool,
    /// The pictures are fronts of Egyptian cards
    #[arg(long, requires = "manifest")]
    egyptian: bool,
    /// Half of the settings of the simulated photos
    #[arg(long, value_enum, default_value_t = People::Scored)]
    half: People,
    /// Seed of the specimens and photos
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    common: Common,
}

pub(crate) fn run(document: &Document, options: &Options) -> Result<(), Failure> {
    let Document { common, .. } = document;
    let threads = common.threads();
    if let Some(photos) = document.location {
        let report = measure_location(document.half.into(), document.seed, photos);
        if options.json {
            print_json(&report)?;
        } else {
            print_text(&location_text(&report))?;
        }
        return Ok(());
    }
    let app = options.app_with_documents(threads)?;
    let today = Day::of(SystemClock.now());
    if let Some(report) = cards(document, options, &app, today)? {
        if options.json {
            print_json(&report)?;
        } else {
            print_text(&cards_text(&report, document.thresholds))?;
        }
        return Ok(());
    }
    if let Some(manifest) = &document.manifest {
        let pictures = lab::reading::read_documents(manifest)?;
        let report = lab::reading::measure(&app, &pictures, &common.root, today, threads, &PhotoBar::new())?;
        if options.json {
            print_json(&report)?;
        } else {
            print_text(&text(&report))?;
        }
        return Ok(());
    }
    if let Some(photos) = document.forgeries {
        let draws = (document.seed, photos);
        let half = document.half.into();
        let faces = document.portraits.as_ref().map(|folder| portraits(&app, folder, half)).transpose()?;
        let faces = faces.unwrap_or_default();
        let report =
            measure_forgery(&app, half, draws, &Kind::ALL, &faces, (today, threads), &PhotoBar::new())?;
        if options.json {
            print_json(&report)?;
        } else {
            print_text(&forgeries_text(&report))?;
        }
        return Ok(());
    }
    let draws = (document.seed, document.specimens.unwrap_or_default());
    let report = measure_specimens(&app, document.half.into(), draws, today, threads, &PhotoBar::new())?;
    if options.json {
        print_json(&report)?;
    } else {
        print_text(&specimens_text(&report))?;
    }
    Ok(())
}

/// What is read of Egyptian cards, if that is what is measured: drawn ones, or those that a JSON file lists.
fn cards(
    document: &Document,
    options: &Options,
    app: &App,
    today: Day,
) -> Result<Option<CardReport>, Failure> {
    let Document { common, .. } = document;
    let (threads, bar) = (common.threads(), PhotoBar::new());
    if let Some(cards) = document.cards {
        let store = options.store()?;
        store.pull(&[Group::Test], &PullBar::new())?;
        let typeface = Typeface::open(&store.path("font-arabic")?)?;
        let last = if document.unfit { LastDigit::Unfit } else { LastDigit::Fits };
        let draws = (document.seed, cards, last);
        return Ok(Some(measure_cards(app, &typeface, document.half.into(), draws, today, threads, &bar)?));
    }
    let list = document.manifest.as_ref().filter(|_| document.egyptian);
    let read = |list| measure_listed(app, &read_listed(list)?, &common.root, today, threads, &bar);
    Ok(list.map(|list| read(list)).transpose()?)
}

fn cards_text(report: &CardReport, thresholds: bool) -> String {
    let mut text = String::new();
    let line = |name: &str, count: &Count| {
        let bounds = |bounds: Option<lab::Interval>| {
            bounds.map_or(String::new(), |bounds| {
                format!(" ({:.0} to {:.0} %)", bounds.low * 100.0, bounds.high * 100.0)
            })
        };
        format!(
            "  {name:<16} {} of {} exact{}, {} wrong{}, {} null\n",
            count.exact,
            count.of,
            bounds(count.exact_bounds),
            count.wrong,
            bounds(count.wrong_bounds),
            count.null
        )
    };
    for (name, set) in &report.sets {
        let _ = writeln!(
            text,
            "{name}: {} pictures, {} recognised, {} taken for something else",
            set.pictures, set.recognised, set.mistaken
        );
        for (field, count) in &set.fields {
            text.push_str(&line(&format!("{field:?}"), count));
        }
        text.push_str(&line("all", &set.all));
    }
    for wrong in &report.wrong {
        let _ = writeln!(text, "wrong: {wrong}");
    }
    for (field, at) in report.thresholds.iter().filter(|_| thresholds) {
        let _ = write!(text, "{:<16} exact/wrong from", format!("{field:?}"));
        for at in at {
            let _ = write!(text, "  {}: {}/{}", at.least, at.exact, at.wrong);
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{:.0} ms a picture at the median", report.median_ms);
    text
}

fn forgeries_text(reports: &[KindReport]) -> String {
    let mut text = String::new();
    for report in reports {
        let _ = writeln!(
            text,
            "{:?}: {} of {} photos read, {} with any sign",
            report.kind, report.read, report.photos, report.any
        );
        for sign in &report.signs {
            let bounds = sign.bounds.map_or(String::new(), |bounds| {
                format!(" ({:.0} to {:.0} %)", bounds.low * 100.0, bounds.high * 100.0)
            });
            let _ = writeln!(text, "  {:<16} {} of {} judged{bounds}", sign.sign, sign.seen, sign.judged);
        }
    }
    text
}

fn location_text(buckets: &[LocationBucket]) -> String {
    let mut text = String::new();
    for bucket in buckets {
        let bounds = bucket.bounds.map_or(String::new(), |bounds| {
            format!(" ({:.0} to {:.0} %)", bounds.low * 100.0, bounds.high * 100.0)
        });
        let _ = writeln!(
            text,
            "{:<15} {} of {} found{bounds}, {} of these of the right format; {} elsewhere, {} with a second; farthest \
             corner off by {:.2} % of the diagonal at the median, 95 of 100 under {:.2} %; overlap {:.3}",
            bucket.name,
            bucket.found,
            bucket.photos,
            bucket.format_right,
            bucket.elsewhere,
            bucket.second,
            bucket.corner_error * 100.0,
            bucket.corner_error_95 * 100.0,
            bucket.overlap
        );
    }
    text
}

fn specimens_text(report: &SpecimenReport) -> String {
    let mut text = String::new();
    for bucket in &report.tilts {
        let _ = writeln!(
            text,
            "tilt {:.0} to {:.0} degrees: {} photos, {} without a fault; zones {} exact, {} wrong without a sign of it; \
             printed fields {} of {} exact, {} wrong",
            bucket.tilt.0,
            bucket.tilt.1,
            bucket.photos,
            bucket.without_fault,
            bucket.mrz_exact,
            bucket.mrz_wrong_unnoticed,
            bucket.printed_exact,
            bucket.printed,
            bucket.printed_wrong
        );
        for (fault, count) in &bucket.faults {
            let _ = writeln!(text, "  {fault} {count}");
        }
    }
    let _ = writeln!(text, "{:.0} ms a photo at the median", report.median_ms);
    text
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
