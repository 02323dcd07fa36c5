//! A picture comes for a session: looked at, answered, kept. The last one has them judged.

use std::sync::Arc;

use bytes::Bytes;
use domain::{
    CaptureVerdict, Day, DocumentSession, ImageFault, ImageKind, PageEvidence, Refused, Role, SessionCommand,
    SessionId, SessionPurpose, SessionState, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Artifact, JobKind, SessionImage, StoreError, Tx};

use super::see::{self, Seen};
pub use super::see::{BadPicture, Margins};
use super::transactions::StepFault;
use super::transactions::faces::Shot;
use super::{Service, Terms};
use crate::{Admission, Caller, ServiceError};

/// Pictures of one session, those that were not taken included.
const MOST_IMAGES: usize = 100;

/// A picture.
#[derive(Clone, PartialEq)]
pub struct NewImage {
    /// What it is to show.
    pub kind: ImageKind,
    /// The file.
    pub bytes: Bytes,
    /// What is cut off before it is looked at.
    pub margins: Margins,
    /// The caller's own id for it.
    pub name: Option<String>,
    /// What made it, in the words of the dialect. Kept encrypted.
    pub device: Value,
}

impl std::fmt::Debug for NewImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewImage").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// What became of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageReceipt {
    /// Why it is of no use; `None` where it was taken.
    pub fault: Option<ImageFault>,
    /// What has yet to come.
    pub missing: Vec<ImageKind>,
}

/// Why a picture was not looked at.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// There is no such session of the caller's tenant.
    #[error("Session not found")]
    Unknown,
    /// Nobody has started it.
    #[error(
        "the session has not been started: create it with start.consent, or start it with its start_token"
    )]
    NotStarted,
    /// All of them are there.
    #[error("All required images were successfully submitted")]
    Complete,
    /// The time is over.
    #[error("the session has ended: create a new one")]
    Ended,
    /// It asks for no such picture.
    #[error("image.image_type must be selfie: this session compares faces")]
    NotAsked,
    /// There were too many.
    #[error("the session has had too many images: create a new one")]
    TooMany,
    /// The file cannot be looked at.
    #[error(transparent)]
    Picture(#[from] BadPicture),
    /// Something broke here.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<StoreError> for ImageError {
    fn from(error: StoreError) -> Self {
        match error {
            // It is being deleted.
            StoreError::ErasedSubject => Self::Unknown,
            error => Self::Service(error.into()),
        }
    }
}

impl From<Refused> for ImageError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Closed => Self::Complete,
            Refused::TooLate => Self::Ended,
            Refused::NotNow => Self::NotStarted,
        }
    }
}

/// What is kept with a picture. Encrypted.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Note {
    /// The caller's own id for it.
    pub name: Option<String>,
    /// What is cut off.
    pub margins: Margins,
    /// Why it was of no use.
    pub fault: Option<ImageFault>,
    /// What made it.
    pub device: Value,
    /// How the live capture was judged of which it is a frame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture: Option<CaptureVerdict>,
    /// What was read of a card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<PageEvidence>,
    /// Why a picture of a card was of no use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<StepFault>,
    /// Which of several pictures of a face it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shot: Option<Shot>,
}

impl Service {
    /// Whether a session takes pictures now: to be asked before the body is read.
    ///
    /// # Errors
    /// [`ImageError`].
    pub async fn check_session(
        &self,
        caller: &Caller,
        purpose: SessionPurpose,
        id: SessionId,
    ) -> Result<DocumentSession, ImageError> {
        let mut tx = self.store().look().await?;
        let session = tx.session(caller.tenant.id, id).await?;
        let session = session.filter(|session| session.purpose == purpose).ok_or(ImageError::Unknown)?;
        self.has_room(&mut tx, &session).await?;
        Ok(session)
    }

    /// Whether a session takes one more picture now.
    pub(super) async fn has_room(&self, tx: &mut Tx, session: &DocumentSession) -> Result<(), ImageError> {
        session.may_take(self.now())?;
        if tx.session_images(session).await?.len() >= MOST_IMAGES {
            return Err(ImageError::TooMany);
        }
        Ok(())
    }

    /// Looks at a picture and keeps it. What cannot be used is kept too, and does not count.
    ///
    /// If whoever waits goes away, it is kept all the same.
    ///
    /// # Errors
    /// [`ImageError`].
    pub async fn add_image(
        &self,
        admission: Admission,
        session: DocumentSession,
        image: NewImage,
    ) -> Result<ImageReceipt, ImageError> {
        // A task of its own: a client that hangs up must not stop it between two steps.
        let service = self.clone();
        let task = tokio::spawn(async move {
            let _admission = admission;
            service.take_image(session, image).await
        });
        task.await.map_err(|_| ServiceError::Interrupted)?
    }

