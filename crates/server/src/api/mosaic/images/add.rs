//! `POST /api/v1/verification/{sid}/images`: takes an image.

use std::time::Duration;

use app::{Busy, ImageError, ImageReceipt, Margins, NewImage};
use axum::Json;
use axum::extract::{FromRequest as _, Path, Request, State};
use axum::http::StatusCode;
use domain::{ImageKind, SessionPurpose};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::ServerState;
use crate::api::mosaic::auth::MosaicCaller;
use crate::api::mosaic::error::{ApiError, MosaicError};
use crate::api::mosaic::wire::{self, Body, Members};
use crate::api::mosaic::words::{Feedback, ImageType};

/// An image. Unknown members are ignored.
#[derive(Debug, ToSchema)]
#[schema(as = AddImageRequest)]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct AddImage {
    /// The image.
    image: SentImage,
    /// What made it. Kept, and not looked at.
    device_info: Option<DeviceInfo>,
}

/// The image itself.
#[derive(Debug, ToSchema)]
#[schema(as = ImageDto)]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct SentImage {
    /// `jpg`.
    #[schema(example = "jpg")]
    format: String,
    /// What it shows.
    image_type: ImageType,
    /// A JPEG in base64, also as a `data:` URL: 640 x 480 to 3840 x 2160 pixels, upright or across, at most 10 MB.
    content: String,
    /// What is cut off before it is looked at, in pixels.
    capture_margins: Option<CaptureMargins>,
    /// Your own id for it: 1 to 64 of `A-Z a-z 0-9 . _ -`.
    #[schema(max_length = 64)]
    image_id: Option<String>,
}

/// How much is cut off each edge, in pixels.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct CaptureMargins {
    /// Above.
    top: f64,
    /// Below.
    bottom: f64,
    /// On the left.
    left: f64,
    /// On the right.
    right: f64,
}

/// What made the image.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct DeviceInfo {
    /// Its model.
    model: Option<String>,
    /// Its type.
    #[schema(rename = "type")]
    kind: Option<String>,
    /// Its maker.
    manufacturer: Option<String>,
    /// Its system.
    os: Option<String>,
    /// Version of it.
    os_version: Option<String>,
    /// Its browser.
    browser: Option<String>,
    /// Version of it.
    browser_version: Option<String>,
    /// The camera.
    used_camera: Option<Camera>,
    /// The cameras that it has.
    cameras: Option<Vec<Camera>>,
}

/// A camera.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct Camera {
    /// Its name.
    label: Option<String>,
}

/// What became of the image.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AddImageResponse, example = json!({
    "feedback": "ok", "complete": false, "missing_images": ["document_back", "selfie"],
}))]
pub(crate) struct Answer {
    /// `ok`, or what is wrong with it.
    feedback: Feedback,
    /// Whether all of them are there.
    complete: bool,
    /// What has yet to come.
    missing_images: Vec<ImageType>,
}

impl From<ImageReceipt> for Answer {
    fn from(receipt: ImageReceipt) -> Self {
        Self {
            feedback: receipt.fault.into(),
            complete: receipt.missing.is_empty(),
            missing_images: receipt.missing.into_iter().map(ImageType::from).collect(),
        }
    }
}

/// Longest data of a device, in bytes of JSON.
const MOST_DEVICE: usize = 8_192;

