//! Enrollments: opened, looked at, deleted. Their photo comes through `upload`.

use std::time::Duration;

use domain::{
    About, Confirmation, Enrollment, EnrollmentId, EnrollmentState, EventKind, JobId, Origin, Permission,
};
use serde_json::Value;
use store::{Job, JobKind, Page, Subject, Tx};

use super::Service;
use crate::{Caller, ServiceError};

/// An enrollment to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEnrollment {
    /// The dialect.
    pub origin: Origin,
    /// The tenant's reference for the person; the caller's own person or a new one where it is missing.
    pub subject: Option<String>,
    /// What makes it count.
    pub confirmation: Confirmation,
}

/// An enrollment and what belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct EnrollmentView {
    /// The enrollment.
    pub enrollment: Enrollment,
    /// The person.
    pub subject: Subject,
    /// The token of the link that takes its photo, while it waits for one.
    pub upload_link: Option<String>,
}

/// Why no enrollment was opened.
#[derive(Debug, thiserror::Error)]
pub enum EnrollError {
    /// The person has one that is pending or counts.
    #[error("the account already has an enrollment")]
    AlreadyEnrolled,
    /// The key lacks the right.
    #[error("Insufficient permissions")]
    NotPermitted,
    /// Something broke here.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// Why an enrollment was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// There is none with that id.
    #[error("the enrollment was not found")]
    NotFound,
    /// The key lacks the right.
    #[error("Insufficient permissions")]
    NotPermitted,
    /// Something broke here.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl Service {
    /// Opens an enrollment.
    ///
    /// # Errors
    /// [`EnrollError::NotPermitted`] for [`Confirmation::None`] without the right, or for another person than the key's
    /// own; [`EnrollError::AlreadyEnrolled`] while the person's last one has not failed.
    pub async fn enroll(&self, caller: &Caller, new: NewEnrollment) -> Result<EnrollmentView, EnrollError> {
        if new.confirmation == Confirmation::None && !caller.may(Permission::EnrollmentWithoutValidation) {
            return Err(EnrollError::NotPermitted);
        }
        loop {
            let (subject, is_new) = self.subject_of_request(caller, new.subject.as_deref()).await?;
            let mut tx = self.store().begin().await?;
            // Another request may have made the same person known in between: then the next round finds them.
            if !is_new || tx.insert_subject(&subject).await? {
                return self
                    .open_enrollment(tx, caller, &new, subject)
                    .await?
                    .ok_or(EnrollError::AlreadyEnrolled);
            }
        }
    }

    /// `None` while the person's last enrollment has not failed.
    async fn open_enrollment(
        &self,
        mut tx: Tx,
        caller: &Caller,
        new: &NewEnrollment,
        subject: Subject,
    ) -> Result<Option<EnrollmentView>, ServiceError> {
        let now = self.now();
        let enrollment = Enrollment {
            id: EnrollmentId::from_bytes(self.id()?),
            tenant: caller.tenant.id,
            subject: subject.id,
            origin: new.origin,
            confirmation: new.confirmation,
            state: EnrollmentState::AwaitingReference,
            created_at: now,
            updated_at: now,
        };
        let about = About::Enrollment(enrollment.id);
        if !tx.insert_enrollment(&enrollment).await? {
            return Ok(None);
        }
        let who = (enrollment.tenant, enrollment.subject);
        tx.append_event(&self.event(who, new.origin, EventKind::EnrollmentCreated, about)?).await?;
        tx.enqueue(&Job {
            id: JobId::from_bytes(self.id()?),
            kind: JobKind::ExpireEnrollment,
            tenant: enrollment.tenant,
            about,
            attempts: 0,
            failures: 0,
            // The deadline itself is still in time.
            run_at: enrollment.deadline().0.plus(Duration::from_millis(1)),
            created_at: now,
        })
        .await?;
        tx.append_audit(&self.audit_entry(caller, "enrollment.create", &enrollment.id.to_string())).await?;
        tx.commit().await?;
        self.view(enrollment, subject).map(Some)
    }

