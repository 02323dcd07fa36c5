//! What is told of a session, and its end.

use domain::{
    ArtifactId, DocumentJudgement, DocumentSession, ImageFault, ImageKind, Origin, SessionId, SessionPurpose,
    SessionState, SubjectId, TenantId, Timestamp,
};
use serde_json::Value;
use store::StoreError;

use super::images::Note;
use super::{Consent, Mock, Service};
use crate::service::verification::File;
use crate::{Caller, ServiceError};

/// A session and what belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionView {
    /// The session. Its state says that it has expired as soon as it has.
    pub session: DocumentSession,
    /// What the person agreed to.
    pub consent: Option<Consent>,
    /// How it ends, where it only acts as if.
    pub mock: Option<Mock>,
    /// What only the dialect reads.
    pub extra: Value,
    /// The decision and what it rests on, once there is one.
    pub judgement: Option<DocumentJudgement>,
    /// Its pictures, in the order in which they came.
    pub images: Vec<ImageView>,
}

/// A picture of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageView {
    /// Its id.
    pub id: ArtifactId,
    /// The caller's own id for it.
    pub name: Option<String>,
    /// What it was to show.
    pub kind: ImageKind,
    /// Whether it was of no use.
    pub is_rejected: bool,
    /// Why; `None` also for what was cut from another.
    pub fault: Option<ImageFault>,
    /// The picture that it was cut from.
    pub original: Option<ArtifactId>,
}

impl Service {
    /// The session of that id, where it is the caller's tenant's, opened by `origin` for `purpose`.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn session(
        &self,
        caller: &Caller,
        origin: Origin,
        purpose: SessionPurpose,
        id: SessionId,
    ) -> Result<Option<SessionView>, ServiceError> {
        let mut tx = self.store().read().await?;
        let found = tx.session(caller.tenant.id, id).await?;
        let found = found.filter(|found| found.origin == origin && found.purpose == purpose);
        let Some(session) = found else { return Ok(None) };
        let read = async {
            let terms = Self::session_terms(&mut tx, &session).await?;
            let judgement = tx.session_judgement(&session).await?;
            let images = tx.session_images(&session).await?;
            Ok::<_, ServiceError>((terms, judgement, images))
        };
        let (terms, judgement, images) = match read.await {
            // It is being erased.
            Err(ServiceError::Store(StoreError::ErasedSubject)) => return Ok(None),
            read => read?,
        };
        let session = self.now_of(&session);
        let images = images.into_iter().map(|image| {
            let note: Note = serde_json::from_value(image.note).map_err(ServiceError::Terms)?;
            Ok(ImageView {
                id: image.artifact,
                name: note.name,
                kind: image.kind,
                is_rejected: image.is_rejected,
                fault: note.fault,
                original: image.original,
            })
        });
        let images = images.collect::<Result<_, ServiceError>>()?;
        let (consent, mock, extra) = (terms.consent, terms.mock, terms.extra);
        Ok(Some(SessionView { session, consent, mock, extra, judgement, images }))
    }

    /// The session as it stands now: its state says that it has expired as soon as it has.
    pub(super) fn now_of(&self, session: &DocumentSession) -> DocumentSession {
        let waits = matches!(
            session.state,
            SessionState::Pending | SessionState::Capturing | SessionState::Recapture
        );
        let is_over = waits && session.deadline.has_passed(self.now());
        let state = if is_over { SessionState::Expired } else { session.state };
        DocumentSession { state, ..session.clone() }
    }

    /// A picture of a session that [`Service::session`] showed; `None` where it is gone. That it was shown is noted in
    /// the audit log.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn session_image(
        &self,
        caller: &Caller,
        view: &SessionView,
        id: ArtifactId,
    ) -> Result<Option<File>, ServiceError> {
        if !view.images.iter().any(|image| image.id == id) {
            return Ok(None);
        }
        let artifact = self.store().look().await?.artifact(caller.tenant.id, id).await?;
        let Some(artifact) = artifact else { return Ok(None) };
        let bytes = match self.store().blob(&artifact).await {
            Err(StoreError::ErasedSubject) => None,
            bytes => bytes?,
        };
        let Some(bytes) = bytes else { return Ok(None) };
        // Before it is shown: what cannot be noted is not shown.
        let mut tx = self.store().begin().await?;
        tx.append_audit(&self.audit_entry(caller, "photo.show", &id.to_string())).await?;
        tx.commit().await?;
        Ok(Some(File { format: artifact.format, bytes }))
    }

    /// Erases a session: rows, pictures, keys. `false` where there is none of the caller's tenant.
    ///
    /// # Errors
    /// Those of the store. Call it again then.
    pub async fn delete_session(
        &self,
        caller: &Caller,
        origin: Origin,
        id: SessionId,
    ) -> Result<bool, ServiceError> {
        let mut tx = self.store().begin().await?;
        let found = tx.session(caller.tenant.id, id).await?.filter(|found| found.origin == origin);
        let Some(session) = found else { return Ok(false) };
        tx.append_audit(&self.audit_entry(caller, "session.delete", &id.to_string())).await?;
        tx.commit().await?;
        self.store().erase_subject(session.tenant, session.subject, self.now()).await?;
        Ok(true)
    }

    /// Erases the people whose time is over.
    pub(crate) async fn erase_due(&self, now: Timestamp) -> Result<(), ServiceError> {
        loop {
            let due: Vec<(TenantId, SubjectId)> =
                self.store().read().await?.subjects_to_erase(now, 100).await?;
            if due.is_empty() {
                return Ok(());
            }
            for (tenant, subject) in due {
                self.store().erase_subject(tenant, subject, now).await?;
            }
        }
    }
}
