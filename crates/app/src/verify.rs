//! Is the selfie the person of the reference photo, and a bona fide presentation? For two files.

use std::path::Path;

use domain::{Assessment, Evidence, Fmr, Policy, Similarity};
use engine::face::Face;
use serde::Serialize;

use crate::judge::ReferenceFace;
use crate::{App, AppError};

/// The result of a verification of two photo files: the decision, and everything it rests on.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
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
    pub fn verify(&self, reference: &Path, selfie: &Path) -> Result<Verdict, AppError> {
        let reference = self.look(&self.photo(reference)?, false)?;
        let selfie = self.look(&self.photo(selfie)?, true)?;
        let policy = Policy::STANDARD;
        let (evidence, assessment) =
            self.weigh(&policy.full_demand(), &ReferenceFace::from(&reference), &selfie, None)?;
        let calibration = self.engine().calibration();
        Ok(Verdict {
            assessment,
            similarity: evidence.comparison.map(|comparison| comparison.similarity),
            threshold: policy.threshold(),
            fmr_at_threshold: calibration.fmr_at(policy.threshold()),
            evidence,
            reference_face: reference.photo.front.map(|front| front.face),
            selfie_face: selfie.photo.front.map(|front| front.face),
            template: calibration.template_ids(),
        })
    }
}
