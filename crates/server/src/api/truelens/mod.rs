//! `TrueLens`' API: a liveness check on a hosted page, and a public badge of it.

mod auth;
mod badge;
mod complete;
mod error;
mod init;
mod sandbox;
mod status;
mod wire;

use axum::middleware;
use axum::routing::any;
use utoipa::openapi::Info;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::{Dialect, ServerState, hosted};
use error::ApiError;
pub(crate) use wire::{Asked, id as read_id, uuid as write_id};

/// What the document says that no handler does.
#[derive(OpenApi)]
#[openapi(
    components(schemas(ApiError, init::Request)),
    modifiers(&KeyScheme),
    security(("truelens_api_key" = [])),
    tags(
        (name = "verify", description = "Sessions: opened, asked for, completed"),
        (name = "badges", description = "That a live person passed, for everyone to see"),
        (name = "sandbox", description = "The same story without a key and without a person"),
    ),
)]
struct Document;

struct KeyScheme;

impl Modify for KeyScheme {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let key = ApiKeyValue::with_description("X-API-Key", "A backend key of this server.");
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("truelens_api_key", SecurityScheme::ApiKey(ApiKey::Header(key)));
    }
}

/// Bodies, errors and limits have one form everywhere, so that it is told once.
const FORMS: &str = "Bodies are JSON objects. Errors are `{\"error\": \"...\"}`. Every answer below `/api/verify/` and \
                     `/api/sandbox/` carries `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset` (a \
                     Unix time in seconds); 429 has `Retry-After` in seconds.";

fn info() -> Info {
    let mut info = Info::new("Bonafide: liveness in the words of TrueLens", env!("CARGO_PKG_VERSION"));
    info.description = Some(FORMS.to_owned());
    info
}

/// The dialect, to be given its place.
pub fn dialect() -> Dialect {
    Dialect {
        name: "truelens",
        paths: &["/api/verify", "/api/sandbox", "/verify", "/badge", "/.well-known/jwks.json"],
        router: routes(),
        uploads: OpenApiRouter::new(),
        max_upload_bytes: app::MAX_UPLOAD_BYTES,
        unknown_route: error::unknown_route,
        error: error::outside,
        count_rest: Some(auth::count_rest),
        localise: None,
        info: info(),
        request_headers: &[auth::KEY_HEADER],
        webhooks: None,
    }
}

fn routes() -> OpenApiRouter<ServerState> {
    let sandbox = sandbox::Sandbox::default();
    let public = OpenApiRouter::new()
        .routes(routes!(badge::json))
        .routes(routes!(badge::jws))
        .routes(routes!(badge::keys))
        .layer(middleware::from_fn(badge::for_every_page));
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(init::handler))
        .routes(routes!(complete::handler))
        .routes(routes!(status::handler))
        .routes(routes!(sandbox::init))
        .routes(routes!(sandbox::complete))
        .routes(routes!(sandbox::status))
        .routes(routes!(badge::svg))
        .routes(routes!(badge::page))
        .merge(public)
        // The same under shorter paths, for clients that leave out the middle.
        .route("/api/sandbox/init", axum::routing::post(sandbox::init))
        .route("/api/sandbox/complete", axum::routing::post(sandbox::complete))
        .route("/api/sandbox/status/{session_id}", axum::routing::get(sandbox::status))
        .route("/api/verify/{*rest}", any(auth::no_such_route))
        .route("/api/sandbox/{*rest}", any(auth::no_such_route))
        .merge(hosted::routes())
        .layer(axum::Extension(sandbox))
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
