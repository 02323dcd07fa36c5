//! The upload that was accepted for an enrollment or a verification, known by its digest.

use domain::{About, Timestamp};

use crate::digest::Digest;
use crate::error::Result;
use crate::row::{Columns as _, about_columns};
use crate::tx::Tx;

impl Tx {
    /// Notes which upload was accepted, in place of what was noted before.
    ///
    /// # Errors
    /// The database fails.
    pub async fn set_upload(&mut self, about: About, digest: Digest, now: Timestamp) -> Result<()> {
        let (about_kind, about_id) = about_columns(about);
        sqlx::query(
            "INSERT INTO uploads (about_kind, about_id, digest, at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (about_kind, about_id) DO UPDATE SET digest = excluded.digest, at = excluded.at",
        )
        .bind(about_kind)
        .bind(about_id)
        .bind(digest.to_string())
        .bind(now.as_millis())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Which upload was accepted.
    ///
    /// # Errors
    /// The database fails.
    pub async fn upload(&mut self, about: About) -> Result<Option<Digest>> {
        let (about_kind, about_id) = about_columns(about);
        let row = sqlx::query("SELECT digest FROM uploads WHERE about_kind = $1 AND about_id = $2")
            .bind(about_kind)
            .bind(about_id)
            .fetch_optional(self.connection())
            .await?;
        row.map(|row| Digest::from_hex(&row.text("digest")?)).transpose()
    }
}
