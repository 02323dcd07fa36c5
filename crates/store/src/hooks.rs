//! Hooks. Their URLs and secrets are sealed under the tenant's key: a URL may hold a secret of its own.

use std::collections::BTreeSet;

use domain::{Disabled, Hook, HookFilter, HookId, HookStyle, TenantId, WebUrl};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteRow;

use crate::error::{Result, StoreError};
use crate::page::Page;
use crate::row::{Columns, json_text};
use crate::seal::TenantSeal;
use crate::tx::{Tx, one_row};
use crate::words::Word;

const URL: &str = "URL of a hook";
const SECRETS: &str = "secrets of a hook";
const EXTRA: &str = "extra of a hook";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, tenant, style, name, topics, actions, sealed_url, disabled_why, disabled_at, created_at, \
             updated_at FROM hooks ",
            $rest
        )
    };
}

/// What decides whether an enabled hook is told of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The hook.
    pub hook: HookId,
    /// In which form it is told.
    pub style: HookStyle,
    /// Of what.
    pub filter: HookFilter,
    /// Only of events with a number above this one.
    pub since: i64,
}

impl Tx {
    /// Keeps a new hook, which is told of events from now on. `secrets` and `extra` are documents of whoever reads them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_hook(
        &mut self,
        hook: &Hook,
        secrets: &impl Serialize,
        extra: &serde_json::Value,
    ) -> Result<()> {
        let seal = self.tenant_seal(hook.tenant).await?;
        let row = hook.id.as_bytes();
        sqlx::query(
            "INSERT INTO hooks \
             (id, tenant, style, name, topics, actions, since_sequence, sealed_url, sealed_secrets, sealed_extra, \
             disabled_why, disabled_at, created_at, updated_at) \
             SELECT $1, $2, $3, $4, $5, $6, COALESCE(MAX(sequence), 0), $7, $8, $9, $10, $11, $12, $13 FROM events",
        )
        .bind(hook.id.to_string())
        .bind(hook.tenant.to_string())
        .bind(hook.style.word())
        .bind(&hook.name)
        .bind(words(&hook.filter.topics)?)
        .bind(words(&hook.filter.actions)?)
        .bind(seal.seal(URL, row, hook.url.as_str().as_bytes())?)
        .bind(seal.seal_json(SECRETS, row, secrets)?)
        .bind(seal.seal_json(EXTRA, row, extra)?)
        .bind(hook.disabled.map(|disabled| disabled.why.word()))
        .bind(hook.disabled.map(|disabled| disabled.at.as_millis()))
        .bind(hook.created_at.as_millis())
        .bind(hook.updated_at.as_millis())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Keeps the new form of a hook, but not of its style and secrets. One that was disabled and is not any more is
    /// told of events from now on.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such hook, or the database fails.
    pub async fn save_hook(&mut self, hook: &Hook, extra: &serde_json::Value) -> Result<()> {
        let seal = self.tenant_seal(hook.tenant).await?;
        let row = hook.id.as_bytes();
        let done = sqlx::query(
            "UPDATE hooks SET name = $3, topics = $4, actions = $5, sealed_url = $6, sealed_extra = $7, \
             since_sequence = CASE WHEN disabled_at IS NOT NULL AND $9 IS NULL \
             THEN (SELECT COALESCE(MAX(sequence), 0) FROM events) ELSE since_sequence END, \
             disabled_why = $8, disabled_at = $9, updated_at = $10 WHERE tenant = $1 AND id = $2",
        )
        .bind(hook.tenant.to_string())
        .bind(hook.id.to_string())
        .bind(&hook.name)
        .bind(words(&hook.filter.topics)?)
        .bind(words(&hook.filter.actions)?)
        .bind(seal.seal(URL, row, hook.url.as_str().as_bytes())?)
        .bind(seal.seal_json(EXTRA, row, extra)?)
        .bind(hook.disabled.map(|disabled| disabled.why.word()))
        .bind(hook.disabled.map(|disabled| disabled.at.as_millis()))
        .bind(hook.updated_at.as_millis())
        .execute(self.connection())
        .await?;
        one_row(done.rows_affected(), "the hook")
    }

    /// The hook of that id.
    ///
    /// # Errors
    /// The database fails, or the URL does not open.
    pub async fn hook(&mut self, tenant: TenantId, id: HookId) -> Result<Option<Hook>> {
        let row = sqlx::query(select!("WHERE tenant = $1 AND id = $2"))
            .bind(tenant.to_string())
            .bind(id.to_string())
            .fetch_optional(self.connection())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let seal = self.tenant_seal(tenant).await?;
        read(&seal, &row).map(Some)
    }

    /// The hooks of a tenant, or those of one style, newest first.
    ///
    /// # Errors
    /// The database fails, or a URL does not open.
    pub async fn hooks(
        &mut self,
        tenant: TenantId,
        style: Option<HookStyle>,
        page: &Page,
    ) -> Result<Vec<Hook>> {
        let (at, id) = page.bounds();
        let rows = sqlx::query(select!(
            "WHERE tenant = $1 AND (created_at, id) < ($2, $3) AND ($5 IS NULL OR style = $5) \
             ORDER BY created_at DESC, id DESC LIMIT $4"
        ))
        .bind(tenant.to_string())
        .bind(at)
        .bind(id)
        .bind(i64::from(page.limit))
        .bind(style.map(Word::word))
        .fetch_all(self.connection())
        .await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let seal = self.tenant_seal(tenant).await?;
        rows.iter().map(|row| read(&seal, row)).collect()
    }

    /// How many hooks a tenant has.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_hooks(&mut self, tenant: TenantId) -> Result<u64> {
        let row = sqlx::query("SELECT COUNT(*) AS hooks FROM hooks WHERE tenant = $1")
            .bind(tenant.to_string())
            .fetch_one(self.connection())
            .await?;
        row.number("hooks")
    }

    /// The secrets of a hook, as [`Tx::insert_hook`] was given them.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such hook, or the database fails.
    pub async fn hook_secrets<T: DeserializeOwned>(&mut self, hook: &Hook) -> Result<T> {
        let row = sqlx::query("SELECT sealed_secrets AS sealed FROM hooks WHERE tenant = $1 AND id = $2")
            .bind(hook.tenant.to_string())
            .bind(hook.id.to_string())
            .fetch_optional(self.connection())
            .await?;
        self.open_hook(hook, SECRETS, row).await
    }

    /// The document of whoever made the hook.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such hook, or the database fails.
    pub async fn hook_extra(&mut self, hook: &Hook) -> Result<serde_json::Value> {
        let row = sqlx::query("SELECT sealed_extra AS sealed FROM hooks WHERE tenant = $1 AND id = $2")
            .bind(hook.tenant.to_string())
            .bind(hook.id.to_string())
            .fetch_optional(self.connection())
            .await?;
        self.open_hook(hook, EXTRA, row).await
    }

    async fn open_hook<T: DeserializeOwned>(
        &mut self,
        hook: &Hook,
        what: &'static str,
        row: Option<SqliteRow>,
    ) -> Result<T> {
        let row = row.ok_or(StoreError::Missing { what: "the hook" })?;
        self.tenant_seal(hook.tenant).await?.open_json(what, hook.id.as_bytes(), &row.bytes("sealed")?)
    }

    /// Deletes a hook and its deliveries. `false` where the tenant has no such hook.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_hook(&mut self, tenant: TenantId, id: HookId) -> Result<bool> {
        let (tenant, id) = (tenant.to_string(), id.to_string());
        sqlx::query("DELETE FROM deliveries WHERE tenant = $1 AND hook = $2")
            .bind(&tenant)
            .bind(&id)
            .execute(self.connection())
            .await?;
        let done = sqlx::query("DELETE FROM hooks WHERE tenant = $1 AND id = $2")
            .bind(&tenant)
            .bind(&id)
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// What the enabled hooks of a tenant want; nothing for a tenant that was revoked.
    ///
    /// # Errors
    /// The database fails.
    pub async fn subscriptions(&mut self, tenant: TenantId) -> Result<Vec<Subscription>> {
        let rows = sqlx::query(
            "SELECT hooks.id, style, topics, actions, since_sequence \
             FROM hooks JOIN tenants ON tenants.id = hooks.tenant AND tenants.revoked_at IS NULL \
             WHERE hooks.tenant = $1 AND hooks.disabled_at IS NULL ORDER BY hooks.created_at, hooks.id",
        )
        .bind(tenant.to_string())
        .fetch_all(self.connection())
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Subscription {
                    hook: row.id("id")?,
                    style: row.word("style")?,
                    filter: filter(row)?,
                    since: row.integer("since_sequence")?,
                })
            })
            .collect()
    }
}

