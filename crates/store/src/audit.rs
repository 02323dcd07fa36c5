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

/// Which entries of the audit log are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// Of one tenant; `None` for all of them and the server.
    pub tenant: Option<TenantId>,
    /// Of one action, by its exact word.
    pub action: Option<String>,
    /// Of this time and later.
    pub since: Option<Timestamp>,
    /// With a lower number: that of the last entry of the part before. `None` for the start.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
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

    /// The entries that `filter` asks for, newest first, each with its number.
    ///
    /// # Errors
    /// The database fails.
    pub async fn audit(&mut self, filter: &AuditFilter) -> Result<Vec<(i64, AuditEntry)>> {
        let query = match filter.tenant {
            Some(tenant) => sqlx::query(
                "SELECT sequence, tenant, actor, action, about, at FROM audit WHERE sequence < $1 \
                 AND ($3 IS NULL OR action = $3) AND at >= $4 AND tenant = $5 ORDER BY sequence DESC LIMIT $2",
            )
            .bind(filter.before.unwrap_or(i64::MAX))
            .bind(i64::from(filter.limit))
            .bind(filter.action.as_deref())
            .bind(filter.since.map_or(i64::MIN, Timestamp::as_millis))
            .bind(tenant.to_string()),
            None => sqlx::query(
                "SELECT sequence, tenant, actor, action, about, at FROM audit WHERE sequence < $1 \
                 AND ($3 IS NULL OR action = $3) AND at >= $4 ORDER BY sequence DESC LIMIT $2",
            )
            .bind(filter.before.unwrap_or(i64::MAX))
            .bind(i64::from(filter.limit))
            .bind(filter.action.as_deref())
            .bind(filter.since.map_or(i64::MIN, Timestamp::as_millis)),
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
