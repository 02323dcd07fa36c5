//! Who is signed in, and which of their refresh tokens counts.

use domain::{FamilyId, Holder, IdentityId, SubjectId, TenantId, Timestamp, TokenFamily, UserId};
use sqlx::sqlite::SqliteRow;

use crate::error::{Result, StoreError};
use crate::row::Columns as _;
use crate::tx::Tx;

impl Tx {
    /// Keeps a new family.
    ///
    /// # Errors
    /// The database fails, or has the id already.
    pub async fn insert_family(&mut self, family: &TokenFamily) -> Result<()> {
        let (user, identity, subject) = match family.holder {
            Holder::User(user) => (Some(user.to_string()), None, None),
            Holder::Identity(identity, subject) => {
                (None, Some(identity.to_string()), Some(subject.to_string()))
            }
        };
        sqlx::query(
            "INSERT INTO token_families (id, tenant, user, identity, subject, generation, created_at, expires_at, \
             revoked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(family.id.to_string())
        .bind(family.tenant.to_string())
        .bind(user)
        .bind(identity)
        .bind(subject)
        .bind(i64::from(family.generation))
        .bind(family.created_at.as_millis())
        .bind(family.expires_at.as_millis())
        .bind(family.revoked_at.map(Timestamp::as_millis))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The family of that id, in that tenant.
    ///
    /// # Errors
    /// The database fails.
    pub async fn family(&mut self, tenant: TenantId, id: FamilyId) -> Result<Option<TokenFamily>> {
        let row = sqlx::query(
            "SELECT id, tenant, user, identity, subject, generation, created_at, expires_at, revoked_at \
             FROM token_families WHERE tenant = $1 AND id = $2",
        )
        .bind(tenant.to_string())
        .bind(id.to_string())
        .fetch_optional(self.connection())
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// Lets the next refresh token of a family count instead of number `generation`, until `expires_at`. `false` where that
    /// one does not count any more.
    ///
    /// # Errors
    /// The database fails.
    pub async fn rotate_family(
        &mut self,
        tenant: TenantId,
        id: FamilyId,
        generation: u32,
        expires_at: Timestamp,
    ) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE token_families SET generation = generation + 1, expires_at = $4 \
             WHERE tenant = $1 AND id = $2 AND generation = $3 AND revoked_at IS NULL",
        )
        .bind(tenant.to_string())
        .bind(id.to_string())
        .bind(i64::from(generation))
        .bind(expires_at.as_millis())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Ends a family. `false` where it has ended before.
    ///
    /// # Errors
    /// The database fails.
    pub async fn revoke_family(&mut self, tenant: TenantId, id: FamilyId, now: Timestamp) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE token_families SET revoked_at = $3 WHERE tenant = $1 AND id = $2 AND revoked_at IS NULL",
        )
        .bind(tenant.to_string())
        .bind(id.to_string())
        .bind(now.as_millis())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Ends every family of an identity. How many.
    ///
    /// # Errors
    /// The database fails.
    pub async fn revoke_families_of(
        &mut self,
        tenant: TenantId,
        identity: IdentityId,
        now: Timestamp,
    ) -> Result<u64> {
        let done = sqlx::query(
            "UPDATE token_families SET revoked_at = $3 \
             WHERE tenant = $1 AND identity = $2 AND revoked_at IS NULL",
        )
        .bind(tenant.to_string())
        .bind(identity.to_string())
        .bind(now.as_millis())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }

    /// Deletes the families whose last token has expired. How many.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_expired_families(&mut self, now: Timestamp) -> Result<u64> {
        let done = sqlx::query("DELETE FROM token_families WHERE expires_at <= $1")
            .bind(now.as_millis())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected())
    }
}

fn read(row: &SqliteRow) -> Result<TokenFamily> {
    let user: Option<UserId> = row.optional_id("user")?;
    let identity: Option<IdentityId> = row.optional_id("identity")?;
    let subject: Option<SubjectId> = row.optional_id("subject")?;
    let holder = match (user, identity.zip(subject)) {
        (Some(user), None) => Holder::User(user),
        (None, Some((identity, subject))) => Holder::Identity(identity, subject),
        _ => return Err(StoreError::Corrupt { what: "holder of a token" }),
    };
    Ok(TokenFamily {
        id: row.id("id")?,
        tenant: row.id("tenant")?,
        holder,
        generation: row.number("generation")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        revoked_at: row.optional_time("revoked_at")?,
    })
}
