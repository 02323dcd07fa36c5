//! `bonafide bench voice`.

use std::fmt::Write as _;
use std::path::PathBuf;

use lab::speech::{Errors, SpeechOptions, SpeechReport};

use super::Common;
use crate::Options;
use crate::output::{Failure, PhotoBar, print_json, print_text};

#[derive(Debug, clap::Args)]
pub(crate) struct Voice {
    /// The recordings
    manifest: PathBuf,
    #[command(flatten)]
    common: Common,
    /// Only what this person says; may be given several times
    #[arg(long = "speaker", value_name = "NAME")]
    speakers: Vec<String>,
    /// Digits of a token: more than one are put together from recordings of one speaker
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=8))]
    digits: u8,
}

pub(super) fn run(voice: &Voice, options: &Options) -> Result<(), Failure> {
    let utterances = lab::speech::read_utterances(&voice.manifest)?;
    let threads = voice.common.threads();
    let app = options.app_with_voice(threads)?;
    let asked = SpeechOptions { speakers: voice.speakers.clone(), digits: usize::from(voice.digits) };
    let root = &voice.common.root;
    let bar = PhotoBar::of("tokens");
    let report = lab::speech::measure(&app, &utterances, &asked, root, threads, &bar)?;
    if options.json { print_json(&report) } else { print_text(&text(&report)) }
}

fn text(report: &SpeechReport) -> String {
    let mut text = format!(
        "policy {}; tokens of {} digits; {} rows without a digit left out\n",
        report.policy, report.digits, report.left_out
    );
    for (name, language) in &report.languages {
        let _ = writeln!(
            text,
            "{name}: {} recordings of {} speakers, {} tokens, {} requests for another token",
            language.recordings, language.speakers, language.tokens, language.impostors
        );
        if let Some(equal) = &language.equal_error {
            let _ = writeln!(
                text,
                "  EER {:.2} %, {} refused and {} accepted wrongly, at log-odds {:.2}",
                equal.rate * 100.0,
                equal.refused,
                equal.accepted,
                equal.odds
            );
        }
        for (precision, point) in &language.points {
            let _ = writeln!(
                text,
                "  {precision}: refused wrongly {}, accepted wrongly {}",
                share(&point.false_rejects),
                share(&point.false_accepts)
            );
        }
        for (what, count) in &language.missed_as {
            let _ = writeln!(text, "  {count:4} refused as {what}");
        }
        let _ = writeln!(
            text,
            "  {:.0} ms for a token, or for all ten digits, at the median",
            language.median_ms
        );
    }
    text
}

fn share(errors: &Errors) -> String {
    let bounds = errors.interval.map_or(String::new(), |bounds| {
        format!(" ({:.1} to {:.1} %)", bounds.low * 100.0, bounds.high * 100.0)
    });
    format!("{} of {}{bounds}", errors.count, errors.of)
}
