//! `bonafide verify`: the main job.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use app::Verdict;
use assets::Group;
use domain::{Decision, LivenessSignal, Outcome, QualitySignal};

use crate::Options;
use crate::output::{Failure, PullBar, print_json, print_text};

/// Is the selfie the person of the reference photo, and is it a bona fide presentation?
///
/// Exit code 0: allow. 1: deny or challenge. 2: could not tell.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  bonafide verify --reference ID.jpg --selfie ME.jpg
  bonafide verify --reference ID.jpg --selfie ME.jpg --json
  bonafide verify --demo")]
pub(crate) struct Args {
    /// Photo of the claimed identity: an ID portrait, an enrolled photo (JPEG, PNG or WebP, up to 10 MB)
    #[arg(long, value_name = "PHOTO", required_unless_present = "demo")]
    reference: Option<PathBuf>,
    /// Photo of the person in front of the camera, uncut
    #[arg(long, value_name = "PHOTO", required_unless_present = "demo")]
    selfie: Option<PathBuf>,
    /// Verify photos of public figures that are fetched with the test assets
    #[arg(long, conflicts_with_all = ["reference", "selfie"])]
    demo: bool,
}

/// Reference, selfie, and what the demo shows with them.
const DEMO: [(&str, &str, &str); 3] = [
    ("photo-person-b-1", "photo-person-b-2", "one person, four years apart"),
    ("photo-person-a-1", "photo-impostor-2", "two people"),
    ("photo-person-b-1", "photo-no-face", "a selfie without a face"),
];

pub(crate) fn run(args: &Args, options: &Options) -> Result<ExitCode, Failure> {
    if let (Some(reference), Some(selfie)) = (&args.reference, &args.selfie) {
        let app = options.app(1)?;
        let verdict = app.verify(reference, selfie)?;
        if options.json {
            print_json(&verdict)?;
        } else {
            print_text(&text(&verdict))?;
        }
        return Ok(exit_code(&verdict));
    }
    let store = options.store()?;
    store.pull(&[Group::Test], &PullBar::new())?;
    let app = options.app(1)?;
    let mut results = Vec::new();
    for (reference, selfie, what) in DEMO {
        let verdict = app.verify(&store.path(reference)?, &store.path(selfie)?)?;
        if !options.json {
            print_text(&format!("{what}: {reference}, {selfie}\n{}\n", text(&verdict)))?;
        }
        results.push(verdict);
    }
    if options.json {
        print_json(&results)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn exit_code(verdict: &Verdict) -> ExitCode {
    ExitCode::from(match verdict.assessment.decision {
        Some(Decision::Allow) => 0,
        Some(Decision::Challenge | Decision::Deny) => 1,
        None => 2,
    })
}

fn text(verdict: &Verdict) -> String {
    let assessment = &verdict.assessment;
    let mut text = String::new();
    let word = match assessment.decision {
        Some(Decision::Allow) => "allow",
        Some(Decision::Challenge) => "challenge",
        Some(Decision::Deny) => "deny",
        None => "could not tell",
    };
    let _ = writeln!(text, "{word}");
    for reason in &assessment.reasons {
        let _ = writeln!(text, "  {}: {reason}", reason.code());
    }
    for check in &assessment.checks {
        let outcome = match check.outcome {
            Outcome::Passed => "passed",
            Outcome::Borderline => "borderline",
            Outcome::Failed => "failed",
            Outcome::CouldNotTell => "could not tell",
        };
        let name = serde_json::to_value(check.name).ok();
        let name = name.as_ref().and_then(|name| name.as_str()).unwrap_or_default().replace('_', " ");
        let _ = writeln!(text, "  {name:18} {outcome}");
    }
    let similarity = verdict.similarity.map_or("N/A".to_owned(), |similarity| similarity.to_string());
    let fmr = verdict.fmr_at_threshold.map_or("N/A".to_owned(), |fmr| fmr.to_string());
    let _ = writeln!(text, "  similarity {similarity}, threshold {:.2} (FMR {fmr})", verdict.threshold.get());
    let liveness = match verdict.evidence.liveness {
        Some(LivenessSignal::Scored { score }) => format!("{score:.3} (1 is bona fide, 0 an attack)"),
        Some(LivenessSignal::CouldNotTell { .. }) => "could not tell".to_owned(),
        None => "N/A".to_owned(),
    };
    let _ = writeln!(text, "  liveness {liveness}");
    for (name, photo) in [("reference", &verdict.evidence.reference), ("selfie", &verdict.evidence.selfie)] {
        let _ = writeln!(
            text,
            "  {name}: {} face{}{}",
            photo.faces,
            if photo.faces == 1 { "" } else { "s" },
            photo.quality.as_ref().map(quality_text).unwrap_or_default()
        );
    }
    let _ = writeln!(text, "  policy {}, {}", assessment.policy, verdict.template);
    text
}

fn quality_text(quality: &QualitySignal) -> String {
    format!(
        "; quality: sharpness {}, exposure {}, size {}, pose {}, eyes {}, occlusion {}, single face {}",
        quality.sharpness,
        quality.exposure,
        quality.size,
        quality.pose,
        quality.eyes.map_or("N/A".to_owned(), |eyes| eyes.to_string()),
        quality.occlusion,
        quality.single_face
    )
}
