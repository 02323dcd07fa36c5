//! `GET /v1/accounts/{account_id}/validations`: the validations of one person, newest first.

use axum::Json;
use axum::extract::State;
use domain::Origin;

use super::find;
use crate::ServerState;
use crate::api::truora::auth::BackendCaller;
use crate::api::truora::error::{ApiError, KeyErrors, QueryErrors, TruoraError};
use crate::api::truora::form::VendorQuery;
use crate::api::truora::ids::VendorPath;
use crate::api::truora::page::ListQuery;
use crate::api::truora::validations::list::Validations;
use crate::api::truora::words::AccountId;

/// Lists the validations of an account, newest first.
#[utoipa::path(
    get,
    path = "/v1/accounts/{account_id}/validations",
    operation_id = "listAccountValidations",
    tag = "accounts",
    params(("account_id" = String, Path, description = "The account's id"), ListQuery),
    responses(
        (status = 200, description = "A part of the list", body = Validations),
        (status = 404, description = "There is no such account", body = ApiError),
        KeyErrors,
        QueryErrors,
    ),
)]
pub(crate) async fn handler(
    State(state): State<ServerState>,
    BackendCaller(caller): BackendCaller,
    VendorPath(account_id): VendorPath<AccountId>,
    VendorQuery(query): VendorQuery<ListQuery>,
) -> Result<Json<Validations>, TruoraError> {
    let subject = find(&state.service, &caller, &account_id).await?;
    let views = state.service.verifications(&caller, Origin::Truora, Some(&subject), &query.page()).await?;
    let path = format!("/v1/accounts/{}/validations", account_id.as_str());
    Ok(Json(Validations::render(&state, &caller, &path, &query, views)))
}
