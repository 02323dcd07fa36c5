//! Opened and started.

use std::time::Duration;

use bytes::Bytes;
use domain::{
    About, ArtifactId, Deadline, DocumentSession, JobId, Origin, RETAKES, Role, SESSION_TIME, SelfieFault,
    SessionId, SessionPurpose, SessionState, Taken, Timestamp,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use store::{Artifact, Digest, Job, JobKind, NewSession as Kept, Subject, Tx};

use super::see::{self, BadPicture};
use super::{Consent, Mock, Service, Terms};
use crate::service::upload;
use crate::{Admission, Caller, OpenError, ServiceError};

/// A session to be opened.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSession {
    /// The dialect.
    pub origin: Origin,
    /// What the person agreed to, where the caller says so.
    pub consent: Option<Consent>,
    /// Whether the caller sends the pictures itself; otherwise there is a token that starts it.
    pub is_started: bool,
    /// How it ends, where it only acts as if.
    pub mock: Option<Mock>,
    /// The tenant's own word for the person, to tell their sessions from those of others. Kept as a keyed hash.
    pub person: Option<String>,
    /// After which time it is erased.
    pub keep_for: Duration,
    /// What only the dialect reads. Kept encrypted.
    pub extra: Value,
}

/// A face to be compared with a selfie that is to come.
#[derive(Debug, Clone, PartialEq)]
pub struct NewFaceAuth {
    /// The dialect.
    pub origin: Origin,
    /// The photo.
    pub reference: Bytes,
    /// After which time it is erased.
    pub keep_for: Duration,
    /// What only the dialect reads. Kept encrypted.
    pub extra: Value,
}

/// A session that was just opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedSession {
    /// The session.
    pub session: DocumentSession,
    /// What starts it, once; `None` where it is started.
    pub start_token: Option<String>,
}

/// Why no session was opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenSessionError {
    /// The photo cannot be used.
    #[error(transparent)]
    Picture(#[from] BadPicture),
    /// No face in the photo, or none that can be compared.
    #[error(
        "the face in the reference cannot be compared: use a photo that shows one face, straight and sharp"
    )]
    Face(SelfieFault),
    /// As for any verification.
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl From<ServiceError> for OpenSessionError {
    fn from(error: ServiceError) -> Self {
        Self::Open(error.into())
    }
}

impl From<store::StoreError> for OpenSessionError {
    fn from(error: store::StoreError) -> Self {
        Self::Open(error.into())
    }
}

impl Service {
    /// Opens a session for a document and its holder.
    ///
    /// # Errors
    /// [`OpenSessionError::Open`].
    pub async fn open_session(
        &self,
        caller: &Caller,
        new: NewSession,
    ) -> Result<OpenedSession, OpenSessionError> {
        let subject = self.session_subject(caller).await?;
        let mut session = self.new_session(&subject, new.origin, SessionPurpose::Document)?;
        session.is_mock = new.mock.is_some();
        let mut start_token = None;
        if new.is_started {
            session.state = SessionState::Capturing;
        } else {
            start_token = Some(hex::encode(self.id()?));
        }
        let digest = match &start_token {
            Some(token) => Some(self.start_digest(token).await?),
            None => None,
        };
        let terms = Terms { consent: new.consent, mock: new.mock, extra: new.extra };
        let terms = serde_json::to_value(&terms).map_err(ServiceError::Terms)?;
        let kept =
            Kept { terms: &terms, person: new.person.as_deref(), start_token: digest, transaction: None };
        let tx = self.store().begin().await?;
        self.keep_session(tx, caller, &subject, &session, kept, new.keep_for, None).await?;
        Ok(OpenedSession { session, start_token })
    }

