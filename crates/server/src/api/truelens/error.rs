//! The vendor's error shape: `{"error": TEXT}`.

use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

use app::ServiceError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// A refusal, on its way to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TrueLensError {
    status: StatusCode,
    text: Cow<'static, str>,
    retry_after: Option<Duration>,
}

/// What a refusal looks like.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApiError {
    /// What is wrong.
    #[schema(example = "Invalid API key")]
    error: String,
}

impl TrueLensError {
    pub(crate) fn new(status: StatusCode, text: impl Into<Cow<'static, str>>) -> Self {
        Self { status, text: text.into(), retry_after: None }
    }

    pub(crate) fn bad_request(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    /// The vendor's answer for what is unknown, somebody else's, not passed, or completed before.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Verification not found or already completed")
    }

    pub(crate) fn too_many(text: impl Into<Cow<'static, str>>, retry_after: Duration) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(StatusCode::TOO_MANY_REQUESTS, text) }
    }

    /// Something broke here: the log learns what, the caller only that.
    pub(crate) fn internal(error: &(dyn Error + 'static)) -> Self {
        tracing::error!(error, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, INTERNAL)
    }
}

const INTERNAL: &str = "Internal server error";

impl From<ServiceError> for TrueLensError {
    fn from(error: ServiceError) -> Self {
        Self::internal(&error)
    }
}

impl IntoResponse for TrueLensError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(ApiError { error: self.text.into_owned() })).into_response();
        if let Some(wait) = self.retry_after {
            // Rounded up: whoever comes back early finds nothing changed.
            let seconds = wait.as_millis().div_ceil(1000);
            if let Ok(value) = HeaderValue::try_from(seconds.to_string()) {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
        }
        response
    }
}

/// Answers for what goes wrong outside a handler.
pub(crate) fn outside(status: StatusCode, message: &str) -> Response {
    let text = if status == StatusCode::INTERNAL_SERVER_ERROR { INTERNAL } else { message };
    TrueLensError::new(status, text.to_owned()).into_response()
}

/// Answers for a path that no route has.
pub(crate) fn unknown_route() -> Response {
    TrueLensError::new(StatusCode::NOT_FOUND, "Not found").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_breaks_here_reads_as_the_vendor_says_and_tells_nothing_of_it() {
        let error = TrueLensError::internal(&std::io::Error::other("a secret of the disk"));
        assert_eq!(error, TrueLensError::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"));
    }
}
