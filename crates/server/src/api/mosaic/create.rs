//! `POST /api/v1/verification`: opens a session.

use std::time::Duration;

use app::{ClientCaller, Consent, Mock, NewSession, OpenError, OpenSessionError};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::{Decision, Origin, Timestamp, WebUrl};
use serde::Serialize;
use utoipa::ToSchema;

use super::auth::MosaicCaller;
use super::error::{ApiError, MosaicError};
use super::extra::{Extra, MockInfo};
use super::wire::{Body, MOST_TEXT, Members, duration, time};
use super::words::{ImageType, Recommendation};
use crate::ServerState;

/// What is asked. Everything may be left out, also the body itself; unknown members are ignored.
#[derive(Debug, ToSchema)]
#[schema(as = CreateSessionRequest, example = json!({
    "start": {"consent": {"granted": true, "document_id": "consent-2026-11"}},
    "customer_information": {"external_user_id": "customer-4711"},
}))]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct Request {
    /// Where the person goes afterwards, with `sessionId` and `state` in its query.
    #[schema(max_length = 2048)]
    callback_url: Option<String>,
    /// Goes back with the person.
    #[schema(max_length = 2048)]
    state: Option<String>,
    /// After which time the session is deleted, as `30d` or `1h`: from `1m` to `3650d`. `90d` where nothing is set.
    #[schema(example = "90d")]
    time_to_live: Option<String>,
    /// Lets the session only act as if. For clients of a sandbox.
    mock_behavior: Option<MockBehavior>,
    /// An older way to say that your server sends the images.
    auto_start: Option<bool>,
    /// That your server sends the images.
    start: Option<Start>,
    /// Your own words for it.
    customer_information: Option<CustomerInformation>,
}

/// That your server sends the images.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct Start {
    /// What the person agreed to.
    consent: Option<SessionConsent>,
}

/// What the person agreed to.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct SessionConsent {
    /// Must be true: nobody is looked at who did not agree.
    granted: bool,
    /// Your own word for the text that was shown.
    #[schema(max_length = 256)]
    document_id: String,
}

/// How a session ends that only acts as if.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct MockBehavior {
    /// Its end; `ALLOW` where nothing is set.
    recommendation: Option<Recommendation>,
    /// The older name of `recommendation`.
    mock_recommendation: Option<Recommendation>,
    /// How long it processes, as `15s` or `1m30s`, up to `1h`. Nothing where nothing is set.
    #[schema(example = "15s")]
    processing_time: Option<String>,
    /// Whether the first images are asked for again.
    force_retry: Option<bool>,
    /// What it tells of the person and the document.
    info: Option<MockInfo>,
}

/// Your own words for a session.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct CustomerInformation {
    /// Of the organisation.
    #[schema(max_length = 256)]
    organization_name: Option<String>,
    /// Of the organisation.
    #[schema(max_length = 256)]
    organization_id: Option<String>,
    /// Of the person: sessions of another one with the same document or face are noticed.
    #[schema(max_length = 256)]
    external_user_id: Option<String>,
}

/// The session.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreateSessionResponse, example = json!({
    "session_id": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "expiration": "2026-11-21T10:30:00.000Z",
    "missing_images": ["document_front", "document_back", "selfie"],
}))]
pub(crate) struct Answer {
    /// Starts the session, once; not there where it is started.
    #[serde(skip_serializing_if = "Option::is_none")]
    start_token: Option<String>,
    /// Its id.
    session_id: String,
    /// An hour later: until then its images must be there.
    #[schema(format = DateTime)]
    expiration: String,
    /// What has yet to come.
    missing_images: Vec<ImageType>,
}

/// Longest word of the caller's own.
const MOST_WORD: usize = 256;
/// Bounds of `time_to_live`.
const KEPT: (Duration, Duration) = (Duration::from_mins(1), Duration::from_hours(3_650 * 24));
/// How long a session is kept where nobody says otherwise.
pub(super) const KEPT_BY_DEFAULT: Duration = Duration::from_hours(90 * 24);
/// Longest processing of a session that only acts as if.
const MOST_PROCESSING: Duration = Duration::from_hours(1);
/// Longest data of a session that only acts as if, in bytes of JSON.
const MOST_INFO: usize = 8_192;

