//! Deliveries: one event on its way to one hook. They are made in the order of the events, and the events of one person
//! reach one hook one after the other.

use std::time::Duration;

use domain::{Delivery, DeliveryId, DeliveryState, Event, HookId, TenantId, Timestamp};
use sqlx::sqlite::SqliteRow;

use crate::error::Result;
use crate::page::Page;
use crate::row::{Columns, json_text};
use crate::store::Store;
use crate::tx::Tx;
use crate::words::Word as _;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.hook, d.state, d.attempts, d.due_at, d.status, d.error, d.created_at, d.ended_at, \
             e.id AS event_id, e.tenant, e.subject, e.origin, e.kind, e.about_kind, e.about_id, e.at ",
            $rest
        )
    };
}

/// The right to try one delivery, until it lapses. Each claim has a new token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryLease {
    delivery: DeliveryId,
    token: String,
}

/// Which deliveries are to be sent once more. Those of hooks that are disabled stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replay {
    /// Those of this hook.
    pub hook: Option<HookId>,
    /// This one.
    pub delivery: Option<DeliveryId>,
    /// Those of events that happened then or later.
    pub since: Option<Timestamp>,
    /// Those that are dead. Otherwise all that have ended.
    pub dead_only: bool,
}

impl Tx {
    /// The number of the event after which events are still to be handed on to the hooks; `None` where there is no
    /// enabled hook.
    ///
    /// # Errors
    /// The database fails.
    pub async fn relayed(&mut self) -> Result<Option<i64>> {
        let row = sqlx::query(
            "SELECT sequence, (SELECT MIN(since_sequence) FROM hooks WHERE disabled_at IS NULL) AS since FROM relay",
        )
        .fetch_one(self.connection())
        .await?;
        let sequence = row.integer("sequence")?;
        Ok(row.optional_integer("since")?.map(|since| since.max(sequence)))
    }

    /// Notes that all events up to number `sequence` were handed on.
    ///
    /// # Errors
    /// The database fails.
    pub async fn set_relayed(&mut self, sequence: i64) -> Result<()> {
        sqlx::query("UPDATE relay SET sequence = $1").bind(sequence).execute(self.connection()).await?;
        Ok(())
    }

    /// Adds the delivery of `event`, which has the number `sequence`, to a hook. It is due now, or once the earlier
    /// events of the same person to the same hook have ended. Does nothing where there is one already.
    ///
    /// # Errors
    /// The database fails, or there are no random numbers.
    pub async fn insert_delivery(
        &mut self,
        hook: HookId,
        event: &Event,
        sequence: i64,
        now: Timestamp,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO deliveries \
             (id, tenant, subject, hook, event, sequence, state, attempts, due_at, created_at) \
             SELECT $1, $2, $3, $4, $5, $6, 'pending', 0, \
             CASE WHEN EXISTS (SELECT 1 FROM deliveries WHERE hook = $4 AND subject = $3 AND state = 'pending') \
             THEN NULL ELSE $7 END, $7 WHERE true ON CONFLICT (hook, event) DO NOTHING",
        )
        .bind(DeliveryId::from_bytes(random()?).to_string())
        .bind(event.tenant.to_string())
        .bind(event.subject.to_string())
        .bind(hook.to_string())
        .bind(event.id.to_string())
        .bind(sequence)
        .bind(now.as_millis())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The delivery of that id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delivery(&mut self, tenant: TenantId, id: DeliveryId) -> Result<Option<Delivery>> {
        let row = sqlx::query(select!(
            "FROM deliveries AS d JOIN events AS e ON e.id = d.event WHERE d.tenant = $1 AND d.id = $2"
        ))
        .bind(tenant.to_string())
        .bind(id.to_string())
        .fetch_optional(self.connection())
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// The deliveries of a tenant, of one hook or in one state where these are named, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn deliveries(
        &mut self,
        tenant: TenantId,
        hook: Option<HookId>,
        state: Option<DeliveryState>,
        page: &Page,
    ) -> Result<Vec<Delivery>> {
        let (at, id) = page.bounds();
        let rows = sqlx::query(select!(
            "FROM deliveries AS d JOIN events AS e ON e.id = d.event \
             WHERE d.tenant = $1 AND (d.created_at, d.id) < ($2, $3) AND ($5 IS NULL OR d.hook = $5) \
             AND ($6 IS NULL OR d.state = $6) ORDER BY d.created_at DESC, d.id DESC LIMIT $4"
        ))
        .bind(tenant.to_string())
        .bind(at)
        .bind(id)
        .bind(i64::from(page.limit))
        .bind(hook.as_ref().map(HookId::to_string))
        .bind(state.map(DeliveryState::word))
        .fetch_all(self.connection())
        .await?;
        rows.iter().map(read).collect()
    }

