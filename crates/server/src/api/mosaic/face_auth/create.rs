//! `POST /api/v1/face-auth`: opens a session that compares a selfie with a photo.

use app::NewFaceAuth;
use axum::Json;
use axum::extract::{FromRequest as _, Request, State};
use domain::Origin;
use serde::Serialize;
use utoipa::ToSchema;

use super::device_session_id;
use crate::ServerState;
use crate::api::mosaic::auth::MosaicCaller;
use crate::api::mosaic::create::KEPT_BY_DEFAULT;
use crate::api::mosaic::error::{ApiError, MosaicError};
use crate::api::mosaic::extra::Extra;
use crate::api::mosaic::images::add::content;
use crate::api::mosaic::wire::{Body, Members};

/// What is asked. Unknown members are ignored.
#[derive(Debug, ToSchema)]
#[schema(as = CreateFaceAuthRequest)]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct CreateFaceAuth {
    /// The photo that the selfie is compared with.
    reference: Reference,
    /// What for; `login` where nothing is set.
    use_case: Option<UseCase>,
}

/// The photo.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct Reference {
    /// `raw`.
    #[schema(rename = "type", example = "raw")]
    kind: String,
    /// A JPEG, PNG or WebP in base64, also as a `data:` URL, at most 10 MB.
    content: String,
    /// Ignored: a photo is known by its content.
    format: Option<String>,
}

/// What a face is compared for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum UseCase {
    /// To sign in.
    Login,
    /// To get access back.
    CredentialsRecovery,
    /// Before something that matters.
    StepUp,
}

impl UseCase {
    const ALL: [Self; 3] = [Self::Login, Self::CredentialsRecovery, Self::StepUp];

    const fn word(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::CredentialsRecovery => "credentials-recovery",
            Self::StepUp => "step-up",
        }
    }
}

/// The session.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreateFaceAuthResponse, example = json!({
    "session_id": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "device_session_id": "device-0f1e2d3c4b5a69788796a5b4c3d2e1f0",
}))]
pub(crate) struct Answer {
    /// Its id.
    session_id: String,
    /// Its id for the device. The other routes take either.
    device_session_id: String,
}

/// Opens a session that compares a selfie with a photo. The selfie has an hour.
#[utoipa::path(
    post, path = "/api/v1/face-auth", tag = "face-auth", operation_id = "createFaceAuth",
    request_body(content = CreateFaceAuth, description = "JSON, whatever its declared type"),
    responses(
        (status = 200, body = Answer, description = "The session"),
        (status = 400, body = ApiError, description = "A member is wrong, or the photo shows no face that can be compared"),
        (status = 401, body = ApiError, description = "The access token is missing, malformed or expired"),
        (status = 403, body = ApiError, description = "`Subscription inactive`"),
        (status = 413, body = ApiError, description = "The body is too large"),
        (status = 429, body = ApiError, description = "Too many requests, or sessions in this month"),
        (status = 500, body = ApiError, description = "Something broke here"),
        (status = 503, body = ApiError, description = "The server is busy"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    MosaicCaller(client): MosaicCaller,
    request: Request,
) -> Result<Json<Answer>, MosaicError> {
    let service = &state.service;
    // Before the body is read: whoever waits for room holds no memory.
    let admission = service.admit()?;
    let new = read(&Body::from_request(request, &state).await?.members())?;
    let session = service.open_face_auth(admission, &client.caller, new).await?;
    Ok(Json(Answer { session_id: session.id.to_string(), device_session_id: device_session_id(session.id) }))
}

fn read(body: &Members<'_>) -> Result<NewFaceAuth, MosaicError> {
    let reference = body.object("reference")?.ok_or_else(|| body.wrong("reference", "an object"))?;
    if reference.long_text("type")? != Some("raw") {
        return Err(reference.wrong("type", "raw"));
    }
    let use_case = body.word("use_case", &UseCase::ALL, UseCase::word)?.unwrap_or(UseCase::Login);
    let extra = Extra { version: 1, use_case: Some(use_case.word().to_owned()), ..Extra::default() };
    Ok(NewFaceAuth {
        origin: Origin::Mosaic,
        reference: content(&reference)?.into(),
        keep_for: KEPT_BY_DEFAULT,
        extra: serde_json::to_value(&extra).map_err(|error| MosaicError::internal(&error))?,
    })
}
