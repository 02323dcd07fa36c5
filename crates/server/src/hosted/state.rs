//! `GET /verify/{id}/state`: how far it is, for the page. And how every refusal to a page reads.

use std::time::Duration;

use app::{CapturePage, PageError};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use url::Url;

use super::browser;
use crate::ServerState;
use crate::api::truelens::{read_id, write_id};
use crate::peer::Peer;

#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    state: &'static str,
    attempts_left: u8,
    return_url: Option<String>,
}

impl From<CapturePage> for Answer {
    fn from(page: CapturePage) -> Self {
        Self { state: page.state.word(), attempts_left: page.attempts_left, return_url: return_url(&page) }
    }
}

/// Where the person goes afterwards, told which verification it was.
pub(super) fn return_url(page: &CapturePage) -> Option<String> {
    with_id(page.return_url.as_deref()?, &write_id(page.id))
}

/// The URL with `verification_id` in its query, and nothing else of ours.
fn with_id(url: &str, id: &str) -> Option<String> {
    let mut url = Url::parse(url).ok()?;
    url.query_pairs_mut().append_pair("verification_id", id);
    Some(url.into())
}

pub(crate) async fn handler(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    peer: Option<Peer>,
    headers: HeaderMap,
) -> Result<Json<Answer>, Refusal> {
    let id = read_id(&id).ok_or(PageError::Unknown)?;
    let secret = browser::own_secret(&headers)?;
    let browser = browser::browser(secret, peer.map(|peer| peer.ip));
    Ok(Json(state.service.capture_page(id, browser).await?.into()))
}

/// A refusal, on its way to a page.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    retry_after: Option<Duration>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, retry_after: None }
    }

    pub(super) fn full() -> Self {
        let retry_after = Some(Duration::from_secs(10));
        Self { retry_after, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "full") }
    }

    pub(super) fn technical() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "technical")
    }

    pub(super) fn code(&self) -> &'static str {
        self.code
    }
}

#[derive(Debug, Serialize)]
struct ErrorBody {
    error: &'static str,
}

impl From<PageError> for Refusal {
    fn from(error: PageError) -> Self {
        match error {
            PageError::Unknown => Self::new(StatusCode::NOT_FOUND, "unknown"),
            PageError::OtherBrowser => Self::new(StatusCode::FORBIDDEN, "other_browser"),
            PageError::NoConsent => Self::new(StatusCode::CONFLICT, "no_consent"),
            PageError::OtherText => Self::new(StatusCode::CONFLICT, "other_text"),
            PageError::Busy => Self::new(StatusCode::CONFLICT, "busy"),
            PageError::Over => Self::new(StatusCode::GONE, "over"),
            PageError::Throttled { retry_after } => {
                let retry_after = Some(retry_after);
                Self { retry_after, ..Self::new(StatusCode::TOO_MANY_REQUESTS, "throttled") }
            }
            PageError::Service(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a page's request failed");
                Self::technical()
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(ErrorBody { error: self.code })).into_response();
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_millis().div_ceil(1000);
            if let Ok(value) = HeaderValue::try_from(seconds.to_string()) {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_return_url_gets_the_id_and_nothing_else() {
        let with = |url| with_id(url, "ID").unwrap();
        assert_eq!(with("https://shop.example/done"), "https://shop.example/done?verification_id=ID");
        assert_eq!(with("https://shop.example/?a=b"), "https://shop.example/?a=b&verification_id=ID");
    }
}