fn words<T: Word + Copy>(set: &BTreeSet<T>) -> Result<String> {
    json_text(&set.iter().map(|entry| entry.word()).collect::<Vec<_>>())
}

fn set<T: Word + Ord>(row: &SqliteRow, column: &'static str) -> Result<BTreeSet<T>> {
    let words: Vec<String> = row.json(column)?;
    words.iter().map(|word| T::from_word(word)).collect()
}

fn filter(row: &SqliteRow) -> Result<HookFilter> {
    Ok(HookFilter { topics: set(row, "topics")?, actions: set(row, "actions")? })
}

fn read(seal: &TenantSeal, row: &SqliteRow) -> Result<Hook> {
    let id: HookId = row.id("id")?;
    let url = seal.open_text(URL, id.as_bytes(), &row.bytes("sealed_url")?)?;
    let disabled = match (row.optional_word("disabled_why")?, row.optional_time("disabled_at")?) {
        (Some(why), Some(at)) => Some(Disabled { why, at }),
        _ => None,
    };
    Ok(Hook {
        id,
        tenant: row.id("tenant")?,
        style: row.word("style")?,
        url: WebUrl::parse(&url).map_err(|_| StoreError::Corrupt { what: URL })?,
        name: row.text("name")?,
        filter: filter(row)?,
        disabled,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}
