//! Erasing a person: the key first, since nothing can be read without it, then rows and photos.

use domain::{ArtifactId, SubjectId, TenantId, Timestamp};
use sqlx::sqlite::SqliteRow;

use crate::audit::AuditEntry;
use crate::error::Result;
use crate::row::Columns as _;
use crate::store::Store;
use crate::tombstones::Tombstone;
use crate::tx::Tx;

/// What an erasure deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erased {
    /// Rows of the database.
    pub rows: u64,
    /// Photos.
    pub blobs: u64,
}

/// Every table that knows of a person, those that refer to others first. $1 is the tenant, $2 the person.
const DELETES: [&str; 27] = [
    "DELETE FROM jobs WHERE tenant = $1 AND about_id IN \
     (SELECT id FROM enrollments WHERE tenant = $1 AND subject = $2 \
     UNION SELECT id FROM verifications WHERE tenant = $1 AND subject = $2 \
     UNION SELECT id FROM document_sessions WHERE tenant = $1 AND subject = $2)",
    "DELETE FROM dead_jobs WHERE tenant = $1 AND about_id IN \
     (SELECT id FROM enrollments WHERE tenant = $1 AND subject = $2 \
     UNION SELECT id FROM verifications WHERE tenant = $1 AND subject = $2 \
     UNION SELECT id FROM document_sessions WHERE tenant = $1 AND subject = $2)",
    "DELETE FROM uploads WHERE about_id IN \
     (SELECT id FROM enrollments WHERE tenant = $1 AND subject = $2 \
     UNION SELECT id FROM verifications WHERE tenant = $1 AND subject = $2)",
    "DELETE FROM judgement_checks WHERE verification IN \
     (SELECT id FROM verifications WHERE tenant = $1 AND subject = $2)",
    "DELETE FROM judgements WHERE verification IN \
     (SELECT id FROM verifications WHERE tenant = $1 AND subject = $2)",
    "DELETE FROM reference_faces WHERE enrollment IN \
     (SELECT id FROM enrollments WHERE tenant = $1 AND subject = $2)",
    "DELETE FROM session_faces WHERE tenant = $1 AND subject = $2",
    "DELETE FROM session_images WHERE tenant = $1 AND subject = $2",
    "DELETE FROM transactions WHERE tenant = $1 AND subject = $2",
    "DELETE FROM session_pages WHERE tenant = $1 AND subject = $2",
    "DELETE FROM document_sessions WHERE tenant = $1 AND subject = $2",
    "DELETE FROM artifacts WHERE tenant = $1 AND subject = $2",
    "DELETE FROM deliveries WHERE tenant = $1 AND subject = $2",
    "DELETE FROM events WHERE tenant = $1 AND subject = $2",
    "DELETE FROM attempts WHERE tenant = $1 AND subject = $2",
    "DELETE FROM frame_marks WHERE scan IN (SELECT id FROM scans WHERE tenant = $1 AND subject = $2)",
    "DELETE FROM scans WHERE tenant = $1 AND subject = $2",
    "DELETE FROM captures WHERE tenant = $1 AND subject = $2",
    "UPDATE badges SET subject = NULL WHERE tenant = $1 AND subject = $2",
    "DELETE FROM verifications WHERE tenant = $1 AND subject = $2",
    "DELETE FROM enrollments WHERE tenant = $1 AND subject = $2",
    // With what is on its way of them.
    "DELETE FROM one_time_passwords WHERE tenant = $1 AND subject = $2",
    "DELETE FROM token_families WHERE tenant = $1 AND subject = $2",
    "DELETE FROM identity_devices WHERE tenant = $1 AND subject = $2",
    "DELETE FROM identities WHERE tenant = $1 AND subject = $2",
    "DELETE FROM keys WHERE tenant = $1 AND subject = $2",
    "DELETE FROM subjects WHERE tenant = $1 AND id = $2",
];

impl Store {
    /// Erases a person. Can be repeated, and goes on where it was interrupted; the next [`Store::open`] does so by
    /// itself.
    ///
    /// A tombstone stays in the key ring, so that no backup brings the person back, and an entry in the audit log that
    /// names the person's id and nothing else.
    ///
    /// # Errors
    /// The key ring, the database or a file fails. Call it again then.
    pub async fn erase_subject(
        &self,
        tenant: TenantId,
        subject: SubjectId,
        now: Timestamp,
    ) -> Result<Erased> {
        self.keyring().bury(Tombstone { tenant, subject, erased_at: now }).await?;
        self.erase_rest(tenant, subject, now).await
    }

