//! Enrollments: opened, looked at, deleted. Their photo comes through `upload`.

use std::time::Duration;

use domain::{
    About, Confirmation, Enrollment, EnrollmentId, EnrollmentState, Event, Fpir, JobId, Origin, Permission,
    Purpose,
};
use serde_json::Value;
use store::{Job, JobKind, Page, Subject, Tx};

use super::Service;
use crate::{Caller, ServiceError};

/// An enrollment to be opened.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEnrollment {
    /// The dialect.
    pub origin: Origin,
    /// The tenant's reference for the person; the caller's own person or a new one where it is missing.
    pub subject: Option<String>,
    /// What its face is for.
    pub purpose: Purpose,
    /// What makes it count.
    pub confirmation: Confirmation,
    /// Whether its face is looked up in the blocklist, and at which rate of false alarms.
    pub blocklist: Option<Fpir>,
    /// What only the dialect reads; `Null` for nothing. Kept encrypted.
    pub extra: Value,
}

/// An enrollment and what belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct EnrollmentView {
    /// The enrollment.
    pub enrollment: Enrollment,
    /// The person.
    pub subject: Subject,
    /// What only the dialect reads.
    pub extra: Value,
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
    /// [`EnrollError::NotPermitted`] for [`Confirmation::None`] without the right, for another person than the key's own,
    /// and for the blocklist where a backend does not ask for the whole tenant; [`EnrollError::AlreadyEnrolled`] while
    /// the person's last one for the same purpose has not failed.
    pub async fn enroll(&self, caller: &Caller, new: NewEnrollment) -> Result<EnrollmentView, EnrollError> {
        let is_permitted = match (new.purpose, new.confirmation) {
            (Purpose::Blocklist, _) => caller.is_backend(),
            (Purpose::Reference, Confirmation::None) => caller.may(Permission::EnrollmentWithoutValidation),
            (Purpose::Reference, Confirmation::Verification) => true,
        };
        if !is_permitted {
            return Err(EnrollError::NotPermitted);
        }
        loop {
            let (subject, is_new) = self.subject_of_request(caller, new.subject.as_deref()).await?;
            let mut tx = self.store().begin().await?;
            // Another request may have made the same person known in between: then the next round finds them.
            if !is_new || tx.insert_subject(&subject).await? {
                if is_new {
                    let entry = self.audit_entry(caller, "subject.create", &subject.id.to_string());
                    tx.append_audit(&entry).await?;
                }
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
            purpose: new.purpose,
            confirmation: new.confirmation,
            blocklist: new.blocklist,
            state: EnrollmentState::AwaitingReference,
            created_at: now,
            updated_at: now,
        };
        let about = About::Enrollment(enrollment.id);
        if !tx.insert_enrollment(&enrollment).await? {
            return Ok(None);
        }
        if !new.extra.is_null() {
            tx.put_enrollment_extra(&enrollment, &new.extra).await?;
        }
        let who = (enrollment.tenant, enrollment.subject);
        let event = self.event(who, new.origin, new.purpose.created(), about)?;
        tx.append_event(&Event { at: enrollment.created_at, ..event }).await?;
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
        self.view(enrollment, subject, new.extra.clone()).map(Some)
    }

    /// The enrollment, where the caller may act for its person. Devices do not learn who is on the blocklist.
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
        if !may_see(caller, &enrollment) {
            return Ok(None);
        }
        let extra = extra_of(&mut tx, &enrollment).await?;
        self.view(enrollment, subject, extra).map(Some)
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
            if !may_see(caller, &enrollment) {
                continue;
            }
            if let Some(subject) = tx.subject(caller.tenant.id, enrollment.subject).await? {
                let extra = extra_of(&mut tx, &enrollment).await?;
                views.push(self.view(enrollment, subject, extra)?);
            }
        }
        Ok(views)
    }

    /// Deletes an enrollment with its face and its photo. The person may be enrolled again; a face of the blocklist is
    /// found no more.
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
        tx.append_event(&self.event(who, enrollment.origin, enrollment.purpose.deleted(), about)?).await?;
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

    fn view(
        &self,
        enrollment: Enrollment,
        subject: Subject,
        extra: Value,
    ) -> Result<EnrollmentView, ServiceError> {
        let is_open = enrollment.state == EnrollmentState::AwaitingReference
            && !enrollment.deadline().has_passed(self.now());
        let upload_link = is_open
            .then(|| {
                self.upload_link(
                    enrollment.tenant,
                    About::Enrollment(enrollment.id),
                    None,
                    enrollment.deadline().0,
                )
            })
            .transpose()?;
        Ok(EnrollmentView { enrollment, subject, extra, upload_link })
    }
}

fn may_see(caller: &Caller, enrollment: &Enrollment) -> bool {
    let is_listed = enrollment.purpose == Purpose::Blocklist;
    caller.admits(enrollment.subject) && (!is_listed || caller.is_backend())
}

/// What only the dialect reads: kept with faces of the blocklist alone, so that others cost no look.
async fn extra_of(tx: &mut Tx, enrollment: &Enrollment) -> Result<Value, ServiceError> {
    match enrollment.purpose {
        Purpose::Reference => Ok(Value::Null),
        Purpose::Blocklist => Ok(tx.enrollment_extra(enrollment).await?),
    }
}
