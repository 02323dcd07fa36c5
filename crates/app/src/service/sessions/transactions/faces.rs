//! Three pictures of the face come, and are judged at once.

use std::time::Duration;

use bytes::Bytes;
use domain::{ArtifactId, DocumentSession, ImageKind, PageSide, Role, SessionCommand, SessionState};
use serde::{Deserialize, Serialize};
use store::{Artifact, JobKind, Lease, SessionImage};

use super::{Step, StepFault, TransactionError, decode, kept_page, pages};
use crate::service::jobs::JUDGE_LEASE;
use crate::service::sessions::Service;
use crate::service::sessions::images::Note;
use crate::{Admission, Caller, ServiceError, TransactionView};

/// Pictures of a face that come together.
pub const SHOTS: usize = 3;

/// After which time an answer is given, judged or not. It goes on without anybody who waits.
const ANSWER_AFTER: Duration = Duration::from_secs(20);

/// How often somebody who sent the same pictures twice looks whether they were judged.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Which of the pictures one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::service::sessions) struct Shot {
    /// The first of them, by which they are found together.
    pub first: ArtifactId,
    /// Its place, from 0.
    pub place: usize,
}

/// Three pictures of a face.
#[derive(Clone, PartialEq, Eq)]
pub struct NewFaces {
    /// The pictures, in the order in which they were taken.
    pub shots: [Bytes; SHOTS],
    /// The front of the card, where it comes together with them: taken first, unless one was taken before.
    pub front: Option<Bytes>,
}

impl std::fmt::Debug for NewFaces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewFaces").field("front", &self.front.is_some()).finish_non_exhaustive()
    }
}

impl Service {
    /// Takes the pictures of the face and judges them, together with the card. The same pictures once more get the same
    /// answer.
    ///
    /// If whoever waits goes away, they are judged all the same.
    ///
    /// # Errors
    /// [`TransactionError`].
    pub async fn take_faces(
        &self,
        admission: Admission,
        caller: &Caller,
        step: Step,
        faces: NewFaces,
    ) -> Result<TransactionView, TransactionError> {
        let (service, caller) = (self.clone(), caller.clone());
        let task = tokio::spawn(async move {
            let _admission = admission;
            service.take_shots(&caller, step, faces).await
        });
        task.await.map_err(|_| ServiceError::Interrupted)?
    }

    async fn take_shots(
        &self,
        caller: &Caller,
        mut step: Step,
        faces: NewFaces,
    ) -> Result<TransactionView, TransactionError> {
        self.check_refusals(&step).await?;
        let mut tx = self.store().look().await?;
        let found = match step.transaction {
            Some(id) => self.owned_session(&mut tx, caller, &step, id).await?,
            None => None,
        };
        drop(tx);
        let has_front = found.as_ref().is_some_and(|session| session.taken.front.is_some());
        if let Some(front) = faces.front.filter(|_| !has_front) {
            let view = self.take_side(caller, &step, PageSide::Front, front).await?;
            if !view.faults.is_empty() {
                return Ok(view);
            }
            step.transaction = Some(view.id);
        } else if found.is_none() {
            return Err(TransactionError::OutOfOrder);
        }
        let (id, session) = self.step_session(caller, &step).await?;
        if let Some(same) = self.same_shots(&session, &faces.shots).await? {
            self.wait_until_judged(&same).await?;
            self.ask_about(caller, &same).await?;
            return self.transaction_view(caller, &step, id, vec![]).await;
        }
        self.has_place(&mut self.store().look().await?, &session).await?;
        if let Some(fault) = self.fault_before_faces(&session, &step).await? {
            return self.transaction_view(caller, &step, id, vec![fault]).await;
        }
        let mut kept = Vec::with_capacity(SHOTS);
        for shot in faces.shots {
            self.try_to_decode(shot.clone()).await?;
            let artifact = self.session_artifact(&session, Role::Selfie, &shot).await?;
            self.store().put_blob(&artifact, shot).await?;
            kept.push(artifact);
        }
        let now = self.now();
        self.judge_now_as_card(&session, &kept).await?;
        self.wait_for_authorities(&session, &self.authorities_of(&caller.tenant.name), now).await?;
        self.transaction_view(caller, &step, id, vec![]).await
    }

