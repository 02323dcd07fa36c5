//! Attempts to be verified: of whom and from where, so that guessing can be slowed down. Kept as long as they count.

use std::time::Duration;

use domain::{KeyId, SubjectId, TenantId, Timestamp, Verification, VerificationId};

use crate::error::Result;
use crate::row::Columns as _;
use crate::tx::Tx;

/// The blind index of an address.
const ADDRESS: &str = "address of an attempt";

/// Whose attempts are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempter<'a> {
    /// Those of a person: declined ones, and those that are not decided yet.
    Subject(SubjectId),
    /// Those from a device, known by its key: declined ones, and those that are not decided yet.
    Device(KeyId),
    /// Those from a network address, as text. Only declined ones: many people may share it.
    Address(&'a str),
}

/// An index of its own for each condition, and static text.
macro_rules! declined {
    ($column:literal) => {
        concat!(
            "SELECT declined_at + $3 AS until FROM attempts WHERE tenant = $1 AND ",
            $column,
            " = $2 AND declined_at > $4 - $3"
        )
    };
}

macro_rules! declined_or_open {
    ($column:literal) => {
        concat!(
            declined!($column),
            " UNION ALL SELECT verifications.deadline FROM attempts \
             JOIN verifications ON verifications.id = attempts.verification \
             WHERE attempts.tenant = $1 AND attempts.",
            $column,
            " = $2 AND attempts.declined_at IS NULL AND verifications.state IN ('capturing', 'processing') \
             AND attempts.verification <> $6 ORDER BY until DESC LIMIT 1 OFFSET $5"
        )
    };
}

impl Tx {
    /// Notes that a verification was opened: by which device, and from which network address where that says something
    /// about the person. The address is kept as a keyed hash.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_attempt(
        &mut self,
        verification: &Verification,
        device: Option<KeyId>,
        address: Option<&str>,
    ) -> Result<()> {
        let address = match address {
            Some(address) => Some(self.address_index(verification.tenant, address).await?),
            None => None,
        };
        sqlx::query(
            "INSERT INTO attempts (verification, tenant, subject, device, address_index, opened_at, declined_at) \
             VALUES ($1, $2, $3, $4, $5, $6, NULL)",
        )
        .bind(verification.id.to_string())
        .bind(verification.tenant.to_string())
        .bind(verification.subject.to_string())
        .bind(device.as_ref().map(KeyId::to_string))
        .bind(address)
        .bind(verification.created_at.as_millis())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Notes that the evidence spoke against the person: from now on it counts.
    ///
    /// # Errors
    /// The database fails.
    pub async fn decline_attempt(&mut self, verification: VerificationId, now: Timestamp) -> Result<()> {
        sqlx::query("UPDATE attempts SET declined_at = $2 WHERE verification = $1")
            .bind(verification.to_string())
            .bind(now.as_millis())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Forgets an attempt that does not count.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forget_attempt(&mut self, verification: VerificationId) -> Result<()> {
        sqlx::query("DELETE FROM attempts WHERE verification = $1")
            .bind(verification.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Until when there are `limit` attempts that count at `now`; `None` where there are fewer. A declined attempt counts
    /// for `window`, an open one until its deadline, unless it is `own`: what is open already does not stand in its own
    /// way.
    ///
    /// # Errors
    /// The database fails.
    pub async fn attempts_full_until(
        &mut self,
        tenant: TenantId,
        whose: Attempter<'_>,
        own: Option<VerificationId>,
        limit: u32,
        window: Duration,
        now: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let (query, value) = match whose {
            Attempter::Subject(id) => (declined_or_open!("subject"), id.to_string()),
            Attempter::Device(id) => (declined_or_open!("device"), id.to_string()),
            Attempter::Address(address) => (
                concat!(declined!("address_index"), " ORDER BY until DESC LIMIT 1 OFFSET $5"),
                self.address_index(tenant, address).await?,
            ),
        };
        let query = sqlx::query(query)
            .bind(tenant.to_string())
            .bind(value)
            .bind(i64::try_from(window.as_millis()).unwrap_or(i64::MAX))
            .bind(now.as_millis())
            .bind(i64::from(limit.saturating_sub(1)));
        let query = match whose {
            Attempter::Address(_) => query,
            // Every id differs from the empty text.
            _ => query.bind(own.as_ref().map(VerificationId::to_string).unwrap_or_default()),
        };
        let row = query.fetch_optional(self.connection()).await?;
        row.map(|row| row.time("until")).transpose()
    }

    /// Deletes the attempts that were declined before `declined`, and those that were opened before `opened` and never
    /// declined. How many.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_attempts(&mut self, declined: Timestamp, opened: Timestamp) -> Result<u64> {
        let done = sqlx::query(
            "DELETE FROM attempts WHERE declined_at < $1 OR (declined_at IS NULL AND opened_at < $2)",
        )
        .bind(declined.as_millis())
        .bind(opened.as_millis())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }

    async fn address_index(&mut self, tenant: TenantId, address: &str) -> Result<String> {
        Ok(self.tenant_seal(tenant).await?.blind_index(ADDRESS, address))
    }
}
