//! The blocklists, in memory: one gallery a tenant, filled at its first use and brought up to date before every search.
//!
//! The store numbers every change of a list, in the transaction of the change. Whoever searches first looks whether
//! there are changes after the number that the gallery stands at: so a face that is added or taken off counts at once,
//! whichever server did it. Erased people leave by the same way, and within a minute where nobody searches.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use domain::{EnrollmentId, Fpir, SearchSignal, TenantId};
use engine::face::compare::{Calibration, Incomparable, Template};
use engine::face::gallery::Gallery;
use engine::face::tail::Basis;
use store::SealedFaces;
use tokio::task::JoinSet;

use super::{Service, reference};
use crate::{App, AppError, ServiceError};

/// Faces that are read and opened at once: about 4 MB, and some ten milliseconds of a thread.
const PART: u32 = 1_000;

/// The galleries that are in memory.
#[derive(Debug, Default)]
pub(crate) struct Blocklists {
    lists: Mutex<HashMap<TenantId, Arc<Blocklist>>>,
}

/// The blocklist of one tenant.
#[derive(Debug)]
pub(crate) struct Blocklist {
    /// Held by whoever brings it up to date.
    turn: tokio::sync::Mutex<()>,
    members: RwLock<Members>,
}

#[derive(Debug)]
struct Members {
    gallery: Gallery<EnrollmentId>,
    /// Those whose templates another model made: never compared.
    left_out: HashSet<EnrollmentId>,
    /// The change as of which they are; `None` before they are read.
    sequence: Option<i64>,
}

impl Blocklists {
    fn of(&self, tenant: TenantId) -> Arc<Blocklist> {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(lists.entry(tenant).or_insert_with(|| {
            Arc::new(Blocklist {
                turn: tokio::sync::Mutex::default(),
                members: RwLock::new(Members::empty()),
            })
        }))
    }

    fn tenants(&self) -> Vec<TenantId> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }
}

impl Blocklist {
    /// The face most like `probe`, and whether it counts as found at the rate `fpir`. Reads every member: for the threads
    /// that may compute.
    ///
    /// # Errors
    /// [`Incomparable`] where another model made `probe`.
    pub(crate) fn search(
        &self,
        calibration: &Calibration,
        probe: &Template,
        fpir: Fpir,
    ) -> Result<SearchSignal, Incomparable> {
        let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
        let count = members.gallery.len() as u64;
        let threshold = calibration.search_threshold(count, fpir);
        // No cosine is lower: the nearest is shown, hit or not.
        let nearest = members.gallery.search(probe, -1.0)?;
        Ok(SearchSignal {
            members: count,
            left_out: members.left_out.len() as u64,
            nearest: nearest.map(|hit| calibration.similarity(hit.cosine)),
            threshold: threshold.similarity,
            threshold_cosine: threshold.cosine,
            fpir,
            is_measured: threshold.basis == Basis::Measured,
            matched: nearest.filter(|hit| hit.cosine >= threshold.cosine).map(|hit| hit.key),
        })
    }

    fn sequence(&self) -> Option<i64> {
        self.members.read().unwrap_or_else(PoisonError::into_inner).sequence
    }

    /// Makes the changes up to `sequence`: `changed` go off, but for those of `faces`.
    fn apply(
        &self,
        changed: &HashSet<EnrollmentId>,
        faces: &SealedFaces,
        sequence: i64,
    ) -> Result<(), ServiceError> {
        let opened = open(faces)?;
        let mut members = self.members.write().unwrap_or_else(PoisonError::into_inner);
        for enrollment in changed {
            members.gallery.remove(enrollment);
            members.left_out.remove(enrollment);
        }
        for (enrollment, template) in opened {
            members.add(enrollment, &template);
        }
        members.sequence = Some(sequence);
        Ok(())
    }
}

impl Members {
    fn empty() -> Self {
        let gallery = Gallery::new(Calibration::shipped().template_ids());
        Self { gallery, left_out: HashSet::new(), sequence: None }
    }

    fn add(&mut self, enrollment: EnrollmentId, template: &Template) {
        if self.gallery.insert(enrollment, template).is_err() {
            self.left_out.insert(enrollment);
        }
    }
}

impl App {
    /// Looks for `probe` in `list`.
    pub(crate) fn search(
        &self,
        list: &Blocklist,
        probe: &Template,
        fpir: Fpir,
    ) -> Result<SearchSignal, AppError> {
        Ok(list.search(self.engine().calibration(), probe, fpir)?)
    }
}

