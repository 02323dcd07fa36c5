//! API keys, without their secrets.

use std::collections::BTreeSet;

use domain::{Key, KeyId, Permission, SubjectId, TenantId, Timestamp};
use sqlx::sqlite::SqliteRow;

use crate::error::Result;
use crate::row::{Columns as _, json_text};
use crate::tenants::Tenant;
use crate::tx::Tx;
use crate::words::Word as _;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, tenant, name, kind, permissions, subject, created_at, expires_at, revoked_at FROM keys ",
            $rest
        )
    };
}

impl Tx {
    /// Keeps a new key.
    ///
    /// # Errors
    /// The database fails, or has the id already.
    pub async fn insert_key(&mut self, key: &Key) -> Result<()> {
        let permissions: Vec<&str> = key.permissions.iter().map(|permission| permission.word()).collect();
        sqlx::query(
            "INSERT INTO keys (id, tenant, name, kind, permissions, subject, created_at, expires_at, revoked_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(key.id.to_string())
        .bind(key.tenant.to_string())
        .bind(&key.name)
        .bind(key.kind.word())
        .bind(json_text(&permissions)?)
        .bind(key.subject.as_ref().map(SubjectId::to_string))
        .bind(key.created_at.as_millis())
        .bind(key.expires_at.map(Timestamp::as_millis))
        .bind(key.revoked_at.map(Timestamp::as_millis))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The key of that id, whosever it is: it is the key that says which tenant calls.
    ///
    /// # Errors
    /// The database fails.
    pub async fn key(&mut self, id: KeyId) -> Result<Option<Key>> {
        let row = sqlx::query(select!("WHERE id = $1"))
            .bind(id.to_string())
            .fetch_optional(self.connection())
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The key of that id and its tenant, in one look: this is asked at every request.
    ///
    /// # Errors
    /// The database fails.
    pub async fn key_and_tenant(&mut self, id: KeyId) -> Result<Option<(Key, Tenant)>> {
        let rows = sqlx::query(
            "SELECT keys.id, keys.tenant, keys.name, keys.kind, keys.permissions, keys.subject, keys.created_at, \
             keys.expires_at, keys.revoked_at, tenants.name AS tenant_name, tenants.plan, \
             tenants.similarity_floor_fmr, tenants.created_at AS tenant_created_at, \
             tenants.revoked_at AS tenant_revoked_at, tenants.suspended_at, tenants.evidence_days, \
             tenant_origins.origin \
             FROM keys JOIN tenants ON tenants.id = keys.tenant \
             LEFT JOIN tenant_origins ON tenant_origins.tenant = keys.tenant \
             WHERE keys.id = $1 ORDER BY tenant_origins.position",
        )
        .bind(id.to_string())
        .fetch_all(self.connection())
        .await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let origins = rows.iter().map(|row| row.optional_text("origin"));
        let key = read(row)?;
        let tenant = Tenant {
            id: key.tenant,
            name: row.text("tenant_name")?,
            plan: row.text("plan")?,
            allowed_origins: origins.filter_map(Result::transpose).collect::<Result<_>>()?,
            similarity_floor_fmr: row.real("similarity_floor_fmr")?,
            evidence_days: row.number("evidence_days")?,
            created_at: row.time("tenant_created_at")?,
            suspended_at: row.optional_time("suspended_at")?,
            revoked_at: row.optional_time("tenant_revoked_at")?,
        };
        Ok(Some((key, tenant)))
    }

    /// All keys of a tenant, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn keys(&mut self, tenant: TenantId) -> Result<Vec<Key>> {
        let rows = sqlx::query(select!("WHERE tenant = $1 ORDER BY created_at DESC, id DESC"))
            .bind(tenant.to_string())
            .fetch_all(self.connection())
            .await?;
        rows.iter().map(read).collect()
    }

    /// How many keys of a tenant open something at `now`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn live_keys(&mut self, tenant: TenantId, now: Timestamp) -> Result<u64> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS live FROM keys \
             WHERE tenant = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)",
        )
        .bind(tenant.to_string())
        .bind(now.as_millis())
        .fetch_one(self.connection())
        .await?;
        row.number("live")
    }

    /// Revokes a key. `false` where the tenant has no such key or it was revoked before.
    ///
    /// # Errors
    /// The database fails.
    pub async fn revoke_key(&mut self, tenant: TenantId, id: KeyId, now: Timestamp) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE keys SET revoked_at = $3 WHERE tenant = $1 AND id = $2 AND revoked_at IS NULL",
        )
        .bind(tenant.to_string())
        .bind(id.to_string())
        .bind(now.as_millis())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }
}

fn read(row: &SqliteRow) -> Result<Key> {
    let permissions: Vec<String> = row.json("permissions")?;
    Ok(Key {
        id: row.id("id")?,
        tenant: row.id("tenant")?,
        name: row.text("name")?,
        kind: row.word("kind")?,
        permissions: permissions
            .iter()
            .map(|word| Permission::from_word(word))
            .collect::<Result<BTreeSet<_>>>()?,
        subject: row.optional_id("subject")?,
        created_at: row.time("created_at")?,
        expires_at: row.optional_time("expires_at")?,
        revoked_at: row.optional_time("revoked_at")?,
    })
}
