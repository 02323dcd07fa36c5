//! Badges: that a live person was there, for everyone to see. And the keys that sign them.

use domain::{SubjectId, TenantId, Timestamp, VerificationId};
use sqlx::sqlite::SqliteRow;

use crate::error::Result;
use crate::row::Columns as _;
use crate::tx::Tx;

/// A badge. Its id is that of its verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Badge {
    /// The verification that it tells of.
    pub verification: VerificationId,
    /// For whom it was made.
    pub tenant: TenantId,
    /// The person; `None` once they are erased.
    pub subject: Option<SubjectId>,
    /// Whether it comes from a demonstration.
    pub is_demo: bool,
    /// When the person was judged to be there.
    pub issued_at: Timestamp,
    /// Until when it counts.
    pub expires_at: Timestamp,
    /// When the tenant fetched it.
    pub claimed_at: Option<Timestamp>,
    /// Since when it does not count any more.
    pub revoked_at: Option<Timestamp>,
}

/// The public half of a key that signs badges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadgeKey {
    /// Its number; the highest one signs.
    pub number: i64,
    /// Its name in tokens.
    pub kid: String,
    /// The 32 bytes of the ed25519 key, in base64url without padding.
    pub public_key: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Tx {
    /// Keeps a new badge.
    ///
    /// # Errors
    /// The database fails, also where the verification has one.
    pub async fn insert_badge(&mut self, badge: &Badge) -> Result<()> {
        sqlx::query(
            "INSERT INTO badges \
             (verification, tenant, subject, is_demo, issued_at, expires_at, claimed_at, revoked_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(badge.verification.to_string())
        .bind(badge.tenant.to_string())
        .bind(badge.subject.as_ref().map(SubjectId::to_string))
        .bind(i64::from(badge.is_demo))
        .bind(badge.issued_at.as_millis())
        .bind(badge.expires_at.as_millis())
        .bind(badge.claimed_at.map(Timestamp::as_millis))
        .bind(badge.revoked_at.map(Timestamp::as_millis))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The badge of a verification, whoever's it is: badges are public.
    ///
    /// # Errors
    /// The database fails.
    pub async fn badge(&mut self, verification: VerificationId) -> Result<Option<Badge>> {
        let row = sqlx::query(
            "SELECT verification, tenant, subject, is_demo, issued_at, expires_at, claimed_at, revoked_at \
             FROM badges WHERE verification = $1",
        )
        .bind(verification.to_string())
        .fetch_optional(self.connection())
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// Notes that the tenant fetched the badge. `false` where it did so before, or there is none of its own.
    ///
    /// # Errors
    /// The database fails.
    pub async fn claim_badge(
        &mut self,
        tenant: TenantId,
        verification: VerificationId,
        now: Timestamp,
    ) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE badges SET claimed_at = $3 WHERE tenant = $1 AND verification = $2 AND claimed_at IS NULL",
        )
        .bind(tenant.to_string())
        .bind(verification.to_string())
        .bind(now.as_millis())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Lets a badge count no more. `false` where it did not count before, or there is none.
    ///
    /// # Errors
    /// The database fails.
    pub async fn revoke_badge(&mut self, verification: VerificationId, now: Timestamp) -> Result<bool> {
        let done =
            sqlx::query("UPDATE badges SET revoked_at = $2 WHERE verification = $1 AND revoked_at IS NULL")
                .bind(verification.to_string())
                .bind(now.as_millis())
                .execute(self.connection())
                .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Lets all badges of a person count no more.
    pub(crate) async fn revoke_badges_of(
        &mut self,
        tenant: TenantId,
        subject: SubjectId,
        now: Timestamp,
    ) -> Result<()> {
        sqlx::query(
            "UPDATE badges SET revoked_at = $3 WHERE tenant = $1 AND subject = $2 AND revoked_at IS NULL",
        )
        .bind(tenant.to_string())
        .bind(subject.to_string())
        .bind(now.as_millis())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Keeps the public half of a new key. `false` where there is one of that number.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_badge_key(&mut self, key: &BadgeKey) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO badge_keys (number, kid, public_key, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (number) DO NOTHING",
        )
        .bind(key.number)
        .bind(&key.kid)
        .bind(&key.public_key)
        .bind(key.created_at.as_millis())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// All keys that ever signed, the newest first: badges outlive the keys' use.
    ///
    /// # Errors
    /// The database fails.
    pub async fn badge_keys(&mut self) -> Result<Vec<BadgeKey>> {
        let rows =
            sqlx::query("SELECT number, kid, public_key, created_at FROM badge_keys ORDER BY number DESC")
                .fetch_all(self.connection())
                .await?;
        let read = |row: &SqliteRow| {
            Ok(BadgeKey {
                number: row.integer("number")?,
                kid: row.text("kid")?,
                public_key: row.text("public_key")?,
                created_at: row.time("created_at")?,
            })
        };
        rows.iter().map(read).collect()
    }
}

fn read(row: &SqliteRow) -> Result<Badge> {
    Ok(Badge {
        verification: row.id("verification")?,
        tenant: row.id("tenant")?,
        subject: row.optional_id("subject")?,
        is_demo: row.integer("is_demo")? != 0,
        issued_at: row.time("issued_at")?,
        expires_at: row.time("expires_at")?,
        claimed_at: row.optional_time("claimed_at")?,
        revoked_at: row.optional_time("revoked_at")?,
    })
}
