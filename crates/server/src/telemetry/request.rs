//! One line and one count a request.

use std::fmt;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// What a request is called in the logs of everyone who handled it. In the request's extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// The caller's own, where that is 1 to 64 letters, digits, dots, hyphens and underscores; else a new one.
    fn of(headers: &HeaderMap) -> Self {
        let named = headers.get(HEADER).and_then(|value| value.to_str().ok()).filter(|text| is_clean(text));
        Self(named.map_or_else(random, str::to_owned))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether text of a stranger can stand in a log line.
fn is_clean(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

fn random() -> String {
    let mut bytes = [0; 16];
    // Without randomness requests share a name, which is a nuisance and no danger.
    let _ = getrandom::fill(&mut bytes);
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// Which dialect and which route answered. In the answer's extensions.
#[derive(Debug, Clone)]
pub(crate) struct Label {
    pub(crate) dialect: &'static str,
    pub(crate) route: Option<MatchedPath>,
}

/// Notes the route on answers of the server's own routes.
pub(crate) async fn label_own(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    response.extensions_mut().insert(Label { dialect: "server", route });
    response
}

/// Names the request, and writes its line and counts it when it is answered or given up.
pub(crate) async fn request(mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    let span = tracing::error_span!("request", %id);
    let name = HeaderValue::from_str(&id.0).ok();
    request.extensions_mut().insert(id);
    let mut record = Record { method: method(request.method()), began: Instant::now(), answer: None };
    async move {
        let mut response = next.run(request).await;
        if let Some(name) = name {
            response.headers_mut().insert(HEADER, name);
        }
        record.answered(&response);
        response
    }
    .instrument(span)
    .await
}

/// A fixed set of words, since a caller may make up any method and each would be a time series of its own.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// What is told of a request. Told when it is dropped, so that a client that went away is told of too.
struct Record {
    method: &'static str,
    began: Instant,
    answer: Option<(StatusCode, Option<Label>)>,
}

/// What proxies log for a client that went away before it was answered.
const GONE: u16 = 499;

impl Record {
    fn answered(&mut self, response: &Response) {
        self.answer = Some((response.status(), response.extensions().get::<Label>().cloned()));
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let (status, label) = match &self.answer {
            Some((status, label)) => (status.as_u16(), label.as_ref()),
            None => (GONE, None),
        };
        let dialect = label.map_or("none", |label| label.dialect);
        let route = label.and_then(|label| label.route.as_ref()).map_or("unknown", MatchedPath::as_str);
        let took = self.began.elapsed();
        let method = self.method;
        tracing::info!(
            target: "http",
            dialect,
            method,
            route,
            status,
            ms = took.as_millis() as u64,
            "answered"
        );
        let route = route.to_owned();
        metrics::counter!(
            "http_requests_total",
            "dialect" => dialect, "route" => route.clone(), "method" => method, "status" => status.to_string()
        )
        .increment(1);
        metrics::histogram!(
            "http_request_duration_seconds",
            "dialect" => dialect, "route" => route, "method" => method
        )
        .record(took);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_may_bring_a_clean_name_and_gets_a_new_one_else() {
        let of = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, HeaderValue::from_bytes(text.as_bytes()).unwrap());
            RequestId::of(&headers).to_string()
        };
        assert_eq!(of("a-B_9.z"), "a-B_9.z");
        assert_eq!(of(&"x".repeat(64)), "x".repeat(64));
        for dirty in ["", "a b", "a\"b", "{}", "é", &"x".repeat(65)] {
            let new = of(dirty);
            assert!(new.len() == 32 && new.bytes().all(|byte| byte.is_ascii_hexdigit()), "{dirty}: {new}");
        }
        assert_ne!(RequestId::of(&HeaderMap::new()), RequestId::of(&HeaderMap::new()));
    }
}
