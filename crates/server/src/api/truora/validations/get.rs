//! `GET /v1/validations/{validation_id}`: how far a validation is, and what was found.

use app::{Caller, VerificationView};
use axum::Json;
use axum::extract::State;
use domain::{Origin, VerificationId};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Details, InputFiles, Validation, ValidationInputs};
use crate::ServerState;
use crate::api::truora::auth::{TruoraCaller, sees_scores};
use crate::api::truora::error::{ApiError, KeyErrors, QueryErrors, TruoraError};
use crate::api::truora::files;
use crate::api::truora::form::VendorQuery;
use crate::api::truora::ids::{Prefixed as _, VendorPath, WireId};

/// How much is to be shown.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ShowDetails {
    /// Shows what was found already, and links to the photos. Devices see neither.
    #[serde(default)]
    #[param(required = false)]
    show_details: bool,
}

/// The validation as `caller` may see it, with links where they are asked for.
pub(crate) async fn show(
    state: &ServerState,
    caller: &Caller,
    view: &VerificationView,
    query: &ShowDetails,
) -> Result<Validation, TruoraError> {
    let validation = Validation::render(view, caller, state.service.now());
    if !query.show_details || !sees_scores(caller) {
        return Ok(validation);
    }
    let links = state.service.file_links(caller, view).await?;
    let url = |token: &String| files::link(state, token);
    let urls = |tokens: &[String]| -> Option<Vec<String>> {
        (!tokens.is_empty()).then(|| tokens.iter().map(url).collect())
    };
    if view.verification.pages.is_some() {
        let sides: Vec<_> = [&links.front, &links.back].into_iter().flatten().cloned().collect();
        return Ok(Validation {
            details: Some(Details::of(view)),
            user_response: urls(&sides).map(|input_files| InputFiles { input_files }),
            front_image: links.front.as_ref().map(url),
            reverse_image: links.back.as_ref().map(url),
            ..validation
        });
    }
    let inputs = urls(&links.reference);
    Ok(Validation {
        details: Some(Details::of(view)),
        inputs: inputs.map(|files| ValidationInputs {
            validation_input_files: Some(files),
            ..ValidationInputs::default()
        }),
        user_response: urls(&links.selfie).map(|input_files| InputFiles { input_files }),
        ..validation
    })
}

/// Shows a validation.
#[utoipa::path(
    get,
    path = "/v1/validations/{validation_id}",
    operation_id = "getValidation",
    tag = "validations",
    params(("validation_id" = String, Path, description = "The validation's id"), ShowDetails),
    responses(
        (status = 200, description = "The validation", body = Validation),
        (status = 404, description = "There is no such validation", body = ApiError),
        KeyErrors,
        QueryErrors,
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    TruoraCaller(caller): TruoraCaller,
    VendorPath(WireId(id)): VendorPath<WireId<VerificationId>>,
    VendorQuery(query): VendorQuery<ShowDetails>,
) -> Result<Json<Validation>, TruoraError> {
    let view = state.service.verification(&caller, Origin::Truora, id).await?;
    let view = view.ok_or_else(|| TruoraError::not_found(VerificationId::NAME))?;
    Ok(Json(show(&state, &caller, &view, &query).await?))
}
