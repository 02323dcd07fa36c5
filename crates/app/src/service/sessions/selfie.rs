//! A frame of a live capture becomes the selfie of a session.

use bytes::Bytes;
use domain::{
    CaptureVerdict, DocumentPolicy, ImageKind, Role, SelfieFault, SessionCommand, SessionId, TenantId,
    Timestamp,
};
use serde_json::json;
use store::Tx;

use super::images::Note;
use super::{Service, see};
use crate::ServiceError;

/// Frames that are looked at until one has no fault.
const MOST_LOOKS: usize = 4;

/// The frame that was chosen.
#[derive(Debug)]
pub(crate) struct LiveSelfie {
    jpeg: Bytes,
    /// What is wrong with it: then all that were looked at have a fault.
    pub(crate) fault: Option<SelfieFault>,
}

impl Service {
    /// Chooses the first frame of `jpegs` that can be compared, or the first of all. `None` where there is none, or no
    /// session.
    pub(crate) async fn choose_selfie(
        &self,
        tenant: TenantId,
        session: SessionId,
        jpegs: Vec<Bytes>,
    ) -> Result<Option<LiveSelfie>, ServiceError> {
        let Some(session) = self.store().look().await?.session(tenant, session).await? else {
            return Ok(None);
        };
        let mut chosen: Option<(Bytes, Option<SelfieFault>)> = None;
        for jpeg in jpegs.into_iter().take(MOST_LOOKS) {
            // One that only acts as if looks at nothing.
            let fault = if session.is_mock { None } else { self.fault_of_frame(jpeg.clone()).await? };
            let is_better = chosen.is_none() || fault.is_none();
            if is_better {
                chosen = Some((jpeg, fault));
            }
            if fault.is_none() {
                break;
            }
        }
        Ok(chosen.map(|(jpeg, fault)| LiveSelfie { jpeg, fault }))
    }

    async fn fault_of_frame(&self, jpeg: Bytes) -> Result<Option<SelfieFault>, ServiceError> {
        let room = self.inner.faces.frame_room().await?;
        let seen = self.inner.faces.run(move |app| {
            // It was decoded when it came.
            let Ok(frame) = app.decode(&jpeg) else { return Ok(Some(SelfieFault::NoFace)) };
            let (selfie, _) = see::selfie(app, &frame)?;
            Ok::<_, ServiceError>(DocumentPolicy::STANDARD.selfie_fault(&selfie))
        });
        let fault = seen.await??;
        drop(room);
        Ok(fault)
    }

    /// Takes the frame, with what the capture said: when it is to be judged. `None` where the session takes none any
    /// more. Only now does it come onto the disk.
    pub(crate) async fn take_live_selfie(
        &self,
        tx: &mut Tx,
        (tenant, session): (TenantId, SessionId),
        selfie: &LiveSelfie,
        verdict: CaptureVerdict,
        camera: &str,
    ) -> Result<Option<Timestamp>, ServiceError> {
        let Some(current) = tx.session(tenant, session).await? else { return Ok(None) };
        let artifact = self.session_artifact(&current, Role::Selfie, &selfie.jpeg).await?;
        let take = SessionCommand::Take { kind: ImageKind::Selfie, image: artifact.id, document: None };
        let Ok(next) = current.apply(take, self.now()) else { return Ok(None) };
        self.store().put_blob(&artifact, selfie.jpeg.clone()).await?;
        let device = json!({"used_camera": {"label": camera}});
        let note = Note { device, capture: Some(verdict), ..Note::default() };
        Self::keep_images(tx, &next, ImageKind::Selfie, &note, &artifact, None).await?;
        let terms = Self::session_terms(tx, &next).await?;
        Ok(Some(self.save_taken(tx, &next, &terms).await?))
    }
}
