//! `POST /verify/app/{token}/images/{kind}`: takes a picture of the document.

use app::{ImageError, Margins, NewImage, PageError};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest as _, Path, Request, State};
use axum::http::{StatusCode, header};
use domain::ImageKind;
use serde::Serialize;
use serde_json::Value;

use super::Visitor;
use crate::ServerState;
use crate::api::mosaic::{Feedback, ImageType};
use crate::hosted::state::Refusal;

#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    feedback: Feedback,
    missing: Vec<ImageType>,
}

pub(crate) async fn handler(
    State(state): State<ServerState>,
    visitor: Visitor,
    Path((_, kind)): Path<(String, ImageType)>,
    request: Request,
) -> Result<Json<Answer>, Refusal> {
    let service = &state.service;
    let kind = ImageKind::from(kind);
    let session = service.check_hosted_picture(&visitor.token, visitor.browser(), kind).await?;
    // No form of another site sends this type without asking first.
    let is_jpeg = request.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "image/jpeg");
    if !is_jpeg {
        return Err(bad_picture());
    }
    // Before the body is read: whoever waits for room holds no memory.
    let admission = service.admit().map_err(|_| Refusal::full())?;
    let bytes = Bytes::from_request(request, &state).await;
    let bytes = bytes.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => bad_picture(),
    })?;
    if bytes.len() > app::MAX_UPLOAD_BYTES {
        return Err(too_large());
    }
    let image = NewImage { kind, bytes, margins: Margins::default(), name: None, device: Value::Null };
    let receipt = service.add_image(admission, session, image).await.map_err(refused)?;
    Ok(Json(Answer {
        feedback: receipt.fault.into(),
        missing: receipt.missing.into_iter().map(ImageType::from).collect(),
    }))
}

fn bad_picture() -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "bad_picture")
}

fn too_large() -> Refusal {
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large")
}

fn refused(error: ImageError) -> Refusal {
    match error {
        ImageError::Picture(app::BadPicture::Size { .. }) => {
            Refusal::new(StatusCode::BAD_REQUEST, "too_small")
        }
        ImageError::Picture(_) => bad_picture(),
        ImageError::Unknown => PageError::Unknown.into(),
        ImageError::NotStarted => PageError::NoConsent.into(),
        ImageError::Complete | ImageError::Ended | ImageError::NotAsked | ImageError::TooMany => {
            PageError::Over.into()
        }
        ImageError::Service(error) => PageError::Service(error).into(),
    }
}
