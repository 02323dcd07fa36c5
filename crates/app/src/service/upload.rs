//! A photo comes through its link, or a clip of one's face.
//!
//! What cannot be read is refused before anything is kept, and the link stays open. What is accepted is encrypted, on
//! disk and in the queue before the answer goes out.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::{
    About, ArtifactId, EnrollmentCommand, EnrollmentFailure, EnrollmentId, EnrollmentState, Fpir, JobId,
    Policy, Role, SelfieForm, SubjectId, VerificationCommand, VerificationId, VerificationState,
};
use media::video::VideoError;
use media::{DecodeError, Format, video};
use store::{Artifact, Digest, Job, JobKind, Lease};

use super::blocklist::Blocklist;
use super::jobs::JUDGE_LEASE;
use super::judging::Case;
use super::{RETENTION, Service, reference};
use crate::judge::{ReferenceFace, Submission};
use crate::{Admission, App, AppError, Busy, ServiceError, UploadLink};

/// Size of the largest photo, in bytes.
pub const MAX_UPLOAD_BYTES: usize = media::MAX_BYTES;

/// After which time an accepted selfie is answered, judged or not. A queue that is full is worked off sooner.
const ANSWER_AFTER: Duration = Duration::from_secs(20);

/// What became of a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// Its face is kept now.
    Enrolled,
    /// Its face is on the blocklist. The enrollment has failed by it.
    Blocked,
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
    /// It is a video that cannot be read. The verification still waits.
    #[error("the file format is not supported or the file is damaged: {0}")]
    Video(#[source] VideoError),
    /// It is a video, and the verification does not ask what a video shows. It still waits.
    #[error("a video is taken for passive liveness and spoken tokens only: send a JPEG, PNG or WebP picture")]
    VideoNotAsked,
    /// It is a picture, and the verification asks for a token that is said. It still waits.
    #[error("a spoken token is heard in a video: send a WebM, MP4, AVI or MOV with sound")]
    VideoAsked,
    /// It is a video, and there is no decoder here. The verification still waits.
    #[error("videos are not read on this server: send a JPEG, PNG or WebP picture")]
    VideoNotRead,
    /// It shows no face, or several. The enrollment has failed by it.
    #[error("no single face was detected in the picture")]
    NoFace,
    /// Something broke here.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// A link whose thing waits for a photo, or has one.
#[derive(Debug, Clone, Copy)]
pub struct OpenUpload {
    link: UploadLink,
    subject: SubjectId,
    /// At which rate of false alarms its face is looked up in the blocklist, where it is.
    blocklist: Option<Fpir>,
    /// What it may be.
    form: SelfieForm,
    /// The photo that it took.
    taken: Option<Digest>,
}

/// A photo on its way in.
pub(super) struct Upload {
    pub(super) link: UploadLink,
    subject: SubjectId,
    digest: Digest,
    pub(super) bytes: Bytes,
}

impl Service {
    /// Room for one upload, to be asked for before its body is read.
    ///
    /// # Errors
    /// [`Busy`].
    pub fn admit(&self) -> Result<Admission, Busy> {
        self.inner.faces.admit(1)
    }

    /// As [`Service::admit`], for a body that takes `bytes` of memory while it is read: one that is large takes the room
    /// of several, but never more than there is.
    ///
    /// # Errors
    /// [`Busy`].
    pub fn admit_bytes(&self, bytes: u64) -> Result<Admission, Busy> {
        let rooms = bytes.div_ceil(MAX_UPLOAD_BYTES as u64).max(1);
        self.inner.faces.admit(u32::try_from(rooms).unwrap_or(u32::MAX))
    }

    /// Whether the thing behind `link` may still take a photo, or answer for the one it took: to be asked before the
    /// body is read.
    ///
    /// # Errors
    /// [`UploadError::Closed`], and failures of the store.
    pub async fn check_upload(&self, link: UploadLink) -> Result<OpenUpload, UploadError> {
        let now = self.now();
        let mut tx = self.store().look().await?;
        let (subject, blocklist, form, is_open) = match link.about {
            About::Enrollment(id) => {
                let found = tx.enrollment(link.tenant, id).await?.ok_or(UploadError::Closed)?;
                let waits = found.state == EnrollmentState::AwaitingReference;
                (
                    found.subject,
                    found.blocklist,
                    SelfieForm::Photo,
                    waits && !found.deadline().has_passed(now),
                )
            }
            About::Verification(id) => {
                let found = tx.verification(link.tenant, id).await?.ok_or(UploadError::Closed)?;
                let demand = found.demand;
                let waits = found.state == VerificationState::Capturing
                    && match (&found.pages, link.side) {
                        (None, None) => true,
                        (Some(pages), Some(side)) => pages.get(side).is_none(),
                        _ => return Err(UploadError::Closed),
                    };
                (
                    found.subject,
                    demand.blocklist,
                    demand.selfie_form(),
                    waits && !found.deadline.has_passed(now),
                )
            }
            // Its pictures come with a key.
            About::Session(_) => return Err(UploadError::Closed),
        };
        let taken = if is_open {
            None
        } else {
            Some(self.taken_before(&mut tx, link).await?.ok_or(UploadError::Closed)?)
        };
        Ok(OpenUpload { link, subject, blocklist, form, taken })
    }

    /// Takes the photo `bytes`. The same bytes again get the same answer; other bytes find the link closed.
    ///
    /// A selfie is judged before this returns, unless that takes unusually long. If whoever waits goes away, an accepted
    /// photo is judged all the same.
    ///
    /// # Errors
    /// [`UploadError`].
    pub async fn upload(
        &self,
        admission: Admission,
        open: OpenUpload,
        bytes: Bytes,
    ) -> Result<Receipt, UploadError> {
        // A task of its own: a client that hangs up must not stop it between two steps.
        let service = self.clone();
        let task = tokio::spawn(async move {
            let _admission = admission;
            service.take(open, bytes).await
        });
        task.await.map_err(|_| ServiceError::Interrupted)?
    }

    async fn take(&self, open: OpenUpload, bytes: Bytes) -> Result<Receipt, UploadError> {
        let OpenUpload { link, subject, blocklist, form, taken } = open;
        let digest = self.store().digest(link.tenant, &bytes).await?;
        if let Some(taken) = taken {
            return self.answer_again(link, taken == digest, bytes).await;
        }
        // Before there is a photo in memory: the first look into a large list waits until it is read.
        let list = match blocklist {
            Some(fpir) => Some((self.blocklist(link.tenant).await?, fpir)),
            None => None,
        };
        let upload = Upload { link, subject, digest, bytes: bytes.clone() };
        let result = match (link.about, link.side) {
            (About::Enrollment(id), _) => self.take_reference(id, upload, list).await,
            (About::Verification(id), None) => self.take_selfie(id, upload, form).await,
            (About::Verification(id), Some(side)) => self.take_page(id, side, upload).await,
            (About::Session(_), _) => Err(UploadError::Closed),
        };
        if !matches!(result, Err(UploadError::Closed)) {
            return result;
        }
        // Somebody was quicker in the meantime, perhaps with the same photo.
        let mut tx = self.store().begin().await?;
        let taken = self.taken_before(&mut tx, link).await?;
        // What was seen here may not be on the disk yet; after this it is, and every reader sees it.
        tx.commit().await?;
        self.answer_again(link, taken == Some(digest), bytes).await
    }

    /// The answer that the same bytes got before.
    async fn answer_again(
        &self,
        link: UploadLink,
        is_same: bool,
        bytes: Bytes,
    ) -> Result<Receipt, UploadError> {
        if !is_same {
            return Err(UploadError::Closed);
        }
        let About::Enrollment(id) = link.about else { return Ok(Receipt::Submitted) };
        let enrollment = self.store().look().await?.enrollment(link.tenant, id).await?;
        match enrollment.ok_or(UploadError::Closed)?.state {
            EnrollmentState::Failed(EnrollmentFailure::NoFace) => Err(UploadError::NoFace),
            EnrollmentState::Failed(EnrollmentFailure::FormatNotSupported) => {
                let again = self.inner.faces.run(move |app| app.decode(&bytes).err()).await?;
                Err(UploadError::Format(again.unwrap_or(DecodeError::UnknownFormat)))
            }
            EnrollmentState::Failed(EnrollmentFailure::FaceBlocked) => Ok(Receipt::Blocked),
            _ => Ok(Receipt::Enrolled),
        }
    }

    async fn take_reference(
        &self,
        id: EnrollmentId,
        upload: Upload,
        list: Option<(Arc<Blocklist>, Fpir)>,
    ) -> Result<Receipt, UploadError> {
        let room = self.inner.faces.frame_room().await?;
        let photo = upload.bytes.clone();
        let seen = self.inner.faces.run(move |app| {
            let face = see_reference(app, &photo)?;
            let is_blocked = is_blocked(app, &face, list.as_ref())?;
            Ok((face, is_blocked))
        });
        let seen: Result<(ReferenceFace, bool), UploadError> = seen.await?;
        drop(room);
        let command = match &seen {
            Err(UploadError::TooLarge) => return Err(UploadError::TooLarge),
            Err(UploadError::Format(_)) => EnrollmentCommand::Fail(EnrollmentFailure::FormatNotSupported),
            Err(UploadError::NoFace) => EnrollmentCommand::Fail(EnrollmentFailure::NoFace),
            Err(_) => EnrollmentCommand::Fail(EnrollmentFailure::System),
            Ok((_, true)) => EnrollmentCommand::Fail(EnrollmentFailure::FaceBlocked),
            Ok((_, false)) => EnrollmentCommand::Refer,
        };
        let face = seen.as_ref().ok().filter(|(_, is_blocked)| !is_blocked).map(|(face, _)| face);
        self.settle_reference(id, &upload, command, face).await?;
        seen.map(|(_, is_blocked)| if is_blocked { Receipt::Blocked } else { Receipt::Enrolled })
    }

    /// Saves what became of an enrollment by its photo; `face` where there is one to keep.
    async fn settle_reference(
        &self,
        id: EnrollmentId,
        upload: &Upload,
        command: EnrollmentCommand,
        face: Option<&ReferenceFace>,
    ) -> Result<(), UploadError> {
        let kept = match face {
            Some(face) => Some((self.keep_photo(upload, Role::Reference).await?, reference::to_bytes(face)?)),
            None => None,
        };
        let mut tx = self.store().begin().await?;
        // Under the write lock once more: another upload may have been quicker.
        let enrollment = tx.enrollment(upload.link.tenant, id).await?.ok_or(UploadError::Closed)?;
        let (next, event) = enrollment.apply(command, self.now()).map_err(|_| UploadError::Closed)?;
        tx.save_enrollment(&next).await?;
        if let Some((artifact, face)) = &kept {
            tx.insert_artifact(artifact).await?;
            tx.put_reference(&next, face).await?;
        }
        tx.set_upload(upload.link.about, upload.digest, self.now()).await?;
        if let Some(kind) = event {
            let event = self.event((next.tenant, next.subject), next.origin, kind, upload.link.about)?;
            tx.append_event(&event).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The selfie `bytes`, as far as it is read before it is accepted.
    async fn read_selfie(&self, bytes: Bytes, form: SelfieForm) -> Result<Submission, UploadError> {
        if video::sniff(&bytes).is_none() {
            let frame = self.inner.faces.run(move |app| app.decode(&bytes)).await?;
            let frame = frame.map_err(refusal)?;
            return match form {
                SelfieForm::Clip => Err(UploadError::VideoAsked),
                SelfieForm::Photo | SelfieForm::PhotoOrClip => Ok(Submission::Photo(frame)),
            };
        }
        if form == SelfieForm::Photo {
            return Err(UploadError::VideoNotAsked);
        }
        let surveyed = self.inner.faces.run(move |app| (app.survey_clip(&bytes), bytes)).await?;
        match surveyed {
            (Ok(Ok(_)), bytes) => Ok(Submission::Clip(bytes)),
            (Ok(Err(VideoError::TooLarge { .. })), _) => Err(UploadError::TooLarge),
            (Ok(Err(error)), _) => Err(UploadError::Video(error)),
            (Err(AppError::NoDecoder), _) => Err(UploadError::VideoNotRead),
            (Err(error), _) => Err(ServiceError::from(error).into()),
        }
    }

    async fn take_selfie(
        &self,
        id: VerificationId,
        upload: Upload,
        form: SelfieForm,
    ) -> Result<Receipt, UploadError> {
        let room = self.inner.faces.frame_room().await?;
        let submission = self.read_selfie(upload.bytes.clone(), form).await?;
        let artifact = self.keep_photo(&upload, Role::Selfie).await?;
        let mut tx = self.store().begin().await?;
        let waiting = tx.verification(upload.link.tenant, id).await?.ok_or(UploadError::Closed)?;
        let now = self.now();
        let (verification, _) =
            waiting.apply(VerificationCommand::Submit, now).map_err(|_| UploadError::Closed)?;
        let job = Job {
            id: JobId::from_bytes(self.id()?),
            kind: JobKind::Judge,
            tenant: verification.tenant,
            about: upload.link.about,
            attempts: 0,
            failures: 0,
            run_at: now,
            created_at: now,
        };
        // This node judges it itself, with the frame it has.
        let lease = Lease::new(job.id, &self.inner.node, now.plus(JUDGE_LEASE))?;
        tx.save_verification(&verification).await?;
        tx.insert_artifact(&artifact).await?;
        tx.set_upload(upload.link.about, upload.digest, now).await?;
        tx.enqueue_claimed(&job, &lease).await?;
        let face = self.reference_face(&mut tx, &verification).await?;
        let token = tx.spoken_token(&verification).await?;
        tx.commit().await?;
        // The photo is safe from here on. If judging takes unusually long, it goes on without anybody who waits.
        drop(upload);
        let service = self.clone();
        let case = Case { verification, face, submission, token, room };
        let judging = tokio::spawn(async move { service.judge_now(&job, &lease, case).await });
        let _ = tokio::time::timeout(ANSWER_AFTER, judging).await;
        Ok(Receipt::Submitted)
    }

    /// Encrypts a photo to disk. Its row follows in the transaction that accepts it; without one the sweep deletes it.
    pub(super) async fn keep_photo(&self, upload: &Upload, role: Role) -> Result<Artifact, ServiceError> {
        let now = self.now();
        let artifact = Artifact {
            id: ArtifactId::from_bytes(self.id()?),
            tenant: upload.link.tenant,
            subject: upload.subject,
            about: upload.link.about,
            role,
            format: format(&upload.bytes).to_owned(),
            bytes: upload.bytes.len() as u64,
            digest: upload.digest,
            created_at: now,
            // A reference stays as long as its enrollment.
            delete_after: (!matches!(upload.link.about, About::Enrollment(_))).then(|| now.plus(RETENTION)),
        };
        self.store().put_blob(&artifact, upload.bytes.clone()).await?;
        Ok(artifact)
    }
}

/// The media type of a photo or a recording, by its content.
pub(crate) fn format(bytes: &[u8]) -> &'static str {
    match media::sniff(bytes) {
        Some(Format::Jpeg) => "image/jpeg",
        Some(Format::Png) => "image/png",
        Some(Format::WebP) => "image/webp",
        None => video::sniff(bytes).map_or("application/octet-stream", video::Container::media_type),
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

/// Whether a face is on the blocklist, where it is looked for.
fn is_blocked(
    app: &App,
    face: &ReferenceFace,
    list: Option<&(Arc<Blocklist>, Fpir)>,
) -> Result<bool, UploadError> {
    let (Some((list, fpir)), Some(probe)) = (list, &face.template) else { return Ok(false) };
    let found = app.search(list, probe, *fpir).map_err(ServiceError::from)?;
    Ok(found.matched.is_some())
}

pub(super) fn refusal(error: DecodeError) -> UploadError {
    match error {
        DecodeError::TooManyBytes { .. } => UploadError::TooLarge,
        error => UploadError::Format(error),
    }
}
