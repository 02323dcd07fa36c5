//! What the dialect's routes share: ids, times, queries and bodies.

use std::convert::Infallible;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use domain::{Timestamp, VerificationId};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::error::TrueLensError;
use crate::ServerState;

/// The id as a UUID.
pub(crate) fn uuid(id: VerificationId) -> String {
    Uuid::from_bytes(*id.as_bytes()).to_string()
}

/// The id behind a UUID; `None` for any other text.
pub(crate) fn id(text: &str) -> Option<VerificationId> {
    // The hyphenated form only: one id has one address.
    let id = Uuid::try_parse(text).ok().filter(|_| text.len() == 36)?;
    Some(VerificationId::from_bytes(id.into_bytes()))
}

/// The id that a route's path ends with or has in its middle; `None` for what is no id, nor even text.
pub(crate) struct PathId(pub(crate) Option<VerificationId>);

impl FromRequestParts<ServerState> for PathId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Infallible> {
        let text = Path::<String>::from_request_parts(parts, state).await.ok();
        Ok(Self(text.and_then(|Path(text)| id(&text))))
    }
}

/// The query of an address.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<ServerState> for Asked<T> {
    type Rejection = TrueLensError;

    async fn from_request_parts(parts: &mut Parts, _: &ServerState) -> Result<Self, TrueLensError> {
        let asked = Query::try_from_uri(&parts.uri);
        let Query(asked) = asked.map_err(|_| {
            TrueLensError::bad_request("The query could not be read: give each of its members once")
        })?;
        Ok(Self(asked))
    }
}

/// ISO 8601 with milliseconds and `Z`.
pub(crate) fn time(at: Timestamp) -> String {
    // Times of this program lie within the calendar.
    let at = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
    format!("{at:.3}")
}

/// The members of a body that is a JSON object; an empty body is an empty object.
pub(crate) struct Body(pub(crate) Map<String, Value>);

impl FromRequest<ServerState> for Body {
    type Rejection = TrueLensError;

    async fn from_request(request: Request, state: &ServerState) -> Result<Self, TrueLensError> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let status = rejection.status();
            let text = if status == StatusCode::PAYLOAD_TOO_LARGE {
                "The body is too large"
            } else {
                "The body could not be read"
            };
            TrueLensError::new(status, text)
        })?;
        if bytes.is_empty() {
            return Ok(Self(Map::new()));
        }
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) | Err(_) => Err(TrueLensError::bad_request("The body must be a JSON object")),
        }
    }
}

impl Body {
    /// A truth value; `false` where it is missing or null.
    pub(crate) fn flag(&self, name: &'static str) -> Result<bool, TrueLensError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(TrueLensError::bad_request(format!("{name} must be true or false"))),
        }
    }

    /// A text of 1 to `most` characters; `None` where it is missing or null.
    pub(crate) fn text(&self, name: &'static str, most: usize) -> Result<Option<String>, TrueLensError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if (1..=most).contains(&text.chars().count()) => Ok(Some(text.clone())),
            Some(_) => {
                Err(TrueLensError::bad_request(format!("{name} must be a text of 1 to {most} characters")))
            }
        }
    }
}
