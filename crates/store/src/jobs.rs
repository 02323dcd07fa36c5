//! Jobs: work that was promised in the transaction that made it necessary.

use std::time::Duration;

use domain::{About, JobId, TenantId, Timestamp};
use sqlx::sqlite::SqliteRow;

use crate::error::Result;
use crate::lease::Lease;
use crate::row::{Columns as _, about_columns};
use crate::store::Store;
use crate::tx::Tx;
use crate::words::{JobKind, Word as _};

/// A piece of work in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What is to be done.
    pub kind: JobKind,
    /// For whom.
    pub tenant: TenantId,
    /// To what.
    pub about: About,
    /// How often it was claimed, this time included.
    pub attempts: u32,
    /// How often it failed. Less than the attempts where the program ended in the middle of one.
    pub failures: u32,
    /// When it may first be done.
    pub run_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A job that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadJob {
    /// The job.
    pub job: Job,
    /// Why it was given up.
    pub error: String,
    /// When it was given up.
    pub buried_at: Timestamp,
}

impl Tx {
    /// Adds a job.
    ///
    /// # Errors
    /// The database fails.
    pub async fn enqueue(&mut self, job: &Job) -> Result<()> {
        self.insert_job(job, job.attempts, None).await
    }

    /// Adds a job that the node of `lease` does itself: this counts as one attempt. Should the node stop, others get
    /// the job when the lease lapses.
    ///
    /// # Errors
    /// The database fails.
    pub async fn enqueue_claimed(&mut self, job: &Job, lease: &Lease) -> Result<()> {
        self.insert_job(job, job.attempts.saturating_add(1), Some(lease)).await
    }

    async fn insert_job(&mut self, job: &Job, attempts: u32, lease: Option<&Lease>) -> Result<()> {
        let (about_kind, about_id) = about_columns(job.about);
        sqlx::query(
            "INSERT INTO jobs (id, kind, tenant, about_kind, about_id, attempts, failures, run_at, \
             created_at, lease_node, lease_token, leased_until) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(job.id.to_string())
        .bind(job.kind.word())
        .bind(job.tenant.to_string())
        .bind(about_kind)
        .bind(about_id)
        .bind(i64::from(attempts))
        .bind(i64::from(job.failures))
        .bind(job.run_at.as_millis())
        .bind(job.created_at.as_millis())
        .bind(lease.map(|lease| lease.node.as_str()))
        .bind(lease.map(Lease::token))
        .bind(lease.map(|lease| lease.until().as_millis()))
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

impl Store {
    /// Claims the job of one of `kinds` that is due longest and that nobody holds, for `lease` from `now` on.
    ///
    /// # Errors
    /// The database fails.
    pub async fn claim(
        &self,
        node: &str,
        kinds: &[JobKind],
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<(Job, Lease)>> {
        let kinds = kind_list(kinds);
        // Most looks find nothing: those must not wait for the writer, nor keep it waiting.
        let is_due = sqlx::query(
            "SELECT 1 FROM jobs WHERE run_at <= $1 AND (leased_until IS NULL OR leased_until < $1) \
             AND $2 LIKE '%|' || kind || '|%' LIMIT 1",
        )
        .bind(now.as_millis())
        .bind(&kinds)
        .fetch_optional(&mut *self.database().reader().await?)
        .await?;
        if is_due.is_none() {
            return Ok(None);
        }
        let mut tx = self.database().begin().await?;
        let row = sqlx::query(
            "SELECT id, kind, tenant, about_kind, about_id, attempts + 1 AS attempts, failures, run_at, \
             created_at              FROM jobs WHERE run_at <= $1 AND (leased_until IS NULL OR leased_until < $1) \
             AND $2 LIKE '%|' || kind || '|%' ORDER BY run_at, id LIMIT 1",
        )
        .bind(now.as_millis())
        .bind(&kinds)
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let job = read(&row)?;
        let lease = Lease::new(job.id, node, now.plus(lease))?;
        sqlx::query(
            "UPDATE jobs SET attempts = $2, lease_node = $3, lease_token = $4, leased_until = $5 WHERE id = $1",
        )
        .bind(job.id.to_string())
        .bind(i64::from(job.attempts))
        .bind(&lease.node)
        .bind(lease.token())
        .bind(lease.until().as_millis())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Some((job, lease)))
    }

    /// When the next job may be claimed, be it due or its lease lapsed; `None` for an empty queue.
    ///
    /// # Errors
    /// The database fails.
    pub async fn next_due(&self, kinds: &[JobKind]) -> Result<Option<Timestamp>> {
        let row = sqlx::query(
            "SELECT MIN(COALESCE(leased_until + 1, run_at)) AS due FROM jobs WHERE $1 LIKE '%|' || kind || '|%'",
        )
        .bind(kind_list(kinds))
            .fetch_one(&mut *self.database().reader().await?)
            .await?;
        row.optional_time("due")
    }

    /// The jobs that were given up, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn dead_jobs(&self) -> Result<Vec<DeadJob>> {
        let rows = sqlx::query(
            "SELECT id, kind, tenant, about_kind, about_id, attempts, failures, run_at, created_at, error, \
             buried_at              FROM dead_jobs ORDER BY buried_at DESC, id",
        )
        .fetch_all(&mut *self.database().reader().await?)
        .await?;
        rows.iter()
            .map(|row| {
                let (error, buried_at) = (row.text("error")?, row.time("buried_at")?);
                Ok(DeadJob { job: read(row)?, error, buried_at })
            })
            .collect()
    }

    /// How many jobs are in the queue, those that are being done included.
    ///
    /// # Errors
    /// The database fails.
    pub async fn jobs_waiting(&self) -> Result<u64> {
        let row = sqlx::query("SELECT COUNT(*) AS waiting FROM jobs")
            .fetch_one(&mut *self.database().reader().await?)
            .await?;
        row.number("waiting")
    }
}

/// `|judge|close-retry-window|`: a list as one parameter, since static text has no lists of unknown length. Words have
/// none of the signs that LIKE reads.
fn kind_list(kinds: &[JobKind]) -> String {
    kinds.iter().fold("|".to_owned(), |list, kind| list + kind.word() + "|")
}

fn read(row: &SqliteRow) -> Result<Job> {
    Ok(Job {
        id: row.id("id")?,
        kind: row.word("kind")?,
        tenant: row.id("tenant")?,
        about: row.about()?,
        attempts: row.number("attempts")?,
        failures: row.number("failures")?,
        run_at: row.time("run_at")?,
        created_at: row.time("created_at")?,
    })
}
