//! Verifications: opened, looked at. Their selfie comes through `upload`, their decision from `judging`.

use std::net::IpAddr;
use std::time::Duration;

use domain::{
    About, Attempt, Deadline, Demand, DocumentJudgement, DocumentPages, Enrollment, Event, Fmr, JobId,
    Judgement, MAX_DIGITS, Origin, PageSide, Role, Similarity, SpokenLanguage, SpokenToken, Verification,
    VerificationId, VerificationState, WantedDocument,
};
use engine::face::compare::Calibration;
use serde_json::Value;
use store::{Artifact, AuditEntry, Job, JobKind, Page, Subject, Tx};

use super::Service;
use super::limits::network;
use super::pages::PageLinks;
use crate::{Caller, LinkError, ServiceError};

/// A verification to be opened.
#[derive(Debug, Clone, PartialEq)]
pub struct NewVerification {
    /// The dialect.
    pub origin: Origin,
    /// The tenant's reference for the person; the key's own person where it is missing. Where no face is compared,
    /// somebody who is not known yet is made known, and a new person where it is missing.
    pub subject: Option<String>,
    /// What is asked of the selfie.
    pub demand: Demand,
    /// What is to be said, where that is asked.
    pub token: Option<TokenWish>,
    /// The document that is asked for instead.
    pub document: Option<WantedDocument>,
    /// How long the pictures may take.
    pub timeout: Duration,
    /// The attempt before it.
    pub retry_of: Option<VerificationId>,
    /// Attempts that may follow a first one.
    pub allowed_retries: u8,
    /// How long after its end the next one may be opened.
    pub retry_ttl: Duration,
    /// The address of the person's own device, to slow down guessing from there; `None` where a tenant's server asks
    /// for all of its people. Kept as a keyed hash, and only as long as it counts.
    pub address: Option<IpAddr>,
    /// What only the dialect reads. Kept encrypted.
    pub extra: Value,
}

/// What is to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenWish {
    /// This.
    Given(SpokenToken),
    /// Digits that nobody knows before, in this language.
    Drawn(SpokenLanguage),
}

/// Digits of a token that is drawn: by chance one of 10,000 says it.
const DRAWN_DIGITS: usize = 4;

/// A verification and what belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct VerificationView {
    /// The verification.
    pub verification: Verification,
    /// The person.
    pub subject: Subject,
    /// The decision and what it rests on, once there is one.
    pub judgement: Option<Judgement>,
    /// What was found on the document that it asked for, once it was judged.
    pub document: Option<DocumentJudgement>,
    /// What is to be said, where that is asked.
    pub token: Option<SpokenToken>,
    /// What only the dialect reads.
    pub extra: Value,
    /// Whether another attempt follows it already.
    pub is_retried: bool,
    /// The token of the link that takes its selfie, while it waits for one.
    pub upload_link: Option<String>,
    /// The tokens of the links that take the sides of its document, while it waits for these.
    pub page_links: PageLinks,
}

/// What is kept with a new verification.
struct NewRow<'a> {
    network: Option<String>,
    token: Option<&'a SpokenToken>,
    extra: &'a Value,
}

/// The photos of a verification, as tokens of links that live for 15 minutes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileLinks {
    /// The reference photo.
    pub reference: Vec<String>,
    /// The selfie.
    pub selfie: Vec<String>,
    /// The document's front.
    pub front: Option<String>,
    /// Its back.
    pub back: Option<String>,
}

/// A stored photo.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// Its media type.
    pub format: String,
    /// Its bytes, as they were uploaded.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "File({}, {} bytes)", self.format, self.bytes.len())
    }
}