    /// The enrollment, where the caller may act for its person.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn enrollment(
        &self,
        caller: &Caller,
        id: EnrollmentId,
    ) -> Result<Option<EnrollmentView>, ServiceError> {
        let mut tx = self.store().read().await?;
        let Some(enrollment) = tx.enrollment(caller.tenant.id, id).await? else { return Ok(None) };
        let Some(subject) = tx.subject(caller.tenant.id, enrollment.subject).await? else { return Ok(None) };
        if !caller.admits(subject.id) {
            return Ok(None);
        }
        self.view(enrollment, subject).map(Some)
    }

    /// Enrollments of the caller's tenant, newest first; of one person where `subject` names one.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn enrollments(
        &self,
        caller: &Caller,
        subject: Option<&Subject>,
        page: &Page,
    ) -> Result<Vec<EnrollmentView>, ServiceError> {
        let mut tx = self.store().read().await?;
        let mut views = Vec::new();
        for enrollment in tx.enrollments(caller.tenant.id, subject.map(|subject| subject.id), page).await? {
            if !caller.admits(enrollment.subject) {
                continue;
            }
            if let Some(subject) = tx.subject(caller.tenant.id, enrollment.subject).await? {
                views.push(self.view(enrollment, subject)?);
            }
        }
        Ok(views)
    }

    /// Deletes an enrollment with its face and its photo. The person may be enrolled again.
    ///
    /// # Errors
    /// [`DeleteError::NotPermitted`] before anything is looked up, [`DeleteError::NotFound`].
    pub async fn delete_enrollment(&self, caller: &Caller, id: EnrollmentId) -> Result<(), DeleteError> {
        if !caller.may(Permission::EnrollmentDelete) {
            return Err(DeleteError::NotPermitted);
        }
        if self.remove_enrollment(caller, id).await? { Ok(()) } else { Err(DeleteError::NotFound) }
    }

    async fn remove_enrollment(&self, caller: &Caller, id: EnrollmentId) -> Result<bool, ServiceError> {
        let about = About::Enrollment(id);
        let mut tx = self.store().begin().await?;
        let Some(enrollment) = tx.enrollment(caller.tenant.id, id).await? else { return Ok(false) };
        if !caller.admits(enrollment.subject) {
            return Ok(false);
        }
        let artifacts = tx.artifacts(about).await?;
        tx.delete_enrollment(caller.tenant.id, id).await?;
        let who = (enrollment.tenant, enrollment.subject);
        tx.append_event(&self.event(who, enrollment.origin, EventKind::EnrollmentDeleted, about)?).await?;
        tx.append_audit(&self.audit_entry(caller, "enrollment.delete", &id.to_string())).await?;
        tx.commit().await?;
        // A kill before this leaves photos without a row, which the sweep deletes.
        for artifact in &artifacts {
            self.store().delete_blob(artifact).await?;
        }
        Ok(true)
    }

    /// The person a request is about: the named one, the key's own, or a new one, who has no row yet.
    async fn subject_of_request(
        &self,
        caller: &Caller,
        reference: Option<&str>,
    ) -> Result<(Subject, bool), EnrollError> {
        if let Some(own) = caller.key.subject {
            let own = self.store().look().await?.subject(caller.tenant.id, own).await?;
            let own = own.filter(|own| reference.is_none_or(|reference| reference == own.reference));
            return Ok((own.ok_or(EnrollError::NotPermitted)?, false));
        }
        match self.known_subject(caller, reference).await? {
            Some(known) => Ok((known, false)),
            None => Ok((self.draft_subject(caller, reference, Value::Null).await?, true)),
        }
    }

    fn view(&self, enrollment: Enrollment, subject: Subject) -> Result<EnrollmentView, ServiceError> {
        let is_open = enrollment.state == EnrollmentState::AwaitingReference
            && !enrollment.deadline().has_passed(self.now());
        let upload_link = is_open
            .then(|| {
                self.upload_link(enrollment.tenant, About::Enrollment(enrollment.id), enrollment.deadline().0)
            })
            .transpose()?;
        Ok(EnrollmentView { enrollment, subject, upload_link })
    }
}
