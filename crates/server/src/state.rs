//! What the handlers of a dialect share.

use std::sync::Arc;

use crate::config::{Limits, Place, PublicUrl};
use crate::outgoing::Allowed;
use crate::webhooks::EventNames;
use crate::{Config, Rates};

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
            event_names: EventNames::new(&place.event_types),
            base_url: format!("{public_url}{}", place.prefix).into(),
        }
    }

    /// The absolute URL of `path`, a route of the dialect with a slash at its beginning, as callers reach it.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }
}
