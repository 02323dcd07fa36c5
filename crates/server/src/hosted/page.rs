//! `GET /verify?id=ID`: the capture page. It gives the browser its cookie, and binds nothing yet.

use app::{PageError, PresenceState};
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::{Closed, Texts, browser, html, other_language, state};
use crate::ServerState;
use crate::api::truelens::{self, read_id, write_id};
use crate::peer::Peer;

#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    id: Option<String>,
    lang: Option<String>,
}

/// What the page's scripts know.
#[derive(Debug, Serialize)]
struct Facts {
    /// What stands before the addresses of this page, relative to its own.
    base: String,
    title: String,
    language: &'static str,
    /// Version of the text that is agreed to.
    text: String,
    tenant: String,
    consented: bool,
    demo: bool,
    /// Days for which pictures are kept, as the page tells it.
    kept_days: u32,
}

#[derive(Template)]
#[template(path = "capture.html")]
struct Shown<'a> {
    texts: &'a Texts,
    assets: String,
    page: Facts,
    /// Days for which pictures are kept.
    kept_days: u32,
    other_language: &'a str,
    other_language_url: String,
}

pub(crate) async fn handler(
    State(state): State<ServerState>,
    truelens::Asked(asked): truelens::Asked<Asked>,
    method: Method,
    peer: Option<Peer>,
    headers: HeaderMap,
) -> Response {
    let texts = Texts::choose(asked.lang.as_deref(), &headers);
    let other = other_language(texts);
    let text = asked.id.unwrap_or_default();
    let id = read_id(&text);
    let own_url = |lang: &str| match id {
        Some(id) => format!("?id={}&lang={lang}", write_id(id)),
        None => format!("?lang={lang}"),
    };
    let closed = |why: &str| Closed::new(&state, texts, why, own_url(other));
    let Some(id) = id else { return closed("unknown").answer(StatusCode::NOT_FOUND) };
    let known = browser::secret(&headers);
    let secret = match known.map_or_else(browser::new_secret, |known| Ok(known.to_owned())) {
        Ok(secret) => secret,
        Err(error) => {
            tracing::error!(%error, "a browser could not be given its cookie");
            return closed("error").answer(StatusCode::INTERNAL_SERVER_ERROR);
        }
    };
    let address = peer.as_ref().map(|peer| peer.ip);
    let page = match state.service.capture_page(id, browser::browser(&secret, address)).await {
        Ok(page) => page,
        Err(PageError::OtherBrowser) => return closed("other_browser").answer(StatusCode::FORBIDDEN),
        Err(PageError::Service(error)) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a page could not be opened");
            return closed("error").answer(StatusCode::INTERNAL_SERVER_ERROR);
        }
        Err(_) => return closed("unknown").answer(StatusCode::NOT_FOUND),
    };
    let onward = || {
        let url = state::return_url(&page)?;
        Some((url, texts.with("closed-onward", "tenant", page.tenant_name.as_str())))
    };
    match page.state {
        PresenceState::Expired => return closed("expired").onward(onward()).answer(StatusCode::GONE),
        PresenceState::Passed | PresenceState::Failed => {
            return closed("used").onward(onward()).answer(StatusCode::GONE);
        }
        PresenceState::Open => (),
    }
    let shown = Shown {
        texts,
        assets: state.url("/verify/assets"),
        page: Facts {
            base: format!("verify/{}", write_id(id)),
            title: texts.get("page-title"),
            language: texts.language(),
            text: texts.get("consent-version"),
            tenant: page.tenant_name,
            consented: page.has_consent,
            demo: page.is_demo,
            kept_days: page.kept_days,
        },
        kept_days: page.kept_days,
        other_language: other,
        other_language_url: own_url(other),
    };
    let mut response = html(StatusCode::OK, shown.render(), &page.frame_ancestors);
    let https = peer.is_some_and(|peer| peer.https);
    let framed = !page.frame_ancestors.is_empty();
    // Also where it has one: a check may last longer than what is left of that one's day.
    if method != Method::HEAD
        && let Some(cookie) = browser::cookie(&secret, &state.path("/verify"), https, framed)
    {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}
