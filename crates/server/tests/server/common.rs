//! A dialect without a service, to see what the server does around it.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use futures_util::future::BoxFuture;
use server::config::{Limits, PathPrefix};
use server::{Backend, ClientIp, Dialect, Mount, Settings};
use utoipa::openapi::Info;
use utoipa_axum::router::OpenApiRouter;

/// An origin that one tenant lists, and one that another does.
pub(crate) const OWN_ORIGIN: &str = "https://own.example";
pub(crate) const OTHER_ORIGIN: &str = "https://other.example";

pub(crate) struct Stub;

impl Backend for Stub {
    fn ready(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }

    fn is_allowed_origin<'a>(&'a self, origin: &'a str) -> BoxFuture<'a, bool> {
        Box::pin(async move { [OWN_ORIGIN, OTHER_ORIGIN].contains(&origin) })
    }

    fn queue_depth(&self) -> usize {
        3
    }

    fn jobs_waiting(&self) -> BoxFuture<'_, Option<u64>> {
        Box::pin(async { Some(2) })
    }
}

pub(crate) fn limits() -> Limits {
    Limits {
        request_timeout: Duration::from_millis(300),
        body_timeout: Duration::from_millis(600),
        header_timeout: Duration::from_millis(300),
        max_form_bytes: 1024,
        ..Limits::default()
    }
}

/// `name` is in its answers, so that they can be told apart.
pub(crate) fn dialect(name: &'static str) -> Dialect<()> {
    Dialect {
        name,
        paths: &[],
        router: OpenApiRouter::new()
            .route("/v1/things/{id}", get(async |ClientIp(ip): ClientIp| ip.to_string()))
            .route("/v1/mine", get(mine))
            .route("/v1/echo", post(async |body: Bytes| body.len().to_string()))
            .route("/v1/panic", get(async || -> StatusCode { panic!("about a person") }))
            .route("/v1/slow", get(slow)),
        uploads: OpenApiRouter::new()
            .route("/v1/photos/{token}", put(async |body: Bytes| body.len().to_string())),
        max_upload_bytes: 4096,
        count_rest: None,
        localise: None,
        unknown_route: || (StatusCode::FORBIDDEN, Json("no such route")).into_response(),
        error: |status, message| {
            (status, Json(format!("shaped {}: {message}", status.as_u16()))).into_response()
        },
        info: Info::new(name, "1"),
        request_headers: &["test-key"],
        webhooks: None,
    }
}

async fn mine(request: Request) -> &'static str {
    server::cors::allow(request.extensions(), &[OWN_ORIGIN.to_owned()]);
    "mine"
}

async fn slow() -> Response {
    tokio::time::sleep(Duration::from_millis(200)).await;
    "done".into_response()
}

pub(crate) fn mount(dialect: Dialect<()>, hosts: &[&str], prefix: &str, limits: &Limits) -> Mount {
    let prefix: PathPrefix = prefix.parse().unwrap();
    let hosts: Vec<_> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let url = format!("https://id.example.com{prefix}");
    dialect.mount((), &hosts, &prefix, &url, limits)
}

pub(crate) fn assemble(mounts: Vec<Mount>) -> Router {
    let settings = Settings {
        public_url: "https://id.example.com".to_owned(),
        trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()],
        tls: false,
    };
    server::assemble(mounts, Arc::new(Stub), &settings).unwrap()
}

pub(crate) fn at_the_root() -> Router {
    assemble(vec![mount(dialect("test"), &[], "", &limits())])
}
