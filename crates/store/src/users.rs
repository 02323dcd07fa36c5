//! People who sign in to a tenant. Their names are sealed under the tenant's key.

use std::fmt;

use domain::{TenantId, Timestamp, UserId};
use sqlx::sqlite::SqliteRow;

use crate::error::{Result, StoreError};
use crate::row::{Columns as _, json_text};
use crate::seal::TenantSeal;
use crate::tx::Tx;

const NAME: &str = "name of a user";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, number, tenant, sealed_name, password_hash, permissions, created_at, revoked_at FROM users ",
            $rest
        )
    };
}

/// A person who signs in to a tenant.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Counts the users of this server from 1, for dialects whose ids are numbers.
    pub number: i64,
    /// Where the person signs in.
    pub tenant: TenantId,
    /// What the person signs in with.
    pub name: String,
    /// A slow hash of the password, as text.
    pub password_hash: String,
    /// What the person may do, in the words of the dialect.
    pub permissions: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// A [`User`] before it has its number.
#[derive(Clone, PartialEq, Eq)]
pub struct NewUser {
    /// Its id.
    pub id: UserId,
    /// Where the person signs in.
    pub tenant: TenantId,
    /// What the person signs in with.
    pub name: String,
    /// A slow hash of the password, as text.
    pub password_hash: String,
    /// What the person may do, in the words of the dialect.
    pub permissions: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Without name and password: this may end in a log.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("id", &self.id).field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

/// Without name and password: this may end in a log.
impl fmt::Debug for NewUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewUser").field("id", &self.id).field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

impl Tx {
    /// Keeps a new user and gives it its number.
    ///
    /// # Errors
    /// [`StoreError::Taken`] where the tenant has a user of that name who is not revoked, or the database fails.
    pub async fn insert_user(&mut self, new: NewUser) -> Result<User> {
        let seal = self.tenant_seal(new.tenant).await?;
        let row = sqlx::query(
            "INSERT INTO users \
             (id, number, tenant, name_index, sealed_name, password_hash, permissions, created_at, revoked_at) \
             SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5, $6, $7, NULL FROM users WHERE true \
             ON CONFLICT (tenant, name_index) WHERE revoked_at IS NULL DO NOTHING RETURNING number",
        )
        .bind(new.id.to_string())
        .bind(new.tenant.to_string())
        .bind(seal.blind_index(NAME, &new.name))
        .bind(seal.seal(NAME, new.id.as_bytes(), new.name.as_bytes())?)
        .bind(&new.password_hash)
        .bind(json_text(&new.permissions)?)
        .bind(new.created_at.as_millis())
        .fetch_optional(self.connection())
        .await?
        .ok_or(StoreError::Taken { what: "user name" })?;
        Ok(User {
            id: new.id,
            number: row.integer("number")?,
            tenant: new.tenant,
            name: new.name,
            password_hash: new.password_hash,
            permissions: new.permissions,
            created_at: new.created_at,
            revoked_at: None,
        })
    }

    /// The user of that name; of several, which are then revoked but for one at most, the one that is not, or the
    /// newest.
    ///
    /// # Errors
    /// The database fails, or the name does not open.
    pub async fn user_by_name(&mut self, tenant: TenantId, name: &str) -> Result<Option<User>> {
        let seal = self.tenant_seal(tenant).await?;
        let row = sqlx::query(select!(
            "WHERE tenant = $1 AND name_index = $2 ORDER BY revoked_at IS NOT NULL, number DESC LIMIT 1"
        ))
        .bind(tenant.to_string())
        .bind(seal.blind_index(NAME, name))
        .fetch_optional(self.connection())
        .await?;
        row.map(|row| read(&seal, &row)).transpose()
    }

    /// The user of that id.
    ///
    /// # Errors
    /// The database fails, or the name does not open.
    pub async fn user(&mut self, tenant: TenantId, id: UserId) -> Result<Option<User>> {
        let seal = self.tenant_seal(tenant).await?;
        let row = sqlx::query(select!("WHERE tenant = $1 AND id = $2"))
            .bind(tenant.to_string())
            .bind(id.to_string())
            .fetch_optional(self.connection())
            .await?;
        row.map(|row| read(&seal, &row)).transpose()
    }

    /// All users of a tenant, by number.
    ///
    /// # Errors
    /// The database fails, or a name does not open.
    pub async fn users(&mut self, tenant: TenantId) -> Result<Vec<User>> {
        let seal = self.tenant_seal(tenant).await?;
        let rows = sqlx::query(select!("WHERE tenant = $1 ORDER BY number"))
            .bind(tenant.to_string())
            .fetch_all(self.connection())
            .await?;
        rows.iter().map(|row| read(&seal, row)).collect()
    }

    /// Revokes a user. `false` where the tenant has no such user or it was revoked before.
    ///
    /// # Errors
    /// The database fails.
    pub async fn revoke_user(&mut self, tenant: TenantId, id: UserId, now: Timestamp) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE users SET revoked_at = $3 WHERE tenant = $1 AND id = $2 AND revoked_at IS NULL",
        )
        .bind(tenant.to_string())
        .bind(id.to_string())
        .bind(now.as_millis())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }
}

fn read(seal: &TenantSeal, row: &SqliteRow) -> Result<User> {
    let id: UserId = row.id("id")?;
    Ok(User {
        id,
        number: row.integer("number")?,
        tenant: row.id("tenant")?,
        name: seal.open_text(NAME, id.as_bytes(), &row.bytes("sealed_name")?)?,
        password_hash: row.text("password_hash")?,
        permissions: row.json("permissions")?,
        created_at: row.time("created_at")?,
        revoked_at: row.optional_time("revoked_at")?,
    })
}