    /// Ends a delivery after an attempt, and lets the next event of the same person go. `false` where it is no longer
    /// ours: roll back.
    ///
    /// # Errors
    /// The database fails.
    pub async fn end_delivery(
        &mut self,
        held: &DeliveryLease,
        state: DeliveryState,
        status: Option<u16>,
        error: Option<&str>,
        now: Timestamp,
    ) -> Result<bool> {
        let row = sqlx::query(
            "UPDATE deliveries SET state = $3, attempts = attempts + 1, due_at = NULL, status = $4, error = $5, \
             ended_at = $6, lease_node = NULL, lease_token = NULL, leased_until = NULL \
             WHERE id = $1 AND lease_token = $2 RETURNING hook, subject",
        )
        .bind(held.delivery.to_string())
        .bind(&held.token)
        .bind(state.word())
        .bind(status.map(i64::from))
        .bind(error)
        .bind(now.as_millis())
        .fetch_optional(self.connection())
        .await?;
        let Some(row) = row else { return Ok(false) };
        sqlx::query(
            "UPDATE deliveries SET due_at = $3 WHERE due_at IS NULL AND id = \
             (SELECT id FROM deliveries WHERE hook = $1 AND subject = $2 AND state = 'pending' \
             ORDER BY sequence LIMIT 1)",
        )
        .bind(row.text("hook")?)
        .bind(row.text("subject")?)
        .bind(now.as_millis())
        .execute(self.connection())
        .await?;
        Ok(true)
    }

    /// Gives a delivery back after a failed attempt, to be tried again at `due_at`. `false` where it is no longer ours.
    ///
    /// # Errors
    /// The database fails.
    pub async fn retry_delivery(
        &mut self,
        held: &DeliveryLease,
        due_at: Timestamp,
        status: Option<u16>,
        error: &str,
    ) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE deliveries SET attempts = attempts + 1, due_at = $3, status = $4, error = $5, \
             lease_node = NULL, lease_token = NULL, leased_until = NULL WHERE id = $1 AND lease_token = $2",
        )
        .bind(held.delivery.to_string())
        .bind(&held.token)
        .bind(due_at.as_millis())
        .bind(status.map(i64::from))
        .bind(error)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Cancels what waits for a hook, attempts that run included. Returns how many there were.
    ///
    /// # Errors
    /// The database fails.
    pub async fn cancel_deliveries(&mut self, tenant: TenantId, hook: HookId, now: Timestamp) -> Result<u64> {
        let done = sqlx::query(
            "UPDATE deliveries SET state = 'cancelled', due_at = NULL, ended_at = $3, lease_node = NULL, \
             lease_token = NULL, leased_until = NULL WHERE tenant = $1 AND hook = $2 AND state = 'pending'",
        )
        .bind(tenant.to_string())
        .bind(hook.to_string())
        .bind(now.as_millis())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }

    /// Lets deliveries that have ended begin anew, in the order of their events. Returns how many there were.
    ///
    /// # Errors
    /// The database fails.
    pub async fn replay_deliveries(
        &mut self,
        tenant: TenantId,
        which: &Replay,
        now: Timestamp,
    ) -> Result<u64> {
        let tenant = tenant.to_string();
        let done = sqlx::query(
            "UPDATE deliveries SET state = 'pending', attempts = 0, ended_at = NULL \
             WHERE tenant = $1 AND ended_at IS NOT NULL AND ($2 IS NULL OR hook = $2) AND ($3 IS NULL OR id = $3) \
             AND ($4 IS NULL OR event IN (SELECT id FROM events WHERE tenant = $1 AND at >= $4)) \
             AND ($5 = 0 OR state = 'dead') \
             AND hook IN (SELECT id FROM hooks WHERE tenant = $1 AND disabled_at IS NULL)",
        )
        .bind(&tenant)
        .bind(which.hook.as_ref().map(HookId::to_string))
        .bind(which.delivery.as_ref().map(DeliveryId::to_string))
        .bind(which.since.map(Timestamp::as_millis))
        .bind(i64::from(which.dead_only))
        .execute(self.connection())
        .await?;
        // The first of each person and hook goes; those behind it, which may have been due until now, wait for it.
        sqlx::query(
            "UPDATE deliveries SET due_at = CASE WHEN EXISTS (SELECT 1 FROM deliveries AS earlier \
             WHERE earlier.hook = deliveries.hook AND earlier.subject = deliveries.subject \
             AND earlier.state = 'pending' AND earlier.sequence < deliveries.sequence) \
             THEN NULL ELSE COALESCE(due_at, $2) END WHERE tenant = $1 AND state = 'pending'",
        )
        .bind(&tenant)
        .bind(now.as_millis())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }

    /// Deletes deliveries that were taken or cancelled before `before`. Dead ones stay. Returns how many there were.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_ended_deliveries(&mut self, before: Timestamp) -> Result<u64> {
        let done =
            sqlx::query("DELETE FROM deliveries WHERE ended_at < $1 AND state IN ('delivered', 'cancelled')")
                .bind(before.as_millis())
                .execute(self.connection())
                .await?;
        Ok(done.rows_affected())
    }
}

