//! What the server does, whatever dialect asks for it.
//!
//! A use case loads the aggregate, calls its pure `apply`, and saves the new state, the jobs and the events in one
//! transaction.

pub(crate) mod access;
mod blocklist;
pub(crate) mod client_token;
pub(crate) mod deliveries;
pub(crate) mod enroll;
pub(crate) mod error;
pub(crate) mod faces;
pub(crate) mod hook_keys;
pub(crate) mod hooks;
pub(crate) mod identities;
mod jobs;
mod judging;
pub(crate) mod jwt;
pub(crate) mod limits;
pub(crate) mod link;
pub(crate) mod pages;
pub(crate) mod password;
pub(crate) mod presence;
pub(crate) mod readiness;
mod reference;
pub(crate) mod requests;
pub(crate) mod restore;
pub(crate) mod screening;
pub(crate) mod sessions;
mod settings;
pub(crate) mod subjects;
pub(crate) mod token;
pub(crate) mod upload;
pub(crate) mod verification;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use domain::{About, Clock, Event, EventId, EventKind, Origin, SubjectId, TenantId, Timestamp};
use store::{Secret, Store};
use tokio::sync::Notify;

use crate::{Admin, EnginePages, PageReader, ServiceError};
use blocklist::Blocklists;
use faces::Faces;
use limits::UsageLimits;
use password::Passwords;
use screening::Watched;

/// How long photos are kept after what they were for has ended.
pub(crate) const RETENTION: Duration = Duration::from_hours(90 * 24);

/// Where new ids come from. A parameter, so that tests have fixed ones.
pub trait Entropy: Send + Sync + fmt::Debug {
    /// 16 bytes that nobody can guess.
    ///
    /// # Errors
    /// [`ServiceError::Entropy`] when there are none.
    fn bytes(&self) -> Result<[u8; 16], ServiceError>;
}

/// Random bytes of the operating system.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OsEntropy;

impl Entropy for OsEntropy {
    fn bytes(&self) -> Result<[u8; 16], ServiceError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|_| ServiceError::Entropy)?;
        Ok(bytes)
    }
}

/// What an operator may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceOptions {
    /// Photos that are worked on at the same time; one a core is best.
    pub at_once: usize,
    /// Uploads that are admitted at the same time, those that wait included. Each may hold 10 MB.
    pub queue: usize,
}

/// The use cases over one store. Clones share everything.
#[derive(Debug, Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    faces: Faces,
    limits: UsageLimits,
    blocklists: Blocklists,
    watched: Watched,
    /// Reads pages of documents.
    pages: Arc<dyn PageReader>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// Signs API keys and links.
    signing: Secret,
    /// SHA-256 of every model, by its id.
    models: BTreeMap<String, String>,
    /// The same with those that read documents.
    document_models: BTreeMap<String, String>,
    /// The same with those that hear spoken tokens; `None` where these or the decoder of videos are not there.
    voice_models: Option<BTreeMap<String, String>>,
    /// Names this process in leases.
    node: String,
    /// Rung when a job was enqueued that is due soon.
    bell: Notify,
    /// Rung when a code waits to be sent.
    post: Notify,
    /// Rung when an authority waits to be asked.
    counter: Notify,
    passwords: Passwords,
}

impl Service {
    /// Opens the service over `store` and the models of `assets`, which are loaded on first use, with the default
    /// throttle and without quotas.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn open(
        options: ServiceOptions,
        store: Store,
        assets: assets::Store,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ServiceError> {
        Self::open_limited(options, UsageLimits::default(), store, assets, clock).await
    }

    /// As [`Service::open_limited`], with somebody else who reads pages of documents.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn open_reading(
        options: ServiceOptions,
        limits: UsageLimits,
        pages: Arc<dyn PageReader>,
        store: Store,
        assets: assets::Store,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ServiceError> {
        Self::assemble(options, limits, pages, store, assets, clock).await
    }

    /// As [`Service::open`], within `limits`.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn open_limited(
        options: ServiceOptions,
        limits: UsageLimits,
        store: Store,
        assets: assets::Store,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ServiceError> {
        Self::assemble(options, limits, Arc::new(EnginePages), store, assets, clock).await
    }

    async fn assemble(
        options: ServiceOptions,
        limits: UsageLimits,
        pages: Arc<dyn PageReader>,
        store: Store,
        assets: assets::Store,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ServiceError> {
        let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
        let signing = store.secret(token::SECRET).await?;
        let node = hex::encode(entropy.bytes()?);
        let models_of = |groups: &[assets::Group]| -> BTreeMap<String, String> {
            let entries = assets.list().into_iter();
            let asked = entries.filter(|entry| groups.iter().any(|group| entry.groups.contains(group)));
            asked.map(|entry| (entry.id, entry.sha256.to_string())).collect()
        };
        let models = models_of(&[assets::Group::Face]);
        let document_models = models_of(&[assets::Group::Face, assets::Group::Document]);
        let hears = assets.list().iter().all(|entry| {
            let is_needed =
                [assets::Group::Video, assets::Group::Voice].iter().any(|group| entry.groups.contains(group));
            !is_needed || entry.state == assets::State::Present
        });
        let voice_models = hears.then(|| models_of(&[assets::Group::Face, assets::Group::Voice]));
        let faces = Faces::new(assets, options)?;
        let inner = Inner {
            store,
            faces,
            limits,
            blocklists: Blocklists::default(),
            watched: Watched::default(),
            pages,
            clock,
            entropy,
            signing,
            models,
            document_models,
            voice_models,
            node,
            bell: Notify::new(),
            post: Notify::new(),
            counter: Notify::new(),
            passwords: Passwords::new(options.at_once),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Loads the models now instead of with the first photo.
    ///
    /// # Errors
    /// [`ServiceError::App`] when a model is missing or cannot be loaded.
    pub async fn warm_up(&self) -> Result<(), ServiceError> {
        self.inner.faces.app().await.map(drop)
    }

    /// The operator's view of the same store.
    pub fn admin(&self) -> Admin {
        Admin::over(self.store().clone(), Arc::clone(&self.inner.clock))
    }

    /// Uploads that are worked on or wait.
    pub fn queue_depth(&self) -> usize {
        self.inner.faces.depth()
    }

    /// Jobs that wait or run.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn jobs_waiting(&self) -> Result<u64, ServiceError> {
        Ok(self.store().jobs_waiting().await?)
    }

    /// Whether any tenant lets pages of `origin` call.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn is_allowed_origin(&self, origin: &str) -> Result<bool, ServiceError> {
        Ok(self.store().read().await?.is_allowed_origin_of_any(origin).await?)
    }

    /// The time now, by the service's clock.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    fn store(&self) -> &Store {
        &self.inner.store
    }

    fn limits(&self) -> &UsageLimits {
        &self.inner.limits
    }

    fn id(&self) -> Result<[u8; 16], ServiceError> {
        self.inner.entropy.bytes()
    }

    /// Wakes the worker for a job that is due before it looks by itself.
    fn ring_for(&self, due: Timestamp) {
        if due.since(self.now()) < jobs::IDLE {
            self.inner.bell.notify_one();
        }
    }

    /// An event that happens now.
    fn event(
        &self,
        who: (TenantId, SubjectId),
        origin: Origin,
        kind: EventKind,
        about: About,
    ) -> Result<Event, ServiceError> {
        let id = EventId::from_bytes(self.id()?);
        Ok(Event { id, tenant: who.0, subject: who.1, origin, kind, about, at: self.now() })
    }
}
