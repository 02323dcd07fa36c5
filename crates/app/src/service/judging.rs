//! A selfie is judged: the one job that needs the engine.

use std::time::Duration;

use domain::{
    About, Assessment, Enrollment, EnrollmentCommand, JobId, Judgement, PhotoEvidence, Refused, Role,
    SpokenToken, Verification, VerificationCommand, VerificationState,
};
use engine::face::compare::Calibration;
use store::{Job, JobKind, Lease, Tx};

use super::faces::FrameRoom;
use super::jobs::{Outcome, Trouble};
use super::{RETENTION, Service, reference};
use crate::ServiceError;
use crate::judge::{ReferenceFace, Submission};

/// Everything that is needed to judge a selfie.
pub(crate) struct Case {
    pub verification: Verification,
    pub face: ReferenceFace,
    pub submission: Submission,
    /// What is to be said in it.
    pub token: Option<SpokenToken>,
    pub room: FrameRoom,
}

impl Service {
    /// Judges right after the upload was accepted, with what is at hand.
    pub(crate) async fn judge_now(&self, job: &Job, lease: &Lease, case: Case) -> Outcome {
        self.keep_alive(job, lease, self.judge(lease, case)).await
    }

    /// Judges a selfie that was accepted before, from the store.
    pub(crate) async fn judge_later(&self, job: &Job, lease: &Lease) -> Result<(), Trouble> {
        let About::Verification(id) = job.about else { return Err(Trouble::Hopeless) };
        let mut tx = self.store().read().await?;
        let verification = tx.verification(job.tenant, id).await?;
        let Some(verification) = verification.filter(|found| found.state == VerificationState::Processing)
        else {
            // Erased or ended in the meantime: there is nothing to judge.
            drop(tx);
            return self.drop_job(lease).await;
        };
        if let Some(pages) = &verification.pages {
            drop(tx);
            return self.judge_pages(&verification, pages, lease).await;
        }
        let face = self.reference_face(&mut tx, &verification).await?;
        let token = tx.spoken_token(&verification).await?;
        drop(tx);
        let (submission, room) = self.kept_selfie(&verification).await?;
        self.judge(lease, Case { verification, face, submission, token, room }).await
    }

    async fn judge(&self, lease: &Lease, case: Case) -> Result<(), Trouble> {
        let Case { verification, face, submission, token, room } = case;
        let demand = verification.demand;
        let list = match demand.blocklist {
            Some(fpir) => Some((self.blocklist(verification.tenant).await?, fpir)),
            None => None,
        };
        let judged = self.inner.faces.run(move |app| {
            let look = app.look_at(&submission, demand.liveness, token.as_ref())?;
            let search = match (&list, look.template()) {
                (Some((list, fpir)), Some(probe)) => Some(app.search(list, probe, *fpir)?),
                _ => None,
            };
            app.weigh(&demand, &face, &look, search)
        });
        let (evidence, assessment) = judged.await?.map_err(ServiceError::App)?;
        drop(room);
        let judgement = Judgement {
            policy: assessment.policy.to_owned(),
            decision: assessment.decision,
            checks: assessment.checks,
            evidence,
            templates: Calibration::shipped().template_ids(),
            models: demand.speech.and(self.inner.voice_models.as_ref()).unwrap_or(&self.inner.models).clone(),
            at: self.now(),
        };
        let ended = self.conclude(&verification, lease, &judgement).await?;
        // Only where nobody used an attempt that is left there is something to do soon.
        if let Some(end) = ended.and_then(|ended| ended.retry_deadline()) {
            self.ring_for(end.0);
        }
        Ok(())
    }

    /// The face that a verification compares with.
    pub(crate) async fn reference_face(
        &self,
        tx: &mut Tx,
        verification: &Verification,
    ) -> Result<ReferenceFace, ServiceError> {
        let enrollment = match verification.enrollment {
            Some(id) => tx.enrollment(verification.tenant, id).await?,
            None => None,
        };
        let face = match enrollment {
            Some(enrollment) => tx.reference(&enrollment).await?,
            None => None,
        };
        match face {
            Some(bytes) => reference::from_bytes(&bytes),
            // Nobody to compare with: only the blocklist is asked, or the enrollment was deleted after the selfie was
            // accepted.
            None => Ok(ReferenceFace { evidence: PhotoEvidence { faces: 0, quality: None }, template: None }),
        }
    }