    async fn take_image(
        &self,
        session: DocumentSession,
        image: NewImage,
    ) -> Result<ImageReceipt, ImageError> {
        if session.purpose == SessionPurpose::FaceAuth && image.kind != ImageKind::Selfie {
            return Err(ImageError::NotAsked);
        }
        let terms = Self::session_terms(&mut self.store().look().await?, &session).await?;
        let seen = self.see_image(&session, &terms, &image).await?;
        let role = if image.kind == ImageKind::Selfie { Role::Selfie } else { Role::Reference };
        let original = self.session_artifact(&session, role, &image.bytes).await?;
        self.store().put_blob(&original, image.bytes.clone()).await?;
        let refined = match seen.refined {
            Some(jpeg) => {
                let jpeg = Bytes::from(jpeg);
                let refined = self.session_artifact(&session, role, &jpeg).await?;
                self.store().put_blob(&refined, jpeg).await?;
                Some(refined)
            }
            None => None,
        };
        let note = Note {
            name: image.name,
            margins: image.margins,
            fault: seen.fault,
            device: image.device,
            ..Note::default()
        };
        let command = SessionCommand::Take { kind: image.kind, image: original.id, document: seen.document };
        let mut tx = self.store().begin().await?;
        // Under the write lock once more: another picture may have been quicker.
        let current = tx.session(session.tenant, session.id).await?.ok_or(ImageError::Unknown)?;
        let now = self.now();
        let next = if seen.fault.is_some() {
            current.may_take(now)?;
            current
        } else {
            current.apply(command, now)?
        };
        Self::keep_images(&mut tx, &next, image.kind, &note, &original, refined.as_ref()).await?;
        let due = if seen.fault.is_none() { self.save_taken(&mut tx, &next, &terms).await? } else { now };
        tx.commit().await?;
        self.ring_for(due);
        Ok(ImageReceipt { fault: seen.fault, missing: next.missing() })
    }

    /// Keeps a session that took a picture, and has it judged where that was the last: when.
    pub(super) async fn save_taken(
        &self,
        tx: &mut Tx,
        session: &DocumentSession,
        terms: &Terms,
    ) -> Result<Timestamp, ServiceError> {
        tx.save_session(session).await?;
        let now = self.now();
        let due = terms.mock.map_or(now, |mock| now.plus(mock.processing()));
        if session.state == SessionState::Processing {
            tx.enqueue(&self.session_job(session, JobKind::JudgeSession, due)?).await?;
        }
        Ok(due)
    }

    async fn see_image(
        &self,
        session: &DocumentSession,
        terms: &Terms,
        image: &NewImage,
    ) -> Result<Seen, ImageError> {
        let room = self.inner.faces.frame_room().await?;
        let pages = Arc::clone(&self.inner.pages);
        let (kind, margins, bytes) = (image.kind, image.margins, image.bytes.clone());
        let (front, mock, today) = (session.front, terms.mock, Day::of(self.now()));
        let seen = self.inner.faces.run(move |app| {
            let frame = see::open(app, &bytes, margins)?;
            if let Some(mock) = mock {
                return Ok(Seen { fault: None, document: mock.document, refined: None });
            }
            let is_cut = margins != Margins::default();
            Ok(see::look_at(app, &*pages, kind, &frame, (front, is_cut), today)?)
        });
        let seen: Result<Seen, ImageError> = seen.await?;
        drop(room);
        seen
    }

    pub(super) async fn keep_images(
        tx: &mut Tx,
        session: &DocumentSession,
        kind: ImageKind,
        note: &Note,
        original: &Artifact,
        refined: Option<&Artifact>,
    ) -> Result<(), ServiceError> {
        let is_rejected = note.fault.is_some() || !note.faults.is_empty();
        let note = serde_json::to_value(note).map_err(ServiceError::Terms)?;
        tx.insert_artifact(original).await?;
        let image = SessionImage { artifact: original.id, kind, is_rejected, original: None, note };
        tx.insert_session_image(session, &image).await?;
        if let Some(refined) = refined {
            tx.insert_artifact(refined).await?;
            let cut = SessionImage {
                artifact: refined.id,
                original: Some(original.id),
                note: serde_json::to_value(Note::default()).map_err(ServiceError::Terms)?,
                ..image
            };
            tx.insert_session_image(session, &cut).await?;
        }
        Ok(())
    }
}
