//! Is the selfie the person of the reference photo, and a bona fide presentation?

use std::path::Path;

use domain::{
    Assessment, ComparisonSignal, Evidence, Fmr, LivenessSignal, PhotoEvidence, Policy, Similarity,
};
use engine::Photo;
use engine::face::Face;
use serde::Serialize;

use crate::{App, AppError};

/// The result of a verification: the decision, and everything it rests on.
#[derive(Debug, Clone, Serialize)]
pub struct Verification {
    /// Decision, reasons, checks and the policy's version.
    #[serde(flatten)]
    pub assessment: Assessment,
    /// The comparison score, 0..1; `None` without two faces.
    pub similarity: Option<Similarity>,
    /// The similarity from which on two faces are one person's.
    pub threshold: Similarity,
    /// The false match rate at that threshold.
    pub fmr_at_threshold: Option<Fmr>,
    /// What was measured.
    pub evidence: Evidence,
    /// The face in front of the reference photo.
    pub reference_face: Option<Face>,
    /// The face in front of the selfie.
    pub selfie_face: Option<Face>,
    /// What made the templates.
    pub template: domain::TemplateIds,
}

impl App {
    /// Verifies the photo files `reference` and `selfie`. Each is freed before the next is read.
    ///
    /// # Errors
    /// [`AppError::Photo`] for a photo that cannot be read, and failures of the engine. Photos without a usable face
    /// are no error: the assessment then has no decision and says why.
    pub fn verify(&self, reference: &Path, selfie: &Path) -> Result<Verification, AppError> {
        let (reference, _) = self.look_at(reference, false)?;
        let (selfie, liveness) = self.look_at(selfie, true)?;
        let engine = self.engine();
        let policy = Policy::STANDARD;
        let threshold = policy.threshold();
        let fmr_at_threshold = engine.calibration().fmr_at(threshold);
        let comparison = match (&selfie.front, &reference.front) {
            (Some(probe), Some(reference)) => {
                let compared = engine.compare(&probe.template, &reference.template)?;
                Some(ComparisonSignal {
                    similarity: compared.similarity,
                    cosine: compared.cosine,
                    fmr_at_threshold,
                })
            }
            _ => None,
        };
        let evidence = Evidence {
            reference: photo_evidence(&reference),
            selfie: photo_evidence(&selfie),
            comparison,
            liveness,
        };
        Ok(Verification {
            assessment: policy.assess(&evidence),
            similarity: comparison.map(|comparison| comparison.similarity),
            threshold,
            fmr_at_threshold,
            evidence,
            reference_face: reference.front.map(|front| front.face),
            selfie_face: selfie.front.map(|front| front.face),
            template: engine.calibration().template_ids(),
        })
    }

    fn look_at(
        &self,
        path: &Path,
        judge_liveness: bool,
    ) -> Result<(Photo, Option<LivenessSignal>), AppError> {
        let frame = self.photo(path)?;
        let photo = self.engine().acquire(&frame)?;
        let liveness = match &photo.front {
            Some(front) if judge_liveness => Some(self.engine().liveness(&frame, &front.face)?),
            _ => None,
        };
        Ok((photo, liveness))
    }
}

fn photo_evidence(photo: &Photo) -> PhotoEvidence {
    PhotoEvidence { faces: photo.faces, quality: photo.front.as_ref().map(|front| front.quality) }
}
