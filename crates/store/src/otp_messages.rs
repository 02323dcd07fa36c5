//! Codes on their way to people. Sealed under the tenant's key, since a person who registers has none of their own yet; a
//! row lives no longer than its code.

use std::time::Duration;

use domain::{OtpId, TenantId, Timestamp};
use serde_json::Value;

use crate::error::Result;
use crate::row::Columns as _;
use crate::store::Store;
use crate::tx::Tx;

const MESSAGE: &str = "message with a one-time password";

/// A message that was claimed.
#[derive(Clone, PartialEq)]
pub struct OtpMessage {
    /// The request that it answers.
    pub otp: OtpId,
    /// Whose customer it is for.
    pub tenant: TenantId,
    /// What it says to whom, in the words of whoever made it.
    pub message: Value,
    /// Whether it is to be dropped instead of sent.
    pub is_for_nobody: bool,
    /// How often it was claimed, this time included.
    pub attempts: u32,
    /// From when on it is of no use.
    pub expires_at: Timestamp,
}

impl Tx {
    /// Has a message sent: in the transaction that makes its code.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_otp_message(&mut self, new: &OtpMessage, now: Timestamp) -> Result<()> {
        let seal = self.tenant_seal(new.tenant).await?;
        sqlx::query(
            "INSERT INTO otp_messages (otp, tenant, sealed_message, is_for_nobody, attempts, due_at, expires_at, \
             leased_until) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)",
        )
        .bind(new.otp.to_string())
        .bind(new.tenant.to_string())
        .bind(seal.seal_json(MESSAGE, new.otp.as_bytes(), &new.message)?)
        .bind(i64::from(new.is_for_nobody))
        .bind(i64::from(new.attempts))
        .bind(now.as_millis())
        .bind(new.expires_at.as_millis())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Forgets a message: it was sent, or is of no use any more.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_otp_message(&mut self, otp: OtpId) -> Result<()> {
        sqlx::query("DELETE FROM otp_messages WHERE otp = $1")
            .bind(otp.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Has a message sent again at `due`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn retry_otp_message(&mut self, otp: OtpId, due: Timestamp) -> Result<()> {
        sqlx::query("UPDATE otp_messages SET due_at = $2, leased_until = NULL WHERE otp = $1")
            .bind(otp.to_string())
            .bind(due.as_millis())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

impl Store {
    /// Claims the message that is due longest, for `lease` from `now` on.
    ///
    /// # Errors
    /// The database fails, or the message does not open.
    pub async fn claim_otp_message(&self, now: Timestamp, lease: Duration) -> Result<Option<OtpMessage>> {
        // Most looks find nothing: those must not wait for the writer, nor keep it waiting.
        let is_due = sqlx::query(
            "SELECT 1 FROM otp_messages WHERE due_at <= $1 AND (leased_until IS NULL OR leased_until < $1) LIMIT 1",
        )
        .bind(now.as_millis())
        .fetch_optional(&mut *self.database().reader().await?)
        .await?;
        if is_due.is_none() {
            return Ok(None);
        }
        let mut tx = self.begin().await?;
        let row = sqlx::query(
            "UPDATE otp_messages SET attempts = attempts + 1, leased_until = $2 WHERE otp = \
             (SELECT otp FROM otp_messages WHERE due_at <= $1 AND (leased_until IS NULL OR leased_until < $1) \
             ORDER BY due_at, otp LIMIT 1) \
             RETURNING otp, tenant, sealed_message, is_for_nobody, attempts, expires_at",
        )
        .bind(now.as_millis())
        .bind(now.plus(lease).as_millis())
        .fetch_optional(tx.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (otp, tenant): (OtpId, TenantId) = (row.id("otp")?, row.id("tenant")?);
        let seal = tx.tenant_seal(tenant).await?;
        let message = seal.open_json(MESSAGE, otp.as_bytes(), &row.bytes("sealed_message")?)?;
        tx.commit().await?;
        Ok(Some(OtpMessage {
            otp,
            tenant,
            message,
            is_for_nobody: row.integer("is_for_nobody")? != 0,
            attempts: row.number("attempts")?,
            expires_at: row.time("expires_at")?,
        }))
    }

    /// Lets messages be claimed again whose holder is gone. To be called by the only server over the store.
    ///
    /// # Errors
    /// The database fails.
    pub async fn release_otp_messages(&self) -> Result<()> {
        sqlx::query("UPDATE otp_messages SET leased_until = NULL WHERE leased_until IS NOT NULL")
            .execute(&mut *self.database().writer().await?)
            .await?;
        Ok(())
    }

    /// When the next message may be claimed; `None` where there is none.
    ///
    /// # Errors
    /// The database fails.
    pub async fn next_otp_message(&self) -> Result<Option<Timestamp>> {
        let row = sqlx::query("SELECT MIN(COALESCE(leased_until + 1, due_at)) AS due FROM otp_messages")
            .fetch_one(&mut *self.database().reader().await?)
            .await?;
        row.optional_time("due")
    }
}
