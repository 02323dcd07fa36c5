//! The vendor's envelope around every answer, and what stands in it when something is refused.

use std::error::Error;
use std::time::Duration;

use app::{AppError, IdentityError, ServiceError};
use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Language;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};

use super::texts;
use super::wire::language;

/// What every answer looks like.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Envelope<T> {
    /// What was asked for.
    #[schema(schema_with = or_null::<T>)]
    pub(super) data: Option<T>,
    /// Null: a code here means that it was refused, whatever the status.
    error_code: Option<u16>,
    /// Null.
    error_message: Option<String>,
    /// Null.
    error_descriptions: Option<Value>,
}

/// What `T` looks like, or null: of a type parameter the derive loses the option.
pub(super) fn or_null<T: ToSchema>() -> RefOr<Schema> {
    let null = ObjectBuilder::new().schema_type(Type::Null);
    OneOfBuilder::new().item(T::schema()).item(null).into()
}

impl<T> Envelope<T> {
    /// Around what was asked for.
    pub(super) fn of(data: T) -> Json<Self> {
        Json(Self { data: Some(data), error_code: None, error_message: None, error_descriptions: None })
    }
}

/// What a refusal looks like.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "data": null,
    "error_code": 401,
    "error_message": "Make sure you are using the correct credentials and try again.",
    "error_descriptions": null,
}))]
pub(crate) struct ApiError {
    /// Null.
    data: Option<Value>,
    /// What is wrong.
    error_code: u16,
    /// The same in a sentence, in English or Arabic.
    error_message: &'static str,
    /// Null.
    error_descriptions: Option<Value>,
}

/// A refusal, on its way to the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VlensError {
    status: StatusCode,
    code: u16,
    retry_after: Option<Duration>,
}

/// The code of a refusal whose text is in English so far. In the answer's extensions.
#[derive(Clone, Copy)]
struct Refusal(u16);

impl VlensError {
    /// A refusal below HTTP's own status: what came could not be read, or nobody was let in.
    pub(super) fn transport(status: StatusCode) -> Self {
        Self { status, code: status.as_u16(), retry_after: None }
    }

    /// A refusal of what was read and understood: the status is 200, and the code says what is wrong.
    pub(super) fn business(code: u16) -> Self {
        Self { status: StatusCode::OK, code, retry_after: None }
    }

    /// The code of a refusal of what was read and understood.
    pub(super) fn business_code(&self) -> Option<u16> {
        (self.status == StatusCode::OK).then_some(self.code)
    }

    /// There is no room: trying again after `retry_after` helps.
    pub(super) fn busy(retry_after: Duration) -> Self {
        Self { retry_after: Some(retry_after), ..Self::transport(StatusCode::SERVICE_UNAVAILABLE) }
    }

    pub(super) fn bad_request() -> Self {
        Self::transport(StatusCode::BAD_REQUEST)
    }

    /// Another request, or another try, is admitted after `retry_after`.
    pub(super) fn too_many(code: u16, retry_after: Duration) -> Self {
        Self { status: StatusCode::TOO_MANY_REQUESTS, code, retry_after: Some(retry_after) }
    }

    /// Something broke here: the log learns what, the caller only that.
    pub(super) fn internal(error: &(dyn Error + 'static)) -> Self {
        tracing::error!(error, "a request failed");
        Self::transport(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<ServiceError> for VlensError {
    fn from(error: ServiceError) -> Self {
        if matches!(error, ServiceError::App(AppError::NoDocuments)) {
            return Self::transport(StatusCode::SERVICE_UNAVAILABLE);
        }
        Self::internal(&error)
    }
}

impl From<IdentityError> for VlensError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::BadCredentials => Self::business(401),
            IdentityError::BadToken => Self::business(403),
            IdentityError::BadCode => Self::business(BAD_CODE),
            IdentityError::PhoneTaken => Self::business(6002),
            IdentityError::EmailTaken => Self::business(6003),
            IdentityError::TooMany { retry_after } => Self::too_many(4003, retry_after),
            IdentityError::CannotSend => Self::business(CANNOT_SEND),
            IdentityError::Service(error) => error.into(),
        }
    }
}

/// The code of a one-time password that does not count.
pub(super) const BAD_CODE: u16 = 6001;
/// The code of a password that is too short or too long.
pub(super) const WEAK_PASSWORD: u16 = 6004;
/// The code of a registration with a number that nobody showed to be theirs.
pub(super) const CODE_NEEDED: u16 = 6005;
/// The code of a registration by way of somebody else.
pub(super) const NO_PROVIDER: u16 = 6006;
/// The code of a message that nothing is set up to send.
pub(super) const CANNOT_SEND: u16 = 4004;
/// The code of a tenant that is suspended.
pub(super) const SUSPENDED: u16 = 4007;

impl IntoResponse for VlensError {
    fn into_response(self) -> Response {
        let body = write(self.code, Language::English);
        let mut response = (self.status, Json(body)).into_response();
        if let Some(wait) = self.retry_after {
            // Rounded up: whoever comes back early finds nothing changed.
            let seconds = wait.as_millis().div_ceil(1000);
            if let Ok(value) = HeaderValue::try_from(seconds.to_string()) {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
        }
        response.extensions_mut().insert(Refusal(self.code));
        response
    }
}

fn write(code: u16, language: Language) -> ApiError {
    ApiError {
        data: None,
        error_code: code,
        error_message: texts::text(code, language),
        error_descriptions: None,
    }
}

/// Answers for what goes wrong outside a handler.
pub(crate) fn outside(status: StatusCode, _: &str) -> Response {
    VlensError::transport(status).into_response()
}

/// Answers for a path that no route has.
pub(crate) fn unknown_route() -> Response {
    VlensError::transport(StatusCode::NOT_FOUND).into_response()
}

/// Writes a refusal in the language that the request asks for.
pub(crate) fn localise(request: &HeaderMap, response: Response) -> Response {
    let Some(Refusal(code)) = response.extensions().get::<Refusal>().copied() else { return response };
    let language = language(request);
    if language == Language::English {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static("ar"));
    let (written, body) = Json(write(code, language)).into_response().into_parts();
    parts.headers.extend(written.headers);
    Response::from_parts(parts, body)
}
