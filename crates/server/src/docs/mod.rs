//! The documentation, served by the server itself: a reference for each dialect, made of its OpenAPI document, and the
//! guides of the repository. Every page is there as HTML and as Markdown, all of them together as `/llms-full.txt`.

mod calls;
mod file;
mod guides;
mod markdown;
mod reference;
mod schema;
mod site;

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::Mount;
use site::Site;

/// All pages. They are written when the first of them is asked for, and kept.
type Pages = Arc<LazyLock<askama::Result<Site>, Box<dyn FnOnce() -> askama::Result<Site> + Send>>>;

/// The routes of the documentation. They need no key, and nothing counts who calls them.
///
/// `public_url` is where callers find the server, without a slash at its end.
pub(crate) fn routes<S>(mounts: &[Mount], public_url: &str) -> Router<S> {
    let documents: Vec<_> = mounts.iter().map(|mount| (mount.name, Arc::clone(&mount.openapi))).collect();
    let public_url = public_url.to_owned();
    let pages: Pages = Arc::new(LazyLock::new(Box::new(move || Site::write(&documents, &public_url))));
    Router::new()
        .route("/docs", get(answer))
        .route("/docs/", get(answer))
        .route("/docs/{*page}", get(answer))
        .route("/llms.txt", get(answer))
        .route("/llms-full.txt", get(answer))
        .with_state(pages)
}

async fn answer(State(pages): State<Pages>, uri: Uri, headers: HeaderMap) -> Response {
    match &**pages {
        Ok(site) => match site.find(uri.path()) {
            Some(file) => file.answer(&headers),
            None => (StatusCode::NOT_FOUND, site.nothing().answer(&HeaderMap::new())).into_response(),
        },
        Err(error) => {
            tracing::error!(%error, "the documentation could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The path of a URL, without a slash at its end.
fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("", |start| rest[start..].trim_end_matches('/'))
}

#[cfg(test)]
mod tests;
