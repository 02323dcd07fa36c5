//! What earlier sessions of the tenant say about a document and a face.

use domain::{DocumentSession, Fpir, HistorySignal, Similarity};
use engine::face::compare::{Calibration, Template};
use store::SessionFace;

use super::Service;
use crate::ServiceError;
use crate::service::reference;

/// Faces that are read and opened at once: about 4 MB.
const PART: u32 = 1_000;

/// The nearest faces so far.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Nearest {
    of_others: f32,
    denied: f32,
    faces: u64,
}

impl Service {
    /// Looks for the document `identity` and the face `probe` in the tenant's other sessions.
    pub(super) async fn history(
        &self,
        session: &DocumentSession,
        identity: Option<&str>,
        probe: Option<&Template>,
    ) -> Result<HistorySignal, ServiceError> {
        let mut signal = HistorySignal::default();
        if let Some(identity) = identity {
            let found = self.store().look().await?.same_document(session, identity).await?;
            (signal.same_document, signal.denied_document) = (Some(found.of_others), Some(found.denied));
        }
        if let Some(probe) = probe {
            let nearest = self.nearest_faces(session, probe).await?;
            let calibration = Calibration::shipped();
            // Of one search among all of them, so that there is one false alarm in a thousand sessions and no more.
            let threshold = calibration.search_threshold(nearest.faces, Fpir::STANDARD).cosine;
            let hit = |cosine: f32| -> Option<Similarity> {
                (cosine >= threshold).then(|| calibration.similarity(cosine))
            };
            signal.same_face = hit(nearest.of_others);
            signal.denied_face = hit(nearest.denied);
            signal.faces = nearest.faces;
        }
        Ok(signal)
    }

    async fn nearest_faces(
        &self,
        session: &DocumentSession,
        probe: &Template,
    ) -> Result<Nearest, ServiceError> {
        // No cosine is lower.
        let mut nearest = Nearest { of_others: -1.0, denied: -1.0, faces: 0 };
        let mut place = None;
        loop {
            let (faces, next) = self.store().look().await?.session_faces(session, place, PART).await?;
            let probe = probe.clone();
            nearest = self.inner.faces.compute(move || nearer(nearest, &probe, &faces)).await??;
            place = match next {
                Some(next) => Some(next),
                None => return Ok(nearest),
            };
        }
    }
}

fn nearer(mut nearest: Nearest, probe: &Template, faces: &[SessionFace]) -> Result<Nearest, ServiceError> {
    for face in faces {
        let kept = reference::from_bytes(&face.face)?.template;
        // Of another model: never compared.
        let Some(kept) = kept.filter(|kept| kept.ids == probe.ids) else { continue };
        let cosine = probe.embedding.cosine(&kept.embedding);
        nearest.faces += 1;
        if face.is_of_another {
            nearest.of_others = nearest.of_others.max(cosine);
        }
        if face.is_denied {
            nearest.denied = nearest.denied.max(cosine);
        }
    }
    Ok(nearest)
}
