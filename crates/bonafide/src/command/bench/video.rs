//! `bonafide bench video`: filmed selfies, and attacks that are made of them.

use std::fmt::Write as _;
use std::path::PathBuf;

use lab::presence::Rate;
use lab::video::{KindReport, VideoOptions, VideoReport};

use super::Common;
use super::challenge::People;
use crate::Options;
use crate::output::{Failure, PhotoBar, print_json, print_text};

#[derive(Debug, clap::Args)]
pub(crate) struct Video {
    /// The recordings
    recordings: PathBuf,
    #[command(flatten)]
    common: Common,
    /// Which half of people and settings: thresholds are chosen on one, figures are told from the other
    #[arg(long, value_enum, default_value_t = People::Scored)]
    half: People,
    /// Clips of each kind that are made of each three seconds of a person
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=100))]
    draws: u32,
    /// Seed of everything that is drawn
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Folder into which the clips are written
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

pub(super) fn run(video: &Video, options: &Options) -> Result<(), Failure> {
    let recordings = lab::video::read_recordings(&video.recordings)?;
    let threads = video.common.threads();
    let app = options.app_with_video(threads)?;
    let what = VideoOptions {
        half: video.half.into(),
        draws: video.draws,
        seed: video.seed,
        keep: video.keep.clone(),
        threads,
    };
    let report = lab::video::measure(&app, &recordings, &video.common.root, &what, &PhotoBar::of("clips"))?;
    if options.json { print_json(&report) } else { print_text(&text(&report)) }
}

fn text(report: &VideoReport) -> String {
    let mut text = format!("{} people, policy {}\n", report.people, report.policy);
    let _ = writeln!(text, "BPCER {}", rate(&report.bpcer));
    let _ = writeln!(text, "BPNRR {}", rate(&report.bpnrr));
    reasons(&mut text, &report.bona_fide);
    for (name, kind) in &report.attacks {
        let _ = writeln!(
            text,
            "APCER {name} {}; denied {}, asked for more {}, could not tell {}",
            rate(&kind.live),
            kind.denied,
            kind.challenged,
            kind.open
        );
        reasons(&mut text, kind);
    }
    text
}

fn reasons(text: &mut String, kind: &KindReport) {
    for (reason, count) in &kind.reasons {
        let _ = writeln!(text, "  {count:4} {reason}");
    }
}

fn rate(rate: &Rate) -> String {
    match (rate.rate, rate.interval) {
        (Some(share), Some(bounds)) => format!(
            "{:.1} % ({} of {}, {:.1} to {:.1})",
            share * 100.0,
            rate.errors,
            rate.of,
            bounds.low * 100.0,
            bounds.high * 100.0
        ),
        _ => "N/A".to_owned(),
    }
}
