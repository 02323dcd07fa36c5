//! A document that is verified without its holder: the pictures of its sides come through their links, and a job judges
//! them together.

use std::sync::Arc;

use domain::{
    ArtifactId, Day, DocumentEvidence, DocumentFacts, DocumentJudgement, DocumentPages, DocumentPolicy,
    HistorySignal, JobId, PageEvidence, PageSide, PhotoEvidence, Role, SelfieEvidence, Verification,
    VerificationCommand, VerificationId, VerificationState,
};
use store::{Digest, Job, JobKind, Lease, Tx};

use super::Service;
use super::jobs::Trouble;
use super::sessions::transactions::pages::ON_REQUEST;
use super::upload::{Receipt, Upload, UploadError, refusal};
use crate::{AppError, ServiceError, UploadLink};

/// The tokens of the links that take the sides which have yet to come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageLinks {
    /// The front's.
    pub front: Option<String>,
    /// The back's.
    pub back: Option<String>,
}

impl Service {
    /// The links of a verification that asks for a document; none for any other, or where it takes nothing now.
    pub(crate) fn page_links(&self, verification: &Verification) -> Result<PageLinks, ServiceError> {
        let is_open = verification.state == VerificationState::Capturing
            && !verification.deadline.has_passed(self.now());
        let mut links = PageLinks::default();
        let Some(pages) = verification.pages.as_ref().filter(|_| is_open) else { return Ok(links) };
        for side in pages.sides().iter().filter(|side| pages.get(**side).is_none()) {
            let about = domain::About::Verification(verification.id);
            let end = verification.deadline.0;
            let link = self.upload_link(verification.tenant, about, Some(*side), end)?;
            match side {
                PageSide::Front => links.front = Some(link),
                PageSide::Back => links.back = Some(link),
            }
        }
        Ok(links)
    }

    /// The digest of what came through `link` before.
    pub(super) async fn taken_before(
        &self,
        tx: &mut Tx,
        link: UploadLink,
    ) -> Result<Option<Digest>, ServiceError> {
        let (Some(side), domain::About::Verification(id)) = (link.side, link.about) else {
            return Ok(tx.upload(link.about).await?);
        };
        let verification = tx.verification(link.tenant, id).await?;
        let image = verification.and_then(|found| found.pages.as_ref().and_then(|pages| pages.get(side)));
        let Some(image) = image else { return Ok(None) };
        Ok(tx.artifact(link.tenant, image).await?.map(|artifact| artifact.digest))
    }

    /// Takes the picture of a side. The last one has all of them judged.
    pub(super) async fn take_page(
        &self,
        id: VerificationId,
        side: PageSide,
        upload: Upload,
    ) -> Result<Receipt, UploadError> {
        let room = self.inner.faces.frame_room().await?;
        let (bytes, reader) = (upload.bytes.clone(), Arc::clone(&self.inner.pages));
        let read = self.inner.faces.run(move |app| {
            reader.check(app).map_err(ServiceError::App)?;
            app.decode(&bytes).map(drop).map_err(refusal)
        });
        read.await??;
        drop(room);
        let artifact = self.keep_photo(&upload, Role::Reference).await?;
        let mut tx = self.store().begin().await?;
        // Under the write lock once more: another upload may have been quicker.
        let waiting = tx.verification(upload.link.tenant, id).await?.ok_or(UploadError::Closed)?;
        let now = self.now();
        let take = VerificationCommand::TakePage { side, image: artifact.id };
        let (next, _) = waiting.apply(take, now).map_err(|_| UploadError::Closed)?;
        tx.save_verification(&next).await?;
        tx.insert_artifact(&artifact).await?;
        if next.state == VerificationState::Processing {
            let job = Job {
                id: JobId::from_bytes(self.id()?),
                kind: JobKind::Judge,
                tenant: next.tenant,
                about: upload.link.about,
                attempts: 0,
                failures: 0,
                run_at: now,
                created_at: now,
            };
            tx.enqueue(&job).await?;
        }
        tx.commit().await?;
        self.ring_for(now);
        Ok(Receipt::Submitted)
    }