/// Opens a session.
///
/// With `start` your server sends the images at once; without it the session waits for its `start_token`.
#[utoipa::path(
    post, path = "/api/v1/verification", tag = "verification", operation_id = "createSession",
    // Not by its type, which would make it required, nor as an `Option`, which would let it be `null`.
    request_body(
        content = ref("#/components/schemas/CreateSessionRequest"),
        description = "May be empty. JSON, whatever its declared type",
    ),
    responses(
        (status = 200, body = Answer, description = "The session"),
        (status = 400, body = ApiError, description = "A member is wrong; the text names it"),
        (status = 401, body = ApiError, description = "The access token is missing, malformed or expired"),
        (status = 403, body = ApiError, description = "`Subscription inactive`"),
        (status = 413, body = ApiError, description = "The body is too large"),
        (status = 429, body = ApiError, description = "Too many requests, or sessions in this month"),
        (status = 500, body = ApiError, description = "Something broke here"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    MosaicCaller(client): MosaicCaller,
    body: Body,
) -> Result<Json<Answer>, MosaicError> {
    let new = read(&body.members(), &client, state.service.now())?;
    let opened = state.service.open_session(&client.caller, new).await?;
    Ok(Json(Answer {
        start_token: opened.start_token,
        session_id: opened.session.id.to_string(),
        expiration: time(opened.session.deadline.0),
        missing_images: opened.session.missing().into_iter().map(ImageType::from).collect(),
    }))
}

fn read(body: &Members<'_>, client: &ClientCaller, now: Timestamp) -> Result<NewSession, MosaicError> {
    let start = body.object("start")?;
    let consent = match &start {
        Some(start) => consent(start, now)?,
        None => None,
    };
    let (mock, info) = match body.object("mock_behavior")? {
        Some(_) if !client.is_sandbox => {
            return Err(MosaicError::bad_request("mock_behavior is for clients of a sandbox"));
        }
        Some(behavior) => mock(&behavior)?,
        None => (None, None),
    };
    let customer = body.object("customer_information")?;
    let of_customer = |name| match &customer {
        Some(customer) => customer.text(name, MOST_WORD),
        None => Ok(None),
    };
    let extra = Extra {
        version: 1,
        callback_url: callback_url(body)?,
        state: body.text("state", MOST_TEXT)?,
        organization_name: of_customer("organization_name")?,
        organization_id: of_customer("organization_id")?,
        info,
        use_case: None,
    };
    Ok(NewSession {
        origin: Origin::Mosaic,
        consent,
        is_started: start.is_some() || body.flag("auto_start")?.unwrap_or_default(),
        mock,
        person: of_customer("external_user_id")?,
        keep_for: keep_for(body)?,
        extra: serde_json::to_value(&extra).map_err(|error| MosaicError::internal(&error))?,
    })
}

fn consent(start: &Members<'_>, now: Timestamp) -> Result<Option<Consent>, MosaicError> {
    let Some(consent) = start.object("consent")? else { return Ok(None) };
    if consent.flag("granted")? != Some(true) {
        return Err(consent.wrong("granted", "true: nobody is looked at who did not agree"));
    }
    let document = consent.text("document_id", MOST_WORD)?;
    let document = document.ok_or_else(|| consent.wrong("document_id", "your own word for the text"))?;
    Ok(Some(Consent { document, at: now }))
}

fn keep_for(body: &Members<'_>) -> Result<Duration, MosaicError> {
    let Some(text) = body.long_text("time_to_live")? else { return Ok(KEPT_BY_DEFAULT) };
    duration(text)
        .filter(|time| (KEPT.0..=KEPT.1).contains(time))
        .ok_or_else(|| body.wrong("time_to_live", "a duration from 1m to 3650d, as 30d or 1h"))
}

fn mock(behavior: &Members<'_>) -> Result<(Option<Mock>, Option<MockInfo>), MosaicError> {
    let decision = |name| behavior.word(name, &Recommendation::ALL, Recommendation::word);
    let decision = match decision("recommendation")? {
        Some(decision) => Some(decision),
        None => decision("mock_recommendation")?,
    };
    let processing = match behavior.long_text("processing_time")? {
        None => Duration::ZERO,
        Some(text) => duration(text)
            .filter(|time| *time <= MOST_PROCESSING)
            .ok_or_else(|| behavior.wrong("processing_time", "a duration up to 1h, as 15s or 1m30s"))?,
    };
    let info: Option<MockInfo> = behavior.typed("info")?;
    let length = serde_json::to_vec(&info).map_err(|error| MosaicError::internal(&error))?.len();
    if length > MOST_INFO {
        return Err(behavior.wrong("info", "shorter"));
    }
    let document = info.as_ref().and_then(|info| info.document_details.as_ref());
    let mock = Mock {
        decision: decision.map_or(Decision::Allow, Decision::from),
        processing_ms: u64::try_from(processing.as_millis()).unwrap_or(u64::MAX),
        asks_again: behavior.flag("force_retry")?.unwrap_or_default(),
        document: document.map(|document| document.kind.kind()),
    };
    Ok((Some(mock), info))
}

/// A page, or an app's own scheme; nothing that a browser would run.
fn callback_url(body: &Members<'_>) -> Result<Option<String>, MosaicError> {
    let Some(text) = body.text("callback_url", MOST_TEXT)? else { return Ok(None) };
    let is_good = match text.split_once("://") {
        Some(("http" | "https", _)) => WebUrl::parse(&text).is_ok(),
        Some((scheme, rest)) => {
            let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte);
            let runs = ["javascript", "data", "vbscript", "file", "blob"];
            scheme.starts_with(|sign: char| sign.is_ascii_alphabetic())
                && scheme.bytes().all(is_word)
                && !runs.contains(&scheme.to_ascii_lowercase().as_str())
                && !rest.contains(|sign: char| sign.is_whitespace() || sign.is_control())
        }
        None => false,
    };
    if is_good { Ok(Some(text)) } else { Err(body.wrong("callback_url", "a URL")) }
}

impl From<OpenSessionError> for MosaicError {
    fn from(error: OpenSessionError) -> Self {
        match error {
            OpenSessionError::Picture(_) | OpenSessionError::Face(_) => Self::bad_request(error.to_string()),
            OpenSessionError::Open(OpenError::QuotaUsed { retry_after, .. }) => {
                Self::busy(StatusCode::TOO_MANY_REQUESTS, "Monthly quota exceeded", retry_after)
            }
            OpenSessionError::Open(OpenError::Service(error)) => error.into(),
            OpenSessionError::Open(error) => Self::internal(&error),
        }
    }
}
