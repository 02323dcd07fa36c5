//! `POST /v1/ocr/classify/document`: what document a picture shows.

use axum::extract::{FromRequest as _, Request, State};
use axum::response::{IntoResponse as _, Response};
use domain::{PageEvidence, PageFault, PageSide};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::document::{Answer, Fault, Ids, doc_type};
use crate::ServerState;
use crate::api::vlens::auth::OcrCaller;
use crate::api::vlens::error::{ApiError, VlensError};
use crate::api::vlens::verify::{admit, picture};
use crate::api::vlens::wire::Body;

/// What is asked. Unknown members are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ClassifyDocumentRequest, example = json!({"image": "/9j/4AAQSkZJRg..."}))]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
pub(crate) struct ClassifyRequest {
    /// The document: JPEG, PNG or WebP in base64, also as a `data:` URL; at most 5 MB and 25 million pixels.
    image: String,
    /// Comes back as it was sent.
    #[schema(format = "uuid")]
    transaction_id: Option<String>,
    /// Comes back as it was sent.
    #[schema(max_length = 256)]
    client_transaction_id: Option<String>,
    /// Comes back as it was sent.
    #[schema(max_length = 256)]
    request_id: Option<String>,
}

/// What document it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClassifiedDocument)]
pub(crate) struct Classified {
    /// `national_id`, `passport`, `driving_license`, `residence_permit`, `visa` or `other`, as in
    /// `services.classification`.
    doc_type: &'static str,
    /// `front` or `back`; null where it has only one side, or that could not be told.
    side: Option<&'static str>,
    #[serde(flatten)]
    ids: Ids,
}

/// Says what document a picture shows. Nothing is kept.
#[utoipa::path(
    post, path = "/v1/ocr/classify/document", tag = "ocr", operation_id = "ocr_classify_document",
    request_body = ClassifyRequest,
    responses(
        (status = 200, body = Answer<Classified>, description = "What it is, or `error_code`: 3011 there is none, 5001 it is not known, 5002, 5003, 5006"),
        (status = 400, body = ApiError, description = "Something is missing or malformed, also the base64"),
        (status = 401, body = ApiError, description = "The key is missing or not valid"),
        (status = 413, body = ApiError, description = "The body is too large"),
        (status = 415, body = ApiError, description = "The body or the image is of another type"),
        (status = 429, body = ApiError, description = "Too many requests"),
        (status = 500, body = ApiError, description = "Something broke here"),
        (status = 503, body = ApiError, description = "The server is busy, or the models that read documents are not there"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    OcrCaller(tenant): OcrCaller,
    request: Request,
) -> Response {
    let language = tenant.asker.language;
    let seen = async {
        let admission = admit(&state, &request)?;
        let mut body = Body::from_request(request, &state).await?;
        let image = picture(&mut body, "image")?.ok_or_else(VlensError::bad_request)?;
        let ids = Ids::of(&body)?;
        Ok((state.service.look_at_document(admission, image).await?, ids))
    };
    match seen.await {
        Ok((page, ids)) => {
            let faults: Vec<Fault> = fault(&page).into_iter().collect();
            // Where there is none, the fault refuses.
            let kind = doc_type(&page).unwrap_or("other");
            let data = Classified { doc_type: kind, side: side(&page), ids };
            Answer::of(&faults, data, &page, language).into_response()
        }
        Err(refused) => Answer::<Classified>::refused(refused, language),
    }
}

fn side(page: &PageEvidence) -> Option<&'static str> {
    let has_two = doc_type(page).is_some_and(|kind| !matches!(kind, "passport" | "visa"));
    page.side.filter(|_| has_two).map(|side| match side {
        PageSide::Front => "front",
        PageSide::Back => "back",
    })
}

fn fault(page: &PageEvidence) -> Option<Fault> {
    if doc_type(page).is_some() {
        return None;
    }
    let has = |fault| page.faults.contains(&fault);
    let code = match () {
        () if has(PageFault::Blur) => 5006,
        () if has(PageFault::NotSupported) => 5001,
        () => 3011,
    };
    Some(Fault { code, field: "", value: String::new(), refuses: true })
}
