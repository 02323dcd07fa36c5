//! `POST /v1/ocr/aml/validate`: whether somebody stands on a list.

use app::Screening;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::screening::Query;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::ServerState;
use crate::api::vlens::auth::OcrCaller;
use crate::api::vlens::error::{ApiError, VlensError};
use crate::api::vlens::verify::Answer;
use crate::api::vlens::wire::{Body, MOST_TEXT};

/// What is asked: a number, a name, or both. Unknown members are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ValidateAmlRequest, example = json!({"idNumber": "29507240112345", "name": "Mona Hussein"}))]
#[expect(dead_code, reason = "the OpenAPI document's form of a body that is read member by member")]
#[serde(rename_all = "camelCase")]
pub(crate) struct AmlRequest {
    /// The number of a document.
    #[schema(max_length = 256)]
    id_number: Option<String>,
    /// The name, in Arabic or Latin letters.
    #[schema(max_length = 256)]
    name: Option<String>,
}

/// Looks somebody up in the lists that the operator loaded. Nothing is kept.
///
/// `services.AML` is null where no list is loaded: that is no all-clear.
#[utoipa::path(
    post, path = "/v1/ocr/aml/validate", tag = "ocr", operation_id = "ocr_aml_validate", request_body = AmlRequest,
    responses(
        (status = 200, body = Answer, description = "`services.AML`, with `data` null"),
        (status = 400, body = ApiError, description = "Something is malformed, or there is nobody to look up"),
        (status = 401, body = ApiError, description = "The key is missing or not valid"),
        (status = 415, body = ApiError, description = "The body is of another type"),
        (status = 429, body = ApiError, description = "Too many requests"),
        (status = 500, body = ApiError, description = "Something broke here"),
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    OcrCaller(tenant): OcrCaller,
    body: Body,
) -> Result<Response, VlensError> {
    let text = |name| Ok::<_, VlensError>(body.text(name, MOST_TEXT)?.map(str::to_owned));
    let query =
        Query { names: text("name")?.into_iter().collect(), id_number: text("idNumber")?, born: None };
    if !query.is_anybody() {
        return Err(VlensError::bad_request());
    }
    let hits = match state.service.screen(tenant.caller.tenant.id, query, None).await? {
        Screening::NotScreened(_) => None,
        Screening::Screened { hits, .. } => Some(hits),
    };
    Ok(Answer::screened(hits.as_deref()).into_response())
}
