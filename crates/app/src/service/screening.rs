//! Names looked up in the lists that the operator loads.
//!
//! The lists lie in memory as one index. The store numbers every change of them, in the transaction of the change; whoever
//! looks somebody up first looks whether the index stands at the last number, and makes it anew where it does not. So a
//! list that is loaded counts for the next look-up, whichever process loaded it, and no look-up sees half of one.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use domain::screening::{ListEntry, Query, SCREENING_THRESHOLD, ScreeningIndex};
use domain::{Similarity, TenantId};
use store::{ClearedHit, Digest, Store};

use super::Service;
use crate::ServiceError;

/// Entries that are read at once.
const PART: u32 = 5_000;

/// An entry that may be who was looked up.
#[derive(Clone, PartialEq)]
pub struct ScreeningHit {
    /// How sure, 0..=1.
    pub score: Similarity,
    /// Why, for whoever judges it. Shows words of the name.
    pub explanation: Vec<String>,
    /// The entry.
    pub entry: ListEntry,
}

/// Without names: this may end in a log.
impl fmt::Debug for ScreeningHit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScreeningHit").field("score", &self.score).finish_non_exhaustive()
    }
}

/// What a look-up says.
#[derive(Debug, Clone, PartialEq)]
pub enum Screening {
    /// Nobody was looked up: this is no all-clear.
    NotScreened(NotScreened),
    /// The lists were looked through.
    Screened {
        /// Entries that may be the person, the surest first.
        hits: Vec<ScreeningHit>,
        /// Those that the tenant has found to be somebody else.
        cleared: Vec<ScreeningHit>,
    },
}

/// Why nobody was looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotScreened {
    /// No list is loaded.
    NoList,
    /// The query has neither a name nor a number.
    Nobody,
}

/// The lists in memory.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    /// Held by whoever makes the index anew.
    turn: tokio::sync::Mutex<()>,
    lists: RwLock<Option<Lists>>,
}

/// An index, and the change as of which it is.
#[derive(Debug, Clone)]
struct Lists {
    sequence: i64,
    index: Arc<ScreeningIndex>,
}

impl Watched {
    fn at(&self, sequence: i64) -> Option<Arc<ScreeningIndex>> {
        let lists = self.lists.read().unwrap_or_else(PoisonError::into_inner);
        lists.as_ref().filter(|lists| lists.sequence == sequence).map(|lists| Arc::clone(&lists.index))
    }
}

impl Service {
    /// Looks somebody up in the lists that are loaded. Hits are entries whose score reaches `threshold`, or the usual
    /// one.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn screen(
        &self,
        tenant: TenantId,
        query: Query,
        threshold: Option<Similarity>,
    ) -> Result<Screening, ServiceError> {
        let index = self.watchlists().await?;
        let cleared = cleared(self.store(), tenant, &query).await?;
        let found = self.inner.faces.compute(move || screen(&index, &query, threshold)).await?;
        sort(self.store(), tenant, found, &cleared).await
    }

    async fn watchlists(&self) -> Result<Arc<ScreeningIndex>, ServiceError> {
        let watched = &self.inner.watched;
        let sequence = self.store().look().await?.watchlist_sequence().await?;
        if let Some(index) = watched.at(sequence) {
            return Ok(index);
        }
        let turn = watched.turn.lock().await;
        let sequence = self.store().look().await?.watchlist_sequence().await?;
        if let Some(index) = watched.at(sequence) {
            return Ok(index);
        }
        let (sequence, entries) = entries(self.store()).await?;
        let index = Arc::new(self.inner.faces.compute(move || ScreeningIndex::new(entries)).await?);
        let lists = Lists { sequence, index: Arc::clone(&index) };
        *watched.lists.write().unwrap_or_else(PoisonError::into_inner) = Some(lists);
        drop(turn);
        Ok(index)
    }
}

/// As [`Service::screen`], with an index that is made for this look-up alone: for commands.
pub(crate) async fn screen_once(
    store: &Store,
    tenant: TenantId,
    query: &Query,
    threshold: Option<Similarity>,
) -> Result<Screening, ServiceError> {
    let index = ScreeningIndex::new(entries(store).await?.1);
    let cleared = cleared(store, tenant, query).await?;
    sort(store, tenant, screen(&index, query, threshold), &cleared).await
}

/// All entries, and the change as of which they are.
pub(crate) async fn entries(store: &Store) -> Result<(i64, Vec<ListEntry>), ServiceError> {
    // One state for all reads.
    let mut tx = store.read().await?;
    let sequence = tx.watchlist_sequence().await?;
    let (mut all, mut place) = (Vec::new(), None);
    while let Some((part, next)) = tx.watchlist_entries(place.as_ref(), PART).await? {
        all.extend(part);
        place = Some(next);
    }
    Ok((sequence, all))
}

fn screen(
    index: &ScreeningIndex,
    query: &Query,
    threshold: Option<Similarity>,
) -> Result<Vec<ScreeningHit>, NotScreened> {
    if index.is_empty() {
        return Err(NotScreened::NoList);
    }
    if !query.is_anybody() {
        return Err(NotScreened::Nobody);
    }
    let threshold = threshold.unwrap_or(Similarity::clamped(SCREENING_THRESHOLD));
    let hits = index.screen(query, threshold).into_iter().map(|hit| ScreeningHit {
        score: hit.score,
        explanation: hit.reasons.iter().map(ToString::to_string).collect(),
        entry: hit.entry.clone(),
    });
    Ok(hits.collect())
}

/// What the tenant has cleared of that person: the digest of what the entry said, by its list and number.
type Cleared = HashMap<(String, String), Digest>;

async fn cleared(store: &Store, tenant: TenantId, query: &Query) -> Result<Cleared, ServiceError> {
    let person = person(store, tenant, query).await?;
    let hits = store.look().await?.cleared_hits(tenant, person).await?;
    Ok(hits.into_iter().map(|hit: ClearedHit| ((hit.source, hit.case_no), hit.entry)).collect())
}

/// Puts hits that were cleared aside, unless their entry has changed since.
async fn sort(
    store: &Store,
    tenant: TenantId,
    found: Result<Vec<ScreeningHit>, NotScreened>,
    known: &Cleared,
) -> Result<Screening, ServiceError> {
    let found = match found {
        Err(why) => return Ok(Screening::NotScreened(why)),
        Ok(found) => found,
    };
    let (mut hits, mut cleared) = (Vec::new(), Vec::new());
    for hit in found {
        let place = (hit.entry.source.clone(), hit.entry.case_no.clone());
        let is_cleared = match known.get(&place) {
            Some(digest) => *digest == entry_digest(store, tenant, &hit.entry).await?,
            None => false,
        };
        if is_cleared { cleared.push(hit) } else { hits.push(hit) }
    }
    Ok(Screening::Screened { hits, cleared })
}

/// Digest of who is looked up, the same however a look-up writes them.
pub(crate) async fn person(store: &Store, tenant: TenantId, query: &Query) -> Result<Digest, ServiceError> {
    Ok(store.digest(tenant, format!("screened person\0{}", query.identity()).as_bytes()).await?)
}

/// Digest of what an entry says.
pub(crate) async fn entry_digest(
    store: &Store,
    tenant: TenantId,
    entry: &ListEntry,
) -> Result<Digest, ServiceError> {
    let text = serde_json::to_string(entry).map_err(ServiceError::Terms)?;
    Ok(store.digest(tenant, format!("list entry\0{text}").as_bytes()).await?)
}
