//! Programs that sign in to a tenant with a secret.

use std::fmt;

use domain::{ClientId, TenantId, Timestamp};
use sqlx::sqlite::SqliteRow;

use crate::error::Result;
use crate::row::Columns as _;
use crate::tx::Tx;

/// A program that signs in to a tenant with a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Client {
    /// Its id.
    pub id: ClientId,
    /// Where it signs in.
    pub tenant: TenantId,
    /// What it is called by its owner.
    pub name: String,
    /// Whether it may open what only acts as if.
    pub is_sandbox: bool,
    /// A hash of its secret, as text.
    pub secret_hash: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Without the hash: this may end in a log.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("id", &self.id).field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

impl Tx {
    /// Keeps a new client.
    ///
    /// # Errors
    /// The database fails, or has the id already.
    pub async fn insert_client(&mut self, client: &Client) -> Result<()> {
        sqlx::query(
            "INSERT INTO clients (id, tenant, name, secret_hash, created_at, revoked_at, is_sandbox) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(client.id.to_string())
        .bind(client.tenant.to_string())
        .bind(&client.name)
        .bind(&client.secret_hash)
        .bind(client.created_at.as_millis())
        .bind(client.revoked_at.map(Timestamp::as_millis))
        .bind(i64::from(client.is_sandbox))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The client of that id, whosever it is: it is the client that says which tenant calls.
    ///
    /// # Errors
    /// The database fails.
    pub async fn client(&mut self, id: ClientId) -> Result<Option<Client>> {
        let row = sqlx::query(
            "SELECT id, tenant, name, secret_hash, created_at, revoked_at, is_sandbox FROM clients WHERE id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(self.connection())
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// All clients of a tenant, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn clients(&mut self, tenant: TenantId) -> Result<Vec<Client>> {
        let rows = sqlx::query(
            "SELECT id, tenant, name, secret_hash, created_at, revoked_at, is_sandbox FROM clients \
             WHERE tenant = $1 ORDER BY created_at DESC, id DESC",
        )
        .bind(tenant.to_string())
        .fetch_all(self.connection())
        .await?;
        rows.iter().map(read).collect()
    }

    /// Revokes a client. `false` where the tenant has no such client or it was revoked before.
    ///
    /// # Errors
    /// The database fails.
    pub async fn revoke_client(&mut self, tenant: TenantId, id: ClientId, now: Timestamp) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE clients SET revoked_at = $3 WHERE tenant = $1 AND id = $2 AND revoked_at IS NULL",
        )
        .bind(tenant.to_string())
        .bind(id.to_string())
        .bind(now.as_millis())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }
}

fn read(row: &SqliteRow) -> Result<Client> {
    Ok(Client {
        id: row.id("id")?,
        tenant: row.id("tenant")?,
        name: row.text("name")?,
        is_sandbox: row.integer("is_sandbox")? != 0,
        secret_hash: row.text("secret_hash")?,
        created_at: row.time("created_at")?,
        revoked_at: row.optional_time("revoked_at")?,
    })
}
