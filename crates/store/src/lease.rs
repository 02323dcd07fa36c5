//! Leases: for how long a job is one node's alone.

use std::time::Duration;

use domain::{JobId, Timestamp};

use crate::error::Result;
use crate::store::Store;
use crate::tx::Tx;

/// The right to do one job, until it lapses. Each claim has a new token, so that whoever lost a job to another cannot
/// finish it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub job: JobId,
    /// Who holds it.
    pub node: String,
    token: String,
    until: Timestamp,
}

impl Lease {
    /// A new lease, for [`Tx::enqueue_claimed`]: `node` does the job itself, and holds it until `until` or the next
    /// [`Store::heartbeat`].
    ///
    /// # Errors
    /// There are no random numbers.
    pub fn new(job: JobId, node: &str, until: Timestamp) -> Result<Self> {
        let mut token = [0; 16];
        getrandom::fill(&mut token)?;
        Ok(Self { job, node: node.to_owned(), token: hex::encode(token), until })
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    pub(crate) fn until(&self) -> Timestamp {
        self.until
    }
}

impl Store {
    /// Ends every lease that has not lapsed at `now`: for the only worker, when it starts. Whoever held one cannot
    /// finish it any more. Returns how many there were.
    ///
    /// A job that was begun five times waits for ten seconds more: should it be what ends the program, the others get
    /// their turn first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn release_leases(&self, now: Timestamp) -> Result<u64> {
        let mut tx = self.database().begin().await?;
        let done = sqlx::query(
            "UPDATE jobs SET lease_node = NULL, lease_token = NULL, leased_until = NULL, \
             run_at = CASE WHEN attempts >= 5 THEN $1 + 10000 ELSE run_at END WHERE leased_until >= $1",
        )
        .bind(now.as_millis())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }

    /// Holds a job for `lease` from `now` on. `false` where it is no longer ours: stop the work.
    ///
    /// # Errors
    /// The database fails.
    pub async fn heartbeat(&self, held: &Lease, now: Timestamp, lease: Duration) -> Result<bool> {
        let mut tx = self.database().begin().await?;
        let done = sqlx::query("UPDATE jobs SET leased_until = $3 WHERE id = $1 AND lease_token = $2")
            .bind(held.job.to_string())
            .bind(&held.token)
            .bind(now.plus(lease).as_millis())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() > 0)
    }
}

impl Tx {
    /// Ends a job. `false` where it is no longer ours: roll back, another does it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn finish_job(&mut self, held: &Lease) -> Result<bool> {
        let done = sqlx::query("DELETE FROM jobs WHERE id = $1 AND lease_token = $2")
            .bind(held.job.to_string())
            .bind(&held.token)
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Gives a job back, to be tried again at `run_at`. `error` has no personal data. `false` where it is no longer
    /// ours.
    ///
    /// # Errors
    /// The database fails.
    pub async fn retry_job(&mut self, held: &Lease, run_at: Timestamp, error: &str) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE jobs \
             SET failures = failures + 1, run_at = $3, error = $4, lease_node = NULL, lease_token = NULL, leased_until = NULL \
             WHERE id = $1 AND lease_token = $2",
        )
        .bind(held.job.to_string())
        .bind(&held.token)
        .bind(run_at.as_millis())
        .bind(error)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Gives a job up: it moves to the dead ones. `error` has no personal data. `false` where it is no longer ours.
    ///
    /// # Errors
    /// The database fails.
    pub async fn bury_job(&mut self, held: &Lease, error: &str, now: Timestamp) -> Result<bool> {
        let moved = sqlx::query(
            "INSERT INTO dead_jobs \
             (id, kind, tenant, about_kind, about_id, attempts, failures, run_at, created_at, error, buried_at) \
             SELECT id, kind, tenant, about_kind, about_id, attempts, failures, run_at, created_at, $3, $4 \
             FROM jobs WHERE id = $1 AND lease_token = $2",
        )
        .bind(held.job.to_string())
        .bind(&held.token)
        .bind(error)
        .bind(now.as_millis())
        .execute(self.connection())
        .await?;
        if moved.rows_affected() == 0 {
            return Ok(false);
        }
        self.finish_job(held).await
    }
}
