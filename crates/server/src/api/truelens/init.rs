//! `POST /api/verify/init`: opens a session.

use app::{NewPresence, OpenError, OpenPresenceError, Service};
use axum::Json;
use axum::extract::State;
use domain::Origin;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::TrueLensCaller;
use super::error::{ApiError, TrueLensError};
use super::wire::{Body, time, uuid};
use crate::ServerState;

/// What is asked. Unknown members are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = InitRequest, example = json!({"demo": false, "subject": "customer-4711"}))]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct Request {
    /// A demonstration: it does not count against the quota, and its badge says so.
    #[serde(default)]
    demo: Option<bool>,
    /// Your own word for the person. It is public: whoever has the badge's address reads it in the badge's token, as
    /// `sub`. Give an opaque id, never a name, an address or a number that others know.
    #[schema(min_length = 1, max_length = 128)]
    subject: Option<String>,
    /// Where the person goes afterwards, with `verification_id` in its query: a page of one of your allowed origins.
    #[schema(format = "uri", max_length = 2048)]
    return_url: Option<String>,
}

/// The session.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InitResponse, example = json!({
    "verification_id": "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0",
    "created_at": "2026-11-21T09:30:00.000Z",
    "expires_at": "2027-11-21T09:30:00.000Z",
    "is_demo": false,
}))]
pub(crate) struct Answer {
    /// Send the person to `/verify?id=` and this.
    #[schema(format = "uuid")]
    pub(super) verification_id: String,
    /// When it was opened.
    #[schema(format = DateTime)]
    pub(super) created_at: String,
    /// Twelve months later. The person has ten minutes: a session that is not passed by then expires.
    #[schema(format = DateTime)]
    pub(super) expires_at: String,
    /// Whether it is a demonstration.
    pub(super) is_demo: bool,
}

/// Longest word for a person.
const MOST_SUBJECT: usize = 128;
/// Longest URL.
const MOST_URL: usize = 2048;

/// Opens a session.
///
/// The person has ten minutes and three attempts on the hosted page.
#[utoipa::path(
    post, path = "/api/verify/init", tag = "verify", operation_id = "init",
    // Not by its type, which would make it required, nor as an `Option`, which would let it be `null`.
    request_body(content = ref("#/components/schemas/InitRequest"), description = "May be empty"),
    responses(
        (status = 200, body = Answer, description = "The session"),
        (status = 400, body = ApiError, description = "A member is wrong; the text names it"),
        (status = 401, body = ApiError, description = "`Missing API key` or `Invalid API key`"),
        (status = 403, body = ApiError, description = "`Subscription inactive`"),
        (status = 413, body = ApiError, description = "The body is too large"),
        (status = 429, body = ApiError,
            description = "Too many requests, open sessions, sessions in this month, or failed attempts of this \
                           `subject`"),
        (status = 500, body = ApiError, description = "Something broke here"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    TrueLensCaller(caller): TrueLensCaller,
    body: Body,
) -> Result<Json<Answer>, TrueLensError> {
    let new = NewPresence {
        origin: Origin::TrueLens,
        is_demo: body.flag("demo")?,
        subject: body.text("subject", MOST_SUBJECT)?,
        return_url: body.text("return_url", MOST_URL)?,
        most_open: state.truelens.open_sessions.get().into(),
    };
    let view = state.service.open_presence(&caller, new).await?;
    Ok(Json(Answer {
        verification_id: uuid(view.id),
        created_at: time(view.created_at),
        expires_at: time(Service::badge_end(view.created_at)),
        is_demo: view.is_demo,
    }))
}

impl From<OpenPresenceError> for TrueLensError {
    fn from(error: OpenPresenceError) -> Self {
        match error {
            OpenPresenceError::ReturnUrl => Self::bad_request(error.to_string()),
            OpenPresenceError::TooManyOpen { retry_after } => {
                Self::too_many("Too many concurrent sessions", retry_after)
            }
            OpenPresenceError::Open(OpenError::QuotaUsed { retry_after, .. }) => {
                Self::too_many("Monthly quota exceeded", retry_after)
            }
            OpenPresenceError::Open(OpenError::Throttled { retry_after }) => {
                Self::too_many("Too many failed attempts of this person", retry_after)
            }
            OpenPresenceError::Open(OpenError::Service(error)) => error.into(),
            OpenPresenceError::Open(error) => Self::internal(&error),
        }
    }
}
