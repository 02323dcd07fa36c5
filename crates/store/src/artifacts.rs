//! Artifacts: what is known of each stored photo. The photo itself is a blob.

use domain::{About, ArtifactId, Role, SubjectId, TenantId, Timestamp};
use sqlx::sqlite::SqliteRow;

use crate::digest::Digest;
use crate::error::Result;
use crate::row::{Columns as _, about_columns, integer};
use crate::tx::Tx;
use crate::words::Word as _;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, tenant, subject, about_kind, about_id, role, format, bytes, digest, created_at, delete_after \
             FROM artifacts ",
            $rest
        )
    };
}

/// A stored photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Its id, which names its blob.
    pub id: ArtifactId,
    /// Whose customer the person is.
    pub tenant: TenantId,
    /// The person.
    pub subject: SubjectId,
    /// What it was uploaded for.
    pub about: About,
    /// Which photo it is.
    pub role: Role,
    /// Its file format, such as `image/jpeg`.
    pub format: String,
    /// Its length before it was encrypted.
    pub bytes: u64,
    /// Its keyed digest.
    pub digest: Digest,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is to be deleted; `None` for when its person is erased.
    pub delete_after: Option<Timestamp>,
}

impl Tx {
    /// Keeps the row of a photo. Its blob was put before, by [`crate::Store::put_blob`].
    ///
    /// # Errors
    /// The database fails, also where the person is not there.
    pub async fn insert_artifact(&mut self, artifact: &Artifact) -> Result<()> {
        let (about_kind, about_id) = about_columns(artifact.about);
        sqlx::query(
            "INSERT INTO artifacts \
             (id, tenant, subject, about_kind, about_id, role, format, bytes, digest, created_at, delete_after) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(artifact.id.to_string())
        .bind(artifact.tenant.to_string())
        .bind(artifact.subject.to_string())
        .bind(about_kind)
        .bind(about_id)
        .bind(artifact.role.word())
        .bind(&artifact.format)
        .bind(integer(artifact.bytes, "length of a photo")?)
        .bind(artifact.digest.to_string())
        .bind(artifact.created_at.as_millis())
        .bind(artifact.delete_after.map(Timestamp::as_millis))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The photo of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn artifact(&mut self, tenant: TenantId, id: ArtifactId) -> Result<Option<Artifact>> {
        let row = sqlx::query(select!("WHERE tenant = $1 AND id = $2"))
            .bind(tenant.to_string())
            .bind(id.to_string())
            .fetch_optional(self.connection())
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The photos of an enrollment or a verification, oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn artifacts(&mut self, about: About) -> Result<Vec<Artifact>> {
        let (about_kind, about_id) = about_columns(about);
        let rows = sqlx::query(select!("WHERE about_kind = $1 AND about_id = $2 ORDER BY created_at, id"))
            .bind(about_kind)
            .bind(about_id)
            .fetch_all(self.connection())
            .await?;
        rows.iter().map(read).collect()
    }

    /// What is kept of a tenant in files of `format`, oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn artifacts_of_format(&mut self, tenant: TenantId, format: &str) -> Result<Vec<Artifact>> {
        let rows = sqlx::query(select!("WHERE tenant = $1 AND format = $2 ORDER BY created_at, id"))
            .bind(tenant.to_string())
            .bind(format)
            .fetch_all(self.connection())
            .await?;
        rows.iter().map(read).collect()
    }

    /// Has the photos of an enrollment or a verification deleted after `end`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_artifacts_after(&mut self, about: About, end: Timestamp) -> Result<()> {
        let (about_kind, about_id) = about_columns(about);
        sqlx::query("UPDATE artifacts SET delete_after = $3 WHERE about_kind = $1 AND about_id = $2")
            .bind(about_kind)
            .bind(about_id)
            .bind(end.as_millis())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// At most `limit` photos that were to be deleted before or at `now`, longest overdue first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn artifacts_due(&mut self, now: Timestamp, limit: u32) -> Result<Vec<Artifact>> {
        let rows = sqlx::query(select!("WHERE delete_after <= $1 ORDER BY delete_after, id LIMIT $2"))
            .bind(now.as_millis())
            .bind(i64::from(limit))
            .fetch_all(self.connection())
            .await?;
        rows.iter().map(read).collect()
    }

    /// Deletes the row of a photo; its blob is deleted after the commit, by [`crate::Store::delete_blob`]. `false`
    /// where the tenant has no such photo.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_artifact(&mut self, tenant: TenantId, id: ArtifactId) -> Result<bool> {
        let done = sqlx::query("DELETE FROM artifacts WHERE tenant = $1 AND id = $2")
            .bind(tenant.to_string())
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() > 0)
    }
}

fn read(row: &SqliteRow) -> Result<Artifact> {
    Ok(Artifact {
        id: row.id("id")?,
        tenant: row.id("tenant")?,
        subject: row.id("subject")?,
        about: row.about()?,
        role: row.word("role")?,
        format: row.text("format")?,
        bytes: row.number("bytes")?,
        digest: Digest::from_hex(&row.text("digest")?)?,
        created_at: row.time("created_at")?,
        delete_after: row.optional_time("delete_after")?,
    })
}
