//! Requests that keys have used up. Kept until all of them are back.

use domain::{KeyId, TenantId};

use crate::error::Result;
use crate::row::Columns as _;
use crate::tx::Tx;

impl Tx {
    /// When all requests of a key are back, in microseconds since 1970; `None` where none is missed.
    ///
    /// # Errors
    /// The database fails.
    pub async fn requests_full_at(
        &mut self,
        tenant: TenantId,
        key: KeyId,
        bucket: &str,
    ) -> Result<Option<i64>> {
        let row =
            sqlx::query("SELECT full_at_micros FROM requests WHERE key = $1 AND bucket = $2 AND tenant = $3")
                .bind(key.to_string())
                .bind(bucket)
                .bind(tenant.to_string())
                .fetch_optional(self.connection())
                .await?;
        row.map(|row| row.integer("full_at_micros")).transpose()
    }

    /// Notes when all requests of a key are back, in microseconds since 1970.
    ///
    /// # Errors
    /// The database fails.
    pub async fn set_requests_full_at(
        &mut self,
        tenant: TenantId,
        key: KeyId,
        bucket: &str,
        full_at_micros: i64,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO requests (tenant, key, bucket, full_at_micros) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (key, bucket) DO UPDATE SET full_at_micros = excluded.full_at_micros",
        )
        .bind(tenant.to_string())
        .bind(key.to_string())
        .bind(bucket)
        .bind(full_at_micros)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Forgets the keys whose requests were all back before `before`, in microseconds since 1970. How many.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_requests(&mut self, before: i64) -> Result<u64> {
        let done = sqlx::query("DELETE FROM requests WHERE full_at_micros < $1")
            .bind(before)
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected())
    }
}
