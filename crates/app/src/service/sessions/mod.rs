//! Sessions in which a document and its holder, or a face alone, are looked at: opened by a tenant's server, fed with
//! pictures, judged by a job, told, erased.
//!
//! Each session has a person of its own, so that whoever deletes a session erases everything of it, keys and all, and
//! nothing else.

pub(crate) mod evaluate;
mod history;
pub(crate) mod images;
mod judging;
pub(crate) mod open;
pub(crate) mod page;
mod see;
pub(crate) mod selfie;
pub(crate) mod transactions;
pub(crate) mod view;

use std::time::Duration;

use domain::{Decision, DocumentKind, DocumentSession, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Tx;

use super::Service;
use crate::ServiceError;

/// What a person agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The tenant's own word for the text.
    pub document: String,
    /// When.
    pub at: Timestamp,
}

/// How a session ends that only acts as if.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mock {
    /// Its decision.
    pub decision: Decision,
    /// How long it takes from the last picture.
    pub processing_ms: u64,
    /// Whether the first pictures are asked for again.
    pub asks_again: bool,
    /// What the front is recognised as.
    pub document: Option<DocumentKind>,
}

impl Mock {
    fn processing(&self) -> Duration {
        Duration::from_millis(self.processing_ms)
    }
}

/// What was agreed on when a session was opened or started. Kept encrypted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Terms {
    /// What the person agreed to; `None` where nobody said so.
    pub consent: Option<Consent>,
    /// How it ends, where it only acts as if.
    pub mock: Option<Mock>,
    /// What only the dialect reads.
    pub extra: Value,
}

impl Service {
    async fn session_terms(tx: &mut Tx, session: &DocumentSession) -> Result<Terms, ServiceError> {
        serde_json::from_value(tx.session_terms(session).await?).map_err(ServiceError::Terms)
    }
}
