//! Signing in that failed, so that guessing can be slowed down. Kept as long as it counts.

use std::time::Duration;

use domain::{TenantId, Timestamp};

use crate::error::Result;
use crate::row::Columns as _;
use crate::tx::Tx;

const ACCOUNT: &str = "account of a sign-in";
const NETWORK: &str = "network of a sign-in";

/// Whose attempts to sign in are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SignInBy<'a> {
    /// Those at one account, by what it is called, whether there is such an account or not.
    Account(&'a str),
    /// Those from a network address, as text.
    Network(&'a str),
}

impl Tx {
    /// Notes an attempt before it is decided: many at the same time count like one after the other. Its number.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_sign_in(
        &mut self,
        tenant: TenantId,
        account: &str,
        network: Option<&str>,
        now: Timestamp,
    ) -> Result<i64> {
        let seal = self.tenant_seal(tenant).await?;
        let row = sqlx::query(
            "INSERT INTO sign_in_attempts (tenant, account_index, network_index, at) VALUES ($1, $2, $3, $4) \
             RETURNING id",
        )
        .bind(tenant.to_string())
        .bind(seal.blind_index(ACCOUNT, account))
        .bind(network.map(|network| seal.blind_index(NETWORK, network)))
        .bind(now.as_millis())
        .fetch_one(self.connection())
        .await?;
        row.integer("id")
    }

    /// Forgets an attempt: it did not fail.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forget_sign_in(&mut self, id: i64) -> Result<()> {
        sqlx::query("DELETE FROM sign_in_attempts WHERE id = $1").bind(id).execute(self.connection()).await?;
        Ok(())
    }

    /// Until when there are `limit` attempts that count at `now`, each for `window`; `None` where there are fewer.
    ///
    /// # Errors
    /// The database fails.
    pub async fn sign_ins_full_until(
        &mut self,
        tenant: TenantId,
        whose: SignInBy<'_>,
        limit: u32,
        window: Duration,
        now: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let seal = self.tenant_seal(tenant).await?;
        let (query, index) = match whose {
            SignInBy::Account(account) => (
                "SELECT at + $3 AS until FROM sign_in_attempts WHERE tenant = $1 AND account_index = $2 \
                 AND at > $4 - $3 ORDER BY at DESC LIMIT 1 OFFSET $5",
                seal.blind_index(ACCOUNT, account),
            ),
            SignInBy::Network(network) => (
                "SELECT at + $3 AS until FROM sign_in_attempts WHERE tenant = $1 AND network_index = $2 \
                 AND at > $4 - $3 ORDER BY at DESC LIMIT 1 OFFSET $5",
                seal.blind_index(NETWORK, network),
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

    /// Deletes the attempts that were made before `before`. How many.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_sign_ins(&mut self, before: Timestamp) -> Result<u64> {
        let done = sqlx::query("DELETE FROM sign_in_attempts WHERE at < $1")
            .bind(before.as_millis())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected())
    }
}
