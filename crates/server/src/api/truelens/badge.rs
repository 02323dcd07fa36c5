//! `GET /badge/{verification_id}`: the public badge, as page, JSON, picture and token; and the keys that sign it.

use app::{BadgeStatus, BadgeView};
use askama::Template;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::VerificationId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ApiError, TrueLensError};
use super::wire::{Asked, PathId, time, uuid};
use crate::ServerState;
use crate::hosted::{Closed, Texts, html, other_language};

/// A badge. Nothing personal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Badge, example = json!({
    "verification_id": "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0",
    "status": "valid",
    "is_demo": false,
    "verified_for": "shop",
    "verified_at": "2026-11-21T09:31:12.000Z",
    "expires_at": "2027-11-21T09:31:12.000Z",
    "revoked_at": null,
    "statement": STATEMENT,
    "token": "eyJhbGciOiJFZERTQSIsImtpZCI6...",
    "jwks_url": "https://id.example.com/.well-known/jwks.json",
}))]
pub(crate) struct Answer {
    /// The session that it tells of.
    #[schema(format = "uuid")]
    verification_id: String,
    /// `valid`, `expired` or `revoked`.
    #[schema(value_type = String, example = "valid")]
    status: BadgeStatus,
    /// Whether it comes from a demonstration.
    is_demo: bool,
    /// For whom the person was verified.
    verified_for: String,
    /// When a live person passed.
    #[schema(format = DateTime)]
    verified_at: String,
    /// Until when it counts.
    #[schema(format = DateTime)]
    expires_at: String,
    /// Since when it does not count; null while it does.
    #[schema(format = DateTime, required = true)]
    revoked_at: Option<String>,
    /// What it proves, and what not.
    statement: &'static str,
    /// The token, a compact JWS (`EdDSA`), to be checked with the keys at `jwks_url`; null where the badge does not
    /// count.
    #[schema(required = true)]
    token: Option<String>,
    /// Where the keys are.
    #[schema(format = "uri")]
    jwks_url: String,
}

const STATEMENT: &str =
    "A live person passed. It does not prove that whoever shows this badge is that person.";

/// The language of a page.
#[derive(Debug, Deserialize)]
pub(crate) struct Language {
    lang: Option<String>,
}

async fn find(state: &ServerState, id: Option<VerificationId>) -> Result<Option<BadgeView>, TrueLensError> {
    let Some(id) = id else { return Ok(None) };
    Ok(state.service.badge(id, &state.url("")).await?)
}

fn unknown() -> TrueLensError {
    TrueLensError::new(StatusCode::NOT_FOUND, "Badge not found")
}

/// The badge as JSON, for everyone.
#[utoipa::path(
    get, path = "/badge/{verification_id}/json", tag = "badges", operation_id = "badge_json", security(()),
    params(("verification_id" = String, Path, description = "The session")),
    responses(
        (status = 200, body = Answer, description = "The badge"),
        (status = 404, body = ApiError, description = "There is no such badge"),
    ),
)]
pub(crate) async fn json(
    State(state): State<ServerState>,
    PathId(id): PathId,
) -> Result<Json<Answer>, TrueLensError> {
    let badge = find(&state, id).await?.ok_or_else(unknown)?;
    Ok(Json(Answer {
        verification_id: uuid(badge.id),
        status: badge.status,
        is_demo: badge.is_demo,
        verified_for: badge.tenant_name,
        verified_at: time(badge.issued_at),
        expires_at: time(badge.expires_at),
        revoked_at: badge.revoked_at.map(time),
        statement: STATEMENT,
        token: badge.token,
        jwks_url: state.url("/.well-known/jwks.json"),
    }))
}

/// The badge as a compact JWS, for everyone: a copy of it proves itself, until it is revoked or expires.
#[utoipa::path(
    get, path = "/badge/{verification_id}/jws", tag = "badges", operation_id = "badge_jws", security(()),
    params(("verification_id" = String, Path, description = "The session")),
    responses(
        (status = 200, body = String, content_type = "application/jose", description = "The token"),
        (status = 404, body = ApiError, description = "There is no such badge, or it does not count any more"),
    ),
)]
pub(crate) async fn jws(
    State(state): State<ServerState>,
    PathId(id): PathId,
) -> Result<Response, TrueLensError> {
    let token = find(&state, id).await?.and_then(|badge| badge.token).ok_or_else(unknown)?;
    Ok(([(header::CONTENT_TYPE, "application/jose")], token).into_response())
}

/// The public keys of badges, for everyone.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "badges", operation_id = "jwks", security(()),
    responses((
        status = 200, body = serde_json::Value,
        description = "A JWK set (RFC 7517), to be asked for again where a `kid` is not in it",
    )),
)]
pub(crate) async fn keys(State(state): State<ServerState>) -> Result<Response, TrueLensError> {
    let keys = state.service.badge_keys().await?;
    Ok(([(header::CACHE_CONTROL, KEYS_KEPT)], Json(keys)).into_response())
}

