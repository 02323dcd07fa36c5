//! The vendor's error shape: `{"error_code": STATUS, "message": [TEXT]}`; and that of RFC 6749 for tokens.

use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

use app::{AppError, ServiceError};
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// A refusal, on its way to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MosaicError {
    status: StatusCode,
    text: Cow<'static, str>,
    retry_after: Option<Duration>,
}

/// What a refusal looks like.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApiError {
    /// The status once more.
    #[schema(example = 404)]
    error_code: u16,
    /// What is wrong.
    #[schema(example = json!(["Session not found"]))]
    message: Vec<String>,
}

impl MosaicError {
    pub(crate) fn new(status: StatusCode, text: impl Into<Cow<'static, str>>) -> Self {
        Self { status, text: text.into(), retry_after: None }
    }

    pub(crate) fn bad_request(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Access token is malformed, missing data, or expired")
    }

    /// The answer for what is unknown, erased, or somebody else's.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Session not found")
    }

    pub(crate) fn busy(
        status: StatusCode,
        text: impl Into<Cow<'static, str>>,
        retry_after: Duration,
    ) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(status, text) }
    }

    /// Something broke here: the log learns what, the caller only that.
    pub(crate) fn internal(error: &(dyn Error + 'static)) -> Self {
        tracing::error!(error, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, INTERNAL)
    }
}

const INTERNAL: &str = "Internal server error";

impl From<ServiceError> for MosaicError {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::App(AppError::NoDocuments) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, AppError::NoDocuments.to_string())
            }
            error => Self::internal(&error),
        }
    }
}

impl IntoResponse for MosaicError {
    fn into_response(self) -> Response {
        let body = ApiError { error_code: self.status.as_u16(), message: vec![self.text.into_owned()] };
        let mut response = (self.status, Json(body)).into_response();
        if let Some(wait) = self.retry_after {
            retry_after(&mut response, wait);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

fn retry_after(response: &mut Response, wait: Duration) {
    // Rounded up: whoever comes back early finds nothing changed.
    if let Ok(value) = HeaderValue::try_from(wait.as_millis().div_ceil(1000).to_string()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
}

/// Answers for what goes wrong outside a handler.
pub(crate) fn outside(status: StatusCode, message: &str) -> Response {
    let text = if status == StatusCode::INTERNAL_SERVER_ERROR { INTERNAL } else { message };
    MosaicError::new(status, text.to_owned()).into_response()
}

/// Answers for a path that no route has.
pub(crate) fn unknown_route() -> Response {
    MosaicError::new(StatusCode::NOT_FOUND, "Not found").into_response()
}

/// Why no token is handed out (RFC 6749 section 5.2, RFC 8707 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OAuthCode {
    /// Something is missing, repeated or malformed.
    InvalidRequest,
    /// The client is not known, or its secret is another one.
    InvalidClient,
    /// Only `client_credentials` is.
    UnsupportedGrantType,
    /// There are no tokens for that resource.
    InvalidTarget,
    /// Too many requests.
    TemporarilyUnavailable,
    /// Something broke here.
    ServerError,
}

/// What a refusal of a token looks like.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OAuthError {
    /// What is wrong, in a word.
    pub(super) error: OAuthCode,
    /// In a sentence.
    #[schema(example = "the client is not known, or its secret is another one")]
    pub(super) error_description: &'static str,
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) asks_basic: bool,
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) retry_after: Option<Duration>,
}

impl OAuthError {
    pub(super) fn new(error: OAuthCode, error_description: &'static str) -> Self {
        Self { error, error_description, asks_basic: false, retry_after: None }
    }
}

impl From<ServiceError> for OAuthError {
    fn from(error: ServiceError) -> Self {
        tracing::error!(error = &error as &dyn Error, "a request failed");
        Self::new(OAuthCode::ServerError, INTERNAL)
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let status = match self.error {
            OAuthCode::InvalidClient => StatusCode::UNAUTHORIZED,
            OAuthCode::TemporarilyUnavailable => StatusCode::TOO_MANY_REQUESTS,
            OAuthCode::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        let (asks_basic, wait) = (self.asks_basic, self.retry_after);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if asks_basic {
            let basic = HeaderValue::from_static("Basic realm=\"oidc/token\"");
            headers.insert(header::WWW_AUTHENTICATE, basic);
        }
        if let Some(wait) = wait {
            retry_after(&mut response, wait);
        }
        response
    }
}
