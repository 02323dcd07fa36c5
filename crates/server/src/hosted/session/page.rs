//! `GET /verify/app/{start_token}`: the page.

use app::{HostedPlace, HostedSession, PageError};
use askama::Template;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use domain::SessionState;
use serde::{Deserialize, Serialize};

use super::super::{Closed, Texts, browser, html, other_language};
use super::{PATH, asker, is_token, state};
use crate::ServerState;
use crate::peer::Peer;

#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
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
    /// After so many days at most everything is deleted.
    kept_days: u32,
    /// Which page of the session it is: `first`, `left` or `second`.
    place: &'static str,
}

#[derive(Template)]
#[template(path = "session.html")]
struct Shown<'a> {
    texts: &'a Texts,
    assets: String,
    page: Facts,
    other_language: &'a str,
    other_language_url: String,
}

pub(crate) async fn handler(
    State(state): State<ServerState>,
    Path(token): Path<String>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    Query(asked): Query<Asked>,
    peer: Option<Peer>,
    headers: HeaderMap,
) -> Response {
    let texts = Texts::choose(asked.lang.as_deref(), &headers);
    let other = other_language(texts);
    let closed =
        |why: &str| Closed::new(&state, texts, why, format!("?lang={other}")).at(state.url(&assets()));
    if !is_token(&token) {
        return closed("unknown").answer(StatusCode::NOT_FOUND);
    }
    let known = browser::secret(&headers);
    let secret = match known.map_or_else(browser::new_secret, |known| Ok(known.to_owned())) {
        Ok(secret) => secret,
        Err(error) => {
            tracing::error!(%error, "a browser could not be given its cookie");
            return closed("error").answer(StatusCode::INTERNAL_SERVER_ERROR);
        }
    };
    let address = peer.as_ref().map(|peer| peer.ip);
    let hosted = match state.service.show_hosted_session(&token, browser::browser(&secret, address)).await {
        Ok(hosted) => hosted,
        Err(PageError::OtherBrowser) => return closed("other_browser").answer(StatusCode::FORBIDDEN),
        Err(PageError::Throttled { retry_after }) => {
            let mut response = closed("throttled").answer(StatusCode::TOO_MANY_REQUESTS);
            let seconds = retry_after.as_millis().div_ceil(1000);
            if let Ok(value) = HeaderValue::try_from(seconds.to_string()) {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
            return response;
        }
        Err(PageError::Service(error)) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a page could not be opened");
            return closed("error").answer(StatusCode::INTERNAL_SERVER_ERROR);
        }
        Err(_) => return closed("unknown").answer(StatusCode::NOT_FOUND),
    };
    let onward = || {
        let url = state::return_url(&hosted)?;
        Some((url, texts.with("closed-onward", "tenant", asker(&hosted))))
    };
    match hosted.session.state {
        SessionState::Expired => return closed("late").onward(onward()).answer(StatusCode::GONE),
        SessionState::Concluded(_) | SessionState::Failed => {
            return closed("used").onward(onward()).answer(StatusCode::GONE);
        }
        SessionState::Pending
        | SessionState::Capturing
        | SessionState::Processing
        | SessionState::Recapture => (),
    }
    let shown = Shown {
        texts,
        assets: state.url(&assets()),
        page: facts(&token, texts, &hosted),
        other_language: other,
        other_language_url: format!("?lang={other}"),
    };
    let mut response = html(StatusCode::OK, shown.render(), &[]);
    let https = peer.is_some_and(|peer| peer.https);
    // The page answers below two paths, and its cookie is for the one that was asked for.
    let path = if uri.path().contains(&format!("{PATH}/")) { PATH } else { "/app" };
    // Also where it has one: a check may last longer than what is left of that one's day.
    if method != Method::HEAD
        && let Some(cookie) = browser::cookie(&secret, &state.path(path), https, false)
    {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn facts(token: &str, texts: &Texts, hosted: &HostedSession) -> Facts {
    Facts {
        base: token.to_owned(),
        title: texts.get("session-title"),
        language: texts.language(),
        text: texts.get("agree-version"),
        tenant: asker(hosted),
        consented: hosted.session.state != SessionState::Pending,
        demo: hosted.session.is_mock,
        kept_days: hosted.kept_days,
        place: match hosted.place {
            HostedPlace::First => "first",
            HostedPlace::Left => "left",
            HostedPlace::Second => "second",
        },
    }
}

fn assets() -> String {
    format!("{PATH}/assets")
}
