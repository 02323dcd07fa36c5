//! How much a tenant used, month by month.

use domain::TenantId;

use crate::error::Result;
use crate::row::{Columns as _, integer};
use crate::tx::Tx;

impl Tx {
    /// Counts one verification of a tenant in `month`, written as `2026-11`. `false`, and nothing counted, where there
    /// are `limit` of them already; without a limit it is counted all the same.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_verification(
        &mut self,
        tenant: TenantId,
        month: &str,
        limit: Option<u64>,
    ) -> Result<bool> {
        let limit = limit.map_or(Ok(i64::MAX), |limit| integer(limit, "limit"))?;
        if limit == 0 {
            return Ok(false);
        }
        let done = sqlx::query(
            "INSERT INTO usage (tenant, month, verifications) VALUES ($1, $2, 1) \
             ON CONFLICT (tenant, month) DO UPDATE SET verifications = usage.verifications + 1 \
             WHERE usage.verifications < $3",
        )
        .bind(tenant.to_string())
        .bind(month)
        .bind(limit)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// How many verifications of a tenant were counted in `month`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn verifications_counted(&mut self, tenant: TenantId, month: &str) -> Result<u64> {
        let row = sqlx::query("SELECT verifications FROM usage WHERE tenant = $1 AND month = $2")
            .bind(tenant.to_string())
            .bind(month)
            .fetch_optional(self.connection())
            .await?;
        row.map_or(Ok(0), |row| row.number("verifications"))
    }
}
