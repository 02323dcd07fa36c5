//! `GET /v1/accounts/{account_id}/validations/{validation_id}`: one validation of a person. The vendor is about to
//! retire it in favour of `GET /v1/validations/{validation_id}`.

use axum::Json;
use axum::extract::State;
use domain::{Origin, VerificationId};
use serde::Deserialize;

use crate::ServerState;
use crate::api::truora::auth::TruoraCaller;
use crate::api::truora::error::{ApiError, KeyErrors, QueryErrors, TruoraError};
use crate::api::truora::form::VendorQuery;
use crate::api::truora::ids::{Named, Prefixed, VendorPath, WireId};
use crate::api::truora::validations::Validation;
use crate::api::truora::validations::get::{ShowDetails, show};
use crate::api::truora::words::AccountId;

/// The path's variable parts.
#[derive(Debug, Deserialize)]
pub(crate) struct OfAccount {
    account_id: AccountId,
    validation_id: WireId<VerificationId>,
}

impl Named for OfAccount {
    const NAME: &'static str = VerificationId::NAME;
}

/// Shows a validation of an account.
#[utoipa::path(
    get,
    path = "/v1/accounts/{account_id}/validations/{validation_id}",
    operation_id = "getAccountValidation",
    tag = "accounts",
    params(
        ("account_id" = String, Path, description = "The account's id"),
        ("validation_id" = String, Path, description = "The validation's id"),
        ShowDetails,
    ),
    responses(
        (status = 200, description = "The validation", body = Validation),
        (status = 404, description = "There is no such validation of this account", body = ApiError),
        KeyErrors,
        QueryErrors,
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    TruoraCaller(caller): TruoraCaller,
    VendorPath(path): VendorPath<OfAccount>,
    VendorQuery(query): VendorQuery<ShowDetails>,
) -> Result<Json<Validation>, TruoraError> {
    let view = state.service.verification(&caller, Origin::Truora, path.validation_id.0).await?;
    let view = view.filter(|view| view.subject.reference == path.account_id.as_str());
    let view = view.ok_or_else(|| TruoraError::not_found(OfAccount::NAME))?;
    Ok(Json(show(&state, &caller, &view, &query).await?))
}
