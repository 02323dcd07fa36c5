//! Goes at a challenge, and the marks of their frames.

use domain::{ScanId, ScanState, TenantId, Timestamp, Verification, VerificationId};
use serde_json::Value;

use crate::digest::Digest;
use crate::error::Result;
use crate::row::{Columns as _, json_text};
use crate::tx::{Tx, one_row};
use crate::words::Word as _;

const RECORD: &str = "record of a scan";

/// One go at a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanRow {
    /// Its id.
    pub id: ScanId,
    /// Which go of its verification it is, from 1.
    pub number: u8,
    /// How it stands.
    pub state: ScanState,
    /// When its first step started.
    pub started_at: Timestamp,
}

impl Tx {
    /// Keeps a scan that begins. `false`, and nothing kept, where there is one of that number.
    ///
    /// # Errors
    /// [`crate::StoreError::ErasedSubject`] without the person's key, or the database fails.
    pub async fn insert_scan(
        &mut self,
        verification: &Verification,
        scan: &ScanRow,
        record: &Value,
    ) -> Result<bool> {
        let seal = self.subject_seal(verification.tenant, verification.subject).await?;
        let done = sqlx::query(
            "INSERT INTO scans (id, verification, tenant, subject, number, state, started_at, sealed_record) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (verification, number) DO NOTHING",
        )
        .bind(scan.id.to_string())
        .bind(verification.id.to_string())
        .bind(verification.tenant.to_string())
        .bind(verification.subject.to_string())
        .bind(i64::from(scan.number))
        .bind(scan.state.word())
        .bind(scan.started_at.as_millis())
        .bind(seal.seal_json(RECORD, scan.id.as_bytes(), record)?)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Keeps what a scan has come to. `false`, and nothing kept, where it has ended before.
    ///
    /// # Errors
    /// [`crate::StoreError::ErasedSubject`] without the person's key, or the database fails.
    pub async fn save_scan(
        &mut self,
        verification: &Verification,
        id: ScanId,
        state: ScanState,
        record: &Value,
        now: Timestamp,
    ) -> Result<bool> {
        let seal = self.subject_seal(verification.tenant, verification.subject).await?;
        let ended_at = (state != ScanState::Running).then_some(now.as_millis());
        let done = sqlx::query(
            "UPDATE scans SET state = $2, ended_at = $3, sealed_record = $4 WHERE id = $1 AND state = 'running'",
        )
        .bind(id.to_string())
        .bind(state.word())
        .bind(ended_at)
        .bind(seal.seal_json(RECORD, id.as_bytes(), record)?)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Ends a scan of which nothing more is heard.
    ///
    /// # Errors
    /// [`crate::StoreError::Missing`] where there is none that runs, or the database fails.
    pub async fn lose_scan(&mut self, id: ScanId, now: Timestamp) -> Result<()> {
        let done =
            sqlx::query("UPDATE scans SET state = 'lost', ended_at = $2 WHERE id = $1 AND state = 'running'")
                .bind(id.to_string())
                .bind(now.as_millis())
                .execute(self.connection())
                .await?;
        one_row(done.rows_affected(), "the scan")
    }

    /// The scans of a verification, in their order.
    ///
    /// # Errors
    /// The database fails.
    pub async fn scans(&mut self, verification: VerificationId) -> Result<Vec<ScanRow>> {
        let rows = sqlx::query(
            "SELECT id, number, state, started_at FROM scans WHERE verification = $1 ORDER BY number",
        )
        .bind(verification.to_string())
        .fetch_all(self.connection())
        .await?;
        let read = |row| {
            Ok(ScanRow {
                id: row_id(row)?,
                number: row.number("number")?,
                state: row.word("state")?,
                started_at: row.time("started_at")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// What was drawn, what came and what was measured in a scan.
    ///
    /// # Errors
    /// The database fails, or the record does not open.
    pub async fn scan_record(&mut self, verification: &Verification, id: ScanId) -> Result<Option<Value>> {
        let row = sqlx::query("SELECT sealed_record FROM scans WHERE verification = $1 AND id = $2")
            .bind(verification.id.to_string())
            .bind(id.to_string())
            .fetch_optional(self.connection())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let seal = self.subject_seal(verification.tenant, verification.subject).await?;
        Ok(Some(seal.open_json(RECORD, id.as_bytes(), &row.bytes("sealed_record")?)?))
    }

    /// Keeps the marks of a scan's frames, and tells how many of them another scan of the tenant left before.
    ///
    /// # Errors
    /// The database fails.
    pub async fn mark_frames(
        &mut self,
        tenant: TenantId,
        scan: ScanId,
        marks: &[Digest],
        now: Timestamp,
    ) -> Result<u64> {
        let marks = json_text(&marks.iter().map(Digest::to_string).collect::<Vec<_>>())?;
        let known = sqlx::query(
            "SELECT COUNT(DISTINCT mark) AS known FROM frame_marks \
             WHERE tenant = $1 AND scan <> $2 AND mark IN (SELECT value FROM json_each($3))",
        )
        .bind(tenant.to_string())
        .bind(scan.to_string())
        .bind(&marks)
        .fetch_one(self.connection())
        .await?;
        sqlx::query(
            "INSERT INTO frame_marks (tenant, mark, scan, at) SELECT $1, value, $2, $4 FROM json_each($3) \
             WHERE true ON CONFLICT DO NOTHING",
        )
        .bind(tenant.to_string())
        .bind(scan.to_string())
        .bind(&marks)
        .bind(now.as_millis())
        .execute(self.connection())
        .await?;
        known.number("known")
    }

    /// Forgets marks of before `oldest`. How many.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_marks(&mut self, oldest: Timestamp) -> Result<u64> {
        let done = sqlx::query("DELETE FROM frame_marks WHERE at < $1")
            .bind(oldest.as_millis())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected())
    }
}

fn row_id(row: &sqlx::sqlite::SqliteRow) -> Result<ScanId> {
    row.id("id")
}
