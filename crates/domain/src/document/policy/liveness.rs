//! Whether a live person was there.

use std::collections::BTreeSet;

use super::super::{CaptureVerdict, DocumentReason};
use crate::{CaptureFault, Decision, LivenessSignal, Outcome, Policy, Reason};

/// Whether a live person was there, from a photo or from a live capture.
#[derive(Debug, Clone, Default)]
pub(super) struct LivenessAnswer {
    pub(super) could_tell: bool,
    /// What speaks against it was measured on real attacks.
    pub(super) is_sure: bool,
    pub(super) reasons: BTreeSet<DocumentReason>,
}

impl LivenessAnswer {
    /// Of a photo, by the thresholds of faces.
    pub(super) fn of_photo(policy: &Policy, signal: Option<LivenessSignal>) -> Self {
        let outcome = match signal {
            Some(LivenessSignal::Scored { score }) => policy.liveness.judge(score),
            Some(LivenessSignal::CouldNotTell { .. }) | None => Outcome::CouldNotTell,
        };
        let speaks_against = matches!(outcome, Outcome::Failed | Outcome::Borderline);
        Self {
            could_tell: outcome != Outcome::CouldNotTell,
            is_sure: outcome == Outcome::Failed,
            reasons: speaks_against.then_some(DocumentReason::SelfieLivenessAttack).into_iter().collect(),
        }
    }

    /// Of a live capture. All that it tells leads to a challenge, but for the score of its frames: the rest was measured
    /// on drawn people only.
    pub(super) fn of_capture(capture: &CaptureVerdict) -> Self {
        use CaptureFault as Fault;
        // What could not be seen is no reason against anybody.
        if matches!(capture.decision, None | Some(Decision::Allow)) {
            return Self { could_tell: capture.decision.is_some(), ..Self::default() };
        }
        let reason = |reason: &Reason| match reason {
            Reason::Capture(
                Fault::OtherColours
                | Fault::FramesRepeated
                | Fault::FramesRecycled
                | Fault::FrozenPicture
                | Fault::CameraClock
                | Fault::DoubtfulCamera,
            ) => DocumentReason::InjectionAttack,
            Reason::Capture(Fault::SeveralFaces) => DocumentReason::MultipleFaces,
            _ => DocumentReason::SelfieLivenessAttack,
        };
        let mut reasons: BTreeSet<_> = capture.reasons.iter().map(reason).collect();
        if reasons.is_empty() {
            reasons.insert(DocumentReason::SelfieLivenessAttack);
        }
        let is_sure = capture.reasons.contains(&Reason::PresentationAttack);
        Self { could_tell: true, is_sure, reasons }
    }
}
