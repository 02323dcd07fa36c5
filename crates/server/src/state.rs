//! What the handlers of a dialect share.

use std::sync::Arc;

use crate::config::{Channels, Limits, Place, PublicUrl, TrueLens, Vlens};
use crate::hosted::Room;
use crate::outgoing::Allowed;
use crate::webhooks::EventNames;
use crate::{Config, Rates};

/// Scans for each thread that looks at pictures: three at 15 frames a second keep it busy, more are slowed down.
const SCANS_FOR_EACH: usize = 4;

/// What the handlers of a dialect share. Cheap to clone.
#[derive(Clone)]
pub struct ServerState {
    /// The use cases.
    pub service: app::Service,
    /// Time-outs and limits.
    pub limits: Arc<Limits>,
    /// How many requests a key may make.
    pub rates: Arc<Rates>,
    /// Which addresses the server may call.
    pub allowed: Allowed,
    /// How much of `TrueLens`' API may be used.
    pub truelens: Arc<TrueLens>,
    /// How much of Vlens' API may be used.
    pub vlens: Arc<Vlens>,
    /// What one-time passwords can be sent by.
    pub channels: Channels,
    /// Room for scans that go on at the same time.
    pub(crate) scans: Arc<Room>,
    /// What hooks are told event types are called.
    pub event_names: EventNames,
    base_url: Arc<str>,
}

impl ServerState {
    /// For a dialect at `place` of `public_url`.
    pub fn new(service: app::Service, config: &Config, public_url: &PublicUrl, place: &Place) -> Self {
        Self {
            service,
            limits: Arc::new(config.limits.clone()),
            rates: Arc::new(Rates::new(config)),
            allowed: Allowed::new(&config.outgoing.allow),
            truelens: Arc::new(config.truelens.clone()),
            vlens: Arc::new(config.vlens.clone()),
            channels: config.delivery.channels(),
            scans: Room::new(SCANS_FOR_EACH * config.limits.inference_threads.get()),
            event_names: EventNames::new(&place.event_types),
            base_url: format!("{public_url}{}", place.prefix).into(),
        }
    }

    /// The path of `path`, a route of the dialect, as browsers see it.
    pub(crate) fn path(&self, path: &str) -> String {
        let url = self.url(path);
        let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        rest.find('/').map_or_else(|| path.to_owned(), |start| rest[start..].to_owned())
    }

    /// The absolute URL of `path`, a route of the dialect with a slash at its beginning, as callers reach it.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }
}
