//! Lists that names are looked up in, as the operator sees them.

use domain::screening::Query;
use domain::{Similarity, TenantId};
use store::{ClearedHit, LoadedList};

use super::{Admin, AdminError};
use crate::Watchlist;
use crate::service::screening::{Screening, entries, entry_digest, person, screen_once};

impl Admin {
    /// Keeps lists in place of those of the same sources, all of them or none. A running server looks names up in them
    /// from the next look-up on.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn load_watchlists(&self, lists: &[Watchlist]) -> Result<(), AdminError> {
        let mut tx = self.store.begin().await?;
        for list in lists {
            tx.replace_watchlist(&list.source, &list.entries, self.clock.now()).await?;
            tx.append_audit(&self.entry(None, "watchlist.load", &list.source)).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The lists that are loaded, by source.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn watchlists(&self) -> Result<Vec<LoadedList>, AdminError> {
        Ok(self.store.look().await?.watchlists().await?)
    }

    /// Forgets a list.
    ///
    /// # Errors
    /// Those of the store. `false` where there is none of that source.
    pub async fn remove_watchlist(&self, source: &str) -> Result<bool, AdminError> {
        let mut tx = self.store.begin().await?;
        if !tx.delete_watchlist(source).await? {
            return Ok(false);
        }
        tx.append_audit(&self.entry(None, "watchlist.remove", source)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// As [`crate::Service::screen`].
    ///
    /// # Errors
    /// Those of the store.
    pub async fn screen(
        &self,
        tenant: TenantId,
        query: &Query,
        threshold: Option<Similarity>,
    ) -> Result<Screening, AdminError> {
        Ok(screen_once(&self.store, tenant, query, threshold).await?)
    }

    /// Keeps that the person of `query` is not the entry `case_no` of `source`: it is no hit of theirs any more, until
    /// the list says something else of it.
    ///
    /// # Errors
    /// [`AdminError::NotFound`] where no list has that entry.
    pub async fn clear_hit(
        &self,
        tenant: TenantId,
        query: &Query,
        source: &str,
        case_no: &str,
    ) -> Result<(), AdminError> {
        let all = entries(&self.store).await?.1;
        let entry = all.iter().find(|entry| entry.source == source && entry.case_no == case_no);
        let entry = entry.ok_or_else(|| AdminError::NotFound {
            what: "list entry",
            name: format!("{source} {case_no}"),
        })?;
        let hit = ClearedHit {
            person: person(&self.store, tenant, query).await?,
            source: source.to_owned(),
            case_no: case_no.to_owned(),
            entry: entry_digest(&self.store, tenant, entry).await?,
            cleared_at: self.clock.now(),
        };
        let mut tx = self.store.begin().await?;
        tx.clear_hit(tenant, &hit).await?;
        tx.append_audit(&self.entry(Some(tenant), "screening.clear", &format!("{source} {case_no}"))).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Lets a hit count again.
    ///
    /// # Errors
    /// Those of the store. `false` where it was not cleared.
    pub async fn unclear_hit(
        &self,
        tenant: TenantId,
        query: &Query,
        source: &str,
        case_no: &str,
    ) -> Result<bool, AdminError> {
        let person = person(&self.store, tenant, query).await?;
        let mut tx = self.store.begin().await?;
        if !tx.unclear_hit(tenant, person, source, case_no).await? {
            return Ok(false);
        }
        tx.append_audit(&self.entry(Some(tenant), "screening.unclear", &format!("{source} {case_no}")))
            .await?;
        tx.commit().await?;
        Ok(true)
    }
}