/// Why no verification was opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The person has no face to compare with.
    #[error("the account has no enrollment with a face: create one and upload its photo first")]
    NotEnrolled,
    /// A similarity so low accepts too many strangers.
    #[error("the threshold is below the lowest allowed one, {floor}")]
    ThresholdTooLow {
        /// The lowest threshold of this tenant.
        floor: Similarity,
    },
    /// The attempt before it does not allow another one.
    #[error("the validation cannot be retried: {0}")]
    Retry(#[from] RetryRefusal),
    /// What hears spoken tokens is not there.
    #[error(
        "speech_match is not available on this server: its operator fetches what hears it with \
         `bonafide assets pull --group voice --group video` and starts it again"
    )]
    SpeechNotHeard,
    /// The key is for another person.
    #[error("Insufficient permissions")]
    NotPermitted,
    /// The person, the device or the address was declined too often.
    #[error("too many attempts of this account, device or address were declined: try again later")]
    Throttled {
        /// When the next attempt may be opened.
        retry_after: Duration,
    },
    /// The plan's verifications of this month are used up.
    #[error(
        "the plan's {limit} verifications of this month are used up: wait for the next one, or choose another plan"
    )]
    QuotaUsed {
        /// How many there are in a month.
        limit: u64,
        /// When the next month begins.
        retry_after: Duration,
    },
    /// Something broke here.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// Why there is no other attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RetryRefusal {
    /// There is no such attempt of this person.
    #[error("there is no such validation of this account")]
    Unknown,
    /// It asks for a document and the other does not, or the other way round.
    #[error("it is of another type")]
    AnotherType,
    /// It did not end with a refusal of the evidence.
    #[error("it has not been declined")]
    NotDeclined,
    /// It did not ask whether the person is live.
    #[error("it did not ask for passive liveness")]
    WithoutLiveness,
    /// No attempt is left.
    #[error("no attempt is left")]
    NoneLeft,
    /// Too much time has passed.
    #[error("the time for another attempt is over")]
    TooLate,
    /// Another attempt follows it already.
    #[error("it has been retried already")]
    Taken,
}

impl Service {
    /// The lowest threshold that the caller's tenant allows.
    pub fn similarity_floor(&self, caller: &Caller) -> Similarity {
        floor_at(&Calibration::shipped(), Fmr(caller.tenant.similarity_floor_fmr))
    }

