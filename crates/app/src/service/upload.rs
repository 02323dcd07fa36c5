//! A photo comes through its link.
//!
//! What cannot be read is refused before anything is kept, and the link stays open. What is accepted is encrypted, on
//! disk and in the queue before the answer goes out.

use std::sync::Arc;

use domain::{
    About, ArtifactId, Enrollment, EnrollmentCommand, EnrollmentFailure, EnrollmentId, EnrollmentState,
    JobId, Policy, Role, SubjectId, TenantId, Verification, VerificationCommand, VerificationId,
    VerificationState,
};
use media::{DecodeError, Format};
use store::{Artifact, Digest, Job, JobKind, Lease, Tx};

use super::jobs::JUDGE_LEASE;
use super::{RETENTION, Service, reference};
use crate::judge::ReferenceFace;
use crate::{Admission, App, Busy, ServiceError, UploadLink};

/// Size of the largest photo, in bytes.
pub const MAX_UPLOAD_BYTES: usize = media::MAX_BYTES;

/// What became of a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// It is the reference face now.
    Enrolled,
    /// It is judged, or will be soon.
    Submitted,
}

/// Why a photo was not taken.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The thing it was for has ended, has its photo already, or its time is over.
    #[error("the link has been used or has expired")]
    Closed,
    /// It is larger than 10 MB.
    #[error("the file is too large: send one of at most 10 MB")]
    TooLarge,
    /// It is no picture that can be read. An enrollment has failed by it; a verification still waits.
    #[error("the file format is not supported or the file is damaged: {0}")]
    Format(#[source] DecodeError),
    /// It shows no face, or several. The enrollment has failed by it.
    #[error("no single face was detected in the picture")]
    NoFace,
    /// Something broke here.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl Service {
    /// Room for one upload, to be asked for before its body is read.
    ///
    /// # Errors
    /// [`Busy`].
    pub fn admit(&self) -> Result<Admission, Busy> {
        self.inner.faces.admit()
    }

    /// Whether the thing behind `link` may still take a photo, or answer for the one it took: to be asked before the
    /// body is read.
    ///
    /// # Errors
    /// [`UploadError::Closed`], and failures of the store.
    pub async fn check_upload(&self, link: UploadLink) -> Result<(), UploadError> {
        let mut tx = self.store().read().await?;
        if tx.upload(link.about).await?.is_some() {
            return Ok(());
        }
        let now = self.now();
        let is_open = match link.about {
            About::Enrollment(id) => tx.enrollment(link.tenant, id).await?.is_some_and(|enrollment| {
                enrollment.state == EnrollmentState::AwaitingReference
                    && !enrollment.deadline().has_passed(now)
            }),
            About::Verification(id) => tx.verification(link.tenant, id).await?.is_some_and(|verification| {
                verification.state == VerificationState::Capturing && !verification.deadline.has_passed(now)
            }),
        };
        if is_open { Ok(()) } else { Err(UploadError::Closed) }
    }

    /// Takes the photo `bytes` for the thing behind `link`. The same bytes again get the same answer; other bytes find
    /// the link closed.
    ///
    /// A selfie is judged before this returns, unless that takes unusually long. If whoever waits goes away, an accepted
    /// photo is judged all the same.
    ///
    /// # Errors
    /// [`UploadError`].
    pub async fn upload(
        &self,
        admission: Admission,
        link: UploadLink,
        bytes: Vec<u8>,
    ) -> Result<Receipt, UploadError> {
        // A task of its own: a client that hangs up must not stop it between two steps.
        let service = self.clone();
        let task = tokio::spawn(async move {
            let _admission = admission;
            service.take(link, bytes).await
        });
        task.await.map_err(|_| ServiceError::Interrupted)?
    }

    async fn take(&self, link: UploadLink, bytes: Vec<u8>) -> Result<Receipt, UploadError> {
        let digest = self.store().digest(link.tenant, &bytes).await?;
        let mut tx = self.store().read().await?;
        if let Some(taken) = tx.upload(link.about).await? {
            return if taken == digest {
                self.answer_again(tx, link, bytes).await
            } else {
                Err(UploadError::Closed)
            };
        }
        drop(tx);
        self.check_upload(link).await?;
        match link.about {
            About::Enrollment(id) => self.take_reference(link.tenant, id, bytes, digest).await,
            About::Verification(id) => self.take_selfie(link.tenant, id, bytes, digest).await,
        }
    }

    /// The answer that the same bytes got before.
    async fn answer_again(
        &self,
        mut tx: Tx,
        link: UploadLink,
        bytes: Vec<u8>,
    ) -> Result<Receipt, UploadError> {
        let About::Enrollment(id) = link.about else { return Ok(Receipt::Submitted) };
        let enrollment = tx.enrollment(link.tenant, id).await?;
        match enrollment.ok_or(UploadError::Closed)?.state {
            EnrollmentState::Failed(EnrollmentFailure::NoFace) => Err(UploadError::NoFace),
            EnrollmentState::Failed(EnrollmentFailure::FormatNotSupported) => {
                drop(tx);
                let again = self.inner.faces.run(move |app| app.decode(&bytes).err()).await?;
                Err(UploadError::Format(again.unwrap_or(DecodeError::UnknownFormat)))
            }
            _ => Ok(Receipt::Enrolled),
        }
    }

    async fn take_reference(
        &self,
        tenant: TenantId,
        id: EnrollmentId,
        bytes: Vec<u8>,
        digest: Digest,
    ) -> Result<Receipt, UploadError> {
        let bytes = Arc::new(bytes);
        let room = self.inner.faces.frame_room().await?;
        let photo = Arc::clone(&bytes);
        let seen = self.inner.faces.run(move |app| see_reference(app, &photo)).await?;
        drop(room);
        let command = match &seen {
            Err(UploadError::TooLarge) => return Err(UploadError::TooLarge),
            Err(UploadError::Format(_)) => EnrollmentCommand::Fail(EnrollmentFailure::FormatNotSupported),
            Err(UploadError::NoFace) => EnrollmentCommand::Fail(EnrollmentFailure::NoFace),
            Err(_) => EnrollmentCommand::Fail(EnrollmentFailure::System),
            Ok(_) => EnrollmentCommand::Refer,
        };
        let face = seen.as_ref().ok().map(|face| (face, bytes.as_slice()));
        self.settle_reference(tenant, id, command, face, digest).await?;
        seen.map(|_| Receipt::Enrolled)
    }

    /// Saves what became of an enrollment by its photo; `face` where there is one to keep.
    async fn settle_reference(
        &self,
        tenant: TenantId,
        id: EnrollmentId,
        command: EnrollmentCommand,
        face: Option<(&ReferenceFace, &[u8])>,
        digest: Digest,
    ) -> Result<(), UploadError> {
        let about = About::Enrollment(id);
        let subject = self.load_enrollment(tenant, id).await?.subject;
        let kept = match face {
            Some((face, bytes)) => {
                let artifact =
                    self.keep_photo((tenant, subject), about, Role::Reference, bytes, digest).await?;
                Some((artifact, reference::to_bytes(face)?))
            }
            None => None,
        };
        let mut tx = self.store().begin().await?;
        // Under the write lock once more: another upload may have been quicker.
        let enrollment = tx.enrollment(tenant, id).await?.ok_or(UploadError::Closed)?;
        let (next, event) = enrollment.apply(command, self.now()).map_err(|_| UploadError::Closed)?;
        tx.save_enrollment(&next).await?;
        if let Some((artifact, face)) = &kept {
            tx.insert_artifact(artifact).await?;
            tx.put_reference(&next, face).await?;
        }
        tx.set_upload(about, digest, self.now()).await?;
        if let Some(kind) = event {
            tx.append_event(&self.event((tenant, subject), next.origin, kind, about)?).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn take_selfie(
        &self,
        tenant: TenantId,
        id: VerificationId,
        bytes: Vec<u8>,
        digest: Digest,
    ) -> Result<Receipt, UploadError> {
        let bytes = Arc::new(bytes);
        let room = self.inner.faces.frame_room().await?;
        let photo = Arc::clone(&bytes);
        let frame = self.inner.faces.run(move |app| app.decode(&photo)).await?.map_err(refusal)?;
        let (job, lease) = self.accept_selfie(tenant, id, &bytes, digest).await?;
        drop(bytes);
        // The photo is safe from here on. This node judges it itself, with the frame it has.
        self.judge_now(&job, &lease, (frame, room)).await;
        Ok(Receipt::Submitted)
    }

    async fn accept_selfie(
        &self,
        tenant: TenantId,
        id: VerificationId,
        bytes: &[u8],
        digest: Digest,
    ) -> Result<(Job, Lease), UploadError> {
        let about = About::Verification(id);
        let verification = self.load_verification(tenant, id).await?;
        let who = (tenant, verification.subject);
        let artifact = self.keep_photo(who, about, Role::Selfie, bytes, digest).await?;
        let mut tx = self.store().begin().await?;
        let verification = tx.verification(tenant, id).await?.ok_or(UploadError::Closed)?;
        let now = self.now();
        let Ok((next, _)) = verification.apply(VerificationCommand::Submit, now) else {
            return Err(UploadError::Closed);
        };
        let job = Job {
            id: JobId::from_bytes(self.id()?),
            kind: JobKind::Judge,
            tenant,
            about,
            attempts: 0,
            failures: 0,
            run_at: now,
            created_at: now,
        };
        let lease = Lease::new(job.id, &self.inner.node, now.plus(JUDGE_LEASE))?;
        let done = async {
            tx.save_verification(&next).await?;
            tx.insert_artifact(&artifact).await?;
            tx.set_upload(about, digest, now).await?;
            tx.enqueue_claimed(&job, &lease).await?;
            tx.commit().await?;
            Ok::<_, ServiceError>(())
        };
        done.await?;
        Ok((job, lease))
    }

    /// Encrypts a photo to disk. Its row follows in the transaction that accepts it; without one the sweep deletes it.
    async fn keep_photo(
        &self,
        who: (TenantId, SubjectId),
        about: About,
        role: Role,
        bytes: &[u8],
        digest: Digest,
    ) -> Result<Artifact, ServiceError> {
        let now = self.now();
        let format = match media::sniff(bytes) {
            Some(Format::Jpeg) => "image/jpeg",
            Some(Format::Png) => "image/png",
            Some(Format::WebP) => "image/webp",
            None => "application/octet-stream",
        };
        let artifact = Artifact {
            id: ArtifactId::from_bytes(self.id()?),
            tenant: who.0,
            subject: who.1,
            about,
            role,
            format: format.to_owned(),
            bytes: bytes.len() as u64,
            digest,
            created_at: now,
            // A reference stays as long as its enrollment.
            delete_after: (role == Role::Selfie).then(|| now.plus(RETENTION)),
        };
        self.store().put_blob(&artifact, bytes).await?;
        Ok(artifact)
    }

    async fn load_enrollment(&self, tenant: TenantId, id: EnrollmentId) -> Result<Enrollment, UploadError> {
        let mut tx = self.store().read().await?;
        tx.enrollment(tenant, id).await?.ok_or(UploadError::Closed)
    }

    async fn load_verification(
        &self,
        tenant: TenantId,
        id: VerificationId,
    ) -> Result<Verification, UploadError> {
        let mut tx = self.store().read().await?;
        tx.verification(tenant, id).await?.ok_or(UploadError::Closed)
    }
}

/// The face of a reference photo, if it is clear which one is meant.
fn see_reference(app: &App, bytes: &[u8]) -> Result<ReferenceFace, UploadError> {
    let frame = app.decode(bytes).map_err(refusal)?;
    let look = app.look(&frame, false).map_err(ServiceError::from)?;
    let limit = Policy::STANDARD.quality.single_face;
    let is_clear = look.photo.front.as_ref().is_some_and(|front| front.quality.single_face >= limit);
    if is_clear { Ok(ReferenceFace::from(&look)) } else { Err(UploadError::NoFace) }
}

fn refusal(error: DecodeError) -> UploadError {
    match error {
        DecodeError::TooManyBytes { .. } => UploadError::TooLarge,
        error => UploadError::Format(error),
    }
}
