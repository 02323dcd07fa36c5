//! Tombstones: who was erased. They outlive every backup, so that no restore brings a person back.

use domain::{SubjectId, TenantId, Timestamp};

use crate::error::Result;
use crate::keyring::Keyring;
use crate::row::Columns as _;

/// One erased person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tombstone {
    pub(crate) tenant: TenantId,
    pub(crate) subject: SubjectId,
    pub(crate) erased_at: Timestamp,
}

impl Keyring {
    /// Puts up the tombstone and deletes the key, both or neither. From here on the person cannot be read.
    pub(crate) async fn bury(&self, stone: Tombstone) -> Result<()> {
        let mut tx = self.database().begin().await?;
        sqlx::query(
            "INSERT INTO tombstones (tenant, subject, erased_at, rows_gone_at) VALUES ($1, $2, $3, NULL) \
             ON CONFLICT (tenant, subject) DO UPDATE SET rows_gone_at = NULL",
        )
        .bind(stone.tenant.to_string())
        .bind(stone.subject.to_string())
        .bind(stone.erased_at.as_millis())
        .execute(&mut *tx)
        .await?;
        sqlx::query("DELETE FROM subject_keys WHERE tenant = $1 AND subject = $2")
            .bind(stone.tenant.to_string())
            .bind(stone.subject.to_string())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        // The log still has the sealed key.
        self.empty_log().await
    }

    /// Notes that nothing of the person is left.
    pub(crate) async fn rows_gone(&self, tenant: TenantId, subject: SubjectId, at: Timestamp) -> Result<()> {
        sqlx::query("UPDATE tombstones SET rows_gone_at = $3 WHERE tenant = $1 AND subject = $2")
            .bind(tenant.to_string())
            .bind(subject.to_string())
            .bind(at.as_millis())
            .execute(&mut *self.database().writer().await?)
            .await?;
        Ok(())
    }

    /// Everyone who was erased.
    pub(crate) async fn tombstones(&self) -> Result<Vec<Tombstone>> {
        let rows = sqlx::query("SELECT tenant, subject, erased_at FROM tombstones ORDER BY erased_at")
            .fetch_all(&mut *self.database().reader().await?)
            .await?;
        rows.iter().map(tombstone).collect()
    }

    /// Those whose erasure was interrupted before its end.
    pub(crate) async fn unfinished_tombstones(&self) -> Result<Vec<Tombstone>> {
        let rows = sqlx::query(
            "SELECT tenant, subject, erased_at FROM tombstones WHERE rows_gone_at IS NULL ORDER BY erased_at",
        )
        .fetch_all(&mut *self.database().reader().await?)
        .await?;
        rows.iter().map(tombstone).collect()
    }
}

fn tombstone(row: &sqlx::sqlite::SqliteRow) -> Result<Tombstone> {
    Ok(Tombstone {
        tenant: row.id("tenant")?,
        subject: row.id("subject")?,
        erased_at: row.time("erased_at")?,
    })
}
