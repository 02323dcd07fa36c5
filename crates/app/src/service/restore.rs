//! A verification whose time ran out before anything came waits once more.

use std::time::Duration;

use domain::{About, Deadline, JobId, Origin, VerificationCommand, VerificationId, VerificationState};
use store::{Job, JobKind};

use super::Service;
use crate::{Caller, OpenError, ServiceError, VerificationView};

/// Why a verification is not restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// There is none of that id that the caller may see.
    #[error("there is no such validation")]
    Unknown,
    /// It waits, or is judged.
    #[error("the validation has not ended: there is nothing to restore")]
    NotEnded,
    /// It was judged, so that its end stands.
    #[error(
        "the validation has been judged: only one that expired is restored, another attempt is a new validation with \
         retry_of_id"
    )]
    Judged,
    /// No attempt is left.
    #[error("the validation cannot be restored: no attempt is left")]
    NoneLeft,
    /// Too much time has passed.
    #[error("the validation cannot be restored: the time for another attempt is over")]
    TooLate,
    /// The person, the device or the address was declined too often, or something broke here.
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl From<ServiceError> for RestoreError {
    fn from(error: ServiceError) -> Self {
        Self::Open(error.into())
    }
}

impl From<store::StoreError> for RestoreError {
    fn from(error: store::StoreError) -> Self {
        Self::Open(error.into())
    }
}

impl Service {
    /// Has a verification that expired wait once more, for `timeout`. It takes one of the attempts that may follow, and is
    /// to be asked for as soon as another attempt would be. What came of it stays.
    ///
    /// # Errors
    /// [`RestoreError`].
    pub async fn restore_verification(
        &self,
        caller: &Caller,
        origin: Origin,
        id: VerificationId,
        timeout: Duration,
    ) -> Result<VerificationView, RestoreError> {
        let mut tx = self.store().begin().await?;
        let found = tx.verification(caller.tenant.id, id).await?;
        let found = found.filter(|found| found.origin == origin && caller.admits(found.subject));
        let expired = found.ok_or(RestoreError::Unknown)?;
        let now = self.now();
        match expired.state {
            VerificationState::Capturing | VerificationState::Processing => {
                return Err(RestoreError::NotEnded);
            }
            VerificationState::Concluded(_) | VerificationState::Failed => return Err(RestoreError::Judged),
            VerificationState::Expired => {}
        }
        let last = expired.restore_deadline().ok_or(RestoreError::NoneLeft)?;
        if last.has_passed(now) {
            return Err(RestoreError::TooLate);
        }
        let device = caller.key.is_on_a_device().then_some(caller.key.id);
        self.check_attempts(&mut tx, (caller.tenant.id, expired.subject), device, None, None).await?;
        let deadline = Deadline(now.plus(timeout));
        let restored = expired.apply(VerificationCommand::Restore(deadline), now);
        let (next, event) = restored.map_err(|_| RestoreError::TooLate)?;
        tx.save_verification(&next).await?;
        let about = About::Verification(id);
        if let Some(kind) = event {
            tx.append_event(&self.event((next.tenant, next.subject), origin, kind, about)?).await?;
        }
        // The deadline itself is still in time.
        let run_at = deadline.0.plus(Duration::from_millis(1));
        tx.enqueue(&Job {
            id: JobId::from_bytes(self.id()?),
            kind: JobKind::ExpireVerification,
            tenant: next.tenant,
            about,
            attempts: 0,
            failures: 0,
            run_at,
            created_at: now,
        })
        .await?;
        tx.append_audit(&self.audit_entry(caller, "verification.restore", &id.to_string())).await?;
        tx.commit().await?;
        self.ring_for(run_at);
        self.verification(caller, origin, id).await?.ok_or(RestoreError::Unknown)
    }
}
