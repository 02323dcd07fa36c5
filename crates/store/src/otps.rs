//! One-time passwords: what was sent to whom, as keyed hashes.

use std::time::Duration;

use domain::{Contact, IdentityId, OneTimePassword, OtpId, OtpPurpose, SubjectId, TenantId, Timestamp};
use sqlx::sqlite::SqliteRow;

use crate::error::{Result, StoreError};
use crate::row::Columns as _;
use crate::tx::{Tx, one_row};
use crate::words::Word as _;

const CONTACT: &str = "contact of a one-time password";
const NETWORK: &str = "network of a one-time password";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, tenant, purpose, identity, subject, contact_index, code_hash, state, failures, created_at, \
             expires_at FROM one_time_passwords ",
            $rest
        )
    };
}

/// Whose codes are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OtpsTo<'a> {
    /// Those to one number or address.
    Contact(&'a Contact),
    /// Those that were asked for from a network address, as text.
    Network(&'a str),
    /// All of the tenant.
    Everybody,
}

/// A code together with what it is recognised by.
#[derive(Clone)]
pub struct KeptOtp {
    /// The code's state.
    pub otp: OneTimePassword,
    /// The keyed hash of the code.
    pub code_hash: Vec<u8>,
    /// Whether it was sent to the contact that was asked about.
    pub is_for_contact: bool,
}

impl Tx {
    /// Keeps a new code for `contact`, asked for from `network`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_otp(
        &mut self,
        otp: &OneTimePassword,
        contact: &Contact,
        network: Option<&str>,
        code_hash: &[u8],
    ) -> Result<()> {
        let seal = self.tenant_seal(otp.tenant).await?;
        sqlx::query(
            "INSERT INTO one_time_passwords (id, tenant, purpose, identity, subject, contact_index, network_index, \
             code_hash, state, failures, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(otp.id.to_string())
        .bind(otp.tenant.to_string())
        .bind(otp.purpose.word())
        .bind(otp.holder.map(|(identity, _)| identity.to_string()))
        .bind(otp.holder.map(|(_, subject)| subject.to_string()))
        .bind(seal.blind_index(CONTACT, contact.as_str()))
        .bind(network.map(|network| seal.blind_index(NETWORK, network)))
        .bind(code_hash)
        .bind(otp.state.word())
        .bind(i64::from(otp.failures))
        .bind(otp.created_at.as_millis())
        .bind(otp.expires_at.as_millis())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Keeps the new state of a code.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is no such code, or the database fails.
    pub async fn save_otp(&mut self, otp: &OneTimePassword) -> Result<()> {
        let done = sqlx::query(
            "UPDATE one_time_passwords SET state = $3, failures = $4, expires_at = $5 \
             WHERE tenant = $1 AND id = $2",
        )
        .bind(otp.tenant.to_string())
        .bind(otp.id.to_string())
        .bind(otp.state.word())
        .bind(i64::from(otp.failures))
        .bind(otp.expires_at.as_millis())
        .execute(self.connection())
        .await?;
        one_row(done.rows_affected(), "the one-time password")
    }

    /// The code of that id and purpose, and whether it was sent to `contact`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn otp(
        &mut self,
        tenant: TenantId,
        id: OtpId,
        purpose: OtpPurpose,
        contact: &Contact,
    ) -> Result<Option<KeptOtp>> {
        let index = self.tenant_seal(tenant).await?.blind_index(CONTACT, contact.as_str());
        let row = sqlx::query(select!("WHERE tenant = $1 AND id = $2 AND purpose = $3"))
            .bind(tenant.to_string())
            .bind(id.to_string())
            .bind(purpose.word())
            .fetch_optional(self.connection())
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(KeptOtp {
            otp: read(&row)?,
            code_hash: row.bytes("code_hash")?,
            is_for_contact: row.text("contact_index")? == index,
        }))
    }

    /// Until when there are `limit` codes that count at `now`, each for `window`; `None` where there are fewer.
    ///
    /// # Errors
    /// The database fails.
    pub async fn otps_full_until(
        &mut self,
        tenant: TenantId,
        whose: OtpsTo<'_>,
        limit: u32,
        window: Duration,
        now: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let seal = self.tenant_seal(tenant).await?;
        let (query, index) = match whose {
            OtpsTo::Contact(contact) => (
                "SELECT created_at + $3 AS until FROM one_time_passwords WHERE tenant = $1 AND contact_index = $2 \
                 AND created_at > $4 - $3 ORDER BY created_at DESC LIMIT 1 OFFSET $5",
                seal.blind_index(CONTACT, contact.as_str()),
            ),
            OtpsTo::Network(network) => (
                "SELECT created_at + $3 AS until FROM one_time_passwords WHERE tenant = $1 AND network_index = $2 \
                 AND created_at > $4 - $3 ORDER BY created_at DESC LIMIT 1 OFFSET $5",
                seal.blind_index(NETWORK, network),
            ),
            OtpsTo::Everybody => (
                "SELECT created_at + $3 AS until FROM one_time_passwords WHERE tenant = $1 AND $2 = '' \
                 AND created_at > $4 - $3 ORDER BY created_at DESC LIMIT 1 OFFSET $5",
                String::new(),
            ),
        };
        let row = sqlx::query(query)
            .bind(tenant.to_string())
            .bind(index)
            .bind(i64::try_from(window.as_millis()).unwrap_or(i64::MAX))
            .bind(now.as_millis())
            .bind(i64::from(limit.saturating_sub(1)))
            .fetch_optional(self.connection())
            .await?;
        row.map(|row| row.time("until")).transpose()
    }

    /// Deletes the codes that were made before `made` and have expired, with what is on its way of them. How many.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_otps(&mut self, made: Timestamp, now: Timestamp) -> Result<u64> {
        let done = sqlx::query("DELETE FROM one_time_passwords WHERE created_at < $1 AND expires_at <= $2")
            .bind(made.as_millis())
            .bind(now.as_millis())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected())
    }
}

fn read(row: &SqliteRow) -> Result<OneTimePassword> {
    let identity: Option<IdentityId> = row.optional_id("identity")?;
    let subject: Option<SubjectId> = row.optional_id("subject")?;
    if identity.is_some() != subject.is_some() {
        return Err(StoreError::Corrupt { what: "holder of a one-time password" });
    }
    Ok(OneTimePassword {
        id: row.id("id")?,
        tenant: row.id("tenant")?,
        purpose: row.word("purpose")?,
        holder: identity.zip(subject),
        state: row.word("state")?,
        failures: row.number("failures")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
    })
}
