//! `bonafide bench`: error rates and times on labelled photos.

mod aml;
mod arabic;
mod challenge;
mod document;
mod guidance;
mod target;
mod video;
mod voice;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread::available_parallelism;

use lab::calibrate::CalibrationName;
use lab::face::FaceReport;
use lab::liveness::LivenessReport;
use lab::parity::ParityReport;
use lab::search::SearchReport;
use lab::{FacePair, LabError};

pub(crate) use aml::threshold;

use crate::Options;
use crate::output::{Failure, PhotoBar, print_json, print_text};

/// Measure error rates and times on labelled photos
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Accuracy, FNMR at fixed FMRs, and speed, on pairs of photos
    #[command(after_help = "\
PAIRS.csv has the columns path1,path2,same (1 or 0) and optionally fold and set.

Example:
  bonafide bench face pairs.csv --root photos --json")]
    Face {
        /// The pairs
        pairs: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// Whether alignment and embedding agree with another program's; exit code 1 if a photo differs or fails
    #[command(after_help = "\
REFERENCE.jsonl has one document a line: {\"path\": \"a.jpg\", \"points\": [[x, y] x 5], \"embedding\": [128 numbers]}.
peers/opencv_face.py writes one with OpenCV.

Example:
  bonafide bench parity reference.jsonl --root photos --json")]
    Parity {
        /// What the other program made of each photo
        reference: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// BPCER and APCER of single-frame presentation attack detection, one data set at a time
    #[command(after_help = "\
MANIFEST.csv has the columns path,label,attack_type,set; label is live or attack (spoof).

Example:
  bonafide bench liveness manifest.csv --root photos --json")]
    Liveness {
        /// The presentations
        manifest: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// What a search among many misses at its threshold, and whether its false alarms are as many as predicted
    #[command(after_help = "\
PAIRS.csv has the columns path1,path2,same; each person's photos lie in a folder of their own.

Example:
  bonafide bench search pairs.csv --root photos --json")]
    Search {
        /// The pairs; several lists are measured together
        #[arg(required = true)]
        pairs: Vec<PathBuf>,
        #[command(flatten)]
        common: Common,
    },
    /// How exactly machine-readable zones and bar codes are read, and how fast
    #[command(after_help = "\
MANIFEST.csv has the columns path,mrz: the lines of the zone joined by |, empty where there is none. MANIFEST.json is an
array of objects with path, raw (the text of the bar code) and degradation (0 is clean); with --egyptian, of objects with
path, first_name, rest_name, address1, address2, national_id, dob (YYYY-MM-DD) and degradation.

Examples:
  bonafide bench document manifest.csv --root photos --json
  bonafide bench document cards.json --egyptian --root photos
  bonafide bench document --cards 60
  bonafide bench document --specimens 60
  bonafide bench document --forgeries 60")]
    Document(document::Document),
    /// How well names of lists are found however they are written, and how fast
    #[command(after_help = "\
CASES.csv has the columns name1,name2,is_match (true or false). With --list the names of lists are looked up in them, with
a slip in each, one after the other.

Examples:
  bonafide bench aml cases.csv --json
  bonafide bench aml cases.csv --list sdn.csv --list alt.csv")]
    Aml(aml::Aml),
    /// How exactly lines of Arabic print and Arabic-Indic digits are read, and how fast
    #[command(after_help = "\
MANIFEST.csv has the columns path,text_arabic (pictures of one line each, rows with several are left out) or
path,digits_ascii (licence plates, of which the digits are compared), and optionally degradation. MANIFEST.json is an array
of cards with path, first_name, rest_name, address1, address2, national_id, dob and degradation: their lines are found,
read, and compared with these.

Examples:
  bonafide bench arabic lines.csv --root pictures --json
  bonafide bench arabic cards.json --root pictures --json")]
    Arabic {
        /// The pictures and what they say
        manifest: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// APCER by species and BPCER of the live capture, before a running server
    #[command(after_help = "\
The people of PEOPLE are drawn as heads that turn and are lit, and attackers show their pictures. One attempt is one
session, a demonstration that no quota counts. A server that is measured needs room for them, in its configuration:

  [truelens]
  requests_per_minute = 6000
  open_sessions = 100000
  [throttle]
  declined_per_account = 0
  declined_per_address = 0

Example:
  bonafide bench challenge people --key-file bonafide-data/first-api-key --sessions 300 --json")]
    Challenge(challenge::Challenge),
    /// BPCER of filmed selfies, and APCER of attacks that are made of them
    #[command(after_help = "\
RECORDINGS.csv has the columns path,person,half; half is development or scored. Attacks are a replay on a display, a photo
that is moved by hand, a loop, a splice of two people, and a second that stands still.

Example:
  bonafide bench video recordings.csv --root recordings --json")]
    Video(video::Video),
    /// How often a digit that is said is refused, and one that is not is accepted
    #[command(after_help = "\
MANIFEST.csv has the columns path,lang,text (a digit or its name; other rows are left out) or path,digit, and optionally
speaker. Each recording is asked for its digit and for the nine others.

Example:
  bonafide bench voice manifest.csv --root recordings --speaker george --json")]
    Voice(voice::Voice),
    /// How long people wait to be told what to do, before a running server
    #[command(after_help = "\
Example:
  bonafide bench guidance people --pages 5")]
    Guidance(guidance::Guidance),
    /// Where the similarity's anchors lie, measured on pairs of photos; prints the calibration file
    Calibrate {
        /// The pairs; several lists are measured together
        #[arg(required = true)]
        pairs: Vec<PathBuf>,
        /// Id of the new calibration
        #[arg(long)]
        id: String,
        /// Names of the data sets
        #[arg(long = "set", value_name = "NAME", required = true)]
        sets: Vec<String>,
        /// The day, YYYY-MM-DD
        #[arg(long)]
        date: String,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Common {
    /// Folder to which the paths are relative
    #[arg(long, value_name = "DIR", default_value = ".")]
    root: PathBuf,
    /// Photos worked on at once [default: one a processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
}

impl Common {
    fn threads(&self) -> usize {
        self.threads.map_or_else(|| available_parallelism().map_or(1, Into::into), usize::from)
    }
}

pub(crate) fn run(command: &Command, options: &Options) -> Result<ExitCode, Failure> {
    match command {
        Command::Face { pairs, common } => {
            let pairs = lab::read_pairs(pairs)?;
            let app = options.app(common.threads())?;
            let report = lab::face::measure(&app, &pairs, &common.root, common.threads(), &PhotoBar::new())?;
            if options.json {
                print_json(&report)?;
            } else {
                print_text(&face_text(&report))?;
            }
        }
        Command::Parity { reference, common } => {
            let reference = lab::parity::read_reference(reference)?;
            let app = options.app(common.threads())?;
            let report =
                lab::parity::measure(&app, &reference, &common.root, common.threads(), &PhotoBar::new())?;
            if options.json {
                print_json(&report)?;
            } else {
                print_text(&parity_text(&report))?;
            }
            if !report.holds() {
                return Ok(ExitCode::from(1));
            }
        }
        Command::Liveness { manifest, common } => {
            let presentations = lab::liveness::read_presentations(manifest)?;
            let app = options.app(common.threads())?;
            let report = lab::liveness::measure(
                &app,
                &presentations,
                &common.root,
                common.threads(),
                &PhotoBar::new(),
            )?;
            if options.json {
                print_json(&report)?;
            } else {
                print_text(&liveness_text(&report))?;
            }
        }
        Command::Search { pairs, common } => {
            let all = read_all(pairs)?;
            let app = options.app(common.threads())?;
            let report = lab::search::measure(&app, &all, &common.root, common.threads(), &PhotoBar::new())?;
            if options.json {
                print_json(&report)?;
            } else {
                print_text(&search_text(&report))?;
            }
        }
        Command::Arabic { manifest, common } => arabic::run(manifest, common, options)?,
        Command::Document(document) => document::run(document, options)?,
        Command::Aml(aml) => aml::run(aml, options)?,
        Command::Challenge(challenge) => challenge::run(challenge, options)?,
        Command::Video(video) => video::run(video, options)?,
        Command::Voice(voice) => voice::run(voice, options)?,
        Command::Guidance(guidance) => guidance::run(guidance, options)?,
        Command::Calibrate { pairs, id, sets, date, common } => {
            let all = read_all(pairs)?;
            let app = options.app(common.threads())?;
            let name = CalibrationName { id: id.clone(), sets: sets.clone(), date: date.clone() };
            let calibration =
                lab::calibrate::measure(&app, &all, &common.root, name, common.threads(), &PhotoBar::new())?;
            print_json(&calibration)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn read_all(lists: &[PathBuf]) -> Result<Vec<FacePair>, LabError> {
    let lists = lists.iter().map(|list| lab::read_pairs(list)).collect::<Result<Vec<_>, _>>()?;
    Ok(lists.concat())
}

fn face_text(report: &FaceReport) -> String {
    let mut text = String::new();
    let percent = |share: f64| format!("{:.2} %", share * 100.0);
    let _ = writeln!(
        text,
        "{} pairs of {} photos, {} people; {} photos without a template",
        report.pairs, report.photos, report.people, report.failed_to_acquire
    );
    let _ = writeln!(text, "accuracy {}", report.accuracy.map_or("N/A".to_owned(), percent));
    let _ = writeln!(
        text,
        "all against all: {} genuine, {} impostor pairs",
        report.genuine_pairs, report.impostor_pairs
    );
    for (fmr, point) in report.fnmr_at_fmr.iter().rev() {
        let _ = match point {
            None => writeln!(text, "  FNMR at FMR {fmr}: N/A, too few pairs"),
            Some(point) => writeln!(
                text,
                "  FNMR at FMR {fmr}: {} ({} to {}; {} of {}), threshold {:.3}",
                percent(point.fnmr),
                percent(point.low),
                percent(point.high),
                point.false_non_matches,
                report.genuine_pairs,
                point.threshold
            ),
        };
    }
    let _ = writeln!(
        text,
        "{:.1} photos a second on {} threads, {:.1} ms a photo at the median",
        report.photos_per_second,
        report.threads,
        report.median_ms.unwrap_or_default()
    );
    for (set, report) in &report.sets {
        let _ = writeln!(text, "\n{set}:\n{}", face_text(report).trim_end());
    }
    text
}

fn parity_text(report: &ParityReport) -> String {
    let mut text = format!(
        "{} photos, {} below a cosine of 0.999, {} failed\n",
        report.photos,
        report.below_0_999,
        report.failed.len()
    );
    if let Some(cosine) = report.cosine {
        let _ = writeln!(
            text,
            "cosine at the median {:.6}, first percentile {:.6}, lowest {:.6}",
            cosine.median, cosine.p1, cosine.min
        );
    }
    for photo in &report.worst {
        let _ = writeln!(text, "  {:.6} {}", photo.cosine, photo.path);
    }
    for photo in &report.failed {
        let _ = writeln!(text, "  failed {}: {}", photo.path, photo.reason);
    }
    text
}

fn search_text(report: &SearchReport) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} photos of {} people, {} of them enrolled; {} photos without a template; calibration {}",
        report.photos, report.people, report.enrolled, report.failed_to_acquire, report.calibration
    );
    for point in &report.misses {
        let _ = writeln!(
            text,
            "threshold for {} members at FPIR {}: cosine {:.4}, FNIR {:.2} % ({:.2} to {:.2}; {} of {})",
            point.members,
            point.fpir.get(),
            point.cosine,
            point.fnir * 100.0,
            point.interval.low * 100.0,
            point.interval.high * 100.0,
            point.misses,
            point.searches
        );
    }
    let check = &report.check;
    let _ = writeln!(
        text,
        "each half of the people predicted from the other, {} times, {} impostor pairs:",
        check.halves, check.impostor_pairs
    );
    for point in &check.comparisons {
        let _ = writeln!(
            text,
            "  FMR {:e} allows {:.1} false matches, {} found",
            point.fmr, point.allowed, point.found
        );
    }
    for point in &check.searches {
        let _ = writeln!(
            text,
            "  {} members, FPIR {:e}: {:.1} of {} searches allowed, {} found somebody",
            point.members, point.fpir, point.allowed, point.searches, point.found
        );
    }
    text
}

fn liveness_text(report: &LivenessReport) -> String {
    let mut text = String::new();
    let percent =
        |share: Option<f64>| share.map_or("N/A".to_owned(), |share| format!("{:.2} %", share * 100.0));
    for (name, set) in &report.sets {
        let _ = writeln!(
            text,
            "{name}: {} bona fide, {} attacks, {} not decided",
            set.bona_fide, set.attacks, set.not_decided
        );
        let counts = &set.bona_fide_counts;
        let _ = writeln!(
            text,
            "  BPCER {} ({} of {} decided)",
            percent(set.bpcer),
            counts.attack,
            counts.attack + counts.bona_fide
        );
        for (kind, counts) in &set.attack_counts {
            let _ = writeln!(
                text,
                "  APCER {kind} {} ({} of {} decided)",
                percent(set.apcer.get(kind).copied().flatten()),
                counts.bona_fide,
                counts.attack + counts.bona_fide
            );
        }
        let _ = writeln!(text, "  AUC {}", set.auc.map_or("N/A".to_owned(), |auc| format!("{auc:.4}")));
    }
    text
}
