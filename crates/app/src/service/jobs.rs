//! The worker: claims jobs when they are due, one holder at a time, and gives up on none silently.

use std::future::Future;
use std::time::Duration;

use domain::{About, EnrollmentCommand, SessionCommand, Timestamp, VerificationCommand};
use store::{Job, JobKind, Lease, StoreError};
use tokio::task::JoinSet;
use tokio::time;

use super::Service;
use crate::ServiceError;

/// How long a job belongs to its holder without a sign of life.
pub(crate) const JUDGE_LEASE: Duration = Duration::from_secs(30);

/// A job that failed so often is dead.
const MOST_FAILURES: u32 = 5;

/// A job that was begun so often and neither done nor failed probably ends the process each time.
const MOST_ATTEMPTS: u32 = 50;

/// How often the queue is looked at when nothing rings: covers leases that lapse.
pub(crate) const IDLE: Duration = Duration::from_secs(2);

/// How often photos are looked for whose time is over.
const TIDY_EVERY: Duration = Duration::from_mins(1);

/// Files without a row that are younger may belong to an upload that is being accepted.
const ORPHAN_AGE: Duration = Duration::from_hours(1);

/// Those that this worker does: questions to authorities have a worker of their own, since they wait for others.
const OWN_KINDS: [JobKind; 6] = [
    JobKind::Judge,
    JobKind::ExpireVerification,
    JobKind::ExpireEnrollment,
    JobKind::CloseRetryWindow,
    JobKind::JudgeSession,
    JobKind::ExpireSession,
];

/// What became of a job, for whoever waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    /// It will be tried again, or has been given up.
    Later,
}

/// Why a job did not end well.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// Another holder has it now, and what this one did was rolled back.
    #[error("the job's lease has lapsed")]
    LeaseLost,
    /// Trying again cannot help.
    #[error("the job names something that is not there")]
    Hopeless,
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Trouble::Service(error.into())
    }
}

impl Service {
    /// Works on jobs until `stop`, then waits for those that run. To be called once, by the only server over the store.
    pub async fn run_jobs(&self, stop: impl Future<Output = ()> + Send) {
        // Whoever held jobs before is gone: the caller sees to it that there is one server over a store.
        if let Err(error) = self.store().release_leases(self.now()).await {
            tracing::error!(error = %chain(&error), "jobs of the last run have to wait for their leases to lapse");
        }
        let mut stop = std::pin::pin!(stop);
        let mut running = JoinSet::new();
        let mut tidy = time::interval(TIDY_EVERY);
        loop {
            while running.len() < self.inner.faces.at_once() {
                match self.claim().await {
                    Ok(Some((job, lease))) => {
                        let service = self.clone();
                        running.spawn(async move { service.work(&job, &lease).await });
                    }
                    Ok(None) => break,
                    Err(error) => {
                        tracing::error!(error = %chain(&error), "the queue cannot be read");
                        break;
                    }
                }
            }
            let pause = self.until_next().await;
            tokio::select! {
                () = &mut stop => break,
                Some(_) = running.join_next() => {}
                () = self.inner.bell.notified() => {}
                () = time::sleep(pause) => {}
                _ = tidy.tick() => self.tidy().await,
            }
        }
        while running.join_next().await.is_some() {}
    }

    async fn claim(&self) -> Result<Option<(Job, Lease)>, ServiceError> {
        Ok(self.store().claim(&self.inner.node, &OWN_KINDS, self.now(), JUDGE_LEASE).await?)
    }

    /// How long there is nothing to do, as far as is known.
    async fn until_next(&self) -> Duration {
        match self.store().next_due(&OWN_KINDS).await {
            Ok(Some(due)) => due.since(self.now()).clamp(Duration::from_millis(5), IDLE),
            Ok(None) | Err(_) => IDLE,
        }
    }

