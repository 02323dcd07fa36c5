//! The hosted pages: the capture of a live person, and of an identity document with its holder, in the browser in which the
//! person agreed to it. Its protocol is told in `docs/capture.md`, its texts and scripts lie in `web/`.

mod browser;
mod consent;
mod files;
mod messages;
mod page;
mod room;
mod scan;
pub(crate) mod session;
mod state;
mod texts;

use std::fmt::Write as _;

use askama::Template;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use utoipa_axum::router::OpenApiRouter;

use crate::ServerState;
pub(crate) use room::Room;
pub(crate) use texts::{Texts, other_language};

/// The routes of the capture page. They are for people and not for programs: the API's document does not name them.
pub(crate) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .route("/verify", get(page::handler))
        .route("/verify/assets/{file}", get(files::handler))
        .route("/verify/{id}/state", get(state::handler))
        .route("/verify/{id}/consent", post(consent::handler))
        .route("/verify/{id}/scan", get(scan::handler))
}

/// What a page may do: run and show what comes from here, send to here, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' \
                      data:; media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// What a page needs of the device.
const FEATURES: &str = "camera=(self), microphone=(), geolocation=(), screen-wake-lock=(self)";

/// A page, which pages of `frame_ancestors` may show in a frame.
pub(crate) fn html(
    status: StatusCode,
    rendered: askama::Result<String>,
    frame_ancestors: &[String],
) -> Response {
    let body = match rendered {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let mut policy = POLICY.to_owned();
    for origin in frame_ancestors {
        let _ = write!(policy, " {origin}");
    }
    let header = |name: HeaderName, value: &str| HeaderValue::from_str(value).ok().map(|value| (name, value));
    let mut response = (status, axum::response::Html(body)).into_response();
    response.headers_mut().extend(
        [
            header(header::CONTENT_SECURITY_POLICY, &policy),
            header(HeaderName::from_static("permissions-policy"), FEATURES),
            header(header::VARY, "accept-language"),
        ]
        .into_iter()
        .flatten(),
    );
    response
}

/// A page that says why there is nothing to do.
#[derive(Template)]
#[template(path = "capture_closed.html")]
pub(crate) struct Closed<'a> {
    texts: &'a Texts,
    assets: String,
    title: String,
    text: String,
    way: Option<String>,
    /// A link to somewhere else: where it leads, and what it says.
    onward: Option<(String, String)>,
    other_language: &'a str,
    other_language_url: String,
}

impl<'a> Closed<'a> {
    /// `why` is the middle of its texts' names, as `unknown`.
    pub(crate) fn new(state: &ServerState, texts: &'a Texts, why: &str, other_language_url: String) -> Self {
        Self {
            texts,
            assets: state.url("/verify/assets"),
            title: texts.get(&format!("closed-{why}-title")),
            text: texts.get(&format!("closed-{why}-text")),
            way: Some(texts.get(&format!("closed-{why}-way"))),
            onward: None,
            other_language: other_language(texts),
            other_language_url,
        }
    }

    /// With its files at `assets`.
    pub(crate) fn at(self, assets: String) -> Self {
        Self { assets, ..self }
    }

    /// With a link to somewhere else.
    pub(crate) fn onward(self, onward: Option<(String, String)>) -> Self {
        Self { onward, ..self }
    }

    pub(crate) fn answer(&self, status: StatusCode) -> Response {
        html(status, self.render(), &[])
    }
}