    /// Judges the pages of a document, from the store.
    pub(super) async fn judge_pages(
        &self,
        verification: &Verification,
        pages: &DocumentPages,
        lease: &Lease,
    ) -> Result<(), Trouble> {
        let front = self.look_at_side(verification, pages.front).await?;
        let back = match pages.back {
            Some(back) => Some(self.look_at_side(verification, Some(back)).await?),
            None => None,
        };
        let now = self.now();
        let made = DocumentPolicy::STANDARD.assess_pages(&pages.wanted, &front, back.as_ref(), now);
        let facts =
            DocumentFacts::of(&[Some(&front), back.as_ref()].into_iter().flatten().collect::<Vec<_>>());
        let nobody = PhotoEvidence { faces: 0, quality: None };
        let evidence = DocumentEvidence {
            front: Some(front),
            back,
            selfie: SelfieEvidence { photo: nobody, liveness: None, room: None, capture: None },
            portrait: None,
            comparison: None,
            blocklist: None,
            history: HistorySignal::default(),
            faces: None,
        };
        let judgement = DocumentJudgement {
            policy: made.policy.to_owned(),
            decision: made.decision,
            checks: made.checks.into(),
            faults: made.faults,
            evidence: Some(evidence),
            facts,
            templates: None,
            models: self.inner.document_models.clone(),
            at: now,
        };
        self.conclude_pages(verification, lease, &judgement).await
    }

    /// What is read of a side.
    async fn look_at_side(
        &self,
        verification: &Verification,
        image: Option<ArtifactId>,
    ) -> Result<PageEvidence, Trouble> {
        let id = image.ok_or(Trouble::Hopeless)?;
        let artifact = self.store().look().await?.artifact(verification.tenant, id).await?;
        let bytes = self.store().blob(&artifact.ok_or(Trouble::Hopeless)?).await?;
        let bytes = bytes.ok_or(Trouble::Hopeless)?;
        let room = self.inner.faces.frame_room().await?;
        let (reader, today) = (Arc::clone(&self.inner.pages), Day::of(self.now()));
        let read = self.inner.faces.run(move |app| {
            // It was decoded before it was accepted.
            let frame = app.decode(&bytes).map_err(|_| Trouble::Hopeless)?;
            let read: Result<_, AppError> = reader.read_page(app, &frame, today);
            Ok::<_, Trouble>(read.map_err(ServiceError::App)?.evidence)
        });
        let mut page = read.await??;
        drop(room);
        // Nobody is told of it.
        page.fields.retain(|field| !ON_REQUEST.contains(&field.name));
        Ok(page)
    }

    /// Saves the decision, what it rests on, the event and the end of the job, all at once.
    async fn conclude_pages(
        &self,
        judged: &Verification,
        lease: &Lease,
        judgement: &DocumentJudgement,
    ) -> Result<(), Trouble> {
        let mut tx = self.store().begin().await?;
        if !tx.finish_job(lease).await? {
            return Err(Trouble::LeaseLost);
        }
        let verification = tx.verification(judged.tenant, judged.id).await?;
        let decide = VerificationCommand::Decide(judgement.decision);
        let ended = verification.and_then(|verification| verification.apply(decide, self.now()).ok());
        let Some((next, event)) = ended else { return Ok(tx.commit().await?) };
        tx.save_verification(&next).await?;
        tx.save_document_judgement(&next, judgement).await?;
        if judgement.faults.iter().any(|fault| fault.speaks_against()) {
            tx.decline_attempt(next.id, judgement.at).await?;
        } else {
            tx.forget_attempt(next.id).await?;
        }
        if let Some(kind) = event {
            let (who, about) = ((next.tenant, next.subject), domain::About::Verification(next.id));
            tx.append_event(&self.event(who, next.origin, kind, about)?).await?;
        }
        Ok(tx.commit().await?)
    }
}
