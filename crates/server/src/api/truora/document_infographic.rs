//! `GET /v1/document-infographic`: how to photograph a document, as a picture. There is none.
//!
//! The vendor's routes name it and nobody says what it answers. A picture that was made up would stand in apps for the
//! vendor's, so that whoever asks learns that there is none.

use super::auth::TruoraCaller;
use super::error::{ApiError, KeyErrors, TruoraError};

/// Says that there is no infographic.
#[utoipa::path(
    get,
    path = "/v1/document-infographic",
    operation_id = "getDocumentInfographic",
    tag = "documents",
    responses((status = 404, description = "There is no infographic", body = ApiError), KeyErrors),
)]
pub(crate) async fn handler(_: TruoraCaller) -> TruoraError {
    TruoraError::not_found("document infographic")
}

#[cfg(test)]
mod tests {
    use crate::api::truora::testing::Bench;

    #[tokio::test]
    async fn there_is_none() {
        let bench = Bench::new().await;
        let answer = bench.get("/v1/document-infographic?country=CO", &bench.backend).await;
        assert_eq!((answer.status, answer.message()), (404, "The document infographic was not found"));
    }
}
