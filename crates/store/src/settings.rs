//! Settings of a tenant, each a document of its dialect. Sealed: some of them are secrets.

use domain::{Origin, TenantId};
use serde_json::Value;

use crate::error::Result;
use crate::row::Columns as _;
use crate::tx::Tx;
use crate::words::Word as _;

const VALUE: &str = "setting";

impl Tx {
    /// The setting of that name.
    ///
    /// # Errors
    /// The database fails, or the value does not open.
    pub async fn setting(&mut self, tenant: TenantId, origin: Origin, name: &str) -> Result<Option<Value>> {
        let row =
            sqlx::query("SELECT sealed_value FROM settings WHERE tenant = $1 AND origin = $2 AND name = $3")
                .bind(tenant.to_string())
                .bind(origin.word())
                .bind(name)
                .fetch_optional(self.connection())
                .await?;
        let Some(row) = row else { return Ok(None) };
        let seal = self.tenant_seal(tenant).await?;
        seal.open_json(VALUE, &place(origin, name), &row.bytes("sealed_value")?).map(Some)
    }

    /// Keeps a setting, in place of one of that name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn put_setting(
        &mut self,
        tenant: TenantId,
        origin: Origin,
        name: &str,
        value: &Value,
    ) -> Result<()> {
        let seal = self.tenant_seal(tenant).await?;
        sqlx::query(
            "INSERT INTO settings (tenant, origin, name, sealed_value) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (tenant, origin, name) DO UPDATE SET sealed_value = excluded.sealed_value",
        )
        .bind(tenant.to_string())
        .bind(origin.word())
        .bind(name)
        .bind(seal.seal_json(VALUE, &place(origin, name), value)?)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Deletes a setting. `false` where there is none of that name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_setting(&mut self, tenant: TenantId, origin: Origin, name: &str) -> Result<bool> {
        let done = sqlx::query("DELETE FROM settings WHERE tenant = $1 AND origin = $2 AND name = $3")
            .bind(tenant.to_string())
            .bind(origin.word())
            .bind(name)
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// All settings of a tenant in one dialect, by name.
    ///
    /// # Errors
    /// The database fails, or a value does not open.
    pub async fn settings(&mut self, tenant: TenantId, origin: Origin) -> Result<Vec<(String, Value)>> {
        let rows = sqlx::query(
            "SELECT name, sealed_value FROM settings WHERE tenant = $1 AND origin = $2 ORDER BY name",
        )
        .bind(tenant.to_string())
        .bind(origin.word())
        .fetch_all(self.connection())
        .await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let seal = self.tenant_seal(tenant).await?;
        rows.iter()
            .map(|row| {
                let name = row.text("name")?;
                let value = seal.open_json(VALUE, &place(origin, &name), &row.bytes("sealed_value")?)?;
                Ok((name, value))
            })
            .collect()
    }
}

/// Origins have no zero byte, so that no two settings share a place.
fn place(origin: Origin, name: &str) -> Vec<u8> {
    [origin.word().as_bytes(), &[0], name.as_bytes()].concat()
}
