//! Events: what happened, in one order. The table is the outbox.

use domain::{About, Event};
use sqlx::sqlite::SqliteRow;

use crate::error::Result;
use crate::row::{Columns as _, about_columns};
use crate::tx::Tx;
use crate::words::Word as _;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT sequence, id, tenant, subject, origin, kind, about_kind, about_id, at FROM events ",
            $rest
        )
    };
}

impl Tx {
    /// Adds an event; it gets the next number of the sequence.
    ///
    /// # Errors
    /// The database fails, also where the person is not there.
    pub async fn append_event(&mut self, event: &Event) -> Result<()> {
        let (about_kind, about_id) = about_columns(event.about);
        sqlx::query(
            "INSERT INTO events (id, tenant, subject, origin, kind, about_kind, about_id, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(event.id.to_string())
        .bind(event.tenant.to_string())
        .bind(event.subject.to_string())
        .bind(event.origin.word())
        .bind(event.kind.word())
        .bind(about_kind)
        .bind(about_id)
        .bind(event.at.as_millis())
        .execute(self.connection())
        .await?;
        self.ring();
        Ok(())
    }

    /// At most `limit` events after number `sequence` (0 for all), with their numbers, in their order. There is one
    /// writer, so numbers appear in the order of commits and none is skipped.
    ///
    /// # Errors
    /// The database fails.
    pub async fn events_after(&mut self, sequence: i64, limit: u32) -> Result<Vec<(i64, Event)>> {
        let rows = sqlx::query(select!("WHERE sequence > $1 ORDER BY sequence LIMIT $2"))
            .bind(sequence)
            .bind(i64::from(limit))
            .fetch_all(self.connection())
            .await?;
        rows.iter().map(|row| Ok((row.integer("sequence")?, read(row)?))).collect()
    }

    /// The events about an enrollment or a verification, in their order.
    ///
    /// # Errors
    /// The database fails.
    pub async fn events(&mut self, about: About) -> Result<Vec<Event>> {
        let (about_kind, about_id) = about_columns(about);
        let rows = sqlx::query(select!("WHERE about_kind = $1 AND about_id = $2 ORDER BY sequence"))
            .bind(about_kind)
            .bind(about_id)
            .fetch_all(self.connection())
            .await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &SqliteRow) -> Result<Event> {
    Ok(Event {
        id: row.id("id")?,
        tenant: row.id("tenant")?,
        subject: row.id("subject")?,
        origin: row.word("origin")?,
        kind: row.word("kind")?,
        about: row.about()?,
        at: row.time("at")?,
    })
}