    /// Opens a session that compares a selfie with a photo.
    ///
    /// # Errors
    /// [`OpenSessionError`].
    pub async fn open_face_auth(
        &self,
        _admission: Admission,
        caller: &Caller,
        new: NewFaceAuth,
    ) -> Result<DocumentSession, OpenSessionError> {
        let room = self.inner.faces.frame_room().await?;
        let bytes = new.reference.clone();
        let fault = self.inner.faces.run(move |app| see::reference_fault(app, &bytes)).await?;
        drop(room);
        if let Some(fault) = fault?? {
            return Err(OpenSessionError::Face(fault));
        }
        let subject = self.session_subject(caller).await?;
        let session = DocumentSession {
            state: SessionState::Capturing,
            ..self.new_session(&subject, new.origin, SessionPurpose::FaceAuth)?
        };
        let artifact = self.session_artifact(&session, Role::Reference, &new.reference).await?;
        self.store().put_blob(&artifact, new.reference).await?;
        let terms = Terms { consent: None, mock: None, extra: new.extra };
        let terms = serde_json::to_value(&terms).map_err(ServiceError::Terms)?;
        let kept = Kept { terms: &terms, person: None, start_token: None, transaction: None };
        let tx = self.store().begin().await?;
        self.keep_session(tx, caller, &subject, &session, kept, new.keep_for, Some(&artifact)).await?;
        Ok(session)
    }

    /// Somebody of whom nothing is known, who lives as long as the session.
    pub(super) async fn session_subject(&self, caller: &Caller) -> Result<Subject, ServiceError> {
        self.draft_subject(caller, None, Value::Null).await
    }

    pub(super) fn new_session(
        &self,
        subject: &Subject,
        origin: Origin,
        purpose: SessionPurpose,
    ) -> Result<DocumentSession, ServiceError> {
        let now = self.now();
        Ok(DocumentSession {
            id: SessionId::from_bytes(self.id()?),
            tenant: subject.tenant,
            subject: subject.id,
            origin,
            purpose,
            is_mock: false,
            state: SessionState::Pending,
            taken: Taken::default(),
            front: None,
            retakes_left: RETAKES,
            created_at: now,
            deadline: Deadline(now.plus(SESSION_TIME)),
            submitted_at: None,
            ended_at: None,
        })
    }

    #[expect(clippy::too_many_arguments, reason = "everything that one transaction keeps")]
    pub(super) async fn keep_session(
        &self,
        mut tx: Tx,
        caller: &Caller,
        subject: &Subject,
        session: &DocumentSession,
        kept: Kept<'_>,
        keep_for: Duration,
        reference: Option<&Artifact>,
    ) -> Result<(), OpenSessionError> {
        if !session.is_mock {
            self.count_verification(&mut tx, caller).await?;
        }
        // Its reference was made up of random bytes.
        tx.insert_subject(subject).await?;
        tx.erase_subject_after(subject.tenant, subject.id, session.created_at.plus(keep_for)).await?;
        tx.insert_session(session, kept).await?;
        if let Some(artifact) = reference {
            tx.insert_artifact(artifact).await?;
        }
        // The deadline itself is still in time.
        let due = session.deadline.0.plus(Duration::from_millis(1));
        tx.enqueue(&self.session_job(session, JobKind::ExpireSession, due)?).await?;
        let action = if session.is_mock { "session.create.mock" } else { "session.create" };
        tx.append_audit(&self.audit_entry(caller, action, &session.id.to_string())).await?;
        tx.commit().await?;
        self.ring_for(due);
        Ok(())
    }

    pub(super) fn session_job(
        &self,
        session: &DocumentSession,
        kind: JobKind,
        run_at: Timestamp,
    ) -> Result<Job, ServiceError> {
        Ok(Job {
            id: JobId::from_bytes(self.id()?),
            kind,
            tenant: session.tenant,
            about: About::Session(session.id),
            attempts: 0,
            failures: 0,
            run_at,
            created_at: self.now(),
        })
    }

    /// The row of a picture of a session, which stays as long as its person.
    pub(super) async fn session_artifact(
        &self,
        session: &DocumentSession,
        role: Role,
        bytes: &Bytes,
    ) -> Result<Artifact, ServiceError> {
        Ok(Artifact {
            id: ArtifactId::from_bytes(self.id()?),
            tenant: session.tenant,
            subject: session.subject,
            about: About::Session(session.id),
            role,
            format: upload::format(bytes).to_owned(),
            bytes: bytes.len() as u64,
            digest: self.store().digest(session.tenant, bytes).await?,
            created_at: self.now(),
            delete_after: None,
        })
    }

    /// By what the token in the address of a page is known.
    pub(super) async fn start_digest(&self, token: &str) -> Result<Digest, ServiceError> {
        let key = self.store().secret("session-start").await?;
        let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_err(|_| ServiceError::Entropy)?;
        Ok(Digest::from_bytes(mac.chain_update(token).finalize().into_bytes().into()))
    }
}
