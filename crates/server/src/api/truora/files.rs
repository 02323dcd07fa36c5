//! `GET /v1/files/{token}`: shows a photo of a validation. The link is the right to see it, for 15 minutes.

use app::LinkError;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use super::error::{ApiError, TruoraError};
use super::ids::{LinkToken, VendorPath};
use super::photo::Photo;
use crate::ServerState;

/// The absolute URL that shows the photo which `token` stands for.
pub(crate) fn link(state: &ServerState, token: &str) -> String {
    state.url(&format!("/v1/files/{token}"))
}

#[derive(Debug, thiserror::Error)]
enum RouteError {
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error("The file was not found: it has been deleted")]
    Gone,
}

impl From<RouteError> for TruoraError {
    fn from(error: RouteError) -> Self {
        let status = match error {
            RouteError::Link(_) => StatusCode::FORBIDDEN,
            RouteError::Gone => StatusCode::NOT_FOUND,
        };
        Self::new(status, error.to_string())
    }
}

/// Shows a photo.
#[utoipa::path(
    get,
    path = "/v1/files/{token}",
    operation_id = "getFile",
    tag = "uploads",
    params(("token" = String, Path, description = "As the link has it")),
    responses(
        (status = 200, description = "The photo, as it was uploaded", content(
            (Photo = "image/jpeg"), (Photo = "image/png"), (Photo = "image/webp"), (Photo = "video/webm"),
            (Photo = "video/mp4"), (Photo = "video/x-msvideo"), (Photo = "video/quicktime"),
        )),
        (status = 403, description = "The link is not valid or has expired", body = ApiError),
        (status = 404, description = "The photo has been deleted", body = ApiError),
        (status = 500, description = "Something broke here", body = ApiError),
    ),
    security(()),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    VendorPath(LinkToken(token)): VendorPath<LinkToken>,
) -> Result<impl IntoResponse, TruoraError> {
    let found = state.service.open_file(&token).await?.map_err(RouteError::from)?;
    let file = found.ok_or(RouteError::Gone)?;
    // A person's photo belongs into no cache, shared or not.
    Ok(([(header::CONTENT_TYPE, file.format), (header::CACHE_CONTROL, "no-store".to_owned())], file.bytes))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt as _;

    use crate::api::truora::testing::Bench;

    #[tokio::test]
    async fn a_link_shows_its_photo_for_15_minutes() {
        let bench = Bench::new().await;
        bench.enrolled("ana-1").await;
        let validation = bench.validation("ana-1", "").await.body;
        let id = validation["validation_id"].as_str().unwrap();
        let artifact = bench.selfie(id, b"a photo").await;
        let detailed =
            bench.get(&format!("/v1/validations/{id}?show_details=true"), &bench.backend).await.body;
        assert_eq!(detailed.get("validation_inputs"), None, "no reference photo is kept");
        let link = detailed["user_response"]["input_files"][0].as_str().unwrap();
        let path = link.strip_prefix(&Bench::url("")).unwrap();
        let request = Request::get(path).body(Body::empty()).unwrap();
        let shown = bench.router.clone().oneshot(request).await.unwrap();
        let headers = shown.headers();
        assert_eq!((shown.status().as_u16(), &headers["content-type"]), (200, &"image/png".parse().unwrap()));
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(axum::body::to_bytes(shown.into_body(), 100).await.unwrap(), "a photo");
        bench.store.delete_blob(&artifact).await.unwrap();
        assert_eq!(bench.get(path, "").await.body["code"], 10404);
        bench.clock.advance(Duration::from_mins(15));
        let late = bench.get(path, "").await;
        assert_eq!((late.status, late.message()), (403, "the link has expired"));
    }

    #[tokio::test]
    async fn a_forged_link_shows_nothing() {
        let bench = Bench::new().await;
        let upload = bench.upload_token("ana-1").await;
        for forged in ["x", upload.as_str(), bench.backend.as_str()] {
            let refused = bench.get(&format!("/v1/files/{forged}"), "").await;
            assert_eq!((refused.status, refused.message()), (403, "the link is not valid"));
        }
    }
}