/// The templates of `faces`.
fn open(faces: &SealedFaces) -> Result<Vec<(EnrollmentId, Template)>, ServiceError> {
    let mut opened = Vec::with_capacity(faces.len());
    for (enrollment, face) in faces.open()? {
        // Nothing comes on the list without a face.
        if let Some(template) = reference::from_bytes(&face)?.template {
            opened.push((enrollment, template));
        }
    }
    Ok(opened)
}

impl Service {
    /// The blocklist of a tenant, as of now.
    ///
    /// # Errors
    /// Those of the store, also where a face does not open: a list that is not whole is not searched.
    pub(crate) async fn blocklist(&self, tenant: TenantId) -> Result<Arc<Blocklist>, ServiceError> {
        let list = self.inner.blocklists.of(tenant);
        if let Some(sequence) = list.sequence()
            && self.store().look().await?.gallery_changes(tenant, sequence, 1).await?.is_empty()
        {
            return Ok(list);
        }
        let turn = list.turn.lock().await;
        if list.sequence().is_none() {
            let members = self.read_blocklist(tenant).await?;
            *list.members.write().unwrap_or_else(PoisonError::into_inner) = members;
        }
        self.catch_up(tenant, &list).await?;
        drop(turn);
        Ok(list)
    }

    /// All members. Read in parts that are opened side by side, so that neither their rows are held all at once nor photos
    /// kept waiting.
    async fn read_blocklist(&self, tenant: TenantId) -> Result<Members, ServiceError> {
        // Before the first part: what changes while they are read is among the changes after it.
        let sequence = self.store().look().await?.gallery_sequence(tenant).await?;
        let reading = Arc::new(Mutex::new(Members::empty()));
        let (mut opening, mut place) = (JoinSet::new(), None);
        loop {
            let faces = self.store().look().await?.blocked_faces(tenant, place, PART).await?;
            place = faces.next();
            if place.is_none() {
                break;
            }
            while opening.len() >= self.inner.faces.at_once() {
                finish(&mut opening).await?;
            }
            let (service, reading) = (self.clone(), Arc::clone(&reading));
            opening.spawn(async move {
                let add = move || {
                    let opened = open(&faces)?;
                    let mut members = reading.lock().unwrap_or_else(PoisonError::into_inner);
                    for (enrollment, template) in opened {
                        members.add(enrollment, &template);
                    }
                    Ok(())
                };
                service.inner.faces.compute(add).await?
            });
        }
        while !opening.is_empty() {
            finish(&mut opening).await?;
        }
        let mut reading = reading.lock().unwrap_or_else(PoisonError::into_inner);
        let members = std::mem::replace(&mut *reading, Members::empty());
        if !members.left_out.is_empty() {
            tracing::warn!(
                tenant = %tenant,
                left_out = members.left_out.len(),
                "faces on the blocklist were made by another model and are not compared: report these people again"
            );
        }
        Ok(Members { sequence: Some(sequence), ..members })
    }

    /// Makes the changes that others have noted. For whoever has the turn.
    async fn catch_up(&self, tenant: TenantId, list: &Arc<Blocklist>) -> Result<(), ServiceError> {
        loop {
            let mut look = self.store().look().await?;
            let changes = look.gallery_changes(tenant, list.sequence().unwrap_or(0), PART).await?;
            let Some(last) = changes.last() else { return Ok(()) };
            let (sequence, changed) = (last.sequence, changes.iter().map(|change| change.enrollment));
            let changed: HashSet<_> = changed.collect();
            let added: Vec<_> = changed.iter().copied().collect();
            // Those that are still on it; the others are gone, or will be by a later change.
            let faces = look.blocked_faces_of(tenant, &added).await?;
            drop(look);
            let list = Arc::clone(list);
            self.inner.faces.compute(move || list.apply(&changed, &faces, sequence)).await??;
        }
    }

    /// Brings the lists that are in memory up to date, so that no face stays there long after its person was erased.
    pub(crate) async fn refresh_blocklists(&self) -> Result<(), ServiceError> {
        for tenant in self.inner.blocklists.tenants() {
            self.blocklist(tenant).await?;
        }
        Ok(())
    }
}

async fn finish(opening: &mut JoinSet<Result<(), ServiceError>>) -> Result<(), ServiceError> {
    match opening.join_next().await {
        Some(done) => done.map_err(|_| ServiceError::Interrupted)?,
        None => Ok(()),
    }
}
