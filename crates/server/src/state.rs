//! What the handlers of a dialect share.

use std::sync::Arc;

use crate::Config;
use crate::config::{Limits, PathPrefix, PublicUrl};

/// What the handlers of a dialect share. Cheap to clone.
#[derive(Clone)]
pub struct ServerState {
    /// The use cases.
    pub service: app::Service,
    /// Time-outs and limits.
    pub limits: Arc<Limits>,
    base_url: Arc<str>,
}

impl ServerState {
    /// For a dialect whose routes lie below `prefix` of `public_url`.
    pub fn new(service: app::Service, config: &Config, public_url: &PublicUrl, prefix: &PathPrefix) -> Self {
        Self {
            service,
            limits: Arc::new(config.limits.clone()),
            base_url: format!("{public_url}{prefix}").into(),
        }
    }

    /// The absolute URL of `path`, a route of the dialect with a slash at its beginning, as callers reach it.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }
}
