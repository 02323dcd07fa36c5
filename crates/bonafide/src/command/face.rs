//! `bonafide face`: what the engine sees, without a decision.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use app::AppError;
use domain::{Fmr, Similarity};
use engine::face::{Face, Search};
use serde::Serialize;

use crate::Options;
use crate::output::{Failure, print_json, print_text};

/// Find or compare faces, without a decision
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Find every face of a photo: box, five points, score; exit code 1 without a face
    #[command(after_help = "Example:\n  bonafide face detect party.jpg --json")]
    Detect {
        /// JPEG, PNG or WebP, up to 10 MB
        photo: PathBuf,
    },
    /// How alike the faces in front of two photos are; exit code 1 where one shows no face
    #[command(after_help = "Example:\n  bonafide face compare id.jpg me.jpg --json")]
    Compare {
        /// The first photo
        probe: PathBuf,
        /// The second photo
        reference: PathBuf,
    },
}

#[derive(Serialize)]
struct Detected {
    width: u32,
    height: u32,
    faces: Vec<Face>,
}

#[derive(Serialize)]
struct Compared {
    /// `null` where a photo shows no face.
    similarity: Option<Similarity>,
    cosine: Option<f32>,
    /// The false match rate of a threshold at this similarity; `null` outside of what was measured.
    fmr: Option<Fmr>,
    probe: Option<Face>,
    reference: Option<Face>,
}

pub(crate) fn run(command: &Command, options: &Options) -> Result<ExitCode, Failure> {
    let app = options.app(1)?;
    let engine = app.engine();
    match command {
        Command::Detect { photo } => {
            let frame = app.photo(photo)?;
            let faces = engine.detect(&frame, Search::All).map_err(AppError::from)?;
            let found = !faces.is_empty();
            if options.json {
                print_json(&Detected { width: frame.width(), height: frame.height(), faces })?;
            } else {
                let mut text =
                    format!("{} faces in {} x {} px\n", faces.len(), frame.width(), frame.height());
                for face in &faces {
                    let bounds = face.bounds;
                    let _ = writeln!(
                        text,
                        "  {:4.0} x {:4.0} px at ({:.0}, {:.0}), score {:.2}, eyes {:.0} px apart, roll {:.0} degrees",
                        bounds.width,
                        bounds.height,
                        bounds.x,
                        bounds.y,
                        face.score,
                        face.landmarks.eye_distance(),
                        face.landmarks.roll_degrees()
                    );
                }
                print_text(&text)?;
            }
            Ok(if found { ExitCode::SUCCESS } else { ExitCode::from(1) })
        }
        Command::Compare { probe, reference } => {
            let mut faces = [None; 2];
            let mut templates = [None, None];
            for (index, path) in [probe, reference].into_iter().enumerate() {
                let frame = app.photo(path)?;
                faces[index] = engine.main_face(&frame).map_err(AppError::from)?;
                templates[index] = faces[index]
                    .map(|face| engine.template(&frame, &face.landmarks))
                    .transpose()
                    .map_err(AppError::from)?;
            }
            let comparison = match &templates {
                [Some(probe), Some(reference)] => {
                    Some(engine.compare(probe, reference).map_err(AppError::from)?)
                }
                _ => None,
            };
            let similarity = comparison.map(|comparison| comparison.similarity);
            let fmr = similarity.and_then(|similarity| engine.calibration().fmr_at(similarity));
            if options.json {
                let cosine = comparison.map(|comparison| comparison.cosine);
                print_json(&Compared { similarity, cosine, fmr, probe: faces[0], reference: faces[1] })?;
            } else {
                let mut text = String::new();
                for (path, face) in [probe, reference].into_iter().zip(faces) {
                    if face.is_none() {
                        let _ = writeln!(
                            text,
                            "no face in {}: use a photo that shows the whole face",
                            path.display()
                        );
                    }
                }
                if let Some(comparison) = comparison {
                    let _ = writeln!(
                        text,
                        "similarity {} (cosine {:.3}); 0.65 and more is one person at FMR 1e-4",
                        comparison.similarity, comparison.cosine
                    );
                }
                print_text(&text)?;
            }
            Ok(if comparison.is_some() { ExitCode::SUCCESS } else { ExitCode::from(1) })
        }
    }
}