/// For how long a copy of the keys may be used unasked. A new key signs at once, so that a token of it is unknown to
/// whoever keeps them for that long at most; old keys stay, so that a copy is never wrong.
const KEYS_KEPT: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// Lets every page read the answer, also that there is no such badge: it is public, and no cookie makes it another.
pub(crate) async fn for_every_page(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

#[derive(Template)]
#[template(path = "badge.html")]
struct Page<'a> {
    texts: &'a Texts,
    assets: &'a str,
    state: &'a str,
    demo: bool,
    tenant: &'a str,
    id: &'a str,
    passed_at: &'a str,
    passed_on: &'a str,
    ends_at: &'a str,
    ends_on: &'a str,
    json_url: &'a str,
    svg_url: &'a str,
    jws_url: Option<&'a str>,
    jwks_url: &'a str,
    other_language: &'a str,
    other_language_url: String,
}

#[derive(Template)]
#[template(path = "badge.svg")]
struct Picture<'a> {
    texts: &'a Texts,
    state: &'a str,
    demo: bool,
    words: String,
    tenant: String,
    tenant_short: String,
    passed_on: &'a str,
}

fn word(status: BadgeStatus) -> &'static str {
    match status {
        BadgeStatus::Valid => "valid",
        BadgeStatus::Expired => "expired",
        BadgeStatus::Revoked => "revoked",
    }
}

/// The day of a time, in UTC.
fn day(time: &str) -> &str {
    time.get(..10).unwrap_or(time)
}

/// The badge as a page, for everyone.
#[utoipa::path(
    get, path = "/badge/{verification_id}", tag = "badges", operation_id = "badge", security(()),
    params(
        ("verification_id" = String, Path, description = "The session"),
        ("lang" = Option<String>, Query, description = "`en` or `ar`; the browser's language where it is missing"),
    ),
    responses(
        (status = 200, body = String, content_type = "text/html", description = "The badge"),
        (status = 400, body = ApiError, description = "The query says one thing twice"),
        (status = 404, body = String, content_type = "text/html", description = "There is no such badge"),
    ),
)]
pub(crate) async fn page(
    State(state): State<ServerState>,
    PathId(id): PathId,
    Asked(Language { lang }): Asked<Language>,
    headers: HeaderMap,
) -> Result<Response, TrueLensError> {
    let texts = Texts::choose(lang.as_deref(), &headers);
    let other = other_language(texts);
    let Some(badge) = find(&state, id).await? else {
        let here = format!("?lang={other}");
        return Ok(Closed::new(&state, texts, "unknown", here).answer(StatusCode::NOT_FOUND));
    };
    let id = uuid(badge.id);
    let at = |what: &str| state.url(&format!("/badge/{id}{what}"));
    let (passed_at, ends_at) = (time(badge.issued_at), time(badge.revoked_at.unwrap_or(badge.expires_at)));
    let jws_url = badge.token.is_some().then(|| at("/jws"));
    let page = Page {
        texts,
        assets: &state.url("/verify/assets"),
        state: word(badge.status),
        demo: badge.is_demo,
        tenant: &badge.tenant_name,
        id: &id,
        passed_at: &passed_at,
        passed_on: day(&passed_at),
        ends_at: &ends_at,
        ends_on: day(&ends_at),
        json_url: &at("/json"),
        svg_url: &at("/svg"),
        jws_url: jws_url.as_deref(),
        jwks_url: &state.url("/.well-known/jwks.json"),
        other_language: other,
        other_language_url: format!("?lang={other}"),
    };
    Ok(html(StatusCode::OK, page.render(), &[]))
}

/// Characters of a name that a badge's picture has room for.
const SHORT: usize = 26;

/// The badge as a picture, for everyone.
#[utoipa::path(
    get, path = "/badge/{verification_id}/svg", tag = "badges", operation_id = "badge_svg", security(()),
    params(
        ("verification_id" = String, Path, description = "The session"),
        ("lang" = Option<String>, Query, description = "`en` or `ar`; the browser's language where it is missing"),
    ),
    responses(
        (status = 200, body = String, content_type = "image/svg+xml", description = "The badge"),
        (status = 400, body = ApiError, description = "The query says one thing twice"),
        (status = 404, body = ApiError, description = "There is no such badge"),
    ),
)]
pub(crate) async fn svg(
    State(state): State<ServerState>,
    PathId(id): PathId,
    Asked(Language { lang }): Asked<Language>,
    headers: HeaderMap,
) -> Result<Response, TrueLensError> {
    let badge = find(&state, id).await?.ok_or_else(unknown)?;
    let texts = Texts::choose(lang.as_deref(), &headers);
    let passed_at = time(badge.issued_at);
    let mut tenant_short: String = badge.tenant_name.chars().take(SHORT).collect();
    if tenant_short != badge.tenant_name {
        tenant_short.push('…');
    }
    let picture = Picture {
        texts,
        state: word(badge.status),
        demo: badge.is_demo,
        words: texts.get(&format!("badge-svg-{}", word(badge.status))),
        tenant: badge.tenant_name,
        tenant_short,
        passed_on: day(&passed_at),
    };
    let picture = picture.render().map_err(|error| TrueLensError::internal(&error))?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], picture).into_response())
}
