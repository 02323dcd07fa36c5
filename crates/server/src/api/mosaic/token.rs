//! `POST /oidc/token`: an access token for a client (RFC 6749 section 4.4).

use app::TokenError;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::auth::{RESOURCE, charge_address};
use super::error::{ApiError, MosaicError, OAuthCode, OAuthError};
use super::wire;
use crate::{ServerState, TooMany};

/// What is asked.
#[derive(Debug, ToSchema)]
#[schema(as = TokenRequest, example = json!({
    "grant_type": "client_credentials",
    "client_id": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "client_secret": "9f...c1",
    "resource": "https://verify.identity.security",
}))]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct TokenRequest {
    /// `client_credentials`.
    grant_type: String,
    /// Id of the client, where it is not in the header `Authorization: Basic`.
    client_id: Option<String>,
    /// Its secret.
    client_secret: Option<String>,
    /// `https://verify.identity.security`, or left out.
    resource: Option<String>,
    /// Ignored: a token is for everything of its client.
    scope: Option<String>,
}

/// The token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TokenResponse)]
pub(crate) struct Issued {
    /// To be sent as `Authorization: Bearer`.
    access_token: String,
    /// `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// How long it counts, in seconds.
    #[schema(example = 3600)]
    expires_in: u64,
}

/// Hands out an access token, good for an hour.
///
/// Clients are made by `bonafide client create`. The id and the secret stand in the body or in the header
/// `Authorization: Basic`, not in both.
#[utoipa::path(
    post, path = "/oidc/token", tag = "token", operation_id = "getAccessToken", security(()),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = Issued, description = "The token"),
        (status = 400, body = OAuthError, description = "`invalid_request`, `unsupported_grant_type` or `invalid_target`"),
        (status = 401, body = OAuthError, description = "`invalid_client`"),
        (status = 413, body = ApiError, description = "The body is too large"),
        (status = 429, body = OAuthError, description = "Too many requests from this address"),
        (status = 500, body = OAuthError, description = "Something broke here"),
    ),
)]
pub(crate) async fn handler(State(state): State<ServerState>, request: Request) -> Response {
    crate::cors::allow_every_tenants_origins(request.extensions());
    if let Err(TooMany { retry_after, .. }) = charge_address(request.extensions(), &state) {
        let error = OAuthError::new(OAuthCode::TemporarilyUnavailable, "too many requests: try again later");
        return OAuthError { retry_after: Some(retry_after), ..error }.into_response();
    }
    let basic = request.headers().get(header::AUTHORIZATION).cloned();
    let body = match Bytes::from_request(request, &state).await {
        Ok(body) => body,
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return MosaicError::new(error.status(), "The body is too large").into_response();
        }
        Err(_) => return OAuthError::new(OAuthCode::InvalidRequest, "the body was cut off").into_response(),
    };
    match hand_out(&state, basic.as_ref(), &body).await {
        Ok(token) => (NO_STORE, Json(token)).into_response(),
        Err(error) => error.into_response(),
    }
}

const NO_STORE: [(HeaderName, HeaderValue); 2] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::PRAGMA, HeaderValue::from_static("no-cache")),
];

async fn hand_out(
    state: &ServerState,
    basic: Option<&HeaderValue>,
    body: &[u8],
) -> Result<Issued, OAuthError> {
    let form = Form::read(body)?;
    let wrong = |text| OAuthError::new(OAuthCode::InvalidRequest, text);
    match form.grant_type.as_deref() {
        None => return Err(wrong("grant_type is missing")),
        Some("client_credentials") => (),
        Some(_) => {
            return Err(OAuthError::new(
                OAuthCode::UnsupportedGrantType,
                "grant_type must be client_credentials",
            ));
        }
    }
    if form.resource.as_deref().is_some_and(|resource| resource.trim_end_matches('/') != RESOURCE) {
        return Err(OAuthError::new(OAuthCode::InvalidTarget, "there are no tokens for that resource"));
    }
    let (id, secret) = match (basic, form.client_id, form.client_secret) {
        (Some(_), _, Some(_)) => return Err(wrong("the client shows itself in the header and in the body")),
        (Some(basic), ..) => credentials(basic).ok_or_else(|| unknown_client(true))?,
        (None, Some(id), Some(secret)) => (id, secret),
        (None, ..) => return Err(unknown_client(false)),
    };
    let token = state.service.issue_token(&id, &secret, &state.url(""), RESOURCE).await;
    let token = token.map_err(|error| match error {
        TokenError::BadClient => unknown_client(basic.is_some()),
        TokenError::Service(error) => error.into(),
    })?;
    Ok(Issued { access_token: token.token, token_type: "Bearer", expires_in: token.expires_in.as_secs() })
}

fn unknown_client(asks_basic: bool) -> OAuthError {
    let text = "the client is not known, or its secret is another one";
    OAuthError { asks_basic, ..OAuthError::new(OAuthCode::InvalidClient, text) }
}

/// Id and secret of `Authorization: Basic` (RFC 6749 section 2.3.1: each is percent-encoded as in a form first).
fn credentials(basic: &HeaderValue) -> Option<(String, String)> {
    let (scheme, encoded) = basic.to_str().ok()?.split_once(' ')?;
    let decoded = wire::file(encoded).filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let decoded = String::from_utf8(decoded).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let plain =
        |text: &str| url::form_urlencoded::parse(text.as_bytes()).next().map(|(key, _)| key.into_owned());
    Some((plain(id)?, plain(secret)?))
}

#[derive(Default)]
struct Form {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    resource: Option<String>,
}

impl Form {
    fn read(body: &[u8]) -> Result<Self, OAuthError> {
        let mut form = Self::default();
        for (key, value) in url::form_urlencoded::parse(body) {
            let slot = match &*key {
                "grant_type" => &mut form.grant_type,
                "client_id" => &mut form.client_id,
                "client_secret" => &mut form.client_secret,
                "resource" => &mut form.resource,
                _ => continue,
            };
            // Without a value it counts as left out (RFC 6749 section 3.2).
            if !value.is_empty() && slot.replace(value.into_owned()).is_some() {
                return Err(OAuthError::new(OAuthCode::InvalidRequest, "a parameter is there twice"));
            }
        }
        Ok(form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_says_who_the_client_is() {
        let read = |text: &'static str| credentials(&HeaderValue::from_static(text));
        // `id:se%3Acret`, `id:secret`.
        assert_eq!(read("Basic aWQ6c2UlM0FjcmV0"), Some(("id".to_owned(), "se:cret".to_owned())));
        assert_eq!(read("basic aWQ6c2VjcmV0"), Some(("id".to_owned(), "secret".to_owned())));
        for bad in ["Basic", "Basic !", "Bearer aWQ6c2VjcmV0", "Basic aWQ", "Basic"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_parameter_stands_once() {
        assert!(Form::read(b"client_id=a&client_id=b").is_err());
        let form = Form::read(b"grant_type=client_credentials&scope=x&client_id=&resource=r").unwrap();
        assert_eq!((form.client_id, form.resource.as_deref()), (None, Some("r")));
    }
}
