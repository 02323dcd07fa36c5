//! From frames to a decision. Whoever asks, the command line or the server, the same photos get the same verdict.

use bytes::Bytes;
use domain::{
    Assessment, ClipSignal, ComparisonSignal, Demand, Evidence, LivenessSignal, PhotoEvidence, Policy,
    SearchSignal, SpeechSignal, SpokenToken,
};
use engine::Photo;
use engine::face::compare::Template;
use media::Frame;

use crate::{App, AppError};

/// A selfie that was accepted, as its job has it.
#[derive(Debug)]
pub(crate) enum Submission {
    Photo(Frame),
    /// A recording whose headers were looked at. Its frames are decoded one by one, as they are watched.
    Clip(Bytes),
}

/// What was seen in one photo, or in the best frame of a clip.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    pub photo: Photo,
    /// `None` without a face, where it was not asked for, or for a clip.
    pub liveness: Option<LivenessSignal>,
    /// What was seen over time; `None` for a photo.
    pub clip: Option<ClipSignal>,
    /// What was heard of the token; `None` where none was asked for, or there is no sound to be read.
    pub speech: Option<SpeechSignal>,
}

impl Look {
    pub(crate) fn evidence(&self) -> PhotoEvidence {
        PhotoEvidence {
            faces: self.photo.faces,
            quality: self.photo.front.as_ref().map(|front| front.quality),
        }
    }

    pub(crate) fn template(&self) -> Option<&Template> {
        self.photo.front.as_ref().map(|front| &front.template)
    }
}

/// What is known of a reference photo.
#[derive(Debug, Clone)]
pub(crate) struct ReferenceFace {
    pub evidence: PhotoEvidence,
    /// `None` without a face.
    pub template: Option<Template>,
}

impl From<&Look> for ReferenceFace {
    fn from(look: &Look) -> Self {
        Self { evidence: look.evidence(), template: look.template().cloned() }
    }
}

impl App {
    /// Everything that can be measured on one photo.
    pub(crate) fn look(&self, frame: &Frame, judge_liveness: bool) -> Result<Look, AppError> {
        let photo = self.engine().acquire(frame)?;
        let liveness = match &photo.front {
            Some(front) if judge_liveness => Some(self.engine().liveness(frame, &front.face)?),
            _ => None,
        };
        Ok(Look { photo, liveness, clip: None, speech: None })
    }

    /// Everything that can be measured on a selfie, in which `token` is to be said where there is one.
    pub(crate) fn look_at(
        &self,
        submission: &Submission,
        judge_liveness: bool,
        token: Option<&SpokenToken>,
    ) -> Result<Look, AppError> {
        match submission {
            Submission::Photo(frame) => self.look(frame, judge_liveness),
            Submission::Clip(bytes) => {
                let look = self.look_at_clip(bytes)?;
                let heard = token.map(|token| self.hear(bytes, token)).transpose()?;
                // A sound that cannot be decoded is no failure of ours: the policy says what is wrong.
                Ok(Look { speech: heard.and_then(Result::ok), ..look })
            }
        }
    }

    /// Weighs a selfie against a reference and what a look into the blocklist found: what was measured, and what follows from it for `demand`.
    pub(crate) fn weigh(
        &self,
        demand: &Demand,
        reference: &ReferenceFace,
        selfie: &Look,
        search: Option<SearchSignal>,
    ) -> Result<(Evidence, Assessment), AppError> {
        let engine = self.engine();
        let policy = Policy::STANDARD;
        let threshold = demand.similarity.unwrap_or(policy.threshold());
        let comparison = match (selfie.template(), &reference.template) {
            (Some(probe), Some(reference)) => {
                let compared = engine.compare(probe, reference)?;
                Some(ComparisonSignal {
                    similarity: compared.similarity,
                    cosine: compared.cosine,
                    fmr_at_threshold: engine.calibration().fmr_at(threshold),
                })
            }
            _ => None,
        };
        let evidence = Evidence {
            reference: reference.evidence.clone(),
            selfie: selfie.evidence(),
            comparison,
            liveness: selfie.liveness,
            clip: selfie.clip,
            search,
            speech: selfie.speech,
        };
        let assessment = policy.assess_for(demand, &evidence);
        Ok((evidence, assessment))
    }
}