    async fn work(&self, job: &Job, lease: &Lease) -> Outcome {
        if job.attempts > MOST_ATTEMPTS {
            return self.give_up(job, lease, "it was begun too often and never ended").await;
        }
        match job.kind {
            JobKind::Judge => self.keep_alive(job, lease, Box::pin(self.judge_later(job, lease))).await,
            JobKind::ExpireVerification => {
                self.keep_alive(job, lease, self.expire_verification(job, lease)).await
            }
            JobKind::ExpireEnrollment => {
                self.keep_alive(job, lease, self.expire_enrollment(job, lease)).await
            }
            JobKind::CloseRetryWindow => {
                self.keep_alive(job, lease, self.close_retry_window(job, lease)).await
            }
            JobKind::JudgeSession => {
                // Boxed: it holds more than all the others.
                self.keep_alive(job, lease, Box::pin(self.judge_session(job, lease))).await
            }
            JobKind::ExpireSession => self.keep_alive(job, lease, self.expire_session(job, lease)).await,
            // Another worker's.
            JobKind::AskAuthorities => Outcome::Later,
        }
    }

    /// Waits for `work` and renews the lease meanwhile; then settles what went wrong.
    pub(crate) async fn keep_alive(
        &self,
        job: &Job,
        lease: &Lease,
        work: impl Future<Output = Result<(), Trouble>> + Send,
    ) -> Outcome {
        let mut work = std::pin::pin!(work);
        let mut beat = time::interval(JUDGE_LEASE / 3);
        beat.tick().await;
        let result = loop {
            tokio::select! {
                result = &mut work => break result,
                _ = beat.tick() => {
                    let kept = self.store().heartbeat(lease, self.now(), JUDGE_LEASE).await;
                    if matches!(kept, Ok(false)) {
                        break Err(Trouble::LeaseLost);
                    }
                }
            }
        };
        match result {
            Ok(()) => Outcome::Done,
            Err(Trouble::LeaseLost) => Outcome::Later,
            Err(Trouble::Hopeless) => self.give_up(job, lease, &Trouble::Hopeless.to_string()).await,
            Err(Trouble::Service(error)) => {
                let text = chain(&error);
                tracing::warn!(job = %job.id, kind = ?job.kind, failures = job.failures + 1, error = %text, "a job failed");
                let failures = job.failures + 1;
                if failures >= MOST_FAILURES {
                    return self.give_up(job, lease, &text).await;
                }
                let again = self.now().plus(backoff(failures));
                let delayed = async {
                    let mut tx = self.store().begin().await?;
                    tx.retry_job(lease, again, &text).await?;
                    tx.commit().await
                };
                // Where even that fails the lease lapses, and the job is claimed again.
                if let Err(error) = delayed.await {
                    tracing::error!(job = %job.id, error = %chain(&error), "a job could not be put back");
                }
                Outcome::Later
            }
        }
    }

    /// Buries a job; the verification or session that it was to judge fails with it.
    async fn give_up(&self, job: &Job, lease: &Lease, error: &str) -> Outcome {
        tracing::error!(job = %job.id, kind = ?job.kind, attempt = job.attempts, error, "a job was given up");
        let buried = async {
            let mut tx = self.store().begin().await?;
            if !tx.bury_job(lease, error, self.now()).await? {
                return Ok(());
            }
            if let (JobKind::Judge, About::Verification(id)) = (job.kind, job.about)
                && let Some(verification) = tx.verification(job.tenant, id).await?
                && let Ok((next, event)) = verification.apply(VerificationCommand::Fail, self.now())
            {
                tx.save_verification(&next).await?;
                if let Some(kind) = event {
                    let who = (next.tenant, next.subject);
                    tx.append_event(&self.event(who, next.origin, kind, job.about)?).await?;
                }
            }
            if let (JobKind::JudgeSession, About::Session(id)) = (job.kind, job.about)
                && let Some(session) = tx.session(job.tenant, id).await?
                && let Ok(next) = session.apply(SessionCommand::Fail, self.now())
            {
                tx.save_session(&next).await?;
            }
            Ok::<_, ServiceError>(tx.commit().await?)
        };
        if let Err(error) = buried.await {
            tracing::error!(job = %job.id, error = %chain(&error), "a job could not be buried");
        }
        Outcome::Later
    }

    /// Ends a job that has nothing to do.
    pub(crate) async fn drop_job(&self, lease: &Lease) -> Result<(), Trouble> {
        let mut tx = self.store().begin().await?;
        if !tx.finish_job(lease).await? {
            return Err(Trouble::LeaseLost);
        }
        Ok(tx.commit().await?)
    }

