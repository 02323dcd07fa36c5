//! The audit log: who did what to what, by ids only. Nothing in it is ever changed.

use domain::{TenantId, Timestamp};
use sqlx::sqlite::SqliteRow;

use crate::error::Result;
use crate::row::Columns as _;
use crate::tx::Tx;

/// One entry of the audit log. Without personal data: it stays when a person is erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Where it happened; `None` for the server as a whole.
    pub tenant: Option<TenantId>,
    /// Who did it: the id of a key or user, or `command line`.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what, by id.
    pub about: String,
    /// When.
    pub at: Timestamp,
}

impl Tx {
    /// Adds an entry.
    ///
    /// # Errors
    /// The database fails.
    pub async fn append_audit(&mut self, entry: &AuditEntry) -> Result<()> {
        sqlx::query("INSERT INTO audit (tenant, actor, action, about, at) VALUES ($1, $2, $3, $4, $5)")
            .bind(entry.tenant.as_ref().map(TenantId::to_string))
            .bind(&entry.actor)
            .bind(&entry.action)
            .bind(&entry.about)
            .bind(entry.at.as_millis())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// At most `limit` entries of a tenant, or of all and the server, newest first, each with its number. `before` is
    /// the last number of the part before; `None` for the start.
    ///
    /// # Errors
    /// The database fails.
    pub async fn audit(
        &mut self,
        tenant: Option<TenantId>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<(i64, AuditEntry)>> {
        let before = before.unwrap_or(i64::MAX);
        let query = match tenant {
            Some(tenant) => sqlx::query(
                "SELECT sequence, tenant, actor, action, about, at FROM audit \
                 WHERE sequence < $1 AND tenant = $3 ORDER BY sequence DESC LIMIT $2",
            )
            .bind(before)
            .bind(i64::from(limit))
            .bind(tenant.to_string()),
            None => sqlx::query(
                "SELECT sequence, tenant, actor, action, about, at FROM audit \
                 WHERE sequence < $1 ORDER BY sequence DESC LIMIT $2",
            )
            .bind(before)
            .bind(i64::from(limit)),
        };
        let rows = query.fetch_all(self.connection()).await?;
        rows.iter().map(|row| Ok((row.integer("sequence")?, read(row)?))).collect()
    }
}

fn read(row: &SqliteRow) -> Result<AuditEntry> {
    Ok(AuditEntry {
        tenant: row.optional_id("tenant")?,
        actor: row.text("actor")?,
        action: row.text("action")?,
        about: row.text("about")?,
        at: row.time("at")?,
    })
}
