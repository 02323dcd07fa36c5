//! The vendor's error shape: one body for every refusal.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use app::{AppError, ServiceError};
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::{ContentBuilder, Ref, RefOr};
use utoipa::{IntoResponses, ToSchema};

/// The text of every refusal for want of rights.
pub(crate) const INSUFFICIENT: &str = "Insufficient permissions";

/// A refusal, on its way to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TruoraError {
    status: StatusCode,
    message: Cow<'static, str>,
    retry_after: Option<Duration>,
}

/// What a refusal looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ApiError {
    /// The vendor's code: 10000 and the status.
    #[schema(example = 10404)]
    code: u32,
    /// The HTTP status again.
    #[schema(example = 404)]
    http_code: u16,
    /// What is wrong, and what to do about it.
    #[schema(example = "The enrollment was not found")]
    message: String,
}

/// What the vendor's gateway says where it knows no route.
#[derive(Serialize)]
struct GatewayError {
    message: &'static str,
}

impl TruoraError {
    pub(crate) fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, message: message.into(), retry_after: None }
    }

    pub(crate) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, INSUFFICIENT)
    }

    /// The answer for what does not exist, and alike for what belongs to another tenant.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("The {what} was not found"))
    }

    pub(crate) fn busy(message: impl Into<Cow<'static, str>>, retry_after: Duration) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self { retry_after: Some(retry_after), ..Self::new(status, message) }
    }

    /// The answer for whoever asks too often or too much.
    pub(crate) fn too_many(message: impl Into<Cow<'static, str>>, retry_after: Duration) -> Self {
        let status = StatusCode::TOO_MANY_REQUESTS;
        Self { retry_after: Some(retry_after), ..Self::new(status, message) }
    }

    /// Something broke here: the log learns what, the caller only that.
    pub(crate) fn internal(error: &(dyn Error + 'static)) -> Self {
        let chain = std::iter::successors(Some(error), |&error| error.source());
        let causes: Vec<String> = chain.map(ToString::to_string).collect();
        tracing::error!(error = causes.join(": "), "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error: try again later")
    }

    #[cfg(test)]
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }
}

impl From<ServiceError> for TruoraError {
    fn from(error: ServiceError) -> Self {
        match error {
            // The operator can mend it, and whoever calls has to be told that trying again does not.
            ServiceError::App(AppError::NoDocuments) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, AppError::NoDocuments.to_string())
            }
            error => Self::internal(&error),
        }
    }
}

impl IntoResponse for TruoraError {
    fn into_response(self) -> Response {
        let http_code = self.status.as_u16();
        let body =
            ApiError { code: 10_000 + u32::from(http_code), http_code, message: self.message.into_owned() };
        let mut response = (self.status, Json(body)).into_response();
        if let Some(wait) = self.retry_after {
            // Rounded up: whoever comes back early finds the server as busy as before.
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
    match status {
        // The gateway before the vendor's API does not know a route by another method.
        StatusCode::METHOD_NOT_ALLOWED => unknown_route(),
        _ => TruoraError::new(status, message.to_owned()).into_response(),
    }
}

/// Answers for a path that no route has.
pub(crate) fn unknown_route() -> Response {
    let body = GatewayError { message: "Missing Authentication Token" };
    (StatusCode::FORBIDDEN, Json(body)).into_response()
}

/// For the OpenAPI document: the refusals of every route that wants a key.
pub(crate) enum KeyErrors {}

/// For the OpenAPI document: the refusals of every route that reads a body.
pub(crate) enum FieldErrors {}

/// For the OpenAPI document: the refusals of every route that reads a query.
pub(crate) enum QueryErrors {}

impl IntoResponses for KeyErrors {
    fn responses() -> Responses {
        refusals([
            (401, "The key is missing, is not valid, has expired or was revoked"),
            (403, "The key may not do this"),
            (429, "The key has made too many requests: try again after the seconds in Retry-After"),
            (500, "Something broke here"),
        ])
    }
}

const BAD_FIELD: (u16, &str) = (400, "A field is missing or wrong; the message names it");

impl IntoResponses for QueryErrors {
    fn responses() -> Responses {
        refusals([BAD_FIELD])
    }
}

impl IntoResponses for FieldErrors {
    fn responses() -> Responses {
        refusals([BAD_FIELD, (413, "The body is too large"), (415, "The body is neither a form nor JSON")])
    }
}

type Responses = BTreeMap<String, RefOr<utoipa::openapi::Response>>;

fn refusals<const N: usize>(all: [(u16, &str); N]) -> Responses {
    let content = || ContentBuilder::new().schema(Some(Ref::from_schema_name("ApiError"))).build();
    all.into_iter()
        .map(|(status, description)| {
            let response =
                ResponseBuilder::new().description(description).content("application/json", content());
            (status.to_string(), RefOr::T(response.build()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    async fn body(response: Response) -> Value {
        let bytes = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[tokio::test]
    async fn a_refusal_has_the_vendors_shape() {
        let response = TruoraError::not_found("enrollment").into_response();
        assert_eq!(response.status(), 404);
        let wanted = json!({"code": 10404, "http_code": 404, "message": "The enrollment was not found"});
        assert_eq!(body(response).await, wanted);
    }

    #[tokio::test]
    async fn an_unknown_route_or_method_is_the_gateways_answer() {
        for response in [unknown_route(), outside(StatusCode::METHOD_NOT_ALLOWED, "no")] {
            assert_eq!(response.status(), 403);
            assert_eq!(body(response).await, json!({"message": "Missing Authentication Token"}));
        }
        let too_large = body(outside(StatusCode::PAYLOAD_TOO_LARGE, "too large")).await;
        assert_eq!(too_large, json!({"code": 10413, "http_code": 413, "message": "too large"}));
    }

    #[test]
    fn a_busy_server_says_when_to_come_back() {
        let response = TruoraError::busy("busy", Duration::from_millis(1_200)).into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "2");
    }

    #[tokio::test]
    async fn a_failure_of_the_server_is_not_told_to_callers() {
        let response = TruoraError::from(ServiceError::Entropy).into_response();
        let wanted = json!({"code": 10500, "http_code": 500, "message": "internal error: try again later"});
        assert_eq!(body(response).await, wanted);
    }
}
