//! Tenants: the customers of the server.

use domain::{TenantId, Timestamp};
use sqlx::sqlite::SqliteRow;

use crate::error::Result;
use crate::row::Columns as _;
use crate::tx::{Tx, one_row};

/// A customer of the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// What the operator calls it.
    pub name: String,
    /// The name of its plan.
    pub plan: String,
    /// Origins of web pages that may call in its name, as a browser writes them.
    pub allowed_origins: Vec<String>,
    /// The highest false match rate that its thresholds may have, 0..1.
    pub similarity_floor_fmr: f64,
    /// Days for which the pictures of its captures are kept; 0 keeps none.
    pub evidence_days: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its subscription became inactive; its keys open nothing until that ends.
    pub suspended_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl Tx {
    /// Keeps a new tenant. Its key was made before, by [`crate::Store::create_tenant_key`].
    ///
    /// # Errors
    /// The database fails, or has the id already.
    pub async fn insert_tenant(&mut self, tenant: &Tenant) -> Result<()> {
        sqlx::query(
            "INSERT INTO tenants (id, name, plan, similarity_floor_fmr, created_at, suspended_at, revoked_at, \
             evidence_days) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(tenant.id.to_string())
        .bind(&tenant.name)
        .bind(&tenant.plan)
        .bind(tenant.similarity_floor_fmr)
        .bind(tenant.created_at.as_millis())
        .bind(tenant.suspended_at.map(Timestamp::as_millis))
        .bind(tenant.revoked_at.map(Timestamp::as_millis))
        .bind(tenant.evidence_days)
        .execute(self.connection())
        .await?;
        self.save_origins(tenant).await
    }

    /// Keeps the new form of a tenant.
    ///
    /// # Errors
    /// [`crate::StoreError::Missing`] where there is no such tenant, or the database fails.
    pub async fn save_tenant(&mut self, tenant: &Tenant) -> Result<()> {
        let done = sqlx::query(
            "UPDATE tenants SET name = $2, plan = $3, similarity_floor_fmr = $4, suspended_at = $5, \
             revoked_at = $6, evidence_days = $7 WHERE id = $1",
        )
        .bind(tenant.id.to_string())
        .bind(&tenant.name)
        .bind(&tenant.plan)
        .bind(tenant.similarity_floor_fmr)
        .bind(tenant.suspended_at.map(Timestamp::as_millis))
        .bind(tenant.revoked_at.map(Timestamp::as_millis))
        .bind(tenant.evidence_days)
        .execute(self.connection())
        .await?;
        one_row(done.rows_affected(), "the tenant")?;
        sqlx::query("DELETE FROM tenant_origins WHERE tenant = $1")
            .bind(tenant.id.to_string())
            .execute(self.connection())
            .await?;
        self.save_origins(tenant).await
    }

    async fn save_origins(&mut self, tenant: &Tenant) -> Result<()> {
        for (position, origin) in (0_i64..).zip(&tenant.allowed_origins) {
            sqlx::query("INSERT INTO tenant_origins (tenant, position, origin) VALUES ($1, $2, $3)")
                .bind(tenant.id.to_string())
                .bind(position)
                .bind(origin)
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }

    /// The tenant of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn tenant(&mut self, id: TenantId) -> Result<Option<Tenant>> {
        let row = sqlx::query(
            "SELECT id, name, plan, similarity_floor_fmr, created_at, suspended_at, revoked_at, evidence_days FROM tenants \
             WHERE id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(self.connection())
        .await?;
        match row {
            Some(row) => Ok(Some(self.with_origins(&row).await?)),
            None => Ok(None),
        }
    }

    /// All tenants, oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn tenants(&mut self) -> Result<Vec<Tenant>> {
        let rows = sqlx::query(
            "SELECT id, name, plan, similarity_floor_fmr, created_at, suspended_at, revoked_at, evidence_days FROM tenants \
             ORDER BY created_at, id",
        )
        .fetch_all(self.connection())
        .await?;
        let mut tenants = Vec::with_capacity(rows.len());
        for row in &rows {
            tenants.push(self.with_origins(row).await?);
        }
        Ok(tenants)
    }

    async fn with_origins(&mut self, row: &SqliteRow) -> Result<Tenant> {
        let id: TenantId = row.id("id")?;
        let origins = sqlx::query("SELECT origin FROM tenant_origins WHERE tenant = $1 ORDER BY position")
            .bind(id.to_string())
            .fetch_all(self.connection())
            .await?;
        Ok(Tenant {
            id,
            name: row.text("name")?,
            plan: row.text("plan")?,
            allowed_origins: origins.iter().map(|row| row.text("origin")).collect::<Result<_>>()?,
            similarity_floor_fmr: row.real("similarity_floor_fmr")?,
            evidence_days: row.number("evidence_days")?,
            created_at: row.time("created_at")?,
            suspended_at: row.optional_time("suspended_at")?,
            revoked_at: row.optional_time("revoked_at")?,
        })
    }

    /// Whether pages of `origin` may call in the name of any tenant that is not revoked. A browser asks this before it
    /// shows the key that would say which tenant it is.
    ///
    /// # Errors
    /// The database fails.
    pub async fn is_allowed_origin_of_any(&mut self, origin: &str) -> Result<bool> {
        let row = sqlx::query(
            "SELECT 1 FROM tenant_origins JOIN tenants ON tenants.id = tenant_origins.tenant \
             WHERE tenant_origins.origin = $1 AND tenants.revoked_at IS NULL LIMIT 1",
        )
        .bind(origin)
        .fetch_optional(self.connection())
        .await?;
        Ok(row.is_some())
    }
}
