//! How hooks are told of events: in the words of the dialect that opened the thing, over the guarded client.

mod standard;

use std::collections::BTreeMap;
use std::sync::Arc;

use app::{Carried, Courier, Occurrence, Parcel, ServiceError};
use domain::{HookStyle, Origin};
use serde_json::Value;

use crate::Dialect;
use crate::config::Place;
use crate::outgoing::Client;

/// How a dialect tells of what it opened.
#[derive(Debug, Clone, Copy)]
pub struct Webhooks {
    /// What it is called in what it opened.
    pub origin: Origin,
    /// Its event types, under this server's own names.
    pub event_types: &'static [&'static str],
    /// What happened, in its words, for hooks of Standard Webhooks.
    pub tell: fn(&Occurrence, &EventNames) -> Result<Told, TellError>,
    /// The whole message, in the vendor's own form.
    pub write: fn(&Parcel, &EventNames) -> Result<Letter, TellError>,
}

/// What happened, in the words of a dialect.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// What kind of event it is: parts with full stops between them.
    pub kind: String,
    /// The thing.
    pub data: Value,
}

/// A message that is ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Headers, in lower case, the content type among them.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

/// Why there is no message.
#[derive(Debug, thiserror::Error)]
pub enum TellError {
    /// The thing cannot be written.
    #[error("what happened cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    /// It cannot be signed.
    #[error(transparent)]
    Keys(#[from] ServiceError),
    /// Nobody has words for it.
    #[error("no dialect of this server tells of it")]
    NoWords,
}

/// What event types are called when they are sent. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventNames(Arc<BTreeMap<String, String>>);

impl EventNames {
    /// From what the operator chose.
    pub fn new(chosen: &BTreeMap<String, String>) -> Self {
        Self(Arc::new(chosen.clone()))
    }

    /// What the event type `own` is called.
    pub fn sent<'a>(&'a self, own: &'a str) -> &'a str {
        self.0.get(own).map_or(own, String::as_str)
    }
}

/// Takes messages to hooks.
pub(crate) struct Post {
    client: Client,
    dialects: Vec<(Webhooks, EventNames)>,
}

impl Post {
    pub(crate) fn new<const N: usize>(client: Client, dialects: [(&Place, Dialect); N]) -> Self {
        let dialects = dialects.into_iter().filter_map(|(place, dialect)| {
            dialect.webhooks.map(|webhooks| (webhooks, EventNames::new(&place.event_types)))
        });
        Self { client, dialects: dialects.collect() }
    }

    /// The message of `parcel`, in the style of its hook.
    fn letter(&self, parcel: &Parcel) -> Result<Letter, TellError> {
        let origin = match parcel.hook.style {
            HookStyle::Standard => parcel.occurrence.event.origin,
            HookStyle::Vendor(origin) => origin,
        };
        let dialect = self.dialects.iter().find(|(webhooks, _)| webhooks.origin == origin);
        let (webhooks, names) = dialect.ok_or(TellError::NoWords)?;
        match parcel.hook.style {
            HookStyle::Standard => standard::write(parcel, &(webhooks.tell)(&parcel.occurrence, names)?),
            HookStyle::Vendor(_) => (webhooks.write)(parcel, names),
        }
    }

    async fn send(&self, parcel: &Parcel) -> Carried {
        let failed = |status, error: &str| Carried::Failed { status, error: error.to_owned() };
        let letter = match self.letter(parcel) {
            Ok(letter) => letter,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a webhook cannot be written");
                return failed(None, "the server could not write it: its log says why");
            }
        };
        match self.client.post(&parcel.hook.url, &letter.headers, letter.body).await {
            Err(error) => failed(None, &error.to_string()),
            Ok(status) => match status.as_u16() {
                status @ 200..=299 => Carried::Taken { status },
                410 => Carried::Gone { status: 410 },
                status @ 300..=399 => {
                    failed(Some(status), "it answered with a redirect, which is not followed")
                }
                status => failed(Some(status), "it answered that it did not take it"),
            },
        }
    }
}

impl Courier for Post {
    async fn carry(&self, parcel: Parcel) -> Carried {
        let carried = self.send(&parcel).await;
        let outcome = match carried {
            Carried::Taken { .. } => "taken",
            Carried::Gone { .. } => "gone",
            Carried::Failed { .. } => "failed",
        };
        metrics::counter!("bonafide_webhook_attempts_total", "outcome" => outcome).increment(1);
        carried
    }
}