/// Takes an image, and says at once whether it can be used.
///
/// One that cannot is kept as rejected and does not count. Once the last one is there the session processes by itself.
#[utoipa::path(
    post, path = "/api/v1/verification/{sid}/images", tag = "verification", operation_id = "addImage",
    params(("sid" = String, Path, description = "The `session_id`")),
    request_body(content = AddImage, description = "JSON, whatever its declared type"),
    responses(
        (status = 200, body = Answer, description = "What became of it"),
        (status = 400, body = ApiError, description = "A member is wrong, or the session is not started or has ended"),
        (status = 401, body = ApiError, description = "The access token is missing, malformed or expired"),
        (status = 403, body = ApiError, description = "`Subscription inactive`"),
        (status = 404, body = ApiError, description = "`Session not found`"),
        (status = 409, body = ApiError, description = "`All required images were successfully submitted`"),
        (status = 413, body = ApiError, description = "The body is too large"),
        (status = 429, body = ApiError, description = "Too many requests"),
        (status = 500, body = ApiError, description = "Something broke here"),
        (status = 503, body = ApiError, description = "The server is busy, or the models that read documents are not there"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    MosaicCaller(client): MosaicCaller,
    Path(sid): Path<String>,
    request: Request,
) -> Result<Json<Answer>, MosaicError> {
    take(&state, &client.caller, SessionPurpose::Document, &sid, request).await
}

/// Takes an image for a session of that purpose.
pub(in crate::api::mosaic) async fn take(
    state: &ServerState,
    caller: &app::Caller,
    purpose: SessionPurpose,
    sid: &str,
    request: Request,
) -> Result<Json<Answer>, MosaicError> {
    let service = &state.service;
    let session = service.check_session(caller, purpose, wire::session_id(sid)?).await?;
    // Before the body is read: whoever waits for room holds no memory.
    let admission = service.admit()?;
    let image = read(&Body::from_request(request, state).await?.members())?;
    Ok(Json(service.add_image(admission, session, image).await?.into()))
}

fn read(body: &Members<'_>) -> Result<NewImage, MosaicError> {
    let image = body.object("image")?.ok_or_else(|| body.wrong("image", "an object"))?;
    if image.long_text("format")? != Some("jpg") {
        return Err(image.wrong("format", "jpg"));
    }
    let kind = image.word("image_type", &ImageType::ALL, ImageType::word)?;
    let words = ImageType::ALL.map(ImageType::word).join(", ");
    let kind: ImageKind = kind.ok_or_else(|| image.wrong("image_type", &format!("one of {words}")))?.into();
    let margins = match image.object("capture_margins")? {
        None => Margins::default(),
        Some(margins) => Margins {
            top: margins.pixels("top")?,
            right: margins.pixels("right")?,
            bottom: margins.pixels("bottom")?,
            left: margins.pixels("left")?,
        },
    };
    Ok(NewImage {
        kind,
        bytes: content(&image)?.into(),
        margins,
        name: own_id(&image)?,
        device: device(body)?,
    })
}

/// The file of a member `content`.
pub(in crate::api::mosaic) fn content(image: &Members<'_>) -> Result<Vec<u8>, MosaicError> {
    let text = image.long_text("content")?.ok_or_else(|| image.wrong("content", "an image in base64"))?;
    wire::file(text).ok_or_else(|| image.wrong("content", "an image in base64"))
}

fn own_id(image: &Members<'_>) -> Result<Option<String>, MosaicError> {
    let id = image.text("image_id", 64)?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    match &id {
        Some(text) if !text.bytes().all(is_plain) => {
            Err(image.wrong("image_id", "1 to 64 letters, digits, dots, dashes or underscores"))
        }
        _ => Ok(id),
    }
}

fn device(body: &Members<'_>) -> Result<Value, MosaicError> {
    if body.object("device_info")?.is_none() {
        return Ok(json!(null));
    }
    let device: Value = body.typed("device_info")?.unwrap_or_default();
    if device.to_string().len() > MOST_DEVICE {
        return Err(body.wrong("device_info", "shorter"));
    }
    Ok(device)
}

impl From<Busy> for MosaicError {
    fn from(busy: Busy) -> Self {
        Self::busy(StatusCode::SERVICE_UNAVAILABLE, busy.to_string(), busy.retry_after.max(ONE_SECOND))
    }
}

const ONE_SECOND: Duration = Duration::from_secs(1);

impl From<ImageError> for MosaicError {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Unknown => Self::not_found(),
            ImageError::Complete => Self::new(StatusCode::CONFLICT, error.to_string()),
            ImageError::Service(error) => error.into(),
            ImageError::NotStarted
            | ImageError::Ended
            | ImageError::NotAsked
            | ImageError::TooMany
            | ImageError::Picture(_) => Self::bad_request(error.to_string()),
        }
    }
}
