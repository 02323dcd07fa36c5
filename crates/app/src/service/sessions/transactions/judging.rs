//! The faces of a transaction are held against the portrait and against each other.

use domain::{
    ArtifactId, DocumentEvidence, DocumentFacts, DocumentSession, FacePair, FaceShot, FacesEvidence,
    HistorySignal, ImageKind, SelfieEvidence,
};
use engine::Grid;
use engine::face::compare::{Calibration, Comparison, Template};
use store::SessionImage;

use super::faces::taken_shots;
use super::{Service, kept_page};
use crate::ServiceError;
use crate::judge::Look;
use crate::service::jobs::Trouble;
use crate::service::sessions::judging::Judged;

/// What was seen in one picture.
struct Seen {
    look: Look,
    grid: Grid,
}

impl Service {
    pub(in crate::service::sessions) async fn look_at_card(
        &self,
        session: &DocumentSession,
    ) -> Result<Judged, Trouble> {
        let images = self.store().look().await?.session_images(session).await?;
        let front = kept_page(session, &images, ImageKind::DocumentFront)?.ok_or(Trouble::Hopeless)?;
        let back = kept_page(session, &images, ImageKind::DocumentBack)?.ok_or(Trouble::Hopeless)?;
        let portrait = portrait_of(session, &images).ok_or(Trouble::Hopeless)?;
        let portrait = self.see(session, portrait, false).await?;
        let mut shots = Vec::new();
        for image in taken_shots(session, &images)? {
            shots.push(self.see(session, image.artifact, true).await?);
        }
        let first = shots.first().ok_or(Trouble::Hopeless)?;
        let selfie = SelfieEvidence {
            photo: first.look.evidence(),
            liveness: first.look.liveness,
            room: None,
            capture: None,
        };
        let faces = faces(&shots, portrait.look.template())?;
        let facts = DocumentFacts::of(&[&front, &back]);
        let evidence = DocumentEvidence {
            front: Some(front),
            back: Some(back),
            selfie,
            portrait: Some(portrait.look.evidence()),
            comparison: None,
            blocklist: None,
            history: HistorySignal::default(),
            faces: Some(faces),
        };
        Ok(self.judged(session, evidence, facts, None))
    }

    async fn see(
        &self,
        session: &DocumentSession,
        id: ArtifactId,
        judges_liveness: bool,
    ) -> Result<Seen, Trouble> {
        let artifact = self.store().look().await?.artifact(session.tenant, id).await?;
        let bytes = self.store().blob(&artifact.ok_or(Trouble::Hopeless)?).await?;
        let bytes = bytes.ok_or(Trouble::Hopeless)?;
        let room = self.inner.faces.frame_room().await?;
        let seen = self.inner.faces.run(move |app| {
            // It was decoded when it came.
            let frame = app.decode(&bytes).map_err(|_| Trouble::Hopeless)?;
            let look = app.look(&frame, judges_liveness).map_err(ServiceError::App)?;
            Ok::<_, Trouble>(Seen { look, grid: Grid::of(&frame) })
        });
        let seen = seen.await?;
        drop(room);
        seen
    }
}

/// The picture with the portrait: what was cut from the front, or the front as it came.
pub(super) fn portrait_of(session: &DocumentSession, images: &[SessionImage]) -> Option<ArtifactId> {
    let front = session.taken.front?;
    let cut = images.iter().find(|image| image.original == Some(front));
    Some(cut.map_or(front, |image| image.artifact))
}

fn faces(shots: &[Seen], portrait: Option<&Template>) -> Result<FacesEvidence, ServiceError> {
    let mut evidence = FacesEvidence { shots: Vec::new(), pairs: Vec::new() };
    for (place, shot) in shots.iter().enumerate() {
        let to_portrait = compare(shot.look.template(), portrait)?;
        evidence.shots.push(FaceShot {
            photo: shot.look.evidence(),
            liveness: shot.look.liveness,
            to_portrait: to_portrait.map(|found| found.similarity),
            portrait_cosine: to_portrait.map(|found| found.cosine),
        });
        for (earlier, other) in shots[..place].iter().enumerate() {
            evidence.pairs.push(FacePair {
                shots: [earlier, place],
                similarity: compare(other.look.template(), shot.look.template())?
                    .map(|found| found.similarity),
                difference: other.grid.largest_difference(&shot.grid),
            });
        }
    }
    Ok(evidence)
}

fn compare(one: Option<&Template>, other: Option<&Template>) -> Result<Option<Comparison>, ServiceError> {
    let (Some(one), Some(other)) = (one, other) else { return Ok(None) };
    let found = Calibration::shipped().compare(one, other);
    found.map(Some).map_err(|error| ServiceError::App(error.into()))
}