    /// The selfie as it was accepted, decoded once more after a crash.
    async fn kept_selfie(&self, verification: &Verification) -> Result<(Submission, FrameRoom), Trouble> {
        let room = self.inner.faces.frame_room().await?;
        let mut tx = self.store().read().await?;
        let artifacts = tx.artifacts(About::Verification(verification.id)).await?;
        drop(tx);
        let selfie = artifacts.into_iter().find(|artifact| artifact.role == Role::Selfie);
        let selfie = selfie.ok_or(Trouble::Hopeless)?;
        let bytes = self.store().blob(&selfie).await?.ok_or(Trouble::Hopeless)?;
        if media::video::sniff(&bytes).is_some() {
            return Ok((Submission::Clip(bytes.into()), room));
        }
        let frame = self.inner.faces.run(move |app| app.decode(&bytes)).await?;
        // It was decoded before it was accepted.
        Ok((Submission::Photo(frame.map_err(|_| Trouble::Hopeless)?), room))
    }

    /// Saves the decision, what follows from it for the enrollment, the events and the end of the job, all at once.
    /// `None` where there was nothing to decide any more.
    async fn conclude(
        &self,
        judged: &Verification,
        lease: &Lease,
        judgement: &Judgement,
    ) -> Result<Option<Verification>, Trouble> {
        let mut tx = self.store().begin().await?;
        if !tx.finish_job(lease).await? {
            return Err(Trouble::LeaseLost);
        }
        let verification = tx.verification(judged.tenant, judged.id).await?;
        let command = VerificationCommand::Conclude(&judgement.checks);
        let ended = verification.and_then(|verification| verification.apply(command, self.now()).ok());
        let Some((next, event)) = ended else {
            tx.commit().await?;
            return Ok(None);
        };
        tx.save_verification(&next).await?;
        tx.insert_judgement(&next, judgement).await?;
        if next.is_declined() && Assessment::speaks_against(&judgement.checks) {
            tx.decline_attempt(next.id, judgement.at).await?;
        } else {
            tx.forget_attempt(next.id).await?;
        }
        if let Some(kind) = event {
            let (who, about) = ((next.tenant, next.subject), About::Verification(next.id));
            tx.append_event(&self.event(who, next.origin, kind, about)?).await?;
        }
        self.tell_enrollment(&mut tx, &next).await?;
        tx.commit().await?;
        Ok(Some(next))
    }

    /// What the end of a verification means for the enrollment that it was compared with.
    ///
    /// Only a comparison confirms a face; liveness alone says nothing about whose it is.
    pub(crate) async fn tell_enrollment(
        &self,
        tx: &mut Tx,
        ended: &Verification,
    ) -> Result<(), ServiceError> {
        if ended.is_allowed() && ended.demand.similarity.is_some() {
            return self.apply_to_enrollment(tx, ended, EnrollmentCommand::Confirm).await;
        }
        if !ended.is_declined() {
            return Ok(());
        }
        let Some(end) = ended.retry_deadline() else {
            return self.apply_to_enrollment(tx, ended, EnrollmentCommand::Refute).await;
        };
        let job = Job {
            id: JobId::from_bytes(self.id()?),
            kind: JobKind::CloseRetryWindow,
            tenant: ended.tenant,
            about: About::Verification(ended.id),
            attempts: 0,
            failures: 0,
            run_at: end.0.plus(Duration::from_millis(1)),
            created_at: self.now(),
        };
        Ok(tx.enqueue(&job).await?)
    }

    /// Applies what a verification found to its enrollment, where that still waits.
    pub(crate) async fn apply_to_enrollment(
        &self,
        tx: &mut Tx,
        ended: &Verification,
        command: EnrollmentCommand,
    ) -> Result<(), ServiceError> {
        let Some(id) = ended.enrollment else { return Ok(()) };
        let Some(enrollment) = tx.enrollment(ended.tenant, id).await? else { return Ok(()) };
        match enrollment.apply(command, self.now()) {
            Ok((next, Some(kind))) => {
                tx.save_enrollment(&next).await?;
                self.forget_failed(tx, &next).await?;
                let about = About::Enrollment(next.id);
                let event = self.event((next.tenant, next.subject), next.origin, kind, about)?;
                Ok(tx.append_event(&event).await?)
            }
            Ok((_, None)) | Err(Refused::Closed | Refused::NotNow | Refused::TooLate) => Ok(()),
        }
    }

    /// The face of an enrollment that failed is of no use; its photo is kept for a while, for complaints.
    async fn forget_failed(&self, tx: &mut Tx, enrollment: &Enrollment) -> Result<(), ServiceError> {
        if !enrollment.blocks_another() {
            tx.delete_reference(enrollment).await?;
            tx.delete_artifacts_after(About::Enrollment(enrollment.id), self.now().plus(RETENTION)).await?;
        }
        Ok(())
    }
}
