//! `POST /api/DigitalIdentity/verify/liveness/multi` and `POST /v1/ocr/liveness/multi`: three pictures of the face.

use app::NewFaces;
use axum::extract::{FromRequest as _, Request, State};
use axum::response::Response;
use domain::{Identity, PageSide};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Answer, Asked, admit, answer, picture};
use crate::ServerState;
use crate::api::vlens::auth::{OcrCaller, PersonCaller, TenantCaller};
use crate::api::vlens::error::{ApiError, VlensError};
use crate::api::vlens::wire::Body;

/// What the face is asked with. Unknown members are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = VerifyLivenessRequest, example = json!({
    "transaction_id": "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0", "face_1": "/9j/4AAQ...", "face_2": "/9j/4AAQ...",
    "face_3": "/9j/4AAQ...",
}))]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct LivenessRequest {
    /// The face: JPEG, PNG or WebP in base64, also as a `data:` URL; at most 5 MB and 25 million pixels.
    face_1: String,
    /// The same face within a second.
    face_2: String,
    /// The same face within a second.
    face_3: String,
    /// The front of the card, where it was not sent before: taken first, as by `id/front`.
    id_front_image: Option<String>,
    /// The same as `id_front_image`, which counts before it.
    image: Option<String>,
    /// The transaction of front and back.
    #[schema(format = "uuid")]
    transaction_id: Option<String>,
    /// The name that has to stand on the card, in Arabic or Latin letters.
    #[schema(max_length = 256)]
    name_check_value: Option<String>,
    /// Comes back as it was sent.
    #[schema(max_length = 256)]
    client_transaction_id: Option<String>,
    /// Comes back as it was sent.
    #[schema(max_length = 256)]
    request_id: Option<String>,
    /// Alpha-2. Only `EG`.
    #[schema(example = "EG")]
    country: Option<String>,
    /// Whether the answer holds what was read.
    #[serde(rename = "getExtractedData")]
    get_extracted_data: Option<bool>,
}

/// Judges three pictures of the face together with the card of the person who is signed in.
///
/// A pass is `isVerificationProcessCompleted` and `isDigitalIdentityVerified`. A face that does not pass is
/// `services.liveness: false` and an entry of `validation_errors`; two more tries are left then. The same pictures once
/// more get the same answer.
#[utoipa::path(
    post, path = "/api/DigitalIdentity/verify/liveness/multi", tag = "verify", operation_id = "verify_liveness_multi",
    request_body = LivenessRequest, security(("api_key" = [], "access_token" = [])),
    responses(
        (status = 200, body = Answer, description = "The verdict, or `error_code`: 4002, 4003, 5002, 5003, 5004, and those of `id/front`"),
        (status = 400, body = ApiError, description = "Something is missing or malformed, also the base64"),
        (status = 401, body = ApiError, description = "The key is missing or not valid"),
        (status = 403, body = ApiError, description = "The access token is missing, not valid or another tenant's"),
        (status = 413, body = ApiError, description = "The body is too large"),
        (status = 415, body = ApiError, description = "The body or an image is of another type"),
        (status = 429, body = ApiError, description = "Too many requests, or 4003: too many faces of this person were refused"),
        (status = 500, body = ApiError, description = "Something broke here"),
        (status = 503, body = ApiError, description = "The server is busy, or the models that read cards are not there"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    PersonCaller { tenant, person }: PersonCaller,
    request: Request,
) -> Response {
    take(&state, tenant, Some(person), request).await
}

/// Judges three pictures of the face together with the card, with a key alone.
///
/// As `verify/liveness/multi`; `data.isMatched` says whether the face is that of the card.
#[utoipa::path(
    post, path = "/v1/ocr/liveness/multi", tag = "ocr", operation_id = "ocr_liveness_multi", request_body = LivenessRequest,
    responses(
        (status = 200, body = Answer, description = "The verdict, or `error_code`: 4002, 4003, 5002, 5003, 5004, and those of `id/front`"),
        (status = 400, body = ApiError, description = "Something is missing or malformed, also the base64"),
        (status = 401, body = ApiError, description = "The key is missing or not valid"),
        (status = 413, body = ApiError, description = "The body is too large"),
        (status = 415, body = ApiError, description = "The body or an image is of another type"),
        (status = 429, body = ApiError, description = "Too many requests"),
        (status = 500, body = ApiError, description = "Something broke here"),
        (status = 503, body = ApiError, description = "The server is busy, or the models that read cards are not there"),
    ),
)]
pub(crate) async fn ocr(
    State(state): State<ServerState>,
    OcrCaller(tenant): OcrCaller,
    request: Request,
) -> Response {
    take(&state, tenant, None, request).await
}

async fn take(
    state: &ServerState,
    tenant: TenantCaller,
    owner: Option<Identity>,
    request: Request,
) -> Response {
    let language = tenant.asker.language;
    let taken = async {
        let admission = admit(state, &request)?;
        let mut body = Body::from_request(request, state).await?;
        let mut shot = |name| picture(&mut body, name)?.ok_or_else(VlensError::bad_request);
        let shots = [shot("face_1")?, shot("face_2")?, shot("face_3")?];
        let front = match picture(&mut body, "id_front_image")? {
            Some(front) => Some(front),
            None => picture(&mut body, "image")?,
        };
        let Asked { step, echo } = Asked::read(&body, owner, (PageSide::Front, true), language)?;
        let faces = NewFaces { shots, front };
        let view = state.service.take_faces(admission, &tenant.caller, step, faces).await?;
        Ok((view, echo))
    };
    answer(taken.await, language)
}
