//! Lists that names are looked up in, and hits that a tenant has found to be somebody else.

use domain::screening::ListEntry;
use domain::{TenantId, Timestamp};
use sqlx::sqlite::SqliteRow;

use crate::digest::Digest;
use crate::error::Result;
use crate::row::{Columns as _, integer, json_text};
use crate::tx::Tx;

/// A list that is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedList {
    /// Its name.
    pub source: String,
    /// How many entries it has.
    pub entries: u64,
    /// When it was loaded.
    pub loaded_at: Timestamp,
}

/// A hit of which a tenant has found that it is somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClearedHit {
    /// Digest of who was looked up.
    pub person: Digest,
    /// The list.
    pub source: String,
    /// The entry's number in it.
    pub case_no: String,
    /// Digest of what the entry said.
    pub entry: Digest,
    /// When it was cleared.
    pub cleared_at: Timestamp,
}

/// Where the entries of all lists go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryPlace(String, i64);

/// Entries that one statement writes.
const PART: usize = 1_000;

impl Tx {
    /// Keeps a list in place of the one of that source.
    ///
    /// # Errors
    /// The database fails.
    pub async fn replace_watchlist(
        &mut self,
        source: &str,
        entries: &[ListEntry],
        now: Timestamp,
    ) -> Result<()> {
        self.delete_entries(source).await?;
        sqlx::query(
            "INSERT INTO watchlists (source, entries, loaded_at) VALUES ($1, $2, $3) \
             ON CONFLICT (source) DO UPDATE SET entries = excluded.entries, loaded_at = excluded.loaded_at",
        )
        .bind(source)
        .bind(integer(entries.len() as u64, "entries")?)
        .bind(now.as_millis())
        .execute(self.connection())
        .await?;
        for (number, part) in (0_u64..).zip(entries.chunks(PART)) {
            sqlx::query(
                "INSERT INTO watchlist_entries (source, position, entry) \
                 SELECT $1, $2 + key, value FROM json_each($3)",
            )
            .bind(source)
            .bind(integer(number * PART as u64, "entries")?)
            .bind(json_text(&part)?)
            .execute(self.connection())
            .await?;
        }
        self.note_watchlist_change().await
    }

    /// Deletes a list. `false` where there is none of that source.
    ///
    /// # Errors
    /// The database fails.
    pub async fn delete_watchlist(&mut self, source: &str) -> Result<bool> {
        self.delete_entries(source).await?;
        let done = sqlx::query("DELETE FROM watchlists WHERE source = $1")
            .bind(source)
            .execute(self.connection())
            .await?;
        self.note_watchlist_change().await?;
        Ok(done.rows_affected() > 0)
    }

    async fn delete_entries(&mut self, source: &str) -> Result<()> {
        sqlx::query("DELETE FROM watchlist_entries WHERE source = $1")
            .bind(source)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn note_watchlist_change(&mut self) -> Result<()> {
        sqlx::query("UPDATE watchlist_changes SET sequence = sequence + 1")
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// The number of the last change of any list; 0 before the first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn watchlist_sequence(&mut self) -> Result<i64> {
        let row = sqlx::query("SELECT sequence FROM watchlist_changes").fetch_one(self.connection()).await?;
        row.integer("sequence")
    }

    /// The lists that are loaded, by source.
    ///
    /// # Errors
    /// The database fails.
    pub async fn watchlists(&mut self) -> Result<Vec<LoadedList>> {
        let rows = sqlx::query("SELECT source, entries, loaded_at FROM watchlists ORDER BY source")
            .fetch_all(self.connection())
            .await?;
        let list = |row: &SqliteRow| {
            Ok(LoadedList {
                source: row.text("source")?,
                entries: row.number("entries")?,
                loaded_at: row.time("loaded_at")?,
            })
        };
        rows.iter().map(list).collect()
    }

    /// Entries of all lists in a stable order, from the beginning or after a place, and where they go on; `limit` bounds
    /// what is held. `None` after the last.
    ///
    /// # Errors
    /// The database fails, or an entry cannot be read.
    pub async fn watchlist_entries(
        &mut self,
        after: Option<&EntryPlace>,
        limit: u32,
    ) -> Result<Option<(Vec<ListEntry>, EntryPlace)>> {
        let (source, position) = after.map_or(("", -1), |place| (place.0.as_str(), place.1));
        let rows = sqlx::query(
            "SELECT source, position, entry FROM watchlist_entries WHERE (source, position) > ($1, $2) \
             ORDER BY source, position LIMIT $3",
        )
        .bind(source)
        .bind(position)
        .bind(i64::from(limit))
        .fetch_all(self.connection())
        .await?;
        let Some(last) = rows.last() else { return Ok(None) };
        let place = EntryPlace(last.text("source")?, last.integer("position")?);
        let entries = rows.iter().map(|row| row.json("entry")).collect::<Result<_>>()?;
        Ok(Some((entries, place)))
    }

    /// Keeps that a hit is somebody else, in place of what was kept of the same person and entry.
    ///
    /// # Errors
    /// The database fails.
    pub async fn clear_hit(&mut self, tenant: TenantId, hit: &ClearedHit) -> Result<()> {
        sqlx::query(
            "INSERT INTO cleared_hits (tenant, person, source, case_no, entry, cleared_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant, person, source, case_no) \
             DO UPDATE SET entry = excluded.entry, cleared_at = excluded.cleared_at",
        )
        .bind(tenant.to_string())
        .bind(hit.person.to_string())
        .bind(&hit.source)
        .bind(&hit.case_no)
        .bind(hit.entry.to_string())
        .bind(hit.cleared_at.as_millis())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Lets a hit count again. `false` where it was not cleared.
    ///
    /// # Errors
    /// The database fails.
    pub async fn unclear_hit(
        &mut self,
        tenant: TenantId,
        person: Digest,
        source: &str,
        case_no: &str,
    ) -> Result<bool> {
        let done = sqlx::query(
            "DELETE FROM cleared_hits WHERE tenant = $1 AND person = $2 AND source = $3 AND case_no = $4",
        )
        .bind(tenant.to_string())
        .bind(person.to_string())
        .bind(source)
        .bind(case_no)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// The hits of a person that a tenant has cleared.
    ///
    /// # Errors
    /// The database fails.
    pub async fn cleared_hits(&mut self, tenant: TenantId, person: Digest) -> Result<Vec<ClearedHit>> {
        let rows = sqlx::query(
            "SELECT source, case_no, entry, cleared_at FROM cleared_hits WHERE tenant = $1 AND person = $2",
        )
        .bind(tenant.to_string())
        .bind(person.to_string())
        .fetch_all(self.connection())
        .await?;
        let hit = |row: &SqliteRow| {
            Ok(ClearedHit {
                person,
                source: row.text("source")?,
                case_no: row.text("case_no")?,
                entry: Digest::from_hex(&row.text("entry")?)?,
                cleared_at: row.time("cleared_at")?,
            })
        };
        rows.iter().map(hit).collect()
    }
}
