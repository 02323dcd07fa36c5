//! Which pages of other origins may read an answer.
//!
//! A preflight carries no key, so that it is allowed for an origin that any tenant lists. An actual answer is opened
//! only by who knows the caller: a dialect's authentication calls [`allow`] with the origins of the caller's tenant, or
//! [`allow_every_tenants_origins`] where there is no caller to know and nothing to hide, as in an answer that says no
//! more than that a key is not valid. Where neither was called, no other origin may read the answer.
//!
//! ```
//! # use axum::http::request::Parts;
//! # fn authenticated(parts: &Parts, allowed_origins: &[String]) {
//! // In the extractor that authenticates, once the tenant is known:
//! server::cors::allow(&parts.extensions, allowed_origins);
//! # }
//! ```

use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::Backend;

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, DELETE");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "x-request-id, retry-after, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset",
);
/// Seconds for which a browser may keep the answer to a preflight.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// Who may read the answer to the request that carries it.
#[derive(Clone, Default)]
struct Grant(Arc<OnceLock<Readers>>);

enum Readers {
    These(Vec<String>),
    OfAnyTenant,
}

/// Lets pages of these origins read the answer. The first grant of a request stands.
pub fn allow(request: &Extensions, origins: &[String]) {
    grant(request, Readers::These(origins.to_vec()));
}

/// Lets pages of every origin that some tenant lists read the answer. The first grant of a request stands.
pub fn allow_every_tenants_origins(request: &Extensions) {
    grant(request, Readers::OfAnyTenant);
}

fn grant(request: &Extensions, readers: Readers) {
    if let Some(Grant(cell)) = request.get() {
        // A second grant changes nothing, as documented.
        let _ = cell.set(readers);
    }
}

/// What the layer needs to know.
#[derive(Clone)]
pub(crate) struct Cors {
    pub(crate) backend: Arc<dyn Backend>,
    /// Value of `Access-Control-Allow-Headers`.
    pub(crate) request_headers: HeaderValue,
}

impl Cors {
    /// For dialects whose pages send `headers` beyond the ordinary ones.
    pub(crate) fn new(backend: Arc<dyn Backend>, headers: &[&str]) -> Self {
        let list = [&["authorization", "content-type"], headers].concat().join(", ");
        let ordinary = HeaderValue::from_static("authorization, content-type");
        Self { backend, request_headers: HeaderValue::from_str(&list).unwrap_or(ordinary) }
    }

    async fn preflight(&self, origin: &HeaderValue) -> Response {
        let mut response = StatusCode::NO_CONTENT.into_response();
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
        if self.any_tenant_lists(origin).await {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, self.request_headers.clone());
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        }
        response
    }

    async fn any_tenant_lists(&self, origin: &HeaderValue) -> bool {
        match origin.to_str() {
            Ok(origin) => self.backend.is_allowed_origin(origin).await,
            Err(_) => false,
        }
    }
}

/// Answers preflights, and opens actual answers as they were granted.
pub(crate) async fn layer(State(cors): State<Cors>, mut request: Request<Body>, next: Next) -> Response {
    let Some(origin) = request.headers().get(header::ORIGIN).cloned() else {
        return next.run(request).await;
    };
    if request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
    {
        return cors.preflight(&origin).await;
    }
    let granted = Grant::default();
    request.extensions_mut().insert(granted.clone());
    let mut response = next.run(request).await;
    response.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
    let allowed = match granted.0.get() {
        Some(Readers::These(origins)) => origins.iter().any(|listed| listed.as_bytes() == origin.as_bytes()),
        Some(Readers::OfAnyTenant) => cors.any_tenant_lists(&origin).await,
        None => false,
    };
    if allowed {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    response
}