    /// Opens a verification: of an enrolled person, or of anybody where only the blocklist is asked.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open_verification(
        &self,
        caller: &Caller,
        new: NewVerification,
    ) -> Result<VerificationView, OpenError> {
        let floor = self.similarity_floor(caller);
        if new.demand.similarity.is_some_and(|threshold| threshold < floor) {
            return Err(OpenError::ThresholdTooLow { floor });
        }
        let is_search = new.demand.is_search_only();
        // Whoever holds a device could look for a face that is not found.
        if is_search && !caller.is_backend() {
            return Err(OpenError::NotPermitted);
        }
        if new.demand.speech.is_some() && self.inner.voice_models.is_none() {
            return Err(OpenError::SpeechNotHeard);
        }
        let token = match &new.token {
            Some(TokenWish::Given(token)) => Some(token.clone()),
            Some(TokenWish::Drawn(language)) => Some(self.draw_token(*language)?),
            None => None,
        };
        let anybody = if is_search || new.document.is_some() {
            Some(self.anybody(caller, new.subject.as_deref()).await?)
        } else {
            None
        };
        let mut tx = self.store().begin().await?;
        let (subject, enrollment) = if let Some(subject) = anybody {
            (subject, None)
        } else {
            let (subject, enrollment) = self.enrolled(&mut tx, caller, new.subject.as_deref()).await?;
            (subject, Some(enrollment.id))
        };
        let attempt = self.attempt(&mut tx, caller, &new, &subject).await?;
        let network = new.address.map(network);
        // A search says nothing about whether it is the person of the account: nobody guesses by it.
        if !is_search {
            let device = caller.key.is_on_a_device().then_some(caller.key.id);
            self.check_attempts(&mut tx, (caller.tenant.id, subject.id), device, network.as_deref(), None)
                .await?;
        }
        self.count_verification(&mut tx, caller).await?;
        let now = self.now();
        let verification = Verification {
            id: VerificationId::from_bytes(self.id()?),
            tenant: caller.tenant.id,
            subject: subject.id,
            enrollment,
            origin: new.origin,
            demand: new.demand,
            pages: new.document.map(DocumentPages::of),
            state: VerificationState::Capturing,
            attempt,
            created_at: now,
            deadline: Deadline(now.plus(new.timeout)),
            submitted_at: None,
            ended_at: None,
        };
        let kept = NewRow { network, token: token.as_ref(), extra: &new.extra };
        if !self.insert_verification(tx, caller, &verification, &kept).await? {
            return Err(RetryRefusal::Taken.into());
        }
        let (upload_link, page_links) = self.links(&verification)?;
        Ok(VerificationView {
            verification,
            subject,
            judgement: None,
            document: None,
            token,
            extra: new.extra,
            is_retried: false,
            upload_link,
            page_links,
        })
    }

    fn draw_token(&self, language: SpokenLanguage) -> Result<SpokenToken, ServiceError> {
        let mut bytes = [0; MAX_DIGITS * 4];
        for part in bytes.chunks_mut(16) {
            part.copy_from_slice(&self.inner.entropy.bytes()?[..part.len()]);
        }
        Ok(SpokenToken::draw(DRAWN_DIGITS, &bytes, language))
    }

    /// `false` when another attempt follows the same one already.
    async fn insert_verification(
        &self,
        mut tx: Tx,
        caller: &Caller,
        verification: &Verification,
        kept: &NewRow<'_>,
    ) -> Result<bool, ServiceError> {
        if !tx.insert_verification(verification, kept.extra).await? {
            return Ok(false);
        }
        if let Some(token) = kept.token {
            tx.save_spoken_token(verification, token).await?;
        }
        let device = caller.key.is_on_a_device().then_some(caller.key.id);
        if !verification.demand.is_search_only() {
            tx.insert_attempt(verification, device, kept.network.as_deref()).await?;
        }
        let about = About::Verification(verification.id);
        let who = (verification.tenant, verification.subject);
        let event = self.event(who, verification.origin, verification.created(), about)?;
        tx.append_event(&Event { at: verification.created_at, ..event }).await?;
        tx.enqueue(&Job {
            id: JobId::from_bytes(self.id()?),
            kind: JobKind::ExpireVerification,
            tenant: verification.tenant,
            about,
            attempts: 0,
            failures: 0,
            // The deadline itself is still in time.
            run_at: verification.deadline.0.plus(Duration::from_millis(1)),
            created_at: verification.created_at,
        })
        .await?;
        let entry = self.audit_entry(caller, "verification.create", &verification.id.to_string());
        tx.append_audit(&entry).await?;
        tx.commit().await?;
        self.ring_for(verification.deadline.0);
        Ok(true)
    }

    /// Whose verification it is where no face is compared.
    async fn anybody(&self, caller: &Caller, reference: Option<&str>) -> Result<Subject, OpenError> {
        let own = match (reference, caller.key.subject) {
            (_, None) => return Ok(self.subject_or_new(caller, reference).await?),
            (None, Some(own)) => self.store().look().await?.subject(caller.tenant.id, own).await?,
            (Some(_), Some(_)) => self.known_subject(caller, reference).await?,
        };
        own.filter(|subject| caller.admits(subject.id)).ok_or(OpenError::NotPermitted)
    }

    /// The person and the face to compare with.
    async fn enrolled(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        reference: Option<&str>,
    ) -> Result<(Subject, Enrollment), OpenError> {
        let tenant = caller.tenant.id;
        let subject = match (reference, caller.key.subject) {
            (Some(reference), _) => tx.subject_by_reference(tenant, reference).await?,
            (None, Some(own)) => tx.subject(tenant, own).await?,
            (None, None) => None,
        };
        if caller.key.subject.is_some() && !subject.as_ref().is_some_and(|subject| caller.admits(subject.id))
        {
            return Err(OpenError::NotPermitted);
        }
        let subject = subject.ok_or(OpenError::NotEnrolled)?;
        let enrollment = tx.latest_enrollment(tenant, subject.id).await?;
        let enrollment = enrollment.filter(Enrollment::is_usable).ok_or(OpenError::NotEnrolled)?;
        Ok((subject, enrollment))
    }

    async fn attempt(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        new: &NewVerification,
        subject: &Subject,
    ) -> Result<Attempt, OpenError> {
        let Some(id) = new.retry_of else {
            let may_follow = new.demand.liveness || new.document.is_some();
            let remaining = if may_follow { new.allowed_retries } else { 0 };
            return Ok(Attempt { retry_of: None, remaining, retry_ttl: new.retry_ttl });
        };
        let before = tx.verification(caller.tenant.id, id).await?;
        let before = before.filter(|before| before.subject == subject.id).ok_or(RetryRefusal::Unknown)?;
        if before.pages.is_some() != new.document.is_some() {
            return Err(RetryRefusal::AnotherType.into());
        }
        if new.document.is_none() && !(before.demand.liveness && new.demand.liveness) {
            return Err(RetryRefusal::WithoutLiveness.into());
        }
        if !before.is_declined() {
            return Err(RetryRefusal::NotDeclined.into());
        }
        let end = before.retry_deadline().ok_or(RetryRefusal::NoneLeft)?;
        if end.has_passed(self.now()) {
            return Err(RetryRefusal::TooLate.into());
        }
        let remaining = before.attempt.remaining.saturating_sub(1);
        Ok(Attempt { retry_of: Some(id), remaining, retry_ttl: before.attempt.retry_ttl })
    }

    /// The verification, where the dialect `origin` opened it and the caller may act for its person.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn verification(
        &self,
        caller: &Caller,
        origin: Origin,
        id: VerificationId,
    ) -> Result<Option<VerificationView>, ServiceError> {
        let mut tx = self.store().read().await?;
        let Some(verification) = tx.verification(caller.tenant.id, id).await? else { return Ok(None) };
        if verification.origin != origin || !caller.admits(verification.subject) {
            return Ok(None);
        }
        self.verification_view(&mut tx, verification).await
    }

    /// Verifications of the caller's tenant that the dialect `origin` opened, newest first; of one person where
    /// `subject` names one.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn verifications(
        &self,
        caller: &Caller,
        origin: Origin,
        subject: Option<&Subject>,
        page: &Page,
    ) -> Result<Vec<VerificationView>, ServiceError> {
        let mut tx = self.store().read().await?;
        let subject = subject.map(|subject| subject.id);
        let found = tx.verifications(caller.tenant.id, origin, subject, page).await?;
        let mut views = Vec::new();
        for verification in found.into_iter().filter(|found| caller.admits(found.subject)) {
            views.extend(self.verification_view(&mut tx, verification).await?);
        }
        Ok(views)
    }

    async fn verification_view(
        &self,
        tx: &mut Tx,
        verification: Verification,
    ) -> Result<Option<VerificationView>, ServiceError> {
        let Some(subject) = tx.subject(verification.tenant, verification.subject).await? else {
            return Ok(None);
        };
        let judgement = tx.judgement(&verification).await?;
        let extra = tx.extra(&verification).await?;
        let is_retried = verification.is_declined() && tx.retry_of(verification.id).await?.is_some();
        let document = tx.document_judgement(&verification).await?;
        let token = tx.spoken_token(&verification).await?;
        let (upload_link, page_links) = self.links(&verification)?;
        Ok(Some(VerificationView {
            verification,
            subject,
            judgement,
            document,
            token,
            extra,
            is_retried,
            upload_link,
            page_links,
        }))
    }

    /// The tokens of the links that take what a verification waits for.
    fn links(&self, verification: &Verification) -> Result<(Option<String>, PageLinks), ServiceError> {
        let is_open = verification.state == VerificationState::Capturing
            && !verification.deadline.has_passed(self.now());
        if verification.pages.is_some() || !is_open {
            return Ok((None, self.page_links(verification)?));
        }
        let about = About::Verification(verification.id);
        let link = self.upload_link(verification.tenant, about, None, verification.deadline.0)?;
        Ok((Some(link), PageLinks::default()))
    }

    /// Links to the photos of a verification, for 15 minutes. What they show is noted in the audit log as shown to
    /// `caller`.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn file_links(
        &self,
        caller: &Caller,
        view: &VerificationView,
    ) -> Result<FileLinks, ServiceError> {
        let verification = &view.verification;
        let mut tx = self.store().read().await?;
        let mut artifacts = match verification.enrollment {
            Some(id) => tx.artifacts(About::Enrollment(id)).await?,
            None => Vec::new(),
        };
        artifacts.extend(tx.artifacts(About::Verification(verification.id)).await?);
        let mut links = FileLinks::default();
        for artifact in artifacts.iter().filter(|artifact| artifact.tenant == verification.tenant) {
            let link = self.file_link(caller, artifact.id)?;
            if let Some(pages) = &verification.pages {
                let is_of = |side| pages.get(side) == Some(artifact.id);
                if is_of(PageSide::Front) {
                    links.front = Some(link);
                } else if is_of(PageSide::Back) {
                    links.back = Some(link);
                }
                continue;
            }
            match artifact.role {
                Role::Reference => links.reference.push(link),
                Role::Selfie => links.selfie.push(link),
            }
        }
        Ok(links)
    }

    /// The photo that a link shows; `None` when it has been deleted since. Who asked for the link is noted in the audit
    /// log.
    ///
    /// # Errors
    /// [`LinkError`] inside, those of the store outside.
    pub async fn open_file(&self, token: &str) -> Result<Result<Option<File>, LinkError>, ServiceError> {
        let (tenant, id, key) = match self.read_file_link(token) {
            Ok(link) => link,
            Err(error) => return Ok(Err(error)),
        };
        let artifact: Option<Artifact> = self.store().read().await?.artifact(tenant, id).await?;
        let Some(artifact) = artifact else { return Ok(Ok(None)) };
        let Some(bytes) = self.store().blob(&artifact).await? else { return Ok(Ok(None)) };
        // Before it is shown: what cannot be noted is not shown.
        let mut tx = self.store().begin().await?;
        tx.append_audit(&AuditEntry {
            tenant: Some(tenant),
            actor: key.to_string(),
            action: "photo.show".to_owned(),
            about: id.to_string(),
            at: self.now(),
        })
        .await?;
        tx.commit().await?;
        Ok(Ok(Some(File { format: artifact.format, bytes })))
    }
}

/// The lowest threshold at the false match rate `fmr`. Beyond what was measured the nearest measured point holds, so that
/// a stricter wish never gives a looser floor.
fn floor_at(calibration: &Calibration, fmr: Fmr) -> Similarity {
    let nearest = || {
        let is_stricter = calibration.anchors.last().is_some_and(|strictest| fmr.0 < strictest.fmr);
        let anchor = if is_stricter { calibration.anchors.last() } else { calibration.anchors.first() };
        Similarity::clamped(anchor.map_or(1.0, |anchor| anchor.similarity))
    };
    calibration.threshold_at(fmr).unwrap_or_else(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stricter_rate_never_gives_a_lower_floor() {
        let calibration = Calibration::shipped();
        let floor = |fmr| floor_at(&calibration, Fmr(fmr)).get();
        for (fmr, expected) in [(0.5, 0.5), (1e-2, 0.5), (1e-4, 0.65), (1e-5, 0.8), (1e-7, 0.8), (0.0, 0.8)] {
            assert!((floor(fmr) - expected).abs() < 1e-6, "{fmr}: {}", floor(fmr));
        }
    }
}
