//! `PUT /v1/uploads/{token}`: takes the photo of an enrollment or of a validation. The link is the right to do so.

use app::{Busy, LinkError, UploadError};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest as _, Request, State};
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::{ApiError, TruoraError};
use super::ids::{LinkToken, VendorPath};
use super::photo::Photo;
use crate::ServerState;

/// The absolute URL that takes the photo which `token` stands for.
pub(crate) fn link(state: &ServerState, token: &str) -> String {
    state.url(&format!("/v1/uploads/{token}"))
}

/// That the photo was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Uploaded {
    #[schema(example = "File uploaded successfully")]
    message: &'static str,
}

#[derive(Debug, thiserror::Error)]
enum RouteError {
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error(transparent)]
    Upload(#[from] UploadError),
    #[error("the file was cut off on the way: send it again")]
    CutOff,
}

impl From<RouteError> for TruoraError {
    fn from(error: RouteError) -> Self {
        let status = match error {
            RouteError::Busy(Busy { retry_after }) => return Self::busy(error.to_string(), retry_after),
            RouteError::Upload(UploadError::Service(error)) => return error.into(),
            RouteError::Link(_) | RouteError::Upload(UploadError::Closed) => StatusCode::FORBIDDEN,
            RouteError::Upload(UploadError::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            RouteError::Upload(
                UploadError::Format(_)
                | UploadError::Video(_)
                | UploadError::VideoNotAsked
                | UploadError::VideoAsked
                | UploadError::VideoNotRead
                | UploadError::NoFace,
            )
            | RouteError::CutOff => StatusCode::BAD_REQUEST,
        };
        Self::new(status, error.to_string())
    }
}

impl From<BytesRejection> for RouteError {
    fn from(rejection: BytesRejection) -> Self {
        match rejection {
            BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
                Self::Upload(UploadError::TooLarge)
            }
            _ => Self::CutOff,
        }
    }
}

/// Takes a photo: JPEG, PNG or WebP, at most 10 MB; for a validation with `passive_liveness` also a video, and for one
/// with `speech_match` only that: WebM, MP4, AVI or MOV, at most 10 MB, of which the first 10 seconds are judged. What it is called does not matter, only what it is.
///
/// An enrollment fails by a photo without a single face and by a file that cannot be read; a validation still waits
/// after the latter. One whose face is on the blocklist is taken, and the enrollment fails by it. The same photo again
/// gets the same answer.
#[utoipa::path(
    put,
    path = "/v1/uploads/{token}",
    operation_id = "uploadFile",
    tag = "uploads",
    params(("token" = String, Path, description = "As the link has it")),
    request_body(content((Photo = "image/jpeg"), (Photo = "image/png"), (Photo = "image/webp"), (Photo = "video/webm"),
        (Photo = "video/mp4"), (Photo = "video/x-msvideo"), (Photo = "video/quicktime"))),
    responses(
        (status = 200, description = "The photo was taken", body = Uploaded),
        (status = 400, description = "It cannot be read; for an enrollment also: it shows no single face", body = ApiError),
        (status = 403, description = "The link is not valid, has expired, or has been used", body = ApiError),
        (status = 413, description = "It is larger than 10 MB", body = ApiError),
        (status = 500, description = "Something broke here", body = ApiError),
        (status = 503, description = "The server is busy: try again after the seconds in Retry-After", body = ApiError),
    ),
    security(()),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    VendorPath(LinkToken(token)): VendorPath<LinkToken>,
    request: Request,
) -> Result<Json<Uploaded>, TruoraError> {
    let service = &state.service;
    let link = service.read_upload_link(&token).map_err(RouteError::from)?;
    let open = service.check_upload(link).await.map_err(RouteError::from)?;
    // Before the body is read: whoever waits for room holds no memory.
    let admission = service.admit().map_err(RouteError::from)?;
    let photo = Bytes::from_request(request, &state).await.map_err(RouteError::from)?;
    service.upload(admission, open, photo).await.map_err(RouteError::from)?;
    Ok(Json(Uploaded { message: "File uploaded successfully" }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::api::truora::testing::Bench;

    #[tokio::test]
    async fn a_forged_link_takes_nothing() {
        let bench = Bench::new().await;
        let token = bench.upload_token("ana-1").await;
        for forged in ["x", &token[..token.len() - 2], &format!("{token}x"), &bench.backend] {
            let refused = bench.upload(forged, b"photo").await;
            assert_eq!((refused.status, refused.message()), (403, "the link is not valid"));
        }
    }

    #[tokio::test]
    async fn an_expired_link_takes_nothing() {
        let bench = Bench::new().await;
        let token = bench.upload_token("ana-1").await;
        bench.clock.advance(Duration::from_hours(24) + Duration::from_millis(1));
        let refused = bench.upload(&token, b"photo").await;
        assert_eq!((refused.status, refused.message()), (403, "the link has been used or has expired"));
        bench.clock.advance(Duration::from_hours(1));
        assert_eq!(bench.upload(&token, b"photo").await.message(), "the link has expired");
    }

    #[tokio::test]
    async fn the_link_of_what_is_gone_takes_nothing() {
        let bench = Bench::new().await;
        let token = bench.upload_token("ana-1").await;
        let id = bench.get("/v1/enrollments", &bench.backend).await.body["enrollments"][0]["enrollment_id"]
            .clone();
        bench.delete(&format!("/v1/enrollments/{}", id.as_str().unwrap()), &bench.trusted).await;
        assert_eq!(bench.upload(&token, b"photo").await.status, 403);
    }

    #[tokio::test]
    async fn a_file_that_is_too_large_changes_nothing() {
        let bench = Bench::new().await;
        let token = bench.upload_token("ana-1").await;
        let refused = bench.upload(&token, &vec![0; app::MAX_UPLOAD_BYTES + 1]).await;
        assert_eq!(refused.status, 413);
        let list = bench.get("/v1/enrollments", &bench.backend).await;
        assert_eq!(list.body["enrollments"][0]["reason"], "waiting_file_upload");
    }

    #[tokio::test]
    async fn a_busy_server_says_so_before_it_reads() {
        let bench = Bench::new().await;
        let token = bench.upload_token("ana-1").await;
        let held: Vec<_> = std::iter::from_fn(|| bench.service.admit().ok()).collect();
        let refused = bench.upload(&token, b"photo").await;
        assert_eq!((refused.status, refused.retry_after.as_deref()), (503, Some("1")));
        drop(held);
    }

    #[test]
    fn each_refusal_has_its_status() {
        for (error, status) in [
            (RouteError::Link(LinkError::Expired), 403),
            (RouteError::Link(LinkError::Invalid), 403),
            (RouteError::Upload(UploadError::Closed), 403),
            (RouteError::Upload(UploadError::TooLarge), 413),
            (RouteError::Upload(UploadError::NoFace), 400),
            (RouteError::Upload(UploadError::VideoAsked), 400),
            (RouteError::Upload(app::ServiceError::Interrupted.into()), 500),
            (RouteError::CutOff, 400),
            (RouteError::Busy(Busy { retry_after: Duration::from_secs(1) }), 503),
        ] {
            assert_eq!(TruoraError::from(error).status().as_u16(), status);
        }
    }
}