impl Store {
    /// Claims the delivery that is due longest and that nobody holds, for `lease` from `now` on; none of a hook in
    /// `resting`, or of one that is disabled.
    ///
    /// # Errors
    /// The database fails.
    pub async fn claim_delivery(
        &self,
        node: &str,
        now: Timestamp,
        lease: Duration,
        resting: &[HookId],
    ) -> Result<Option<(Delivery, DeliveryLease)>> {
        let resting = json_text(&resting)?;
        // Most looks find nothing: those must not wait for the writer, nor keep it waiting.
        if self.look().await?.next_delivery(now, &resting).await?.is_none() {
            return Ok(None);
        }
        let mut tx = self.begin().await?;
        let Some(delivery) = tx.next_delivery(now, &resting).await? else { return Ok(None) };
        let held = DeliveryLease { delivery: delivery.id, token: hex::encode(random()?) };
        sqlx::query(
            "UPDATE deliveries SET lease_node = $2, lease_token = $3, leased_until = $4 WHERE id = $1",
        )
        .bind(delivery.id.to_string())
        .bind(node)
        .bind(&held.token)
        .bind(now.plus(lease).as_millis())
        .execute(tx.connection())
        .await?;
        tx.commit().await?;
        Ok(Some((delivery, held)))
    }

    /// When the next delivery is due that is not yet; `None` where there is none.
    ///
    /// # Errors
    /// The database fails.
    pub async fn next_delivery_after(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        // One step into the index for each hook.
        let row = sqlx::query(
            "SELECT MIN((SELECT MIN(due_at) FROM deliveries WHERE hook = hooks.id AND due_at > $1)) AS due \
             FROM hooks WHERE disabled_at IS NULL",
        )
        .bind(now.as_millis())
        .fetch_one(&mut *self.database().reader().await?)
        .await?;
        row.optional_time("due")
    }

    /// Ends every lease on a delivery: for the only worker, when it starts. Returns how many there were.
    ///
    /// # Errors
    /// The database fails.
    pub async fn release_deliveries(&self) -> Result<u64> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE deliveries SET lease_node = NULL, lease_token = NULL, leased_until = NULL \
             WHERE leased_until IS NOT NULL",
        )
        .execute(tx.connection())
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}

impl Tx {
    async fn next_delivery(&mut self, now: Timestamp, resting: &str) -> Result<Option<Delivery>> {
        // The first of each hook, then the first of those: a hook with a long queue costs no more than another.
        let row = sqlx::query(select!(
            "FROM hooks JOIN tenants ON tenants.id = hooks.tenant AND tenants.revoked_at IS NULL \
             JOIN deliveries AS d ON d.id = (SELECT id FROM deliveries WHERE hook = hooks.id AND due_at <= $1 \
             AND (leased_until IS NULL OR leased_until < $1) ORDER BY due_at LIMIT 1) \
             JOIN events AS e ON e.id = d.event \
             WHERE hooks.disabled_at IS NULL AND hooks.id NOT IN (SELECT value FROM json_each($2)) \
             ORDER BY d.due_at, d.sequence LIMIT 1"
        ))
        .bind(now.as_millis())
        .bind(resting)
        .fetch_optional(self.connection())
        .await?;
        row.as_ref().map(read).transpose()
    }
}

fn random() -> Result<[u8; 16]> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

fn read(row: &SqliteRow) -> Result<Delivery> {
    let status = row.optional_integer("status")?.map(u16::try_from).transpose();
    Ok(Delivery {
        id: row.id("id")?,
        hook: row.id("hook")?,
        event: Event {
            id: row.id("event_id")?,
            tenant: row.id("tenant")?,
            subject: row.id("subject")?,
            origin: row.word("origin")?,
            kind: row.word("kind")?,
            about: row.about()?,
            at: row.time("at")?,
        },
        state: row.word("state")?,
        attempts: row.number("attempts")?,
        due_at: row.optional_time("due_at")?,
        status: status.map_err(|_| crate::StoreError::Corrupt { what: "status" })?,
        error: row.optional_text("error")?,
        created_at: row.time("created_at")?,
        ended_at: row.optional_time("ended_at")?,
    })
}
