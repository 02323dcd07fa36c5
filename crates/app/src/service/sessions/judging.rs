//! The pictures of a session are judged: the job that decides it.

use std::sync::Arc;

use domain::{
    About, ComparisonSignal, Day, DocumentEvidence, DocumentFacts, DocumentJudgement, DocumentPolicy,
    DocumentSession, Fpir, HistorySignal, ImageKind, PageEvidence, RETAKES, Role, SelfieEvidence,
    SessionCommand, SessionPurpose, SessionState,
};
use engine::face::compare::Calibration;
use media::Frame;
use store::{AuditEntry, Job, Lease, SessionImage};

use super::images::{Margins, Note};
use super::{Mock, Service, see};
use crate::ServiceError;
use crate::judge::Look;
use crate::service::faces::FrameRoom;
use crate::service::jobs::Trouble;
use crate::service::reference;

/// What there is to decide by.
pub(super) struct Judged {
    judgement: DocumentJudgement,
    /// Pictures that should be made again first.
    retake: Vec<ImageKind>,
    /// What tells the document from every other one.
    identity: Option<String>,
    /// The face of the selfie, to be found again.
    face: Option<Vec<u8>>,
}

impl Service {
    /// Judges the pictures of a session, from the store.
    pub(crate) async fn judge_session(&self, job: &Job, lease: &Lease) -> Result<(), Trouble> {
        let About::Session(id) = job.about else { return Err(Trouble::Hopeless) };
        let mut tx = self.store().read().await?;
        let session = tx.session(job.tenant, id).await?;
        let Some(session) = session.filter(|found| found.state == SessionState::Processing) else {
            // Erased or ended in the meantime: there is nothing to judge.
            drop(tx);
            return self.drop_job(lease).await;
        };
        let terms = Self::session_terms(&mut tx, &session).await?;
        drop(tx);
        let judged = match terms.mock {
            Some(mock) => self.act(&session, mock),
            None if session.purpose == SessionPurpose::EgyptianCard => self.look_at_card(&session).await?,
            None => self.look_at_session(&session).await?,
        };
        self.conclude_session(&session, lease, judged).await
    }

    /// Ends a session whose pictures did not come.
    pub(crate) async fn expire_session(&self, job: &Job, lease: &Lease) -> Result<(), Trouble> {
        let About::Session(id) = job.about else { return Err(Trouble::Hopeless) };
        let mut tx = self.store().begin().await?;
        if !tx.finish_job(lease).await? {
            return Err(Trouble::LeaseLost);
        }
        if let Some(session) = tx.session(job.tenant, id).await?
            && let Ok(next) = session.apply(SessionCommand::Expire, self.now())
        {
            tx.save_session(&next).await?;
        }
        Ok(tx.commit().await?)
    }

    fn act(&self, session: &DocumentSession, mock: Mock) -> Judged {
        let is_first = session.retakes_left == RETAKES;
        let retake = if mock.asks_again && is_first { vec![ImageKind::DocumentFront] } else { vec![] };
        let judgement = DocumentJudgement::acted(mock.decision, self.now());
        Judged { judgement, retake, identity: None, face: None }
    }