    /// Keeps the pictures together with the job that judges them, and does the job.
    async fn judge_now_as_card(
        &self,
        session: &DocumentSession,
        shots: &[Artifact],
    ) -> Result<(), TransactionError> {
        let Some(first) = shots.first().map(|artifact| artifact.id) else { return Ok(()) };
        let mut tx = self.store().begin().await?;
        // Under the write lock once more: another step may have been quicker.
        let current = tx.session(session.tenant, session.id).await?.ok_or(TransactionError::NotFound)?;
        self.has_place(&mut tx, &current).await?;
        let take = SessionCommand::Take { kind: ImageKind::Selfie, image: first, document: None };
        let next = current.apply(take, self.now()).map_err(|_| TransactionError::Ended)?;
        if next.state != SessionState::Processing {
            return Err(TransactionError::OutOfOrder);
        }
        for (place, artifact) in shots.iter().enumerate() {
            let note = Note { shot: Some(Shot { first, place }), ..Note::default() };
            Self::keep_images(&mut tx, &next, ImageKind::Selfie, &note, artifact, None).await?;
        }
        tx.save_session(&next).await?;
        let now = self.now();
        let job = self.session_job(&next, JobKind::JudgeSession, now)?;
        // This node judges it itself.
        let lease = Lease::new(job.id, &self.inner.node, now.plus(JUDGE_LEASE))?;
        tx.enqueue_claimed(&job, &lease).await?;
        tx.commit().await?;
        let service = self.clone();
        let judging = tokio::spawn(async move {
            let work = Box::pin(service.judge_session(&job, &lease));
            service.keep_alive(&job, &lease, work).await
        });
        let _ = tokio::time::timeout(ANSWER_AFTER, judging).await;
        Ok(())
    }

    /// What keeps the face from being looked at: the card is not there, or says another name.
    async fn fault_before_faces(
        &self,
        session: &DocumentSession,
        step: &Step,
    ) -> Result<Option<StepFault>, TransactionError> {
        if session.taken.front.is_none() || session.taken.back.is_none() {
            return Err(TransactionError::OutOfOrder);
        }
        let images = self.store().look().await?.session_images(session).await?;
        let front = kept_page(session, &images, ImageKind::DocumentFront)?;
        let back = kept_page(session, &images, ImageKind::DocumentBack)?;
        self.check_refusals_of_card(session, [front.as_ref(), back.as_ref()]).await?;
        Ok(pages::name_fault(step.name.as_ref().map(|name| name.0.as_str()), front.as_ref()))
    }

    async fn try_to_decode(&self, picture: Bytes) -> Result<(), TransactionError> {
        let room = self.inner.faces.frame_room().await?;
        let read = self.inner.faces.run(move |app| decode(app, &picture).map(drop)).await?;
        drop(room);
        read
    }

    /// The session, where these are the pictures that it took and that are judged or have been.
    async fn same_shots(
        &self,
        session: &DocumentSession,
        shots: &[Bytes],
    ) -> Result<Option<DocumentSession>, TransactionError> {
        let is_taken = matches!(session.state, SessionState::Processing | SessionState::Concluded(_));
        if !is_taken {
            return Ok(None);
        }
        let mut tx = self.store().look().await?;
        let images = tx.session_images(session).await?;
        for (image, shot) in taken_shots(session, &images)?.iter().zip(shots) {
            let digest = self.store().digest(session.tenant, shot).await?;
            let artifact = tx.artifact(session.tenant, image.artifact).await?;
            if artifact.is_none_or(|artifact| artifact.digest != digest) {
                return Ok(None);
            }
        }
        Ok(Some(session.clone()))
    }

    async fn wait_until_judged(&self, session: &DocumentSession) -> Result<(), TransactionError> {
        let judged = async {
            loop {
                let now = self.store().look().await?.session(session.tenant, session.id).await?;
                if now.is_none_or(|now| now.state != SessionState::Processing) {
                    return Ok::<_, TransactionError>(());
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::time::timeout(ANSWER_AFTER, judged).await.unwrap_or(Ok(()))
    }
}

/// The pictures of the face that were taken, in their order.
pub(in crate::service::sessions) fn taken_shots<'a>(
    session: &DocumentSession,
    images: &'a [SessionImage],
) -> Result<Vec<&'a SessionImage>, ServiceError> {
    let mut found = Vec::with_capacity(SHOTS);
    for image in images.iter().filter(|image| image.kind == ImageKind::Selfie) {
        let note: Note = serde_json::from_value(image.note.clone()).map_err(ServiceError::Terms)?;
        if let Some(shot) = note.shot.filter(|shot| Some(shot.first) == session.taken.selfie) {
            found.push((shot.place, image));
        }
    }
    found.sort_unstable_by_key(|(place, _)| *place);
    Ok(found.into_iter().map(|(_, image)| image).collect())
}
