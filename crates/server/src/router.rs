//! Everything put together: the server's own routes, the dialects, and what every answer goes through.

use std::sync::Arc;

use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use ipnet::IpNet;
use serde::Serialize;
use tower_http::catch_panic::CatchPanicLayer;

use crate::cors::{self, Cors};
use crate::dispatch::{self, Dispatch};
use crate::ops::{self, Readiness};
use crate::peer::{Peer, Socket};
use crate::telemetry;
use crate::{Backend, Mount, docs, headers, rate};

/// What the routers need of the configuration.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Where callers find the server, without a slash at the end. Where it is empty, the documentation's links are
    /// paths.
    pub public_url: String,
    /// Networks whose `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether this server speaks TLS itself.
    pub tls: bool,
}

/// Why the dialects cannot be put where the configuration wants them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MountError {
    /// Two dialects, one host.
    #[error("two dialects with the same paths have the host {host}: give each its own")]
    SameHost {
        /// The host.
        host: String,
    },
    /// Two dialects, one prefix.
    #[error("two dialects with the same paths have the prefix \"{prefix}\": give each its own, or hosts")]
    SamePrefix {
        /// The prefix.
        prefix: String,
    },
    /// Another name for what has none.
    #[error("dialects.{dialect}.event_types names {name}, which is no event type of it: it has {known}")]
    UnknownEventType {
        /// The dialect.
        dialect: &'static str,
        /// What was named.
        name: String,
        /// What there is.
        known: String,
    },
    /// A dialect that cannot be reached through the links it hands out.
    #[error(
        "the dialect {dialect} answers on its hosts only, and {public_host}, the host of public_url, is none of them: \
         the links it hands out would lead nowhere. Add the host or set a prefix"
    )]
    LinksLeadNowhere {
        /// The dialect.
        dialect: &'static str,
        /// The host of the public URL.
        public_host: String,
    },
}

/// The server without its sockets.
///
/// # Errors
/// [`MountError`] where two dialects claim one place.
pub fn assemble(
    mounts: Vec<Mount>,
    backend: Arc<dyn Backend>,
    settings: &Settings,
) -> Result<Router, MountError> {
    let mut headers = mounts.iter().flat_map(|mount| mount.request_headers).copied().collect::<Vec<_>>();
    headers.dedup();
    let cors = Cors::new(Arc::clone(&backend), &headers);
    let documents: Documents = mounts
        .iter()
        .map(|mount| (format!("{}.json", mount.name), Arc::clone(&mount.openapi)))
        .collect::<Vec<_>>()
        .into();
    let readiness = Readiness::new(backend);
    let docs = docs::routes(&mounts, &settings.public_url);
    let dispatch = Dispatch::new(mounts)?;
    let rates = dispatch.clone();
    Ok(Router::new()
        .route("/healthz", get(ops::healthz))
        .route("/readyz", get(ops::readyz).with_state(readiness))
        .route("/openapi/{file}", get(openapi).with_state(documents))
        .merge(docs)
        .method_not_allowed_fallback(|| async { plain(StatusCode::METHOD_NOT_ALLOWED, "method not allowed") })
        .layer(middleware::from_fn(telemetry::label_own))
        .fallback(dispatch::answer)
        .with_state(dispatch)
        .layer(middleware::from_fn_with_state(cors, cors::layer))
        .layer(CatchPanicLayer::custom(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "internal error")))
        .layer(middleware::from_fn_with_state(rates, rate::layer))
        .layer(middleware::from_fn_with_state(settings.tls, headers::layer))
        .layer(middleware::from_fn(telemetry::request))
        .layer(middleware::from_fn_with_state(Arc::new(settings.clone()), find_peer)))
}

async fn find_peer(State(settings): State<Arc<Settings>>, mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(Socket(address))) = request.extensions().get() {
        let peer = Peer::find(
            address.ip(),
            request.headers(),
            request.uri().host(),
            settings.tls,
            &settings.trusted_proxies,
        );
        request.extensions_mut().insert(peer);
    }
    next.run(request).await
}

/// File names and contents below `/openapi/`.
type Documents = Arc<[(String, Arc<str>)]>;

async fn openapi(State(documents): State<Documents>, Path(file): Path<String>) -> Response {
    match documents.iter().find(|(name, _)| *name == file) {
        Some((_, document)) => {
            ([(header::CONTENT_TYPE, "application/json")], document.to_string()).into_response()
        }
        None => not_found().await.into_response(),
    }
}

/// The answer where no dialect is at home.
pub(crate) async fn not_found() -> impl IntoResponse {
    plain(StatusCode::NOT_FOUND, "there is nothing here")
}

#[derive(Serialize)]
struct PlainError {
    error: &'static str,
}

fn plain(status: StatusCode, error: &'static str) -> Response {
    (status, Json(PlainError { error })).into_response()
}
