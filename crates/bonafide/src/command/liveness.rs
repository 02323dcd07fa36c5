//! `bonafide liveness`: is a filmed selfie a bona fide presentation?

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use app::ClipVerdict;
use domain::Decision;

use crate::Options;
use crate::output::{Failure, print_json, print_text};

/// Is a filmed selfie a bona fide presentation?
///
/// Exit code 0: allow. 1: deny or challenge. 2: could not tell.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bonafide liveness me.mp4 --json")]
pub(crate) struct Args {
    /// WebM, MP4, AVI or MOV, up to 10 MB; the first 10 seconds are judged
    video: PathBuf,
}

pub(crate) fn run(args: &Args, options: &Options) -> Result<ExitCode, Failure> {
    let verdict = options.app_with_video(1)?.judge_clip(&args.video)?;
    if options.json {
        print_json(&verdict)?;
    } else {
        print_text(&text(&verdict))?;
    }
    Ok(ExitCode::from(match verdict.assessment.decision {
        Some(Decision::Allow) => 0,
        Some(Decision::Challenge | Decision::Deny) => 1,
        None => 2,
    }))
}

fn text(verdict: &ClipVerdict) -> String {
    let ClipVerdict { assessment, clip, .. } = verdict;
    let word = match assessment.decision {
        Some(Decision::Allow) => "allow",
        Some(Decision::Challenge) => "challenge",
        Some(Decision::Deny) => "deny",
        None => "could not tell",
    };
    let mut text = format!("{word}\n");
    for reason in &assessment.reasons {
        let _ = writeln!(text, "  {}: {reason}", reason.code());
    }
    let number = |value: Option<f32>| value.map_or_else(|| "N/A".to_owned(), |value| format!("{value:.3}"));
    let [width, height] = verdict.size;
    let _ = writeln!(
        text,
        "  {} {} x {} px, {}; {} frames in {} ms",
        verdict.container, width, height, verdict.codec, clip.frames, clip.duration_ms
    );
    let _ = writeln!(
        text,
        "  single frames {} (1 is bona fide, 0 an attack), lowest cosine within the clip {}",
        number(clip.presentation.filter(|single| single.judged > 0).map(|single| single.score)),
        number(clip.continuity.and_then(|continuity| continuity.lowest_cosine))
    );
    let _ = writeln!(
        text,
        "  movement within the face {}, depth {}, blinks {}",
        number(clip.movement.map(|movement| movement.within)),
        number(clip.movement.and_then(|movement| movement.depth)),
        clip.eyes.map_or_else(|| "N/A".to_owned(), |eyes| eyes.blinks.to_string())
    );
    let _ = writeln!(
        text,
        "  longest stop {} ms, recurrence {}, largest change {}, pattern {} dB, flicker {}",
        clip.course.still_ms,
        number(clip.course.recurrence),
        number(clip.course.cut),
        number(clip.screen.moire_db),
        number(clip.screen.flicker)
    );
    let _ = writeln!(text, "  policy {}", assessment.policy);
    text
}