    async fn look_at_session(&self, session: &DocumentSession) -> Result<Judged, Trouble> {
        let images = self.store().look().await?.session_images(session).await?;
        let (front, portrait) = match session.purpose {
            SessionPurpose::Document | SessionPurpose::EgyptianCard => {
                let (page, look) = self.look_at_page(session, &images, ImageKind::DocumentFront).await?;
                (page, look)
            }
            SessionPurpose::FaceAuth => (None, Some(self.look_at_reference(session).await?)),
        };
        let (back, _) = match session.purpose {
            SessionPurpose::Document | SessionPurpose::EgyptianCard => {
                self.look_at_page(session, &images, ImageKind::DocumentBack).await?
            }
            SessionPurpose::FaceAuth => (None, None),
        };
        let (selfie, look) = self.look_at_selfie(session, &images).await?;
        let probe = look.template().cloned();
        let facts = DocumentFacts::of(&[&front, &back].into_iter().flatten().collect::<Vec<_>>());
        let identity = facts.identity();
        let blocklist = match &probe {
            Some(probe) => {
                let (list, probe) = (self.blocklist(session.tenant).await?, probe.clone());
                let found = self.inner.faces.run(move |app| app.search(&list, &probe, Fpir::STANDARD));
                Some(found.await?.map_err(ServiceError::App)?)
            }
            None => None,
        };
        let history = match session.purpose {
            SessionPurpose::Document => self.history(session, identity.as_deref(), probe.as_ref()).await?,
            SessionPurpose::FaceAuth | SessionPurpose::EgyptianCard => HistorySignal::default(),
        };
        let comparison = match (probe, portrait.as_ref().and_then(Look::template).cloned()) {
            (Some(probe), Some(portrait)) => {
                let calibration = Calibration::shipped();
                let threshold = DocumentPolicy::STANDARD.face.threshold();
                let found = calibration.compare(&probe, &portrait);
                let found = found.map_err(|error| ServiceError::App(error.into()))?;
                let fmr_at_threshold = calibration.fmr_at(threshold);
                Some(ComparisonSignal {
                    similarity: found.similarity,
                    cosine: found.cosine,
                    fmr_at_threshold,
                })
            }
            _ => None,
        };
        let portrait = portrait.map(|look| look.evidence());
        let evidence =
            DocumentEvidence { front, back, selfie, portrait, comparison, blocklist, history, faces: None };
        // Only people with a document are looked for: of a face alone nobody knows whose it is.
        let face = match session.purpose {
            SessionPurpose::Document => Some(reference::to_bytes(&(&look).into())?),
            SessionPurpose::FaceAuth | SessionPurpose::EgyptianCard => None,
        };
        Ok(self.judged(session, evidence, facts, face))
    }

    pub(super) fn judged(
        &self,
        session: &DocumentSession,
        evidence: DocumentEvidence,
        facts: DocumentFacts,
        face: Option<Vec<u8>>,
    ) -> Judged {
        let now = self.now();
        let assessment = match session.purpose {
            SessionPurpose::EgyptianCard => DocumentPolicy::STANDARD.assess_card(&evidence, now),
            SessionPurpose::Document | SessionPurpose::FaceAuth => {
                DocumentPolicy::STANDARD.assess(&evidence, now)
            }
        };
        // A face alone is asked for once.
        let retake = match session.purpose {
            SessionPurpose::Document | SessionPurpose::EgyptianCard => assessment.retake,
            SessionPurpose::FaceAuth => vec![],
        };
        let identity = facts.identity();
        let models = match session.purpose {
            SessionPurpose::Document | SessionPurpose::EgyptianCard => self.inner.document_models.clone(),
            SessionPurpose::FaceAuth => self.inner.models.clone(),
        };
        let judgement = DocumentJudgement {
            policy: assessment.policy.to_owned(),
            decision: assessment.decision,
            checks: assessment.checks,
            faults: vec![],
            evidence: Some(evidence),
            facts,
            templates: Some(Calibration::shipped().template_ids()),
            models,
            at: now,
        };
        Judged { judgement, retake, identity, face }
    }

    async fn look_at_page(
        &self,
        session: &DocumentSession,
        images: &[SessionImage],
        kind: ImageKind,
    ) -> Result<(Option<PageEvidence>, Option<Look>), Trouble> {
        if session.taken.get(kind).is_none() {
            return Ok((None, None));
        }
        let (frame, room) = self.taken_frame(session, images, kind).await?;
        let pages = Arc::clone(&self.inner.pages);
        let (wants_portrait, today) = (kind == ImageKind::DocumentFront, Day::of(self.now()));
        let seen = self.inner.faces.run(move |app| see::page(app, &*pages, &frame, wants_portrait, today));
        let (page, look) = seen.await?.map_err(ServiceError::App)?;
        drop(room);
        Ok((Some(page), look))
    }

    async fn look_at_selfie(
        &self,
        session: &DocumentSession,
        images: &[SessionImage],
    ) -> Result<(SelfieEvidence, Look), Trouble> {
        let (frame, room) = self.taken_frame(session, images, ImageKind::Selfie).await?;
        let seen = self.inner.faces.run(move |app| see::selfie(app, &frame)).await?;
        drop(room);
        let (mut selfie, look) = seen.map_err(ServiceError::App)?;
        selfie.capture = taken_note(session, images, ImageKind::Selfie)?.capture;
        Ok((selfie, look))
    }