    async fn expire_verification(&self, job: &Job, lease: &Lease) -> Result<(), Trouble> {
        let About::Verification(id) = job.about else { return Err(Trouble::Hopeless) };
        let mut tx = self.store().begin().await?;
        if !tx.finish_job(lease).await? {
            return Err(Trouble::LeaseLost);
        }
        if let Some(verification) = tx.verification(job.tenant, id).await?
            && let Ok((next, event)) = verification.apply(VerificationCommand::Expire, self.now())
        {
            tx.save_verification(&next).await?;
            if let Some(kind) = event {
                let who = (next.tenant, next.subject);
                tx.append_event(&self.event(who, next.origin, kind, job.about)?).await?;
            }
        }
        Ok(tx.commit().await?)
    }

    async fn expire_enrollment(&self, job: &Job, lease: &Lease) -> Result<(), Trouble> {
        let About::Enrollment(id) = job.about else { return Err(Trouble::Hopeless) };
        let mut tx = self.store().begin().await?;
        if !tx.finish_job(lease).await? {
            return Err(Trouble::LeaseLost);
        }
        if let Some(enrollment) = tx.enrollment(job.tenant, id).await?
            && let Ok((next, event)) = enrollment.apply(EnrollmentCommand::Expire, self.now())
        {
            tx.save_enrollment(&next).await?;
            if let Some(kind) = event {
                let who = (next.tenant, next.subject);
                tx.append_event(&self.event(who, next.origin, kind, job.about)?).await?;
            }
        }
        Ok(tx.commit().await?)
    }

    /// Nobody used the attempt that was left: the refusal stands.
    async fn close_retry_window(&self, job: &Job, lease: &Lease) -> Result<(), Trouble> {
        let About::Verification(id) = job.about else { return Err(Trouble::Hopeless) };
        let mut tx = self.store().begin().await?;
        if !tx.finish_job(lease).await? {
            return Err(Trouble::LeaseLost);
        }
        if let Some(verification) = tx.verification(job.tenant, id).await?
            && tx.retry_of(id).await?.is_none()
        {
            self.apply_to_enrollment(&mut tx, &verification, EnrollmentCommand::Refute).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Deletes what has been kept long enough: attempts, sessions with their people, photos, files that no row names, and
    /// faces in memory.
    async fn tidy(&self) {
        if let Err(error) = self.forget_attempts(self.now()).await {
            tracing::error!(error = %chain(&error), "attempts that count no more could not be deleted");
        }
        if let Err(error) = self.refresh_blocklists().await {
            tracing::error!(error = %chain(&error), "a blocklist could not be brought up to date");
        }
        if let Err(error) = self.erase_due(self.now()).await {
            tracing::error!(error = %chain(&error), "people whose time is over could not be erased");
        }
        if let Err(error) = self.delete_due(self.now()).await {
            tracing::error!(error = %chain(&error), "photos whose time is over could not be deleted");
        }
    }

    async fn delete_due(&self, now: Timestamp) -> Result<(), ServiceError> {
        loop {
            let due = self.store().read().await?.artifacts_due(now, 100).await?;
            if due.is_empty() {
                break;
            }
            for artifact in &due {
                let mut tx = self.store().begin().await?;
                tx.delete_artifact(artifact.tenant, artifact.id).await?;
                tx.commit().await?;
                self.store().delete_blob(artifact).await?;
            }
        }
        let oldest = Timestamp::from_millis(now.as_millis() - ORPHAN_AGE.as_millis() as i64);
        self.store().sweep_orphans(oldest).await?;
        Ok(())
    }
}

/// 1 s, 4 s, 16 s, 64 s after the first, second, third and fourth failure.
fn backoff(failures: u32) -> Duration {
    Duration::from_secs(4_u64.saturating_pow(failures.saturating_sub(1).min(6)))
}

/// An error with its causes, for the log.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_spaced_ever_wider() {
        assert_eq!([1, 2, 3, 4].map(backoff).map(|pause| pause.as_secs()), [1, 4, 16, 64]);
    }
}