    /// Erases again everyone who was erased and of whom there are rows, as after a restore. Returns how many.
    ///
    /// # Errors
    /// As for [`Store::erase_subject`].
    pub async fn apply_tombstones(&self, now: Timestamp) -> Result<u64> {
        let mut erased = 0;
        for stone in self.keyring().tombstones().await? {
            if self.has_rows(stone.tenant, stone.subject).await? {
                self.erase_subject(stone.tenant, stone.subject, now).await?;
                erased += 1;
            }
        }
        Ok(erased)
    }

    /// Takes back the key of a person who was not kept after all, for whoever made it with
    /// [`Store::create_subject_key`]. Of whoever was kept nothing is touched: they are erased, not discarded.
    ///
    /// # Errors
    /// The key ring or the database fails.
    pub async fn discard_subject_key(&self, tenant: TenantId, subject: SubjectId) -> Result<()> {
        if self.has_rows(tenant, subject).await? {
            return Ok(());
        }
        self.keyring().discard_subject_key(tenant, subject).await
    }

    /// Finishes what a stop interrupted. It counts from when it was begun: no clock is needed to open a store.
    pub(crate) async fn finish_erasures(&self) -> Result<()> {
        for stone in self.keyring().unfinished_tombstones().await? {
            self.keyring().bury(stone).await?;
            self.erase_rest(stone.tenant, stone.subject, stone.erased_at).await?;
        }
        Ok(())
    }

    async fn has_rows(&self, tenant: TenantId, subject: SubjectId) -> Result<bool> {
        let row = sqlx::query(
            "SELECT 1 FROM subjects WHERE tenant = $1 AND id = $2 \
             UNION ALL SELECT 1 FROM keys WHERE tenant = $1 AND subject = $2 LIMIT 1",
        )
        .bind(tenant.to_string())
        .bind(subject.to_string())
        .fetch_optional(&mut *self.database().reader().await?)
        .await?;
        Ok(row.is_some())
    }

    /// Everything but the key and the tombstone.
    async fn erase_rest(&self, tenant: TenantId, subject: SubjectId, now: Timestamp) -> Result<Erased> {
        // Each with a key and a tombstone of its own. A person of a session owns none.
        for person in self.people_of(tenant, subject).await? {
            self.keyring().bury(Tombstone { tenant, subject: person, erased_at: now }).await?;
            self.erase_rows(tenant, person, now).await?;
        }
        self.erase_rows(tenant, subject, now).await
    }

    async fn erase_rows(&self, tenant: TenantId, subject: SubjectId, now: Timestamp) -> Result<Erased> {
        let mut tx = self.begin().await?;
        let artifacts = tx.artifacts_of(tenant, subject).await?;
        // While the rows are there that say what was on the blocklist.
        tx.note_erased(tenant, subject).await?;
        tx.revoke_badges_of(tenant, subject, now).await?;
        let mut erased = Erased { rows: tx.delete_rows_of(tenant, subject).await?, blobs: 0 };
        if erased.rows > 0 {
            tx.append_audit(&AuditEntry {
                tenant: Some(tenant),
                actor: "store".to_owned(),
                action: "subject.erased".to_owned(),
                about: subject.to_string(),
                at: now,
            })
            .await?;
        }
        // Before the commit: should this stop here, the rows that name the photos are still there for the next time.
        for id in artifacts {
            erased.blobs += u64::from(self.delete_blob_of(tenant, id).await?);
        }
        tx.commit().await?;
        self.keyring().rows_gone(tenant, subject, now).await?;
        Ok(erased)
    }
}

impl Tx {
    async fn artifacts_of(&mut self, tenant: TenantId, subject: SubjectId) -> Result<Vec<ArtifactId>> {
        let rows = sqlx::query("SELECT id FROM artifacts WHERE tenant = $1 AND subject = $2")
            .bind(tenant.to_string())
            .bind(subject.to_string())
            .fetch_all(self.connection())
            .await?;
        rows.iter().map(|row: &SqliteRow| row.id("id")).collect()
    }

    async fn delete_rows_of(&mut self, tenant: TenantId, subject: SubjectId) -> Result<u64> {
        let mut rows = 0;
        for delete in DELETES {
            let done = sqlx::query(delete)
                .bind(tenant.to_string())
                .bind(subject.to_string())
                .execute(self.connection())
                .await?;
            rows += done.rows_affected();
        }
        Ok(rows)
    }
}