    async fn look_at_reference(&self, session: &DocumentSession) -> Result<Look, Trouble> {
        let artifacts = self.store().look().await?.artifacts(About::Session(session.id)).await?;
        let reference = artifacts.into_iter().find(|artifact| artifact.role == Role::Reference);
        let bytes = self.store().blob(&reference.ok_or(Trouble::Hopeless)?).await?;
        let bytes = bytes.ok_or(Trouble::Hopeless)?;
        let room = self.inner.faces.frame_room().await?;
        let seen = self.inner.faces.run(move |app| {
            let frame = app.decode(&bytes).map_err(|_| Trouble::Hopeless)?;
            app.look(&frame, false).map_err(|error| Trouble::Service(error.into()))
        });
        let look = seen.await?;
        drop(room);
        look
    }

    /// The part that counts of the picture that was taken, decoded once more.
    async fn taken_frame(
        &self,
        session: &DocumentSession,
        images: &[SessionImage],
        kind: ImageKind,
    ) -> Result<(Frame, FrameRoom), Trouble> {
        let id = session.taken.get(kind).ok_or(Trouble::Hopeless)?;
        let margins: Margins = taken_note(session, images, kind)?.margins;
        let artifact = self.store().look().await?.artifact(session.tenant, id).await?;
        let bytes = self.store().blob(&artifact.ok_or(Trouble::Hopeless)?).await?;
        let bytes = bytes.ok_or(Trouble::Hopeless)?;
        let room = self.inner.faces.frame_room().await?;
        // Its size was looked at before it was taken.
        let frame = self.inner.faces.run(move |app| see::open_again(app, &bytes, margins)).await?;
        Ok((frame.map_err(|_| Trouble::Hopeless)?, room))
    }

    /// Saves what was decided, what it rests on, and the end of the job, all at once.
    async fn conclude_session(
        &self,
        judged_one: &DocumentSession,
        lease: &Lease,
        judged: Judged,
    ) -> Result<(), Trouble> {
        let mut tx = self.store().begin().await?;
        if !tx.finish_job(lease).await? {
            return Err(Trouble::LeaseLost);
        }
        let Some(session) = tx.session(judged_one.tenant, judged_one.id).await? else {
            return Ok(tx.commit().await?);
        };
        let (taken, now) = (judged_one.taken, self.now());
        let again = SessionCommand::AskAgain { judged: taken, kinds: &judged.retake };
        let asked = (!judged.retake.is_empty()).then(|| session.apply(again, now)).and_then(Result::ok);
        if let Some(next) = asked {
            tx.save_session(&next).await?;
            if next.taken.selfie.is_none() {
                tx.save_session_presence(next.id, None).await?;
            }
            if next.purpose == SessionPurpose::EgyptianCard {
                // Whoever waits is told why, and refusals are counted for each card.
                let document = judged.identity.as_deref();
                tx.save_session_judgement(&next, &judged.judgement, document).await?;
            }
            return Ok(tx.commit().await?);
        }
        let judgement = judged.judgement;
        let conclude = SessionCommand::Conclude { judged: taken, decision: judgement.decision };
        let Ok(next) = session.apply(conclude, now) else {
            return Ok(tx.commit().await?);
        };
        tx.save_session(&next).await?;
        tx.save_session_judgement(&next, &judgement, judged.identity.as_deref()).await?;
        if let Some(face) = &judged.face {
            tx.put_session_face(&next, face).await?;
        }
        if next.purpose == SessionPurpose::EgyptianCard {
            self.enqueue_questions(&mut tx, &next).await?;
        }
        tx.append_audit(&AuditEntry {
            tenant: Some(next.tenant),
            actor: "judge".to_owned(),
            action: if next.is_mock { "session.conclude.mock" } else { "session.conclude" }.to_owned(),
            about: next.id.to_string(),
            at: now,
        })
        .await?;
        Ok(tx.commit().await?)
    }
}

/// What was noted with the picture that was taken.
fn taken_note(session: &DocumentSession, images: &[SessionImage], kind: ImageKind) -> Result<Note, Trouble> {
    let id = session.taken.get(kind).ok_or(Trouble::Hopeless)?;
    let image = images.iter().find(|image| image.artifact == id).ok_or(Trouble::Hopeless)?;
    Ok(serde_json::from_value(image.note.clone()).map_err(ServiceError::Terms)?)
}
